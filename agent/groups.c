/* Which groups there are and who belongs to them: by kind, by reading, by configuration. */
#include "agent/engine.h"
#include "agent/group_parts.h"

enum { FIRST_SEEN_MS = 60000 };

struct kind_group {
	enum kind kind;
	enum group_kind group;
	const char *name;
	bool per_enclosure;
};

static const struct kind_group kind_groups[] = {
	{KIND_CANISTER, GROUP_CANISTERS, "canisters", false},
	{KIND_PATH, GROUP_PATHS, "paths", false},
	{KIND_PSU, GROUP_PSUS, "psus", true},
};

uint32_t group_find(const struct model *m, unsigned array, const char *name)
{
	for (uint32_t i = 0; i < group_count(m); i++)
		if (group_at(m, i)->used && group_at(m, i)->array == array &&
			text_equal(group_at(m, i)->name, name))
			return i;
	return NONE32;
}

bool group_has(const struct model *m, uint32_t group, uint32_t component)
{
	for (uint32_t i = 0; i < member_count(m); i++) {
		const struct member_row *r = member_at(m, i);

		if (r->used && r->component == component && (group == NONE32 || r->group == group))
			return true;
	}
	return false;
}

uint32_t group_new(
	struct engine *e, unsigned array, enum group_kind kind, const char *name, unsigned need)
{
	struct group_row g = {.used = 1,
		.kind = (uint8_t)kind,
		.unseen = 1,
		.array = (uint16_t)array,
		.need = (uint16_t)need,
		.pool = NONE32,
		.margin = -1,
		.margin_max = -1};
	uint32_t i = model_free_index(&e->model, TABLE_GROUP);

	copy_text(g.name, sizeof(g.name), name);
	emit(e, REC_GROUP, TABLE_GROUP, i, &g, SEV_NONE, NULL);
	return i;
}

static void put_member(struct engine *e, uint32_t index, const struct member_row *r)
{
	emit(e, REC_GROUP, TABLE_MEMBER, index, r, SEV_NONE, NULL);
}

/* It was there well before it was lost: not a pool that is first seen with a drive missing. */
static bool was_lost(const struct component_row *c)
{
	return c && c->used && member_of_state((enum state)c->state) == MEMBER_LOST &&
	       c->state != STATE_TRANSITION && c->adopted_wall_ms &&
	       c->state_wall_ms > c->adopted_wall_ms + FIRST_SEEN_MS;
}

/* In a pool a newcomer stands in for one that is gone: at an empty place, or as the spare of a lost member. */
static bool take_place(struct engine *e, uint32_t group, uint32_t component)
{
	bool pool = group_at(&e->model, group)->kind == GROUP_POOL;

	for (uint32_t i = 0; pool && i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);

		if (!r.used || r.group != group || r.component != NONE32)
			continue;
		r.component = component;
		put_member(e, i, &r);
		return true;
	}
	for (uint32_t i = 0; pool && i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);

		if (!r.used || r.group != group || r.replaced ||
			!was_lost(component_at(&e->model, r.component)))
			continue;
		r.replaced = 1;
		put_member(e, i, &r);
		break;
	}
	return false;
}

void group_add_member(struct engine *e, uint32_t group, uint32_t component)
{
	struct member_row r = {.used = 1, .group = group, .component = component};

	if (!take_place(e, group, component))
		put_member(e, model_free_index(&e->model, TABLE_MEMBER), &r);
}

void pool_leave(struct engine *e, uint32_t component)
{
	for (uint32_t i = 0; i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);

		if (!r.used || r.component != component || r.replaced ||
			group_at(&e->model, r.group)->kind != GROUP_POOL)
			continue;
		r.component = NONE32;
		put_member(e, i, &r);
	}
}

void groups_adopt(struct engine *e, unsigned array)
{
	for (uint32_t i = 0; i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);

		if (!r.used || (r.component != NONE32 && !r.replaced) ||
			group_at(&e->model, r.group)->array != array)
			continue;
		r.used = 0;
		put_member(e, i, &r);
	}
}

