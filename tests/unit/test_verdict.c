#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "verdict_world.h"

static void test_one_canister_in_service(void **unused)
{
	(void)unused;
	two_canisters();
	expect("both fine", VERDICT_REDUNDANT, 1, 1, FULL);
	world_pass(1000);
	world_state(B, STATE_SERVICE);
	expect("one in service, the other fine", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_pass(1000);
	world_fact(A, FACT_FAILED_OVER, 1);
	world_fact(A, FACT_WRITE_THROUGH, 1);
	world_fact(A, FACT_PARTNER_MISSING, 1);
	world_finding(WORLD_RULE_FAILED_OVER, A, SEV_WARNING);
	world_finding(WORLD_RULE_CONSEQUENCE, A, SEV_WARNING);
	world_state(A, STATE_DEGRADED);
	expect("what a takeover brings is not a new cause", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_finding(WORLD_RULE_SPECIAL, A, SEV_WARNING);
	expect("nor is that nobody read it", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_pass(1000);
	world_fact(A, FACT_ERROR_CODE, 578);
	expect("the survivor reports a new error", VERDICT_IMPENDING_LOSS, 0, 1, FULL);
}

static void test_survivor_restarts_degrades_or_breaks_a_rule(void **unused)
{
	struct component_row c;

	(void)unused;
	for (int how = 0; how < 6; how++) {
		if (how) {
			world_end();
			world_start();
		}
		two_canisters();
		world_fact(A, FACT_LISTED_FAULTS, 1);
		world_fact(A, FACT_RESTARTS, 3);
		world_fact(A, FACT_ERROR_CODE, 12);
		world_fact(A, FACT_OPEN_ERRORS, 2);
		world_settle();
		world_pass(1000);
		world_state(B, STATE_FAILED);
		expect("older errors are not new", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
		world_fact(A, FACT_OPEN_ERRORS, 1);
		expect("nor is one that was fixed", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
		world_pass(5000);
		world_fact(A, FACT_TEMPERATURE, 41);
		world_fact(A, FACT_RESTARTS, how == 0 ? 4 : 3);
		c = *component_at(&world->e.model, A);
		c.booted_wall_ms = world->e.wall_ms - (how == 1 ? 1000 : 90000000);
		emit(&world->e, REC_SELF, TABLE_COMPONENT, A, &c, SEV_NONE, NULL);
		if (how == 2)
			world_finding(WORLD_RULE_ERROR, A, SEV_CRITICAL);
		if (how == 3)
			world_state(A, STATE_DEGRADED);
		if (how == 4)
			world_fact(A, FACT_OPEN_ERRORS, 2);
		if (how == 5)
			world_fact(A, FACT_LISTED_FAULTS, 2);
		expect(how == 0    ? "restarts by itself"
			: how == 1 ? "booted since"
			: how == 2 ? "a rule"
			: how == 3 ? "degraded"
			: how == 4 ? "another error with a higher code"
				   : "another fault that the array lists",
			VERDICT_IMPENDING_LOSS, 0, 1, FULL);
	}
}

static void test_lost_one_changing_its_word_keeps_the_cause_new(void **unused)
{
	(void)unused;
	two_canisters();
	world_settle();
	world_state(B, STATE_SERVICE);
	world_settle();
	world_pass(1000);
	world_fact(A, FACT_ERROR_CODE, 578);
	world_pass(1000);
	world_state(B, STATE_ABSENT);
	expect("B leaves after A's error", VERDICT_IMPENDING_LOSS, 0, 1, FULL);
}

static void test_both_lost(void **unused)
{
	(void)unused;
	two_canisters();
	expect("fine", VERDICT_REDUNDANT, 1, 1, FULL);
	world_state(A, STATE_FAILED);
	world_state(B, STATE_SERVICE);
	expect("by management, no in-band source", VERDICT_ACCESS_LOST, -1, 1, FULL);
	world_seen(A, 1, PLANE_INBAND, 2000);
	expect("in-band for one of the two only", VERDICT_NOT_REDUNDANT, -1, 1, FULL);
	world_seen(B, 1, PLANE_INBAND, 2000);
	expect("in-band for both", VERDICT_ACCESS_LOST, -1, 1, FULL);
}

static void test_management_silent(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	expect("fine", VERDICT_REDUNDANT, 1, 1, FULL);
	world_pass(20000);
	world_source(1, PLANE_INBAND, true);
	for (unsigned i = 0; i < 4; i++)
		world_seen(P[i], 1, PLANE_INBAND, 2000);
	world_state(A, STATE_UNREACHABLE);
	world_state(B, STATE_UNREACHABLE);
	expect("paths fine: a switch reboot", VERDICT_REDUNDANT, 1, 1, PARTIAL);
	assert_true(world_group("canisters")->unseen);
	assert_false(world_group("paths")->unseen);
}

static void test_management_silent_without_inband(void **unused)
{
	(void)unused;
	two_canisters();
	world_settle();
	world_state(A, STATE_UNREACHABLE);
	expect("one silent", VERDICT_AT_RISK, 0, 1, FULL);
	world_state(B, STATE_UNKNOWN);
	expect("both silent", VERDICT_BLIND, 99, 1, VISIBILITY_BLIND);
}

/* Fans and power say nothing of who carries the load. */
static void test_power_alone_is_not_redundancy(void **unused)
{
	uint32_t drive;

	(void)unused;
	two_canisters();
	(void)world_component(KIND_PSU, "p1", STATE_OK);
	(void)world_component(KIND_PSU, "p2", STATE_OK);
	expect("all seen", VERDICT_REDUNDANT, 1, 1, FULL);
	world_state(A, STATE_UNREACHABLE);
	world_state(B, STATE_UNREACHABLE);
	expect("no canister is seen, the power is", VERDICT_BLIND, 99, 1, PARTIAL);
	drive = world_component(KIND_DRIVE, "d1", STATE_OK);
	world_source(1, PLANE_INBAND, true);
	world_seen(drive, 1, PLANE_INBAND, 600000);
	expect("this host still reads its drives", VERDICT_REDUNDANT, 1, 1, PARTIAL);
}

static void test_management_says_failed_and_reads_still_work(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	world_settle();
	world_state(A, STATE_FAILED);
	world_state(B, STATE_FAILED);
	world_pass(2000);
	for (unsigned i = 0; i < 4; i++)
		world_seen(P[i], 1, PLANE_INBAND, 2000);
	expect("the paths answer after it", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_pass(2000);
	for (unsigned i = 0; i < 4; i++) {
		world_state(P[i], STATE_FAILED);
		world_seen(P[i], 1, PLANE_INBAND, 2000);
	}
	expect("and then no more", VERDICT_ACCESS_LOST, -1, 1, FULL);
}

static void test_drives_read_in_band_overrule_management(void **unused)
{
	uint32_t d;

	(void)unused;
	two_canisters();
	d = world_component(KIND_DRIVE, "wwn-1", STATE_OK);
	world_seen(d, 1, PLANE_INBAND, 600000);
	world_settle();
	world_state(A, STATE_FAILED);
	world_state(B, STATE_FAILED);
	expect("a drive of the array is still read", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_state(d, STATE_UNREACHABLE);
	expect("and is not any more", VERDICT_ACCESS_LOST, -1, 1, FULL);
}

static void test_paths(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	expect("fine", VERDICT_REDUNDANT, 1, 1, FULL);
	world_state(P[0], STATE_FAILED);
	expect("one of four down", VERDICT_DEGRADED, 1, 1, FULL);
	world_state(P[1], STATE_FAILED);
	expect("both to one canister down", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_fact(P[3], FACT_FAILED_OVER, 1);
	expect("trespass of the other's", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
}

static void test_flapping(void **unused)
{
	uint32_t d;

	(void)unused;
	two_canisters();
	four_paths();
	d = world_component(KIND_DRIVE, "d", STATE_OK);
	world_finding(WORLD_RULE_RATE, d, SEV_WARNING);
	expect("a drive's rate says nothing of the array", VERDICT_REDUNDANT, 1, 1, FULL);
	world_finding(WORLD_RULE_RATE, P[2], SEV_WARNING);
	expect("trespass flapping", VERDICT_AT_RISK, 1, 1, FULL);
}

static void test_single(void **unused)
{
	(void)unused;
	expect("no group at all", VERDICT_SINGLE, 99, 0, FULL);
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	expect("single-canister JBOD", VERDICT_SINGLE, 0, 0, FULL);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
	pool(6, RAID6, A);
	expect("two IOMs, single-ported drives: one takes all along", VERDICT_SINGLE, 0, 0, FULL);
	world_state(B, STATE_FAILED);
	expect("yet a lost IOM is a lost IOM", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
}

static void test_pools(void **unused)
{
	(void)unused;
	two_canisters();
	pool(8, RAID6, NONE32);
	expect("fine", VERDICT_REDUNDANT, 1, 1, FULL);
	world_state(D[0], STATE_FAILED);
	expect("raid6, one failed", VERDICT_DEGRADED, 1, 2, FULL);
	assert_int_equal(world_group("tank")->margin, 1);
	assert_int_equal(world_group("tank")->expected, 2);
	assert_true(drive_spared(&world->e.model, D[0]));
	assert_false(drive_spared(&world->e.model, D[1]));
	world_state(D[1], STATE_FAILED);
	expect("raid6, two failed", VERDICT_NOT_REDUNDANT, 0, 2, FULL);
	world_fact(D[2], FACT_ERROR_CODE, 1);
	expect("a pool never asks for a failover", VERDICT_NOT_REDUNDANT, 0, 2, FULL);
	world_state(D[2], STATE_FAILED);
	expect("raid6, three failed", VERDICT_NOT_REDUNDANT, -1, 2, FULL);
}

static void test_mirror_and_raid5(void **unused)
{
	(void)unused;
	pool(2, RAID5, NONE32);
	expect("local mirror", VERDICT_REDUNDANT, 1, 1, FULL);
	assert_false(drive_spared(&world->e.model, D[0]));
	world_state(D[1], STATE_ABSENT);
	expect("one lost", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
}

static void test_a_drive_with_a_bad_tier_in_a_healthy_pool(void **unused)
{
	uint32_t loose;

	(void)unused;
	pool(8, RAID6, NONE32);
	world_state(D[3], STATE_DEGRADED);
	world_finding(WORLD_RULE_ERROR, D[3], SEV_CRITICAL);
	expect("still serving", VERDICT_REDUNDANT, 2, 2, FULL);
	assert_true(drive_spared(&world->e.model, D[3]));
	loose = world_component(KIND_DRIVE, "loose", STATE_OK);
	assert_false(drive_spared(&world->e.model, loose));
}

static void forecast(int margin)
{
	struct array_row a = *array_at(&world->e.model, 0);

	a.forecast = 1;
	a.forecast_margin = (int16_t)margin;
	emit(&world->e, REC_ARRAY, TABLE_ARRAY, 0, &a, SEV_NONE, NULL);
}

static void test_forecast(void **unused)
{
	(void)unused;
	two_canisters();
	forecast(-1);
	expect("the cohort will be lost", VERDICT_AT_RISK, 1, 1, FULL);
	forecast(1);
	expect("a forecast that takes nothing", VERDICT_REDUNDANT, 1, 1, FULL);
	forecast(-1);
	world_state(A, STATE_FAILED);
	expect("common mode never lowers the margin", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_one_canister_in_service),
		ROW(test_survivor_restarts_degrades_or_breaks_a_rule),
		ROW(test_lost_one_changing_its_word_keeps_the_cause_new),
		ROW(test_both_lost),
		ROW(test_management_silent),
		ROW(test_management_silent_without_inband),
		ROW(test_power_alone_is_not_redundancy),
		ROW(test_management_says_failed_and_reads_still_work),
		ROW(test_drives_read_in_band_overrule_management),
		ROW(test_paths),
		ROW(test_flapping),
		ROW(test_single),
		ROW(test_pools),
		ROW(test_mirror_and_raid5),
		ROW(test_a_drive_with_a_bad_tier_in_a_healthy_pool),
		ROW(test_forecast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
