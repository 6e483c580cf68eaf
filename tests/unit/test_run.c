#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "run_world.h"

static void test_asks_is_approved_and_runs_to_the_end(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	lose(A);
	world_settle();
	assert_int_equal(plan()->state, RUN_IDLE);
	lose(B);
	world_settle();
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 7);
	assert_int_equal(world_alerts(ALERT_FAILOVER_REQUESTED), 1);
	assert_string_equal(
		run()->reason, "san1 access_lost: canister A failed, canister B failed");
	assert_no_verb();
	assert_int_equal(command(CMD_APPROVE, "", "", ""), 0); /* the only one that waits */
	assert_string_equal(run()->by, "anna");
	answer(0, VERB_CHECK, 0);
	assert_int_equal(given.mode, RUN_MODE_APPROVED);
	assert_int_equal(given.fenced, 0);
	assert_string_equal(given.serial, "78N16G4");
	answer(0, VERB_FENCE, 10);
	answer(0, VERB_FENCE_STATUS, 0);
	assert_state(RUN_PROMOTING);
	answer(0, VERB_PROMOTE, 0);
	assert_int_equal(given.fenced, 1);
	answer(0, VERB_VERIFY, 0);
	assert_int_equal(step(0).state, STEP_DONE);
	assert_int_equal(step(1).state, STEP_NOW);
	answer(1, VERB_CHECK, 0);
	answer(1, VERB_PROMOTE, 0);
	assert_int_equal(world_alerts(ALERT_FAILOVER_FINISHED), 0);
	answer(1, VERB_VERIFY, 0);
	assert_state(RUN_DONE);
	assert_int_equal(plan()->state, RUN_DONE);
	assert_int_equal(world_alerts(ALERT_FAILOVER_STARTED), 1);
	assert_int_equal(world_alerts(ALERT_FAILOVER_FINISHED), 1);
	assert_no_verb();
}

static void automatic(void)
{
	plan_world(MODE_AUTO);
	sound_observer();
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
}

static void test_one_run_per_incident_until_cleared(void **unused)
{
	(void)unused;
	automatic();
	answer(0, VERB_CHECK, 20);
	assert_state(RUN_FAILED);
	world_pass(86400000);
	reread();
	sound_again();
	world_settle();
	assert_state(RUN_FAILED);
	open_incident(2);
	world_settle();
	assert_state(RUN_FAILED); /* nobody has looked at the last one */
	assert_string_equal(plan()->refused_gate, "open-run");
	assert_int_equal(command(CMD_CLEAR, "r7", "", ""), 0);
	assert_state(RUN_REQUESTED);
	assert_int_equal(run()->id, 8);
}

static void test_people_are_asked_whatever_the_last_run_did(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 20);
	world_pass(86400000);
	reread();
	world_settle();
	assert_state(RUN_FAILED); /* one an incident */
	open_incident(2);
	world_settle();
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 8);
	assert_non_null(strstr(world->alerts[world->nalerts - 1].action, "run r7 is failed and nobody has cleared it. ballastctl failover approve r8"));
	assert_non_null(strstr(world_last(REC_RUN)->text, "run r7 is failed"));
	assert_int_equal(command(CMD_APPROVE, "r8", "", ""), 0);
	answer(0, VERB_CHECK, 0);
}

static void test_people_are_asked_in_the_block_window(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 20);
	assert_int_equal(command(CMD_CLEAR, "r7", "", ""), 0);
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 8);
	assert_non_null(strstr(world->alerts[world->nalerts - 1].action, "a run was made before: blocked for"));
	assert_int_equal(command(CMD_APPROVE, "r8", "", ""), 0);
	answer(0, VERB_CHECK, 0);
}

static void test_nobody_is_asked_while_a_run_is_frozen(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 50);
	assert_state(RUN_FROZEN);
	open_incident(2);
	world_settle();
	assert_int_equal(run()->id, 7);
	assert_string_equal(plan()->refused_gate, "open-run");
}

static void test_block_window(void **unused)
{
	uint32_t refusals;

	(void)unused;
	automatic();
	answer(0, VERB_CHECK, 20);
	assert_int_equal(command(CMD_CLEAR, "r7", "", ""), 0);
	assert_string_equal(plan()->refused_gate, "block-window");
	refusals = plan()->refusals;
	world_pass(3599000);
	reread();
	sound_again();
	world_settle();
	assert_int_equal(plan()->refusals, refusals); /* said once */
	assert_int_equal(plan()->state, RUN_IDLE);
	assert_true(plans_next_ms(&world->e) <= world->e.now_ms + 1000);
	world_pass(1000);
	reread();
	sound_again();
	world_settle();
	assert_state(RUN_REQUESTED);
}

static void test_approval_that_does_not_come_means_nothing(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	world_pass(7200000);
	reread();
	world_settle();
	assert_state(RUN_WITHDRAWN);
	assert_int_equal(plan()->state, RUN_IDLE);
	assert_no_verb();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), EINVAL);
}

static void test_asks_again_while_nobody_answers(void **unused)
{
	unsigned before;

	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	before = world_alerts(ALERT_FAILOVER_REQUESTED);
	assert_true(plans_next_ms(&world->e) == world->e.now_ms + 1800000);
	world_pass(1799999);
	world_settle();
	assert_int_equal(world_alerts(ALERT_FAILOVER_REQUESTED), before);
	world_pass(1);
	world_settle();
	world_settle();
	assert_int_equal(world_alerts(ALERT_FAILOVER_REQUESTED), before + 1);
	assert_true(plans_next_ms(&world->e) == world->e.now_ms + 1800000);
}

