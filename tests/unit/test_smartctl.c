#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>

#include "probes/smartctl.h"

#define HEAD(status, protocol)                                                                     \
	"{\"json_format_version\":[1,0],\"smartctl\":{\"exit_status\":" status                     \
	"},\"device\":{\"protocol\":\"" protocol "\"},\"serial_number\":\"S 1\",\"model_name\":\"M\","
#define WWN "\"wwn\":{\"naa\":5,\"oui\":3152,\"id\":1234567890},"
#define ATTRIBUTE(id, value, worst, thresh, raw)                                                   \
	"{\"id\":" id ",\"value\":" value ",\"worst\":" worst ",\"thresh\":" thresh                \
	",\"flags\":{\"value\":51},\"raw\":{\"value\":" raw "}}"

static enum outcome parse(int status, const char *text, struct reading *r)
{
	char why[160];
	enum outcome o;

	*r = (struct reading){.slot = -1};
	o = smartctl_parse(status, text, strlen(text), r, why, sizeof(why));
	assert_true((o == OUTCOME_OK) == !why[0]);
	assert_true(o == OUTCOME_OK || !r->nfacts);
	return o;
}

static double fact(const struct reading *r, enum fact f)
{
	double v = -12345;

	(void)reading_find(r, f, &v);
	return v;
}

static void test_ata_by_our_own_rules(void **unused)
{
	struct reading r;

	(void)unused;
	assert_int_equal(parse(0, HEAD("0", "ATA") WWN "\"rotation_rate\":7200,\"firmware_version\":\"F1\","
			"\"user_capacity\":{\"blocks\":976773168,\"bytes\":500107862016},\"smart_status\":{\"passed\":true},"
			"\"ata_smart_data\":{\"self_test\":{\"status\":{\"value\":121}}},\"ata_smart_attributes\":{\"table\":["
			ATTRIBUTE("5", "100", "100", "36", "3") "," ATTRIBUTE("188", "100", "99", "0", "4295032833") ","
			ATTRIBUTE("194", "30", "40", "0", "85899345950") "," ATTRIBUTE("197", "100", "100", "0", "8") "]}}", &r),
		OUTCOME_OK);
	assert_string_equal(r.name, "wwn-0x5000c500499602d2");
	assert_int_equal(r.drive_class, CLASS_ATA_HDD);
	assert_true(r.capacity_bytes == UINT64_C(500107862016));
	assert_true(fact(&r, FACT_REALLOCATED) == 3);
	assert_true(fact(&r, FACT_PENDING) == 8);
	assert_true(fact(&r, FACT_COMMAND_TIMEOUT) == 1);
	assert_true(fact(&r, FACT_TEMPERATURE) == 30);
	assert_true(fact(&r, FACT_SMART_PASSED) == 1);
	assert_true(fact(&r, FACT_SELF_TEST_FAILED) == 1);
	assert_true(fact(&r, FACT_ATTRIBUTE_FAILING) == 0);
	assert_int_equal(parse(8, HEAD("8", "ATA") "\"rotation_rate\":0,\"ata_smart_attributes\":{\"table\":["
			ATTRIBUTE("5", "3", "3", "36", "9") "]}}", &r), OUTCOME_OK);
	assert_string_equal(r.name, "serial-S_1");
	assert_int_equal(r.drive_class, CLASS_ATA_SSD);
	assert_true(fact(&r, FACT_SMART_PASSED) == 0);
	assert_true(fact(&r, FACT_ATTRIBUTE_FAILING) == 5);
	assert_true(fact(&r, FACT_SELF_TEST_FAILED) == -12345);
}

