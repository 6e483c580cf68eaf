#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "tests/unit/lab.h"

#define PAIR "@canister:A ; @canister:B ; @path:host0-A ; @path:host0-B ; "

static bool folded_into(const struct lab *l, const char *symptom, const char *cause)
{
	const struct finding_row *s = lab_finding(l, symptom), *c = lab_finding(l, cause);

	return s && c && s->folded == (uint16_t)(c - finding_at(&l->e.model, 0));
}

static void test_symptoms_fold_into_their_cause(void **unused)
{
	static const struct {
		const char *script, *symptom, *cause, *why;
	} t[] = {
		{PAIR "@path:host0-B state=failed ; @canister:B state=service ;", "path.lost",
			"canister.service",
			"a path through a lost canister, although it was seen first"},
		{PAIR "@canister:B state=failed ; @canister:A failed_over=1 ;",
			"canister.failed-over", "canister.failed", "a takeover's consequence"},
		{PAIR "@canister:A needs_service=1 ; @canister:B state=service ;",
			"canister.after-service-request", "canister.service",
			"the same canister, the same fact"},
		{"@hdd pending_sectors=0 ; pending_sectors=60 ;", "drive.pending-sectors/growth",
			"drive.pending-sectors/critical", "stages of one counter"},
		{"@hdd pending_sectors=60 ;", "drive.pending-sectors",
			"drive.pending-sectors/critical", "stages of one counter"},
		{"@canister:A ; end fails wait=20", "canister.stale", "source.failing",
			"it is stale because its source is silent"},
		{"@system:san1 fw=8.2.0.1 ; @canister:A fw=8.2.0.2 ; @canister:B fw=8.2.0.1 ;",
			"canister.code-differs-from-system", "array.different-code",
			"one of two that differ differs from the system too"},
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		struct lab l;

		lab_start(&l, NULL);
		lab_run(&l, t[i].script);
		if (!folded_into(&l, t[i].symptom, t[i].cause))
			fail_msg(
				"%s is not folded into %s: %s", t[i].symptom, t[i].cause, t[i].why);
		assert_int_equal(lab_finding(&l, t[i].cause)->folded, NONE16);
		lab_stop(&l);
	}
}

static void test_what_is_not_a_symptom_stands_alone(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=service ; @path:host0-A state=failed ;");
	assert_int_equal(lab_finding(&l, "path.lost")->folded, NONE16);
	/* the cause is over, the symptom is not: people must hear of it */
	lab_run(&l, "@path:host0-A state=ok ; keep=70 @path:host0-B state=failed ;");
	assert_true(folded_into(&l, "path.lost", "canister.service"));
	lab_run(&l, "@canister:B state=ok ; keep=50");
	assert_int_not_equal(lab_finding(&l, "path.lost")->folded, NONE16);
	lab_run(&l, "keep=15");
	assert_int_equal(lab_finding(&l, "path.lost")->folded, NONE16);
	lab_stop(&l);
}

static void test_severity_follows_what_redundancy_is_left(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l,
		"@hdd:1 group=pool1 need=2 ; @hdd:2 group=pool1 need=2 ; @hdd:3 group=pool1 need=2 ; "
		"@hdd:4 group=pool1 need=2 ; @hdd:1 smart_passed=0 ;");
	assert_int_equal(lab_finding(&l, "drive.smart-failing")->tier, SEV_CRITICAL);
	assert_int_equal(lab_finding(&l, "drive.smart-failing")->severity, SEV_WARNING);
	assert_int_equal(component_at(&l.e.model, lab_component(&l, "local/drive/1"))->health,
		HEALTH_CRITICAL);
	lab_run(&l, "@hdd:2 state=failed ;");
	assert_int_equal(lab_finding(&l, "drive.smart-failing")->severity, SEV_CRITICAL);
	lab_run(&l, "@hdd:9 smart_passed=0 ;");
	assert_int_equal(lab_finding(&l, "drive.smart-failing")->severity, SEV_CRITICAL);
	lab_stop(&l);
}

static void test_last_of_its_kind_is_critical(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:A state=degraded ;");
	assert_int_equal(lab_finding(&l, "canister.degraded")->severity, SEV_WARNING);
	lab_run(&l, "@canister:B state=service ; @canister:A ;");
	assert_int_equal(lab_finding(&l, "canister.degraded")->severity, SEV_CRITICAL);
	lab_stop(&l);
}

