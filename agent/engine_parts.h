/* What the engine's files share and nobody else calls. */
#pragma once
#include <errno.h>

#include "agent/findings.h"
#include "agent/run.h"
#include "agent/verdict.h"

enum {
	TRANSITION_DEFAULT_MS = 10 * 60000, /* canisters that reboot come back in 5 to 10 minutes */
	ASLEEP_KEEP_MS = 24 * 3600000
};

/* What a look at a component's sources says about its age. */
struct freshness {
	bool known;         /* has been read well at least once */
	bool fresh, asleep; /* asleep: left alone, values kept and marked */
	uint8_t outcome;    /* enum outcome of the newest look */
	uint64_t until_ms;  /* when the first of its sources stops being fresh; UINT64_MAX none is */
	uint64_t tried_ms, read_ms;
	uint16_t source; /* of the newest look, NONE16 */
};

/* engine.c */
#define ROW_NAMES_NONE 0xffff
/** row_names_array() - where rows of @t hold the index of their array (2 bytes, NONE16 none); ROW_NAMES_NONE nowhere */
size_t row_names_array(enum table t);
void engine_enter(struct engine *e, uint64_t now_ms, int64_t wall_ms);
/** engine_changed() - something that the array's verdict follows from is another */
void engine_changed(struct engine *e, unsigned array);
/** engine_touch() - the component's rules are looked at again in the next settle() */
void engine_touch(struct engine *e, uint32_t component);
/** engine_untouch() - take the first of those; NONE32 when there is none */
uint32_t engine_untouch(struct engine *e);
/** engine_due() - its bookkeeping; grows on demand, NULL only without memory */
struct component_due *engine_due(struct engine *e, uint32_t component);

/** engine_settle_soon() - many that are seen for the first time, or well again, settle together */
void engine_settle_soon(struct engine *e);

/* engine_self.c */
void self_ready(struct engine *e);
/** journal_owes() - record @sequence is an event for people, which the scribe is to keep */
void journal_owes(struct engine *e, uint64_t sequence);
void restarts_judge(struct engine *e);

/* engine_config.c, engine_remap.c */
void config_rows(struct engine *e);
void config_remap(struct engine *e, const struct config *old);
void config_pad_rows(struct engine *e, enum table table, uint32_t count);
struct self_row engine_self_row(const struct engine *e);

/* engine_rows.c: what belongs to a component goes with it */
void component_forget(struct engine *e, uint32_t component, const char *text);
void component_rebaseline(struct engine *e, uint32_t component);
uint32_t component_ensure(
	struct engine *e, unsigned array, enum kind kind, const char *name, unsigned source);
/** vias_learn() - after its name or enclosure changed: through whom a path leads, or who leads through it */
void vias_learn(struct engine *e, uint32_t component);
/** vias_forget() - a path that leads elsewhere now */
void vias_forget(struct engine *e, uint32_t component);
void seen_note(struct engine *e, uint32_t component, unsigned source, enum outcome outcome);
/** seen_reading() - the same, and what the reading says of its state */
void seen_reading(struct engine *e, uint32_t component, const struct reading *r);
/** seen_absent() - a complete answer of @source (look @job) did not name it */
void seen_absent(struct engine *e, uint32_t component, unsigned source, uint32_t job);
/** seen_good_until() - how long what one source said is good for, boot clock; 0 never read */
uint64_t seen_good_until(const struct seen_row *s);
struct freshness component_freshness(const struct engine *e, uint32_t component);

/* engine_facts.c */
/** fact_fell() - a counter that this source says is less than it said before; NULL none */
const struct fact_row *fact_fell(
	const struct engine *e, const struct reading *r, uint32_t component);
void facts_take(struct engine *e, const struct reading *r, uint32_t component);

/** daily_note() - engine_daily.c: the first good look of a day at a drive is that day's sample */
void daily_note(struct engine *e, uint32_t component);

/** component_fuse() - fusion.c: reported, source and limit from all sources whose word is still good */
void component_fuse(const struct engine *e, uint32_t component, struct component_row *c);

/* rates.c: N in T */
void rate_events(struct engine *e, uint32_t component, unsigned fact, unsigned events);
void rate_event_rule(struct engine *e, unsigned rule, uint32_t key);
const struct serd_row *rate_find(const struct model *m, unsigned rule, uint32_t key);

