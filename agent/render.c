#include "agent/render_parts.h"
#include "agent/findings.h"

#include <errno.h>

static const char *const marks[ALERT_TYPE_COUNT] = {
	[ALERT_FINDING_FIRING] = "FIRING", [ALERT_FINDING_RESOLVED] = "RESOLVED",
	[ALERT_FINDING_ACKNOWLEDGED] = "ACKNOWLEDGED", [ALERT_ARRAY_VERDICT] = "REDUNDANCY",
	[ALERT_FAILOVER_REQUESTED] = "FAILOVER ASKED FOR", [ALERT_FAILOVER_REFUSED] = "FAILOVER REFUSED",
	[ALERT_FAILOVER_STARTED] = "FAILOVER STARTED", [ALERT_FAILOVER_STEP] = "FAILOVER STEP",
	[ALERT_FAILOVER_FINISHED] = "FAILOVER FINISHED", [ALERT_FAILOVER_FROZEN] = "FAILOVER FROZEN",
	[ALERT_MAINTENANCE_STARTED] = "MAINTENANCE", [ALERT_MAINTENANCE_ENDED] = "MAINTENANCE ENDED",
	[ALERT_TEST] = "TEST", [ALERT_HEARTBEAT] = "HEARTBEAT",
};

void put_string(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

void alert_words(const struct render_input *in, struct alert_words *ret)
{
	const struct model *m = in->view->model;
	const struct alert_row *a = in->alert;
	const struct array_row *array = array_at(m, a->array);
	const struct self_row *self = self_at(m, 0);
	const char *host = self && self->used && *self->host ? self->host : "unknown host";

	*ret = (struct alert_words){.mark = word_in(marks, ARRAY_SIZE(marks), a->type),
		.resolved = a->resolved || a->type == ALERT_FINDING_RESOLVED};
	if (ret->resolved && a->type == ALERT_FINDING_FIRING)
		ret->mark = marks[ALERT_FINDING_RESOLVED];
	format_text(ret->title, sizeof(ret->title), "%s%s: %s", a->simulated ? "[simulated] " : "", ret->mark,
		*a->summary ? a->summary : alert_type_text(a->type));
	copy_text(ret->what, sizeof(ret->what), *a->subject ? a->subject : array && array->used ? array->name : "ballast");
	format_text(ret->where, sizeof(ret->where), "%s%s", host, a->simulated ? " (simulated)" : "");
	time_text(a->created_wall_ms, ret->since, sizeof(ret->since));
	alert_key(m, a, ret->key, sizeof(ret->key));
	if (a->margin_known)
		format_text(ret->margin, sizeof(ret->margin), "%d", a->margin);
	if (a->verdict != VERDICT_NONE)
		format_text(ret->verdict, sizeof(ret->verdict), a->previous ? "%s, was %s" : "%s", verdict_text(a->verdict),
			verdict_text(a->previous));
}

static struct json_object *render_standard(const struct render_input *in)
{
	struct json_object *o = json_alert(in->view, in->alert), *data = NULL;

	if (o && json_object_object_get_ex(o, "data", &data))
		put_string(data, "id", in->id);
	return o;
}

/* clang-format off */
static const struct {
	const char *content_type;
	struct json_object *(*render)(const struct render_input *in);
	bool heartbeats;
} kinds[SINK_TYPE_COUNT] = {
	[SINK_WEBHOOK]      = {"application/json", render_standard, true},
	[SINK_ALERTMANAGER] = {"application/json", render_alertmanager, true},
	[SINK_PAGERDUTY]    = {"application/json", render_pagerduty, false},
	[SINK_SLACK]        = {"application/json", render_slack, false},
	[SINK_TEAMS]        = {"application/json", render_teams, false},
	[SINK_EMAIL]        = {"message/rfc822", NULL, false},
	[SINK_COMMAND]      = {"application/json", render_standard, true},
};
/* clang-format on */

const char *render_content_type(enum sink_type type)
{
	return type < SINK_TYPE_COUNT ? kinds[type].content_type : "application/octet-stream";
}

int render_alert(enum sink_type type, const struct render_input *in, char **ret, size_t *ret_len)
{
	struct json_object *o;
	char *text;

	if (type >= SINK_TYPE_COUNT || (in->alert->type == ALERT_HEARTBEAT && !kinds[type].heartbeats))
		return -ENOMSG;
	if (type == SINK_EMAIL) {
		text = render_mail(in);
	} else {
		o = kinds[type].render(in);
		if (!o)
			return -ENOMSG;
		text = strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(o);
	}
	if (!text)
		return -ENOMEM;
	*ret = text;
	*ret_len = strlen(text);
	return 0;
}
