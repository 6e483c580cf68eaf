#include "agent/view.h"
#include "web/http_parts.h"

#include <errno.h>
#include <stdio.h>

enum { STREAM_BLOCK = 1024, STREAM_STALL_S = 30 };

static void stream_put(struct stream *s, struct out *o)
{
	free(s->pending);
	s->len = 0;
	s->sent = 0;
	s->pending = out_take(o, &s->len);
}

static bool put_record(struct stream *s)
{
	const struct history_event *e = history_after(s->http->history, s->after);
	struct out o = {};

	if (!e)
		return false;
	out_text(&o, "id: ");
	out_unsigned(&o, e->sequence);
	out_text(&o, "\nevent: record\ndata: ");
	if (e->json)
		out_bytes(&o, e->json, e->json_len);
	else
		out_text(&o, "{}");
	out_text(&o, "\n\n");
	s->after = e->sequence;
	stream_put(s, &o);
	return true;
}

/* A beat is the engine's word passed on: without one from it there is none from here. */
static bool put_beat(struct stream *s)
{
	struct http *h = s->http;
	char at[40];
	struct out o = {};

	if (s->beats == h->beats)
		return false;
	s->beats = h->beats;
	if (boot_ms() - h->beat_ms > HTTP_SILENT_MS)
		return false;
	out_text(&o, "event: beat\ndata: {\"time\":\"");
	out_text(&o, time_text(wall_ms(), at, sizeof(at)));
	out_text(&o, "\",\"record\":");
	out_unsigned(&o, h->record);
	out_text(&o, "}\n\n");
	stream_put(s, &o);
	return true;
}

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;
	ssize_t n = 0;

	(void)pos;
	http_lock(s->http);
	if (s->http->stopping) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else if (s->sent < s->len || put_record(s) || put_beat(s)) {
		n = (ssize_t)MIN_OF(max, s->len - s->sent);
		if (n && s->pending)
			memcpy(buf, s->pending + s->sent, (size_t)n);
		s->sent += (size_t)n;
		if (!n)
			n = MHD_CONTENT_READER_END_WITH_ERROR; /* no memory: the client comes back */
	} else {
		s->suspended = true;
		MHD_suspend_connection(s->connection);
	}
	http_unlock(s->http);
	return n;
}

static void stream_free(void *cls)
{
	struct stream *s = cls;

	http_lock(s->http);
	if (s->prev)
		s->prev->next = s->next;
	else
		s->http->streams = s->next;
	if (s->next)
		s->next->prev = s->prev;
	s->http->nstreams--;
	http_unlock(s->http);
	free(s->pending);
	free(s);
}

static uint64_t stream_begin(struct http *h, struct MHD_Connection *c)
{
	const char *id = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Last-Event-ID");
	const struct history_event *newest = history_at(h->history, 0);
	uint64_t last = newest ? newest->sequence : 0, after;
	char *end;

	if (!id)
		id = argument(c, "after");
	if (!id || *id < '0' || *id > '9')
		return last;
	errno = 0;
	after = strtoull(id, &end, 10);
	return *end || errno ? last : after;
}

static struct stream *stream_new(struct http *h, struct MHD_Connection *c)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct out hello = {};

	if (!s)
		return NULL;
	s->http = h;
	s->connection = c;
	s->after = stream_begin(h, c);
	s->beats = h->beats - 1; /* the first beat at once */
	out_text(&hello, "retry: 2000\n\n");
	stream_put(s, &hello);
	s->next = h->streams;
	if (s->next)
		s->next->prev = s;
	h->streams = s;
	h->nstreams++;
	return s;
}

enum MHD_Result answer_stream(struct http *h, struct MHD_Connection *c)
{
	struct connection *connection = connection_of(c);
	struct MHD_Response *r;
	struct stream *s;
	enum MHD_Result done;

	if (h->nstreams >= HTTP_STREAMS)
		return answer_text(
			c, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain", "Too many streams.\n");
	s = stream_new(h, c);
	if (!s)
		return MHD_NO;
	r = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, s, stream_free);
	if (!r) {
		http_unlock(h);
		stream_free(s);
		http_lock(h);
		return MHD_NO;
	}
	headers_add(r, "text/event-stream; charset=utf-8");
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(r, "X-Accel-Buffering", "no");
	(void)MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)STREAM_STALL_S);
	if (connection)
		connection->state = CONNECTION_STREAM;
	http_unlock(
		h); /* the reader is called with the response's lock held, and takes ours then */
	done = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	http_lock(h);
	return done;
}

void streams_resume(struct http *h)
{
	for (struct stream *s = h->streams; s; s = s->next)
		if (s->suspended) {
			s->suspended = false;
			MHD_resume_connection(s->connection);
		}
}
