#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "run_world.h"

/* Anything may happen in any order; what must never happen is checked at every verb that is given. */
enum { WORLDS = 60, EVENTS = 3000 };

static uint32_t rng_state, resumes, promotions[2];
static uint32_t in_flight;

static uint32_t rng(uint32_t below)
{
	rng_state = rng_state * 1664525u + 1013904223u;
	return (rng_state >> 8) % below;
}

static const struct run_row *run_of(uint32_t id)
{
	for (uint32_t i = 0; i < run_count(&world->e.model); i++)
		if (run_at(&world->e.model, i)->used && run_at(&world->e.model, i)->id == id)
			return run_at(&world->e.model, i);
	return NULL;
}

static void check_promotion(const struct run_row *r)
{
	if (r->fenced == 2)
		fail_msg("promoted while the fence was not confirmed");
	if (given.attempt == 1)
		promotions[given.step]++;
	/* a new run needs a person's clear or a hand; a repetition a person's resume */
	if (promotions[given.step] > 1 + resumes)
		fail_msg("step %u was promoted %u times with %u resumes", given.step,
			promotions[given.step], resumes);
}

static void take_verb(void)
{
	const struct run_row *r;

	if (!engine_next_verb(&world->e, &given))
		return;
	r = run_of(given.run);
	assert_non_null(r);
	if (!r)
		return;
	assert_true(
		r->state == RUN_FENCING || r->state == RUN_PROMOTING || r->state == RUN_VERIFYING);
	assert_true(r->mode != RUN_MODE_AUTO ||
		    observer_sound(&world->e, r->plan) == OBSERVER_SOUND ||
		    promotions[0] + promotions[1] > 0 || given.verb != VERB_CHECK);
	if (given.verb == VERB_PROMOTE && r->mode != RUN_MODE_DRILL && r->mode != RUN_MODE_DRY)
		check_promotion(r);
	if (r->mode == RUN_MODE_DRY)
		assert_int_equal(given.verb, VERB_CHECK);
	in_flight = given.job;
}

static void answer_verb(void)
{
	static const int codes[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 20, 30, 40, 50};
	struct step_result r = {.job = rng(8) ? in_flight : rng(100), .exit_kind = EXIT_BY_CODE};

	uint64_t before;

	if (!rng(20))
		r.exit_kind = (uint8_t)(EXIT_BY_SIGNAL + rng(3));
	r.exit_value = codes[rng(ARRAY_SIZE(codes))];
	before = world->e.model.sequence;
	run_step_result(&world->e, &r);
	/* an answer to something else is none */
	assert_true(r.job == in_flight || world->e.model.sequence == before);
	world_settle();
}

static void any_command(void)
{
	static const enum command_type types[] = {CMD_ARM, CMD_DISARM, CMD_DRY_RUN, CMD_DRILL,
		CMD_RUN, CMD_APPROVE, CMD_DENY, CMD_ABORT, CMD_RESUME, CMD_CLEAR};
	enum command_type t = types[rng(ARRAY_SIZE(types))];
	bool done = command(t, "move", rng(2) ? "78N16G4" : "78N16G5", "why") == 0;

	/* each of these lets one more promotion be right */
	if (done && (t == CMD_RESUME || t == CMD_CLEAR || t == CMD_RUN || t == CMD_APPROVE))
		resumes++;
}

static void any_event(void)
{
	static const enum state states[] = {STATE_OK, STATE_OK, STATE_FAILED, STATE_SERVICE,
		STATE_UNREACHABLE, STATE_TRANSITION};

	switch (rng(18)) {
	case 0:
		world_state(A, states[rng(ARRAY_SIZE(states))]);
		break;
	case 1:
		world_state(B, states[rng(ARRAY_SIZE(states))]);
		break;
	case 2:
		world_pass(rng(2) ? rng(20000) : rng(4000000));
		break;
	case 3:
		reread();
		break;
	case 4:
		any_command();
		break;
	case 5:
		open_incident(1 + rng(3));
		break;
	case 6:
	case 7:
		reread();
		break;
	case 8:
		any_command();
		break;
	case 9:
		if (!rng(4))
			run_runner_died(&world->e);
		break;
	default:
		take_verb();
		answer_verb();
		return;
	}
	world_settle();
	take_verb();
}

static void test_nothing_forbidden_in_any_order(void **unused)
{
	uint32_t given_at_all = 0;

	(void)unused;
	for (unsigned w = 0; w < WORLDS; w++) {
		world_start();
		rng_state = w;
		resumes = promotions[0] = promotions[1] = in_flight = 0;
		plan_world(w % 2 ? MODE_AUTO : MODE_APPROVE);
		world->config->plans[0].hold_ms = 1000;
		world->config->steps[1].rollback_on_failure = w % 3 == 0;
		if (w % 4 < 2)
			world->config->steps[1].verbs |= 1u
							 << VERB_FENCE; /* that nothing confirms */
		if (w % 4 == 3)
			sound_observer();
		for (unsigned i = 0; i < EVENTS; i++)
			any_event();
		given_at_all += promotions[0] + promotions[1];
		world_end();
	}
	if (given_at_all < WORLDS)
		fail_msg("only %u promotions: nothing was tried", given_at_all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_forbidden_in_any_order)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
