/* Verdicts into the model: worse at once, better after the clear time, never better by silence. */
#include "agent/findings.h"
#include "agent/verdict.h"

#include <stdio.h>

enum { CLEAR_CANISTER_MS = 300000, CLEAR_PATH_MS = 60000, TELL_PATH_MS = 60000, TELL_MS = 10000 };

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
	uninitialized_ struct group_state s;

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
		if (source_looks(source_at(m, i)) && source_at(m, i)->array == array &&
			!source_at(m, i)->answered)
			return false;
	return true;
}

static uint32_t clear_time(const struct engine *e, unsigned array, enum group_kind kind)
{
	const struct cfg_array *c =
		e->config && array < e->config->narrays ? &e->config->arrays[array] : NULL;

	if (kind == GROUP_PATHS)
		return c && c->clear_path_ms ? c->clear_path_ms : CLEAR_PATH_MS;
	return c && c->clear_canister_ms ? c->clear_canister_ms : CLEAR_CANISTER_MS;
}

static uint32_t longest_clear(
	const struct engine *e, unsigned array, const struct verdict_input *in, bool lost)
{
	uint32_t longest = 0;

	for (unsigned i = 0; i < in->ngroups; i++) {
		const struct verdict_group *g = &in->group[i];

		if (lost ? g->member_lost && !g->unseen : g->undecided || g->unseen || g->flapping)
			longest = MAX_OF(longest, clear_time(e, array, (enum group_kind)g->kind));
	}
	return longest;
}

/* While it is as bad as is said, the slowest of what is lost counts; silence when nothing is. */
static void note_clear_time(const struct engine *e, unsigned array, struct array_row *a,
	const struct verdict_input *in, const struct verdict_output *o)
{
	uint32_t clear = longest_clear(e, array, in, true);

	if (o->verdict < a->verdict)
		return;
	if (!clear)
		clear = longest_clear(e, array, in, false);
	if (!clear)
		clear = clear_time(e, array, GROUP_CANISTERS);
	a->clear_ms = o->verdict <= VERDICT_SINGLE ? 0 : MAX_OF(a->clear_ms, clear);
}

/* What made it bad must have been seen well again: silence does not heal. */
static bool cause_unseen(
	const struct model *m, const struct array_row *a, const struct verdict_output *o)
{
	const struct group_row *g =
		a->limiting_group == NONE16 ? NULL : group_at(m, a->limiting_group);

	return a->verdict >= VERDICT_DEGRADED && a->verdict != VERDICT_BLIND &&
	       (o->verdict == VERDICT_BLIND || (g && g->used && g->unseen));
}

/* Before anybody was told of any verdict: what was only not read yet is over as soon as it is read. */
static bool still_starting(const struct array_row *a)
{
	return a->told_verdict == VERDICT_NONE &&
	       verdict_severity((enum verdict)a->verdict) == SEV_WARNING;
}

/* Each verdict above the derived one holds until it has not been derivable for the clear time. */
static enum verdict held(
	const struct engine *e, struct array_row *a, const struct verdict_output *o)
{
	bool silent = cause_unseen(&e->model, a, o), starting = still_starting(a) && !silent;
	enum verdict v = o->verdict;

	for (unsigned l = 0; l < VERDICT_COUNT; l++) {
		if (l <= o->verdict || l > a->verdict || silent || starting)
			a->left_ms[l] = 0;
		else if (!a->left_ms[l])
			a->left_ms[l] = e->now_ms;
	}
	for (unsigned l = a->verdict; !starting && l > o->verdict && l > VERDICT_SINGLE; l--)
		if (!a->left_ms[l] || e->now_ms < a->left_ms[l] + a->clear_ms) {
			v = (enum verdict)l;
			break;
		}
	a->better_ms = a->left_ms[a->verdict];
	return v;
}

static enum verdict judge(const struct engine *e, unsigned array, struct array_row *a,
	const struct verdict_input *in, const struct verdict_output *o)
{
	if (a->verdict == VERDICT_NONE && o->verdict < VERDICT_NOT_REDUNDANT &&
		!sources_answered(&e->model, array))
		return VERDICT_NONE;
	note_clear_time(e, array, a, in, o);
	return held(e, a, o);
}

