/* One group as the model knows it: who serves, who is lost or taken along, and how old that is. */
#include "agent/group_parts.h"

struct collect {
	const struct model *m;
	struct group_state *g;
	uint64_t now_ms;
	uint32_t via[MARGIN_VIAS];
};

bool seen_fresh(const struct seen_row *s, uint64_t now_ms)
{
	return s->read_ms &&
	       (!s->interval_ms || now_ms < s->read_ms + 3 * (uint64_t)s->interval_ms);
}

/* The member's component; NULL for a row of another group, an empty place or one that was replaced. */
static const struct component_row *member_of(
	const struct model *m, const struct member_row *r, uint32_t group)
{
	const struct component_row *c =
		r->used && r->group == group && !r->replaced ? component_at(m, r->component) : NULL;

	return c && c->used ? c : NULL;
}

static bool any_adopted(const struct model *m, uint32_t group)
{
	for (uint32_t i = 0; i < member_count(m); i++) {
		const struct member_row *r = member_at(m, i);
		const struct component_row *c = member_of(m, r, group);

		if (c && (c->flags & COMPONENT_ADOPTED))
			return true;
	}
	return false;
}

/* What was never adopted and is gone again was a visitor. */
static bool is_visitor(const struct component_row *c, bool adopted)
{
	return adopted && !(c->flags & COMPONENT_ADOPTED) && c->state == STATE_ABSENT;
}

unsigned group_member_count(const struct model *m, uint32_t group)
{
	bool adopted = any_adopted(m, group);
	unsigned n = 0;

	for (uint32_t i = 0; i < member_count(m); i++) {
		const struct member_row *r = member_at(m, i);
		const struct component_row *c = member_of(m, r, group);

		n += (c && !is_visitor(c, adopted)) ||
		     (r->used && r->group == group && r->component == NONE32);
	}
	return n;
}

/* Who finds the devices of this host cannot miss a canister, nor who finds drives a path. */
static bool could_list(const struct source_row *s, const struct group_row *g)
{
	enum kind devices = source_device_kind((enum source_type)s->type);

	return !devices || g->kind == GROUP_CUSTOM ||
	       g->kind == (devices == KIND_PATH ? GROUP_PATHS : GROUP_POOL);
}

static bool sources_complete(const struct model *m, const struct group_row *g)
{
	for (uint32_t i = 0; i < source_count(m); i++)
		if (source_at(m, i)->array == g->array && could_list(source_at(m, i), g) &&
			!source_complete(source_at(m, i)))
			return false;
	return true;
}

static void add_via(struct collect *k, unsigned member, uint32_t via)
{
	struct margin_input *in = &k->g->in;
	const struct component_row *c = component_at(k->m, via);
	unsigned i;

	if (!c || !c->used)
		return;
	for (i = 0; i < in->nvias && k->via[i] != via; i++)
		;
	if (i == MARGIN_VIAS)
		return;
	if (i == in->nvias) {
		k->via[in->nvias++] = via;
		in->via_state[i] = (uint8_t)member_of_state(c->state);
	}
	in->member[member].vias |= 1u << i;
}

static void collect_members(struct collect *k, uint32_t group, uint32_t *adopted)
{
	const struct model *m = k->m;
	struct group_state *g = k->g;
	bool filter = any_adopted(m, group);

	for (uint32_t i = 0; i < member_count(m) && g->in.members < MARGIN_MEMBERS; i++) {
		const struct member_row *r = member_at(m, i);
		const struct component_row *c = member_of(m, r, group);
		unsigned n = g->in.members;

		if (!c || is_visitor(c, filter))
			continue;
		g->component[n] = r->component;
		g->in.member[n] = (struct margin_member){.state = (uint8_t)member_of_state(c->state)};
		adopted[n / 32] |= (uint32_t)(!filter || (c->flags & COMPONENT_ADOPTED)) << n % 32;
		g->in.members++;
		for (uint32_t v = 0; v < via_count(m); v++)
			if (via_at(m, v)->used && via_at(m, v)->component == r->component)
				add_via(k, n, via_at(m, v)->via);
	}
}

