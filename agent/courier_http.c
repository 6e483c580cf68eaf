#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "agent/courier.h"
#include "agent/render.h"
#include "agent/sign.h"

enum { IDLE_CONNECTION_S = 110, DATE_TEXT = 64 };

/* ---- curl on the event loop ---- */

static int on_io(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct courier *c = userdata;
	int running, what = 0;

	(void)io;
	what |= revents & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0;
	what |= revents & EPOLLOUT ? CURL_CSELECT_OUT : 0;
	what |= revents & EPOLLERR ? CURL_CSELECT_ERR : 0;
	(void)curl_multi_socket_action(c->multi, fd, what, &running);
	courier_pump(c);
	return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *known)
{
	struct courier *c = userdata;
	sd_event_source *io = known;
	uint32_t events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sd_event_source_disable_unref(io);
		(void)curl_multi_assign(c->multi, fd, NULL);
		return 0;
	}
	if (io)
		return sd_event_source_set_io_events(io, events) < 0 ? -1 : 0;
	if (sd_event_add_io(c->start->event, &io, fd, events, on_io, c) < 0)
		return -1;
	return curl_multi_assign(c->multi, fd, io) == CURLM_OK ? 0 : -1;
}

static int on_curl_time(sd_event_source *timer, uint64_t usec, void *userdata)
{
	struct courier *c = userdata;
	int running;

	(void)timer;
	(void)usec;
	(void)curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	courier_pump(c);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *userdata)
{
	struct courier *c = userdata;

	(void)multi;
	if (ms < 0)
		return sd_event_source_set_enabled(c->curl_timer, SD_EVENT_OFF) < 0 ? -1 : 0;
	if (sd_event_source_set_time_relative(c->curl_timer, (uint64_t)ms * 1000) < 0)
		return -1;
	return sd_event_source_set_enabled(c->curl_timer, SD_EVENT_ONESHOT) < 0 ? -1 : 0;
}

int http_init(struct courier *c)
{
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -ENOMEM;
	c->multi = curl_multi_init();
	if (!c->multi)
		return -ENOMEM;
	r = sd_event_add_time(c->start->event, &c->curl_timer, CLOCK_BOOTTIME, 0, 1, on_curl_time, c);
	if (r >= 0)
		r = sd_event_source_set_enabled(c->curl_timer, SD_EVENT_OFF);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)CFG_SINKS * 2);
	return MIN_OF(r, 0);
}

/* ---- one request ---- */

static size_t on_body(char *data, size_t size, size_t n, void *userdata)
{
	struct flight *f = userdata;
	size_t take = MIN_OF(size * n, sizeof(f->answer) - 1 - f->answer_len);

	memcpy(f->answer + f->answer_len, data, take);
	f->answer_len += take;
	f->answer[f->answer_len] = 0;
	return size * n;
}

static size_t on_read(char *buf, size_t size, size_t n, void *userdata)
{
	struct flight *f = userdata;
	size_t take = MIN_OF(size * n, f->len - f->sent);

	memcpy(buf, f->body + f->sent, take);
	f->sent += take;
	return take;
}

static bool set_header(struct curl_slist **list, const char *name, const char *value)
{
	char line[SIGN_HEADER + 64];
	struct curl_slist *grown;

	if (!format_text(line, sizeof(line), "%s: %s", name, value))
		return false;
	grown = curl_slist_append(*list, line);
	if (grown)
		*list = grown;
	return grown;
}

static int sign_flight(struct sink *s, int64_t wall_ms)
{
	struct sign_key keys[SIGN_KEYS] = {};
	char stamp[24], signature[SIGN_HEADER];
	int r;

	for (unsigned i = 0; s->secret && i < SIGN_KEYS; i++)
		keys[i] = (struct sign_key){s->secret->keys[i], s->secret->key_len[i]};
	format_text(stamp, sizeof(stamp), "%" PRId64, wall_ms / 1000);
	r = sign_webhook(keys, s->flight.id, wall_ms / 1000, s->flight.body, s->flight.len, signature, sizeof(signature));
	if (r < 0)
		return r;
	if (!set_header(&s->headers, "webhook-id", s->flight.id) || !set_header(&s->headers, "webhook-timestamp", stamp) ||
		(r > 0 && !set_header(&s->headers, "webhook-signature", signature)))
		return -ENOMEM;
	return 0;
}

