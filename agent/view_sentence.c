#include "agent/view_sentence.h"

static void no_margin_bold(struct sentence *s)
{
	const struct group_row *g = group_at(s->m, s->limiting);
	const char *most = s->a->margin_max > s->a->margin ? "at most " : "";

	if (g && s->a->margin_max < 0)
		line_add(&s->l, "fewer %s serve than %s needs:", group_noun(g, 2),
			g->kind == GROUP_POOL ? g->name : "it");
	else if (g && g->kind == GROUP_POOL)
		line_add(&s->l, "%sone drive from losing %s:", most, g->name);
	else if (g && g->kind == GROUP_CUSTOM)
		line_add(&s->l, "%sone failure from losing %s:", most, g->name);
	else if (g && g->kind == GROUP_PSUS)
		line_add(&s->l, "%sone power supply from an outage:", most);
	else
		line_add(&s->l, "%sone failure from an outage:", most);
}

static void no_margin_rest(struct sentence *s)
{
	sentence_members(s, false);
	sentence_members(s, true);
	sentence_survivors(s);
}

static void lost_bold(struct sentence *s)
{
	const struct group_row *g = group_at(s->m, s->limiting);

	line_add(&s->l, g && group_is_unit(g) ? "has lost a unit:" : "lost:");
}

static void lost_rest(struct sentence *s)
{
	const struct group_row *g = group_at(s->m, s->limiting);

	if (g && sentence_clause(s)) {
		if (g->need > 1)
			line_add(&s->l, "fewer than %u of its %u %s serve", g->need, g->members,
				group_noun(g, g->members));
		else if (g->members > 1)
			line_add(&s->l, "none of its %u %s%s%s serves", g->members,
				group_noun(g, g->members), group_is_unit(g) ? " to " : "",
				group_unit_text(g));
		else
			line_add(&s->l, "its only %s does not serve", group_noun(g, 1));
	}
	sentence_members(s, false);
}

static void degraded_bold(struct sentence *s)
{
	char word[12];
	unsigned left = s->a->margin_known && s->a->margin > 0 ? (unsigned)s->a->margin : 0;

	if (left)
		line_add(&s->l,
			"can take %s more failure%s:", number_word(left, word, sizeof(word)),
			left == 1 ? "" : "s");
	else
		line_add(&s->l, "goes on with less than it had:");
}

static void members_rest(struct sentence *s)
{
	sentence_members(s, false);
	sentence_members(s, true);
}

static void blind_bold(struct sentence *s)
{
	line_add(&s->l, "cannot be seen:");
}

static void blind_rest(struct sentence *s)
{
	int64_t read = array_read_wall(s->v, s->array);
	char when[48];

	if (sentence_clause(s)) {
		if (read > 0)
			line_add(&s->l, "nothing has answered since %s",
				day_text(s->v, read, when, sizeof(when)));
		else
			line_add(&s->l, "nothing has answered yet");
	}
	if (sentence_clause(s))
		line_add(&s->l, "its state is unknown, not ok");
}

static void none_bold(struct sentence *s)
{
	line_add(&s->l, "not judged yet:");
}

static void none_rest(struct sentence *s)
{
	if (sentence_clause(s))
		line_add(&s->l, "waiting for the first answers");
}

static bool any_undecided(const struct sentence *s)
{
	for (uint32_t i = 0; i < group_count(s->m); i++)
		if (group_at(s->m, i)->used && group_at(s->m, i)->array == s->array &&
			group_at(s->m, i)->undecided && !group_at(s->m, i)->unseen)
			return true;
	return false;
}

static void at_risk_bold(struct sentence *s)
{
	line_add(&s->l, any_undecided(s) ? "nothing known to be lost:" : "nothing lost:");
}

