/*
 * The skeleton under every role: a zygote loaded and locked while healthy, forked per instance, which
 * drops to its uid, capabilities and seccomp list and then runs one sd-event loop on its links.
 */
#pragma once
#include "agent/msg.h"

struct sd_event;

/* What an instance starts with; the descriptors are its own. */
struct role_start {
	enum role role;
	unsigned index;
	enum bus bus;              /* ROLE_PROBER */
	bool demo;                 /* no root: no uid, capabilities or locking expected */
	int supervisor;            /* link to the supervisor */
	int engine;                /* link to the engine; -1 for the engine itself */
	int listen[CFG_LISTEN];    /* web: HTTP sockets; engine: control socket in [0]; -1 none */
	unsigned nlisten;
	const struct config *config;   /* mapped, read-only */
	const struct secrets *secrets; /* courier only; NULL */
	bool locked;               /* mlockall succeeded */
	struct sd_event *event;
};

/* What an executable gives the skeleton. Called after privileges were dropped. */
struct role_ops {
	/* set up: may open what the list allows only before `sandboxed`; < 0 ends the instance */
	int (*start)(struct role_start *s, void **ret_state);
	/* a message from the engine (fds in m are closed by the skeleton unless taken) */
	int (*engine_message)(void *state, struct msg *m);
	/* the engine was replaced: s->engine is the new link; a snapshot follows */
	void (*engine_changed)(void *state);
	void (*config_changed)(void *state);
	/* a supervisor message the skeleton does not handle itself (the engine's MSG_PEER …); may be NULL */
	int (*supervisor_message)(void *state, struct msg *m);
};

/**
 * role_main() - main() of a role's executable: be the zygote, fork instances, run them
 * @roles: which roles this executable can be, with their ops; ends with .ops NULL
 *
 * Return: exit status.
 */
struct role_entry {
	enum role role;
	const struct role_ops *ops;
};
int role_main(int argc, char **argv, const struct role_entry *roles);

/** warm_up() - an executable's own: touch what must be loaded before the disk may go (TLS, locale); weak, may be absent */
void role_warm_up(void) __attribute__((weak));

/** role_send() - to the engine, queued in order when the link is full (bounded), dropped with a count when it is gone */
int role_send(struct role_start *s, enum msg_type type, const void *body, const int *fds, unsigned nfds);

/**
 * log_line() - one line to stderr with journal priority prefix, never blocking: what does not fit is
 * dropped and counted. key=value tail, single quotes round foreign strings.
 */
void log_line(int priority, const char *fmt, ...) printf_like(2, 3);
/** log_dropped() - lines dropped since start */
uint32_t log_dropped(void);

/* seccomp.c: lists are data */
/** sandbox_apply() - the role's list; -ENOSYS where the kernel has none. Not for workers that run programs */
must_check int sandbox_apply(enum role r, enum bus bus);
