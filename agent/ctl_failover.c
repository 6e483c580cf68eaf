#include <json-c/json.h>

#include "agent/ctl.h"
#include "agent/view_words.h"

static void draw_steps(struct ctl *c, const struct view *v, uint32_t run)
{
	for (unsigned want = 0, found = 1; found; want++) {
		found = 0;
		for (uint32_t i = 0; i < step_count(v->model); i++) {
			const struct step_row *s = step_at(v->model, i);
			char from[48] = "", exit[48] = "";

			if (!s->used || s->run != run || s->index != want)
				continue;
			found = 1;
			if (s->started_wall_ms > 0)
				day_text(v, s->started_wall_ms, from, sizeof(from));
			if (s->exit_kind == EXIT_BY_CODE || s->exit_kind == EXIT_BY_SIGNAL)
				format_text(exit, sizeof(exit), ", last exit: %s %d",
					exit_kind_text(s->exit_kind), s->exit_value);
			else if (s->exit_kind != EXIT_NOT_YET)
				format_text(
					exit, sizeof(exit), ", %s", exit_kind_text(s->exit_kind));
			ctl_print(c, "    %u %s: %s%s%s%s%s%s", s->index + 1u, s->name,
				step_state_text(s->state),
				s->state == STEP_NOW && s->verb != VERB_NONE ? ", " : "",
				s->state == STEP_NOW && s->verb != VERB_NONE ? verb_text(s->verb)
									     : "",
				from[0] ? ", from " : "", from, exit);
			if (s->status[0] && (s->state == STEP_FAILED || s->state == STEP_UNKNOWN))
				ctl_print(c, "      %s", s->status);
		}
	}
}

static void draw_run(struct ctl *c, const struct view *v, const struct plan_row *p)
{
	const struct run_row *r = run_at(v->model, p->run);
	char when[48], ask[64], command[256];

	if (!r || !r->used)
		return;
	ctl_print(c, "  run r%u (%s): %s since %s%s%s", r->id, run_mode_text(r->mode),
		run_state_text(r->state), day_text(v, r->since_wall_ms, when, sizeof(when)),
		r->by[0] ? ", by " : "", r->by);
	if (r->reason[0])
		ctl_print(c, "    %s", r->reason);
	if (r->state == RUN_WAITING_APPROVAL) {
		format_text(ask, sizeof(ask), "ballastctl failover approve r%u", r->id);
		view_commands(v, ask, command, sizeof(command));
		ctl_print(c, "    waits for a person until %s: %s, or deny r%u",
			day_text(v, r->approve_until_wall_ms, when, sizeof(when)), command, r->id);
	}
	draw_steps(c, v, p->run);
}

static void draw_plan(struct ctl *c, const struct view *v, uint32_t index)
{
	const struct plan_row *p = plan_at(v->model, index);
	const struct array_row *a = array_at(v->model, p->array);
	char when[48], span[32], dry[128], why[256];

	ctl_print(c, "%s: %s%s%s, %s, %s, %s", p->name, a && a->used ? a->name : "?",
		p->target[0] ? " to " : "", p->target, p->mode == MODE_AUTO ? "auto" : "approve",
		view_armed(v, p), run_state_text(p->state));
	draw_run(c, v, p);
	view_commands(v, p->refused_why, why, sizeof(why));
	if (p->refused_gate[0])
		ctl_print(c, "  last refused %s by gate %s: %s",
			day_text(v, p->refused_wall_ms, when, sizeof(when)), p->refused_gate, why);
	if (p->drill_wall_ms > 0)
		ctl_print(c, "  last drill %s: %s in %s",
			day_text(v, p->drill_wall_ms, when, sizeof(when)),
			p->drill_ok ? "passed" : "failed",
			span_text(p->drill_ms, span, sizeof(span)));
	else
		ctl_print(c, "  never drilled");
	if (view_dry_run(v, index, dry, sizeof(dry)))
		ctl_print(c, "  dry run %s", dry);
}

int ctl_failover_list(struct ctl *c)
{
	int r = ctl_follow(c);
	struct view v = ctl_now(c);
	unsigned n = 0;

	if (r)
		return r;
	if (c->json)
		return ctl_print_json(c, json_failover(&v));
	for (uint32_t i = 0; i < plan_count(v.model); i++) {
		if (!plan_at(v.model, i)->used)
			continue;
		if (n++)
			ctl_say(c, "\n");
		draw_plan(c, &v, i);
	}
	if (!n)
		ctl_say(c, "No plans.\n");
	return CTL_OK;
}
