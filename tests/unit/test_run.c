#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "plan_world.h"

static struct reply reply;

static int command(enum command_type type, const char *id, const char *serial, const char *why)
{
	struct command c = {.type = (uint16_t)type, .uid = 1000};

	copy_text(c.id, sizeof(c.id), id);
	copy_text(c.serial, sizeof(c.serial), serial);
	copy_text(c.why, sizeof(c.why), why);
	copy_text(c.by, sizeof(c.by), "anna");
	run_command(&world->e, &c, &reply);
	world_settle();
	return reply.code;
}

static const struct plan_row *plan(void)
{
	return plan_at(&world->e.model, 0);
}

static const struct run_row *run(void)
{
	return run_at(&world->e.model, plan()->run);
}

static const struct step_row *step(unsigned index)
{
	for (uint32_t i = 0; i < step_count(&world->e.model); i++) {
		const struct step_row *s = step_at(&world->e.model, i);

		if (s->used && s->run == plan()->run && s->index == index)
			return s;
	}
	return NULL;
}

static void all_lost(void)
{
	lose(A);
	lose(B);
	world_settle();
}

static void reread(void)
{
	world_seen(A, 0, PLANE_MANAGEMENT, 5000);
	world_seen(B, 0, PLANE_MANAGEMENT, 5000);
}

static struct verb_order given;

/* The verb that the runner is given next, answered. */
static void answer_end(unsigned step_index, enum verb v, enum exit_kind kind, int value)
{
	struct step_result r = {.exit_kind = (uint8_t)kind, .exit_value = value};

	reread();
	if (!engine_next_verb(&world->e, &given))
		fail_msg("no verb given, expected %s of step %u; run is %s", verb_text(v), step_index,
			run_state_text((enum run_state)run()->state));
	if (given.verb != v || given.step != step_index)
		fail_msg("given %s of step %u, expected %s of step %u", verb_text((enum verb)given.verb), given.step,
			verb_text(v), step_index);
	assert_false(engine_next_verb(&world->e, &(struct verb_order){}));
	world_pass(1000);
	reread();
	r.job = given.job;
	run_step_result(&world->e, &r);
	world_settle();
}

static void answer(unsigned step_index, enum verb v, int code)
{
	answer_end(step_index, v, EXIT_BY_CODE, code);
}

static void assert_state(enum run_state s)
{
	if (run()->state != s)
		fail_msg("run is %s, expected %s", run_state_text((enum run_state)run()->state), run_state_text(s));
}

static void assert_no_verb(void)
{
	assert_false(engine_next_verb(&world->e, &given));
}

static void approved(void)
{
	plan_world(MODE_APPROVE);
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
	assert_state(RUN_FENCING);
}

/* Legal pairs as the manual lists them; every other pair must be refused and change nothing. */
struct legal {
	enum run_state from;
	enum run_event ev;
	enum run_state to;
};

