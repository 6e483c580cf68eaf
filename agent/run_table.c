/* The one transition table of a run, and its one writer. */
#include "agent/run_parts.h"

#include <errno.h>
#include <stdio.h>

#define TO(state, rec)                                                                             \
	{                                                                                          \
		true, RUN_##state, REC_##rec                                                       \
	}

/* clang-format off */
const struct run_edge run_edges[RUN_STATE_COUNT][RUN_EVENT_COUNT] = {
	[RUN_IDLE] = {
		[RUN_EV_REQUEST]     = TO(REQUESTED, RUN_REQUESTED) },
	[RUN_REQUESTED] = {
		[RUN_EV_ASK]         = TO(WAITING_APPROVAL, RUN),
		[RUN_EV_APPROVE]     = TO(FENCING, RUN_APPROVED),
		[RUN_EV_HOLD_OVER]   = TO(FENCING, RUN),
		[RUN_EV_RECOVER]     = TO(WITHDRAWN, RUN_WITHDRAWN),
		[RUN_EV_DENY]        = TO(ABORTED, RUN_FINISHED),
		[RUN_EV_ABORT]       = TO(ABORTED, RUN_FINISHED) },
	[RUN_WAITING_APPROVAL] = {
		[RUN_EV_APPROVE]     = TO(FENCING, RUN_APPROVED),
		[RUN_EV_EXPIRE]      = TO(WITHDRAWN, RUN_WITHDRAWN),
		[RUN_EV_RECOVER]     = TO(WITHDRAWN, RUN_WITHDRAWN),
		[RUN_EV_DENY]        = TO(ABORTED, RUN_FINISHED),
		[RUN_EV_ABORT]       = TO(ABORTED, RUN_FINISHED) },
	[RUN_FENCING] = {
		[RUN_EV_PROMOTE]     = TO(PROMOTING, RUN),
		[RUN_EV_VERIFY]      = TO(VERIFYING, RUN),
		[RUN_EV_LAST_DONE]   = TO(DONE, RUN_FINISHED),
		[RUN_EV_STEP_FAILED] = TO(FAILED, RUN_FINISHED),
		[RUN_EV_RECOVER]     = TO(WITHDRAWN, RUN_WITHDRAWN),
		[RUN_EV_UNKNOWN]     = TO(FROZEN, RUN_FROZEN),
		[RUN_EV_ABORT]       = TO(FROZEN, RUN_FROZEN) },
	[RUN_PROMOTING] = {
		[RUN_EV_FENCE]       = TO(FENCING, RUN),
		[RUN_EV_VERIFY]      = TO(VERIFYING, RUN),
		[RUN_EV_LAST_DONE]   = TO(DONE, RUN_FINISHED),
		[RUN_EV_STEP_FAILED] = TO(FAILED, RUN_FINISHED),
		[RUN_EV_UNKNOWN]     = TO(FROZEN, RUN_FROZEN),
		[RUN_EV_ABORT]       = TO(FROZEN, RUN_FROZEN) },
	[RUN_VERIFYING] = {
		[RUN_EV_FENCE]       = TO(FENCING, RUN),
		[RUN_EV_PROMOTE]     = TO(PROMOTING, RUN),
		[RUN_EV_LAST_DONE]   = TO(DONE, RUN_FINISHED),
		[RUN_EV_STEP_FAILED] = TO(FAILED, RUN_FINISHED),
		[RUN_EV_UNKNOWN]     = TO(FROZEN, RUN_FROZEN),
		[RUN_EV_ABORT]       = TO(FROZEN, RUN_FROZEN) },
	[RUN_DONE] = {
		[RUN_EV_CLEAR]       = TO(DONE, CLEARED_RUN) },
	[RUN_FAILED] = {
		[RUN_EV_CLEAR]       = TO(FAILED, CLEARED_RUN) },
	[RUN_FROZEN] = {
		[RUN_EV_RESUME]      = TO(FENCING, RUN),
		[RUN_EV_ABORT]       = TO(ABORTED, RUN_FINISHED),
		[RUN_EV_CLEAR]       = TO(ABORTED, CLEARED_RUN) },
	[RUN_ABORTED] = {
		[RUN_EV_CLEAR]       = TO(ABORTED, CLEARED_RUN) },
	[RUN_WITHDRAWN] = {
		[RUN_EV_CLEAR]       = TO(WITHDRAWN, CLEARED_RUN) },
};

