#include "agent/rules.h"
#include "agent/view_words.h"

bool view_only_simulated(const struct model *m)
{
	for (uint32_t i = 0; i < array_count(m); i++)
		if (array_at(m, i)->used && !array_at(m, i)->simulated)
			return false;
	return true;
}

/* Health as an answer: what cannot be seen outweighs a warning, and is outweighed by what is known to be bad. */
static enum health worse(enum health a, enum health b)
{
	static const uint8_t rank[HEALTH_COUNT] = {[HEALTH_OK] = 0,
		[HEALTH_WARNING] = 1,
		[HEALTH_UNKNOWN] = 2,
		[HEALTH_CRITICAL] = 3,
		[HEALTH_FAILED] = 3,
		[HEALTH_ABSENT] = 3};

	return rank[b] > rank[a] ? b : a;
}

static enum health severity_health(enum severity s)
{
	return s >= SEV_CRITICAL ? HEALTH_CRITICAL : s == SEV_WARNING ? HEALTH_WARNING : HEALTH_OK;
}

static bool group_hidden(const struct model *m, unsigned array)
{
	for (uint32_t i = 0; i < group_count(m); i++)
		if (group_at(m, i)->used && group_at(m, i)->array == array &&
			group_at(m, i)->unseen)
			return true;
	return false;
}

/* A group that goes on even if this member is lost: then what cannot be told of it can wait until morning. */
static bool spared(const struct model *m, uint32_t component)
{
	for (uint32_t i = 0; i < member_count(m); i++) {
		const struct member_row *r = member_at(m, i);
		const struct group_row *g = r->used && r->component == component ? group_at(m, r->group) : NULL;

		if (g && g->used && !g->unseen && g->margin >= 0)
			return true;
	}
	return false;
}

/* No data is not health: a drive that cannot tell how it is, and nobody has acknowledged that. */
static bool drive_in_doubt(const struct model *m, unsigned array)
{
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);
		const struct component_row *c = finding_loud(f) && f->array == array ? component_at(m, f->component) : NULL;

		if (c && c->used && c->kind == KIND_DRIVE && c->health == HEALTH_UNKNOWN && !spared(m, f->component))
			return true;
	}
	return false;
}

/* A margin over the groups that are seen says nothing about those that are not. */
static bool array_in_doubt(const struct model *m, unsigned array)
{
	const struct array_row *a = array_at(m, array);

	return a->verdict == VERDICT_NONE || a->verdict == VERDICT_BLIND ||
	       a->visibility == VISIBILITY_BLIND || group_hidden(m, array) ||
	       drive_in_doubt(m, array);
}

static enum health findings_worst(const struct model *m, unsigned array)
{
	enum health worst = HEALTH_OK;

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->array == array && finding_loud(f))
			worst = worse(worst, severity_health(f->severity));
	}
	return worst;
}

enum health view_array_worst(const struct view *v, unsigned array)
{
	const struct array_row *a = array_at(v->model, array);
	enum health worst;

	if (!a || !a->used)
		return HEALTH_UNKNOWN;
	worst = worse(
		severity_health(verdict_severity(a->verdict)), findings_worst(v->model, array));
	return array_in_doubt(v->model, array) ? worse(worst, HEALTH_UNKNOWN) : worst;
}

static enum health worst_of(const struct view *v, bool simulated)
{
	const struct model *m = v->model;
	enum health worst = findings_worst(m, NONE16);
	bool any = false;

	for (uint32_t i = 0; i < array_count(m); i++) {
		if (!array_at(m, i)->used || (array_at(m, i)->simulated && !simulated))
			continue;
		any = true;
		worst = worse(worst, view_array_worst(v, i));
	}
	return any ? worst : worse(worst, HEALTH_UNKNOWN);
}

enum health view_worst(const struct view *v)
{
	return worst_of(v, view_only_simulated(v->model));
}

enum health view_real_worst(const struct view *v)
{
	return worst_of(v, false);
}

/* "Treat it as urgent" and "Yes, tonight" are not both true. What somebody has taken keeps nobody else awake. */
static bool array_urgent(const struct model *m, unsigned array)
{
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);
		int rule = finding_loud(f) && f->array == array ? rule_index(f->rule_id) : -1;

		if (rule >= 0 && rules[rule].urgent)
			return true;
	}
	return false;
}

static const char *answer_for(enum health worst, bool urgent)
{
	if (urgent)
		return "No.";
	switch (worst) {
	case HEALTH_OK:
		return "Yes.";
	case HEALTH_WARNING:
		return "Yes, tonight.";
	case HEALTH_CRITICAL:
	case HEALTH_FAILED:
	case HEALTH_ABSENT:
		return "No.";
	case HEALTH_UNKNOWN:
	case HEALTH_COUNT:
		break;
	}
	return "Unknown.";
}

const char *view_array_answer(const struct view *v, unsigned array)
{
	return answer_for(view_array_worst(v, array), array_urgent(v->model, array));
}

const char *view_answer(const struct view *v)
{
	const struct model *m = v->model;
	bool simulated = view_only_simulated(m), urgent = false;

	for (uint32_t i = 0; i < array_count(m); i++)
		urgent |= array_at(m, i)->used && (!array_at(m, i)->simulated || simulated) &&
			  array_urgent(m, i);
	return answer_for(view_worst(v), urgent);
}

