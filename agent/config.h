/*
 * The configuration as every process sees it: one flat block without pointers, parsed by a child that
 * exits, handed around as a sealed memfd. Strings are offsets into one pool. Secrets are not in it.
 */
#pragma once
#include "probes/words.h"

/* CONTRACT: where ballastctl looks when it is not told */
#define CONTROL_DEFAULT "/run/ballast/control.sock"

enum {
	CFG_ARRAYS = 64, CFG_SOURCES = 128, CFG_SINKS = 16, CFG_PLANS = 16, CFG_STEPS = 128, CFG_LISTEN = 8,
	CFG_SERVICES = 16, CFG_POOL = 256 * 1024, CFG_DECLARED = 256, CFG_ADVISORIES = 128
};

/* Offset into config.pool; 0 is the empty string. Lists are NUL-separated, count beside them. */
typedef uint32_t cfg_text;

enum severity { SEV_NONE, SEV_INFO, SEV_WARNING, SEV_CRITICAL, SEV_COUNT };

enum verdict {
	VERDICT_NONE, /* not judged yet */
	VERDICT_REDUNDANT, VERDICT_SINGLE, VERDICT_AT_RISK, VERDICT_DEGRADED, VERDICT_BLIND, VERDICT_NOT_REDUNDANT,
	VERDICT_IMPENDING_LOSS, VERDICT_ACCESS_LOST, VERDICT_COUNT
};

enum sink_type {
	SINK_WEBHOOK, SINK_ALERTMANAGER, SINK_PAGERDUTY, SINK_SLACK, SINK_TEAMS, SINK_EMAIL, SINK_COMMAND, SINK_TYPE_COUNT
};

enum plan_mode { MODE_APPROVE, MODE_AUTO, MODE_COUNT };

enum verb {
	VERB_NONE, VERB_CHECK, VERB_FENCE, VERB_FENCE_STATUS, VERB_PROMOTE, VERB_VERIFY, VERB_ROLLBACK, VERB_DRILL,
	VERB_NOOP, VERB_COUNT
};

/* What sets a firmware's fault off. Dated: hours, hours-then-power-cycle, uptime; the others hold at any time. */
enum advisory_trigger {
	ADVISORY_NONE, ADVISORY_ALWAYS, ADVISORY_HOURS, ADVISORY_HOURS_THEN_CYCLE, ADVISORY_IDLE_HOURS, ADVISORY_UPTIME,
	ADVISORY_POWER_CYCLE, ADVISORY_OPERATION, ADVISORY_POLLING, ADVISORY_TRIGGER_COUNT
};

/* What a plan's step may do to an array's parts, and an advisory may forbid. */
enum operation {
	OPERATION_NONE, OPERATION_REBOOT_CANISTER, OPERATION_POWER_CYCLE, OPERATION_REPLACE_DRIVE,
	OPERATION_UPDATE_FIRMWARE, OPERATION_CHANGE_RAID, OPERATION_DELETE_VOLUME, OPERATION_SET_CLOCK, OPERATION_COUNT
};

/* A published firmware fault: whom it concerns, when, what then. Patterns are as advisory_glob() takes them. */
struct cfg_advisory {
	cfg_text id, effect, action, source, checked;
	cfg_text vendors, models, firmware, fixed; /* lists; vendors empty: any */
	uint32_t nvendors, nmodels, nfirmware, nfixed;
	uint8_t kind, trigger, data_lost, pad;     /* enum kind, enum advisory_trigger */
	uint32_t hours;                            /* dated: power-on hours or hours of uptime */
	uint32_t repeat_hours;                     /* it comes again so long after; 0 once */
	uint32_t guard, guard_after;               /* bit per enum operation: at any time; once the date is reached */
};

struct cfg_array {
	cfg_text name, serial;
	uint16_t expect_canisters, expect_paths; /* 0: what adopt saw */
	uint8_t simulated, local, pad[2];
	uint32_t clear_canister_ms, clear_path_ms;
	cfg_text services;                       /* list */
	uint32_t nservices;
};

struct cfg_source {
	uint16_t array;
	uint8_t type;                   /* enum source_type */
	uint8_t plane;                  /* enum plane that its facts count on */
	uint32_t interval_ms, timeout_ms;
	cfg_text argv;                  /* list: exec's command */
	uint32_t argc;
	cfg_text match_vendor, match_model, match_serial, match_transport; /* drives: empty matches all */
	cfg_text scenario;              /* scenario: name or path */
	cfg_text component;             /* nagios: the name of what it speaks for */
	uint8_t component_kind, pad[3]; /* nagios: enum kind of it; KIND_CHECK nothing but itself */
	cfg_text address, pin;          /* lists: management planes */
	uint32_t naddress, npin;
	cfg_text user, known_hosts;
	cfg_text password_file, identity_file, ca_file; /* read by the loader into the credentials memfd */
	uint8_t tls, transport;         /* enum manage_tls, manage_transport */
	uint8_t pad2[2];
	cfg_text canisters;             /* list: paths' "PATTERN=CANISTER", of port groups and target ports */
	uint32_t ncanisters;
	cfg_text from;                  /* listen: list of addresses that are heard */
	uint32_t nfrom;
	cfg_text syslog, traps;         /* listen: ADDRESS:PORT; empty: not */
	cfg_text program;               /* smartctl: its path */
};

