#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/scsi.h"

static double fact(const struct reading *r, unsigned f)
{
	double v = -1;

	return reading_find(r, f, &v) ? v : -1;
}

static void test_sense_decides_what_a_status_means(void **unused)
{
	static const struct {
		const char *why;
		uint8_t status, key, asc, ascq;
		enum outcome want;
	} cases[] = {
		{"good", 0, 0, 0, 0, OUTCOME_OK},
		{"check condition without sense says nothing", 2, 0, 0, 0, OUTCOME_ERROR},
		{"recovered", 2, SENSE_RECOVERED, 0x5d, 0, OUTCOME_OK},
		{"not ready, manual intervention", 2, SENSE_NOT_READY, 4, 3, OUTCOME_ERROR},
		{"becoming ready", 2, SENSE_NOT_READY, 4, 1, OUTCOME_ERROR},
		{"stopped", 2, SENSE_NOT_READY, 4, 2, OUTCOME_ASLEEP},
		{"illegal request", 2, SENSE_ILLEGAL, 0x20, 0, OUTCOME_UNSUPPORTED},
		{"hardware", 2, SENSE_HARDWARE, 0x44, 0, OUTCOME_ERROR},
		{"unit attention is not an answer", 2, SENSE_UNIT_ATTENTION, 0x29, 0,
			OUTCOME_ERROR},
		{"busy", STATUS_BUSY, 0, 0, 0, OUTCOME_ERROR},
		{"reserved by another host", STATUS_RESERVATION_CONFLICT, 0, 0, 0, OUTCOME_ERROR},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_sense s = {cases[i].key, cases[i].asc, cases[i].ascq, false};

		if (scsi_status_outcome(cases[i].status, &s) != cases[i].want)
			fail_msg("%s", cases[i].why);
	}
	assert_true(
		scsi_sense_again(2, &(struct scsi_sense){SENSE_UNIT_ATTENTION, 0x29, 0, false}));
	assert_false(scsi_sense_again(2, &(struct scsi_sense){SENSE_NOT_READY, 4, 1, false}));
	assert_true(scsi_sense_predicts(&(struct scsi_sense){SENSE_RECOVERED, 0x5d, 0x10, false}));
	assert_false(scsi_sense_predicts(&(struct scsi_sense){SENSE_ILLEGAL, 0x5d, 0, false}));
}

static void test_sense_formats(void **unused)
{
	static const uint8_t fixed[18] = {0xf0, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2};
	static const uint8_t descriptor[8] = {0x73, 2, 4, 3};
	static const uint8_t other[8] = {0x7f};
	struct scsi_sense s;

	(void)unused;
	assert_int_equal(scsi_decode_sense(fixed, sizeof(fixed), &s), OUTCOME_OK);
	assert_int_equal(s.key, 6);
	assert_int_equal(s.asc, 0x29);
	assert_int_equal(s.ascq, 2);
	assert_int_equal(scsi_decode_sense(descriptor, sizeof(descriptor), &s), OUTCOME_OK);
	assert_int_equal(s.key, 2);
	assert_true(s.deferred);
	assert_int_equal(scsi_decode_sense(other, sizeof(other), &s), OUTCOME_NONSENSE);
	assert_int_equal(scsi_decode_sense(fixed, 3, &s), OUTCOME_SHORT);
}

static void test_power_conditions(void **unused)
{
	(void)unused;
	assert_int_equal(
		scsi_power_outcome(&(struct scsi_sense){0, 0x5e, 0x02, false}), OUTCOME_ASLEEP);
	assert_int_equal(
		scsi_power_outcome(&(struct scsi_sense){0, 0x5e, 0x01, false}), OUTCOME_IDLE);
	assert_int_equal(scsi_power_outcome(&(struct scsi_sense){0, 0, 0, false}), OUTCOME_OK);
	assert_int_equal(scsi_power_outcome(&(struct scsi_sense){2, 4, 2, false}), OUTCOME_ASLEEP);
}

static void test_identity(void **unused)
{
	uint8_t p[96] = {0, 0, 6, 2, 91};
	static const uint8_t serial[24] = {0, 0x80, 0, 20, ' ', 'S', 'A', 'S', '0', '1', ' '};
	static const uint8_t names[] = {
		0, 0x83, 0, 36, 2, 1, 0, 4, 'A', 'B', 'C', 'D',       /* T10 text */
		1, 0x13, 0, 8, 9, 9, 9, 9, 9, 9, 9, 9,                /* NAA of the port */
		1, 3, 0, 8, 0x50, 0, 0xc5, 0, 0xa1, 0xb2, 0xc3, 0xd4, /* NAA of the unit */
	};
	struct scsi_inquiry i;
	char text[40];

	(void)unused;
	memcpy(p + 8, "SIMSTOR SIMSAS 4TB      S001", 28);
	assert_int_equal(scsi_decode_inquiry(p, 96, &i), OUTCOME_OK);
	assert_string_equal(i.vendor, "SIMSTOR");
	assert_string_equal(i.model, "SIMSAS 4TB");
	assert_string_equal(i.revision, "S001");
	assert_int_equal(scsi_decode_inquiry(p, 35, &i), OUTCOME_SHORT);
	assert_int_equal(
		scsi_decode_serial(serial, sizeof(serial), text, sizeof(text)), OUTCOME_OK);
	assert_string_equal(text, "SAS01");
	assert_int_equal(
		scsi_decode_serial(serial, sizeof(serial) - 1, text, sizeof(text)), OUTCOME_SHORT);
	assert_int_equal(
		scsi_decode_serial(names, sizeof(names), text, sizeof(text)), OUTCOME_NONSENSE);
	assert_int_equal(scsi_decode_wwn(names, sizeof(names), text, sizeof(text)), OUTCOME_SHORT);
}

