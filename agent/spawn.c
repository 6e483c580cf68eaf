#include "agent/spawn.h"

#include <errno.h>
#include <fcntl.h>
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

/* Signals whose action may be another than the default: all, while nobody has looked. */
static uint64_t acted_upon = UINT64_MAX;

void spawn_warm_up(void)
{
	struct sigaction now;

	for (int sig = 1; sig < NSIG; sig++)
		if (sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			acted_upon &= ~(UINT64_C(1) << (sig - 1));
}

static void default_signals(void)
{
	const struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		if (acted_upon >> (sig - 1) & 1)
			(void)sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int move_away(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 64);

	return moved < 0 ? -errno : moved;
}

/* First out of the way of 0 … n, then into place. */
static int place_fds(const struct spawn *s, unsigned n, int *error)
{
	int moved[SPAWN_FDS];

	*error = move_away(*error);
	if (*error < 0)
		return *error;
	for (unsigned i = 0; i < n; i++) {
		int fd = i < s->nfds ? s->fds[i] : -1;

		if (fd < 0)
			fd = open("/dev/null", O_RDWR);
		moved[i] = move_away(fd);
		if (moved[i] < 0)
			return moved[i];
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
			return -ESRCH;
	}
	if (s->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (chdir("/") < 0)
		return -errno;
	(void)umask(022);
	r = s->check ? s->check(s->path) : 0;
	if (r < 0)
		return r;
	(void)execve(s->path, s->argv, s->envp);
	return -errno;
}

static void be_child(const struct spawn *s, pid_t parent, int error) __attribute__((noreturn));

static void be_child(const struct spawn *s, pid_t parent, int error)
{
	int r = become(s, parent, &error);

	(void)!write(error, &r, sizeof(r));
	_exit(127);
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
