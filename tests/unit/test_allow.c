#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/allow.h"
#include "probes/deny.h"

static const uint8_t identify[16] = {0x85, 8, 0x0e, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xec};

static void test_reads_pass(void **unused)
{
	static const uint8_t ready[6] = {0}, inquiry[6] = {0x12, 1, 0x80, 0, 64},
			     log[10] = {0x4d, 0, 0x6f};
	static const uint8_t power[16] = {0x85, 6, 0x20, [14] = 0xe5},
			     smart[16] = {0x85, 8, 0x0e, 0, 0xd0, [14] = 0xb0};
	static const uint8_t page[6] = {0x1c, 1, 0x02, 0xff, 0xfc};
	static const uint8_t status[16] = {0x85, 6, 0x20, 0, 0xda, [14] = 0xb0};

	static const uint8_t groups[12] = {0xa3, 0x0a, [8] = 4}, block[10] = {0x28, [8] = 1};

	(void)unused;
	assert_true(allow_scsi(groups, 12));
	assert_true(allow_scsi(block, 10));
	assert_true(allow_scsi(ready, 6));
	assert_true(allow_scsi(inquiry, 6));
	assert_true(allow_scsi(log, 10));
	assert_true(allow_scsi(page, 6));
	assert_true(allow_scsi(power, 16));
	assert_true(allow_scsi(identify, 16));
	assert_true(allow_scsi(smart, 16));
	assert_true(allow_scsi(status, 16));
	assert_true(allow_nvme(0x02, 0x02 | 1 << 15 | 127 << 16));
	assert_true(allow_nvme(0x06, 0x01));
}

static void test_everything_else_does_not(void **unused)
{
	static const uint8_t save[10] = {0x4d, 1, 0x6f}, identifier[12] = {0xa3, 0x05}, set[12] = {0xa4, 0x0a};
	static const uint8_t two[10] = {0x28, [8] = 2}, elsewhere[10] = {0x28, [5] = 1, [8] = 1},
			     forced[10] = {0x28, 0x08, [8] = 1}, none[10] = {0x28}, write[10] = {0x2a, [8] = 1};
	static const uint8_t last_sent[6] = {0x1c, 0, 0, 1}, send[6] = {0x1d, 0x10, 0, 0, 8};
	uint8_t cdb[16] = {};
	unsigned passed = 0;

	(void)unused;
	assert_false(allow_scsi(last_sent, 6));
	assert_false(allow_scsi(send, 6));
	assert_false(allow_scsi(save, 10));
	assert_false(allow_scsi(identifier, 12));
	assert_false(allow_scsi(set, 12));
	assert_false(allow_scsi(two, 10));
	assert_false(allow_scsi(elsewhere, 10));
	assert_false(allow_scsi(forced, 10));
	assert_false(allow_scsi(none, 10));
	assert_false(allow_scsi(write, 10));
	assert_false(allow_scsi(identify, 12));
	for (unsigned command = 0; command < 256; command++)
		for (unsigned feature = 0; feature < 256; feature++) {
			memcpy(cdb, identify, sizeof(cdb));
			cdb[14] = (uint8_t)command;
			cdb[4] = (uint8_t)feature;
			passed += allow_scsi(cdb, 16);
			cdb[1] = 10; /* PIO out */
			assert_false(allow_scsi(cdb, 16));
			cdb[1] = 9; /* 48-bit */
			assert_false(allow_scsi(cdb, 16));
		}
	assert_int_equal(passed, 3);
	for (unsigned opcode = 0, n = 0; opcode < 256; opcode++) {
		memset(cdb, 0, sizeof(cdb));
		cdb[0] = (uint8_t)opcode;
		for (unsigned len = 6; len <= 16; len++)
			n += allow_scsi(cdb, len);
		if (opcode == 255)
			assert_int_equal(n, 5);
	}
	for (unsigned opcode = 0; opcode < 256; opcode++)
		if (opcode != 0x02 && opcode != 0x06)
			for (unsigned what = 0; what < 256; what++)
				assert_false(allow_nvme((uint8_t)opcode, what | 1 << 15));
	/* without Retain Asynchronous Event the log's event is taken from whoever waits for it */
	assert_false(allow_nvme(0x02, 0x02));
	assert_false(allow_nvme(0x06, 0x00));
}

static void test_the_device_mapper_is_only_read(void **unused)
{
	(void)unused;
	assert_true(allow_dm(12, 1 << 4)); /* table */
	assert_true(allow_dm(12, 1 << 11)); /* status, without writing anything out */
	for (unsigned command = 0; command < 32; command++)
		for (unsigned bit = 0; bit < 20; bit++)
			if (command != 12 || (bit != 4 && bit != 11))
				assert_false(allow_dm(command, 1u << bit));
	assert_false(allow_dm(12, 0));
}

static void test_drives_that_asking_harms(void **unused)
{
	const char *why = NULL;

	(void)unused;
	assert_int_equal(deny_find("SAMSUNG HD204UI", "1AQ10001", &why), DENY_ALL);
	assert_non_null(why);
	assert_int_equal(deny_find("SAMSUNG HD155UI", "", &why), DENY_ALL);
	assert_int_equal(deny_find("INTEL SSDSA2M080G2GC", "2CV102HD", &why), DENY_SELF_TEST_LOG);
	assert_int_equal(deny_find("INTEL SSDSA2M080", "", &why), DENY_SELF_TEST_LOG);
	assert_int_equal(deny_find("SAMSUNG HD501LJ", "CR100-12", &why), DENY_NOTHING);
	assert_int_equal(deny_find("", "", &why), DENY_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_pass),
		cmocka_unit_test(test_everything_else_does_not),
		cmocka_unit_test(test_the_device_mapper_is_only_read),
		cmocka_unit_test(test_drives_that_asking_harms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
