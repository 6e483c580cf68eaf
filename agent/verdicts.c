/* Verdicts into the model: worse at once, better after the clear time, never better by silence. */
#include "agent/findings.h"
#include "agent/verdict.h"

#include <stdio.h>

enum { CLEAR_CANISTER_MS = 300000, CLEAR_PATH_MS = 60000 };

struct verdict_words {
	const char *what, *action;
};

/* clang-format off */
static const struct verdict_words verdict_words[VERDICT_COUNT] = {
	[VERDICT_REDUNDANT] = {"is redundant", "Nothing to do."},
	[VERDICT_SINGLE] = {"has no redundancy by design", "Know it: one failure is an outage."},
	[VERDICT_AT_RISK] = {"is redundant, and at risk", "Find the cause before a failure meets it."},
	[VERDICT_DEGRADED] = {"has lost a part and still has one to spare", "Replace what failed."},
	[VERDICT_BLIND] = {"cannot be seen", "Find out why no source answers: no data is not health."},
	[VERDICT_NOT_REDUNDANT] = {"is one failure from an outage", "Move critical services now; call support."},
	[VERDICT_IMPENDING_LOSS] = {"is about to be lost: the survivor has trouble of its own",
		"Approve the failover, or move services by hand."},
	[VERDICT_ACCESS_LOST] = {"is lost to this host", "Approve the failover, or move services by hand."},
};
/* clang-format on */

static bool put_group(struct engine *e, uint32_t index)
{
	struct group_row g = *group_at(&e->model, index);
	struct group_state s;

	group_measure(&e->model, index, e->now_ms, &s);
	g.serving = (uint16_t)s.serving;
	g.undecided = (uint16_t)s.undecided;
	g.unseen = s.unseen;
	g.margin = (int16_t)s.margin;
	g.margin_max = (int16_t)s.margin_max;
	if (s.unseen || s.margin_max > 0 || g.expected <= 0)
		g.thin_ms = s.unseen ? g.thin_ms : 0;
	else if (!g.thin_ms)
		g.thin_ms = e->now_ms;
	if (!memcmp(&g, group_at(&e->model, index), sizeof(g)))
		return false;
	emit(e, REC_GROUP, TABLE_GROUP, index, &g, SEV_NONE, NULL);
	return true;
}

static bool sources_answered(const struct model *m, unsigned array)
{
	for (uint32_t i = 0; i < source_count(m); i++)
		if (source_at(m, i)->used && source_at(m, i)->array == array && !source_at(m, i)->answered)
			return false;
	return true;
}

static uint64_t clear_time(const struct engine *e, unsigned array, const struct array_row *a)
{
	const struct group_row *g = group_at(&e->model, a->limiting_group);
	const struct cfg_array *c = e->config && array < e->config->narrays ? &e->config->arrays[array] : NULL;

	if (g && g->kind == GROUP_PATHS)
		return c && c->clear_path_ms ? c->clear_path_ms : CLEAR_PATH_MS;
	return c && c->clear_canister_ms ? c->clear_canister_ms : CLEAR_CANISTER_MS;
}

/* What made it bad must have been seen well again: silence does not heal. */
static bool cause_unseen(const struct model *m, const struct array_row *a, const struct verdict_output *o)
{
	const struct group_row *g = a->limiting_group == NONE16 ? NULL : group_at(m, a->limiting_group);

	return a->verdict >= VERDICT_DEGRADED && a->verdict != VERDICT_BLIND &&
		(o->verdict == VERDICT_BLIND || (g && g->used && g->unseen));
}

enum change { CHANGE_NONE, CHANGE_WAIT, CHANGE_NOW };

static enum change judge(const struct engine *e, unsigned array, struct array_row *a, const struct verdict_output *o)
{
	if (o->verdict == a->verdict) {
		a->better_ms = 0;
		return CHANGE_NONE;
	}
	if (a->verdict == VERDICT_NONE)
		return o->verdict >= VERDICT_NOT_REDUNDANT || sources_answered(&e->model, array) ? CHANGE_NOW :
												    CHANGE_WAIT;
	/* there was no redundancy to wait for, only a group that was not known yet */
	if (o->verdict > a->verdict || a->verdict == VERDICT_SINGLE) {
		a->better_ms = 0;
		return CHANGE_NOW;
	}
	if (cause_unseen(&e->model, a, o)) {
		a->better_ms = 0;
		return CHANGE_WAIT;
	}
	if (!a->better_ms)
		a->better_ms = e->now_ms;
	return e->now_ms >= a->better_ms + clear_time(e, array, a) ? CHANGE_NOW : CHANGE_WAIT;
}

static const struct finding_row *first_cause(const struct model *m, unsigned array)
{
	const struct finding_row *first = NULL;

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);
		const struct component_row *c = component_at(m, f->component);

		if (!f->used || !f->active || f->array != array || f->tier < SEV_WARNING || f->folded != NONE16 ||
			(c && c->kind == KIND_DRIVE))
			continue;
		if (!first || f->tier > first->tier || (f->tier == first->tier && f->since_ms < first->since_ms))
			first = f;
	}
	return first;
}

static void margin_text(const struct verdict_output *o, char *buf, size_t size)
{
	if (o->margin_known)
		format_text(buf, size, "%d", o->margin);
	else
		format_text(buf, size, "unknown");
}

