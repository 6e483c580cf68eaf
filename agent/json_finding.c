#include "agent/json_put.h"

static void put_evidence_value(
	struct json_object *j, const char *key, const struct evidence *e, bool was)
{
	if (e->fact == FACT_NONE)
		put_text(j, key, state_text(was ? e->was_state : e->state));
	else
		put_number(j, key, was ? e->was : e->value);
}

/* Past three polls a value says nothing about now. */
static void put_freshness(struct json_object *j, const struct view *v, const struct finding_row *f,
	const struct evidence *e)
{
	const struct seen_row *s = model_seen(v->model, f->component, e->source);

	put_age(j, "age_s", v, s ? s->read_ms : 0);
	if (!s || !s->read_ms)
		put_null(j, "stale");
	else
		put_bool(j, "stale",
			s->interval_ms && v->now_ms > s->read_ms &&
				v->now_ms - s->read_ms > 3 * (uint64_t)s->interval_ms);
}

void put_evidence(struct json_object *o, const struct view *v, const struct finding_row *f)
{
	struct json_object *list = put_array(o, "evidence");

	for (unsigned i = 0; i < f->nevidence && i < ARRAY_SIZE(f->evidence); i++) {
		const struct evidence *e = &f->evidence[i];
		const struct source_row *src = source_at(v->model, e->source);
		struct json_object *j = add_object(list);
		char text[96];

		put_text(j, "fact",
			e->fact == FACT_NONE ? "state" : model_fact_name(v->model, e->fact));
		put_evidence_value(j, "value", e, false);
		put_text(j, "unit",
			e->fact == FACT_NONE ? NULL : unit_text(fact_info(e->fact)->unit));
		if (e->has_was)
			put_evidence_value(j, "was", e, true);
		else
			put_null(j, "was");
		view_evidence(v, e, text, sizeof(text));
		put_text(j, "text", text);
		put_text(j, "source", src && src->used ? source_type_text(src->type) : NULL);
		put_time(j, "at", e->at_wall_ms);
		put_freshness(j, v, f, e);
	}
}

static void put_folds(struct json_object *o, const struct view *v, uint32_t index)
{
	struct json_object *list = put_array(o, "folds");

	for (uint32_t i = 0; i < finding_count(v->model); i++) {
		const struct finding_row *f = finding_at(v->model, i);
		struct json_object *j;
		char text[192];

		if (!f->used || !f->active || f->folded != index)
			continue;
		j = add_object(list);
		put_numbered(j, "id", "F-", f->id);
		put_text(j, "rule", f->rule_id);
		put_component(j, "component", v->model, f->component);
		view_finding_title(v, f, text, sizeof(text));
		put_text(j, "title", text);
	}
}

static void put_acknowledged(struct json_object *o, const struct finding_row *f)
{
	struct json_object *j;

	if (!f->acked) {
		put_null(o, "acknowledged");
		return;
	}
	j = put_object(o, "acknowledged");
	put_text(j, "by", f->acked_by);
	put_count(j, "uid", f->acked_uid);
	put_text(j, "why", f->acked_why);
	put_time(j, "until", f->acked_until_wall_ms);
	put_text(j, "severity", severity_text(f->acked_severity));
}

static void put_finding_words(
	struct json_object *o, const struct view *v, const struct finding_row *f)
{
	char title[192], text[512];

	view_finding_title(v, f, title, sizeof(title));
	put_text(o, "title", title);
	put_text(o, "summary", title);
	view_finding_meaning(v, f, text, sizeof(text));
	put_text(o, "meaning", text);
	view_finding_action(v, f, text, sizeof(text));
	put_text(o, "action", text);
	put_text(o, "detail", f->detail);
}

static void finding_object(struct json_object *o, const struct view *v, uint32_t index)
{
	const struct finding_row *f = finding_at(v->model, index);
	const struct component_row *c = component_at(v->model, f->component);
	const struct incident_row *i = incident_at(v->model, f->incident);

	put_numbered(o, "id", "F-", f->id);
	put_text(o, "rule", f->rule_id);
	put_array_name(o, "array", v->model, f->array);
	put_component(o, "component", v->model, f->component);
	put_text(o, "kind", c && c->used ? kind_text(c->kind) : NULL);
	put_text(o, "severity", severity_text(f->severity));
	put_text(o, "tier", severity_text(f->tier));
	put_finding_words(o, v, f);
	put_time(o, "since", f->since_wall_ms);
	put_time(o, "changed", f->changed_wall_ms);
	put_acknowledged(o, f);
	put_numbered(o, "incident", "i-", i && i->used ? i->id : 0);
	put_numbered(o, "folded_into", "F-",
		finding_at(v->model, f->folded) ? finding_at(v->model, f->folded)->id : 0);
	put_folds(o, v, index);
	put_evidence(o, v, f);
}

struct json_object *json_finding(const struct view *v, uint32_t index)
{
	struct json_object *o = json_object_new_object();

	finding_object(o, v, index);
	return o;
}

struct json_object *json_findings(const struct view *v)
{
	struct json_object *list = json_object_new_array();

	for (int sev = SEV_CRITICAL; sev >= SEV_NONE; sev--)
		for (uint32_t i = 0; i < finding_count(v->model); i++) {
			const struct finding_row *f = finding_at(v->model, i);

			if (f->used && f->active && f->severity == sev)
				finding_object(add_object(list), v, i);
		}
	return list;
}

struct json_object *json_record(const struct view *v, const struct record *r)
{
	const struct incident_row *i = incident_at(v->model, r->incident);
	struct json_object *o = json_object_new_object();

	put_count(o, "record", r->sequence);
	put_time(o, "time", r->wall_ms);
	put_text(o, "type", record_type_text(r->type));
	put_array_name(o, "array", v->model, r->array);
	put_numbered(o, "incident", "i-", i && i->used ? i->id : 0);
	put_text(o, "severity", severity_text(r->severity));
	put_text(o, "text", r->text);
	return o;
}
