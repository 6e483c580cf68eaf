/* What Ballast knows of itself, and the inputs that only pass through. */
#include "agent/engine_parts.h"

#include <stdio.h>

enum { LATE_MS = 5000, LAG_STEP_MS = 100, SCRIBE_SILENT_MS = 20000 };

static bool all_answered(const struct engine *e)
{
	for (uint32_t i = 0; i < source_count(&e->model); i++)
		if (source_at(&e->model, i)->used && !source_at(&e->model, i)->answered)
			return false;
	return true;
}

void self_ready(struct engine *e)
{
	struct self_row s = engine_self_row(e);

	if (s.ready || !all_answered(e))
		return;
	s.ready = 1;
	emit(e, REC_SELF, TABLE_SELF, 0, &s, SEV_NONE, NULL);
}

static void self_finding(struct engine *e, const char *rule, bool holds, const char *detail)
{
	if (holds)
		finding_raise(e, rule, NONE16, NONE32, detail);
	else
		finding_lower(e, rule, NONE16, NONE32);
}

void journal_owes(struct engine *e, uint64_t sequence)
{
	e->owed = sequence;
	e->nowed++;
	if (!e->owed_ms)
		e->owed_ms = e->now_ms;
}

static void journal_paid(struct engine *e, const struct journal_report *j)
{
	bool all = j->durable_sequence >= e->owed;

	e->owed_ms = all ? 0 : e->now_ms;
	e->nowed = all ? 0 : j->waiting;
}

static void journal_judge(struct engine *e, const struct journal_report *j)
{
	struct self_row s = engine_self_row(e);
	char error[sizeof(j->error)];

	copy_device_text(error, sizeof(error), j->error, sizeof(j->error));
	/* every record makes a report: only what people would see becomes a record again */
	if (s.journal != j->state ||
		(j->state == JOURNAL_FAILING && s.journal_waiting != j->waiting)) {
		if (s.journal != j->state)
			s.journal_since_wall_ms = e->wall_ms;
		s.journal = j->state;
		s.journal_waiting = j->waiting;
		s.durable_sequence = j->durable_sequence;
		emit(e, REC_SELF, TABLE_SELF, 0, &s, SEV_NONE, NULL);
	}
	self_finding(e, "self.journal-failing", j->state == JOURNAL_FAILING,
		error[0] ? error : "No reason was given");
}

/* A scribe that hangs reports nothing: its last word is no promise for what happened since. */
static void journal_heed_silence(struct engine *e)
{
	const struct self_row *s = self_at(&e->model, 0);
	struct journal_report j = {.state = JOURNAL_FAILING, .waiting = e->nowed,
		.error = "Nothing was heard of what writes it for 20 s"};

	if (s->journal != JOURNAL_OK || !e->owed_ms || e->now_ms - e->owed_ms < SCRIBE_SILENT_MS)
		return;
	j.durable_sequence = s->durable_sequence;
	journal_judge(e, &j);
}

void engine_self(struct engine *e, bool locked_memory, uint32_t lag_ms, uint32_t dropped_logs,
	uint64_t now_ms, int64_t wall_ms)
{
	struct self_row s = engine_self_row(e);
	uint32_t lag_change =
		lag_ms > s.engine_lag_ms ? lag_ms - s.engine_lag_ms : s.engine_lag_ms - lag_ms;
	char detail[32];

	engine_enter(e, now_ms, wall_ms);
	if (s.locked_memory != locked_memory || s.dropped_logs != dropped_logs ||
		lag_change >= LAG_STEP_MS) {
		s.locked_memory = locked_memory;
		s.dropped_logs = dropped_logs;
		s.engine_lag_ms = lag_ms;
		emit(e, REC_SELF, TABLE_SELF, 0, &s, SEV_NONE, NULL);
	}
	format_text(detail, sizeof(detail), "%u", lag_ms);
	self_finding(e, "self.not-locked", !locked_memory && !e->config->demo, NULL);
	self_finding(e, "self.marks-lost", e->config->marks_lost != 0, cfg_str(e->config, e->config->marks_lost));
	self_finding(e, "self.slow", lag_ms >= LATE_MS, detail);
	journal_heed_silence(e);
	if (e->dirty || e->touched)
		settle(e);
}

