#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "agent/marks.h"
#include "agent/view.h"
#include "tests/unit/lab.h"

static unsigned days(struct lab *l, enum daily_kind kind, double ret[DAILY_DAYS])
{
	struct view v = {.model = &l->e.model, .now_ms = l->now_ms, .wall_ms = l->wall_ms};

	return view_daily(&v, lab_component(l, "local/drive/hdd"), kind, ret);
}

static void days_are(struct lab *l, enum daily_kind kind, const double expected[DAILY_DAYS])
{
	double is[DAILY_DAYS];

	assert_true(days(l, kind, is) > 0);
	for (unsigned i = 0; i < DAILY_DAYS; i++)
		if (!(isnan(is[i]) && isnan(expected[i])) && !(fabs(is[i] - expected[i]) < .01))
			fail_msg("day %u is %g, not %g", i, is[i], expected[i]);
}

static void test_one_value_a_day(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@hdd temperature_celsius=31 reallocated_sectors=5 ;");
	days_are(&l, DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, NAN, NAN, NAN, NAN, 31});
	lab_run(&l, "wait=60 temperature_celsius=33 ;");
	days_are(&l, DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, NAN, NAN, NAN, NAN, 33});
	lab_run(&l, "wait=86400 temperature_celsius=35 reallocated_sectors=9 ;");
	/* of the day before its first look is kept */
	days_are(&l, DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, NAN, NAN, NAN, 31, 35});
	days_are(&l, DAILY_REALLOCATED, (double[]){NAN, NAN, NAN, NAN, NAN, NAN, 5, 9});
	lab_run(&l, "wait=259200 temperature_celsius=36 ;");
	days_are(&l, DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, 31, 35, NAN, NAN, 36});
	assert_int_equal(daily_count(&l.e.model), 1);
	lab_stop(&l);
}

static void test_no_look_is_no_value(void **unused)
{
	double d[DAILY_DAYS];
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@canister:A temperature_celsius=40 ; @hdd there");
	assert_int_equal(daily_count(&l.e.model), 0);
	assert_int_equal(days(&l, DAILY_TEMPERATURE, d), 0);
	lab_run(&l, "@hdd temperature_celsius=31 ; wait=172800");
	/* what was two days ago is not what is now */
	days_are(&l, DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, NAN, NAN, 31, NAN, NAN});
	lab_run(&l, "wait=864000");
	assert_int_equal(days(&l, DAILY_TEMPERATURE, d), 0);
	lab_stop(&l);
}

static void test_a_clock_that_is_put_back(void **unused)
{
	struct lab l;
	int64_t right;

	(void)unused;
	lab_start(&l, NULL);
	right = l.wall_ms;
	l.wall_ms += INT64_C(3000) * 86400000;
	lab_run(&l, "@hdd temperature_celsius=31 ;");
	l.wall_ms = right;
	lab_run(&l, "temperature_celsius=32 ;");
	days_are(&l, DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, NAN, NAN, NAN, NAN, 32});
	lab_run(&l, "wait=86400 temperature_celsius=33 ;");
	days_are(&l, DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, NAN, NAN, NAN, 32, 33});
	lab_stop(&l);
}

static void test_only_what_moved_is_a_story(void **unused)
{
	(void)unused;
	assert_false(view_daily_story(DAILY_REALLOCATED, (double[]){5, 5, 5, 5, 5, 5, 5, 5}));
	assert_true(view_daily_story(DAILY_REALLOCATED, (double[]){NAN, 5, 5, 5, NAN, 5, 5, 6}));
	assert_false(view_daily_story(DAILY_TEMPERATURE, (double[]){30, 31, 32, 33, 34, 35, 36, 37}));
	assert_true(view_daily_story(DAILY_TEMPERATURE, (double[]){30, 31, 32, 33, 34, 35, 36, 38}));
	assert_false(view_daily_story(DAILY_TEMPERATURE, (double[]){NAN, NAN, NAN, NAN, NAN, NAN, NAN, 50}));
}

static void test_a_restart_keeps_the_days(void **unused)
{
	struct marks_time t;
	struct model m = {};
	char *text = NULL, why[160];
	const struct daily_row *d;
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, "@sas grown_defects=2 ; @hdd temperature_celsius=-4.5 ; wait=86400 temperature_celsius=35 reallocated_sectors=9 ;");
	t = (struct marks_time){.now_ms = l.now_ms, .wall_ms = l.wall_ms};
	assert_int_equal(marks_write(&l.e.model, &t, &text), 0);
	assert_int_equal(marks_read(text, strlen(text), l.config, &t, &m, why, sizeof(why)), 0);
	d = model_daily(&m, model_find_component(&m, 1, KIND_DRIVE, "hdd"));
	if (!d)
		d = model_daily(&m, model_find_component(&m, 0, KIND_DRIVE, "hdd"));
	assert_non_null(d);
	assert_memory_equal(d->temperature, model_daily(&l.e.model, lab_component(&l, "local/drive/hdd"))->temperature,
		sizeof(d->temperature));
	assert_int_equal(d->temperature[6], -45);
	assert_int_equal(d->reallocated[7], 9);
	assert_int_equal(d->reallocated[6], DAILY_NO_COUNT);
	assert_int_equal(d->day, l.wall_ms / 86400000);
	free(text);
	model_clear(&m);
	lab_stop(&l);
}

static void test_a_new_day_alone_does_not_hurry_the_disk(void **unused)
{
	struct daily_row a = {.used = 1, .day = 5}, b = {.used = 1, .day = 6, .temperature = {3}};

	(void)unused;
	assert_true(marks_durable(TABLE_DAILY, NULL, &a));
	assert_false(marks_durable(TABLE_DAILY, &a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_value_a_day),
		cmocka_unit_test(test_no_look_is_no_value),
		cmocka_unit_test(test_a_clock_that_is_put_back),
		cmocka_unit_test(test_only_what_moved_is_a_story),
		cmocka_unit_test(test_a_restart_keeps_the_days),
		cmocka_unit_test(test_a_new_day_alone_does_not_hurry_the_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
