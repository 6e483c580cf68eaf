/* What the tests of whole situations share: san1 with its plan, and what people were told. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/lab.h"

#define PATHS "@path:host0-A ; @path:host1-A ; @path:host0-B ; @path:host1-B ; "
#define SAN1  "@canister:A/mgmt ; @canister:B/mgmt ; @target:192.0.2.1/witness ; " PATHS "keep=20 "

static inline struct config *rows_config(enum plan_mode mode)
{
	struct config *c = lab_two_planes();
	bool full = false;

	c->nplans = c->nsteps = 1;
	c->plans[0] = (struct cfg_plan){.name = cfg_put(c, "san1-to-standby", &full),
		.target = cfg_put(c, "standby", &full),
		.nsteps = 1,
		.mode = (uint8_t)mode,
		.armed = 1,
		.hold_ms = 600000,
		.approve_timeout_ms = 7200000,
		.block_ms = 3600000,
		.when = 1u << VERDICT_ACCESS_LOST | 1u << VERDICT_IMPENDING_LOSS};
	c->plans[0].witness = cfg_list_add(c, 0, &c->plans[0].nwitness, "192.0.2.1", &full);
	c->steps[0] = (struct cfg_step){.name = cfg_put(c, "dns", &full),
		.timeout_ms = 30000,
		.verbs = 1u << VERB_PROMOTE | 1u << VERB_VERIFY};
	assert_false(full);
	return c;
}

/* Messages about findings and verdicts since record @since; @rule NULL any. */
static inline unsigned told(const struct lab *l, uint64_t since, const char *rule, bool pages)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < alert_count(&l->e.model); i++) {
		const struct alert_row *a = alert_at(&l->e.model, i);

		n += a->used && a->sequence > since &&
		     (a->type == ALERT_FINDING_FIRING || a->type == ALERT_FINDING_RESOLVED ||
			     a->type == ALERT_ARRAY_VERDICT) &&
		     (!rule || !strcmp(a->rule_id, rule)) && (!pages || a->wanted & 1);
	}
	return n;
}
