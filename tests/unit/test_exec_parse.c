#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/exec_parse.h"

struct got {
	struct reading readings[8];
	unsigned n;
};

static void keep(const struct reading *r, void *arg)
{
	struct got *g = arg;

	if (g->n < ARRAY_SIZE(g->readings))
		g->readings[g->n] = *r;
	g->n++;
}

static struct job_end parse(const char *text, struct got *g)
{
	static const struct reading base = {
		.job = 7, .source = 3, .array = 2, .plane = PLANE_INBAND};
	struct job_end end = {.job = 7};

	*g = (struct got){};
	exec_parse(text, strlen(text), &base, keep, g, &end);
	return end;
}

static void test_an_answer(void **unused)
{
	struct got g;
	struct job_end end = parse(
		"{\"kind\":\"canister\",\"id\":\"A\",\"state\":\"ok\",\"raw\":\"online\",\"firmware\":\"7.8.1.11\","
		"\"serial\":\"S1\",\"booted\":\"2026-01-02T03:04:05Z\",\"message\":\"fine\","
		"\"facts\":{\"temperature_celsius\":34,\"fan_speed\":4200.5,\"needs_service\":true}}\n"
		"\n"
		"{\"kind\":\"canister\",\"id\":\"B\",\"state\":\"transition\",\"limit_s\":1800,\"group\":\"nodes\",\"need\":1}\r\n"
		"{\"end\":true,\"count\":2}",
		&g);
	double v;

	(void)unused;
	assert_int_equal(end.outcome, OUTCOME_OK);
	assert_int_equal(end.complete, 1);
	assert_int_equal(end.count, 2);
	assert_string_equal(end.error, "");
	assert_int_equal(g.readings[0].job, 7);
	assert_int_equal(g.readings[0].source, 3);
	assert_int_equal(g.readings[0].kind, KIND_CANISTER);
	assert_int_equal(g.readings[0].state, STATE_OK);
	assert_int_equal(g.readings[0].outcome, OUTCOME_OK);
	assert_string_equal(g.readings[0].raw, "online");
	assert_true(g.readings[0].booted_wall_ms == INT64_C(1767323045000));
	assert_true(reading_find(&g.readings[0], FACT_TEMPERATURE, &v) && v == 34);
	assert_true(reading_find(&g.readings[0], FACT_NEEDS_SERVICE, &v) && v == 1);
	assert_true(reading_find(&g.readings[0], FACT_CUSTOM, &v) && v == 4200.5);
	assert_string_equal(g.readings[0].custom[0], "fan_speed");
	assert_int_equal(g.readings[1].state, STATE_TRANSITION);
	assert_int_equal(g.readings[1].limit_ms, 1800000);
	assert_string_equal(g.readings[1].group, "nodes");
	assert_int_equal(g.readings[1].group_need, 1);
}

#define A    "{\"kind\":\"canister\",\"id\":\"A\",\"state\":\"ok\"}\n"
#define B "{\"kind\":\"canister\",\"id\":\"B\",\"state\":\"ok\"}\n"
#define END1 "{\"end\":true,\"count\":1}\n"

/* Whatever is wrong with an answer, it is not complete, and what was said of a component is heard.
 */
