#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "probes/notice.h"
#include "probes/snmp_trap.h"

/* A writer of BER, from the back: short lengths only. */
struct out {
	uint8_t bytes[512];
	size_t at;
};

static void put(struct out *o, const void *p, size_t n)
{
	assert_true(o->at >= n);
	o->at -= n;
	memcpy(o->bytes + o->at, p, n);
}

/* Everything from @end on becomes the value of @tag. */
static void wrap(struct out *o, unsigned tag, size_t end)
{
	size_t n = end - o->at;
	uint8_t longer[] = {(uint8_t)tag, 0x82, (uint8_t)(n >> 8), (uint8_t)n}, shorter[] = {(uint8_t)tag, (uint8_t)n};

	if (n < 128)
		put(o, shorter, sizeof(shorter));
	else
		put(o, longer, sizeof(longer));
}

static void put_as(struct out *o, unsigned tag, const void *p, size_t n)
{
	size_t end = o->at;

	put(o, p, n);
	wrap(o, tag, end);
}

/* 1.3.6.1.4.1.2.6.190 and what is below it: 190 takes two bytes */
#define IBM     "\x2b\x06\x01\x04\x01\x02\x06\x81\x3e"
#define TRAPOID "\x2b\x06\x01\x06\x03\x01\x01\x04\x01\x00"
#define UPTIME  "\x2b\x06\x01\x02\x01\x01\x03\x00"
#define OID(s)  s, sizeof(s) - 1

static void put_text_var(struct out *o, const char *oid, size_t oid_len, const char *text)
{
	size_t end = o->at;

	put_as(o, 0x04, text, strlen(text));
	put_as(o, 0x06, oid, oid_len);
	wrap(o, 0x30, end);
}

static void put_head(struct out *o, unsigned version, unsigned pdu)
{
	uint8_t v = (uint8_t)version;

	wrap(o, pdu, sizeof(o->bytes));
	put_as(o, 0x04, "public", 6);
	put_as(o, 0x02, &v, 1);
	wrap(o, 0x30, sizeof(o->bytes));
}

static struct out trap1(unsigned specific, const char *text)
{
	struct out o = {.at = sizeof(o.bytes)};
	uint8_t number = (uint8_t)specific, generic = 6;

	put_text_var(&o, OID(IBM "\x04\x04"), text);
	wrap(&o, 0x30, sizeof(o.bytes));
	put_as(&o, 0x43, "\x01\x02", 2);
	put_as(&o, 0x02, &number, 1);
	put_as(&o, 0x02, &generic, 1);
	put_as(&o, 0x40, "\xc0\x00\x02\x07", 4);
	put_as(&o, 0x06, OID(IBM));
	put_head(&o, 0, 0xa4);
	return o;
}

static struct out trap2(const char *text)
{
	struct out o = {.at = sizeof(o.bytes)};
	size_t end;

	put_text_var(&o, OID(IBM "\x04\x04"), text);
	end = o.at;
	put_as(&o, 0x06, OID(IBM "\x01"));
	put_as(&o, 0x06, OID(TRAPOID));
	wrap(&o, 0x30, end);
	end = o.at;
	put_as(&o, 0x43, "\x05", 1);
	put_as(&o, 0x06, OID(UPTIME));
	wrap(&o, 0x30, end);
	wrap(&o, 0x30, sizeof(o.bytes));
	put_as(&o, 0x02, "\x00", 1);
	put_as(&o, 0x02, "\x00", 1);
	put_as(&o, 0x02, "\x12\x34", 2);
	put_head(&o, 1, 0xa7);
	return o;
}

static int parse(const struct out *o, struct snmp_trap *t)
{
	return snmp_trap_parse(o->bytes + o->at, sizeof(o->bytes) - o->at, t);
}

static void test_both_versions_say_the_same(void **unused)
{
	struct out v1 = trap1(1, "# Error Code = 690"), v2 = trap2("# Error Code = 690");
	struct snmp_trap t;
	char text[128];

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(parse(i ? &v2 : &v1, &t), 0);
		assert_int_equal(t.version, i + 1);
		assert_string_equal(t.oid, "1.3.6.1.4.1.2.6.190.1");
		assert_int_equal(t.nvars, 1);
		assert_string_equal(t.vars[0].oid, "1.3.6.1.4.1.2.6.190.4.4");
		assert_string_equal(t.vars[0].value, "# Error Code = 690");
		snmp_trap_text(&t, text, sizeof(text));
		assert_int_equal(notice_kind(t.oid, text), NOTICE_NODE_ERROR);
	}
}