static int make_headers(struct sink *s, int64_t wall_ms)
{
	curl_slist_free_all(s->headers);
	s->headers = NULL;
	if (!set_header(&s->headers, "Content-Type", render_content_type(s->cfg->type)) ||
		!set_header(&s->headers, "User-Agent", "Ballast") || !set_header(&s->headers, "Expect", ""))
		return -ENOMEM;
	return s->cfg->type == SINK_WEBHOOK ? sign_flight(s, wall_ms) : 0;
}

/* To the address that is known, by the name that is verified. */
static int aim(struct sink *s)
{
	const char *address = s->place.address[s->place.at];
	char line[96];

	curl_slist_free_all(s->connect_to);
	s->connect_to = NULL;
	if (s->place.literal && !s->place.count)
		return 0;
	format_text(line, sizeof(line), strchr(address, ':') ? "::[%s]:" : "::%s:", address);
	s->connect_to = curl_slist_append(NULL, line);
	return s->connect_to ? 0 : -ENOMEM;
}

static bool on_this_host(const struct place *p)
{
	const char *address = p->count ? p->address[p->at] : p->host;

	return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

static int make_mail(struct sink *s)
{
	struct curl_slist *grown;

	curl_slist_free_all(s->receivers);
	s->receivers = NULL;
	for (unsigned i = 1; i < s->cfg->ncommand; i++) {
		grown = curl_slist_append(s->receivers, cfg_list(s->c->start->config, s->cfg->command, i));
		if (!grown)
			return -ENOMEM;
		s->receivers = grown;
	}
	curl_easy_setopt(s->easy, CURLOPT_MAIL_FROM, cfg_list(s->c->start->config, s->cfg->command, 0));
	curl_easy_setopt(s->easy, CURLOPT_MAIL_RCPT, s->receivers);
	curl_easy_setopt(s->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(s->easy, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(s->easy, CURLOPT_READDATA, &s->flight);
	/* a mail server on this host rarely has a certificate that anybody could verify, and nobody listens in between */
	curl_easy_setopt(s->easy, CURLOPT_USE_SSL, (long)(on_this_host(&s->place) ? CURLUSESSL_NONE : CURLUSESSL_TRY));
	if (s->secret && *s->secret->token)
		curl_easy_setopt(s->easy, CURLOPT_USERPWD, s->secret->token);
	return 0;
}

/* What stays the same for every message; the handle is kept, and with it the warm connection. */
static int http_open(struct sink *s)
{
	uint32_t timeout = s->cfg->timeout_ms ? s->cfg->timeout_ms : 10000;

	s->easy = curl_easy_init();
	if (!s->easy)
		return -ENOMEM;
	curl_easy_setopt(s->easy, CURLOPT_URL, s->place.url);
	curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(s->easy, CURLOPT_PROXY, ""); /* what the environment says is not configuration */
	curl_easy_setopt(s->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, s->cfg->type == SINK_EMAIL ? "smtp,smtps" : "http,https");
	curl_easy_setopt(s->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)timeout);
	curl_easy_setopt(s->easy, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S);
	curl_easy_setopt(s->easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->curl_error);
	curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, &s->flight);
	tls_attach(&s->tls, s->easy, s->cfg->insecure);
	return 0;
}

int http_send(struct sink *s, int64_t wall_ms)
{
	int r = s->easy ? 0 : http_open(s), running;

	if (r == 0)
		r = aim(s);
	if (r == 0)
		r = s->cfg->type == SINK_EMAIL ? make_mail(s) : make_headers(s, wall_ms);
	if (r < 0)
		return r;
	s->curl_error[0] = 0;
	s->tls.expired_s = 0;
	s->flight.answer_len = s->flight.sent = 0;
	curl_easy_setopt(s->easy, CURLOPT_CONNECT_TO, s->connect_to);
	if (s->cfg->type != SINK_EMAIL) {
		curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers);
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->flight.len);
		curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, s->flight.body);
	}
	if (curl_multi_add_handle(s->c->multi, s->easy) != CURLM_OK)
		return -ENOMEM;
	/* at once, not after a timer's turn round the loop */
	(void)curl_multi_socket_action(s->c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	return 0;
}

