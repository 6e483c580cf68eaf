/* What is foretold of a fleet by published firmware faults: one finding with a date, and when it is said again. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>

#include "agent/config_load.h"
#include "agent/view.h"
#include "tests/unit/lab.h"

/* The engine with what is compiled in, on a fleet of @n drives in one pool that spares two. */
static void fleet(struct lab *l, unsigned n, const char *model, const char *words)
{
	struct config *c = lab_config();
	struct config_errors errs = {.err = stderr};
	char line[256];

	assert_int_equal(advisories_load_all(NULL, c, &errs), 0);
	lab_start(l, c);
	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "@sassd:%u model=%s group=pool0 need=%u %s ;", i + 1,
			model, n > 2 ? n - 2 : 1, words);
		lab_run(l, line);
	}
}

static const struct forecast_row *forecast(const struct lab *l, const char *advisory)
{
	for (uint32_t i = 0; i < forecast_count(&l->e.model); i++)
		if (forecast_at(&l->e.model, i)->used &&
			!strcmp(forecast_at(&l->e.model, i)->advisory, advisory))
			return forecast_at(&l->e.model, i);
	return NULL;
}

static const struct array_row *local(const struct lab *l)
{
	return array_at(&l->e.model, 1);
}

static void says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' lacks '%s'", text, part);
}

static void test_a_cohort_is_one_finding_with_a_date(void **unused)
{
	const struct forecast_row *f;
	struct lab l;

	(void)unused;
	/* 41 days and some hours of use are left */
	fleet(&l, 24, "VO0480JFDGT", "fw=HPD7 power_on_hours=31780");
	lab_run(&l, "@sassd:24 fw=HPD8 ; keep=610");
	f = forecast(&l, "hpe-a00092491");
	assert_non_null(f);
	says(f->text,
		"23 of 24 drives reach 32768 hours of use: first in 41 days, all within an hour");
	assert_int_equal(f->count, 23);
	assert_int_equal(f->severity, SEV_WARNING);
	assert_true(f->margin_known);
	assert_int_equal(f->margin, -1);
	assert_int_equal(
		f->first_wall_ms / 3600000, (1692240000000 + INT64_C(988) * 3600000) / 3600000);
	assert_int_equal(lab_finding(&l, "firmware.cliff")->severity, SEV_WARNING);
	assert_int_equal(local(&l)->forecast, 1);
	assert_int_equal(local(&l)->forecast_margin, -1);
	assert_int_equal(local(&l)->forecast_wall_ms, f->at_wall_ms);
	assert_string_equal(local(&l)->forecast_cause, "23 of 24 drives reach 32768 hours of use");
	assert_int_equal(local(&l)->verdict, VERDICT_AT_RISK);
	/* a date ahead is no incident: the next outage must be one of its own */
	assert_int_equal(local(&l)->incident, NONE16);
	lab_stop(&l);
}

/* What the page and scripts read: every field that is promised, of the same cohort. */
static void test_the_page_and_scripts_see_it(void **unused)
{
	static const char *const fields[] = {"\"forecast\":{\"margin\":-1,\"at\":\"2023-09-2",
		"\"cause\":\"23 of 24 drives reach 32768 hours of use\"}",
		"\"advisory\":\"hpe-a00092491\"",
		"\"text\":\"23 of 24 drives reach 32768 hours of use: first in 41 days",
		"\"count\":23", "\"of\":24", "\"first\":\"2023-09-2", "\"last\":\"2023-09-2",
		"\"id\":\"local\\/drive\\/7\",\"at\":\"2023-09-2",
		"\"action\":\"Update to firmware HPD8 before that",
		"\"source\":\"https:\\/\\/support.hpe.com",
		"\"meaning\":\"What is hit fails for good"};
	struct json_object *o;
	struct view v;
	struct lab l;

	(void)unused;
	fleet(&l, 24, "VO0480JFDGT", "fw=HPD7 power_on_hours=31780");
	lab_run(&l, "@sassd:24 fw=HPD8 ; keep=610");
	v = (struct view){.model = &l.e.model, .now_ms = l.now_ms, .wall_ms = l.wall_ms};
	o = json_status(&v);
	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++)
		says(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), fields[i]);
	json_object_put(o);
	lab_stop(&l);
}

static unsigned told(const struct lab *l, const char *rule, enum severity severity)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < alert_count(&l->e.model); i++) {
		const struct alert_row *a = alert_at(&l->e.model, i);

		n += a->used && a->type == ALERT_FINDING_FIRING && a->severity == severity &&
		     !strcmp(a->rule_id, rule);
	}
	return n;
}

static void restart(struct lab *l)
{
	void *block = NULL;
	size_t size = 0;

	assert_int_equal(model_pack(&l->e.model, build_id(), &block, &size), 0);
	engine_free(&l->e);
	assert_int_equal(
		engine_init(&l->e, l->config, block, size, 1692240000, l->now_ms, l->wall_ms), 0);
	free(block);
}

