/* Pages of ATA drives: attributes, identity, registers in sense data, and the blob that carries them. */
#include "ata_facts.h"
#include "ata_pages.h"

static uint8_t identify[512], data[512], thresholds[512];

/* Re-authored from drives of the field: what each attribute says, and what may be made of it. */
static void test_attributes_become_counts_or_nothing(void **unused)
{
	/* clang-format off */
	static const struct {
		const char *why, *model, *firmware;
		uint16_t rotation;
		struct ata_row rows[8];
		struct wanted want[8];
	} cases[] = {
		{"a dying disk that calls itself passed", "WDC WD5000AAKS-00TMA0", "12.01C01", 7200,
			{{5, 0x33, 192, 192, 140, 63}, {197, 0x32, 194, 193, 0, 529}, {194, 0x22, 110, 81, 0, 40},
			 {9, 0x32, 80, 80, 0, 14992}},
			{{FACT_REALLOCATED, 63}, {FACT_PENDING, 529}, {FACT_TEMPERATURE, 40}, {FACT_POWER_ON_HOURS, 14992},
			 {FACT_ATTRIBUTE_FAILING, 0}, {FACT_ATTRIBUTE_FAILED_PAST, 0}}},
		{"Fujitsu keeps 2000 above the reallocated count", "FUJITSU MHY2120BH", "0084000D", 5400,
			{{5, 0x33, 100, 100, 24, 0x07d000000000}, {196, 0x32, 100, 100, 0, 459603968}, {9, 0x32, 96, 96, 0, 2208}},
			{{FACT_REALLOCATED, 0}, {FACT_REALLOCATION_EVENTS, 0}, {FACT_POWER_ON_HOURS, 2208}}},
		{"pending 1.2e14 is no count", "SOME DISK", "1", 7200,
			{{197, 0x12, 100, 100, 0, UINT64_C(120259084288123)}, {198, 0x10, 100, 100, 0, 0}},
			{{FACT_PENDING, ABSENT}, {FACT_OFFLINE_UNCORRECTABLE, 0}}},
		{"firmware 0085000B counts minutes and hides 197 and 198", "FUJITSU MHY2250BH", "0085000B", 5400,
			{{197, 0x12, 100, 100, 0, 7}, {198, 0x10, 100, 100, 0, 7}, {9, 0x32, 96, 96, 0, 60000}},
			{{FACT_PENDING, ABSENT}, {FACT_OFFLINE_UNCORRECTABLE, ABSENT}, {FACT_POWER_ON_HOURS, 1000}}},
		{"this SSD's 5 and 190 are something else", "MCCOE64GEMPP", "2.9.09", 1,
			{{5, 0x33, 100, 100, 0, 20480}, {190, 0x22, 60, 60, 0, 40}, {12, 0x32, 99, 99, 0, 312}},
			{{FACT_REALLOCATED, ABSENT}, {FACT_TEMPERATURE, ABSENT}, {FACT_POWER_CYCLES, 312}}},
		{"65536 uncorrectable errors are one, in the wrong word", "SAMSUNG HD501LJ", "CR100-12", 7200,
			{{187, 0x32, 253, 253, 0, 65536}, {5, 0x33, 100, 100, 10, 1}},
			{{FACT_REPORTED_UNCORRECTABLE, ABSENT}, {FACT_REALLOCATED, 1}}},
		{"Seagate packs three timeout counts", "ST4000DM000-1F2168", "CC52", 5900,
			{{188, 0x32, 100, 99, 0, 0x000200020003}},
			{{FACT_COMMAND_TIMEOUT, 3}}},
		{"an old disk counts minutes", "Maxtor 96147H8", "BAC51KJ0", 5400,
			{{9, 0x32, 248, 248, 0, 121017}},
			{{FACT_POWER_ON_HOURS, 2016.95}}},
		{"milliseconds above the hours", "ST9160821AS", "3.CLH", 5400,
			{{9, 0x32, 100, 100, 0, UINT64_C(0xd6960000022c)}, {190, 0x22, 62, 44, 45, UINT64_C(0x4e2826250026)}},
			{{FACT_POWER_ON_HOURS, 556}, {FACT_TEMPERATURE, 38}, {FACT_ATTRIBUTE_FAILED_PAST, ABSENT}}},
		{"a spin retry below its threshold now and ever", "Maxtor 96147H8", "BAC51KJ0", 5400,
			{{10, 0x0b, 212, 212, 223, 90}},
			{{FACT_ATTRIBUTE_FAILING, 10}, {FACT_ATTRIBUTE_FAILED_PAST, 10}, {FACT_SPIN_RETRY, 90}}},
		{"it failed once and recovered", "ST320410A", "3.39", 7200,
			{{10, 0x13, 100, 96, 97, 0}},
			{{FACT_ATTRIBUTE_FAILING, 0}, {FACT_ATTRIBUTE_FAILED_PAST, 10}}},
		{"an old-age attribute below its threshold is age", "ST9100821AS", "3.CLH", 5400,
			{{4, 0x32, 1, 1, 20, 99999}, {1, 0x0f, 100, 100, 34, 0}},
			{{FACT_ATTRIBUTE_FAILING, 0}}},
		{"wear is what is left, subtracted", "INTEL SSDSC2BB240G4", "D2010370", 1,
			{{233, 0x32, 22, 22, 0, 0}, {171, 0x32, 100, 100, 0, 2}, {172, 0x32, 100, 100, 0, 1}},
			{{FACT_WEAR_PCT, 78}, {FACT_PROGRAM_FAIL, 2}, {FACT_ERASE_FAIL, 1}}},
		{"Kingston says it in the raw value", "KINGSTON SKC400S371T", "SAFM00.r", 1,
			{{231, 0x32, 100, 100, 10, 74}},
			{{FACT_WEAR_PCT, 26}}},
		{"233 of another maker is GiB written", "KINGSTON SA400M8120G", "SBFK", 1,
			{{233, 0x32, 100, 100, 0, 979}},
			{{FACT_WEAR_PCT, ABSENT}}},
		{"a rotating disk's 171 is nothing we know", "ST4000DM000-1F2168", "CC52", 5900,
			{{171, 0x32, 100, 100, 0, 2}},
			{{FACT_PROGRAM_FAIL, ABSENT}}},
		{"no more sectors than the disk has", "SOME DISK", "1", 7200,
			{{197, 0x12, 100, 100, 0, 4000000001}},
			{{FACT_PENDING, ABSENT}}},
		{"nothing is 127 degrees hot", "SOME DISK", "1", 7200,
			{{194, 0x22, 100, 100, 0, 127}},
			{{FACT_TEMPERATURE, ABSENT}}},
	};
	/* clang-format on */

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r = {};
		struct ata_identify id;
		size_t n = 0;

		while (n < ARRAY_SIZE(cases[i].rows) && cases[i].rows[n].id)
			n++;
		build_identify(cases[i].model, "S1", cases[i].firmware, cases[i].rotation,
			4000000000, identify);
		build_smart(cases[i].rows, n, 0, data, thresholds);
		assert_int_equal(ata_decode_identify(identify, 512, &id), OUTCOME_OK);
		assert_string_equal(id.model, cases[i].model);
		assert_int_equal(
			ata_decode_smart(&(struct ata_smart_pages){data, 512, thresholds, 512}, &id,
				ata_quirk_find(id.model, id.firmware), &r),
			OUTCOME_OK);
		check_facts(&r, cases[i].want, ARRAY_SIZE(cases[i].want), cases[i].why);
	}
}

