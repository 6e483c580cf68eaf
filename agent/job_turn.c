#include "agent/job_turn.h"

#include <errno.h>

static void send_reading(const struct reading *r, void *arg)
{
	struct job_turn *t = arg;

	if (t->lost || role_send(t->s, MSG_READING, r, NULL, 0) >= 0)
		return;
	t->lost = true;
	log_line(4, "reading dropped, the engine does not take it name='%s'", r->name);
}

/* Half an answer taken for a whole one would make what is missing in it gone. */
static void send_end(const struct job_end *end, void *arg)
{
	struct job_turn *t = arg;
	struct job_end e = *end;

	if (t->lost) {
		e.outcome = OUTCOME_SHORT;
		e.complete = 0;
		format_text(e.error, sizeof(e.error), "not all that was read fitted into the link to the engine");
	}
	if (role_send(t->s, MSG_JOB_END, &e, NULL, 0) < 0)
		log_line(4, "end of a job dropped, the engine does not take it job=%u", e.job);
}

void job_turn_go(struct job_turn *t)
{
	const struct job_sink sink = {send_reading, send_end, t};
	const struct job_end refused = {.job = t->job.id, .source = t->job.source, .outcome = OUTCOME_REFUSED,
		.error = "the configuration was just changed"};
	uint32_t known = t->s->config->generation;

	if (!t->waits || t->job.generation > known)
		return;
	t->waits = false;
	t->lost = false;
	if (t->job.generation == known)
		t->carry_out(&t->job, &sink, t->arg);
	else
		send_end(&refused, t);
}

int job_turn_message(struct job_turn *t, const struct msg *m)
{
	if (m->type != MSG_JOB)
		return -EPROTO;
	t->job = m->u.job;
	t->waits = true;
	job_turn_go(t);
	return 0;
}
