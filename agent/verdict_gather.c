/* From the model to what one array's verdict follows from. */
#include "agent/rules.h"
#include "agent/verdict.h"

#include <limits.h>

static bool is_rate(const struct finding_row *f)
{
	return f->used && f->active && f->rule < rules_count && rules[f->rule].test == TEST_RATE;
}

static bool member_flaps(const struct model *m, const struct group_state *g)
{
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (!is_rate(f) || f->component == NONE32 ||
			component_at(m, f->component)->kind == KIND_DRIVE)
			continue;
		for (unsigned k = 0; k < g->in.members; k++)
			if (g->component[k] == f->component)
				return true;
	}
	return false;
}

/* A drive's counters never say that the array is at risk. */
static bool array_flaps(const struct model *m, unsigned array)
{
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);
		const struct component_row *c = component_at(m, f->component);

		if (is_rate(f) && f->array == array && (!c || c->kind != KIND_DRIVE))
			return true;
	}
	return false;
}

static bool can_see_loss(enum kind kind)
{
	return kind == KIND_CANISTER || kind_is_path(kind);
}

/* Canisters and paths that are asked in-band, and drives that the host still reads. */
static void look_inband(const struct model *m, unsigned array, struct verdict_input *ret)
{
	for (uint32_t i = 0; i < seen_count(m); i++) {
		const struct seen_row *s = seen_at(m, i);
		const struct component_row *c = component_at(m, s->component);

		if (!s->used || s->plane != PLANE_INBAND || !c || !c->used || c->array != array)
			continue;
		if (can_see_loss(c->kind))
			ret->has_inband_source = true;
		else if (c->kind == KIND_DRIVE && member_of_state(c->state) == MEMBER_SERVING &&
			 s->read_ms)
			ret->has_inband_source = ret->inband_serving = true;
	}
}

static bool source_fresh(const struct source_row *s, uint64_t now_ms)
{
	if (source_device_kind((enum source_type)s->type) && !s->unlisted)
		return s->answered && (s->outcome == OUTCOME_OK || s->outcome == OUTCOME_NONE);
	return s->success_ms &&
	       (!s->interval_ms || now_ms <= s->success_ms + 3 * (uint64_t)s->interval_ms);
}

static void look_planes(
	const struct model *m, unsigned array, uint64_t now_ms, struct verdict_input *ret)
{
	for (uint32_t i = 0; i < source_count(m); i++) {
		const struct source_row *s = source_at(m, i);

		if (!source_looks(s) || s->array != array)
			continue;
		/* which devices there are is a look of its own */
		ret->planes_total += 1u + s->unlisted;
		ret->planes_fresh += source_fresh(s, now_ms);
	}
}

static uint64_t latest_loss(const struct model *m, const struct group_state *g)
{
	uint64_t latest = 0;

	for (unsigned i = 0; i < g->in.members; i++) {
		const struct component_row *c = component_at(m, g->component[i]);

		if (c && g->in.member[i].state == MEMBER_LOST)
			latest = MAX_OF(latest, c->state_ms);
	}
	return latest;
}

static struct verdict_group group_input(const struct model *m, uint32_t index, uint64_t now_ms)
{
	const struct group_row *row = group_at(m, index);
	uninitialized_ struct group_state s;
	struct verdict_group g = {.kind = row->kind, .unit = group_is_unit(row)};

	group_measure(m, index, now_ms, &s);
	g.unseen = s.unseen;
	g.inband = s.inband;
	g.inband_serving = s.inband_serving;
	g.flapping = member_flaps(m, &s);
	g.member_lost = s.lost > 0;
	g.undecided = s.undecided > 0;
	g.margin = s.margin;
	g.margin_max = s.margin_max;
	g.expected = row->expected;
	if (g.margin_max <= 0 && g.expected > 0 && !g.unseen)
		g.new_cause =
			group_new_cause(m, &s, row->thin_ms ? row->thin_ms : latest_loss(m, &s));
	return g;
}

/*
 * More groups than fit: the canisters and all paths together always stay; of the rest those that decide
 * the verdict, then those with the least to spare. What is not seen says least of all.
 */
static int rank(const struct verdict_group *g)
{
	if (!g->unit && (g->kind == GROUP_CANISTERS || g->kind == GROUP_PATHS))
		return 0;
	if (g->unseen)
		return INT_MAX;
	if (g->margin_max < 0)
		return 1;
	if (g->margin_max == 0 && g->expected > 0)
		return g->new_cause ? 2 : 3;
	return 5 + g->margin;
}

static void keep_group(struct verdict_input *ret, const struct verdict_group *g)
{
	unsigned least = 0;

	if (ret->ngroups < ARRAY_SIZE(ret->group)) {
		ret->group[ret->ngroups++] = *g;
		return;
	}
	for (unsigned i = 1; i < ret->ngroups; i++)
		if (rank(&ret->group[i]) > rank(&ret->group[least]))
			least = i;
	if (rank(g) < rank(&ret->group[least]))
		ret->group[least] = *g;
}

void verdict_gather(
	const struct model *m, unsigned array, uint64_t now_ms, struct verdict_input *ret)
{
	const struct array_row *a = array_at(m, array);

	*ret = (struct verdict_input){};
	if (!a || !a->used)
		return;
	for (uint32_t i = 0; i < group_count(m); i++) {
		struct verdict_group g;

		if (!group_at(m, i)->used || group_at(m, i)->array != array)
			continue;
		g = group_input(m, i, now_ms);
		g.index = i;
		keep_group(ret, &g);
	}
	if (ret->ngroups)
		look_inband(m, array, ret);
	look_planes(m, array, now_ms, ret);
	ret->rate_rule = array_flaps(m, array);
	ret->forecast = a->forecast;
	ret->forecast_margin = a->forecast_margin;
}
