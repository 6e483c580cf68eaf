/* Findings: a rule that holds, with its evidence. Fired, worsened and cleared here and nowhere else. */
#include "agent/engine_parts.h"

#include <stdio.h>

enum { FINDINGS_MAX = 16384, KEEP_CLEARED_MS = 24 * 3600000 };

static bool is_about(const struct finding_row *f, const struct finding_key *k)
{
	return f->used && f->rule == k->rule && f->array == k->array && f->component == k->component &&
	       text_equal(f->subject, k->subject);
}

uint32_t finding_index(const struct model *m, const struct finding_key *k)
{
	for (uint32_t i = 0; i < finding_count(m); i++)
		if (finding_at(m, i)->active && is_about(finding_at(m, i), k))
			return i;
	return NONE32;
}

static void count_on_component(struct engine *e, uint32_t component, int by)
{
	struct component_due *due = component == NONE32 ? NULL : engine_due(e, component);

	e->refold = true;
	if (!due)
		return;
	due->findings = (uint16_t)(due->findings + by);
	engine_touch(e, component);
}

static bool referenced(const struct model *m, uint32_t finding)
{
	for (uint32_t i = 0; i < alert_count(m); i++)
		if (alert_at(m, i)->used && alert_at(m, i)->finding == finding)
			return true;
	return false;
}

/* A row for a new finding: one that was never used, or the one cleared longest ago. */
static uint32_t free_finding(const struct engine *e)
{
	uint32_t n = finding_count(&e->model), oldest = NONE32,
		 i = model_free_index(&e->model, TABLE_FINDING);

	if (i < n || n < FINDINGS_MAX)
		return i;
	for (i = 0; i < n; i++)
		if (!finding_at(&e->model, i)->active && !referenced(&e->model, i) &&
			(oldest == NONE32 ||
				finding_at(&e->model, i)->cleared_wall_ms <
					finding_at(&e->model, oldest)->cleared_wall_ms))
			oldest = i;
	return oldest;
}

static enum severity capped(const struct engine *e, const struct finding_row *f)
{
	const struct rule *r = &rules[f->rule];

	if (!r->capped || f->tier <= SEV_WARNING || f->component == NONE32)
		return (enum severity)f->tier;
	return drive_spared(&e->model, f->component) ? SEV_WARNING : (enum severity)f->tier;
}

static uint32_t take_number(struct engine *e)
{
	struct self_row self = engine_self_row(e);
	uint32_t id = self.next_finding ? self.next_finding : 1;

	self.next_finding = id + 1;
	emit(e, REC_SELF, TABLE_SELF, 0, &self, SEV_NONE, NULL);
	return id;
}

static uint16_t open_incident(const struct engine *e, uint16_t array)
{
	const struct array_row *a = array_at(&e->model, array);

	return a ? a->incident : NONE16;
}

static void title_of(const struct engine *e, const struct finding_row *f, char *buf, size_t size)
{
	rule_expand(&e->model, f, rules[f->rule].title, buf, size);
}

/* Who has not heard yet that it was over: for him it goes on. */
static void go_on_telling(struct engine *e, const struct finding_key *k, struct finding_row *f)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		struct finding_row was = *finding_at(&e->model, i);

		if (was.active || !(was.told | was.open) || !is_about(&was, k))
			continue;
		f->told |= was.told;
		f->open |= was.open;
		f->told_severity = MAX_OF(f->told_severity, was.told_severity);
		f->repeat_ms = MAX_OF(f->repeat_ms, was.repeat_ms);
		was.told = was.open = 0;
		emit(e, REC_FINDING_CHANGED, TABLE_FINDING, i, &was, SEV_NONE, NULL);
	}
}

static void finding_fire(
	struct engine *e, const struct finding_key *k, const struct finding_state *s)
{
	struct finding_row f = {.used = 1,
		.active = 1,
		.tier = s->severity,
		.rule = (uint16_t)k->rule,
		.array = k->array,
		.component = k->component,
		.folded = NONE16,
		.fired_count = 1,
		.since_wall_ms = e->wall_ms,
		.changed_wall_ms = e->wall_ms,
		.since_ms = e->now_ms,
		.holds_ms = e->now_ms,
		.nevidence = s->nevidence};
	uint32_t index = free_finding(e);
	char text[TEXT_MAX];

