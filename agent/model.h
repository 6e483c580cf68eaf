/*
 * The model: everything the followers know, as tables of flat rows. It changes in one way only: a
 * numbered record that says "row i of table t is now this". So the engine's model, a follower's replica
 * and a checkpoint are the same bytes, and there is one function that writes them: model_apply().
 */
#pragma once
#include "agent/config.h"
#include "probes/reading.h"

enum { ROW_MAX = 608, TEXT_MAX = 160, NONE16 = 0xffff };
#define NONE32 UINT32_MAX

/* Health, margin and verdict are written here by the engine after deriving them; nobody else decides. */
struct array_row {
	uint8_t used, simulated, local, verdict;  /* enum verdict */
	uint8_t previous;                         /* the verdict before */
	uint8_t visibility;                       /* enum visibility */
	uint8_t margin_known, worst;              /* worst: enum severity of verdict and findings */
	int16_t margin, margin_max, expected;
	uint16_t told_verdict;                    /* the last one that people were told of */
	uint8_t forecast, maintenance;            /* 1: the forecast below holds; 1: something of it is in maintenance */
	int16_t forecast_margin;
	uint16_t incident;                        /* index into incidents, NONE16 */
	uint16_t limiting_group;                  /* the group whose margin it is, NONE16 */
	int64_t forecast_wall_ms;
	int64_t since_wall_ms, redundant_until_wall_ms;
	uint64_t since_ms, better_ms;             /* better_ms: since when a better verdict has been derivable; 0 */
	uint64_t left_ms[VERDICT_COUNT];          /* since when less than this verdict has been derivable; 0 */
	uint32_t clear_ms;                        /* how long it must be: of the slowest group that was not well */
	uint8_t told_quietly, pad[3];             /* 1: told as a warning, as a maintenance allowed it */
	char name[32], serial[40], vendor[16], model[48], firmware[24];
	char services[128];                       /* "dns, imap, web" */
	char forecast_cause[96];
};

enum visibility { VISIBILITY_NONE, VISIBILITY_FULL, VISIBILITY_PARTIAL, VISIBILITY_BLIND, VISIBILITY_COUNT };

struct source_row {
	uint8_t used, type, plane, outcome;       /* enum source_type, plane, outcome of the last look */
	uint16_t array, misses;                   /* misses in a row */
	uint8_t answered;                         /* 1: has answered once or missed its first deadline */
	uint8_t unlisted;                         /* 1: which devices there are was not said in time */
	uint8_t pad[2];
	uint32_t interval_ms, took_ms;
	uint64_t success_ms;                      /* boot clock of the last OUTCOME_OK; 0 never */
	int64_t success_wall_ms;
	char error[160];
};

/* One source's last look at one component. A fact is as old as this, not as its last change. */
struct seen_row {
	uint8_t used, outcome, plane, misses;
	uint32_t component;
	uint16_t source;
	uint8_t state;                            /* enum state: what this source alone last said of it */
	uint8_t odd;                              /* 1: by a word that is not in the tables */
	uint32_t interval_ms;
	uint32_t limit_ms;                        /* STATE_TRANSITION: how long it may last; 0 the default */
	uint32_t job;                             /* the look that last named it */
	uint64_t read_ms;                         /* last OUTCOME_OK; 0 never */
	uint64_t tried_ms;
};

enum component_flag {
	COMPONENT_ADOPTED = 1, COMPONENT_SIMULATED = 2, COMPONENT_ASLEEP = 4, COMPONENT_STUCK = 8, COMPONENT_STALE = 16,
	COMPONENT_REMOVED = 32, /* pulled or vanished, still expected */
	COMPONENT_OVERDUE = 64  /* its transition took longer than its limit */
};

