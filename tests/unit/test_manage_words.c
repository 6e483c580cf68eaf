/* Closed tables: a word that is not in one is never ok; a text that is not whole JSON is none. */
#include "manage_lab.h"

static const struct manage_word words[] = {{"good", STATE_OK}, {"so-so", STATE_DEGRADED},
	{"boot", STATE_TRANSITION, 60000}, {"held", STATE_SERVICE}, {"dead", STATE_FAILED},
	{"gone", STATE_ABSENT}, {"dark", STATE_UNREACHABLE}};

static void test_words(void **unused)
{
	static const struct word_case cases[] = {{"good", STATE_OK}, {"boot", STATE_TRANSITION},
		{"Good", STATE_UNKNOWN}, {"good ", STATE_UNKNOWN}, {"", STATE_UNKNOWN},
		{"\xffgood", STATE_UNKNOWN}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r = {};

		manage_state(&r, words, ARRAY_SIZE(words), cases[i].word);
		assert_state(&r, cases[i].want, cases[i].word);
		assert_int_equal(r.limit_ms, cases[i].want == STATE_TRANSITION ? 60000 : 0);
	}
}

static void test_the_worse_of_two(void **unused)
{
	static const struct {
		const char *first, *then;
		enum state want;
	} cases[] = {
		{"good", "so-so", STATE_DEGRADED},
		{"so-so", "good", STATE_DEGRADED},
		{"good", "what", STATE_UNKNOWN},
		{"so-so", "what", STATE_UNKNOWN},
		{"dead", "what", STATE_FAILED},
		{"what", "dead", STATE_FAILED},
		{"dark", "dead", STATE_FAILED},
		{"dark", "good", STATE_UNREACHABLE},
		{"boot", "dead", STATE_FAILED},
		{"held", "boot", STATE_SERVICE},
		{"dead", "gone", STATE_FAILED},
		{"gone", "good", STATE_ABSENT},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r = {};

		manage_state(&r, words, ARRAY_SIZE(words), cases[i].first);
		manage_worse(&r, words, ARRAY_SIZE(words), cases[i].then);
		assert_state(&r, cases[i].want, cases[i].then);
	}
}

static void test_json(void **unused)
{
	static const struct {
		const char *text;
		bool whole;
	} cases[] = {{"{}", true}, {"[1] \r\n", true}, {"{\"a\":", false}, {"{} x", false},
		{"", false}, {" ", false}, {"{\"a\":1,}", false}, {"\"text\"", true}};
	char deep[128];
	json_object *o;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		o = manage_json(cases[i].text, strlen(cases[i].text));
		if (!o == cases[i].whole)
			fail_msg("'%s'", cases[i].text);
		json_object_put(o);
	}
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	assert_null(manage_json(deep, sizeof(deep)));
	assert_null(manage_json("{}\0", 3));
}

static void test_members(void **unused)
{
	static const char text[] =
		"{\"n\":7,\"t\":\"7.5\",\"b\":true,\"o\":{},\"a\":[],\"z\":null,\"x\":\"0x10\","
		"\"i\":\"inf\",\"w\":\" 7\",\"u\":\"7GB\",\"h\":1e300}";
	json_object *o = manage_json(text, strlen(text));
	static const char *const none[] = {"b", "o", "a", "z", "x", "i", "w", "u", "h", "missing"};
	double v = 0;

	(void)unused;
	assert_non_null(o);
	assert_true(manage_number(o, "n", &v) && v == 7);
	assert_true(manage_number(o, "t", &v) && v == 7.5);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		if (manage_number(o, none[i], &v))
			fail_msg("'%s' is a number", none[i]);
	assert_string_equal(manage_text(o, "b"), "true");
	assert_string_equal(manage_text(o, "o"), "");
	assert_string_equal(manage_text(o, "z"), "");
	assert_string_equal(manage_text(NULL, "z"), "");
	json_object_put(o);
}

static void test_which_array_it_is(void **unused)
{
	static const char *const two[] = {"", "78N16G5", "78N16G4"}, *const none[] = {"", "N/A", "00000000"};

	(void)unused;
	assert_string_equal(manage_own_serial("78n16g5", two, 3), "78N16G5");
	/* another one, or nobody in particular: the first in order, however they are listed */
	assert_string_equal(manage_own_serial("OTHER99", two, 3), "78N16G4");
	assert_string_equal(manage_own_serial("", two, 3), "78N16G4");
	assert_null(manage_own_serial("OTHER99", none, 3));
	assert_string_equal(manage_own_serial("X1", (const char *const[]){"00000FFFF"}, 1), "00000FFFF");
	assert_true(manage_is_serial("78n16G4", "78N16G4"));
	assert_false(manage_is_serial("78N16G4", "78N16G"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_the_worse_of_two),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_which_array_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
