/* What people tell a plan or a run to do. They may always act; they must say what they mean. */
#include "agent/run_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

struct order {
	struct engine *e;
	const struct command *c;
	struct reply *reply;
	uint32_t plan, run; /* NONE32: not given or not found */
};

static void answer(struct order *o, int code, const char *fmt, ...) printf_like(3, 4);

static void answer(struct order *o, int code, const char *fmt, ...)
{
	va_list ap;

	memset(o->reply->text, 0, sizeof(o->reply->text));
	va_start(ap, fmt);
	(void)vsnprintf(o->reply->text, sizeof(o->reply->text), fmt, ap);
	va_end(ap);
	o->reply->code = code;
}

static uint32_t find_plan(const struct model *m, const char *name)
{
	for (uint32_t i = 0; i < plan_count(m); i++)
		if (plan_at(m, i)->used && text_equal(plan_at(m, i)->name, name))
			return i;
	return NONE32;
}

static uint32_t only_pending(const struct model *m)
{
	uint32_t found = NONE32;

	for (uint32_t i = 0; i < run_count(m); i++) {
		if (!run_at(m, i)->used || !run_pending((enum run_state)run_at(m, i)->state))
			continue;
		if (found != NONE32)
			return NONE32;
		found = i;
	}
	return found;
}

/* "r7", "7", a plan's name for its last run, or nothing for the only one that waits. */
static uint32_t find_run(const struct model *m, const char *id)
{
	const char *digits = *id == 'r' ? id + 1 : id;
	uint32_t plan = find_plan(m, id);
	char *end;
	unsigned long n;

	if (!*id)
		return only_pending(m);
	if (plan != NONE32)
		return plan_at(m, plan)->run < run_count(m) ? plan_at(m, plan)->run : NONE32;
	if (*digits < '0' || *digits > '9')
		return NONE32;
	n = strtoul(digits, &end, 10);
	for (uint32_t i = 0; !*end && i < run_count(m); i++)
		if (run_at(m, i)->used && run_at(m, i)->id == n)
			return i;
	return NONE32;
}

static void sign(struct order *o, struct run_row *r)
{
	r->by_uid = o->c->uid;
	copy_text(r->by, sizeof(r->by), o->c->by);
	copy_text(r->why, sizeof(r->why), o->c->why);
}

static void set_armed(struct order *o, bool armed)
{
	struct plan_row p = *plan_at(&o->e->model, o->plan);
	char text[TEXT_MAX];

	p.armed = armed;
	format_text(text, sizeof(text), "plan '%s' %s by %s", p.name, armed ? "armed" : "disarmed",
		o->c->by);
	plan_put(o->e, o->plan, armed ? REC_ARMED : REC_DISARMED, &p, SEV_INFO, text);
	answer(o, 0, "%s", text);
}

static void do_arm(struct order *o)
{
	set_armed(o, true);
}

static uint32_t acting_run(const struct model *m, uint32_t plan)
{
	for (uint32_t i = 0; i < run_count(m); i++)
		if (run_at(m, i)->used && run_at(m, i)->plan == plan && run_real(run_at(m, i)) &&
			run_acting((enum run_state)run_at(m, i)->state))
			return i;
	return NONE32;
}

/* Disarming binds what acts by itself; what a person started, or has promoted, goes on. */
static void do_disarm(struct order *o)
{
	uint32_t run = acting_run(&o->e->model, o->plan);
	const struct run_row *r = run_at(&o->e->model, run);

	set_armed(o, false);
	if (!r)
		return;
	if (r->mode == RUN_MODE_AUTO && !run_promoted(&o->e->model, run))
		answer(o, 0, "plan '%s' disarmed; its run r%u stops before it fences or promotes",
			plan_at(&o->e->model, o->plan)->name, r->id);
	else
		answer(o, 0,
			"plan '%s' disarmed; its run r%u goes on, to stop it: ballastctl failover abort r%u",
			plan_at(&o->e->model, o->plan)->name, r->id, r->id);
}

static bool gate_holds(struct order *o, enum run_mode mode)
{
	char why[128];
	enum gate g = gates_check(o->e, o->plan, mode, why, sizeof(why));

	if (g == GATE_COUNT)
		return true;
	refuse(o->e, o->plan, gate_text(g), why, false);
	answer(o, EPERM, "refused by gate %s: %s", gate_text(g), why);
	return false;
}

