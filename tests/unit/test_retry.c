#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "agent/retry.h"

static void test_classify(void **unused)
{
	static const struct {
		unsigned http;
		enum retry_class want;
		const char *why;
	} cases[] = {
		{0, RETRY_LATER, "no answer: network, time-out, TLS"},
		{200, RETRY_ACCEPTED, "ok"},
		{202, RETRY_ACCEPTED, "PagerDuty"},
		{204, RETRY_ACCEPTED, "no content is an acceptance"},
		{299, RETRY_ACCEPTED, "the whole class"},
		{301, RETRY_PARK, "redirects are not followed: a secret URL would leak"},
		{400, RETRY_PARK, "our fault or theirs, the same tomorrow"},
		{401, RETRY_PARK, "a key was changed"},
		{404, RETRY_PARK, "often the front page of a receiver that is down: slowly again"},
		{408, RETRY_LATER, "request time-out"},
		{410, RETRY_PARK, "gone: told through another way"},
		{425, RETRY_LATER, "too early"},
		{429, RETRY_LATER, "too many"},
		{499, RETRY_PARK, "other client error"},
		{500, RETRY_LATER, "server error"},
		{503, RETRY_LATER, "unavailable"},
		{599, RETRY_LATER, "the whole class"},
		{600, RETRY_PARK, "no such class"},
		{100, RETRY_PARK, "not a final answer"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (retry_classify(cases[i].http) != cases[i].want)
			fail_msg("%u: %s", cases[i].http, cases[i].why);
}

static void test_critical_ladder(void **unused)
{
	static const unsigned want_s[] = {1, 2, 5, 10, 30, 60, 60, 120, 300, 600, 900, 1800, 1800, 1800};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(want_s); i++)
		assert_int_equal(retry_delay_ms(SEV_CRITICAL, i + 1, false, 0, 0), want_s[i] * 1000);
	assert_int_equal(retry_delay_ms(SEV_CRITICAL, UINT32_MAX, false, 0, 0), 1800 * 1000);
	assert_int_equal(retry_delay_ms(SEV_CRITICAL, 0, false, 0, 0), 1000);
}

static void test_jitter_only_shortens_within_a_tenth(void **unused)
{
	(void)unused;
	for (unsigned failures = 1; failures < 16; failures++) {
		uint64_t plain = retry_delay_ms(SEV_CRITICAL, failures, false, 0, 0);

		for (uint32_t random = 0; random < 200000; random += 37) {
			uint64_t ms = retry_delay_ms(SEV_CRITICAL, failures, false, 0, random);

			assert_true(ms <= plain && ms >= plain - plain / 10 && ms >= 1000);
		}
	}
}

static void test_the_receiver_asks_for_patience(void **unused)
{
	static const struct {
		const char *text;
		int64_t date_s;
		uint64_t want_ms;
		const char *why;
	} cases[] = {
		{"7", -1, 7000, "seconds"},
		{" 120 \r\n", -1, 120000, "blanks around"},
		{"0", -1, 0, "at once"},
		{"999999999999999999999999", -1, 86400000, "overflow is a day"},
		{"-5", -1, 0, "negative is nonsense"},
		{"5 minutes", -1, 0, "words are nonsense"},
		{"", -1, 0, "empty"},
		{"Fri, 31 Dec 1999 23:59:59 GMT", 1030, 30000, "a date ahead"},
		{"Fri, 31 Dec 1999 23:59:59 GMT", 900, 0, "a date that has passed"},
		{"Fri, 31 Dec 9999 23:59:59 GMT", INT64_MAX, 0, "a date nobody can mean"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (retry_after_ms(cases[i].text, cases[i].date_s, 1000000) != cases[i].want_ms)
			fail_msg("'%s': %s", cases[i].text, cases[i].why);
	assert_int_equal(retry_delay_ms(SEV_CRITICAL, 1, false, 7000, 0), 7000);
	assert_int_equal(retry_delay_ms(SEV_CRITICAL, 6, false, 7000, 0), 60000);
	assert_int_equal(retry_delay_ms(SEV_CRITICAL, 1, false, UINT64_MAX, 0), 86400000);
	assert_int_equal(retry_delay_ms(SEV_CRITICAL, 1, true, 0, 0), 3600000);
}

/* A receiver down for hours, on virtual time: how late is the message after it is back, how many tries. */
static void test_receiver_down_for_hours(void **unused)
{
	static const struct {
		uint64_t down_s, late_s;
		unsigned tries;
		const char *why;
	} cases[] = {
		{3, 5, 4, "a restart of the receiver"},
		{100, 60, 7, "a minute and a half"},
		{3600, 1800, 12, "an hour: never later than the tail's last step"},
		{86400, 1800, 70, "a day: few tries"},
		{5 * 86400, 1800, 300, "five days"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t t = 0, back = cases[i].down_s * 1000;
		unsigned tries = 0;

		while (t < back)
			t += retry_delay_ms(SEV_CRITICAL, ++tries, false, 0, 0);
		if (t - back > cases[i].late_s * 1000 || tries > cases[i].tries)
			fail_msg("%s: %u tries, %u s late", cases[i].why, tries, (unsigned)((t - back) / 1000));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classify),
		cmocka_unit_test(test_critical_ladder),
		cmocka_unit_test(test_jitter_only_shortens_within_a_tenth),
		cmocka_unit_test(test_the_receiver_asks_for_patience),
		cmocka_unit_test(test_receiver_down_for_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