struct component_row {
	uint8_t used, kind, state, health;        /* enum kind, state (as derived with limits and age), health */
	uint8_t reported;                         /* enum state as its sources together say: fusion.c */
	uint8_t drive_class, flags, tier;         /* tier: enum severity of its rules, before any cap */
	uint16_t array, source;                   /* source: the one whose word .reported, .raw and .message are */
	uint16_t serial_by, firmware_by;         /* 1 + the source that said them: another's spelling is not another part */
	int16_t slot;
	uint16_t abandoned;                       /* workers given up on it */
	uint32_t limit_ms, firmware_changes;
	uint64_t state_ms;                        /* boot clock when .state last changed */
	int64_t state_wall_ms, booted_wall_ms, adopted_wall_ms;
	uint64_t capacity_bytes;
	char name[NAME_MAX_LEN];
	char raw[48], message[128];
	char vendor[16], model[48], serial[40], firmware[24];
	char dev[32], enclosure[NAME_MAX_LEN];
	char unit[UNIT_LEN];                      /* of a path: which unit of the array it leads to; empty nobody says */
};

struct fact_row {
	uint8_t used, pad;
	uint16_t fact, source, pad2;
	uint32_t component;
	double value, first, was;                 /* first: when adopted; was: before the last change */
	uint64_t changed_ms;
	int64_t changed_wall_ms;
};

struct evidence {
	uint16_t fact, source;                    /* FACT_NONE: the component's state */
	uint8_t has_was, state, was_state, pad;
	double value, was;
	int64_t at_wall_ms;
};

struct finding_row {
	uint8_t used, active, severity, tier;     /* severity: after cap; tier: before */
	uint8_t was_severity, acked, acked_severity, nevidence;
	uint16_t rule, array, incident, folded;   /* folded: index of the finding it is a symptom of, NONE16 */
	uint32_t id;                              /* the F-number; never reused */
	uint32_t component;                       /* index, NONE32 for the array or Ballast itself */
	uint32_t acked_uid, fired_count;
	int64_t since_wall_ms, acked_until_wall_ms, changed_wall_ms, cleared_wall_ms;
	uint64_t since_ms, clear_ms;              /* clear_ms: since when its condition no longer holds; 0 */
	uint64_t holds_ms;                        /* since when its condition holds without a break */
	uint64_t repeat_ms;                       /* when it was last told */
	char rule_id[40], acked_by[32], acked_why[96];
	uint32_t told;                            /* bit per sink that was told it fires, singly or with others */
	uint32_t open;                            /* bit per sink that was told singly, and not yet that it is over */
	uint8_t told_severity, reminders, pad[6];
	char subject[40];                         /* source or sink that it is about when there is no component */
	char detail[128];                         /* raw text, a name, what changed; goes into the summary */
	struct evidence evidence[4];
};

/* N in T: times of the last events of one rule on one component. */
struct serd_row {
	uint8_t used, pad;
	uint16_t rule;
	uint32_t component;
	uint32_t count, pad2;                     /* all events ever */
	uint64_t times_ms[16];                    /* ring, newest at (count - 1) % 16 */
};

enum group_kind { GROUP_CANISTERS, GROUP_PATHS, GROUP_PSUS, GROUP_POOL, GROUP_CUSTOM, GROUP_KIND_COUNT };

struct group_row {
	uint8_t used, kind, unseen, declared;     /* unseen: nothing fresh; declared: expected from the configuration */
	uint16_t array, need;
	uint16_t serving, undecided, members;
	uint16_t vias;                            /* how often a unit is known to take a member along */
	int16_t margin, margin_max, expected;     /* expected: the margin when all is well */
	uint16_t told;                            /* so many members it has by its layout; 0 nobody says: who was seen */
	uint32_t pool, pad;                       /* the pool component that a layout told it of; NONE32 */
	uint64_t thin_ms;                         /* since when there is nothing to spare; 0 there is */
	char name[32];
};

#define GROUP_UNIT_PREFIX "paths to "
/** group_is_unit() - the paths to one of the array's units, not all of its paths */
bool group_is_unit(const struct group_row *g);
/** group_unit_text() - which unit, as far as people are told; empty for any other group */
const char *group_unit_text(const struct group_row *g);

struct member_row {
	uint8_t used, replaced, pad[2];           /* replaced: lost, and a spare has taken its place in the pool */
	uint32_t group;
	uint32_t component;                       /* NONE32: its place is empty until somebody joins */
};

