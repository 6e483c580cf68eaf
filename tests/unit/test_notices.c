/* What an array says by itself: it raises, a poll or a person ends it, and nobody acts on it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/lab.h"

static void test_it_raises_and_touches_nothing_else(void **unused)
{
	struct lab l;
	const struct finding_row *f;
	uint32_t facts, seen;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A ; @canister:B ; end");
	facts = fact_count(&l.e.model);
	seen = seen_count(&l.e.model);
	lab_run(&l, "heard=controller-B-failed heard=controller-B-failed");
	f = lab_finding(&l, "listen.canister-failed");
	assert_non_null(f);
	assert_int_equal(f->severity, SEV_CRITICAL);
	assert_true(f->component == NONE32);
	assert_string_equal(f->detail, "controller B failed");
	assert_int_equal(f->evidence[0].fact, FACT_MESSAGES);
	assert_true(f->evidence[0].value == 2);
	assert_int_equal(fact_count(&l.e.model), facts);
	assert_int_equal(seen_count(&l.e.model), seen);
	assert_int_equal(component_at(&l.e.model, lab_component(&l, "san1/canister/B"))->state, STATE_OK);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_REDUNDANT);
	assert_int_equal(lab_alerts(&l, ALERT_FINDING_FIRING, "listen.canister-failed"), 1);
	lab_stop(&l);
}

/* What would ask for a failover: a survivor with trouble of its own. Hearsay is not trouble of its own. */
static void test_it_is_no_cause_and_no_evidence(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A ; @canister:B ; end @canister:A state=failed ; wait=5 @canister:B ;");
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
	lab_run(&l, "heard=controller-B-failed heard=error-code-690 heard=needs-service @canister:B ; @canister:A ;");
	assert_non_null(lab_finding(&l, "listen.node-error"));
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
	for (uint32_t i = 0; i < seen_count(&l.e.model); i++)
		assert_int_not_equal(seen_at(&l.e.model, i)->source, 2);
	lab_stop(&l);
}

static void test_only_a_real_poll_ends_it(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A ; @canister:B ; end heard=controller-B-failed keep=290");
	assert_non_null(lab_finding(&l, "listen.canister-failed"));
	lab_run(&l, "heard=controller-B-failed keep=290");
	assert_non_null(lab_finding(&l, "listen.canister-failed"));
	lab_run(&l, "@canister:B state=degraded ; keep=400");
	assert_non_null(lab_finding(&l, "listen.canister-failed"));
	lab_run(&l, "heard=controller-B-is-online");
	assert_non_null(lab_finding(&l, "listen.canister-failed"));
	lab_run(&l, "state=ok ; keep=10");
	assert_null(lab_finding(&l, "listen.canister-failed"));
	lab_stop(&l);
}

static void test_a_request_for_service_ends_only_by_who_reports_it(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A ; @canister:B ; end heard=needs-service keep=4000");
	assert_non_null(lab_finding(&l, "listen.needs-service"));
	lab_run(&l, "@canister:A needs_service=1 ; keep=400");
	assert_non_null(lab_finding(&l, "listen.needs-service"));
	lab_run(&l, "@canister:A needs_service=0 ; keep=10");
	assert_null(lab_finding(&l, "listen.needs-service"));
	lab_stop(&l);
}

static void test_a_canister_that_follows_is_critical(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A ; @canister:B ; end heard=needs-service state=degraded ;");
	assert_non_null(lab_finding(&l, "canister.after-service-request"));
	lab_stop(&l);
}

static void test_an_acknowledgement_ends_it(void **unused)
{
	struct lab l;
	char id[16];

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "heard=battery-fault");
	format_text(id, sizeof(id), "F-%u", lab_finding(&l, "listen.battery")->id);
	lab_command(&l, CMD_ACK, id, 0);
	assert_int_equal(l.reply.code, 0);
	assert_null(lab_finding(&l, "listen.battery"));
	lab_run(&l, "heard=battery-fault");
	assert_non_null(lab_finding(&l, "listen.battery"));
	assert_int_equal(lab_finding(&l, "listen.battery")->acked, 0);
	lab_stop(&l);
}

static void test_a_day_ends_it_counted_from_the_last(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "heard=battery-fault wait=80000 heard=battery-fault wait=80000");
	assert_non_null(lab_finding(&l, "listen.battery"));
	lab_run(&l, "wait=7000");
	assert_null(lab_finding(&l, "listen.battery"));
	lab_stop(&l);
}

static void test_notices_that_make_no_sense_are_dropped(void **unused)
{
	struct notice n = {.source = 0, .kind = NOTICE_BATTERY};
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	engine_notice(&l.e, &n, l.now_ms, l.wall_ms);
	n = (struct notice){.source = 999, .kind = NOTICE_BATTERY};
	engine_notice(&l.e, &n, l.now_ms, l.wall_ms);
	n = (struct notice){.source = 2, .kind = 200};
	engine_notice(&l.e, &n, l.now_ms, l.wall_ms);
	lab_run(&l, "heard=hello");
	for (uint32_t i = 0; i < finding_count(&l.e.model); i++)
		assert_false(finding_at(&l.e.model, i)->active &&
			!strncmp(finding_at(&l.e.model, i)->rule_id, "listen.", 7));
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_raises_and_touches_nothing_else),
		cmocka_unit_test(test_it_is_no_cause_and_no_evidence),
		cmocka_unit_test(test_only_a_real_poll_ends_it),
		cmocka_unit_test(test_a_request_for_service_ends_only_by_who_reports_it),
		cmocka_unit_test(test_a_canister_that_follows_is_critical),
		cmocka_unit_test(test_an_acknowledgement_ends_it),
		cmocka_unit_test(test_a_day_ends_it_counted_from_the_last),
		cmocka_unit_test(test_notices_that_make_no_sense_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
