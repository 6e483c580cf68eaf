#include "probes/witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_ECHO = 7 };

bool witness_parse(const char *text, struct witness_address *ret)
{
	unsigned char bytes[16];
	const char *colon = strrchr(text, ':');
	char *end = NULL;
	unsigned long port = 0;
	size_t len = strlen(text);

	if (text[0] == '[') {
		const char *close = strchr(text, ']');

		if (!close || (close[1] && close[1] != ':'))
			return false;
		colon = close[1] ? close + 1 : NULL;
		len = (size_t)(close - ++text);
	} else if (colon && strchr(text, ':') == colon) {
		len = (size_t)(colon - text);
	} else {
		colon = NULL;
	}
	if (colon) {
		port = strtoul(colon + 1, &end, 10);
		if (!colon[1] || *end || !port || port > UINT16_MAX)
			return false;
	}
	*ret = (struct witness_address){.port = (uint16_t)port};
	return format_text(ret->host, sizeof(ret->host), "%.*s", (int)len, text) &&
		(inet_pton(AF_INET, ret->host, bytes) == 1 || inet_pton(AF_INET6, ret->host, bytes) == 1);
}

static socklen_t fill_address(const struct witness_address *a, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET, a->host, &v4.sin_addr) == 1) {
		memcpy(ret, &v4, sizeof(v4));
		return sizeof(v4);
	}
	if (inet_pton(AF_INET6, a->host, &v6.sin6_addr) != 1)
		return 0;
	memcpy(ret, &v6, sizeof(v6));
	return sizeof(v6);
}

/* Unprivileged echo sockets need net.ipv4.ping_group_range; without it TCP alone must do. */
static int send_echo(const struct witness_address *a)
{
	struct sockaddr_storage to = {};
	socklen_t len = fill_address(a, 0, &to);
	bool v4 = to.ss_family == AF_INET;
	struct icmphdr echo = {.type = (uint8_t)(v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST)};
	cleanup_(closep) int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		v4 ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);

	if (fd < 0 || sendto(fd, &echo, sizeof(echo), MSG_NOSIGNAL, (const struct sockaddr *)&to, len) < 0)
		return -1;
	return take_fd(&fd);
}

/* Return: a socket whose connection is under way; -1 none; @ret_answered when it was decided at once. */
static int start_connect(const struct witness_address *a, uint16_t port, bool *ret_answered)
{
	struct sockaddr_storage to = {};
	socklen_t len = fill_address(a, port, &to);
	cleanup_(closep) int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&to, len) == 0 || errno == ECONNREFUSED) {
		*ret_answered = true;
		return -1;
	}
	return errno == EINPROGRESS ? take_fd(&fd) : -1;
}

static bool connect_answered(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && (error == 0 || error == ECONNREFUSED);
}

static bool echo_answered(int fd)
{
	char reply[256];

	return recv(fd, reply, sizeof(reply), MSG_DONTWAIT) > 0;
}

static enum outcome await(struct pollfd p[2], uint32_t timeout_ms)
{
	uint64_t end = boot_ms() + timeout_ms;

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		uint64_t now = boot_ms();

		if (now >= end || poll(p, 2, (int)(end - now)) == 0)
			return OUTCOME_TIMEOUT;
		if ((p[0].fd >= 0 && p[0].revents && connect_answered(p[0].fd)) ||
			(p[1].fd >= 0 && p[1].revents && echo_answered(p[1].fd)))
			return OUTCOME_OK;
		/* an error such as "no route" ends one way of asking, not the other */
		for (int i = 0; i < 2; i++)
			if (p[i].fd >= 0 && p[i].revents) {
				close(p[i].fd);
				p[i].fd = -1;
			}
	}
	return OUTCOME_ERROR;
}

enum outcome witness_ask(const struct witness_address *a, uint32_t timeout_ms)
{
	bool answered = false;
	struct pollfd p[2] = {{.events = POLLOUT}, {.events = POLLIN}};
	enum outcome o;

	p[0].fd = start_connect(a, a->port ? a->port : PORT_ECHO, &answered);
	p[1].fd = a->port || answered ? -1 : send_echo(a);
	o = answered ? OUTCOME_OK : await(p, timeout_ms);
	closep(&p[0].fd);
	closep(&p[1].fd);
	return o;
}