static void add_missing(struct collect *k, const struct group_row *row, uint32_t *adopted)
{
	struct margin_input *in = &k->g->in;
	uint8_t state = sources_complete(k->m, row) ? MEMBER_LOST : MEMBER_UNDECIDED;

	while (in->members < row->members && in->members < MARGIN_MEMBERS) {
		unsigned n = in->members++;

		k->g->component[n] = NONE32;
		in->member[n] = (struct margin_member){.state = state};
		adopted[n / 32] |= 1u << n % 32;
	}
}

/* What was last said of it in-band and is fresh: serving, lost or undecided; false when nothing is. */
static bool said_inband(
	const struct model *m, uint32_t component, uint64_t now_ms, enum member_state *ret)
{
	bool any = component_at(m, component)->flags & COMPONENT_REMOVED;

	*ret = any ? MEMBER_LOST : MEMBER_SERVING;
	for (uint32_t i = model_first_seen(m, component); i != NONE32; i = model_next_seen(m, i)) {
		const struct seen_row *s = seen_at(m, i);

		if (s->plane != PLANE_INBAND || !seen_fresh(s, now_ms))
			continue;
		any = true;
		*ret = MAX_OF(*ret, member_of_state((enum state)s->state));
	}
	return any;
}

/* Only the management says so of it: then whoever is read through it knows better. */
static bool lost_by_opinion(const struct collect *k, unsigned via)
{
	enum member_state said;

	return k->g->in.via_state[via] == MEMBER_LOST &&
	       !(said_inband(k->m, k->via[via], k->now_ms, &said) && said == MEMBER_LOST);
}

static bool serves_inband(const struct collect *k, unsigned member)
{
	enum member_state said;

	return said_inband(k->m, k->g->component[member], k->now_ms, &said) &&
	       said == MEMBER_SERVING;
}

/*
 * A member that was read well after its via is said to be lost, or while the via says nothing,
 * shows that the via carries it: the nearer look outranks the opinion.
 */
static bool shows_via(const struct collect *k, unsigned member, unsigned via)
{
	const struct margin_input *in = &k->g->in;
	uint32_t others = in->member[member].vias & ~(1u << via);

	if (!(in->member[member].vias >> via & 1) || in->member[member].state != MEMBER_SERVING)
		return false;
	for (unsigned i = 0; i < in->nvias; i++)
		if ((others >> i & 1) && in->via_state[i] != MEMBER_LOST)
			return false;
	return in->via_state[via] == MEMBER_UNDECIDED ||
	       (lost_by_opinion(k, via) && serves_inband(k, member)) ||
	       model_read_ms(k->m, k->g->component[member]) >
		       component_at(k->m, k->via[via])->state_ms;
}

static void believe_members(struct collect *k)
{
	struct margin_input *in = &k->g->in;

	for (unsigned v = 0; v < in->nvias; v++)
		for (unsigned i = 0; i < in->members && in->via_state[v] != MEMBER_SERVING; i++)
			if (shows_via(k, i, v))
				in->via_state[v] = MEMBER_SERVING;
}

enum member_state member_effective(const struct margin_input *in, unsigned i)
{
	const struct margin_member *m = &in->member[i];
	enum member_state best = m->vias ? MEMBER_LOST : MEMBER_SERVING;

	for (unsigned v = 0; v < in->nvias; v++)
		if ((m->vias >> v & 1) && in->via_state[v] < best)
			best = (enum member_state)in->via_state[v];
	return MAX_OF(best, (enum member_state)m->state);
}

