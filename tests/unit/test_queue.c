#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "agent/queue.h"

static void put(struct model *m, uint32_t at, struct alert_row row)
{
	struct record r = {.sequence = m->sequence + 1, .table = TABLE_ALERT, .index = at};

	memcpy(r.row, &row, sizeof(row));
	assert_int_equal(model_apply(m, &r), 0);
}

static struct alert_row alert(uint64_t sequence, enum severity severity, const char *subject)
{
	struct alert_row a = {.used = 1, .type = ALERT_FINDING_FIRING, .severity = (uint8_t)severity, .epoch = 1,
		.sequence = sequence, .wanted = 1, .created_ms = 1000, .component = NONE32, .plan = NONE16};

	copy_text(a.subject, sizeof(a.subject), subject);
	return a;
}

static const struct attempt accepted = {.class = RETRY_ACCEPTED, .answered = true};
static const struct attempt network = {.class = RETRY_LATER};
static const struct attempt http_500 = {.class = RETRY_LATER, .answered = true};
static const struct attempt http_404 = {.class = RETRY_PARK, .answered = true};

static uint64_t next_sequence(struct queue *q, const struct model *m, uint64_t now_ms)
{
	uint64_t when;
	struct letter *l = queue_next(q, m, now_ms, &when);

	return l ? l->sequence : 0;
}

static uint64_t finish(struct queue *q, const struct model *m, const struct attempt *a, uint64_t now_ms)
{
	uint64_t when, sequence;
	struct letter *l = queue_next(q, m, now_ms, &when);

	assert_non_null(l);
	sequence = l->sequence;
	(void)queue_done(q, m, l, a, now_ms);
	return sequence;
}

static void test_most_urgent_first_then_oldest(void **unused)
{
	struct model m = {};
	struct queue q = {};

	(void)unused;
	put(&m, 0, alert(10, SEV_INFO, "a"));
	put(&m, 1, alert(12, SEV_CRITICAL, "b"));
	put(&m, 2, alert(11, SEV_WARNING, "c"));
	put(&m, 3, alert(13, SEV_CRITICAL, "d"));
	assert_int_equal(queue_sync(&q, &m, 2000), 0);
	assert_int_equal(finish(&q, &m, &accepted, 2000), 12);
	assert_int_equal(finish(&q, &m, &accepted, 2000), 13);
	assert_int_equal(finish(&q, &m, &accepted, 2000), 11);
	assert_int_equal(finish(&q, &m, &accepted, 2000), 10);
	assert_int_equal(next_sequence(&q, &m, 2000), 0);
	queue_clear(&q);
	model_clear(&m);
}

static void test_resolved_never_overtakes_firing(void **unused)
{
	struct model m = {};
	struct queue q = {};
	struct alert_row resolved = alert(11, SEV_CRITICAL, "b");

	(void)unused;
	resolved.type = ALERT_FINDING_RESOLVED;
	resolved.resolved = 1;
	put(&m, 0, alert(10, SEV_WARNING, "b"));
	put(&m, 1, resolved);
	put(&m, 2, alert(12, SEV_INFO, "other"));
	assert_int_equal(queue_sync(&q, &m, 2000), 0);
	assert_int_equal(finish(&q, &m, &http_500, 2000), 10); /* although the other is more severe */
	assert_int_equal(next_sequence(&q, &m, 2500), 0);
	assert_int_equal(finish(&q, &m, &accepted, 7000), 10);
	assert_int_equal(finish(&q, &m, &accepted, 7000), 11);
	assert_int_equal(finish(&q, &m, &accepted, 7000), 12);
	queue_clear(&q);
	model_clear(&m);
}

static void test_one_bad_message_does_not_block_the_rest(void **unused)
{
	struct model m = {};
	struct queue q = {};
	unsigned told = 0;

	(void)unused;
	put(&m, 0, alert(10, SEV_CRITICAL, "poison"));
	for (uint32_t i = 1; i < 6; i++)
		put(&m, i, alert(10 + i, SEV_INFO, (char[]){(char)('a' + i), 0}));
	assert_int_equal(queue_sync(&q, &m, 1000), 0);
	for (uint64_t t = 1000; t < 60000; t += 100) {
		uint64_t sequence = next_sequence(&q, &m, t);

		if (sequence)
			told += finish(&q, &m, sequence == 10 ? &http_500 : &accepted, t) != 10;
	}
	assert_int_equal(told, 5);
	queue_clear(&q);
	model_clear(&m);
}

