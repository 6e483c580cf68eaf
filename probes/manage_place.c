/* Addresses: taken apart, looked up once. */
#include "probes/manage_look.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <resolv.h>

uint16_t place_host(const char *address, char *host, size_t size, uint16_t otherwise)
{
	const char *colon = strchr(address, ':'), *close = *address == '[' ? strchr(address, ']') : NULL;
	size_t len = strlen(address);

	if (close) {
		address++;
		len = (size_t)(close - address);
		colon = close[1] == ':' ? close + 1 : NULL;
	} else if (colon && strchr(colon + 1, ':')) {
		colon = NULL;
	} else if (colon) {
		len = (size_t)(colon - address);
	}
	format_text(host, size, "%.*s", (int)len, address);
	return colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : otherwise;
}

static bool is_literal(const char *host)
{
	struct in6_addr bytes;

	return inet_pton(AF_INET, host, &bytes) == 1 || inet_pton(AF_INET6, host, &bytes) == 1;
}

/* A dead name server must not take longer than the job may. */
static int look_up(const char *host, char *ret, size_t size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	int r;

	if (res_init() == 0) {
		_res.retrans = 1;
		_res.retry = 1;
	}
	r = getaddrinfo(host, NULL, &hints, &found);
	if (r == 0)
		r = getnameinfo(found->ai_addr, found->ai_addrlen, ret, (socklen_t)size, NULL, 0, NI_NUMERICHOST);
	if (found)
		freeaddrinfo(found);
	return r ? -EHOSTUNREACH : 0;
}

int place_resolve(struct manage_place *p, const char *address)
{
	char host[128], numbers[48] = "";
	int r = 0;

	if (p->resolved[0])
		return 0;
	(void)place_host(address, host, sizeof(host), 0);
	if (is_literal(host))
		copy_text(numbers, sizeof(numbers), host);
	else
		r = look_up(host, numbers, sizeof(numbers));
	if (r == 0)
		copy_text(p->resolved, sizeof(p->resolved), numbers);
	return r;
}

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	for (const unsigned char *p = data; len--; p++)
		h = (h ^ *p) * UINT64_C(1099511628211);
	return h;
}

static uint64_t key_of(const struct manage_settings *s, enum source_type type)
{
	uint8_t head[] = {(uint8_t)type, s->transport, s->tls, s->naddress};
	uint64_t h = hash(UINT64_C(14695981039346656037), head, sizeof(head));

	for (unsigned i = 0; i < s->naddress; i++)
		h = hash(h, s->address[i], strlen(s->address[i]) + 1);
	for (unsigned i = 0; i < s->npins; i++)
		h = hash(h, s->pin[i], strlen(s->pin[i]) + 1);
	h = hash(h, s->user, strlen(s->user) + 1);
	h = hash(h, s->secret, strlen(s->secret) + 1);
	return h ? h : 1;
}

struct manage_memory *manage_recall(
	struct manage_memories *all, const struct manage_settings *s, enum source_type type, uint64_t now_ms)
{
	uint64_t key = key_of(s, type);
	struct manage_memory *m = &all->of[0];

	for (unsigned i = 0; i < MANAGE_MEMORIES; i++) {
		if (all->of[i].key == key) {
			all->of[i].used_ms = now_ms;
			return &all->of[i];
		}
		if (all->of[i].used_ms < m->used_ms)
			m = &all->of[i];
	}
	*m = (struct manage_memory){.key = key, .used_ms = now_ms};
	return m;
}
