#include <errno.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>

#include "agent/job_turn.h"
#include "agent/manage_jobs.h"

enum { LEAVE_MS = 1500 };

/* Tokens and addresses, of all workers that are forked from here: an array's next look is another worker's. */
static struct manage_memories *memories;

void role_warm_up(void)
{
	void *shared = mmap(NULL, sizeof(*memories), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared != MAP_FAILED)
		memories = shared;
	http_warm_up();
}

static void carry_out(const struct job *j, const struct job_sink *sink, void *arg)
{
	const struct role_start *s = arg;

	manage_carry_out(j, s->config, s->credentials, s->credentials_size, memories, sink);
}

static int manager_start(struct role_start *s, void **ret_state)
{
	struct job_turn *t = calloc(1, sizeof(*t));

	if (!memories)
		memories = calloc(1, sizeof(*memories));
	if (!t || !memories) {
		free(t);
		return -ENOMEM;
	}
	*t = (struct job_turn){.s = s, .carry_out = carry_out, .arg = s};
	*ret_state = t;
	return 0;
}

static int manager_message(void *state, struct msg *m)
{
	return job_turn_message(state, m);
}

/* Whom a kept connection trusted may no longer be trusted. */
static void manager_config(void *state)
{
	http_forget();
	job_turn_go(state);
}

/* No poll is waiting any more; the supervisor waits three seconds for all of us. */
static void manager_stop(void *state)
{
	const struct job_turn *t = state;

	manage_end(t->s->config, t->s->credentials, t->s->credentials_size, memories, LEAVE_MS);
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
