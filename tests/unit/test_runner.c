/* How a step ends: by code, signal, deadline or never begun; what it leaves behind; and which orders are refused. */
#include <signal.h>

#include "runner_lab.h"
#include "agent/spawn.h"

static void test_exit_codes(void **unused)
{
	static const int codes[] = {0, 10, 20, 50, 255};
	char text[64];

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
		format_text(text, sizeof(text), "#!/bin/sh\nexit %d\n", codes[i]);
		write_script(text);
		carry_out(NEVER_MS);
		assert_int_equal(got.exit_kind, EXIT_BY_CODE);
		assert_int_equal(got.exit_value, codes[i]);
		assert_int_equal(got.leftovers, 0);
		assert_int_equal(got.stuck, 0);
		end();
	}
}

static void test_signal(void **unused)
{
	(void)unused;
	write_script("#!/bin/sh\nkill -SEGV $$\n");
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_kind, EXIT_BY_SIGNAL);
	assert_int_equal(got.exit_value, SIGSEGV);
	end();
}

static void test_a_child_that_cannot_start_leaves_errno_alone(void **unused)
{
	static char path[] = "/nonexistent/script";
	char *argv[] = {path, NULL}, *envp[] = {NULL};
	struct spawn s = {.path = path, .argv = argv, .envp = envp};
	struct spawned child;
	siginfo_t si = {};

	(void)unused;
	assert_int_equal(spawn_start(&s, &child), 0);
	errno = 0;
	assert_int_equal(waitid(P_PIDFD, (id_t)child.pidfd, &si, WEXITED), 0);
	assert_int_equal(errno, 0);
	assert_int_equal(spawn_error(&child), -ENOENT);
	spawn_close(&child);
}

static void test_no_spawn(void **unused)
{
	(void)unused;
	write_script("#!/no/such/interpreter\n");
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_kind, EXIT_NO_SPAWN);
	assert_int_equal(got.exit_value, ENOENT);
	end();
	assert_int_equal(chmod(in_dir("script"), 0644), 0);
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_kind, EXIT_NO_SPAWN);
	assert_int_equal(got.exit_value, EACCES);
	end();
}

static void test_passed_deadline_is_never_waited_for(void **unused)
{
	struct verb_order o = order(NEVER_MS);

	(void)unused;
	write_script("#!/bin/sh\nexit 0\n");
	o.deadline_ms = 1;
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(runner_new(event, on_done, NULL, &runner), 0);
	ngot = 0;
	assert_int_equal(runner_give(runner, config, &o), 0);
	assert_int_equal(ngot, 1);
	assert_int_equal(got.exit_kind, EXIT_NO_SPAWN);
	end();
}

static bool alive(const char *name)
{
	FILE *f = fopen(in_dir(name), "re");
	int pid = 0;

	if (!f)
		return false;
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	(void)fclose(f);
	return pid > 1 && kill(pid, 0) == 0;
}

static void write_in_dir_script(const char *fmt)
{
	char text[1024];

/* every fixture names the folder at most four times */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	format_text(text, sizeof(text), fmt, dir, dir, dir, dir);
#pragma GCC diagnostic pop
	write_script(text);
}

static void test_deadline(void **unused)
{
	(void)unused;
	write_script("#!/bin/sh\nexec sleep 600\n");
	carry_out(100);
	assert_int_equal(got.exit_kind, EXIT_BY_TIMEOUT);
	assert_int_equal(got.leftovers, 0);
	end();
}

