#include "agent/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/snmp_trap.h"

enum {
	RATE = 20,         /* messages a second and source */
	BURST = 200,
	DATAGRAMS = 32,    /* in one turn, so that none of the others waits */
	TELL_MS = 500
};

/* An IPv4 sender on an IPv6 socket is the IPv4 sender. */
static void address_text(const struct sockaddr_storage *a, char *text, socklen_t size)
{
	const struct sockaddr_in *v4 = (const void *)a;
	const struct sockaddr_in6 *v6 = (const void *)a;

	*text = '\0';
	if (a->ss_family == AF_INET)
		(void)inet_ntop(AF_INET, &v4->sin_addr, text, size);
	else if (a->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		(void)inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text, size);
	else if (a->ss_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &v6->sin6_addr, text, size);
}

/* "2001:db8:0::1" and "2001:db8::1" are one address. */
static bool same_address(const char *configured, const char *text)
{
	unsigned char a[16], b[16];

	if (inet_pton(AF_INET6, configured, a) == 1)
		return inet_pton(AF_INET6, text, b) == 1 && !memcmp(a, b, sizeof(a));
	return text_equal(configured, text);
}

int listener_source(const struct listener *l, const struct sockaddr_storage *a, enum listen_kind kind)
{
	const struct config *c = l->s->config;
	char text[INET6_ADDRSTRLEN];

	address_text(a, text, sizeof(text));
	for (unsigned i = 0; i < c->nsources; i++) {
		const struct cfg_source *s = &c->sources[i];

		if (s->type != SOURCE_LISTEN || !(kind == LISTEN_TRAPS ? s->traps : s->syslog))
			continue;
		for (unsigned k = 0; k < s->nfrom; k++)
			if (same_address(cfg_list(c, s->from, k), text))
				return (int)i;
	}
	return -1;
}

static bool within_rate(struct heard *h, uint64_t now_ms)
{
	h->tokens += (double)(now_ms - h->tokens_ms) * RATE / 1000;
	h->tokens = h->tokens_ms ? MIN_OF(h->tokens, (double)BURST) : BURST;
	h->tokens_ms = now_ms;
	if (h->tokens < 1) {
		h->dropped++;
		return false;
	}
	h->tokens -= 1;
	return true;
}

static void arm(struct listener *l)
{
	if (l->armed)
		return;
	l->armed = true;
	(void)sd_event_source_set_time_relative(l->timer, TELL_MS * 1000);
	(void)sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

/* The first of its kind goes out at once; a storm of them becomes one each half second. */
static void take(struct listener *l, int source, enum notice_kind kind, const char *text)
{
	struct heard *h = &l->heard[source];
	struct notice n = {.source = (uint16_t)source, .kind = (uint8_t)kind, .count = 1};

	h->changed = true;
	copy_text(h->text[kind], sizeof(h->text[kind]), text);
	if (kind == NOTICE_OTHER)
		h->unknown++;
	else if (l->armed)
		h->waiting[kind]++;
	else {
		copy_text(n.text, sizeof(n.text), text);
		if (role_send(l->s, MSG_NOTICE, &n, NULL, 0) < 0)
			h->waiting[kind]++;
	}
	arm(l);
}

bool listener_syslog(struct listener *l, int source, const char *bytes, size_t len)
{
	struct heard *h = &l->heard[source];
	struct syslog_message m;

	h->messages++;
	h->changed = true;
	if (!within_rate(h, boot_ms())) {
		arm(l);
		return false;
	}
	if (syslog_parse(bytes, len, &m))
		take(l, source, notice_kind("", m.text), m.text);
	else
		h->broken++;
	return true;
}

static void take_trap(struct listener *l, int source, const char *bytes, size_t len)
{
	struct heard *h = &l->heard[source];
	struct snmp_trap t;
	char text[1024];
	int r;

	h->messages++;
	h->changed = true;
	if (!within_rate(h, boot_ms())) {
		arm(l);
		return;
	}
	r = snmp_trap_parse(bytes, len, &t);
	if (r < 0) {
		h->broken++;
		take(l, source, NOTICE_OTHER,
			r == -EOPNOTSUPP && t.version == 3 ? "an SNMPv3 trap: give it to snmptrapd" : "a broken trap");
		return;
	}
	snmp_trap_text(&t, text, sizeof(text));
	take(l, source, notice_kind(t.oid, text), text[0] ? text : t.oid);
}

static int on_datagram(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct listener_socket *s = userdata;
	static char bytes[65536];

	(void)io;
	(void)revents;
	for (unsigned i = 0; i < DATAGRAMS; i++) {
		struct sockaddr_storage from = {};
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&from, &len);
		int source = n < 0 ? -1 : listener_source(s->listener, &from, s->kind);

		if (n < 0)
			return 0;
		if (source >= 0 && s->kind == LISTEN_TRAPS)
			take_trap(s->listener, source, bytes, (size_t)n);
		else if (source >= 0)
			(void)listener_syslog(s->listener, source, bytes, (size_t)n);
	}
	return 0;
}

static int on_connect(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct listener_socket *s = userdata;

	(void)io;
	(void)revents;
	listener_accept(s->listener, fd);
	return 0;
}