/* A request that still waits is overtaken by the person who acts. */
static void overtake(struct order *o)
{
	uint32_t run = plan_at(&o->e->model, o->plan)->run;
	const struct run_row *r = run_at(&o->e->model, run);
	char text[TEXT_MAX];

	if (!r || !r->used || !run_pending((enum run_state)r->state))
		return;
	run_text(o->e, run, text, sizeof(text), "withdrawn: %s runs the plan by hand", o->c->by);
	if (run_move(o->e, run, RUN_EV_RECOVER, text) == 0)
		o->e->checkpoint_due = true;
}

static void begin(struct order *o, enum run_mode mode)
{
	uint32_t run = run_new(o->e, o->plan, mode);
	struct run_row r = *run_at(&o->e->model, run);
	struct plan_row p = *plan_at(&o->e->model, o->plan);
	char text[TEXT_MAX];

	sign(o, &r);
	r.approved_wall_ms = o->e->wall_ms;
	run_put(o->e, run, &r);
	if (run_real(&r)) {
		p.run = run;
		plan_put(o->e, o->plan, REC_PLAN, &p, SEV_NONE, NULL);
	}
	run_text(o->e, run, text, sizeof(text), "asked for by %s%s%.60s", o->c->by,
		o->c->why[0] ? ": " : "", o->c->why);
	if (run_move(o->e, run, RUN_EV_REQUEST, text) < 0)
		return;
	run_text(o->e, run, text, sizeof(text), "started by %s", o->c->by);
	run_begin(o->e, run, RUN_EV_APPROVE, text);
	answer(o, 0, "%sr%u of plan '%s' started",
		mode == RUN_MODE_DRY     ? "dry run "
		: mode == RUN_MODE_DRILL ? "drill "
					 : "",
		r.id, p.name);
}

static bool right_serial(const struct order *o)
{
	const struct array_row *a = array_at(&o->e->model, plan_at(&o->e->model, o->plan)->array);

	return a && o->c->serial[0] && text_equal(o->c->serial, a->serial[0] ? a->serial : a->name);
}

static void do_run(struct order *o)
{
	const struct array_row *a = array_at(&o->e->model, plan_at(&o->e->model, o->plan)->array);

	if (!right_serial(o)) {
		refuse(o->e, o->plan, "serial", "the serial typed is not the array's", false);
		answer(o, EPERM,
			"'%.39s' is not the serial of array %s: type it as 'ballastctl show' prints it%s",
			o->c->serial, a ? a->name : "?",
			a && !a->serial[0] ? " (it has none: type its name)" : "");
		return;
	}
	if (!o->c->why[0]) {
		answer(o, EINVAL, "say why with --why: it goes into the record");
		return;
	}
	if (!gate_holds(o, RUN_MODE_MANUAL))
		return;
	overtake(o);
	begin(o, RUN_MODE_MANUAL);
}

static void do_dry_run(struct order *o)
{
	char why[128], text[sizeof(o->reply->text)];
	enum gate g = gates_check(o->e, o->plan, RUN_MODE_AUTO, why, sizeof(why));

	if (!gate_holds(o, RUN_MODE_DRY))
		return;
	begin(o, RUN_MODE_DRY);
	format_text(text, sizeof(text), "%s", o->reply->text);
	if (g == GATE_COUNT)
		answer(o, 0, "%s: all gates pass; check verbs are being run", text);
	else
		answer(o, 0, "%.80s: gate %s would refuse (%s); check verbs are being run", text,
			gate_text(g), why);
}

static void do_drill(struct order *o)
{
	if (gate_holds(o, RUN_MODE_DRILL))
		begin(o, RUN_MODE_DRILL);
}

static bool must_be(struct order *o, bool right, const char *verb)
{
	const struct run_row *r = run_at(&o->e->model, o->run);

	if (!right)
		answer(o, EINVAL, "run r%u is %s: nothing to %s", r->id,
			run_state_text((enum run_state)r->state), verb);
	return right;
}

/* What was asked for or begun was another plan than the configuration knows now. */
static bool plan_is_its_own(struct order *o, const char *verb)
{
	char why[96];

	if (!run_estranged(o->e, o->run, why, sizeof(why)))
		return true;
	answer(o, EPERM, "not to be %s: %s; look at what was done, then clear r%u", verb, why,
		run_at(&o->e->model, o->run)->id);
	return false;
}

static void do_approve(struct order *o)
{
	struct run_row r = *run_at(&o->e->model, o->run);
	char text[TEXT_MAX];

	o->plan = r.plan;
	if (!must_be(o, run_pending((enum run_state)r.state), "approve") ||
		!plan_is_its_own(o, "approved") || !gate_holds(o, RUN_MODE_APPROVED))
		return;
	sign(o, &r);
	r.mode = RUN_MODE_APPROVED;
	r.approved_wall_ms = o->e->wall_ms;
	r.hold_until_ms = 0;
	r.deadline_wall_ms = 0;
	run_put(o->e, o->run, &r);
	run_text(o->e, o->run, text, sizeof(text), "approved by %s", o->c->by);
	run_begin(o->e, o->run, RUN_EV_APPROVE, text);
	answer(o, 0, "%s", text);
}

