/*
 * ROLE_LISTENER: takes what arrays send by themselves - syslog and SNMP traps - from the addresses that the
 * configuration names, and tells the engine what it means. It answers nobody, and judges nothing.
 */
#pragma once
#include <systemd/sd-event.h>

#include "agent/listen_plan.h"
#include "agent/role.h"
#include "probes/notice.h"
#include "probes/syslog.h"

enum { LISTENER_CONNECTIONS = 32 };

struct listener;

/* What one source has heard. Counters are of this process. */
struct heard {
	uint64_t messages, unknown, dropped, broken;
	double tokens;         /* messages it may still send now: who floods is not heard out */
	uint64_t tokens_ms;
	uint32_t waiting[NOTICE_KINDS]; /* not told to the engine yet */
	char text[NOTICE_KINDS][sizeof(((struct notice *)0)->text)]; /* the last of each kind */
	bool changed;
};

struct listener_socket {
	struct listener *listener;
	enum listen_kind kind;
	int fd;
	bool open; /* false: it could not be bound */
	sd_event_source *io;
};

/* One sender over TCP: bytes of a message that is not whole yet. */
struct connection {
	struct listener *listener;
	int fd, source; /* source: of the configuration; -1 free */
	uint64_t heard_ms;
	size_t len;
	sd_event_source *io;
	char bytes[SYSLOG_MAX + 16];
};

struct listener {
	struct role_start *s;
	struct listener_socket sockets[CFG_LISTEN];
	unsigned nsockets;
	struct heard heard[CFG_SOURCES];
	struct connection connections[LISTENER_CONNECTIONS];
	sd_event_source *timer;
	bool armed;
};

extern const struct role_ops listener_role_ops;

/* listener_tcp.c */
/** listener_accept() - a new sender; hung up on when nobody configured it */
void listener_accept(struct listener *l, int fd);
/** listener_hang_up() - on all: they may not be heard any more */
void listener_hang_up(struct listener *l);

/* listener.c */
struct sockaddr_storage;
/** listener_source() - which source hears this address on such a socket; -1 none */
int listener_source(const struct listener *l, const struct sockaddr_storage *a, enum listen_kind kind);
/** listener_syslog() - one message; false: it was one too many */
bool listener_syslog(struct listener *l, int source, const char *bytes, size_t len);
