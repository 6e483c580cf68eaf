#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/yaml_schema.h"

static const char *const colours[] = {"red", "green"};
static const struct yaml_schema text = {.kind = YAML_TEXT, .max = 20};
static const struct yaml_schema port = {.kind = YAML_NUMBER, .min = 1, .max = 65535};
static const struct yaml_schema wait = {.kind = YAML_DURATION, .min = 1000, .max = 60000};
static const struct yaml_schema flag = {.kind = YAML_BOOL};
static const struct yaml_schema colour = {.kind = YAML_WORD, .words = colours, .nwords = 2};
static const struct yaml_schema real = {.kind = YAML_REAL};
static const struct yaml_schema ports = {
	.kind = YAML_LIST, .item = &port, .max = 2, .too_many = "at most 2 ports"};
static const struct yaml_schema free_map = {.kind = YAML_FREE, .item = &real};
static const struct yaml_field disk_fields[] = {{"type", &text}, {"size", &port, true}, {}};
static const struct yaml_field exec_fields[] = {{"type", &text}, {"command", &text, true}, {}};
static const struct yaml_schema disk = {.kind = YAML_MAP, .fields = disk_fields};
static const struct yaml_schema exec = {.kind = YAML_MAP, .fields = exec_fields};
static const struct yaml_field types[] = {{"disk", &disk}, {"exec", &exec}, {}};
static const struct yaml_schema source = {.kind = YAML_UNION, .fields = types};
static const struct yaml_field fields[] = {{"name", &text, true}, {"port", &port}, {"wait", &wait},
	{"flag", &flag}, {"colour", &colour}, {"ports", &ports}, {"source", &source},
	{"facts", &free_map}, {}};
static const struct yaml_schema schema = {.kind = YAML_MAP, .fields = fields};

static void mistakes(const char *yaml, size_t len, char *buf, size_t size)
{
	cleanup_(ydoc_freep) struct ydoc *d = NULL;
	FILE *out;

	memset(buf, 0, size);
	assert_int_equal(ydoc_load(yaml, len, &schema, &d), 0);
	out = fmemopen(buf, size, "w");
	assert_non_null(out);
	ydoc_print(d, "t", out, NULL, 0);
	fclose(out);
}

struct mistake_case {
	const char *yaml, *says, *why;
};

/* clang-format off */
static const struct mistake_case cases[] = {
	{"name: a\n", "", "nothing to say about a right one"},
	{"name: a\nport: 98x7\n", "t:2:7: error: '98x7' is not a number\n", "digits only, to the end"},
	{"name: a\nport: 70000\n", "t:2:7: error: 70000 is out of range, expected 1 to 65535\n", "range"},
	{"name: a\nprt: 1\n", "t:2:1: error: unknown key 'prt', did you mean 'port'?\n", "nearest by one edit"},
	{"name: a\nzzzzzz: 1\n", "t:2:1: error: unknown key 'zzzzzz'\n", "nothing is near"},
	{"port: 1\n", "t:1:1: error: 'name' is missing\n", "required"},
	{"name: a\nname: b\n", "t:2:1: error: 'name' given twice\n", "duplicates are never taken silently"},
	{"name: a\nwait: 10 min\n", "t:2:7: error: '10 min' is not a duration, expected one like 250ms 5s 2m 1h 30d\n", "unit"},
	{"name: a\nwait: 2m\n", "t:2:7: error: 2m is out of range, expected 1s to 1m\n", "duration range"},
	{"name: a\nflag: maybe\n", "t:2:7: error: 'maybe' is neither true nor false\n", "booleans"},
	{"name: a\ncolour: blue\n", "t:2:9: error: unknown word 'blue', expected one of: red, green\n", "words are told"},
	{"name: a\ncolour: gren\n", "t:2:9: error: unknown word 'gren', did you mean 'green'?\n", "nearest word"},
	{"name: a\nports: [1, 2, 3]\n", "t:2:15: error: too many: at most 2 ports\n", "limits are said plainly"},
	{"name: a\nports: 1\n", "t:2:8: error: expected a list\n", "wrong kind"},
	{"name: [a]\n", "t:1:7: error: expected a text\n", "wrong kind"},
	{"name:\n", "t:1:6: error: expected a text, found nothing\n", "empty is not a text"},
	{"name: \"a\\0b\"\n", "t:1:7: error: the text contains a NUL byte\n", "what C would cut"},
	{"name: \"a\\eb\"\n", "t:1:7: error: the text contains a control character\n", "nothing for a terminal"},
	{"name: a\nsource: {size: 1}\n", "t:2:9: error: 'type' is missing\n", "union without a type"},
	{"name: a\nsource: {type: dsk, size: 1}\n", "t:2:16: error: unknown type 'dsk', did you mean 'disk'?\n", "union"},
	{"name: a\nsource: {type: exec, size: 1}\n",
	 "t:2:9: error: 'command' is missing\nt:2:22: error: unknown key 'size'\n", "the type decides the keys"},
	{"name: a\nfacts: {x: 1, y: one}\n", "t:2:18: error: 'one' is not a number\n", "any key, checked values"},
	{"name: a\nfacts: {x: nan}\n", "t:2:12: error: 'nan' is not a number\n", "only finite numbers"},
	{"name: &x a\nport: *x\n", "t:2:7: error: aliases are not supported\n", "ends cycles and bombs"},
	{"name: a\n---\nname: b\n", "t:2:1: error: only one document is supported\n", "one document"},
	{"", "t:1:1: error: the file is empty\n", "empty"},
	{"- a\n", "t:1:1: error: expected a map of keys and values\n", "root"},
	{"name: [a\nport: 1\n", "t:2:5: error: did not find expected ',' or ']' while parsing a flow sequence\n",
	 "a syntax error ends the list"},
	{"name: a\nport: \xff\n", "t:2:7: error: invalid leading UTF-8 octet\n", "the reader's place is worked out"},
};
/* clang-format on */

