/* When a failover acts by itself and when it waits: hold, witness, maintenance, a suspected observer, load. */
#include "rows_lab.h"
#include "agent/run.h"

static enum run_state run_now(const struct lab *l)
{
	return (enum run_state)plan_at(&l->e.model, 0)->state;
}

#define ALL_LOST                                                                                   \
	"@canister:A/mgmt state=failed @canister:B/mgmt state=failed @path:host0-A state=failed "  \
	"@path:host1-A state=failed @path:host0-B state=failed @path:host1-B state=failed keep=5 "

static void test_lost_acts_after_hold_and_witness(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, rows_config(MODE_AUTO));
	lab_run(&l, SAN1 ALL_LOST);
	assert_int_equal(run_now(&l), RUN_REQUESTED);
	lab_run(&l, "keep=580");
	assert_int_equal(run_now(&l), RUN_REQUESTED);
	lab_run(&l, "keep=20");
	assert_int_equal(run_now(&l), RUN_PROMOTING);
	lab_stop(&l);
	/* people may approve at once */
	lab_start(&l, rows_config(MODE_AUTO));
	lab_run(&l, SAN1 ALL_LOST);
	lab_command(&l, CMD_APPROVE, "r1", 0);
	assert_int_equal(l.reply.code, 0);
	assert_int_equal(run_now(&l), RUN_PROMOTING);
	lab_stop(&l);
	/* the witness is silent: approval only */
	lab_start(&l, rows_config(MODE_AUTO));
	lab_run(&l, SAN1 "@target:192.0.2.1/witness state=unreachable ; " ALL_LOST "keep=700");
	assert_int_equal(run_now(&l), RUN_WAITING_APPROVAL);
	lab_stop(&l);
}

static void maintain(struct lab *l, const char *id, uint64_t for_ms)
{
	struct command c = {.type = CMD_MAINTENANCE_START,
		.for_ms = for_ms,
		.allow_kind = KIND_CANISTER,
		.allow_count = 1};

	copy_text(c.id, sizeof(c.id), id);
	copy_text(c.by, sizeof(c.by), "anna");
	copy_text(c.why, sizeof(c.why), "code update, one at a time");
	engine_command(&l->e, &c, &l->reply, l->now_ms, l->wall_ms);
	assert_int_equal(l->reply.code, 0);
}

static void test_rolling_update_in_maintenance(void **unused)
{
	struct lab l;
	uint64_t since;

	(void)unused;
	lab_start(&l, rows_config(MODE_AUTO));
	lab_run(&l, SAN1);
	maintain(&l, "san1", 7200000);
	since = l.e.log.head;
	lab_run(&l, "@canister:B/mgmt state=transition limit=1800 @path:host0-B state=failed "
		    "@path:host1-B state=failed keep=300");
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
	assert_int_equal(array_at(&l.e.model, 0)->margin, 0);
	assert_int_equal(told(&l, since, "array.verdict", false), 1);
	assert_int_equal(told(&l, since, NULL, true), 0);
	/* the other one: at once, and nothing moves by itself */
	lab_run(&l,
		"@canister:A/mgmt state=failed @path:host0-A state=failed @path:host1-A state=failed keep=5");
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_ACCESS_LOST);
	assert_true(told(&l, since, NULL, true) >= 1);
	lab_run(&l, "keep=700");
	assert_int_equal(run_now(&l), RUN_WAITING_APPROVAL);
	lab_command(&l, CMD_APPROVE, "r1", 0);
	assert_int_equal(run_now(&l), RUN_PROMOTING);
	lab_stop(&l);
}

static void test_overrun_of_an_update_is_critical(void **unused)
{
	struct lab l;
	uint64_t since;

	(void)unused;
	for (int how = 0; how < 2; how++) {
		lab_start(&l, rows_config(MODE_AUTO));
		lab_run(&l, SAN1);
		/* the canister takes too long, or the window is over */
		maintain(&l, "san1", how ? 600000 : 7200000);
		since = l.e.log.head;
		lab_run(&l, "@canister:B/mgmt state=transition limit=1800 keep=590");
		assert_int_equal(told(&l, since, NULL, true), 0);
		lab_run(&l, how ? "keep=30" : "keep=1230");
		assert_true(told(&l, since, NULL, true) >= 1);
		lab_stop(&l);
	}
}

static void test_observer_suspected(void **unused)
{
	struct lab l;

	(void)unused;
	for (int witness = 0; witness < 2; witness++) {
		lab_start(&l, rows_config(MODE_AUTO));
		lab_run(&l, SAN1
			"@canister:A/mgmt2 ; @canister:B/mgmt2 ; @path:host0-A/san2 ; @path:host0-B/san2 ; keep=20");
		if (!witness)
			lab_run(&l, "@target:192.0.2.1/witness state=unreachable ;");
		lab_run(&l,
			"@canister:A/mgmt2 state=unreachable @canister:B/mgmt2 state=unreachable "
			"@path:host0-A/san2 state=failed @path:host0-B/san2 state=failed " ALL_LOST);
		assert_int_equal(lab_finding(&l, "self.observer-suspect") != NULL, !witness);
		assert_int_equal(told(&l, 0, "self.observer-suspect", true), !witness);
		assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_ACCESS_LOST);
		lab_run(&l, "keep=610");
		assert_int_equal(run_now(&l), witness ? RUN_PROMOTING : RUN_WAITING_APPROVAL);
		lab_stop(&l);
	}
}

static void test_a_rebuild_vetoes_steps_that_add_load(void **unused)
{
	struct lab l;

	(void)unused;
	for (int load = 0; load < 2; load++) {
		struct config *c = rows_config(MODE_AUTO);

		c->steps[0].adds_load = (uint8_t)load;
		lab_start(&l, c);
		lab_run(&l,
			SAN1 "@pool:p0 state=degraded rebuild_percent=7 ; " ALL_LOST "keep=610");
		assert_int_equal(run_now(&l), load ? RUN_WAITING_APPROVAL : RUN_PROMOTING);
		if (load)
			assert_string_equal(plan_at(&l.e.model, 0)->refused_gate, "load");
		lab_stop(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost_acts_after_hold_and_witness),
		cmocka_unit_test(test_rolling_update_in_maintenance),
		cmocka_unit_test(test_overrun_of_an_update_is_critical),
		cmocka_unit_test(test_observer_suspected),
		cmocka_unit_test(test_a_rebuild_vetoes_steps_that_add_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
