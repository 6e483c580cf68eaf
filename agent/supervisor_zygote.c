#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/spawn.h"
#include "agent/supervisor.h"

static void zygote_spawn(struct zygote_proc *z);

static void forget(struct zygote_proc *z)
{
	z->ready = false;
	z->io = sd_event_source_disable_unref(z->io);
	z->timer = sd_event_source_disable_unref(z->timer);
	if (z->link >= 0)
		close(z->link);
	if (z->error >= 0)
		close(z->error);
	z->link = z->error = -1;
}

/* Whoever was asked for and not answered is asked for again once there is a zygote. */
static void give_back(struct zygote_proc *z)
{
	struct slot *waiting[SUP_PENDING];
	unsigned n = z->npending;

	memcpy(waiting, z->pending, sizeof(waiting[0]) * n);
	z->npending = 0;
	for (unsigned i = 0; i < n; i++)
		slot_retry(waiting[i]);
}

static int retry_event(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct zygote_proc *z = userdata;

	(void)t;
	(void)usec;
	z->timer = sd_event_source_disable_unref(z->timer);
	zygote_spawn(z);
	return 0;
}

static void retry_later(struct zygote_proc *z)
{
	uint64_t wait_ms = z->fails ? MIN_OF((uint64_t)50 << MIN_OF(z->fails, 10u),
					      (uint64_t)ZYGOTE_RETRY_MAX_MS)
				    : 0;

	z->fails++;
	z->timer = sd_event_source_disable_unref(z->timer);
	if (sd_event_add_time_relative(z->sup->event, &z->timer, CLOCK_MONOTONIC, wait_ms * 1000, 1,
		    retry_event, z) < 0)
		log_line(3, "no memory to restart zygote exe='%s'", executable_name(z->exe));
}

static int on_child(sd_event_source *child, const siginfo_t *si, void *userdata)
{
	struct zygote_proc *z = userdata;
	struct supervisor *s = z->sup;
	struct spawned sp = {.error = z->error};
	int error = z->error >= 0 ? spawn_error(&sp) : 0;

	(void)child;
	z->child = sd_event_source_disable_unref(z->child);
	z->pid = 0;
	forget(z);
	give_back(z);
	if (s->stopping)
		return 0;
	if (!s->booted) {
		if (error)
			supervisor_fail(s,
				"cannot execute '%s': %s; build or install all of Ballast", z->path,
				strerror(-error));
		else
			supervisor_fail(s, "'%s' ended at start (%s %d)", z->path,
				si->si_code == CLD_EXITED ? "status" : "signal", si->si_status);
		return 0;
	}
	log_line(4, "zygote ended exe='%s' %s=%d%s%s, starting it again", executable_name(z->exe),
		si->si_code == CLD_EXITED ? "status" : "signal", si->si_status,
		error ? " error=" : "", error ? strerror(-error) : "");
	retry_later(z);
	return 0;
}

/* One that hangs, perhaps in opening its executable, is replaced; if it cannot be killed it is left. */
static int on_timeout(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct zygote_proc *z = userdata;

	(void)t;
	(void)usec;
	z->timer = sd_event_source_disable_unref(z->timer);
	log_line(3, "zygote does not answer, ending it exe='%s'", executable_name(z->exe));
	if (z->child)
		(void)sd_event_source_send_child_signal(z->child, SIGKILL, NULL, 0);
	if (!z->sup->booted)
		supervisor_fail(z->sup, "'%s' does not start: its disk may hang", z->path);
	return 0;
}

static void limit(struct zygote_proc *z, uint64_t ms)
{
	z->timer = sd_event_source_disable_unref(z->timer);
	if (ms && sd_event_add_time_relative(z->sup->event, &z->timer, CLOCK_MONOTONIC, ms * 1000,
			  1, on_timeout, z) < 0)
		log_line(3, "no memory for a deadline exe='%s'", executable_name(z->exe));
}

static int on_hello(struct zygote_proc *z, const struct msg *m)
{
	if (m->u.hello.build != build_id()) {
		if (!z->sup->booted)
			supervisor_fail(z->sup,
				"'%s' is of another build: install all of Ballast from one",
				z->path);
		return -EPROTO;
	}
	z->ready = true;
	z->fails = 0;
	limit(z, 0);
	supervisor_zygote_ready(z->sup);
	return 0;
}

static int on_forked(struct zygote_proc *z, struct msg *m)
{
	struct slot *slot = z->npending ? z->pending[0] : NULL;

	if (!slot)
		return -EPROTO;
	z->npending--;
	memmove(z->pending, z->pending + 1, sizeof(z->pending[0]) * z->npending);
	limit(z, z->npending ? FORK_MS : 0);
	if (m->u.forked.error || m->nfds != 1)
		slot_forked(slot, -(m->u.forked.error ? m->u.forked.error : EPROTO), -1);
	else
		slot_forked(slot, m->u.forked.pid, take_fd(&m->fds[0]));
	supervisor_zygote_ready(z->sup); /* room for those that did not fit */
	return 0;
}

