/* What the tests of the engine share beside the lab: a redundant array's parts, one of them, and a word said of it. */
#pragma once
#include "agent/engine.h"
#include "tests/unit/lab.h"

#define PAIR "@canister:A ; @canister:B ; @path:host0-A ; @path:host0-B ; end "

static inline const struct component_row *component(const struct lab *l, const char *id)
{
	return component_at(&l->e.model, lab_component(l, id));
}

/* The source has the number of its array. */
static inline void say(struct engine *e, unsigned array, enum kind kind, const char *name, enum state state, uint64_t now_ms)
{
	struct reading r = {.source = (uint16_t)array, .array = (uint16_t)array, .kind = (uint8_t)kind,
		.outcome = OUTCOME_OK, .state = (uint8_t)state, .plane = PLANE_INBAND, .slot = -1};
	struct job_end end = {.source = (uint16_t)array, .outcome = OUTCOME_OK, .count = 1};

	copy_text(r.name, sizeof(r.name), name);
	engine_reading(e, &r, now_ms, INT64_C(1692240000000) + (int64_t)now_ms);
	engine_job_end(e, &end, now_ms, INT64_C(1692240000000) + (int64_t)now_ms);
}
