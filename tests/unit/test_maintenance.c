/* What a maintenance keeps quiet, and what it does not account for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "agent/marks.h"
#include "engine_lab.h"

enum { ONCALL = 1 };

/* So many critical messages about this rule since @seen. */
static unsigned paged(const struct lab *l, uint64_t seen, const char *rule)
{
	unsigned n = 0;

	for (uint64_t s = MAX_OF(seen + 1, l->e.log.tail); s <= l->e.log.head; s++) {
		const struct record *r = log_at(&l->e.log, s);
		struct alert_row a;

		if (!r || r->type != REC_ALERT_NEW)
			continue;
		memcpy(&a, r->row, sizeof(a));
		n += a.sequence == s && !a.resolved && a.wanted & ONCALL && (!rule || !strcmp(a.rule_id, rule));
	}
	return n;
}

/* A cold start: what comes back is what was written down. */
static void restart(struct lab *l)
{
	struct marks_time t = {.now_ms = l->now_ms, .wall_ms = l->wall_ms};
	cleanup_(freep) char *text = NULL;
	cleanup_(freep) void *block = NULL;
	struct model m = {};
	char why[160] = "";
	size_t size;

	assert_int_equal(marks_write(&l->e.model, &t, &text), 0);
	assert_int_equal(marks_read(text, strlen(text), l->config, &t, &m, why, sizeof(why)), 0);
	m.epoch++;
	assert_int_equal(model_pack(&m, build_id(), &block, &size), 0);
	model_clear(&m);
	engine_free(&l->e);
	l->now_ms += 2000;
	l->wall_ms += 2000;
	assert_int_equal(
		engine_init(&l->e, l->config, block, size, 1692250000, l->now_ms, l->wall_ms), 0);
	l->e.enumerated = true;
	l->job++;
}

static void start_maintained(struct lab *l, const char *id)
{
	lab_start(l, NULL);
	lab_run(l, "@canister:A ; @canister:B ; @psu:1 ; @psu:2 ; end keep=20");
	lab_command(l, CMD_MAINTENANCE_START, id, 7200000);
	assert_int_equal(l->reply.code, 0);
}

static void test_a_restart_uses_up_no_allowance(void **unused)
{
	static const char *const orders[] = {"wait=1 @canister:B ; @canister:A ; @psu:1 ; @psu:2 ; end keep=30",
		"keep=30"};
	struct lab l;
	uint64_t since;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(orders); i++) {
		start_maintained(&l, "san1/canister/B");
		since = l.e.log.head;
		lab_run(&l, "@canister:B state=absent keep=20");
		assert_int_equal(paged(&l, since, NULL), 0);
		restart(&l);
		assert_true(lab_finding(&l, "canister.absent"));
		since = l.e.log.tail;
		lab_run(&l, orders[i]);
		assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
		assert_int_equal(paged(&l, since, NULL), 0);
		/* and the other half is no more allowed than before */
		lab_run(&l, "@canister:A state=failed ; ");
		assert_true(paged(&l, since, "canister.failed"));
		lab_stop(&l);
	}
}

/* Not looked at is no loss until the look is over; silence is not health. */
static void test_a_first_look_that_fails_uses_it_up(void **unused)
{
	static const struct {
		const char *words, *why;
	} cases[] = {{"@canister:B ; fails ", "its source answered, and not of the other half"},
		{"wait=9 ", "nobody answered in time"}};
	struct lab l;
	uint64_t since;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		start_maintained(&l, "san1/canister/B");
		lab_run(&l, "@canister:B state=absent keep=20");
		restart(&l);
		since = l.e.log.tail;
		lab_run(&l, "wait=1 ");
		assert_int_equal(paged(&l, since, NULL), 0);
		lab_run(&l, cases[i].words);
		if (!paged(&l, since, "canister.absent"))
			fail_msg("%s", cases[i].why);
		lab_stop(&l);
	}
}

static void maintain(struct lab *l, const char *id, enum kind allow)
{
	struct command c = {.type = CMD_MAINTENANCE_START, .for_ms = 7200000, .allow_kind = (uint8_t)allow,
		.allow_count = allow != KIND_NONE};

	copy_text(c.id, sizeof(c.id), id);
	copy_text(c.by, sizeof(c.by), "anna");
	copy_text(c.why, sizeof(c.why), "test");
	engine_command(&l->e, &c, &l->reply, l->now_ms, l->wall_ms);
	assert_int_equal(l->reply.code, 0);
}

#define PARTS "@canister:A ; @canister:B ; @psu:1 ; @psu:2 ; @drive:5 ; @path:a ; @path:b ; end keep=20"

/* The verdict's own message: lowered only by what accounts for the loss. */
static void test_what_is_maintained_must_account_for_the_loss(void **unused)
{
	static const struct {
		const char *id;
		enum kind allow;
		const char *words;
		unsigned pages;
		const char *why;
	} cases[] = {
		{"san1/drive/5", KIND_NONE, "@canister:B state=failed keep=5", 1, "a drive is no canister"},
		{"san1/psu/1", KIND_NONE, "@canister:B state=failed keep=5", 1, "a power supply is no canister"},
		{"san1/canister/A", KIND_NONE, "@canister:B state=failed keep=5", 1, "the other half"},
		{"san1/canister/A", KIND_CANISTER, "@canister:B state=failed keep=5", 1, "the other half, said"},
		{"san1/canister/B", KIND_NONE, "@canister:B state=failed keep=5", 0, "that is the one"},
		{"san1/psu/1", KIND_NONE, "@psu:1 state=failed keep=5", 0, "that is the one"},
		{"san1/psu/1", KIND_CANISTER, "@canister:B state=failed keep=5", 0, "a canister was allowed besides"},
		{"san1", KIND_CANISTER, "@canister:B state=failed keep=5", 0, "any one canister was allowed"},
		{"san1", KIND_CANISTER, "@psu:1 state=failed keep=5", 1, "and no power supply"},
		{"san1/canister/B", KIND_NONE, "@canister:B state=failed @path:b state=failed keep=5", 0,
			"whose path it is nobody says"},
		{"san1/canister/B", KIND_NONE, "@path:b state=failed keep=5", 1, "it is still in: not its path"},
		{"san1/canister/B", KIND_NONE, "@canister:B state=failed @psu:1 state=failed keep=5", 1, "more than it"},
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t since;
		struct lab l;

		lab_start(&l, NULL);
		lab_run(&l, PARTS);
		maintain(&l, cases[i].id, cases[i].allow);
		since = l.e.log.head;
		lab_run(&l, cases[i].words);
		assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
		if (paged(&l, since, "array.verdict") != cases[i].pages)
			fail_msg("maintenance of %s, %s: %s", cases[i].id, cases[i].words, cases[i].why);
		lab_stop(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_restart_uses_up_no_allowance),
		cmocka_unit_test(test_a_first_look_that_fails_uses_it_up),
		cmocka_unit_test(test_what_is_maintained_must_account_for_the_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
