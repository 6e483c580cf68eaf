#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <math.h>

#include "agent/view.h"
#include "build_model.h"

static void putp(struct json_object **o)
{
	json_object_put(*o);
}

/* "arrays.0.margin"; *@ret_found tells null from absent */
static struct json_object *at(struct json_object *o, const char *path, bool *ret_found)
{
	char part[64];

	*ret_found = true;
	while (*path && *ret_found) {
		size_t n = strcspn(path, ".");

		format_text(part, sizeof(part), "%.*s", (int)n, path);
		if (json_object_is_type(o, json_type_array)) {
			size_t i = strtoul(part, NULL, 10);

			*ret_found = i < json_object_array_length(o);
			o = *ret_found ? json_object_array_get_idx(o, i) : NULL;
		} else {
			*ret_found = json_object_object_get_ex(o, part, &o);
		}
		path += n + (path[n] == '.');
	}
	return o;
}

static struct json_object *must(struct json_object *o, const char *path)
{
	bool found;
	struct json_object *v = at(o, path, &found);

	if (!found)
		print_error("missing: %s\n", path);
	assert_true(found);
	return v;
}

static void is_text(struct json_object *o, const char *path, const char *text)
{
	struct json_object *v = must(o, path);

	if (!text) {
		assert_null(v);
		return;
	}
	assert_non_null(v);
	assert_string_equal(json_object_get_string(v), text);
}

/* The incident of the page: B out of service, A failing, a run that waits, a sink that does not take. */
static void incident(struct model *m)
{
	uint32_t a, index;
	struct finding_row *f;
	struct run_row run = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.mode = RUN_MODE_APPROVED,
		.id = 147,
		.since_wall_ms = AGO(113),
		.approve_until_wall_ms = BUILD_WALL + 581000,
		.incident = 31};
	struct step_row step = {.used = 1,
		.state = STEP_DONE,
		.name = "dns",
		.verbs_done = 1u << VERB_CHECK | 1u << VERB_FENCE,
		.exit_kind = EXIT_BY_CODE};
	struct plan_row plan = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.mode = MODE_APPROVE,
		.armed = 1,
		.name = "san1-to-standby",
		.target = "stor2",
		.drill_wall_ms = AGO(86400),
		.drill_ms = 41000,
		.drill_ok = 1,
		.refused_gate = "hold",
		.refused_why = "held for 10 min",
		.refused_wall_ms = AGO(20)};
	struct sink_row sink = {.used = 1,
		.state = SINK_RETRYING,
		.type = SINK_SLACK,
		.queued = 2,
		.oldest_wall_ms = AGO(91),
		.error_wall_ms = AGO(10),
		.next_try_wall_ms = BUILD_WALL + 18000,
		.name = "backup",
		.error = "connection refused"};
	struct sink_row fine = {.used = 1,
		.state = SINK_OK,
		.type = SINK_WEBHOOK,
		.success_wall_ms = AGO(10),
		.name = "oncall",
		.heartbeat_ms = 60000,
		.heartbeat_wall_ms = AGO(12)};
	struct incident_row i = {.used = 1,
		.open = 1,
		.severity = SEV_CRITICAL,
		.id = 31,
		.since_wall_ms = AGO(627)};

	build_self(m);
	a = build_array(m, "san1", VERDICT_IMPENDING_LOSS, 0, 1);
	build_canisters(m, a, STATE_DEGRADED, STATE_SERVICE);
	array_at(m, a)->incident = (uint16_t)build_row(m, TABLE_INCIDENT, &i);
	f = build_finding(m, a, 0, "canister.degraded", SEV_CRITICAL);
	f->incident = 0;
	f->nevidence = 2;
	f->evidence[0] = (struct evidence){.has_was = 1,
		.state = STATE_DEGRADED,
		.was_state = STATE_OK,
		.at_wall_ms = AGO(114)};
	f->evidence[1] = (struct evidence){
		.fact = FACT_READ_MS, .value = 480, .has_was = 1, .was = 3, .at_wall_ms = AGO(114)};
	f = build_finding(m, a, 1, "path.lost", SEV_WARNING);
	f->folded = 0;
	build_row(m, TABLE_FACT,
		&(struct fact_row){
			.used = 1, .fact = FACT_READ_MS, .component = 0, .value = 480, .was = 3});
	plan.run = index = build_row(m, TABLE_RUN, &run);
	step.run = index;
	build_row(m, TABLE_STEP, &step);
	step = (struct step_row){
		.used = 1, .state = STEP_TODO, .name = "imap", .index = 1, .run = index};
	build_row(m, TABLE_STEP, &step);
	build_row(m, TABLE_PLAN, &plan);
	build_row(m, TABLE_SINK, &sink);
	build_row(m, TABLE_SINK, &fine);
}

