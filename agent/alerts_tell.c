/* Which findings people are told of, how often, and what becomes one message when there are many. */
#include "agent/engine_parts.h"

#include <stdio.h>

enum {
	PER_MINUTE = 5,
	WINDOW_MS = 60000,
	REMIND_MS = 4 * 3600000,
	REMINDERS_CALM = 2,
	REMIND_STEPS = 6
};
#define REMIND_LATER_MS (UINT64_C(7) * 24 * 3600000)

enum tell { TELL_NOTHING, TELL_FIRING, TELL_AGAIN, TELL_REMINDER, TELL_RESOLVED };

struct want {
	enum tell tell;
	uint32_t sinks;
	enum severity severity;
};

/* One array's turn: how much each sink may still get in this minute. */
struct turn {
	struct engine *e;
	unsigned array, window;                    /* window: CFG_ARRAYS for Ballast itself */
	uint32_t waiting[CFG_SINKS];               /* findings that are still to be told */
	uint32_t grouped_firing, grouped_over;     /* sinks that get the rest as one message */
	unsigned nfiring;
	enum severity group_severity;
};

static uint64_t reminder_ms(const struct finding_row *f)
{
	unsigned n = f->reminders + 1u;

	if (n <= REMIND_STEPS)
		return f->since_ms + (uint64_t)REMIND_MS * ((1u << n) - 1);
	return f->since_ms + (uint64_t)REMIND_MS * ((1u << REMIND_STEPS) - 1) +
	       (n - REMIND_STEPS) * REMIND_LATER_MS;
}

/* A date that is far off is said again each day, whatever the sink repeats and whoever does not answer. */
static uint64_t dated_again_ms(const struct finding_row *f)
{
	return MAX_OF(f->repeat_ms, f->since_ms) + rules[f->rule].remind_ms;
}

static uint32_t sinks_repeating(const struct engine *e, const struct finding_row *f)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < e->config->nsinks && i < CFG_SINKS; i++) {
		uint64_t every = e->config->sinks[i].repeat_ms;

		if (f->told >> i & 1 && every &&
			(e->now_ms - f->since_ms) / every >
				(MAX_OF(f->repeat_ms, f->since_ms) - f->since_ms) / every)
			bits |= 1u << i;
	}
	return bits;
}

static uint32_t sinks_again(const struct engine *e, const struct finding_row *f)
{
	bool dated = rules[f->rule].remind_ms;

	if (dated && e->now_ms >= dated_again_ms(f))
		return f->told;
	return dated && f->severity < SEV_CRITICAL ? 0 : sinks_repeating(e, f);
}

/* Do not tell a sink that it does not work, unless there is nobody else. */
static uint32_t without_subject(const struct engine *e, const struct finding_row *f, uint32_t sinks)
{
	int i = strncmp(f->rule_id, "sink.", 5) ? -1 : cfg_sink_index(e->config, f->subject);
	uint32_t others;

	if (i < 0)
		return sinks;
	others = sinks & ~(1u << i);
	for (unsigned k = 0; k < e->config->nsinks && !others; k++)
		if (e->config->sinks[k].fallback_for == i + 1)
			others = 1u << k;
	return others ? others : sinks;
}

static struct want want_of(const struct engine *e, const struct finding_row *f)
{
	struct want w = {.severity = (enum severity)f->severity};

	if (!f->used || f->rule >= rules_count)
		return w;
	if (!f->active) {
		w.tell = f->told | f->open ? TELL_RESOLVED : TELL_NOTHING;
		w.sinks = f->open;
		w.severity = (enum severity)MAX_OF(f->severity, f->told_severity);
		return w;
	}
	/* what is over before anybody heard of it is no news */
	if (finding_quiet(e, f) || (f->clear_ms && !f->told))
		return w;
	w.sinks = without_subject(e, f, sinks_wanting(e, f->array, w.severity));
	if (f->severity > f->told_severity || w.sinks & ~f->told) {
		w.sinks = f->severity > f->told_severity ? w.sinks : w.sinks & ~f->told;
		w.tell = TELL_FIRING;
		return w;
	}
	if (finding_mends(e, f))
		return w;
	w.sinks = sinks_again(e, f);
	w.tell = w.sinks ? TELL_AGAIN : TELL_NOTHING;
	if (rules[f->rule].remind_ms)
		return w;
	if (f->severity >= SEV_WARNING && f->told && e->now_ms >= reminder_ms(f)) {
		w.tell = TELL_REMINDER;
		/* a warning that nobody answers for a day is not a warning any more */
		if (f->reminders >= REMINDERS_CALM)
			w.severity = SEV_CRITICAL;
		w.sinks |= f->told | sinks_wanting(e, f->array, w.severity);
	}
	return w;
}

