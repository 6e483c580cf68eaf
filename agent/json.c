#include "agent/json_put.h"

/* What is counted over components and facts: one pass for all arrays, since these tables are the large ones. */
struct totals {
	unsigned components[KIND_COUNT][HEALTH_COUNT];
	double read_ms; /* the slowest timed read over its paths and canisters; < 0 none */
};

/* One for each array row; caller frees. */
static struct totals *totals_count(const struct model *m)
{
	struct totals *t = calloc(array_count(m) + 1u, sizeof(*t));

	for (uint32_t i = 0; t && i < array_count(m); i++)
		t[i].read_ms = -1;
	for (uint32_t i = 0; t && i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (c->used && c->array < array_count(m) && c->kind < KIND_COUNT &&
			c->health < HEALTH_COUNT)
			t[c->array].components[c->kind][c->health]++;
	}
	for (uint32_t i = 0; t && i < fact_count(m); i++) {
		const struct fact_row *f = fact_at(m, i);
		const struct component_row *c =
			f->used && f->fact == FACT_READ_MS ? component_at(m, f->component) : NULL;

		if (c && c->used && c->array < array_count(m))
			t[c->array].read_ms = MAX_OF(t[c->array].read_ms, f->value);
	}
	return t;
}

static void put_counts(struct json_object *o, const struct totals *t)
{
	struct json_object *kinds = put_object(o, "components");

	for (unsigned k = KIND_NONE + 1; k < KIND_COUNT; k++) {
		struct json_object *kind;
		unsigned all = 0;

		for (unsigned h = 0; h < HEALTH_COUNT; h++)
			all += t->components[k][h];
		if (!all)
			continue;
		kind = put_object(kinds, kind_text(k));
		for (unsigned h = HEALTH_OK; h < HEALTH_COUNT; h++)
			put_count(kind, health_text(h), t->components[k][h]);
		put_count(kind, health_text(HEALTH_UNKNOWN), t->components[k][HEALTH_UNKNOWN]);
	}
}

static void put_margin(struct json_object *o, bool known, int margin, int expected)
{
	if (known)
		put_signed(o, "margin", margin);
	else
		put_null(o, "margin");
	if (expected >= 0)
		put_signed(o, "expected", expected);
	else
		put_null(o, "expected");
}

static void put_groups(struct json_object *o, const struct view *v, unsigned array)
{
	struct json_object *list = put_array(o, "groups");

	for (uint32_t i = 0; i < group_count(v->model); i++) {
		const struct group_row *g = group_at(v->model, i);
		struct json_object *j;

		if (!g->used || g->array != array)
			continue;
		j = add_object(list);
		put_text(j, "kind", group_kind_text(g->kind));
		put_text(j, "name", g->name);
		put_count(j, "need", g->need);
		if (g->unseen)
			put_null(j, "serving");
		else
			put_count(j, "serving", g->serving);
		put_count(j, "undecided", g->undecided);
		put_count(j, "members", g->members);
		put_margin(j, !g->unseen, g->margin, g->expected);
		put_bool(j, "unseen", g->unseen);
	}
}

static void put_incident(struct json_object *o, const struct model *m, const struct array_row *a)
{
	const struct incident_row *i = incident_at(m, a->incident);
	struct json_object *j;

	if (!i || !i->used || !i->open) {
		put_null(o, "incident");
		return;
	}
	j = put_object(o, "incident");
	put_numbered(j, "id", "i-", i->id);
	put_time(j, "since", i->since_wall_ms);
	put_bool(j, "acknowledged", i->acked);
}

static void put_forecast(struct json_object *o, const struct array_row *a)
{
	struct json_object *j;

	if (!a->forecast) {
		put_null(o, "forecast");
		return;
	}
	j = put_object(o, "forecast");
	put_signed(j, "margin", a->forecast_margin);
	put_time(j, "at", a->forecast_wall_ms);
	put_text(j, "cause", a->forecast_cause);
}

void put_support(struct json_object *o, const struct array_row *a, const char *firmware_key)
{
	struct json_object *j = put_object(o, "support");

	put_text(j, "vendor", a->vendor);
	put_text(j, "model", a->model);
	put_text(j, "serial", a->serial);
	put_text(j, firmware_key, a->firmware);
}

static void put_array_age(struct json_object *o, const struct view *v, unsigned array)
{
	uint64_t newest = 0;

	for (uint32_t i = 0; i < source_count(v->model); i++) {
		const struct source_row *s = source_at(v->model, i);

		if (s->used && s->array == array)
			newest = MAX_OF(newest, s->success_ms);
	}
	put_age(o, "age_s", v, newest);
}

