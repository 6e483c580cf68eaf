#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "agent/verdict.h"

enum { S = MEMBER_SERVING, U = MEMBER_UNDECIDED, L = MEMBER_LOST };

struct margin_case {
	const char *why;
	unsigned need, members, nvias;
	uint8_t vias[4];
	struct margin_member m[8];
	int margin, margin_max;
};

/* clang-format off */
static const struct margin_case cases[] = {
	{"two canisters, both fine", 1, 2, 0, {0}, {{S, 0}, {S, 0}}, 1, 1},
	{"one of two in service", 1, 2, 0, {0}, {{S, 0}, {L, 0}}, 0, 0},
	{"both lost", 1, 2, 0, {0}, {{L, 0}, {L, 0}}, -1, -1},
	{"one undecided: lost for the margin, serving for the greatest", 1, 2, 0, {0}, {{S, 0}, {U, 0}}, 0, 1},
	{"both undecided", 1, 2, 0, {0}, {{U, 0}, {U, 0}}, -1, 1},
	{"one canister by design", 1, 1, 0, {0}, {{S, 0}}, 0, 0},
	{"four paths over two canisters fall two at a time", 1, 4, 2, {S, S}, {{S, 1}, {S, 1}, {S, 2}, {S, 2}}, 1, 1},
	{"one path of four down changes nothing", 1, 4, 2, {S, S}, {{L, 1}, {S, 1}, {S, 2}, {S, 2}}, 1, 1},
	{"a lost canister takes its paths along", 1, 4, 2, {L, S}, {{S, 1}, {S, 1}, {S, 2}, {S, 2}}, 0, 0},
	{"an undecided canister", 1, 4, 2, {U, S}, {{S, 1}, {S, 1}, {S, 2}, {S, 2}}, 0, 1},
	{"raid6 of six single-ported drives behind one IOM", 4, 6, 1, {S},
	 {{S, 1}, {S, 1}, {S, 1}, {S, 1}, {S, 1}, {S, 1}}, 0, 0},
	{"the same, dual-ported: two IOMs or three drives", 4, 6, 2, {S, S},
	 {{S, 3}, {S, 3}, {S, 3}, {S, 3}, {S, 3}, {S, 3}}, 1, 1},
	{"raid6 of six by themselves", 4, 6, 0, {0}, {{S, 0}, {S, 0}, {S, 0}, {S, 0}, {S, 0}, {S, 0}}, 2, 2},
	{"raid6, two failed", 4, 6, 0, {0}, {{L, 0}, {L, 0}, {S, 0}, {S, 0}, {S, 0}, {S, 0}}, 0, 0},
	{"one unit of a mixed group is cheaper than two members", 2, 4, 1, {S}, {{S, 1}, {S, 1}, {S, 1}, {S, 0}}, 0, 0},
	{"nobody at all", 1, 0, 0, {0}, {{0}}, -1, -1},
};
/* clang-format on */

static void test_cases(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct margin_case *c = &cases[i];
		struct margin_input in = {
			.need = c->need, .members = c->members, .nvias = c->nvias};
		int margin, margin_max;

		memcpy(in.via_state, c->vias, sizeof(c->vias));
		memcpy(in.member, c->m, sizeof(c->m));
		group_margin(&in, &margin, &margin_max);
		if (margin != c->margin || margin_max != c->margin_max)
			fail_msg("%s: %d (max %d), expected %d (max %d)", c->why, margin,
				margin_max, c->margin, c->margin_max);
	}
}

static void test_states(void **unused)
{
	static const uint8_t member[STATE_COUNT] = {[STATE_UNKNOWN] = U,
		[STATE_OK] = S,
		[STATE_DEGRADED] = S,
		[STATE_SERVICE] = L,
		[STATE_FAILED] = L,
		[STATE_ABSENT] = L,
		[STATE_TRANSITION] = L,
		[STATE_UNREACHABLE] = U};

	(void)unused;
	for (unsigned s = 0; s < STATE_COUNT; s++)
		assert_int_equal(member_of_state((enum state)s), member[s]);
}

static bool alive(uint8_t state, bool hopeful)
{
	return state == S || (hopeful && state == U);
}

/* Written from the definition: try every set of units, vias first, then members; smallest wins. */
static int brute_force(const struct margin_input *in, bool hopeful)
{
	unsigned units = in->nvias + in->members;
	int best = 99;

	for (uint32_t lost = 0; lost < 1u << units; lost++) {
		unsigned serving = 0;

		for (unsigned i = 0; i < in->members; i++) {
			bool reached = !in->member[i].vias;

			for (unsigned v = 0; v < in->nvias; v++)
				if ((in->member[i].vias >> v & 1) &&
					alive(in->via_state[v], hopeful) && !(lost >> v & 1))
					reached = true;
			if (reached && alive(in->member[i].state, hopeful) &&
				!(lost >> (in->nvias + i) & 1))
				serving++;
		}
		if (serving < in->need)
			best = MIN_OF(best, __builtin_popcount(lost));
	}
	return best - 1;
}

static uint32_t rng_state = 12345;

static uint32_t rng(uint32_t below)
{
	rng_state = rng_state * 1664525u + 1013904223u;
	return (rng_state >> 8) % below;
}

static void test_random_populations_against_brute_force(void **unused)
{
	(void)unused;
	for (int round = 0; round < 3000; round++) {
		struct margin_input in = {.members = 1 + rng(7), .nvias = rng(4)};
		int margin, margin_max;

		in.need = 1 + rng(in.members);
		for (unsigned v = 0; v < in.nvias; v++)
			in.via_state[v] = (uint8_t)(rng(4) ? S : rng(3));
		for (unsigned i = 0; i < in.members; i++) {
			in.member[i].state = (uint8_t)(rng(3) ? S : rng(3));
			in.member[i].vias = in.nvias ? rng(1u << in.nvias) : 0;
		}
		group_margin(&in, &margin, &margin_max);
		if (margin != brute_force(&in, false) || margin_max != brute_force(&in, true))
			fail_msg("round %d: %d (max %d), brute force %d (max %d)", round, margin,
				margin_max, brute_force(&in, false), brute_force(&in, true));
		assert_true(margin <= margin_max);
		assert_true(margin >= -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_random_populations_against_brute_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
