/* HTTPS requests, one at a time, each phase with its own deadline. */
#include "probes/manage_look.h"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <strings.h>

enum {
	CONNECT_MS = 2000, TLS_MS = 3000, FIRST_BYTE_MS = 5000, TOTAL_MS = 10000,
	STEP_MS = 100, IDLE_S = 100, KEPT = 16, HEADERS_MAX = 16384, URL_MAX = 512
};

/* Kept connections of this worker. */
static struct kept {
	const struct manage_place *place;
	CURL *easy;
	uint64_t used_ms;
} kept[KEPT];
static CURLM *multi;

enum phase { PHASE_CONNECT, PHASE_TLS, PHASE_ANSWER, PHASE_BODY, PHASE_COUNT };

static const struct {
	uint32_t limit_ms;
	enum outcome outcome;
	const char *text;
} phases[PHASE_COUNT] = {
	[PHASE_CONNECT] = {CONNECT_MS, OUTCOME_GONE, "no connection within 2 s"},
	[PHASE_TLS] = {TLS_MS, OUTCOME_TIMEOUT, "takes connections, but no TLS within 3 s"},
	[PHASE_ANSWER] = {FIRST_BYTE_MS, OUTCOME_TIMEOUT, "takes connections, but does not answer within 5 s"},
	[PHASE_BODY] = {TOTAL_MS, OUTCOME_TIMEOUT, "began to answer and did not end within 10 s"},
};

struct http {
	struct manage *m;
	CURL *easy;
	enum phase phase;
	uint64_t phase_ms, start_ms;
	size_t capacity, headers_len;
	bool too_much;
	char curl_error[CURL_ERROR_SIZE];
};

static void enter(struct http *h, enum phase p)
{
	if (h->phase == p)
		return;
	h->phase = p;
	h->phase_ms = boot_ms();
}

void http_warm_up(void)
{
	SSL_CTX *ctx;

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	(void)OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
	ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_free(ctx);
}

/* ---- what curl calls ---- */

static CURLcode on_tls(CURL *easy, void *ctx, void *userdata)
{
	(void)easy;
	(void)ctx;
	enter(userdata, PHASE_TLS);
	return CURLE_OK;
}

static int on_request(void *userdata, char *to, char *from, int to_port, int from_port)
{
	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	enter(userdata, PHASE_ANSWER);
	return CURL_PREREQFUNC_OK;
}

static size_t on_header(char *data, size_t size, size_t n, void *userdata)
{
	struct http *h = userdata;
	size_t len = size * n;

	enter(h, PHASE_BODY);
	if (len > HEADERS_MAX - 1 - h->headers_len) {
		h->too_much = true;
		return 0;
	}
	memcpy(h->m->headers + h->headers_len, data, len);
	h->headers_len += len;
	h->m->headers[h->headers_len] = '\0';
	return len;
}

static bool grow(struct http *h, size_t wanted)
{
	size_t capacity = h->capacity ? h->capacity : 16384;
	char *more;

	if (wanted > MANAGE_BODY_MAX)
		return false;
	while (capacity < wanted + 1)
		capacity *= 2;
	if (capacity == h->capacity)
		return true;
	more = realloc(h->m->body, capacity);
	if (!more)
		return false;
	h->m->body = more;
	h->capacity = capacity;
	return true;
}

static size_t on_body(char *data, size_t size, size_t n, void *userdata)
{
	struct http *h = userdata;
	size_t len = size * n;

	enter(h, PHASE_BODY);
	if (!grow(h, h->m->len + len)) {
		h->too_much = true;
		return 0;
	}
	memcpy(h->m->body + h->m->len, data, len);
	h->m->len += len;
	h->m->body[h->m->len] = '\0';
	return len;
}

/* ---- one handle per address ---- */

static void drop(struct kept *k)
{
	curl_easy_cleanup(k->easy);
	*k = (struct kept){};
}

void http_forget(void)
{
	for (unsigned i = 0; i < KEPT; i++)
		drop(&kept[i]);
	(void)curl_multi_cleanup(multi);
	multi = NULL;
}