static const char *const event_words[RUN_EVENT_COUNT] = {
	[RUN_EV_REQUEST] = "request", [RUN_EV_ASK] = "ask", [RUN_EV_APPROVE] = "approve", [RUN_EV_DENY] = "deny",
	[RUN_EV_EXPIRE] = "expire", [RUN_EV_RECOVER] = "recover", [RUN_EV_HOLD_OVER] = "hold over",
	[RUN_EV_FENCE] = "fence", [RUN_EV_PROMOTE] = "promote", [RUN_EV_VERIFY] = "verify",
	[RUN_EV_LAST_DONE] = "last step done", [RUN_EV_STEP_FAILED] = "step failed", [RUN_EV_UNKNOWN] = "unknown",
	[RUN_EV_ABORT] = "abort", [RUN_EV_RESUME] = "resume", [RUN_EV_CLEAR] = "clear",
};
static const uint8_t state_severity[RUN_STATE_COUNT] = {
	[RUN_IDLE] = SEV_INFO, [RUN_REQUESTED] = SEV_CRITICAL, [RUN_WAITING_APPROVAL] = SEV_CRITICAL,
	[RUN_FENCING] = SEV_WARNING, [RUN_PROMOTING] = SEV_WARNING, [RUN_VERIFYING] = SEV_WARNING,
	[RUN_DONE] = SEV_INFO, [RUN_FAILED] = SEV_CRITICAL, [RUN_FROZEN] = SEV_CRITICAL,
	[RUN_ABORTED] = SEV_WARNING, [RUN_WITHDRAWN] = SEV_INFO,
};
/* clang-format on */

const char *run_event_text(enum run_event ev)
{
	return word_in(event_words, ARRAY_SIZE(event_words), (size_t)ev);
}

size_t run_table_text(char *buf, size_t size)
{
	size_t used = 0;

	if (size)
		buf[0] = '\0';
	for (unsigned s = 0; s < RUN_STATE_COUNT; s++)
		for (unsigned ev = 0; ev < RUN_EVENT_COUNT; ev++) {
			const struct run_edge *d = &run_edges[s][ev];
			int n;

			if (!d->legal)
				continue;
			n = snprintf(used < size ? buf + used : NULL, used < size ? size - used : 0,
				"%-17s %-15s -> %s\n", run_state_text((enum run_state)s),
				run_event_text((enum run_event)ev),
				run_state_text((enum run_state)d->next));
			used += n > 0 ? (size_t)n : 0;
		}
	return used;
}

bool run_acting(enum run_state s)
{
	return s == RUN_FENCING || s == RUN_PROMOTING || s == RUN_VERIFYING;
}

bool run_pending(enum run_state s)
{
	return s == RUN_REQUESTED || s == RUN_WAITING_APPROVAL;
}

bool run_unfinished(const struct run_row *r)
{
	enum run_state s = (enum run_state)r->state;

	return r->used && (run_pending(s) || run_acting(s) || s == RUN_FROZEN);
}

bool run_real(const struct run_row *r)
{
	return r->mode != RUN_MODE_DRILL && r->mode != RUN_MODE_DRY;
}

/* What the plan shows follows its last run; a withdrawn request and a cleared run leave it idle. */
static void follow(struct engine *e, uint32_t run, const struct run_row *r)
{
	const struct plan_row *plan = plan_at(&e->model, r->plan);
	struct plan_row p;

	if (!plan || plan->run != run || !run_real(r))
		return;
	p = *plan;
	p.state = (uint8_t)(r->cleared || r->state == RUN_WITHDRAWN ? RUN_IDLE : r->state);
	plan_put(e, r->plan, REC_PLAN, &p, SEV_NONE, NULL);
}

/* That a rehearsal is asked for alarms nobody; how it fails does. */
static enum severity severity_of(const struct run_row *r)
{
	return run_real(r) || r->state == RUN_FAILED ? (enum severity)state_severity[r->state]
						      : SEV_INFO;
}

int run_move(struct engine *e, uint32_t run, enum run_event ev, const char *text)
{
	const struct run_row *row = run_at(&e->model, run);
	const struct run_edge *edge =
		row && row->state < RUN_STATE_COUNT ? &run_edges[row->state][ev] : NULL;
	struct run_row r;

	if (!edge || !row->used || !edge->legal)
		return -EPROTO;
	r = *row;
	r.state = edge->next;
	if (ev == RUN_EV_CLEAR)
		r.cleared = 1;
	if (ev == RUN_EV_RESUME)
		r.ended_wall_ms = 0;
	else if (!run_acting((enum run_state)r.state) && !run_pending((enum run_state)r.state) &&
		 !r.ended_wall_ms)
		r.ended_wall_ms = e->wall_ms;
	emit(e, (enum record_type)edge->record, TABLE_RUN, run, &r, severity_of(&r), text);
	follow(e, run, &r);
	return 0;
}
