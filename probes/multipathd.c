#include "probes/multipath.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#define MULTIPATHD_NAME "/org/kernel/linux/storage/multipathd"

struct link {
	int fd;
	uint64_t until_ms;
};

static enum outcome wait_for(const struct link *l, short events)
{
	struct pollfd p = {.fd = l->fd, .events = events};
	uint64_t now = boot_ms();
	int r;

	do
		r = now < l->until_ms ? poll(&p, 1, (int)(l->until_ms - now)) : 0;
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return OUTCOME_ERROR;
	return r ? OUTCOME_OK : OUTCOME_TIMEOUT;
}

static enum outcome put_bytes(const struct link *l, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		enum outcome o = wait_for(l, POLLOUT);

		if (o != OUTCOME_OK)
			return o;
		n = send(l->fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return OUTCOME_ERROR;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return OUTCOME_OK;
}

static enum outcome get_bytes(const struct link *l, void *data, size_t len)
{
	char *p = data;
	ssize_t n;

	while (len) {
		enum outcome o = wait_for(l, POLLIN);

		if (o != OUTCOME_OK)
			return o;
		n = recv(l->fd, p, len, MSG_DONTWAIT);
		if (!n)
			return OUTCOME_SHORT;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return OUTCOME_ERROR;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return OUTCOME_OK;
}

static enum outcome connect_outcome(int e)
{
	if (e == ECONNREFUSED || e == ENOENT)
		return OUTCOME_GONE;
	if (e == EAGAIN) /* a full backlog: it is there and does not answer */
		return OUTCOME_TIMEOUT;
	return e == EACCES || e == EPERM ? OUTCOME_REFUSED : OUTCOME_ERROR;
}

static enum outcome open_link(const char *name, struct link *l)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));

	if (strlen(name) >= sizeof(a.sun_path) - 1)
		return OUTCOME_ERROR;
	memcpy(a.sun_path + 1, name, strlen(name));
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return OUTCOME_ERROR;
	return connect(l->fd, (const struct sockaddr *)&a, len) < 0 ? connect_outcome(errno)
								    : OUTCOME_OK;
}

static enum outcome converse(const struct link *l, const char *command, char **ret, size_t *ret_len)
{
	cleanup_(freep) char *reply = NULL;
	size_t len = strlen(command) + 1;
	enum outcome o = put_bytes(l, &len, sizeof(len));

	if (o == OUTCOME_OK)
		o = put_bytes(l, command, len);
	if (o == OUTCOME_OK)
		o = get_bytes(l, &len, sizeof(len));
	if (o != OUTCOME_OK)
		return o;
	if (!len || len > MULTIPATH_REPLY_MAX)
		return OUTCOME_NONSENSE;
	reply = malloc(len + 1);
	if (!reply)
		return OUTCOME_ERROR;
	o = get_bytes(l, reply, len);
	if (o != OUTCOME_OK)
		return o;
	reply[len] = '\0';
	*ret_len = strlen(reply);
	*ret = take_ptr(reply);
	return OUTCOME_OK;
}

enum outcome multipathd_ask(
	const char *name, const char *command, uint32_t timeout_ms, char **ret, size_t *ret_len)
{
	struct link l = {.fd = -1, .until_ms = boot_ms() + timeout_ms};
	enum outcome o;

	if (strncmp(command, "show ", strlen("show ")) != 0)
		return OUTCOME_REFUSED;
	o = open_link(name ? name : MULTIPATHD_NAME, &l);
	if (o == OUTCOME_OK)
		o = converse(&l, command, ret, ret_len);
	closep(&l.fd);
	return o;
}
