/* When to try a delivery again. Pure: a ladder and a classification, no clock, no randomness of its own. */
#pragma once
#include "agent/config.h"

/* What an attempt's end means. */
enum retry_class {
	RETRY_ACCEPTED,
	RETRY_LATER, /* network, time-out, TLS, 408, 425, 429, 5xx */
	RETRY_PARK,  /* any other answer: told through the fallback, tried slowly, never dropped */
	RETRY_CLASS_COUNT
};

enum { RETRY_TAIL_MS = 5 * 24 * 3600 * 1000 }; /* after this long a message that may be retried is parked too */

/** retry_classify() - of an HTTP status; 0: there was none */
enum retry_class retry_classify(unsigned http);

/**
 * retry_delay_ms() - how long to wait after the @failures-th failure in a row
 * @severity: of the message, enum severity: critical starts at 1 s, the rest at 5 s
 * @failures: 1 after the first
 * @parked:   hourly instead of the ladder
 * @after_ms: what the receiver asked for (Retry-After), 0 nothing; never less than this, never beyond a day
 * @random:   any number: spreads by up to a tenth, downwards, never below the ladder's first step
 */
uint64_t retry_delay_ms(enum severity severity, unsigned failures, bool parked, uint64_t after_ms, uint32_t random);

/**
 * retry_after_ms() - the Retry-After header's value (RFC 9110 section 10.2.3): seconds or an HTTP date
 * @text:    as received, hostile
 * @date_s:  the date it means, unix seconds, when the caller could parse one; -1 not a date
 * @wall_ms: now
 *
 * Return: ms to wait, 0 for nonsense or a date that has passed.
 */
uint64_t retry_after_ms(const char *text, int64_t date_s, int64_t wall_ms);
