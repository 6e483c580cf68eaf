#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "agent/caps.h"
#include "agent/instance.h"
#include "agent/log.h"
#include "agent/outbox.h"

enum { TURN_MESSAGES = 64 };

/* One role per process. */
static struct {
	struct role_start s;
	const struct role_ops *ops;
	void *state;
	bool started;
	uint32_t generation;
	sd_event_source *supervisor_io, *engine_io;
	struct outbox outbox;
} self;

static void __attribute__((noreturn)) end(int status)
{
	/* no atexit: what the zygote registered is not ours to run */
	_exit(status);
}

static void engine_gone(void)
{
	outbox_clear(&self.outbox);
	self.engine_io = sd_event_source_disable_unref(self.engine_io);
	if (self.s.engine >= 0)
		close(self.s.engine);
	self.s.engine = -1;
}

static void watch_engine(bool writable)
{
	if (self.engine_io)
		(void)sd_event_source_set_io_events(
			self.engine_io, writable ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void greet(int fd)
{
	struct msg_hello hello = {.build = build_id(),
		.role = (uint16_t)self.s.role,
		.index = (uint16_t)self.s.index,
		.pid = (uint32_t)getpid()};

	msg_offer(fd, MSG_HELLO, &hello);
}

static int engine_message(struct msg *m)
{
	if (m->type == MSG_HELLO)
		return m->u.hello.build == build_id() ? 0 : -EPROTO;
	return self.ops->engine_message ? self.ops->engine_message(self.state, m) : 0;
}

/*
 * What a link holds, a share at a time so that the other one is heard in between.
 * Return: 0 open, -EPIPE the other end is gone.
 */
static int drain(int fd, unsigned budget, int (*handle)(struct msg *m), const char *from)
{
	struct msg m;

	while (budget--) {
		int r = msg_recv(fd, &m);

		if (r <= 0)
			return r == -EAGAIN ? 0 : -EPIPE;
		r = handle(&m);
		msg_close_fds(&m);
		if (r < 0) {
			log_line(3, "cannot go on after a message from=%s type=%u error='%s'", from,
				m.type, strerror(-r));
			end(1);
		}
	}
	return 0;
}

static int drain_engine(unsigned budget)
{
	return self.s.engine < 0 ? 0 : drain(self.s.engine, budget, engine_message, "engine");
}

static int engine_io_event(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	(void)io;
	(void)userdata;
	if (revents & EPOLLOUT)
		watch_engine(outbox_flush(&self.outbox, fd) == -EAGAIN);
	if ((revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) && drain_engine(TURN_MESSAGES) < 0)
		engine_gone();
	return 0;
}

static int watch_new_engine(void)
{
	int r;

	if (self.s.engine < 0)
		return 0;
	r = sd_event_add_io(
		self.s.event, &self.engine_io, self.s.engine, EPOLLIN, engine_io_event, NULL);
	if (r >= 0 && self.outbox.bytes)
		watch_engine(true);
	return MIN_OF(r, 0);
}

int role_send(
	struct role_start *s, enum msg_type type, const void *body, const int *fds, unsigned nfds)
{
	int r;

	if (s->engine < 0) {
		self.outbox.dropped++;
		return -ENOTCONN;
	}
	r = self.outbox.bytes ? -EAGAIN : msg_send(s->engine, type, body, fds, nfds);
	if (r != -EAGAIN)
		return r;
	r = outbox_put(&self.outbox, type, body, fds, nfds);
	if (r == 0)
		watch_engine(true);
	return r;
}

static int on_listen(struct msg *m)
{
	for (unsigned i = 0; i < m->nfds && self.s.nlisten < CFG_LISTEN; i++)
		self.s.listen[self.s.nlisten++] = take_fd(&m->fds[i]);
	return 0;
}

static int on_engine(struct msg *m)
{
	int r;

	if (m->nfds != 1)
		return -EPROTO;
	if (self.s.engine >= 0)
		(void)drain_engine(UINT32_MAX);
	engine_gone();
	self.s.engine = take_fd(&m->fds[0]);
	greet(self.s.engine);
	if (!self.started)
		return 0;
	r = watch_new_engine();
	if (r == 0 && self.ops->engine_changed)
		self.ops->engine_changed(self.state);
	return r;
}

/* sd-event reads the boot id when it first sets a timer that may be late; no list lets it open a file. */
static void warm_event_loop(void)
{
	sd_event_source *timer = NULL;

	if (sd_event_add_time_relative(
		    self.s.event, &timer, CLOCK_BOOTTIME, 1000000, 500000, NULL, NULL) >= 0)
		(void)sd_event_run(self.s.event, 0);
	sd_event_source_disable_unref(timer);
}

static int begin(void)
{
	int r = self.ops->start ? self.ops->start(&self.s, &self.state) : 0;

	if (r < 0) {
		log_line(3, "cannot start: %s", strerror(-r));
		return r;
	}
	self.started = true;
	r = watch_new_engine();
	if (r < 0)
		return r;
	r = sandbox_apply(self.s.role, self.s.bus);
	if (r == -ENOSYS)
		log_line(4, "this kernel filters no system calls, going on without");
	else if (r < 0)
		log_line(3, "cannot apply the list of system calls: %s", strerror(-r));
	return r == -ENOSYS ? 0 : r;
}

static int map_credentials(struct msg *m)
{
	const void *credentials = NULL;
	size_t size = m->u.config.credentials_size, least = offsetof(struct credentials, pool);
	int r;

	if (self.s.credentials)
		munmap((void *)(uintptr_t)self.s.credentials, self.s.credentials_size);
	self.s.credentials = NULL;
	if (m->nfds < 2 || !size)
		return 0;
	r = size > least && size <= sizeof(struct credentials) ? memfd_map(m->fds[1], size, &credentials) : -EPROTO;
	if (r < 0)
		return r;
	self.s.credentials = credentials;
	self.s.credentials_size = size;
	return self.s.credentials->used == size - least ? 0 : -EPROTO;
}

static int map_config(struct msg *m, const struct config **ret, const struct secrets **ret_secrets)
{
	const void *config = NULL, *secrets = NULL;
	int r = -EPROTO;

	if (m->nfds && m->u.config.config_size == sizeof(struct config))
		r = memfd_map(m->fds[0], sizeof(struct config), &config);
	if (r == 0 && m->nfds > 1 && m->u.config.secrets_size == sizeof(struct secrets))
		r = memfd_map(m->fds[1], sizeof(struct secrets), &secrets);
	if (r < 0 || !config)
		return r < 0 ? r : -EPROTO;
	*ret = config;
	*ret_secrets = secrets;
	return (*ret)->size == sizeof(struct config) ? 0 : -EPROTO;
}

static int on_config(struct msg *m)
{
	const struct config *old = self.s.config;
	const struct secrets *old_secrets = self.s.secrets;
	int r = map_config(m, &self.s.config, &self.s.secrets);

	if (r == 0)
		r = map_credentials(m);
	if (r < 0)
		return r;
	if (!self.started)
		return begin();
	if (self.ops->config_changed)
		self.ops->config_changed(self.state);
	munmap((void *)(uintptr_t)old, sizeof(*old));
	if (old_secrets)
		munmap((void *)(uintptr_t)old_secrets, sizeof(*old_secrets));
	return 0;
}

static int supervisor_message(struct msg *m)
{
	if (m->type == MSG_HELLO)
		return m->u.hello.build == build_id() ? 0 : -EPROTO;
	if (m->type == MSG_LISTEN)
		return on_listen(m);
	if (m->type == MSG_ENGINE)
		return on_engine(m);
	if (m->type == MSG_CONFIG)
		return on_config(m);
	if (m->type == MSG_BEAT) {
		msg_offer(self.s.supervisor, MSG_BEAT, &m->u.beat);
		return 0;
	}
	if (!self.started || !self.ops->supervisor_message)
		return -EPROTO;
	return self.ops->supervisor_message(self.state, m);
}

/* The supervisor has hung up: take what the engine still said, then go. */
static void orderly_end(void)
{
	if (self.started)
		(void)drain_engine(UINT32_MAX);
	if (self.started && self.ops->stop)
		self.ops->stop(self.state);
	end(0);
}

static int supervisor_io_event(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	(void)io;
	(void)revents;
	(void)userdata;
	if (drain(fd, TURN_MESSAGES, supervisor_message, "supervisor") < 0)
		orderly_end();
	return 0;
}

static void lock_memory(bool demo)
{
	struct rlimit limit;

	/* under a finite limit this succeeds and malloc fails later */
	if (!demo && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
		self.s.locked = mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
}

static int shed_privileges(const struct instance_start *start)
{
	enum role role = self.s.role;
	enum bus bus = self.s.bus;
	int r = caps_drop(role, bus, self.s.demo);

	if (r < 0)
		return r;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	/* after the change of uid, which clears it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	if (getppid() != start->parent)
		end(0);
	if (!role_runs_programs(role, bus) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static void fill_self(const struct instance_start *start)
{
	self.ops = start->ops;
	self.s = (struct role_start){.role = start->who.role,
		.index = start->who.index,
		.bus = start->who.bus,
		.demo = start->who.demo,
		.supervisor = start->supervisor,
		.engine = -1};
	for (unsigned i = 0; i < CFG_LISTEN; i++)
		self.s.listen[i] = -1;
}

/* What tells people and acts gets the processor before what draws, writes and looks. */
static const int niceness[ROLE_COUNT] = {
	[ROLE_PROBER] = 2, [ROLE_DISCOVERER] = 0, [ROLE_SCRIBE] = 5, [ROLE_WEB] = 5, [ROLE_RESOLVER] = 5};

static int prepare(const struct instance_start *start)
{
	char name[32];
	int r;

	close(start->zygote_link);
	fill_self(start);
	format_text(name, sizeof(name), "ballast-%s", role_text(self.s.role));
	(void)prctl(PR_SET_NAME, name);
	(void)setpgid(0, 0);
	log_set_name(role_text(self.s.role));
	(void)setpriority(PRIO_PROCESS, 0, niceness[self.s.role]);
	/* nor does it interrupt them whenever it has something to do */
	if (niceness[self.s.role])
		(void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){});
	lock_memory(self.s.demo);
	r = shed_privileges(start);
	if (r < 0) {
		log_line(3, "cannot give up root: %s", strerror(-r));
		return r;
	}
	r = sd_event_new(&self.s.event);
	if (r < 0)
		return r;
	warm_event_loop();
	r = sd_event_add_io(self.s.event, &self.supervisor_io, self.s.supervisor, EPOLLIN,
		supervisor_io_event, NULL);
	if (r >= 0)
		r = sd_event_source_set_priority(self.supervisor_io, SD_EVENT_PRIORITY_IMPORTANT);
	return MIN_OF(r, 0);
}

void instance_run(const struct instance_start *start)
{
	int r = prepare(start);

	if (r < 0)
		end(1);
	greet(self.s.supervisor);
	r = sd_event_loop(self.s.event);
	if (r < 0)
		log_line(3, "event loop failed: %s", strerror(-r));
	end(r < 0);
}
