/* Inside of replay: one scenario being played on virtual time. */
#pragma once
#include "agent/engine.h"
#include "agent/scenario.h"

enum { REPLAY_SENDS = 1024, REPLAY_BASE_MS = 3600000 };

/* A message on its way to a simulated sink. */
struct replay_send {
	bool used;
	uint8_t sink;
	uint32_t attempt;
	uint64_t sequence, due_ms;
};

struct replay {
	struct scenario *s;
	struct world world;
	struct engine engine;
	uint64_t now_ms, seen;          /* seen: last record looked at */
	uint64_t poll_ms[CFG_SOURCES];
	struct replay_send sends[REPLAY_SENDS];
	bool sink_down[CFG_SINKS];
	struct verb_order verb;         /* in flight; .job 0 none */
	uint64_t verb_due_ms;
	bool verb_overruns;             /* it would take longer than it may */
	uint64_t hit_ms[SCENARIO_EXPECTS]; /* when it came true within its times, +1; 0 not yet */
	FILE *out;                      /* NULL: silent */
};

/** replay_run() - play it through; -ENOMEM or -EPROTO when the engine cannot start */
must_check int replay_run(struct replay *r);
/** replay_see() - everything the log says since the last call: print, match, send */
void replay_see(struct replay *r);
/** replay_accepted() - a sink took a message: what an `alert` expectation means */
void replay_accepted(struct replay *r, const struct alert_row *a);
/** replay_judge() - after the run: print each expectation. Return: how many do not hold */
unsigned replay_judge(const struct replay *r);
/** replay_say() - one line of the timeline */
void replay_say(const struct replay *r, const char *what, const char *text);

static inline int64_t replay_wall(const struct replay *r)
{
	/* 2023-08-17T00:00:00Z: any day would do, the same one makes the same output */
	return INT64_C(1692230400000) + (int64_t)r->now_ms;
}
