#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "plan_world.h"

static void expect(const char *why, enum run_mode mode, enum gate want)
{
	char text[128];
	enum gate g;

	world_settle();
	g = gates_check(&world->e, 0, mode, text, sizeof(text));
	if (g != want)
		fail_msg("%s: %s, expected %s (%s)", why, gate_text(g), gate_text(want), text);
}

static void test_evidence(void **unused)
{
	uint32_t d;

	(void)unused;
	plan_world(MODE_APPROVE);
	expect("nothing is wrong", RUN_MODE_APPROVED, GATE_EVIDENCE);
	lose(A);
	expect("one fact is not two", RUN_MODE_APPROVED, GATE_EVIDENCE);
	d = world_component(KIND_DRIVE, "d", STATE_FAILED);
	world_seen(d, 1, PLANE_INBAND, 1000);
	expect("a drive never fails an array over", RUN_MODE_APPROVED, GATE_EVIDENCE);
	world_seen(A, 1, PLANE_INBAND, 5000);
	expect("the same of two planes", RUN_MODE_APPROVED, GATE_COUNT);
	world_seen(A, 1, PLANE_SPOOFABLE, 5000);
	expect("hearsay", RUN_MODE_APPROVED, GATE_EVIDENCE);
	lose(B);
	expect("two canisters", RUN_MODE_APPROVED, GATE_COUNT);
	world_pass(15001);
	expect("too old", RUN_MODE_APPROVED, GATE_EVIDENCE);
	expect("people may always act", RUN_MODE_MANUAL, GATE_COUNT);
}

static void test_survivor_with_a_new_cause_is_the_second_fact(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	world_fact(B, FACT_ERROR_CODE, 7);
	world_settle();
	world_pass(1000);
	lose(A);
	expect("an old error", RUN_MODE_APPROVED, GATE_EVIDENCE);
	world_pass(1000);
	world_fact(B, FACT_ERROR_CODE, 578);
	expect("a new one", RUN_MODE_APPROVED, GATE_COUNT);
}

static void test_unreachable_is_no_evidence(void **unused)
{
	(void)unused;
	plan_world(MODE_APPROVE);
	world_settle();
	world_state(A, STATE_UNREACHABLE);
	world_state(B, STATE_UNREACHABLE);
	expect("silence", RUN_MODE_APPROVED, GATE_EVIDENCE);
}

static uint32_t lost_at(enum kind kind, const char *name, const char *dev)
{
	uint32_t i = world_component(kind, name, STATE_FAILED);

	copy_text(component_at(&world->e.model, i)->dev, sizeof(component_at(&world->e.model, i)->dev), dev);
	return i;
}

static void test_a_namespace_says_nothing_beside_its_controller(void **unused)
{
	uint32_t controller;

	(void)unused;
	plan_world(MODE_APPROVE);
	controller = lost_at(KIND_PATH, "p1", "/dev/nvme1");
	(void)lost_at(KIND_NAMESPACE, "p1:ns1", "/dev/nvme1");
	(void)lost_at(KIND_NAMESPACE, "p1:ns2", "/dev/nvme1");
	expect("one controller that does not serve", RUN_MODE_APPROVED, GATE_EVIDENCE);
	world_state(controller, STATE_DEGRADED);
	expect("a controller that serves, and two namespaces that it does not reach", RUN_MODE_APPROVED, GATE_COUNT);
	world_state(controller, STATE_FAILED);
	(void)lost_at(KIND_PATH, "p2", "/dev/nvme2");
	expect("two controllers", RUN_MODE_APPROVED, GATE_COUNT);
}

