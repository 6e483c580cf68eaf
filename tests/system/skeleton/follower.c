/* Every other role, as an echo: says back what the engine's beat said. */
#include <signal.h>

#include "follower.h"

static int start(struct role_start *s, void **ret_state)
{
	*ret_state = s;
	/* what the lists must let a role do after this is done below */
	return s->role == ROLE_WEB && !s->nlisten ? -1 : 0;
}

static int engine_message(void *state, struct msg *m)
{
	struct journal_report j = {.durable_sequence = m->u.beat.sequence};
	void *p;

	if (m->type != MSG_BEAT)
		return 0;
	p = malloc(300 * 1024);
	if (!p)
		return -1;
	memset(p, 1, 300 * 1024);
	free(p);
	(void)role_send(state, MSG_JOURNAL, &j, NULL, 0);
	return 0;
}

const struct role_ops follower_ops = {.start = start, .engine_message = engine_message};
