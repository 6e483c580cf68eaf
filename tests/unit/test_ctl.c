/* The command line of ballastctl: what each command becomes, what is refused, and whom it could not ask. */
#include <errno.h>

#include "ctl_call.h"

/* Every command that only hands one over: which message it becomes. */
static void test_commands_become_messages(void **unused)
{
	static const struct {
		const char *line;
		enum command_type type;
		const char *id, *why, *serial;
		uint64_t for_ms;
		enum kind allow_kind;
		uint32_t allow;
	} rows[] = {
		{"ack F-32 --why busy --for 2h", CMD_ACK, "F-32", "busy", "", 7200000, 0, 0},
		{"ack F-32 --why=busy", CMD_ACK, "F-32", "busy", "", 0, 0, 0},
		{"unack F-32", CMD_UNACK, "F-32", "", "", 0, 0, 0},
		{"maintenance start san1/canister/B --for 30m --why swap --allow canister=1",
			CMD_MAINTENANCE_START, "san1/canister/B", "swap", "", 1800000,
			KIND_CANISTER, 1},
		{"maintenance stop san1", CMD_MAINTENANCE_STOP, "san1", "", "", 0, 0, 0},
		{"adopt", CMD_ADOPT, "", "", "", 0, 0, 0},
		{"adopt san1", CMD_ADOPT, "san1", "", "", 0, 0, 0},
		{"forget san1/drive/x", CMD_FORGET, "san1/drive/x", "", "", 0, 0, 0},
		{"failover arm p", CMD_ARM, "p", "", "", 0, 0, 0},
		{"failover disarm p", CMD_DISARM, "p", "", "", 0, 0, 0},
		{"failover dry-run p", CMD_DRY_RUN, "p", "", "", 0, 0, 0},
		{"failover drill p", CMD_DRILL, "p", "", "", 0, 0, 0},
		{"failover run p --serial 78A --why now", CMD_RUN, "p", "now", "78A", 0, 0, 0},
		{"failover approve r147", CMD_APPROVE, "r147", "", "", 0, 0, 0},
		{"failover deny r147", CMD_DENY, "r147", "", "", 0, 0, 0},
		{"failover abort r1", CMD_ABORT, "r1", "", "", 0, 0, 0},
		{"failover resume r1", CMD_RESUME, "r1", "", "", 0, 0, 0},
		{"failover clear r1", CMD_CLEAR, "r1", "", "", 0, 0, 0},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {.fake.text = "done as asked"};

		healthy(&k.model);
		call_run(&k, rows[i].line, true);
		assert_int_equal(k.status, 0);
		assert_string_equal(k.out, "done as asked\n");
		assert_true(k.commanded);
		assert_int_equal(k.command.type, rows[i].type);
		assert_string_equal(k.command.id, rows[i].id);
		assert_string_equal(k.command.why, rows[i].why);
		assert_string_equal(k.command.serial, rows[i].serial);
		assert_true(k.command.for_ms == rows[i].for_ms);
		assert_int_equal(k.command.allow_kind, rows[i].allow_kind);
		assert_int_equal(k.command.allow_count, rows[i].allow);
		call_end(&k);
	}
}

static void test_acting_answers_in_json(void **unused)
{
	struct call k = {.fake.text = "F-1 is \"quiet\""};

	(void)unused;
	healthy(&k.model);
	call_run(&k, "--json unack F-1", true);
	assert_int_equal(k.status, 0);
	assert_non_null(
		strstr(k.out, "{\"done\":true,\"text\":\"F-1 is \\\"quiet\\\"\",\"record\":"));
	call_end(&k);
}

static void test_a_refusal_is_one_line_and_one(void **unused)
{
	struct call k = {
		.fake.code = EPERM, .fake.text = "gate block refuses: blocked until 04:00"};

	(void)unused;
	healthy(&k.model);
	call_run(&k, "failover approve r147", true);
	assert_int_equal(k.status, 1);
	assert_string_equal(k.err, "ballastctl: gate block refuses: blocked until 04:00\n");
	assert_string_equal(k.out, "");
	call_end(&k);
}

/* Wrong usage is found before anything is sent, and says what is right. */
static void test_wrong_usage(void **unused)
{
	static const char *const rows[] = {"", "frobnicate", "failover", "status extra",
		"status --follow", "show", "ack F-1", "ack F-1 --why",
		"ack F-1 --why x --for never", "ack F-1 --why x --for 0s", "ack", "--bogus status",
		"-x status", "maintenance start san1 --why x", "maintenance start san1 --for 2h",
		"maintenance start san1 --for 2h --why x --allow b",
		"maintenance start san1 --for 2h --why x --allow canister=0",
		"maintenance start san1 --for 2h --why x --allow bus=1", "failover run p --why x",
		"failover run p --serial 1", "failover approve", "events --since soon",
		"status --json=1", "test-alert a b", "check-config", "replay"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};

		call_run(&k, rows[i], false);
		if (k.status != 64)
			print_error("%s\n", rows[i]);
		assert_int_equal(k.status, 64);
		assert_int_equal(strncmp(k.err, "ballastctl: ", 12), 0);
		assert_ptr_equal(strchr(k.err, '\n'), k.err + strlen(k.err) - 1);
		assert_non_null(strstr(k.err, "--help"));
		assert_string_equal(k.out, "");
		call_end(&k);
	}
}

static void test_help_for_every_command(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ctl_commands_count; i++) {
		struct call k = {};
		char line[64];

		format_text(line, sizeof(line), "%s --help", ctl_commands[i].name);
		call_run(&k, line, false);
		assert_int_equal(k.status, 0);
		assert_non_null(strstr(k.out, ctl_commands[i].name));
		assert_string_equal(k.err, "");
		call_end(&k);
	}
}

static void test_no_engine(void **unused)
{
	static const char *const rows[] = {"status", "status --nagios", "drives", "watch",
		"ack F-1 --why x", "test-alert", "failover list", "report"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};

		call_run(&k, rows[i], false);
		assert_int_equal(k.status, 3);
		assert_non_null(strstr(k.err, "is ballastd running?"));
		assert_int_equal(!k.out[0], i != 1);
		call_end(&k);
	}
}

static void test_another_build(void **unused)
{
	struct call k = {.fake.build = 5};

	(void)unused;
	healthy(&k.model);
	call_run(&k, "status", true);
	assert_int_equal(k.status, 3);
	assert_non_null(strstr(k.err, "another build (0000000000000005"));
	call_end(&k);
}

static void test_small_ones(void **unused)
{
	struct call k = {};

	(void)unused;
	call_run(&k, "version", false);
	assert_int_equal(k.status, 0);
	assert_int_equal(strncmp(k.out, "ballastctl ", 11), 0);
	call_end(&k);
	call_run(&k, "audit", false);
	assert_int_equal(k.status, 3);
	call_end(&k);
	call_run(&k, "check-config /nonexistent", false);
	assert_int_equal(k.status, 1);
	call_end(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands_become_messages),
		cmocka_unit_test(test_acting_answers_in_json),
		cmocka_unit_test(test_a_refusal_is_one_line_and_one),
		cmocka_unit_test(test_wrong_usage),
		cmocka_unit_test(test_help_for_every_command),
		cmocka_unit_test(test_no_engine),
		cmocka_unit_test(test_another_build),
		cmocka_unit_test(test_small_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
