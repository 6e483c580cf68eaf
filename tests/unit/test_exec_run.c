#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/prober_exec.h"
#include "agent/prober_jobs.h"

static struct exec_result run(const char *script, uint32_t timeout_ms)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, (char *)(uintptr_t)script, NULL};
	struct exec_result r;

	exec_run(argv, timeout_ms, &r);
	return r;
}

static void test_output_is_whole(void **unused)
{
	struct exec_result r = run("echo one; sleep 0.1; printf two", 10000);

	(void)unused;
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_int_equal(r.len, 7);
	assert_memory_equal(r.output, "one\ntwo", 7);
	free(r.output);
}

static void test_how_it_failed(void **unused)
{
	static const struct {
		const char *script, *error;
		enum outcome want;
	} cases[] = {
		{"echo 'no route' >&2; echo more >&2; exit 3",
			"it ended with exit status 3: no route", OUTCOME_ERROR},
		{"kill -9 $$", "it was ended by signal 9", OUTCOME_ERROR},
		{"sleep 100", "it did not end in time", OUTCOME_TIMEOUT},
		{"trap '' TERM; while :; do sleep 1; done", "it did not end in time",
			OUTCOME_TIMEOUT},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct exec_result r =
			run(cases[i].script, cases[i].want == OUTCOME_TIMEOUT ? 300 : 10000);

		assert_string_equal(r.error, cases[i].error);
		assert_int_equal(r.outcome, cases[i].want);
		free(r.output);
	}
}

static void test_what_cannot_be_started(void **unused)
{
	char missing[] = "/nonexistent/status", *argv[] = {missing, NULL};
	struct exec_result r;

	(void)unused;
	exec_run(argv, 10000, &r);
	assert_int_equal(r.outcome, OUTCOME_REFUSED);
	assert_string_equal(r.error, "No such file or directory");
	free(r.output);
}

static void test_too_much_is_cut_off(void **unused)
{
	struct exec_result r = run("yes", 10000);

	(void)unused;
	assert_int_equal(r.outcome, OUTCOME_ERROR);
	assert_string_equal(r.error, "it printed more than 1 MiB");
	assert_in_range(r.len, 1024 * 1024, 1024 * 1024 + 65536);
	free(r.output);
}

/* One in its group, one in a session of its own, one whose parent is gone: none of them survives.
 */
static void test_nothing_is_left_behind(void **unused)
{
	struct exec_result r =
		run("sleep 1000 & echo $!; setsid sleep 1000 & echo $!;"
		    "(setsid sh -c 'sleep 1000 & echo $!; exec sleep 1000' &) ; sleep 0.3",
			10000);
	char *at = r.output, *end;
	unsigned seen = 0;

	(void)unused;
	assert_int_equal(r.outcome, OUTCOME_OK);
	assert_non_null(r.output);
	r.output[r.len - 1] = '\0';
	for (;; at = end) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			break;
		seen++;
		assert_int_equal(kill((pid_t)pid, 0), -1);
		assert_int_equal(errno, ESRCH);
	}
	assert_int_equal(seen, 3);
	free(r.output);
}

static void test_it_inherits_nothing(void **unused)
{
	struct exec_result r;

	(void)unused;
	setenv("BALLAST_SECRET", "x", 1);
	r = run("env | grep -c BALLAST_SECRET; ls /proc/self/fd | wc -l; pwd; cat", 10000);
	assert_non_null(r.output);
	/* 0 1 2, and the one that ls reads with */
	assert_int_equal(r.len, 6);
	assert_memory_equal(r.output, "0\n4\n/\n", 6);
	free(r.output);
}

struct told {
	char heard[80]; /* "id state ..." */
	struct job_end end;
};

static void tell(const struct reading *r, void *arg)
{
	struct told *t = arg;

	format_text(t->heard + strlen(t->heard), sizeof(t->heard) - strlen(t->heard), "%s %s ", r->name,
		state_text((enum state)r->state));
}

static void tell_end(const struct job_end *e, void *arg)
{
	struct told *t = arg;

	t->end = *e;
}

static void look(const char *script, uint32_t timeout_ms, struct told *ret)
{
	const struct job_sink sink = {tell, tell_end, ret};
	const struct job j = {.id = 1, .type = SOURCE_EXEC, .timeout_ms = timeout_ms};
	struct drive_memories none = {};
	struct config *c = calloc(1, sizeof(*c));
	struct cfg_source *s;
	bool full = false;

	assert_non_null(c);
	*ret = (struct told){};
	s = &c->sources[0];
	c->nsources = 1;
	c->pool_used = 1;
	s->argv = cfg_list_add(c, s->argv, &s->argc, "/bin/sh", &full);
	s->argv = cfg_list_add(c, s->argv, &s->argc, "-c", &full);
	s->argv = cfg_list_add(c, s->argv, &s->argc, script, &full);
	assert_false(full);
	prober_carry_out(&j, c, &none, &sink);
	free(c);
}

#define SAYS(id, state) "echo '{\"kind\":\"canister\",\"id\":\"" id "\",\"state\":\"" state "\"}';"
#define ENDS(count)     "echo '{\"end\":true,\"count\":" count "}';"

/* Only an answer that is whole says that something is well. */
static void test_what_an_answer_is_worth(void **unused)
{
	static const struct {
		const char *script, *heard;
		enum outcome want;
		uint32_t timeout_ms;
	} cases[] = {
		{SAYS("A", "ok") SAYS("B", "ok") ENDS("2"), "A ok B ok ", OUTCOME_OK, 10000},
		{SAYS("A", "ok") SAYS("B", "ok") ENDS("2") "exit 3", "", OUTCOME_ERROR, 10000},
		{SAYS("A", "ok") SAYS("B", "failed") ENDS("2") "exit 3", "B failed ", OUTCOME_ERROR, 10000},
		{SAYS("A", "ok") SAYS("A", "failed") SAYS("B", "ok") ENDS("3"), "A failed ", OUTCOME_NONSENSE, 10000},
		/* it never ends, however long it is waited for */
		{SAYS("A", "ok") SAYS("B", "ok") ENDS("2") "sleep 1000", "", OUTCOME_TIMEOUT, 500},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct told t;

		look(cases[i].script, cases[i].timeout_ms, &t);
		if (t.end.outcome != cases[i].want || strcmp(t.heard, cases[i].heard) != 0)
			fail_msg("%s: %s, heard '%s'", cases[i].script, outcome_text((enum outcome)t.end.outcome), t.heard);
		assert_int_equal(t.end.complete, cases[i].want == OUTCOME_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_is_whole),
		cmocka_unit_test(test_how_it_failed),
		cmocka_unit_test(test_what_cannot_be_started),
		cmocka_unit_test(test_too_much_is_cut_off),
		cmocka_unit_test(test_nothing_is_left_behind),
		cmocka_unit_test(test_it_inherits_nothing),
		cmocka_unit_test(test_what_an_answer_is_worth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
