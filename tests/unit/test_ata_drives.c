/* Dumps of real ATA drives: what is read from each, and a second opinion on the same bytes. */
#include <stdio.h>
#include <sys/stat.h>

#include "ata_facts.h"

/* clang-format off */
static const struct golden {
	const char *file;
	struct wanted want[8];
} goldens[] = {
	{"FUJITSU_MHY2120BH--0084000D", {{FACT_REALLOCATED, 0}, {FACT_PENDING, 0}, {FACT_SMART_PASSED, 1},
		{FACT_REALLOCATION_EVENTS, 0}, {FACT_TEMPERATURE, 28}, {FACT_ATTRIBUTE_FAILING, 0}}},
	{"FUJITSU_MHZ2160BH_G1--0084000A", {{FACT_REALLOCATED, 0}, {FACT_TEMPERATURE, 39}, {FACT_POWER_CYCLES, 281}}},
	{"INTEL_SSDSA2MH080G1GC--045C8820", {{FACT_REALLOCATED, 0}, {FACT_WEAR_PCT, 1}, {FACT_TEMPERATURE, ABSENT}}},
	{"Maxtor_96147H8--BAC51KJ0", {{FACT_REALLOCATED, 69}, {FACT_PENDING, 2}, {FACT_SMART_PASSED, 1},
		{FACT_SPIN_RETRY, ABSENT}, {FACT_ATTRIBUTE_FAILING, 0}, {FACT_CRC_ERRORS, 22047}}},
	{"Maxtor_96147H8--BAC51KJ0--2", {{FACT_REALLOCATED, 69}, {FACT_SMART_PASSED, 0}, {FACT_ATTRIBUTE_FAILING, 10}}},
	{"SAMSUNG_HD501LJ--CR100-12", {{FACT_REALLOCATED, 1}, {FACT_PENDING, 1}, {FACT_REPORTED_UNCORRECTABLE, ABSENT},
		{FACT_TEMPERATURE, 47}}},
	{"ST320410A--3.39", {{FACT_REALLOCATED, 5}, {FACT_ATTRIBUTE_FAILING, 0}, {FACT_ATTRIBUTE_FAILED_PAST, 10}}},
	{"ST9160821AS--3.CLH", {{FACT_PENDING, 1}, {FACT_OFFLINE_UNCORRECTABLE, 1}, {FACT_POWER_ON_HOURS, 556},
		{FACT_REALLOCATION_EVENTS, 477}}},
	{"WDC_WD2500JB--00REA0-20.00K20", {{FACT_PENDING, 1}, {FACT_SMART_PASSED, ABSENT}, {FACT_ATTRIBUTE_FAILED_PAST, 3}}},
	{"WDC_WD5000AAKS--00TMA0-12.01C01", {{FACT_REALLOCATED, 63}, {FACT_PENDING, 529}, {FACT_SMART_PASSED, 1},
		{FACT_REALLOCATION_EVENTS, 63}}},
};
/* clang-format on */

static const char *blob_path(const char *file)
{
	static char path[512];
	const char *dir = getenv("BALLAST_DATA");

	format_text(path, sizeof(path), "%s/ata-blobs/%s", dir ? dir : "", file);
	return path;
}

static void decode_file(const char *file, struct reading *r)
{
	cleanup_(freep) char *blob = NULL;
	struct ata_quirk_memo memo = {};
	size_t len;

	assert_int_equal(slurp(blob_path(file), 65536, &blob, &len), 0);
	assert_int_equal(ata_decode_blob((const uint8_t *)blob, len, &memo, r), OUTCOME_OK);
}

static bool have_blobs(void)
{
	struct stat st;

	if (!stat(blob_path(""), &st))
		return true;
	print_message("no blobs of real drives here\n");
	return false;
}

static void test_real_drives(void **unused)
{
	(void)unused;
	if (!have_blobs())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		struct reading r = {};

		decode_file(goldens[i].file, &r);
		assert_true(r.nfacts < READING_FACTS);
		check_facts(&r, goldens[i].want, ARRAY_SIZE(goldens[i].want), goldens[i].file);
	}
}

/* One number from skdump: a second opinion on the same bytes. */
static bool ask_skdump(const char *option, const char *file, double *ret)
{
	char command[640], answer[64] = "";
	bool ok;
	FILE *f;

	format_text(command, sizeof(command), "skdump --%s --load=%s 2>/dev/null", option,
		blob_path(file));
	f = popen(command, "r");
	ok = f && fgets(answer, sizeof(answer), f);
	if (f)
		ok = pclose(f) == 0 && ok;
	*ret = strtod(answer, NULL);
	return ok;
}

static double fact_or(const struct reading *r, unsigned fact, double otherwise)
{
	double v = otherwise;

	(void)reading_find(r, fact, &v);
	return v;
}

static void test_skdump_agrees(void **unused)
{
	(void)unused;
	if (!have_blobs())
		skip();
	if (system("command -v skdump >/dev/null 2>&1")) {
		print_message("no skdump here\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		struct reading r = {};
		double theirs;

		decode_file(goldens[i].file, &r);
		if (ask_skdump("bad", goldens[i].file, &theirs))
			assert_int_equal(
				fact_or(&r, FACT_REALLOCATED, 0) + fact_or(&r, FACT_PENDING, 0),
				theirs);
		if (ask_skdump("temperature", goldens[i].file, &theirs))
			assert_int_equal(lround(fact_or(&r, FACT_TEMPERATURE, ABSENT)),
				lround(theirs / 1000 - 273.15));
		if (ask_skdump("power-on", goldens[i].file, &theirs))
			assert_int_equal(lround(fact_or(&r, FACT_POWER_ON_HOURS, ABSENT)),
				lround(theirs / 3600000));
		if (ask_skdump("power-cycle", goldens[i].file, &theirs))
			assert_int_equal(fact_or(&r, FACT_POWER_CYCLES, ABSENT), theirs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_drives),
		cmocka_unit_test(test_skdump_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
