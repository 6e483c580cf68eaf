#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "run_world.h"

/* One run an incident; how often it may be asked for in one. */

static void test_second_outage_of_an_incident_is_asked_for(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	recover(A);
	assert_state(RUN_WITHDRAWN);
	assert_int_equal(array_at(&world->e.model, 0)->incident, 0); /* it is still open */
	lose(A);
	world_settle();
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 8);
	assert_int_equal(world_alerts(ALERT_FAILOVER_REQUESTED), 3);
	reread();
	assert_int_equal(command(CMD_APPROVE, "r8", "", ""), 0);
	answer(0, VERB_CHECK, 0);
}

static void test_second_outage_holds_anew(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	sound_observer();
	all_lost();
	world_pass(500000);
	recover(A);
	assert_state(RUN_WITHDRAWN);
	lose(A);
	reread();
	sound_again();
	world_settle();
	assert_state(RUN_REQUESTED);
	assert_int_equal(run()->id, 8);
	assert_true(run()->hold_until_ms == world->e.now_ms + 600000);
}

static void test_approved_and_taken_back_is_asked_for_again(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	slow_steps();
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
	recover(A);
	answer(0, VERB_CHECK, 0);
	assert_state(RUN_WITHDRAWN);
	world_pass(3600000); /* the block window of the run that began */
	lose(A);
	reread();
	world_settle();
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 8);
}

static void test_nobody_approved_is_over_only_with_the_outage(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	world_pass(7200000);
	reread();
	world_settle();
	assert_state(RUN_WITHDRAWN);
	world_pass(60000);
	reread();
	world_settle();
	assert_int_equal(run()->id, 7);
	recover(A);
	lose(A);
	reread();
	world_settle();
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 8);
}

static void test_a_no_stands_for_the_incident(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	assert_int_equal(command(CMD_DENY, "r7", "", "no"), 0);
	recover(A);
	lose(A);
	reread();
	world_settle();
	assert_int_equal(run()->id, 7);
	assert_state(RUN_ABORTED);
}

static void forget_looks(void)
{
	struct array_row a = *array_at(&world->e.model, 0);

	world_state(A, STATE_UNKNOWN);
	world_state(B, STATE_UNKNOWN);
	for (uint32_t i = 0; i < group_count(&world->e.model); i++) {
		struct group_row g = *group_at(&world->e.model, i);

		g.unseen = 1;
		g.undecided = g.members;
		g.margin = -1;
		g.serving = 0;
		emit(&world->e, REC_GROUP, TABLE_GROUP, i, &g, SEV_NONE, NULL);
	}
	a.verdict = VERDICT_NONE;
	a.limiting_group = NONE16;
	emit(&world->e, REC_ARRAY, TABLE_ARRAY, 0, &a, SEV_NONE, NULL);
}

/* What a cold start knows: rows as test_marks.c shows that they come back, and nothing seen yet. */
static void restart(void)
{
	struct run_row r = *run();
	struct plan_row p = *plan();
	bool waited = r.state == RUN_REQUESTED || r.state == RUN_WAITING_APPROVAL;

	r.untold = !waited && r.state != RUN_FROZEN;
	r.state = p.state = waited ? RUN_REQUESTED : RUN_FROZEN;
	r.mode = waited ? RUN_MODE_APPROVED : r.mode;
	r.verb = VERB_NONE;
	r.hold_until_ms = r.approve_until_ms = r.deadline_ms = p.wanted_since_ms = 0;
	emit(&world->e, REC_RUN, TABLE_RUN, p.run, &r, SEV_NONE, NULL);
	emit(&world->e, REC_PLAN, TABLE_PLAN, 0, &p, SEV_NONE, NULL);
	world->e.next_job = world->e.given_job = 0;
	world->nalerts = 0;
	forget_looks();
	world_settle();
	assert_int_equal(array_at(&world->e.model, 0)->verdict, VERDICT_BLIND);
}

static void test_a_start_asks_again(void **unused)
{
	(void)unused;
	for (enum plan_mode mode = MODE_APPROVE; mode <= MODE_AUTO; mode++) {
		if (mode != MODE_APPROVE) {
			world_end();
			world_start();
		}
		plan_world(mode);
		sound_observer();
		all_lost();
		restart();
		assert_int_equal(run()->state, RUN_REQUESTED);
		assert_int_equal(command(CMD_RESUME, "r7", "", ""), EINVAL);
		assert_state(RUN_REQUESTED); /* not seen is not recovered */
		all_lost();
		assert_state(RUN_WAITING_APPROVAL);
		assert_int_equal(run()->id, 7);
		assert_int_equal(world_alerts(ALERT_FAILOVER_REQUESTED), 1);
		assert_no_verb();
		reread();
		assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
		answer(0, VERB_CHECK, 0);
	}
}

static void test_a_start_that_reads_one_canister_first_withdraws_nothing(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	restart();
	lose(A);
	world_state(B, STATE_OK); /* as it was last known */
	world_settle();
	assert_true(array_at(&world->e.model, 0)->verdict == VERDICT_NOT_REDUNDANT);
	assert_state(RUN_REQUESTED);
	assert_true(plans_next_ms(&world->e) == world->e.now_ms + 60000);
	world_pass(59999);
	lose(B);
	reread();
	world_settle();
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 7);
}

static void test_a_start_into_good_times_withdraws(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	restart();
	recover(A);
	recover(B);
	assert_state(RUN_WITHDRAWN);
	assert_int_equal(plan()->state, RUN_IDLE);
}

static void test_a_run_frozen_by_a_start_calls_people(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 0);
	restart();
	assert_state(RUN_FROZEN);
	assert_int_equal(world_alerts(ALERT_FAILOVER_FROZEN), 1);
	assert_non_null(strstr(world_last(REC_RUN_FROZEN)->text, "started anew"));
	assert_no_verb();
	restart();
	assert_int_equal(world_alerts(ALERT_FAILOVER_FROZEN), 0); /* told before */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_second_outage_of_an_incident_is_asked_for),
		IN_WORLD(test_second_outage_holds_anew),
		IN_WORLD(test_approved_and_taken_back_is_asked_for_again),
		IN_WORLD(test_nobody_approved_is_over_only_with_the_outage),
		IN_WORLD(test_a_no_stands_for_the_incident),
		IN_WORLD(test_a_start_asks_again),
		IN_WORLD(test_a_start_that_reads_one_canister_first_withdraws_nothing),
		IN_WORLD(test_a_start_into_good_times_withdraws),
		IN_WORLD(test_a_run_frozen_by_a_start_calls_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
