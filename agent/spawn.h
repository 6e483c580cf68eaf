/*
 * Starting processes with a pidfd: never posix_spawn, whose caller waits in vfork until an executable on
 * a hanging disk answers. By clone3, which copies. It never waits for what it started.
 */
#pragma once
#include <sys/types.h>

#include "probes/util.h"

enum { SPAWN_FDS = 8 };

/* What to start. Everything stays the caller's. */
struct spawn {
	const char *path; /* absolute */
	char *const *argv;
	char *const *envp;
	int fds[SPAWN_FDS]; /* become 0, 1, 2 …; -1: /dev/null. All other descriptors are closed */
	unsigned nfds;      /* at least 3 are set up; missing ones are /dev/null */
	bool die_with_parent; /* SIGKILL when the caller's thread ends */
	bool no_new_privs;
	/* In the child, at the last moment, its descriptors in place: 0, or -errno for spawn_error(). */
	int (*check)(const char *path);
};

/* What was started; the descriptors are the caller's. */
struct spawned {
	pid_t pid;
	int pidfd;
	int error; /* read end for spawn_error() */
};

/**
 * spawn_start() - start a program in a process group of its own, with an empty signal mask, default
 * signal actions, working directory / and no descriptor but those given
 *
 * Return: 0, or what clone3(2) and pipe2(2) fail with. That execve() failed is known later: spawn_error().
 */
must_check int spawn_start(const struct spawn *s, struct spawned *ret);

/**
 * spawn_warm_up() - look once which signals have an action that a program must not inherit
 *
 * Setting all 64 back is a fifth of what starting a program costs. Only for who changes no action any more.
 */
void spawn_warm_up(void);

/**
 * spawn_error() - why the program could not be executed
 *
 * Return: 0 when it was (or has not got that far: ask when the process has ended); else -errno.
 */
int spawn_error(const struct spawned *s);

/** spawn_close() - close both descriptors and give back what the child needed to start */
void spawn_close(struct spawned *s);

/**
 * spawn_fork() - fork with a pidfd; the child goes on after the call
 * @flags: more clone3 flags: CLONE_PARENT makes the caller's parent the parent
 * @ret_pidfd: set in the parent, -1 in the child
 *
 * No atfork handler runs, and libsystemd remembers getpid() until one does: a process whose child goes
 * on to use sd-event must not have used libsystemd itself.
 *
 * Return: pid in the parent, 0 in the child, -errno.
 */
must_check pid_t spawn_fork(uint64_t flags, int *ret_pidfd);
