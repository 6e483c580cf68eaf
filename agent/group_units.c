/*
 * The paths to one unit of an array, where it has several: a unit that lost all its paths is lost, however
 * many lead to the others. The group "paths" stays what it is: all of the array's.
 */
#include "agent/engine.h"
#include "agent/group_parts.h"

#include <stdlib.h>

enum {
	UNIT_GROUPS =
		256 /* of one array; a unit beyond them counts as one of the array's paths only */
};
enum { UNIT_SHOWN = 20, PADDING = 8 };

/* An NVMe controller leads to many: each namespace by it is a component, whose serial is the namespace's. */
static const char *unit_of(const struct component_row *c)
{
	return c->kind == KIND_NAMESPACE ? c->serial : c->unit;
}

/*
 * What was never adopted may be a visitor: nothing is expected of it yet. Which namespaces there are by the
 * other controllers is known when each was looked at: until then the first one's are not all of them.
 */
static bool counts(const struct model *m, const struct component_row *c)
{
	const struct source_row *s = source_at(m, c->source);

	return c->used && kind_is_path(c->kind) && unit_of(c)[0] && c->flags & COMPONENT_ADOPTED &&
	       c->array < CFG_ARRAYS && (c->kind == KIND_PATH || (s && s->answered));
}

/* The end tells units of one array apart, and fits a group's name; some targets fill it up with zeros. */
static void unit_group_name(const struct component_row *c, char *buf, size_t size)
{
	const char *unit = unit_of(c);
	size_t len = strlen(unit), kept = len;

	while (kept && unit[kept - 1] == '0')
		kept--;
	if (len - kept < PADDING)
		kept = len;
	if (kept <= UNIT_SHOWN + 2)
		format_text(buf, size, GROUP_UNIT_PREFIX "%.*s", (int)kept, unit);
	else
		format_text(buf, size, GROUP_UNIT_PREFIX "..%.*s", UNIT_SHOWN,
			unit + kept - UNIT_SHOWN);
}

/* Bit per array whose paths lead to more than one unit. */
static uint64_t with_several(const struct model *m)
{
	const char *first[CFG_ARRAYS] = {};
	uint64_t several = 0;

	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (!counts(m, c))
			continue;
		if (!first[c->array])
			first[c->array] = unit_of(c);
		else if (!text_equal(first[c->array], unit_of(c)))
			several |= UINT64_C(1) << c->array;
	}
	return several;
}

static bool belongs(const struct model *m, const struct component_row *c, const struct group_row *g,
	uint64_t several)
{
	char name[32];

	if (!c || !counts(m, c) || c->array != g->array || !(several >> g->array & 1))
		return false;
	unit_group_name(c, name, sizeof(name));
	return text_equal(name, g->name);
}

/* Whoever leads elsewhere now leaves; who stays is noted in @joined. */
static bool leave(struct engine *e, uint64_t arrays, uint64_t several, uint8_t *joined)
{
	bool changed = false;

	for (uint32_t i = 0; i < member_count(&e->model); i++) {
		struct member_row r = *member_at(&e->model, i);
		const struct group_row *g = r.used ? group_at(&e->model, r.group) : NULL;

		if (!g || !g->used || !group_is_unit(g) || !(arrays >> g->array & 1))
			continue;
		if (belongs(&e->model, component_at(&e->model, r.component), g, several)) {
			joined[r.component] = 1;
			continue;
		}
		r.used = 0;
		emit(e, REC_GROUP, TABLE_MEMBER, i, &r, SEV_NONE, NULL);
		changed = true;
	}
	return changed;
}

static unsigned unit_groups(const struct model *m, unsigned array)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < group_count(m); i++)
		n += group_at(m, i)->used && group_at(m, i)->array == array &&
		     group_is_unit(group_at(m, i));
	return n;
}

static bool join(struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);
	unsigned array = c->array;
	char name[32];
	uint32_t g;

	unit_group_name(c, name, sizeof(name));
	g = group_find(&e->model, array, name);
	if (g == NONE32 && unit_groups(&e->model, array) >= UNIT_GROUPS)
		return false;
	if (g == NONE32)
		g = group_new(e, array, GROUP_PATHS, name, 1);
	group_add_member(e, g, component);
	return true;
}

bool units_update(struct engine *e, uint64_t arrays)
{
	uint32_t components = component_count(&e->model);
	uint64_t several = with_several(&e->model);
	uint8_t *joined = calloc(components + 1u, 1);
	bool changed;

	if (!joined)
		return false;
	changed = leave(e, arrays, several, joined);
	for (uint32_t i = 0; several & arrays && i < components; i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (counts(&e->model, c) && (several & arrays) >> c->array & 1 && !joined[i])
			changed |= join(e, i);
	}
	free(joined);
	return changed;
}

/* 2 lost, 1 nothing to spare where there was, 0 neither or not seen */
static unsigned trouble_of(const struct group_row *g)
{
	if (g->unseen)
		return 0;
	return g->margin_max < 0 ? 2 : g->margin_max == 0 && g->expected > 0;
}

const struct group_row *group_unit_alone(const struct model *m, unsigned array)
{
	const struct group_row *unit = NULL;
	unsigned worst = 0, others = 0;

	for (uint32_t i = 0; i < group_count(m); i++) {
		const struct group_row *g = group_at(m, i);
		unsigned trouble = g->used && g->array == array ? trouble_of(g) : 0;

		if (g->kind != GROUP_CANISTERS && g->kind != GROUP_PATHS)
			continue;
		if (!group_is_unit(g)) {
			others = MAX_OF(others, trouble);
		} else if (trouble > worst) {
			worst = trouble;
			unit = g;
		}
	}
	return worst > others ? unit : NULL;
}
