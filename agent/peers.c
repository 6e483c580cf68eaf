#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/engine_main.h"

static void tell_misfit(const struct peer *peer)
{
	if (peer->is_client)
		log_line(4, "hung up on a client of the control socket that sent what does not fit uid=%u", peer->uid);
	else
		log_line(4, "dropped a link that sent what does not fit peer=%s index=%u", role_text(peer->role),
			peer->index);
}

static int on_io(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct peer *peer = userdata;
	struct engine_process *p = peer->process;
	struct msg m;
	int r = 1;

	(void)io;
	/* a few at a time, so that no peer keeps the others waiting */
	for (int budget = 32; budget && (revents & (EPOLLIN | EPOLLHUP | EPOLLERR)); budget--) {
		r = msg_recv(fd, &m);
		if (r <= 0)
			break;
		r = peer_message(peer, &m);
		msg_close_fds(&m);
		if (r < 0)
			break;
		r = 1; /* 0 would mean that the peer has closed */
	}
	if (r == 0 || (r < 0 && r != -EAGAIN)) {
		if (r == -EPROTO)
			tell_misfit(peer);
		peer_drop(peer);
	}
	engine_turn(p);
	return 0;
}

struct peer *peer_add(struct engine_process *p, int fd, enum role role, unsigned index, unsigned bus)
{
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct peer *peer = &p->peers[i];

		if (peer->used)
			continue;
		*peer = (struct peer){.used = true, .fd = fd, .role = (uint8_t)role, .index = (uint16_t)index,
			.bus = (uint8_t)bus, .worker = NONE32, .process = p};
		if (sd_event_add_io(p->start->event, &peer->io, fd, EPOLLIN, on_io, peer) < 0) {
			peer->used = false;
			return NULL;
		}
		return peer;
	}
	return NULL;
}

void peer_drop(struct peer *peer)
{
	struct engine_process *p = peer->process;

	if (!peer->used)
		return;
	if (peer->worker != NONE32)
		(void)sched_worker_gone(&p->sched, peer->worker, boot_ms());
	if (p->runner == peer)
		p->runner = NULL;
	peer->used = false;
	peer->io = sd_event_source_disable_unref(peer->io);
	close(peer->fd);
}

static bool counts(const struct peer *peer, uint32_t job, uint16_t source)
{
	const struct config *c = peer->process->start->config;

	if (source >= c->nsources)
		return false;
	/* hearsay speaks for its own source and no other */
	if (peer->role == ROLE_LISTENER)
		return c->sources[source].type == SOURCE_LISTEN;
	return (peer->role == ROLE_SCENARIO || sched_counts(&peer->process->sched, peer->worker, job));
}

static int on_reading(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	struct reading *r = &m->u.reading;

	/* of a job that was given up or that another configuration asked for: not used */
	if (counts(peer, r->job, r->source))
		engine_reading(&peer->process->engine, r, now, wall);
	return 0;
}

static int on_job_end(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	struct engine_process *p = peer->process;
	struct job_end *j = &m->u.job_end;

	if (counts(peer, j->job, j->source))
		engine_job_end(&p->engine, j, now, wall);
	if (peer->worker != NONE32 && p->sched.workers[peer->worker].job == j->job)
		(void)sched_done(&p->sched, j->job, &p->engine.model, now);
	return 0;
}

static int on_notice(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	if (counts(peer, 0, m->u.notice.source))
		engine_notice(&peer->process->engine, &m->u.notice, now, wall);
	return 0;
}

static int on_device(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	struct engine_process *p = peer->process;
	int source = -1, r;

	if (!m->u.device.name[0] && !m->u.device.dev[0]) {
		/* the first enumeration is over; if not all of it arrived, a missing drive means nothing */
		if (peer->initial >= m->u.device.capacity_bytes)
			engine_device(&p->engine, &m->u.device, 0, now, wall);
		peer->initial = 0;
		return 0;
	}
	peer->initial += m->u.device.initial;
	r = sched_device(&p->sched, &m->u.device, now, &source);
	if (r < 0)
		return r;
	if (source >= 0) {
		engine_device(&p->engine, &m->u.device, (unsigned)source, now, wall);
		if (!m->u.device.initial)
			sched_hurry_array(&p->sched, p->start->config->sources[source].array, now);
	}
	return 0;
}

static int on_delivery(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	engine_delivery(&peer->process->engine, &m->u.delivery, now, wall);
	return 0;
}

static int on_journal(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	engine_journal(&peer->process->engine, &m->u.journal, now, wall);
	return 0;
}

static int on_step_result(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	engine_step_result(&peer->process->engine, &m->u.step, now, wall);
	return 0;
}

static int on_hello(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	(void)peer;
	(void)now;
	(void)wall;
	return m->u.hello.build == build_id() ? 0 : -EPROTO;
}