/* A loss that was seen in-band: of the member itself or of a via that took it along. */
static bool lost_inband(const struct collect *k, unsigned i)
{
	enum member_state said;

	if (k->g->component[i] == NONE32)
		return false;
	if (said_inband(k->m, k->g->component[i], k->now_ms, &said) && said == MEMBER_LOST)
		return true;
	for (unsigned v = 0; v < k->g->in.nvias; v++)
		if ((k->g->in.member[i].vias >> v & 1) && k->g->in.via_state[v] == MEMBER_LOST &&
			said_inband(k->m, k->via[v], k->now_ms, &said) && said == MEMBER_LOST)
			return true;
	return false;
}

/* Lost: every loss must have been seen in-band. Otherwise one in-band look is enough. */
static void group_inband(const struct collect *k, struct group_state *g)
{
	const struct margin_input *in = &k->g->in;
	enum member_state said;
	bool hearsay = false;

	for (unsigned i = 0; i < in->members; i++) {
		if (k->g->component[i] != NONE32 &&
			said_inband(k->m, k->g->component[i], k->now_ms, &said)) {
			g->inband = true;
			g->inband_serving |= said == MEMBER_SERVING;
		}
		if (member_effective(in, i) != MEMBER_LOST)
			continue;
		if (lost_inband(k, i))
			g->inband = true;
		else
			hearsay = true;
	}
	if (hearsay && g->margin_max < 0)
		g->inband = false;
}

static int expected_of(const struct margin_input *in, const uint32_t *adopted)
{
	uninitialized_ struct margin_input well;
	int margin, margin_max;

	memset(&well, 0, offsetof(struct margin_input, member));
	well.need = in->need;
	well.nvias = in->nvias;
	for (unsigned i = 0; i < in->members; i++)
		if (adopted[i / 32] >> i % 32 & 1)
			well.member[well.members++] =
				(struct margin_member){.vias = in->member[i].vias};
	group_margin(&well, &margin, &margin_max);
	return margin;
}

void group_measure(const struct model *m, uint32_t group, uint64_t now_ms, struct group_state *ret)
{
	const struct group_row *row = group_at(m, group);
	struct collect k = {.m = m, .g = ret, .now_ms = now_ms};
	uint32_t adopted[MARGIN_MEMBERS / 32] = {};
	bool decided = false;

	/* called at every turn: twelve kilobytes are not cleared for a handful of members */
	memset(ret, 0, offsetof(struct group_state, component));
	memset(&ret->in, 0, offsetof(struct margin_input, member));
	ret->in.need = MAX_OF(row->need, 1u);
	collect_members(&k, group, adopted);
	for (unsigned i = 0; i < ret->in.members; i++)
		decided |= ret->in.member[i].state != MEMBER_UNDECIDED;
	ret->unseen = !decided && !told_empty(m, group, &ret->in);
	add_missing(&k, row, adopted);
	believe_members(&k);
	for (unsigned i = 0; i < ret->in.members; i++) {
		enum member_state s = member_effective(&ret->in, i);

		ret->serving += s == MEMBER_SERVING;
		ret->undecided += s == MEMBER_UNDECIDED;
		ret->lost += s == MEMBER_LOST;
	}
	group_margin(&ret->in, &ret->margin, &ret->margin_max);
	ret->expected = MAX_OF(expected_of(&ret->in, adopted), 0);
	group_inband(&k, ret);
}

bool drive_spared(const struct model *m, uint32_t component)
{
	bool known = false;

	for (uint32_t i = 0; i < member_count(m); i++) {
		const struct member_row *r = member_at(m, i);
		uninitialized_ struct group_state g;

		if (!r->used || r->component != component || !group_at(m, r->group) ||
			!group_at(m, r->group)->used)
			continue;
		group_measure(m, r->group, 0, &g);
		for (unsigned k = 0; k < g.in.members; k++)
			if (g.component[k] == component)
				g.in.member[k].state = MEMBER_LOST;
		group_margin(&g.in, &g.margin, &g.margin_max);
		if (g.margin < 1)
			return false;
		known = true;
	}
	return known;
}