static void test_wwn_is_the_units_own(void **unused)
{
	static const uint8_t names[] = {0, 0x83, 0, 32, 2, 1, 0, 4, 'A', 'B', 'C', 'D', 1, 0x13, 0,
		8, 9, 9, 9, 9, 9, 9, 9, 9, 1, 3, 0, 8, 0x50, 0, 0xc5, 0, 0xa1, 0xb2, 0xc3, 0xd4};
	static const uint8_t none[] = {0, 0x83, 0, 8, 2, 1, 0, 4, 'A', 'B', 'C', 'D'};
	static const uint8_t beyond[] = {0, 0x83, 0, 8, 1, 3, 0, 8, 0x50, 0, 0, 0};
	char text[40];

	(void)unused;
	assert_int_equal(scsi_decode_wwn(names, sizeof(names), text, sizeof(text)), OUTCOME_OK);
	assert_string_equal(text, "0x5000c500a1b2c3d4");
	assert_int_equal(
		scsi_decode_wwn(none, sizeof(none), text, sizeof(text)), OUTCOME_UNSUPPORTED);
	assert_int_equal(
		scsi_decode_wwn(beyond, sizeof(beyond), text, sizeof(text)), OUTCOME_NONSENSE);
}

static void test_log_pages(void **unused)
{
	/* clang-format off */
	static const struct {
		const char *why;
		enum scsi_page page;
		uint8_t len, bytes[64];
		unsigned fact;
		double want; /* -1 absent */
	} cases[] = {
		{"temperature", PAGE_TEMPERATURE, 16, {0x0d, 0, 0, 12, 0, 0, 3, 2, 0, 34, 0, 1, 3, 2, 0, 65}, FACT_TEMPERATURE, 34},
		{"its limit", PAGE_TEMPERATURE, 16, {0x0d, 0, 0, 12, 0, 0, 3, 2, 0, 34, 0, 1, 3, 2, 0, 65}, FACT_TEMPERATURE_TRIP, 65},
		{"not known", PAGE_TEMPERATURE, 10, {0x0d, 0, 0, 6, 0, 0, 3, 2, 0, 255}, FACT_TEMPERATURE, -1},
		{"read errors", PAGE_READ_ERRORS, 20, {0x03, 0, 0, 16, 0, 5, 3, 4, 0, 0, 0, 9, 0, 6, 3, 4, 0, 0, 1, 2}, FACT_READ_UNCORRECTED, 258},
		{"write errors", PAGE_WRITE_ERRORS, 16, {0x02, 0, 0, 12, 0, 6, 3, 8, 0, 0, 0, 0, 0, 0, 0, 3}, FACT_WRITE_UNCORRECTED, 3},
		{"verify errors", PAGE_VERIFY_ERRORS, 9, {0x05, 0, 0, 5, 0, 6, 3, 1, 4}, FACT_VERIFY_UNCORRECTED, 4},
		{"non-medium", PAGE_NON_MEDIUM, 12, {0x06, 0, 0, 8, 0, 0, 3, 4, 0, 0, 0, 7}, FACT_NON_MEDIUM_ERRORS, 7},
		{"prediction", PAGE_EXCEPTIONS, 12, {0x2f, 0, 0, 8, 0, 0, 3, 4, 0x5d, 0x10, 34, 0}, FACT_SMART_PASSED, 0},
		{"its code", PAGE_EXCEPTIONS, 12, {0x2f, 0, 0, 8, 0, 0, 3, 4, 0x5d, 0x10, 34, 0}, FACT_IE_ASCQ, 0x10},
		{"no prediction", PAGE_EXCEPTIONS, 12, {0x2f, 0, 0, 8, 0, 0, 3, 4, 0, 0, 34, 0}, FACT_SMART_PASSED, 1},
		{"endurance", PAGE_SSD, 12, {0x11, 0, 0, 8, 0, 1, 3, 4, 0, 0, 0, 17}, FACT_WEAR_PCT, 17},
		{"start-stop", PAGE_START_STOP, 12, {0x0e, 0, 0, 8, 0, 4, 3, 4, 0, 0, 0, 40}, FACT_POWER_CYCLES, 40},
		{"hours by the scan", PAGE_SCAN, 24, {0x15, 0, 0, 20, 0, 0, 3, 16, 0, 0, 0x0e, 0x10, 0, 1}, FACT_POWER_ON_HOURS, 60},
		{"scan state", PAGE_SCAN, 24, {0x15, 0, 0, 20, 0, 0, 3, 16, 0, 0, 0x0e, 0x10, 0, 1}, FACT_SCAN_STATUS, 1},
		{"scan found two", PAGE_SCAN, 12, {0x15, 0, 0, 8, 0, 1, 3, 0, 0, 2, 3, 0}, FACT_SCAN_DEFECTS, 2},
		{"self-test passed", PAGE_SELF_TEST, 24, {0x10, 0, 0, 20, 0, 1, 3, 16, 0x20, 0, 0, 99}, FACT_SELF_TEST_FAILED, 0},
		{"self-test failed", PAGE_SELF_TEST, 24, {0x10, 0, 0, 20, 0, 1, 3, 16, 0x27, 0, 0, 99}, FACT_SELF_TEST_FAILED, 1},
		{"no self-test", PAGE_SELF_TEST, 24, {0x10, 0, 0, 20, 0, 1, 3, 16}, FACT_SELF_TEST_FAILED, -1},
	};
	/* clang-format on */

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r = {};

		if (scsi_decode_log(cases[i].page, cases[i].bytes, cases[i].len, &r) !=
				OUTCOME_OK ||
			fact(&r, cases[i].fact) != cases[i].want)
			fail_msg("%s: %g", cases[i].why, fact(&r, cases[i].fact));
		for (size_t n = 0; n < cases[i].len; n++) {
			struct reading cut = {};

			if (scsi_decode_log(cases[i].page, cases[i].bytes, n, &cut) == OUTCOME_OK ||
				cut.nfacts)
				fail_msg("%s: %zu bytes of it read", cases[i].why, n);
		}
	}
}

