/*
 * An engine and a runner that decide nothing: they count. What the supervisor does around them can be
 * seen in the status line, which goes on over every restart when the checkpoint does.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "agent/roles.h"

enum { TICK_MS = 50, PEERS = 64, BLOCK = 0x5eed };

struct block {
	uint32_t magic, pad;
	uint64_t sequence;
};

struct link {
	int fd;
	struct msg_peer who;
	sd_event_source *io;
	uint64_t echoed;
};

static struct {
	struct role_start *start;
	uint64_t sequence;
	struct link links[PEERS];
	sd_event_source *timer;
	bool begun, wanted[BUS_COUNT];
	unsigned ndied, nabandoned, noise;
} self;

static void drop(struct link *l)
{
	l->io = sd_event_source_disable_unref(l->io);
	close(l->fd);
	l->fd = -1;
}

static int on_link(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct link *l = userdata;
	struct msg m;
	int r;

	(void)io;
	(void)revents;
	while ((r = msg_recv(fd, &m)) > 0) {
		if (m.type == MSG_JOURNAL)
			l->echoed = m.u.journal.durable_sequence;
		msg_close_fds(&m);
	}
	if (r != -EAGAIN)
		drop(l);
	return 0;
}

static int on_peer(struct msg *m)
{
	for (unsigned i = 0; i < PEERS; i++) {
		struct link *l = &self.links[i];

		if (l->fd >= 0)
			continue;
		*l = (struct link){.fd = m->fds[0], .who = m->u.peer};
		m->fds[0] = -1;
		return sd_event_add_io(self.start->event, &l->io, l->fd, EPOLLIN, on_link, l);
	}
	return 0;
}

static void save(void)
{
	struct block b = {.magic = BLOCK, .sequence = self.sequence};
	struct msg_checkpoint c = {.size = sizeof(b), .sequence = self.sequence};
	cleanup_(closep) int fd = memfd_sealed("checkpoint", &b, sizeof(b));

	if (fd >= 0 && msg_send(self.start->supervisor, MSG_CHECKPOINT, &c, &fd, 1) < 0)
		return;
}

static void beat(char *names, size_t size)
{
	struct msg_beat b = {.sequence = self.sequence};
	size_t n = 0;

	for (unsigned i = 0; i < PEERS; i++) {
		struct link *l = &self.links[i];

		if (l->fd < 0)
			continue;
		msg_offer(l->fd, MSG_BEAT, &b);
		/* heard of lately: it can be spoken to and answers */
		if (l->echoed + 10 < self.sequence || n >= size)
			continue;
		n += (size_t)snprintf(
			names + n, size - n, "%s%s", n ? "," : "", role_text(l->who.role));
		if (l->who.role == ROLE_PROBER && n < size)
			n += (size_t)snprintf(names + n, size - n, "%u", l->who.bus);
	}
}

static void want_probers(void)
{
	for (unsigned bus = 0; bus < BUS_COUNT; bus++) {
		struct msg_peer want = {.role = ROLE_PROBER, .bus = (uint8_t)bus};
		bool have = self.wanted[bus];

		for (unsigned i = 0; i < PEERS; i++)
			have = have ||
			       (self.links[i].fd >= 0 && self.links[i].who.role == ROLE_PROBER &&
				       self.links[i].who.bus == bus);
		if (!have)
			msg_offer(self.start->supervisor, MSG_WANT_PROBER, &want);
		self.wanted[bus] = true;
	}
}

static int on_tick(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct msg_alive a = {.ready = 1};
	char names[100] = "";

	(void)usec;
	(void)userdata;
	self.sequence++;
	beat(names, sizeof(names));
	for (unsigned i = 0; i < self.noise; i++)
		log_line(6, "noise %u of sequence %llu", i, (unsigned long long)self.sequence);
	if (self.sequence % 20 == 0)
		want_probers();
	format_text(a.status, sizeof(a.status), "s=%llu d=%u a=%u %s",
		(unsigned long long)self.sequence, self.ndied, self.nabandoned, names);
	msg_offer(self.start->supervisor, MSG_ALIVE, &a);
	save();
	(void)sd_event_source_set_time_relative(t, TICK_MS * 1000);
	return sd_event_source_set_enabled(t, SD_EVENT_ONESHOT);
}

static int on_checkpoint(struct msg *m)
{
	const void *p;
	int r;

	self.begun = true;
	if (!m->u.checkpoint.size)
		return 0;
	r = m->nfds == 1 ? memfd_map(m->fds[0], sizeof(struct block), &p) : -EPROTO;
	if (r < 0)
		return r;
	self.sequence = ((const struct block *)p)->sequence;
	return munmap((void *)(uintptr_t)p, sizeof(struct block));
}

static void give_up_one(void)
{
	for (unsigned i = 0; i < PEERS; i++) {
		struct link *l = &self.links[i];
		struct msg_peer who = l->who;

		if (l->fd < 0 || who.role != ROLE_PROBER)
			continue;
		drop(l);
		self.wanted[who.bus] = false;
		msg_offer(self.start->supervisor, MSG_ABANDON, &who);
		return;
	}
}

static int supervisor_message(void *state, struct msg *m)
{
	(void)state;
	if (m->type == MSG_CHECKPOINT)
		return on_checkpoint(m);
	if (m->type == MSG_PEER)
		return m->nfds == 1 && self.begun ? on_peer(m) : -EPROTO;
	if (m->type == MSG_PEER_DIED) {
		self.ndied++;
		self.nabandoned += m->u.died.abandoned;
	}
	if (m->type == MSG_RELOADED)
		log_line(6, "reloaded ok=%d error='%s'", m->u.reloaded.ok,
			m->u.reloaded.first_error);
	return 0;
}

/* the test says "reload" to have a prober given up */
static void config_changed(void *state)
{
	(void)state;
	log_line(6, "configuration generation=%u", self.start->config->generation);
	give_up_one();
}

static int start(struct role_start *s, void **ret_state)
{
	const char *noise = getenv("SKELETON_NOISE");

	*ret_state = &self;
	self.start = s;
	self.noise = noise ? (unsigned)strtoul(noise, NULL, 10) : 0;
	for (unsigned i = 0; i < PEERS; i++)
		self.links[i].fd = -1;
	return sd_event_add_time_relative(
		s->event, &self.timer, CLOCK_BOOTTIME, TICK_MS * 1000, 1, on_tick, NULL);
}

const struct role_ops engine_role_ops = {
	.start = start, .config_changed = config_changed, .supervisor_message = supervisor_message};
