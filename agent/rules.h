/*
 * The rules, as data: stable id, which facts, thresholds, N in T, clear time, severity, words for the
 * operator, source of the claim. Evaluating them is a pure function of facts and time.
 */
#pragma once
#include "agent/model.h"

enum rule_scope { SCOPE_DRIVE, SCOPE_COMPONENT, SCOPE_GROUP, SCOPE_ARRAY, SCOPE_SOURCE, SCOPE_SELF, SCOPE_COUNT };

/* What the condition looks at. Anything that does not fit a row here is a function in rule_tests[]. */
enum rule_test {
	TEST_AT_LEAST,      /* fact >= value */
	TEST_BELOW_FACT,    /* fact < other fact, both reported and not both 0 */
	TEST_BITS,          /* fact & (unsigned)value */
	TEST_EQUALS,        /* fact == value */
	TEST_GROWN,         /* fact - first >= value since adoption, and fact >= at_least */
	TEST_CAME_WITH,     /* fact >= value, and was when adopted */
	TEST_FELL,          /* fact < first: less than when adopted */
	TEST_RATE,          /* `count` increases within window_ms */
	TEST_STATE,         /* component state is one of the bits of value */
	TEST_SPECIAL,       /* by id, in code: firmware change, removal, staleness … */
	TEST_COUNT
};

struct rule {
	const char *id;             /* stable: "drive.pending-sectors" */
	enum rule_scope scope;
	uint32_t kinds;             /* bit per enum kind it applies to; 0 all */
	uint32_t classes;           /* bit per enum drive_class; 0 all */
	enum rule_test test;
	uint16_t fact, other_fact;
	double value;
	double at_least;            /* GROWN, BELOW_FACT: fact must be; BITS: other_fact must not be */
	uint16_t count;             /* TEST_RATE; fact NONE: times that its state left ok */
	uint32_t window_ms;
	uint32_t clear_ms;          /* how long it must not hold before it clears */
	uint32_t tell_ms;           /* how long it must hold before a warning of it is told; critical at once */
	uint8_t tell_if_seen;       /* 1: tell_ms counts only while the array is still seen in-band */
	uint8_t severity;           /* tier */
	uint8_t capped;             /* 1: at most warning while the drive's group keeps margin >= 1 without it */
	uint8_t latched;            /* 1: never clears by itself (counters cannot fall): adopt, replace or forget */
	uint8_t last_critical;      /* 1: critical when no other of its kind in the array is ok */
	uint32_t remind_ms;         /* told again so often, and that nobody answers makes it no worse; 0 as usual */
	uint8_t consequence;        /* 1: what a takeover brings; folds into the finding of the lost partner */
	uint8_t urgent;             /* 1: a warning that nobody sleeps on: until it is taken the answer is no */
	const char *title;          /* {name} {array} {value} {services} … see rule_expand() */
	const char *meaning;        /* what it means for people */
	const char *action;         /* what to do */
	const char *source;         /* of the claim: standard and section, advisory, study */
};

extern const struct rule rules[];
extern const unsigned rules_count;

/** rule_index() - by id; -1 none */
int rule_index(const char *id);

/** rule_applies() - by kind and drive class */
bool rule_applies(const struct rule *r, enum kind kind, enum drive_class class);

/* One fact as a rule sees it, apart from any model: what tests and tests/drive-rules feed. */
struct rule_input {
	bool known;
	double value, first, was;
};

/**
 * rule_holds() - a threshold rule on facts, without time
 * @in: input for rule->fact, @other for rule->other_fact (may be NULL)
 *
 * Return: true when it holds. Unknown facts never hold and never clear.
 */
bool rule_holds(const struct rule *r, const struct rule_input *in, const struct rule_input *other);

/** rule_known() - are the facts that it looks at there at all? Only then may a finding clear */
bool rule_known(const struct rule *r, const struct rule_input *in, const struct rule_input *other);
/** rule_is_threshold() - does rule_holds() decide it, from facts alone? */
bool rule_is_threshold(const struct rule *r);

/**
 * drive_tier() - the tier of a drive's counters: the highest severity of the threshold rules that hold
 * @lookup: gives the input for a fact
 *
 * Used by the engine and by tests/drive-rules, so that what is measured is what runs.
 */
enum severity drive_tier(enum drive_class class, struct rule_input (*lookup)(void *ctx, unsigned fact), void *ctx);

/** rule_expand() - fill a template: {name} {array} {kind} {value} {was} {first} {detail} {model} {serial}
 *  {firmware} {slot} {services} {since} {meaning} …; unknown names stay as they are */
void rule_expand(const struct model *m, const struct finding_row *f, const char *template, char *buf, size_t size);

/** serd_add() / serd_recent() - N in T: note an event; events within @window_ms before @now_ms */
void serd_add(struct serd_row *s, uint64_t now_ms);
unsigned serd_recent(const struct serd_row *s, uint64_t now_ms, uint64_t window_ms);
