/* What a script is given and what is heard of it: signals, environment, status, output. */
#include <signal.h>

#include "runner_lab.h"
#include "agent/spawn.h"

/* Ignored is what a program inherits, and SIGPIPE is ignored by all of ours. */
static void test_a_script_ignores_no_signal(void **unused)
{
	(void)unused;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGRTMAX, SIG_IGN);
	spawn_warm_up();
	write_script("#!/bin/sh\ngrep -q '^SigIgn:[[:space:]]*0*$' /proc/self/status\n");
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_kind, EXIT_BY_CODE);
	assert_int_equal(got.exit_value, 0);
	end();
}

static void test_output_keeps_the_last_64_kilobytes(void **unused)
{
	const char *text;
	size_t len;

	(void)unused;
	write_script(
		"#!/bin/sh\ni=0\nwhile test $i -lt 4000; do echo \"line $i and some more to fill it up\"; "
		"i=$((i+1)); done\necho last >&2\n");
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_kind, EXIT_BY_CODE);
	assert_true(got.output_len > RUNNER_OUTPUT);
	assert_string_equal(got.output_tail, "last");
	text = runner_output(runner, 7, 0, &len);
	assert_non_null(text);
	assert_int_equal(len, RUNNER_OUTPUT);
	assert_memory_equal(text + len - 5, "last\n", 5);
	assert_non_null(strstr(text, "line 3999 and"));
	end();
}

static void test_status_on_descriptor_3(void **unused)
{
	(void)unused;
	write_script(
		"#!/bin/sh\necho '{\"text\":\"half way\"}' >&3\necho '{\"text\":\"moved\",\"bad\":\"\033[2J\"}' >&3\n"
		"test -t 0 && exit 1\nread -r x && exit 2\nls /proc/$$/fd | wc -l\n");
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_value, 0);
	assert_string_equal(got.status, "{\"text\":\"moved\",\"bad\":\"?[2J\"}");
	end();
}

static void test_environment_is_exactly_the_contract(void **unused)
{
	static const char *const expected[] = {"BALLAST_API=1\n", "BALLAST_RUN_ID=r7\n",
		"BALLAST_EPOCH=42\n", "BALLAST_MODE=approved\n", "BALLAST_ARRAY=san1\n",
		"BALLAST_ARRAY_SERIAL=78N16G4\n", "BALLAST_TARGET=standby\n",
		"BALLAST_REASON=san1 access_lost: canister A failed\n",
		"BALLAST_SEVERITY=critical\n", "BALLAST_VERDICT=access_lost\n",
		"BALLAST_DEADLINE_MS=60000\n", "BALLAST_ATTEMPT=1\n", "BALLAST_PREVIOUS_EXIT=\n",
		"BALLAST_FENCED=unknown\n", "BALLAST_HOST=stor1\n",
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin\n", "ZONE=example.net\n"};
	const char *text;
	size_t len, sum = strlen("move dns promote\n");

	(void)unused;
	assert_int_equal(setenv("SECRET", "inherited", 1), 0);
	write_script(
		"#!/usr/bin/python3 -I\nimport os, sys\nprint(*sys.argv[1:])\n"
		"e = open('/proc/self/environ', 'rb').read().decode()\nprint(e.replace('\\0', '\\n'), end='')\n");
	carry_out(NEVER_MS);
	text = runner_output(runner, 7, 0, &len);
	assert_non_null(text);
	assert_true(!strncmp(text, "move dns promote\n", strlen("move dns promote\n")));
	for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
		if (!strstr(text, expected[i]))
			fail_msg("%s is not in:\n%s", expected[i], text);
		sum += strlen(expected[i]);
	}
	assert_int_equal(len, sum); /* and nothing else */
	end();
}

static void expect_refusal(const char *why)
{
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_kind, EXIT_NO_SPAWN);
	assert_int_equal(got.exit_value, STEP_REFUSED);
	if (!strstr(got.status, why) || !strstr(got.status, in_dir("script")))
		fail_msg("'%s' does not say '%s'", got.status, why);
	assert_int_equal(got.output_len, 0); /* it has not run */
	end();
}

static void test_a_script_that_was_changed_is_not_run(void **unused)
{
	FILE *f;

	(void)unused;
	write_script("#!/bin/sh\necho ran\n");
	carry_out(NEVER_MS);
	assert_string_equal(got.output_tail, "ran");
	end();
	assert_int_equal(chmod(in_dir("script"), 0775), 0);
	expect_refusal("others than root can write to this script");
	f = fopen(in_dir("script"), "we");
	assert_non_null(f);
	(void)fputs("#!/bin/sh\necho another\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(in_dir("script"), 0755), 0);
	expect_refusal("lack the line");
}

static void test_a_link_that_was_put_in_its_place_is_not_run(void **unused)
{
	char evil[160];

	(void)unused;
	format_text(evil, sizeof(evil), "%s/evil", dir);
	assert_int_equal(mkdir(evil, 0777), 0);
	assert_int_equal(chmod(evil, 0777), 0);
	format_text(evil, sizeof(evil), "%s/evil/script", dir);
	write_script("#!/bin/sh\necho evil\n");
	assert_int_equal(rename(in_dir("script"), evil), 0);
	assert_int_equal(symlink(evil, in_dir("script")), 0);
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_value, STEP_REFUSED);
	assert_non_null(strstr(got.status, "folder above the script"));
	end();
	assert_int_equal(unlink(in_dir("script")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_script_ignores_no_signal),
		cmocka_unit_test(test_output_keeps_the_last_64_kilobytes),
		cmocka_unit_test(test_status_on_descriptor_3),
		cmocka_unit_test(test_environment_is_exactly_the_contract),
		cmocka_unit_test(test_a_script_that_was_changed_is_not_run),
		cmocka_unit_test(test_a_link_that_was_put_in_its_place_is_not_run),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
