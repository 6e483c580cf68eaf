/* Canisters that were booted close together: whatever counts uptime in them reaches its end close together. */
#include "agent/engine_parts.h"

#include <stdlib.h>

enum { BOOTED_MAX = 64 };
#define TOGETHER_MS (INT64_C(24) * 3600000)

struct boots {
	int64_t wall_ms[BOOTED_MAX];
	unsigned n, unknown;
};

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void boots_look(const struct engine *e, unsigned array, struct boots *ret)
{
	const struct model *m = &e->model;

	ret->n = ret->unknown = 0;
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (!c->used || c->array != array || c->kind != KIND_CANISTER ||
			c->state == STATE_ABSENT)
			continue;
		/* an enclosure never says when an IOM was booted: waiting for it would be for ever */
		if (c->booted_wall_ms <= 0)
			ret->unknown += !is_iom(e, i);
		else if (ret->n < BOOTED_MAX)
			ret->wall_ms[ret->n++] = c->booted_wall_ms;
	}
	qsort(ret->wall_ms, ret->n, sizeof(*ret->wall_ms), by_time);
}

/* The most that were booted within a day, and how far apart the first and last of them. */
static unsigned most_together(const struct boots *b, int64_t *ret_spread_ms)
{
	unsigned from = 0, most = 0;

	for (unsigned to = 0; to < b->n; to++) {
		while (b->wall_ms[to] - b->wall_ms[from] > TOGETHER_MS)
			from++;
		if (to - from + 1 <= most)
			continue;
		most = to - from + 1;
		*ret_spread_ms = b->wall_ms[to] - b->wall_ms[from];
	}
	return most;
}

void booted_specials(struct engine *e, unsigned array)
{
	char spread[32], detail[96];
	int64_t spread_ms = 0;
	struct boots b;
	unsigned most;

	boots_look(e, array, &b);
	most = most_together(&b, &spread_ms);
	if (most < 2) {
		/* one whose boot time nobody says may be the other of the two */
		if (!b.unknown)
			finding_lower(e, "canister.booted-together", array, NONE32);
		return;
	}
	spread_text(spread, sizeof(spread), spread_ms, true);
	if (most == 2 && b.n + b.unknown == 2)
		format_text(detail, sizeof(detail), "Both canisters were booted %s", spread);
	else
		format_text(detail, sizeof(detail), "%u of %u canisters were booted %s", most,
			b.n + b.unknown, spread);
	finding_raise(e, "canister.booted-together", array, NONE32, detail);
}