/* A date that is still to come explains a risk and no loss. */
static const struct finding_row *first_cause(const struct model *m, unsigned array, enum verdict v)
{
	const struct finding_row *first = NULL;

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);
		const struct component_row *c = component_at(m, f->component);

		if (!f->used || !f->active || f->array != array || f->tier < SEV_WARNING ||
			f->folded != NONE16 || (c && c->kind == KIND_DRIVE) ||
			(v > VERDICT_AT_RISK && f->rule < rules_count && rules[f->rule].remind_ms))
			continue;
		if (!first || f->tier > first->tier ||
			(f->tier == first->tier && f->since_ms < first->since_ms))
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
	enum verdict v, const struct verdict_output *o, char *buf, size_t size)
{
	const struct finding_row *f = first_cause(&e->model, array, v);
	char margin[16], rule[64] = "";

	margin_text(o, margin, sizeof(margin));
	if (f && v > VERDICT_SINGLE)
		format_text(rule, sizeof(rule), " rule=%s after=%llums", f->rule_id,
			(unsigned long long)(e->now_ms - MIN_OF(e->now_ms, f->since_ms)));
	format_text(buf, size, "array '%s' %s (was %s) margin=%s%s", a->name, verdict_text(v),
		verdict_text((enum verdict)a->verdict), margin, rule);
}

/* A warning is told when it lasts: a path that comes back, or a list half read, is none. */
static uint64_t tell_at(const struct engine *e, const struct array_row *a)
{
	const struct group_row *g = group_at(&e->model, a->limiting_group);

	if (verdict_severity((enum verdict)a->verdict) != SEV_WARNING ||
		a->verdict < a->told_verdict)
		return a->since_ms;
	return a->since_ms + (g && g->kind == GROUP_PATHS ? TELL_PATH_MS : TELL_MS);
}

static void raise_verdict(struct engine *e, unsigned array, enum verdict was)
{
	const struct array_row *a = array_at(&e->model, array);
	const struct finding_row *f = first_cause(&e->model, array, (enum verdict)a->verdict);
	enum verdict is = (enum verdict)a->verdict;
	const struct group_row *unit =
		is >= VERDICT_NOT_REDUNDANT ? group_unit_alone(&e->model, array) : NULL;
	char who[96];
	struct alert_row row = {.used = 1,
		.type = ALERT_ARRAY_VERDICT,
		.verdict = (uint8_t)is,
		.previous = (uint8_t)was,
		.margin_known = a->margin_known,
		.margin = a->margin,
		.simulated = a->simulated,
		.array = (uint16_t)array,
		.incident = a->incident,
		.plan = NONE16,
		.finding = NONE32,
		.component = NONE32};

	row.resolved = is <= VERDICT_SINGLE && was > VERDICT_SINGLE;
	row.severity = (uint8_t)MAX_OF(
		verdict_severity(is), row.resolved ? verdict_severity(was) : SEV_INFO);
	copy_text(row.rule_id, sizeof(row.rule_id), "array.verdict");
	if (unit)
		format_text(
			who, sizeof(who), "Unit %s of array %s", group_unit_text(unit), a->name);
	else
		format_text(who, sizeof(who), "Array %s", a->name);
	format_text(row.summary, sizeof(row.summary), "%s %s%s%.40s%s", who, verdict_words[is].what,
		f && !row.resolved ? " (" : "", f && !row.resolved ? f->rule_id : "",
		f && !row.resolved ? ")" : "");
	copy_text(row.action, sizeof(row.action), verdict_words[is].action);
	alert_raise(e, &row);
}

/* What a maintenance allowed and allows no more was told to the wrong people. */
static bool outgrown(const struct engine *e, unsigned array, const struct array_row *a)
{
	return a->told_quietly && a->verdict == a->told_verdict &&
	       verdict_severity((enum verdict)a->verdict) == SEV_CRITICAL &&
	       !verdict_allowed(e, array);
}