static void forecast_clause(struct sentence *s)
{
	char when[48];

	if (!s->a->forecast || !sentence_clause(s))
		return;
	line_add(&s->l, "%s",
		s->a->forecast_cause[0] ? s->a->forecast_cause : "several could fail together");
	if (s->a->forecast_wall_ms > 0)
		line_add(&s->l, " from %s",
			day_text(s->v, s->a->forecast_wall_ms, when, sizeof(when)));
	line_add(&s->l, s->a->forecast_margin < 0    ? ", which would take it down"
			: s->a->forecast_margin == 0 ? ", which would leave no margin"
						     : ", which would cost margin");
}

/* "Drive …" goes on as "drive …"; a name such as "I/O" or "B" keeps its capital. */
static void lower_first(char *t)
{
	if (t[0] >= 'A' && t[0] <= 'Z' && t[1] >= 'a' && t[1] <= 'z')
		t[0] = (char)(t[0] - 'A' + 'a');
}

/* What holds, worst first; @loud leaves out what somebody has acknowledged. */
static void finding_clauses(struct sentence *s, bool loud)
{
	unsigned told = 0;

	for (int sev = SEV_CRITICAL; sev >= SEV_WARNING; sev--)
		for (uint32_t i = 0; i < finding_count(s->m); i++) {
			const struct finding_row *f = finding_at(s->m, i);
			char title[160];

			if (!f->used || !f->active || f->array != s->array || f->severity != sev ||
				f->folded != NONE16 || (loud && !finding_loud(f)) || told >= 2 ||
				!sentence_clause(s))
				continue;
			view_finding_title(s->v, f, title, sizeof(title));
			lower_first(title);
			line_add(&s->l, "%s", title);
			told++;
		}
}

static void at_risk_rest(struct sentence *s)
{
	sentence_members(s, true);
	forecast_clause(s);
	if (s->clauses < 2)
		finding_clauses(s, false);
}

static void redundant_bold(struct sentence *s)
{
	(void)s;
}

/* The least margin over the array's groups of one kind; 0 none. */
static unsigned kind_margin(const struct sentence *s, enum group_kind kind)
{
	unsigned least = 0;

	for (uint32_t i = 0; i < group_count(s->m); i++) {
		const struct group_row *g = group_at(s->m, i);

		if (g->used && g->array == s->array && g->kind == kind && !g->unseen &&
			g->margin > 0 && (!least || (unsigned)g->margin < least))
			least = (unsigned)g->margin;
	}
	return least;
}

static void redundant_rest(struct sentence *s)
{
	static const enum group_kind told[] = {
		GROUP_CANISTERS, GROUP_PATHS, GROUP_POOL, GROUP_PSUS};
	unsigned margins[ARRAY_SIZE(told)], n = 0, i = 0;
	char word[12];

	for (unsigned k = 0; k < ARRAY_SIZE(told); k++)
		n += (margins[k] = kind_margin(s, told[k])) > 0;
	if (!sentence_clause(s))
		return;
	if (!n) {
		line_add(&s->l, "redundant, as it should be");
		return;
	}
	line_add(&s->l, "can lose ");
	for (unsigned k = 0; k < ARRAY_SIZE(told); k++) {
		const struct group_row g = {.kind = (uint8_t)told[k]};

		if (!margins[k])
			continue;
		line_join(&s->l, i++, n, "or");
		line_add(&s->l, "%s %s",
			margins[k] == 1 ? "a" : number_word(margins[k], word, sizeof(word)),
			group_noun(&g, margins[k]));
	}
	line_add(&s->l, " and go on");
	finding_clauses(s, true);
}

/* The facts are better than the verdict, which waits until that has lasted: say what is, not what was. */
static bool verdict_waits(const struct sentence *s)
{
	static const struct {
		bool waits, whole;
		int16_t margin;
	} least[VERDICT_COUNT] = {[VERDICT_ACCESS_LOST] = {true, false, 0},
		[VERDICT_IMPENDING_LOSS] = {true, false, 1},
		[VERDICT_NOT_REDUNDANT] = {true, false, 1},
		[VERDICT_DEGRADED] = {true, true, 0}};
	unsigned v = s->a->verdict;

	return least[v].waits && s->a->better_ms && s->a->margin_known &&
	       s->a->margin >= (least[v].whole ? s->a->expected : least[v].margin);
}

