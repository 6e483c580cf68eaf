#include "agent/render_parts.h"

/* Events API v2: dedup_key at most 255 bytes, summary at most 1024. */
enum { DEDUP_MAX = 255 };

enum pager_action { PAGER_NOTHING, PAGER_TRIGGER, PAGER_ACKNOWLEDGE, PAGER_RESOLVE };

/* What does not need a person now does not ring a pager. */
static const uint8_t pager_actions[ALERT_TYPE_COUNT] = {
	[ALERT_FINDING_FIRING] = PAGER_TRIGGER, [ALERT_FINDING_RESOLVED] = PAGER_RESOLVE,
	[ALERT_FINDING_ACKNOWLEDGED] = PAGER_ACKNOWLEDGE, [ALERT_ARRAY_VERDICT] = PAGER_TRIGGER,
	[ALERT_FAILOVER_REQUESTED] = PAGER_TRIGGER, [ALERT_FAILOVER_FINISHED] = PAGER_TRIGGER,
	[ALERT_FAILOVER_FROZEN] = PAGER_TRIGGER, [ALERT_TEST] = PAGER_TRIGGER,
};
static const char *const pager_words[] = {
	[PAGER_TRIGGER] = "trigger", [PAGER_ACKNOWLEDGE] = "acknowledge", [PAGER_RESOLVE] = "resolve",
};
static const char *const pager_severities[SEV_COUNT] = {
	[SEV_NONE] = "info", [SEV_INFO] = "info", [SEV_WARNING] = "warning", [SEV_CRITICAL] = "critical",
};

/* The same facts as a webhook's, so that what a pager shows is not less. */
static struct json_object *details(const struct render_input *in)
{
	struct json_object *whole = json_alert(in->view, in->alert), *data = NULL;

	if (whole && json_object_object_get_ex(whole, "data", &data))
		json_object_get(data);
	json_object_put(whole);
	if (data)
		put_string(data, "id", in->id);
	return data;
}

static struct json_object *payload(const struct render_input *in, const struct alert_words *w)
{
	struct json_object *p = json_object_new_object();
	const struct array_row *array = array_at(in->view->model, in->alert->array);

	put_string(p, "summary", w->title);
	put_string(p, "source", w->where);
	put_string(p, "severity", word_in(pager_severities, ARRAY_SIZE(pager_severities), in->alert->severity));
	put_string(p, "timestamp", w->since);
	put_string(p, "component", w->what);
	put_string(p, "group", array && array->used ? array->name : "ballast");
	put_string(p, "class", *in->alert->rule_id ? in->alert->rule_id : alert_type_text(in->alert->type));
	json_object_object_add(p, "custom_details", details(in));
	return p;
}

struct json_object *render_pagerduty(const struct render_input *in)
{
	enum pager_action action = in->alert->type < ALERT_TYPE_COUNT ? pager_actions[in->alert->type] : PAGER_NOTHING;
	struct json_object *o;
	struct alert_words w;
	char key[DEDUP_MAX + 1];

	if (action == PAGER_NOTHING)
		return NULL;
	alert_words(in, &w);
	if (w.resolved)
		action = PAGER_RESOLVE;
	copy_text(key, sizeof(key), w.key);
	o = json_object_new_object();
	put_string(o, "routing_key", in->token);
	put_string(o, "event_action", pager_words[action]);
	put_string(o, "dedup_key", key);
	put_string(o, "client", "Ballast");
	if (action == PAGER_TRIGGER)
		json_object_object_add(o, "payload", payload(in, &w));
	return o;
}

/*
 * Alertmanager forgets what is not sent again (resolve_timeout, 5 minutes): say how long it holds. Four
 * repeats, so that one that is lost resolves nothing; a day where there are none.
 */
static int64_t holds_until(const struct render_input *in)
{
	int64_t span = in->repeat_ms ? 4 * (int64_t)in->repeat_ms : INT64_C(24) * 3600 * 1000;

	return MAX_OF(in->view->wall_ms, in->alert->created_wall_ms) + span;
}

static struct json_object *labels(const struct render_input *in, const struct alert_words *w, enum severity severity)
{
	struct json_object *l = json_object_new_object();
	const struct array_row *array = array_at(in->view->model, in->alert->array);
	const struct self_row *self = self_at(in->view->model, 0);
	bool heartbeat = in->alert->type == ALERT_HEARTBEAT;

	/* identity is the set of labels: no values and no times in it */
	put_string(l, "alertname", heartbeat ? "BallastHeartbeat"
		: *in->alert->rule_id	       ? in->alert->rule_id
					       : alert_type_text(in->alert->type));
	put_string(l, "job", "ballast");
	put_string(l, "instance", self && self->used ? self->host : "");
	put_string(l, "array", array && array->used ? array->name : "");
	put_string(l, "component", heartbeat ? "" : w->what);
	put_string(l, "severity", severity_text(severity));
	return l;
}

static struct json_object *posted(const struct render_input *in, const struct alert_words *w, enum severity severity)
{
	struct json_object *o = json_object_new_object(), *notes = json_object_new_object();
	bool fires = !w->resolved && severity == (enum severity)in->alert->severity;
	char when[32];

	json_object_object_add(o, "labels", labels(in, w, severity));
	put_string(notes, "summary", w->title);
	put_string(notes, "description", in->alert->action);
	put_string(notes, "verdict", w->verdict);
	put_string(notes, "margin", w->margin);
	put_string(notes, "id", in->id);
	json_object_object_add(o, "annotations", notes);
	if (fires)
		put_string(o, "startsAt", w->since);
	time_text(fires ? holds_until(in) : in->alert->created_wall_ms, when, sizeof(when));
	put_string(o, "endsAt", when);
	return o;
}

/*
 * API v2, POST /api/v2/alerts: a list. People route by the label "severity", so one of another severity is
 * another alert to Alertmanager: what the matter was before ends in the same request.
 */
struct json_object *render_alertmanager(const struct render_input *in)
{
	struct json_object *list = json_object_new_array();
	struct alert_words w;

	alert_words(in, &w);
	for (enum severity s = SEV_INFO; s < SEV_COUNT; s++)
		if (s == (enum severity)in->alert->severity || in->alert->type != ALERT_HEARTBEAT)
			json_object_array_add(list, posted(in, &w, s));
	return list;
}
