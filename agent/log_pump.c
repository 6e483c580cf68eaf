#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/caps.h"
#include "agent/log.h"
#include "agent/spawn.h"

/*
 * A regular file cannot be written without waiting for its disk. So nobody but this one process
 * writes it: the others write into a pipe, and drop lines when that is full.
 */

enum { PUMP_BYTES = 16384, FINISH_MS = 1000, AGAIN_MS = 1000 };

/* Both ends of what it does are held here too: one that was killed is replaced and nobody notices. */
static struct {
	pid_t pid;
	int pidfd, from, to;
	uint64_t started_ms;
} pump = {.pidfd = -1, .from = -1, .to = -1};

static volatile sig_atomic_t finishing;

static void on_finish(int sig)
{
	(void)sig;
	finishing = 1;
}

static void write_out(const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n < 0 && errno != EINTR)
			return; /* a full disk: later lines may fit again */
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
}

/* Until everybody has closed the pipe, or until it is empty once we are told to finish. */
static void run(void)
{
	struct sigaction finish = {.sa_handler = on_finish}, ignore = {.sa_handler = SIG_IGN};
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	sigset_t term, none;
	char buf[PUMP_BYTES];
	ssize_t n;

	sigemptyset(&none);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_SETMASK, &term, NULL);
	(void)sigaction(SIGTERM, &finish, NULL);
	(void)sigaction(SIGINT, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL);
	for (;;) {
		struct timespec now = {};
		int r = ppoll(&p, 1, finishing ? &now : NULL, &none);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return;
		n = read(STDIN_FILENO, buf, sizeof(buf));
		if (n <= 0)
			return;
		write_out(buf, (size_t)n);
	}
}

static void be_pump(int from, int to)
{
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_NAME, "ballast-log");
	/* whoever says several lines is not interrupted after each */
	(void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){});
	from = fcntl(from, F_DUPFD_CLOEXEC, 16);
	to = fcntl(to, F_DUPFD_CLOEXEC, 16);
	if (from < 0 || to < 0 || dup2(from, STDIN_FILENO) < 0 || dup2(to, STDOUT_FILENO) < 0 ||
		close_range(STDERR_FILENO, ~0U, 0) < 0)
		_exit(1);
	/* it holds what it needs */
	if (caps_drop(ROLE_SUPERVISOR, BUS_SCSI, false) < 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		_exit(1);
	run();
	_exit(0);
}

static pid_t begin(void)
{
	pump.started_ms = boot_ms();
	pump.pid = spawn_fork(0, &pump.pidfd);
	if (!pump.pid)
		be_pump(pump.from, pump.to);
	return pump.pid;
}

int log_pump_start(int file)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	pump.from = fd[0];
	pump.to = fcntl(file, F_DUPFD_CLOEXEC, 3);
	if (pump.to < 0 || begin() < 0 || fcntl(fd[1], F_SETFL, O_NONBLOCK) < 0) {
		close(fd[1]);
		closep(&pump.from);
		closep(&pump.to);
		pump.from = pump.to = -1;
		return pump.pid < 0 ? pump.pid : -EIO;
	}
	return fd[1];
}

bool log_pump_check(void)
{
	siginfo_t si = {};

	if (pump.pid > 0) {
		if (waitid(P_PID, (id_t)pump.pid, &si, WEXITED | WNOHANG) < 0 || !si.si_pid)
			return false;
		closep(&pump.pidfd);
		pump.pidfd = -1;
		pump.pid = 0;
	}
	/* one that ends at once is not started in a loop */
	return pump.from >= 0 && boot_ms() - pump.started_ms >= AGAIN_MS && begin() > 0;
}

int log_pump_pid(void)
{
	return pump.pid;
}

void log_finish(void)
{
	struct pollfd p = {.fd = pump.pidfd, .events = POLLIN};

	if (pump.pid <= 0 || pump.pidfd < 0)
		return;
	(void)kill(pump.pid, SIGTERM);
	(void)poll(&p, 1, FINISH_MS);
}
