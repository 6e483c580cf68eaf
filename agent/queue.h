/*
 * What one sink has still to be told, and what next: most urgent first, oldest first, one at a time. Pure:
 * the replica says what is wanted, the queue remembers only attempts. It sends nothing.
 */
#pragma once
#include "agent/model.h"
#include "agent/retry.h"

/* One alert on its way to one sink. */
struct letter {
	uint64_t epoch, sequence;
	uint32_t row;           /* of the alert in the model */
	uint8_t severity;
	bool parked;            /* refused, or too old: tried hourly */
	bool accepted;          /* by the receiver; the engine has not said so yet */
	uint32_t attempts;      /* all of them */
	uint32_t failures;      /* that were this message's own: the receiver answered, and not with 2xx */
	uint64_t next_ms;
};

struct queue {
	struct letter *letters;
	uint32_t n, capacity;
	unsigned sink;          /* index: which bit of wanted, done, parked */
	uint32_t failures;      /* in a row, whatever the message */
	uint64_t next_ms;       /* not before, for any message */
	uint64_t asked_ms;      /* not before: the receiver said so (Retry-After) */
	uint64_t tried_ms;
	bool turn;              /* a message failed again on its own: one that has not goes first, once */
};

/** queue_clear() - forget everything; the sink index stays */
void queue_clear(struct queue *q);

/**
 * queue_row() - the alert row @row changed
 * Return: 0; 1 when the row still asks for a message that the receiver has accepted: say so again; -ENOMEM.
 */
must_check int queue_row(struct queue *q, const struct model *m, uint32_t row, uint64_t now_ms);

/**
 * queue_sync() - a new snapshot: whatever is wanted in it, with the attempts that are still known
 * Return: 0, -ENOMEM.
 */
must_check int queue_sync(struct queue *q, const struct model *m, uint64_t now_ms);

/**
 * queue_next() - the letter to send now
 * @ret_when: when to ask again if it is NULL; UINT64_MAX: when something changes
 *
 * Of several about the same thing the earlier goes first, so that "resolved" does not overtake "firing".
 */
struct letter *queue_next(struct queue *q, const struct model *m, uint64_t now_ms, uint64_t *ret_when);

/** queue_find() - by its stable identity; NULL when it has gone */
struct letter *queue_find(struct queue *q, uint64_t epoch, uint64_t sequence);

/** queue_waiting() - letters not yet accepted; @ret_urgent: the highest severity among them */
uint32_t queue_waiting(const struct queue *q, enum severity *ret_urgent);

/* How an attempt ended. */
struct attempt {
	enum retry_class class;
	bool answered;          /* the receiver said something: the failure may be this message's own */
	uint64_t after_ms;      /* Retry-After, 0 none */
	uint32_t random;
};

/**
 * queue_done() - note the end of an attempt with @l
 * Return: when this letter may be tried again, boot ms; 0 accepted. @l->parked says whether it is.
 */
uint64_t queue_done(struct queue *q, const struct model *m, struct letter *l, const struct attempt *a, uint64_t now_ms);
