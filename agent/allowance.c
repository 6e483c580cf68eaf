/* What a maintenance allows to be missing, and what of an array it does not account for. */
#include "agent/engine_parts.h"
#include "agent/group_parts.h"

bool maintenance_running(const struct engine *e, const struct maintenance_row *w)
{
	return w->used && w->until_wall_ms > e->wall_ms;
}

/* What was said, else the maintained thing's own kind. */
static enum kind allowed_kind(const struct engine *e, const struct maintenance_row *w)
{
	const struct component_row *own = component_at(&e->model, w->component);

	if (w->allow_kind)
		return (enum kind)w->allow_kind;
	return own ? (enum kind)own->kind : KIND_NONE;
}

/* What nobody could look at yet uses up no allowance. */
static bool is_missing(const struct engine *e, uint32_t component)
{
	enum member_state s = member_of_state((enum state)component_at(&e->model, component)->state);

	return s == MEMBER_LOST || (s == MEMBER_UNDECIDED && !component_awaited(e, component));
}

/* What may be missing without anybody being woken: what was said, else one of the maintained thing's own kind. */
static bool within_allowance(const struct engine *e, const struct maintenance_row *w)
{
	enum kind kind = allowed_kind(e, w);
	unsigned allowed = w->allow_kind ? w->allow_count : 1, missing = 0;

	if (kind == KIND_NONE)
		return array_at(&e->model, w->array)->verdict < VERDICT_NOT_REDUNDANT;
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (!c->used || c->array != w->array || c->kind != kind)
			continue;
		/* what should have been back by now is not what was allowed */
		if (c->flags & COMPONENT_OVERDUE)
			return false;
		missing += is_missing(e, i);
	}
	return missing <= allowed;
}

static bool covers(const struct engine *e, const struct maintenance_row *w, uint32_t component)
{
	if (w->component == NONE32 || w->component == component)
		return true;
	for (uint32_t i = 0; i < via_count(&e->model); i++)
		if (via_at(&e->model, i)->used && via_at(&e->model, i)->component == component &&
			via_at(&e->model, i)->via == w->component)
			return true;
	return false;
}

bool maintenance_quiet(const struct engine *e, unsigned array, uint32_t component)
{
	for (uint32_t i = 0; i < maintenance_count(&e->model); i++) {
		const struct maintenance_row *w = maintenance_at(&e->model, i);

		if (maintenance_running(e, w) && w->array == array && covers(e, w, component) &&
			within_allowance(e, w))
			return true;
	}
	return false;
}

/* By itself: the maintained one, or one of the kind that was said besides. */
static bool may_be_missing(
	const struct engine *e, const struct maintenance_row *w, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);
	const struct component_row *own = component_at(&e->model, w->component);

	if (component == w->component)
		return true;
	return w->allow_kind && c->array == w->array && c->kind == w->allow_kind &&
	       (!own || own->kind != w->allow_kind);
}

/* Nobody says which canister a path leads through: it may be the one that is out. */
static bool canister_may_be_out(const struct engine *e, const struct maintenance_row *w)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (c->used && c->kind == KIND_CANISTER && may_be_missing(e, w, i) &&
			member_of_state((enum state)c->state) == MEMBER_LOST)
			return true;
	}
	return false;
}

static bool accounts_for(
	const struct engine *e, const struct maintenance_row *w, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);
	bool placed = !kind_is_path(c->kind);

	if (may_be_missing(e, w, component))
		return true;
	for (uint32_t i = 0; i < via_count(&e->model); i++) {
		const struct via_row *v = via_at(&e->model, i);

		if (!v->used || v->component != component)
			continue;
		if (may_be_missing(e, w, v->via))
			return true;
		placed |= component_at(&e->model, v->via)->kind == KIND_CANISTER;
	}
	return !placed && c->array == w->array && canister_may_be_out(e, w);
}

static bool accounted_for(const struct engine *e, uint32_t component)
{
	for (uint32_t i = 0; component != NONE32 && i < maintenance_count(&e->model); i++) {
		const struct maintenance_row *w = maintenance_at(&e->model, i);

		if (maintenance_running(e, w) && accounts_for(e, w, component) &&
			within_allowance(e, w))
			return true;
	}
	return false;
}

static bool losses_accounted_for(const struct engine *e, uint32_t group)
{
	uninitialized_ struct group_state s;

	group_measure(&e->model, group, e->now_ms, &s);
	for (unsigned i = 0; i < s.in.members; i++)
		if (member_effective(&s.in, i) == MEMBER_LOST && !accounted_for(e, s.component[i]))
			return false;
	return true;
}

static bool any_within_allowance(const struct engine *e, unsigned array)
{
	for (uint32_t i = 0; i < maintenance_count(&e->model); i++) {
		const struct maintenance_row *w = maintenance_at(&e->model, i);

		if (maintenance_running(e, w) && w->array == array && within_allowance(e, w))
			return true;
	}
	return false;
}

/* Who works at a power supply has not said that a canister may go. */
bool verdict_allowed(const struct engine *e, unsigned array)
{
	const struct array_row *a = array_at(&e->model, array);

	if (!a || a->verdict >= VERDICT_IMPENDING_LOSS || !any_within_allowance(e, array))
		return false;
	for (uint32_t i = 0; i < group_count(&e->model); i++) {
		const struct group_row *g = group_at(&e->model, i);

		if (g->used && g->array == array && !g->unseen && g->margin_max <= 0 &&
			g->expected > 0 && !losses_accounted_for(e, i))
			return false;
	}
	return true;
}
