#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "probes/nvme.h"

static uint8_t page[4096];

static void fill_smart(
	unsigned warning, unsigned kelvin, unsigned spare, unsigned threshold, unsigned used)
{
	memset(page, 0, sizeof(page));
	page[0] = (uint8_t)warning;
	page[1] = (uint8_t)kelvin;
	page[2] = (uint8_t)(kelvin >> 8);
	page[3] = (uint8_t)spare;
	page[4] = (uint8_t)threshold;
	page[5] = (uint8_t)used;
	page[112] = 7;
	page[128] = 0x22;
	page[129] = 0x11;
	page[160] = 3;
	page[176] = 9;
}

static int64_t fact(const struct reading *r, unsigned f)
{
	double v = -1;

	return reading_find(r, f, &v) ? (int64_t)v : -1;
}

static void test_smart(void **unused)
{
	struct reading r = {};

	(void)unused;
	fill_smart(4, 313, 98, 10, 105);
	assert_int_equal(nvme_decode_smart(page, 512, &r), OUTCOME_OK);
	assert_int_equal(fact(&r, FACT_CRITICAL_WARNING), 4);
	assert_int_equal(fact(&r, FACT_TEMPERATURE), 40);
	assert_int_equal(fact(&r, FACT_SPARE_PCT), 98);
	assert_int_equal(fact(&r, FACT_WEAR_PCT), 105);
	assert_int_equal(fact(&r, FACT_POWER_ON_HOURS), 0x1122);
	assert_int_equal(fact(&r, FACT_MEDIA_ERRORS), 3);
	assert_int_equal(fact(&r, FACT_ERROR_LOG_ENTRIES), 9);
}

static void test_counters_have_128_bits(void **unused)
{
	struct reading r = {};
	double v;

	(void)unused;
	fill_smart(0, 300, 100, 10, 0);
	page[168] = 1;
	assert_int_equal(nvme_decode_smart(page, 512, &r), OUTCOME_OK);
	assert_true(reading_find(&r, FACT_MEDIA_ERRORS, &v) && v >= 18446744073709551616.0);
}

static void test_not_reported_is_absent(void **unused)
{
	struct reading r = {};

	(void)unused;
	fill_smart(0, 0, 0, 0, 0);
	assert_int_equal(nvme_decode_smart(page, 512, &r), OUTCOME_OK);
	assert_int_equal(fact(&r, FACT_TEMPERATURE), -1);
	assert_int_equal(fact(&r, FACT_SPARE_PCT), -1);
	r = (struct reading){};
	fill_smart(0, 300, 0, 10, 0);
	assert_int_equal(nvme_decode_smart(page, 512, &r), OUTCOME_OK);
	assert_int_equal(fact(&r, FACT_SPARE_PCT), 0);
}

static void test_what_cannot_be_is_nonsense(void **unused)
{
	static const struct {
		const char *why;
		unsigned warning, kelvin, spare, threshold;
	} cases[] = {
		{"reserved warning bits", 0x80, 300, 100, 10},
		{"spare above 100 %", 0, 300, 114, 10},
		{"threshold above 100 %", 0, 300, 100, 200},
		{"hotter than solder", 0, 19479, 100, 10},
		{"colder than any machine room", 0, 90, 100, 10},
	};
	struct reading r = {};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fill_smart(
			cases[i].warning, cases[i].kelvin, cases[i].spare, cases[i].threshold, 0);
		if (nvme_decode_smart(page, 512, &r) != OUTCOME_NONSENSE)
			fail_msg("%s", cases[i].why);
	}
	fill_smart(0, 300, 100, 10, 0);
	memset(page + 3, NVME_FILL, sizeof(page) - 3);
	assert_int_equal(nvme_decode_smart(page, 512, &r), OUTCOME_NONSENSE);
	memset(page, NVME_FILL, sizeof(page));
	assert_int_equal(nvme_decode_smart(page, 512, &r), OUTCOME_NONSENSE);
	assert_int_equal(nvme_decode_smart(page, 511, &r), OUTCOME_SHORT);
	assert_int_equal(r.nfacts, 0);
}

