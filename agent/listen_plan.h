/*
 * Which sockets the listen sources of a configuration need, in an order that who opens them and who reads
 * from them find alike. Opens none.
 */
#pragma once
#include "agent/config.h"

enum listen_kind { LISTEN_SYSLOG_UDP, LISTEN_SYSLOG_TCP, LISTEN_TRAPS, LISTEN_KINDS };

struct listen_socket {
	enum listen_kind kind;
	cfg_text address; /* ADDRESS:PORT */
};

/**
 * listen_plan() - one socket for each address and kind, however many sources name it
 * @nsources: of the first so many sources
 *
 * Return: how many of @ret are filled; -E2BIG when there were more than CFG_LISTEN.
 */
int listen_plan(const struct config *c, unsigned nsources, struct listen_socket ret[CFG_LISTEN]);

/** listen_kind_text() - "syslog over UDP" … */
const char *listen_kind_text(enum listen_kind k);