/* The name is for people and comes from the client; what counts is the uid, and that is the kernel's. */
static void name_operator(const struct peer *peer, struct command *c)
{
	char claimed[sizeof(c->by)];

	copy_device_text(claimed, sizeof(claimed), c->by, sizeof(c->by));
	c->uid = peer->uid;
	if (!peer->is_client)
		copy_text(c->by, sizeof(c->by), "scenario");
	else if (!peer->uid)
		copy_text(c->by, sizeof(c->by), "root");
	else if (claimed[0] && !text_equal(claimed, "root"))
		format_text(c->by, sizeof(c->by), "%.20s", claimed);
	else
		format_text(c->by, sizeof(c->by), "uid %u", peer->uid);
}

static int on_command(struct peer *peer, struct msg *m, uint64_t now, int64_t wall)
{
	struct command *c = &m->u.command;
	struct reply reply = {};

	/* a scenario's operator exists only where nothing is real */
	if (!peer->is_client && (!peer->process->start->demo || c->type == CMD_FOLLOW))
		return -EPROTO;
	c->id[sizeof(c->id) - 1] = c->serial[sizeof(c->serial) - 1] = c->why[sizeof(c->why) - 1] = '\0';
	name_operator(peer, c);
	if (c->type == CMD_FOLLOW) {
		peer->follows = true;
		peer->next = 0;
		return 0;
	}
	engine_command(&peer->process->engine, c, &reply, now, wall);
	return msg_send(peer->fd, MSG_REPLY, &reply, NULL, 0);
}

typedef int peer_handler(struct peer *peer, struct msg *m, uint64_t now, int64_t wall);

/* Who may say what: a handler is found only for roles in its mask. */
static const struct {
	peer_handler *handle;
	uint32_t roles;
	bool clients;
} handlers[MSG_TYPE_COUNT] = {
	[MSG_HELLO] = {on_hello, UINT32_MAX, true},
	[MSG_READING] = {on_reading, 1u << ROLE_PROBER | 1u << ROLE_SCENARIO | 1u << ROLE_LISTENER, false},
	[MSG_JOB_END] = {on_job_end, 1u << ROLE_PROBER | 1u << ROLE_SCENARIO | 1u << ROLE_LISTENER, false},
	[MSG_NOTICE] = {on_notice, 1u << ROLE_LISTENER, false},
	[MSG_DEVICE] = {on_device, 1u << ROLE_DISCOVERER, false},
	[MSG_DELIVERY] = {on_delivery, 1u << ROLE_COURIER, false},
	[MSG_JOURNAL] = {on_journal, 1u << ROLE_SCRIBE, false},
	[MSG_STEP_RESULT] = {on_step_result, 1u << ROLE_RUNNER, false},
	[MSG_COMMAND] = {on_command, 1u << ROLE_SCENARIO, true},
};

int peer_message(struct peer *peer, struct msg *m)
{
	peer_handler *handle = m->type < MSG_TYPE_COUNT ? handlers[m->type].handle : NULL;

	if (!handle || (peer->is_client ? !handlers[m->type].clients : !(handlers[m->type].roles >> peer->role & 1)))
		return -EPROTO;
	return handle(peer, m, boot_ms(), wall_ms());
}

/* Operators never take the places of roles: a role that found none would stay deaf. */
static bool has_room(struct engine_process *p)
{
	unsigned clients = 0;
	bool full;

	for (unsigned i = 0; i < PEERS_MAX; i++)
		clients += p->peers[i].used && p->peers[i].is_client;
	full = clients >= CLIENTS_MAX;
	if (full && !p->full)
		log_line(4, "the control socket has all the clients it takes, hanging up on more clients=%u", clients);
	p->full = full;
	return !full;
}

static int on_connect(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct engine_process *p = userdata;
	struct msg_hello hello = {.build = build_id(), .role = ROLE_ENGINE, .pid = (uint32_t)getpid()};
	struct ucred cred = {.uid = UINT32_MAX};
	socklen_t len = sizeof(cred);
	struct peer *peer;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)io;
	(void)revents;
	if (client < 0)
		return 0;
	peer = has_room(p) && getsockopt(client, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0
		? peer_add(p, client, ROLE_SUPERVISOR, 0, 0)
		: NULL;
	if (!peer) {
		close(client);
		return 0;
	}
	peer->is_client = true;
	peer->uid = cred.uid;
	if (msg_send(client, MSG_HELLO, &hello, NULL, 0) < 0)
		peer_drop(peer);
	return 0;
}

int control_listen(struct engine_process *p, int fd)
{
	return sd_event_add_io(p->start->event, &p->control, fd, EPOLLIN, on_connect, p);
}
