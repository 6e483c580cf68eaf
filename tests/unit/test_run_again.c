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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_second_outage_of_an_incident_is_asked_for),
		IN_WORLD(test_second_outage_holds_anew),
		IN_WORLD(test_approved_and_taken_back_is_asked_for_again),
		IN_WORLD(test_nobody_approved_is_over_only_with_the_outage),
		IN_WORLD(test_a_no_stands_for_the_incident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
