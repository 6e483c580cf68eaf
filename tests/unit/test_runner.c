#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "agent/runner.h"
#include "agent/spawn.h"

enum { NEVER_MS = 60000 };

static sd_event *event;
static struct runner *runner;
static struct config *config;
static struct step_result got;
static unsigned ngot;
static char dir[] = "/tmp/ballast-runner-XXXXXX";

static void on_done(void *arg, const struct step_result *r)
{
	(void)arg;
	got = *r;
	ngot++;
	(void)sd_event_exit(event, 0);
}

static int setup(void **unused)
{
	bool full = false;
	struct config *c = config = calloc(1, sizeof(*config));

	(void)unused;
	c->narrays = c->nplans = c->nsteps = 1;
	c->host = cfg_put(c, "stor1", &full);
	c->arrays[0].name = cfg_put(c, "san1", &full);
	c->arrays[0].serial = cfg_put(c, "from-config", &full);
	c->plans[0] = (struct cfg_plan){.name = cfg_put(c, "move", &full),
		.target = cfg_put(c, "standby", &full),
		.nsteps = 1};
	c->steps[0].name = cfg_put(c, "dns", &full);
	c->steps[0].verbs = 1u << VERB_CHECK | 1u << VERB_PROMOTE;
	c->steps[0].env = cfg_list_add(c, 0, &c->steps[0].nenv, "ZONE=example.net", &full);
	(void)cfg_list_add(c, c->steps[0].env, &c->steps[0].nenv, "BALLAST_FENCED=yes", &full);
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **unused)
{
	char cmd[128];

	(void)unused;
	free(config);
	format_text(cmd, sizeof(cmd), "rm -r %s", dir);
	return system(cmd);
}

static const char *in_dir(const char *name)
{
	static char path[128];

	format_text(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_script(const char *text)
{
	const char *path = in_dir("script");
	bool full = false;
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fchmod(fileno(f), 0755), 0);
	assert_int_equal(fclose(f), 0);
	config->steps[0].run = cfg_put(config, path, &full);
}

static struct verb_order order(uint32_t timeout_ms)
{
	struct verb_order o = {.job = ++got.job,
		.run = 7,
		.verb = VERB_PROMOTE,
		.mode = RUN_MODE_APPROVED,
		.fenced = 2,
		.verdict = VERDICT_ACCESS_LOST,
		.timeout_ms = timeout_ms,
		.attempt = 1,
		.previous_exit = -1,
		.epoch = 42};

	copy_text(o.reason, sizeof(o.reason), "san1 access_lost: canister A failed");
	copy_text(o.serial, sizeof(o.serial), "78N16G4");
	copy_text(o.plan_name, sizeof(o.plan_name), "move");
	copy_text(o.step_name, sizeof(o.step_name), "dns");
	return o;
}

/* Give it one order and wait for its answer. */
static void carry_out(uint32_t timeout_ms)
{
	struct verb_order o = order(timeout_ms);

	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(runner_new(event, on_done, NULL, &runner), 0);
	ngot = 0;
	assert_int_equal(runner_give(runner, config, &o), 0);
	if (!ngot)
		assert_true(sd_event_loop(event) >= 0);
	assert_int_equal(ngot, 1);
	assert_int_equal(got.job, o.job);
}

static void end(void)
{
	runner_free(runner);
	event = sd_event_unref(event);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	assert_int_equal(errno, ECHILD);
}

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

/* Its child shares our memory, and must not touch what we are in the middle of. */
static void test_a_child_that_cannot_start_leaves_errno_alone(void **unused)
{
	static char path[] = "/nonexistent/script";
	char *argv[] = {path, NULL}, *envp[] = {NULL};
	struct spawn s = {.path = path, .argv = argv, .envp = envp, .lasting = true};
	struct spawned child;
	siginfo_t si = {};

	(void)unused;
	assert_int_equal(spawn_start(&s, &child), 0);
	errno = 0;
	assert_int_equal(waitid(P_PIDFD, (id_t)child.pidfd, &si, WEXITED), 0);
	assert_int_equal(errno, 0);
	assert_int_equal(spawn_error(&child), -ENOENT);
	spawn_close(&child);
	assert_null(child.block);
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
		cmocka_unit_test(test_a_script_ignores_no_signal),
		cmocka_unit_test(test_no_spawn),
		cmocka_unit_test(test_a_child_that_cannot_start_leaves_errno_alone),
		cmocka_unit_test(test_passed_deadline_is_never_waited_for),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_ending_a_child_that_left_the_group_and_ignores_term),
		cmocka_unit_test(test_left_overs_of_a_finished_step_are_killed),
		cmocka_unit_test(test_output_keeps_the_last_64_kilobytes),
		cmocka_unit_test(test_status_on_descriptor_3),
		cmocka_unit_test(test_environment_is_exactly_the_contract),
		cmocka_unit_test(test_only_listed_verbs_are_given),
		cmocka_unit_test(test_a_number_that_means_another_step_is_refused),
		cmocka_unit_test(test_simulated_step_starts_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
