#include "agent/view_sentence.h"

enum { CLAUSES_MAX = 4 };

bool sentence_clause(struct sentence *s)
{
	if (s->clauses >= CLAUSES_MAX)
		return false;
	line_add(&s->l, "%s", s->clauses++ ? "; " : s->l.len ? " " : "");
	return true;
}

static bool member_in(const struct model *m, uint32_t i, uint32_t group, uint32_t *ret_component)
{
	const struct member_row *w = member_at(m, i);

	if (!w->used || w->group != group || !component_at(m, w->component))
		return false;
	*ret_component = w->component;
	return true;
}

/* Lost only because everything it is reached through is: no news of its own. */
static bool lost_by_via(const struct model *m, uint32_t component)
{
	bool any = false;

	for (uint32_t i = 0; i < via_count(m); i++) {
		const struct via_row *w = via_at(m, i);
		const struct component_row *c =
			w->used && w->component == component ? component_at(m, w->via) : NULL;

		if (!c)
			continue;
		if (!state_lost(c->state))
			return false;
		any = true;
	}
	return any;
}

static bool state_undecided(enum state s)
{
	return s == STATE_UNREACHABLE || s == STATE_UNKNOWN;
}

static void component_clause(struct sentence *s, uint32_t component)
{
	const struct component_row *c = component_at(s->m, component);
	char name[128];

	if (!sentence_clause(s) || !c)
		return;
	view_component_name(s->m, component, name, sizeof(name));
	if (c->flags & COMPONENT_STUCK)
		line_add(&s->l, "%s hangs", name);
	else
		line_add(&s->l, "%s %s", name, state_phrase(c->state));
}

/* What of one group is lost, or (@undecided) cannot be judged; more than two as a count. */
static void group_clauses(struct sentence *s, uint32_t group, bool undecided)
{
	const struct group_row *g = group_at(s->m, group);
	uint32_t found[2] = {NONE32, NONE32}, c;
	unsigned n = 0;

	for (uint32_t i = 0; i < member_count(s->m); i++) {
		if (!member_in(s->m, i, group, &c))
			continue;
		if (undecided ? !state_undecided(component_at(s->m, c)->state)
			      : !state_lost(component_at(s->m, c)->state) || lost_by_via(s->m, c))
			continue;
		if (n < ARRAY_SIZE(found))
			found[n] = c;
		n++;
	}
	if (n > ARRAY_SIZE(found) && sentence_clause(s))
		line_add(&s->l, "%u of its %u %s %s", n, g->members, group_noun(g, g->members),
			undecided ? "do not answer" : "are lost");
	for (unsigned i = 0; n <= ARRAY_SIZE(found) && i < n; i++)
		component_clause(s, found[i]);
}

/* Canisters explain what is reached through them, so they come first; then what limits; then the rest. */
static unsigned group_rank(const struct sentence *s, uint32_t group)
{
	const struct group_row *g = group_at(s->m, group);

	if (g->kind == GROUP_CANISTERS)
		return 0;
	return group == s->limiting ? 1 : 2;
}

/* A path is in two groups, all paths and those to its unit: told once, of the group that limits. */
static bool told_elsewhere(const struct sentence *s, uint32_t group)
{
	const struct group_row *g = group_at(s->m, group), *limiting = group_at(s->m, s->limiting);
	bool unit_limits = limiting && group_is_unit(limiting);

	return group != s->limiting && g->kind == GROUP_PATHS && (unit_limits || group_is_unit(g));
}

void sentence_members(struct sentence *s, bool undecided)
{
	for (unsigned rank = 0; rank < 3; rank++)
		for (uint32_t i = 0; i < group_count(s->m); i++) {
			const struct group_row *g = group_at(s->m, i);

			if (g->used && !g->unseen && g->array == s->array &&
				group_rank(s, i) == rank && !told_elsewhere(s, i))
				group_clauses(s, i, undecided);
		}
}

/* The code that @component shares with a lost member of its group; NULL none. */
static const char *shared_code(const struct model *m, uint32_t group, uint32_t component)
{
	const char *code = component_at(m, component)->firmware;
	uint32_t c;

	for (uint32_t i = 0; code[0] && i < member_count(m); i++)
		if (member_in(m, i, group, &c) && state_lost(component_at(m, c)->state) &&
			!strcmp(component_at(m, c)->firmware, code))
			return code;
	return NULL;
}

static const char *trouble(const struct sentence *s, uint32_t component)
{
	const struct component_row *c = component_at(s->m, component);
	const struct finding_row *f = component_finding(s->m, component);

	if (s->a->verdict == VERDICT_IMPENDING_LOSS &&
		(c->state == STATE_DEGRADED || (f && f->severity >= SEV_WARNING)))
		return "is failing";
	return c->state == STATE_DEGRADED ? "is degraded" : NULL;
}

/* What is left: worth a clause when it shares the lost one's code, is in trouble, or is alone. */
static void survivor_clause(struct sentence *s, uint32_t group, uint32_t component, bool alone)
{
	const char *code = shared_code(s->m, group, component), *bad = trouble(s, component);
	char name[128];

	if ((!code && !bad && !alone) || !sentence_clause(s))
		return;
	view_component_name(s->m, component, name, sizeof(name));
	line_add(&s->l, "%s", name);
	if (code)
		line_add(&s->l, " runs the same code %s", code);
	if (bad)
		line_add(&s->l, "%s %s", code ? " and" : "", bad);
	if (!code && !bad)
		line_add(&s->l, " is the last one serving");
}

void sentence_survivors(struct sentence *s)
{
	uint32_t group = s->limiting, c;
	const struct group_row *g = group_at(s->m, group);

	if (!g || g->kind == GROUP_POOL)
		return;
	for (uint32_t i = 0; i < member_count(s->m); i++) {
		if (!member_in(s->m, i, group, &c))
			continue;
		if (component_at(s->m, c)->state == STATE_OK ||
			component_at(s->m, c)->state == STATE_DEGRADED)
			survivor_clause(s, group, c, g->serving == 1);
	}
}