static void subject_of(const struct engine *e, const struct finding_row *f, struct alert_row *a)
{
	char id[160];

	if (f->component != NONE32)
		copy_text(a->subject, sizeof(a->subject),
			component_id(&e->model, f->component, id, sizeof(id)));
	else
		copy_text(a->subject, sizeof(a->subject), f->subject);
}

static void tell_one(struct engine *e, uint32_t finding, const struct want *w, uint32_t sinks)
{
	const struct finding_row *f = finding_at(&e->model, finding);
	struct alert_row a = {.severity = (uint8_t)w->severity,
		.array = f->array,
		.incident = f->incident,
		.plan = NONE16,
		.finding = finding,
		.component = f->component,
		.wanted = sinks};
	char title[160];

	a.type = w->tell == TELL_RESOLVED ? ALERT_FINDING_RESOLVED : ALERT_FINDING_FIRING;
	a.resolved = w->tell == TELL_RESOLVED;
	copy_text(a.rule_id, sizeof(a.rule_id), f->rule_id);
	subject_of(e, f, &a);
	rule_expand(&e->model, f, rules[f->rule].title, title, sizeof(title));
	if (w->tell == TELL_REMINDER)
		format_text(a.summary, sizeof(a.summary), "Nobody has answered for %u hours: %s",
			(unsigned)((e->now_ms - f->since_ms) / 3600000), title);
	else
		format_text(
			a.summary, sizeof(a.summary), "%s%s", a.resolved ? "Over: " : "", title);
	rule_expand(&e->model, f, rules[f->rule].action, a.action, sizeof(a.action));
	alert_raise(e, &a);
}

static void mark_told(struct engine *e, uint32_t finding, const struct want *w, uint32_t alone, uint32_t group)
{
	struct finding_row f = *finding_at(&e->model, finding);

	f.repeat_ms = e->now_ms;
	f.open |= alone;
	/* a sink whose turn has not come is told of the worse later, not never */
	f.told = (w->tell == TELL_FIRING ? f.told & ~w->sinks : f.told) | alone | group;
	f.told_severity = f.severity;
	if (w->tell == TELL_REMINDER)
		f.reminders++;
	emit(e, REC_FINDING_CHANGED, TABLE_FINDING, finding, &f, SEV_NONE, NULL);
}

static struct told_window *window_of(struct turn *t, unsigned sink)
{
	struct told_window *w = &t->e->told[t->window][sink];

	if (t->e->now_ms - w->since_ms >= WINDOW_MS)
		*w = (struct told_window){.since_ms = t->e->now_ms};
	return w;
}

static bool first_of_rule(const struct model *m, uint32_t finding)
{
	const struct finding_row *f = finding_at(m, finding);

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *o = finding_at(m, i);

		if (i != finding && o->used && o->rule == f->rule && o->array == f->array &&
			o->incident == f->incident && o->told_severity == SEV_CRITICAL)
			return false;
	}
	return true;
}

/* What must never wait behind a minute's limit: the first critical of its sort, and every canister. */
static bool unlimited(const struct model *m, uint32_t finding, const struct want *w)
{
	const struct finding_row *f = finding_at(m, finding);
	const struct component_row *c = component_at(m, f->component);

	return w->tell == TELL_FIRING && w->severity == SEV_CRITICAL &&
	       ((c && c->kind == KIND_CANISTER) || first_of_rule(m, finding));
}

static void tell_finding(struct turn *t, uint32_t finding, const struct want *w)
{
	bool free_pass = unlimited(&t->e->model, finding, w);
	uint32_t alone = 0, group = 0;

	for (unsigned s = 0; s < CFG_SINKS; s++) {
		struct told_window *window = w->sinks >> s & 1 ? window_of(t, s) : NULL;
		unsigned room =
			window && window->count < PER_MINUTE ? PER_MINUTE - window->count : 0;

		if (!window)
			continue;
		if (free_pass || (!(t->grouped_firing >> s & 1) && (t->waiting[s] <= room || room > 1))) {
			alone |= 1u << s;
			window->count++;
		} else if (room) {
			group |= 1u << s;
		}
		t->waiting[s]--;
	}
	if (group) {
		t->grouped_firing |= group;
		t->nfiring++;
		t->group_severity = MAX_OF(t->group_severity, w->severity);
	}
	/* with nobody to tell it is still on record that people would have been */
	if (alone || (!w->sinks && w->severity >= SEV_WARNING))
		tell_one(t->e, finding, w, alone);
	if (alone || group || !w->sinks)
		mark_told(t->e, finding, w, alone, group);
}

