/* What a driver calls: requests with login and token, what falls due, what is told. */
#include "probes/manage_look.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOGIN_GAP_MS = 60000 };

const struct manage_settings *manage_settings(const struct manage *m)
{
	return m->look->settings;
}

const char *manage_address(const struct manage *m)
{
	return m->place->resolved;
}

uint64_t manage_left_ms(const struct manage *m)
{
	uint64_t now = boot_ms();

	return m->deadline_ms > now ? m->deadline_ms - now : 0;
}

const struct manage_sink *manage_sink(struct manage *m)
{
	return &m->sink;
}

enum outcome manage_fail(struct manage *m, enum outcome o, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy_device_text(m->error, sizeof(m->error), text, strlen(text));
	return o;
}

enum outcome manage_identify(struct manage *m, const char *const *said, unsigned n, const char **ret_own)
{
	const char *meant = m->look->job->serial, *own = manage_own_serial(meant, said, n);

	*ret_own = own ? own : "";
	if (!own || !meant[0] || manage_is_serial(meant, own))
		return OUTCOME_OK;
	return manage_fail(m, OUTCOME_NONSENSE, "%.60s: another array answers: its serial is %.39s, not %.39s",
		m->look->settings->address[m->index], own, meant);
}

/* An account is soon locked: one try a minute, but for a token that died. */
static enum outcome log_in(struct manage *m, bool died)
{
	struct manage_place *p = m->place;
	uint64_t now = boot_ms();
	enum outcome o;

	if (!died && p->login_ms && now < p->login_ms + LOGIN_GAP_MS)
		return manage_fail(m, OUTCOME_REFUSED, "%s: not logged in, tried again a minute after the last time",
			m->look->settings->address[m->index]);
	p->login_ms = now;
	p->token[0] = p->session[0] = '\0';
	o = m->look->driver->login(m);
	if (o == OUTCOME_OK && !p->token[0])
		return manage_fail(m, OUTCOME_NONSENSE, "%s: the login gave no token",
			m->look->settings->address[m->index]);
	return o;
}

static bool token_died(const struct manage_answer *a)
{
	return a->status == 401 || a->status == 403;
}

enum outcome manage_ask(struct manage *m, const struct manage_request *rq, struct manage_answer *ret)
{
	bool login = m->look->driver->login && !rq->anonymous && !rq->basic;
	enum outcome o = OUTCOME_OK;

	*ret = (struct manage_answer){};
	if (login && !m->place->token[0]) {
		m->relogged = true;
		o = log_in(m, false);
	}
	if (o == OUTCOME_OK)
		o = http_ask(m, rq, ret);
	if (o != OUTCOME_REFUSED || !login || !token_died(ret))
		return o;
	m->place->token[0] = '\0';
	if (m->relogged)
		return o;
	m->relogged = true;
	o = log_in(m, true);
	return o == OUTCOME_OK ? http_ask(m, rq, ret) : o;
}

enum outcome manage_get(struct manage *m, const char *path, struct manage_answer *ret)
{
	return manage_ask(m, &(struct manage_request){.path = path}, ret);
}

enum outcome manage_post(struct manage *m, const char *path, const char *body, struct manage_answer *ret)
{
	return manage_ask(m, &(struct manage_request){.path = path, .body = body}, ret);
}

void manage_set_token(struct manage *m, const char *header)
{
	if (strpbrk(header, "\r\n") || !copy_text(m->place->token, sizeof(m->place->token), header))
		m->place->token[0] = '\0';
}

void manage_set_session(struct manage *m, const char *path)
{
	if (!copy_text(m->place->session, sizeof(m->place->session), path))
		m->place->session[0] = '\0';
}

const char *manage_session(const struct manage *m)
{
	return m->place->session;
}

bool manage_due(struct manage *m, unsigned part, uint32_t every_ms)
{
	const struct manage_memory *mem = m->look->memory;

	if (part >= MANAGE_PARTS)
		return false;
	if (mem->done_ms[part] && boot_ms() < mem->done_ms[part] + every_ms)
		return false;
	m->parts |= 1u << part;
	return true;
}

bool manage_postpone(struct manage *m, unsigned part)
{
	m->parts &= ~(1u << part);
	return false;
}

void manage_know(struct manage *m, unsigned slot, uint64_t value)
{
	if (slot < MANAGE_PARTS)
		m->look->memory->known[slot] = value;
}

uint64_t manage_known(const struct manage *m, unsigned slot)
{
	return slot < MANAGE_PARTS ? m->look->memory->known[slot] : 0;
}

void *manage_keep(struct manage *m)
{
	return m->look->memory->keep;
}

void manage_listed(struct manage *m, enum kind kind)
{
	m->listed |= 1u << kind;
}
