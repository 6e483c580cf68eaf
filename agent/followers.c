#include <errno.h>
#include <unistd.h>

#include "agent/engine_main.h"

static int send_snapshot(struct peer *f)
{
	const struct model *m = &f->process->engine.model;
	cleanup_(freep) void *block = NULL;
	cleanup_(closep) int fd = -1;
	struct msg_snapshot s = {.sequence = m->sequence};
	size_t size;
	int r;

	r = model_pack(m, build_id(), &block, &size);
	if (r < 0)
		return r;
	fd = memfd_sealed("ballast-snapshot", block, size);
	if (fd < 0)
		return fd;
	s.size = size;
	r = msg_send(f->fd, MSG_SNAPSHOT, &s, &fd, 1);
	if (r == 0)
		f->next = m->sequence + 1;
	return r;
}

static int send_next(struct peer *f)
{
	const struct record_log *log = &f->process->engine.log;
	const void *records[MSG_MANY];
	/* ballastctl waits for one record: ctl_next() returns no more */
	unsigned n = 0, most = f->is_client ? 1 : MSG_MANY;
	int r;

	while (f->next && f->next >= log->tail && n < most && (records[n] = log_at(log, f->next + n)))
		n++;
	if (!n)
		return send_snapshot(f);
	r = msg_send_many(f->fd, MSG_RECORD, records, n);
	if (r == 0)
		f->next += n;
	return r;
}

static bool behind(const struct peer *f)
{
	return f->next <= f->process->engine.model.sequence;
}

static void follower_pump(struct peer *f)
{
	int r = 0;

	while (r == 0 && behind(f))
		r = send_next(f);
	if (r < 0 && r != -EAGAIN) {
		peer_drop(f);
		return;
	}
	(void)sd_event_source_set_io_events(f->io, r == -EAGAIN ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void pump_those(struct engine_process *p, bool courier)
{
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct peer *f = &p->peers[i];

		if (f->used && f->follows && (f->role == ROLE_COURIER) == courier)
			follower_pump(f);
	}
}

void courier_pump(struct engine_process *p)
{
	pump_those(p, true);
}

void followers_pump(struct engine_process *p)
{
	pump_those(p, true);
	pump_those(p, false);
}

void followers_beat(struct engine_process *p, uint64_t now_ms, int64_t wall_ms)
{
	struct msg_beat b = {.at_ms = now_ms, .wall_ms = wall_ms, .sequence = p->engine.model.sequence};

	for (unsigned i = 0; i < PEERS_MAX; i++)
		if (p->peers[i].used && p->peers[i].follows)
			msg_offer(p->peers[i].fd, MSG_BEAT, &b);
}

void checkpoint_send(struct engine_process *p)
{
	const struct model *m = &p->engine.model;
	cleanup_(freep) void *block = NULL;
	cleanup_(closep) int fd = -1;
	struct msg_checkpoint c = {.sequence = m->sequence};
	size_t size;

	if (m->sequence == p->checkpointed) {
		p->engine.checkpoint_due = false;
		return;
	}
	if (model_pack(m, build_id(), &block, &size) < 0)
		return;
	fd = memfd_sealed("ballast-checkpoint", block, size);
	c.size = size;
	if (fd < 0 || msg_send(p->start->supervisor, MSG_CHECKPOINT, &c, &fd, 1) < 0)
		return; /* tried again at the next turn */
	p->checkpointed = m->sequence;
	p->engine.checkpoint_due = false;
}
