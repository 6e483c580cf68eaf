#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "run_world.h"

static void test_fence_that_lies_promotes_nothing(void **unused)
{
	static const struct {
		const char *why;
		enum exit_kind fence, status;
		int fence_code, status_code;
	} cases[] = {
		{"fence 0, status 1", EXIT_BY_CODE, EXIT_BY_CODE, 0, 1},
		{"fence 0, status 50", EXIT_BY_CODE, EXIT_BY_CODE, 0, 50},
		{"fence 0, status hangs", EXIT_BY_CODE, EXIT_BY_TIMEOUT, 0, 0},
		{"fence 50", EXIT_BY_CODE, EXIT_NOT_YET, 50, 0},
		{"fence 7", EXIT_BY_CODE, EXIT_NOT_YET, 7, 0},
		{"fence hangs", EXIT_BY_TIMEOUT, EXIT_NOT_YET, 0, 0},
		{"fence is killed", EXIT_BY_SIGNAL, EXIT_NOT_YET, 9, 0},
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		if (i) {
			world_end();
			world_start();
		}
		approved();
		answer(0, VERB_CHECK, 0);
		answer_end(0, VERB_FENCE, cases[i].fence, cases[i].fence_code);
		if (cases[i].status)
			answer_end(0, VERB_FENCE_STATUS, cases[i].status, cases[i].status_code);
		if (run()->state != RUN_FROZEN)
			fail_msg("%s: %s", cases[i].why,
				run_state_text((enum run_state)run()->state));
		assert_int_equal(world_alerts(ALERT_FAILOVER_FROZEN), 1);
		assert_no_verb();
	}
}

static void test_fence_without_status_is_not_confirmed(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	world->config->steps[0].verbs &= ~(1u << VERB_FENCE_STATUS);
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
	answer(0, VERB_CHECK, 0);
	answer(0, VERB_FENCE, 0);
	assert_state(RUN_FROZEN);
	assert_non_null(strstr(world_last(REC_RUN_FROZEN)->text, "fence-status"));
}

static void test_recovered_between_fence_and_promotion(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 0);
	answer(0, VERB_FENCE, 0);
	world_state(A, STATE_OK);
	world_state(B, STATE_OK);
	answer(0, VERB_FENCE_STATUS, 0);
	assert_state(RUN_FROZEN);
	assert_no_verb();
}

struct end_case {
	const char *why;
	enum verb verb;
	enum exit_kind kind;
	int code;
	enum run_state state;
};

static const struct end_case ends[] = {
	{"check fails", VERB_CHECK, EXIT_BY_CODE, 1, RUN_FAILED},
	{"precondition false", VERB_CHECK, EXIT_BY_CODE, 20, RUN_FAILED},
	{"check could not be started", VERB_CHECK, EXIT_NO_SPAWN, 2, RUN_FAILED},
	{"script of check refused", VERB_CHECK, EXIT_NO_SPAWN, STEP_REFUSED, RUN_FROZEN},
	{"script of fence refused", VERB_FENCE, EXIT_NO_SPAWN, STEP_REFUSED, RUN_FROZEN},
	{"check does not end", VERB_CHECK, EXIT_BY_TIMEOUT, 0, RUN_FROZEN},
	{"promote refused by the target", VERB_PROMOTE, EXIT_BY_CODE, 30, RUN_FAILED},
	{"promote unknown", VERB_PROMOTE, EXIT_BY_CODE, 50, RUN_FROZEN},
	{"promote with a code nobody knows", VERB_PROMOTE, EXIT_BY_CODE, 1, RUN_FROZEN},
	{"promote killed", VERB_PROMOTE, EXIT_BY_SIGNAL, 9, RUN_FROZEN},
	{"promote could not be started", VERB_PROMOTE, EXIT_NO_SPAWN, 2, RUN_FAILED},
	{"verify fails", VERB_VERIFY, EXIT_BY_CODE, 3, RUN_FAILED},
	{"verify unknown", VERB_VERIFY, EXIT_BY_CODE, 50, RUN_FROZEN},
};

