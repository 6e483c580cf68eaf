#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "engine_lab.h"

enum { ONCALL = 1, ALL = 2, BACKUP = 4 };

/* What people were sent since the last look, newest last. */
struct post {
	struct alert_row a[2000];
	unsigned n;
	uint64_t seen;
};

static void collect(struct post *p, const struct lab *l)
{
	p->n = 0;
	for (uint64_t s = MAX_OF(p->seen + 1, l->e.log.tail); s <= l->e.log.head; s++) {
		const struct record *r = log_at(&l->e.log, s);
		struct alert_row a;

		if (!r || r->type != REC_ALERT_NEW)
			continue;
		memcpy(&a, r->row, sizeof(a));
		if (a.sequence == s)
			p->a[p->n++] = a;
	}
	p->seen = l->e.log.head;
}

static unsigned sent(const struct post *p, enum alert_type type, const char *rule, uint32_t sinks)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += p->a[i].type == type && (!rule || !strcmp(p->a[i].rule_id, rule)) &&
		     (p->a[i].wanted & sinks) == sinks;
	return n;
}

static void test_each_sink_gets_what_it_asked_for(void **unused)
{
	struct config *c = lab_config();
	struct post *p = test_calloc(1, sizeof(*p));
	bool full = false;
	struct lab l;

	(void)unused;
	c->sinks[1].arrays = cfg_list_add(c, 0, &c->sinks[1].narrays, "local", &full);
	lab_start(&l, c);
	lab_run(&l, PAIR "@canister:B state=service ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "canister.service", ONCALL), 1);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "canister.service", ALL), 0);
	lab_run(&l, "@hdd pending_sectors=3 ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "drive.pending-sectors", ALL), 1);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "drive.pending-sectors", ONCALL), 0);
	lab_stop(&l);
	test_free(p);
}

static void test_only_who_was_told_is_told_that_it_is_over(void **unused)
{
	struct post *p = test_calloc(1, sizeof(*p));
	struct lab l;
	char fired[200], over[200], id[64];

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=degraded ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "canister.degraded", ALL), 1);
	for (unsigned i = 0; i < p->n; i++)
		if (!strcmp(p->a[i].rule_id, "canister.degraded"))
			alert_key(&l.e.model, &p->a[i], fired, sizeof(fired));
	lab_run(&l, "state=ok ; keep=70");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_RESOLVED, "canister.degraded", ALL), 1);
	assert_int_equal(sent(p, ALERT_FINDING_RESOLVED, "canister.degraded", ONCALL), 0);
	for (unsigned i = 0; i < p->n; i++)
		if (!strcmp(p->a[i].rule_id, "canister.degraded")) {
			alert_key(&l.e.model, &p->a[i], over, sizeof(over));
			alert_id(&p->a[i], id, sizeof(id));
			assert_true(p->a[i].resolved);
		}
	assert_string_equal(fired, over);
	assert_string_equal(fired, "78N16G4/canister.degraded/canister/B");
	assert_int_equal(strncmp(id, "msg_", 4), 0);
	lab_stop(&l);
	test_free(p);
}

static void test_symptoms_are_not_told(void **unused)
{
	struct post *p = test_calloc(1, sizeof(*p));
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=service ; @path:host0-B state=failed ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "path.lost", 0), 0);
	lab_stop(&l);
	test_free(p);
}

/* 1,500 events in a minute: at most five messages to a sink, and nothing distinct is lost from the model. */
static void test_a_storm_is_five_messages_a_minute(void **unused)
{
	struct post *p = test_calloc(1, sizeof(*p));
	unsigned told = 0, active = 0;
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	for (unsigned i = 0; i < 1500; i++) {
		struct reading r = {.outcome = OUTCOME_OK,
			.kind = KIND_DRIVE,
			.drive_class = CLASS_ATA_HDD,
			.array = 1,
			.source = 1,
			.slot = -1};

		format_text(r.name, sizeof(r.name), "d%u", i);
		reading_add(&r, FACT_PENDING, 2);
		engine_reading(&l.e, &r, l.now_ms + i * 40, l.wall_ms + i * 40);
		if (engine_next_ms(&l.e) <= l.now_ms + (i + 1) * 40)
			engine_tick(&l.e, l.now_ms + (i + 1) * 40, l.wall_ms + (i + 1) * 40);
		collect(p, &l);
		told += sent(p, ALERT_FINDING_FIRING, NULL, ALL);
	}
	engine_tick(&l.e, l.now_ms + 60010, l.wall_ms + 60010);
	for (uint32_t i = 0; i < finding_count(&l.e.model); i++)
		active += finding_at(&l.e.model, i)->active;
	assert_int_equal(active, 1500);
	assert_int_equal(told, 5);
	engine_tick(&l.e, l.now_ms + 62000, l.wall_ms + 62000);
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "alert.grouped", ALL), 1);
	assert_true(p->n <= 5);
	engine_tick(&l.e, l.now_ms + 130000, l.wall_ms + 130000);
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, NULL, ALL), 0);
	lab_stop(&l);
	test_free(p);
}

