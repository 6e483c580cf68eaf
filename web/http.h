/*
 * HTTP: libmicrohttpd's own polling thread answers from what the main thread published. It only looks;
 * nothing a client sends changes anything but its own connection.
 */
#pragma once
#include "web/history.h"
#include "web/out.h"

enum {
	HTTP_STREAMS = 256,
	HTTP_CONNECTIONS = HTTP_STREAMS + 64,
	HTTP_REQUEST_MS = 5000,
	HTTP_SILENT_MS = 10000
};

/* What is rendered when something changed and only handed out afterwards. */
enum resource {
	RES_PAGE,
	RES_METRICS,
	RES_STATUS,
	RES_FINDINGS,
	RES_FAILOVER,
	RES_STYLE,
	RES_SCRIPT,
	RES_COUNT
};

/* One component or run as JSON, with what it can be filtered by. */
struct piece {
	char *json; /* NULL: there is none */
	uint32_t len;
	uint32_t number; /* of a run */
	uint8_t kind, health;
	char array[32];
	char id[160]; /* ARRAY/KIND/NAME */
};
enum piece_kind { PIECE_COMPONENT, PIECE_RUN, PIECE_KIND_COUNT };

struct http;

/**
 * http_start() - begin to serve
 * @fds:     listening sockets, stay the caller's
 * @history: read under the lock by the serving threads; write it between http_lock() and http_unlock()
 * @wake:    an eventfd that is written when the first connection appears: time for http_sweep()
 *
 * Return: 0, -ENOMEM, -EIO when libmicrohttpd refuses.
 */
must_check int http_start(
	struct http **ret, const int *fds, unsigned nfds, const struct history *history, int wake);
/** http_stop() - ends all connections; the listening sockets stay open */
void http_stop(struct http *h);
void http_lock(struct http *h);
void http_unlock(struct http *h);

/** http_publish() - replace a resource; takes the text over. An incomplete text keeps the old one */
void http_publish(struct http *h, enum resource r, struct out *text);
/** http_piece() - replace piece @index; takes .json over */
void http_piece(struct http *h, enum piece_kind k, uint32_t index, const struct piece *p);
/** http_trim() - there are only @n pieces any more */
void http_trim(struct http *h, enum piece_kind k, uint32_t n);
/** http_beat() - the engine decided at @at_ms; @record is what the published page shows */
void http_beat(struct http *h, uint64_t at_ms, uint64_t record);
void http_set_ready(struct http *h, bool ready);
/** http_wake_streams() - there are new events in the history */
void http_wake_streams(struct http *h);
/** http_sweep() - cut requests that take too long; true while there is a connection to watch */
bool http_sweep(struct http *h, uint64_t now_ms);
