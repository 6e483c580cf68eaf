#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "run_world.h"

/* A run that something stops before it has done anything, or after it has fenced. */

static void begin_verb(enum verb v)
{
	reread();
	assert_true(engine_next_verb(&world->e, &given));
	assert_int_equal(given.verb, v);
}

static void end_verb(void)
{
	struct step_result r = {.job = given.job, .exit_kind = EXIT_BY_CODE};

	reread();
	run_step_result(&world->e, &r);
	world_settle();
}

static void approved_slow(void)
{
	plan_world(MODE_APPROVE);
	slow_steps();
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
}

static void automatic(void)
{
	plan_world(MODE_AUTO);
	slow_steps();
	sound_observer();
	all_lost();
	world_pass(600000);
	reread();
	sound_again();
	world_settle();
	assert_state(RUN_FENCING);
}

static void test_one_canister_back_before_the_fence_ends_it(void **unused)
{
	(void)unused;
	approved_slow();
	begin_verb(VERB_CHECK);
	recover(A); /* B stays lost: evidence stands, the array serves */
	end_verb();
	assert_state(RUN_WITHDRAWN);
	assert_int_equal(plan()->state, RUN_IDLE);
	assert_non_null(strstr(world_last(REC_RUN_WITHDRAWN)->text, "not fenced, verdict: the array is not_redundant"));
	assert_int_equal(world_alerts(ALERT_FAILOVER_FINISHED), 1);
	assert_no_verb();
}

static void test_one_canister_back_after_the_fence_freezes_it(void **unused)
{
	(void)unused;
	approved_slow();
	answer(0, VERB_CHECK, 0);
	begin_verb(VERB_FENCE);
	recover(A);
	end_verb();
	answer(0, VERB_FENCE_STATUS, 0);
	assert_state(RUN_FROZEN);
	assert_non_null(strstr(world_last(REC_RUN_FROZEN)->text, "not promoted, verdict"));
	assert_int_equal(world_alerts(ALERT_FAILOVER_FROZEN), 1);
	assert_no_verb();
}

static void test_what_has_promoted_goes_on(void **unused)
{
	(void)unused;
	approved_slow();
	answer(0, VERB_CHECK, 0);
	answer(0, VERB_FENCE, 0);
	answer(0, VERB_FENCE_STATUS, 0);
	begin_verb(VERB_PROMOTE);
	recover(A);
	end_verb();
	answer(0, VERB_VERIFY, 0);
	answer(1, VERB_CHECK, 0);
}

static void test_a_person_may_move_what_still_serves(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "planned"), 0);
	answer(0, VERB_CHECK, 0);
	answer(0, VERB_FENCE, 0);
	answer(0, VERB_FENCE_STATUS, 0);
	answer(0, VERB_PROMOTE, 0);
}

static void disarm(void)
{
	assert_int_equal(command(CMD_DISARM, "move", "", ""), 0);
}

static void maintain(void)
{
	struct maintenance_row w = {.used = 1, .component = NONE32, .until_ms = world->e.now_ms + 3600000};

	emit(&world->e, REC_MAINTENANCE_STARTED, TABLE_MAINTENANCE, 0, &w, SEV_NONE, NULL);
}

static void silence_witness(void)
{
	world_state(model_find_component(&world->e.model, 0, KIND_TARGET, "192.0.2.1"), STATE_FAILED);
	sound_again();
}

static const struct {
	void (*stop)(void);
	const char *gate;
} stops[] = {{disarm, "armed"}, {maintain, "maintenance"}, {silence_witness, "observer"}};

static void test_what_stops_an_automatic_run_before_the_fence(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(stops); i++) {
		if (i) {
			world_end();
			world_start();
		}
		automatic();
		begin_verb(VERB_CHECK);
		stops[i].stop();
		end_verb();
		assert_state(RUN_FAILED);
		assert_string_equal(plan()->refused_gate, stops[i].gate);
		assert_non_null(strstr(world_last(REC_RUN_FINISHED)->text, "not fenced"));
		assert_no_verb();
	}
}

static void test_what_stops_an_automatic_run_that_has_fenced(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(stops); i++) {
		if (i) {
			world_end();
			world_start();
		}
		automatic();
		answer(0, VERB_CHECK, 0);
		begin_verb(VERB_FENCE);
		stops[i].stop();
		end_verb();
		begin_verb(VERB_FENCE_STATUS);
		end_verb();
		assert_state(RUN_FROZEN);
		assert_string_equal(plan()->refused_gate, stops[i].gate);
		assert_int_equal(world_alerts(ALERT_FAILOVER_FROZEN), 1);
		assert_no_verb();
	}
}

static void test_disarm_says_what_becomes_of_the_run(void **unused)
{
	(void)unused;
	automatic();
	disarm();
	assert_non_null(strstr(reply.text, "r7 stops before it fences or promotes"));
	world_end();
	world_start();
	approved_slow();
	disarm();
	assert_non_null(strstr(reply.text, "r7 goes on, to stop it: ballastctl failover abort r7"));
	answer(0, VERB_CHECK, 0);
	maintain();
	answer(0, VERB_FENCE, 0);
	answer(0, VERB_FENCE_STATUS, 0);
	answer(0, VERB_PROMOTE, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_one_canister_back_before_the_fence_ends_it),
		IN_WORLD(test_one_canister_back_after_the_fence_freezes_it),
		IN_WORLD(test_what_has_promoted_goes_on),
		IN_WORLD(test_a_person_may_move_what_still_serves),
		IN_WORLD(test_what_stops_an_automatic_run_before_the_fence),
		IN_WORLD(test_what_stops_an_automatic_run_that_has_fenced),
		IN_WORLD(test_disarm_says_what_becomes_of_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
