#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/caps.h"
#include "agent/log.h"
#include "agent/notify.h"
#include "agent/supervisor.h"

void supervisor_fail(struct supervisor *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (s->exit_status)
		return; /* the first cause has been told */
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_line(3, "%s", text);
	s->exit_status = 1;
	(void)sd_event_exit(s->event, 1);
}

static bool has_source(const struct config *c, enum source_type type)
{
	for (unsigned i = 0; i < c->nsources; i++)
		if (c->sources[i].type == type)
			return true;
	return false;
}

static void sync_role(struct supervisor *s, enum role role, bool wanted)
{
	struct slot *slot = slot_find(s, role, 0, BUS_SCSI);

	if (wanted && !slot) {
		slot = slot_add(s, role, 0, BUS_SCSI);
		if (slot)
			slot_start(slot);
	} else if (!wanted && slot) {
		slot_abandon(slot);
	}
}

void supervisor_sync_roles(struct supervisor *s)
{
	static const enum role always[] = {
		ROLE_ENGINE, ROLE_SCRIBE, ROLE_COURIER, ROLE_WEB, ROLE_RUNNER};

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		sync_role(s, always[i], true);
	sync_role(s, ROLE_DISCOVERER,
		has_source(s->config, SOURCE_DRIVES) || has_source(s->config, SOURCE_PATHS) ||
			has_source(s->config, SOURCE_ENCLOSURE));
	/* its sockets come with its start: other ones, another listener */
	if (sup_hear(s))
		sync_role(s, ROLE_LISTENER, false);
	sync_role(s, ROLE_LISTENER, has_source(s->config, SOURCE_LISTEN));
	sync_role(s, ROLE_SCENARIO, has_source(s->config, SOURCE_SCENARIO));
}

static void say_where(const struct supervisor *s)
{
	const char *address = s->config->nlisten ? cfg_str(s->config, s->config->listen[0]) : "";
	char self[PATH_MAX] = "";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = n > 0 ? strrchr(self, '/') : NULL;

	if (slash)
		*slash = '\0';
	if (s->demo)
		log_line(5,
			"demo: open http://%s/ or try '%s/ballastctl --control %s status'; files only in %s",
			address, self, s->control_path,
			cfg_str(s->config, s->config->state_directory));
	else
		log_line(5, "watching: page at http://%s/, control socket %s", address,
			s->control_path);
}

/* Everything is loaded and locked: from here on the disk may go. */
static void boot(struct supervisor *s)
{
	s->booted = true;
	supervisor_sync_roles(s);
	say_where(s);
}

void supervisor_zygote_ready(struct supervisor *s)
{
	bool all = true;

	for (unsigned e = 0; e < EXE_COUNT; e++)
		all = all && (s->zygotes[e].ready || !s->zygotes[e].wanted);
	if (!s->booted && all && !s->exit_status)
		boot(s);
	if (!s->booted)
		return;
	for (unsigned i = 0; i < SUP_SLOTS; i++)
		if (s->slots[i].state == SLOT_WAITING && !s->slots[i].retry)
			slot_start(&s->slots[i]);
}

/* The one who writes there is the scribe, and only the scribe. */
static void give_state_directory(const struct supervisor *s)
{
	const char *path = cfg_str(s->config, s->config->state_directory);
	uid_t uid = caps_uid(ROLE_SCRIBE, BUS_SCSI);
	struct stat st;

	if (!*path)
		return;
	if (mkdir(path, 0750) < 0 && errno != EEXIST)
		log_line(4,
			"cannot make the state directory, going on without a journal path='%s' error='%m'",
			path);
	if (geteuid() || s->demo || lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) ||
		st.st_uid == uid)
		return;
	if (sup_give_tree(path, uid) < 0)
		log_line(4, "cannot give the state directory to its user path='%s' uid=%u", path,
			uid);
}

/* Two that write the same marks and the same journal lose each other's; the lock ends with the process. */
static int claim_state_directory(struct supervisor *s)
{
	const char *path = cfg_str(s->config, s->config->state_directory);
	int fd = *path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0; /* open until the end */
	close(fd);
	supervisor_fail(s, "another ballastd uses the state directory %s; stop it or choose another with --state", path);
	return -EBUSY;
}

static int first_config(struct supervisor *s)
{
	if (s->demo) {
		const char *state = cfg_str(s->config, s->config->state_directory);

		/* the loader made it: it is ours to remove, and a reload has to use it again */
		if (!s->request.state && copy_text(s->temporary, sizeof(s->temporary), state))
			s->request.state = s->temporary;
	}
	give_state_directory(s);
	if (sup_listen_all(s) < 0 || claim_state_directory(s) < 0)
		return -EIO;
	return zygotes_start(s);
}

static void spread_config(struct supervisor *s)
{
	for (unsigned i = 0; i < SUP_SLOTS; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state != SLOT_RUNNING && slot->state != SLOT_FORKING)
			continue;
		if (sup_config_send(slot) < 0)
			slot_kill(slot); /* it gets the new one when it is forked again */
	}
	zygotes_sync(s);
	supervisor_sync_roles(s);
}

