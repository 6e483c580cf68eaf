#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "agent/marks.h"
#include "agent/rules.h"

/* The clocks of the writing and of the reading boot: the host was restarted in between. */
static const struct marks_time before = {.now_ms = 90000000, .wall_ms = 1700000000000};
static const struct marks_time after = {.now_ms = 600000, .wall_ms = 1700000900000};

static void put(struct model *m, enum table t, uint32_t at, const void *row)
{
	struct record r = {.sequence = m->sequence + 1, .table = (uint16_t)t, .index = at};

	memcpy(r.row, row, row_size(t));
	assert_int_equal(model_apply(m, &r), 0);
}
#define PUT(m, t, at, ...) put(m, TABLE_##t, at, &(__VA_ARGS__))

static void build_inventory(struct model *m)
{
	PUT(m, SELF, 0, (struct self_row){.used = 1, .next_finding = 43, .next_run = 3, .next_incident = 8});
	PUT(m, ARRAY, 0, (struct array_row){.used = 1, .name = "local", .incident = NONE16});
	PUT(m, ARRAY, 1, (struct array_row){.used = 1, .name = "san1", .serial = "78N16G4", .incident = 0,
		.verdict = VERDICT_NOT_REDUNDANT, .redundant_until_wall_ms = 1699999990000});
	PUT(m, SOURCE, 0, (struct source_row){.used = 1, .type = SOURCE_DRIVES, .array = 0});
	PUT(m, SOURCE, 1, (struct source_row){.used = 1, .type = SOURCE_EXEC, .array = 1});
	PUT(m, SOURCE, 2, (struct source_row){.used = 1, .type = SOURCE_EXEC, .array = 1});
	PUT(m, COMPONENT, 0, (struct component_row){.used = 1, .kind = KIND_DRIVE, .name = "unknown-to-anybody"});
	PUT(m, COMPONENT, 1, (struct component_row){.used = 1, .kind = KIND_CANISTER, .array = 1, .source = 2, .name = "A",
		.flags = COMPONENT_ADOPTED | COMPONENT_STALE, .state = STATE_OK, .firmware = "7.8.1.11", .slot = -1});
	PUT(m, COMPONENT, 2, (struct component_row){.used = 1, .kind = KIND_CANISTER, .array = 1, .source = 2, .name = "B",
		.flags = COMPONENT_ADOPTED | COMPONENT_REMOVED, .slot = 3});
	PUT(m, NAME, 0, (struct name_row){.used = 1, .name = "unused_name"});
	PUT(m, NAME, 1, (struct name_row){.used = 1, .name = "cache_dirty_mb"});
	PUT(m, FACT, 0, (struct fact_row){.used = 1, .fact = FACT_PENDING, .component = 0, .first = 5});
	PUT(m, FACT, 1, (struct fact_row){.used = 1, .fact = FACT_CUSTOM + 1, .component = 2, .source = 2, .first = 7.25,
		.value = 9});
	PUT(m, GROUP, 0, (struct group_row){.used = 1, .kind = GROUP_CANISTERS, .array = 1, .need = 1, .members = 2,
		.expected = 1, .name = "canisters"});
	PUT(m, MEMBER, 0, (struct member_row){.used = 1, .group = 0, .component = 1});
	PUT(m, MEMBER, 1, (struct member_row){.used = 1, .group = 0, .component = 2});
}