/* The component is reached only through its vias: it is lost when all of them are. */
struct via_row {
	uint8_t used, pad[3];
	uint32_t component;
	uint32_t via;
};

struct incident_row {
	uint8_t used, open, severity, acked;
	uint16_t array, findings;                 /* findings: fired in it so far */
	uint32_t id;
	uint32_t pad;
	int64_t since_wall_ms, closed_wall_ms;
};

enum alert_type {
	ALERT_FINDING_FIRING, ALERT_FINDING_RESOLVED, ALERT_FINDING_ACKNOWLEDGED, ALERT_ARRAY_VERDICT,
	ALERT_FAILOVER_REQUESTED, ALERT_FAILOVER_REFUSED, ALERT_FAILOVER_STARTED, ALERT_FAILOVER_STEP,
	ALERT_FAILOVER_FINISHED, ALERT_FAILOVER_FROZEN, ALERT_MAINTENANCE_STARTED, ALERT_MAINTENANCE_ENDED,
	ALERT_TEST, ALERT_HEARTBEAT, ALERT_TYPE_COUNT
};

/* One message to people. It stays until every sink that wants it said 2xx (or was given up on, which is told). */
struct alert_row {
	uint8_t used, type, severity, resolved;
	uint8_t verdict, previous, margin_known, simulated;
	int16_t margin;
	uint16_t array, incident, plan;
	uint32_t finding;                         /* index, NONE32 */
	uint32_t component;                       /* index, NONE32 */
	uint32_t run;                             /* run id, 0 */
	uint32_t wanted, done, parked, pad;       /* bit per sink */
	uint64_t sequence;                        /* record number that made it: with epoch the stable id */
	uint64_t epoch;
	int64_t created_wall_ms;
	uint64_t created_ms;
	char rule_id[40];
	char subject[96];                         /* component id as text, "san1/canister/B"; empty for the array */
	char summary[160], action[160];
};

struct sink_row {
	uint8_t used, state, type, pad;           /* enum sink_state; enum sink_type */
	uint32_t queued, sent, failed, heartbeat_ms; /* heartbeat_ms: 0 sends none */
	int64_t oldest_wall_ms, success_wall_ms, error_wall_ms, next_try_wall_ms, heartbeat_wall_ms;
	char name[32], error[128];
	char address[48];                         /* of its host, last time the name was resolved: survives the resolver */
};

enum sink_state { SINK_OK, SINK_RETRYING, SINK_PARKED, SINK_STATE_COUNT };

/* CONTRACT failover[].state; the transition table in agent/run.h is the only one that moves it. */
enum run_state {
	RUN_IDLE, RUN_REQUESTED, RUN_WAITING_APPROVAL, RUN_FENCING, RUN_PROMOTING, RUN_VERIFYING, RUN_DONE, RUN_FAILED,
	RUN_FROZEN, RUN_ABORTED, RUN_WITHDRAWN, RUN_STATE_COUNT
};
enum run_mode { RUN_MODE_AUTO, RUN_MODE_APPROVED, RUN_MODE_MANUAL, RUN_MODE_DRILL, RUN_MODE_DRY, RUN_MODE_COUNT };

struct plan_row {
	uint8_t used, armed, state, mode;         /* state: enum run_state of its last run, RUN_IDLE when cleared; enum plan_mode */
	uint16_t config, array;
	uint32_t run;                             /* index into runs of the open or last run, NONE32 */
	uint64_t blocked_until_ms, wanted_since_ms; /* wanted_since: since when the verdict asks for it; 0 */
	int64_t drill_wall_ms, refused_wall_ms;
	uint32_t drill_ms;
	uint8_t drill_ok, last_incident_used;
	uint8_t file_says, pad2;                  /* what the file last said of mode and arming, see engine_config.c; 0 not known */
	uint32_t last_incident;                   /* id of the incident it last ran for: one run per incident */
	uint32_t refusals;
	uint32_t rehearse_every_ms, pad3;         /* 0 never asked for */
	char name[32], target[32], refused_gate[24], refused_why[128];
};