static void move_by_hand(struct order *o, enum run_event ev, const char *verb, const char *done)
{
	struct run_row r = *run_at(&o->e->model, o->run);
	char text[TEXT_MAX];

	if (!must_be(o, run_edges[r.state][ev].legal, verb))
		return;
	run_text(o->e, o->run, text, sizeof(text), "%s by %s%s%.60s", done, o->c->by,
		o->c->why[0] ? ": " : "", o->c->why);
	if (run_move(o->e, o->run, ev, text) == 0)
		answer(o, 0, "%s", text);
}

static void do_deny(struct order *o)
{
	move_by_hand(o, RUN_EV_DENY, "deny", "denied");
}

static void do_abort(struct order *o)
{
	struct run_row r = *run_at(&o->e->model, o->run);

	if (!run_acting((enum run_state)r.state)) {
		move_by_hand(o, RUN_EV_ABORT, "abort", "given up");
		return;
	}
	if (!run_real(&r)) {
		run_end_rehearsal(o->e, o->run, "aborted by hand");
		answer(o, 0, "r%u is over", r.id);
		return;
	}
	r.aborting = 1;
	run_put(o->e, o->run, &r);
	answer(o, 0, "r%u freezes %s", r.id, r.verb ? "after the verb that runs now" : "now");
}

static void do_resume(struct order *o)
{
	struct run_row r = *run_at(&o->e->model, o->run);
	uint32_t si = run_step_index(&o->e->model, o->run, r.step);
	struct step_row s;

	if (!must_be(o, run_edges[r.state][RUN_EV_RESUME].legal, "resume") ||
		!plan_is_its_own(o, "resumed"))
		return;
	r.aborting = 0;
	r.not_before_ms = 0;
	run_put(o->e, o->run, &r);
	if (si != NONE32) {
		s = *step_at(&o->e->model, si);
		s.state = STEP_NOW;
		s.ended_wall_ms = 0;
		emit(o->e, REC_STEP, TABLE_STEP, si, &s, SEV_NONE, NULL);
	}
	move_by_hand(o, RUN_EV_RESUME, "resume", "resumed");
}

/* Looked at: the plan whose last run it was may ask again, in the same incident too. */
static void do_clear(struct order *o)
{
	const struct run_row r = *run_at(&o->e->model, o->run);
	const struct plan_row *plan = plan_at(&o->e->model, r.plan);

	move_by_hand(o, RUN_EV_CLEAR, "clear", "cleared");
	if (!o->reply->code && plan && plan->run == o->run && run_real(&r))
		plan_asks_anew(o->e, r.plan);
}

static const struct {
	bool plan;
	void (*act)(struct order *o);
} orders[CMD_TYPE_COUNT] = {
	[CMD_ARM] = {true, do_arm},
	[CMD_DISARM] = {true, do_disarm},
	[CMD_DRY_RUN] = {true, do_dry_run},
	[CMD_DRILL] = {true, do_drill},
	[CMD_RUN] = {true, do_run},
	[CMD_APPROVE] = {false, do_approve},
	[CMD_DENY] = {false, do_deny},
	[CMD_ABORT] = {false, do_abort},
	[CMD_RESUME] = {false, do_resume},
	[CMD_CLEAR] = {false, do_clear},
};

void run_command(struct engine *e, const struct command *c, struct reply *ret)
{
	struct order o = {.e = e, .c = c, .reply = ret, .plan = NONE32, .run = NONE32};

	*ret = (struct reply){.code = EINVAL};
	if (c->type >= CMD_TYPE_COUNT || !orders[c->type].act) {
		answer(&o, EINVAL, "not a failover command");
		return;
	}
	if (orders[c->type].plan)
		o.plan = find_plan(&e->model, c->id);
	else
		o.run = find_run(&e->model, c->id);
	if (orders[c->type].plan ? o.plan == NONE32 || !run_plan_config(e, o.plan)
				 : o.run == NONE32)
		answer(&o, ENOENT, "no %s '%.64s': see 'ballastctl failover list'",
			orders[c->type].plan ? "plan" : "run", c->id);
	else
		orders[c->type].act(&o);
	ret->sequence = e->model.sequence;
}