/* Wherever it ends too early, and whichever byte is another: never a word that was not sent whole. */
static void test_broken_ones_say_nothing(void **unused)
{
	struct out o = trap2("# Error Code = 690");
	size_t len = sizeof(o.bytes) - o.at;
	struct snmp_trap t;

	(void)unused;
	for (size_t n = 0; n < len; n++) {
		assert_int_equal(snmp_trap_parse(o.bytes + o.at, n, &t), -EBADMSG);
		assert_int_equal(t.nvars, 0);
	}
	for (size_t i = 0; i < len; i++)
		for (unsigned b = 0; b < 256; b++) {
			struct out changed = o;

			changed.bytes[o.at + i] = (uint8_t)b;
			if (parse(&changed, &t) == 0)
				assert_true(t.oid[0] && t.nvars <= TRAP_VARS);
		}
}

static void test_what_is_no_trap(void **unused)
{
	static const uint8_t v3[] = {0x30, 0x05, 0x02, 0x01, 0x03, 0x30, 0x00};
	static const uint8_t endless[] = {0x30, 0x80, 0x02, 0x01, 0x00};
	static const uint8_t huge[] = {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0x00};
	struct out get = trap2("x");
	struct snmp_trap t;

	(void)unused;
	assert_int_equal(snmp_trap_parse(v3, sizeof(v3), &t), -EOPNOTSUPP);
	assert_int_equal(t.version, 3);
	assert_int_equal(snmp_trap_parse(endless, sizeof(endless), &t), -EBADMSG);
	assert_int_equal(snmp_trap_parse(huge, sizeof(huge), &t), -EBADMSG);
	for (size_t i = get.at; i < sizeof(get.bytes); i++)
		if (get.bytes[i] == 0xa7)
			get.bytes[i] = 0xa0;
	assert_int_equal(parse(&get, &t), -EOPNOTSUPP);
}

static void test_the_table(void **unused)
{
	static const struct {
		const char *oid, *text;
		enum notice_kind want;
		const char *why;
	} cases[] = {
		{"", "The storage system needs service", NOTICE_NEEDS_SERVICE, "founding incident"},
		{"", "Node error 578 on node canister 2", NOTICE_NODE_ERROR, "by name"},
		{"", "# Error ID = 74001; # Error Code = 1194", NOTICE_NODE_ERROR, "by code"},
		{"", "# Error Code = 11940", NOTICE_OTHER, "another code"},
		{"", "CONTROLLER A HAS FAILED", NOTICE_CANISTER_FAILED, "in any case"},
		{"", "controller A recovered: it had failed", NOTICE_OTHER, "good news is no finding"},
		{"", "The uncontrollers failed", NOTICE_OTHER, "whole words"},
		{"", "The controller has started failing over", NOTICE_FAILED_OVER, "MSA event 71"},
		{"", "Enclosure Battery fault type 1", NOTICE_BATTERY, "IBM 1114"},
		{"", "Power supply 2 failed", NOTICE_POWER, "power"},
		{"", "user admin logged in", NOTICE_OTHER, "not of interest"},
		{"1.3.6.1.4.1.2.6.190.1", "# Error Code = 9999", NOTICE_NEEDS_SERVICE, "IBM's trap for errors"},
		{"1.3.6.1.4.1.2.6.190.3", "# Error Code = 9999", NOTICE_OTHER, "and the one for information"},
		{"1.3.6.1.4.1.2.6.190.11", "x", NOTICE_OTHER, "190.11 is not below 190.1"},
		{"1.3.6.1.6.3.1.1.5.3", "", NOTICE_OTHER, "linkDown of what?"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (notice_kind(cases[i].oid, cases[i].text) != cases[i].want)
			fail_msg("%s: %u", cases[i].why, notice_kind(cases[i].oid, cases[i].text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_versions_say_the_same),
		cmocka_unit_test(test_broken_ones_say_nothing),
		cmocka_unit_test(test_what_is_no_trap),
		cmocka_unit_test(test_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
