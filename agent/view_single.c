#include "agent/view_sentence.h"

static bool has_groups(const struct sentence *s)
{
	for (uint32_t i = 0; i < group_count(s->m); i++)
		if (group_at(s->m, i)->used && group_at(s->m, i)->array == s->array)
			return true;
	return false;
}

void sentence_single_bold(struct sentence *s)
{
	line_add(&s->l, has_groups(s) ? "no failure to spare, and there never was:"
				      : "what it can lose is not known:");
}

static void single_groups(struct sentence *s)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < group_count(s->m); i++) {
		const struct group_row *g = group_at(s->m, i);

		if (!g->used || g->array != s->array || g->unseen || g->expected > 0)
			continue;
		if (!n++ && !sentence_clause(s))
			return;
		line_add(
			&s->l, "%s%u %s", n > 1 ? ", " : "", g->members, group_noun(g, g->members));
		if (g->need > 1 || g->members > g->need)
			line_add(&s->l, " of which it needs %u", g->need);
	}
}

static const char *health_phrase(enum health h)
{
	static const char *const words[HEALTH_COUNT] = {[HEALTH_UNKNOWN] = "could not be read",
		[HEALTH_OK] = "is ok",
		[HEALTH_WARNING] = "needs attention",
		[HEALTH_CRITICAL] = "is critical",
		[HEALTH_FAILED] = "has failed",
		[HEALTH_ABSENT] = "is gone"};

	return word_in(words, ARRAY_SIZE(words), (size_t)h);
}

/* Without a group the components are all there is to say. */
static void single_components(struct sentence *s)
{
	static const enum health order[] = {
		HEALTH_FAILED, HEALTH_ABSENT, HEALTH_CRITICAL, HEALTH_WARNING, HEALTH_UNKNOWN};
	unsigned told = 0, bad = 0, all = 0;
	char name[128];

	for (unsigned h = 0; h < ARRAY_SIZE(order); h++)
		for (uint32_t i = 0; i < component_count(s->m); i++) {
			const struct component_row *c = component_at(s->m, i);

			if (!c->used || c->array != s->array || c->health != order[h])
				continue;
			bad++;
			if (told >= 2 || !sentence_clause(s))
				continue;
			told++;
			view_component_name(s->m, i, name, sizeof(name));
			line_add(&s->l, "%s %s", name, health_phrase(c->health));
		}
	for (uint32_t i = 0; i < component_count(s->m); i++)
		all += component_at(s->m, i)->used && component_at(s->m, i)->array == s->array;
	if (!sentence_clause(s))
		return;
	if (!all)
		line_add(&s->l, "nothing of it has been found yet");
	else if (!bad)
		line_add(&s->l, "no group of its %s is known; %s ok",
			all == 1 ? "one component" : "components", all == 1 ? "it is" : "all are");
	else if (bad > told)
		line_add(&s->l, "%u more not ok, %u ok", bad - told, all - bad);
	else
		line_add(&s->l, "%u other%s ok", all - bad, all - bad == 1 ? "" : "s");
}

void sentence_single_rest(struct sentence *s)
{
	if (has_groups(s)) {
		single_groups(s);
		sentence_members(s, false);
		sentence_members(s, true);
	} else {
		single_components(s);
	}
}
