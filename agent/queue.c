#include "agent/queue.h"

#include <errno.h>

enum { SPACING_MS = 1000, ASKED_CRITICAL_MS = 5 * 60000 };

void queue_clear(struct queue *q)
{
	free(q->letters);
	*q = (struct queue){.sink = q->sink};
}

static const struct alert_row *letter_row(const struct model *m, const struct letter *l)
{
	const struct alert_row *a = alert_at(m, l->row);

	return a && a->used && a->epoch == l->epoch && a->sequence == l->sequence ? a : NULL;
}

static bool row_wants(const struct queue *q, const struct alert_row *a)
{
	uint32_t bit = UINT32_C(1) << q->sink;

	return a && a->used && a->wanted & bit && !(a->done & bit);
}

struct letter *queue_find(struct queue *q, uint64_t epoch, uint64_t sequence)
{
	for (uint32_t i = 0; i < q->n; i++)
		if (q->letters[i].epoch == epoch && q->letters[i].sequence == sequence)
			return &q->letters[i];
	return NULL;
}

static void letter_drop(struct queue *q, uint32_t i)
{
	q->letters[i] = q->letters[--q->n];
}

static struct letter *letter_add(struct queue *q)
{
	if (q->n == q->capacity) {
		uint32_t capacity = q->capacity ? q->capacity * 2 : 16;
		struct letter *grown = realloc(q->letters, capacity * sizeof(*grown));

		if (!grown)
			return NULL;
		q->letters = grown;
		q->capacity = capacity;
	}
	q->letters[q->n] = (struct letter){};
	return &q->letters[q->n++];
}

/* A receiver that asks for a day of quiet does not know of what: a page waits a few minutes and no longer. */
static void limit_asked(struct queue *q, uint64_t now_ms)
{
	q->asked_ms = MIN_OF(q->asked_ms, now_ms + ASKED_CRITICAL_MS);
}

/* Something new and critical does not wait for the end of a long back-off, only for what was asked. */
static void hurry(struct queue *q, uint64_t now_ms)
{
	uint64_t soonest = q->tried_ms ? q->tried_ms + SPACING_MS : now_ms;

	if (!q->failures)
		return;
	q->failures = 0;
	limit_asked(q, now_ms);
	q->next_ms = MAX_OF(MIN_OF(q->next_ms, soonest), q->asked_ms);
}

int queue_row(struct queue *q, const struct model *m, uint32_t row, uint64_t now_ms)
{
	const struct alert_row *a = alert_at(m, row);
	struct letter *l = a ? queue_find(q, a->epoch, a->sequence) : NULL;
	uint32_t bit = UINT32_C(1) << q->sink;

	for (uint32_t i = 0; i < q->n; i++) {
		/* the row is used for another alert now, or this one needs nothing more */
		if (q->letters[i].row == row && (&q->letters[i] != l || !row_wants(q, a))) {
			letter_drop(q, i);
			return queue_row(q, m, row, now_ms);
		}
	}
	if (!row_wants(q, a))
		return 0;
	if (!l) {
		l = letter_add(q);
		if (!l)
			return -ENOMEM;
		*l = (struct letter){.epoch = a->epoch, .sequence = a->sequence, .severity = a->severity,
			.parked = a->parked & bit};
		if (a->severity == SEV_CRITICAL && !a->resolved)
			hurry(q, now_ms);
	}
	l->row = row;
	return l->accepted;
}

int queue_sync(struct queue *q, const struct model *m, uint64_t now_ms)
{
	for (uint32_t i = 0; i < q->n; i++)
		q->letters[i].row = NONE32;
	for (uint32_t row = 0; row < alert_count(m); row++) {
		int r = queue_row(q, m, row, now_ms);

		if (r < 0)
			return r;
	}
	for (uint32_t i = 0; i < q->n;) {
		if (q->letters[i].row == NONE32)
			letter_drop(q, i);
		else
			i++;
	}
	return 0;
}

static bool same_matter(const struct alert_row *a, const struct alert_row *b)
{
	return a->array == b->array && a->component == b->component && a->run == b->run && a->plan == b->plan &&
		!strcmp(a->rule_id, b->rule_id) && !strcmp(a->subject, b->subject);
}