static void test_what_is_not_whole_is_not_read(void **unused)
{
	static const struct ata_row row = {5, 0x33, 100, 100, 10, 3};
	struct ata_identify id;
	struct reading r = {};
	const struct ata_quirk *q = ata_quirk_find("X", "1");

	(void)unused;
	build_identify("X", "S", "1", 7200, 1000, identify);
	assert_int_equal(ata_decode_identify(identify, 511, &id), OUTCOME_SHORT);
	assert_int_equal(ata_decode_identify(identify, 512, &id), OUTCOME_OK);
	identify[54]++;
	assert_int_equal(ata_decode_identify(identify, 512, &id), OUTCOME_BAD_CHECKSUM);
	memset(data, 0, sizeof(data));
	assert_int_equal(ata_decode_identify(data, 512, &id), OUTCOME_NONSENSE);
	build_smart(&row, 1, 0, data, thresholds);
	assert_int_equal(
		ata_decode_smart(&(struct ata_smart_pages){data, 511, thresholds, 512}, &id, q, &r),
		OUTCOME_SHORT);
	assert_int_equal(
		ata_decode_smart(&(struct ata_smart_pages){data, 512, thresholds, 100}, &id, q, &r),
		OUTCOME_SHORT);
	thresholds[3]++;
	assert_int_equal(
		ata_decode_smart(&(struct ata_smart_pages){data, 512, thresholds, 512}, &id, q, &r),
		OUTCOME_BAD_CHECKSUM);
	data[300]++;
	assert_int_equal(
		ata_decode_smart(&(struct ata_smart_pages){data, 512, NULL, 0}, &id, q, &r),
		OUTCOME_BAD_CHECKSUM);
	/* all zero has a right checksum, and says nothing */
	memset(data, 0, sizeof(data));
	assert_int_equal(
		ata_decode_smart(&(struct ata_smart_pages){data, 512, NULL, 0}, &id, q, &r),
		OUTCOME_NONSENSE);
	assert_int_equal(r.nfacts, 0);
}

