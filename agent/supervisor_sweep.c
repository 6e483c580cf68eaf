#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/log.h"
#include "agent/supervisor.h"

enum {
	CHILDREN_BYTES = 65536,
	SWEEP_MIN_MS = 20,
	SWEEP_MAX_MS = 10000,
	FINISH_ROUND_MS = 5,
	FINISH_ROUNDS = 200
};

static bool is_known(const struct supervisor *s, pid_t pid)
{
	if (pid == s->loader.pid || pid == log_pump_pid())
		return true;
	for (unsigned e = 0; e < EXE_COUNT; e++)
		if (s->zygotes[e].pid == pid)
			return true;
	for (unsigned i = 0; i < SUP_SLOTS; i++)
		if (s->slots[i].state != SLOT_FREE && s->slots[i].pid == pid)
			return true;
	return false;
}

/* A child that its zygote has not told us of yet looks like a stranger. */
static bool is_forking(const struct supervisor *s)
{
	for (unsigned e = 0; e < EXE_COUNT; e++)
		if (s->zygotes[e].npending)
			return true;
	return false;
}

static int end_child(pid_t pid)
{
	siginfo_t si = {};

	if (kill(pid, SIGKILL) < 0)
		return 0;
	/* killed, its own children become ours: looked for in the next round */
	return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG) == 0 ? 1 : 0;
}

/* Return: how many children that are not @spared were found; all of them have been killed. */
static unsigned end_children(
	const struct supervisor *s, bool (*spared)(const struct supervisor *s, pid_t pid))
{
	cleanup_(freep) char *list = NULL;
	char path[64], *at, *stop;
	unsigned found = 0;

	format_text(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if (slurp(path, CHILDREN_BYTES, &list, NULL) < 0)
		return 0;
	for (at = list;; at = stop) {
		long pid = strtol(at, &stop, 10);

		if (stop == at)
			return found;
		if (pid > 1 && !spared(s, (pid_t)pid))
			found += (unsigned)end_child((pid_t)pid);
	}
}

static bool writes_log(const struct supervisor *s, pid_t pid)
{
	(void)s;
	return pid == log_pump_pid();
}

/* The one place that waits, and not for long: whoever we left would outlive us as a child of init. */
void sweep_finish(const struct supervisor *s)
{
	struct timespec pause = {.tv_nsec = FINISH_ROUND_MS * 1000000L};

	for (unsigned i = 0; i < FINISH_ROUNDS && end_children(s, writes_log); i++)
		(void)nanosleep(&pause, NULL);
}

static int sweep_event(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct supervisor *s = userdata;

	(void)t;
	(void)usec;
	s->sweep = sd_event_source_disable_unref(s->sweep);
	sweep_orphans(s);
	return 0;
}

void sweep_orphans(struct supervisor *s)
{
	bool wait = is_forking(s);
	unsigned found = wait ? 0 : end_children(s, is_known);

	if (found && !s->stopping)
		log_line(4, "ended processes that a role left behind count=%u", found);
	if (!wait && !found) {
		s->sweep_ms = 0;
		return;
	}
	s->sweep_ms = wait ? SWEEP_MIN_MS
			   : MIN_OF(MAX_OF(s->sweep_ms * 2, (unsigned)SWEEP_MIN_MS),
				     (unsigned)SWEEP_MAX_MS);
	if (!s->sweep && sd_event_add_time_relative(s->event, &s->sweep, CLOCK_MONOTONIC,
				 s->sweep_ms * 1000ULL, 1, sweep_event, s) < 0)
		log_line(3, "no memory to look for left-over processes");
}

static uid_t new_owner;

static int give_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)type;
	(void)at;
	/* a second name of a file elsewhere is not ours to give away */
	return S_ISDIR(st->st_mode) || st->st_nlink == 1 ? lchown(path, new_owner, (gid_t)-1) : 0;
}

int sup_give_tree(const char *path, uid_t uid)
{
	new_owner = uid;
	return nftw(path, give_entry, 8, FTW_PHYS | FTW_MOUNT) ? -errno : 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	(void)remove(path);
	return 0;
}

void sup_remove_tree(const char *path)
{
	(void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