static void build_troubles(struct model *m)
{
	struct serd_row serd = {.used = 1, .rule = 1, .component = 2, .count = 18};
	struct finding_row f = {.used = 1, .active = 1, .id = 42, .severity = SEV_CRITICAL, .tier = SEV_CRITICAL, .acked = 1,
		.rule = 2, .array = 1, .incident = 0, .folded = NONE16, .component = 2, .acked_by = "zoe",
		.acked_why = "case \"4711\"\n", .told = 2, .told_severity = SEV_CRITICAL, .subject = "oncall", .since_ms = 80000000, .acked_until_wall_ms = 1700007200000};
	struct finding_row cleared = {.used = 1, .id = 41, .rule = 2, .array = 1, .component = 1};

	for (unsigned i = 0; i < 16; i++)
		serd.times_ms[i] = 10000 * (i + 1);
	serd.times_ms[17 % 16] = before.now_ms - 1000;
	copy_text(f.rule_id, sizeof(f.rule_id), rules[2].id);
	PUT(m, FINDING, 0, cleared);
	PUT(m, FINDING, 1, f);
	PUT(m, SERD, 0, serd);
	PUT(m, INCIDENT, 0, (struct incident_row){.used = 1, .open = 1, .array = 1, .id = 7, .severity = SEV_CRITICAL});
	PUT(m, SINK, 0, (struct sink_row){.used = 1, .name = "oncall", .address = "192.0.2.10"});
	PUT(m, SINK, 1, (struct sink_row){.used = 1, .name = "backup"});
	PUT(m, ALERT, 0, (struct alert_row){.used = 0});
	PUT(m, ALERT, 1, (struct alert_row){.used = 1, .type = ALERT_FINDING_FIRING, .severity = SEV_CRITICAL, .array = 1,
		.incident = 0, .plan = NONE16, .finding = 1, .component = 2, .wanted = 3, .done = 2, .margin = -1,
		.margin_known = 1, .epoch = 1699000000, .sequence = UINT64_C(1) << 52, .created_ms = 80000000,
		.subject = "san1/canister/B", .summary = "canister B of san1 is out of service"});
	PUT(m, PLAN, 0, (struct plan_row){.used = 1, .name = "san1-to-standby", .array = 1, .armed = 1, .run = 0,
		.state = RUN_PROMOTING, .last_incident_used = 1, .last_incident = 7});
	PUT(m, RUN, 0, (struct run_row){.used = 1, .id = 2, .plan = 0, .array = 1, .state = RUN_PROMOTING,
		.verb = VERB_PROMOTE, .mode = RUN_MODE_APPROVED, .by = "zoe", .incident = 7});
	PUT(m, STEP, 0, (struct step_row){.used = 1, .run = 0, .state = STEP_NOW, .verb = VERB_PROMOTE, .name = "dns"});
	PUT(m, MAINTENANCE, 0, (struct maintenance_row){.used = 1, .component = NONE32, .array = 1, .until_ms = 93600000,
		.until_wall_ms = 1700003600000, .allow_kind = KIND_CANISTER, .allow_count = 1, .why = "firmware"});
}

static void build(struct model *m)
{
	build_inventory(m);
	build_troubles(m);
	m->epoch = 1699000000;
}

static char *written(const struct marks_time *t)
{
	struct model m = {};
	char *text = NULL;

	build(&m);
	assert_int_equal(marks_write(&m, t, &text), 0);
	model_clear(&m);
	return text;
}

static int read_back(const char *text, size_t len, const struct config *c, struct model *m)
{
	char why[160] = "";
	int rc = marks_read(text, len, c, &after, m, why, sizeof(why));

	assert_true((rc == 0) == !*why);
	return rc;
}

