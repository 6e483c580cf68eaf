#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/http_parts.h"

enum {
	HTTP_STACK = 128 * 1024,
	HTTP_POOL = 8 * 1024,
	HTTP_ANSWER_MS = 60000,
	HTTP_SILENT_LOOKS = 4
};

void http_lock(struct http *h)
{
	(void)pthread_mutex_lock(&h->lock);
}

void http_unlock(struct http *h)
{
	(void)pthread_mutex_unlock(&h->lock);
}

const char *argument(struct MHD_Connection *c, const char *name)
{
	const char *s = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);

	return s && *s ? s : NULL;
}

struct connection *connection_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i ? i->socket_context : NULL;
}

static enum MHD_Result answer_health(struct http *h, struct MHD_Connection *c)
{
	if (!h->beat_ms || boot_ms() - h->beat_ms > HTTP_SILENT_MS)
		return answer_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
			"the engine does not answer\n");
	return answer_text(c, MHD_HTTP_OK, "text/plain", "ok\n");
}

static enum MHD_Result answer_ready(struct http *h, struct MHD_Connection *c)
{
	if (!h->ready)
		return answer_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
			"not every source has answered yet\n");
	return answer_text(c, MHD_HTTP_OK, "text/plain", "ready\n");
}

/* clang-format off */
static const struct {
	const char *path;
	enum resource resource;
	enum MHD_Result (*answer)(struct http *h, struct MHD_Connection *c);
} routes[] = {
	{"/", RES_PAGE, NULL},
	{"/metrics", RES_METRICS, answer_metrics},
	{"/style.css", RES_STYLE, NULL},
	{"/page.js", RES_SCRIPT, NULL},
	{"/api/v1/status", RES_STATUS, NULL},
	{"/api/v1/findings", RES_FINDINGS, NULL},
	{"/api/v1/failover", RES_FAILOVER, NULL},
	{"/api/v1/components", RES_COUNT, answer_components},
	{"/api/v1/events", RES_COUNT, answer_events},
	{"/api/v1/stream", RES_COUNT, answer_stream},
	{"/healthz", RES_COUNT, answer_health},
	{"/readyz", RES_COUNT, answer_ready},
};
static const struct {
	const char *prefix;
	enum MHD_Result (*answer)(struct http *h, struct MHD_Connection *c, const char *id);
} families[] = {
	{"/api/v1/components/", answer_component},
	{"/api/v1/failover/runs/", answer_run},
};
/* clang-format on */

static enum MHD_Result route(struct http *h, struct MHD_Connection *c, const char *url)
{
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++)
		if (!strcmp(url, routes[i].path))
			return routes[i].answer ? routes[i].answer(h, c)
						: answer_body(h, c, routes[i].resource);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (!strncmp(url, families[i].prefix, strlen(families[i].prefix)))
			return families[i].answer(h, c, url + strlen(families[i].prefix));
	return answer_text(c, MHD_HTTP_NOT_FOUND, "text/plain",
		"Nothing here. The page is at /, JSON at /api/v1/status.\n");
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **request)
{
	struct http *h = cls;
	struct connection *connection;
	enum MHD_Result done;

	(void)version;
	(void)upload;
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
			"Ballast can be looked at here, not touched.\n");
	/* an answer to the first call, before the request is whole, costs the connection */
	if (!*request || *upload_size) {
		*request = h;
		*upload_size = 0;
		return MHD_YES;
	}
	http_lock(h);
	connection = connection_of(c);
	if (connection) {
		connection->state = CONNECTION_ANSWER;
		connection->silent = 0;
		connection->since_ms = boot_ms();
	}
	done = route(h, c, url);
	http_unlock(h);
	return done;
}

static void completed(
	void *cls, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode why)
{
	struct http *h = cls;
	struct connection *connection;

	(void)request;
	(void)why;
	http_lock(h);
	connection = connection_of(c);
	if (connection && connection->state != CONNECTION_FREE) {
		connection->state = CONNECTION_REQUEST; /* the next one has as long as the first */
		connection->since_ms = boot_ms();
	}
	http_unlock(h);
}

static void connection_begin(struct http *h, struct MHD_Connection *c, void **context)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	const uint64_t one = 1;
	unsigned i = 0;

	while (i < ARRAY_SIZE(h->connection) && h->connection[i].state != CONNECTION_FREE)
		i++;
	if (!info || i == ARRAY_SIZE(h->connection))
		return;
	h->connection[i] = (struct connection){
		.state = CONNECTION_REQUEST, .fd = info->connect_fd, .since_ms = boot_ms()};
	*context = &h->connection[i];
	if (!h->nconnections++ && write(h->wake, &one, sizeof(one)) < 0)
		return; /* it is written already: the sweep comes anyway */
}

