/*
 * The records people care about, the newest last, as the page, the API and the streams need them: kept
 * in memory only, since the journal belongs to scribe. Not thread-safe: the owner holds the lock.
 */
#pragma once
#include "agent/model.h"

enum { HISTORY_EVENTS = 512 };

struct history_event {
	uint64_t sequence;
	int64_t wall_ms;
	uint16_t type, table; /* enum record_type, enum table */
	uint16_t array, incident;
	uint32_t index;
	uint8_t severity;
	uint8_t from,
		to; /* state, verdict or run state before and after; equal when it did not move */
	uint8_t simulated;
	char text[TEXT_MAX];
	char *json; /* the record as /api/v1/events shows it */
	uint32_t json_len;
};

struct history {
	struct history_event event[HISTORY_EVENTS];
	uint64_t count; /* ever added; the i-th newest is at (count - 1 - i) % HISTORY_EVENTS */
};

/** history_at() - @i counted from the newest (0); NULL beyond what is kept */
const struct history_event *history_at(const struct history *h, uint64_t i);
/** history_after() - the oldest kept event with a sequence above @sequence; NULL none */
const struct history_event *history_after(const struct history *h, uint64_t sequence);
/**
 * history_add() - note a record, unless it is quiet or not newer than the newest
 * @before: the model before the record was applied: what the row was
 * @json:   taken over, also when the record is not kept; may be NULL
 *
 * Return: true when it was kept.
 */
bool history_add(struct history *h, const struct model *before, const struct record *r, char *json);
void history_clear(struct history *h);
