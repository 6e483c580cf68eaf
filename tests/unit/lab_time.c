/* Time in the lab, and the lists and looks that are repeated in it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/lab_time.h"

static void pass(struct lab *l, uint64_t ms)
{
	l->now_ms += ms;
	l->wall_ms += (int64_t)ms;
}

void lab_wait_ms(struct lab *l, uint64_t ms)
{
	uint64_t end = l->now_ms + ms, next;

	while ((next = engine_next_ms(&l->e)) <= end) {
		assert_true(next > l->now_ms);
		pass(l, next - l->now_ms);
		engine_tick(&l->e, l->now_ms, l->wall_ms);
	}
	pass(l, end - l->now_ms);
}

void lab_send(struct lab *l, unsigned i)
{
	l->subject[i].job = l->job;
	engine_reading(&l->e, &l->subject[i], l->now_ms, l->wall_ms);
}

void lab_end_job(struct lab *l, unsigned source, enum outcome outcome, bool complete)
{
	struct job_end j = {.job = l->job,
		.source = (uint16_t)source,
		.outcome = (uint8_t)outcome,
		.complete = complete};

	if (outcome != OUTCOME_OK)
		copy_text(j.error, sizeof(j.error), "exit status 3");
	engine_job_end(&l->e, &j, l->now_ms, l->wall_ms);
}

static void send_all(struct lab *l, unsigned source)
{
	l->job++;
	for (unsigned i = 0; i < l->nsubjects; i++)
		if (l->subject[i].source == source && !l->silent[i])
			lab_send(l, i);
	lab_end_job(l, source, OUTCOME_OK, l->config->sources[source].type == SOURCE_EXEC);
}

static bool is_silent(const struct lab *l, unsigned source)
{
	for (unsigned i = 0; i < l->nsubjects; i++)
		if (l->subject[i].source == source && !l->silent[i])
			return false;
	return true;
}

static bool is_used(const struct lab *l, unsigned source)
{
	for (unsigned i = 0; i < l->nsubjects; i++)
		if (l->subject[i].source == source)
			return true;
	return source < LAB_MGMT;
}

/* All that is listed every few seconds; a source of which everything is silent does not answer. */
static void send_lists(struct lab *l)
{
	for (unsigned s = 0; s < l->config->nsources; s += s ? 1 : 2) {
		if (!is_used(l, s))
			continue;
		if (l->config->nsources <= LAB_MGMT || !is_silent(l, s)) {
			send_all(l, s);
			continue;
		}
		l->job++;
		lab_end_job(l, s, OUTCOME_TIMEOUT, false);
	}
}

void lab_keep(struct lab *l, uint64_t seconds)
{
	uint64_t end = l->now_ms + seconds * 1000, step = 5000, drives = l->now_ms + 600000;

	/* long times: listing an array every minute or hour is as good as every 5 s, if it is kept from ageing */
	if (seconds > 7200)
		step = 14000;
	while (l->now_ms + step <= end) {
		lab_wait_ms(l, step);
		send_lists(l);
		if (l->now_ms >= drives) {
			send_all(l, 1);
			drives = l->now_ms + 600000;
		}
	}
	lab_wait_ms(l, end - l->now_ms);
	send_lists(l);
	send_all(l, 1);
}
