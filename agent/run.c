/* Acting: one verb at a time, each answered before the next; unknown is a stop. */
#include "agent/run_parts.h"

#include <stdarg.h>
#include <stdio.h>

static const enum verb forward[] = {
	VERB_CHECK, VERB_FENCE, VERB_FENCE_STATUS, VERB_PROMOTE, VERB_VERIFY};
static const enum verb rehearsal[] = {VERB_CHECK, VERB_DRILL};

uint32_t run_step_index(const struct model *m, uint32_t run, unsigned step)
{
	for (uint32_t i = 0; i < step_count(m); i++)
		if (step_at(m, i)->used && step_at(m, i)->run == run &&
			step_at(m, i)->index == step)
			return i;
	return NONE32;
}

void run_text(const struct engine *e, uint32_t run, char *buf, size_t size, const char *fmt, ...)
{
	const struct run_row *r = run_at(&e->model, run);
	const struct plan_row *p = plan_at(&e->model, r->plan);
	char rest[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(rest, sizeof(rest), fmt, ap);
	va_end(ap);
	format_text(buf, size, "%s r%u of plan '%s': %s",
		run_real(r)               ? "run"
		: r->mode == RUN_MODE_DRY ? "dry run"
					  : run_mode_text((enum run_mode)r->mode),
		r->id, p ? p->name : "?", rest);
}

void run_tell(struct engine *e, uint32_t run, enum alert_type type, enum severity severity,
	const char *summary, const char *action)
{
	const struct run_row *r = run_at(&e->model, run);
	struct alert_row row = {.used = 1,
		.type = (uint8_t)type,
		.severity = (uint8_t)severity,
		.array = r->array,
		.plan = r->plan,
		.finding = NONE32,
		.component = NONE32,
		.run = r->id,
		.incident = NONE16};

	if (r->mode == RUN_MODE_DRY)
		return;
	row.resolved = r->state == RUN_WITHDRAWN;
	format_text(row.rule_id, sizeof(row.rule_id), "%s", alert_type_text(type));
	copy_text(row.summary, sizeof(row.summary), summary);
	copy_text(row.action, sizeof(row.action), action);
	alert_raise(e, &row);
}

void run_tell_frozen(struct engine *e, uint32_t run, const char *text)
{
	uint32_t id = run_at(&e->model, run)->id;
	char action[160];

	format_text(action, sizeof(action),
		"Find out what is true, then 'ballastctl failover resume r%u' or 'clear r%u'.", id,
		id);
	run_tell(e, run, ALERT_FAILOVER_FROZEN, SEV_CRITICAL, text, action);
}

void run_freeze(struct engine *e, uint32_t run, const char *why)
{
	struct run_row r = *run_at(&e->model, run);
	char text[TEXT_MAX];

	if (r.verb != VERB_NONE) {
		r.verb = VERB_NONE;
		r.deadline_ms = 0;
		r.deadline_wall_ms = 0;
		run_put(e, run, &r);
	}
	if (!run_real(&r)) {
		run_finish(e, run, RUN_EV_STEP_FAILED, why); /* a rehearsal blocks nothing */
		return;
	}
	run_text(e, run, text, sizeof(text), "frozen: %s", why);
	if (run_move(e, run, r.aborting ? RUN_EV_ABORT : RUN_EV_UNKNOWN, text) < 0)
		return;
	run_tell_frozen(e, run, text);
}

void run_finish(struct engine *e, uint32_t run, enum run_event ev, const char *why)
{
	struct run_row r = *run_at(&e->model, run);
	const struct cfg_plan *c = run_plan_config(e, r.plan);
	struct plan_row p = *plan_at(&e->model, r.plan);
	bool ok = ev == RUN_EV_LAST_DONE;
	char text[TEXT_MAX];

	run_text(e, run, text, sizeof(text), "%s", why);
	if (run_move(e, run, ev, text) < 0)
		return;
	p = *plan_at(&e->model, r.plan);
	if (r.mode == RUN_MODE_DRILL) {
		p.drill_wall_ms = e->wall_ms;
		p.drill_ok = ok;
		p.drill_ms = (uint32_t)MAX_OF(e->wall_ms - r.since_wall_ms, 0);
	} else if (run_real(&r) && c) {
		p.blocked_until_ms = e->now_ms + c->block_ms;
	}
	plan_put(e, r.plan, REC_PLAN, &p, SEV_NONE, NULL);
	run_tell(e, run, ALERT_FAILOVER_FINISHED, ok ? SEV_WARNING : SEV_CRITICAL, text,
		ok ? "Nothing moves back by itself. Clear the run when you have looked."
		   : "Look at what was done and what was not, then clear the run.");
}

static enum run_state state_of_verb(enum verb v)
{
	switch (v) {
	case VERB_CHECK:
	case VERB_FENCE:
	case VERB_FENCE_STATUS:
		return RUN_FENCING;
	case VERB_PROMOTE:
	case VERB_ROLLBACK:
		return RUN_PROMOTING;
	case VERB_VERIFY:
	case VERB_DRILL:
		return RUN_VERIFYING;
	case VERB_NONE:
	case VERB_NOOP:
	case VERB_COUNT:
		break;
	}
	return RUN_FENCING;
}

/* The state follows the kind of verb, over the table's edges. */
static bool enter(struct engine *e, uint32_t run, enum verb v)
{
	static const enum run_event to[RUN_STATE_COUNT] = {[RUN_FENCING] = RUN_EV_FENCE,
		[RUN_PROMOTING] = RUN_EV_PROMOTE,
		[RUN_VERIFYING] = RUN_EV_VERIFY};
	enum run_state want = state_of_verb(v);

	return run_at(&e->model, run)->state == want || run_move(e, run, to[want], NULL) == 0;
}

static void start_verb(struct engine *e, uint32_t run, enum verb v)
{
	struct run_row r = *run_at(&e->model, run);
	uint32_t si = run_step_index(&e->model, run, r.step);
	const struct cfg_step *c = run_step_config(e, run, r.step);
	struct step_row s;
	char text[TEXT_MAX];

	if (!c || si == NONE32) {
		run_freeze(e, run, "the plan was changed under the run");
		return;
	}
	if (!enter(e, run, v))
		return;
	s = *step_at(&e->model, si);
	r = *run_at(&e->model, run);
	for (uint32_t i = 0; i < run_count(&e->model); i++)
		e->next_job = MAX_OF(e->next_job, run_at(&e->model, i)->job);
	e->next_job = MAX_OF(e->next_job, e->given_job) + 1;
	r.job = e->next_job;
	r.attempt = (uint16_t)(r.verb == VERB_NONE && s.verb == v && r.not_before_ms ? r.attempt + 1
										     : 1);
	r.verb = (uint8_t)v;
	r.not_before_ms = 0;
	r.deadline_ms = e->now_ms + c->timeout_ms;
	r.deadline_wall_ms = e->wall_ms + c->timeout_ms;
	if (!r.undo)
		s.state = STEP_NOW;
	s.verb = (uint8_t)v;
	s.attempt = r.attempt;
	s.exit_kind = EXIT_NOT_YET;
	s.deadline_wall_ms = r.deadline_wall_ms;
	if (!s.started_wall_ms)
		s.started_wall_ms = e->wall_ms;
	emit(e, REC_STEP, TABLE_STEP, si, &s, SEV_NONE, NULL);
	run_text(e, run, text, sizeof(text), "step '%s' %s started, %u s", s.name, verb_text(v),
		c->timeout_ms / 1000);
	emit(e, REC_VERB_STARTED, TABLE_RUN, run, &r, SEV_INFO, text);
}

static enum verb next_of(const enum verb *order, unsigned n, uint32_t listed, uint32_t done)
{
	for (unsigned i = 0; i < n; i++)
		if ((listed >> order[i] & 1) && !(done >> order[i] & 1))
			return order[i];
	return VERB_NONE;
}

static enum verb next_verb(
	const struct run_row *r, const struct cfg_step *c, const struct step_row *s)
{
	if (r->undo)
		return (s->verbs_done >> VERB_PROMOTE & 1)
			       ? next_of(&(const enum verb){VERB_ROLLBACK}, 1, c->verbs,
					 s->verbs_done)
			       : VERB_NONE;
	if (r->mode == RUN_MODE_DRY)
		return next_of(forward, 1, c->verbs, s->verbs_done);
	if (r->mode == RUN_MODE_DRILL)
		return next_of(rehearsal, ARRAY_SIZE(rehearsal), c->verbs, s->verbs_done);
	return next_of(forward, ARRAY_SIZE(forward), c->verbs, s->verbs_done);
}

bool run_promoted(const struct model *m, uint32_t run)
{
	for (uint32_t i = 0; i < step_count(m); i++)
		if (step_at(m, i)->used && step_at(m, i)->run == run &&
			(step_at(m, i)->verbs_done >> VERB_PROMOTE & 1))
			return true;
	return false;
}

/* What a person started by hand never hung on a verdict. */
static bool verdict_holds(const struct engine *e, const struct run_row *r)
{
	const struct cfg_plan *c = run_plan_config(e, r->plan);
	const struct array_row *a = array_at(&e->model, r->array);

	return (r->mode != RUN_MODE_AUTO && r->mode != RUN_MODE_APPROVED) ||
	       (c && a && (c->when >> a->verdict & 1));
}

/* Nothing was done yet: it ends like a request whose reason is gone, and may be asked for again. */
static void take_back(struct engine *e, uint32_t run, const char *why)
{
	char text[TEXT_MAX];

	run_text(e, run, text, sizeof(text), "withdrawn: %s", why);
	if (run_move(e, run, RUN_EV_RECOVER, text) == 0)
		run_tell(e, run, ALERT_FAILOVER_FINISHED, SEV_WARNING, text,
			"Nothing was fenced and nothing was promoted.");
}

static void stop_before(struct engine *e, uint32_t run, const char *gate, const char *why)
{
	bool fenced = run_at(&e->model, run)->fenced;
	char text[TEXT_MAX];

	refuse(e, run_at(&e->model, run)->plan, gate, why, false);
	format_text(text, sizeof(text), "not %s, %s: %.100s", fenced ? "promoted" : "fenced", gate,
		why);
	if (fenced)
		run_freeze(e, run, text);
	else if (!verdict_holds(e, run_at(&e->model, run)))
		take_back(e, run, text);
	else
		run_finish(e, run, RUN_EV_STEP_FAILED, text);
}

/* Until the first promotion the reasons must still be there; the gates of its start bind it again. */
static bool still_wanted(struct engine *e, uint32_t run, enum verb v)
{
	static const uint32_t its_own = 1u << GATE_OPEN_RUN | 1u << GATE_BLOCK;
	static const uint32_t asked = 1u << VERB_CHECK | 1u << VERB_FENCE | 1u << VERB_PROMOTE;
	struct run_row r = *run_at(&e->model, run);
	const struct array_row *a = array_at(&e->model, r.array);
	char why[128];
	enum gate g;

	if (!(asked >> v & 1) || !run_real(&r) || run_promoted(&e->model, run))
		return true;
	if (!verdict_holds(e, &r)) {
		format_text(why, sizeof(why), "the array is %s now, the plan is not for that",
			a ? verdict_text((enum verdict)a->verdict) : "gone");
		stop_before(e, run, "verdict", why);
		return false;
	}
	if (v == VERB_CHECK)
		return true;
	g = gates_check_but(e, r.plan, (enum run_mode)r.mode, its_own, why, sizeof(why));
	if (g != GATE_COUNT)
		stop_before(e, run, gate_text(g), why);
	return g == GATE_COUNT;
}

static bool may_promote(struct engine *e, uint32_t run, const struct cfg_step *c)
{
	if (run_at(&e->model, run)->fenced == 2) {
		run_freeze(e, run,
			(c->verbs >> VERB_FENCE_STATUS & 1)
				? "the fence is not confirmed, so nothing is promoted"
				: "the step lists fence without fence-status: it cannot be confirmed");
		return false;
	}
	return true;
}

void run_end_step(struct engine *e, uint32_t run, enum step_state state)
{
	struct run_row r = *run_at(&e->model, run);
	uint32_t si = run_step_index(&e->model, run, r.step);
	struct step_row s = *step_at(&e->model, si);
	char text[TEXT_MAX];

	s.ended_wall_ms = e->wall_ms;
	if (!r.undo || state != STEP_DONE)
		s.state = (uint8_t)state;
	else if (s.state == STEP_DONE && (s.verbs_done >> VERB_ROLLBACK & 1))
		s.state = STEP_SKIPPED; /* done, and undone */
	run_text(e, run, text, sizeof(text), "step '%s' %s", s.name,
		r.undo ? "rolled back as far as it went"
		       : step_state_text((enum step_state)s.state));
	emit(e, REC_STEP, TABLE_STEP, si, &s, state == STEP_DONE ? SEV_INFO : SEV_CRITICAL, text);
	run_tell(e, run, ALERT_FAILOVER_STEP, state == STEP_DONE ? SEV_INFO : SEV_CRITICAL, text,
		"");
}

static void next_step(struct engine *e, uint32_t run, unsigned nsteps)
{
	struct run_row r = *run_at(&e->model, run);

	run_end_step(e, run, STEP_DONE);
	if (r.undo ? r.step == 0 : r.step + 1u >= nsteps) {
		if (r.undo)
			run_finish(e, run, RUN_EV_STEP_FAILED, "failed, and rolled back");
		else
			run_finish(e, run, RUN_EV_LAST_DONE, run_real(&r) ? "done" : "passed");
		return;
	}
	r.step = (uint16_t)(r.undo ? r.step - 1 : r.step + 1);
	r.attempt = 0;
	run_put(e, run, &r);
}

bool run_advance(struct engine *e, uint32_t run)
{
	const struct run_row *r = run_at(&e->model, run);
	const struct cfg_plan *p = run_plan_config(e, r->plan);
	const struct cfg_step *c = run_step_config(e, run, r->step);
	char why[96];
	enum verb v;

	if (!run_acting((enum run_state)r->state) || r->verb != VERB_NONE)
		return false;
	if (r->aborting) {
		run_freeze(e, run, "aborted by hand");
		return true;
	}
	if (r->not_before_ms > e->now_ms)
		return false;
	if (run_estranged(e, run, why, sizeof(why))) {
		run_freeze(e, run, why);
		return true;
	}
	v = next_verb(r, c, step_at(&e->model, run_step_index(&e->model, run, r->step)));
	if (v == VERB_NONE)
		next_step(e, run, p->nsteps);
	else if ((v != VERB_PROMOTE || may_promote(e, run, c)) && still_wanted(e, run, v))
		start_verb(e, run, v);
	return true;
}
