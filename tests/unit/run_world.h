/* A plan world with a person at the keyboard and a runner that answers as told; after cmocka. */
#pragma once
#include <errno.h>
#include <stdio.h>

#include "plan_world.h"

static struct reply reply;

static inline int command(
	enum command_type type, const char *id, const char *serial, const char *why)
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

static inline const struct plan_row *plan(void)
{
	return plan_at(&world->e.model, 0);
}

static inline const struct run_row *run(void)
{
	return run_at(&world->e.model, plan()->run);
}

static inline struct step_row step(unsigned index)
{
	for (uint32_t i = 0; i < step_count(&world->e.model); i++) {
		const struct step_row *s = step_at(&world->e.model, i);

		if (s->used && s->run == plan()->run && s->index == index)
			return *s;
	}
	fail_msg("the run has no step %u", index);
	return (struct step_row){};
}

static inline void all_lost(void)
{
	lose(A);
	lose(B);
	world_settle();
}

static inline void reread(void)
{
	world_seen(A, 0, PLANE_MANAGEMENT, 5000);
	world_seen(B, 0, PLANE_MANAGEMENT, 5000);
}

static struct verb_order given;

/* The verb that the runner is given next, answered. */
static inline void answer_end(unsigned step_index, enum verb v, enum exit_kind kind, int value)
{
	struct step_result r = {.exit_kind = (uint8_t)kind, .exit_value = value};

	reread();
	if (!engine_next_verb(&world->e, &given))
		fail_msg("no verb given, expected %s of step %u; run is %s", verb_text(v),
			step_index, run_state_text((enum run_state)run()->state));
	if (given.verb != v || given.step != step_index)
		fail_msg("given %s of step %u, expected %s of step %u",
			verb_text((enum verb)given.verb), given.step, verb_text(v), step_index);
	assert_false(engine_next_verb(&world->e, &(struct verb_order){}));
	world_pass(1000);
	reread();
	r.job = given.job;
	run_step_result(&world->e, &r);
	world_settle();
}

static inline void answer(unsigned step_index, enum verb v, int code)
{
	answer_end(step_index, v, EXIT_BY_CODE, code);
}

static inline void assert_state(enum run_state s)
{
	if (run()->state != s)
		fail_msg("run is %s, expected %s", run_state_text((enum run_state)run()->state),
			run_state_text(s));
}

static inline void assert_no_verb(void)
{
	assert_false(engine_next_verb(&world->e, &given));
}

static inline void approved(void)
{
	plan_world(MODE_APPROVE);
	all_lost();
	assert_int_equal(command(CMD_APPROVE, "r7", "", ""), 0);
	assert_state(RUN_FENCING);
}

static inline void sound_observer(void)
{
	struct cfg_plan *c = &world->config->plans[0];
	bool full = false;

	c->witness = cfg_list_add(world->config, 0, &c->nwitness, "192.0.2.1", &full);
	world_seen(world_component(KIND_TARGET, "192.0.2.1", STATE_OK), 0, PLANE_INBAND, 0);
}

/* The witness has just been asked again. */
static inline void sound_again(void)
{
	world_seen(model_find_component(&world->e.model, 0, KIND_TARGET, "192.0.2.1"), 0,
		PLANE_INBAND, 0);
}

static inline void slow_steps(void)
{
	world->config->steps[0].timeout_ms = 3600000;
}

/* One component serves again for as long as it takes to be believed. */
static inline void recover(uint32_t component)
{
	world_state(component, STATE_OK);
	reread();
	world_settle();
	world_pass(300000);
	reread();
	world_settle();
}
