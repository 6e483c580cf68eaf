/*
 * One look at a management plane: which address, which token, how long. Keeps what it learns in a flat memory that
 * workers share; it may be lost at any time. It never decides what an answer means.
 */
#pragma once
#include "probes/manage.h"

enum { MANAGE_MEMORIES = 32, MANAGE_PARTS = 8, MANAGE_OWNERS = 8 };

/* How an address was when it was last asked. */
enum place_state {
	PLACE_NEW,
	PLACE_ANSWERS,
	PLACE_MUTE,   /* takes the connection and never answers */
	PLACE_CLOSED, /* no connection */
	PLACE_DENIED, /* certificate, pin, user or password */
	PLACE_WRONG   /* answers, but not what was asked for */
};

struct manage_place {
	char resolved[48];    /* the address in numbers; a name is looked up once and kept */
	char token[MANAGE_TOKEN]; /* a header line; empty: not logged in */
	char session[160];    /* path of the session that it is of, where it has one */
	uint64_t login_ms;    /* of the last login that was tried; 0 none */
	uint64_t retry_ms;    /* not asked before; 0 any time */
	uint32_t wait_ms;
	uint8_t state;        /* enum place_state */
	uint8_t pad[3];
};

/* Whose address it is: told by an answer while it was well. */
struct manage_owner {
	char name[NAME_MAX_LEN], address[48];
	uint8_t kind, pad[7];
};

/* What is kept of one source. */
struct manage_memory {
	uint64_t key;         /* of its settings; 0 free */
	uint64_t used_ms;
	uint64_t done_ms[MANAGE_PARTS], known[MANAGE_PARTS];
	uint8_t lost;         /* something was not well at the last look: never wait longer than the interval */
	uint8_t pad[7];
	struct manage_place places[MANAGE_ADDRESSES];
	struct manage_owner owners[MANAGE_OWNERS];
	_Alignas(8) char keep[MANAGE_KEEP];
};

struct manage_memories {
	struct manage_memory of[MANAGE_MEMORIES];
};

/** manage_recall() - the memory of these settings, or a fresh one in place of the longest unused */
struct manage_memory *manage_recall(
	struct manage_memories *all, const struct manage_settings *s, enum source_type type, uint64_t now_ms);

struct manage_ran {
	char *output;         /* free() it; may be NULL */
	size_t len;
	int status;           /* exit status; -1: it did not end by itself */
	char error[160];
};
/* Runs one program for a look by SSH; @stdin_fd stays the caller's. */
typedef enum outcome manage_run_fn(char *const *argv, int stdin_fd, uint32_t timeout_ms, struct manage_ran *ret);

struct manage_look {
	const struct job *job;
	enum plane plane;
	const struct manage_settings *settings;
	const struct manage_driver *driver;
	struct manage_memory *memory;
	manage_run_fn *run;   /* NULL: no SSH here */
	void (*reading)(const struct reading *r, void *arg);
	void *arg;
};

/** manage_look() - ask one address after the other until one has answered whole; then hear the others */
void manage_look(const struct manage_look *l, struct job_end *ret);

/**
 * manage_leave() - log out of each session of these settings
 * @memory: whoever takes a token out of it logs out of it: workers share it
 * @end_ms: all of it, on boot_ms()'s clock; what was not logged out of by then ends by itself on the array
 *
 * Only at the end of a worker. A token that the array no longer takes needs none; the sessions of a source that a
 * reload changed or took away end by themselves too, since nobody knows any more whom to trust there.
 */
void manage_leave(const struct manage_settings *s, const struct manage_driver *driver, struct manage_memory *memory,
	uint64_t end_ms);

/* ---- inside of the transport ---- */

/* A look; what is of the address in hand is set anew for each. */
struct manage {
	const struct manage_look *look;
	struct job_end *end;
	struct manage_sink sink;
	uint64_t end_ms;      /* of the job */
	uint32_t heard;       /* bit per address that was asked or knocked at in this look */
	unsigned nheld;       /* well by their peer's word, kept back until their own address was heard */
	struct reading held[MANAGE_OWNERS];
	char held_address[MANAGE_OWNERS][48];
	/* the address in hand */
	struct manage_place *place;
	unsigned index;
	uint64_t deadline_ms;
	uint32_t listed;      /* bit per enum kind */
	uint32_t parts;       /* bit per part that was had */
	bool relogged, lost;
	char *body, *headers; /* of the last answer */
	size_t len;
	char error[160];
};

/** http_ask() - one request, without any login; outcomes as manage_ask() */
enum outcome http_ask(struct manage *m, const struct manage_request *rq, struct manage_answer *ret);
/** http_warm_up() - load what TLS needs before the disk may go */
void http_warm_up(void);
/** http_forget() - close connections that were kept: their settings may have changed */
void http_forget(void);
/** place_host() - the host of an address without brackets and port; the port, or @otherwise */
uint16_t place_host(const char *address, char *host, size_t size, uint16_t otherwise);
/** place_resolve() - fill .resolved once; 0 or -EHOSTUNREACH. May take seconds */
must_check int place_resolve(struct manage_place *p, const char *address);
