/*
 * The supervisor: starts and restarts the others, holds the engine's checkpoint and the configuration,
 * pets the watchdog. It never reads what others wrote, and it never waits: not for a child, not for a disk.
 */
#pragma once
#include <limits.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "agent/loader.h"
#include "agent/roles.h"

enum {
	SUP_SLOTS = 128,
	SUP_PENDING = 128,
	SUP_ABANDONED_MAX = 48,
	HELLO_MS = 20000,
	FORK_MS = 5000,
	ENGINE_SILENT_MS = 20000,
	ASK_MS = 10000, /* each question wakes two processes: seldom */
	ASKS = 2,       /* unanswered in a row: as long as the engine may be silent */
	LOADER_MS = 30000,
	STOP_MS = 3000,
	RETRY_MAX_MS = 1000,
	ZYGOTE_RETRY_MAX_MS = 30000
};

enum slot_state {
	SLOT_FREE,
	SLOT_WAITING, /* to be forked: for its zygote, or for a moment after it died at once */
	SLOT_FORKING, /* asked for; its link is filled already */
	SLOT_RUNNING,
	SLOT_ABANDONED /* killed, never waited for; its pidfd tells when it ends after all */
};

struct supervisor;

/* One instance of a role. */
struct slot {
	struct supervisor *sup;
	enum slot_state state;
	enum role role;
	enum bus bus;
	uint16_t index;
	bool wanted;    /* fork it again when it dies */
	int link;       /* ours to it, -1 */
	int engine_end; /* the engine's end of its link until the engine has it, -1 */
	pid_t pid;
	uint64_t started_ms;
	unsigned quick; /* deaths within a second, in a row */
	unsigned unanswered; /* questions whether it is there, in a row */
	uint8_t silent_s;    /* it is ended because it has not answered for so long; 0 it is not */
	sd_event_source *io, *child, *retry;
};

struct zygote_proc {
	struct supervisor *sup;
	enum executable exe;
	char path[PATH_MAX];
	pid_t pid;       /* 0 none */
	int link, error; /* error: read end for spawn_error() */
	bool ready, wanted;
	unsigned fails;
	struct slot *pending[SUP_PENDING]; /* asked to fork, oldest first */
	unsigned npending;
	sd_event_source *io, *child, *timer;
};

/* A sealed memfd that is handed on and not read. */
struct held {
	int fd;
	uint64_t size;
};

struct supervisor {
	sd_event *event;
	struct loader_request request;
	struct zygote_proc zygotes[EXE_COUNT];
	struct slot slots[SUP_SLOTS];
	struct slot *engine;
	const struct config *config;
	struct held config_fd, secrets, credentials, checkpoint;
	uint64_t checkpoint_sequence, asked_ms;
	uint32_t generation;
	uint16_t next_prober;
	int listen[CFG_LISTEN], control;
	unsigned nlisten;
	int heard[CFG_LISTEN]; /* of the listener, in the order of listen_plan() */
	unsigned nheard;
	char heard_on[CFG_LISTEN][128]; /* kind and address, to see whether a reload changed them */
	char control_path[PATH_MAX],
		temporary[PATH_MAX]; /* to be removed at the end; empty: nothing */
	struct {
		pid_t pid;
		int link;
		struct held config, secrets, credentials, checkpoint;
		sd_event_source *io, *child, *timer;
		bool again; /* another reload was asked for meanwhile */
	} loader;
	sd_event_source *silent, *sweep, *stop;
	unsigned sweep_ms;
	bool demo, booted, ready, stopping;
	int exit_status;
};

/* supervisor.c */
/** supervisor_run() - load, listen, start everything, stay. Return: exit status */
int supervisor_run(const struct loader_request *rq);
/** supervisor_fail() - one clear line, then end with status 1 */
void supervisor_fail(struct supervisor *s, const char *fmt, ...) printf_like(2, 3);
/** supervisor_zygote_ready() / supervisor_loaded() - what the boot waits for */
void supervisor_zygote_ready(struct supervisor *s);
void supervisor_loaded(struct supervisor *s, bool ok, const struct msg_reloaded *why);
/** supervisor_sync_roles() - start what the configuration asks for, end what it no longer does */
void supervisor_sync_roles(struct supervisor *s);