/* Every reading names the group again: the row where it was found last time is looked at first. */
static bool still_member(struct engine *e, uint32_t group, uint32_t component)
{
	struct component_due *due = component < e->ndue ? &e->due[component] : NULL;
	const struct member_row *r = due ? member_at(&e->model, due->member) : NULL;

	if (r && r->used && r->group == group && r->component == component)
		return true;
	for (uint32_t i = 0; due && i < member_count(&e->model); i++) {
		r = member_at(&e->model, i);
		if (!r->used || r->group != group || r->component != component)
			continue;
		due->member = i;
		return true;
	}
	return false;
}

void group_note(struct engine *e, uint32_t component, const char *name, unsigned need)
{
	const struct component_row *c = component_at(&e->model, component);
	uint32_t g;

	if (!c || !c->used || !*name)
		return;
	g = group_find(&e->model, c->array, name);
	if (g == NONE32)
		g = group_new(e, c->array, c->kind == KIND_DRIVE ? GROUP_POOL : GROUP_CUSTOM, name,
			MAX_OF(need, 1u));
	if (need && group_at(&e->model, g)->need != need) {
		struct group_row row = *group_at(&e->model, g);

		row.need = (uint16_t)MIN_OF(need, UINT16_MAX);
		row.expected = 0;
		emit(e, REC_GROUP, TABLE_GROUP, g, &row, SEV_NONE, NULL);
	}
	if (!still_member(e, g, component) && !group_has(&e->model, g, component))
		group_add_member(e, g, component);
}

static const struct kind_group *kind_group_of(enum kind kind)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kind_groups); i++)
		if (kind_groups[i].kind == kind)
			return &kind_groups[i];
	return NULL;
}

/* Is there somebody of another enclosure in it? */
static bool has_other_enclosure(const struct model *m, uint32_t group, const char *enclosure)
{
	for (uint32_t i = 0; i < member_count(m); i++) {
		const struct member_row *r = member_at(m, i);
		const struct component_row *c =
			r->used && r->group == group ? component_at(m, r->component) : NULL;

		if (c && c->used && !text_equal(c->enclosure, enclosure))
			return true;
	}
	return false;
}

/* The IOMs of two enclosures do not stand in for each other: the second one has a group of its own. */
static bool stands_alone(const struct engine *e, const struct component_row *c, const char *name)
{
	uint32_t g = group_find(&e->model, c->array, name);

	return c->kind == KIND_CANISTER && c->enclosure[0] && e->config &&
	       c->source < e->config->nsources &&
	       e->config->sources[c->source].type == SOURCE_ENCLOSURE && g != NONE32 &&
	       has_other_enclosure(&e->model, g, c->enclosure);
}

/* A power supply that a reading put into a group of its own is not counted twice. */
static bool join_by_kind(struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);
	const struct kind_group *k = c->used ? kind_group_of(c->kind) : NULL;
	char name[32];
	uint32_t g;

	if (!k || (k->per_enclosure && group_has(&e->model, NONE32, component)))
		return false;
	copy_text(name, sizeof(name), k->name);
	if (c->enclosure[0] && (k->per_enclosure || stands_alone(e, c, k->name)))
		format_text(name, sizeof(name), "%s %.20s", k->name, c->enclosure);
	g = group_find(&e->model, c->array, name);
	if (g != NONE32 && group_has(&e->model, g, component))
		return false;
	if (g == NONE32)
		g = group_new(e, c->array, k->group, name, 1);
	group_add_member(e, g, component);
	return true;
}

/* NONE32: a place that is empty */
static bool may_hold(const struct group_row *g, uint32_t component, const struct component_row *c)
{
	return g->used &&
	       (component == NONE32 || (c && c->used && (g->told || c->array == g->array)));
}

static bool drop_forgotten(struct engine *e)
{
	bool changed = told_forget(e);

	for (uint32_t i = 0; i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);
		const struct component_row *c = component_at(&e->model, r.component);

		if (!r.used || may_hold(group_at(&e->model, r.group), r.component, c))
			continue;
		r.used = 0;
		emit(e, REC_GROUP, TABLE_MEMBER, i, &r, SEV_NONE, NULL);
		changed = true;
	}
	for (uint32_t i = 0; i < via_count(&e->model); i++) {
		struct via_row v = *via_at(&e->model, i);
		const struct component_row *c = component_at(&e->model, v.component),
					   *via = component_at(&e->model, v.via);

		if (!v.used || (c && c->used && via && via->used))
			continue;
		v.used = 0;
		emit(e, REC_GROUP, TABLE_VIA, i, &v, SEV_NONE, NULL);
		changed = true;
	}
	return changed;
}

