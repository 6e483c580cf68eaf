#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "engine_lab.h"

static void test_a_transition_that_takes_too_long_has_failed(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=transition limit=60 ; keep=50");
	assert_int_equal(component(&l, "san1/canister/B")->state, STATE_TRANSITION);
	assert_int_equal(component(&l, "san1/canister/B")->health, HEALTH_WARNING);
	lab_run(&l, "keep=15");
	assert_int_equal(component(&l, "san1/canister/B")->state, STATE_FAILED);
	assert_int_equal(component(&l, "san1/canister/B")->health, HEALTH_FAILED);
	lab_run(&l, "state=ok ; state=transition ;");
	assert_int_equal(component(&l, "san1/canister/B")->state, STATE_TRANSITION);
	lab_stop(&l);
}

static void test_health_of_states_and_drives(void **unused)
{
	static const struct {
		const char *script, *id;
		enum health health;
		const char *why;
	} t[] = {
		{"@canister:A ;", "san1/canister/A", HEALTH_OK, "ok"},
		{"@canister:A state=degraded ;", "san1/canister/A", HEALTH_WARNING,
			"serving, and something is wrong"},
		{"@canister:A state=service ;", "san1/canister/A", HEALTH_FAILED,
			"held out of service"},
		{"@canister:A state=absent ;", "san1/canister/A", HEALTH_ABSENT, "absent"},
		{"@canister:A state=unreachable ;", "san1/canister/A", HEALTH_UNKNOWN,
			"no answer is not health"},
		{"@canister:A state=unknown raw=purple ;", "san1/canister/A", HEALTH_UNKNOWN,
			"nor is an unknown word"},
		{"@canister:A ; wait=16", "san1/canister/A", HEALTH_UNKNOWN, "nor an old answer"},
		{"@hdd ;", "local/drive/hdd", HEALTH_OK, "a whole, checked, fresh reading"},
		{"@hdd pending_sectors=1 ;", "local/drive/hdd", HEALTH_WARNING, "WARN tier"},
		{"@hdd pending_sectors=50 ;", "local/drive/hdd", HEALTH_CRITICAL, "CRITICAL tier"},
		{"@hdd there", "local/drive/hdd", HEALTH_UNKNOWN, "found, never read"},
		{"@hdd there outcome=unsupported ;", "local/drive/hdd", HEALTH_UNKNOWN,
			"cannot tell"},
		{"@hdd ; stuck", "local/drive/hdd", HEALTH_UNKNOWN, "stuck"},
		{"@hdd ; gone", "local/drive/hdd", HEALTH_ABSENT, "vanished"},
		{"@hdd state=failed ;", "local/drive/hdd", HEALTH_FAILED, "failed"},
		{"@hdd pending_sectors=1 ; outcome=asleep keep=80000", "local/drive/hdd",
			HEALTH_WARNING, "asleep keeps its values"},
		{"@hdd pending_sectors=1 ; outcome=asleep keep=90000", "local/drive/hdd",
			HEALTH_UNKNOWN, "for a day"},
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		struct lab l;

		lab_start(&l, NULL);
		lab_run(&l, t[i].script);
		if (component(&l, t[i].id)->health != t[i].health)
			fail_msg("%s: %s, not %s", t[i].why,
				health_text((enum health)component(&l, t[i].id)->health),
				health_text(t[i].health));
		lab_stop(&l);
	}
}

static void test_values_survive_what_is_not_ok(void **unused)
{
	static const char *const outcomes[] = {
		"short", "bad checksum", "nonsense", "stale", "timeout", "error", "refused"};
	struct lab l;
	double value;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(outcomes); i++) {
		struct reading r;

		lab_start(&l, NULL);
		lab_run(&l, "@hdd pending_sectors=3 serial=A ;");
		r = l.subject[0];
		r.facts[1].value = 99;
		copy_text(r.serial, sizeof(r.serial), "B");
		for (unsigned o = 0; o < OUTCOME_COUNT; o++)
			if (!strcmp(outcome_text((enum outcome)o), outcomes[i]))
				r.outcome = (uint8_t)o;
		engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
		assert_true(model_fact_value(&l.e.model, 0, FACT_PENDING, &value) && value < 4);
		assert_string_equal(component_at(&l.e.model, 0)->serial, "A");
		assert_int_equal(model_seen(&l.e.model, 0, 1)->misses, 1);
		lab_stop(&l);
	}
}