static void test_it_is_said_daily_and_a_restart_says_nothing_twice(void **unused)
{
	struct lab l;

	(void)unused;
	fleet(&l, 4, "VO0480JFDGT", "fw=HPD7 power_on_hours=32528"); /* ten days */
	lab_run(&l, "keep=610");
	assert_int_equal(told(&l, "firmware.cliff", SEV_WARNING), 1);
	lab_run(&l, "wait=80000");
	assert_int_equal(told(&l, "firmware.cliff", SEV_WARNING), 1);
	restart(&l);
	lab_run(&l, "reload");
	assert_int_equal(told(&l, "firmware.cliff", SEV_WARNING), 1);
	assert_int_equal(local(&l)->forecast, 1);
	lab_run(&l, "wait=6500");
	assert_int_equal(told(&l, "firmware.cliff", SEV_WARNING), 2);
	restart(&l);
	lab_run(&l, "wait=86400");
	assert_int_equal(told(&l, "firmware.cliff", SEV_WARNING), 3);
	/* nobody answers, and it is no worse for that: the date decides */
	assert_int_equal(told(&l, "firmware.cliff", SEV_CRITICAL), 0);
	lab_run(&l, "wait=90000");
	assert_int_equal(lab_finding(&l, "firmware.cliff")->severity, SEV_CRITICAL);
	assert_true(told(&l, "firmware.cliff", SEV_CRITICAL) > 0);
	says(forecast(&l, "hpe-a00092491")->text, "all 4 drives");
	lab_stop(&l);
}

static void test_one_alone_is_what_redundancy_is_for(void **unused)
{
	const struct forecast_row *f;
	struct lab l;

	(void)unused;
	fleet(&l, 4, "VO0480JFDGT", "fw=HPD8 power_on_hours=32728");
	lab_run(&l, "@sassd:2 fw=HPD7 ; keep=610");
	f = forecast(&l, "hpe-a00092491");
	assert_non_null(f);
	says(f->text, "1 of 4 drives reaches 32768 hours of use: in 39 hours");
	assert_int_equal(f->margin, 1);
	assert_int_equal(lab_finding(&l, "firmware.cliff")->severity, SEV_WARNING);
	assert_int_equal(local(&l)->forecast, 0);
	assert_int_equal(local(&l)->verdict, VERDICT_REDUNDANT);
	lab_stop(&l);
}

static void test_a_date_does_not_move_with_every_look(void **unused)
{
	struct lab l;
	int64_t at;

	(void)unused;
	fleet(&l, 1, "VO0480JFDGT", "fw=HPD7 power_on_hours=30000");
	at = forecast(&l, "hpe-a00092491")->first_wall_ms;
	lab_run(&l, "wait=1800 power_on_hours=30001 ;");
	assert_int_equal(forecast(&l, "hpe-a00092491")->first_wall_ms, at - 1799000);
	at = forecast(&l, "hpe-a00092491")->first_wall_ms;
	lab_run(&l, "wait=4200 power_on_hours=30002 ;"); /* seen late, and not an hour later */
	assert_int_equal(forecast(&l, "hpe-a00092491")->first_wall_ms, at);
	lab_run(&l, "wait=100000 power_on_hours=30003 ;"); /* it was off for a day */
	assert_true(forecast(&l, "hpe-a00092491")->first_wall_ms > at + 80000000);
	lab_stop(&l);
}

static void test_uptime_decides_for_canisters(void **unused)
{
	const struct forecast_row *f;
	struct lab l;

	(void)unused;
	fleet(&l, 0, "", "");
	lab_run(&l,
		"@canister:A model=2076-124 fw=6.3.0.1 booted=-16416000 ; @canister:B model=2076-124 fw=6.3.0.1 ; end");
	f = forecast(&l, "ibm-s1004038");
	says(f->text, "both canisters reach 208 days of uptime: first in 18 days");
	assert_int_equal(f->guarded, 1u << OPERATION_POWER_CYCLE);
	assert_int_equal(array_at(&l.e.model, 0)->forecast, 0); /* when B goes nobody knows */
	assert_null(lab_finding(&l, "canister.booted-together"));
	lab_run(&l, "@canister:B booted=-16413601 ;");
	says(forecast(&l, "ibm-s1004038")->text, "all booted within 40 minutes");
	assert_int_equal(array_at(&l.e.model, 0)->forecast_margin, -1);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_AT_RISK);
	/* said already, with the date */
	assert_int_not_equal(lab_finding(&l, "canister.booted-together")->folded, NONE16);
	lab_run(&l, "@canister:B booted=-200000 ;"); /* restarted on purpose, days apart */
	assert_int_equal(array_at(&l.e.model, 0)->forecast, 0);
	lab_run(&l, "wait=1560000");
	assert_int_equal(forecast(&l, "ibm-s1004038")->guarded,
		1u << OPERATION_POWER_CYCLE | 1u << OPERATION_UPDATE_FIRMWARE);
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cohort_is_one_finding_with_a_date),
		cmocka_unit_test(test_the_page_and_scripts_see_it),
		cmocka_unit_test(test_it_is_said_daily_and_a_restart_says_nothing_twice),
		cmocka_unit_test(test_one_alone_is_what_redundancy_is_for),
		cmocka_unit_test(test_a_date_does_not_move_with_every_look),
		cmocka_unit_test(test_uptime_decides_for_canisters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