static void test_a_cold_start_loses_nothing(void **unused)
{
	cleanup_(freep) char *text = written(&before);
	struct model m = {};
	const struct component_row *b;
	const struct finding_row *f;
	const struct alert_row *a;

	(void)unused;
	assert_int_equal(read_back(text, strlen(text), NULL, &m), 0);
	assert_int_equal(m.epoch, 1699000000);
	assert_int_equal(component_count(&m), 2); /* never adopted and nothing speaks of it */
	b = component_at(&m, 1);
	assert_string_equal(b->name, "B");
	assert_int_equal(b->flags, COMPONENT_ADOPTED | COMPONENT_REMOVED);
	assert_int_equal(b->source, 2);
	assert_int_equal(component_at(&m, 0)->flags, COMPONENT_ADOPTED);
	assert_int_equal(component_at(&m, 0)->slot, -1);
	assert_int_equal(component_at(&m, 0)->state, STATE_UNKNOWN);
	assert_int_equal(fact_count(&m), 1);
	assert_int_equal(fact_at(&m, 0)->component, 1);
	assert_string_equal(model_fact_name(&m, fact_at(&m, 0)->fact), "cache_dirty_mb");
	assert_true(fact_at(&m, 0)->first == 7.25);
	assert_int_equal(finding_count(&m), 1);
	f = finding_at(&m, 0);
	assert_int_equal(f->id, 42);
	assert_int_equal(f->component, 1);
	assert_int_equal(f->acked, 1);
	assert_string_equal(f->acked_why, "case \"4711\"\n");
	assert_int_equal(f->folded, NONE16);
	assert_int_equal(f->told, 2); /* or "resolved" would reach nobody */
	assert_string_equal(f->subject, "oncall");
	assert_int_equal(f->rule, 2);
	assert_int_equal(self_at(&m, 0)->next_finding, 43);
	a = alert_at(&m, 0);
	assert_int_equal(a->sequence, UINT64_C(1) << 52);
	assert_int_equal(a->epoch, 1699000000);
	assert_int_equal(a->wanted, 3);
	assert_int_equal(a->done, 2);
	assert_int_equal(a->finding, 0);
	assert_int_equal(a->plan, NONE16);
	assert_int_equal(a->margin, -1);
	assert_string_equal(sink_at(&m, 0)->address, "192.0.2.10");
	assert_int_equal(maintenance_at(&m, 0)->component, NONE32);
	assert_int_equal(group_at(&m, 0)->expected, 1);
	assert_int_equal(group_at(&m, 0)->unseen, 1);
	assert_int_equal(member_count(&m), 2);
	assert_int_equal(array_at(&m, 1)->verdict, VERDICT_NONE); /* no fresh look: no verdict */
	assert_int_equal(array_at(&m, 1)->previous, VERDICT_NOT_REDUNDANT);
	model_clear(&m);
}

