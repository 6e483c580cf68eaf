#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/replay.h"
#include "agent/replay_parts.h"

static struct replay *r;

/* Return: how many expectations do not hold. */
static unsigned play(const char *yaml)
{
	struct config_errors errs = {.err = stderr};
	struct scenario *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	memset(r, 0, sizeof(*r));
	assert_int_equal(scenario_parse("s.yaml", yaml, strlen(yaml), s, &errs), 0);
	r->s = s;
	assert_int_equal(replay_run(r), 0);
	return replay_judge(r);
}

static void end(void)
{
	engine_free(&r->engine);
	free(r->s);
	r->s = NULL;
}

/* With the timeline that failed on the terminal, since that is what one wants to see then. */
static void test_what_is_built_in_holds(void **unused)
{
	(void)unused;
	for (const struct embedded *e = builtin_scenarios; e->name; e++) {
		char name[64];
		char *argv[] = {(char[]){"replay"}, name, NULL};
		unsigned failed = play(e->text);

		end();
		copy_text(name, sizeof(name), e->name);
		if (failed)
			(void)replay_main(2, argv);
		assert_int_equal(failed, 0);
	}
}

#define HEAD                                                                                       \
	"name: s\nabout: x\narrays: [{name: a, canisters: 2, paths: 4}]\n"                         \
	"sinks: [{name: oncall, type: webhook, min_severity: warning}]\n"

static void test_an_expectation_can_fail(void **unused)
{
	(void)unused;
	assert_int_equal(
		play(HEAD "timeline: [{at: 1m, canister: B, state: service}]\nlength: 3m\nexpect:\n"
			  "  - {verdict: not_redundant, by: 59s}\n"
			  "  - {verdict: not_redundant, never: true}\n"
			  "  - {verdict: access_lost, by: 2m}\n"
			  "  - {alert: any, severity: critical, by: 1m}\n"
			  "  - {finding: canister.service, component: canister/A}\n"),
		5);
	end();
}

static void test_the_same_hold_when_they_are_right(void **unused)
{
	(void)unused;
	assert_int_equal(
		play(HEAD "timeline: [{at: 1m, canister: B, state: service}]\nlength: 3m\nexpect:\n"
			  "  - {verdict: not_redundant, not_before: 1m, by: 1m6s}\n"
			  "  - {verdict: access_lost, never: true}\n"
			  "  - {alert: any, severity: critical, by: 1m7s}\n"
			  "  - {finding: canister.service, component: canister/B}\n"
			  "  - {margin: 0}\n"),
		0);
	end();
}

static void test_a_receiver_that_was_down_gets_everything(void **unused)
{
	(void)unused;
	assert_int_equal(
		play(HEAD "timeline:\n"
			  "  - {at: 30s, sink: oncall, down: true}\n"
			  "  - {at: 1m, canister: B, state: service}\n"
			  "  - {at: 2h, sink: oncall, down: false}\n"
			  "length: 2h10m\nexpect:\n"
			  "  - {alert: any, never: true, by: 2h}\n"
			  "  - {alert: any, severity: critical, not_before: 2h, by: 2h2m}\n"),
		0);
	for (uint32_t i = 0; i < alert_count(&r->engine.model); i++) {
		const struct alert_row *a = alert_at(&r->engine.model, i);

		assert_true(!a->used || !(a->wanted & ~a->done & ~a->parked));
	}
	end();
}

static void test_nothing_is_lost_when_the_engine_dies(void **unused)
{
	(void)unused;
	assert_int_equal(play(HEAD "timeline:\n"
				   "  - {at: 30s, sink: oncall, down: true}\n"
				   "  - {at: 1m, canister: B, state: service}\n"
				   "  - {at: 2m, restart: true}\n"
				   "  - {at: 3m, sink: oncall, down: false}\n"
				   "length: 6m\nexpect:\n"
				   "  - {alert: any, severity: critical, not_before: 3m, by: 5m}\n"
				   "  - {cleared: canister.service, never: true}\n"
				   "  - {verdict: redundant, never: true, not_before: 1m10s}\n"),
		0);
	end();
}

#define PLAN                                                                                       \
	"plans:\n  - name: p\n    array: a\n    target: standby\n    mode: approve\n    steps:\n"  \
	"      - {name: one, verbs: [check, promote, verify], simulate: {takes: 2s}}\n"            \
	"      - {name: two, verbs: [promote], timeout: 5s, simulate: {takes: %s, exit: %s}}\n"
#define LOST                                                                                                  \
	"timeline:\n  - {at: 1m, canister: \"*\", state: failed}\n  - {at: 1m, path: \"*\", state: failed}\n" \
	"  - {at: 2m, operator: \"failover approve\"}\nlength: 5m\n"

static unsigned play_plan(const char *takes, const char *exit, const char *expect)
{
	char yaml[4096];

	snprintf(yaml, sizeof(yaml), HEAD PLAN LOST "expect:\n%s", takes, exit, expect);
	return play(yaml);
}

static void test_steps_are_simulated(void **unused)
{
	(void)unused;
	assert_int_equal(play_plan("2s", "0",
				 "  - {step: one, not_before: 2m2s, by: 2m5s}\n"
				 "  - {step: two, not_before: 2m4s, by: 2m9s}\n"
				 "  - {run: done, by: 2m10s}\n"),
		0);
	end();
	assert_int_equal(play_plan("2s", "20",
				 "  - {step: one, by: 2m5s}\n"
				 "  - {run: done, never: true}\n"),
		0);
	end();
	/* a deadline that passed: nobody knows what happened, so everything stops */
	assert_int_equal(play_plan("10s", "0",
				 "  - {run: frozen, by: 2m30s}\n"
				 "  - {run: done, never: true}\n"),
		0);
	end();
}

static void test_usage_and_files(void **unused)
{
	char *none[] = {(char[]){"replay"}, NULL};
	char *gone[] = {(char[]){"replay"}, (char[]){"/nonexistent/x.yaml"}, NULL};

	(void)unused;
	assert_int_equal(replay_main(1, none), 64);
	assert_int_equal(replay_main(2, gone), 1);
}

static int make(void **unused)
{
	(void)unused;
	r = calloc(1, sizeof(*r));
	return r ? 0 : -1;
}

static int unmake(void **unused)
{
	(void)unused;
	free(r);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_built_in_holds),
		cmocka_unit_test(test_an_expectation_can_fail),
		cmocka_unit_test(test_the_same_hold_when_they_are_right),
		cmocka_unit_test(test_a_receiver_that_was_down_gets_everything),
		cmocka_unit_test(test_nothing_is_lost_when_the_engine_dies),
		cmocka_unit_test(test_steps_are_simulated),
		cmocka_unit_test(test_usage_and_files),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
