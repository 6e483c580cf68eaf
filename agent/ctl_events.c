#include <json-c/json.h>

#include "agent/ctl_history.h"
#include "agent/view_words.h"

#define HOUR_MS INT64_C(3600000)

static struct json_object *event_json(const struct past *p)
{
	struct json_object *o = json_object_new_object();
	char when[48];

	json_object_object_add(o, "record", json_object_new_uint64(p->sequence));
	json_object_object_add(o, "time", json_object_new_string(time_text(p->wall_ms, when, sizeof(when))));
	json_object_object_add(o, "type", json_object_new_string(p->type));
	json_object_object_add(o, "array", p->array[0] ? json_object_new_string(p->array) : NULL);
	json_object_object_add(o, "severity", json_object_new_string(severity_text(p->severity)));
	json_object_object_add(o, "text", json_object_new_string(p->text));
	return o;
}

static void print_event(struct ctl *c, const struct past *p)
{
	struct view v = ctl_now(c);
	char when[48];
	bool named;

	if (c->option[OPT_ARRAY] && strcmp(p->array, c->option[OPT_ARRAY]) != 0)
		return;
	if (c->json) {
		struct json_object *o = event_json(p);

		ctl_say(c, "%s\n",
			json_object_to_json_string_ext(
				o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(o);
		return;
	}
	ctl_say(c, "%s", text_style_on(style_of_severity(p->severity), c->colour));
	/* most texts name their array themselves */
	named = !p->array[0] || strstr(p->text, p->array);
	ctl_print(c, "%s  %s%s%s", day_text(&v, p->wall_ms, when, sizeof(when)),
		named ? "" : p->array, named ? "" : ": ", p->text);
	ctl_say(c, "%s", text_style_off(style_of_severity(p->severity), c->colour));
}

struct events {
	uint64_t last; /* the newest that was printed */
	unsigned printed;
};

static void each_event(struct ctl *c, const struct past *p, void *ctx)
{
	struct events *e = ctx;

	print_event(c, p);
	e->last = p->sequence;
	e->printed++;
}

static void record_event(struct ctl *c, const struct record *r, struct events *e)
{
	const struct array_row *a = array_at(&c->model, r->array);
	struct past p = {.sequence = r->sequence,
		.wall_ms = r->wall_ms,
		.type = record_type_text(r->type),
		.array = a && a->used ? a->name : "",
		.text = r->text,
		.severity = r->severity};

	if (!r->quiet && r->text[0] && r->sequence > e->last)
		each_event(c, &p, e);
}

static int follow(struct ctl *c, struct events *e)
{
	int r = 0;

	while (!r) {
		struct record rec;
		int n = ctl_next(c, -1, &rec);

		if (n < 0)
			r = -n;
		if (n > 0)
			record_event(c, &rec, e);
		(void)fflush(c->out);
	}
	return r;
}

static bool since_wall(struct ctl *c, int64_t otherwise_ms, int64_t *ret)
{
	uint64_t ms;

	if (!ctl_span(c, OPT_SINCE, &ms))
		return false;
	*ret = ctl_now(c).wall_ms - (ms ? (int64_t)ms : otherwise_ms);
	return true;
}

int ctl_events(struct ctl *c)
{
	struct events e = {};
	int64_t since;
	int r;

	if (!since_wall(c, HOUR_MS, &since))
		return CTL_USAGE;
	/* first follow, then look back: what happens in between is not missed */
	if (c->option[OPT_FOLLOW]) {
		r = ctl_follow(c);
		if (r)
			return r;
	}
	/* --follow alone starts now and needs no journal */
	if (!c->option[OPT_FOLLOW] || c->option[OPT_SINCE]) {
		r = ctl_history(c, since, each_event, &e);
		if (r)
			return r;
	}
	if (c->option[OPT_FOLLOW])
		return follow(c, &e);
	if (!e.printed && !c->json)
		ctl_say(c, "No events.\n");
	return CTL_OK;
}

static void report_acknowledged(struct ctl *c, const struct view *v)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < finding_count(v->model); i++) {
		const struct finding_row *f = finding_at(v->model, i);
		char title[192], until[48];

		if (!f->used || !f->active || !f->acked)
			continue;
		if (!n++)
			ctl_say(c, "\nAcknowledged:\n");
		view_finding_title(v, f, title, sizeof(title));
		ctl_print(c, "  F-%u %s, by %s: %s%s%s", f->id, title, f->acked_by, f->acked_why,
			f->acked_until_wall_ms > 0 ? ", until " : "",
			f->acked_until_wall_ms > 0
				? day_text(v, f->acked_until_wall_ms, until, sizeof(until))
				: "");
	}
}

