#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/notify.h"
#include "agent/supervisor.h"

bool sup_engine_lives(const struct supervisor *s)
{
	return s->engine && s->engine->state == SLOT_RUNNING && s->engine->link >= 0;
}

void sup_engine_tell(
	struct supervisor *s, enum msg_type type, const void *body, const int *fds, unsigned nfds)
{
	int r;

	if (!sup_engine_lives(s))
		return;
	r = msg_send(s->engine->link, type, body, fds, nfds);
	if (r == 0)
		return;
	if (r == -EAGAIN)
		log_line(3, "the engine does not read, replacing it");
	slot_kill(s->engine);
}

void sup_engine_link(struct slot *slot)
{
	struct msg_peer who = {.role = ROLE_ENGINE};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		log_line(3, "cannot make a link to the engine role=%s error='%m'",
			role_text(slot->role));
		return;
	}
	closep(&slot->engine_end);
	slot->engine_end = pair[0];
	/* one that reads nothing is stopped or stuck: it hears of the engine when it is forked again */
	if (msg_send(slot->link, MSG_ENGINE, &who, &pair[1], 1) < 0)
		slot_kill(slot);
	close(pair[1]);
}

void sup_engine_introduce(struct slot *slot)
{
	struct msg_peer who = {
		.role = (uint16_t)slot->role, .index = slot->index, .bus = (uint8_t)slot->bus};

	if (!sup_engine_lives(slot->sup) || slot->engine_end < 0)
		return;
	sup_engine_tell(slot->sup, MSG_PEER, &who, &slot->engine_end, 1);
	close(slot->engine_end);
	slot->engine_end = -1;
}

static void give_checkpoint(struct supervisor *s)
{
	struct msg_checkpoint c = {.size = s->checkpoint.size, .sequence = s->checkpoint_sequence};

	sup_engine_tell(s, MSG_CHECKPOINT, &c, &s->checkpoint.fd, s->checkpoint.fd >= 0 ? 1 : 0);
}

void sup_engine_begin(struct supervisor *s)
{
	give_checkpoint(s);
	for (unsigned i = 0; i < SUP_SLOTS; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->role == ROLE_ENGINE ||
			(slot->state != SLOT_RUNNING && slot->state != SLOT_FORKING))
			continue;
		/* one whose link the last engine never had still has a good one */
		if (slot->engine_end < 0)
			sup_engine_link(slot);
		if (slot->state == SLOT_RUNNING)
			sup_engine_introduce(slot);
	}
	sup_engine_expect(s);
}

static int silent_event(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct supervisor *s = userdata;

	(void)t;
	(void)usec;
	s->silent = sd_event_source_disable_unref(s->silent);
	if (!sup_engine_lives(s))
		return 0;
	log_line(2, "the engine has not decided for %d s, replacing it", ENGINE_SILENT_MS / 1000);
	slot_kill(s->engine);
	return 0;
}

void sup_engine_expect(struct supervisor *s)
{
	uint64_t now;

	if (s->silent && sd_event_now(s->event, CLOCK_MONOTONIC, &now) >= 0) {
		(void)sd_event_source_set_time(s->silent, now + ENGINE_SILENT_MS * 1000ULL);
		return;
	}
	/* monotonic: a suspended machine is not a hanging engine */
	if (sd_event_add_time_relative(s->event, &s->silent, CLOCK_MONOTONIC,
		    ENGINE_SILENT_MS * 1000ULL, 1000, silent_event, s) < 0)
		log_line(3, "no memory to watch over the engine");
}

static int on_alive(struct supervisor *s, struct msg *m)
{
	struct msg_alive *a = &m->u.alive;

	a->status[sizeof(a->status) - 1] = '\0';
	sup_engine_expect(s);
	slots_ask(s); /* with the engine's beat: no wake-up of its own */
	if (a->ready && !s->ready) {
		s->ready = true;
		log_line(5, "ready: every source has answered once or missed its first deadline");
		notify_send("READY=1\nSTATUS=%s\nWATCHDOG=1", a->status);
	} else {
		notify_send("STATUS=%s\nWATCHDOG=1", a->status);
	}
	return 0;
}

static bool is_sealed(int fd, uint64_t size)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS),
	    all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

	return seals >= 0 && (seals & all) == all && fstat(fd, &st) == 0 &&
	       (uint64_t)st.st_size == size;
}

static int on_checkpoint(struct supervisor *s, struct msg *m)
{
	if (m->nfds != 1 || !m->u.checkpoint.size || !is_sealed(m->fds[0], m->u.checkpoint.size))
		return -EPROTO;
	closep(&s->checkpoint.fd);
	s->checkpoint.fd = take_fd(&m->fds[0]);
	s->checkpoint.size = m->u.checkpoint.size;
	s->checkpoint_sequence = m->u.checkpoint.sequence;
	return 0;
}

static unsigned count_abandoned(const struct supervisor *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SUP_SLOTS; i++)
		n += s->slots[i].state == SLOT_ABANDONED;
	return n;
}

static uint16_t new_prober_index(struct supervisor *s)
{
	bool taken = true;

	while (taken) {
		s->next_prober++;
		taken = false;
		for (unsigned i = 0; i < SUP_SLOTS; i++)
			taken = taken || (s->slots[i].state != SLOT_FREE &&
						 s->slots[i].role == ROLE_PROBER &&
						 s->slots[i].index == s->next_prober);
	}
	return s->next_prober;
}

static int on_want_prober(struct supervisor *s, struct msg *m)
{
	struct slot *slot;

	if (m->u.peer.bus >= BUS_COUNT)
		return -EPROTO;
	slot = count_abandoned(s) < SUP_ABANDONED_MAX
		       ? slot_add(s, ROLE_PROBER, new_prober_index(s), (enum bus)m->u.peer.bus)
		       : NULL;
	if (!slot) {
		log_line(3, "too many workers hang, starting no more abandoned=%u",
			count_abandoned(s));
		return 0;
	}
	slot_start(slot);
	return 0;
}

static int on_abandon(struct supervisor *s, struct msg *m)
{
	struct slot *slot = m->u.peer.bus < BUS_COUNT ? slot_find(s, ROLE_PROBER, m->u.peer.index,
								(enum bus)m->u.peer.bus)
						      : NULL;

	if (slot)
		slot_abandon(slot);
	return 0;
}

static int on_command(struct supervisor *s, struct msg *m)
{
	if (m->u.command.type != CMD_RELOAD)
		return -EPROTO;
	sup_config_read(s);
	return 0;
}

int sup_engine_said(struct supervisor *s, struct msg *m)
{
	static int (*const handlers[MSG_TYPE_COUNT])(struct supervisor * s, struct msg * m) = {
		[MSG_ALIVE] = on_alive,
		[MSG_CHECKPOINT] = on_checkpoint,
		[MSG_WANT_PROBER] = on_want_prober,
		[MSG_ABANDON] = on_abandon,
		[MSG_COMMAND] = on_command};

	return handlers[m->type] ? handlers[m->type](s, m) : -EPROTO;
}
