#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>

#include "agent/advise_match.h"
#include "agent/config_load.h"
#include "agent/view.h"
#include "tests/unit/lab.h"

static void test_versions_are_compared_by_their_numbers(void **unused)
{
	static const struct {
		const char *a, *b;
		enum version_order order;
		const char *why;
	} t[] = {
		{"HPD8", "HPD10", VERSION_LESS, "8 < 10, although '8' > '1'"},
		{"HPD10", "HPD8", VERSION_MORE, "and the other way round"},
		{"HPD8", "hpd8", VERSION_SAME, "letters of either case"},
		{"HPD8", "NA05", VERSION_OTHER, "of two sequences"},
		{"B57K", "HPD8", VERSION_OTHER, "of two sequences"},
		{"0009", "0309", VERSION_LESS, "leading zeros"},
		{"NA05", "NA5", VERSION_SAME, "leading zeros"},
		{"6.2.0.5", "6.10.0.0", VERSION_LESS, "part by part"},
		{"7.8.1", "7.8.1.6", VERSION_LESS, "what goes on is later"},
		{"SD1A", "SD1.", VERSION_OTHER, "of two sequences behind the number"},
		{"", "HPD8", VERSION_LESS, "nothing is before everything"},
		{"99999999999999999999999", "100000000000000000000000", VERSION_LESS,
			"longer than any integer"},
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++)
		if (version_compare(t[i].a, t[i].b) != t[i].order)
			fail_msg("'%s' against '%s': %s", t[i].a, t[i].b, t[i].why);
}

static void test_firmware_entries(void **unused)
{
	static const struct {
		const char *entry, *firmware;
		enum advisory_match match;
	} t[] = {
		{"<HPD8", "HPD7", MATCH_YES},
		{"<HPD8", "HPD8", MATCH_NO},
		{"<HPD8", "HPD10", MATCH_NO},
		{"<=HPD8", "HPD8", MATCH_YES},
		{">HPD8", "HPD10", MATCH_YES},
		{"<HPD8", "B57K", MATCH_UNCLEAR},
		{">=NA50 <NA56", "NA55", MATCH_YES},
		{">=NA50 <NA56", "NA05", MATCH_NO},
		{">=NA50 <NA56", "NA56", MATCH_NO},
		{"070H", "070H", MATCH_YES},
		{"070H", "0309", MATCH_NO},
		{"SD1*", "SD1A", MATCH_YES},
		{"SD1?", "SD15X", MATCH_NO},
		{"*", "", MATCH_YES},
		{"<0309", "0009", MATCH_YES},
		{">=11.30 <=11.50.1", "11.50.1R2", MATCH_NO},
	};
	static const char *const bad[] = {
		"<", "< HPD8", "<A <B <C", "<HPD8 or so", "HPD7<", "<AAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	char why[160];

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		if (firmware_match(t[i].entry, t[i].firmware) != t[i].match)
			fail_msg("'%s' and '%s'", t[i].entry, t[i].firmware);
		assert_true(firmware_entry_valid(t[i].entry, why, sizeof(why)));
	}
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		if (firmware_entry_valid(bad[i], why, sizeof(why)))
			fail_msg("'%s' is taken", bad[i]);
}

static void test_globs_end(void **unused)
{
	(void)unused;
	assert_true(advisory_glob("st*88", "ST1200MM0088"));
	assert_true(advisory_glob("*a*b*c", "xxaxxbxxabc"));
	assert_false(advisory_glob("*a*b*c", "xxaxxbxxab"));
	assert_false(advisory_glob("", "x"));
	assert_true(advisory_glob("*", ""));
	/* what makes a backtracking matcher run for years */
	assert_false(advisory_glob(
		"*a*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

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
			model, n - 2, words);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions_are_compared_by_their_numbers),
		cmocka_unit_test(test_firmware_entries),
		cmocka_unit_test(test_globs_end),
		cmocka_unit_test(test_a_cohort_is_one_finding_with_a_date),
		cmocka_unit_test(test_the_page_and_scripts_see_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
