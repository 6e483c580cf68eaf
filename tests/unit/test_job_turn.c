/* A worker's job around the looking: for whose configuration it waits, and what it says when the link is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>

#include "agent/job_turn.h"

static struct wire {
	unsigned room, readings, ends, looks;
	struct job_end end;
} wire;

int role_send(struct role_start *s, enum msg_type type, const void *body, const int *fds, unsigned nfds)
{
	(void)s;
	(void)fds;
	(void)nfds;
	if (type == MSG_JOB_END) {
		wire.ends++;
		wire.end = *(const struct job_end *)body;
		return 0;
	}
	if (wire.readings == wire.room)
		return -ENOBUFS;
	wire.readings++;
	return 0;
}

/* Three components and a whole answer; what did not fit in the middle leaves room for the last again. */
static void look(const struct job *j, const struct job_sink *sink, void *arg)
{
	struct reading r = {.job = j->id, .outcome = OUTCOME_OK};
	struct job_end e = {.job = j->id, .outcome = OUTCOME_OK, .complete = 1, .count = 3};

	wire.looks++;
	sink->reading(&r, sink->arg);
	sink->reading(&r, sink->arg);
	wire.room += *(unsigned *)arg;
	sink->reading(&r, sink->arg);
	sink->end(&e, sink->arg);
}

static struct lab {
	struct config *config;
	struct role_start start;
	struct job_turn turn;
	unsigned more;
} l;

static int fresh(void **unused)
{
	(void)unused;
	l = (struct lab){.config = calloc(1, sizeof(*l.config))};
	l.start.config = l.config;
	l.turn = (struct job_turn){.s = &l.start, .carry_out = look, .arg = &l.more};
	wire = (struct wire){.room = 100};
	return l.config ? 0 : -1;
}

static int done(void **unused)
{
	(void)unused;
	free(l.config);
	return 0;
}

static struct msg job_of(uint32_t generation)
{
	return (struct msg){.type = MSG_JOB, .u.job = {.id = 7, .generation = generation}};
}

static void test_a_job_of_this_configuration(void **unused)
{
	struct msg m = job_of(0);

	(void)unused;
	assert_int_equal(job_turn_message(&l.turn, &m), 0);
	assert_int_equal(wire.readings, 3);
	assert_int_equal(wire.ends, 1);
	assert_int_equal(wire.end.outcome, OUTCOME_OK);
	assert_true(wire.end.complete);
	job_turn_go(&l.turn);
	assert_int_equal(wire.looks, 1);
	m.type = MSG_BEAT;
	assert_int_equal(job_turn_message(&l.turn, &m), -EPROTO);
}

static void test_a_job_waits_for_its_configuration(void **unused)
{
	struct msg m = job_of(2);

	(void)unused;
	l.config->generation = 1;
	assert_int_equal(job_turn_message(&l.turn, &m), 0);
	assert_int_equal(wire.looks, 0);
	l.config->generation = 2;
	job_turn_go(&l.turn);
	assert_int_equal(wire.looks, 1);
	l.config->generation = 3;
	assert_int_equal(job_turn_message(&l.turn, &m), 0); /* indexes of a configuration that is gone */
	assert_int_equal(wire.looks, 1);
	assert_int_equal(wire.end.outcome, OUTCOME_REFUSED);
}

static void test_what_did_not_fit_is_no_whole_answer(void **unused)
{
	struct msg m = job_of(0);

	(void)unused;
	wire.room = 1;
	l.more = 1;
	assert_int_equal(job_turn_message(&l.turn, &m), 0);
	assert_int_equal(wire.readings, 1); /* nothing after the gap: it would be taken to stand for what came before it */
	assert_int_equal(wire.ends, 1);
	assert_int_equal(wire.end.outcome, OUTCOME_SHORT);
	assert_false(wire.end.complete);
	assert_true(wire.end.error[0]);
	wire.room = 100;
	assert_int_equal(job_turn_message(&l.turn, &m), 0);
	assert_int_equal(wire.end.outcome, OUTCOME_OK);
	assert_int_equal(wire.readings, 4);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {FRESH(test_a_job_of_this_configuration), FRESH(test_a_job_waits_for_its_configuration),
		FRESH(test_what_did_not_fit_is_no_whole_answer)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
