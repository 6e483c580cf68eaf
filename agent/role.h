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
	const struct credentials *credentials; /* BUS_MANAGE and BUS_SSH only; NULL */
	size_t credentials_size;
	bool locked;               /* mlockall succeeded */
	struct sd_event *event;
};

/*
 * What an executable gives the skeleton. Order in an instance: name, memory lock, uid and capabilities of
 * the role, not dumpable, dies with the supervisor, no_new_privs; then start() with descriptors and
 * configuration there; then the list of system calls (threads that start() made are held to it too); then
 * the loop. So start() may open files, as the role's user; nothing after it may, unless its list says so.
 * The runner and exec workers get neither no_new_privs nor a list: other people's programs would inherit both.
 */
struct role_ops {
	/* set up; < 0 ends the instance. s->engine may be -1 while there is no engine: engine_changed follows */
	int (*start)(struct role_start *s, void **ret_state);
	/* a message from the engine (fds in m are closed by the skeleton unless taken) */
	int (*engine_message)(void *state, struct msg *m);
	/* the engine was replaced: s->engine is the new link; a snapshot follows */
	void (*engine_changed)(void *state);
	void (*config_changed)(void *state);
	/* a supervisor message the skeleton does not handle itself (the engine's MSG_PEER …); may be NULL */
	int (*supervisor_message)(void *state, struct msg *m);
	/* orderly end: what the engine still said has been given, the process ends on return; be quick; may be NULL */
	void (*stop)(void *state);
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

/* How a zygote is started: argv[1], and the link to the supervisor on this descriptor. */
#define ZYGOTE_OPTION "--zygote"
enum { ZYGOTE_FD = 3 };

/* seccomp.c: lists are data */
/** sandbox_apply() - the role's list; -ENOSYS where the kernel has none. Not for workers that run programs */
must_check int sandbox_apply(enum role r, enum bus bus);