static void test_a_reading_from_nowhere_changes_nothing(void **unused)
{
	struct lab l;
	struct reading good = {.outcome = OUTCOME_OK, .kind = KIND_DRIVE, .name = "d", .slot = -1},
		       r;
	uint64_t head;

	(void)unused;
	lab_start(&l, NULL);
	head = l.e.log.head;
	for (unsigned i = 0; i < 8; i++) {
		r = good;
		switch (i) {
		case 0:
			r.source = 99;
			break;
		case 1:
			r.array = 99;
			break;
		case 2:
			r.kind = KIND_COUNT;
			break;
		case 3:
			r.name[0] = '\0';
			break;
		case 4:
			r.outcome = OUTCOME_COUNT;
			break;
		case 5:
			r.nfacts = READING_FACTS + 1;
			break;
		case 6:
			r.nfacts = 1;
			r.facts[0] = (struct reading_fact){
				.fact = FACT_PENDING, .value = (double)INFINITY};
			break;
		default:
			r.outcome = OUTCOME_TIMEOUT;
			break;
		}
		engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
		assert_true(l.e.log.head == head);
	}
	memset(&r, 0x41, sizeof(r));
	engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
	assert_true(l.e.log.head == head);
	lab_stop(&l);
}

static void test_a_quiet_reading_makes_one_quiet_record(void **unused)
{
	struct lab l;
	uint64_t head;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:A ;");
	head = l.e.log.head;
	l.subject[0].job++;
	engine_reading(&l.e, &l.subject[0], l.now_ms, l.wall_ms);
	assert_true(l.e.log.head == head + 1);
	assert_int_equal(log_at(&l.e.log, head + 1)->type, REC_SEEN);
	assert_true(log_at(&l.e.log, head + 1)->quiet);
	lab_stop(&l);
}

static void test_what_is_there_first_is_expected_what_comes_later_is_a_guest(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@psu:9 ; end");
	assert_true(component(&l, "san1/canister/A")->flags & COMPONENT_ADOPTED);
	assert_int_not_equal(lab_component(&l, "san1/psu/9"),
		NONE32); /* unlisted in that answer is what tells */
	lab_run(&l, "end");
	assert_int_equal(lab_component(&l, "san1/psu/9"), NONE32);
	assert_int_equal(component(&l, "san1/canister/A")->state, STATE_ABSENT);
	lab_run(&l, PAIR);
	lab_command(&l, CMD_ADOPT, "san1", 0);
	assert_int_equal(l.reply.code, 0);
	lab_command(&l, CMD_ADOPT, "nowhere", 0);
	assert_int_equal(l.reply.code, ENOENT);
	lab_stop(&l);
}

static void test_a_replaced_drive_takes_the_slot(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@hdd:old slot=4 serial=A reallocated_sectors=700 ; gone");
	assert_non_null(lab_finding(&l, "drive.removed"));
	lab_run(&l, "@hdd:new slot=4 serial=B reallocated_sectors=0 ;");
	assert_null(lab_finding(&l, "drive.removed"));
	assert_null(lab_finding(&l, "drive.reallocated-sectors/critical"));
	assert_int_equal(lab_component(&l, "local/drive/old"), NONE32);
	assert_non_null(lab_finding(&l, "drive.replaced"));
	lab_stop(&l);
}

static void test_the_slot_may_be_learned_later(void **unused)
{
	struct reading r;
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@hdd:old slot=4 serial=A ; gone @hdd:new serial=B there ;");
	assert_non_null(lab_finding(&l, "drive.removed"));
	r = l.subject[1];
	r.beside = 1;
	r.slot = 4;
	engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
	lab_run(&l, "wait=1");
	assert_null(lab_finding(&l, "drive.removed"));
	assert_non_null(lab_finding(&l, "drive.replaced"));
	lab_stop(&l);
}

static void test_custom_facts_are_named(void **unused)
{
	struct lab l;
	struct reading r;
	double value;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A ;");
	r = l.subject[0];
	assert_true(reading_add_named(&r, "cache_dirty_percent", 12));
	engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
	assert_true(model_fact_value(&l.e.model, 0, FACT_CUSTOM, &value) && value > 11);
	assert_string_equal(model_fact_name(&l.e.model, FACT_CUSTOM), "cache_dirty_percent");
	lab_stop(&l);
}

static void test_a_worker_that_hung_and_ended_is_not_counted(void **unused)
{
	struct msg_peer_died d = {.role = ROLE_PROBER, .abandoned = 1};
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@hdd ; stuck stuck");
	assert_int_equal(self_at(&l.e.model, 0)->abandoned, 2);
	engine_role_died(&l.e, &d, l.now_ms, l.wall_ms);
	assert_int_equal(self_at(&l.e.model, 0)->abandoned, 1);
	assert_int_equal(self_at(&l.e.model, 0)->role_restarts, 0);
	lab_stop(&l);
}

static const char *last_event(const struct lab *l, enum record_type type)
{
	const char *text = "";

	for (uint64_t s = l->e.log.tail; s <= l->e.log.head; s++) {
		const struct record *r = log_at(&l->e.log, s);

		if (r && r->type == type)
			text = r->text;
	}
	return text;
}

