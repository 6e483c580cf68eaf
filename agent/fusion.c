/*
 * One component, several sources: whose word counts. What is known outranks what is not, what is worse
 * outranks what is better, and between equals whoever spoke first stays, so that a second witness of one
 * loss is no news. Hearsay raises and is never the reason that something counts as lost.
 */
#include "agent/engine_parts.h"

enum rank {
	RANK_NONE,
	RANK_SILENT, /* was asked and cannot say */
	RANK_OK,
	RANK_HEARSAY,
	RANK_DEGRADED,
	RANK_ODD, /* an unknown word is never ok */
	RANK_TRANSITION,
	RANK_LOST
};

static const uint8_t rank_of_state[STATE_COUNT] = {[STATE_UNKNOWN] = RANK_SILENT,
	[STATE_UNREACHABLE] = RANK_SILENT,
	[STATE_OK] = RANK_OK,
	[STATE_DEGRADED] = RANK_DEGRADED,
	[STATE_TRANSITION] = RANK_TRANSITION,
	[STATE_SERVICE] = RANK_LOST,
	[STATE_FAILED] = RANK_LOST,
	[STATE_ABSENT] = RANK_LOST};

static enum rank rank_of(const struct seen_row *s, const struct component_row *c)
{
	enum rank r = s->state < STATE_COUNT ? (enum rank)rank_of_state[s->state] : RANK_SILENT;

	/* that it listens is the listener's own word: nobody sent it */
	if (s->plane == PLANE_SPOOFABLE && c->kind != KIND_CHECK)
		return r >= RANK_DEGRADED && !s->odd ? RANK_HEARSAY : RANK_NONE;
	return s->odd ? RANK_ODD : r;
}

static unsigned score_of(const struct seen_row *s, const struct component_row *c)
{
	return rank_of(s, c) * 4u + (s->source == c->source ? 2u : 0u) +
	       (s->plane == PLANE_INBAND ? 1u : 0u);
}

void component_fuse(const struct engine *e, uint32_t component, struct component_row *c)
{
	const struct seen_row *best = NULL;
	bool any = false;

	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i)) {
		const struct seen_row *s = seen_at(&e->model, i);

		if (seen_good_until(s) <= e->now_ms)
			continue;
		any = true;
		if (rank_of(s, c) != RANK_NONE && (!best || score_of(s, c) > score_of(best, c)))
			best = s;
	}
	if (!best) {
		/* old words stay until there are new ones; that they are old is said elsewhere */
		if (any)
			c->reported = STATE_UNKNOWN;
		return;
	}
	if (best->source != c->source) {
		memset(c->raw, 0, sizeof(c->raw));
		memset(c->message, 0, sizeof(c->message));
	}
	c->source = best->source;
	c->limit_ms = best->limit_ms;
	c->reported = rank_of(best, c) == RANK_HEARSAY ? (uint8_t)STATE_DEGRADED : best->state;
}
