/*
 * The engine: facts -> rules -> findings -> verdict -> incident -> decision, on a clock passed in.
 * It does no I/O and never waits. What it decides becomes records in its log; the process around it
 * (engine_main.c) and `ballastctl replay` only move bytes.
 */
#pragma once
#include "agent/msg.h"

enum {
	LOG_RING = 256,
	CHECKPOINT_EVERY_MS = 5000 /* at the latest, when nothing but values changed */
};

/* The one log: a ring of numbered records. Followers keep a cursor; nobody removes anything. */
struct record_log {
	struct record *ring;         /* LOG_RING records */
	uint64_t head;               /* sequence of the newest; 0 none */
	uint64_t tail;               /* oldest still in the ring */
};

/* When a component is looked at again. */
struct component_due {
	uint64_t at_ms;              /* 0 now, UINT64_MAX only when something changes */
	uint32_t member;             /* row of its membership when last looked for, a hint */
	uint32_t next;               /* in the queue of those to look at: index + 1, 0 the last */
	uint16_t findings;           /* active ones on it: most have none and need no look-up */
	bool present;                /* found since the process started */
	bool queued;
	bool guest;                  /* plugged in by USB while running: nobody expects it to stay */
};

/* Messages about one array to one sink in the running minute. */
struct told_window {
	uint64_t since_ms;
	uint32_t count;
};

struct telling;

struct engine {
	const struct config *config; /* borrowed */
	struct model model;
	struct record_log log;
	uint64_t now_ms;             /* set at every entry point */
	int64_t wall_ms;
	uint32_t next_job;           /* numbers for verb orders */
	uint32_t given_job;          /* highest number handed to the runner */
	uint32_t overdue_job;        /* a verb the runner did not end in time: to be aborted; 0 none */
	uint64_t changed_arrays;     /* bit per array of which something changed since its verdict was derived */
	bool dirty;                  /* something the verdict depends on changed since engine_settle() */
	struct component_due *due;   /* parallel to the components; nothing in it must survive a restart */
	uint32_t ndue;
	uint32_t last_read;          /* component of the last reading: lists come in the same order each time */
	uint32_t queue, queue_end;   /* components to look at in the next round: index + 1, 0 none */
	uint32_t unsettled;          /* times settle() gave up: a rule that contradicts itself */
	bool enumerated;             /* the first look for devices is over */
	uint64_t began_ms;           /* when this process began to wait for it */
	bool recap;                  /* groups may have changed: severities are capped anew */
	uint64_t settle_ms;          /* new components wait together for this; 0 none do */
	bool refold;                 /* findings came or went: which is a symptom of which is open again */
	bool touched;                /* a component's rules are due, and maybe nothing follows from it */
	struct told_window told[CFG_ARRAYS + 1][CFG_SINKS]; /* last: Ballast's own */
	struct telling *tellings;    /* groups that a layout source is about to name, until its look ends */
	uint32_t ntellings;
	uint64_t owed;               /* newest event for people: the scribe is to say that it is on disk */
	uint64_t owed_ms;            /* since it has said nothing of what it owes; 0 it owes nothing */
	uint32_t nowed;              /* such events since it was last heard */
	bool checkpoint_due;         /* marks, baselines, runs or counters changed since the last checkpoint */
};

/**
 * engine_init() - from nothing or from a checkpoint
 * @config: stays the caller's and must live as long as the engine
 * @block:  model_pack() block to start from; NULL for an empty model
 * @epoch:  used when there is no block; grows with every cold start
 *
 * Creates or updates the rows that the configuration implies (self, arrays, sources, sinks, plans,
 * declared groups). Verbs in flight in the checkpoint become EXIT_LOST: their run freezes.
 *
 * Return: 0, -ENOMEM, -EPROTO for a block of another build.
 */
must_check int engine_init(struct engine *e, const struct config *config, const void *block, size_t size,
	uint64_t epoch, uint64_t now_ms, int64_t wall_ms);
void engine_free(struct engine *e);
/** engine_set_config() - after a reload: rows follow, health is derived again */
void engine_set_config(struct engine *e, const struct config *config, uint64_t now_ms, int64_t wall_ms);

/* Input. Each appends what follows from it to the log before it returns. */
void engine_reading(struct engine *e, const struct reading *reading, uint64_t now_ms, int64_t wall_ms);
/** engine_notice() - an array said something by itself: raises findings, lowers none */
void engine_notice(struct engine *e, const struct notice *notice, uint64_t now_ms, int64_t wall_ms);
void engine_job_end(struct engine *e, const struct job_end *end, uint64_t now_ms, int64_t wall_ms);
void engine_device(struct engine *e, const struct device_event *event, unsigned source, uint64_t now_ms, int64_t wall_ms);
/** engine_stuck() - a worker had to be abandoned on this component (NONE32: on the source as a whole) */
void engine_stuck(struct engine *e, uint32_t component, unsigned source, uint64_t now_ms, int64_t wall_ms);
void engine_delivery(struct engine *e, const struct delivery *d, uint64_t now_ms, int64_t wall_ms);
void engine_journal(struct engine *e, const struct journal_report *j, uint64_t now_ms, int64_t wall_ms);
void engine_step_result(struct engine *e, const struct step_result *s, uint64_t now_ms, int64_t wall_ms);
/** engine_role_died() - REC_ROLE_DIED; a runner that died with a verb in flight freezes its run */
void engine_role_died(struct engine *e, const struct msg_peer_died *d, uint64_t now_ms, int64_t wall_ms);
void engine_command(struct engine *e, const struct command *command, struct reply *ret, uint64_t now_ms, int64_t wall_ms);
void engine_config_refused(struct engine *e, const char *error, uint64_t now_ms, int64_t wall_ms);
void engine_self(struct engine *e, bool locked_memory, uint32_t lag_ms, uint32_t dropped_logs, uint64_t now_ms,
	int64_t wall_ms);
/** engine_tick() - everything that is due by time: staleness, limits, clear times, holds, deadlines, repeats */
void engine_tick(struct engine *e, uint64_t now_ms, int64_t wall_ms);
/** engine_next_ms() - when engine_tick() has something to do; UINT64_MAX never */
uint64_t engine_next_ms(const struct engine *e);

/**
 * engine_next_verb() - the verb the runner has to carry out and has not been given yet
 *
 * Return: true and *@ret filled when there is one (then it counts as given).
 */
bool engine_next_verb(struct engine *e, struct verb_order *ret);
/** engine_aborted_verb() - job number of a verb in flight that was aborted and must be ended; 0 none */
uint32_t engine_aborted_verb(struct engine *e);

/* ---- for the engine's own parts (findings.c, verdict.c, alerts.c, plan.c …), not for outside ---- */

/**
 * emit() - the only way anything changes: append a record and apply it
 * @index: row to write, model_free_index() for a new one
 * @row:   row_size(@table) bytes
 * @text:  one line for people, NULL: quiet
 */
void emit(struct engine *e, enum record_type type, enum table table, uint32_t index, const void *row,
	enum severity severity, const char *text);

/** settle() - after input: rules, findings, groups, verdicts, incidents, alerts, plans until nothing changes */
void settle(struct engine *e);
/** log_at() - a record still in the ring, NULL when it is gone */
const struct record *log_at(const struct record_log *log, uint64_t sequence);