/* The signal is Ballast's own: what an operator must know is that it hung. */
static void test_a_process_that_hung_is_told_as_such(void **unused)
{
	static const struct {
		struct msg_peer_died died;
		const char *text;
	} rows[] = {
		{{.role = ROLE_COURIER, .exit_kind = EXIT_BY_SIGNAL, .exit_value = 9},
			"Ballast's courier ended (signal 9) and is started again"},
		{{.role = ROLE_COURIER, .exit_kind = EXIT_BY_SIGNAL, .exit_value = 9, .silent_s = 20},
			"Ballast's courier hung: it had not answered for 20 s, was ended and is started again"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lab l;

		lab_start(&l, NULL);
		engine_role_died(&l.e, &rows[i].died, l.now_ms, l.wall_ms);
		assert_string_equal(last_event(&l, REC_ROLE_DIED), rows[i].text);
		lab_stop(&l);
	}
}

/* An inventory is had every quarter of an hour: it is neither stale nor absent in the looks between. */
static void test_what_is_looked_at_seldom_is_neither_stale_nor_absent_in_between(void **unused)
{
	struct reading r = {.kind = KIND_PSU, .outcome = OUTCOME_OK, .state = STATE_OK, .slot = -1, .every_ms = 900000};
	struct job_end j = {.outcome = OUTCOME_OK, .complete = 1, .kinds = 1u << KIND_CANISTER};
	struct lab l;

	(void)unused;
	copy_text(r.name, sizeof(r.name), "1");
	lab_start(&l, NULL);
	r.job = ++l.job;
	engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
	lab_run(&l, "@canister:A ; @canister:B ; wait=60");
	assert_int_equal(component(&l, "san1/psu/1")->health, HEALTH_OK);
	j.job = ++l.job;
	engine_job_end(&l.e, &j, l.now_ms, l.wall_ms);
	assert_int_equal(component(&l, "san1/psu/1")->state, STATE_OK);
	assert_int_equal(component(&l, "san1/canister/A")->state, STATE_ABSENT);
	j.kinds = 1u << KIND_PSU;
	j.job = ++l.job;
	engine_job_end(&l.e, &j, l.now_ms, l.wall_ms);
	assert_int_equal(component(&l, "san1/psu/1")->state, STATE_ABSENT);
	lab_run(&l, "wait=3000");
	assert_int_equal(component(&l, "san1/psu/1")->health, HEALTH_UNKNOWN);
	lab_stop(&l);
}

/*
 * Asked every second and given eight to answer: a look that waits for a canister that stalls ends in time, and what it
 * says of the other canister must not have become too old while it waited.
 */
static void test_a_look_that_takes_its_time_makes_nobody_stale(void **unused)
{
	struct config *c = lab_config();
	struct lab l;

	(void)unused;
	c->sources[0].interval_ms = 1000;
	c->sources[0].timeout_ms = 8000;
	lab_start(&l, c);
	lab_run(&l, "@canister:A state=ok ; @canister:B state=ok ; keep=0");
	for (unsigned look = 0; look < 3; look++) {
		lab_run(&l, "wait=9");
		assert_int_equal(component(&l, "san1/canister/A")->state, STATE_OK);
		assert_int_equal(array_at(&l.e.model, 0)->visibility, VISIBILITY_FULL);
		lab_run(&l, "keep=0");
	}
	/* three of its intervals are long over, and a look that began after the last one too */
	lab_run(&l, "wait=12");
	assert_int_equal(component(&l, "san1/canister/A")->state, STATE_UNKNOWN);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_BLIND);
	lab_stop(&l);
}

/* The usual case: the interval is what counts, to the second. */
static void test_three_intervals_where_looks_are_quick(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A state=ok ; wait=13");
	assert_int_equal(component(&l, "san1/canister/A")->state, STATE_OK);
	lab_run(&l, "wait=2");
	assert_int_equal(component(&l, "san1/canister/A")->state, STATE_UNKNOWN);
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_transition_that_takes_too_long_has_failed),
		cmocka_unit_test(test_health_of_states_and_drives),
		cmocka_unit_test(test_values_survive_what_is_not_ok),
		cmocka_unit_test(test_a_reading_from_nowhere_changes_nothing),
		cmocka_unit_test(test_a_quiet_reading_makes_one_quiet_record),
		cmocka_unit_test(test_what_is_there_first_is_expected_what_comes_later_is_a_guest),
		cmocka_unit_test(test_a_replaced_drive_takes_the_slot),
		cmocka_unit_test(test_the_slot_may_be_learned_later),
		cmocka_unit_test(test_custom_facts_are_named),
		cmocka_unit_test(test_a_worker_that_hung_and_ended_is_not_counted),
		cmocka_unit_test(test_a_process_that_hung_is_told_as_such),
		cmocka_unit_test(test_what_is_looked_at_seldom_is_neither_stale_nor_absent_in_between),
		cmocka_unit_test(test_a_look_that_takes_its_time_makes_nobody_stale),
		cmocka_unit_test(test_three_intervals_where_looks_are_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
