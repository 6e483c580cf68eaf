#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/log.h"
#include "agent/role.h"

enum { LOG_LINE = 1024 }; /* below PIPE_BUF: all of it fits or nothing does */

enum stderr_kind {
	STDERR_NEW,
	STDERR_SOCKET,
	STDERR_PATIENT /* write may block */,
	STDERR_NONBLOCK
};

static struct {
	enum stderr_kind kind;
	bool prefix;
	uint32_t dropped, told;
	char name[24];
} out;

static void look_at_stderr(void)
{
	struct stat st;
	int flags = fcntl(STDERR_FILENO, F_GETFL);

	out.prefix = !isatty(STDERR_FILENO);
	if (fstat(STDERR_FILENO, &st) == 0 && S_ISSOCK(st.st_mode))
		out.kind = STDERR_SOCKET;
	else
		out.kind = flags >= 0 && (flags & O_NONBLOCK) ? STDERR_NONBLOCK : STDERR_PATIENT;
}

/*
 * O_NONBLOCK belongs to the open file, which the shell that started us shares: a terminal or pipe is
 * opened anew instead, and everybody forked or executed from here on inherits that.
 */
void log_own_stderr(void)
{
	struct stat st;
	int fd = -1;

	if (fstat(STDERR_FILENO, &st) < 0)
		return;
	if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	else if (S_ISREG(st.st_mode))
		fd = log_pump_start(STDERR_FILENO);
	if (fd < 0)
		return;
	(void)dup2(fd, STDERR_FILENO);
	close(fd);
	out.kind = STDERR_NEW;
}

void log_set_name(const char *name)
{
	copy_text(out.name, sizeof(out.name), name);
	look_at_stderr();
}

static bool put(const char *line, size_t len)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (out.kind == STDERR_SOCKET)
		return send(STDERR_FILENO, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
	if (out.kind == STDERR_PATIENT && (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)))
		return false;
	return write(STDERR_FILENO, line, len) == (ssize_t)len;
}

static size_t head(char *line, int priority)
{
	size_t n = 0;
	int r;

	if (out.prefix) {
		r = snprintf(line, LOG_LINE, "<%d>", priority);
		n = r > 0 ? (size_t)r : 0;
	}
	if (out.name[0]) {
		r = snprintf(line + n, LOG_LINE - n, "%s: ", out.name);
		n += r > 0 ? (size_t)r : 0;
	}
	return n;
}

static void tell_drops(void)
{
	char line[LOG_LINE];
	size_t n = head(line, 4);
	int r = snprintf(line + n, sizeof(line) - n,
		"%u lines of log were dropped, nobody read them\n", out.dropped - out.told);

	if (r > 0 && put(line, n + (size_t)r))
		out.told = out.dropped;
}

void log_line(int priority, const char *fmt, ...)
{
	int saved = errno;
	char line[LOG_LINE];
	size_t n, room;
	va_list ap;
	int r;

	if (out.kind == STDERR_NEW)
		look_at_stderr();
	if (out.dropped != out.told)
		tell_drops();
	n = head(line, priority);
	room = sizeof(line) - n - 1;
	va_start(ap, fmt);
	r = vsnprintf(line + n, room, fmt, ap);
	va_end(ap);
	if (r > 0)
		n += MIN_OF((size_t)r, room - 1);
	/* one line is one line, whatever a device put into it */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20)
			line[i] = ' ';
	line[n++] = '\n';
	if (!put(line, n))
		out.dropped++;
	errno = saved;
}

uint32_t log_dropped(void)
{
	return out.dropped;
}