static void test_what_comes_back_a_little_later_is_no_news(void **unused)
{
	struct post *p = test_calloc(1, sizeof(*p));
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR
		"@canister:B state=service ; @canister:A partner_missing=1 ; @path:host0-B state=failed ; keep=60");
	collect(p, &l);
	lab_run(&l,
		"@canister:B state=ok ; @canister:A partner_missing=0 ; keep=20 @path:host0-B state=ok ; keep=100");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_RESOLVED, "canister.service", ALL), 1);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, NULL, 0), 0);
	lab_stop(&l);
	test_free(p);
}

static void test_a_first_critical_never_waits(void **unused)
{
	struct post *p = test_calloc(1, sizeof(*p));
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR
		"@psu:1 state=failed ; @psu:2 state=failed ; @psu:3 state=failed ; @psu:4 state=failed ; @psu:5 state=failed ; "
		"@psu:6 state=failed ; @psu:7 state=failed ;");
	collect(p, &l);
	lab_run(&l, "@canister:B state=service ; @canister:A state=service ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "canister.service", ONCALL | ALL), 2);
	lab_stop(&l);
	test_free(p);
}

static void test_repeats_until_somebody_answers(void **unused)
{
	struct config *c = lab_config();
	struct post *p = test_calloc(1, sizeof(*p));
	unsigned again = 0;
	struct lab l;
	char id[16];

	(void)unused;
	c->sinks[0].repeat_ms = 600000;
	lab_start(&l, c);
	lab_run(&l, PAIR "@canister:B state=service ;");
	collect(p, &l);
	for (unsigned i = 0; i < 61; i++) {
		lab_run(&l, "keep=30");
		collect(p, &l);
		again += sent(p, ALERT_FINDING_FIRING, "canister.service", ONCALL);
		assert_int_equal(sent(p, ALERT_FINDING_FIRING, "canister.service", ALL), 0);
	}
	assert_int_equal(again, 3);
	format_text(id, sizeof(id), "%u", lab_finding(&l, "canister.service")->id);
	lab_command(&l, CMD_ACK, id, 0);
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_ACKNOWLEDGED, "canister.service", ONCALL | ALL), 1);
	for (unsigned i = 0; i < 61; i++) {
		lab_run(&l, "keep=30");
		collect(p, &l);
		assert_int_equal(sent(p, ALERT_FINDING_FIRING, "canister.service", 0), 0);
	}
	lab_stop(&l);
	test_free(p);
}

static void test_a_warning_nobody_answers_becomes_a_page(void **unused)
{
	struct post *p = test_calloc(1, sizeof(*p));
	unsigned calm = 0, pages = 0;
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@hdd pending_sectors=2 ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, NULL, ONCALL), 0);
	for (unsigned hour = 0; hour < 30; hour++) {
		lab_run(&l, "keep=3600");
		collect(p, &l);
		calm += sent(p, ALERT_FINDING_FIRING, "drive.pending-sectors", ALL);
		pages += sent(p, ALERT_FINDING_FIRING, "drive.pending-sectors", ONCALL);
		assert_true(hour >= 27 || !pages);
	}
	assert_int_equal(calm, 3);
	assert_int_equal(pages, 1);
	assert_int_equal(lab_finding(&l, "drive.pending-sectors")->severity, SEV_WARNING);
	lab_stop(&l);
	test_free(p);
}

static struct config *with_backup(void)
{
	struct config *c = lab_config();
	bool full = false;

	c->sinks[2] = (struct cfg_sink){.name = cfg_put(c, "backup", &full),
		.min_severity = SEV_CRITICAL,
		.fallback_for = 1};
	c->nsinks = 3;
	return c;
}

static uint32_t wanted_of(const struct lab *l, const char *rule)
{
	for (uint32_t i = 0; i < alert_count(&l->e.model); i++)
		if (alert_at(&l->e.model, i)->used &&
			!strcmp(alert_at(&l->e.model, i)->rule_id, rule))
			return alert_at(&l->e.model, i)->wanted;
	return 0;
}