static void test_without_thresholds_there_is_no_verdict_about_attributes(void **unused)
{
	static const struct ata_row row = {5, 0x33, 1, 1, 10, 3};
	struct ata_identify id;
	struct reading r = {};
	double v;

	(void)unused;
	build_identify("X", "S", "1", 7200, 1000000, identify);
	build_smart(&row, 1, 0x70, data, thresholds);
	assert_int_equal(ata_decode_identify(identify, 512, &id), OUTCOME_OK);
	assert_int_equal(ata_decode_smart(&(struct ata_smart_pages){data, 512, NULL, 0}, &id,
				 ata_quirk_find("X", "1"), &r),
		OUTCOME_OK);
	assert_false(reading_find(&r, FACT_ATTRIBUTE_FAILING, &v));
	assert_true(reading_find(&r, FACT_SELF_TEST_FAILED, &v));
	assert_int_equal(v, 1);
}

static void test_identity(void **unused)
{
	struct ata_identify id;
	struct reading r = {};

	(void)unused;
	build_identify(
		"ST4000DM000-1F2168", "Z30000AB", "CC52", 5900, UINT64_C(7814037168), identify);
	assert_int_equal(ata_decode_identify(identify, 512, &id), OUTCOME_OK);
	assert_true(id.wwn == UINT64_C(0x5000c5000000002a));
	assert_int_equal(id.rotational, 1);
	assert_true(id.smart_supported && id.smart_enabled);
	ata_identity_to_reading(&id, &r);
	assert_true(r.capacity_bytes == UINT64_C(4000787030016));
	assert_int_equal(r.drive_class, CLASS_ATA_HDD);
	assert_string_equal(r.serial, "Z30000AB");
	assert_string_equal(r.firmware, "CC52");
	/* 4Kn: words 117-118 count 16-bit words per sector */
	identify[2 * 106 + 1] = 0x50;
	identify[2 * 117 + 1] = 0x08;
	seal_page(identify);
	assert_int_equal(ata_decode_identify(identify, 512, &id), OUTCOME_OK);
	assert_int_equal(id.logical_bytes, 4096);
}

/* The same registers in both sense formats, and what is neither. */
static void test_registers_from_both_sense_formats(void **unused)
{
	static const uint8_t descriptor[22] = {0x72, 1, 0, 0x1d, 0, 0, 0, 14, 9, 12, 0, 0, 0, 0x82,
		0, 0x11, 0, 0xf4, 0, 0x2c, 0x40, 0x50};
	static const uint8_t fixed[18] = {
		0x70, 0, 1, 0, 0x50, 0x40, 0x82, 10, 0, 0x11, 0xf4, 0x2c, 0, 0x1d};
	static const uint8_t illegal[18] = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0};
	struct ata_registers regs;
	bool passed = true;

	(void)unused;
	assert_int_equal(ata_decode_sense(descriptor, sizeof(descriptor), &regs), OUTCOME_OK);
	assert_int_equal(ata_decode_power_mode(&regs), OUTCOME_IDLE);
	assert_int_equal(ata_decode_return_status(&regs, &passed), OUTCOME_OK);
	assert_false(passed);
	memset(&regs, 0, sizeof(regs));
	assert_int_equal(ata_decode_sense(fixed, sizeof(fixed), &regs), OUTCOME_OK);
	assert_int_equal(regs.lba_mid, 0xf4);
	assert_int_equal(regs.count, 0x82);
	assert_int_equal(ata_decode_sense(illegal, sizeof(illegal), &regs), OUTCOME_UNSUPPORTED);
	for (size_t n = 0; n < sizeof(descriptor); n++)
		assert_int_not_equal(ata_decode_sense(descriptor, n, &regs), OUTCOME_OK);
	for (size_t n = 0; n < 14; n++)
		assert_int_not_equal(ata_decode_sense(fixed, n, &regs), OUTCOME_OK);
}

