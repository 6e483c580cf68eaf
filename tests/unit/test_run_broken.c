#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "run_world.h"

static void test_abort_after_the_verb_then_resume(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 0);
	assert_int_equal(command(CMD_ABORT, "r7", "", ""), 0);
	assert_state(RUN_FENCING); /* fence is under way */
	answer(0, VERB_FENCE, 0);
	assert_state(RUN_FROZEN);
	assert_no_verb();
	assert_int_equal(command(CMD_RESUME, "r7", "", ""), 0);
	answer(0, VERB_FENCE_STATUS, 0);
	answer(0, VERB_PROMOTE, 0);
}

static void test_frozen_is_given_up_or_resumed_by_people(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 50);
	assert_state(RUN_FROZEN);
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "again"), EPERM);
	assert_int_equal(command(CMD_RESUME, "7", "", ""), 0);
	answer(0, VERB_CHECK, 50);
	assert_int_equal(command(CMD_CLEAR, "r7", "", ""), 0);
	assert_int_equal(run_at(&world->e.model, 0)->state, RUN_ABORTED);
	assert_int_equal(plan()->state, RUN_WAITING_APPROVAL); /* it is still lost: asked anew */
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "again"), 0);
}

static void test_deny(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	assert_int_equal(command(CMD_DENY, "r7", "", "no"), 0);
	assert_state(RUN_ABORTED);
	assert_int_equal(command(CMD_DENY, "r7", "", "no"), EINVAL);
	assert_int_equal(command(CMD_DENY, "r99", "", ""), ENOENT);
	assert_int_equal(command(CMD_DENY, "", "", ""), ENOENT);
}

static void test_runner_that_dies_freezes_what_it_had(void **unused)
{
	(void)unused;
	approved();
	run_runner_died(&world->e);
	world_settle();
	assert_state(RUN_FENCING); /* it had not been given yet */
	assert_true(engine_next_verb(&world->e, &given));
	run_runner_died(&world->e);
	world_settle();
	assert_state(RUN_FROZEN);
	assert_int_equal(step(0).exit_kind, EXIT_LOST);
}

static void test_engine_that_was_replaced_freezes_what_was_in_flight(void **unused)
{
	struct step_result late = {.exit_kind = EXIT_BY_CODE};

	(void)unused;
	approved();
	assert_true(engine_next_verb(&world->e, &given));
	late.job = given.job;
	world->e.next_job = world->e.given_job = 0; /* what a new process knows */
	assert_no_verb();
	world_settle();
	assert_state(RUN_FROZEN);
	run_step_result(&world->e, &late);
	world_settle();
	assert_state(RUN_FROZEN);
	assert_int_equal(command(CMD_RESUME, "r7", "", ""), 0);
	assert_true(engine_next_verb(&world->e, &given));
	assert_true(given.job > late.job); /* an answer of the old life never matches */
}

static void test_runner_that_never_answers(void **unused)
{
	(void)unused;
	approved();
	assert_true(engine_next_verb(&world->e, &given));
	world_pass(39999);
	world_settle();
	assert_state(RUN_FENCING);
	world_pass(1);
	world_settle();
	assert_state(RUN_FROZEN);
	assert_int_equal(engine_aborted_verb(&world->e), given.job);
	assert_int_equal(engine_aborted_verb(&world->e), 0);
}

static void test_no_runner_at_all_is_a_failure_of_its_own(void **unused)
{
	(void)unused;
	approved();
	world_pass(40000);
	world_settle();
	assert_state(RUN_FAILED);
	assert_no_verb(); /* a runner that comes later gets nothing */
}