enum exit_kind { EXIT_NOT_YET, EXIT_BY_CODE, EXIT_BY_SIGNAL, EXIT_BY_TIMEOUT, EXIT_NO_SPAWN, EXIT_LOST, EXIT_KIND_COUNT };

struct run_row {
	uint8_t used, state, mode, verb;          /* enum run_state, run_mode, verb in flight (VERB_NONE: between) */
	uint8_t verdict, severity, fenced, cleared; /* fenced: 0 no, 1 yes, 2 unknown */
	uint16_t plan, array, step, attempt;
	uint32_t id;                              /* rNNN */
	uint32_t incident, by_uid, job;           /* job: number of the verb in flight, matches struct step_result */
	int32_t previous_exit;
	uint64_t deadline_ms, hold_until_ms, approve_until_ms;
	int64_t since_wall_ms, ended_wall_ms, deadline_wall_ms, approve_until_wall_ms, approved_wall_ms;
	uint8_t aborting, asked, undo, untold;    /* aborting: freeze after the verb in flight; asked: times again */
	uint8_t pad[4];                           /* untold: frozen by a start, nobody called yet */
	uint64_t not_before_ms;                   /* exit 40: when the verb is given again */
	char by[32], why[96], reason[128], target[32]; /* target: the plan's when it was made */
};

enum step_state { STEP_TODO, STEP_NOW, STEP_DONE, STEP_FAILED, STEP_UNKNOWN, STEP_SKIPPED, STEP_STATE_COUNT };

struct step_row {
	uint8_t used, state, verb, exit_kind;
	uint8_t verbs_done, pad[3];               /* bit per enum verb finished well */
	uint32_t run;                             /* index into runs */
	uint16_t index, attempt;
	int32_t exit_value;
	int64_t started_wall_ms, ended_wall_ms, deadline_wall_ms;
	char name[32], status[160];               /* status: what the script wrote on fd 3, as text */
};

struct maintenance_row {
	uint8_t used, allow_kind, allow_count, pad; /* --allow canister=1 */
	uint32_t by_uid;
	uint32_t component;                       /* NONE32: the whole array */
	uint16_t array, pad2;
	int64_t since_wall_ms, until_wall_ms;
	uint64_t until_ms;
	char by[32], why[96];
};

enum { DAILY_DAYS = 8, DAILY_NO_TEMPERATURE = INT16_MIN };
#define DAILY_NO_COUNT UINT32_MAX

/* What a drive read at its first look of each of the last days, today last: enough for a line on the page. */
struct daily_row {
	uint8_t used, pad[3];
	uint32_t component;
	uint32_t day;                             /* of the last sample: days since 1970, UTC */
	int16_t temperature[DAILY_DAYS];          /* tenths of a degree Celsius */
	uint32_t reallocated[DAILY_DAYS];         /* reallocated sectors or grown defects */
};

struct name_row {
	uint8_t used, pad[7];
	char name[CUSTOM_NAME];
};

/* An advisory speaks of this component: when its trigger is reached. */
struct deadline_row {
	uint8_t used, trigger, unclear, ticked;   /* enum advisory_trigger; unclear: its firmware cannot be compared */
	uint16_t array, kind;
	uint32_t component;
	uint16_t number, pad[3];                  /* number: index into config's advisories */
	int64_t at_wall_ms;                       /* 0: no date, or what it counts is not known */
	char advisory[40];
};

/* What one advisory means for one array: its cohort. ticked: the hours were seen to pass, so minutes count. */
struct forecast_row {
	uint8_t used, trigger, severity, margin_known;
	uint16_t array, kind;
	int16_t margin;                           /* of the least group with the cohort lost */
	uint16_t count, of, cohort;               /* affected, of so many of their kind; most that go together */
	uint32_t guarded;                         /* bit per enum operation that must not be done now */
	int64_t first_wall_ms, last_wall_ms;      /* of all that have a date; 0 none has */
	int64_t at_wall_ms;                       /* when the cohort begins to go */
	char advisory[40], text[128], effect[96], action[128], source[144];
};

