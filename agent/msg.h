/*
 * What processes say to each other: fixed structs over SOCK_SEQPACKET, one message one struct, whose
 * length must equal sizeof. Only records, which come in bursts, go up to MSG_MANY at once, so that who
 * follows wakes up once: the length must be a multiple. The first message of a connection carries the build id.
 */
#pragma once
#include <errno.h>

#include "agent/model.h"
#include "probes/notice.h"

enum role {
	ROLE_SUPERVISOR, ROLE_ENGINE, ROLE_RUNNER, ROLE_PROBER, ROLE_DISCOVERER, ROLE_COURIER, ROLE_SCRIBE, ROLE_WEB,
	ROLE_SCENARIO, ROLE_RESOLVER, ROLE_LISTENER, ROLE_COUNT
};

enum msg_type {
	MSG_NONE,
	MSG_HELLO,      /* both ways, first: struct msg_hello */
	/* supervisor -> zygote -> supervisor */
	MSG_FORK,       /* struct msg_fork + descriptors: [0] supervisor link, [1] engine link or none */
	MSG_FORKED,     /* struct msg_forked + pidfd */
	/* supervisor -> role */
	MSG_CONFIG,     /* struct msg_config + config memfd [+ secrets memfd for the courier, credentials for BUS_MANAGE and BUS_SSH] */
	MSG_ENGINE,     /* struct msg_peer + a fresh engine link: the engine was replaced */
	/* supervisor -> engine */
	MSG_PEER,       /* struct msg_peer + descriptor: a role (again) ready to be spoken to */
	MSG_PEER_DIED,  /* struct msg_peer_died */
	MSG_CHECKPOINT, /* struct msg_checkpoint + memfd; also engine -> supervisor: hold this */
	MSG_LISTEN,     /* struct msg_peer + listening control socket (engine) or HTTP socket (web) */
	MSG_RELOADED,   /* struct msg_reloaded: configuration refused, with why; engine -> discoverer: tell all again */
	/* engine -> supervisor */
	MSG_ALIVE,      /* struct msg_alive: the engine decides; feeds the watchdog */
	MSG_WANT_PROBER,/* struct msg_peer: one more worker for bus .bus */
	MSG_ABANDON,    /* struct msg_peer: kill worker .index, never wait for it */
	/* engine -> prober -> engine */
	MSG_JOB,        /* struct job */
	MSG_READING,    /* struct reading */
	MSG_JOB_END,    /* struct job_end */
	MSG_DEVICE,     /* struct device_event */
	MSG_NOTICE,     /* listener -> engine: struct notice */
	/* engine -> follower; MSG_BEAT also supervisor -> follower -> supervisor: are you there */
	MSG_RECORD,     /* struct record, up to MSG_MANY of them */
	MSG_SNAPSHOT,   /* struct msg_snapshot + sealed memfd of model_pack() */
	MSG_BEAT,       /* struct msg_beat: every 5 s, and the engine's word that it decides */
	/* follower -> engine */
	MSG_DELIVERY,   /* struct delivery, courier */
	MSG_JOURNAL,    /* struct journal_report, scribe */
	MSG_STEP_RESULT,/* struct step_result, runner */
	MSG_VERB,       /* engine -> runner: struct verb_order */
	MSG_ABORT_VERB, /* engine -> runner: struct verb_order, only .job counts */
	/* ballastctl <-> engine */
	MSG_COMMAND,    /* struct command */
	MSG_REPLY,      /* struct reply */
	MSG_TYPE_COUNT
};

struct msg_hello { uint64_t build; uint16_t role, index; uint32_t pid; };
struct msg_fork { uint16_t role, index; uint8_t bus, demo, pad[2]; };
struct msg_forked { int32_t pid; int32_t error; };
struct msg_config { uint64_t config_size, secrets_size, credentials_size; uint32_t generation, initial; };
struct msg_peer { uint16_t role, index; uint8_t bus, pad[3]; };
/* silent_s: it was ended because it had not answered for so long; 0 it ended by itself */
struct msg_peer_died { uint16_t role, index; uint8_t exit_kind, bus, abandoned, silent_s; int32_t exit_value; };
struct msg_checkpoint { uint64_t size; uint64_t sequence; };
struct msg_reloaded { int32_t ok; uint32_t errors; char first_error[256]; };
struct msg_alive { uint64_t decided_ms; uint32_t ready, lag_ms; char status[128]; };
struct msg_snapshot { uint64_t size, sequence; };
struct msg_beat { uint64_t at_ms; int64_t wall_ms; uint64_t sequence; };

/* What an array said by itself, or somebody in its name. */
struct notice {
	uint16_t source;            /* index into config's sources */
	uint8_t kind, pad;          /* enum notice_kind */
	uint32_t count;             /* times it said so since the last notice of this kind */
	char text[128];             /* printable */
};

enum delivery_result { DELIVERY_ACCEPTED, DELIVERY_RETRY, DELIVERY_PARKED, DELIVERY_RESULT_COUNT };

struct delivery {
	uint64_t sequence;          /* alert_row.sequence; 0: heartbeat */
	uint8_t sink, result;       /* enum delivery_result */
	uint16_t http;              /* status, 0 none */
	uint32_t attempt;
	int64_t next_try_wall_ms;
	char error[128];
	char name[32];              /* of the sink: a reload may have given its number to another; empty: the number holds */
	char address[48];           /* the sink's name last resolved to it, for sink_row.address; empty: nothing new */
};