static void test_dry_run_and_drill_leave_the_plan_alone(void **unused)
{
	uint32_t before;

	(void)unused;
	plan_world(MODE_APPROVE);
	before = plan()->run;
	assert_int_equal(command(CMD_DRY_RUN, "move", "", ""), 0);
	assert_non_null(strstr(reply.text, "evidence"));
	assert_memory_equal(world_last(REC_RUN_APPROVED)->text, "dry run r", 9);
	assert_int_equal(world_last(REC_RUN_REQUESTED)->severity, SEV_INFO);
	assert_int_equal(world_last(REC_RUN_APPROVED)->severity, SEV_INFO);
	answer(0, VERB_CHECK, 0);
	assert_int_equal(given.mode, RUN_MODE_DRY);
	answer(1, VERB_CHECK, 0);
	assert_no_verb();
	assert_int_equal(plan()->run, before);
	assert_int_equal(plan()->state, RUN_IDLE);
	assert_int_equal(command(CMD_DRILL, "move", "", ""), 0);
	answer(0, VERB_CHECK, 0);
	answer(0, VERB_DRILL, 0);
	answer(1, VERB_CHECK, 0);
	assert_no_verb();
	assert_int_equal(plan()->drill_ok, 1);
	assert_true(plan()->drill_wall_ms > 0);
	assert_int_equal(command(CMD_DRILL, "move", "", ""), 0);
	answer_end(0, VERB_CHECK, EXIT_BY_TIMEOUT, 0);
	assert_int_equal(plan()->drill_ok, 0);
	all_lost();
	assert_state(RUN_WAITING_APPROVAL); /* a drill that failed blocks nothing */
}

static void test_plan_changed_under_the_run(void **unused)
{
	bool full = false;

	(void)unused;
	approved();
	world->config->steps[0].name = cfg_put(world->config, "other", &full);
	world_settle();
	assert_state(RUN_FROZEN);
	assert_no_verb();
	assert_int_equal(command(CMD_RESUME, "r7", "", ""), EPERM);
}

/* What an older run was is no longer the plan's business. */
static void test_clear_of_an_old_run_hides_no_new_one(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 20);
	assert_state(RUN_FAILED);
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "again"), 0);
	answer(0, VERB_CHECK, 0);
	answer(0, VERB_FENCE, 0);
	answer(0, VERB_FENCE_STATUS, 0);
	assert_int_equal(plan()->state, RUN_PROMOTING);
	assert_int_equal(command(CMD_CLEAR, "r7", "", ""), 0);
	assert_int_equal(plan()->state, RUN_PROMOTING);
	assert_int_equal(plan()->last_incident_used, 1);
	assert_state(RUN_PROMOTING);
	assert_int_equal(run()->id, 8);
}

/* A rehearsal that is cleared re-arms nothing: its plan may not ask twice in one incident. */
static void test_clear_of_a_drill_leaves_the_plan_alone(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	assert_int_equal(command(CMD_DENY, "r7", "", "no"), 0);
	assert_int_equal(command(CMD_DRILL, "move", "", ""), 0);
	answer(0, VERB_CHECK, 20);
	assert_int_equal(command(CMD_CLEAR, "r8", "", ""), 0);
	assert_int_equal(plan()->state, RUN_ABORTED);
	assert_int_equal(plan()->last_incident_used, 1);
	assert_int_equal(run()->id, 7);
}

static uint32_t begin_rehearsal(enum command_type type)
{
	assert_int_equal(command(type, "move", "", ""), 0);
	assert_true(engine_next_verb(&world->e, &given));
	assert_int_equal(given.verb, VERB_CHECK);
	return given.job;
}

static const struct run_row *newest(void)
{
	const struct run_row *found = NULL;

	for (uint32_t i = 0; i < run_count(&world->e.model); i++)
		if (run_at(&world->e.model, i)->used && (!found || run_at(&world->e.model, i)->id > found->id))
			found = run_at(&world->e.model, i);
	return found;
}

static const enum command_type rehearsals[] = {CMD_DRILL, CMD_DRY_RUN};

/* Its script hangs while the array fails: what is real is asked for, and ends it. */
static void test_a_rehearsal_gives_way_to_a_request(void **unused)
{
	struct step_result late = {.exit_kind = EXIT_BY_SIGNAL};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(rehearsals); i++) {
		if (i) {
			world_end();
			world_start();
		}
		plan_world(MODE_APPROVE);
		late.job = begin_rehearsal(rehearsals[i]);
		all_lost();
		assert_int_equal(run_at(&world->e.model, 0)->state, RUN_ABORTED);
		assert_int_equal(engine_aborted_verb(&world->e), late.job); /* the script is ended */
		assert_state(RUN_WAITING_APPROVAL);
		assert_int_equal(run()->id, 8);
		run_step_result(&world->e, &late);
		world_settle();
		assert_int_equal(plan()->drill_wall_ms, 0); /* neither passed nor failed */
		assert_int_equal(command(CMD_APPROVE, "r8", "", ""), 0);
		answer(0, VERB_CHECK, 0);
		assert_int_equal(given.mode, RUN_MODE_APPROVED);
	}
}

