/* From a verdict to a request and to a run: holds, approvals, withdrawals, refusals. */
#include "agent/run_parts.h"

enum { LOOK_AGAIN_MS = 10000, SETTLE_MS = 60000 };
enum { ASK_AGAIN_LEAST_MS = 300000, ASK_AGAIN_MOST_MS = 1800000 };

void run_put(struct engine *e, uint32_t run, const struct run_row *row)
{
	if (memcmp(row, run_at(&e->model, run), sizeof(*row)))
		emit(e, REC_RUN, TABLE_RUN, run, row, SEV_NONE, NULL);
}

void plan_put(struct engine *e, uint32_t plan, enum record_type type, const struct plan_row *row,
	enum severity severity, const char *text)
{
	if (text || memcmp(row, plan_at(&e->model, plan), sizeof(*row)))
		emit(e, type, TABLE_PLAN, plan, row, severity, text);
}

void plan_asks_anew(struct engine *e, uint32_t plan)
{
	struct plan_row p = *plan_at(&e->model, plan);

	p.last_incident_used = 0;
	plan_put(e, plan, REC_PLAN, &p, SEV_NONE, NULL);
}

void run_begin(struct engine *e, uint32_t run, enum run_event ev, const char *text)
{
	const struct run_row *r = run_at(&e->model, run);
	const struct cfg_plan *c = run_plan_config(e, r->plan);
	struct plan_row p = *plan_at(&e->model, r->plan);

	if (run_move(e, run, ev, text) < 0)
		return;
	if (run_real(r)) {
		run_end_rehearsals(e, "a failover begins");
		p = *plan_at(&e->model, r->plan);
		p.blocked_until_ms = e->now_ms + (c ? c->block_ms : 0);
		p.last_incident = r->incident;
		p.last_incident_used = 1;
		plan_put(e, r->plan, REC_PLAN, &p, SEV_NONE, NULL);
	}
	run_tell(e, run, ALERT_FAILOVER_STARTED, SEV_CRITICAL, text,
		"Watch it: ballastctl failover list");
}

/* Approval that does not come means nothing. */
static void ask(struct engine *e, uint32_t run, const char *because)
{
	struct run_row r = *run_at(&e->model, run);
	const struct cfg_plan *c = run_plan_config(e, r.plan);
	char text[TEXT_MAX];

	r.hold_until_ms = 0;
	r.approve_until_ms = e->now_ms + c->approve_timeout_ms;
	r.approve_until_wall_ms = e->wall_ms + c->approve_timeout_ms;
	run_put(e, run, &r);
	run_text(e, run, text, sizeof(text), "waits for approval, %u min%s%s",
		c->approve_timeout_ms / 60000, because[0] ? "; " : "", because);
	if (run_move(e, run, RUN_EV_ASK, text) == 0)
		e->checkpoint_due = true;
}

static void request(struct engine *e, uint32_t plan, bool alone, const char *because)
{
	const struct cfg_plan *c = run_plan_config(e, plan);
	uint32_t i = run_new(e, plan, alone ? RUN_MODE_AUTO : RUN_MODE_APPROVED);
	struct run_row r = *run_at(&e->model, i);
	struct plan_row p = *plan_at(&e->model, plan);
	char text[TEXT_MAX], action[160];

	run_end_rehearsals(e, "a failover is asked for");
	p.run = i;
	p.last_incident = r.incident;
	p.last_incident_used = 1;
	plan_put(e, plan, REC_PLAN, &p, SEV_NONE, NULL);
	if (alone) {
		r.hold_until_ms = e->now_ms + c->hold_ms;
		r.deadline_wall_ms = e->wall_ms + c->hold_ms;
		run_put(e, i, &r);
	}
	run_text(e, i, text, sizeof(text), "requested, %s", r.reason);
	if (run_move(e, i, RUN_EV_REQUEST, text) < 0)
		return;
	format_text(action, sizeof(action), "%s%.72s%sballastctl failover approve r%u, or: deny r%u",
		alone ? "It starts by itself when the hold is over. " : "", because,
		because[0] ? ". " : "", r.id, r.id);
	run_tell(e, i, ALERT_FAILOVER_REQUESTED, SEV_CRITICAL, text, action);
	if (!alone)
		ask(e, i, because);
}