static CURL *handle_of(const struct manage_place *p)
{
	struct kept *oldest = &kept[0];

	for (unsigned i = 0; i < KEPT; i++) {
		if (kept[i].place == p) {
			kept[i].used_ms = boot_ms();
			return kept[i].easy;
		}
		if (kept[i].used_ms < oldest->used_ms)
			oldest = &kept[i];
	}
	drop(oldest);
	*oldest = (struct kept){p, curl_easy_init(), boot_ms()};
	return oldest->easy;
}

static void set_pins(CURL *easy, const struct manage_settings *s)
{
	char text[MANAGE_PINS * 64] = "", *at = text;

	for (unsigned i = 0; i < s->npins && i < MANAGE_PINS; i++) {
		format_text(at, 64, "%s%.60s", i ? ";" : "", s->pin[i]);
		at += strlen(at);
	}
	curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, text);
}

static void set_trust(CURL *easy, const struct manage_settings *s)
{
	struct curl_blob ca = {.data = (void *)(uintptr_t)s->ca, .len = s->ca_len, .flags = CURL_BLOB_NOCOPY};
	long verify = s->tls == MANAGE_TLS_CA;

	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (verify)
		curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &ca);
	if (s->tls == MANAGE_TLS_PIN)
		set_pins(easy, s);
}

static struct curl_slist *add(struct curl_slist *list, const char *line)
{
	struct curl_slist *grown = *line ? curl_slist_append(list, line) : NULL;

	return grown ? grown : list;
}

static struct curl_slist *make_headers(const struct manage *m, const struct manage_request *rq)
{
	struct curl_slist *list = add(NULL, "Accept: application/json");
	char type[128];

	format_text(type, sizeof(type), "Content-Type: %s", rq->content_type ? rq->content_type : "application/json");
	list = add(list, "User-Agent: Ballast");
	list = add(list, "Expect:");
	if (rq->body)
		list = add(list, type);
	if (!rq->anonymous)
		list = add(list, m->place->token);
	for (unsigned i = 0; i < MANAGE_HEADERS && rq->headers[i]; i++)
		list = add(list, rq->headers[i]);
	return list;
}

static bool set_target(struct http *h, const struct manage_request *rq, struct curl_slist **ret_to)
{
	const struct manage *m = h->m;
	const char *address = m->look->settings->address[m->index];
	const char *at = m->place->resolved;
	char host[128], url[URL_MAX], to[96];
	uint16_t port = place_host(address, host, sizeof(host), m->look->driver->port);
	bool v6 = strchr(host, ':');

	if (rq->path[0] != '/' ||
		!format_text(url, sizeof(url), "https://%s%s%s:%u%s", v6 ? "[" : "", host, v6 ? "]" : "", port,
			rq->path) ||
		!format_text(to, sizeof(to), strchr(at, ':') ? "::[%s]:" : "::%s:", at))
		return false;
	*ret_to = curl_slist_append(NULL, to);
	curl_easy_setopt(h->easy, CURLOPT_URL, url);
	curl_easy_setopt(h->easy, CURLOPT_CONNECT_TO, *ret_to);
	return *ret_to;
}

static void set_callbacks(struct http *h)
{
	CURL *easy = h->easy;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, h->curl_error);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, h);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, h);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, h);
}

static void set_request(struct http *h, const struct manage_request *rq, struct curl_slist *headers)
{
	const struct manage_settings *s = h->m->look->settings;

	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, headers);
	if (rq->leave) {
		curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, "DELETE");
	} else if (rq->body) {
		curl_easy_setopt(h->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(rq->body));
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, rq->body);
	} else {
		curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
	}
	if (rq->basic) {
		curl_easy_setopt(h->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(h->easy, CURLOPT_USERNAME, s->user);
		curl_easy_setopt(h->easy, CURLOPT_PASSWORD, s->secret);
	}
}

/* ---- how it goes ---- */

static enum outcome say(struct http *h, enum outcome o, const char *what)
{
	return manage_fail(h->m, o, "%s: %s", h->m->look->settings->address[h->m->index], what);
}