struct journal_report {
	uint8_t state, pad[7];      /* enum journal_state */
	uint64_t durable_sequence;
	uint32_t waiting, pad2;
	char error[128];
};

/* One verb of one step, for the runner to carry out. */
struct verb_order {
	uint32_t job, run;
	uint16_t plan, step;        /* indexes: config plan, step within it */
	uint8_t verb, mode, fenced, verdict;
	uint32_t timeout_ms, attempt;
	int32_t previous_exit;
	uint64_t epoch, deadline_ms;
	char reason[128];
	char serial[40];            /* of the array, as a person would have to type it */
	char plan_name[32], step_name[32]; /* what the indexes mean: the runner may know another configuration */
};

/* exit_value of EXIT_NO_SPAWN when the script is not what may be run; status says which and why. No execve(2) error */
enum { STEP_REFUSED = EKEYREJECTED };

struct step_result {
	uint32_t job, took_ms;
	uint8_t exit_kind, stuck, pad[2]; /* enum exit_kind */
	int32_t exit_value;
	uint32_t output_len, leftovers;   /* leftovers: processes that had to be killed after it */
	char status[160];           /* fd 3 */
	char output_tail[160];
};

enum command_type {
	CMD_FOLLOW,                 /* snapshot, then the tail: status, watch, drives, events … are drawn from it */
	CMD_ACK, CMD_UNACK, CMD_MAINTENANCE_START, CMD_MAINTENANCE_STOP, CMD_ADOPT, CMD_FORGET, CMD_ARM, CMD_DISARM,
	CMD_DRY_RUN, CMD_DRILL, CMD_RUN, CMD_APPROVE, CMD_DENY, CMD_ABORT, CMD_RESUME, CMD_CLEAR, CMD_TEST_ALERT,
	CMD_RELOAD, CMD_TYPE_COUNT
};

struct command {
	uint16_t type, allow_kind;  /* enum command_type; enum kind of --allow */
	uint32_t allow_count;
	uint64_t for_ms;            /* --for; 0 none */
	char id[160];               /* finding, component, array, plan, run or sink */
	char serial[40];            /* failover run --serial */
	char why[96];
	uint32_t uid;               /* filled by the engine from SO_PEERCRED, never trusted from the wire */
	char by[32];                /* likewise: user name or uid as text */
};

struct reply {
	int32_t code;               /* 0 done, else errno */
	uint32_t pad;
	uint64_t sequence;          /* of the record that says so: lets the client wait for it */
	char text[256];             /* one line: what was done, or why not and what to do */
};

/** build_id() - of this build; processes of another build are refused */
uint64_t build_id(void);
const char *role_text(enum role r);
size_t msg_size(enum msg_type t);

enum { MSG_FDS = 4, MSG_BYTES = 4096 };

/**
 * msg_send() - one message, never blocking
 * @fds: descriptors to pass along, stay the caller's; may be NULL with @nfds 0
 *
 * Return: 0; -EAGAIN when the socket is full; -EPIPE and others as sendmsg(2).
 */
must_check int msg_send(int fd, enum msg_type type, const void *body, const int *fds, unsigned nfds);

enum { MSG_MANY = 16 };
/**
 * msg_send_many() - several structs of one type, which allows it, as one message without descriptors
 * @bodies: @n of them, at most MSG_MANY
 *
 * Return: 0 all of them; -EINVAL when the type goes one by one; else none, as msg_send().
 */
must_check int msg_send_many(int fd, enum msg_type type, const void *const *bodies, unsigned n);

/** msg_offer() - a send that may be lost, because what it says is said again or does not matter then */
static inline void msg_offer(int fd, enum msg_type type, const void *body)
{
	if (msg_send(fd, type, body, NULL, 0) < 0)
		return;
}

struct msg {
	uint16_t type;
	uint16_t nfds;
	uint16_t count;             /* structs of that type: 1, of records up to MSG_MANY */
	int fds[MSG_FDS];           /* owned by the receiver: close or take_fd() each */
	union {
		unsigned char bytes[MSG_BYTES];
		struct msg_hello hello; struct msg_fork fork; struct msg_forked forked; struct msg_config config;
		struct msg_peer peer; struct msg_peer_died died; struct msg_checkpoint checkpoint;
		struct msg_reloaded reloaded; struct msg_alive alive; struct msg_snapshot snapshot; struct msg_beat beat;
		struct notice notice; struct job job; struct reading reading; struct job_end job_end; struct device_event device;
		struct record record, records[MSG_MANY]; struct delivery delivery; struct journal_report journal; struct verb_order verb;
		struct step_result step; struct command command; struct reply reply;
	} u;
};

/**
 * msg_recv() - one message, never blocking
 *
 * Return: 1 a message; 0 the peer closed; -EAGAIN none; -EPROTO wrong length, type or truncated (all
 * descriptors closed); others as recvmsg(2).
 */
must_check int msg_recv(int fd, struct msg *m);
void msg_close_fds(struct msg *m);

/** memfd_sealed() - a sealed memfd holding @data; descriptor or -errno */
must_check int memfd_sealed(const char *name, const void *data, size_t size);
/** memfd_map() - map a received memfd read-only after checking its seals and size; -EPROTO */
must_check int memfd_map(int fd, size_t size, const void **ret);