void http_cancel(struct sink *s)
{
	if (s->easy)
		(void)curl_multi_remove_handle(s->c->multi, s->easy);
}

void http_forget(struct sink *s)
{
	http_cancel(s);
	curl_easy_cleanup(s->easy);
	curl_slist_free_all(s->headers);
	curl_slist_free_all(s->connect_to);
	curl_slist_free_all(s->receivers);
	s->easy = NULL;
	s->headers = s->connect_to = s->receivers = NULL;
}

/* ---- how it ended ---- */

static void certificate_error(const struct sink *s, char *buf, size_t size)
{
	char when[32];

	time_text(s->tls.expired_s * 1000, when, sizeof(when));
	format_text(buf, size, s->tls.not_yet ? "sink '%s': the certificate of %s is not valid before %s"
					      : "sink '%s': the certificate of %s expired %s",
		cfg_str(s->c->start->config, s->cfg->name), s->place.host, when);
}

static void network_error(const struct sink *s, CURLcode code, char *buf, size_t size)
{
	/* curl's own text may quote the URL, which may be a secret; of these it only names host and reason */
	bool harmless = code == CURLE_COULDNT_CONNECT || code == CURLE_PEER_FAILED_VERIFICATION;

	if (s->tls.expired_s)
		certificate_error(s, buf, size);
	else if (harmless && s->curl_error[0])
		format_text(buf, size, "%s: %s", s->place.host, s->curl_error);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		format_text(buf, size, "no answer from %s within %u ms", s->place.host, s->cfg->timeout_ms);
	else
		format_text(buf, size, "%s: %s", s->place.host, curl_easy_strerror(code));
}

static uint64_t asked_for(CURL *easy, unsigned http, int64_t now_wall_ms)
{
	struct curl_header *h;
	char text[DATE_TEXT];

	if (http != 429 && http != 503)
		return 0;
	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &h) != CURLHE_OK || !copy_text(text, sizeof(text), h->value))
		return 0;
	return retry_after_ms(text, (int64_t)curl_getdate(text, NULL), now_wall_ms);
}

static bool slack_refuses(const struct sink *s)
{
	return s->cfg->type == SINK_SLACK && strcmp(s->flight.answer, "ok") != 0;
}

/* SMTP's 4xx are for later and 5xx for good (RFC 5321 section 4.2.1): the other way round than HTTP's. */
static enum retry_class mail_class(CURLcode code, unsigned status)
{
	if (code == CURLE_OK)
		return RETRY_ACCEPTED;
	return status >= 500 && status <= 599 ? RETRY_PARK : RETRY_LATER;
}

static void ended(struct sink *s, CURLcode code)
{
	struct attempt a = {.class = RETRY_LATER};
	char error[128] = "";
	long status = 0;
	unsigned http;

	(void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
	http = status > 0 && status < 1000 ? (unsigned)status : 0;
	a.answered = http && (code == CURLE_OK || s->cfg->type == SINK_EMAIL);
	if (s->cfg->type == SINK_EMAIL)
		a.class = mail_class(code, http);
	else if (code == CURLE_OK)
		a.class = slack_refuses(s) && http == 200 ? RETRY_PARK : retry_classify(http);
	if (code != CURLE_OK)
		network_error(s, code, error, sizeof(error));
	else if (a.class != RETRY_ACCEPTED)
		format_text(error, sizeof(error), http == 200 ? "%s answered %u, but not 'ok'" : "%s answered %u", s->place.host, http);
	a.after_ms = code == CURLE_OK ? asked_for(s->easy, http, wall_ms()) : 0;
	http_cancel(s);
	courier_finish(s, &a, a.answered ? http : 0, error);
}

bool http_reap(struct courier *c)
{
	bool any = false;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left))) {
		struct sink *s = NULL;

		if (msg->msg != CURLMSG_DONE || curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &s) != CURLE_OK || !s)
			continue;
		ended(s, msg->data.result);
		any = true;
	}
	return any;
}
