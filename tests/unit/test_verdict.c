#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "world.h"

enum { RAID5 = 1, RAID6 = 2 };

static uint32_t A, B, P[4], D[8];

static int start(void **unused)
{
	(void)unused;
	world_start();
	return 0;
}

static int end(void **unused)
{
	(void)unused;
	world_end();
	return 0;
}

static void two_canisters(void)
{
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
}

/* Two host ports to each canister, asked in-band every 2 s. */
static void four_paths(void)
{
	static const char *const names[] = {"p1-A", "p2-A", "p1-B", "p2-B"};

	for (unsigned i = 0; i < 4; i++) {
		P[i] = world_component(KIND_PATH, names[i], STATE_OK);
		world_via(P[i], i < 2 ? A : B);
		world_seen(P[i], 1, PLANE_INBAND, 2000);
	}
	world_source(1, PLANE_INBAND, true);
}

static void pool(unsigned drives, unsigned parity, uint32_t via)
{
	char name[16];

	for (unsigned i = 0; i < drives; i++) {
		format_text(name, sizeof(name), "d%u", i);
		D[i] = world_component(KIND_DRIVE, name, STATE_OK);
		if (via != NONE32)
			world_via(D[i], via);
		group_note(&world->e, D[i], "tank", drives - parity);
	}
}

static void expect(const char *why, enum verdict v, int margin, int expected, enum visibility vis)
{
	struct verdict_input in;
	struct verdict_output o;

	world_settle();
	verdict_gather(&world->e.model, 0, world->e.now_ms, &in);
	verdict_derive(&in, &o);
	if (o.verdict != v || (margin != 99 && o.margin != margin) ||
		o.margin_known != (margin != 99) || o.expected != expected || o.visibility != vis)
		fail_msg("%s: %s %d (%d) known %d visibility %s, expected %s %d (%d) %s", why,
			verdict_text(o.verdict), o.margin, o.expected, o.margin_known,
			visibility_text(o.visibility), verdict_text(v), margin, expected,
			visibility_text(vis));
}

#define FULL    VISIBILITY_FULL
#define PARTIAL VISIBILITY_PARTIAL

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
	for (int how = 0; how < 4; how++) {
		if (how) {
			world_end();
			world_start();
		}
		two_canisters();
		world_fact(A, FACT_RESTARTS, 3);
		world_fact(A, FACT_ERROR_CODE, 12);
		world_settle();
		world_pass(1000);
		world_state(B, STATE_FAILED);
		expect("older errors are not new", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
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
		expect(how == 0    ? "restarts by itself"
			: how == 1 ? "booted since"
			: how == 2 ? "a rule"
				   : "degraded",
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

static void test_expected_never_falls_by_itself(void **unused)
{
	struct component_row c;

	(void)unused;
	two_canisters();
	world_settle();
	world_state(B, STATE_ABSENT);
	expect("absent is still expected", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	c = *component_at(&world->e.model, B);
	c.used = 0;
	emit(&world->e, REC_COMPONENT_FORGOTTEN, TABLE_COMPONENT, B, &c, SEV_NONE, NULL);
	expect("forgotten on purpose", VERDICT_SINGLE, 0, 0, FULL);
}

static void test_expected_stays_when_what_is_known_of_the_way_changes(void **unused)
{
	(void)unused;
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	P[0] = world_component(KIND_PATH, "p1", STATE_OK);
	P[1] = world_component(KIND_PATH, "p2", STATE_OK);
	world_settle();
	assert_int_equal(world_group("paths")->expected, 1);
	world_via(P[0], A);
	world_via(P[1], A);
	expect("both turn out to go through one canister", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
}

static void adopt(uint32_t component)
{
	struct component_row c = *component_at(&world->e.model, component);

	c.flags |= COMPONENT_ADOPTED;
	emit(&world->e, REC_ADOPTED, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
}

static void test_a_guest_is_not_expected(void **unused)
{
	uint32_t guest;

	(void)unused;
	two_canisters();
	adopt(A);
	adopt(B);
	expect("two", VERDICT_REDUNDANT, 1, 1, FULL);
	guest = world_component(KIND_CANISTER, "C", STATE_OK);
	expect("a third that nobody asked for", VERDICT_REDUNDANT, 2, 1, FULL);
	world_state(guest, STATE_ABSENT);
	expect("and gone again", VERDICT_REDUNDANT, 1, 1, FULL);
	world_state(guest, STATE_OK);
	adopt(guest);
	expect("taken in", VERDICT_REDUNDANT, 2, 2, FULL);
	world_state(guest, STATE_ABSENT);
	expect("now it is missed", VERDICT_DEGRADED, 1, 2, FULL);
}

static void test_declared_canisters(void **unused)
{
	(void)unused;
	world->config->arrays[0].expect_canisters = 2;
	world_source(0, PLANE_MANAGEMENT, false);
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	expect("the second has not been read yet", VERDICT_AT_RISK, 0, 1, VISIBILITY_BLIND);
	assert_int_equal(array_at(&world->e.model, 0)->verdict, VERDICT_NONE);
	world_source(0, PLANE_MANAGEMENT, true);
	expect("a complete answer without it", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
	expect("there it is", VERDICT_REDUNDANT, 1, 1, FULL);
}

static void test_power_supplies(void **unused)
{
	uint32_t psu[4];
	static const char *const names[] = {"1", "2", "3", "4"};

	(void)unused;
	for (unsigned i = 0; i < 4; i++)
		psu[i] = world_component(KIND_PSU, names[i], STATE_OK);
	expect("four, two needed", VERDICT_REDUNDANT, 2, 2, FULL);
	world_state(psu[0], STATE_FAILED);
	expect("one gone", VERDICT_DEGRADED, 1, 2, FULL);
}

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

#define ROW(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_one_canister_in_service),
		ROW(test_survivor_restarts_degrades_or_breaks_a_rule),
		ROW(test_lost_one_changing_its_word_keeps_the_cause_new),
		ROW(test_both_lost),
		ROW(test_management_silent),
		ROW(test_management_silent_without_inband),
		ROW(test_management_says_failed_and_reads_still_work),
		ROW(test_drives_read_in_band_overrule_management),
		ROW(test_paths),
		ROW(test_flapping),
		ROW(test_single),
		ROW(test_pools),
		ROW(test_mirror_and_raid5),
		ROW(test_a_drive_with_a_bad_tier_in_a_healthy_pool),
		ROW(test_forecast),
		ROW(test_expected_never_falls_by_itself),
		ROW(test_expected_stays_when_what_is_known_of_the_way_changes),
		ROW(test_a_guest_is_not_expected),
		ROW(test_declared_canisters),
		ROW(test_power_supplies),
		ROW(test_worse_at_once_better_after_the_clear_time),
		ROW(test_paths_clear_sooner),
		ROW(test_each_level_has_its_own_clock),
		ROW(test_a_short_warning_is_not_told),
		ROW(test_silence_does_not_heal),
		ROW(test_single_becomes_redundant_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
