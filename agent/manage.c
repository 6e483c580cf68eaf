#include <errno.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>

#include "agent/manage_jobs.h"
#include "agent/role.h"

enum { LEAVE_MS = 1500 };

/* A worker that asks management planes: one job at a time; what it keeps is shared with the others. */
struct manager {
	struct role_start *s;
	struct job job; /* the one that waits for its configuration */
	bool waits;
};

/* Tokens and addresses, of all workers that are forked from here: an array's next look is another worker's. */
static struct manage_memories *memories;

void role_warm_up(void)
{
	void *shared = mmap(NULL, sizeof(*memories), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared != MAP_FAILED)
		memories = shared;
	http_warm_up();
}

static int manager_start(struct role_start *s, void **ret_state)
{
	struct manager *m = calloc(1, sizeof(*m));

	if (!memories)
		memories = calloc(1, sizeof(*memories));
	if (!m || !memories) {
		free(m);
		return -ENOMEM;
	}
	m->s = s;
	*ret_state = m;
	return 0;
}

static void send_reading(const struct reading *r, void *arg)
{
	struct manager *m = arg;

	if (role_send(m->s, MSG_READING, r, NULL, 0) == -ENOBUFS)
		log_line(4, "reading dropped, the engine does not take it name='%s'", r->name);
}

static void send_end(const struct job_end *e, void *arg)
{
	struct manager *m = arg;

	if (role_send(m->s, MSG_JOB_END, e, NULL, 0) == -ENOBUFS)
		log_line(4, "end of a job dropped, the engine does not take it job=%u", e->job);
}

static void begin_job(struct manager *m)
{
	const struct job_sink sink = {send_reading, send_end, m};
	struct job_end refused = {.job = m->job.id, .source = m->job.source, .outcome = OUTCOME_REFUSED,
		.error = "the configuration was just changed"};
	uint32_t known = m->s->config->generation;

	if (!m->waits || m->job.generation > known)
		return;
	m->waits = false;
	if (m->job.generation == known)
		manage_carry_out(&m->job, m->s->config, m->s->credentials, m->s->credentials_size, memories, &sink);
	else
		send_end(&refused, m);
}

static int manager_message(void *state, struct msg *msg)
{
	struct manager *m = state;

	if (msg->type != MSG_JOB)
		return -EPROTO;
	m->job = msg->u.job;
	m->waits = true;
	begin_job(m);
	return 0;
}

/* Whom a kept connection trusted may no longer be trusted. */
static void manager_config(void *state)
{
	http_forget();
	begin_job(state);
}

/* No poll is waiting any more; the supervisor waits three seconds for all of us. */
static void manager_stop(void *state)
{
	struct manager *m = state;

	manage_end(m->s->config, m->s->credentials, m->s->credentials_size, memories, LEAVE_MS);
}

static const struct role_ops manager_ops = {.start = manager_start,
	.engine_message = manager_message,
	.config_changed = manager_config,
	.stop = manager_stop};
static const struct role_entry roles[] = {{ROLE_PROBER, &manager_ops}, {ROLE_PROBER, NULL}};

int main(int argc, char **argv)
{
	return role_main(argc, argv, roles);
}
