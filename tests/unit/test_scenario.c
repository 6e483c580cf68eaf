#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/scenario.h"

static struct scenario *s;

static int parse(const char *yaml, char *says, size_t size)
{
	FILE *out = fmemopen(says, size, "w");
	struct config_errors errs = {.err = out};
	int r;

	assert_non_null(out);
	memset(says, 0, size);
	r = scenario_parse("s.yaml", yaml, strlen(yaml), s, &errs);
	fclose(out);
	return r;
}

#define HEAD "name: s\nabout: x\narrays: [{name: a, canisters: 2, paths: 4, drives: 3}]\n"

struct mistake_case {
	const char *yaml, *says, *why;
};

/* clang-format off */
static const struct mistake_case mistakes[] = {
	{HEAD "timeline: [{at: 1m43s, canister: C, state: ok}]\n", "s.yaml:4:34: error: unknown canister 'C'\n", "only A and B"},
	{HEAD "timeline: [{at: 1s, drive: 4, state: ok}]\n", "s.yaml:4:28: error: unknown drive '4'\n", "slots 1 to 3"},
	{HEAD "timeline: [{at: 1s, canister: A, path: host0-A, state: ok}]\n",
	 "s.yaml:4:12: error: an entry is about exactly one thing, this one is about 2\n", "which of them?"},
	{HEAD "timeline: [{at: 1s}]\n", "s.yaml:4:12: error: an entry is about exactly one thing, this one is about 0\n", "nothing"},
	{HEAD "timeline: [{at: 1s, canister: A, facts: {restrts: 1}}]\n",
	 "s.yaml:4:42: error: unknown fact 'restrts', did you mean 'restarts'?\n", "facts are a closed list"},
	{HEAD "timeline: [{at: 1s, operator: \"failover go\"}]\n",
	 "s.yaml:4:31: error: 'failover go' is not a command a scenario knows\n", "commands too"},
	{HEAD "timeline: [{at: 1s, sink: pager, down: true}]\n", "s.yaml:4:27: error: unknown sink 'pager'\n", "sinks"},
	{HEAD "timeline: [{at: 1s, canister: A, state: faild}]\n",
	 "s.yaml:4:41: error: unknown word 'faild', did you mean 'failed'?\n", "an unknown word is never ok"},
	{HEAD "timeline: []\nexpect: [{verdict: single, margin: 1}]\n",
	 "s.yaml:5:10: error: an expectation is about exactly one thing, this one is about 2\n", "which of them?"},
	{HEAD "timeline: []\nexpect: [{finding: x, component: canister/Z}]\n",
	 "s.yaml:5:34: error: unknown component 'canister/Z', expected KIND/NAME\n", "could never come true"},
	{HEAD "timeline: []\nlength: 1s\nexpect: [{margin: 0, by: 1m}]\n",
	 "s.yaml:5:9: error: shorter than its timeline and expectations\n", "would end before"},
	{HEAD "timeline: [{at: 1s, every: 1s, times: 1000, path: \"*\", state: ok}]\n",
	 "s.yaml:4:12: error: too many: at most 2048 events with all repetitions\n", "limits are said"},
};
/* clang-format on */

static void test_mistakes_have_a_place(void **unused)
{
	char says[1024];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		assert_true(parse(mistakes[i].yaml, says, sizeof(says)) < 0);
		if (strcmp(says, mistakes[i].says))
			print_message("%s:\n%s", mistakes[i].why, mistakes[i].yaml);
		assert_string_equal(says, mistakes[i].says);
	}
}

static void count(void *ctx, const struct reading *r)
{
	unsigned *n = ctx;

	n[r->state]++;
	if (r->outcome != OUTCOME_OK) {
		n[STATE_COUNT]++;
		assert_int_equal(r->nfacts, 0);
		assert_int_equal(r->state, STATE_UNKNOWN);
	}
}

static struct job_end look(struct world *w, unsigned source, unsigned n[STATE_COUNT + 1])
{
	struct job_end end;

	memset(n, 0, (STATE_COUNT + 1) * sizeof(*n));
	world_poll(w, source, count, n, &end);
	return end;
}

static void advance(struct world *w, uint64_t at_ms)
{
	while (world_step(w, at_ms))
		;
}

