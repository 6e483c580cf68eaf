#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/nagios.h"

static enum outcome parse(int status, const char *text, struct reading *r)
{
	char why[160];

	*r = (struct reading){.kind = KIND_CHECK, .slot = -1};
	return nagios_parse(status, text, strlen(text), r, why, sizeof(why));
}

static double fact(const struct reading *r, const char *name)
{
	for (unsigned i = 0; i < r->nfacts; i++)
		if (r->facts[i].fact >= FACT_CUSTOM ? text_equal(r->custom[r->facts[i].fact - FACT_CUSTOM], name)
						    : text_equal(fact_info(r->facts[i].fact)->name, name))
			return r->facts[i].value;
	return -12345;
}

static void test_what_a_status_says(void **unused)
{
	static const struct {
		int status;
		const char *text;
		enum outcome want;
		enum state state;
		const char *why;
	} cases[] = {
		{0, "OK - all fine\n", OUTCOME_OK, STATE_OK, "0 is ok"},
		{1, "WARNING - a fan", OUTCOME_OK, STATE_DEGRADED, "1 is warning"},
		{2, "OK - it says", OUTCOME_OK, STATE_FAILED, "the status counts, not the text"},
		{3, "UNKNOWN", OUTCOME_OK, STATE_UNKNOWN, "3 is not known, never ok"},
		{0, "", OUTCOME_SHORT, STATE_UNKNOWN, "a plugin says something"},
		{1, " \n\t\n", OUTCOME_SHORT, STATE_UNKNOWN, "an interpreter that fails ends with 1"},
		{4, "DEPENDENT", OUTCOME_ERROR, STATE_UNKNOWN, "outside of the guidelines"},
		{127, "not found", OUTCOME_ERROR, STATE_UNKNOWN, "the shell's own"},
		{-1, "killed", OUTCOME_ERROR, STATE_UNKNOWN, "it did not end"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r;

		if (parse(cases[i].status, cases[i].text, &r) != cases[i].want || r.state != cases[i].state)
			fail_msg("%s", cases[i].why);
		assert_true(cases[i].want == OUTCOME_OK || !r.nfacts);
	}
}

static void test_for_another_component_unknown_is_unreachable(void **unused)
{
	struct reading r = {.kind = KIND_CANISTER};
	char why[160];

	(void)unused;
	assert_int_equal(nagios_parse(3, "UNKNOWN", 7, &r, why, sizeof(why)), OUTCOME_OK);
	assert_int_equal(r.state, STATE_UNREACHABLE);
}

static void test_text_and_performance_data(void **unused)
{
	struct reading r;

	(void)unused;
	assert_int_equal(parse(1,
				 "DISK WARNING - free space: / 3326 MB (5%); | '/'=2643MB;5948;5958;0;5968\n"
				 "/boot 68 MB (69%);\n"
				 "/home 69357 MB (27%); | /boot=68MB;88;93;0;98\n"
				 "'it''s time'=250ms load1=0.5;; errors=7c used=12.5% up=U\n",
				 &r),
		OUTCOME_OK);
	assert_string_equal(r.message,
		"DISK WARNING - free space: / 3326 MB (5%);; /boot 68 MB (69%);; /home 69357 MB (27%); (perfor"
		"mance data left out: 1)");
	assert_string_equal(r.raw, "WARNING");
	assert_true(fact(&r, "plugin_status") == 1);
	assert_true(fact(&r, "boot_bytes") == 68.0 * 1024 * 1024);
	assert_true(fact(&r, "it_s_time_seconds") == 0.25);
	assert_true(fact(&r, "load1") == 0.5);
	assert_true(fact(&r, "errors_total") == 7);
	assert_true(fact(&r, "used_percent") == 12.5);
	assert_int_equal(r.ncustom, 5);
}

static void test_data_that_does_not_hold_is_left_out(void **unused)
{
	static const struct {
		const char *data, *why;
		unsigned facts;
	} cases[] = {
		{"a=1 b=2", "two good ones", 2},
		{"a=", "no value", 0},
		{"=1", "no label", 0},
		{"a", "no value at all", 0},
		{"a=1e5", "no exponents in the guidelines", 0},
		{"a=0x10", "no hexadecimal", 0},
		{"a=inf b=nan", "no such numbers", 0},
		{"a=1,5", "a comma is none", 0},
		{"a=1--2", "two numbers in one", 0},
		{"a=99999999999999999999", "beyond reason", 0},
		{"a=3parsecs", "an unknown unit is no base unit", 0},
		{"'a=1 b=2", "a quote that never ends", 0},
		{"a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10", "no more than fit", READING_CUSTOM},
		{"time=0.1s ||| ;;; a=1", "rubbish between good ones", 2},
		{"a_very_long_label_that_goes_on_and_on_and_on=1s", "cut, with its unit", 1},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];
		struct reading r;

		format_text(text, sizeof(text), "OK | %s", cases[i].data);
		assert_int_equal(parse(0, text, &r), OUTCOME_OK);
		if (r.ncustom != cases[i].facts)
			fail_msg("%s: %u", cases[i].why, r.ncustom);
		assert_int_equal(!!strstr(r.message, "left out"), i != 0 && i != 14);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_status_says),
		cmocka_unit_test(test_for_another_component_unknown_is_unreachable),
		cmocka_unit_test(test_text_and_performance_data),
		cmocka_unit_test(test_data_that_does_not_hold_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
