#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "agent/courier.h"

enum { RESOLVE_EVERY_MS = 600000, RESOLVE_AGAIN_MS = 10000, RESOLVE_LIMIT_MS = 20000, RESOLVE_STUCK_MS = 3600000 };

bool sink_is_command(const struct sink *s)
{
	return s->cfg->type == SINK_COMMAND;
}

static const char *sink_url(const struct sink *s)
{
	return s->secret && *s->secret->url ? s->secret->url : cfg_str(s->c->start->config, s->cfg->url);
}

static bool is_address(const char *text)
{
	struct in6_addr any;

	return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

/*
 * Alertmanager is configured by its address; the API's path is ours to know. A mail server is told our name
 * by the path: without one libcurl asks the kernel, which the list of system calls does not allow.
 */
static const char *url_tail(const struct sink *s, const char *path, char *buf, size_t size)
{
	const char *host = cfg_str(s->c->start->config, s->c->start->config->host);

	if (*path && strcmp(path, "/") != 0)
		return NULL;
	if (s->cfg->type == SINK_ALERTMANAGER)
		return "/api/v2/alerts";
	if (s->cfg->type != SINK_EMAIL)
		return NULL;
	format_text(buf, size, "/%s", *host ? host : "localhost");
	return buf;
}

static bool url_part(CURLU *u, CURLUPart part, char *buf, size_t size)
{
	char *text = NULL;
	bool ok = curl_url_get(u, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) == CURLUE_OK;

	copy_text(buf, size, ok ? text : "");
	curl_free(text);
	return ok;
}

static bool place_parse(struct sink *s)
{
	struct place *p = &s->place;
	CURLU *u = curl_url();
	char scheme[16], path[256], name[256], port[8];
	const char *tail;
	bool ok;

	ok = u && curl_url_set(u, CURLUPART_URL, sink_url(s), CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
		url_part(u, CURLUPART_HOST, p->host, sizeof(p->host)) && url_part(u, CURLUPART_SCHEME, scheme, sizeof(scheme)) &&
		url_part(u, CURLUPART_PORT, port, sizeof(port));
	if (ok) {
		(void)url_part(u, CURLUPART_PATH, path, sizeof(path));
		tail = url_tail(s, path, name, sizeof(name));
		if (tail)
			(void)curl_url_set(u, CURLUPART_PATH, tail, 0);
		ok = url_part(u, CURLUPART_URL, p->url, sizeof(p->url));
		p->port = (uint16_t)strtoul(port, NULL, 10);
		p->tls = !strcmp(scheme, "https") || !strcmp(scheme, "smtps") || s->cfg->type == SINK_EMAIL;
	}
	curl_url_cleanup(u);
	return ok;
}

static void place_open(struct sink *s)
{
	const char *fixed = cfg_str(s->c->start->config, s->cfg->address);
	struct place *p = &s->place;
	size_t len;

	if (!place_parse(s)) {
		log_line(3, "sink '%s': its URL cannot be used", cfg_str(s->c->start->config, s->cfg->name));
		return;
	}
	len = strlen(p->host);
	if (len > 2 && p->host[0] == '[') { /* an IPv6 address */
		memmove(p->host, p->host + 1, len - 2);
		p->host[len - 2] = 0;
	}
	if (*fixed) {
		p->count = copy_text(p->address[0], sizeof(p->address[0]), fixed);
		p->literal = p->known = true;
	} else if (is_address(p->host)) {
		p->literal = p->known = true;
	}
}

void sink_open(struct courier *c, unsigned index)
{
	const struct secrets *secrets = c->start->secrets;
	struct sink *s = &c->sinks[index];
	int r;

	*s = (struct sink){.c = c, .index = index, .cfg = &c->start->config->sinks[index], .queue.sink = index,
		.secret = secrets ? &secrets->sinks[index] : NULL};
	s->heartbeat_ms = s->cfg->heartbeat_ms ? 1 : 0;
	if (sink_is_command(s)) {
		s->place.literal = s->place.known = true;
		copy_text(s->place.host, sizeof(s->place.host), cfg_list(c->start->config, s->cfg->command, 0));
		return;
	}
	place_open(s);
	if (!s->place.tls || s->cfg->insecure)
		return;
	r = tls_open(&s->tls, secrets, index);
	if (r < 0)
		log_line(3, "sink '%s': no certificate authority to trust: %s",
			cfg_str(c->start->config, s->cfg->name), strerror(-r));
}

void sink_close(struct sink *s)
{
	flight_end(s);
	http_forget(s);
	tls_close(&s->tls);
	queue_clear(&s->queue);
}

uint64_t sink_resolve(struct sink *s, uint64_t now_ms)
{
	struct helper_request rq = {.kind = HELPER_RESOLVE, .sink = s->index, .timeout_ms = RESOLVE_LIMIT_MS};
	struct place *p = &s->place;

	if (p->literal || !*p->host)
		return UINT64_MAX;
	if (now_ms < p->resolve_ms)
		return p->resolve_ms;
	copy_text(rq.host, sizeof(rq.host), p->host);
	if (helper_ask(&s->c->helper, &rq, -1) == 0)
		p->unanswered++;
	/* two that never answered hang with the disk or the resolver: a few a day more are enough */
	p->resolve_ms = now_ms + (p->unanswered > 2 ? RESOLVE_STUCK_MS : p->known ? RESOLVE_EVERY_MS : 2 * RESOLVE_LIMIT_MS);
	return p->resolve_ms;
}

/* The address in use stays first while it is still given: the warm connection goes there. */
static void take_addresses(struct place *p, const struct helper_answer *a)
{
	unsigned count = MIN_OF(a->count, (uint32_t)COURIER_ADDRESSES), n = 0;
	char current[sizeof(p->address[0])];

	copy_text(current, sizeof(current), p->count ? p->address[p->at] : "");
	for (unsigned i = 0; i < count && *current; i++)
		if (!strcmp(a->address[i], current))
			copy_text(p->address[n++], sizeof(p->address[0]), current);
	for (unsigned i = 0; i < count && n < COURIER_ADDRESSES; i++)
		if (is_address(a->address[i]) && (!n || strcmp(a->address[i], p->address[0]) != 0))
			copy_text(p->address[n++], sizeof(p->address[0]), a->address[i]);
	p->at = 0;
	p->count = n;
}

void sink_resolved(struct sink *s, const struct helper_answer *a, uint64_t now_ms)
{
	struct place *p = &s->place;

	p->unanswered = 0;
	if (a->error || !a->count) {
		/* never permanent: without a disk the resolver says "unknown" too */
		if (!p->known)
			log_line(4, "sink '%s': cannot resolve '%s', trying again: %s",
				cfg_str(s->c->start->config, s->cfg->name), p->host, a->text);
		p->resolve_ms = now_ms + (p->known ? RESOLVE_EVERY_MS : RESOLVE_AGAIN_MS);
		return;
	}
	take_addresses(p, a);
	p->known = p->count > 0;
	p->resolve_ms = now_ms + (p->known ? RESOLVE_EVERY_MS : RESOLVE_AGAIN_MS);
}

void sink_restore_address(struct sink *s)
{
	const struct sink_row *row = sink_at(&s->c->model, s->index);
	struct place *p = &s->place;

	if (p->known || !row || !row->used || !is_address(row->address))
		return;
	copy_text(p->address[0], sizeof(p->address[0]), row->address);
	p->count = 1;
	p->at = 0;
	p->known = true;
}