static void test_unknown_neither_fires_nor_clears(void **unused)
{
	struct lab l;
	double value;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=service ; @hdd pending_sectors=60 ; wait=3000");
	assert_non_null(lab_finding(&l, "canister.service"));
	assert_int_equal(component_at(&l.e.model, lab_component(&l, "san1/canister/B"))->health,
		HEALTH_UNKNOWN);
	assert_non_null(lab_finding(&l, "drive.pending-sectors/critical"));
	lab_run(&l, "@hdd outcome=timeout pending_sectors=0 ; keep=90000");
	assert_non_null(lab_finding(&l, "drive.pending-sectors/critical"));
	assert_true(model_fact_value(
		&l.e.model, lab_component(&l, "local/drive/hdd"), FACT_PENDING, &value));
	assert_true(value > 59);
	lab_stop(&l);
}

static void test_acknowledged_is_quiet_until_worse(void **unused)
{
	struct lab l;
	char id[16];

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:A state=degraded ;");
	format_text(id, sizeof(id), "F-%u", lab_finding(&l, "canister.degraded")->id);
	lab_command(&l, CMD_ACK, id, 0);
	assert_int_equal(l.reply.code, 0);
	assert_true(lab_finding(&l, "canister.degraded")->acked);
	assert_string_equal(lab_finding(&l, "canister.degraded")->acked_by, "anna");
	lab_run(&l, "keep=600");
	assert_true(lab_finding(&l, "canister.degraded")->acked);
	lab_run(&l, "@canister:B state=service ; @canister:A ;");
	assert_false(lab_finding(&l, "canister.degraded")->acked);
	lab_command(&l, CMD_ACK, id, 60000);
	lab_run(&l, "keep=50");
	assert_true(lab_finding(&l, "canister.degraded")->acked);
	lab_run(&l, "keep=20");
	assert_false(lab_finding(&l, "canister.degraded")->acked);
	lab_command(&l, CMD_UNACK, id, 0);
	assert_int_equal(l.reply.code, ENOENT);
	lab_command(&l, CMD_ACK, "F-4711", 0);
	assert_int_equal(l.reply.code, ENOENT);
	lab_stop(&l);
}

static void test_one_incident_from_first_finding_to_all_clear(void **unused)
{
	struct lab l;
	const struct array_row *a;
	uint16_t incident;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR);
	a = array_at(&l.e.model, 0);
	assert_int_equal(a->incident, NONE16);
	lab_run(&l, "@canister:A needs_service=1 ;");
	a = array_at(&l.e.model, 0);
	incident = a->incident;
	assert_int_not_equal(incident, NONE16);
	assert_int_equal(incident_at(&l.e.model, incident)->severity, SEV_WARNING);
	lab_run(&l, "@canister:B state=service ;");
	assert_int_equal(array_at(&l.e.model, 0)->incident, incident);
	assert_int_equal(incident_at(&l.e.model, incident)->severity, SEV_CRITICAL);
	assert_int_equal(lab_finding(&l, "canister.service")->incident, incident);
	assert_int_equal(array_at(&l.e.model, 1)->incident, NONE16);
	lab_run(&l, "@canister:B state=ok @canister:A needs_service=0 ; keep=900");
	assert_int_equal(array_at(&l.e.model, 0)->incident, NONE16);
	assert_false(incident_at(&l.e.model, incident)->open);
	lab_stop(&l);
}

static void test_evidence_says_what_was_seen(void **unused)
{
	struct lab l;
	const struct finding_row *f;
	char title[160];

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@hdd slot=9 pending_sectors=2 ; pending_sectors=12 ;");
	f = lab_finding(&l, "drive.pending-sectors/growth");
	assert_non_null(f);
	assert_int_equal(f->nevidence, 1);
	assert_int_equal(f->evidence[0].fact, FACT_PENDING);
	assert_true(f->evidence[0].value > 11 && f->evidence[0].was < 3 && f->evidence[0].has_was);
	rule_expand(&l.e.model, f, rules[f->rule].title, title, sizeof(title));
	assert_string_equal(title, "Drive in slot 9 has 12 sectors it cannot read");
	rule_expand(&l.e.model, f, "{nonsense} {first} {", title, sizeof(title));
	assert_string_equal(title, "{nonsense} 2 {");
	lab_stop(&l);
}

