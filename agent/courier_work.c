#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/courier_helper.h"
#include "agent/spawn.h"

enum { ARGS_MAX = 32 };

void work_resolve(const struct helper_request *rq, struct helper_answer *a)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = NULL;
	int r = getaddrinfo(rq->host, NULL, &hints, &list);

	a->error = r;
	if (r)
		format_text(a->text, sizeof(a->text), "%s", r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	for (const struct addrinfo *i = r ? NULL : list; i && a->count < HELPER_ADDRESSES; i = i->ai_next)
		if (!getnameinfo(i->ai_addr, i->ai_addrlen, a->address[a->count], sizeof(a->address[0]), NULL, 0,
			    NI_NUMERICHOST))
			a->count++;
	if (list)
		freeaddrinfo(list);
}

static unsigned split(const struct helper_request *rq, char *argv[ARGS_MAX + 1], char *copy)
{
	unsigned n = 0;

	memcpy(copy, rq->argv, HELPER_ARGUMENTS);
	copy[HELPER_ARGUMENTS - 1] = 0;
	for (char *p = copy; n < rq->argc && n < ARGS_MAX && p < copy + HELPER_ARGUMENTS; p += strlen(p) + 1)
		argv[n++] = p;
	argv[n] = NULL;
	return n;
}

static bool wait_until(int pidfd, uint64_t deadline_ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	for (;;) {
		uint64_t now = boot_ms();
		int r = poll(&p, 1, (int)MIN_OF(deadline_ms > now ? deadline_ms - now : 0, (uint64_t)60000));

		if (r > 0)
			return true;
		if (boot_ms() >= deadline_ms)
			return false;
	}
}

static void read_end(const struct spawned *s, struct helper_answer *a)
{
	siginfo_t si = {};
	int r;

	if (waitid(P_PIDFD, (id_t)s->pidfd, &si, WEXITED) < 0)
		return;
	r = spawn_error(s);
	if (r < 0) {
		a->error = r;
		format_text(a->text, sizeof(a->text), "could not be started: %s", strerror(-r));
	} else if (si.si_code == CLD_EXITED) {
		a->error = si.si_status;
		format_text(a->text, sizeof(a->text), "exit status %d", si.si_status);
	} else {
		a->error = 128 + si.si_status;
		format_text(a->text, sizeof(a->text), "ended by signal %d", si.si_status);
	}
}

void work_run(const struct helper_request *rq, int stdin_fd, struct helper_answer *a)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LC_ALL=C.UTF-8";
	char copy[HELPER_ARGUMENTS], *argv[ARGS_MAX + 1];
	char *envp[] = {path, lang, NULL};
	struct spawn s = {.argv = argv, .envp = envp, .fds = {stdin_fd, -1, -1}, .nfds = 3, .die_with_parent = true,
		.no_new_privs = true};
	struct spawned child;
	int r = split(rq, argv, copy) ? 0 : -EINVAL;

	s.path = argv[0];
	if (r == 0 && stdin_fd >= 0)
		(void)lseek(stdin_fd, 0, SEEK_SET);
	if (r == 0)
		r = spawn_start(&s, &child);
	if (r < 0) {
		a->error = r;
		format_text(a->text, sizeof(a->text), "could not be started: %s", strerror(-r));
		return;
	}
	if (wait_until(child.pidfd, boot_ms() + rq->timeout_ms)) {
		read_end(&child, a);
	} else {
		a->error = -ETIME;
		format_text(a->text, sizeof(a->text), "no end within %u ms", rq->timeout_ms);
	}
	(void)kill(-child.pid, SIGKILL); /* what it left running, too */
}
