/*
 * Asking an array's management plane: what a driver is, what it is given and what it hands back. The transport
 * (connections, TLS, tokens, deadlines, caps, back-off, which address next) is the same for all of them and stays
 * in manage_*.c; a driver only knows paths and words. Nothing here ever changes an array.
 *
 * To add a driver, say for arrays of make "abc":
 *  1. probes/abc.c, pure: text and length in, readings out through a struct manage_sink, 0 or -EBADMSG back. Closed
 *     tables of words (manage_state()); an answer that is cut short or lacks what it must have is -EBADMSG and no
 *     reading. A fuzz target in tests/fuzz (an answer that was not whole never yields STATE_OK).
 *  2. probes/abc_driver.c: login() and look() out of manage_ask() calls and the parsers, and one
 *     const struct manage_driver manage_abc = {.port = 443, .login = …, .look = …};
 *  3. a row in drivers[] in agent/manage_jobs.c, one in source_types[] in agent/config_schema.c (manage_fields are
 *     shared), one in polled_bus() in agent/sched.c, one in source_defaults[] in agent/config_build.c.
 */
#pragma once
#include "probes/reading.h"

struct json_object;
struct layout_pool;
struct manage; /* one look at one address: made by the transport, given to the driver, gone afterwards */

enum {
	MANAGE_ADDRESSES = 8,             /* of one source */
	MANAGE_PINS = 8,
	MANAGE_HEADERS = 4,
	MANAGE_BODY_MAX = 8 * 1024 * 1024, /* bytes; a longer answer is refused */
	MANAGE_DEPTH = 32,                /* nesting of JSON and XML */
	MANAGE_TOKEN = 1536,
	MANAGE_KEEP = 4096 /* bytes */
};

enum manage_tls { MANAGE_TLS_CA, MANAGE_TLS_PIN, MANAGE_TLS_INSECURE, MANAGE_TLS_COUNT };
enum manage_transport { MANAGE_REST, MANAGE_SSH, MANAGE_TRANSPORT_COUNT };

/* One source's settings, resolved. All texts stay the caller's and are never NULL. */
struct manage_settings {
	uint8_t transport, tls;           /* enum manage_transport, manage_tls */
	uint8_t npins, naddress;
	const char *address[MANAGE_ADDRESSES]; /* HOST, HOST:PORT or [V6]:PORT, in the order they are asked */
	const char *pin[MANAGE_PINS];     /* "sha256//" and base64 of the SubjectPublicKeyInfo's hash; any will do */
	const char *user, *secret;        /* secret: never in a URL, an argument, a message or a log line */
	const char *ca;                   /* PEM, not NUL-terminated */
	size_t ca_len;
	const char *identity, *known_hosts; /* SSH: private key as text; path */
	uint32_t interval_ms;
};

/* Where readings go, for the pure parsers as well. */
struct manage_sink {
	/* @address: the component's own management address where the answer names one, else ""; the transport sets
	 * a component whose own address is silent to STATE_UNREACHABLE, whatever its peer says of it */
	void (*reading)(const struct reading *r, const char *address, void *arg);
	void *arg;
};

struct manage_request {
	const char *path;                 /* "/rest/v1/lssystem": always at the address in hand */
	const char *body;                 /* NULL: GET; else POST, "" for an empty one */
	bool leave;                       /* DELETE: of the session that was logged in to, and of nothing else */
	const char *content_type;         /* NULL: application/json */
	const char *headers[MANAGE_HEADERS]; /* "Name: value"; NULL ends */
	bool basic;                       /* HTTP Basic with user and secret */
	bool anonymous;                   /* without the token: the login itself */
};

/* Belongs to the session and is good until its next request. */
struct manage_answer {
	unsigned status;                  /* HTTP; 0 none. SSH: 200 */
	char *body;                       /* NUL-terminated, may hold NUL; never NULL */
	size_t len;
	const char *headers;              /* raw lines; manage_header() */
};

struct manage_driver {
	uint16_t port;                    /* when an address has none */
	/* NULL: no login. Ask with .anonymous, then manage_set_token(). Called at most once a minute and address, and
	 * once more when the token died (401 or 403) */
	enum outcome (*login)(struct manage *m);
	/* best effort, with the token still set; NULL: there is none. Called when the worker ends */
	void (*logout)(struct manage *m);
	/* ask what is due, tell the readings; OUTCOME_OK only for a whole answer. Called for one address after the
	 * other until one returns OUTCOME_OK */
	enum outcome (*look)(struct manage *m);
	/* GET or POST this to hear whether an address answers at all (any status will do), for those that look() was
	 * not called for; path NULL: they are not asked */
	struct manage_request knock;
	const char *knock_command;        /* the same by SSH: any exit status but ssh's own will do */
	/* instead of a knock something small with a login of its own, where one that is half dead stalls only after
	 * that; NULL: a knock will do */
	enum outcome (*hear)(struct manage *m);
};

extern const struct manage_driver manage_spectrum, manage_mc, manage_santricity, manage_redfish;

/* ---- for drivers ---- */

