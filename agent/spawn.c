#include "agent/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/raw_syscall.h"

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

/* What the kernel takes, not what libc does: signal(7), rt_sigaction(2). All zero: the default. */
struct kernel_sigaction {
	unsigned long handler, flags, restorer, mask;
};

/* Signals whose action may be another than the default: all, while nobody has looked. */
static uint64_t acted_upon = UINT64_MAX;

void spawn_warm_up(void)
{
	struct sigaction now;

	for (int sig = 1; sig < NSIG; sig++)
		if (sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			acted_upon &= ~(UINT64_C(1) << (sig - 1));
}

/* From here to execve(): the child, which may share our memory. raw_syscall() leaves errno alone. */
static void default_signals(void)
{
	struct kernel_sigaction dfl = {};
	uint64_t none = 0;

	for (int sig = 1; sig < NSIG; sig++)
		if (acted_upon >> (sig - 1) & 1)
			(void)raw_syscall(SYS_rt_sigaction, sig, (long)&dfl, 0, sizeof(none));
	(void)raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof(none));
}

static int move_away(int fd)
{
	return (int)raw_syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 64, 0);
}

/* First out of the way of 0 … n, then into place. */
static int place_fds(const struct spawn *s, unsigned n, int *error)
{
	int moved[SPAWN_FDS], r;

	*error = move_away(*error);
	if (*error < 0)
		return *error;
	for (unsigned i = 0; i < n; i++) {
		int fd = i < s->nfds ? s->fds[i] : -1;

		if (fd < 0)
			fd = (int)raw_syscall(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDWR, 0);
		moved[i] = move_away(fd);
		if (moved[i] < 0)
			return moved[i];
	}
	for (unsigned i = 0; i < n; i++) {
		r = (int)raw_syscall(SYS_dup3, moved[i], (long)i, 0, 0);
		if (r < 0)
			return r;
	}
	r = (int)raw_syscall(SYS_dup3, *error, (long)n, O_CLOEXEC, 0);
	if (r < 0)
		return r;
	*error = (int)n;
	return (int)raw_syscall(SYS_close_range, (long)n + 1, ~0U, 0, 0);
}

static int become(const struct spawn *s, pid_t parent, int *error)
{
	long r;

	(void)raw_syscall(SYS_setpgid, 0, 0, 0, 0);
	default_signals();
	r = place_fds(s, MAX_OF(s->nfds, 3u), error);
	if (r < 0)
		return (int)r;
	if (s->die_with_parent) {
		r = raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
		if (r < 0)
			return (int)r;
		if (raw_syscall(SYS_getppid, 0, 0, 0, 0) != parent)
			return -ESRCH;
	}
	if (s->no_new_privs) {
		r = raw_syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
		if (r < 0)
			return (int)r;
	}
	r = raw_syscall(SYS_chdir, (long)"/", 0, 0, 0);
	if (r < 0)
		return (int)r;
	(void)raw_syscall(SYS_umask, 022, 0, 0, 0);
	r = s->check ? s->check(s->path) : 0;
	if (r < 0)
		return (int)r;
	return (int)raw_syscall(SYS_execve, (long)s->path, (long)s->argv, (long)s->envp, 0);
}

static void be_child(const struct spawn *s, pid_t parent, int error) __attribute__((noreturn));

static void be_child(const struct spawn *s, pid_t parent, int error)
{
	int r = become(s, parent, &error);

	(void)raw_syscall(SYS_write, error, (long)&r, sizeof(r), 0);
	for (;;)
		(void)raw_syscall(SYS_exit_group, 127, 0, 0, 0);
}

int spawn_start(const struct spawn *s, struct spawned *ret)
{
	pid_t parent = getpid(), pid;
	int error[2];

	if (s->nfds > SPAWN_FDS)
		return -EINVAL;
	if (pipe2(error, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	*ret = (struct spawned){.pidfd = -1, .error = error[0]};
	pid = spawn_fork(0, &ret->pidfd);
	if (!pid)
		be_child(s, parent, error[1]);
	close(error[1]);
	if (pid < 0) {
		spawn_close(ret);
		return pid;
	}
	ret->pid = pid;
	return 0;
}

int spawn_error(const struct spawned *s)
{
	int r = 0;

	return read(s->error, &r, sizeof(r)) == sizeof(r) ? r : 0;
}

void spawn_close(struct spawned *s)
{
	closep(&s->pidfd);
	closep(&s->error);
	*s = (struct spawned){.pidfd = -1, .error = -1};
}