static void test_order_and_whom_they_bind(void **unused)
{
	struct maintenance_row w = {.used = 1, .component = NONE32, .until_ms = UINT64_MAX};
	struct plan_row p;

	(void)unused;
	plan_world(MODE_AUTO);
	lose(A);
	lose(B);
	p = *plan_at(&world->e.model, 0);
	p.armed = 0;
	p.blocked_until_ms = world->e.now_ms + 1000;
	emit(&world->e, REC_PLAN, TABLE_PLAN, 0, &p, SEV_NONE, NULL);
	emit(&world->e, REC_MAINTENANCE_STARTED, TABLE_MAINTENANCE, 0, &w, SEV_NONE, NULL);
	expect("disarmed", RUN_MODE_AUTO, GATE_ARMED);
	expect("neither disarmed nor maintenance nor block bind people", RUN_MODE_APPROVED,
		GATE_COUNT);
	p = *plan_at(&world->e.model, 0);
	p.armed = 1;
	p.wanted_since_ms = 0;
	p.last_incident_used = 1; /* no request by itself in this test */
	emit(&world->e, REC_PLAN, TABLE_PLAN, 0, &p, SEV_NONE, NULL);
	expect("maintenance", RUN_MODE_AUTO, GATE_MAINTENANCE);
	w.until_ms = world->e.now_ms;
	emit(&world->e, REC_MAINTENANCE_STARTED, TABLE_MAINTENANCE, 0, &w, SEV_NONE, NULL);
	expect("block window", RUN_MODE_AUTO, GATE_BLOCK);
	world_pass(1000);
	expect("no witness", RUN_MODE_AUTO, GATE_OBSERVER);
}

static void test_witness(void **unused)
{
	bool full = false;
	struct cfg_plan *c;
	uint32_t w;

	(void)unused;
	plan_world(MODE_AUTO);
	c = &world->config->plans[0];
	c->witness = cfg_list_add(world->config, 0, &c->nwitness, "192.0.2.1", &full);
	assert_int_equal(observer_sound(&world->e, 0), OBSERVER_UNKNOWN);
	w = world_component(KIND_TARGET, "192.0.2.1", STATE_UNREACHABLE);
	world_seen(w, 0, PLANE_INBAND, 10000);
	assert_int_equal(observer_sound(&world->e, 0), OBSERVER_SUSPECT);
	world_state(w, STATE_OK);
	assert_int_equal(observer_sound(&world->e, 0), OBSERVER_SOUND);
	world_pass(30001);
	assert_int_equal(observer_sound(&world->e, 0), OBSERVER_UNKNOWN);
}

static void forecast(uint32_t guarded)
{
	struct forecast_row f = {.used = 1, .guarded = guarded};

	copy_text(f.advisory, sizeof(f.advisory), "netapp-su448");
	copy_text(f.effect, sizeof(f.effect), "answers with errors");
	emit(&world->e, REC_ARRAY, TABLE_FORECAST, 0, &f, SEV_NONE, NULL);
}

static void test_what_would_set_a_fault_off_is_refused(void **unused)
{
	char why[128];

	(void)unused;
	plan_world(MODE_APPROVE);
	lose(A);
	lose(B);
	forecast(1u << OPERATION_POWER_CYCLE);
	expect("the plan does nothing of the sort", RUN_MODE_APPROVED, GATE_COUNT);
	world->config->steps[1].operations =
		1u << OPERATION_POWER_CYCLE | 1u << OPERATION_REBOOT_CANISTER;
	expect("it would power-cycle", RUN_MODE_APPROVED, GATE_FIRMWARE);
	(void)gates_check(&world->e, 0, RUN_MODE_APPROVED, why, sizeof(why));
	assert_non_null(strstr(why, "power_cycle"));
	assert_non_null(strstr(why, "netapp-su448"));
	expect("people may always act", RUN_MODE_MANUAL, GATE_COUNT);
	forecast(1u << OPERATION_UPDATE_FIRMWARE);
	expect("another operation", RUN_MODE_APPROVED, GATE_COUNT);
}

