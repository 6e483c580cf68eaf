/* The status object, field by field; what is not known is null; and what no text of others can do to it. */
#include <math.h>

#include "json_lab.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_unknown_is_null),
		cmocka_unit_test(test_hostile_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