enum journal_state { JOURNAL_OFF, JOURNAL_OK, JOURNAL_FAILING, JOURNAL_STATE_COUNT };

/* One row: Ballast itself. */
struct self_row {
	uint8_t used, journal, locked_memory, ready;
	uint8_t config_ok, simulated, pad[2];
	uint32_t abandoned, engine_lag_ms, role_restarts, next_finding, next_run, next_incident, journal_waiting, dropped_logs;
	int64_t started_wall_ms, journal_since_wall_ms;
	uint64_t durable_sequence;                /* last record scribe has on disk */
	char host[64], version[24], config_error[256];
	char control_group[32];                   /* who may approve besides root; empty: root alone */
	char state_directory[128];                /* where the journal is; ballastctl reads older events there */
};

#define MODEL_TABLES(X)                                                                                \
	X(self, SELF) X(array, ARRAY) X(source, SOURCE) X(component, COMPONENT) X(seen, SEEN) X(fact, FACT)  \
	X(finding, FINDING) X(serd, SERD) X(group, GROUP) X(member, MEMBER) X(via, VIA)                    \
	X(incident, INCIDENT) X(alert, ALERT) X(sink, SINK) X(plan, PLAN) X(run, RUN) X(step, STEP)        \
	X(maintenance, MAINTENANCE) X(name, NAME) X(deadline, DEADLINE) X(forecast, FORECAST) X(daily, DAILY)

#define X(row, NAME) TABLE_##NAME,
enum table { MODEL_TABLES(X) TABLE_COUNT };
#undef X

/* What happened. The table row says what is true now; the type says why it changed. */
enum record_type {
	REC_NONE,
	REC_START, REC_CONFIG, REC_CONFIG_REFUSED, REC_ROLE_DIED, REC_SELF, REC_SOURCE, REC_SOURCE_FAILED,
	REC_SEEN, REC_FACT, REC_COMPONENT_NEW, REC_COMPONENT, REC_STATE_CHANGED, REC_COMPONENT_REMOVED,
	REC_COMPONENT_FORGOTTEN, REC_ADOPTED, REC_FINDING_FIRING, REC_FINDING_WORSE, REC_FINDING_CHANGED,
	REC_FINDING_CLEARED, REC_ACKNOWLEDGED, REC_UNACKNOWLEDGED, REC_SERD, REC_GROUP, REC_VERDICT, REC_ARRAY,
	REC_INCIDENT_OPENED, REC_INCIDENT_CLOSED, REC_INCIDENT, REC_ALERT_NEW, REC_ALERT_DELIVERED, REC_ALERT_PARKED,
	REC_ALERT_DONE, REC_SINK, REC_PLAN, REC_ARMED, REC_DISARMED, REC_REFUSED, REC_RUN_REQUESTED, REC_RUN_APPROVED,
	REC_RUN_WITHDRAWN, REC_RUN, REC_RUN_FINISHED, REC_RUN_FROZEN, REC_STEP, REC_VERB_STARTED, REC_VERB_FINISHED,
	REC_MAINTENANCE_STARTED, REC_MAINTENANCE_ENDED, REC_NAME, REC_CLEARED_RUN, REC_DAILY,
	REC_TYPE_COUNT
};

struct record {
	uint64_t sequence;                        /* 1-based within the log; below 2^53; grows over restarts */
	uint64_t at_ms;                           /* boot clock */
	int64_t wall_ms;
	uint16_t type, table;                     /* enum record_type, enum table */
	uint32_t index;
	uint16_t array, incident;                 /* for filters; NONE16 */
	uint8_t severity, quiet, pad[2];          /* quiet: not an event for people, journal and API */
	char text[TEXT_MAX];                      /* one line for people; empty when quiet */
	unsigned char row[ROW_MAX];
};

struct table_data {
	void *rows;
	uint32_t count, capacity;
};

/* Rows of one table by the component they belong to; kept beside the rows by model_apply(). */
struct chain {
	uint32_t *head, *next;                    /* index + 1; 0 ends */
	uint32_t nhead, nnext;
};

