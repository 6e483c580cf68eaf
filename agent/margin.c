#include "agent/verdict.h"

/* Members that are reached through the same vias fall together, so subsets are tried on these. */
struct bundle {
	uint32_t vias; /* 0: by itself */
	unsigned count;
};

enum member_state member_of_state(enum state s)
{
	switch (s) {
	case STATE_OK:
	case STATE_DEGRADED:
		return MEMBER_SERVING;
	case STATE_SERVICE:
	case STATE_FAILED:
	case STATE_ABSENT:
	case STATE_TRANSITION:
		return MEMBER_LOST;
	case STATE_UNKNOWN:
	case STATE_UNREACHABLE:
	case STATE_COUNT:
		break;
	}
	return MEMBER_UNDECIDED;
}

static bool serves(uint8_t state, bool hopeful)
{
	return state == MEMBER_SERVING || (hopeful && state == MEMBER_UNDECIDED);
}

static uint32_t alive_vias(const struct margin_input *in, bool hopeful)
{
	uint32_t alive = 0;

	for (unsigned i = 0; i < in->nvias && i < MARGIN_VIAS; i++)
		if (serves(in->via_state[i], hopeful))
			alive |= 1u << i;
	return alive;
}

static unsigned bundle_members(
	const struct margin_input *in, uint32_t alive, bool hopeful, struct bundle *b)
{
	unsigned n = 0, k;

	for (unsigned i = 0; i < in->members && i < MARGIN_MEMBERS; i++) {
		const struct margin_member *m = &in->member[i];

		if (!serves(m->state, hopeful) || (m->vias && !(m->vias & alive)))
			continue;
		for (k = 0; k < n && b[k].vias != (m->vias & alive); k++)
			;
		if (k == n)
			b[n++] = (struct bundle){.vias = m->vias & alive};
		b[k].count++;
	}
	return n;
}

/* With the vias of @lost gone, the rest falls one by one. */
static int cost_of(const struct bundle *b, unsigned n, uint32_t lost, unsigned need)
{
	int left = 0;

	for (unsigned i = 0; i < n; i++)
		if (!b[i].vias || (b[i].vias & ~lost))
			left += (int)b[i].count;
	return __builtin_popcount(lost) + MAX_OF(0, left - (int)need + 1);
}

static int margin_of(const struct margin_input *in, bool hopeful)
{
	uninitialized_ struct bundle bundles[MARGIN_MEMBERS];
	uint32_t alive = alive_vias(in, hopeful), lost = 0;
	unsigned n = bundle_members(in, alive, hopeful, bundles);
	int best = cost_of(bundles, n, 0, in->need), cost;

	/* every subset of the vias still alive */
	while ((lost = (lost - alive) & alive)) {
		if (__builtin_popcount(lost) >= best)
			continue;
		cost = cost_of(bundles, n, lost, in->need);
		best = MIN_OF(best, cost);
	}
	return best - 1;
}

void group_margin(const struct margin_input *in, int *ret_margin, int *ret_margin_max)
{
	*ret_margin = margin_of(in, false);
	*ret_margin_max = margin_of(in, true);
}