/** rule_clear_ms() - how long a rule must not hold before it is over; shorter in a demo that goes faster */
static inline uint64_t rule_clear_ms(const struct engine *e, unsigned rule)
{
	uint32_t speed = e->config->demo_speed;

	return rules[rule].clear_ms / (speed ? speed : 1);
}

/* engine_layout.c: groups and who is in them, taken over as a whole when a look is complete */
void layout_note(struct engine *e, const struct reading *r);
void layout_end(struct engine *e, const struct job_end *j, bool whole);

/* findings.c */
struct finding_key {
	unsigned rule;
	uint16_t array;
	uint32_t component;
	const char *subject; /* "" none */
};
/* What a rule says now. severity NONE: it does not hold. */
struct finding_state {
	bool known; /* false: leave the finding as it is */
	uint8_t severity;
	uint8_t nevidence;
	const char *detail;
	char words[40]; /* for a detail that is made while it is looked at */
	struct evidence evidence[4];
};
uint32_t finding_index(const struct model *m, const struct finding_key *k);
void finding_set(struct engine *e, const struct finding_key *k, const struct finding_state *s);
struct rule_input fact_input(const struct model *m, uint32_t component, unsigned fact);
/** findings_recheck() - after a new baseline: what no longer holds of it clears, latched or not */
void findings_recheck(struct engine *e, uint32_t component);
void finding_clear(struct engine *e, uint32_t finding, const char *why);
bool findings_settle(struct engine *e);
/** findings_fold() - which finding is a symptom of which other */
void findings_fold(struct engine *e);
uint64_t fold_next_ms(const struct engine *e);
/** subject_finding() - about something that is no component; @detail NULL: no longer holds */
void subject_finding(struct engine *e, const char *rule, unsigned array, const char *subject,
	const char *detail);
uint64_t findings_next_ms(const struct engine *e);
void source_finding(struct engine *e, const char *rule, unsigned source, const char *detail);
void source_name(const struct config *c, unsigned source, char *buf, size_t size);

/* incidents.c, alerts.c, alerts_tell.c */
uint16_t incident_open(struct engine *e, unsigned array, enum severity severity);
/** incident_only_ahead() - is the array at risk by nothing but a date that is still to come? */
bool incident_only_ahead(const struct array_row *a);
/** sinks_wanting() - bit per sink that takes this severity of this array; stand-ins left out */
uint32_t sinks_wanting(const struct engine *e, unsigned array, enum severity severity);
/** findings_tell() - raise the messages that findings give rise to; tell_next_ms(): when again */
void findings_tell(struct engine *e);
uint64_t tell_next_ms(const struct engine *e);
/** alert_group_fire() - @n findings of the array, or of Ballast itself, as one message to these @sinks */
void alert_group_fire(struct engine *e, unsigned array, uint32_t sinks, unsigned n, enum severity severity);
/** alert_group_over() - one that was told so is over: told to those of @sinks for whom it was the last */
void alert_group_over(struct engine *e, unsigned array, uint32_t sinks);

/* together.c */
/** together_judge() - raise what says that several arrays' managements fell silent at once */
void together_judge(struct engine *e);
/** together_cause() - the finding that says it for this one; NONE32 */
uint32_t together_cause(const struct engine *e, const struct finding_row *f);

/* quiet.c */
/** tell_from_ms() - when a finding is old enough to be told */
uint64_t tell_from_ms(const struct engine *e, const struct finding_row *f);
/** finding_quiet() - is it not to be told now? finding_mends(): not again, while a rebuild moves */
bool finding_quiet(const struct engine *e, const struct finding_row *f);
bool finding_mends(const struct engine *e, const struct finding_row *f);

/* rules_special.c, rules_whole.c */
bool component_special(
	const struct engine *e, unsigned rule, uint32_t component, struct finding_state *ret);
void array_specials(struct engine *e, unsigned array);
/** codes_specials() - rules_codes.c: drives of one model, a canister and its system, that run different firmware */
void codes_specials(struct engine *e, unsigned array);
/** is_iom() - rules_codes.c: true for a canister that only enclosure services tell of, which is no controller */
bool is_iom(const struct engine *e, uint32_t component);
/** code_from_enclosure() - rules_codes.c: true where its firmware is a revision that enclosure services told */
bool code_from_enclosure(const struct engine *e, uint32_t component);
/** booted_specials() - rules_booted.c: canisters that were booted within a day of each other */
void booted_specials(struct engine *e, unsigned array);
void self_specials(struct engine *e);
/** recurring_note() - an array warned; recurring_forget(): somebody answered */
void recurring_note(struct engine *e, unsigned array);
void recurring_forget(struct engine *e, unsigned array);
bool other_of_kind_ok(const struct model *m, uint32_t component);