static void test_clear_time_starts_again_with_a_relapse(void **unused)
{
	struct lab l;
	uint32_t id;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A needs_service=1 ;");
	id = lab_finding(&l, "canister.needs-service")->id;
	lab_run(&l, "needs_service=0 ; keep=290 needs_service=1 ; needs_service=0 ; keep=290");
	assert_non_null(lab_finding(&l, "canister.needs-service"));
	assert_int_equal(lab_finding(&l, "canister.needs-service")->id, id);
	lab_run(&l, "keep=20");
	assert_null(lab_finding(&l, "canister.needs-service"));
	lab_run(&l, "needs_service=1 ;");
	assert_true(lab_finding(&l, "canister.needs-service")->id > id);
	lab_stop(&l);
}

/* Whoever goes to pull it must find it, also where no other drive has that slot number. */
static void test_a_drive_is_named_by_its_place(void **unused)
{
	static const struct {
		const char *script, *title;
	} t[] = {
		{"@hdd slot=9 enclosure=2 pending_sectors=6 ;",
			"Drive in slot 9 of enclosure 2 came with 6 sectors it cannot read"},
		{"@hdd slot=0 pending_sectors=6 ;",
			"Drive in slot 0 came with 6 sectors it cannot read"},
		{"@hdd enclosure=2 dev=/dev/sdb serial=S1 pending_sectors=6 ;",
			"Drive sdb (S1) of enclosure 2 came with 6 sectors it cannot read"},
		{"@hdd dev=/dev/sdb pending_sectors=6 ;",
			"Drive sdb came with 6 sectors it cannot read"},
	};

	(void)unused;
	for (unsigned i = 0; i < rules_count; i++)
		if (rules[i].scope == SCOPE_DRIVE && !strstr(rules[i].title, "{Name}") &&
			!strstr(rules[i].title, "{name}"))
			fail_msg("%s does not say which drive", rules[i].id);
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		const struct finding_row *f;
		char title[160];
		struct lab l;

		lab_start(&l, NULL);
		lab_run(&l, t[i].script);
		f = lab_finding(&l, "drive.pending-sectors");
		assert_non_null(f);
		rule_expand(&l.e.model, f, rules[f->rule].title, title, sizeof(title));
		assert_string_equal(title, t[i].title);
		lab_stop(&l);
	}
}

/* "It still serves" may not stand beside "has failed"; that it is well again waits for its time as ever. */
static void test_what_fails_is_not_degraded_too(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:A state=degraded ;");
	assert_non_null(lab_finding(&l, "canister.degraded"));
	lab_run(&l, "@canister:A state=failed ;");
	assert_non_null(lab_finding(&l, "canister.failed"));
	assert_null(lab_finding(&l, "canister.degraded"));
	lab_run(&l, "@canister:A state=degraded ;");
	assert_non_null(lab_finding(&l, "canister.degraded"));
	lab_run(&l, "@canister:A state=transition ;");
	assert_non_null(lab_finding(&l, "canister.transition"));
	assert_null(lab_finding(&l, "canister.degraded"));
	lab_run(&l, "@canister:A state=degraded ;");
	lab_run(&l, "@canister:A state=ok ; keep=5");
	assert_non_null(lab_finding(&l, "canister.degraded"));
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symptoms_fold_into_their_cause),
		cmocka_unit_test(test_what_is_not_a_symptom_stands_alone),
		cmocka_unit_test(test_severity_follows_what_redundancy_is_left),
		cmocka_unit_test(test_last_of_its_kind_is_critical),
		cmocka_unit_test(test_unknown_neither_fires_nor_clears),
		cmocka_unit_test(test_acknowledged_is_quiet_until_worse),
		cmocka_unit_test(test_one_incident_from_first_finding_to_all_clear),
		cmocka_unit_test(test_evidence_says_what_was_seen),
		cmocka_unit_test(test_a_drive_is_named_by_its_place),
		cmocka_unit_test(test_clear_time_starts_again_with_a_relapse),
		cmocka_unit_test(test_what_fails_is_not_degraded_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
