/* What the files of the run share with each other; nobody else includes it. */
#pragma once
#include "agent/findings.h"
#include "agent/run.h"

enum { RUN_OVERDUE_MS = 10000 }; /* after a deadline: the runner itself is gone or stuck */

/** run_put() - write a run's fields; its state only changes through run_move() */
void run_put(struct engine *e, uint32_t run, const struct run_row *row);
void plan_put(struct engine *e, uint32_t plan, enum record_type type, const struct plan_row *row,
	enum severity severity, const char *text);
/** plan_asks_anew() - in the incident that it has asked in already */
void plan_asks_anew(struct engine *e, uint32_t plan);
bool run_acting(enum run_state s);
bool run_pending(enum run_state s);
/** run_real() - neither drill nor dry run: it is what the plan's state and the gates are about */
bool run_real(const struct run_row *r);

/** run_new() - a row in RUN_IDLE with its steps, mode and reason; not requested yet */
uint32_t run_new(struct engine *e, uint32_t plan, enum run_mode mode);
/** run_begin() - approved, hold over or by hand: block window, first step, alert */
void run_begin(struct engine *e, uint32_t run, enum run_event ev, const char *text);
/** run_advance() - the next verb, the next step or the end; true when something moved */
bool run_advance(struct engine *e, uint32_t run);
/** run_overdue() - a verb that nobody will answer any more; true when it was given up */
bool run_overdue(struct engine *e, uint32_t run);
/** run_finish() - the last step is done, or one failed */
void run_finish(struct engine *e, uint32_t run, enum run_event ev, const char *why);
void run_end_step(struct engine *e, uint32_t run, enum step_state state);
/** run_promoted() - did any step's promote succeed? */
bool run_promoted(const struct model *m, uint32_t run);
void run_freeze(struct engine *e, uint32_t run, const char *why);
void run_tell_frozen(struct engine *e, uint32_t run, const char *text);
/** run_tell_late() - call people about a run that reading the state file froze; true when it was one */
bool run_tell_late(struct engine *e, uint32_t run);
/** run_end_rehearsal() - a drill or dry run that acts is over at once: its script is ended, it passed nothing and failed nothing */
void run_end_rehearsal(struct engine *e, uint32_t run, const char *why);
/** run_end_rehearsals() - all of them: they give way to what is real */
void run_end_rehearsals(struct engine *e, const char *why);
/** run_tell() - one failover.* alert about a run */
void run_tell(struct engine *e, uint32_t run, enum alert_type type, enum severity severity,
	const char *summary, const char *action);
/** run_text() - "run r7 of plan 'san1-to-standby': " and the rest */
void run_text(const struct engine *e, uint32_t run, char *buf, size_t size, const char *fmt, ...)
	printf_like(5, 6);

uint32_t run_step_index(const struct model *m, uint32_t run, unsigned step);
/** plan_forget() - drop the row of a plan that is no longer configured, once its last run is over */
void plan_forget(struct engine *e, uint32_t plan);
/** run_estranged() - its plan is gone, or has another array, target or steps by now; @why says which, in words */
bool run_estranged(const struct engine *e, uint32_t run, char *why, size_t size);
const struct cfg_plan *run_plan_config(const struct engine *e, uint32_t plan);
/** run_step_config() - NULL when the configuration no longer has the step the run knows */
const struct cfg_step *run_step_config(const struct engine *e, uint32_t run, unsigned step);

/** gates_check_but() - gates_check() without the gates whose bit is set in @skip */
enum gate gates_check_but(const struct engine *e, unsigned plan, enum run_mode mode, uint32_t skip,
	char *why, size_t size);
/** refuse() - a record, counted, told to people when @tell; the same one once while it is wanted */
bool refuse(struct engine *e, uint32_t plan, const char *gate, const char *why, bool tell);