/* clang-format off */
/* CONTRACT's status object, field by field; "" is any value, NULL is null. */
static const struct {
	const char *path, *text;
} contract[] = {
	{"version", "0.1.0"}, {"host", "stor1.example.net"}, {"time", "2023-08-17T02:51:34Z"},
	{"started", "2023-08-17T02:21:34Z"}, {"worst", "critical"}, {"answer", "No."},
	{"arrays.0.name", "san1"}, {"arrays.0.serial", "78A0000"}, {"arrays.0.simulated", "false"},
	{"arrays.0.verdict", "impending_loss"}, {"arrays.0.visibility", "full"}, {"arrays.0.margin", "0"},
	{"arrays.0.expected", "1"}, {"arrays.0.forecast", NULL}, {"arrays.0.since", "2023-08-17T02:49:41Z"},
	{"arrays.0.services.2", "web"}, {"arrays.0.incident.id", "i-31"}, {"arrays.0.incident.since", "2023-08-17T02:41:07Z"},
	{"arrays.0.incident.acknowledged", "false"}, {"arrays.0.groups.0.kind", "canisters"},
	{"arrays.0.groups.0.name", "canisters"}, {"arrays.0.groups.0.need", "1"}, {"arrays.0.groups.0.serving", "1"},
	{"arrays.0.groups.0.members", "2"}, {"arrays.0.groups.0.margin", "0"}, {"arrays.0.groups.0.expected", "1"},
	{"arrays.0.groups.0.unseen", "false"}, {"arrays.0.components.canister.ok", "0"},
	{"arrays.0.components.canister.warning", "1"}, {"arrays.0.components.canister.critical", "0"},
	{"arrays.0.components.canister.failed", "1"}, {"arrays.0.components.canister.absent", "0"},
	{"arrays.0.components.canister.unknown", "0"}, {"arrays.0.redundant_until", NULL}, {"arrays.0.read_ms", "480"},
	{"arrays.0.age_s", "3"}, {"arrays.0.answer", "No."}, {"arrays.0.support.vendor", "IBM"},
	{"findings.0.id", "F-31"}, {"findings.0.rule", "canister.degraded"}, {"findings.0.array", "san1"},
	{"findings.0.component", "san1/canister/A"}, {"findings.0.kind", "canister"}, {"findings.0.severity", "critical"},
	{"findings.0.summary", ""}, {"findings.0.action", ""}, {"findings.0.title", ""}, {"findings.0.since", "2023-08-17T02:49:40Z"},
	{"findings.0.acknowledged", NULL}, {"findings.0.folds.0.id", "F-32"}, {"findings.0.evidence.0.fact", "state"},
	{"findings.0.evidence.0.value", "degraded"}, {"findings.0.evidence.0.was", "ok"}, {"findings.0.evidence.0.unit", NULL},
	{"findings.0.evidence.1.fact", "read_ms"}, {"findings.0.evidence.1.value", "480"}, {"findings.0.evidence.1.unit", "ms"},
	{"findings.0.evidence.1.was", "3"}, {"findings.0.evidence.1.age_s", "4"}, {"findings.0.evidence.1.source", "exec"},
	{"findings.0.evidence.1.stale", "false"}, {"findings.1.folded_into", "F-31"},
	{"failover.0.plan", "san1-to-standby"}, {"failover.0.array", "san1"}, {"failover.0.mode", "approve"},
	{"failover.0.armed", "true"}, {"failover.0.state", "waiting_approval"}, {"failover.0.run.id", "r147"},
	{"failover.0.run.step", "dns"}, {"failover.0.run.verb", NULL}, {"failover.0.run.since", ""},
	{"failover.0.run.deadline", NULL}, {"failover.0.run.steps.0.verbs.1", "fence"}, {"failover.0.run.steps.0.exit.value", "0"},
	{"failover.0.run.steps.1.state", "todo"}, {"failover.0.run.steps.1.exit", NULL},
	{"failover.0.run.approval.command", "ballastctl failover approve r147"},
	{"failover.0.run.approval.deadline", "2023-08-17T03:01:15Z"}, {"failover.0.run.approval.by", NULL},
	{"failover.0.run.approval.allowed.1", "@ballast-operators"}, {"failover.0.last_drill.result", "passed"},
	{"failover.0.last_drill.duration_s", "41"}, {"failover.0.refused.0.gate", "hold"}, {"failover.0.refused.0.why", ""},
	{"failover.0.refused.0.time", ""}, {"sinks.0.name", "backup"}, {"sinks.0.type", "slack"}, {"sinks.0.queued", "2"},
	{"sinks.0.oldest_age_s", "91"}, {"sinks.0.last_success", NULL}, {"sinks.0.last_error", "connection refused"},
	{"sinks.0.state", "retrying"}, {"sinks.0.next_try", ""}, {"sinks.0.heartbeat", NULL}, {"sinks.1.oldest_age_s", NULL},
	{"sinks.1.last_error", NULL}, {"sinks.1.heartbeat.interval_s", "60"}, {"todo.0.approval", "true"},
	{"todo.0.command", "ballastctl failover approve r147"}, {"todo.0.before", "2023-08-17T03:01:15Z"},
	{"todo.0.array", "san1"}, {"todo.0.finding", NULL}, {"self.engine_lag_ms", "0"}, {"self.abandoned_probes", "0"},
	{"self.locked_memory", "true"}, {"self.journal", "ok"}, {"self.last_record", ""}, {"forecasts", ""}, {"enclosures", ""},
	{"paths", ""}, {"blind", ""},
};
/* clang-format on */

