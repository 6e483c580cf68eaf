/* The end of sessions: an array has few, and forgets an abandoned one only after half an hour. */
#include "probes/manage_look.h"

enum { LEAVE_MS = 500 };

/* The token, out of what the workers share, so that one of them logs out. */
static bool take_token(struct manage_place *p, struct manage_place *ret)
{
	char first;

	*ret = *p;
	first = __atomic_exchange_n(&p->token[0], '\0', __ATOMIC_ACQ_REL);
	ret->token[0] = first;
	p->login_ms = 0;
	return first && ret->resolved[0];
}

static void leave(struct manage *m, unsigned i, struct manage_place *p, uint64_t end_ms)
{
	m->index = i;
	m->place = p;
	m->relogged = true; /* no login to log out */
	m->end_ms = m->deadline_ms = MIN_OF(end_ms, boot_ms() + LEAVE_MS);
	m->look->driver->logout(m);
}

void manage_leave(const struct manage_settings *s, const struct manage_driver *driver, struct manage_memory *memory,
	uint64_t end_ms)
{
	struct job_end ignored = {};
	const struct manage_look look = {.settings = s, .driver = driver, .memory = memory};
	struct manage m = {.look = &look, .end = &ignored};

	for (unsigned i = 0; driver->logout && i < s->naddress && boot_ms() < end_ms; i++) {
		struct manage_place mine;

		if (take_token(&memory->places[i], &mine))
			leave(&m, i, &mine, end_ms);
		explicit_bzero(mine.token, sizeof(mine.token));
	}
	free(m.body);
	free(m.headers);
}