struct cfg_sink {
	cfg_text name, url, address;    /* address: literal to connect to instead of resolving the URL's host */
	cfg_text secret_file, url_file, ca_file; /* read by the loader into the secrets memfd; kept for reload */
	cfg_text command;               /* list: SINK_COMMAND */
	cfg_text arrays;                /* list: only alerts of these; empty all */
	uint32_t ncommand, narrays;
	uint8_t type;                   /* enum sink_type */
	uint8_t min_severity;           /* enum severity */
	uint8_t fallback_for;           /* 1 + index of the sink it stands in for; 0 none: a sink of its own */
	uint8_t insecure;
	uint32_t repeat_ms;             /* re-tell what still fires; 0 never */
	uint32_t timeout_ms, heartbeat_ms;
};

struct cfg_step {
	cfg_text name, run;             /* run: absolute path of the script; empty when simulated */
	cfg_text env;                   /* list of NAME=value */
	uint32_t nenv;
	uint32_t verbs;                 /* bit per enum verb */
	uint32_t operations;            /* bit per enum operation that it does to the array */
	uint32_t timeout_ms, retries;
	uint8_t rollback_on_failure;    /* on_failure: rollback (else stop) */
	uint8_t simulate, pad;          /* scenarios: no process is started */
	uint8_t adds_load;              /* copies, resilvers, starts what reads much: not by itself during a rebuild */
	uint32_t simulate_ms;
	int32_t simulate_exit;
};

struct cfg_plan {
	cfg_text name, target;
	uint16_t array, first_step, nsteps;
	uint8_t mode;                   /* enum plan_mode */
	uint8_t armed, armed_said;      /* initial: auto plans armed false unless told; said: it is in the file */
	uint32_t when;                  /* bit per enum verdict */
	uint32_t hold_ms, approve_timeout_ms, block_ms, rehearse_every_ms;
	cfg_text witness;               /* list of address or address:port */
	uint32_t nwitness;
	cfg_text rehearse_at;
};

struct config {
	uint64_t size;                  /* sizeof(struct config): checked by who maps it */
	uint32_t generation;            /* grows with each reload */
	uint16_t narrays, nsources, nsinks, nplans, nsteps, nlisten, nadvisories;
	uint8_t demo;                   /* nothing real: no root, no locked memory expected */
	uint8_t smart_attributes, compat_smartctl, pad;
	uint32_t demo_speed;            /* scenario time runs this much faster; 1 real */
	cfg_text file, state_directory, control_path, control_group, host;
	cfg_text marks_lost; /* file and reason: what was remembered could not be used at this start */
	uint32_t control_gid; /* of .control_group, found by the loader; 0 root's */
	cfg_text listen[CFG_LISTEN];
	struct cfg_array arrays[CFG_ARRAYS];
	struct cfg_source sources[CFG_SOURCES];
	struct cfg_sink sinks[CFG_SINKS];
	struct cfg_plan plans[CFG_PLANS];
	struct cfg_step steps[CFG_STEPS];
	struct cfg_advisory advisories[CFG_ADVISORIES];
	uint32_t pool_used;
	char pool[CFG_POOL];
};

/* What only the courier gets: parallel to config.sinks. */
struct sink_secret {
	uint8_t keys[2][64];            /* decoded whsec_ keys, newest first; two while one is rotated out */
	uint8_t key_len[2];
	char url[512];                  /* from url_file; empty: cfg_sink.url */
	char token[256];                /* PagerDuty routing key and the like */
};
struct secrets {
	struct sink_secret sinks[CFG_SINKS];
	uint32_t ca_len[CFG_SINKS];     /* bytes of the sink's CA bundle in ca[], in order; 0: ca_system */
	uint32_t ca_used;
	char ca[512 * 1024];            /* PEM, the system bundle first: ca_system_len bytes */
	uint32_t ca_system_len;
};

/* What only the workers get that ask management planes: offsets into pool, 0 none. It is as long as pool is used. */
struct credentials {
	uint32_t secret[CFG_SOURCES], identity[CFG_SOURCES], ca[CFG_SOURCES], ca_len[CFG_SOURCES];
	uint32_t used;
	char pool[1024 * 1024];
};

/** cfg_str() - the text at @t; never NULL */
const char *cfg_str(const struct config *c, cfg_text t);
/** cfg_list() - the @i-th text of a list; the caller knows its count */
const char *cfg_list(const struct config *c, cfg_text list, unsigned i);
/** cfg_put() / cfg_put_list() - store text in the pool while building; 0 and *full set when it does not fit */
cfg_text cfg_put(struct config *c, const char *text, bool *full);
/** cfg_list_add() - append one more text to the list that is being built last in the pool */
cfg_text cfg_list_add(struct config *c, cfg_text list, uint32_t *count, const char *text, bool *full);
enum { INTERVALS_FRESH = 3 }; /* older than so many intervals is unknown */

/**
 * cfg_pace_ms() - how often news of a source can be counted on: what is older than three times that says nothing
 *
 * Its interval; where that is short against its timeout, a third of the time from a look that was quick to the end of
 * one that took all it may. 0: it is never asked.
 */
uint32_t cfg_pace_ms(const struct cfg_source *s);
/** cfg_array_index() - by name or serial; -1 none */
int cfg_array_index(const struct config *c, const char *name);
int cfg_plan_index(const struct config *c, const char *name);
int cfg_sink_index(const struct config *c, const char *name);

const char *severity_text(enum severity s);
const char *verdict_text(enum verdict v);
const char *sink_type_text(enum sink_type t);
const char *verb_text(enum verb v);
enum severity severity_from_text(const char *s);
enum verdict verdict_from_text(const char *s);
enum verb verb_from_text(const char *s);
const char *advisory_trigger_text(enum advisory_trigger t);
enum advisory_trigger advisory_trigger_from_text(const char *s);
const char *operation_text(enum operation o);
enum operation operation_from_text(const char *s);
/** verdict_severity() - CONTRACT: not_redundant or worse critical; blind, degraded, at_risk warning; single info */
enum severity verdict_severity(enum verdict v);