static void test_the_world_answers_as_the_timeline_says(void **unused)
{
	static const char yaml[] =
		HEAD "timeline:\n"
		     "  - {at: 20s, path: \"*\", silent: true}\n"
		     "  - {at: 10s, path: host1-B, state: failed, raw: offline}\n"
		     "  - {at: 30s, path: \"*\", silent: false}\n"
		     "  - {at: 5s, every: 5s, times: 3, path: host0-A, add: {path_errors: 2}}\n";
	cleanup_(freep) struct world *w = calloc(1, sizeof(*w));
	unsigned n[STATE_COUNT + 1];
	struct job_end end;
	char says[256];

	(void)unused;
	assert_non_null(w);
	assert_int_equal(parse(yaml, says, sizeof(says)), 0);
	assert_int_equal(s->config.nsources, 3);
	world_init(w, s);
	end = look(w, 1, n);
	/* made in the order of use: the canisters' first */
	assert_int_equal(s->config.sources[0].plane, PLANE_MANAGEMENT);
	assert_int_equal(s->config.sources[1].plane, PLANE_INBAND);
	assert_int_equal(end.count, 4);
	advance(w, 9999);
	assert_int_equal(n[STATE_FAILED], 0);
	advance(w, 10000);
	(void)look(w, 1, n);
	assert_int_equal(n[STATE_FAILED], 1);
	assert_int_equal(n[STATE_OK], 3);
	advance(w, 20000);
	end = look(w, 1, n);
	assert_int_equal(n[STATE_COUNT], 4);
	assert_int_equal(end.outcome, OUTCOME_TIMEOUT);
	assert_int_equal(end.complete, 0);
	advance(w, 30000);
	end = look(w, 1, n);
	assert_int_equal(n[STATE_OK], 3);
	assert_int_equal(end.complete, 1);
	assert_true(world_next_ms(w) == UINT64_MAX);
	assert_null(world_step(w, UINT64_MAX));
}

static void errors_of(void *ctx, const struct reading *r)
{
	if (!strcmp(r->name, "host0-A"))
		assert_true(reading_find(r, FACT_PATH_ERRORS, ctx));
}

static void test_a_second_round_lets_no_counter_fall(void **unused)
{
	static const char yaml[] =
		HEAD "timeline:\n"
		     "  - {at: 1s, path: host0-A, state: failed, add: {path_errors: 2}}\n"
		     "  - {at: 2s, canister: A, facts: {needs_service: 1}, firmware: new}\n";
	cleanup_(freep) struct world *w = calloc(1, sizeof(*w));
	unsigned n[STATE_COUNT + 1];
	struct job_end end;
	double errors = 0;
	char says[256];

	(void)unused;
	assert_non_null(w);
	assert_int_equal(parse(yaml, says, sizeof(says)), 0);
	world_init(w, s);
	advance(w, 5000);
	world_restart(w);
	(void)look(w, 1, n);
	assert_int_equal(n[STATE_FAILED], 0);
	assert_string_equal(w->components[0].firmware, "");
	assert_int_equal(w->components[0].facts[0].value, 0); /* needs_service */
	world_poll(w, 1, errors_of, &errors, &end);
	assert_int_equal(errors, 2);
	advance(w, 5000);
	world_poll(w, 1, errors_of, &errors, &end);
	assert_int_equal(errors, 4);
}

static void test_operators_lines(void **unused)
{
	static const struct {
		const char *line;
		bool ok;
		enum command_type type;
		const char *id;
	} table[] = {
		{"failover approve", true, CMD_APPROVE, "r7"},
		{"failover approve r3", true, CMD_APPROVE, "r3"},
		{"failover arm", true, CMD_ARM, "p"},
		{"adopt", true, CMD_ADOPT, "a"},
		{"ack canister.service 2h", true, CMD_ACK, "canister.service"},
		{"maintenance start a/canister/B 2h canister=1", true, CMD_MAINTENANCE_START,
			"a/canister/B"},
		{"failover approved", false, 0, NULL},
		{"failover", false, 0, NULL},
		{"", false, 0, NULL},
		{"maintenance start x soon", false, 0, NULL},
	};
	static const char yaml[] = HEAD
		"plans: [{name: p, array: a, steps: [{name: x, verbs: [promote]}]}]\ntimeline: []\n";
	struct command c;
	char says[256];

	(void)unused;
	assert_int_equal(parse(yaml, says, sizeof(says)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		assert_int_equal(
			scenario_command(&s->config, table[i].line, "r7", &c), table[i].ok);
		if (!table[i].ok)
			continue;
		assert_int_equal(c.type, table[i].type);
		assert_string_equal(c.id, table[i].id);
	}
	assert_true(scenario_command(
		&s->config, "maintenance start a/canister/B 2h canister=1", "", &c));
	assert_int_equal(c.for_ms, 7200000);
	assert_int_equal(c.allow_kind, KIND_CANISTER);
	assert_int_equal(c.allow_count, 1);
}

static void test_all_that_is_built_in_is_right(void **unused)
{
	unsigned n = 0;

	(void)unused;
	for (const struct embedded *e = builtin_scenarios; e->name; e++, n++) {
		struct config_errors errs = {.err = stderr};

		assert_int_equal(scenario_load(e->name, s, &errs), 0);
		assert_string_equal(s->name, e->name);
		assert_true(s->source[0] && s->nexpects && s->nevents);
	}
	assert_true(n >= 4);
}

static int make(void **unused)
{
	(void)unused;
	s = calloc(1, sizeof(*s));
	return s ? 0 : -1;
}

static int unmake(void **unused)
{
	(void)unused;
	free(s);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mistakes_have_a_place),
		cmocka_unit_test(test_the_world_answers_as_the_timeline_says),
		cmocka_unit_test(test_a_second_round_lets_no_counter_fall),
		cmocka_unit_test(test_operators_lines),
		cmocka_unit_test(test_all_that_is_built_in_is_right),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
