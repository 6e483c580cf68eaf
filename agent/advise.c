/* What published firmware faults mean for an array: cohorts, the margin without them, findings. */
#include "agent/advise_match.h"
#include "agent/engine_parts.h"

#include <stdlib.h>

#define HOUR_MS     INT64_C(3600000)
#define DAY_MS      (24 * HOUR_MS)
#define CRITICAL_MS (7 * DAY_MS)
/* Who goes within this time of each other goes together: a drive is replaced and rebuilt in days, a canister
 * is back in minutes. */
#define TOGETHER_DRIVES_MS   (7 * DAY_MS)
#define TOGETHER_RESTARTS_MS DAY_MS

/* One deadline, sorted by array, advisory and date; those without a date first. */
struct entry {
	uint16_t array, number;
	uint8_t unclear, ticked;
	uint32_t component;
	int64_t at_wall_ms;
};

/* One advisory on one array: a run of entries. */
struct run_of {
	const struct entry *entry;
	unsigned n, dated, unclear;  /* the dated ones are the last */
	unsigned cohort, cohort_len; /* the largest that go together: first of them, how many */
	bool minutes;
};

static const char *const cliff_rules[] = {
	"firmware.cliff", "firmware.uptime-cliff", "firmware.advisory", "firmware.unclear"};

static int by_array(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->array != y->array)
		return x->array < y->array ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->at_wall_ms != y->at_wall_ms)
		return x->at_wall_ms < y->at_wall_ms ? -1 : 1;
	return x->component < y->component ? -1 : x->component > y->component;
}

static unsigned entries_collect(const struct engine *e, struct entry *ret)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < deadline_count(&e->model); i++) {
		const struct deadline_row *d = deadline_at(&e->model, i);

		if (d->used && d->number < e->config->nadvisories)
			ret[n++] = (struct entry){.array = d->array,
				.number = d->number,
				.unclear = d->unclear,
				.ticked = d->ticked,
				.component = d->component,
				.at_wall_ms = d->at_wall_ms};
	}
	qsort(ret, n, sizeof(*ret), by_array);
	return n;
}

static void find_cohort(struct run_of *r, int64_t together_ms)
{
	const struct entry *at = r->entry + (r->n - r->dated);
	unsigned from = 0;

	for (unsigned to = 0; to < r->dated; to++) {
		while (at[to].at_wall_ms - at[from].at_wall_ms > together_ms)
			from++;
		if (to - from + 1 > r->cohort_len) {
			r->cohort = r->n - r->dated + from;
			r->cohort_len = to - from + 1;
		}
	}
}

static struct run_of run_take(const struct engine *e, const struct entry *first, unsigned left)
{
	const struct cfg_advisory *a = &e->config->advisories[first->number];
	struct run_of r = {.entry = first, .minutes = true};

	while (r.n < left && first[r.n].array == first->array &&
		first[r.n].number == first->number) {
		r.dated += first[r.n].at_wall_ms != 0;
		r.unclear += first[r.n].unclear;
		r.minutes &= first[r.n].at_wall_ms == 0 || first[r.n].ticked;
		r.n++;
	}
	find_cohort(&r, a->trigger == ADVISORY_UPTIME ? TOGETHER_RESTARTS_MS : TOGETHER_DRIVES_MS);
	return r;
}

static bool in_cohort(const struct run_of *r, uint32_t component)
{
	for (unsigned i = 0; i < r->cohort_len; i++)
		if (r->entry[r->cohort + i].component == component)
			return true;
	return false;
}

/* The margin of one group without the cohort; false when it has none of it. */
static bool group_without(
	const struct engine *e, uint32_t group, const struct run_of *r, int *margin)
{
	struct group_state *g = malloc(sizeof(*g));
	bool hit = false;
	int most;

	if (!g)
		return false;
	group_measure(&e->model, group, e->now_ms, g);
	for (unsigned i = 0; i < g->in.members; i++) {
		if (g->component[i] == NONE32 || !in_cohort(r, g->component[i]))
			continue;
		g->in.member[i].state = MEMBER_LOST;
		hit = true;
	}
	group_margin(&g->in, margin, &most);
	hit = hit && !g->unseen;
	free(g);
	return hit;
}

static unsigned count_kind(const struct model *m, unsigned array, enum kind kind)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		n += c->used && c->array == array && c->kind == kind && c->state != STATE_ABSENT;
	}
	return n;
}