/* What was heard and means nothing to us is kept as a number and a text, and raises nothing. */
static void tell_counts(struct listener *l, unsigned source)
{
	const struct heard *h = &l->heard[source];
	struct reading r = {.source = (uint16_t)source,
		.array = l->s->config->sources[source].array,
		.plane = PLANE_SPOOFABLE,
		.kind = KIND_CHECK,
		.state = STATE_OK,
		.outcome = OUTCOME_OK,
		.slot = -1};

	copy_text(r.name, sizeof(r.name), "listen");
	copy_text(r.raw, sizeof(r.raw), "listening");
	copy_text(r.message, sizeof(r.message), h->text[NOTICE_OTHER]);
	reading_add(&r, FACT_MESSAGES, (double)h->messages);
	(void)reading_add_named(&r, "messages_not_known", (double)h->unknown);
	(void)reading_add_named(&r, "messages_dropped", (double)h->dropped);
	(void)reading_add_named(&r, "messages_broken", (double)h->broken);
	(void)role_send(l->s, MSG_READING, &r, NULL, 0);
}

/* A socket that a source names and that is not open: it hears nothing there, and that is told. */
static const struct listener_socket *deaf(const struct listener *l, unsigned source)
{
	const struct config *c = l->s->config;
	const struct cfg_source *s = &c->sources[source];
	struct listen_socket plan[CFG_LISTEN];
	int n = listen_plan(c, c->nsources, plan);

	for (int i = 0; i < n && i < (int)l->nsockets; i++) {
		cfg_text mine = plan[i].kind == LISTEN_TRAPS ? s->traps : s->syslog;

		if (mine && text_equal(cfg_str(c, mine), cfg_str(c, plan[i].address)) && !l->sockets[i].open)
			return &l->sockets[i];
	}
	return NULL;
}

static void tell_source(struct listener *l, unsigned source)
{
	const struct config *c = l->s->config;
	const struct cfg_source *s = &c->sources[source];
	const struct listener_socket *closed = deaf(l, source);
	struct job_end end = {.source = (uint16_t)source, .outcome = OUTCOME_OK};

	if (closed) {
		end.outcome = OUTCOME_REFUSED;
		format_text(end.error, sizeof(end.error), "cannot listen for %s on %s: another program does, or the address is not there",
			listen_kind_text(closed->kind), cfg_str(c, closed->kind == LISTEN_TRAPS ? s->traps : s->syslog));
	} else {
		tell_counts(l, source);
	}
	(void)role_send(l->s, MSG_JOB_END, &end, NULL, 0);
}

/* A new engine knows nothing of what is open. */
static void tell_all(void *state)
{
	struct listener *l = state;

	for (unsigned i = 0; i < l->s->config->nsources; i++)
		if (l->s->config->sources[i].type == SOURCE_LISTEN)
			tell_source(l, i);
}

static void tell_waiting(struct listener *l, unsigned source)
{
	struct heard *h = &l->heard[source];

	for (unsigned k = 0; k < NOTICE_KINDS; k++) {
		struct notice n = {.source = (uint16_t)source, .kind = (uint8_t)k, .count = h->waiting[k]};

		if (!h->waiting[k])
			continue;
		copy_text(n.text, sizeof(n.text), h->text[k]);
		if (role_send(l->s, MSG_NOTICE, &n, NULL, 0) == 0)
			h->waiting[k] = 0;
	}
}

static int on_timer(sd_event_source *timer, uint64_t usec, void *userdata)
{
	struct listener *l = userdata;

	(void)timer;
	(void)usec;
	l->armed = false;
	for (unsigned i = 0; i < l->s->config->nsources; i++) {
		struct heard *h = &l->heard[i];

		if (!h->changed || l->s->config->sources[i].type != SOURCE_LISTEN)
			continue;
		h->changed = false;
		tell_waiting(l, i);
		tell_counts(l, i);
	}
	return 0;
}

/* Numbers of sources mean something else now. */
static void config_changed(void *state)
{
	struct listener *l = state;

	memset(l->heard, 0, sizeof(l->heard));
	listener_hang_up(l);
	tell_all(l);
}

/* A socket that could not be bound is handed over all the same, so that the others keep their places. */
static bool is_bound(int fd)
{
	struct sockaddr_storage a = {};
	socklen_t len = sizeof(a);

	return getsockname(fd, (struct sockaddr *)&a, &len) == 0 && ((struct sockaddr_in *)&a)->sin_port;
}

static int watch(struct listener *l)
{
	struct listen_socket plan[CFG_LISTEN];
	int n = listen_plan(l->s->config, l->s->config->nsources, plan), r = 0;

	for (int i = 0; r >= 0 && i < n && i < (int)l->s->nlisten; i++) {
		struct listener_socket *s = &l->sockets[l->nsockets++];

		*s = (struct listener_socket){.listener = l, .kind = plan[i].kind, .fd = l->s->listen[i]};
		s->open = is_bound(s->fd);
		if (s->open)
			r = sd_event_add_io(l->s->event, &s->io, s->fd, EPOLLIN,
				s->kind == LISTEN_SYSLOG_TCP ? on_connect : on_datagram, s);
	}
	return MIN_OF(r, 0);
}

static int listener_start(struct role_start *s, void **ret_state)
{
	struct listener *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->s = s;
	*ret_state = l;
	for (unsigned i = 0; i < LISTENER_CONNECTIONS; i++)
		l->connections[i] = (struct connection){.listener = l, .fd = -1, .source = -1};
	r = sd_event_add_time(s->event, &l->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_timer, l);
	if (r >= 0)
		r = watch(l);
	if (r >= 0 && s->engine >= 0)
		tell_all(l);
	return MIN_OF(r, 0);
}

static int listener_message(void *state, struct msg *m)
{
	(void)state;
	(void)m;
	return 0;
}

const struct role_ops listener_role_ops = {.start = listener_start,
	.engine_message = listener_message,
	.engine_changed = tell_all,
	.config_changed = config_changed};
