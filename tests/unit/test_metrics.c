#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "model_fixture.h"
#include "web/metrics.h"

static char *render(struct fixture *f, const struct metrics_options *opt)
{
	struct metrics m = {};
	struct out o = {};
	size_t len;
	char *text;

	metrics_render(&m, &f->view, opt, &o);
	out_bytes(&o, "", 1);
	text = out_take(&o, &len);
	assert_non_null(text);
	metrics_free(&m);
	return text;
}

static char *render_fixture(const char *name, const struct metrics_options *opt)
{
	struct fixture f;
	char *text;

	assert_true(fixture_build(&f, name));
	text = render(&f, opt);
	fixture_free(&f);
	return text;
}

static const struct metrics_options plain, all = {.smart_attributes = true, .compat_smartctl = true};

static void test_samples(void **unused)
{
	static const struct {
		const char *fixture, *line, *why;
	} cases[] = {
		{"incident", "ballast_array_verdict{array=\"san1\",verdict=\"impending_loss\"} 1\n", "the verdict that holds"},
		{"incident", "ballast_array_verdict{array=\"san1\",verdict=\"redundant\"} 0\n", "and the others"},
		{"incident", "ballast_array_redundancy_margin{array=\"san1\"} 0\n", "margin"},
		{"incident", "ballast_array_redundancy_expected{array=\"san1\"} 1\n", "expected"},
		{"incident", "ballast_group_margin{array=\"san1\",group=\"canisters\"} 0\n", "group"},
		{"incident", "ballast_canister_state{array=\"san1\",component=\"san1/canister/B\",state=\"service\"} 1\n", "state set"},
		{"incident", "ballast_canister_state{array=\"san1\",component=\"san1/canister/B\",state=\"ok\"} 0\n", "state set"},
		{"incident", "ballast_components{array=\"san1\",kind=\"drive\",health=\"ok\"} 23\n", "counts"},
		{"incident", "ballast_components{array=\"san1\",kind=\"drive\",health=\"warning\"} 1\n", "counts"},
		{"incident", "kind=\"canister\",health=\"failed\"} 1\n", "each that is not ok"},
		{"incident", "rule=\"canister.service\",component=\"san1/canister/B\",severity=\"critical\"} 1\n", "findings"},
		{"incident", "component=\"san1/canister/A\",kind=\"canister\",model=\"\",firmware=\"7.8.1.11\"} 1\n", "firmware"},
		{"healthy", "ballast_firmware_deadline_timestamp_seconds{array=\"san1\",advisory=\"ibm-s1004038\",component=\"san1/", "a date"},
		{"incident", "ballast_drive_temperature_celsius{array=\"san1\",component=\"san1/drive/wwn-", "temperature"},
		{"incident", "ballast_alert_queue_length{sink=\"backup\"} 2\n", "queue"},
		{"incident", "ballast_alert_oldest_age_seconds{sink=\"backup\"} 91\n", "oldest"},
		{"incident", "ballast_alerts_sent_total{sink=\"backup\",result=\"failed\"} 3\n", "sent"},
		{"incident", "ballast_failover_armed{plan=\"san1-to-standby\"} 1\n", "plan"},
		{"incident", "ballast_failover_run_state{plan=\"san1-to-standby\",state=\"promoting\"} 1\n", "run"},
		{"incident", "ballast_failover_last_drill_success{plan=\"san1-to-standby\"} 1\n", "drill"},
		{"incident", "ballast_config_last_reload_successful 1\n", "configuration"},
		{"incident", "ballast_engine_lag_seconds 0\n", "lag"},
		{"incident", "ballast_build_info{version=\"0.1.0\"} 1\n", "version"},
		{"incident", "ballast_probe_last_success_timestamp_seconds{array=\"san1\",source=\"exec\"} 1692240691\n", "base unit"},
		{"incident", "# TYPE ballast_alerts_sent_total counter\n", "types"},
		{"incident", "ballast_probe_duration_seconds{array=\"san1\",source=\"exec\"} 0\n", "how long a look took"},
		{"incident", "ballast_probes_abandoned 0\n", "given up on"},
		{"incident", "ballast_sink_last_success_timestamp_seconds{sink=\"backup\"} 1692240684\n", "a time"},
		{"incident", "ballast_failover_last_drill_timestamp_seconds{plan=\"san1-to-standby\"} 1691117494\n", "drill"},
		{"incident", "ballast_drive_power_on_seconds{array=\"san1\",component=\"san1/drive/wwn-", "base unit"},
		{"incident", "ballast_drive_reallocated_sectors{array=\"san1\",component=\"san1/drive/wwn-", "grown defects"},
		{"incident", "ballast_drive_uncorrectable_errors_total{array=\"san1\",component=\"san1/drive/wwn-", "summed"},
		{"local", "ballast_drive_pending_sectors{array=\"local\",component=\"local/drive/wwn-", "pending"},
		{"managed", "ballast_maintenance_active{array=\"msa1\",component=\"msa1/fan/2\"} 1\n", "maintenance"},
		{"local", "ballast_drive_wear_ratio{array=\"local\",component=\"local/drive/wwn-0x5000c50000000001\"} 0.07\n", "a ratio"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = render_fixture(cases[i].fixture, &plain);

		if (!strstr(text, cases[i].line))
			fail_msg("%s: no line '%s': %s", cases[i].fixture, cases[i].line, cases[i].why);
		free(text);
	}
}

/* What is not known is not there, and zero is never made up. */
static void test_absent_is_absent(void **unused)
{
	char *text = render_fixture("blind", &all), *none = render_fixture("empty", &all);

	(void)unused;
	assert_null(strstr(text, "ballast_array_redundancy_margin{array=\"san1\"}"));
	assert_non_null(strstr(text, "ballast_array_redundancy_margin{array=\"san2\"}"));
	assert_null(strstr(text, "ballast_drive_temperature_celsius{array=\"san1\""));
	assert_non_null(strstr(text, "ballast_drive_temperature_celsius{array=\"san2\""));
	assert_null(strstr(text, "smart_status"));
	assert_null(strstr(none, "array_verdict"));
	free(text);
	free(none);
}

static void test_opt_in_families(void **unused)
{
	char *text = render_fixture("incident", &plain), *more = render_fixture("incident", &all);

	(void)unused;
	assert_null(strstr(text, "smartctl_"));
	assert_null(strstr(text, "drive_smart_attribute"));
	assert_non_null(strstr(more, "smartctl_device_power_on_seconds{device=\""));
	assert_non_null(strstr(more, "smartctl_device_temperature{device=\"sda\",temperature_type=\"current\"}"));
	assert_non_null(strstr(more, "ballast_drive_smart_attribute{array=\"san1\""));
	free(text);
	free(more);
}

static void test_labels_are_escaped(void **unused)
{
	struct out o = {};

	(void)unused;
	out_label(&o, "a\"b\\c\nd\x01" "e\xc3\xa9\xff\xed\xa0\x80");
	out_bytes(&o, "", 1);
	assert_string_equal(o.data, "a\\\"b\\\\c\\nd?e\xc3\xa9????");
	out_free(&o);
}

static void test_numbers(void **unused)
{
	static const struct {
		int64_t milli;
		const char *text;
	} millis[] = {{0, "0"}, {1, "0.001"}, {1500, "1.5"}, {-70, "-0.07"}, {1692240691000, "1692240691"}, {990, "0.99"}};
	struct out o = {};
	size_t len = 1;
	char *nothing = out_take(&o, &len);

	(void)unused;
	assert_non_null(nothing); /* an empty text is a text */
	assert_int_equal(len, 0);
	free(nothing);
	for (size_t i = 0; i < ARRAY_SIZE(millis); i++) {
		out_clear(&o);
		out_milli(&o, millis[i].milli);
		out_bytes(&o, "", 1);
		assert_string_equal(o.data, millis[i].text);
	}
	out_clear(&o);
	out_double(&o, 0.5);
	out_text(&o, " ");
	out_double(&o, -3);
	out_text(&o, " ");
	out_unsigned(&o, UINT64_MAX);
	out_text(&o, " ");
	out_signed(&o, INT64_MIN);
	out_text(&o, " ");
	out_grouped(&o, 1234567);
	out_bytes(&o, "", 1);
	assert_string_equal(o.data, "0.5 -3 18446744073709551615 -9223372036854775808 1,234,567");
	out_free(&o);
}

/* A hostile name breaks no line, and labels follow a component that changed its name. */
static void test_labels_follow_the_model(void **unused)
{
	struct metrics m = {};
	struct out o = {};
	struct fixture f;
	unsigned quotes = 0;

	(void)unused;
	assert_true(fixture_build(&f, "incident"));
	metrics_render(&m, &f.view, &plain, &o);
	fixture_free(&f);
	assert_true(fixture_build(&f, "hostile"));
	out_clear(&o);
	metrics_render(&m, &f.view, &plain, &o);
	out_bytes(&o, "", 1);
	assert_null(strstr(o.data, "wwn-"));
	for (const char *p = o.data; *p; p++) {
		quotes += *p == '"' && p[-1] != '\\';
		if (*p == '\n' && quotes % 2)
			fail_msg("a line ends within a label");
	}
	fixture_free(&f);
	metrics_free(&m);
	out_free(&o);
}

static void test_one_array_alone(void **unused)
{
	char *text = render_fixture("healthy", &plain);
	struct out o = {};

	(void)unused;
	metrics_of_array(text, strlen(text), "san2", &o);
	out_bytes(&o, "", 1);
	assert_null(strstr(o.data, "san1"));
	assert_null(strstr(o.data, "ballast_failover"));
	assert_non_null(strstr(o.data, "# TYPE ballast_array_verdict gauge\nballast_array_verdict{array=\"san2\""));
	out_clear(&o);
	metrics_of_array(text, strlen(text), "san", &o);
	assert_int_equal(o.len, 0);
	out_free(&o);
	free(text);
}

static void test_refusals_are_counted_by_gate(void **unused)
{
	struct metrics m = {};
	struct fixture f;
	struct out o = {};

	(void)unused;
	assert_true(fixture_build(&f, "healthy"));
	plan_at(&f.model, 0)->refusals = 2;
	copy_text(plan_at(&f.model, 0)->refused_gate, 24, "evidence");
	metrics_render(&m, &f.view, &plain, &o);
	plan_at(&f.model, 0)->refusals = 3;
	copy_text(plan_at(&f.model, 0)->refused_gate, 24, "target");
	out_clear(&o);
	metrics_render(&m, &f.view, &plain, &o);
	out_bytes(&o, "", 1);
	assert_non_null(strstr(o.data, "gate=\"evidence\"} 2\n"));
	assert_non_null(strstr(o.data, "gate=\"target\"} 1\n"));
	metrics_free(&m);
	fixture_free(&f);
	out_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_absent_is_absent),
		cmocka_unit_test(test_opt_in_families),
		cmocka_unit_test(test_labels_are_escaped),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_labels_follow_the_model),
		cmocka_unit_test(test_one_array_alone),
		cmocka_unit_test(test_refusals_are_counted_by_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
