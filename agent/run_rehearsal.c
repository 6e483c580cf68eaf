/* Drills and dry runs give way to what is real. */
#include "agent/run_parts.h"

static void cut_off_step(struct engine *e, uint32_t si)
{
	struct step_row s = *step_at(&e->model, si);

	s.state = STEP_UNKNOWN;
	s.exit_kind = EXIT_LOST;
	s.ended_wall_ms = e->wall_ms;
	emit(e, REC_STEP, TABLE_STEP, si, &s, SEV_NONE, NULL);
}

void run_end_rehearsal(struct engine *e, uint32_t run, const char *why)
{
	struct run_row r = *run_at(&e->model, run);
	uint32_t si = run_step_index(&e->model, run, r.step);
	char text[TEXT_MAX];

	/* given, by this engine or by one that is no more */
	if (r.verb != VERB_NONE && (r.job <= e->given_job || r.job > e->next_job))
		e->overdue_job = r.job;
	if (r.verb != VERB_NONE && si != NONE32)
		cut_off_step(e, si);
	r.verb = VERB_NONE;
	r.deadline_ms = 0;
	r.deadline_wall_ms = 0;
	run_put(e, run, &r);
	run_text(e, run, text, sizeof(text), "over: %s", why);
	/* what acts freezes, and what is frozen is given up */
	if (run_move(e, run, RUN_EV_ABORT, NULL) == 0 && run_move(e, run, RUN_EV_ABORT, text) == 0)
		run_tell(e, run, ALERT_FAILOVER_FINISHED, SEV_INFO, text, "");
}

void run_end_rehearsals(struct engine *e, const char *why)
{
	for (uint32_t i = 0; i < run_count(&e->model); i++) {
		const struct run_row *r = run_at(&e->model, i);

		if (r->used && !run_real(r) && run_acting((enum run_state)r->state))
			run_end_rehearsal(e, i, why);
	}
}
