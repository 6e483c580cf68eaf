#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "verdict_world.h"

static enum verdict now(void)
{
	world_settle();
	return (enum verdict)array_at(&world->e.model, 0)->verdict;
}

static void test_worse_at_once_better_after_the_clear_time(void **unused)
{
	(void)unused;
	two_canisters();
	assert_int_equal(now(), VERDICT_REDUNDANT);
	assert_int_equal(world_alerts(ALERT_ARRAY_VERDICT), 0);
	world_pass(1000);
	world_state(B, STATE_SERVICE);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	assert_string_equal(world_last(REC_VERDICT)->text,
		"array 'san1' not_redundant (was redundant) margin=0");
	assert_int_equal(world->alerts[0].severity, SEV_CRITICAL);
	assert_true(array_at(&world->e.model, 0)->redundant_until_wall_ms == world->e.wall_ms);
	world_pass(1000);
	world_state(B, STATE_OK);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	assert_true(verdicts_next_ms(&world->e) == world->e.now_ms + 300000);
	world_pass(299999);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_state(B, STATE_TRANSITION);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_state(B, STATE_OK);
	world_pass(1);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_pass(299999);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_pass(1);
	assert_int_equal(now(), VERDICT_REDUNDANT);
	assert_int_equal(world_alerts(ALERT_ARRAY_VERDICT), 2);
	assert_true(world->alerts[1].resolved);
	assert_int_equal(world->alerts[1].severity, SEV_CRITICAL);
}

static void test_paths_clear_sooner(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	assert_int_equal(now(), VERDICT_REDUNDANT);
	world_state(P[0], STATE_FAILED);
	world_state(P[1], STATE_FAILED);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_state(P[0], STATE_OK);
	world_state(P[1], STATE_OK);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_pass(60000);
	assert_int_equal(now(), VERDICT_REDUNDANT);
}

static void test_each_level_has_its_own_clock(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	assert_int_equal(now(), VERDICT_REDUNDANT);
	world_seen(A, 1, PLANE_INBAND, 0);
	world_seen(B, 1, PLANE_INBAND, 0);
	world_state(A, STATE_FAILED);
	world_state(B, STATE_FAILED);
	for (unsigned i = 0; i < 4; i++)
		world_state(P[i], STATE_FAILED);
	assert_int_equal(now(), VERDICT_ACCESS_LOST);
	world_pass(1000);
	world_state(A, STATE_OK);
	world_state(P[0], STATE_OK);
	world_state(P[1], STATE_OK);
	assert_int_equal(now(), VERDICT_ACCESS_LOST);
	world_pass(61000);
	assert_int_equal(now(),
		VERDICT_ACCESS_LOST); /* a canister was lost, so a path's minute is not enough */
	world_state(B, STATE_OK);
	world_state(P[2], STATE_OK);
	world_state(P[3], STATE_OK);
	assert_int_equal(now(), VERDICT_ACCESS_LOST);
	world_pass(239000);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_pass(60999);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_pass(1);
	assert_int_equal(now(), VERDICT_REDUNDANT);
}

static void test_a_short_warning_is_not_told(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	assert_int_equal(now(), VERDICT_REDUNDANT);
	world_state(P[0], STATE_FAILED);
	assert_int_equal(now(), VERDICT_DEGRADED);
	assert_int_equal(world_alerts(ALERT_ARRAY_VERDICT), 0);
	assert_true(verdicts_next_ms(&world->e) == world->e.now_ms + 60000);
	world_pass(60000);
	assert_int_equal(now(), VERDICT_DEGRADED);
	assert_int_equal(world_alerts(ALERT_ARRAY_VERDICT), 1);
	assert_int_equal(world->alerts[0].severity, SEV_WARNING);
	assert_int_equal(world->alerts[0].previous, VERDICT_REDUNDANT);
	world_state(P[1], STATE_FAILED);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	assert_int_equal(
		world_alerts(ALERT_ARRAY_VERDICT), 2); /* what is critical is told at once */
}

static void test_silence_does_not_heal(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	assert_int_equal(now(), VERDICT_REDUNDANT);
	world_state(B, STATE_SERVICE);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_state(A, STATE_UNREACHABLE);
	world_state(B, STATE_UNREACHABLE);
	world_pass(2000);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_pass(3600000);
	for (unsigned i = 0; i < 4; i++)
		world_seen(P[i], 1, PLANE_INBAND, 2000);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	assert_int_equal(array_at(&world->e.model, 0)->margin, 0);
	world_state(A, STATE_OK);
	world_state(B, STATE_OK);
	assert_int_equal(now(), VERDICT_NOT_REDUNDANT);
	world_pass(300000);
	assert_int_equal(now(), VERDICT_REDUNDANT);
}

static void test_single_becomes_redundant_at_once(void **unused)
{
	(void)unused;
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	assert_int_equal(now(), VERDICT_SINGLE);
	assert_int_equal(world->alerts[0].severity, SEV_INFO);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
	assert_int_equal(now(), VERDICT_REDUNDANT);
	assert_int_equal(world_alerts(ALERT_ARRAY_VERDICT), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_worse_at_once_better_after_the_clear_time),
		ROW(test_paths_clear_sooner),
		ROW(test_each_level_has_its_own_clock),
		ROW(test_a_short_warning_is_not_told),
		ROW(test_silence_does_not_heal),
		ROW(test_single_becomes_redundant_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
