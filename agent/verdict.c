#include "agent/verdict.h"

static bool carries_access(const struct verdict_group *g)
{
	return g->kind == GROUP_CANISTERS || g->kind == GROUP_PATHS;
}

static bool is_lost(const struct verdict_input *in, const struct verdict_group *g)
{
	return carries_access(g) && g->margin_max < 0 && (g->inband || !in->has_inband_source);
}

static bool is_impending(const struct verdict_input *in, const struct verdict_group *g)
{
	(void)in;
	return carries_access(g) && g->margin_max <= 0 && g->expected > 0 && g->new_cause;
}

static bool is_not_redundant(const struct verdict_input *in, const struct verdict_group *g)
{
	(void)in;
	return g->margin_max <= 0 && g->expected > 0;
}

static bool is_degraded(const struct verdict_input *in, const struct verdict_group *g)
{
	(void)in;
	return g->member_lost && g->margin_max >= 1;
}

static bool is_at_risk(const struct verdict_input *in, const struct verdict_group *g)
{
	(void)in;
	return g->flapping || g->rate || (g->undecided && g->margin < g->expected);
}

static bool any_group(const struct verdict_input *in,
	bool (*holds)(const struct verdict_input *, const struct verdict_group *))
{
	for (unsigned i = 0; i < in->ngroups; i++)
		if (!in->group[i].unseen && holds(in, &in->group[i]))
			return true;
	return false;
}

/* "Both failed" from management alone while the host still reads: nothing to spare, not lost. */
static bool is_overruled(const struct verdict_input *in, const struct verdict_group *g)
{
	if (!carries_access(g) || g->inband || !in->has_inband_source)
		return false;
	if (in->inband_serving || g->inband_serving)
		return true;
	for (unsigned i = 0; i < in->ngroups; i++) {
		const struct verdict_group *o = &in->group[i];

		if (o != g && carries_access(o) && !o->unseen && o->inband && o->margin_max >= 0)
			return true;
	}
	return false;
}

static int margin_shown(const struct verdict_input *in, const struct verdict_group *g, int margin)
{
	return margin < 0 && is_overruled(in, g) ? 0 : margin;
}

/* The least margin; of equals the group with more to lose, then the one that did lose something. */
static bool limits_more(const struct verdict_input *in, const struct verdict_group *g, int margin,
	const struct verdict_output *o)
{
	if (!o->margin_known || margin != o->margin)
		return !o->margin_known || margin < o->margin;
	if (g->expected != o->expected)
		return g->expected > o->expected;
	return g->member_lost && !in->group[o->limiting].member_lost;
}

static void find_limiting(const struct verdict_input *in, struct verdict_output *ret)
{
	for (unsigned i = 0; i < in->ngroups; i++) {
		const struct verdict_group *g = &in->group[i];
		int margin = margin_shown(in, g, g->margin);

		if (g->unseen || !limits_more(in, g, margin, ret))
			continue;
		ret->margin_known = true;
		ret->margin = margin;
		ret->margin_max = margin_shown(in, g, g->margin_max);
		ret->expected = g->expected;
		ret->limiting = (int)i;
	}
}

static enum visibility visibility_of(const struct verdict_input *in)
{
	unsigned unseen = 0;

	for (unsigned i = 0; i < in->ngroups; i++)
		unseen += in->group[i].unseen;
	if ((in->planes_total && !in->planes_fresh) || (in->ngroups && unseen == in->ngroups))
		return VISIBILITY_BLIND;
	if (unseen || in->planes_fresh < in->planes_total)
		return VISIBILITY_PARTIAL;
	return in->planes_total || in->ngroups ? VISIBILITY_FULL : VISIBILITY_NONE;
}

static enum verdict first_that_holds(const struct verdict_input *in, const struct verdict_output *o)
{
	if (any_group(in, is_lost))
		return VERDICT_ACCESS_LOST;
	if (any_group(in, is_impending))
		return VERDICT_IMPENDING_LOSS;
	if (any_group(in, is_not_redundant))
		return VERDICT_NOT_REDUNDANT;
	if (in->ngroups && !o->margin_known)
		return VERDICT_BLIND;
	if (any_group(in, is_degraded))
		return VERDICT_DEGRADED;
	if (in->rate_rule || any_group(in, is_at_risk) ||
		(in->forecast && o->margin_known && in->forecast_margin < o->margin))
		return VERDICT_AT_RISK;
	return o->margin_known && o->expected > 0 ? VERDICT_REDUNDANT : VERDICT_SINGLE;
}

/*
 * Nothing of what carries the access is seen, neither canisters nor paths, and this host reads nothing
 * through them: what the power supplies or a pool's own word leave to spare is no margin of the array.
 */
static bool access_unseen(const struct verdict_input *in)
{
	bool any = false;

	for (unsigned i = 0; i < in->ngroups; i++) {
		const struct verdict_group *g = &in->group[i];

		if (g->inband_serving || (carries_access(g) && !g->unseen))
			return false;
		any |= carries_access(g);
	}
	return any && !in->inband_serving;
}

void verdict_derive(const struct verdict_input *in, struct verdict_output *ret)
{
	*ret = (struct verdict_output){.limiting = -1};
	find_limiting(in, ret);
	if (access_unseen(in) && (!ret->margin_known || ret->margin > 0))
		*ret = (struct verdict_output){.limiting = -1};
	if (!ret->margin_known)
		for (unsigned i = 0; i < in->ngroups; i++)
			if (!i || in->group[i].expected < ret->expected)
				ret->expected = in->group[i].expected;
	ret->visibility = visibility_of(in);
	ret->verdict = first_that_holds(in, ret);
}