/* A key that was opened is closed by its own message, if it must wait for it; what was told as one is over as one. */
static void tell_over(struct turn *t, uint32_t finding, const struct want *w)
{
	struct finding_row f = *finding_at(&t->e->model, finding);
	uint32_t alone = 0;

	for (unsigned s = 0; s < CFG_SINKS; s++)
		if (w->sinks >> s & 1 && !(t->grouped_firing >> s & 1) && window_of(t, s)->count < PER_MINUTE) {
			alone |= 1u << s;
			window_of(t, s)->count++;
		}
	t->grouped_over |= f.told & ~f.open;
	if (alone)
		tell_one(t->e, finding, w, alone);
	f.open &= ~alone;
	if (!alone && f.told == f.open)
		return;
	f.told = f.open;
	f.told_severity = f.told ? f.told_severity : 0;
	emit(t->e, REC_FINDING_CHANGED, TABLE_FINDING, finding, &f, SEV_NONE, NULL);
}

static void tell_group(struct turn *t)
{
	alert_group_fire(t->e, t->array, t->grouped_firing, t->nfiring, t->group_severity);
	for (unsigned s = 0; s < CFG_SINKS; s++)
		if (t->grouped_firing >> s & 1)
			window_of(t, s)->count = PER_MINUTE;
}

/* What begins goes before what is over. */
static void turn_pass(struct turn *t, enum severity severity, bool over)
{
	for (uint32_t i = 0; i < finding_count(&t->e->model); i++) {
		const struct finding_row *f = finding_at(&t->e->model, i);
		struct want w = f->array == t->array && f->severity == severity ? want_of(t->e, f) : (struct want){};

		if (over && w.tell == TELL_RESOLVED)
			tell_over(t, i, &w);
		else if (!over && w.tell != TELL_NOTHING && w.tell != TELL_RESOLVED)
			tell_finding(t, i, &w);
	}
}

static void turn_take(struct engine *e, unsigned array, unsigned window)
{
	struct turn t = {.e = e, .array = array, .window = window};
	uint32_t n = finding_count(&e->model);
	bool any = false;

	for (uint32_t i = 0; i < n; i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		struct want w = f->array == array ? want_of(e, f) : (struct want){};

		if (w.tell == TELL_NOTHING)
			continue;
		any = true;
		for (unsigned s = 0; s < CFG_SINKS && w.tell != TELL_RESOLVED; s++)
			t.waiting[s] += w.sinks >> s & 1;
	}
	if (!any)
		return;
	for (enum severity sev = SEV_CRITICAL; sev >= SEV_INFO; sev--)
		turn_pass(&t, sev, false);
	if (t.grouped_firing)
		tell_group(&t);
	for (enum severity sev = SEV_CRITICAL; sev >= SEV_INFO; sev--)
		turn_pass(&t, sev, true);
	if (t.grouped_over)
		alert_group_over(e, array, t.grouped_over);
}

void findings_tell(struct engine *e)
{
	for (uint32_t i = 0; i < array_count(&e->model) && i < CFG_ARRAYS; i++)
		if (array_at(&e->model, i)->used)
			turn_take(e, i, i);
	turn_take(e, NONE16, CFG_ARRAYS);
}

static uint64_t repeat_next_ms(const struct engine *e, const struct finding_row *f)
{
	uint64_t next = UINT64_MAX, last = MAX_OF(f->repeat_ms, f->since_ms) - f->since_ms;

	for (unsigned i = 0; i < e->config->nsinks && i < CFG_SINKS; i++) {
		uint64_t every = e->config->sinks[i].repeat_ms;

		if (f->told >> i & 1 && every)
			next = MIN_OF(next, f->since_ms + (last / every + 1) * every);
	}
	return next;
}

uint64_t tell_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		struct want w = want_of(e, f);
		unsigned window = f->array < CFG_ARRAYS ? f->array : CFG_ARRAYS;

		for (unsigned s = 0; s < CFG_SINKS && w.tell != TELL_NOTHING; s++)
			if (w.sinks >> s & 1)
				next = MIN_OF(next, e->told[window][s].since_ms + WINDOW_MS);
		if (w.tell == TELL_NOTHING && f->used && f->active && !f->told &&
			f->rule < rules_count && tell_from_ms(e, f) > e->now_ms)
			next = MIN_OF(next, tell_from_ms(e, f));
		if (w.tell != TELL_NOTHING || !f->used || !f->active || !f->told ||
			finding_quiet(e, f) || finding_mends(e, f))
			continue;
		if (rules[f->rule].remind_ms)
			next = MIN_OF(next, dated_again_ms(f));
		if (!rules[f->rule].remind_ms || f->severity >= SEV_CRITICAL)
			next = MIN_OF(next, repeat_next_ms(e, f));
		if (f->severity >= SEV_WARNING && !rules[f->rule].remind_ms)
			next = MIN_OF(next, reminder_ms(f));
	}
	return next;
}