static void test_sas_and_nvme(void **unused)
{
	struct reading r;

	(void)unused;
	assert_int_equal(parse(0, HEAD("0", "SCSI") "\"logical_unit_id\":\"0x5000cca012345678\",\"scsi_vendor\":\"HITACHI\","
			"\"rotation_rate\":10020,\"scsi_grown_defect_list\":4,\"smart_status\":{\"passed\":false,\"scsi\":{\"asc\":93,"
			"\"ascq\":16}},\"scsi_error_counter_log\":{\"read\":{\"total_uncorrected_errors\":2}},"
			"\"temperature\":{\"current\":27,\"drive_trip\":85}}", &r), OUTCOME_OK);
	assert_string_equal(r.name, "wwn-0x5000cca012345678");
	assert_int_equal(r.drive_class, CLASS_SCSI_HDD);
	assert_true(fact(&r, FACT_GROWN_DEFECTS) == 4 && fact(&r, FACT_READ_UNCORRECTED) == 2);
	assert_true(fact(&r, FACT_IE_ASC) == 93 && fact(&r, FACT_SMART_PASSED) == 0);
	assert_true(fact(&r, FACT_TEMPERATURE) == 27 && fact(&r, FACT_TEMPERATURE_TRIP) == 85);
	assert_int_equal(parse(8, HEAD("8", "NVMe") "\"nvme_smart_health_information_log\":{\"critical_warning\":4,"
			"\"temperature\":37,\"available_spare\":100,\"available_spare_threshold\":10,\"percentage_used\":3,"
			"\"media_errors\":1,\"num_err_log_entries\":7}}", &r), OUTCOME_OK);
	assert_int_equal(r.drive_class, CLASS_NVME);
	assert_true(fact(&r, FACT_CRITICAL_WARNING) == 4 && fact(&r, FACT_MEDIA_ERRORS) == 1);
	assert_true(fact(&r, FACT_WEAR_PCT) == 3);
}

static void test_what_is_no_good_answer(void **unused)
{
#define GOOD "\"smart_status\":{\"passed\":true},\"ata_smart_attributes\":{\"table\":[" ATTRIBUTE("5", "100", "100", "36", "0") "]}}"
	static const struct {
		int status;
		const char *text;
		enum outcome want;
		const char *why;
	} cases[] = {
		{0, HEAD("0", "ATA") GOOD, OUTCOME_OK, "a good one"},
		{64, HEAD("64", "ATA") GOOD, OUTCOME_OK, "old errors in its log are data"},
		{1, HEAD("1", "ATA") GOOD, OUTCOME_ERROR, "its arguments were not understood"},
		{2, HEAD("2", "ATA") GOOD, OUTCOME_ERROR, "it did not open"},
		{4, HEAD("4", "ATA") GOOD, OUTCOME_ERROR, "a checksum was wrong"},
		{12, HEAD("12", "ATA") GOOD, OUTCOME_ERROR, "doubt outweighs"},
		{3, HEAD("3", "ATA") GOOD, OUTCOME_ASLEEP, "what we have it say of a sleeping one"},
		{0, HEAD("64", "ATA") GOOD, OUTCOME_NONSENSE, "it says another status than it ended with"},
		{0, HEAD("0", "ATA") "\"smart_status\":{\"passed\":true}}", OUTCOME_UNSUPPORTED, "passed, and not one value"},
		{0, HEAD("0", "USB") GOOD, OUTCOME_NONSENSE, "no such protocol"},
		{0, HEAD("0", "NVMe") "\"nvme_smart_health_information_log\":{\"critical_warning\":0}}", OUTCOME_NONSENSE, "half a log"},
		{0, "{\"json_format_version\":[1,0],\"smartctl\":{\"exit_status\":0}}", OUTCOME_NONSENSE, "nothing"},
		{0, "", OUTCOME_NONSENSE, "nothing at all"},
		{0, "Smartctl: please specify", OUTCOME_NONSENSE, "no JSON"},
		{0, "[]", OUTCOME_NONSENSE, "another JSON"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r;
		enum outcome o = parse(cases[i].status, cases[i].text, &r);

		if (o != cases[i].want)
			fail_msg("%s: %s", cases[i].why, outcome_text(o));
	}
}

static void test_cut_off_anywhere_it_is_no_answer(void **unused)
{
	static const char text[] = HEAD("0", "ATA") GOOD;
	struct reading r;
	char why[160];

	(void)unused;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		r = (struct reading){};
		assert_int_equal(smartctl_parse(0, text, n, &r, why, sizeof(why)), OUTCOME_NONSENSE);
		assert_int_equal(r.nfacts, 0);
	}
}