static void test_what_an_end_means_depends_on_the_verb(void **unused)
{
	static const enum verb before[] = {
		VERB_CHECK, VERB_FENCE, VERB_FENCE_STATUS, VERB_PROMOTE, VERB_VERIFY};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
		if (i) {
			world_end();
			world_start();
		}
		approved();
		for (unsigned k = 0; before[k] != ends[i].verb; k++)
			answer(0, before[k], 0);
		answer_end(0, ends[i].verb, ends[i].kind, ends[i].code);
		if (run()->state != ends[i].state)
			fail_msg("%s: %s, expected %s", ends[i].why,
				run_state_text((enum run_state)run()->state),
				run_state_text(ends[i].state));
		assert_no_verb();
	}
}

static void test_refused_script_calls_people_and_says_which(void **unused)
{
	struct step_result r = {.exit_kind = EXIT_NO_SPAWN, .exit_value = STEP_REFUSED,
		.status = "/p/10-dns: others than root can write to this script"};

	(void)unused;
	approved();
	answer(0, VERB_CHECK, 0);
	assert_true(engine_next_verb(&world->e, &given));
	assert_int_equal(given.verb, VERB_FENCE);
	r.job = given.job;
	run_step_result(&world->e, &r);
	world_settle();
	assert_state(RUN_FROZEN);
	assert_int_equal(run()->fenced, 0); /* it has not run */
	assert_int_equal(world_alerts(ALERT_FAILOVER_FROZEN), 1);
	assert_non_null(strstr(world_last(REC_VERB_FINISHED)->text, "fence: refused"));
	assert_non_null(strstr(world_last(REC_RUN_FROZEN)->text, "step 'dns' refused: /p/10-dns: others than root"));
	assert_int_equal(command(CMD_RESUME, "r7", "", ""), 0);
	answer(0, VERB_FENCE, 0);
}

static void test_retry_later_as_often_as_allowed(void **unused)
{
	(void)unused;
	approved();
	for (unsigned i = 0; i < 3; i++) {
		answer(0, VERB_CHECK, 40);
		assert_int_equal(given.attempt, i + 1);
		if (i == 2)
			break;
		assert_no_verb();
		assert_true(plans_next_ms(&world->e) == world->e.now_ms + 5000);
		world_pass(5000);
		world_settle();
	}
	assert_state(RUN_FAILED); /* retries: 2 */
}

static void test_rollback_in_reverse(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	world->config->steps[1].rollback_on_failure = 1;
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
	for (enum verb v = VERB_CHECK; v <= VERB_VERIFY; v++)
		answer(0, v, 0);
	answer(1, VERB_CHECK, 0);
	answer(1, VERB_PROMOTE, 0);
	answer(1, VERB_VERIFY, 1);
	answer(1, VERB_ROLLBACK, 0);
	answer(0, VERB_ROLLBACK, 0);
	assert_state(RUN_FAILED);
	assert_int_equal(step(1).state, STEP_FAILED);
	assert_int_equal(step(0).state, STEP_SKIPPED);
}

static void test_rollback_that_fails_freezes(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	world->config->steps[0].rollback_on_failure = 1;
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
	for (enum verb v = VERB_CHECK; v <= VERB_PROMOTE; v++)
		answer(0, v, 0);
	answer(0, VERB_VERIFY, 1);
	answer(0, VERB_ROLLBACK, 20);
	assert_state(RUN_FROZEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_fence_that_lies_promotes_nothing),
		IN_WORLD(test_fence_without_status_is_not_confirmed),
		IN_WORLD(test_recovered_between_fence_and_promotion),
		IN_WORLD(test_what_an_end_means_depends_on_the_verb),
		IN_WORLD(test_refused_script_calls_people_and_says_which),
		IN_WORLD(test_retry_later_as_often_as_allowed),
		IN_WORLD(test_rollback_in_reverse),
		IN_WORLD(test_rollback_that_fails_freezes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
