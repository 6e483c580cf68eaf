/*
 * Scenarios: real incidents as timelines. Text in, a plain struct out, and a small world that answers
 * like the array would at a given time. Knows no clock, opens no file, starts nothing.
 */
#pragma once
#include "agent/config_load.h"
#include "agent/msg.h"

enum {
	SCENARIO_COMPONENTS = 512, SCENARIO_EVENTS = 2048, SCENARIO_EXPECTS = 128, SCENARIO_FACTS = 8,
	SCENARIO_SOURCES = 3 /* per array: drives, paths, management */
};

/* One of an array's parts; what it says at the start. */
struct scenario_component {
	uint16_t array, source;     /* indexes into config */
	uint8_t kind, drive_class;
	int16_t slot;
	uint64_t capacity_bytes;
	uint16_t group_need;
	char name[NAME_MAX_LEN], group[32], serial[40], model[48], vendor[16], firmware[24], enclosure[NAME_MAX_LEN];
	uint16_t nfacts;
	struct reading_fact facts[SCENARIO_FACTS]; /* table facts only */
};

enum scenario_what { CHANGE_COMPONENT, CHANGE_SINK, CHANGE_OPERATOR, CHANGE_RESTART, CHANGE_COUNT };

struct scenario_event {
	uint64_t at_ms;
	uint8_t what;               /* enum scenario_what */
	uint8_t has_state, state;   /* enum state */
	uint8_t has_silent, silent; /* no answer any more */
	uint8_t has_message, adds;  /* adds: facts are added to what they are */
	uint8_t down;               /* CHANGE_SINK */
	uint16_t sink, nfacts;
	uint32_t component, limit_ms;
	struct reading_fact facts[SCENARIO_FACTS];
	uint8_t has_booted;
	uint64_t uptime_ms;         /* how long it had been up at that moment */
	char message[128], raw[48], firmware[24], serial[40], model[48];
	char line[128];             /* CHANGE_OPERATOR: "failover approve" */
};

enum expect_what {
	EXPECT_VERDICT, EXPECT_MARGIN, EXPECT_FINDING, EXPECT_CLEARED, EXPECT_ALERT, EXPECT_STEP, EXPECT_REFUSED,
	EXPECT_RUN, EXPECT_COUNT
};

/* Something that must have happened between two times, or never. */
struct scenario_expect {
	uint8_t what, severity;     /* enum expect_what; severity: at least, SEV_NONE any */
	uint8_t verdict, never;
	int16_t margin;
	uint16_t array;             /* NONE16: any */
	uint64_t not_before_ms, by_ms;
	char word[48];              /* rule, step, gate, alert type or run state; "any" matches all */
	char component[96];         /* KIND/NAME or empty */
};

struct scenario {
	char name[32], about[512], source[256];
	uint64_t length_ms;         /* of one round: the last event or expectation, or `length` */
	uint32_t demo_speed;
	unsigned ncomponents, nevents, nexpects;
	struct scenario_component components[SCENARIO_COMPONENTS];
	struct scenario_event events[SCENARIO_EVENTS]; /* in order of time */
	struct scenario_expect expects[SCENARIO_EXPECTS];
	struct config config;       /* arrays, sources, sinks, plans: in scenario time */
};

/**
 * scenario_parse() - one scenario from its text
 * @file: for errors
 * @s:    large: on the heap
 *
 * Return: 0; -EINVAL with every mistake told in @errs.
 */
must_check int scenario_parse(const char *file, const char *text, size_t len, struct scenario *s,
	struct config_errors *errs);

/** scenario_load() - a built-in one by name, else a file */
must_check int scenario_load(const char *name_or_file, struct scenario *s, struct config_errors *errs);

/* What is compiled in: scenarios by name, and the demo plan's scripts by file name. */
struct embedded {
	const char *name, *text;
	size_t len;
};
extern const struct embedded builtin_scenarios[], builtin_plans[], builtin_advisories[]; /* end with .name NULL */

/* The array as it is at one moment of the timeline. */
struct world_component {
	uint8_t state, silent;
	uint16_t nfacts;
	uint32_t limit_ms;
	uint8_t has_booted;
	int64_t booted_ms;          /* on the timeline; before its start mostly */
	struct reading_fact facts[2 * SCENARIO_FACTS];
	char message[128], raw[48], firmware[24], serial[40], model[48];
};

struct world {
	const struct scenario *scenario;
	unsigned next;              /* first event that has not happened */
	int64_t wall_ms;            /* when the timeline started; 0: nobody's boot time is told */
	uint64_t at_ms, aged_ms;    /* where the timeline is; how long earlier rounds of it took */
	struct world_component components[SCENARIO_COMPONENTS];
};

/** world_init() - as it is before the first event */
void world_init(struct world *w, const struct scenario *s);
/** world_restart() - the timeline again; counters go on, as a counter that falls is not believed */
void world_restart(struct world *w);
/** world_next_ms() - when the next event happens; UINT64_MAX none */
uint64_t world_next_ms(const struct world *w);
/** world_step() - let one event that is due at @at_ms happen; it, or NULL when none is due */
const struct scenario_event *world_step(struct world *w, uint64_t at_ms);
/**
 * world_poll() - one look of one source
 * @give: called with each reading
 * @ret:  the end of the look
 */
void world_poll(const struct world *w, unsigned source, void (*give)(void *ctx, const struct reading *r), void *ctx,
	struct job_end *ret);

/**
 * scenario_command() - "failover approve san1-to-standby" as the operator's command
 * @run: id text of the plan's open run, for approve, deny, abort, resume; may be empty
 *
 * Return: false when the line is none.
 */
bool scenario_command(const struct config *c, const char *line, const char *run, struct command *ret);

/** scenario_role_ops - ROLE_SCENARIO: plays what the configuration's `scenario` sources name, live, on a loop */
struct role_ops;
extern const struct role_ops scenario_role_ops;