/* supervisor_zygote.c */
int zygotes_start(struct supervisor *s);
/** zygotes_sync() - start those that the configuration asks for and that are not there yet */
void zygotes_sync(struct supervisor *s);
/** zygote_fork() - ask for an instance; its link end @fd stays the caller's. -EAGAIN: not ready */
must_check int zygote_fork(struct zygote_proc *z, struct slot *slot, int fd);
void zygotes_stop(struct supervisor *s);

/* supervisor_slots.c */
struct slot *slot_add(struct supervisor *s, enum role role, unsigned index, enum bus bus);
struct slot *slot_find(struct supervisor *s, enum role role, unsigned index, enum bus bus);
/** slot_start() - fork it now, or as soon as its zygote is ready */
void slot_start(struct slot *slot);
/** slot_forked() - the zygote's answer; takes @pidfd. @pid < 0: -errno */
void slot_forked(struct slot *slot, pid_t pid, int pidfd);
/** slot_retry() - the zygote died before it answered */
void slot_retry(struct slot *slot);
/** slot_kill() - SIGKILL; what follows is its death's business */
void slot_kill(struct slot *slot);
/** slots_ask() - ask the followers of the log whether they are there; those that do not answer are replaced */
void slots_ask(struct supervisor *s);
/** slot_abandon() - SIGKILL and forget: nobody waits for it */
void slot_abandon(struct slot *slot);
void slot_free(struct slot *slot);

/* supervisor_engine.c */
/** sup_engine_lives() - the engine runs and may be told things */
bool sup_engine_lives(const struct supervisor *s);
/** sup_engine_begin() - a new engine: its checkpoint, then a fresh link to every living role */
void sup_engine_begin(struct supervisor *s);
/** sup_engine_link() - make a link between a role and the engine; the role's end is sent at once */
void sup_engine_link(struct slot *slot);
/** sup_engine_introduce() - hand the engine its end of a role's link */
void sup_engine_introduce(struct slot *slot);
/** sup_engine_tell() - a message to the engine; one that does not read is killed */
void sup_engine_tell(
	struct supervisor *s, enum msg_type type, const void *body, const int *fds, unsigned nfds);
/** sup_engine_said() - a message from the engine; < 0 when it makes no sense */
int sup_engine_said(struct supervisor *s, struct msg *m);
/** sup_engine_expect() - (re)start the time after which a silent engine is replaced */
void sup_engine_expect(struct supervisor *s);

/* supervisor_listen.c */
/** sup_listen_all() - HTTP and control sockets of the configuration; fails with one clear line */
must_check int sup_listen_all(struct supervisor *s);
void sup_listen_close(struct supervisor *s);
/** sup_give_control() - the socket at @path to the group of the present configuration, or back to root's */
void sup_give_control(const struct supervisor *s, const char *path);
/** sup_hear() - open what the listen sources of the present configuration need; true when that changed.
 *  One that cannot be bound stays unbound: the listener tells of it */
bool sup_hear(struct supervisor *s);

/* supervisor_config.c */
/** sup_config_read() - start a loader; supervisor_loaded() is called when it has answered */
void sup_config_read(struct supervisor *s);
/** sup_config_send() - give an instance the configuration that is in force */
must_check int sup_config_send(struct slot *slot);

/* supervisor_sweep.c */
/** sweep_orphans() - end and reap children that nobody here knows: left over by a role that died */
void sweep_orphans(struct supervisor *s);
/** sweep_finish() - at the very end: kill every child and theirs, round by round, a second at most */
void sweep_finish(const struct supervisor *s);
/** sup_give_tree() - make @uid the owner of a folder and what is in it */
must_check int sup_give_tree(const char *path, uid_t uid);
/** sup_remove_tree() - a temporary directory with all that is in it */
void sup_remove_tree(const char *path);
