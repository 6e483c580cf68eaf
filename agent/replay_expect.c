/* What a replay prints, and whether what was expected came. */
#include "agent/replay_parts.h"

#include <stdio.h>

/* "+06m52.200s": sorted as it reads. */
static const char *offset_text(uint64_t ms, char *buf, size_t size)
{
	unsigned hours = (unsigned)(ms / 3600000), minutes = (unsigned)(ms / 60000 % 60);
	unsigned seconds = (unsigned)(ms / 1000 % 60), rest = (unsigned)(ms % 1000);

	format_text(buf, size, "+%02u:%02u:%02u.%03u", hours, minutes, seconds, rest);
	return buf;
}

void replay_say(const struct replay *r, const char *what, const char *text)
{
	char at[32];

	if (r->out && *text)
		fprintf(r->out, "%s  %-9s %s\n",
			offset_text(r->now_ms - REPLAY_BASE_MS, at, sizeof(at)), what, text);
}

/* What people would want to read of the log; an array's inventory is not it. */
static bool worth_printing(const struct record *rec)
{
	static const uint8_t left_out[REC_TYPE_COUNT] = {[REC_START] = 1,
		[REC_CONFIG] = 1,
		[REC_SELF] = 1,
		[REC_FACT] = 1,
		[REC_COMPONENT_NEW] = 1,
		[REC_ADOPTED] = 1,
		[REC_ALERT_NEW] = 1,
		[REC_ALERT_DELIVERED] = 1,
		[REC_ALERT_DONE] = 1};

	return !rec->quiet && rec->text[0] && rec->type < REC_TYPE_COUNT && !left_out[rec->type];
}

static bool in_time(const struct replay *r, const struct scenario_expect *x)
{
	uint64_t at = r->now_ms - REPLAY_BASE_MS;

	return at >= x->not_before_ms && at <= x->by_ms;
}

static bool any_or_same(const char *word, const char *text)
{
	return !strcmp(word, "any") || !strcmp(word, text);
}

static bool component_matches(
	const struct replay *r, const struct scenario_expect *x, uint32_t component)
{
	const struct component_row *c = component_at(&r->engine.model, component);
	char id[96 + 2];

	if (!x->component[0])
		return true;
	if (component == NONE32 || !c)
		return false;
	format_text(id, sizeof(id), "%s/%s", kind_text((enum kind)c->kind), c->name);
	return !strcmp(id, x->component);
}

/* The row as the record wrote it: later ones of the same moment may have moved on. */
union row {
	struct finding_row finding;
	struct step_row step;
	struct array_row array;
	struct plan_row plan;
	struct run_row run;
};

static bool finding_matches(const struct replay *r, const struct scenario_expect *x,
	const struct record *rec, const struct finding_row *f)
{
	if (rec->table != TABLE_FINDING || strcmp(f->rule_id, x->word) ||
		!component_matches(r, x, f->component))
		return false;
	if (x->what == EXPECT_CLEARED)
		return rec->type == REC_FINDING_CLEARED;
	return f->active && rec->type != REC_FINDING_CLEARED && f->severity >= x->severity;
}

/* A step is expected to be done, and never expected to have been begun. */
static bool step_matches(
	const struct scenario_expect *x, const struct record *rec, const struct step_row *s)
{
	if (rec->table != TABLE_STEP || strcmp(s->name, x->word))
		return false;
	return x->never ? s->state != STEP_TODO && s->state != STEP_SKIPPED : s->state == STEP_DONE;
}

static bool array_matches(
	const struct scenario_expect *x, const struct record *rec, const struct array_row *a)
{
	if (rec->table != TABLE_ARRAY)
		return false;
	return x->what == EXPECT_VERDICT ? a->verdict == x->verdict
					 : a->margin_known && a->margin == x->margin;
}

static bool record_matches(const struct replay *r, const struct scenario_expect *x,
	const struct record *rec, const union row *row)
{
	switch ((enum expect_what)x->what) {
	case EXPECT_VERDICT:
	case EXPECT_MARGIN:
		return array_matches(x, rec, &row->array);
	case EXPECT_FINDING:
	case EXPECT_CLEARED:
		return finding_matches(r, x, rec, &row->finding);
	case EXPECT_STEP:
		return step_matches(x, rec, &row->step);
	case EXPECT_REFUSED:
		return rec->type == REC_REFUSED && rec->table == TABLE_PLAN &&
		       any_or_same(x->word, row->plan.refused_gate);
	case EXPECT_RUN:
		return rec->table == TABLE_RUN &&
		       any_or_same(x->word, run_state_text((enum run_state)row->run.state));
	case EXPECT_ALERT: /* only when a sink has taken it */
	case EXPECT_COUNT:
		break;
	}
	return false;
}