static void test_request_of_a_plan_that_is_gone(void **unused)
{
	struct plan_row p;

	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	p = *plan();
	p.used = 0;
	emit(&world->e, REC_CONFIG, TABLE_PLAN, 0, &p, SEV_NONE, NULL);
	world_settle();
	assert_int_equal(run_at(&world->e.model, 0)->state, RUN_WITHDRAWN);
	assert_true(plans_next_ms(&world->e) == UINT64_MAX);
}

static void test_withdraws_when_the_array_recovers(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	world_state(A, STATE_OK);
	world_state(B, STATE_OK);
	world_settle();
	assert_state(RUN_WAITING_APPROVAL); /* not before the clear time */
	world_pass(300000);
	world_settle();
	assert_state(RUN_WITHDRAWN);
	assert_true(world->alerts[world->nalerts - 1].resolved);
}

static void test_approval_looks_again(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	world_pass(60000); /* nobody has read anything since */
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), EPERM);
	assert_state(RUN_WAITING_APPROVAL);
	assert_string_equal(plan()->refused_gate, "evidence");
	reread();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
}

static void test_auto_waits_for_the_hold(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	sound_observer();
	all_lost();
	assert_state(RUN_REQUESTED);
	assert_int_equal(world_alerts(ALERT_FAILOVER_REQUESTED), 1);
	assert_no_verb();
	world_pass(599999);
	reread();
	world_settle();
	assert_state(RUN_REQUESTED);
	world_pass(1);
	world_settle();
	answer(0, VERB_CHECK, 0);
	assert_int_equal(given.mode, RUN_MODE_AUTO);
}

static void test_auto_may_be_approved_before(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	sound_observer();
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "move", "", ""), 0);
	answer(0, VERB_CHECK, 0);
	assert_int_equal(given.mode, RUN_MODE_APPROVED);
}

static void test_auto_without_witness_asks(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	all_lost();
	assert_state(RUN_WAITING_APPROVAL);
	assert_string_equal(plan()->refused_gate, "observer");
	assert_int_equal(plan()->refusals, 1);
	assert_non_null(strstr(world_last(REC_RUN)->text, "no witness is configured"));
}

static void test_auto_whose_evidence_grows_old_does_not_start(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	sound_observer();
	all_lost();
	world_pass(600000);
	world_settle();
	assert_state(RUN_REQUESTED);
	assert_string_equal(plan()->refused_gate, "evidence");
	assert_true(plans_next_ms(&world->e) > world->e.now_ms);
	world_pass(10000);
	reread();
	world_settle();
	assert_state(RUN_FENCING);
}

static void test_disarmed_asks_nobody(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	assert_int_equal(command(CMD_DISARM, "move", "", ""), 0);
	all_lost();
	assert_int_equal(plan()->state, RUN_IDLE);
	assert_string_equal(plan()->refused_gate, "armed");
	assert_int_equal(world_alerts(ALERT_FAILOVER_REFUSED), 1);
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "by hand"), 0);
	answer(0, VERB_CHECK, 0);
	assert_int_equal(given.mode, RUN_MODE_MANUAL);
}

static void test_partition_of_43_seconds_starts_nothing(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	sound_observer();
	/* seen as silence: no verdict to act on */
	world_state(A, STATE_UNREACHABLE);
	world_state(B, STATE_UNREACHABLE);
	world_settle();
	assert_int_equal(plan()->state, RUN_IDLE);
	/* seen as loss: asked for, held, and over before the hold */
	all_lost();
	world_pass(43000);
	world_state(A, STATE_OK);
	world_state(B, STATE_OK);
	for (int i = 0; i < 120; i++) {
		reread();
		world_settle();
		assert_no_verb();
		world_pass(10000);
	}
	assert_state(RUN_WITHDRAWN);
}

static void test_by_hand_needs_the_serial_and_a_reason(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	assert_int_equal(command(CMD_RUN, "move", "78N16G5", "why"), EPERM);
	assert_string_equal(plan()->refused_gate, "serial");
	assert_int_equal(command(CMD_RUN, "move", "", "why"), EPERM);
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", ""), EINVAL);
	assert_int_equal(command(CMD_RUN, "nope", "78N16G4", "why"), ENOENT);
	assert_no_verb();
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "planned work"), 0);
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "again"), EPERM); /* one at a time */
	answer(0, VERB_CHECK, 0);
}

static void test_by_hand_overtakes_a_request(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	assert_int_equal(command(CMD_RUN, "move", "78N16G4", "now"), 0);
	assert_int_equal(run()->id, 8);
	assert_int_equal(run_at(&world->e.model, 0)->state, RUN_WITHDRAWN);
	answer(0, VERB_CHECK, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_asks_is_approved_and_runs_to_the_end),
		IN_WORLD(test_one_run_per_incident_until_cleared),
		IN_WORLD(test_people_are_asked_whatever_the_last_run_did),
		IN_WORLD(test_people_are_asked_in_the_block_window),
		IN_WORLD(test_nobody_is_asked_while_a_run_is_frozen),
		IN_WORLD(test_block_window),
		IN_WORLD(test_approval_that_does_not_come_means_nothing),
		IN_WORLD(test_asks_again_while_nobody_answers),
		IN_WORLD(test_request_of_a_plan_that_is_gone),
		IN_WORLD(test_withdraws_when_the_array_recovers),
		IN_WORLD(test_approval_looks_again),
		IN_WORLD(test_auto_waits_for_the_hold),
		IN_WORLD(test_auto_may_be_approved_before),
		IN_WORLD(test_auto_without_witness_asks),
		IN_WORLD(test_auto_whose_evidence_grows_old_does_not_start),
		IN_WORLD(test_disarmed_asks_nobody),
		IN_WORLD(test_partition_of_43_seconds_starts_nothing),
		IN_WORLD(test_by_hand_needs_the_serial_and_a_reason),
		IN_WORLD(test_by_hand_overtakes_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
