#include "agent/view_words.h"

/* The list while it is made; what does not fit is the least urgent. */
struct todos {
	const struct view *v;
	const struct model *m;
	struct todo *out;
	unsigned n, max;
};

static struct todo *todo_add(struct todos *t, unsigned array)
{
	if (t->n >= t->max)
		return NULL;
	t->out[t->n] = (struct todo){.array = (uint16_t)array};
	return &t->out[t->n++];
}

static void approvals(struct todos *t)
{
	for (uint32_t i = 0; i < plan_count(t->m); i++) {
		const struct plan_row *p = plan_at(t->m, i);
		const struct run_row *r = p->used ? run_at(t->m, p->run) : NULL;
		struct todo *d;

		if (!r || !r->used || r->cleared || r->state != RUN_WAITING_APPROVAL ||
			!(d = todo_add(t, p->array)))
			continue;
		d->approval = true;
		d->before_wall_ms = r->approve_until_wall_ms;
		format_text(d->text, sizeof(d->text), "Approve plan %s, or decide not to", p->name);
		format_text(d->detail, sizeof(d->detail),
			"%s%s%sNo answer means nothing is moved. To refuse: "
			"ballastctl failover deny r%u.",
			p->target[0] ? "Moves to " : "", p->target, p->target[0] ? ". " : "",
			r->id);
		format_text(
			d->command, sizeof(d->command), "ballastctl failover approve r%u", r->id);
	}
}

static void frozen_runs(struct todos *t)
{
	for (uint32_t i = 0; i < plan_count(t->m); i++) {
		const struct plan_row *p = plan_at(t->m, i);
		const struct run_row *r = p->used ? run_at(t->m, p->run) : NULL;
		struct todo *d;

		if (!r || !r->used || r->cleared ||
			(r->state != RUN_FROZEN && r->state != RUN_FAILED) ||
			!(d = todo_add(t, p->array)))
			continue;
		format_text(d->text, sizeof(d->text), "Look at run r%u of plan %s: it is %s", r->id,
			p->name, run_state_text(r->state));
		format_text(d->detail, sizeof(d->detail),
			"%s%sWhat it had moved stays moved. When it is sorted out: "
			"ballastctl failover clear r%u.",
			r->reason, r->reason[0] ? ". " : "", r->id);
		format_text(d->command, sizeof(d->command), "ballastctl --json failover list");
	}
}

/* Fail-back is never automatic, and a plan that ran stays quiet until somebody has looked. */
static void ended_runs(struct todos *t)
{
	for (uint32_t i = 0; i < plan_count(t->m); i++) {
		const struct plan_row *p = plan_at(t->m, i);
		const struct run_row *r = p->used ? run_at(t->m, p->run) : NULL;
		struct todo *d;

		if (!r || !r->used || r->cleared || r->mode >= RUN_MODE_DRILL ||
			(r->state != RUN_DONE && r->state != RUN_ABORTED) ||
			!(d = todo_add(t, p->array)))
			continue;
		format_text(d->text, sizeof(d->text),
			"Clear run r%u of plan %s when it has been looked after", r->id, p->name);
		format_text(d->detail, sizeof(d->detail),
			"It is %s. Nothing moves back by itself; clearing re-arms the plan.",
			run_state_text(r->state));
		format_text(d->command, sizeof(d->command), "ballastctl failover clear r%u", r->id);
	}
}

static bool canister_lost(const struct component_row *c, unsigned array)
{
	return c->used && c->array == array && c->kind == KIND_CANISTER && state_lost(c->state);
}

/* "Type 2076-124, serial 78A0000, code 7.8.1.11, error 690 on canister B." */
static void support_detail(const struct todos *t, unsigned array, struct line *l)
{
	const struct array_row *a = array_at(t->m, array);
	const char *code = a->firmware, *lead = "";
	char name[128];
	double error;

	for (uint32_t i = 0; i < component_count(t->m); i++)
		if (canister_lost(component_at(t->m, i), array) &&
			component_at(t->m, i)->firmware[0])
			code = component_at(t->m, i)->firmware;
	if (a->model[0])
		line_add(l, "Type %s", a->model), lead = ", ";
	if (a->serial[0])
		line_add(l, "%sserial %s", lead, a->serial), lead = ", ";
	if (code[0])
		line_add(l, "%scode %s", lead, code), lead = ", ";
	for (uint32_t i = 0; i < component_count(t->m); i++) {
		const struct component_row *c = component_at(t->m, i);

		if (!canister_lost(c, array))
			continue;
		view_component_name(t->m, i, name, sizeof(name));
		if (model_fact_value(t->m, i, FACT_ERROR_CODE, &error) && error > 0)
			line_add(l, "%serror %.0f on %s", lead, error, name);
		else
			line_add(l, "%s%s %s", lead, name, state_phrase(c->state));
		lead = ", ";
	}
	line_add(l, ".");
	upper_first(l->buf);
}

static bool any_canister_lost(const struct model *m, unsigned array)
{
	for (uint32_t i = 0; i < component_count(m); i++)
		if (canister_lost(component_at(m, i), array))
			return true;
	return false;
}

static void vendor_call(struct todos *t, unsigned array)
{
	const struct array_row *a = array_at(t->m, array);
	struct line l;
	struct todo *d;

	if (!any_canister_lost(t->m, array) || !(d = todo_add(t, array)))
		return;
	format_text(d->text, sizeof(d->text), "Call %s%s",
		a->vendor[0] ? a->vendor : "the support of ", a->vendor[0] ? "" : a->name);
	if (verdict_severity(a->verdict) == SEV_CRITICAL)
		strncat(d->text, ", severity 1", sizeof(d->text) - strlen(d->text) - 1);
	l = line_on(d->detail, sizeof(d->detail));
	support_detail(t, array, &l);
}