static void waiting_bold(struct sentence *s)
{
	char word[12];
	unsigned left = s->a->margin > 0 ? (unsigned)s->a->margin : 0;

	if (left)
		line_add(&s->l,
			"can take %s failure%s again:", number_word(left, word, sizeof(word)),
			left == 1 ? "" : "s");
	else
		line_add(&s->l, "is back, with nothing to spare:");
}

static void waiting_rest(struct sentence *s)
{
	char phrase[48], span[32];

	sentence_members(s, false);
	sentence_members(s, true);
	if (!sentence_clause(s))
		return;
	copy_text(phrase, sizeof(phrase), verdict_phrase(s->a->verdict));
	lower_first(phrase);
	line_add(&s->l, "still called %s, until this has lasted", phrase);
	if (s->a->clear_ms)
		line_add(&s->l, " %s", span_text(s->a->clear_ms, span, sizeof(span)));
}

static const struct says {
	void (*bold)(struct sentence *s);
	void (*rest)(struct sentence *s);
} says[VERDICT_COUNT] =
	{
		[VERDICT_NONE] = {none_bold, none_rest},
		[VERDICT_REDUNDANT] = {redundant_bold, redundant_rest},
		[VERDICT_SINGLE] = {sentence_single_bold, sentence_single_rest},
		[VERDICT_AT_RISK] = {at_risk_bold, at_risk_rest},
		[VERDICT_DEGRADED] = {degraded_bold, members_rest},
		[VERDICT_BLIND] = {blind_bold, blind_rest},
		[VERDICT_NOT_REDUNDANT] = {no_margin_bold, no_margin_rest},
		[VERDICT_IMPENDING_LOSS] = {no_margin_bold, no_margin_rest},
		[VERDICT_ACCESS_LOST] = {lost_bold, lost_rest},
},
  waiting = {waiting_bold, waiting_rest};

/* A margin is over what is seen: name what is not. */
static void unseen_rest(struct sentence *s)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < group_count(s->m); i++) {
		const struct group_row *g = group_at(s->m, i);

		if (!g->used || g->array != s->array || !g->unseen || group_is_unit(g))
			continue;
		if (!n++)
			line_add(&s->l, "; not seen at present: ");
		else
			line_add(&s->l, ", ");
		if (g->kind == GROUP_POOL || g->kind == GROUP_CUSTOM)
			line_add(&s->l, "%s", g->name);
		else
			line_add(&s->l, "its %s", group_noun(g, g->members));
	}
}

/* Canisters explain their paths: where both have as little left, the sentence is about the canisters. */
static uint32_t limiting_group(const struct model *m, unsigned array)
{
	uint32_t limiting = array_at(m, array)->limiting_group;
	const struct group_row *g = group_at(m, limiting);

	for (uint32_t i = 0; g && i < group_count(m); i++) {
		const struct group_row *o = group_at(m, i);

		if (o->used && o->array == array && o->kind == GROUP_CANISTERS && !o->unseen &&
			o->margin <= g->margin && o->margin_max <= g->margin_max)
			return i;
	}
	return limiting;
}

void view_sentence(const struct view *v, unsigned array, char *buf, size_t size, size_t *ret_bold)
{
	struct sentence s = {.v = v,
		.m = v->model,
		.a = array_at(v->model, array),
		.array = array,
		.l = line_on(buf, size)};
	const struct says *say;
	size_t bold = 0;

	if (s.a && s.a->used && s.a->verdict < VERDICT_COUNT) {
		s.limiting = limiting_group(v->model, array);
		say = verdict_waits(&s) ? &waiting : &says[s.a->verdict];
		say->bold(&s);
		bold = s.l.len;
		say->rest(&s);
		if (bold && !s.clauses)
			s.l.buf[--s.l.len] = '\0', bold = s.l.len;
		if (s.a->verdict != VERDICT_BLIND)
			unseen_rest(&s);
		line_add(&s.l, ".");
	}
	if (ret_bold)
		*ret_bold = bold;
}
