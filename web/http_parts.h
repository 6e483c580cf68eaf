/* Inside HTTP: shared by http.c, resource.c, query.c and stream.c only. */
#pragma once
#include <microhttpd.h>
#include <pthread.h>

#include "web/http.h"

enum connection_state { CONNECTION_FREE, CONNECTION_REQUEST, CONNECTION_ANSWER, CONNECTION_STREAM };

struct connection {
	uint8_t state;  /* enum connection_state */
	uint8_t silent; /* looks of http_sweep() at a request of which nothing waited */
	int fd;
	uint64_t since_ms;
};

/* One published body in the forms it is asked for. */
struct body {
	struct MHD_Response *plain, *gzip, *same; /* same: 304 */
	const char *text;                         /* the plain bytes: live as long as .plain */
	size_t len;
	char etag[24];
};

struct stream {
	struct http *http;
	struct MHD_Connection *connection;
	struct stream *next, *prev;
	uint64_t after; /* record sent last */
	uint64_t beats; /* beat sent last */
	bool suspended;
	char *pending; /* what is being sent; malloc'ed */
	size_t len, sent;
};

struct pieces {
	struct piece *piece;
	uint32_t count, capacity;
};

struct http {
	pthread_mutex_t lock; /* everything below */
	struct MHD_Daemon *daemon[CFG_LISTEN];
	unsigned ndaemons;
	const struct history *history;
	int wake;
	struct body body[RES_COUNT];
	struct pieces pieces[PIECE_KIND_COUNT];
	struct connection connection[HTTP_CONNECTIONS * 2];
	unsigned nconnections;
	struct stream *streams;
	unsigned nstreams;
	uint64_t beat_ms, beats, record;
	bool ready, stopping;
};

struct connection *connection_of(struct MHD_Connection *c);
/** headers_add() - what every answer carries */
void headers_add(struct MHD_Response *r, const char *type);
/** answer_text() - an answer made for this request; @text is copied */
enum MHD_Result answer_text(
	struct MHD_Connection *c, unsigned status, const char *type, const char *text);
/** answer_out() - the same, taking @o over; 503 when it is incomplete */
enum MHD_Result answer_out(struct MHD_Connection *c, const char *type, struct out *o);
/** answer_body() - a published body: 304, gzip or plain; 503 while there is none. The lock is held */
enum MHD_Result answer_body(struct http *h, struct MHD_Connection *c, enum resource r);
void body_free(struct body *b);
const char *argument(struct MHD_Connection *c, const char *name);

/* query.c: from published pieces only; the lock is held */
enum MHD_Result answer_components(struct http *h, struct MHD_Connection *c);
enum MHD_Result answer_component(struct http *h, struct MHD_Connection *c, const char *id);
enum MHD_Result answer_run(struct http *h, struct MHD_Connection *c, const char *id);
enum MHD_Result answer_events(struct http *h, struct MHD_Connection *c);
enum MHD_Result answer_metrics(struct http *h, struct MHD_Connection *c);
/* stream.c */
enum MHD_Result answer_stream(struct http *h, struct MHD_Connection *c);
/** streams_resume() - let them look for something new; the lock is held */
void streams_resume(struct http *h);
