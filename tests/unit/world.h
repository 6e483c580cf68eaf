/* An engine without its middle: a model that tests fill by hand, alerts that are only noted. */
#pragma once
#include "agent/findings.h"
#include "agent/run.h"
#include "agent/verdict.h"

enum { WORLD_ALERTS = 64, WORLD_RECORDS = 512 };

/* Indexes into the rules of this world. */
enum {
	WORLD_RULE_RATE,
	WORLD_RULE_ERROR,
	WORLD_RULE_FAILED_OVER,
	WORLD_RULE_SPECIAL,
	WORLD_RULE_CONSEQUENCE
};

struct world {
	struct engine e;
	struct config *config;
	struct alert_row alerts[WORLD_ALERTS];
	unsigned nalerts;
	struct record records[WORLD_RECORDS]; /* those with a text */
	unsigned nrecords;
};
extern struct world *world;

/* One array "san1" with serial 78N16G4 and one management source that has answered. */
void world_start(void);
void world_end(void);
void world_pass(uint64_t ms);
/* until nothing changes: groups, verdicts, plans */
void world_settle(void);

uint32_t world_component(enum kind kind, const char *name, enum state state);
/* as it is, and as all its sources say */
void world_state(uint32_t component, enum state state);
/* what a source said just now of a component; plane decides whether it counts in-band */
void world_seen(uint32_t component, unsigned source, enum plane plane, uint32_t interval_ms);
void world_fact(uint32_t component, unsigned fact, double value);
void world_via(uint32_t component, uint32_t via);
uint32_t world_finding(unsigned rule, uint32_t component, enum severity tier);
void world_source(unsigned source, enum plane plane, bool answered);
const struct group_row *world_group(const char *name);
const struct record *world_last(enum record_type type);
unsigned world_count(enum record_type type);
unsigned world_alerts(enum alert_type type);