static void hands_off(struct todos *t, unsigned array)
{
	const struct array_row *a = array_at(t->m, array);
	uint32_t last = NONE32, serving = 0;
	char name[128];
	struct todo *d;

	if (a->verdict != VERDICT_NOT_REDUNDANT && a->verdict != VERDICT_IMPENDING_LOSS)
		return;
	for (uint32_t i = 0; i < component_count(t->m); i++) {
		const struct component_row *c = component_at(t->m, i);

		if (!c->used || c->array != array || c->kind != KIND_CANISTER ||
			(c->state != STATE_OK && c->state != STATE_DEGRADED))
			continue;
		serving++;
		last = i;
	}
	if (serving != 1 || !any_canister_lost(t->m, array) || !(d = todo_add(t, array)))
		return;
	view_component_name(t->m, last, name, sizeof(name));
	format_text(d->text, sizeof(d->text), "Keep hands off %s", name);
	copy_text(d->detail, sizeof(d->detail),
		"It serves alone. No restart, no re-seat, no update, no new load.");
}

static bool drive_to_replace(const struct component_row *c)
{
	return c->used && c->kind == KIND_DRIVE &&
	       (c->health == HEALTH_CRITICAL || c->health == HEALTH_FAILED ||
		       c->health == HEALTH_ABSENT);
}

static void drive_detail(const struct component_row *c, bool later, struct line *l)
{
	const char *lead = "";

	if (c->model[0])
		line_add(l, "%s", c->model), lead = ", ";
	if (c->capacity_bytes >= 1000000000000)
		line_add(l, "%s%.3g TB", lead, (double)c->capacity_bytes / 1e12), lead = ", ";
	else if (c->capacity_bytes >= 1000000000)
		line_add(l, "%s%.0f GB", lead, (double)c->capacity_bytes / 1e9), lead = ", ";
	if (c->serial[0])
		line_add(l, "%sserial %s", lead, c->serial), lead = ", ";
	line_add(l, "%s", lead[0] ? "." : "");
	if (later)
		line_add(l, "%sWhen the canisters are back, not before.", lead[0] ? " " : "");
}

static void drives(struct todos *t, unsigned array)
{
	bool later = any_canister_lost(t->m, array);

	for (uint32_t i = 0; i < component_count(t->m); i++) {
		const struct component_row *c = component_at(t->m, i);
		const struct finding_row *f;
		char name[128];
		struct todo *d;
		struct line l;

		if (!drive_to_replace(c) || c->array != array || !(d = todo_add(t, array)))
			continue;
		view_component_name(t->m, i, name, sizeof(name));
		format_text(d->text, sizeof(d->text), "Replace %s", name);
		l = line_on(d->detail, sizeof(d->detail));
		drive_detail(c, later, &l);
		f = component_finding(t->m, i);
		d->finding = f ? f->id : 0;
		if (array_at(t->m, array)->local && !strncmp(c->name, "wwn-", 4))
			format_text(d->command, sizeof(d->command),
				"sudo ledctl locate=/dev/disk/by-id/%s", c->name);
	}
}

static void blind_sources(struct todos *t, unsigned array)
{
	const struct array_row *a = array_at(t->m, array);
	struct todo *d;

	if (a->verdict != VERDICT_BLIND || !(d = todo_add(t, array)))
		return;
	format_text(d->text, sizeof(d->text), "Find out why %s does not answer", a->name);
	copy_text(d->detail, sizeof(d->detail),
		"Until then its state is unknown and nothing is moved by itself.");
	copy_text(d->command, sizeof(d->command), "ballastctl findings");
}

static void quiet(struct todos *t, unsigned array)
{
	const struct finding_row *worst = NULL;
	bool told = false;
	struct todo *d;

	for (uint32_t i = 0; i < finding_count(t->m); i++) {
		const struct finding_row *f = finding_at(t->m, i);

		if (!finding_loud(f) || f->array != array || f->severity < SEV_WARNING)
			continue;
		told |= f->told != 0;
		if (!worst || f->severity > worst->severity)
			worst = f;
	}
	if (!worst || !(d = todo_add(t, array)))
		return;
	d->finding = worst->id;
	copy_text(d->text, sizeof(d->text),
		told ? "Stop the repeated pages" : "Say that you are on it");
	copy_text(d->detail, sizeof(d->detail),
		told ? "Quiet until it gets worse:"
		     : "Then it counts as taken, until it gets worse:");
	format_text(d->command, sizeof(d->command), "ballastctl ack F-%u --why \"on it\" --for 2h",
		worst->id);
}

static void (*const makers[])(struct todos *t, unsigned array) = {
	vendor_call, hands_off, blind_sources, drives, quiet};

static void runnable(const struct view *v, struct todo *d)
{
	char text[sizeof(d->detail)];

	copy_text(text, sizeof(text), d->detail);
	view_commands(v, text, d->detail, sizeof(d->detail));
	copy_text(text, sizeof(text), d->command);
	view_commands(v, text, d->command, sizeof(d->command));
}

unsigned view_todo(const struct view *v, struct todo *ret, unsigned max)
{
	struct todos t = {.v = v, .m = v->model, .out = ret, .max = max};

	approvals(&t);
	frozen_runs(&t);
	for (unsigned i = 0; i < ARRAY_SIZE(makers); i++) {
		for (uint32_t a = 0; a < array_count(t.m); a++)
			if (array_at(t.m, a)->used)
				makers[i](&t, a);
		if (makers[i] == quiet)
			quiet(&t, NONE16);
	}
	ended_runs(&t);
	for (unsigned i = 0; i < t.n; i++)
		runnable(v, &ret[i]);
	return t.n;
}