const struct manage_settings *manage_settings(const struct manage *m);
/** manage_address() - the address in hand, in numbers */
const char *manage_address(const struct manage *m);
/** manage_left_ms() - until the end of what this address may take */
uint64_t manage_left_ms(const struct manage *m);
/**
 * manage_identify() - is it the array that is meant? Asked before anything of it is told
 * @said:    serial numbers it goes by, see manage_own_serial()
 * @ret_own: the meant one where it is among them, else the first in order; "" when nothing was said
 *
 * Return: OUTCOME_OK, also where nothing is expected or nothing was said; OUTCOME_NONSENSE another array answers.
 */
enum outcome manage_identify(struct manage *m, const char *const *said, unsigned n, const char **ret_own);

/** manage_sink() - where readings of this look go; fills .job, .source, .array, .plane itself */
const struct manage_sink *manage_sink(struct manage *m);

/**
 * manage_ask() - one request to the address in hand, one in flight
 *
 * A 401 or 403 logs in again, once. Deadlines: connect 2 s, TLS 3 s, first byte 5 s, all of it 10 s, and never past
 * the end of the job.
 *
 * Return: OUTCOME_OK for a 2xx with its whole body; else the reason is told (manage_fail()) and @ret->status is the
 * HTTP status if there was one: OUTCOME_TIMEOUT accepted the connection and did not answer; OUTCOME_GONE no
 * connection; OUTCOME_REFUSED login, certificate or pin; OUTCOME_SHORT cut off; OUTCOME_NONSENSE too large or no
 * HTTP; OUTCOME_ERROR any other status.
 */
enum outcome manage_ask(struct manage *m, const struct manage_request *rq, struct manage_answer *ret);
enum outcome manage_get(struct manage *m, const char *path, struct manage_answer *ret);
enum outcome manage_post(struct manage *m, const char *path, const char *body, struct manage_answer *ret);

/** manage_command() - SSH: run one command of a closed list; the same outcomes, stdout is the body */
enum outcome manage_command(struct manage *m, const char *command, struct manage_answer *ret);

/** manage_header() - value of the first header @name; false when there is none or it does not fit */
bool manage_header(const struct manage_answer *a, const char *name, char *ret, size_t size);

/** manage_set_token() - "X-Auth-Token: …": sent with each request to this address from now on, and by later looks */
void manage_set_token(struct manage *m, const char *header);

/** manage_set_session() / manage_session() - path of what logout() has to delete; "" when there is nothing */
void manage_set_session(struct manage *m, const char *path);
const char *manage_session(const struct manage *m);

/**
 * manage_due() - is a part of the look that need not be had each time due again
 * @part: 0 … 7, the driver's own numbering
 *
 * Counts as done when look() returns OUTCOME_OK. Readings of such parts carry .every_ms = @every_ms, else they are
 * stale before they come again.
 */
bool manage_due(struct manage *m, unsigned part, uint32_t every_ms);
/** manage_postpone() - the part was not had after all: it stays due, though the look is well. Returns false */
bool manage_postpone(struct manage *m, unsigned part);
/** manage_know() / manage_known() - a small number to be remembered from look to look per source; @slot 0 … 7 */
void manage_know(struct manage *m, unsigned slot, uint64_t value);
uint64_t manage_known(const struct manage *m, unsigned slot);

/**
 * manage_keep() - MANAGE_KEEP bytes of the driver's own, remembered from look to look per source; zeroes at first
 *
 * They may be lost at any time, and a worker that was killed may have left them half written.
 */
void *manage_keep(struct manage *m);

/** manage_listed() - this look listed all components of @kind: what was not told is absent */
void manage_listed(struct manage *m, enum kind kind);

/** manage_fail() - why, for people; returns @o */
enum outcome manage_fail(struct manage *m, enum outcome o, const char *fmt, ...) printf_like(3, 4);

/* ---- for pure parsers (manage_words.c) ---- */

/* A closed table of an array's words. */
struct manage_word {
	const char *word;
	uint8_t state;                    /* enum state */
	uint32_t limit_ms;                /* STATE_TRANSITION: how long it may last */
};

/** manage_state() - state, limit and raw text of a reading; a word that is not in the table is STATE_UNKNOWN */
void manage_state(struct reading *r, const struct manage_word *words, size_t n, const char *word);
/** manage_worse() - the same, but only when it is worse than what @r has already */
void manage_worse(struct reading *r, const struct manage_word *words, size_t n, const char *word);

/** manage_own_serial() - of @n serial numbers the one that is @meant, else the first in order; NULL when none
 * of them is a number: empty, a word such as "N/A", zeros */
const char *manage_own_serial(const char *meant, const char *const *said, unsigned n);
/** manage_is_serial() - do both mean one array? As people write it: upper or lower case */
bool manage_is_serial(const char *meant, const char *said);

/** manage_json() - a whole JSON text, nested no deeper than MANAGE_DEPTH; NULL. Caller: json_object_put() */
struct json_object *manage_json(const char *text, size_t len);
/** manage_text() - a member as text, numbers and booleans too; "" when it is not there or is none of them */
const char *manage_text(struct json_object *o, const char *key);
/** manage_number() - a member that is a number, or a text that is one and nothing else; false */
bool manage_number(struct json_object *o, const char *key, double *ret);

/** manage_tell_sets() - who serves in a pool that was told by itself: after it and its drives, by whose names its legs go */
void manage_tell_sets(const struct layout_pool *p, const struct manage_sink *sink);
