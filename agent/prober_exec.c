#include "agent/prober_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/spawn.h"
#include "probes/exec_parse.h"

enum {
	KILL_WAIT_MS = 1000,
	SWEEP_ROUNDS = 200,
	SWEEP_PAUSE_MS = 2,
	CHUNK = 16384,
	STDERR_MAX = 120
};

struct run {
	struct spawned child;
	int out, err;
	uint64_t deadline_ms;
	char *output;
	size_t len, capacity;
	char stderr_text[STDERR_MAX + 1];
	size_t stderr_len;
	bool too_much;
};

static int make_pipe(int *ret_read, int *ret_write)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = p[0];
	*ret_write = p[1];
	return fcntl(p[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int start(struct run *r, char *const *argv, int in)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C.UTF-8";
	char *const envp[] = {path, lang, NULL};
	cleanup_(closep) int out = -1, err = -1;
	struct spawn s = {.path = argv[0],
		.argv = argv,
		.envp = envp,
		.fds = {in, -1, -1},
		.nfds = 3,
		.die_with_parent = true,
		.no_new_privs = true};
	int e = make_pipe(&r->out, &out);

	if (e == 0)
		e = make_pipe(&r->err, &err);
	if (e < 0)
		return e;
	s.fds[1] = out;
	s.fds[2] = err;
	return spawn_start(&s, &r->child);
}

static bool grow(struct run *r)
{
	size_t capacity = r->capacity ? 2 * r->capacity : CHUNK;
	char *more;

	if (r->capacity - r->len >= CHUNK)
		return true;
	more = realloc(r->output, capacity + CHUNK);
	if (!more)
		return false;
	r->output = more;
	r->capacity = capacity + CHUNK;
	return true;
}

/* 0 more may come, 1 end of file. */
static int take_output(struct run *r)
{
	ssize_t n;

	for (;;) {
		if (r->len > EXEC_OUTPUT_MAX || !grow(r)) {
			r->too_much = true;
			return 1;
		}
		n = read(r->out, r->output + r->len, CHUNK);
		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : 1;
		r->len += (size_t)n;
	}
}

static int take_stderr(struct run *r)
{
	char chunk[512];
	ssize_t n;

	while ((n = read(r->err, chunk, sizeof(chunk))) > 0) {
		size_t take = MIN_OF((size_t)n, STDERR_MAX - r->stderr_len);

		memcpy(r->stderr_text + r->stderr_len, chunk, take);
		r->stderr_len += take;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : 1;
}

static int left_ms(const struct run *r)
{
	uint64_t now = boot_ms();

	return now >= r->deadline_ms ? 0 : (int)MIN_OF(r->deadline_ms - now, (uint64_t)INT32_MAX);
}

/* Until it has ended, or has said too much, or its time is over. True when it ended. */
static bool watch(struct run *r)
{
	struct pollfd p[3] = {
		{r->out, POLLIN, 0}, {r->err, POLLIN, 0}, {r->child.pidfd, POLLIN, 0}};

	while (!r->too_much && left_ms(r)) {
		if (poll(p, 3, left_ms(r)) < 0 && errno != EINTR)
			return false;
		if (p[0].revents && take_output(r))
			p[0].fd = -1;
		if (p[1].revents && take_stderr(r))
			p[1].fd = -1;
		if (p[2].revents) {
			if (p[0].fd >= 0)
				(void)take_output(r);
			return true;
		}
	}
	return false;
}

static bool ended_within(int pidfd, int ms)
{
	struct pollfd p = {pidfd, POLLIN, 0};

	return poll(&p, 1, ms) > 0;
}

static void kill_children(void)
{
	cleanup_(freep) char *list = NULL;
	char path[64], *at, *end;

	format_text(path, sizeof(path), "/proc/self/task/%d/children", (int)syscall(SYS_gettid));
	if (slurp(path, 65536, &list, NULL) < 0)
		return;
	for (at = list;; at = end) {
		long pid = strtol(at, &end, 10);

		if (end == at || pid <= 1)
			return;
		(void)kill((pid_t)pid, SIGKILL);
	}
}

/* What it started and left becomes our child when its parent is gone, generation after generation.
 */
static void sweep(void)
{
	for (unsigned round = 0; round < SWEEP_ROUNDS; round++) {
		int reaped;

		kill_children();
		while ((reaped = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (reaped < 0)
			return;
		(void)poll(NULL, 0, SWEEP_PAUSE_MS);
	}
}

static void first_line(struct run *r)
{
	char clean[STDERR_MAX + 1];

	r->stderr_text[strcspn(r->stderr_text, "\n")] = '\0';
	copy_device_text(clean, sizeof(clean), r->stderr_text, strlen(r->stderr_text));
	copy_text(r->stderr_text, sizeof(r->stderr_text), clean);
}

static enum outcome say(
	struct exec_result *ret, const struct run *r, enum outcome o, const char *what)
{
	format_text(ret->error, sizeof(ret->error), "%s%s%s", what, r->stderr_text[0] ? ": " : "",
		r->stderr_text);
	return o;
}

static enum outcome say_number(
	struct exec_result *ret, const struct run *r, enum outcome o, const char *what, int n)
{
	char text[64];

	format_text(text, sizeof(text), "%s %d", what, n);
	return say(ret, r, o, text);
}

static enum outcome conclude(struct run *r, bool ended, struct exec_result *ret)
{
	siginfo_t info = {};
	int e;

	if (r->too_much)
		return say(ret, r, OUTCOME_ERROR, "it printed more than 1 MiB");
	if (!ended)
		return say(ret, r, OUTCOME_TIMEOUT, "it did not end in time");
	e = spawn_error(&r->child);
	if (e < 0)
		return say(ret, r, OUTCOME_REFUSED, strerror(-e));
	if (waitid(P_PIDFD, (id_t)r->child.pidfd, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		!info.si_pid)
		return say(ret, r, OUTCOME_ERROR, "how it ended is not known");
	if (info.si_code != CLD_EXITED)
		return say_number(ret, r, OUTCOME_ERROR, "it was ended by signal", info.si_status);
	ret->status = info.si_status;
	if (info.si_status)
		return say_number(
			ret, r, OUTCOME_ERROR, "it ended with exit status", info.si_status);
	return OUTCOME_OK;
}

static void finish(struct run *r, struct exec_result *ret)
{
	bool ended = watch(r);

	(void)take_stderr(r);
	first_line(r);
	ret->outcome = conclude(r, ended, ret);
	(void)kill(-r->child.pid, SIGKILL);
	if (!ended && !ended_within(r->child.pidfd, KILL_WAIT_MS))
		ret->outcome =
			say(ret, r, OUTCOME_STUCK, "it did not end in time and cannot be killed");
	sweep();
	ret->output = take_ptr(r->output);
	ret->len = r->len;
}

void exec_run_fed(char *const *argv, int in, uint32_t timeout_ms, struct exec_result *ret)
{
	struct run r = {.child = {.pidfd = -1, .error = -1},
		.out = -1,
		.err = -1,
		.deadline_ms = boot_ms() + timeout_ms};
	int e;

	*ret = (struct exec_result){.status = -1};
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	e = start(&r, argv, in);
	if (e < 0)
		ret->outcome = say(ret, &r, OUTCOME_REFUSED, strerror(-e));
	else
		finish(&r, ret);
	closep(&r.out);
	closep(&r.err);
	closep(&r.child.pidfd);
	closep(&r.child.error);
	free(r.output);
}

void exec_run(char *const *argv, uint32_t timeout_ms, struct exec_result *ret)
{
	exec_run_fed(argv, -1, timeout_ms, ret);
}