static void put_maintenance(struct json_object *o, const struct view *v, unsigned array)
{
	struct json_object *list = put_array(o, "maintenance");

	for (uint32_t i = 0; i < maintenance_count(v->model); i++) {
		const struct maintenance_row *w = maintenance_at(v->model, i);
		struct json_object *j;

		if (!w->used || w->array != array)
			continue;
		j = add_object(list);
		put_component(j, "component", v->model, w->component);
		put_text(j, "by", w->by);
		put_text(j, "why", w->why);
		put_time(j, "since", w->since_wall_ms);
		put_time(j, "until", w->until_wall_ms);
		if (w->allow_count)
			put_count(put_object(j, "allow"), kind_text(w->allow_kind), w->allow_count);
		else
			put_null(j, "allow");
	}
}

static void put_words(struct json_object *o, const struct view *v, unsigned array)
{
	char text[512];

	view_sentence(v, array, text, sizeof(text), NULL);
	put_text(o, "sentence", text);
	view_meta(v, array, text, sizeof(text));
	put_text(o, "meta", text);
	put_text(o, "answer", view_array_answer(v, array));
}

static void array_object(
	struct json_object *o, const struct view *v, unsigned array, const struct totals *t)
{
	const struct array_row *a = array_at(v->model, array);

	put_text(o, "name", a->name);
	put_text(o, "serial", a->serial);
	put_bool(o, "simulated", a->simulated);
	put_bool(o, "local", a->local);
	put_text(o, "verdict", a->verdict == VERDICT_NONE ? NULL : verdict_text(a->verdict));
	put_text(o, "visibility",
		a->visibility == VISIBILITY_NONE ? NULL : visibility_text(a->visibility));
	put_margin(o, a->margin_known, a->margin, a->expected);
	put_words(o, v, array);
	put_forecast(o, a);
	put_time(o, "since", a->since_wall_ms);
	put_time(o, "redundant_until", a->redundant_until_wall_ms);
	put_text(o, "previous", a->previous == VERDICT_NONE ? NULL : verdict_text(a->previous));
	put_list(o, "services", a->services);
	put_incident(o, v->model, a);
	put_groups(o, v, array);
	put_counts(o, t);
	if (t->read_ms < 0)
		put_null(o, "read_ms");
	else
		put_number(o, "read_ms", t->read_ms);
	put_array_age(o, v, array);
	put_maintenance(o, v, array);
	put_support(o, a, "code");
}

static void put_sinks(struct json_object *o, const struct view *v)
{
	struct json_object *list = put_array(o, "sinks");

	for (uint32_t i = 0; i < sink_count(v->model); i++) {
		const struct sink_row *s = sink_at(v->model, i);
		struct json_object *j, *h;

		if (!s->used)
			continue;
		j = add_object(list);
		put_text(j, "name", s->name);
		put_text(j, "type", sink_type_text(s->type));
		put_text(j, "state", sink_state_text(s->state));
		put_count(j, "queued", s->queued);
		if (s->queued && s->oldest_wall_ms > 0)
			put_count(j, "oldest_age_s",
				v->wall_ms > s->oldest_wall_ms
					? (uint64_t)(v->wall_ms - s->oldest_wall_ms) / 1000
					: 0);
		else
			put_null(j, "oldest_age_s");
		put_time(j, "last_success", s->success_wall_ms);
		put_text(j, "last_error", s->error);
		put_time(j, "last_error_at", s->error_wall_ms);
		put_time(j, "next_try", s->state == SINK_RETRYING ? s->next_try_wall_ms : 0);
		put_count(j, "sent", s->sent);
		put_count(j, "failed", s->failed);
		if (!s->heartbeat_ms) {
			put_null(j, "heartbeat");
			continue;
		}
		h = put_object(j, "heartbeat");
		put_time(h, "last_success", s->heartbeat_wall_ms);
		put_number(h, "interval_s", s->heartbeat_ms / 1000.0);
	}
}

static void put_self(struct json_object *o, const struct view *v)
{
	const struct self_row *s = self_at(v->model, 0);
	struct json_object *j = put_object(o, "self");

	if (s && s->used) {
		put_count(j, "engine_lag_ms", s->engine_lag_ms);
		put_count(j, "abandoned_probes", s->abandoned);
		put_bool(j, "locked_memory", s->locked_memory);
		put_text(j, "journal", journal_state_text(s->journal));
		put_time(j, "journal_since", s->journal_since_wall_ms);
		put_count(j, "journal_waiting", s->journal_waiting);
		put_bool(j, "config_ok", s->config_ok);
		put_text(j, "config_error", s->config_error);
		put_count(j, "role_restarts", s->role_restarts);
		put_count(j, "dropped_logs", s->dropped_logs);
		put_bool(j, "ready", s->ready);
	} else {
		put_null(j, "engine_lag_ms");
		put_null(j, "abandoned_probes");
		put_null(j, "locked_memory");
		put_null(j, "journal");
	}
	put_count(j, "last_record", v->model->sequence);
	put_count(j, "epoch", v->model->epoch);
}