static void test_power_modes_and_status_words(void **unused)
{
	static const struct {
		uint8_t count;
		enum outcome want;
	} modes[] = {{0x00, OUTCOME_ASLEEP}, {0x01, OUTCOME_ASLEEP}, {0x80, OUTCOME_IDLE},
		{0x81, OUTCOME_IDLE}, {0x82, OUTCOME_IDLE}, {0x83, OUTCOME_IDLE},
		{0xff, OUTCOME_OK}, {0x40, OUTCOME_OK}, {0x41, OUTCOME_OK},
		{0x55, OUTCOME_NONSENSE}};
	struct ata_registers good = {.status = 0x50, .lba_mid = 0x4f, .lba_high = 0xc2},
			     odd = {.status = 0x50};
	struct ata_registers aborted = {
		.status = 0x51, .error = 4, .lba_mid = 0x4f, .lba_high = 0xc2};
	bool passed = false;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		assert_int_equal(ata_decode_power_mode(&(struct ata_registers){
					 .status = 0x50, .count = modes[i].count}),
			modes[i].want);
	assert_int_equal(ata_decode_power_mode(&aborted), OUTCOME_ERROR);
	assert_int_equal(ata_decode_return_status(&good, &passed), OUTCOME_OK);
	assert_true(passed);
	assert_int_equal(ata_decode_return_status(&odd, &passed), OUTCOME_NONSENSE);
	assert_int_equal(ata_decode_return_status(&aborted, &passed), OUTCOME_ERROR);
}

static size_t put_block(uint8_t *p, const char *tag, const void *body, size_t len)
{
	memcpy(p, tag, 4);
	p[4] = p[5] = 0;
	p[6] = (uint8_t)(len >> 8);
	p[7] = (uint8_t)len;
	memcpy(p + 8, body, len);
	return len + 8;
}

static void test_blob_is_taken_apart(void **unused)
{
	static const struct ata_row row = {5, 0x33, 100, 100, 10, 3};
	static const uint8_t failed[4] = {0, 0, 0, 0};
	struct ata_quirk_memo memo = {};
	struct reading r = {};
	uint8_t blob[2048];
	size_t n, whole;
	double v;

	(void)unused;
	build_identify("FUJITSU MHY2120BH", "S", "0085000B", 5400, 100000, identify);
	build_smart(&row, 1, 0, data, thresholds);
	n = put_block(blob, "IDFY", identify, 512);
	n += put_block(blob + n, "SMST", failed, 4);
	n += put_block(blob + n, "SMDT", data, 512);
	n += put_block(blob + n, "SMTH", thresholds, 512);
	whole = n;
	assert_int_equal(ata_decode_blob(blob, whole, &memo, &r), OUTCOME_OK);
	assert_true(reading_find(&r, FACT_SMART_PASSED, &v) && v == 0);
	assert_ptr_equal(memo.quirk, ata_quirk_find("FUJITSU MHY2120BH", "0085000B"));
	for (n = 0; n < whole; n++) {
		struct reading cut = {};

		if (ata_decode_blob(blob, n, &memo, &cut) == OUTCOME_OK)
			assert_int_equal(n, whole - 520);
	}
}

static void test_patterns(void **unused)
{
	(void)unused;
	assert_true(ata_pattern_match("ST*AS", "ST9160821AS"));
	assert_true(ata_pattern_match("a*b*c", "axxbyybzc"));
	assert_true(ata_pattern_match(NULL, "x"));
	assert_false(ata_pattern_match("abc", "abcd"));
	assert_false(ata_pattern_match("abc?", "abc"));
	assert_ptr_equal(ata_quirk_find("nobody knows it", "1"), ata_quirk_find("nor this", "2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes_become_counts_or_nothing),
		cmocka_unit_test(test_what_is_not_whole_is_not_read),
		cmocka_unit_test(test_without_thresholds_there_is_no_verdict_about_attributes),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_registers_from_both_sense_formats),
		cmocka_unit_test(test_power_modes_and_status_words),
		cmocka_unit_test(test_blob_is_taken_apart),
		cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