static void report_maintenance(struct ctl *c, const struct view *v)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < maintenance_count(v->model); i++) {
		const struct maintenance_row *w = maintenance_at(v->model, i);
		const struct array_row *a = w->used ? array_at(v->model, w->array) : NULL;
		char id[160], until[48];

		if (!w->used)
			continue;
		if (!n++)
			ctl_say(c, "\nIn maintenance:\n");
		copy_text(id, sizeof(id), a ? a->name : "?");
		if (w->component != NONE32)
			component_id(v->model, w->component, id, sizeof(id));
		ctl_print(c, "  %s until %s, by %s: %s", id,
			day_text(v, w->until_wall_ms, until, sizeof(until)), w->by, w->why);
	}
}

static void report_plans(struct ctl *c, const struct view *v, int64_t since)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < plan_count(v->model); i++) {
		const struct plan_row *p = plan_at(v->model, i);
		char when[48];

		if (!p->used)
			continue;
		if (!n++)
			ctl_say(c, "\nPlans:\n");
		ctl_print(c, "  %s: %s, %s", p->name, view_armed(v, p),
			run_state_text(p->state));
		if (p->refused_wall_ms >= since && p->refused_gate[0])
			ctl_print(c, "    refused %s by gate %s: %s",
				day_text(v, p->refused_wall_ms, when, sizeof(when)),
				p->refused_gate, p->refused_why);
		if (p->drill_wall_ms > 0)
			ctl_print(c, "    last drill %s: %s",
				day_text(v, p->drill_wall_ms, when, sizeof(when)),
				p->drill_ok ? "passed" : "failed");
		else
			ctl_print(c, "    never drilled");
	}
}

static void keep_event(struct ctl *c, const struct past *p, void *ctx)
{
	(void)c;
	json_object_array_add(ctx, event_json(p));
}

/* Half a list would pass for all that happened: when the journal cannot be read there is none. */
static int report_json(struct ctl *c, const struct view *v, int64_t since)
{
	struct json_object *o = json_status(v), *events = json_object_new_array();
	int r = ctl_history(c, since, keep_event, events);
	char when[48];

	if (r) {
		json_object_put(events);
		events = NULL;
	}
	json_object_object_add(o, "since", json_object_new_string(time_text(since, when, sizeof(when))));
	json_object_object_add(o, "events", events);
	(void)ctl_print_json(c, o);
	return r;
}

int ctl_report(struct ctl *c)
{
	struct events e = {};
	int64_t since;
	struct view v;
	int r;

	if (!since_wall(c, 12 * HOUR_MS, &since))
		return CTL_USAGE;
	r = ctl_follow(c);
	if (r)
		return r;
	v = ctl_now(c);
	if (c->json)
		return report_json(c, &v, since);
	ctl_say(c, "Hand-over. Open now:\n\n");
	ctl_draw_findings(c, &v);
	report_acknowledged(c, &v);
	report_maintenance(c, &v);
	report_plans(c, &v, since);
	ctl_say(c, "\nWhat happened:\n");
	r = ctl_history(c, since, each_event, &e);
	if (!r && !e.printed)
		ctl_say(c, "No events.\n");
	return r;
}
