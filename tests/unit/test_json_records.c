/* What is told beside the status: lists of parts, bodies of alerts, runs, records, days of a drive. */
#include "json_lab.h"

static void test_filters(void **unused)
{
	static const struct {
		const char *array, *kind, *health;
		size_t n;
	} rows[] = {
		{NULL, NULL, NULL, 5},
		{"san1", NULL, NULL, 3},
		{"local", NULL, NULL, 2},
		{NULL, "drive", NULL, 3},
		{NULL, "drive", "critical", 1},
		{"san1", "canister", "failed", 1},
		{"none", NULL, NULL, 0},
		{NULL, "x", NULL, 0},
	};
	struct model m = {};
	struct view v = view_of(&m);

	(void)unused;
	build_array(&m, "san1", VERDICT_NOT_REDUNDANT, 0, 1);
	build_array(&m, "local", VERDICT_SINGLE, 0, 0);
	build_canisters(&m, 0, STATE_OK, STATE_FAILED);
	build_slot(&m, 0, 1, STATE_OK, HEALTH_OK);
	build_slot(&m, 1, 1, STATE_OK, HEALTH_CRITICAL);
	build_slot(&m, 1, 2, STATE_OK, HEALTH_OK);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_(putp) struct json_object *o =
			json_components(&v, rows[i].array, rows[i].kind, rows[i].health);

		assert_int_equal(json_object_array_length(o), rows[i].n);
	}
	model_clear(&m);
}

static void test_alert_body(void **unused)
{
	struct alert_row a = {.used = 1,
		.type = ALERT_FINDING_FIRING,
		.severity = SEV_CRITICAL,
		.verdict = VERDICT_IMPENDING_LOSS,
		.previous = VERDICT_NOT_REDUNDANT,
		.margin_known = 1,
		.component = 0,
		.sequence = 4127,
		.epoch = 1692238894,
		.created_wall_ms = BUILD_WALL,
		.rule_id = "canister.degraded",
		.subject = "san1/canister/A",
		.summary = "Canister A is failing",
		.action = "Keep hands off."};
	static const char *const fields[] = {"id", "key", "epoch", "sequence", "host", "incident",
		"array", "component", "rule", "severity", "status", "summary", "action", "verdict",
		"previous", "margin", "services", "since", "url", "simulated", "evidence",
		"support.vendor", "support.model", "support.serial", "support.firmware"};
	struct model m = {};
	struct view v = view_of(&m);
	cleanup_(putp) struct json_object *o = NULL, *resolved = NULL;
	char path[64];

	(void)unused;
	incident(&m);
	o = json_alert(&v, &a);
	is_text(o, "type", "finding.firing");
	is_text(o, "timestamp", "2023-08-17T02:51:34Z");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		format_text(path, sizeof(path), "data.%s", fields[i]);
		must(o, path);
	}
	is_text(o, "data.status", "firing");
	is_text(o, "data.margin", "0");
	is_text(o, "data.sequence", "4127");
	is_text(o, "data.services.0", "dns");
	is_text(o, "data.evidence.1.value", "480");
	is_text(o, "data.support.serial", "78A0000");
	is_text(o, "data.url", NULL);
	a.type = ALERT_FINDING_RESOLVED;
	a.margin_known = 0;
	a.finding = NONE32;
	a.array = NONE16;
	resolved = json_alert(&v, &a);
	is_text(resolved, "data.status", "resolved");
	is_text(resolved, "data.margin", NULL);
	is_text(resolved, "data.array", NULL);
	model_clear(&m);
}

static void test_withdrawn_is_idle_outside(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	cleanup_(putp) struct json_object *o = NULL, *run = NULL;

	(void)unused;
	incident(&m);
	plan_at(&m, 0)->state = RUN_WITHDRAWN;
	run_at(&m, 0)->state = RUN_WITHDRAWN;
	o = json_failover(&v);
	is_text(o, "0.state", "idle");
	run = json_run(&v, 147);
	is_text(run, "state", "withdrawn");
	model_clear(&m);
}

/* It has the states of a run, since there are no others; what it is stands beside them. */
static void test_a_dry_run_says_so(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	cleanup_(putp) struct json_object *o = NULL, *dry = NULL;

	(void)unused;
	incident(&m);
	o = json_run(&v, 147);
	is_text(o, "dry_run", "false");
	run_at(&m, 0)->mode = RUN_MODE_DRY;
	run_at(&m, 0)->state = RUN_FENCING;
	dry = json_run(&v, 147);
	is_text(dry, "dry_run", "true");
	is_text(dry, "state", "fencing");
	model_clear(&m);
}

static void test_record(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	struct record r = {.sequence = 4127,
		.wall_ms = BUILD_WALL,
		.type = REC_VERDICT,
		.severity = SEV_CRITICAL,
		.incident = 0,
		.text = "san1 impending loss."};
	cleanup_(putp) struct json_object *o = NULL;

	(void)unused;
	incident(&m);
	o = json_record(&v, &r);
	is_text(o, "record", "4127");
	is_text(o, "time", "2023-08-17T02:51:34Z");
	is_text(o, "type", "verdict");
	is_text(o, "array", "san1");
	is_text(o, "incident", "i-31");
	is_text(o, "severity", "critical");
	is_text(o, "text", "san1 impending loss.");
	model_clear(&m);
}

static void test_days(void **unused)
{
	struct model m = {};
	struct view v = {.model = &m, .now_ms = BUILD_NOW, .wall_ms = BUILD_WALL};
	struct daily_row d = {.used = 1, .day = (uint32_t)(BUILD_WALL / 86400000)};
	struct json_object *o, *h;

	(void)unused;
	build_self(&m);
	build_array(&m, "local", VERDICT_REDUNDANT, 1, 1);
	d.component = build_slot(&m, 0, 1, STATE_OK, HEALTH_OK);
	o = json_component(&v, d.component, true);
	json_object_object_get_ex(o, "history", &h);
	assert_string_equal(json_object_to_json_string_ext(h, 0), "{\"temperature\":null,\"reallocated\":null}");
	json_object_put(o);
	for (int i = 0; i < DAILY_DAYS; i++) {
		d.temperature[i] = i < 6 ? DAILY_NO_TEMPERATURE : (int16_t)(310 + i);
		d.reallocated[i] = DAILY_NO_COUNT;
	}
	build_row(&m, TABLE_DAILY, &d);
	o = json_component(&v, d.component, true);
	json_object_object_get_ex(o, "history", &h);
	assert_string_equal(json_object_to_json_string_ext(h, 0),
		"{\"temperature\":[null,null,null,null,null,null,31.6,31.7],\"reallocated\":null}");
	json_object_put(o);
	model_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_alert_body),
		cmocka_unit_test(test_withdrawn_is_idle_outside),
		cmocka_unit_test(test_a_dry_run_says_so),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