/* Nobody says what these drives carry: when half of them go at once, something is lost. */
static bool most_of_them(const struct forecast_row *f)
{
	return f->kind == KIND_DRIVE && f->cohort >= 2 && 2 * f->cohort >= f->of;
}

static void margin_without(const struct engine *e, const struct run_of *r, struct forecast_row *f)
{
	const struct array_row *a = array_at(&e->model, f->array);
	int least = 0, margin;
	bool known = false;

	for (uint32_t i = 0; r->cohort_len && i < group_count(&e->model); i++) {
		const struct group_row *g = group_at(&e->model, i);

		if (!g->used || g->array != f->array || !group_without(e, i, r, &margin))
			continue;
		least = known ? MIN_OF(least, margin) : margin;
		known = true;
	}
	if (!known && most_of_them(f)) {
		least = -1;
		known = true;
	}
	if (known && a->margin_known)
		least = MIN_OF(least, a->margin);
	f->margin_known = known;
	f->margin = (int16_t)least;
}

/* A date a week off is critical when nothing would be left to spare, or when nobody knows. */
static enum severity severity_of(const struct engine *e, const struct cfg_advisory *a,
	const struct forecast_row *f, bool unclear)
{
	if (unclear || a->trigger == ADVISORY_POLLING)
		return SEV_INFO;
	if (!f->first_wall_ms || f->first_wall_ms - e->wall_ms > CRITICAL_MS)
		return SEV_WARNING;
	return f->margin_known && f->margin > 0 ? SEV_WARNING : SEV_CRITICAL;
}

static uint32_t guarded(
	const struct engine *e, const struct cfg_advisory *a, const struct forecast_row *f)
{
	bool reached = !f->first_wall_ms || f->first_wall_ms <= e->wall_ms;

	return a->guard | (reached ? a->guard_after : 0);
}

static struct forecast_row forecast_of(const struct engine *e, const struct run_of *r)
{
	const struct cfg_advisory *a = &e->config->advisories[r->entry->number];
	struct forecast_row f = {.used = 1,
		.trigger = a->trigger,
		.array = r->entry->array,
		.kind = a->kind,
		.count =
			(uint16_t)MIN_OF(r->unclear == r->n ? r->n : r->n - r->unclear, UINT16_MAX),
		.cohort = (uint16_t)MIN_OF(r->cohort_len, UINT16_MAX)};
	struct cohort_dates dates = {
		.dated = r->dated, .unclear = r->unclear == r->n ? r->n : 0, .minutes = r->minutes};

	copy_text(f.advisory, sizeof(f.advisory), cfg_str(e->config, a->id));
	f.of = (uint16_t)MIN_OF(count_kind(&e->model, f.array, (enum kind)f.kind), UINT16_MAX);
	if (r->dated) {
		f.first_wall_ms = r->entry[r->n - r->dated].at_wall_ms;
		f.last_wall_ms = r->entry[r->n - 1].at_wall_ms;
		f.at_wall_ms = r->entry[r->cohort].at_wall_ms;
		dates.spread_ms = r->entry[r->cohort + r->cohort_len - 1].at_wall_ms - f.at_wall_ms;
	}
	margin_without(e, r, &f);
	f.severity = (uint8_t)severity_of(e, a, &f, r->unclear == r->n);
	f.guarded = guarded(e, a, &f);
	forecast_text(e, a, &f, &dates);
	return f;
}

static uint32_t forecast_find(const struct model *m, unsigned array, const char *advisory)
{
	for (uint32_t i = 0; i < forecast_count(m); i++) {
		const struct forecast_row *f = forecast_at(m, i);

		if (f->used && f->array == array && text_equal(f->advisory, advisory))
			return i;
	}
	return NONE32;
}

static void say(struct engine *e, const struct forecast_row *f, const char *rule)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cliff_rules); i++) {
		bool holds = rule && !strcmp(cliff_rules[i], rule);
		struct finding_key k = {.rule = (unsigned)MAX_OF(rule_index(cliff_rules[i]), 0),
			.array = f->array,
			.component = NONE32,
			.subject = f->advisory};
		struct finding_state s = {.known = true,
			.severity = holds ? f->severity : (uint8_t)SEV_NONE,
			.detail = f->text};

		finding_set(e, &k, &s);
	}
}

static const char *rule_of(const struct run_of *r, const struct forecast_row *f)
{
	if (r->unclear == r->n)
		return "firmware.unclear";
	if (!r->dated)
		return "firmware.advisory";
	return f->trigger == ADVISORY_UPTIME ? "firmware.uptime-cliff" : "firmware.cliff";
}