static void test_other_firmware_needs_a_person(void **unused)
{
	struct finding_row f = {.used = 1, .active = 1, .id = 12, .folded = NONE16};
	bool full = false;
	struct cfg_plan *c;
	uint32_t w;

	(void)unused;
	plan_world(MODE_AUTO);
	c = &world->config->plans[0];
	c->witness = cfg_list_add(world->config, 0, &c->nwitness, "192.0.2.1", &full);
	w = world_component(KIND_TARGET, "192.0.2.1", STATE_OK);
	world_seen(w, 0, PLANE_INBAND, 10000);
	lose(A);
	lose(B);
	copy_text(f.rule_id, sizeof(f.rule_id), "array.different-code");
	copy_text(f.detail, sizeof(f.detail), "A runs 7.8, B runs 7.9");
	f.component = NONE32;
	emit(&world->e, REC_FINDING_FIRING, TABLE_FINDING, 0, &f, SEV_WARNING, NULL);
	expect("a swapped canister brought other code", RUN_MODE_AUTO, GATE_MISMATCH);
	expect("a person may approve", RUN_MODE_APPROVED, GATE_COUNT);
	f.acked = 1;
	emit(&world->e, REC_ACKNOWLEDGED, TABLE_FINDING, 0, &f, SEV_NONE, NULL);
	expect("a person has looked", RUN_MODE_AUTO, GATE_COUNT);
}

/* A unit that was unmapped looks as one that is lost: nothing for a machine to act on. */
static void lose_a_unit(void)
{
	uint32_t p[4];

	for (unsigned i = 0; i < 4; i++) {
		struct component_row c;

		p[i] = world_component(KIND_PATH, (const char *[]){"p1", "p2", "p3", "p4"}[i], STATE_OK);
		c = *component_at(&world->e.model, p[i]);
		c.flags |= COMPONENT_ADOPTED;
		format_text(c.unit, sizeof(c.unit), "0x6%031u", i / 2);
		emit(&world->e, REC_COMPONENT, TABLE_COMPONENT, p[i], &c, SEV_NONE, NULL);
	}
	for (unsigned i = 0; i < 2; i++) {
		world_state(p[i], STATE_FAILED);
		world_seen(p[i], 1, PLANE_INBAND, 2000);
		world_seen(p[2 + i], 1, PLANE_INBAND, 2000);
	}
	world->e.dirty = true;
	world_settle();
	assert_int_equal(array_at(&world->e.model, 0)->verdict, VERDICT_ACCESS_LOST);
}

static void test_one_unit_alone_needs_a_person(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	world->config->plans[0].when = 0;
	lose_a_unit();
	expect("the other unit has its paths", RUN_MODE_AUTO, GATE_UNIT);
	expect("a person may approve", RUN_MODE_APPROVED, GATE_COUNT);
	lose(A);
	expect("a canister is in maintenance besides", RUN_MODE_AUTO, GATE_UNIT);
	lose(B);
	world_settle();
	expect("the canisters are lost too", RUN_MODE_AUTO, GATE_OBSERVER);
}

static void test_one_unit_alone_asks_a_person(void **unused)
{
	(void)unused;
	plan_world(MODE_AUTO);
	lose_a_unit();
	assert_int_equal(plan_at(&world->e.model, 0)->state, RUN_WAITING_APPROVAL);
}

static void test_every_gate_has_a_name(void **unused)
{
	(void)unused;
	for (unsigned g = 0; g < GATE_COUNT; g++)
		for (unsigned k = 0; k < g; k++)
			assert_string_not_equal(gate_text((enum gate)g), gate_text((enum gate)k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_evidence),
		IN_WORLD(test_survivor_with_a_new_cause_is_the_second_fact),
		IN_WORLD(test_unreachable_is_no_evidence),
		IN_WORLD(test_a_namespace_says_nothing_beside_its_controller),
		IN_WORLD(test_order_and_whom_they_bind),
		IN_WORLD(test_witness),
		IN_WORLD(test_what_would_set_a_fault_off_is_refused),
		IN_WORLD(test_other_firmware_needs_a_person),
		IN_WORLD(test_one_unit_alone_needs_a_person),
		IN_WORLD(test_one_unit_alone_asks_a_person),
		cmocka_unit_test(test_every_gate_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