static void test_refused_is_parked_and_tried_hourly(void **unused)
{
	struct model m = {};
	struct queue q = {};
	uint64_t when;

	(void)unused;
	put(&m, 0, alert(10, SEV_CRITICAL, "a"));
	put(&m, 1, alert(11, SEV_CRITICAL, "b"));
	assert_int_equal(queue_sync(&q, &m, 1000), 0);
	assert_int_equal(finish(&q, &m, &http_404, 1000), 10);
	assert_true(queue_find(&q, 1, 10)->parked);
	assert_int_equal(finish(&q, &m, &accepted, 1000), 11);
	assert_null(queue_next(&q, &m, 1000, &when));
	assert_true(when >= 1000 + 3240000 && when <= 1000 + 3600000);
	assert_int_equal(finish(&q, &m, &accepted, when), 10);
	queue_clear(&q);
	model_clear(&m);
}

/* Down for five hours, then back: everything within the tail's last step, each once; few tries meanwhile. */
static void test_receiver_down_for_hours(void **unused)
{
	const uint64_t back = 5 * 3600 * 1000;
	struct model m = {};
	struct queue q = {};
	unsigned tries = 0, told = 0;
	uint64_t t = 1000, last = 0;

	(void)unused;
	for (uint32_t i = 0; i < 40; i++)
		put(&m, i, alert(10 + i, i % 3 ? SEV_INFO : SEV_CRITICAL, (char[]){(char)('A' + i), 0}));
	assert_int_equal(queue_sync(&q, &m, t), 0);
	while (t < 2 * back) {
		uint64_t when;
		struct letter *l = queue_next(&q, &m, t, &when);

		if (!l) {
			if (when == UINT64_MAX)
				break;
			t = when;
			continue;
		}
		tries++;
		(void)queue_done(&q, &m, l, t < back ? &network : &accepted, t);
		told += t >= back;
		last = t;
	}
	assert_int_equal(told, 40);
	assert_true(last - back <= 1800000);
	assert_true(tries < 40 + 40);
	queue_clear(&q);
	model_clear(&m);
}

static void test_new_critical_does_not_wait_for_the_tail(void **unused)
{
	struct model m = {};
	struct queue q = {};
	struct attempt patience = {.class = RETRY_LATER, .answered = true, .after_ms = 120000};
	uint64_t t = 1000, when;

	(void)unused;
	put(&m, 0, alert(10, SEV_CRITICAL, "a"));
	assert_int_equal(queue_row(&q, &m, 0, t), 0);
	for (unsigned i = 0; i < 12; i++) {
		if (!next_sequence(&q, &m, t)) {
			assert_null(queue_next(&q, &m, t, &when));
			t = when;
		}
		(void)finish(&q, &m, &network, t);
	}
	put(&m, 1, alert(11, SEV_CRITICAL, "b"));
	assert_int_equal(queue_row(&q, &m, 1, t + 10), 0);
	assert_int_equal(next_sequence(&q, &m, t + 10), 0);
	assert_int_not_equal(next_sequence(&q, &m, t + 1000), 0);
	(void)finish(&q, &m, &patience, t + 1000);
	put(&m, 2, alert(12, SEV_CRITICAL, "c"));
	assert_int_equal(queue_row(&q, &m, 2, t + 2000), 0);
	assert_int_equal(next_sequence(&q, &m, t + 100000), 0); /* 429: what was asked for is kept */
	assert_int_not_equal(next_sequence(&q, &m, t + 121000), 0);
	queue_clear(&q);
	model_clear(&m);
}

static void test_a_day_of_quiet_does_not_hold_a_page(void **unused)
{
	struct model m = {};
	struct queue q = {};
	struct attempt quiet = {.class = RETRY_LATER, .answered = true, .after_ms = 24 * 3600000};

	(void)unused;
	put(&m, 0, alert(10, SEV_INFO, "a"));
	assert_int_equal(queue_row(&q, &m, 0, 1000), 0);
	(void)finish(&q, &m, &quiet, 1000);
	assert_int_equal(next_sequence(&q, &m, 23 * 3600000), 0);
	put(&m, 1, alert(11, SEV_CRITICAL, "b"));
	assert_int_equal(queue_row(&q, &m, 1, 2000), 0);
	assert_int_equal(next_sequence(&q, &m, 200000), 0);
	assert_int_equal(next_sequence(&q, &m, 303000), 11);
	(void)finish(&q, &m, &quiet, 303000);
	assert_int_equal(next_sequence(&q, &m, 304000), 0);
	assert_int_not_equal(next_sequence(&q, &m, 604000), 0);
	queue_clear(&q);
	model_clear(&m);
}

