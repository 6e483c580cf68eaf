#include "agent/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t spawn_fork(uint64_t flags, int *ret_pidfd)
{
	struct clone_args args = {.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD};
	void *tid = NULL;
	long pid;

	/* libc keeps the thread's id beside its stack; only the kernel can put the child's there */
	if (prctl(PR_GET_TID_ADDRESS, &tid) == 0 && tid) {
		args.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
		args.child_tid = (uint64_t)(uintptr_t)tid;
	}
	*ret_pidfd = -1;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		return -errno;
	if (!pid)
		*ret_pidfd = -1;
	return (pid_t)pid;
}

static void default_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			(void)sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* First out of the way of 0 … n, then into place. */
static int place_fds(const struct spawn *s, unsigned n, int *error)
{
	int moved[SPAWN_FDS];

	*error = fcntl(*error, F_DUPFD_CLOEXEC, 64);
	if (*error < 0)
		return -errno;
	for (unsigned i = 0; i < n; i++) {
		int fd = i < s->nfds ? s->fds[i] : -1;

		moved[i] = fd < 0 ? open("/dev/null", O_RDWR) : fd;
		moved[i] = fcntl(moved[i], F_DUPFD_CLOEXEC, 64);
		if (moved[i] < 0)
			return -errno;
	}
	for (unsigned i = 0; i < n; i++)
		if (dup2(moved[i], (int)i) < 0)
			return -errno;
	if (dup3(*error, (int)n, O_CLOEXEC) < 0)
		return -errno;
	*error = (int)n;
	return close_range(n + 1, ~0U, 0) < 0 ? -errno : 0;
}

static int become(const struct spawn *s, pid_t parent, int *error)
{
	int r;

	(void)setpgid(0, 0);
	default_signals();
	r = place_fds(s, MAX_OF(s->nfds, 3u), error);
	if (r < 0)
		return r;
	if (s->die_with_parent) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
			return -errno;
		if (getppid() != parent)
			_exit(0);
	}
	if (s->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (chdir("/") < 0)
		return -errno;
	umask(022);
	execve(s->path, s->argv, s->envp);
	return -errno;
}

int spawn_start(const struct spawn *s, struct spawned *ret)
{
	pid_t parent = getpid();
	int error[2], pidfd;
	pid_t pid;

	if (s->nfds > SPAWN_FDS)
		return -EINVAL;
	if (pipe2(error, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	pid = spawn_fork(0, &pidfd);
	if (!pid) {
		int r = become(s, parent, &error[1]);

		if (write(error[1], &r, sizeof(r)) != sizeof(r))
			_exit(126);
		_exit(127);
	}
	close(error[1]);
	if (pid < 0) {
		close(error[0]);
		return pid;
	}
	*ret = (struct spawned){.pid = pid, .pidfd = pidfd, .error = error[0]};
	return 0;
}

int spawn_error(const struct spawned *s)
{
	int r = 0;

	return read(s->error, &r, sizeof(r)) == sizeof(r) ? r : 0;
}
