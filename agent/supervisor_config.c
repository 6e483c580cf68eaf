#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/spawn.h"
#include "agent/supervisor.h"

enum { REPLY_FD = 3 };

static void held_close(struct held *h)
{
	closep(&h->fd);
	*h = (struct held){.fd = -1};
}

static void held_move(struct held *to, struct held *from)
{
	if (from->fd < 0)
		return;
	held_close(to);
	*to = *from;
	*from = (struct held){.fd = -1};
}

static void loader_forget(struct supervisor *s)
{
	s->loader.child = sd_event_source_disable_unref(s->loader.child);
	s->loader.timer = sd_event_source_disable_unref(s->loader.timer);
	closep(&s->loader.link);
	s->loader.link = -1;
	held_close(&s->loader.config);
	held_close(&s->loader.secrets);
	held_close(&s->loader.credentials);
	held_close(&s->loader.checkpoint);
	s->loader.pid = 0;
}

static void finish(struct supervisor *s, bool ok, struct msg_reloaded *why)
{
	bool again = s->loader.again;

	loader_forget(s);
	s->loader.again = false;
	why->first_error[sizeof(why->first_error) - 1] = '\0';
	supervisor_loaded(s, ok, why);
	if (again && !s->stopping)
		sup_config_read(s);
}

/* Sockets were opened as root at start; nobody expects them to move under open connections. */
static void tell_what_waits(const struct config *old, const struct config *new)
{
	bool same = old->nlisten == new->nlisten;

	for (unsigned i = 0; same && i < new->nlisten; i++)
		same = text_equal(cfg_str(old, old->listen[i]), cfg_str(new, new->listen[i]));
	if (!same)
		log_line(4,
			"listen addresses change at the next start, keeping the old ones");
}

static int take_over(struct supervisor *s)
{
	const void *config;
	int r;

	if (s->loader.config.fd < 0 || s->loader.secrets.fd < 0 ||
		s->loader.config.size != sizeof(struct config))
		return -EPROTO;
	r = memfd_map(s->loader.config.fd, sizeof(struct config), &config);
	if (r < 0)
		return r;
	if (s->config) {
		tell_what_waits(s->config, config);
		munmap((void *)(uintptr_t)s->config, sizeof(*s->config));
	}
	s->config = config;
	s->generation = s->config->generation;
	sup_give_control(s, s->control_path);
	held_move(&s->config_fd, &s->loader.config);
	held_move(&s->secrets, &s->loader.secrets);
	held_close(&s->credentials);
	held_move(&s->credentials, &s->loader.credentials);
	if (s->checkpoint.fd < 0)
		held_move(&s->checkpoint, &s->loader.checkpoint);
	return 0;
}

static void keep(struct held *h, struct msg *m, unsigned i, uint64_t size)
{
	if (i >= m->nfds)
		return;
	held_close(h);
	h->fd = take_fd(&m->fds[i]);
	h->size = size;
}

/* Everything it has sent; true when its last word was among it. */
static bool listen_to_loader(struct supervisor *s, struct msg_reloaded *ret)
{
	struct msg m;
	bool done = false;

	while (!done && msg_recv(s->loader.link, &m) > 0) {
		if (m.type == MSG_CONFIG) {
			keep(&s->loader.config, &m, 0, m.u.config.config_size);
			keep(&s->loader.secrets, &m, 1, m.u.config.secrets_size);
			keep(&s->loader.credentials, &m, 2, m.u.config.credentials_size);
		} else if (m.type == MSG_CHECKPOINT) {
			keep(&s->loader.checkpoint, &m, 0, m.u.checkpoint.size);
		} else if (m.type == MSG_RELOADED) {
			*ret = m.u.reloaded;
			done = true;
		}
		msg_close_fds(&m);
	}
	return done;
}

static int on_child(sd_event_source *child, const siginfo_t *si, void *userdata)
{
	struct supervisor *s = userdata;
	struct msg_reloaded why = {.errors = 1};

	(void)child;
	if (!listen_to_loader(s, &why))
		format_text(why.first_error, sizeof(why.first_error),
			"reading the configuration ended early (%s %d)",
			si->si_code == CLD_EXITED ? "status" : "signal", si->si_status);
	if (why.ok && take_over(s) < 0) {
		why = (struct msg_reloaded){.errors = 1};
		copy_text(why.first_error, sizeof(why.first_error),
			"the configuration arrived incomplete");
	}
	finish(s, why.ok, &why);
	return 0;
}

/* A disk that hangs hangs the child; it is killed, and left when that does not help either. */
static int on_timeout(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct supervisor *s = userdata;
	struct msg_reloaded why = {.errors = 1};

	(void)t;
	(void)usec;
	(void)sd_event_source_send_child_signal(s->loader.child, SIGKILL, NULL, 0);
	format_text(why.first_error, sizeof(why.first_error),
		"the configuration could not be read within %d s", LOADER_MS / 1000);
	finish(s, false, &why);
	return 0;
}

static void be_loader(const struct supervisor *s, int reply, pid_t parent)
{
	struct loader_request rq = s->request;
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
		dup2(reply, REPLY_FD) < 0 || close_range(REPLY_FD + 1, ~0U, 0) < 0)
		_exit(1);
	(void)prctl(PR_SET_NAME, "ballast-loader");
	rq.bound = s->control_path[0] ? s->control_path : NULL;
	rq.generation = s->generation + 1;
	rq.initial = !s->booted;
	_exit(loader_run(&rq, REPLY_FD));
}

static int watch(struct supervisor *s, int pidfd)
{
	int r = sd_event_add_child_pidfd(s->event, &s->loader.child, pidfd, WEXITED, on_child, s);

	if (r < 0) {
		close(pidfd);
		return r;
	}
	(void)sd_event_source_set_child_pidfd_own(s->loader.child, true);
	return sd_event_add_time_relative(s->event, &s->loader.timer, CLOCK_MONOTONIC,
		LOADER_MS * 1000ULL, 1000, on_timeout, s);
}

void sup_config_read(struct supervisor *s)
{
	struct msg_reloaded why = {.errors = 1};
	int pair[2], pidfd = -1, r;
	pid_t parent = getpid(), pid;

	if (s->loader.pid) {
		s->loader.again = true;
		return;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		format_text(why.first_error, sizeof(why.first_error), "no link to the loader: %m");
		finish(s, false, &why);
		return;
	}
	pid = spawn_fork(0, &pidfd);
	if (!pid)
		be_loader(s, pair[1], parent);
	close(pair[1]);
	s->loader.link = pair[0];
	s->loader.pid = pid > 0 ? pid : 0;
	r = pid < 0 ? pid : watch(s, pidfd);
	if (r < 0) {
		format_text(
			why.first_error, sizeof(why.first_error), "no loader: %s", strerror(-r));
		finish(s, false, &why);
	}
}

int sup_config_send(struct slot *slot)
{
	struct supervisor *s = slot->sup;
	struct msg_config c = {.config_size = s->config_fd.size,
		.generation = s->generation,
		.initial = slot->state == SLOT_FORKING};
	bool manages = role_executable(slot->role, slot->bus) == EXE_MANAGE && s->credentials.fd >= 0;
	bool courier = slot->role == ROLE_COURIER;
	int fds[2] = {s->config_fd.fd, courier ? s->secrets.fd : s->credentials.fd};

	if (courier)
		c.secrets_size = s->secrets.size;
	if (manages)
		c.credentials_size = s->credentials.size;
	return msg_send(slot->link, MSG_CONFIG, &c, fds, courier || manages ? 2 : 1);
}
