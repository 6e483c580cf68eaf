/*
 * The courier: tells people. A follower of the log that keeps a queue per sink, sends one message at a
 * time to each and reports every attempt. It holds no only copy: what the engine has not been told is
 * accepted is wanted again. It resolves no name and starts no program itself; its helper does.
 */
#pragma once
#include <curl/curl.h>
#include <systemd/sd-event.h>

#include "agent/courier_helper.h"
#include "agent/courier_tls.h"
#include "agent/queue.h"
#include "agent/role.h"
#include "agent/view.h"

enum { COURIER_ADDRESSES = HELPER_ADDRESSES, COURIER_ID = 64 };

struct courier;

/* Where a sink is: from its URL, its configured address or what its name resolved to. */
struct place {
	char url[512], host[256];
	uint16_t port;
	bool tls, literal, known;   /* literal: nothing to resolve; known: an address is there */
	char address[COURIER_ADDRESSES][48];
	unsigned count, at;         /* at: the one in use; the next after a network failure */
	uint64_t resolve_ms;        /* when to ask again */
	unsigned unanswered;        /* helpers' children that never answered: perhaps they cannot be killed */
};

/* One message on its way. */
struct flight {
	bool on, heartbeat, urgent, run; /* run: by the helper, not by curl */
	uint64_t number;            /* of the helper's request */
	uint64_t epoch, sequence;   /* of the alert */
	uint64_t started_ms;
	char id[COURIER_ID];
	char *body;
	size_t len;
	char answer[16];            /* the beginning of the receiver's answer */
	size_t answer_len, sent;    /* sent: bytes of the body given to curl (SMTP) */
};

struct sink {
	struct courier *c;
	unsigned index;
	const struct cfg_sink *cfg;       /* in the mapped configuration */
	const struct sink_secret *secret; /* NULL: none */
	struct queue queue;
	struct place place;
	struct flight flight;
	CURL *easy;
	struct curl_slist *headers, *connect_to, *receivers;
	struct courier_tls tls;
	char curl_error[CURL_ERROR_SIZE];
	uint64_t heartbeat_ms;            /* when the next one is due; 0 never */
	bool failing;                     /* told in the log */
	uint32_t beats;                   /* heartbeats that failed in a row */
};

struct courier {
	struct role_start *start;
	struct model model;
	bool loaded;                      /* a snapshot has come */
	uint64_t beat_ms;                 /* when the engine last said that it decides */
	CURLM *multi;
	sd_event_source *curl_timer, *due;
	struct helper helper;
	struct sink sinks[CFG_SINKS];
	unsigned nsinks;
	uint32_t random;
};

/* courier.c */
/** courier_pump() - send what is due, and be woken when the next is */
void courier_pump(struct courier *c);
/** courier_finish() - the flight of @s has ended: note it and report it */
void courier_finish(struct sink *s, const struct attempt *a, unsigned http, const char *error);
/** courier_answer() - the helper's answer */
void courier_answer(struct courier *c, const struct helper_answer *a);

/* courier_sink.c */
/** sink_open() - from the configuration */
void sink_open(struct courier *c, unsigned index);
void sink_close(struct sink *s);
/** sink_resolve() - ask the helper when it is time; returns when next, boot ms */
uint64_t sink_resolve(struct sink *s, uint64_t now_ms);
void sink_resolved(struct sink *s, const struct helper_answer *a, uint64_t now_ms);
/** sink_restore_address() - from the replica, when there is no better one */
void sink_restore_address(struct sink *s);

/** sink_is_command() - run by the helper instead of sent by curl */
bool sink_is_command(const struct sink *s);

/* courier_flight.c */
/** flight_start() - write the message for @a and send it; -ENOMSG nothing to tell this kind of sink */
must_check int flight_start(struct sink *s, const struct alert_row *a, uint64_t now_ms, int64_t wall_ms);
/** flight_beat() - the same for a heartbeat */
must_check int flight_beat(struct sink *s, uint64_t now_ms, int64_t wall_ms);
/** flight_end() - forget the message; also takes back what is still on its way */
void flight_end(struct sink *s);

/* courier_http.c */
must_check int http_init(struct courier *c);
/** http_send() - give the flight's body to curl, which sends in this very call where a connection is there */
must_check int http_send(struct sink *s, int64_t wall_ms);
/** http_reap() - end the flights that curl has finished, by courier_finish(); true when there was one */
bool http_reap(struct courier *c);
/** http_cancel() - take a flight back; nothing is reported */
void http_cancel(struct sink *s);
/** http_forget() - drop the handle and what belongs to it */
void http_forget(struct sink *s);
