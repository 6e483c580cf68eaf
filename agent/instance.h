/* Between the zygote and the instance it forks: what the child has to become. Not for roles. */
#pragma once
#include "agent/role.h"

/* Everything the instance may not look up any more. */
struct instance_start {
	const struct role_ops *ops;
	struct msg_fork who;
	int supervisor;  /* link; the instance's own */
	pid_t parent;    /* the supervisor: who must be our parent */
	int zygote_link; /* to be closed */
};

/** instance_run() - be the role; never returns */
void instance_run(const struct instance_start *start) __attribute__((noreturn));
