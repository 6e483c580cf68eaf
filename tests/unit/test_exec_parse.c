#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

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

static struct job_end parse_of(const char *text, bool ended_well, struct got *g)
{
	static const struct reading base = {
		.job = 7, .source = 3, .array = 2, .plane = PLANE_INBAND};
	struct job_end end = {.job = 7};

	*g = (struct got){};
	exec_parse(text, strlen(text), &base, ended_well, keep, g, &end);
	return end;
}

static struct job_end parse(const char *text, struct got *g)
{
	return parse_of(text, true, g);
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

#define IS(id, state) "{\"kind\":\"canister\",\"id\":\"" id "\",\"state\":\"" state "\"}\n"
#define A    IS("A", "ok")
#define B    IS("B", "ok")
#define END1 "{\"end\":true,\"count\":1}\n"
#define END2 "{\"end\":true,\"count\":2}\n"
#define END3 "{\"end\":true,\"count\":3}\n"

/* Whatever is wrong with an answer, it is not complete, and nothing in it says that a component is well. */
static void test_answers_that_do_not_hold(void **unused)
{
	static const struct {
		const char *why, *text;
		enum outcome want;
		unsigned heard;
		const char *error;
	} cases[] = {
		{"nothing at all", "", OUTCOME_SHORT, 0, "the end line is missing"},
		{"no end line", A, OUTCOME_SHORT, 0, "the end line is missing"},
		{"cut in a line", A "{\"kind\":\"cani", OUTCOME_NONSENSE, 0, "line 2: broken JSON"},
		{"wrong count", A "{\"end\":true,\"count\":2}", OUTCOME_NONSENSE, 0,
			"the end line says 2 components, 1 were listed"},
		{"no count", A "{\"end\":true}", OUTCOME_NONSENSE, 0,
			"line 2: the end line has no count"},
		{"text after the end", A END1 A, OUTCOME_NONSENSE, 0,
			"line 3: text after the end line"},
		{"text after the object", "{\"kind\":\"canister\",\"id\":\"A\"} x\n" END1,
			OUTCOME_NONSENSE, 0, "line 1: broken JSON"},
		{"not an object", "[1]\n" A END1, OUTCOME_NONSENSE, 0, "line 1: not a JSON object"},
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
			A "{{\n" B "{\"end\":true,\"count\":2}", OUTCOME_NONSENSE, 0,
			"line 2: broken JSON"},
		{"one listed twice where another should be", A A "{\"end\":true,\"count\":2}",
			OUTCOME_NONSENSE, 0, "line 2: canister 'A' is listed twice"},
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

/* What a broken answer may say: that something does not serve; the worst, where it says two things. */
static void test_only_what_raises_is_heard_of_a_broken_answer(void **unused)
{
	static const struct {
		const char *text;
		bool ended_well;
		const char *heard; /* "id state ..." */
	} cases[] = {
		{A B END2, false, ""},
		{A IS("B", "failed") END2, false, "B failed "},
		{A IS("B", "failed"), true, "B failed "},
		{IS("A", "degraded") IS("B", "service") END2, false, "B service "},
		{IS("A", "absent") IS("B", "transition") END2, false, "A absent B transition "},
		{IS("A", "unreachable") IS("B", "splendid") END2, false, "A unreachable B unknown "},
		{A IS("A", "failed") B END3, true, "A failed "},
		{IS("A", "failed") A B END3, true, "A failed "},
		{IS("A", "failed") IS("A", "splendid") B END3, true, "A failed "},
		{IS("A", "unreachable") IS("A", "service") A END3, true, "A service "},
		{A IS("A", "degraded") B END3, true, ""},
		{A END1 IS("B", "failed"), true, ""},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct got g;
		struct job_end end = parse_of(cases[i].text, cases[i].ended_well, &g);
		char heard[80] = "";

		for (unsigned k = 0; k < g.n; k++)
			format_text(heard + strlen(heard), sizeof(heard) - strlen(heard), "%s %s ",
				g.readings[k].name, state_text((enum state)g.readings[k].state));
		if (end.complete || end.count != g.n || strcmp(heard, cases[i].heard) != 0)
			fail_msg("%s: complete %d, heard '%s'", cases[i].text, end.complete, heard);
	}
}

struct tally {
	unsigned ok, failed;
};

static void count(const struct reading *r, void *arg)
{
	struct tally *t = arg;

	t->ok += r->state == STATE_OK;
	t->failed += r->state == STATE_FAILED;
}

/* More than are held back: read a second time, and the same comes of it. */
static void test_a_long_answer(void **unused)
{
	enum { COUNT = 3 * EXEC_HELD, LINE_MAX_LEN = 80 };
	cleanup_(freep) char *text = calloc(COUNT + 1, LINE_MAX_LEN);
	size_t len = 0;

	(void)unused;
	assert_non_null(text);
	for (unsigned i = 0; i < COUNT; i++, len += strlen(text + len))
		format_text(text + len, LINE_MAX_LEN, "{\"kind\":\"drive\",\"id\":\"%u\",\"state\":\"%s\"}\n", i,
			i % 3 ? "ok" : "failed");
	format_text(text + len, LINE_MAX_LEN, "{\"end\":true,\"count\":%u}\n", (unsigned)COUNT);
	for (unsigned whole = 0; whole < 2; whole++) {
		struct tally t = {};
		struct job_end end = {};

		exec_parse(text, strlen(text), &(struct reading){}, whole, count, &t, &end);
		assert_int_equal(end.outcome, OUTCOME_OK);
		assert_int_equal(end.complete, whole);
		assert_int_equal(t.failed, EXEC_HELD);
		assert_int_equal(t.ok, whole ? 2 * EXEC_HELD : 0);
		assert_int_equal(end.count, t.ok + t.failed);
	}
}

/* Names are often nothing but numbers, and the same ones for each kind. */
static void test_kinds_have_names_of_their_own(void **unused)
{
	cleanup_(freep) char *text = NULL;
	unsigned count = 0;
	size_t size;
	struct got g;
	FILE *f = open_memstream(&text, &size);

	(void)unused;
	for (unsigned kind = KIND_NONE + 1; kind < KIND_COUNT; kind++)
		for (unsigned n = 0; n < 20; n++, count++)
			fprintf(f, "{\"kind\":\"%s\",\"id\":\"%u-1\",\"state\":\"ok\"}\n", kind_text((enum kind)kind), n);
	fprintf(f, "{\"end\":true,\"count\":%u}\n", count);
	fclose(f);
	assert_string_equal(parse(text, &g).error, "");
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
	exec_parse(text, len - 1, &(struct reading){}, true, keep, &g, &end);
	assert_int_equal(end.outcome, OUTCOME_OK);
	exec_parse(text, len, &(struct reading){}, true, keep, &g, &end);
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
		cmocka_unit_test(test_only_what_raises_is_heard_of_a_broken_answer),
		cmocka_unit_test(test_a_long_answer),
		cmocka_unit_test(test_kinds_have_names_of_their_own),
		cmocka_unit_test(test_a_word_outside_the_list_is_unknown),
		cmocka_unit_test(test_too_much_output),
		cmocka_unit_test(test_time_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
