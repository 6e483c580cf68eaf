/* The process around the pure engine: links, the log's followers, workers, checkpoints. It decides nothing. */
#pragma once
#include <systemd/sd-event.h>

#include "agent/engine.h"
#include "agent/role.h"
#include "agent/sched.h"

enum { PEERS_MAX = 160, CLIENTS_MAX = 64, BEAT_MS = CHECKPOINT_EVERY_MS, RETRY_MS = 100, STEP_FIRST_MS = 5 };

struct engine_process;

/* Whoever is at the other end of a link: a follower of the log, a worker, the runner, an operator. */
struct peer {
	bool used, follows, is_client;
	uint8_t role, bus;
	uint16_t index;
	uint32_t worker;             /* index into sched.workers, NONE32 */
	int fd;
	uint32_t initial;            /* discoverer: drives of the enumeration that is under way */
	uint32_t uid;                /* clients: from SO_PEERCRED */
	uint64_t next;               /* next record it needs; 0: a snapshot first */
	sd_event_source *io;
	struct engine_process *process;
};

struct engine_process {
	struct role_start *start;
	struct engine engine;
	struct sched sched;
	struct peer peers[PEERS_MAX];
	struct peer *runner;
	sd_event_source *timer, *control;
	uint64_t beat_ms;
	uint64_t checkpoint_ms;      /* when values alone are reason enough for the next */
	uint64_t checkpointed;       /* sequence that the supervisor holds */
	uint64_t pump_ms;            /* a step was given: those who draw and write wait till then */
	uint64_t logged;             /* newest record that the log has told of */
	uint64_t timer_ms;           /* what the timer is set to: late is the engine's lag */
	uint32_t lag_ms;
	struct abandoned {
		bool used;
		uint8_t bus;
		uint16_t index;
		uint32_t target;
	} abandoned[SCHED_WORKERS];
	bool ready, begun, full;     /* full: no more clients, as last told */
};

/* followers.c */
/** followers_pump() - send every follower what it has not seen; never blocks */
void followers_pump(struct engine_process *p);
/** courier_pump() - the same for the one that tells people: before anything else is done */
void courier_pump(struct engine_process *p);
/** follower_beat() - tell all followers that the engine decides */
void followers_beat(struct engine_process *p, uint64_t now_ms, int64_t wall_ms);
/** checkpoint_send() - the model, sealed, to the supervisor */
void checkpoint_send(struct engine_process *p);

/* peers.c */
struct peer *peer_add(struct engine_process *p, int fd, enum role role, unsigned index, unsigned bus);
void peer_drop(struct peer *peer);
/** peer_message() - what a link said; returns < 0 when the link must be dropped */
int peer_message(struct peer *peer, struct msg *m);
/** control_listen() - accept operators on the control socket */
int control_listen(struct engine_process *p, int fd);

/** engine_turn() - after every input: verbs, jobs, followers, checkpoint, timer */
void engine_turn(struct engine_process *p);
