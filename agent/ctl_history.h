/* What happened before this call: the journal that the scribe keeps, opened read-only. */
#pragma once
#include "agent/ctl.h"

/* One event for people, as the journal kept it. */
struct past {
	uint64_t sequence;
	int64_t wall_ms;
	const char *type, *array, *text; /* valid during the call; "" none */
	enum severity severity;
};

typedef void ctl_past(struct ctl *c, const struct past *p, void *ctx);

/**
 * ctl_history() - every event from @since_wall on, oldest first
 *
 * Return: 0, or an exit status, told: no leave, no journal, or one that cannot be read.
 */
int ctl_history(struct ctl *c, int64_t since_wall_ms, ctl_past *each, void *ctx);