void supervisor_loaded(struct supervisor *s, bool ok, const struct msg_reloaded *why)
{
	if (!s->booted) {
		/* the loader has written every error to stderr already */
		if (!ok)
			supervisor_fail(s, "not started, first of %u errors: %s", why->errors,
				why->first_error);
		else
			(void)first_config(s);
		return;
	}
	if (ok)
		spread_config(s);
	else
		log_line(3, "configuration refused, keeping the old one errors=%u first='%s'",
			why->errors, why->first_error);
	if (ok)
		log_line(5, "configuration reloaded generation=%u", s->generation);
	sup_engine_tell(s, MSG_RELOADED, why, NULL, 0);
}

static int on_stop_timeout(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct supervisor *s = userdata;

	(void)t;
	(void)usec;
	log_line(4, "some processes did not end in time, leaving them");
	return sd_event_exit(s->event, s->exit_status);
}

static unsigned count_living(const struct supervisor *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SUP_SLOTS; i++)
		n += s->slots[i].child && s->slots[i].state != SLOT_ABANDONED;
	return n;
}

/* Hang up: each takes what the engine still says, then ends. The runner and the engine go first. */
static void hang_up_all(struct supervisor *s)
{
	static const enum role first[] = {ROLE_RUNNER, ROLE_ENGINE};

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		for (unsigned k = 0; k < SUP_SLOTS; k++)
			if (s->slots[k].role == first[i] && s->slots[k].link >= 0) {
				s->slots[k].io = sd_event_source_disable_unref(s->slots[k].io);
				closep(&s->slots[k].link);
				s->slots[k].link = -1;
			}
}

static void hang_up_rest(struct supervisor *s)
{
	for (unsigned i = 0; i < SUP_SLOTS; i++) {
		s->slots[i].io = sd_event_source_disable_unref(s->slots[i].io);
		closep(&s->slots[i].link);
		s->slots[i].link = -1;
	}
}

static int on_sigchld(sd_event_source *t, const struct signalfd_siginfo *si, void *userdata)
{
	struct supervisor *s = userdata;

	(void)t;
	(void)si;
	if (log_pump_check())
		log_line(4, "what writes the log had ended, started again");
	sweep_orphans(s);
	if (!s->stopping)
		return 0;
	if (!s->engine || !s->engine->child)
		hang_up_rest(s);
	return count_living(s) ? 0 : sd_event_exit(s->event, s->exit_status);
}

static int on_terminate(sd_event_source *t, const struct signalfd_siginfo *si, void *userdata)
{
	struct supervisor *s = userdata;

	(void)t;
	(void)si;
	if (s->stopping || !count_living(s))
		return sd_event_exit(s->event, s->exit_status);
	s->stopping = true;
	notify_send("STOPPING=1");
	hang_up_all(s);
	return sd_event_add_time_relative(
		s->event, &s->stop, CLOCK_MONOTONIC, STOP_MS * 1000ULL, 1000, on_stop_timeout, s);
}

static int on_hangup(sd_event_source *t, const struct signalfd_siginfo *si, void *userdata)
{
	(void)t;
	(void)si;
	if (((struct supervisor *)userdata)->booted)
		sup_config_read(userdata);
	return 0;
}

static int watch_signals(struct supervisor *s)
{
	static const struct {
		int number;
		sd_event_signal_handler_t handle;
	} wanted[] = {{SIGTERM, on_terminate}, {SIGINT, on_terminate}, {SIGHUP, on_hangup},
		{SIGCHLD, on_sigchld}};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&set, wanted[i].number);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		sd_event_source *source = NULL;
		int r = sd_event_add_signal(
			s->event, &source, wanted[i].number, wanted[i].handle, s);

		if (r < 0)
			return r;
		/* what is known of a child must be known before strangers are looked for */
		if (wanted[i].number == SIGCHLD)
			(void)sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IDLE);
		(void)sd_event_source_set_floating(source, true);
		sd_event_source_unref(source);
	}
	return 0;
}

static void lock_memory(const struct supervisor *s)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	if (s->demo)
		return;
	if (!geteuid())
		(void)setrlimit(RLIMIT_MEMLOCK, &limit); /* for those that are forked from here */
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY &&
		mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_line(4, "cannot lock memory error='%m'");
}

static int prepare(struct supervisor *s, const struct loader_request *rq)
{
	int r;

	s->request = *rq;
	s->demo = rq->demo != NULL;
	s->control = s->loader.link = -1;
	s->config_fd.fd = s->secrets.fd = s->credentials.fd = s->checkpoint.fd = -1;
	s->loader.config.fd = s->loader.secrets.fd = s->loader.checkpoint.fd = -1;
	s->loader.credentials.fd = -1;
	for (unsigned e = 0; e < EXE_COUNT; e++) {
		s->zygotes[e].sup = s;
		s->zygotes[e].link = s->zygotes[e].error = -1;
	}
	for (unsigned i = 0; i < SUP_SLOTS; i++)
		s->slots[i].link = s->slots[i].engine_end = -1;
	(void)signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return -errno;
	caps_load_users();
	lock_memory(s);
	r = sd_event_new(&s->event);
	return r < 0 ? r : watch_signals(s);
}

int supervisor_run(const struct loader_request *rq)
{
	static struct supervisor s;
	int r = prepare(&s, rq);

	if (r == 0) {
		sup_config_read(&s);
		r = sd_event_loop(s.event);
	}
	if (r < 0)
		log_line(3, "cannot go on: %s", strerror(-r));
	zygotes_stop(&s);
	sweep_finish(&s);
	sup_listen_close(&s);
	if (s.temporary[0])
		sup_remove_tree(s.temporary);
	return r < 0 ? 1 : s.exit_status;
}