static void test_contract(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	cleanup_(putp) struct json_object *o = NULL;

	(void)unused;
	incident(&m);
	o = json_status(&v);
	for (size_t i = 0; i < ARRAY_SIZE(contract); i++) {
		struct json_object *value = must(o, contract[i].path);

		if (contract[i].text ? !value || (contract[i].text[0] &&
							 strcmp(json_object_get_string(value),
								 contract[i].text))
				     : value != NULL)
			print_error("%s: %s\n", contract[i].path, json_object_get_string(value));
		if (!contract[i].text)
			assert_null(value);
		else if (contract[i].text[0])
			assert_string_equal(json_object_get_string(value), contract[i].text);
		else
			assert_non_null(value);
	}
	model_clear(&m);
}

static void test_unknown_is_null(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	cleanup_(putp) struct json_object *o = NULL, *part = NULL;

	(void)unused;
	build_array(&m, "local", VERDICT_NONE, 0, 0);
	array_at(&m, 0)->margin_known = 0;
	array_at(&m, 0)->visibility = VISIBILITY_NONE;
	array_at(&m, 0)->since_wall_ms = 0;
	memset(array_at(&m, 0)->serial, 0, sizeof(array_at(&m, 0)->serial));
	source_at(&m, 0)->success_ms = 0;
	build_slot(&m, 0, 1, STATE_UNKNOWN, HEALTH_UNKNOWN);
	seen_at(&m, 0)->read_ms = 0;
	build_row(&m, TABLE_FACT,
		&(struct fact_row){.used = 1, .fact = FACT_TEMPERATURE, .value = (double)NAN});
	o = json_status(&v);
	is_text(o, "arrays.0.margin", NULL);
	is_text(o, "arrays.0.verdict", NULL);
	is_text(o, "arrays.0.visibility", NULL);
	is_text(o, "arrays.0.since", NULL);
	is_text(o, "arrays.0.serial", NULL);
	is_text(o, "arrays.0.read_ms", NULL);
	is_text(o, "arrays.0.age_s", NULL);
	is_text(o, "arrays.0.incident", NULL);
	is_text(o, "worst", "unknown");
	is_text(o, "host", NULL);
	is_text(o, "self.engine_lag_ms", NULL);
	part = json_component(&v, 0, true);
	is_text(part, "age_s", NULL);
	is_text(part, "firmware", NULL);
	is_text(part, "booted", NULL);
	is_text(part, "facts.0.value", NULL);
	assert_null(json_component(&v, 7, true));
	assert_null(json_run(&v, 1));
	model_clear(&m);
}

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

/* What a device or a script sends must not make a document that others refuse. */
static void test_hostile_text(void **unused)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"cut\xc3", "cut?"},
		{"\xff\xfe", "??"},
		{"\xc0\xaf", "??"},
		{"\xed\xa0\x80", "???"},
		{"\xf5\x80\x80\x80", "????"},
		{"a\"b\\", "a\"b\\"},
		{"\xe2\x82", "??"},
	};
	struct model m = {};
	struct view v = view_of(&m);

	(void)unused;
	build_array(&m, "san1", VERDICT_REDUNDANT, 1, 1);
	build_component(&m, 0, KIND_CANISTER, "A", STATE_OK);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_(putp) struct json_object *o = NULL, *again = NULL;

		copy_text(component_at(&m, 0)->message, sizeof(component_at(&m, 0)->message),
			rows[i].in);
		o = json_component(&v, 0, false);
		again = json_tokener_parse(json_object_to_json_string(o));
		is_text(again, "message", rows[i].out);
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
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_unknown_is_null),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_alert_body),
		cmocka_unit_test(test_withdrawn_is_idle_outside),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