void engine_journal(
	struct engine *e, const struct journal_report *j, uint64_t now_ms, int64_t wall_ms)
{
	engine_enter(e, now_ms, wall_ms);
	if (j->state >= JOURNAL_STATE_COUNT)
		return;
	journal_paid(e, j);
	journal_judge(e, j);
	if (e->dirty || e->touched)
		settle(e);
}

void engine_config_refused(struct engine *e, const char *error, uint64_t now_ms, int64_t wall_ms)
{
	struct self_row s = engine_self_row(e);

	engine_enter(e, now_ms, wall_ms);
	s.config_ok = 0;
	copy_text(s.config_error, sizeof(s.config_error), error);
	emit(e, REC_CONFIG_REFUSED, TABLE_SELF, 0, &s, SEV_WARNING,
		"The new configuration was refused; the old one stays");
	self_finding(e, "self.config-refused", true, error);
	settle(e);
}

void restarts_judge(struct engine *e)
{
	int rule = rule_index("self.restarts");
	const struct serd_row *s = rule < 0 ? NULL : rate_find(&e->model, (unsigned)rule, NONE32);
	char detail[64];

	if (!s)
		return;
	format_text(detail, sizeof(detail), "%u processes died since it started",
		engine_self_row(e).role_restarts);
	self_finding(e, "self.restarts",
		serd_recent(s, e->now_ms, rules[rule].window_ms) >= rules[rule].count, detail);
}

/* A worker that was given up has ended after all: that was told as stuck already. */
static void abandoned_ended(struct engine *e)
{
	struct self_row s = engine_self_row(e);

	s.abandoned -= s.abandoned > 0;
	emit(e, REC_SELF, TABLE_SELF, 0, &s, SEV_NONE, NULL);
}

void engine_role_died(
	struct engine *e, const struct msg_peer_died *d, uint64_t now_ms, int64_t wall_ms)
{
	struct self_row s = engine_self_row(e);
	int rule = rule_index("self.restarts");
	char text[TEXT_MAX];

	engine_enter(e, now_ms, wall_ms);
	if (d->abandoned) {
		abandoned_ended(e);
		return;
	}
	s.role_restarts++;
	if (d->silent_s)
		format_text(text, sizeof(text),
			"Ballast's %s hung: it had not answered for %u s, was ended and is started again",
			role_text((enum role)d->role), d->silent_s);
	else
		format_text(text, sizeof(text), "Ballast's %s ended (%s %d) and is started again",
			role_text((enum role)d->role), exit_kind_text((enum exit_kind)d->exit_kind),
			d->exit_value);
	emit(e, REC_ROLE_DIED, TABLE_SELF, 0, &s, SEV_WARNING, text);
	if (rule >= 0)
		rate_event_rule(e, (unsigned)rule, NONE32);
	restarts_judge(e);
	if (d->role == ROLE_RUNNER)
		run_runner_died(e);
	settle(e);
}

void engine_delivery(struct engine *e, const struct delivery *d, uint64_t now_ms, int64_t wall_ms)
{
	engine_enter(e, now_ms, wall_ms);
	alert_delivery(e, d);
	if (e->dirty || e->touched)
		settle(e);
}

void engine_step_result(
	struct engine *e, const struct step_result *s, uint64_t now_ms, int64_t wall_ms)
{
	engine_enter(e, now_ms, wall_ms);
	run_step_result(e, s);
	e->dirty = true;
	settle(e);
}

void source_name(const struct config *c, unsigned source, char *buf, size_t size)
{
	const struct cfg_source *s = source < c->nsources ? &c->sources[source] : NULL;
	const char *program = s && s->argc ? cfg_list(c, s->argv, 0) : "",
		   *slash = strrchr(program, '/');
	unsigned same = 1;

	if (!s) {
		copy_text(buf, size, "unknown");
		return;
	}
	for (unsigned i = 0; i < source; i++)
		same += c->sources[i].array == s->array && c->sources[i].type == s->type;
	format_text(buf, size, "%s%s%.24s", source_type_text((enum source_type)s->type),
		program[0] ? " " : "", slash ? slash + 1 : program);
	if (same > 1 && strlen(buf) + 5 < size)
		format_text(buf + strlen(buf), size - strlen(buf), " %u", same);
}

void source_finding(struct engine *e, const char *rule, unsigned source, const char *detail)
{
	char name[40];

	source_name(e->config, source, name, sizeof(name));
	subject_finding(e, rule, e->config->sources[source].array, name, detail);
}