static void verdict_line(const struct engine *e, unsigned array, const struct array_row *a,
	const struct verdict_output *o, char *buf, size_t size)
{
	const struct finding_row *f = first_cause(&e->model, array);
	char margin[16], rule[64] = "";

	margin_text(o, margin, sizeof(margin));
	if (f && o->verdict > VERDICT_SINGLE)
		format_text(rule, sizeof(rule), " rule=%s after=%llums", f->rule_id,
			(unsigned long long)(e->now_ms - MIN_OF(e->now_ms, f->since_ms)));
	format_text(buf, size, "array '%s' %s (was %s) margin=%s%s", a->name, verdict_text(o->verdict),
		verdict_text((enum verdict)a->verdict), margin, rule);
}

static bool worth_telling(enum verdict was, enum verdict is)
{
	return is > VERDICT_REDUNDANT || was > VERDICT_SINGLE;
}

static void tell_verdict(struct engine *e, unsigned array)
{
	const struct array_row *a = array_at(&e->model, array);
	const struct finding_row *f = first_cause(&e->model, array);
	enum verdict was = (enum verdict)a->previous, is = (enum verdict)a->verdict;
	struct alert_row row = {.used = 1, .type = ALERT_ARRAY_VERDICT, .verdict = a->verdict, .previous = a->previous,
		.margin_known = a->margin_known, .margin = a->margin, .simulated = a->simulated, .array = (uint16_t)array,
		.incident = a->incident, .plan = NONE16, .finding = NONE32, .component = NONE32};

	if (!worth_telling(was, is))
		return;
	row.resolved = is <= VERDICT_SINGLE && was > VERDICT_SINGLE;
	row.severity = (uint8_t)MAX_OF(verdict_severity(is), row.resolved ? verdict_severity(was) : SEV_INFO);
	copy_text(row.rule_id, sizeof(row.rule_id), "array.verdict");
	format_text(row.summary, sizeof(row.summary), "Array %s %s%s%.40s%s", a->name, verdict_words[is].what,
		f && !row.resolved ? " (" : "", f && !row.resolved ? f->rule_id : "", f && !row.resolved ? ")" : "");
	copy_text(row.action, sizeof(row.action), verdict_words[is].action);
	alert_raise(e, &row);
}

static enum severity worst_of(const struct model *m, unsigned array, enum verdict v)
{
	enum severity worst = verdict_severity(v);

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->used && f->active && !f->acked && f->array == array && f->severity > worst)
			worst = (enum severity)f->severity;
	}
	return worst;
}

static void take_margin(struct array_row *a, const struct verdict_input *in, const struct verdict_output *o)
{
	a->margin_known = o->margin_known;
	a->margin = (int16_t)o->margin;
	a->margin_max = (int16_t)o->margin_max;
	a->expected = (int16_t)o->expected;
	if (o->limiting >= 0)
		a->limiting_group = (uint16_t)in->group[o->limiting].index;
	else if (!in->ngroups)
		a->limiting_group = NONE16;
}

static void take_verdict(const struct engine *e, struct array_row *a, enum verdict v)
{
	a->previous = a->verdict;
	a->verdict = (uint8_t)v;
	a->since_ms = e->now_ms;
	a->since_wall_ms = e->wall_ms;
	a->better_ms = 0;
	if (a->previous == VERDICT_REDUNDANT)
		a->redundant_until_wall_ms = e->wall_ms;
}

static bool update_array(struct engine *e, unsigned array)
{
	struct array_row a = *array_at(&e->model, array);
	struct verdict_input in;
	struct verdict_output o;
	char line[TEXT_MAX] = "";
	enum change change;

	verdict_gather(&e->model, array, e->now_ms, &in);
	verdict_derive(&in, &o);
	change = judge(e, array, &a, &o);
	if (change == CHANGE_NOW) {
		verdict_line(e, array, &a, &o, line, sizeof(line));
		take_verdict(e, &a, o.verdict);
	}
	/* while it only waits to be believed better, what it is limited by stays */
	if (change != CHANGE_WAIT || !cause_unseen(&e->model, &a, &o)) {
		uint16_t limiting = a.limiting_group;

		take_margin(&a, &in, &o);
		if (change == CHANGE_WAIT)
			a.limiting_group = limiting;
	}
	a.visibility = (uint8_t)o.visibility;
	a.worst = (uint8_t)worst_of(&e->model, array, (enum verdict)a.verdict);
	if (!memcmp(&a, array_at(&e->model, array), sizeof(a)))
		return false;
	emit(e, change == CHANGE_NOW ? REC_VERDICT : REC_ARRAY, TABLE_ARRAY, array, &a,
		change == CHANGE_NOW ? verdict_severity(o.verdict) : SEV_NONE, change == CHANGE_NOW ? line : NULL);
	if (change == CHANGE_NOW)
		tell_verdict(e, array);
	return true;
}

bool verdicts_update(struct engine *e)
{
	bool changed = false;

	for (uint32_t i = 0; i < group_count(&e->model); i++)
		if (group_at(&e->model, i)->used)
			changed |= put_group(e, i);
	for (uint32_t i = 0; i < array_count(&e->model); i++)
		if (array_at(&e->model, i)->used)
			changed |= update_array(e, i);
	return changed;
}

uint64_t verdicts_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < array_count(&e->model); i++) {
		const struct array_row *a = array_at(&e->model, i);

		if (a->used && a->better_ms)
			next = MIN_OF(next, a->better_ms + clear_time(e, i, a));
	}
	return next;
}