static const struct legal legal[] = {
	{RUN_IDLE, RUN_EV_REQUEST, RUN_REQUESTED},
	{RUN_REQUESTED, RUN_EV_ASK, RUN_WAITING_APPROVAL}, {RUN_REQUESTED, RUN_EV_APPROVE, RUN_FENCING},
	{RUN_REQUESTED, RUN_EV_HOLD_OVER, RUN_FENCING}, {RUN_REQUESTED, RUN_EV_RECOVER, RUN_WITHDRAWN},
	{RUN_REQUESTED, RUN_EV_DENY, RUN_ABORTED}, {RUN_REQUESTED, RUN_EV_ABORT, RUN_ABORTED},
	{RUN_WAITING_APPROVAL, RUN_EV_APPROVE, RUN_FENCING}, {RUN_WAITING_APPROVAL, RUN_EV_EXPIRE, RUN_WITHDRAWN},
	{RUN_WAITING_APPROVAL, RUN_EV_RECOVER, RUN_WITHDRAWN}, {RUN_WAITING_APPROVAL, RUN_EV_DENY, RUN_ABORTED},
	{RUN_WAITING_APPROVAL, RUN_EV_ABORT, RUN_ABORTED},
	{RUN_FENCING, RUN_EV_PROMOTE, RUN_PROMOTING}, {RUN_FENCING, RUN_EV_VERIFY, RUN_VERIFYING},
	{RUN_FENCING, RUN_EV_LAST_DONE, RUN_DONE}, {RUN_FENCING, RUN_EV_STEP_FAILED, RUN_FAILED},
	{RUN_FENCING, RUN_EV_UNKNOWN, RUN_FROZEN}, {RUN_FENCING, RUN_EV_ABORT, RUN_FROZEN},
	{RUN_PROMOTING, RUN_EV_FENCE, RUN_FENCING}, {RUN_PROMOTING, RUN_EV_VERIFY, RUN_VERIFYING},
	{RUN_PROMOTING, RUN_EV_LAST_DONE, RUN_DONE}, {RUN_PROMOTING, RUN_EV_STEP_FAILED, RUN_FAILED},
	{RUN_PROMOTING, RUN_EV_UNKNOWN, RUN_FROZEN}, {RUN_PROMOTING, RUN_EV_ABORT, RUN_FROZEN},
	{RUN_VERIFYING, RUN_EV_FENCE, RUN_FENCING}, {RUN_VERIFYING, RUN_EV_PROMOTE, RUN_PROMOTING},
	{RUN_VERIFYING, RUN_EV_LAST_DONE, RUN_DONE}, {RUN_VERIFYING, RUN_EV_STEP_FAILED, RUN_FAILED},
	{RUN_VERIFYING, RUN_EV_UNKNOWN, RUN_FROZEN}, {RUN_VERIFYING, RUN_EV_ABORT, RUN_FROZEN},
	{RUN_FROZEN, RUN_EV_RESUME, RUN_FENCING}, {RUN_FROZEN, RUN_EV_ABORT, RUN_ABORTED},
	{RUN_FROZEN, RUN_EV_CLEAR, RUN_ABORTED}, {RUN_DONE, RUN_EV_CLEAR, RUN_DONE},
	{RUN_FAILED, RUN_EV_CLEAR, RUN_FAILED}, {RUN_ABORTED, RUN_EV_CLEAR, RUN_ABORTED},
	{RUN_WITHDRAWN, RUN_EV_CLEAR, RUN_WITHDRAWN},
};

static const struct legal *find_legal(unsigned from, unsigned ev)
{
	for (unsigned i = 0; i < ARRAY_SIZE(legal); i++)
		if (legal[i].from == from && legal[i].ev == ev)
			return &legal[i];
	return NULL;
}

static void test_every_pair_of_state_and_event(void **unused)
{
	unsigned n = 0;

	(void)unused;
	plan_world(MODE_APPROVE);
	for (unsigned from = 0; from < RUN_STATE_COUNT; from++)
		for (unsigned ev = 0; ev < RUN_EVENT_COUNT; ev++) {
			const struct legal *l = find_legal(from, ev);
			struct run_row r = {.used = 1, .id = 1, .state = (uint8_t)from};
			uint64_t before;
			int code;

			emit(&world->e, REC_RUN, TABLE_RUN, 0, &r, SEV_NONE, NULL);
			before = world->e.model.sequence;
			code = run_move(&world->e, 0, (enum run_event)ev, "moved");
			assert_int_equal(code, l ? 0 : -EPROTO);
			assert_int_equal(run_at(&world->e.model, 0)->state, l ? l->to : from);
			assert_true((world->e.model.sequence > before) == !!l);
			n += code == 0;
		}
	assert_int_equal(n, ARRAY_SIZE(legal));
	assert_int_equal(run_move(&world->e, 5, RUN_EV_REQUEST, NULL), -EPROTO);
}

static void test_table_as_text(void **unused)
{
	char text[4096];
	size_t lines = 0, len = run_table_text(text, sizeof(text));

	(void)unused;
	assert_true(len < sizeof(text));
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, ARRAY_SIZE(legal));
	assert_non_null(strstr(text, "waiting_approval  approve         -> fencing\n"));
	assert_int_equal(run_table_text(text, 10), len);
}

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
	assert_string_equal(run()->reason, "san1 access_lost: canister A failed, canister B failed");
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
	assert_int_equal(step(0)->state, STEP_DONE);
	assert_int_equal(step(1)->state, STEP_NOW);
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