	if (index == NONE32)
		return;
	f.id = take_number(e);
	f.incident = open_incident(e, k->array);
	memcpy(f.evidence, s->evidence, sizeof(f.evidence));
	copy_text(f.rule_id, sizeof(f.rule_id), rules[k->rule].id);
	copy_text(f.subject, sizeof(f.subject), k->subject);
	copy_text(f.detail, sizeof(f.detail), s->detail);
	f.severity = (uint8_t)capped(e, &f);
	go_on_telling(e, k, &f);
	title_of(e, &f, text, sizeof(text));
	emit(e, REC_FINDING_FIRING, TABLE_FINDING, index, &f, (enum severity)f.severity, text);
	if (f.severity >= SEV_WARNING)
		recurring_note(e, k->array);
	count_on_component(e, k->component, 1);
}

void finding_clear(struct engine *e, uint32_t finding, const char *why)
{
	struct finding_row f = *finding_at(&e->model, finding);
	char title[112], text[TEXT_MAX];

	title_of(e, &f, title, sizeof(title));
	format_text(text, sizeof(text), "%s: %s", why ? why : "Over", title);
	f.active = 0;
	f.cleared_wall_ms = e->wall_ms;
	f.clear_ms = 0;
	emit(e, REC_FINDING_CLEARED, TABLE_FINDING, finding, &f, SEV_INFO, text);
	count_on_component(e, f.component, -1);
}

/* The condition stopped holding: from now on its clear time runs. */
/* It was still serving, in doubt or on its way back, and now it is lost: nobody waits for that to pass. */
static bool is_lost_since(const struct engine *e, const struct finding_row *f)
{
	const struct component_row *c = component_at(&e->model, f->component);
	const unsigned out = 1u << STATE_FAILED | 1u << STATE_SERVICE | 1u << STATE_ABSENT;

	return c && rules[f->rule].test == TEST_STATE && !((unsigned)rules[f->rule].value & out) &&
	       member_of_state((enum state)c->state) == MEMBER_LOST;
}

static void finding_ends(struct engine *e, uint32_t finding)
{
	struct finding_row f = *finding_at(&e->model, finding);

	if (rules[f.rule].latched)
		return;
	if (!rules[f.rule].clear_ms || is_lost_since(e, &f)) {
		finding_clear(e, finding, NULL);
		return;
	}
	if (f.clear_ms)
		return;
	f.clear_ms = MAX_OF(e->now_ms, 1u);
	emit(e, REC_FINDING_CHANGED, TABLE_FINDING, finding, &f, SEV_NONE, NULL);
}

static bool same_evidence(const struct finding_row *f, const struct finding_state *s)
{
	return f->nevidence == s->nevidence &&
	       !memcmp(f->evidence, s->evidence, sizeof(f->evidence)) &&
	       text_equal(f->detail, s->detail ? s->detail : f->detail);
}

/* Acknowledged means quiet until it gets worse. */
static void unack_when_worse(struct finding_row *f)
{
	if (f->severity > f->acked_severity)
		f->acked = 0;
}

static void finding_goes_on(struct engine *e, uint32_t finding, const struct finding_state *s)
{
	struct finding_row f = *finding_at(&e->model, finding);
	enum severity was = (enum severity)f.severity;
	bool worse;
	char title[112], text[TEXT_MAX] = "";

	if (f.tier == s->severity && !f.clear_ms && same_evidence(&f, s))
		return;
	if (f.clear_ms)
		f.holds_ms = e->now_ms;
	f.clear_ms = 0;
	f.tier = s->severity;
	f.nevidence = s->nevidence;
	memcpy(f.evidence, s->evidence, sizeof(f.evidence));
	if (s->detail)
		copy_text(f.detail, sizeof(f.detail), s->detail);
	f.severity = (uint8_t)capped(e, &f);
	f.changed_wall_ms = e->wall_ms;
	worse = f.severity > was;
	if (worse) {
		f.was_severity = (uint8_t)was;
		unack_when_worse(&f);
		title_of(e, &f, title, sizeof(title));
		format_text(text, sizeof(text), "Now %s: %s",
			severity_text((enum severity)f.severity), title);
	}
	emit(e, worse ? REC_FINDING_WORSE : REC_FINDING_CHANGED, TABLE_FINDING, finding, &f,
		worse ? (enum severity)f.severity : SEV_NONE, text);
	if (f.component != NONE32)
		engine_touch(e, f.component);
}

