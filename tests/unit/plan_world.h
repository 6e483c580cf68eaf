/* A world with two canisters and one plan over them; included after cmocka. */
#pragma once
#include "world.h"

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, in_world, out_of_world)

static uint32_t A, B;

static inline int in_world(void **unused)
{
	(void)unused;
	world_start();
	return 0;
}

static inline int out_of_world(void **unused)
{
	(void)unused;
	world_end();
	return 0;
}

static inline void open_incident(uint32_t id)
{
	struct incident_row inc = {.used = 1, .open = 1, .id = id};
	struct array_row a = *array_at(&world->e.model, 0);

	a.incident = 0;
	emit(&world->e, REC_INCIDENT_OPENED, TABLE_INCIDENT, 0, &inc, SEV_NONE, NULL);
	emit(&world->e, REC_ARRAY, TABLE_ARRAY, 0, &a, SEV_NONE, NULL);
}

static inline void plan_world(enum plan_mode mode)
{
	struct config *c = world->config;
	struct plan_row p = {.used = 1, .armed = 1, .run = NONE32};
	struct self_row self = {.used = 1, .next_run = 7};
	bool full = false;

	A = world_component(KIND_CANISTER, "A", STATE_OK);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
	world_seen(A, 0, PLANE_MANAGEMENT, 5000);
	world_seen(B, 0, PLANE_MANAGEMENT, 5000);
	c->nplans = 1;
	c->nsteps = 2;
	c->plans[0] = (struct cfg_plan){.name = cfg_put(c, "move", &full),
		.target = cfg_put(c, "standby", &full),
		.nsteps = 2,
		.mode = (uint8_t)mode,
		.armed = 1,
		.hold_ms = 600000,
		.approve_timeout_ms = 7200000,
		.block_ms = 3600000,
		.when = 1u << VERDICT_ACCESS_LOST | 1u << VERDICT_IMPENDING_LOSS};
	c->steps[0] = (struct cfg_step){.name = cfg_put(c, "dns", &full),
		.timeout_ms = 30000,
		.retries = 2,
		.verbs = 1u << VERB_CHECK | 1u << VERB_FENCE | 1u << VERB_FENCE_STATUS |
			 1u << VERB_PROMOTE | 1u << VERB_VERIFY | 1u << VERB_ROLLBACK |
			 1u << VERB_DRILL};
	c->steps[1] = (struct cfg_step){.name = cfg_put(c, "imap", &full),
		.timeout_ms = 30000,
		.verbs = 1u << VERB_CHECK | 1u << VERB_PROMOTE | 1u << VERB_VERIFY |
			 1u << VERB_ROLLBACK};
	copy_text(p.name, sizeof(p.name), "move");
	emit(&world->e, REC_SELF, TABLE_SELF, 0, &self, SEV_NONE, NULL);
	emit(&world->e, REC_PLAN, TABLE_PLAN, 0, &p, SEV_NONE, NULL);
	open_incident(1);
	world_settle();
}

static inline void lose(uint32_t component)
{
	world_state(component, STATE_FAILED);
	world_seen(component, 0, PLANE_MANAGEMENT, 5000);
}
