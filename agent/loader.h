/*
 * The loader: a child of the supervisor that reads everything from disk once (configuration, secrets,
 * CA bundle, the operator's marks), hands it over as sealed memfds and exits. It decides nothing and
 * nobody waits for it but the socket.
 */
#pragma once
#include "agent/config_load.h"
#include "agent/msg.h"

/* Where the loader looks when nothing else is said. */
#define CONFIG_FILE "/etc/ballast/ballast.yaml"

/* What the supervisor asks for. The texts stay the caller's; NULL: not given. */
struct loader_request {
	const char *file;       /* -c FILE; NULL: CONFIG_FILE */
	const char *demo;       /* --demo[=SCENARIO]: "" the default one, else a name or a file; NULL: no demo */
	const char *listen;     /* --listen ADDR:PORT, instead of the file's list */
	const char *control;    /* --control PATH */
	const char *bound;      /* the control socket that is open already, which a reload cannot move; NULL none */
	const char *state;      /* --state DIR. A reload of the demo passes the first one's again */
	uint32_t generation;    /* goes into config.generation: 1 at start, one more with each reload */
	bool initial;           /* start: marks are read too. Reload: the model lives on, marks are not read */
};

/**
 * loader_run() - do it all; for a child that exits afterwards with what this returns
 * @rq:           what was asked for
 * @reply_socket: SOCK_SEQPACKET to the supervisor; stays the caller's
 *
 * Sends, when all is well:
 *   MSG_CONFIG     struct msg_config + [0] config memfd (struct config), [1] secrets memfd (struct secrets),
 *                  [2] credentials memfd, only where a management plane is configured
 *   MSG_CHECKPOINT struct msg_checkpoint + memfd of model_pack(); only with @rq->initial and when there are marks
 *   MSG_RELOADED   {.ok = 1}: the end
 * else only MSG_RELOADED {.ok = 0, .errors, .first_error}. Every error goes to stderr, as --check writes it.
 * With --demo and no @rq->state it makes a temporary directory, which is then config.state_directory.
 *
 * Return: exit status, 0 or 1.
 */
int loader_run(const struct loader_request *rq, int reply_socket);