static void test_controller(void **unused)
{
	struct nvme_controller c;
	struct reading r = {};

	(void)unused;
	memset(page, 0, sizeof(page));
	memset(page + 4, ' ', 68);
	memcpy(page + 4, "NVM00000001", 11);
	memcpy(page + 24, "SOME DRIVE 1TB", 14);
	memcpy(page + 64, "N1.2", 4);
	page[256] = 0x16;
	page[268] = 0x5d;
	page[269] = 0x01;
	page[285] = 1;
	assert_int_equal(nvme_decode_controller(page, 4096, &c), OUTCOME_OK);
	assert_string_equal(c.serial, "NVM00000001");
	assert_string_equal(c.model, "SOME DRIVE 1TB");
	assert_true(c.self_test);
	nvme_controller_to_reading(&c, &r);
	assert_int_equal(fact(&r, FACT_TEMPERATURE_TRIP), 76);
	assert_true(r.capacity_bytes == UINT64_C(1) << 40);
	assert_int_equal(nvme_decode_controller(page, 4095, &c), OUTCOME_SHORT);
	memset(page + 24, 0, 40);
	assert_int_equal(nvme_decode_controller(page, 4096, &c), OUTCOME_NONSENSE);
}

static void test_firmware_slots(void **unused)
{
	struct reading r = {};

	(void)unused;
	memset(page, 0, sizeof(page));
	page[0] = 0x21;
	assert_int_equal(nvme_decode_firmware(page, 512, &r), OUTCOME_OK);
	assert_int_equal(fact(&r, FACT_FIRMWARE_ACTIVE_SLOT), 1);
	assert_int_equal(fact(&r, FACT_FIRMWARE_NEXT_SLOT), 2);
	r = (struct reading){};
	page[0] = 0;
	assert_int_equal(nvme_decode_firmware(page, 512, &r), OUTCOME_OK);
	assert_int_equal(r.nfacts, 0);
	page[0] = 0x88;
	assert_int_equal(nvme_decode_firmware(page, 512, &r), OUTCOME_NONSENSE);
}

static void test_newest_finished_self_test_counts(void **unused)
{
	static const struct {
		const char *why;
		uint8_t newest, older;
		int want; /* -1 no fact */
	} cases[] = {
		{"none was ever run", 0x0f, 0x0f, -1},
		{"passed", 0x10, 0x17, 0},
		{"failed", 0x27, 0x10, 1},
		{"aborted: the one before counts", 0x11, 0x27, 1},
		{"only aborted ones", 0x11, 0x0f, -1},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r = {};

		memset(page, 0, sizeof(page));
		for (unsigned k = 0; k < 20; k++)
			page[4 + 28 * k] = 0x0f;
		page[4] = cases[i].newest;
		page[4 + 28] = cases[i].older;
		assert_int_equal(nvme_decode_self_test(page, 564, &r), OUTCOME_OK);
		if (fact(&r, FACT_SELF_TEST_FAILED) != cases[i].want)
			fail_msg("%s", cases[i].why);
	}
}

static void test_error_log(void **unused)
{
	struct nvme_error e;

	(void)unused;
	memset(page, 0, sizeof(page));
	page[0] = 9;
	page[12] = 0x04;
	page[13] = 0xc0;
	assert_int_equal(nvme_decode_error_log(page, 64, &e), OUTCOME_OK);
	assert_int_equal(e.count, 9);
	assert_int_equal(e.status, 0x6002);
	assert_int_equal(nvme_decode_error_log(page, 63, &e), OUTCOME_SHORT);
}

static void test_results_of_the_ioctl(void **unused)
{
	static const struct {
		int result;
		enum outcome want;
	} cases[] = {{0, OUTCOME_OK}, {0x2002, OUTCOME_UNSUPPORTED}, {0x4109, OUTCOME_UNSUPPORTED},
		{0x0281, OUTCOME_ERROR}, {6, OUTCOME_ERROR}, {-ENODEV, OUTCOME_GONE},
		{-EACCES, OUTCOME_REFUSED}, {-ETIMEDOUT, OUTCOME_TIMEOUT},
		{-ENOTTY, OUTCOME_UNSUPPORTED}, {-EIO, OUTCOME_ERROR}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(nvme_status_outcome(cases[i].result), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smart),
		cmocka_unit_test(test_counters_have_128_bits),
		cmocka_unit_test(test_not_reported_is_absent),
		cmocka_unit_test(test_what_cannot_be_is_nonsense),
		cmocka_unit_test(test_controller),
		cmocka_unit_test(test_firmware_slots),
		cmocka_unit_test(test_newest_finished_self_test_counts),
		cmocka_unit_test(test_error_log),
		cmocka_unit_test(test_results_of_the_ioctl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