/* Gates that do not forbid a run, only that it starts by itself. */
#define ONLY_ALONE (1u << GATE_MAINTENANCE | 1u << GATE_OBSERVER | 1u << GATE_MISMATCH | \
	1u << GATE_LOAD | 1u << GATE_UNIT)

/* What a finished run that nobody cleared and the block window forbid is that it starts by itself. */
static enum gate forbids(const struct engine *e, uint32_t plan, bool alone, char *why, size_t size)
{
	uint32_t skip = ONLY_ALONE | (alone ? 0 : 1u << GATE_BLOCK | 1u << GATE_OPEN_RUN);
	enum gate g = alone ? GATE_COUNT : gates_check(e, plan, RUN_MODE_APPROVED, why, size);

	return g == GATE_COUNT ? gates_check_but(e, plan, RUN_MODE_AUTO, skip, why, size) : g;
}

static bool consider(struct engine *e, uint32_t plan)
{
	const struct plan_row *p = plan_at(&e->model, plan);
	const struct cfg_plan *c = run_plan_config(e, plan);
	const struct array_row *a = array_at(&e->model, p->array);
	const struct incident_row *inc = incident_at(&e->model, a->incident);
	char why[128], because[128] = "";
	bool alone = c->mode == MODE_AUTO;
	enum gate g;

	if (p->last_incident_used && p->last_incident == (inc && inc->used ? inc->id : 0))
		return false;
	g = forbids(e, plan, alone, why, sizeof(why));
	if (g != GATE_COUNT)
		return refuse(e, plan, gate_text(g), why, true);
	g = gates_check(e, plan, RUN_MODE_AUTO, why, sizeof(why));
	if (g == GATE_BLOCK || g == GATE_OPEN_RUN)
		copy_text(because, sizeof(because), why);
	if (alone && g != GATE_COUNT) {
		copy_text(because, sizeof(because), why);
		refuse(e, plan, gate_text(g), why, false);
		alone = false;
	}
	request(e, plan, alone, because);
	return true;
}

static void withdraw(struct engine *e, uint32_t run, enum run_event ev, const char *why)
{
	char text[TEXT_MAX];

	run_text(e, run, text, sizeof(text), "withdrawn: %s", why);
	if (run_move(e, run, ev, text) == 0)
		run_tell(e, run, ALERT_FAILOVER_REQUESTED, SEV_WARNING, text,
			"Nothing was done and nothing will be.");
}

static bool hold_is_over(struct engine *e, uint32_t run)
{
	struct run_row asked = *run_at(&e->model, run);
	uint32_t plan = asked.plan;
	char why[128], text[TEXT_MAX];
	enum gate g = gates_check_but(
		e, plan, RUN_MODE_AUTO, ONLY_ALONE | 1u << GATE_ARMED, why, sizeof(why));

	if (g != GATE_COUNT) {
		asked.hold_until_ms = e->now_ms + LOOK_AGAIN_MS;
		run_put(e, run, &asked);
		return refuse(e, plan, gate_text(g), why, true);
	}
	g = gates_check(e, plan, RUN_MODE_AUTO, why, sizeof(why));
	if (g != GATE_COUNT) {
		refuse(e, plan, gate_text(g), why, false);
		asked.mode = RUN_MODE_APPROVED;
		run_put(e, run, &asked);
		ask(e, run, why);
		return true;
	}
	run_text(e, run, text, sizeof(text), "started by itself: the hold is over");
	run_begin(e, run, RUN_EV_HOLD_OVER, text);
	return true;
}

/* A page that nobody has answered is repeated while it can still be answered. */
static uint64_t ask_again_ms(const struct run_row *r, const struct cfg_plan *c)
{
	uint32_t every = MAX_OF(c->approve_timeout_ms / 4, (uint32_t)ASK_AGAIN_LEAST_MS);

	every = MIN_OF(every, (uint32_t)ASK_AGAIN_MOST_MS);
	return r->approve_until_ms - c->approve_timeout_ms + (r->asked + 1ull) * every;
}

