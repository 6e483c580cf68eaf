#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/drive.h"

static char sysfs[64];

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	format_text(path, sizeof(path), "%s/%s", sysfs, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_sysfs(void **unused)
{
	char path[96];

	(void)unused;
	copy_text(sysfs, sizeof(sysfs), "/tmp/ballast-drive-XXXXXX");
	if (!mkdtemp(sysfs))
		return -1;
	format_text(path, sizeof(path), "%s/device", sysfs);
	return mkdir(path, 0700);
}

static int drop_sysfs(void **unused)
{
	static const char *const names[] = {
		"stat", "device/ioerr_cnt", "device/iorequest_cnt", "device/iodone_cnt", "device/state"};
	char path[128];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		format_text(path, sizeof(path), "%s/%s", sysfs, names[i]);
		(void)unlink(path);
	}
	format_text(path, sizeof(path), "%s/device", sysfs);
	(void)rmdir(path);
	return rmdir(sysfs);
}

static struct job job_for(enum drive_class class)
{
	struct job j = {.type = SOURCE_DRIVES, .drive_class = (uint8_t) class, .command_ms = 100};

	copy_text(j.name, sizeof(j.name), "wwn-0x1");
	copy_text(j.dev, sizeof(j.dev), "/dev/nonexistent");
	copy_text(j.sysfs, sizeof(j.sysfs), sysfs);
	return j;
}

static double fact(const struct reading *r, unsigned f)
{
	double v = -1;

	return reading_find(r, f, &v) ? v : -1;
}

static void test_errors_are_counted_since_we_look(void **unused)
{
	static const struct {
		const char *counter;
		int told;
	} steps[] = {
		{"0x5\n", 0}, {"0x5\n", 0}, {"0x9\n", 4}, {"0x9\n", 4}, {"0x2\n", 6}, {"0x3\n", 7}};
	struct drive_history h = {};
	struct drive_memory m = {.history = &h};
	struct job j = job_for(CLASS_NONE);

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct reading r;

		put("device/ioerr_cnt", steps[i].counter);
		drive_look(&j, &m, 1000, &r);
		assert_int_equal(r.outcome, OUTCOME_UNSUPPORTED);
		assert_int_equal((int)fact(&r, FACT_IO_ERRORS), steps[i].told);
	}
}

static void test_pending(void **unused)
{
	struct kernel_counters c;

	(void)unused;
	counters_read(sysfs, &c);
	assert_false(c.have_pending || c.have_io || c.have_errors);
	put("device/iorequest_cnt", "0x2f\n");
	put("device/iodone_cnt", "0x2e\n");
	counters_read(sysfs, &c);
	assert_true(c.have_pending && c.pending == 1);
	/* a command that was queued again leaves that pair apart: what is in flight knows better */
	put("stat", "10 0 80 1 5 0 40 1 0 1 1 2 0 0 0 3 0\n");
	counters_read(sysfs, &c);
	assert_true(c.have_pending && c.pending == 0);
	assert_true(c.have_io && c.io == 20);
	put("stat", "10 0 80\n");
	counters_read(sysfs, &c);
	assert_false(c.have_io);
}

static void test_what_did_nothing_is_left_alone(void **unused)
{
	static const struct {
		const char *why;
		enum drive_class class;
		uint64_t io, now_ms;
		uint8_t insist;
		enum outcome want;
		const char *in_flight, *state;
	} cases[] = {
		{"nothing happened", CLASS_ATA_HDD, 15, 2000, 0, OUTCOME_IDLE},
		{"it did something", CLASS_ATA_HDD, 14, 2000, 0, OUTCOME_GONE},
		{"a finding is open on it", CLASS_ATA_HDD, 15, 2000, 1, OUTCOME_GONE},
		{"a day has passed", CLASS_SCSI_HDD, 15, 1000 + IDLE_LIMIT_MS, 0, OUTCOME_GONE},
		{"it has no platters", CLASS_ATA_SSD, 15, 2000, 0, OUTCOME_GONE},
		/* what never ends is not counted as done: a hung drive is no idle one */
		{"something is in flight", CLASS_SCSI_HDD, 15, 2000, 0, OUTCOME_GONE, "1"},
		{"the kernel gave it up", CLASS_SCSI_HDD, 15, 2000, 0, OUTCOME_GONE, "0", "offline\n"},
		{"the kernel has it running", CLASS_SCSI_HDD, 15, 2000, 0, OUTCOME_IDLE, "0", "running\n"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct drive_history h = {.have_io = true, .io = cases[i].io, .read_ms = 1000};
		struct drive_memory m = {.history = &h};
		struct job j = job_for(cases[i].class);
		struct reading r;
		char stat[64];

		format_text(stat, sizeof(stat), "10 0 80 1 5 0 40 1 %s 1 1\n",
			cases[i].in_flight ? cases[i].in_flight : "0");
		put("stat", stat);
		if (cases[i].state)
			put("device/state", cases[i].state);
		j.insist = cases[i].insist;
		drive_look(&j, &m, cases[i].now_ms, &r);
		if (r.outcome != cases[i].want)
			fail_msg("%s: %s", cases[i].why, outcome_text((enum outcome)r.outcome));
		assert_string_not_equal(r.message, "");
	}
}

static void test_denied_before_the_first_command(void **unused)
{
	struct drive_history h = {};
	struct drive_memory m = {.history = &h};
	struct job j = job_for(CLASS_ATA_HDD);
	struct reading r;

	(void)unused;
	copy_text(j.model, sizeof(j.model), "SAMSUNG HD204UI");
	drive_look(&j, &m, 1000, &r);
	assert_int_equal(r.outcome, OUTCOME_REFUSED);
	assert_string_equal(r.message, "asking this model while it writes can lose data");
	assert_string_equal(r.model, "SAMSUNG HD204UI");
}

static void test_memories(void **unused)
{
	static struct drive_histories shared;
	static struct drive_memories a = {.histories = &shared}, b = {.histories = &shared};
	struct drive_memory *m = drive_recall(&a, "one");
	char name[NAME_MAX_LEN];

	(void)unused;
	m->history->io = 7;
	assert_ptr_equal(drive_recall(&a, "one"), m);
	assert_true(drive_recall(&b, "one")->history->io == 7);
	assert_true(drive_recall(&b, "two")->history->io == 0);
	for (unsigned i = 0; i < DRIVES_REMEMBERED; i++) {
		format_text(name, sizeof(name), "drive %u", i);
		(void)drive_recall(&b, name);
	}
	assert_true(drive_recall(&a, "one")->history->io == 0);
}

static void test_serial_numbers(void **unused)
{
	(void)unused;
	assert_true(drive_same_serial("WD-WCAPW0493929", "     WD-WCAPW0493929"));
	assert_true(drive_same_serial("K434_T812", "K434 T812"));
	assert_true(drive_same_serial("0001234", "1234"));
	assert_true(drive_same_serial("", "anything"));
	assert_false(drive_same_serial("SIM1", "SIM2"));
	assert_false(drive_same_serial("SIM1", "SIM11"));
}

int main(void)
{
#define WITH_SYSFS(test) cmocka_unit_test_setup_teardown(test, make_sysfs, drop_sysfs)
	const struct CMUnitTest tests[] = {
		WITH_SYSFS(test_errors_are_counted_since_we_look),
		WITH_SYSFS(test_pending),
		WITH_SYSFS(test_what_did_nothing_is_left_alone),
		WITH_SYSFS(test_denied_before_the_first_command),
		cmocka_unit_test(test_memories),
		cmocka_unit_test(test_serial_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
