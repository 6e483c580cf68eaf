/* Groups as a layout counts them: so many members, and exactly these serve. */
#include "agent/engine.h"
#include "agent/group_parts.h"

uint32_t group_pool(const struct model *m, uint32_t group)
{
	const struct group_row *g = group_at(m, group);
	const struct component_row *c = component_at(m, g->pool);
	char name[32];

	if (c && c->used && c->kind == KIND_POOL && c->array == g->array)
		return g->pool;
	/* told by who named no pool, or restored: by its name, which then has no blank in it */
	copy_text(name, sizeof(name), g->name);
	name[strcspn(name, " ")] = '\0';
	return model_find_component(m, g->array, KIND_POOL, name);
}

static bool is_told(const struct group_told *t, uint32_t component)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->member[i] == component)
			return true;
	return false;
}

static void drop_untold(struct engine *e, uint32_t group, const struct group_told *t)
{
	for (uint32_t i = 0; i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);

		if (!r.used || r.group != group || is_told(t, r.component))
			continue;
		/* who failed out of it no longer counts, and what the pool has left still says how bad that is */
		if (t->n && r.component != NONE32 && r.replaced)
			continue;
		r.used = t->n && r.component != NONE32;
		r.replaced = r.used;
		emit(e, REC_GROUP, TABLE_MEMBER, i, &r, SEV_NONE, NULL);
		e->dirty = e->recap = true;
	}
}

/* Found and not yet asked how it is: nothing to judge a new group by. */
static bool any_unasked(const struct model *m, const struct group_told *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		bool asked = false;

		for (uint32_t s = model_first_seen(m, t->member[i]); s != NONE32; s = model_next_seen(m, s))
			asked |= seen_at(m, s)->outcome != OUTCOME_NONE;
		if (!asked)
			return true;
	}
	return false;
}

/* It was counted out and serves again. */
static bool rejoin(struct engine *e, uint32_t group, uint32_t component)
{
	for (uint32_t i = 0; i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);

		if (!r.used || !r.replaced || r.group != group || r.component != component)
			continue;
		r.replaced = 0;
		emit(e, REC_GROUP, TABLE_MEMBER, i, &r, SEV_NONE, NULL);
		return true;
	}
	return false;
}

void group_tell(struct engine *e, unsigned array, const char *name, const struct group_told *t)
{
	uint32_t g = group_find(&e->model, array, name);
	struct group_row row;

	if (g == NONE32 && any_unasked(&e->model, t))
		return;
	if (g == NONE32)
		g = group_new(e, array, GROUP_POOL, name, t->need);
	row = *group_at(&e->model, g);
	if (row.told != t->members || row.need != t->need || row.pool != t->pool) {
		row.expected = row.need == t->need && row.told <= t->members ? row.expected : 0;
		row.told = t->members;
		row.need = t->need;
		row.pool = t->pool;
		emit(e, REC_GROUP, TABLE_GROUP, g, &row, SEV_NONE, NULL);
		e->dirty = e->recap = true;
	}
	drop_untold(e, g, t);
	for (unsigned i = 0; i < t->n; i++)
		if (rejoin(e, g, t->member[i])) {
			e->dirty = e->recap = true;
		} else if (!group_has(&e->model, g, t->member[i])) {
			group_add_member(e, g, t->member[i]);
			e->dirty = e->recap = true;
		}
}

/* A layout's group goes with its pool. */
bool told_forget(struct engine *e)
{
	bool changed = false;

	for (uint32_t i = 0; i < group_count(&e->model); i++) {
		struct group_row g = *group_at(&e->model, i);

		if (!g.used || !g.told || group_pool(&e->model, i) != NONE32)
			continue;
		drop_untold(e, i, &(struct group_told){});
		g.told = 0;
		emit(e, REC_GROUP, TABLE_GROUP, i, &g, SEV_NONE, NULL);
		changed = true;
	}
	return changed;
}

/* Its layout was read and names nobody who serves: that is seen. */
bool told_empty(const struct model *m, uint32_t group, const struct margin_input *in)
{
	uint32_t pool = group_at(m, group)->told && !in->members ? group_pool(m, group) : NONE32;

	return pool != NONE32 && component_at(m, pool)->state != STATE_UNKNOWN;
}
