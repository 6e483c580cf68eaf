/*
 * ballastctl: draws what an operator asks for from a replica of the model, and hands commands to the
 * engine. It decides nothing and changes nothing itself.
 */
#pragma once
#include <stdio.h>

#include "agent/msg.h"
#include "agent/text_table.h"
#include "agent/view.h"

enum ctl_exit { CTL_OK, CTL_WARNING, CTL_CRITICAL, CTL_UNKNOWN, CTL_REFUSED = 1, CTL_USAGE = 64 };

enum ctl_option {
	OPT_HELP,
	OPT_JSON,
	OPT_CONTROL,
	OPT_NAGIOS,
	OPT_ARRAY,
	OPT_KIND,
	OPT_HEALTH,
	OPT_FOLLOW,
	OPT_SINCE,
	OPT_WHY,
	OPT_FOR,
	OPT_ALLOW,
	OPT_SERIAL,
	OPT_STATE,
	OPT_COUNT
};

enum { CTL_WORDS = 16 };

struct ctl;

struct ctl_command {
	const char *name;  /* "failover arm" */
	const char *words; /* what follows it, as in the usage line */
	uint32_t options;  /* bit per enum ctl_option */
	unsigned min, max; /* words besides the name */
	int (*run)(struct ctl *c);
	unsigned type;    /* enum command_type, for those that only hand one over */
	const char *does; /* one line */
	const char *more; /* what --help adds; may be NULL */
};

struct ctl {
	FILE *out, *err;
	bool json, colour, tty;
	bool fixed_clock; /* tests: now_ms and wall_ms stay what they are */
	uint64_t now_ms;
	int64_t wall_ms;
	const struct ctl_command *command;
	const char *root; /* in front of /proc and /sys; NULL: this host's own */
	const char *word[CTL_WORDS];
	unsigned words;
	const char *option[OPT_COUNT]; /* value, "" for a flag; NULL not given */
	int fd;                        /* the control socket; -1 */
	uint64_t beats;                /* words from the engine so far, beats and records */
	bool quiet;                    /* errors are not told: there is another way */
	struct model model;            /* replica, after ctl_follow() */
};

extern const struct ctl_command ctl_commands[];
extern const unsigned ctl_commands_count;

/** ctl_run() - one call of ballastctl; out, err, tty and clock set by the caller. Return: exit status */
int ctl_run(struct ctl *c, int argc, char **argv);
/** ctl_error() - "ballastctl: …", one line; returns @status */
int ctl_error(struct ctl *c, int status, const char *fmt, ...) printf_like(3, 4);
/** ctl_usage() - wrong usage, with where to read more; returns 64 */
int ctl_usage(struct ctl *c, const char *fmt, ...) printf_like(2, 3);
/** ctl_now() - both clocks, read anew unless fixed */
struct view ctl_now(struct ctl *c);
/** ctl_span() - the value of a duration option; false after a usage error */
bool ctl_span(struct ctl *c, enum ctl_option o, uint64_t *ret_ms);

/* ctl_link.c */
/** ctl_connect() - to the control socket, hello exchanged; 0 or an exit status, told */
int ctl_connect(struct ctl *c);
/** ctl_follow() - connect when needed and hold a replica; 0 or an exit status, told */
int ctl_follow(struct ctl *c);
/**
 * ctl_next() - wait for the next record and apply it
 * @timeout_ms: < 0 for ever
 *
 * Return: 1 a record; 0 time is up, or a beat (*@ret untouched); an exit status negated, told.
 */
int ctl_next(struct ctl *c, int timeout_ms, struct record *ret);
/** ctl_send() - hand a command over and wait for the answer; 0 or an exit status, told */
int ctl_send(struct ctl *c, struct command *cmd, struct reply *ret);
/** ctl_command_init() - type and who asks */
void ctl_command_init(struct command *cmd, enum command_type type);

/* Pieces others draw with. */
enum text_style style_of_severity(enum severity s);
enum text_style style_of_health(enum health h);
/** ctl_say() - text that is ours or was cleaned, as it is; a closed pipe shows at the end, in main() */
void ctl_say(struct ctl *c, const char *fmt, ...) printf_like(2, 3);
/** ctl_print() - a line whose text is not trusted */
void ctl_print(struct ctl *c, const char *fmt, ...) printf_like(2, 3);
/** ctl_print_json() - and free it; returns 0 */
int ctl_print_json(struct ctl *c, struct json_object *o);
/** ctl_ago() - "4 s", "never" */
const char *ctl_ago(const struct view *v, uint64_t at_ms, char *buf, size_t size);
/** ctl_finding() - "F-32" or "32" to the row; NULL after an error was told */
const struct finding_row *ctl_finding(struct ctl *c, const char *id);
int ctl_draw_status(struct ctl *c, const struct view *v);
void ctl_draw_findings(struct ctl *c, const struct view *v);

/* The commands. */
int ctl_status(struct ctl *c);
int ctl_watch(struct ctl *c);
int ctl_drives(struct ctl *c);
int ctl_components(struct ctl *c);
int ctl_show(struct ctl *c);
int ctl_findings(struct ctl *c);
int ctl_explain(struct ctl *c);
int ctl_events(struct ctl *c);
int ctl_report(struct ctl *c);
int ctl_ack(struct ctl *c);
int ctl_maintenance(struct ctl *c);
int ctl_simple(struct ctl *c);
int ctl_failover_list(struct ctl *c);
int ctl_failover_run(struct ctl *c);
int ctl_test_alert(struct ctl *c);
int ctl_replay(struct ctl *c);
int ctl_audit(struct ctl *c);
int ctl_check_config(struct ctl *c);
int ctl_version(struct ctl *c);