static void test_only_what_is_behind_an_adapter_is_taken(void **unused)
{
	static const char text[] = "{\"smartctl\":{\"exit_status\":0},\"devices\":["
		"{\"name\":\"/dev/sda\",\"type\":\"scsi\"},{\"name\":\"/dev/nvme0\",\"type\":\"nvme\"},"
		"{\"name\":\"/dev/sdb\",\"type\":\"sat\"},{\"name\":\"/dev/bus/0\",\"type\":\"megaraid,8\"},"
		"{\"name\":\"/dev/bus/0\",\"type\":\"sat+megaraid,9\"},{\"name\":\"/dev/sg2\",\"type\":\"cciss,0\"},"
		"{\"name\":\"/dev/sg3\",\"type\":\"areca,1/2\"},{\"name\":\"/dev/x;reboot\",\"type\":\"megaraid,1\"},"
		"{\"name\":\"/etc/passwd\",\"type\":\"megaraid,1\"},{\"name\":\"/dev/../etc\",\"type\":\"megaraid,1\"},"
		"{\"name\":\"/dev/sdc\",\"type\":\"megaraid,1 -s off\"},{\"name\":\"/dev/sdc\",\"type\":\"xmegaraid,1\"},{\"name\":7},3]}";
	struct smartctl_device found[SMARTCTL_DEVICES];
	char why[160];

	(void)unused;
	assert_int_equal(smartctl_scan(text, strlen(text), found, why, sizeof(why)), 4);
	assert_string_equal(found[0].dev, "/dev/bus/0");
	assert_string_equal(found[0].type, "megaraid,8");
	assert_string_equal(found[1].type, "sat+megaraid,9");
	assert_string_equal(found[3].type, "areca,1/2");
	assert_int_equal(smartctl_scan("{\"smartctl\":{}}", 15, found, why, sizeof(why)), 0);
	assert_true(smartctl_scan("{}", 2, found, why, sizeof(why)) < 0);
	assert_true(smartctl_scan("x", 1, found, why, sizeof(why)) < 0);
}

static int status_of(const char *text)
{
	const char *found = strstr(text, "\"exit_status\"");

	return found ? (int)strtol(strchr(found, ':') + 1, NULL, 10) : -1;
}

/* Answers of real drives: whatever they are, they are read by the rules, or refused for a bit that says so. */
static void test_answers_of_real_drives(void **unused)
{
	const char *data = getenv("BALLAST_DATA");
	char folder[512];
	DIR *d;
	unsigned n = 0;

	(void)unused;
	format_text(folder, sizeof(folder), "%s/smartctl-json", data ? data : "");
	d = data ? opendir(folder) : NULL;
	if (!d) {
		print_message("no data\n");
		skip();
		return;
	}
	for (struct dirent *f; (f = readdir(d));) {
		cleanup_(freep) char *text = NULL;
		char path[1024];
		struct reading r;
		enum outcome o;
		int status;

		format_text(path, sizeof(path), "%s/%s", folder, f->d_name);
		if (!strstr(f->d_name, ".json") || slurp(path, 1 << 20, &text, NULL) < 0)
			continue;
		status = status_of(text);
		o = parse(status, text, &r);
		if (o != (status & 7 ? OUTCOME_ERROR : OUTCOME_OK))
			fail_msg("%s: status %d, %s", f->d_name, status, outcome_text(o));
		if (!r.name[0] || !r.model[0] || (o == OUTCOME_OK && (r.nfacts < 3 || !r.drive_class)))
			fail_msg("%s: '%s' '%s' %u facts", f->d_name, r.name, r.model, r.nfacts);
		n++;
	}
	(void)closedir(d);
	assert_true(n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ata_by_our_own_rules),
		cmocka_unit_test(test_sas_and_nvme),
		cmocka_unit_test(test_what_is_no_good_answer),
		cmocka_unit_test(test_cut_off_anywhere_it_is_no_answer),
		cmocka_unit_test(test_only_what_is_behind_an_adapter_is_taken),
		cmocka_unit_test(test_answers_of_real_drives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