static int abort_when_begun(sd_event_source *s, uint64_t usec, void *unused)
{
	(void)unused;
	if (access(in_dir("begun"), F_OK) == 0) {
		runner_abort(runner, got.job);
		return 0;
	}
	assert_true(sd_event_source_set_time(s, usec + 20000) >= 0);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static void test_ending_a_child_that_left_the_group_and_ignores_term(void **unused)
{
	struct verb_order o = order(NEVER_MS);

	(void)unused;
	write_in_dir_script("#!/bin/sh\ntrap '' TERM\n"
			    "setsid sh -c 'trap \"\" TERM; echo $$ >%s/child; sleep 600' &\n"
			    "while ! test -s %s/child; do sleep 0.01; done\n"
			    "echo begun\ntouch %s/begun\nsleep 600\nsleep 600\n");
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(runner_new(event, on_done, NULL, &runner), 0);
	assert_true(sd_event_add_time_relative(
			    event, NULL, CLOCK_MONOTONIC, 0, 1, abort_when_begun, NULL) >= 0);
	assert_int_equal(runner_give(runner, config, &o), 0);
	assert_true(sd_event_loop(event) >= 0);
	assert_int_equal(got.exit_kind, EXIT_BY_TIMEOUT);
	assert_true(got.leftovers >= 1);
	assert_int_equal(got.stuck, 0);
	assert_string_equal(got.output_tail, "begun");
	assert_false(alive("child"));
	end();
}

static void test_left_overs_of_a_finished_step_are_killed(void **unused)
{
	(void)unused;
	write_in_dir_script("#!/bin/sh\n(setsid sh -c 'echo $$ >%s/daemon; sleep 600; true' &) &\n"
			    "while ! test -s %s/daemon; do sleep 0.01; done\nexit 10\n");
	carry_out(NEVER_MS);
	assert_int_equal(got.exit_kind, EXIT_BY_CODE);
	assert_int_equal(got.exit_value, 10);
	assert_true(got.leftovers >= 1);
	assert_false(alive("daemon"));
	end();
}

/* The engine counts in another configuration for a moment: another script must not run in its stead. */
static void test_a_number_that_means_another_step_is_refused(void **unused)
{
	struct verb_order o = order(NEVER_MS);

	(void)unused;
	assert_int_equal(runner_new(event, on_done, NULL, &runner), 0);
	copy_text(o.step_name, sizeof(o.step_name), "imap");
	assert_int_equal(runner_give(runner, config, &o), -EINVAL);
	o = order(NEVER_MS);
	copy_text(o.plan_name, sizeof(o.plan_name), "back");
	assert_int_equal(runner_give(runner, config, &o), -EINVAL);
	runner_free(runner);
	runner = NULL;
}

static void test_only_listed_verbs_are_given(void **unused)
{
	struct verb_order o = order(NEVER_MS);

	(void)unused;
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(runner_new(event, on_done, NULL, &runner), 0);
	o.verb = VERB_FENCE;
	assert_int_equal(runner_give(runner, config, &o), -EINVAL);
	o.verb = 200;
	assert_int_equal(runner_give(runner, config, &o), -EINVAL);
	o.verb = VERB_CHECK;
	o.step = 1;
	assert_int_equal(runner_give(runner, config, &o), -EINVAL);
	o.plan = 9;
	assert_int_equal(runner_give(runner, config, &o), -EINVAL);
	end();
}

static void test_simulated_step_starts_nothing(void **unused)
{
	(void)unused;
	write_in_dir_script("#!/bin/sh\ntouch %s/touched\n");
	config->steps[0].simulate = 1;
	config->steps[0].simulate_ms = 20;
	config->steps[0].simulate_exit = 30;
	carry_out(NEVER_MS);
	config->steps[0].simulate = 0;
	assert_int_equal(got.exit_kind, EXIT_BY_CODE);
	assert_int_equal(got.exit_value, 30);
	assert_int_equal(access(in_dir("touched"), F_OK), -1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_no_spawn),
		cmocka_unit_test(test_a_child_that_cannot_start_leaves_errno_alone),
		cmocka_unit_test(test_passed_deadline_is_never_waited_for),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_ending_a_child_that_left_the_group_and_ignores_term),
		cmocka_unit_test(test_left_overs_of_a_finished_step_are_killed),
		cmocka_unit_test(test_only_listed_verbs_are_given),
		cmocka_unit_test(test_a_number_that_means_another_step_is_refused),
		cmocka_unit_test(test_simulated_step_starts_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