/* Is there an earlier message about the same matter that has not got through? Parked ones do not hold up. */
static bool must_follow(const struct queue *q, const struct model *m, const struct letter *l)
{
	const struct alert_row *a = letter_row(m, l);

	for (uint32_t i = 0; i < q->n; i++) {
		const struct letter *o = &q->letters[i];
		const struct alert_row *b = letter_row(m, o);

		if (o->accepted || o->parked || o->epoch > l->epoch || (o->epoch == l->epoch && o->sequence >= l->sequence))
			continue;
		if (a && b && same_matter(a, b))
			return true;
	}
	return false;
}

static bool before(const struct letter *a, const struct letter *b)
{
	if (a->severity != b->severity)
		return a->severity > b->severity;
	if (a->failures != b->failures)
		return a->failures < b->failures;
	return a->epoch != b->epoch ? a->epoch < b->epoch : a->sequence < b->sequence;
}

/* must_follow() looks at every letter: ask it only of those that would change the answer. */
struct letter *queue_next(struct queue *q, const struct model *m, uint64_t now_ms, uint64_t *ret_when)
{
	struct letter *best = NULL, *untried = NULL;

	*ret_when = UINT64_MAX;
	for (uint32_t i = 0; i < q->n; i++) {
		struct letter *l = &q->letters[i];
		uint64_t due = MAX_OF(l->next_ms, q->next_ms);
		bool sooner = due > now_ms && due < *ret_when;
		bool better = due <= now_ms && (!best || before(l, best));
		bool fresher = due <= now_ms && !l->failures && (!untried || before(l, untried));

		if (l->accepted || (!sooner && !better && !fresher) || !letter_row(m, l) || must_follow(q, m, l))
			continue;
		*ret_when = sooner ? due : *ret_when;
		best = better ? l : best;
		untried = fresher ? l : untried;
	}
	return q->turn && untried ? untried : best;
}

uint32_t queue_waiting(const struct queue *q, enum severity *ret_urgent)
{
	uint32_t n = 0;

	*ret_urgent = SEV_NONE;
	for (uint32_t i = 0; i < q->n; i++) {
		if (q->letters[i].accepted || q->letters[i].parked)
			continue;
		n++;
		*ret_urgent = MAX_OF(*ret_urgent, (enum severity)q->letters[i].severity);
	}
	return n;
}

static bool too_old(const struct model *m, const struct letter *l, uint64_t now_ms)
{
	const struct alert_row *a = letter_row(m, l);

	return a && now_ms > a->created_ms && now_ms - a->created_ms > RETRY_TAIL_MS;
}

static uint64_t failed_later(struct queue *q, struct letter *l, const struct attempt *a, uint64_t now_ms)
{
	uint64_t wait = retry_delay_ms(l->severity, ++q->failures, false, 0, a->random);
	enum severity urgent;

	q->asked_ms = a->after_ms ? now_ms + retry_delay_ms(SEV_CRITICAL, 1, false, a->after_ms, 0) : 0;
	if (queue_waiting(q, &urgent) && urgent == SEV_CRITICAL)
		limit_asked(q, now_ms);
	q->next_ms = MAX_OF(now_ms + wait, q->asked_ms);
	q->turn = a->answered && l->failures;
	if (a->answered)
		l->next_ms = now_ms + retry_delay_ms(l->severity, ++l->failures, false, 0, a->random);
	return MAX_OF(q->next_ms, l->next_ms);
}

uint64_t queue_done(struct queue *q, const struct model *m, struct letter *l, const struct attempt *a, uint64_t now_ms)
{
	l->attempts++;
	q->tried_ms = now_ms;
	if (a->class == RETRY_ACCEPTED) {
		l->accepted = true;
		q->failures = 0;
		q->next_ms = q->asked_ms = 0;
		return 0;
	}
	if (a->class == RETRY_LATER && !too_old(m, l, now_ms) && !l->parked)
		return failed_later(q, l, a, now_ms);
	l->parked = true;
	l->failures++;
	l->next_ms = now_ms + retry_delay_ms(l->severity, l->failures, true, a->after_ms, a->random);
	if (a->class == RETRY_LATER)
		(void)failed_later(q, l, &(struct attempt){.class = RETRY_LATER, .after_ms = a->after_ms}, now_ms);
	return l->next_ms;
}