struct model {
	struct chain facts, seen, daily;
	uint64_t sequence;                        /* of the last record applied */
	uint64_t epoch;                           /* grows with every cold start: unix seconds of it */
	struct table_data tables[TABLE_COUNT];
};

/** row_size() - sizeof the rows of a table */
size_t row_size(enum table t);
/** model_row() - row @i of @t or NULL when there is none; typed by the accessors below */
void *model_row(const struct model *m, enum table t, uint32_t i);
#define X(row, NAME)                                                                                   \
	static inline struct row##_row *row##_at(const struct model *m, uint32_t i)                     \
	{                                                                                              \
		return model_row(m, TABLE_##NAME, i);                                                  \
	}                                                                                              \
	static inline uint32_t row##_count(const struct model *m)                                      \
	{                                                                                              \
		return m->tables[TABLE_##NAME].count;                                                  \
	}
MODEL_TABLES(X)
#undef X

/**
 * model_apply() - the only writer: row r->index of r->table becomes r->row
 *
 * Return: 0; -EPROTO for a table, an index beyond count or a sequence that is not the next; -ENOMEM.
 */
must_check int model_apply(struct model *m, const struct record *r);
/** model_free_index() - first unused row of a table, or its count */
uint32_t model_free_index(const struct model *m, enum table t);
void model_clear(struct model *m);
/** model_hash() - of all rows and the sequence: replicas of the same log have the same hash */
uint64_t model_hash(const struct model *m);

/**
 * model_pack() / model_unpack() - the model as one block: header, build id, tables. What checkpoints and
 * snapshots are made of.
 * @build: must be the same on both sides (-EPROTO otherwise)
 */
must_check int model_pack(const struct model *m, uint64_t build, void **ret, size_t *ret_size);
must_check int model_unpack(struct model *m, uint64_t build, const void *block, size_t size);

/* Look-ups: index or NONE32. */
uint32_t model_find_component(const struct model *m, unsigned array, enum kind kind, const char *name);
/** model_parse_id() - "ARRAY/KIND/NAME" to index; NONE32 */
uint32_t model_parse_id(const struct model *m, const char *id);
/** component_id() - "ARRAY/KIND/NAME" into @buf (at least 160) */
const char *component_id(const struct model *m, uint32_t component, char *buf, size_t size);
/** model_first_fact() / model_next_fact() - walk the facts of a component: row index, NONE32 at the end */
uint32_t model_first_fact(const struct model *m, uint32_t component);
uint32_t model_next_fact(const struct model *m, uint32_t row);
uint32_t model_first_seen(const struct model *m, uint32_t component);
uint32_t model_next_seen(const struct model *m, uint32_t row);
/** model_daily() - NULL when no day of it is known */
const struct daily_row *model_daily(const struct model *m, uint32_t component);
const struct fact_row *model_fact(const struct model *m, uint32_t component, unsigned fact);
/** model_fact_value() - false when not known; says nothing about age */
bool model_fact_value(const struct model *m, uint32_t component, unsigned fact, double *ret);
const struct seen_row *model_seen(const struct model *m, uint32_t component, unsigned source);
/** model_read_ms() - when any source last read the component well; 0 never */
uint64_t model_read_ms(const struct model *m, uint32_t component);
/** model_moved() - the plan that last ran to its end for @array, until a person clears its run; NULL none. @ret_run may be NULL */
const struct plan_row *model_moved(const struct model *m, unsigned array, const struct run_row **ret_run);
const struct finding_row *model_finding_by_id(const struct model *m, uint32_t id, uint32_t *ret_index);
/** model_fact_name() - table name or interned custom name */
const char *model_fact_name(const struct model *m, unsigned fact);

const char *record_type_text(enum record_type t);
const char *run_state_text(enum run_state s);
const char *run_mode_text(enum run_mode m);
const char *step_state_text(enum step_state s);
const char *visibility_text(enum visibility v);
const char *alert_type_text(enum alert_type t);
const char *group_kind_text(enum group_kind k);
const char *sink_state_text(enum sink_state s);
const char *journal_state_text(enum journal_state s);
const char *exit_kind_text(enum exit_kind k);