static void test_a_rehearsal_gives_way_to_a_person(void **unused)
{
	uint32_t job;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(rehearsals); i++) {
		if (i) {
			world_end();
			world_start();
		}
		plan_world(MODE_APPROVE);
		job = begin_rehearsal(rehearsals[i]);
		assert_int_equal(command(rehearsals[i], "move", "", ""), EPERM); /* one of them at a time */
		assert_int_equal(command(CMD_RUN, "move", "78N16G4", "now"), 0);
		assert_int_equal(run_at(&world->e.model, 0)->state, RUN_ABORTED);
		assert_int_equal(engine_aborted_verb(&world->e), job);
		answer(0, VERB_CHECK, 0);
		assert_int_equal(given.mode, RUN_MODE_MANUAL);
		assert_int_equal(command(rehearsals[i], "move", "", ""), EPERM);
	}
}

/* One that the runner was not given yet it never gets. */
static void test_a_rehearsal_is_aborted_at_once(void **unused)
{
	uint32_t job;

	(void)unused;
	plan_world(MODE_APPROVE);
	assert_int_equal(command(CMD_DRILL, "move", "", ""), 0);
	assert_int_equal(command(CMD_ABORT, "r7", "", ""), 0);
	assert_int_equal(newest()->state, RUN_ABORTED);
	assert_int_equal(engine_aborted_verb(&world->e), 0);
	assert_no_verb();
	job = begin_rehearsal(CMD_DRILL);
	assert_int_equal(command(CMD_ABORT, "r8", "", ""), 0);
	assert_int_equal(newest()->state, RUN_ABORTED);
	assert_int_equal(engine_aborted_verb(&world->e), job);
	assert_int_equal(command(CMD_CLEAR, "r8", "", ""), 0);
}

/* The runner outlived the engine and has the script still: nothing real waits behind it. */
static void test_a_new_engine_ends_the_rehearsal_of_the_old(void **unused)
{
	uint32_t job;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(rehearsals); i++) {
		if (i) {
			world_end();
			world_start();
		}
		plan_world(MODE_APPROVE);
		job = begin_rehearsal(rehearsals[i]);
		world->e.next_job = world->e.given_job = 0; /* what a new process knows */
		run_runner_died(&world->e);
		assert_int_equal(newest()->state, RUN_ABORTED);
		assert_int_equal(engine_aborted_verb(&world->e), job);
		assert_int_equal(plan()->drill_wall_ms, 0);
		assert_int_equal(command(CMD_RUN, "move", "78N16G4", "now"), 0);
		answer(0, VERB_CHECK, 0);
		assert_true(given.job > job);
	}
}

static void test_old_runs_make_room(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(command(CMD_DRY_RUN, "move", "", ""), 0);
		answer(0, VERB_CHECK, 1);
	}
	assert_true(run_count(&world->e.model) <= 32);
	assert_true(step_count(&world->e.model) <= 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_abort_after_the_verb_then_resume),
		IN_WORLD(test_frozen_is_given_up_or_resumed_by_people),
		IN_WORLD(test_deny),
		IN_WORLD(test_runner_that_dies_freezes_what_it_had),
		IN_WORLD(test_engine_that_was_replaced_freezes_what_was_in_flight),
		IN_WORLD(test_runner_that_never_answers),
		IN_WORLD(test_no_runner_at_all_is_a_failure_of_its_own),
		IN_WORLD(test_dry_run_and_drill_leave_the_plan_alone),
		IN_WORLD(test_plan_changed_under_the_run),
		IN_WORLD(test_clear_of_an_old_run_hides_no_new_one),
		IN_WORLD(test_clear_of_a_drill_leaves_the_plan_alone),
		IN_WORLD(test_a_rehearsal_gives_way_to_a_request),
		IN_WORLD(test_a_rehearsal_gives_way_to_a_person),
		IN_WORLD(test_a_rehearsal_is_aborted_at_once),
		IN_WORLD(test_a_new_engine_ends_the_rehearsal_of_the_old),
		IN_WORLD(test_old_runs_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
