#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "plan_world.h"

/* Legal pairs as the manual lists them; every other pair must be refused and change nothing. */
struct legal {
	enum run_state from;
	enum run_event ev;
	enum run_state to;
};

static const struct legal legal[] = {
	{RUN_IDLE, RUN_EV_REQUEST, RUN_REQUESTED},
	{RUN_REQUESTED, RUN_EV_ASK, RUN_WAITING_APPROVAL},
	{RUN_REQUESTED, RUN_EV_APPROVE, RUN_FENCING},
	{RUN_REQUESTED, RUN_EV_HOLD_OVER, RUN_FENCING},
	{RUN_REQUESTED, RUN_EV_RECOVER, RUN_WITHDRAWN},
	{RUN_REQUESTED, RUN_EV_DENY, RUN_ABORTED},
	{RUN_REQUESTED, RUN_EV_ABORT, RUN_ABORTED},
	{RUN_WAITING_APPROVAL, RUN_EV_APPROVE, RUN_FENCING},
	{RUN_WAITING_APPROVAL, RUN_EV_EXPIRE, RUN_WITHDRAWN},
	{RUN_WAITING_APPROVAL, RUN_EV_RECOVER, RUN_WITHDRAWN},
	{RUN_WAITING_APPROVAL, RUN_EV_DENY, RUN_ABORTED},
	{RUN_WAITING_APPROVAL, RUN_EV_ABORT, RUN_ABORTED},
	{RUN_FENCING, RUN_EV_PROMOTE, RUN_PROMOTING},
	{RUN_FENCING, RUN_EV_VERIFY, RUN_VERIFYING},
	{RUN_FENCING, RUN_EV_LAST_DONE, RUN_DONE},
	{RUN_FENCING, RUN_EV_STEP_FAILED, RUN_FAILED},
	{RUN_FENCING, RUN_EV_RECOVER, RUN_WITHDRAWN},
	{RUN_FENCING, RUN_EV_UNKNOWN, RUN_FROZEN},
	{RUN_FENCING, RUN_EV_ABORT, RUN_FROZEN},
	{RUN_PROMOTING, RUN_EV_FENCE, RUN_FENCING},
	{RUN_PROMOTING, RUN_EV_VERIFY, RUN_VERIFYING},
	{RUN_PROMOTING, RUN_EV_LAST_DONE, RUN_DONE},
	{RUN_PROMOTING, RUN_EV_STEP_FAILED, RUN_FAILED},
	{RUN_PROMOTING, RUN_EV_UNKNOWN, RUN_FROZEN},
	{RUN_PROMOTING, RUN_EV_ABORT, RUN_FROZEN},
	{RUN_VERIFYING, RUN_EV_FENCE, RUN_FENCING},
	{RUN_VERIFYING, RUN_EV_PROMOTE, RUN_PROMOTING},
	{RUN_VERIFYING, RUN_EV_LAST_DONE, RUN_DONE},
	{RUN_VERIFYING, RUN_EV_STEP_FAILED, RUN_FAILED},
	{RUN_VERIFYING, RUN_EV_UNKNOWN, RUN_FROZEN},
	{RUN_VERIFYING, RUN_EV_ABORT, RUN_FROZEN},
	{RUN_FROZEN, RUN_EV_RESUME, RUN_FENCING},
	{RUN_FROZEN, RUN_EV_ABORT, RUN_ABORTED},
	{RUN_FROZEN, RUN_EV_CLEAR, RUN_ABORTED},
	{RUN_DONE, RUN_EV_CLEAR, RUN_DONE},
	{RUN_FAILED, RUN_EV_CLEAR, RUN_FAILED},
	{RUN_ABORTED, RUN_EV_CLEAR, RUN_ABORTED},
	{RUN_WITHDRAWN, RUN_EV_CLEAR, RUN_WITHDRAWN},
};

static const struct legal *find_legal(unsigned from, unsigned ev)
{
	for (unsigned i = 0; i < ARRAY_SIZE(legal); i++)
		if (legal[i].from == from && legal[i].ev == ev)
			return &legal[i];
	return NULL;
}

static void test_every_pair_of_state_and_event(void **unused)
{
	unsigned n = 0;

	(void)unused;
	plan_world(MODE_APPROVE);
	for (unsigned from = 0; from < RUN_STATE_COUNT; from++)
		for (unsigned ev = 0; ev < RUN_EVENT_COUNT; ev++) {
			const struct legal *l = find_legal(from, ev);
			struct run_row r = {.used = 1, .id = 1, .state = (uint8_t)from};
			uint64_t before;
			int code;

			emit(&world->e, REC_RUN, TABLE_RUN, 0, &r, SEV_NONE, NULL);
			before = world->e.model.sequence;
			code = run_move(&world->e, 0, (enum run_event)ev, "moved");
			assert_int_equal(code, l ? 0 : -EPROTO);
			assert_int_equal(run_at(&world->e.model, 0)->state, l ? l->to : from);
			assert_true((world->e.model.sequence > before) == !!l);
			n += code == 0;
		}
	assert_int_equal(n, ARRAY_SIZE(legal));
	assert_int_equal(run_move(&world->e, 5, RUN_EV_REQUEST, NULL), -EPROTO);
}

static void test_table_as_text(void **unused)
{
	char text[4096];
	size_t lines = 0, len = run_table_text(text, sizeof(text));

	(void)unused;
	assert_true(len < sizeof(text));
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, ARRAY_SIZE(legal));
	assert_non_null(strstr(text, "waiting_approval  approve         -> fencing\n"));
	assert_int_equal(run_table_text(text, 10), len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_every_pair_of_state_and_event),
		IN_WORLD(test_table_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