static void test_a_stand_in_is_told_when_a_sink_fails(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, with_backup());
	lab_run(&l, PAIR "@canister:B state=service ;");
	assert_int_equal(wanted_of(&l, "canister.service"), ONCALL | ALL);
	lab_run(&l, "retry keep=50");
	assert_int_equal(wanted_of(&l, "canister.service"), ONCALL | ALL);
	lab_run(&l, "retry keep=20");
	assert_int_equal(wanted_of(&l, "canister.service"), ONCALL | ALL | BACKUP);
	lab_stop(&l);
	lab_start(&l, with_backup());
	lab_run(&l, PAIR "@canister:B state=service ; park");
	assert_int_equal(wanted_of(&l, "canister.service"), ONCALL | ALL | BACKUP);
	assert_non_null(lab_finding(&l, "sink.refused"));
	assert_int_equal(lab_finding(&l, "sink.refused")->told & ONCALL, 0);
	lab_stop(&l);
}

static void test_an_alert_stays_until_each_sink_is_done(void **unused)
{
	struct lab l;
	struct delivery d = {.sink = 1, .result = DELIVERY_ACCEPTED};

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=service ;");
	assert_int_equal(sink_at(&l.e.model, 0)->queued, 2); /* the finding and the verdict */
	lab_run(&l, "accept");
	assert_int_equal(sink_at(&l.e.model, 0)->queued, 0);
	assert_true(wanted_of(&l, "canister.service"));
	for (uint32_t i = 0; i < alert_count(&l.e.model); i++) {
		d.sequence = alert_at(&l.e.model, i)->sequence;
		if (alert_at(&l.e.model, i)->used)
			engine_delivery(&l.e, &d, l.now_ms, l.wall_ms);
	}
	assert_false(wanted_of(&l, "canister.service"));
	assert_int_equal(sink_at(&l.e.model, 1)->queued, 0);
	/* duplicates and strangers change nothing */
	engine_delivery(&l.e, &d, l.now_ms, l.wall_ms);
	d.sink = 9;
	engine_delivery(&l.e, &d, l.now_ms, l.wall_ms);
	lab_stop(&l);
}

static void test_test_alert_reaches_every_sink_or_one(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_command(&l, CMD_TEST_ALERT, "", 0);
	assert_int_equal(l.reply.code, 0);
	assert_int_equal(wanted_of(&l, "alert.test"), ONCALL | ALL);
	assert_true(l.reply.sequence);
	lab_command(&l, CMD_TEST_ALERT, "nobody", 0);
	assert_int_equal(l.reply.code, ENOENT);
	lab_stop(&l);
}

static void test_maintenance_is_quiet_and_the_other_half_is_not(void **unused)
{
	struct post *p = test_calloc(1, sizeof(*p));
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "keep=20");
	lab_command(&l, CMD_MAINTENANCE_START, "san1/canister/B", 7200000);
	assert_int_equal(l.reply.code, 0);
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_MAINTENANCE_STARTED, NULL, ALL), 1);
	lab_run(&l, "@canister:B state=service ; @path:host0-B state=failed ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, NULL, ONCALL), 0);
	assert_int_equal(sent(p, ALERT_ARRAY_VERDICT, NULL, ONCALL), 0);
	/* truthful: it is not redundant, and says so */
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
	assert_true(array_at(&l.e.model, 0)->maintenance);
	lab_run(&l, "@canister:A state=failed ;");
	collect(p, &l);
	assert_int_equal(sent(p, ALERT_FINDING_FIRING, "canister.failed", ONCALL | ALL), 1);
	lab_run(&l, "@canister:A state=ok ; keep=7300");
	collect(p, &l);
	assert_false(array_at(&l.e.model, 0)->maintenance);
	assert_true(lab_finding(&l, "canister.service")->told & ONCALL);
	lab_stop(&l);
	test_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_sink_gets_what_it_asked_for),
		cmocka_unit_test(test_only_who_was_told_is_told_that_it_is_over),
		cmocka_unit_test(test_symptoms_are_not_told),
		cmocka_unit_test(test_a_storm_is_five_messages_a_minute),
		cmocka_unit_test(test_what_comes_back_a_little_later_is_no_news),
		cmocka_unit_test(test_a_first_critical_never_waits),
		cmocka_unit_test(test_repeats_until_somebody_answers),
		cmocka_unit_test(test_a_warning_nobody_answers_becomes_a_page),
		cmocka_unit_test(test_a_stand_in_is_told_when_a_sink_fails),
		cmocka_unit_test(test_an_alert_stays_until_each_sink_is_done),
		cmocka_unit_test(test_test_alert_reaches_every_sink_or_one),
		cmocka_unit_test(test_maintenance_is_quiet_and_the_other_half_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