void finding_set(struct engine *e, const struct finding_key *k, const struct finding_state *s)
{
	const struct component_due *due =
		k->component == NONE32 ? NULL : engine_due(e, k->component);
	uint32_t i = due && !due->findings ? NONE32 : finding_index(&e->model, k);

	if (!s->known)
		return;
	if (i == NONE32 && s->severity)
		finding_fire(e, k, s);
	else if (i != NONE32 && s->severity)
		finding_goes_on(e, i, s);
	else if (i != NONE32)
		finding_ends(e, i);
}

static struct finding_key key_of(
	const char *rule, unsigned array, uint32_t component, const char *subject)
{
	int i = rule_index(rule);

	return (struct finding_key){.rule = (unsigned)MAX_OF(i, 0),
		.array = (uint16_t)array,
		.component = component,
		.subject = subject};
}

/* What people look at first when there is no number: the state it is in. */
static void state_evidence(const struct engine *e, struct finding_state *s, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);

	if (!c)
		return;
	s->nevidence = 1;
	s->evidence[0] = (struct evidence){
		.state = c->state, .source = c->source, .at_wall_ms = c->state_wall_ms};
}

void finding_raise(
	struct engine *e, const char *rule, unsigned array, uint32_t component, const char *detail)
{
	struct finding_key k = key_of(rule, array, component, "");
	struct finding_state s = {
		.known = true, .severity = rules[k.rule].severity, .detail = detail};

	state_evidence(e, &s, component);
	finding_set(e, &k, &s);
}

void finding_lower(struct engine *e, const char *rule, unsigned array, uint32_t component)
{
	struct finding_key k = key_of(rule, array, component, "");

	finding_set(e, &k, &(struct finding_state){.known = true});
}

bool finding_holds(const struct model *m, const char *rule, unsigned array, uint32_t component)
{
	struct finding_key k = key_of(rule, array, component, "");

	return rule_index(rule) >= 0 && finding_index(m, &k) != NONE32;
}

void subject_finding(
	struct engine *e, const char *rule, unsigned array, const char *subject, const char *detail)
{
	struct finding_key k = key_of(rule, array, NONE32, subject);
	struct finding_state s = {.known = true,
		.detail = detail,
		.severity = detail ? rules[k.rule].severity : (uint8_t)SEV_NONE};

	finding_set(e, &k, &s);
}

static void forget_cleared(struct engine *e, uint32_t i)
{
	struct finding_row f = *finding_at(&e->model, i);

	if (e->wall_ms - f.cleared_wall_ms < KEEP_CLEARED_MS || f.open || referenced(&e->model, i))
		return;
	f.used = 0;
	emit(e, REC_FINDING_CHANGED, TABLE_FINDING, i, &f, SEV_NONE, NULL);
}

/* Severity follows what redundancy is left, also when nothing about the component itself changed. */
static void recap(struct engine *e, uint32_t i)
{
	struct finding_row f = *finding_at(&e->model, i);
	enum severity now = capped(e, &f);
	char title[100], text[TEXT_MAX] = "";

	if (now == f.severity)
		return;
	if (now > f.severity) {
		title_of(e, &f, title, sizeof(title));
		format_text(text, sizeof(text), "Now %s, nothing is to spare: %s",
			severity_text(now), title);
	}
	f.was_severity = f.severity;
	f.severity = (uint8_t)now;
	unack_when_worse(&f);
	f.changed_wall_ms = e->wall_ms;
	emit(e, text[0] ? REC_FINDING_WORSE : REC_FINDING_CHANGED, TABLE_FINDING, i, &f, now, text);
}

bool findings_settle(struct engine *e)
{
	uint64_t before = e->log.head;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (!f->used || f->rule >= rules_count)
			continue;
		if (!f->active)
			forget_cleared(e, i);
		else if (f->clear_ms && e->now_ms - f->clear_ms >= rule_clear_ms(e, f->rule))
			finding_clear(e, i, NULL);
		else if (e->recap && rules[f->rule].capped && f->tier > SEV_WARNING)
			recap(e, i);
	}
	return e->log.head != before;
}

uint64_t findings_next_ms(const struct engine *e)
{
	uint64_t next = fold_next_ms(e);

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (f->used && f->active && f->clear_ms && f->rule < rules_count)
			next = MIN_OF(next, f->clear_ms + rule_clear_ms(e, f->rule));
	}
	return next;
}
