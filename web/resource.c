#include <stdio.h>
#include <zlib.h>

#include "web/http_parts.h"

/* clang-format off */
static const char *const types[RES_COUNT] = {
	[RES_PAGE] = "text/html; charset=utf-8", [RES_METRICS] = "text/plain; version=0.0.4; charset=utf-8",
	[RES_STATUS] = "application/json", [RES_FINDINGS] = "application/json", [RES_FAILOVER] = "application/json",
	[RES_STYLE] = "text/css; charset=utf-8", [RES_SCRIPT] = "text/javascript; charset=utf-8",
};
static const struct {
	const char *name, *value;
} headers[] = {
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	/* the picture places its labels by style attributes; style elements and scripts come from here only */
	{"Content-Security-Policy", "default-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
		"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
};
/* clang-format on */

void headers_add(struct MHD_Response *r, const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		(void)MHD_add_response_header(r, headers[i].name, headers[i].value);
	if (type)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
}

/* Level 1 keeps 90 % of the gain for 40 % of the work. */
static struct MHD_Response *gzip_response(const char *text, size_t len)
{
	z_stream z = {};
	struct MHD_Response *r = NULL;
	unsigned char *packed;
	uLong bound;

	if (!len || len > UINT32_MAX / 2 ||
		deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	bound = deflateBound(&z, (uLong)len);
	packed = malloc(bound);
	if (packed) {
		z.next_in = (unsigned char *)(uintptr_t)text;
		z.avail_in = (uInt)len;
		z.next_out = packed;
		z.avail_out = (uInt)bound;
		if (deflate(&z, Z_FINISH) == Z_STREAM_END)
			r = MHD_create_response_from_buffer(
				z.total_out, packed, MHD_RESPMEM_MUST_COPY);
		free(packed);
	}
	(void)deflateEnd(&z);
	return r;
}

static void finish(struct MHD_Response *r, const char *type, const char *etag, bool page)
{
	if (!r)
		return;
	headers_add(r, type);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, etag);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_VARY, "Accept-Encoding");
	(void)MHD_add_response_header(
		r, MHD_HTTP_HEADER_CACHE_CONTROL, page ? "no-store" : "no-cache");
}

static uint64_t text_hash(const char *s, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (n--)
		h = (h ^ (unsigned char)*s++) * 0x100000001b3u;
	return h;
}

static bool body_make(struct body *b, enum resource r, struct out *text)
{
	size_t len = 0;
	char *data = out_take(text, &len);

	if (!data)
		return false;
	b->plain = MHD_create_response_from_buffer(
		len, data, len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY);
	if (!b->plain || !len)
		free(data); /* it hands back no buffer that holds nothing */
	if (!b->plain)
		return false;
	b->text = len ? data : "";
	b->len = len;
	snprintf(b->etag, sizeof(b->etag), "\"%016llx\"", (unsigned long long)text_hash(data, len));
	b->gzip = gzip_response(data, len);
	if (b->gzip)
		(void)MHD_add_response_header(b->gzip, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	b->same =
		MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	finish(b->plain, types[r], b->etag, r == RES_PAGE);
	finish(b->gzip, types[r], b->etag, r == RES_PAGE);
	finish(b->same, NULL, b->etag, r == RES_PAGE);
	return true;
}

void body_free(struct body *b)
{
	if (b->plain)
		MHD_destroy_response(b->plain);
	if (b->gzip)
		MHD_destroy_response(b->gzip);
	if (b->same)
		MHD_destroy_response(b->same);
	*b = (struct body){};
}

void http_publish(struct http *h, enum resource r, struct out *text)
{
	struct body fresh = {}, old;

	if (!body_make(&fresh, r, text))
		return;
	http_lock(h);
	old = h->body[r];
	h->body[r] = fresh;
	http_unlock(h);
	body_free(&old); /* connections that still send it hold their own count */
}

/* "gzip" among the codings and not refused by q=0. */
static bool accepts_gzip(struct MHD_Connection *c)
{
	const char *s =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	const char *at = s ? strstr(s, "gzip") : NULL;

	if (!at)
		return false;
	at += 4;
	at += strspn(at, " ");
	if (strncmp(at, ";q=0", 4))
		return true;
	at += 4;
	return *at == '.' && strspn(at + 1, "0") != strcspn(at + 1, ", ");
}

enum MHD_Result answer_body(struct http *h, struct MHD_Connection *c, enum resource r)
{
	const struct body *b = &h->body[r];
	const char *known =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);

	if (!b->plain)
		return answer_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
			"Not rendered yet: Ballast is starting.\n");
	if (known && b->same && strstr(known, b->etag))
		return MHD_queue_response(c, MHD_HTTP_NOT_MODIFIED, b->same);
	if (b->gzip && accepts_gzip(c))
		return MHD_queue_response(c, MHD_HTTP_OK, b->gzip);
	return MHD_queue_response(c, MHD_HTTP_OK, b->plain);
}

enum MHD_Result answer_text(
	struct MHD_Connection *c, unsigned status, const char *type, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result done;

	if (!r)
		return MHD_NO;
	headers_add(r, type);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "5");
	done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

enum MHD_Result answer_out(struct MHD_Connection *c, const char *type, struct out *o)
{
	struct MHD_Response *r;
	enum MHD_Result done;
	size_t len = 0;
	char *data = out_take(o, &len);

	if (!data)
		return answer_text(
			c, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain", "Out of memory.\n");
	r = MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE);
	if (!r) {
		free(data);
		return MHD_NO;
	}
	headers_add(r, type);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	done = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return done;
}

void http_piece(struct http *h, enum piece_kind k, uint32_t index, const struct piece *p)
{
	struct pieces *all = &h->pieces[k];
	char *old = p->json;

	http_lock(h);
	if (index >= all->capacity) {
		uint32_t capacity = index + index / 2 + 32;
		struct piece *grown = realloc(all->piece, capacity * sizeof(*grown));

		if (grown) {
			memset(grown + all->capacity, 0,
				(capacity - all->capacity) * sizeof(*grown));
			all->piece = grown;
			all->capacity = capacity;
		}
	}
	if (index < all->capacity) {
		old = all->piece[index].json;
		all->piece[index] = *p;
		all->count = MAX_OF(all->count, index + 1);
	}
	http_unlock(h);
	free(old);
}

void http_trim(struct http *h, enum piece_kind k, uint32_t n)
{
	struct pieces *all = &h->pieces[k];

	http_lock(h);
	for (uint32_t i = n; i < all->count; i++) {
		free(all->piece[i].json);
		all->piece[i] = (struct piece){};
	}
	all->count = MIN_OF(all->count, n);
	http_unlock(h);
}