static bool ask_again(struct engine *e, uint32_t run)
{
	struct run_row r = *run_at(&e->model, run);
	const struct cfg_plan *c = run_plan_config(e, r.plan);
	char text[TEXT_MAX], action[160];

	if (!c || r.asked == UINT8_MAX || e->now_ms < ask_again_ms(&r, c))
		return false;
	r.asked++;
	run_put(e, run, &r);
	run_text(e, run, text, sizeof(text), "still waits for approval, %llu min left: %s",
		(unsigned long long)((r.approve_until_ms - e->now_ms) / 60000), r.reason);
	format_text(action, sizeof(action), "ballastctl failover approve r%u, or: deny r%u", r.id,
		r.id);
	run_tell(e, run, ALERT_FAILOVER_REQUESTED, SEV_CRITICAL, text, action);
	return true;
}

/* Asked before Ballast was started anew, and told so: what happened just before may not have been written. */
static void ask_after_start(struct engine *e, uint32_t run)
{
	static const char because[] = "asked again after a start of Ballast: see that no step of it was run before";
	uint32_t id = run_at(&e->model, run)->id;
	char text[TEXT_MAX], action[160];

	ask(e, run, because);
	run_text(e, run, text, sizeof(text), "still waits for approval: %s", run_at(&e->model, run)->reason);
	format_text(action, sizeof(action), "ballastctl failover approve r%u, or: deny r%u (%s)", id, id, because);
	run_tell(e, run, ALERT_FAILOVER_REQUESTED, SEV_CRITICAL, text, action);
}

/* Not seen is not recovered. */
static bool unseen(const struct engine *e, const struct run_row *r)
{
	const struct array_row *a = array_at(&e->model, r->array);

	return a && a->used && (a->verdict == VERDICT_NONE || a->verdict == VERDICT_BLIND);
}

/* After a start one canister is read before the other: what it makes of them is no recovery yet. */
static bool settles(struct engine *e, uint32_t run)
{
	struct run_row r = *run_at(&e->model, run);

	if (r.state != RUN_REQUESTED || r.hold_until_ms)
		return false;
	if (!r.approve_until_ms) {
		r.approve_until_ms = e->now_ms + SETTLE_MS;
		run_put(e, run, &r);
	}
	return e->now_ms < r.approve_until_ms;
}

static bool pending_update(struct engine *e, uint32_t run, bool wanted)
{
	const struct run_row *r = run_at(&e->model, run);

	if (!wanted && (unseen(e, r) || settles(e, run)))
		return false;
	if (!wanted) {
		withdraw(e, run, RUN_EV_RECOVER, "the array has recovered");
		return true;
	}
	if (r->state == RUN_REQUESTED && !r->hold_until_ms) {
		ask_after_start(e, run);
		return true;
	}
	if (r->state == RUN_WAITING_APPROVAL && r->approve_until_ms <= e->now_ms) {
		withdraw(e, run, RUN_EV_EXPIRE, "nobody approved it in time");
		return true;
	}
	if (r->state == RUN_WAITING_APPROVAL)
		return ask_again(e, run);
	return r->state == RUN_REQUESTED && r->hold_until_ms && r->hold_until_ms <= e->now_ms &&
	       hold_is_over(e, run);
}

/* One run an incident: what was withdrawn was none, so a second outage in it is asked for again. */
static void may_ask_again(struct engine *e, uint32_t plan)
{
	const struct plan_row *p = plan_at(&e->model, plan);
	const struct run_row *r = run_at(&e->model, p->run);

	if (p->last_incident_used && r && r->used && r->state == RUN_WITHDRAWN)
		plan_asks_anew(e, plan);
}