static int on_io(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct zygote_proc *z = userdata;
	struct msg m;
	int r;

	(void)io;
	(void)revents;
	while (z->link == fd && (r = msg_recv(fd, &m)) != -EAGAIN) {
		if (r > 0 && m.type == MSG_HELLO)
			r = on_hello(z, &m);
		else if (r > 0 && m.type == MSG_FORKED)
			r = on_forked(z, &m);
		else
			r = -EPROTO;
		msg_close_fds(&m);
		if (r < 0) {
			/* its death, which this brings about or follows, does the rest */
			z->io = sd_event_source_disable_unref(z->io);
			if (z->child)
				(void)sd_event_source_send_child_signal(z->child, SIGKILL, NULL, 0);
			return 0;
		}
	}
	return 0;
}

static int watch(struct zygote_proc *z, const struct spawned *sp)
{
	int r = sd_event_add_child_pidfd(z->sup->event, &z->child, sp->pidfd, WEXITED, on_child, z);

	if (r < 0) {
		close(sp->pidfd);
		return r;
	}
	(void)sd_event_source_set_child_pidfd_own(z->child, true);
	return sd_event_add_io(z->sup->event, &z->io, z->link, EPOLLIN, on_io, z);
}

static void zygote_spawn(struct zygote_proc *z)
{
	char *argv[] = {z->path, (char *)(uintptr_t)ZYGOTE_OPTION, NULL};
	struct spawn what = {
		.path = z->path, .argv = argv, .envp = environ, .nfds = 4, .die_with_parent = true};
	struct spawned sp;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		retry_later(z);
		return;
	}
	what.fds[0] = what.fds[1] = -1;
	what.fds[STDERR_FILENO] = STDERR_FILENO;
	what.fds[ZYGOTE_FD] = pair[1];
	r = spawn_start(&what, &sp);
	close(pair[1]);
	if (r < 0) {
		close(pair[0]);
		retry_later(z);
		return;
	}
	z->pid = sp.pid;
	z->link = pair[0];
	z->error = sp.error;
	r = watch(z, &sp);
	if (r < 0)
		supervisor_fail(z->sup, "cannot watch a child: %s", strerror(-r));
	limit(z, HELLO_MS);
}

int zygote_fork(struct zygote_proc *z, struct slot *slot, int fd)
{
	struct msg_fork f = {.role = (uint16_t)slot->role,
		.index = slot->index,
		.bus = (uint8_t)slot->bus,
		.demo = z->sup->demo};
	int r;

	if (!z->ready || z->npending == SUP_PENDING)
		return -EAGAIN;
	r = msg_send(z->link, MSG_FORK, &f, &fd, 1);
	if (r < 0)
		return -EAGAIN;
	z->pending[z->npending++] = slot;
	if (z->npending == 1)
		limit(z, FORK_MS);
	return 0;
}

/* The build tree keeps ballast-web in another folder; an installed Ballast has all beside each other. */
static int find_executable(struct zygote_proc *z, const char *self)
{
	static const char *const places[] = {
		"", "../web/", "../probes/", "../agent/", "../libexec/ballast/", "../lib/ballast/"};
	const char *slash = strrchr(self, '/');
	int dir = slash ? (int)(slash - self) + 1 : 0;

	if (z->exe == EXE_BALLASTD)
		return copy_text(z->path, sizeof(z->path), self) ? 0 : -ENAMETOOLONG;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (format_text(z->path, sizeof(z->path), "%.*s%s%s", dir, self, places[i],
			    executable_name(z->exe)) &&
			!access(z->path, X_OK))
			return 0;
	if (format_text(
		    z->path, sizeof(z->path), "/usr/libexec/ballast/%s", executable_name(z->exe)) &&
		!access(z->path, X_OK))
		return 0;
	return -ENOENT;
}

static bool is_wanted(const struct supervisor *s, enum executable e)
{
	bool wanted = e != EXE_MANAGE;

	for (unsigned i = 0; !wanted && i < s->config->nsources; i++)
		wanted = s->config->sources[i].address;
	return wanted;
}

int zygotes_start(struct supervisor *s)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return -errno;
	self[n] = '\0';
	for (unsigned e = 0; e < EXE_COUNT; e++) {
		struct zygote_proc *z = &s->zygotes[e];

		z->exe = (enum executable)e;
		if (find_executable(z, self) < 0 && is_wanted(s, z->exe)) {
			supervisor_fail(s,
				"'%s' is not beside '%s' nor in /usr/libexec/ballast: build or install "
				"all of Ballast",
				executable_name(z->exe), self);
			return -ENOENT;
		}
	}
	zygotes_sync(s);
	return 0;
}

void zygotes_sync(struct supervisor *s)
{
	for (unsigned e = 0; e < EXE_COUNT; e++) {
		struct zygote_proc *z = &s->zygotes[e];

		if (z->wanted || !is_wanted(s, (enum executable)e))
			continue;
		z->wanted = true;
		zygote_spawn(z);
	}
}

void zygotes_stop(struct supervisor *s)
{
	for (unsigned e = 0; e < EXE_COUNT; e++)
		forget(&s->zygotes[e]);
}
