#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/syslog.h"

static void test_messages(void **unused)
{
	static const struct {
		const char *bytes, *host, *app, *text, *why;
		unsigned facility, severity;
	} cases[] = {
		{"<34>Oct 11 22:14:15 mymachine su: 'su root' failed", "mymachine", "su", "su: 'su root' failed",
			"RFC 3164 section 5.4, example 1", 4, 2},
		{"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", "10.0.0.99", "", "Use the BFG!",
			"RFC 3164 section 5.4, example 2", 1, 5},
		{"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time",
			"192.0.2.1", "myproc", "%% It's time", "RFC 5424 section 6.5, example 2", 20, 5},
		{"<34>1 2003-10-11T22:14:15.003Z m su - ID47 - \xef\xbb\xbf'su root' failed", "m", "su",
			"'su root' failed", "RFC 5424 section 6.5, example 1: UTF-8 with its mark", 4, 2},
		{"<165>1 2003-10-11T22:14:15.003Z m evt - ID47 [a@1 iut=\"3\" s=\"x\\\"]y\"][b@1 c=\"d\"] An event",
			"m", "evt", "An event", "structured data with what has to be escaped", 20, 5},
		{"no priority at all", "", "", "no priority at all", "RFC 3164 section 4.3.3", 1, 5},
		{"<187>node 2 offline", "", "", "node 2 offline", "neither time nor host", 23, 3},
		{"<999>x", "", "", "<999>x", "no such priority", 1, 5},
		{"<34", "", "", "<34", "cut off", 1, 5},
		{"<14>1 ", "", "", "", "nothing but a version", 1, 6},
		{"<14>bell\a and\ttab", "", "", "bell? and?tab", "nothing that a terminal would obey", 1, 6},
		{"", "", "", "", "nothing", 0, 0},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct syslog_message m;
		bool said = syslog_parse(cases[i].bytes, strlen(cases[i].bytes), &m);

		if (said != !!cases[i].text[0] || strcmp(m.text, cases[i].text) || strcmp(m.host, cases[i].host) ||
			strcmp(m.app, cases[i].app) || m.facility != cases[i].facility ||
			m.severity != cases[i].severity)
			fail_msg("%s: %u.%u host '%s' app '%s' text '%s'", cases[i].why, m.facility, m.severity,
				m.host, m.app, m.text);
	}
}

static void test_frames(void **unused)
{
	static const struct {
		const char *bytes, *message, *why;
		long want;
	} cases[] = {
		{"<13>one\n<13>two\n", "<13>one", "up to a line feed", 8},
		{"<13>one", "", "more must come", 0},
		{"", "", "nothing came", 0},
		{"5 <13>x6 <13>yz", "<13>x", "counted", 7},
		{"9 <13>x", "", "counted, and not all of it came", 0},
		{"12", "", "not even the count came", 0},
		{"99999 x", "", "longer than is taken", -1},
		{"1234567", "", "no count", -1},
		{"5x<13>", "", "no blank behind the count", -1},
		{"\n<13>x\n", "", "an empty line", 1},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t start = 0, len = 0;
		long n = syslog_frame(cases[i].bytes, strlen(cases[i].bytes), &start, &len);

		if (n != cases[i].want || len != strlen(cases[i].message) ||
			memcmp(cases[i].bytes + start, cases[i].message, len) != 0)
			fail_msg("%s: %ld, %zu at %zu", cases[i].why, n, len, start);
	}
}

static void test_a_line_that_never_ends_is_hung_up_on(void **unused)
{
	static char bytes[SYSLOG_MAX + 2];
	size_t start, len;

	(void)unused;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(syslog_frame(bytes, SYSLOG_MAX, &start, &len), 0);
	assert_int_equal(syslog_frame(bytes, SYSLOG_MAX + 1, &start, &len), -1);
	bytes[SYSLOG_MAX] = '\n';
	assert_int_equal(syslog_frame(bytes, SYSLOG_MAX + 1, &start, &len), SYSLOG_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_a_line_that_never_ends_is_hung_up_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