/* "2 canisters, 23 of 24 drives ok." */
static void counts_line(const struct view *v, unsigned array, struct line *l)
{
	static const enum kind told[] = {KIND_CANISTER, KIND_PATH, KIND_DRIVE, KIND_PSU};
	unsigned written = 0;

	for (unsigned k = 0; k < ARRAY_SIZE(told); k++) {
		unsigned all = 0, ok = 0;

		for (uint32_t i = 0; i < component_count(v->model); i++) {
			const struct component_row *c = component_at(v->model, i);

			if (!c->used || c->array != array || c->kind != told[k])
				continue;
			all++;
			ok += c->health == HEALTH_OK;
		}
		if (!all)
			continue;
		line_add(l, "%s", written++ ? ", " : "");
		if (ok < all)
			line_add(l, "%u of ", ok);
		line_add(l, "%u %s", all, kind_noun(told[k], all));
	}
	line_add(l, "%s", written ? " ok. " : "");
}

static void since_line(const struct view *v, const struct array_row *a, struct line *l)
{
	char when[48], span[32];
	uint64_t lasted =
		v->wall_ms > a->since_wall_ms ? (uint64_t)(v->wall_ms - a->since_wall_ms) : 0;

	if (a->since_wall_ms <= 0)
		return;
	span_text(lasted, span, sizeof(span));
	if (a->verdict == VERDICT_REDUNDANT) {
		line_add(l, "For %s. ", span);
		return;
	}
	line_add(l, "%s since %s, %s. ", verdict_phrase(a->verdict),
		day_text(v, a->since_wall_ms, when, sizeof(when)), span);
	if (a->redundant_until_wall_ms > 0)
		line_add(l, "Redundant until %s. ",
			day_text(v, a->redundant_until_wall_ms, when, sizeof(when)));
}

static void maintenance_line(const struct view *v, unsigned array, struct line *l)
{
	for (uint32_t i = 0; i < maintenance_count(v->model); i++) {
		const struct maintenance_row *w = maintenance_at(v->model, i);
		char name[128], when[48];

		if (!w->used || w->array != array)
			continue;
		copy_text(name, sizeof(name), "all of it");
		if (w->component != NONE32)
			view_component_name(v->model, w->component, name, sizeof(name));
		line_add(l, "Maintenance of %s until %s", name,
			day_text(v, w->until_wall_ms, when, sizeof(when)));
		line_add(l, "%s%s. ", w->by[0] ? ", by " : "", w->by);
	}
}

/* What a plan has moved is no longer carried, until somebody has looked after it. */
static void carries_line(const struct view *v, unsigned array, struct line *l)
{
	const struct array_row *a = array_at(v->model, array);
	const struct run_row *r = NULL;
	const struct plan_row *p = model_moved(v->model, array, &r);
	char when[48];

	if (!a->services[0] || (a->verdict == VERDICT_REDUNDANT && !p))
		return;
	if (p)
		line_add(l, "Carried %s: moved%s%s by plan %s, done %s. ", a->services,
			p->target[0] ? " to " : "", p->target, p->name,
			day_text(v, r->ended_wall_ms, when, sizeof(when)));
	else
		line_add(l, "Carries %s. ", a->services);
}

static void read_line(const struct view *v, unsigned array, struct line *l)
{
	int64_t read = array_read_wall(v, array);
	char span[32];

	if (read <= 0)
		line_add(l, "Never read.");
	else
		line_add(l, "Read %s ago.",
			span_text(v->wall_ms > read ? (uint64_t)(v->wall_ms - read) : 0, span,
				sizeof(span)));
}

/* As the gate open-run has it. */
const char *view_armed(const struct view *v, const struct plan_row *p)
{
	static const uint32_t held =
		1u << RUN_DONE | 1u << RUN_FAILED | 1u << RUN_FROZEN | 1u << RUN_ABORTED;
	const struct run_row *r = run_at(v->model, p->run);

	if (!p->armed)
		return "disarmed";
	return r && r->used && !r->cleared && r->mode < RUN_MODE_DRILL && (held >> r->state & 1)
		       ? "armed when cleared"
		       : "armed";
}

bool view_dry_run(const struct view *v, uint32_t index, char *buf, size_t size)
{
	const struct run_row *last = NULL;
	char when[48];

	for (uint32_t i = 0; i < run_count(v->model); i++) {
		const struct run_row *r = run_at(v->model, i);

		if (r->used && r->plan == index && r->mode == RUN_MODE_DRY && (!last || r->id > last->id))
			last = r;
	}
	if (!last)
		return false;
	if (last->state == RUN_ABORTED)
		format_text(buf, size, "r%u was cut off; nothing was isolated or moved", last->id);
	else if (!last->ended_wall_ms)
		format_text(buf, size, "r%u runs its checks; nothing is isolated or moved", last->id);
	else
		format_text(buf, size, "r%u %s at %s: its checks, nothing else", last->id,
			last->state == RUN_DONE ? "passed" : "failed",
			day_text(v, last->ended_wall_ms, when, sizeof(when)));
	return true;
}

void view_meta(const struct view *v, unsigned array, char *buf, size_t size)
{
	const struct array_row *a = array_at(v->model, array);
	struct line l = line_on(buf, size);

	if (!a || !a->used)
		return;
	if (a->simulated)
		line_add(&l, "Simulated. ");
	if (a->verdict == VERDICT_REDUNDANT)
		counts_line(v, array, &l);
	since_line(v, a, &l);
	carries_line(v, array, &l);
	maintenance_line(v, array, &l);
	read_line(v, array, &l);
}
