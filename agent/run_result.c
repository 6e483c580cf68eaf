/* What a verb's end means, and which verb the runner gets next. */
#include "agent/run_parts.h"

enum { RETRY_MS = 5000 };

enum verb_end { END_DONE, END_RETRY, END_FAILED, END_REFUSED, END_UNKNOWN };

static bool changes_things(enum verb v)
{
	return v == VERB_FENCE || v == VERB_FENCE_STATUS || v == VERB_PROMOTE || v == VERB_ROLLBACK;
}

/* CONTRACT "Plan scripts": what an end means depends on the verb. */
static enum verb_end end_of(enum verb v, const struct step_result *s)
{
	if (s->stuck)
		return END_UNKNOWN;
	switch ((enum exit_kind)s->exit_kind) {
	case EXIT_BY_CODE:
		break;
	case EXIT_NO_SPAWN:
		return s->exit_value == STEP_REFUSED ? END_REFUSED : END_FAILED;
	case EXIT_NOT_YET:
	case EXIT_BY_SIGNAL:
	case EXIT_BY_TIMEOUT:
	case EXIT_LOST:
	case EXIT_KIND_COUNT:
		return END_UNKNOWN;
	}
	switch (s->exit_value) {
	case 0:
	case 10:
		return END_DONE;
	case 20:
	case 30:
		return END_FAILED;
	case 40:
		return END_RETRY;
	case 50:
		return END_UNKNOWN;
	default:
		return changes_things(v) ? END_UNKNOWN : END_FAILED;
	}
}

static void result_words(const struct step_result *s, char *buf, size_t size)
{
	static const struct {
		int code;
		const char *means;
	} codes[] = {{0, "done"}, {10, "already done"}, {20, "precondition false"},
		{30, "refused by the target"}, {40, "retry later"}, {50, "outcome unknown"}};

	if (s->exit_kind != EXIT_BY_CODE) {
		copy_text(buf, size,
			s->exit_kind == EXIT_NO_SPAWN && s->exit_value == STEP_REFUSED ? "refused"
			: s->exit_kind == EXIT_NO_SPAWN     ? "could not be started"
			: s->exit_kind == EXIT_BY_TIMEOUT ? "deadline passed"
			: s->exit_kind == EXIT_BY_SIGNAL  ? "ended by a signal"
							  : "no answer");
		return;
	}
	format_text(buf, size, "exit %d", s->exit_value);
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].code == s->exit_value)
			format_text(buf, size, "exit %d, %s", s->exit_value, codes[i].means);
}

/* The answer goes into the log before anything follows from it. */
static void note_result(
	struct engine *e, uint32_t run, const struct step_result *s, enum verb_end end)
{
	struct run_row r = *run_at(&e->model, run);
	enum verb v = (enum verb)r.verb;
	uint32_t si = run_step_index(&e->model, run, r.step);
	struct step_row row = *step_at(&e->model, si);
	char words[48], text[TEXT_MAX];

	row.exit_kind = s->exit_kind;
	row.exit_value = s->exit_value;
	copy_device_text(row.status, sizeof(row.status), s->status, sizeof(s->status));
	if (end == END_DONE)
		row.verbs_done |= (uint8_t)(1u << v);
	result_words(s, words, sizeof(words));
	run_text(e, run, text, sizeof(text), "step '%s' %s: %s%s%.40s", row.name, verb_text(v),
		words, row.status[0] ? " " : "", row.status);
	emit(e, REC_VERB_FINISHED, TABLE_STEP, si, &row, end == END_DONE ? SEV_INFO : SEV_WARNING,
		text);
	r.verb = VERB_NONE;
	r.deadline_ms = 0;
	r.deadline_wall_ms = 0;
	r.previous_exit = s->exit_kind == EXIT_BY_CODE ? s->exit_value : -1;
	if (v == VERB_FENCE && end != END_FAILED && end != END_REFUSED)
		r.fenced = 2;
	if (v == VERB_FENCE_STATUS)
		r.fenced = end == END_DONE ? 1 : 2;
	run_put(e, run, &r);
}

static void retry_verb(struct engine *e, uint32_t run, const struct cfg_step *c,
	void (*give_up)(struct engine *, uint32_t))
{
	struct run_row r = *run_at(&e->model, run);

	if (!c || r.attempt > c->retries) {
		give_up(e, run);
		return;
	}
	r.not_before_ms = e->now_ms + RETRY_MS;
	run_put(e, run, &r);
}

static void step_failed(struct engine *e, uint32_t run)
{
	struct run_row r = *run_at(&e->model, run);
	const struct cfg_step *c = run_step_config(e, run, r.step);
	char why[128];

	if (r.undo) {
		run_freeze(e, run, "a rollback did not succeed");
		return;
	}
	format_text(why, sizeof(why), "failed at step '%s'",
		step_at(&e->model, run_step_index(&e->model, run, r.step))->name);
	run_end_step(e, run, STEP_FAILED);
	if (c && c->rollback_on_failure && run_real(&r) && run_promoted(&e->model, run)) {
		r.undo = 1;
		run_put(e, run, &r);
		return;
	}
	run_finish(e, run, RUN_EV_STEP_FAILED, why);
}

/* Somebody has changed what would be run: nothing was, and no rollback by the same hand. */
static void step_refused(struct engine *e, uint32_t run)
{
	const struct step_row *s = step_at(&e->model, run_step_index(&e->model, run, run_at(&e->model, run)->step));
	char why[TEXT_MAX];

	format_text(why, sizeof(why), "step '%s' refused: %s", s->name, s->status);
	run_end_step(e, run, STEP_FAILED);
	run_freeze(e, run, why);
}