static void connection_notify(void *cls, struct MHD_Connection *c, void **context,
	enum MHD_ConnectionNotificationCode what)
{
	struct http *h = cls;
	struct connection *connection = *context;

	http_lock(h);
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_begin(h, c, context);
	} else if (connection) {
		*connection = (struct connection){};
		h->nconnections--;
		*context = NULL;
	}
	http_unlock(h);
}

/* On a host whose cores are taken the delay is ours: what waits unread, and what was read but had no turn since. */
static bool overdue(struct connection *c, uint64_t now_ms)
{
	char unread;
	uint64_t age = now_ms - c->since_ms;

	if (c->state != CONNECTION_REQUEST && c->state != CONNECTION_ANSWER)
		return false;
	if (c->state == CONNECTION_REQUEST && c->silent < HTTP_SILENT_LOOKS &&
		recv(c->fd, &unread, sizeof(unread), MSG_PEEK | MSG_DONTWAIT) <= 0)
		c->silent++;
	return age >= HTTP_ANSWER_MS || (age >= HTTP_REQUEST_MS && c->silent == HTTP_SILENT_LOOKS);
}

/* libmicrohttpd's own time-out restarts with every byte: a client that drips would stay for ever. */
bool http_sweep(struct http *h, uint64_t now_ms)
{
	bool more;

	http_lock(h);
	for (unsigned i = 0; i < ARRAY_SIZE(h->connection); i++)
		if (overdue(&h->connection[i], now_ms))
			(void)shutdown(h->connection[i].fd, SHUT_RDWR);
	more = h->nconnections;
	http_unlock(h);
	return more;
}

/* A NUL would end the path for us and not for who wrote it. */
static size_t unescape(void *cls, struct MHD_Connection *c, char *text)
{
	size_t n = MHD_http_unescape(text);

	(void)cls;
	(void)c;
	for (size_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = '\001';
	return n;
}

static struct MHD_Daemon *daemon_start(struct http *h, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
		NULL, handle, h, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)HTTP_ANSWER_MS / 1000, MHD_OPTION_THREAD_STACK_SIZE, (size_t)HTTP_STACK,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_POOL, MHD_OPTION_UNESCAPE_CALLBACK,
		unescape, NULL, MHD_OPTION_NOTIFY_CONNECTION, connection_notify, h,
		MHD_OPTION_NOTIFY_COMPLETED, completed, h, MHD_OPTION_END);
}

int http_start(
	struct http **ret, const int *fds, unsigned nfds, const struct history *history, int wake)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->history = history;
	h->wake = wake;
	if (pthread_mutex_init(&h->lock, NULL)) {
		free(h);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < nfds && i < CFG_LISTEN; i++) {
		struct MHD_Daemon *d = daemon_start(h, fds[i]);

		if (!d) {
			http_stop(h);
			return -EIO;
		}
		h->daemon[h->ndaemons++] = d;
	}
	*ret = h;
	return 0;
}

void http_stop(struct http *h)
{
	if (!h)
		return;
	http_lock(h);
	h->stopping = true;
	streams_resume(h);
	http_unlock(h);
	for (unsigned i = 0; i < h->ndaemons; i++) {
		(void)MHD_quiesce_daemon(
			h->daemon[i]); /* the listening socket outlives this process */
		MHD_stop_daemon(h->daemon[i]);
	}
	for (unsigned r = 0; r < RES_COUNT; r++)
		body_free(&h->body[r]);
	for (unsigned k = 0; k < PIECE_KIND_COUNT; k++) {
		http_trim(h, (enum piece_kind)k, 0);
		free(h->pieces[k].piece);
	}
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

void http_beat(struct http *h, uint64_t at_ms, uint64_t record)
{
	http_lock(h);
	h->beat_ms = at_ms;
	h->record = record;
	h->beats++;
	streams_resume(h);
	http_unlock(h);
}

void http_set_ready(struct http *h, bool ready)
{
	http_lock(h);
	h->ready = ready;
	http_unlock(h);
}

void http_wake_streams(struct http *h)
{
	http_lock(h);
	streams_resume(h);
	http_unlock(h);
}