static void test_answers_that_do_not_hold(void **unused)
{
	static const struct {
		const char *why, *text;
		enum outcome want;
		unsigned heard;
		const char *error;
	} cases[] = {
		{"nothing at all", "", OUTCOME_SHORT, 0, "the end line is missing"},
		{"no end line", A, OUTCOME_SHORT, 1, "the end line is missing"},
		{"cut in a line", A "{\"kind\":\"cani", OUTCOME_NONSENSE, 1, "line 2: broken JSON"},
		{"wrong count", A "{\"end\":true,\"count\":2}", OUTCOME_NONSENSE, 1,
			"the end line says 2 components, 1 were listed"},
		{"no count", A "{\"end\":true}", OUTCOME_NONSENSE, 1,
			"line 2: the end line has no count"},
		{"text after the end", A END1 A, OUTCOME_NONSENSE, 1,
			"line 3: text after the end line"},
		{"text after the object", "{\"kind\":\"canister\",\"id\":\"A\"} x\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: broken JSON"},
		{"not an object", "[1]\n" A END1, OUTCOME_NONSENSE, 1, "line 1: not a JSON object"},
		{"no id", "{\"kind\":\"canister\"}\n" END1, OUTCOME_NONSENSE, 0,
			"line 1: 'kind' or 'id' is missing"},
		{"kind outside the list", "{\"kind\":\"toaster\",\"id\":\"A\"}\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: 'kind' is not a kind of component"},
		{"another type", "{\"kind\":\"canister\",\"id\":\"A\",\"firmware\":7}\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: 'firmware' is not string"},
		{"a fact in words",
			"{\"kind\":\"canister\",\"id\":\"A\",\"facts\":{\"x\":\"hot\"}}\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: a fact is not a number"},
		{"a fact that is none",
			"{\"kind\":\"canister\",\"id\":\"A\",\"facts\":{\"x\":NaN}}\n" END1,
			OUTCOME_NONSENSE, 0, NULL},
		{"a fact beyond all measure",
			"{\"kind\":\"canister\",\"id\":\"A\",\"facts\":{\"x\":1e30}}\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: a fact is out of range"},
		{"too deep",
			"{\"kind\":\"canister\",\"id\":\"A\",\"x\":[[[[[[[[[[1]]]]]]]]]]}\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: broken JSON"},
		{"no such time",
			"{\"kind\":\"canister\",\"id\":\"A\",\"booted\":\"yesterday\"}\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: 'booted' is not a time"},
		{"the second line is broken, the third is not",
			A "{{\n" B "{\"end\":true,\"count\":2}", OUTCOME_NONSENSE, 2,
			"line 2: broken JSON"},
		{"one listed twice where another should be", A A "{\"end\":true,\"count\":2}",
			OUTCOME_NONSENSE, 1, "line 2: canister 'A' is listed twice"},
	};
	struct got g;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct job_end end = parse(cases[i].text, &g);

		if (end.outcome != cases[i].want || end.complete || g.n != cases[i].heard)
			fail_msg("%s: %s, %u heard: %s", cases[i].why,
				outcome_text((enum outcome)end.outcome), g.n, end.error);
		if (cases[i].error)
			assert_string_equal(end.error, cases[i].error);
	}
}

static void test_a_word_outside_the_list_is_unknown(void **unused)
{
	struct got g;
	struct job_end end = parse(
		"{\"kind\":\"canister\",\"id\":\"A\",\"state\":\"online_spare\",\"raw\":\"x\"}\n"
		"{\"kind\":\"canister\",\"id\":\"B\"}\n{\"end\":true,\"count\":2}",
		&g);

	(void)unused;
	assert_int_equal(end.outcome, OUTCOME_OK);
	assert_int_equal(g.readings[0].state, STATE_UNKNOWN);
	assert_string_equal(g.readings[0].raw, "online_spare");
	assert_int_equal(g.readings[1].state, STATE_UNKNOWN);
}

static void test_too_much_output(void **unused)
{
	size_t len = EXEC_OUTPUT_MAX + 1;
	cleanup_(freep) char *text = malloc(len);
	struct got g = {};
	struct job_end end = {};

	(void)unused;
	assert_non_null(text);
	memset(text, '\n', len);
	memcpy(text, "{\"end\":true,\"count\":0}", 22);
	exec_parse(text, len - 1, &(struct reading){}, keep, &g, &end);
	assert_int_equal(end.outcome, OUTCOME_OK);
	exec_parse(text, len, &(struct reading){}, keep, &g, &end);
	assert_int_equal(end.outcome, OUTCOME_NONSENSE);
	assert_string_equal(end.error, "more than 1 MiB of output");
}

static void test_time_zones(void **unused)
{
	static const char *const same[] = {"2026-01-02T03:04:05Z", "2026-01-02T04:34:05+01:30",
		"2026-01-01T22:04:05-05:00", "2026-01-02T03:04:05.999Z"};
	struct got g;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		char text[160];

		format_text(text, sizeof(text),
			"{\"kind\":\"canister\",\"id\":\"A\",\"booted\":\"%s\"}\n" END1, same[i]);
		assert_int_equal(parse(text, &g).outcome, OUTCOME_OK);
		assert_true(g.readings[0].booted_wall_ms == INT64_C(1767323045000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer),
		cmocka_unit_test(test_answers_that_do_not_hold),
		cmocka_unit_test(test_a_word_outside_the_list_is_unknown),
		cmocka_unit_test(test_too_much_output),
		cmocka_unit_test(test_time_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