static void put_blind(struct json_object *o, const struct view *v)
{
	struct json_object *list = put_array(o, "blind");

	for (uint32_t i = 0; i < source_count(v->model); i++) {
		const struct source_row *s = source_at(v->model, i);
		struct json_object *j;

		if (!s->used || s->outcome == OUTCOME_OK || s->outcome == OUTCOME_NONE)
			continue;
		j = add_object(list);
		put_array_name(j, "array", v->model, s->array);
		put_text(j, "source", source_type_text(s->type));
		put_time(j, "since", s->success_wall_ms);
		put_null(j, "until");
		put_text(j, "outcome", outcome_text(s->outcome));
		put_text(j, "error", s->error);
	}
}

static void put_todo(struct json_object *o, const struct view *v)
{
	struct json_object *list = put_array(o, "todo");
	cleanup_(freep) struct todo *todo = calloc(32, sizeof(*todo));
	unsigned n = todo ? view_todo(v, todo, 32) : 0;

	for (unsigned i = 0; i < n; i++) {
		struct json_object *j = add_object(list);

		put_text(j, "text", todo[i].text);
		put_text(j, "detail", todo[i].detail);
		put_text(j, "command", todo[i].command);
		put_time(j, "before", todo[i].before_wall_ms);
		put_array_name(j, "array", v->model, todo[i].array);
		put_numbered(j, "finding", "F-", todo[i].finding);
		put_bool(j, "approval", todo[i].approval);
	}
}

static void put_concerned(
	struct json_object *o, const struct model *m, const struct forecast_row *f)
{
	struct json_object *list = put_array(o, "components");
	char id[160];

	for (uint32_t i = 0; i < deadline_count(m); i++) {
		const struct deadline_row *d = deadline_at(m, i);
		struct json_object *j;

		if (!d->used || d->array != f->array || !text_equal(d->advisory, f->advisory))
			continue;
		j = add_object(list);
		put_text(j, "id", component_id(m, d->component, id, sizeof(id)));
		put_time(j, "at", d->at_wall_ms);
		put_bool(j, "unclear", d->unclear);
	}
}

static void put_operations(struct json_object *o, uint32_t bits)
{
	struct json_object *list = put_array(o, "forbids");

	for (unsigned i = OPERATION_NONE + 1; i < OPERATION_COUNT; i++)
		if (bits >> i & 1)
			json_object_array_add(
				list, json_object_new_string(operation_text((enum operation)i)));
}

static void put_forecasts(struct json_object *o, const struct view *v)
{
	struct json_object *list = put_array(o, "forecasts");

	for (uint32_t i = 0; i < forecast_count(v->model); i++) {
		const struct forecast_row *f = forecast_at(v->model, i);
		struct json_object *j;

		if (!f->used)
			continue;
		j = add_object(list);
		put_array_name(j, "array", v->model, f->array);
		put_text(j, "text", f->text);
		put_text(j, "effect", f->effect);
		put_text(j, "severity", severity_text((enum severity)f->severity));
		if (f->margin_known)
			put_signed(j, "margin", f->margin);
		else
			put_null(j, "margin");
		put_text(j, "advisory", f->advisory);
		put_text(j, "trigger", advisory_trigger_text((enum advisory_trigger)f->trigger));
		put_time(j, "first", f->first_wall_ms);
		put_time(j, "last", f->last_wall_ms);
		put_count(j, "count", f->count);
		put_count(j, "of", f->of);
		put_count(j, "together", f->cohort);
		put_concerned(j, v->model, f);
		put_operations(j, f->guarded);
		put_text(j, "action", f->action);
		put_text(j, "source", f->source);
	}
}

struct json_object *json_status(const struct view *v)
{
	const struct self_row *s = self_at(v->model, 0);
	struct json_object *o = json_object_new_object(), *arrays;
	cleanup_(freep) struct totals *totals = totals_count(v->model);

	put_text(o, "version", s && s->version[0] ? s->version : BALLAST_VERSION);
	put_text(o, "host", s ? s->host : NULL);
	put_time(o, "time", v->wall_ms);
	put_time(o, "started", s ? s->started_wall_ms : 0);
	put_text(o, "worst", health_text(view_worst(v)));
	put_text(o, "answer", view_answer(v));
	arrays = put_array(o, "arrays");
	for (uint32_t i = 0; totals && i < array_count(v->model); i++)
		if (array_at(v->model, i)->used)
			array_object(add_object(arrays), v, i, &totals[i]);
	json_object_object_add(o, "findings", json_findings(v));
	json_object_object_add(o, "failover", json_failover(v));
	put_sinks(o, v);
	put_todo(o, v);
	put_forecasts(o, v);
	put_blind(o, v);
	put_layout(o, v);
	put_self(o, v);
	return o;
}