static void test_each_mistake_is_told_with_its_place(void **unused)
{
	char says[1024];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		mistakes(cases[i].yaml, strlen(cases[i].yaml), says, sizeof(says));
		if (strcmp(says, cases[i].says))
			print_message("%s: %s", cases[i].why, cases[i].yaml);
		assert_string_equal(says, cases[i].says);
	}
}

static void test_all_mistakes_come_in_order_of_place(void **unused)
{
	static const char yaml[] = "prt: 1\nports: [x, 0]\nwait: soon\nname:\n";
	char says[1024];

	(void)unused;
	mistakes(yaml, strlen(yaml), says, sizeof(says));
	assert_string_equal(says,
		"t:1:1: error: unknown key 'prt', did you mean 'port'?\n"
		"t:2:9: error: 'x' is not a number\n"
		"t:2:12: error: 0 is out of range, expected 1 to 65535\n"
		"t:3:7: error: 'soon' is not a duration, expected one like 250ms 5s 2m 1h 30d\n"
		"t:4:6: error: expected a text, found nothing\n");
}

static void test_depth_size_and_keys_are_capped(void **unused)
{
	enum { DEEP = 200000 };
	cleanup_(freep) char *deep = malloc(DEEP), *large = malloc(YAML_BYTES_MAX + 2);
	char many[4096], says[1024];
	size_t at = 0;

	(void)unused;
	assert_non_null(deep);
	assert_non_null(large);
	memset(deep, '[', DEEP);
	mistakes(deep, DEEP, says, sizeof(says));
	assert_string_equal(says, "t:1:33: error: nested more than 32 deep\n");
	memset(large, '#', YAML_BYTES_MAX + 1);
	mistakes(large, YAML_BYTES_MAX + 1, says, sizeof(says));
	assert_string_equal(says, "t:1:1: error: larger than 1048576 bytes\n");
	for (unsigned i = 0; i <= YAML_KEYS_MAX; i++)
		at += (size_t)snprintf(many + at, sizeof(many) - at, "k%u: 1\n", i);
	mistakes(many, at, says, sizeof(says));
	assert_string_equal(says, "t:1:1: error: more than 256 keys in one map\n");
}

struct duration_case {
	const char *text;
	bool ok;
	uint64_t ms;
};

static void test_durations(void **unused)
{
	static const struct duration_case table[] = {
		{"250ms", true, 250},
		{"5s", true, 5000},
		{"2m", true, 120000},
		{"1h", true, 3600000},
		{"30d", true, UINT64_C(2592000000)},
		{"1m43s", true, 103000},
		{"1h2m3s4ms", true, 3723004},
		{"0s", true, 0},
		{"", false, 0},
		{"5", false, 0},
		{"s", false, 0},
		{"5 s", false, 0},
		{"-5s", false, 0},
		{"5s5s", false, 0},
		{"3s1m", false, 0},
		{"1.5s", false, 0},
		{"4000d", false, 0},
		{"99999999999999999999s", false, 0},
		{"18446744073709551615d", false, 0},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		uint64_t ms = 0;
		bool ok = duration_parse(table[i].text, &ms);

		if (ok != table[i].ok || (ok && ms != table[i].ms))
			print_message("'%s'\n", table[i].text);
		assert_int_equal(ok, table[i].ok);
		assert_true(!ok || ms == table[i].ms);
	}
}

static void test_looking_into_what_is_not_there(void **unused)
{
	static const char yaml[] = "name: [a]\nport: x\n";
	cleanup_(ydoc_freep) struct ydoc *d = NULL;
	int key, value;

	(void)unused;
	assert_int_equal(ydoc_load(yaml, strlen(yaml), &schema, &d), 0);
	assert_string_equal(ydoc_text(d, ydoc_get(d, ydoc_root(d), "name"), "none"), "none");
	assert_int_equal(ydoc_number(d, ydoc_get(d, ydoc_root(d), "port"), 7), 7);
	assert_int_equal(ydoc_get(d, 0, "x"), 0);
	assert_int_equal(ydoc_get(d, 9999, "x"), 0);
	assert_int_equal(ydoc_item(d, ydoc_root(d), 0), 0);
	assert_int_equal(ydoc_count(d, -1), 0);
	assert_false(ydoc_pair(d, ydoc_root(d), 2, &key, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_mistake_is_told_with_its_place),
		cmocka_unit_test(test_all_mistakes_come_in_order_of_place),
		cmocka_unit_test(test_depth_size_and_keys_are_capped),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_looking_into_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