static void step_unknown(struct engine *e, uint32_t run, enum verb v)
{
	const struct run_row *r = run_at(&e->model, run);
	char why[96];

	format_text(why, sizeof(why), "outcome of %s in step %u is unknown", verb_text(v),
		r->step + 1u);
	run_end_step(e, run, STEP_UNKNOWN);
	run_freeze(e, run, why);
}

static void take_result(struct engine *e, uint32_t run, const struct step_result *s)
{
	enum verb v = (enum verb)run_at(&e->model, run)->verb;
	enum verb_end end = end_of(v, s);

	note_result(e, run, s, end);
	switch (end) {
	case END_DONE:
		break; /* run_advance() goes on */
	case END_RETRY:
		retry_verb(
			e, run, run_step_config(e, run, run_at(&e->model, run)->step), step_failed);
		break;
	case END_FAILED:
		step_failed(e, run);
		break;
	case END_REFUSED:
		step_refused(e, run);
		break;
	case END_UNKNOWN:
		step_unknown(e, run, v);
		break;
	}
}

void run_step_result(struct engine *e, const struct step_result *s)
{
	for (uint32_t i = 0; i < run_count(&e->model); i++) {
		const struct run_row *r = run_at(&e->model, i);

		if (r->used && run_acting((enum run_state)r->state) && r->verb != VERB_NONE &&
			r->job == s->job) {
			take_result(e, i, s);
			return;
		}
	}
}

/* Given by an engine that is no more: nobody will answer. */
static bool orphaned(const struct engine *e, const struct run_row *r)
{
	return r->job > e->next_job;
}

static void lose_verb(struct engine *e, uint32_t run, enum exit_kind how)
{
	struct step_result lost = {.exit_kind = (uint8_t)how};

	take_result(e, run, &lost);
}

/* Whoever had it is gone: its outcome is unknown, and a rehearsal has none. */
static void lose_given_verb(struct engine *e, uint32_t run)
{
	if (run_real(run_at(&e->model, run)))
		lose_verb(e, run, EXIT_LOST);
	else
		run_end_rehearsal(e, run, "its engine or its runner was started anew");
}

bool run_overdue(struct engine *e, uint32_t run)
{
	const struct run_row *r = run_at(&e->model, run);

	if (!run_acting((enum run_state)r->state) || r->verb == VERB_NONE)
		return false;
	if (!orphaned(e, r) && e->now_ms < r->deadline_ms + RUN_OVERDUE_MS)
		return false;
	if (!orphaned(e, r) && r->job > e->given_job) {
		/* no runner took it, and none may take it now */
		e->given_job = r->job;
		lose_verb(e, run, EXIT_NO_SPAWN);
		return true;
	}
	if (orphaned(e, r)) {
		lose_given_verb(e, run);
		return true;
	}
	e->overdue_job = r->job;
	lose_verb(e, run, EXIT_LOST);
	return true;
}

bool run_tell_late(struct engine *e, uint32_t run)
{
	struct run_row r = *run_at(&e->model, run);
	char text[TEXT_MAX];

	if (!r.untold)
		return false;
	r.untold = 0;
	run_text(e, run, text, sizeof(text), "frozen: Ballast was started anew under it");
	emit(e, REC_RUN_FROZEN, TABLE_RUN, run, &r, SEV_CRITICAL, text);
	if (run_real(&r))
		run_tell_frozen(e, run, text);
	return true;
}

void run_runner_died(struct engine *e)
{
	for (uint32_t i = 0; i < run_count(&e->model); i++) {
		const struct run_row *r = run_at(&e->model, i);

		if (r->used && run_acting((enum run_state)r->state) && r->verb != VERB_NONE &&
			(orphaned(e, r) || r->job <= e->given_job))
			lose_given_verb(e, i);
	}
}

static uint32_t not_given(const struct engine *e)
{
	for (uint32_t i = 0; i < run_count(&e->model); i++) {
		const struct run_row *r = run_at(&e->model, i);

		if (r->used && run_acting((enum run_state)r->state) && r->verb != VERB_NONE &&
			r->job > e->given_job && !orphaned(e, r))
			return i;
	}
	return NONE32;
}

bool engine_next_verb(struct engine *e, struct verb_order *ret)
{
	uint32_t run = not_given(e);
	const struct run_row *r = run_at(&e->model, run);
	const struct plan_row *p = r ? plan_at(&e->model, r->plan) : NULL;
	const struct cfg_plan *c = p ? run_plan_config(e, r->plan) : NULL;
	const struct array_row *a = r ? array_at(&e->model, r->array) : NULL;
	char why[96];

	if (!c || run_estranged(e, run, why, sizeof(why)))
		return false;
	*ret = (struct verb_order){.job = r->job,
		.run = r->id,
		.plan = p->config,
		.step = r->step,
		.verb = r->verb,
		.mode = r->mode,
		.fenced = r->fenced,
		.verdict = r->verdict,
		.attempt = r->attempt,
		.previous_exit = r->previous_exit,
		.deadline_ms = r->deadline_ms,
		.timeout_ms = e->config->steps[c->first_step + r->step].timeout_ms,
		/* grows over runs and cold starts: what a target can refuse an older one by */
		.epoch = e->model.epoch << 16 | (r->id & 0xffff)};
	copy_text(ret->reason, sizeof(ret->reason), r->reason);
	copy_text(ret->serial, sizeof(ret->serial), a ? a->serial : "");
	copy_text(ret->plan_name, sizeof(ret->plan_name), cfg_str(e->config, c->name));
	copy_text(ret->step_name, sizeof(ret->step_name), cfg_str(e->config, e->config->steps[c->first_step + r->step].name));
	e->given_job = r->job;
	return true;
}

uint32_t engine_aborted_verb(struct engine *e)
{
	uint32_t job = e->overdue_job;

	e->overdue_job = 0;
	return job;
}