static void hit(struct replay *r, unsigned i)
{
	if (!r->hit_ms[i])
		r->hit_ms[i] = r->now_ms - REPLAY_BASE_MS + 1;
}

static void match(struct replay *r, const struct record *rec)
{
	union row row = {};

	if (rec->table >= TABLE_COUNT)
		return;
	memcpy(&row, rec->row, MIN_OF(sizeof(row), row_size((enum table)rec->table)));
	for (unsigned i = 0; i < r->s->nexpects; i++) {
		const struct scenario_expect *x = &r->s->expects[i];

		if (!r->hit_ms[i] && in_time(r, x) &&
			(x->array == NONE16 || x->array == rec->array) &&
			record_matches(r, x, rec, &row))
			hit(r, i);
	}
}

void replay_accepted(struct replay *r, const struct alert_row *a)
{
	char line[256];

	for (unsigned i = 0; i < r->s->nexpects; i++) {
		const struct scenario_expect *x = &r->s->expects[i];

		if (x->what == EXPECT_ALERT && in_time(r, x) &&
			(x->array == NONE16 || x->array == a->array) &&
			a->severity >= x->severity &&
			component_matches(r, x, x->component[0] ? a->component : NONE32) &&
			any_or_same(x->word, alert_type_text((enum alert_type)a->type)))
			hit(r, i);
	}
	format_text(line, sizeof(line), "%s %s: %s", alert_type_text((enum alert_type)a->type),
		severity_text((enum severity)a->severity), a->summary);
	replay_say(r, "alert", line);
}

void replay_see(struct replay *r)
{
	const struct record_log *log = &r->engine.log;

	if (r->seen < log->tail)
		r->seen = log->tail - 1;
	while (r->seen < log->head) {
		const struct record *rec = log_at(log, ++r->seen);

		if (!rec)
			continue;
		match(r, rec);
		if (worth_printing(rec))
			replay_say(r,
				rec->severity ? severity_text((enum severity)rec->severity) : "",
				rec->text);
	}
}

static void describe(const struct scenario_expect *x, char *buf, size_t size)
{
	static const char *const words[EXPECT_COUNT] = {[EXPECT_VERDICT] = "verdict",
		[EXPECT_MARGIN] = "margin",
		[EXPECT_FINDING] = "finding",
		[EXPECT_CLEARED] = "cleared",
		[EXPECT_ALERT] = "alert",
		[EXPECT_STEP] = "step",
		[EXPECT_REFUSED] = "refused",
		[EXPECT_RUN] = "run"};
	char from[32] = "", by[32] = "";

	if (x->not_before_ms)
		offset_text(x->not_before_ms, from, sizeof(from));
	if (x->by_ms != UINT64_MAX)
		offset_text(x->by_ms, by, sizeof(by));
	format_text(buf, size, "%s%s %s%s%s%s%s%s%s%s%s", x->never ? "never " : "", words[x->what],
		x->word, x->component[0] ? " on " : "", x->component,
		x->severity ? " at least " : "",
		x->severity ? severity_text((enum severity)x->severity) : "",
		from[0] ? " from " : "", from, by[0] ? " by " : "", by);
}

unsigned replay_judge(const struct replay *r)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < r->s->nexpects; i++) {
		const struct scenario_expect *x = &r->s->expects[i];
		bool holds = x->never ? !r->hit_ms[i] : r->hit_ms[i] != 0;
		char text[256], at[32], when[40] = "";

		failed += !holds;
		describe(x, text, sizeof(text));
		if (r->hit_ms[i])
			format_text(when, sizeof(when), " (%s)",
				offset_text(r->hit_ms[i] - 1, at, sizeof(at)));
		else if (!x->never)
			copy_text(when, sizeof(when), " (it did not come)");
		if (r->out)
			fprintf(r->out, "%s  %s%s\n", holds ? "holds " : "FAILED", text, when);
	}
	if (r->out)
		fprintf(r->out, "%s: %u of %u expectations hold\n", r->s->name,
			r->s->nexpects - failed, r->s->nexpects);
	return failed;
}
