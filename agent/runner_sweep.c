#include "agent/runner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN_TEXT = 16384 };

static bool skipped(pid_t pid, const pid_t *skip, unsigned nskip)
{
	for (unsigned i = 0; i < nskip; i++)
		if (skip[i] == pid)
			return true;
	return false;
}

static bool read_children(char *text, size_t size)
{
	cleanup_(closep) int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

/* Killed now, gone at a later look: the dead stay in the list until somebody takes their status. */
static void end_child(pid_t pid, uint32_t *ret_killed)
{
	int status;

	(void)kill(pid, SIGKILL);
	if (waitpid(pid, &status, WNOHANG) == pid)
		*ret_killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

unsigned sweep_children(const pid_t *skip, unsigned nskip, uint32_t *ret_killed)
{
	char text[CHILDREN_TEXT];
	char *p = text, *end;
	unsigned seen = 0;

	if (!read_children(text, sizeof(text)))
		return 0;
	for (long pid = strtol(p, &end, 10); end != p; pid = strtol(p, &end, 10)) {
		p = end;
		if (pid <= 0 || skipped((pid_t)pid, skip, nskip))
			continue;
		end_child((pid_t)pid, ret_killed);
		seen++;
	}
	return seen;
}