static enum outcome explain(struct http *h, CURLcode code)
{
	if (h->too_much)
		return say(h, OUTCOME_NONSENSE, "the answer is larger than 8 MiB");
	if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
		return say(h, OUTCOME_REFUSED, "its public key is not one of the pins");
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return say(h, OUTCOME_REFUSED, h->curl_error[0] ? h->curl_error : "its certificate is not trusted");
	if (code == CURLE_COULDNT_CONNECT)
		return say(h, OUTCOME_GONE, "no connection");
	if (code == CURLE_PARTIAL_FILE || (code == CURLE_RECV_ERROR && h->phase == PHASE_BODY))
		return say(h, OUTCOME_SHORT, "the answer was cut off");
	if (code == CURLE_SSL_CONNECT_ERROR)
		return say(h, h->phase == PHASE_TLS ? OUTCOME_ERROR : OUTCOME_GONE, "no TLS with it");
	if (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR)
		return say(h, OUTCOME_SHORT, "hung up without an answer");
	return say(h, OUTCOME_NONSENSE, curl_easy_strerror(code));
}

static bool too_late(struct http *h, uint64_t now)
{
	return now >= h->phase_ms + phases[h->phase].limit_ms || now >= h->start_ms + TOTAL_MS ||
	       now >= h->m->deadline_ms;
}

/* True with the result; false when a deadline passed. */
static bool transfer(struct http *h, CURLcode *ret)
{
	int running = 1, left;
	CURLMsg *msg;

	while (!too_late(h, boot_ms())) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return false;
		while ((msg = curl_multi_info_read(multi, &left)))
			if (msg->msg == CURLMSG_DONE && msg->easy_handle == h->easy) {
				*ret = msg->data.result;
				return true;
			}
		(void)curl_multi_poll(multi, NULL, 0, STEP_MS, NULL);
	}
	return false;
}

static enum outcome finish(struct http *h, bool ended, CURLcode code, struct manage_answer *ret)
{
	long status = 0;

	if (!ended)
		return say(h, phases[h->phase].outcome, phases[h->phase].text);
	if (code != CURLE_OK)
		return explain(h, code);
	(void)curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	*ret = (struct manage_answer){(unsigned)status, h->m->body, h->m->len, h->m->headers};
	if (status >= 200 && status < 300)
		return OUTCOME_OK;
	return manage_fail(h->m, status == 401 || status == 403 ? OUTCOME_REFUSED : OUTCOME_ERROR, "%s answered %ld",
		h->m->look->settings->address[h->m->index], status);
}

static bool make_room(struct http *h)
{
	struct manage *m = h->m;

	free(m->body);
	free(m->headers);
	m->len = 0;
	m->body = NULL;
	m->headers = calloc(1, HEADERS_MAX);
	if (!m->headers || !grow(h, 0))
		return false;
	m->body[0] = '\0';
	return true;
}

enum outcome http_ask(struct manage *m, const struct manage_request *rq, struct manage_answer *ret)
{
	struct http h = {.m = m, .phase_ms = boot_ms(), .start_ms = boot_ms()};
	struct curl_slist *to = NULL, *headers;
	enum outcome o = OUTCOME_ERROR;
	CURLcode code = CURLE_OK;
	bool ended;

	*ret = (struct manage_answer){};
	if (!multi)
		multi = curl_multi_init();
	h.easy = handle_of(m->place);
	if (!multi || !h.easy || !make_room(&h))
		return manage_fail(m, OUTCOME_ERROR, "no memory for a connection");
	curl_easy_reset(h.easy);
	set_callbacks(&h);
	set_trust(h.easy, m->look->settings);
	headers = make_headers(m, rq);
	set_request(&h, rq, headers);
	if (!set_target(&h, rq, &to))
		o = manage_fail(m, OUTCOME_ERROR, "the path '%.60s' cannot be asked for", rq->path);
	else if (curl_multi_add_handle(multi, h.easy) == CURLM_OK) {
		ended = transfer(&h, &code);
		o = finish(&h, ended, code, ret);
		(void)curl_multi_remove_handle(multi, h.easy);
	}
	curl_slist_free_all(headers);
	curl_slist_free_all(to);
	return o;
}
