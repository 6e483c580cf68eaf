#include "agent/notify.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct {
	int fd;
	struct sockaddr_un address;
	socklen_t len;
} to = {.fd = -1};

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;

	if (n > 1 && n < sizeof(to.address.sun_path) && (path[0] == '/' || path[0] == '@')) {
		to.address.sun_family = AF_UNIX;
		memcpy(to.address.sun_path, path, n);
		if (path[0] == '@')
			to.address.sun_path[0] = '\0';
		to.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (path[0] == '/'));
		to.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_send(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	if (to.fd < 0)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n <= 0 || (size_t)n >= sizeof(text))
		return;
	if (sendto(to.fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL,
		    (const struct sockaddr *)&to.address, to.len) < 0)
		return;
}