static void test_one_run_per_incident_until_cleared(void **unused)
{
	(void)unused;
	approved();
	answer(0, VERB_CHECK, 20);
	assert_state(RUN_FAILED);
	world_pass(86400000);
	reread();
	world_settle();
	assert_state(RUN_FAILED);
	open_incident(2);
	world_settle();
	assert_state(RUN_FAILED); /* nobody has looked at the last one */
	assert_string_equal(plan()->refused_gate, "open-run");
	assert_int_equal(command(CMD_CLEAR, "r7", "", ""), 0);
	assert_state(RUN_WAITING_APPROVAL);
	assert_int_equal(run()->id, 8);
}

static void test_block_window(void **unused)
{
	uint32_t refusals;

	(void)unused;
	approved();
	answer(0, VERB_CHECK, 20);
	assert_int_equal(command(CMD_CLEAR, "r7", "", ""), 0);
	assert_string_equal(plan()->refused_gate, "block-window");
	refusals = plan()->refusals;
	world_pass(3599000);
	reread();
	world_settle();
	assert_int_equal(plan()->refusals, refusals); /* said once */
	assert_int_equal(plan()->state, RUN_IDLE);
	assert_true(plans_next_ms(&world->e) <= world->e.now_ms + 1000);
	world_pass(1000);
	reread();
	world_settle();
	assert_state(RUN_WAITING_APPROVAL);
}

static void test_approval_that_does_not_come_means_nothing(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	all_lost();
	assert_true(plans_next_ms(&world->e) == world->e.now_ms + 7200000);
	world_pass(7200000);
	reread();
	world_settle();
	assert_state(RUN_WITHDRAWN);
	assert_int_equal(plan()->state, RUN_IDLE);
	assert_no_verb();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), EINVAL);
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

static void sound_observer(void)
{
	struct cfg_plan *c = &world->config->plans[0];
	bool full = false;

	c->witness = cfg_list_add(world->config, 0, &c->nwitness, "192.0.2.1", &full);
	world_seen(world_component(KIND_TARGET, "192.0.2.1", STATE_OK), 0, PLANE_INBAND, 0);
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
			fail_msg("%s: %s", cases[i].why, run_state_text((enum run_state)run()->state));
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
	static const enum verb before[] = {VERB_CHECK, VERB_FENCE, VERB_FENCE_STATUS, VERB_PROMOTE, VERB_VERIFY};

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
			fail_msg("%s: %s, expected %s", ends[i].why, run_state_text((enum run_state)run()->state),
				run_state_text(ends[i].state));
		assert_no_verb();
	}
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
	assert_int_equal(step(1)->state, STEP_FAILED);
	assert_int_equal(step(0)->state, STEP_SKIPPED);
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
	assert_int_equal(run()->state, RUN_ABORTED);
	assert_int_equal(plan()->state, RUN_IDLE);
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
	assert_int_equal(step(0)->exit_kind, EXIT_LOST);
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
	answer(0, VERB_CHECK, 0);
	assert_state(RUN_FROZEN);
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
		IN_WORLD(test_every_pair_of_state_and_event),
		IN_WORLD(test_table_as_text),
		IN_WORLD(test_asks_is_approved_and_runs_to_the_end),
		IN_WORLD(test_one_run_per_incident_until_cleared),
		IN_WORLD(test_block_window),
		IN_WORLD(test_approval_that_does_not_come_means_nothing),
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
		IN_WORLD(test_fence_that_lies_promotes_nothing),
		IN_WORLD(test_fence_without_status_is_not_confirmed),
		IN_WORLD(test_recovered_between_fence_and_promotion),
		IN_WORLD(test_what_an_end_means_depends_on_the_verb),
		IN_WORLD(test_retry_later_as_often_as_allowed),
		IN_WORLD(test_rollback_in_reverse),
		IN_WORLD(test_rollback_that_fails_freezes),
		IN_WORLD(test_abort_after_the_verb_then_resume),
		IN_WORLD(test_frozen_is_given_up_or_resumed_by_people),
		IN_WORLD(test_deny),
		IN_WORLD(test_runner_that_dies_freezes_what_it_had),
		IN_WORLD(test_engine_that_was_replaced_freezes_what_was_in_flight),
		IN_WORLD(test_runner_that_never_answers),
		IN_WORLD(test_no_runner_at_all_is_a_failure_of_its_own),
		IN_WORLD(test_dry_run_and_drill_leave_the_plan_alone),
		IN_WORLD(test_plan_changed_under_the_run),
		IN_WORLD(test_old_runs_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