static void test_after_five_days_it_is_parked(void **unused)
{
	struct model m = {};
	struct queue q = {};
	uint64_t day = 24 * 3600 * 1000;

	(void)unused;
	put(&m, 0, alert(10, SEV_CRITICAL, "a"));
	assert_int_equal(queue_sync(&q, &m, 1000), 0);
	(void)finish(&q, &m, &network, 4 * day);
	assert_false(queue_find(&q, 1, 10)->parked);
	(void)finish(&q, &m, &network, 5 * day + 2000);
	assert_true(queue_find(&q, 1, 10)->parked);
	queue_clear(&q);
	model_clear(&m);
}

static void test_what_was_accepted_is_said_again_to_a_new_engine(void **unused)
{
	struct model m = {}, fresh = {};
	struct queue q = {};
	struct alert_row done = alert(10, SEV_CRITICAL, "a");
	uint64_t when;

	(void)unused;
	put(&m, 0, alert(10, SEV_CRITICAL, "a"));
	assert_int_equal(queue_sync(&q, &m, 1000), 0);
	assert_int_equal(finish(&q, &m, &accepted, 1000), 10);
	/* the engine died before it heard of that; its checkpoint has the row elsewhere */
	put(&fresh, 0, alert(9, SEV_INFO, "z"));
	put(&fresh, 1, alert(10, SEV_CRITICAL, "a"));
	assert_int_equal(queue_sync(&q, &fresh, 2000), 0);
	assert_int_equal(queue_row(&q, &fresh, 1, 2000), 1);
	assert_int_equal(finish(&q, &fresh, &accepted, 2000), 9);
	assert_null(queue_next(&q, &fresh, 2000, &when));
	done.done = 1;
	put(&fresh, 1, done);
	assert_int_equal(queue_row(&q, &fresh, 1, 3000), 0);
	assert_null(queue_find(&q, 1, 10));
	queue_clear(&q);
	model_clear(&m);
	model_clear(&fresh);
}

static void test_rows_that_are_used_again(void **unused)
{
	struct model m = {};
	struct queue q = {};
	struct alert_row other = alert(20, SEV_INFO, "b"), none = {};
	enum severity urgent;

	(void)unused;
	put(&m, 0, alert(10, SEV_CRITICAL, "a"));
	assert_int_equal(queue_row(&q, &m, 0, 1000), 0);
	assert_int_equal(queue_waiting(&q, &urgent), 1);
	assert_int_equal(urgent, SEV_CRITICAL);
	put(&m, 0, other);
	assert_int_equal(queue_row(&q, &m, 0, 1000), 0);
	assert_null(queue_find(&q, 1, 10));
	assert_int_equal(next_sequence(&q, &m, 1000), 20);
	put(&m, 0, none);
	assert_int_equal(queue_row(&q, &m, 0, 1000), 0);
	assert_int_equal(queue_waiting(&q, &urgent), 0);
	assert_int_equal(queue_row(&q, &m, 77, 1000), 0);
	queue_clear(&q);
	model_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most_urgent_first_then_oldest),
		cmocka_unit_test(test_resolved_never_overtakes_firing),
		cmocka_unit_test(test_one_bad_message_does_not_block_the_rest),
		cmocka_unit_test(test_refused_is_parked_and_tried_hourly),
		cmocka_unit_test(test_receiver_down_for_hours),
		cmocka_unit_test(test_new_critical_does_not_wait_for_the_tail),
		cmocka_unit_test(test_a_day_of_quiet_does_not_hold_a_page),
		cmocka_unit_test(test_after_five_days_it_is_parked),
		cmocka_unit_test(test_what_was_accepted_is_said_again_to_a_new_engine),
		cmocka_unit_test(test_rows_that_are_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
