#include "agent/listen_plan.h"

#include <errno.h>

static int add(const struct config *c, struct listen_socket *ret, int n, enum listen_kind kind, cfg_text address)
{
	if (n < 0 || !address)
		return n;
	for (int i = 0; i < n; i++)
		if (ret[i].kind == kind && text_equal(cfg_str(c, ret[i].address), cfg_str(c, address)))
			return n;
	if (n == CFG_LISTEN)
		return -E2BIG;
	ret[n] = (struct listen_socket){kind, address};
	return n + 1;
}

int listen_plan(const struct config *c, unsigned nsources, struct listen_socket ret[CFG_LISTEN])
{
	int n = 0;

	for (unsigned i = 0; i < nsources && i < c->nsources; i++) {
		const struct cfg_source *s = &c->sources[i];

		if (s->type != SOURCE_LISTEN)
			continue;
		n = add(c, ret, n, LISTEN_SYSLOG_UDP, s->syslog);
		n = add(c, ret, n, LISTEN_SYSLOG_TCP, s->syslog);
		n = add(c, ret, n, LISTEN_TRAPS, s->traps);
	}
	return n;
}

const char *listen_kind_text(enum listen_kind k)
{
	static const char *const words[LISTEN_KINDS] = {[LISTEN_SYSLOG_UDP] = "syslog over UDP",
		[LISTEN_SYSLOG_TCP] = "syslog over TCP",
		[LISTEN_TRAPS] = "SNMP traps"};

	return word_in(words, ARRAY_SIZE(words), (size_t)k);
}