/* A warning that is waited out before anybody heard of it is no news. */
static bool over_already(const struct array_row *a, enum verdict derived)
{
	return a->verdict > a->told_verdict && derived < a->verdict &&
	       verdict_severity((enum verdict)a->verdict) == SEV_WARNING;
}

/* On the way up only the end is told: what was waited out is over. */
static bool tell_verdict(struct engine *e, unsigned array, enum verdict derived)
{
	struct array_row a = *array_at(&e->model, array);
	enum verdict was = (enum verdict)a.told_verdict;
	bool again = outgrown(e, array, &a);

	if (a.verdict == VERDICT_NONE || (a.verdict == a.told_verdict && !again) ||
		e->now_ms < tell_at(e, &a) || (a.verdict < was && a.verdict > derived) ||
		over_already(&a, derived))
		return false;
	if (a.verdict > VERDICT_REDUNDANT || was > VERDICT_SINGLE)
		raise_verdict(e, array, was);
	a = *array_at(&e->model, array); /* telling may have opened an incident */
	a.told_verdict = a.verdict;
	a.told_quietly = verdict_allowed(e, array);
	emit(e, REC_ARRAY, TABLE_ARRAY, array, &a, SEV_NONE, NULL);
	return true;
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

static void take_margin(
	struct array_row *a, const struct verdict_input *in, const struct verdict_output *o)
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
	a->better_ms = a->left_ms[v];
	if (a->previous == VERDICT_REDUNDANT)
		a->redundant_until_wall_ms = e->wall_ms;
}

static bool update_array(struct engine *e, unsigned array)
{
	struct array_row a = *array_at(&e->model, array);
	struct verdict_input in;
	struct verdict_output o;
	char line[TEXT_MAX] = "";
	enum verdict v;
	bool silent;

	verdict_gather(&e->model, array, e->now_ms, &in);
	verdict_derive(&in, &o);
	v = judge(e, array, &a, &in, &o);
	silent = v > o.verdict && cause_unseen(&e->model, &a, &o);
	if (v != a.verdict) {
		verdict_line(e, array, &a, v, &o, line, sizeof(line));
		take_verdict(e, &a, v);
	}
	/* what silence hides stays as it was last seen */
	if (!silent)
		take_margin(&a, &in, &o);
	a.visibility = (uint8_t)o.visibility;
	a.worst = (uint8_t)worst_of(&e->model, array, (enum verdict)a.verdict);
	if (!memcmp(&a, array_at(&e->model, array), sizeof(a)))
		return tell_verdict(e, array, o.verdict);
	emit(e, line[0] ? REC_VERDICT : REC_ARRAY, TABLE_ARRAY, array, &a,
		line[0] ? verdict_severity(v) : SEV_NONE, line[0] ? line : NULL);
	(void)tell_verdict(e, array, o.verdict);
	return true;
}

bool verdicts_update(struct engine *e, uint64_t arrays)
{
	bool changed = false;

	for (uint32_t i = 0; i < group_count(&e->model); i++)
		if (group_at(&e->model, i)->used && arrays >> group_at(&e->model, i)->array & 1)
			changed |= put_group(e, i);
	for (uint32_t i = 0; i < array_count(&e->model); i++)
		if (array_at(&e->model, i)->used && arrays >> i & 1)
			changed |= update_array(e, i);
	return changed;
}

static uint64_t array_next_ms(const struct engine *e, const struct array_row *a)
{
	uint64_t next = UINT64_MAX, t;

	for (unsigned l = 0; l < VERDICT_COUNT; l++)
		if (a->left_ms[l] && a->left_ms[l] + a->clear_ms > e->now_ms)
			next = MIN_OF(next, a->left_ms[l] + a->clear_ms);
	t = a->verdict != a->told_verdict ? tell_at(e, a) : UINT64_MAX;
	return t > e->now_ms ? MIN_OF(next, t) : next;
}

uint64_t verdicts_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < array_count(&e->model); i++) {
		uint64_t t = array_at(&e->model, i)->used ? array_next_ms(e, array_at(&e->model, i))
							  : UINT64_MAX;

		next = MIN_OF(next, t);
	}
	return next;
}