static void test_open_runs_come_back_frozen_or_asked_for(void **unused)
{
	static const struct {
		enum run_state was, want;
		const char *why;
	} cases[] = {
		{RUN_REQUESTED, RUN_REQUESTED, "nobody has approved it; by itself it starts no more"},
		{RUN_WAITING_APPROVAL, RUN_REQUESTED, "the same"},
		{RUN_FENCING, RUN_FROZEN, "unknown is a stop"},
		{RUN_PROMOTING, RUN_FROZEN, "unknown is a stop"},
		{RUN_VERIFYING, RUN_FROZEN, "unknown is a stop"},
		{RUN_FROZEN, RUN_FROZEN, "stays"},
		{RUN_DONE, RUN_DONE, "over"},
		{RUN_FAILED, RUN_FAILED, "over"},
		{RUN_ABORTED, RUN_ABORTED, "over"},
		{RUN_WITHDRAWN, RUN_WITHDRAWN, "over"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model m = {}, back = {};
		cleanup_(freep) char *text = NULL;

		build(&m);
		run_at(&m, 0)->state = (uint8_t)cases[i].was;
		plan_at(&m, 0)->state = (uint8_t)cases[i].was;
		assert_int_equal(marks_write(&m, &before, &text), 0);
		assert_int_equal(read_back(text, strlen(text), NULL, &back), 0);
		if (run_at(&back, 0)->state != cases[i].want || plan_at(&back, 0)->state != cases[i].want)
			fail_msg("%s: %s", run_state_text(cases[i].was), cases[i].why);
		assert_int_equal(run_at(&back, 0)->untold, cases[i].want == RUN_FROZEN && cases[i].was != RUN_FROZEN);
		if (cases[i].want == RUN_REQUESTED)
			assert_int_equal(run_at(&back, 0)->mode, RUN_MODE_APPROVED);
		assert_int_equal(plan_at(&back, 0)->armed, 1);
		assert_int_equal(plan_at(&back, 0)->last_incident, 7);
		assert_int_equal(step_at(&back, 0)->state, STEP_UNKNOWN);
		assert_int_equal(step_at(&back, 0)->exit_kind, EXIT_LOST);
		model_clear(&m);
		model_clear(&back);
	}
}

static void test_times_follow_the_new_boot(void **unused)
{
	cleanup_(freep) char *text = written(&before);
	struct model m = {};

	(void)unused;
	assert_int_equal(read_back(text, strlen(text), NULL, &m), 0);
	/* 3600 s ahead at the writing, which was 900 s ago */
	assert_int_equal(maintenance_at(&m, 0)->until_ms, after.now_ms + 2700000);
	assert_int_equal(finding_at(&m, 0)->since_ms, 1); /* before this boot */
	assert_int_equal(serd_at(&m, 0)->count, 18);
	assert_int_equal(serd_recent(serd_at(&m, 0), after.now_ms, 86400000), 0); /* none may look younger than it is */
	model_clear(&m);
}

static void test_the_configuration_was_reordered(void **unused)
{
	cleanup_(freep) char *text = written(&before);
	cleanup_(freep) struct config *c = calloc(1, sizeof(*c));
	struct model m = {};
	bool full = false;

	(void)unused;
	assert_non_null(c);
	c->narrays = 2;
	c->arrays[0].name = cfg_put(c, "san1", &full);
	c->arrays[1].name = cfg_put(c, "san2", &full);
	c->nsources = 1;
	c->sources[0] = (struct cfg_source){.array = 0, .type = SOURCE_EXEC};
	c->nsinks = 2;
	c->sinks[0].name = cfg_put(c, "backup", &full);
	c->sinks[1].name = cfg_put(c, "oncall", &full);
	assert_int_equal(read_back(text, strlen(text), c, &m), 0);
	assert_int_equal(array_count(&m), 1);
	assert_string_equal(array_at(&m, 0)->serial, "78N16G4");
	assert_int_equal(component_at(&m, 1)->array, 0);
	assert_int_equal(component_at(&m, 1)->source, NONE16);
	assert_int_equal(alert_at(&m, 0)->wanted, 3);
	assert_int_equal(alert_at(&m, 0)->done, 1);
	assert_string_equal(sink_at(&m, 1)->address, "192.0.2.10");
	/* its plan is gone, and what it had begun is not */
	assert_int_equal(run_at(&m, 0)->state, RUN_FROZEN);
	assert_string_equal(plan_at(&m, run_at(&m, 0)->plan)->name, "san1-to-standby");
	assert_int_equal(step_count(&m), 1);
	model_clear(&m);
}

static void test_written_again_it_is_the_same(void **unused)
{
	cleanup_(freep) char *text = written(&before);
	cleanup_(freep) char *again = NULL, *third = NULL;
	struct model m = {}, n = {};

	(void)unused;
	assert_int_equal(read_back(text, strlen(text), NULL, &m), 0);
	assert_int_equal(marks_write(&m, &after, &again), 0);
	assert_int_equal(read_back(again, strlen(again), NULL, &n), 0);
	assert_int_equal(marks_write(&n, &after, &third), 0);
	assert_string_equal(again, third);
	model_clear(&m);
	model_clear(&n);
}

static void test_what_is_refused(void **unused)
{
	static const struct {
		const char *text;
		int want;
		const char *why;
	} cases[] = {
		{"", -EBADMSG, "empty"},
		{"{}", -EBADMSG, "JSON of somebody else"},
		{"[]", -EBADMSG, "not an object"},
		{"{\"format\": \"ballast-marks\"}", -EPROTO, "no version"},
		{"{\"format\": \"ballast-marks\", \"version\": 2, \"epoch\": 1, \"sequence\": 1}", -EPROTO, "a newer one"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": -1, \"sequence\": 1}", -EINVAL, "epoch"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 9e99}", -EINVAL, "sequence"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1}", 0, "nothing to say"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1, \"later_table\": 5}", 0,
			"a table that this build does not know"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1, \"incident\": 5}", -EINVAL,
			"no table"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1, \"incident\": {\"columns\": "
		 "[\"row\", \"later\", \"id\"], \"rows\": [[0, 7, 8]]}}",
			0, "a column that this build does not know"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1, \"incident\": {\"columns\": "
		 "[\"row\", \"id\"], \"rows\": [[1, 7], [1, 8]]}}",
			-EINVAL, "a row twice"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1, \"incident\": {\"columns\": "
		 "[\"row\", \"id\"], \"rows\": [[0, 4294967296]]}}",
			-EINVAL, "too large for its field"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1, \"incident\": {\"columns\": "
		 "[\"row\", \"severity\"], \"rows\": [[0, \"dire\"]]}}",
			-EINVAL, "a word that is not in the table"},
		{"{\"format\": \"ballast-marks\", \"version\": 1, \"epoch\": 1, \"sequence\": 1, \"incident\": {\"columns\": "
		 "[\"id\"], \"rows\": []}}",
			-EINVAL, "rows without their number"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model m = {.epoch = 77};
		int rc = read_back(cases[i].text, strlen(cases[i].text), NULL, &m);

		if (rc != cases[i].want || (rc < 0 && m.epoch != 77))
			fail_msg("%s: %d", cases[i].why, rc);
		model_clear(&m);
	}
}

/* Cut off anywhere it is refused; with any byte changed it is refused or read, never worse. */
static void test_damaged_files(void **unused)
{
	cleanup_(freep) char *text = written(&before);
	size_t len = strlen(text);
	uint32_t random = 1;

	(void)unused;
	for (size_t cut = 0; cut < len - 2; cut += 7) {
		struct model m = {};

		assert_int_not_equal(read_back(text, cut, NULL, &m), 0);
		model_clear(&m);
	}
	for (unsigned i = 0; i < 3000; i++) {
		struct model m = {};
		size_t at;
		char was;

		random = random * 1664525 + 1013904223;
		at = random % len;
		was = text[at];
		text[at] = (char)(random >> 24);
		(void)!read_back(text, len, NULL, &m);
		text[at] = was;
		model_clear(&m);
	}
}

/* A file as the first version wrote it: whatever changes, this one is still read. */
static void test_the_first_version_is_still_read(void **unused)
{
	const char *source = getenv("BALLAST_SOURCE");
	cleanup_(freep) char *text = NULL;
	struct model m = {};
	char path[512];
	size_t len;

	(void)unused;
	if (!source)
		skip();
	format_text(path, sizeof(path), "%s/tests/fixtures/marks-1.json", source);
	assert_int_equal(slurp(path, 1 << 20, &text, &len), 0);
	assert_int_equal(read_back(text, len, NULL, &m), 0);
	assert_string_equal(component_at(&m, 1)->name, "B");
	assert_string_equal(finding_at(&m, 0)->acked_by, "zoe");
	assert_int_equal(alert_at(&m, 0)->wanted, 3);
	assert_int_equal(run_at(&m, 0)->state, RUN_FROZEN);
	assert_string_equal(maintenance_at(&m, 0)->why, "firmware");
	model_clear(&m);
}

static void test_what_must_be_on_disk(void **unused)
{
	struct component_row c = {.used = 1, .name = "A"}, stale = c, adopted = c;
	struct fact_row f = {.used = 1, .first = 1, .value = 1}, grew = f;
	struct alert_row a = {.used = 1, .wanted = 1}, done = a, gone = a;
	struct seen_row s = {.used = 1};

	(void)unused;
	stale.flags = COMPONENT_STALE;
	stale.state = STATE_UNKNOWN;
	adopted.flags = COMPONENT_ADOPTED;
	grew.value = 2;
	done.done = 1;
	gone.used = 0;
	assert_false(marks_durable(TABLE_COMPONENT, &c, &stale));
	assert_true(marks_durable(TABLE_COMPONENT, &c, &adopted));
	assert_false(marks_durable(TABLE_FACT, &f, &grew));
	assert_true(marks_durable(TABLE_ALERT, NULL, &a));
	assert_true(marks_durable(TABLE_ALERT, &a, &done));
	assert_true(marks_durable(TABLE_ALERT, &a, &gone));
	assert_false(marks_durable(TABLE_SEEN, NULL, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cold_start_loses_nothing),
		cmocka_unit_test(test_open_runs_come_back_frozen_or_asked_for),
		cmocka_unit_test(test_times_follow_the_new_boot),
		cmocka_unit_test(test_the_configuration_was_reordered),
		cmocka_unit_test(test_written_again_it_is_the_same),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_damaged_files),
		cmocka_unit_test(test_the_first_version_is_still_read),
		cmocka_unit_test(test_what_must_be_on_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