static void forecast_put(struct engine *e, const struct run_of *r)
{
	struct forecast_row f = forecast_of(e, r);
	uint32_t i = forecast_find(&e->model, f.array, f.advisory);

	if (i == NONE32 || memcmp(&f, forecast_at(&e->model, i), sizeof(f)) != 0)
		emit(e, REC_ARRAY, TABLE_FORECAST,
			i == NONE32 ? model_free_index(&e->model, TABLE_FORECAST) : i, &f, SEV_NONE,
			NULL);
	say(e, &f, rule_of(r, &f));
}

static bool still_holds(const struct engine *e, const struct entry *entries, unsigned n,
	const struct forecast_row *f)
{
	for (unsigned i = 0; i < n; i++)
		if (entries[i].array == f->array &&
			text_equal(cfg_str(e->config, e->config->advisories[entries[i].number].id),
				f->advisory))
			return true;
	return false;
}

static void drop_over(struct engine *e, const struct entry *entries, unsigned n)
{
	for (uint32_t i = 0; i < forecast_count(&e->model); i++) {
		struct forecast_row f = *forecast_at(&e->model, i);

		if (!f.used || still_holds(e, entries, n, &f))
			continue;
		f.used = 0;
		emit(e, REC_ARRAY, TABLE_FORECAST, i, &f, SEV_NONE, NULL);
		say(e, &f, NULL);
	}
}

/* Common mode: one that fails alone is what redundancy is for. */
static bool is_common(const struct forecast_row *f)
{
	return f->used && f->margin_known && f->at_wall_ms && (f->cohort >= 2 || f->margin < 0);
}

static const struct forecast_row *worst_forecast(const struct model *m, unsigned array)
{
	const struct forecast_row *worst = NULL;

	for (uint32_t i = 0; i < forecast_count(m); i++) {
		const struct forecast_row *f = forecast_at(m, i);

		if (!is_common(f) || f->array != array)
			continue;
		if (!worst || f->margin < worst->margin ||
			(f->margin == worst->margin && f->at_wall_ms < worst->at_wall_ms))
			worst = f;
	}
	return worst;
}

static void array_put(struct engine *e, unsigned array)
{
	const struct forecast_row *f = worst_forecast(&e->model, array);
	struct array_row a = *array_at(&e->model, array);

	a.forecast = f != NULL;
	a.forecast_margin = f ? f->margin : 0;
	a.forecast_wall_ms = f ? f->at_wall_ms : 0;
	memset(a.forecast_cause, 0, sizeof(a.forecast_cause));
	if (f)
		forecast_cause(f, a.forecast_cause, sizeof(a.forecast_cause));
	if (memcmp(&a, array_at(&e->model, array), sizeof(a)) != 0)
		emit(e, REC_ARRAY, TABLE_ARRAY, array, &a, SEV_NONE, NULL);
}

bool advise_update(struct engine *e)
{
	uint64_t before = e->log.head;
	struct entry *entries;
	unsigned n, at = 0;

	if (!deadline_count(&e->model) && !forecast_count(&e->model))
		return false;
	entries = malloc((deadline_count(&e->model) + 1u) * sizeof(*entries));
	if (!entries)
		return false;
	n = entries_collect(e, entries);
	while (at < n) {
		struct run_of r = run_take(e, entries + at, n - at);

		forecast_put(e, &r);
		at += r.n;
	}
	drop_over(e, entries, n);
	free(entries);
	for (uint32_t i = 0; i < array_count(&e->model); i++)
		if (array_at(&e->model, i)->used)
			array_put(e, i);
	return e->log.head != before;
}

/* What is left is said in whole days or hours; severity and what is forbidden change at their own times. */
static int64_t next_change(int64_t left_ms)
{
	int64_t slack, unit = forecast_unit(left_ms, &slack);

	if (left_ms < 0)
		return unit - (slack - left_ms) % unit;
	if (left_ms > CRITICAL_MS)
		return MIN_OF(left_ms - CRITICAL_MS, (left_ms + slack) % unit + 1);
	return MIN_OF(left_ms + 1, (left_ms + slack) % unit + 1);
}

uint64_t advise_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < forecast_count(&e->model); i++) {
		const struct forecast_row *f = forecast_at(&e->model, i);

		if (f->used && f->first_wall_ms)
			next = MIN_OF(next,
				e->now_ms + (uint64_t)next_change(f->first_wall_ms - e->wall_ms));
	}
	return next;
}