static unsigned declared_count(const struct config *c, unsigned array, enum group_kind kind)
{
	if (!c || array >= c->narrays)
		return 0;
	if (kind == GROUP_CANISTERS)
		return c->arrays[array].expect_canisters;
	return kind == GROUP_PATHS ? c->arrays[array].expect_paths : 0;
}

static bool declare_groups(struct engine *e)
{
	bool changed = false;

	for (unsigned a = 0; e->config && a < e->config->narrays; a++)
		for (unsigned i = 0; i < ARRAY_SIZE(kind_groups); i++)
			if (declared_count(e->config, a, kind_groups[i].group) &&
				group_find(&e->model, a, kind_groups[i].name) == NONE32) {
				group_new(e, a, kind_groups[i].group, kind_groups[i].name, 1);
				changed = true;
			}
	return changed;
}

static bool write_group(struct engine *e, uint32_t index, const struct group_row *g)
{
	if (!memcmp(g, group_at(&e->model, index), sizeof(*g)))
		return false;
	emit(e, REC_GROUP, TABLE_GROUP, index, g, SEV_NONE, NULL);
	return true;
}

static unsigned count_vias(const struct margin_input *in)
{
	unsigned n = 0;

	for (unsigned i = 0; i < in->members; i++)
		n += (unsigned)__builtin_popcount(in->member[i].vias);
	return n;
}

/*
 * expected never falls by itself: a member is forgotten, more is needed or less is declared. That members
 * go together with a unit they are reached through corrects how much there is to spare: of a pool down to
 * none, when one IOM takes every drive along; of what carries access one is not unlearned, since who is
 * reached through whom is learned while a canister may be away.
 */
static bool refresh_group(struct engine *e, uint32_t index)
{
	struct group_row g = *group_at(&e->model, index);
	unsigned declared =
		group_is_unit(&g) ? 0 : declared_count(e->config, g.array, (enum group_kind)g.kind);
	unsigned counted = group_member_count(&e->model, index);
	unsigned members = MAX_OF(counted, MAX_OF(declared, (unsigned)g.told));
	bool less = members < g.members, changed;
	uninitialized_ struct group_state s;
	unsigned need = g.need, vias;

	g.members = (uint16_t)MIN_OF(members, (unsigned)MARGIN_MEMBERS);
	g.declared = declared > 0;
	if (g.kind == GROUP_PSUS)
		g.need = (uint16_t)MAX_OF((g.members + 1) / 2, 1);
	less = less || g.need != need;
	if (!members)
		g.used = 0;
	changed = write_group(e, index, &g);
	if (!g.used)
		return changed;
	group_measure(&e->model, index, e->now_ms, &s);
	vias = count_vias(&s.in);
	if (vias > g.vias && g.expected > 1)
		g.expected = 1;
	if (vias > g.vias && g.kind == GROUP_POOL)
		g.expected = (int16_t)s.expected;
	g.vias = (uint16_t)MIN_OF(vias, (unsigned)UINT16_MAX);
	g.expected = (int16_t)(less ? s.expected : MAX_OF((int)g.expected, s.expected));
	return write_group(e, index, &g) || changed;
}

bool groups_update(struct engine *e, uint64_t arrays)
{
	bool changed = declare_groups(e);

	for (uint32_t i = 0; i < component_count(&e->model); i++)
		if (arrays >> component_at(&e->model, i)->array & 1)
			changed |= join_by_kind(e, i);
	changed |= drop_forgotten(e);
	changed |= units_update(e, arrays);
	for (uint32_t i = 0; i < group_count(&e->model); i++)
		if (group_at(&e->model, i)->used && arrays >> group_at(&e->model, i)->array & 1)
			changed |= refresh_group(e, i);
	return changed;
}
