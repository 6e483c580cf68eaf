/*
 * A run of a plan: one transition table, one writer. Gates before, verbs in order, a result that is a type.
 */
#pragma once
#include "agent/engine.h"

enum run_event {
	RUN_EV_REQUEST, RUN_EV_ASK, RUN_EV_APPROVE, RUN_EV_DENY, RUN_EV_EXPIRE, RUN_EV_RECOVER, RUN_EV_HOLD_OVER,
	RUN_EV_FENCE, RUN_EV_PROMOTE, RUN_EV_VERIFY, RUN_EV_LAST_DONE, RUN_EV_STEP_FAILED, RUN_EV_UNKNOWN, RUN_EV_ABORT,
	RUN_EV_RESUME, RUN_EV_CLEAR, RUN_EVENT_COUNT
};

struct run_edge {
	bool legal;
	uint8_t next;   /* enum run_state */
	uint8_t record; /* enum record_type it is told as */
};
extern const struct run_edge run_edges[RUN_STATE_COUNT][RUN_EVENT_COUNT];
const char *run_event_text(enum run_event ev);
/** run_table_text() - the table as text, one edge a line: for the manual; returns the length it would need */
size_t run_table_text(char *buf, size_t size);

/** run_move() - the only function that writes a run's state; record first. -EPROTO for an illegal pair */
must_check int run_move(struct engine *e, uint32_t run, enum run_event ev, const char *text);

/** run_unfinished() - it waits, acts or is frozen: its plan is needed still */
bool run_unfinished(const struct run_row *r);

/* CONTRACT gates, in order; each is a pure look at model, configuration and clock. */
enum gate {
	GATE_OPEN_RUN, GATE_ARMED, GATE_MAINTENANCE, GATE_BLOCK, GATE_EVIDENCE, GATE_UNIT, GATE_OBSERVER, GATE_TARGET,
	GATE_WRITE_ERRORS, GATE_FIRMWARE, GATE_MISMATCH, GATE_LOAD, GATE_REHEARSAL, GATE_QUORUM, GATE_COUNT
};
const char *gate_text(enum gate g);
/**
 * gates_check() - the first gate that refuses, GATE_COUNT when all pass
 * @why: at least 128 bytes: in words for people, what would make it pass
 */
enum gate gates_check(const struct engine *e, unsigned plan, enum run_mode mode, char *why, size_t size);

/* Is what Ballast sees its own host's trouble? Without a witness that answers: unknown, so people decide. */
enum observer { OBSERVER_UNKNOWN, OBSERVER_SOUND, OBSERVER_SUSPECT };
enum observer observer_sound(const struct engine *e, unsigned plan);

/** plans_update() - requests, holds, approvals, withdrawals, next verbs, deadlines; true when anything changed */
bool plans_update(struct engine *e);
uint64_t plans_next_ms(const struct engine *e);
void run_command(struct engine *e, const struct command *c, struct reply *ret);
void run_step_result(struct engine *e, const struct step_result *s);
void run_runner_died(struct engine *e);