static bool plan_update(struct engine *e, uint32_t plan)
{
	struct plan_row p = *plan_at(&e->model, plan);
	const struct cfg_plan *c = run_plan_config(e, plan);
	const struct array_row *a = array_at(&e->model, p.array);
	const struct run_row *r = run_at(&e->model, p.run);
	bool wanted = c && a && a->used && (c->when >> a->verdict & 1), changed;

	if (wanted != (p.wanted_since_ms != 0)) {
		p.wanted_since_ms = wanted ? e->now_ms : 0;
		plan_put(e, plan, REC_PLAN, &p, SEV_NONE, NULL);
	}
	if (r && r->used && run_pending((enum run_state)r->state))
		changed = pending_update(e, p.run, wanted);
	else
		changed = wanted && consider(e, plan);
	if (!wanted)
		may_ask_again(e, plan);
	return changed;
}

/* What a plan that is another now asked for, it may ask for anew. */
static void withdraw_estranged(struct engine *e, uint32_t run, const char *why)
{
	uint32_t plan = run_at(&e->model, run)->plan;

	withdraw(e, run, RUN_EV_RECOVER, why);
	if (run_plan_config(e, plan) && plan_at(&e->model, plan)->run == run)
		plan_asks_anew(e, plan);
}

/* Its plan is gone or another one: what waits for it waits for nothing, what acts stops. */
static bool leave_plan(struct engine *e, uint32_t run)
{
	const struct run_row *r = run_at(&e->model, run);
	bool acting = run_acting((enum run_state)r->state);
	char why[96];

	/* what the runner has is awaited */
	if ((acting && r->verb != VERB_NONE && r->job <= e->given_job) ||
		(!acting && !run_pending((enum run_state)r->state)) ||
		!run_estranged(e, run, why, sizeof(why)))
		return false;
	if (acting && !run_real(r))
		run_end_rehearsal(e, run, why);
	else if (acting)
		run_freeze(e, run, why);
	else
		withdraw_estranged(e, run, why);
	return true;
}

bool plans_update(struct engine *e)
{
	bool changed = false;

	for (uint32_t i = 0; i < run_count(&e->model); i++) {
		changed |= run_at(&e->model, i)->used && run_overdue(e, i);
		changed |= run_at(&e->model, i)->used && leave_plan(e, i);
		changed |= run_at(&e->model, i)->used && run_tell_late(e, i);
	}
	for (uint32_t i = 0; i < plan_count(&e->model); i++)
		changed |= plan_at(&e->model, i)->used && plan_update(e, i);
	/* steps without a verb of this mode are passed over at once */
	for (uint32_t i = 0; i < run_count(&e->model); i++)
		for (unsigned k = 0;
			k < CFG_STEPS && run_at(&e->model, i)->used && run_advance(e, i); k++)
			changed = true;
	for (uint32_t i = 0; i < plan_count(&e->model); i++)
		if (plan_at(&e->model, i)->used)
			plan_forget(e, i);
	return changed;
}

static uint64_t run_next_ms(const struct engine *e, const struct run_row *r)
{
	const struct cfg_plan *c = run_plan_config(e, r->plan);
	uint64_t again;

	if (r->state == RUN_REQUESTED)
		return r->hold_until_ms      ? r->hold_until_ms
		       : r->approve_until_ms ? r->approve_until_ms
					     : UINT64_MAX;
	if (r->state == RUN_WAITING_APPROVAL) {
		again = c && r->asked < UINT8_MAX ? ask_again_ms(r, c) : UINT64_MAX;
		return MIN_OF(again, r->approve_until_ms);
	}
	if (!run_acting((enum run_state)r->state))
		return UINT64_MAX;
	if (r->verb != VERB_NONE)
		return r->deadline_ms + RUN_OVERDUE_MS;
	return r->not_before_ms ? r->not_before_ms : UINT64_MAX;
}

uint64_t plans_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX, t;

	for (uint32_t i = 0; i < run_count(&e->model); i++) {
		t = run_at(&e->model, i)->used ? run_next_ms(e, run_at(&e->model, i)) : UINT64_MAX;
		next = MIN_OF(next, t);
	}
	for (uint32_t i = 0; i < plan_count(&e->model); i++) {
		const struct plan_row *p = plan_at(&e->model, i);

		if (p->used && p->wanted_since_ms && p->blocked_until_ms > e->now_ms)
			next = MIN_OF(next, p->blocked_until_ms);
	}
	return next;
}