static void test_pages_that_do_not_hold(void **unused)
{
	static const uint8_t wrong_page[16] = {0x0e, 0, 0, 12};
	static const uint8_t beyond[10] = {0x0d, 0, 0, 6, 0, 0, 3, 9, 0, 34};
	static const uint8_t empty[4] = {0x2f, 0, 0, 0};
	static const uint8_t list[8] = {0, 0, 0, 4, 0, 0x0d, 0x0e, 0x2f};
	struct reading r = {};
	uint64_t bits;

	(void)unused;
	assert_int_equal(scsi_decode_log(PAGE_TEMPERATURE, wrong_page, 16, &r), OUTCOME_NONSENSE);
	assert_int_equal(scsi_decode_log(PAGE_TEMPERATURE, beyond, 10, &r), OUTCOME_NONSENSE);
	assert_int_equal(scsi_decode_log(PAGE_EXCEPTIONS, empty, 4, &r), OUTCOME_NONSENSE);
	assert_int_equal(r.nfacts, 0);
	assert_int_equal(scsi_decode_supported(list, 8, &bits), OUTCOME_OK);
	assert_true(bits == (UINT64_C(1) | UINT64_C(1) << 0x0d | UINT64_C(1) << 0x0e |
				    UINT64_C(1) << 0x2f));
	assert_int_equal(scsi_decode_supported(list, 7, &bits), OUTCOME_SHORT);
}

static void test_grown_defects(void **unused)
{
	static const uint8_t by_index[4] = {0, 0x0c, 0, 24}, none[4] = {0, 0x04, 0, 0},
			     odd[4] = {0, 0x0c, 0, 9};
	struct reading r = {};

	(void)unused;
	assert_int_equal(scsi_decode_defects(by_index, 4, &r), OUTCOME_OK);
	assert_int_equal(fact(&r, FACT_GROWN_DEFECTS), 3);
	assert_int_equal(scsi_decode_defects(none, 4, &r), OUTCOME_UNSUPPORTED);
	assert_int_equal(scsi_decode_defects(odd, 4, &r), OUTCOME_NONSENSE);
	assert_int_equal(scsi_decode_defects(by_index, 3, &r), OUTCOME_SHORT);
}

static void test_ata_behind_a_translator(void **unused)
{
	static uint8_t p[572] = {0, 0x89, 0x02, 0x38};
	const uint8_t *identify = NULL;

	(void)unused;
	p[56] = 0xec;
	assert_int_equal(scsi_decode_ata_information(p, sizeof(p), &identify), OUTCOME_OK);
	assert_ptr_equal(identify, p + 60);
	assert_int_equal(scsi_decode_ata_information(p, 571, &identify), OUTCOME_SHORT);
	p[56] = 0xa1;
	assert_int_equal(scsi_decode_ata_information(p, sizeof(p), &identify), OUTCOME_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sense_decides_what_a_status_means),
		cmocka_unit_test(test_sense_formats),
		cmocka_unit_test(test_power_conditions),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_wwn_is_the_units_own),
		cmocka_unit_test(test_log_pages),
		cmocka_unit_test(test_pages_that_do_not_hold),
		cmocka_unit_test(test_grown_defects),
		cmocka_unit_test(test_ata_behind_a_translator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
