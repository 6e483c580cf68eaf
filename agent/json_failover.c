#include "agent/json_put.h"

static const enum verb verbs[] = {VERB_CHECK, VERB_FENCE, VERB_FENCE_STATUS, VERB_PROMOTE,
	VERB_VERIFY, VERB_ROLLBACK, VERB_DRILL, VERB_NOOP};

static void put_exit(struct json_object *o, const struct step_row *s)
{
	struct json_object *j;

	if (s->exit_kind == EXIT_NOT_YET) {
		put_null(o, "exit");
		return;
	}
	j = put_object(o, "exit");
	put_text(j, "kind", exit_kind_text(s->exit_kind));
	if (s->exit_kind == EXIT_BY_CODE || s->exit_kind == EXIT_BY_SIGNAL)
		put_signed(j, "value", s->exit_value);
	else
		put_null(j, "value");
}

static void step_object(struct json_object *o, const struct step_row *s)
{
	struct json_object *done;

	put_count(o, "index", s->index + 1u);
	put_text(o, "name", s->name);
	put_text(o, "state", step_state_text(s->state));
	put_text(o, "verb", s->verb == VERB_NONE ? NULL : verb_text(s->verb));
	done = put_array(o, "verbs");
	for (unsigned i = 0; i < ARRAY_SIZE(verbs); i++)
		if (s->verbs_done & 1u << verbs[i])
			add_text(done, verb_text(verbs[i]));
	put_time(o, "started", s->started_wall_ms);
	put_time(o, "ended", s->ended_wall_ms);
	put_time(o, "deadline", s->deadline_wall_ms);
	put_count(o, "attempt", s->attempt);
	put_exit(o, s);
	put_text(o, "status", s->status);
	put_null(o, "approve");
}

static void put_steps(struct json_object *o, const struct view *v, uint32_t run)
{
	struct json_object *list = put_array(o, "steps");

	for (unsigned want = 0, found = 1; found; want++) {
		found = 0;
		for (uint32_t i = 0; i < step_count(v->model); i++) {
			const struct step_row *s = step_at(v->model, i);

			if (s->used && s->run == run && s->index == want) {
				step_object(add_object(list), s);
				found = 1;
			}
		}
	}
}

static const char *step_name(const struct view *v, uint32_t run, unsigned index)
{
	for (uint32_t i = 0; i < step_count(v->model); i++) {
		const struct step_row *s = step_at(v->model, i);

		if (s->used && s->run == run && s->index == index)
			return s->name;
	}
	return NULL;
}

/* A run is approved as a whole; "step" keeps the place for approval before one step. */
static void put_approval(struct json_object *o, const struct view *v, const struct run_row *r)
{
	const struct self_row *self = self_at(v->model, 0);
	bool waits = r->state == RUN_WAITING_APPROVAL;
	struct json_object *j, *allowed;
	char approve[64], command[256], group[40];

	if (!waits && r->approved_wall_ms <= 0) {
		put_null(o, "approval");
		return;
	}
	j = put_object(o, "approval");
	put_text(j, "state", waits ? "waiting" : "given");
	put_null(j, "step");
	allowed = put_array(j, "allowed");
	add_text(allowed, "root");
	if (self && self->control_group[0]) {
		format_text(group, sizeof(group), "@%s", self->control_group);
		add_text(allowed, group);
	}
	put_text(j, "by", waits ? NULL : r->by);
	put_time(j, "at", r->approved_wall_ms);
	put_time(j, "deadline", r->approve_until_wall_ms);
	format_text(approve, sizeof(approve), "ballastctl failover approve r%u", r->id);
	view_commands(v, approve, command, sizeof(command));
	put_text(j, "command", waits ? command : NULL);
}

static struct json_object *run_object(const struct view *v, uint32_t run)
{
	const struct run_row *r = run_at(v->model, run);
	const struct plan_row *p = plan_at(v->model, r->plan);
	struct json_object *o = json_object_new_object();

	put_numbered(o, "id", "r", r->id);
	put_text(o, "plan", p ? p->name : NULL);
	put_array_name(o, "array", v->model, r->array);
	put_text(o, "state", run_state_text(r->state));
	put_text(o, "mode", run_mode_text(r->mode));
	put_bool(o, "dry_run", r->mode == RUN_MODE_DRY);
	put_text(o, "step", step_name(v, run, r->step));
	put_text(o, "verb", r->verb == VERB_NONE ? NULL : verb_text(r->verb));
	put_count(o, "attempt", r->attempt);
	put_time(o, "since", r->since_wall_ms);
	put_time(o, "ended", r->ended_wall_ms);
	put_time(o, "deadline", r->deadline_wall_ms);
	put_text(o, "by", r->by);
	put_text(o, "why", r->why);
	put_text(o, "reason", r->reason);
	put_text(o, "verdict", r->verdict == VERDICT_NONE ? NULL : verdict_text(r->verdict));
	put_text(o, "fenced", r->fenced == 1 ? "yes" : r->fenced == 2 ? "unknown" : "no");
	put_numbered(o, "incident", "i-", r->incident);
	put_approval(o, v, r);
	put_steps(o, v, run);
	return o;
}

struct json_object *json_run(const struct view *v, uint32_t run)
{
	for (uint32_t i = 0; i < run_count(v->model); i++)
		if (run_at(v->model, i)->used && run_at(v->model, i)->id == run)
			return run_object(v, i);
	return NULL;
}

static void put_drill(struct json_object *o, const struct plan_row *p)
{
	struct json_object *j;

	if (p->drill_wall_ms <= 0) {
		put_null(o, "last_drill");
	} else {
		j = put_object(o, "last_drill");
		put_time(j, "time", p->drill_wall_ms);
		put_text(j, "result", p->drill_ok ? "passed" : "failed");
		put_number(j, "duration_s", p->drill_ms / 1000.0);
	}
	if (p->rehearse_every_ms && p->drill_wall_ms > 0)
		put_time(o, "drill_due", p->drill_wall_ms + p->rehearse_every_ms);
	else
		put_null(o, "drill_due");
}

static void put_refused(struct json_object *o, const struct plan_row *p)
{
	struct json_object *list = put_array(o, "refused"), *j;

	if (!p->refused_gate[0])
		return;
	j = add_object(list);
	put_text(j, "gate", p->refused_gate);
	put_text(j, "why", p->refused_why);
	put_time(j, "time", p->refused_wall_ms);
}

static void plan_object(struct json_object *o, const struct view *v, const struct plan_row *p)
{
	const struct run_row *r = run_at(v->model, p->run);

	put_text(o, "plan", p->name);
	put_array_name(o, "array", v->model, p->array);
	put_text(o, "target", p->target);
	put_text(o, "mode", p->mode == MODE_AUTO ? "auto" : "approve");
	put_bool(o, "armed", p->armed);
	/* a withdrawn request left the plan as it was */
	put_text(o, "state", run_state_text(p->state == RUN_WITHDRAWN ? RUN_IDLE : p->state));
	if (r && r->used && !r->cleared)
		json_object_object_add(o, "run", run_object(v, p->run));
	else
		put_null(o, "run");
	put_drill(o, p);
	put_refused(o, p);
	put_count(o, "refusals", p->refusals);
}

struct json_object *json_failover(const struct view *v)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < plan_count(v->model); i++)
		if (plan_at(v->model, i)->used)
			plan_object(add_object(list), v, plan_at(v->model, i));
	return list;
}