/* advise_component.c, advise.c: what published firmware faults mean for what is there */
/** advise_component() - its deadlines, from model, firmware, hours and boot time */
void advise_component(struct engine *e, uint32_t component);
/** advise_update() - forecasts of arrays, their findings; true when anything changed */
bool advise_update(struct engine *e);
/** advise_next_ms() - when a forecast's text or severity changes with time alone */
uint64_t advise_next_ms(const struct engine *e);
/** advise_forget() - other advisories may hold now: everything is derived again from the components */
void advise_forget(struct engine *e);
/* What a forecast's text needs besides its row. minutes: the dates are that exact. */
struct cohort_dates {
	unsigned dated, unclear;
	int64_t spread_ms; /* of those that go together */
	bool minutes;
};
/** forecast_text() - what of the row people read, from its numbers, the advisory and the time */
void forecast_text(const struct engine *e, const struct cfg_advisory *a, struct forecast_row *f,
	const struct cohort_dates *dates);
/** spread_text() - "within 40 minutes"; without @minutes no more exactly than the hour, as hours of use nobody saw pass */
void spread_text(char *buf, size_t size, int64_t spread_ms, bool minutes);
/** forecast_unit() - what is left is said in days or hours, ms; @ret_slack: so much short of one more is one more */
int64_t forecast_unit(int64_t left_ms, int64_t *ret_slack);
/** forecast_cause() - who reaches what, without when */
void forecast_cause(const struct forecast_row *f, char *buf, size_t size);
/* engine_notices.c: what an array said by itself ends by a poll, an acknowledgement, or a day without it */
/** notices_judge() - a source's poll was complete */
void notices_judge(struct engine *e, unsigned source);
/** notice_acknowledged() - @finding was; one that was only heard of is over */
void notice_acknowledged(struct engine *e, uint32_t finding);
void notices_update(struct engine *e);
uint64_t notices_next_ms(const struct engine *e);

/* engine_namespaces.c */
/** namespaces_told() - a path was read: those of it that the same look (@job) did not name are absent */
void namespaces_told(struct engine *e, uint32_t path, unsigned source, uint32_t job);
/** namespaces_gone() - their controller is */
void namespaces_gone(struct engine *e, uint32_t path);

/* engine_jobs.c */
/** component_unlisted() - a complete answer (look @job) of its source does not name it: absent, or a guest that left */
void component_unlisted(struct engine *e, uint32_t component, unsigned source, uint32_t job);

/* engine_devices.c */
/** component_present() - found and not gone, or listed by somebody lately: nothing that could be forgotten */
bool component_present(const struct engine *e, uint32_t component);
/** source_answered() - it has, once */
void source_answered(struct engine *e, unsigned source);
/** source_has_answered() - may it count as having, now that one of its jobs ended? */
bool source_has_answered(const struct engine *e, unsigned source);
/** source_is_listed() - a list that came too late counts once what it named was looked at */
void source_is_listed(struct engine *e, unsigned source);
/** devices_update() - sources whose devices nobody has listed in time have missed their first answer */
void devices_update(struct engine *e);
/** component_awaited() - known from before the start and not looked at since; false once its first look is overdue */
bool component_awaited(const struct engine *e, uint32_t component);
uint64_t devices_next_ms(const struct engine *e);

/* engine_commands.c */
/** reply_set() - @code 0 or -errno, and one line */
void reply_set(struct reply *ret, int code, const char *fmt, ...) printf_like(3, 4);

/* engine_marks.c */
void mark_command(struct engine *e, const struct command *c, struct reply *ret);
bool marks_update(struct engine *e);
uint64_t marks_next_ms(const struct engine *e);

/* allowance.c */
bool maintenance_running(const struct engine *e, const struct maintenance_row *w);
/** maintenance_quiet() - is this component's trouble within what a maintenance allows? */
bool maintenance_quiet(const struct engine *e, unsigned array, uint32_t component);
