/* A process of Ballast's own that hangs says nothing, and that must not pass for well. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine_lab.h"

enum { ONCALL = 1, BACKUP = 4 };

static void sink_accepts_first(struct lab *l)
{
	struct delivery d = {.sink = 0, .result = DELIVERY_ACCEPTED};
	unsigned first = 0;

	while (!(alert_at(&l->e.model, first)->wanted & ONCALL))
		first++;
	d.sequence = alert_at(&l->e.model, first)->sequence;
	engine_delivery(&l->e, &d, l->now_ms, l->wall_ms);
}

/* The sink's state is still what the courier said last. */
static void test_a_courier_that_says_nothing_is_a_failing_sink(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "page wait=50");
	assert_null(lab_finding(&l, "sink.failing"));
	lab_run(&l, "wait=20");
	assert_int_equal(sink_at(&l.e.model, 0)->state, SINK_OK);
	assert_non_null(lab_finding(&l, "sink.failing"));
	assert_string_equal(lab_finding(&l, "sink.failing")->subject, "oncall");
	lab_stop(&l);
}

static void test_a_stand_in_is_told_when_nothing_is_said(void **unused)
{
	struct config *c = lab_config();
	const struct alert_row *a = NULL;
	bool full = false;
	struct lab l;

	(void)unused;
	c->sinks[2] = (struct cfg_sink){.name = cfg_put(c, "backup", &full),
		.min_severity = SEV_CRITICAL,
		.fallback_for = 1};
	c->nsinks = 3;
	lab_start(&l, c);
	lab_run(&l, PAIR "@canister:B state=service ; keep=70");
	for (uint32_t i = 0; i < alert_count(&l.e.model) && !a; i++)
		if (!strcmp(alert_at(&l.e.model, i)->rule_id, "canister.service"))
			a = alert_at(&l.e.model, i);
	assert_true(a && a->wanted & BACKUP);
	lab_stop(&l);
}

static void test_a_sink_fails_until_nothing_old_waits(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "page page wait=70");
	assert_non_null(lab_finding(&l, "sink.failing"));
	sink_accepts_first(&l);
	assert_non_null(lab_finding(&l, "sink.failing"));
	lab_run(&l, "accept");
	assert_null(lab_finding(&l, "sink.failing"));
	lab_stop(&l);
}

static enum journal_state journal_of(const struct lab *l)
{
	return (enum journal_state)self_at(&l->e.model, 0)->journal;
}

/* What an operator said is answered at once; that the scribe has it on disk is the scribe's to say. */
static void test_a_journal_is_not_ok_while_its_scribe_owes(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "disk-ok keep=600 lag=0");
	assert_int_equal(journal_of(&l), JOURNAL_OK); /* nothing happened: nothing to report */
	lab_run(&l, "page keep=19 lag=0");
	assert_int_equal(journal_of(&l), JOURNAL_OK);
	lab_run(&l, "keep=2 lag=0");
	assert_int_equal(journal_of(&l), JOURNAL_FAILING);
	assert_non_null(lab_finding(&l, "self.journal-failing"));
	assert_true(self_at(&l.e.model, 0)->journal_waiting > 0);
	lab_run(&l, "disk-ok");
	assert_int_equal(journal_of(&l), JOURNAL_OK);
	lab_run(&l, "keep=70");
	assert_null(lab_finding(&l, "self.journal-failing"));
	lab_stop(&l);
}

/* It writes, and is behind: that is no silence. */
static void test_a_scribe_that_reports_is_believed(void **unused)
{
	struct journal_report j = {.state = JOURNAL_OK, .waiting = 1};
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "disk-ok page");
	for (unsigned i = 0; i < 6; i++) {
		lab_run(&l, "keep=10 lag=0");
		j.durable_sequence = l.e.owed - 1;
		engine_journal(&l.e, &j, l.now_ms, l.wall_ms);
		assert_int_equal(journal_of(&l), JOURNAL_OK);
	}
	lab_stop(&l);
}

/* Without a state directory nobody keeps anything. */
static void test_no_journal_owes_nothing(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "page keep=60 lag=0");
	assert_int_equal(journal_of(&l), JOURNAL_OFF);
	assert_null(lab_finding(&l, "self.journal-failing"));
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_courier_that_says_nothing_is_a_failing_sink),
		cmocka_unit_test(test_a_stand_in_is_told_when_nothing_is_said),
		cmocka_unit_test(test_a_sink_fails_until_nothing_old_waits),
		cmocka_unit_test(test_a_journal_is_not_ok_while_its_scribe_owes),
		cmocka_unit_test(test_a_scribe_that_reports_is_believed),
		cmocka_unit_test(test_no_journal_owes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
