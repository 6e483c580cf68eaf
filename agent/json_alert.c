#include "agent/findings.h"
#include "agent/json_put.h"

static const char *alert_status(const struct alert_row *a)
{
	if (a->type == ALERT_TEST)
		return "test";
	if (a->type == ALERT_FINDING_ACKNOWLEDGED)
		return "acknowledged";
	return a->resolved || a->type == ALERT_FINDING_RESOLVED ? "resolved" : "firing";
}

static void put_identity(struct json_object *d, const struct view *v, const struct alert_row *a)
{
	char text[256];

	alert_id(a, text, sizeof(text));
	put_text(d, "id", text);
	alert_key(v->model, a, text, sizeof(text));
	put_text(d, "key", text);
	put_count(d, "epoch", a->epoch);
	put_count(d, "sequence", a->sequence);
}

static void put_alert_words(struct json_object *d, const struct view *v, const struct alert_row *a)
{
	const struct self_row *self = self_at(v->model, 0);
	const struct incident_row *i = incident_at(v->model, a->incident);

	put_text(d, "host", self && self->used ? self->host : NULL);
	put_numbered(d, "incident", "i-", i && i->used ? i->id : 0);
	put_array_name(d, "array", v->model, a->array);
	put_text(d, "component", a->subject);
	put_text(d, "rule", a->rule_id);
	put_text(d, "severity", severity_text(a->severity));
	put_text(d, "status", alert_status(a));
	put_text(d, "summary", a->summary);
	put_text(d, "action", a->action);
	put_text(d, "verdict", a->verdict == VERDICT_NONE ? NULL : verdict_text(a->verdict));
	put_text(d, "previous", a->previous == VERDICT_NONE ? NULL : verdict_text(a->previous));
	if (a->margin_known)
		put_signed(d, "margin", a->margin);
	else
		put_null(d, "margin");
}

struct json_object *json_alert(const struct view *v, const struct alert_row *a)
{
	struct json_object *o = json_object_new_object(), *d;
	const struct array_row *array = array_at(v->model, a->array), none = {};
	const struct finding_row *f = finding_at(v->model, a->finding), nothing = {};
	const struct plan_row *p = plan_at(v->model, a->plan);

	put_text(o, "type", alert_type_text(a->type));
	put_time(o, "timestamp", a->created_wall_ms);
	d = put_object(o, "data");
	put_identity(d, v, a);
	put_alert_words(d, v, a);
	put_list(d, "services", array && array->used ? array->services : "");
	put_time(d, "since",
		f && f->used           ? f->since_wall_ms
		: array && array->used ? array->since_wall_ms
				       : 0);
	put_null(d, "url");
	put_bool(d, "simulated", a->simulated);
	put_evidence(d, v, f && f->used && f->id ? f : &nothing);
	put_support(d, array && array->used ? array : &none, "firmware");
	put_text(d, "plan", p ? p->name : NULL);
	put_numbered(d, "run", "r", a->run);
	put_numbered(d, "finding", "F-", f && f->used ? f->id : 0);
	return o;
}
