/* Rebuilds: what goes on in a pool, whether it moves, and what must not be added to it meanwhile. */
#include "agent/verdict.h"

enum rebuild component_rebuild(const struct model *m, uint32_t component, uint64_t now_ms)
{
	const struct component_row *c = component_at(m, component);
	const struct fact_row *f = model_fact(m, component, FACT_REBUILD_PCT);

	/* a source that says nothing more when it is done leaves the last number behind */
	if (!c || !c->used || !f || !(f->value < 100) || c->state == STATE_OK ||
		c->state == STATE_ABSENT)
		return REBUILD_NONE;
	return now_ms - MIN_OF(f->changed_ms, now_ms) < REBUILD_STALL_MS ? REBUILD_MOVES
									 : REBUILD_STALLS;
}

enum rebuild group_rebuild(const struct model *m, uint32_t group, uint64_t now_ms)
{
	const struct group_row *g = group_at(m, group);
	enum rebuild worst = REBUILD_NONE;

	if (!g || !g->used || g->kind != GROUP_POOL)
		return REBUILD_NONE;
	worst = component_rebuild(m, group_pool(m, group), now_ms);
	for (uint32_t i = 0; i < member_count(m); i++)
		if (member_at(m, i)->used && member_at(m, i)->group == group)
			worst = MAX_OF(
				worst, component_rebuild(m, member_at(m, i)->component, now_ms));
	return worst;
}

bool rebuild_concerns(const struct model *m, uint32_t component, uint64_t now_ms)
{
	const struct component_row *c = component_at(m, component);

	for (uint32_t i = 0; c && i < group_count(m); i++) {
		const struct group_row *g = group_at(m, i);
		bool mine = g->used && g->kind == GROUP_POOL && group_pool(m, i) == component;

		for (uint32_t k = 0;
			g->used && g->kind == GROUP_POOL && !mine && k < member_count(m); k++)
			mine = member_at(m, k)->used && member_at(m, k)->group == i &&
			       member_at(m, k)->component == component;
		if (mine && group_rebuild(m, i, now_ms) == REBUILD_MOVES)
			return true;
	}
	return false;
}

bool array_rebuilds(const struct model *m, unsigned array, uint64_t now_ms)
{
	for (uint32_t i = 0; i < component_count(m); i++)
		if (component_at(m, i)->array == array &&
			component_rebuild(m, i, now_ms) != REBUILD_NONE)
			return true;
	return false;
}
