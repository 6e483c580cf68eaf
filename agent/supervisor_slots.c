#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/supervisor.h"

struct slot *slot_add(struct supervisor *s, enum role role, unsigned index, enum bus bus)
{
	for (unsigned i = 0; i < SUP_SLOTS; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state != SLOT_FREE)
			continue;
		*slot = (struct slot){.sup = s,
			.state = SLOT_WAITING,
			.role = role,
			.index = (uint16_t)index,
			.bus = bus,
			.wanted = true,
			.link = -1,
			.engine_end = -1};
		if (role == ROLE_ENGINE)
			s->engine = slot;
		return slot;
	}
	return NULL;
}

struct slot *slot_find(struct supervisor *s, enum role role, unsigned index, enum bus bus)
{
	for (unsigned i = 0; i < SUP_SLOTS; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state != SLOT_FREE && slot->state != SLOT_ABANDONED &&
			slot->role == role && slot->index == index && slot->bus == bus)
			return slot;
	}
	return NULL;
}

static void hang_up(struct slot *slot)
{
	slot->io = sd_event_source_disable_unref(slot->io);
	if (slot->link >= 0)
		close(slot->link);
	if (slot->engine_end >= 0)
		close(slot->engine_end);
	slot->link = slot->engine_end = -1;
}

void slot_free(struct slot *slot)
{
	hang_up(slot);
	slot->retry = sd_event_source_disable_unref(slot->retry);
	slot->child = sd_event_source_disable_unref(slot->child);
	slot->pid = 0;
	slot->state = SLOT_FREE;
}

static int retry_event(sd_event_source *t, uint64_t usec, void *userdata)
{
	struct slot *slot = userdata;

	(void)t;
	(void)usec;
	slot->retry = sd_event_source_disable_unref(slot->retry);
	slot_start(slot);
	return 0;
}

void slot_retry(struct slot *slot)
{
	uint64_t wait_ms = slot->quick > 1 ? MIN_OF((uint64_t)10 << MIN_OF(slot->quick, 16u),
						     (uint64_t)RETRY_MAX_MS)
					   : 0;

	hang_up(slot);
	if (!slot->wanted || slot->sup->stopping) {
		slot_free(slot);
		return;
	}
	slot->state = SLOT_WAITING;
	if (!wait_ms) {
		slot_start(slot);
		return;
	}
	slot->retry = sd_event_source_disable_unref(slot->retry);
	if (sd_event_add_time_relative(slot->sup->event, &slot->retry, CLOCK_MONOTONIC,
		    wait_ms * 1000, 1, retry_event, slot) < 0)
		slot_start(slot);
}

void slot_kill(struct slot *slot)
{
	if (slot->child)
		(void)sd_event_source_send_child_signal(slot->child, SIGKILL, NULL, 0);
}

void slot_abandon(struct slot *slot)
{
	hang_up(slot);
	slot->wanted = false;
	if (slot->state == SLOT_RUNNING) {
		slot->state = SLOT_ABANDONED;
		slot_kill(slot);
	} else if (slot->state == SLOT_WAITING) {
		slot_free(slot);
	}
}

/* Counted, not timed: after a suspended or stopped machine each still has a whole turn to answer in. */
static void ask(struct slot *slot)
{
	static const struct msg_beat beat = {};

	if (slot->unanswered > ASKS)
		return; /* killed, and does not end: what it waits for lets go of nobody */
	if (slot->unanswered++ < ASKS) {
		msg_offer(slot->link, MSG_BEAT, &beat);
		return;
	}
	slot->silent_s = ASKS * ASK_MS / 1000;
	log_line(2, "%s has not answered for %u s, replacing it", role_text(slot->role),
		slot->silent_s);
	slot_kill(slot);
}

/* Only those whose loop waits for nothing: the disk is a thread's of the scribe, names are a helper's. */
void slots_ask(struct supervisor *s)
{
	static const uint32_t asked = 1u << ROLE_COURIER | 1u << ROLE_SCRIBE | 1u << ROLE_WEB;
	uint64_t now_ms = boot_ms();

	if (now_ms < s->asked_ms + ASK_MS)
		return;
	s->asked_ms = now_ms;
	for (unsigned i = 0; i < SUP_SLOTS; i++)
		if (s->slots[i].state == SLOT_RUNNING && asked >> s->slots[i].role & 1)
			ask(&s->slots[i]);
}

static int on_message(struct slot *slot, struct msg *m)
{
	if (m->type == MSG_HELLO)
		return m->u.hello.build == build_id() ? 0 : -EPROTO;
	if (m->type == MSG_BEAT) {
		slot->unanswered = 0;
		return 0;
	}
	return slot->role == ROLE_ENGINE ? sup_engine_said(slot->sup, m) : -EPROTO;
}

static int on_io(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct slot *slot = userdata;
	struct msg m;
	int r = 1;

	(void)io;
	(void)revents;
	while (r >= 0 && slot->link == fd && (r = msg_recv(fd, &m)) > 0) {
		r = on_message(slot, &m);
		msg_close_fds(&m);
	}
	if (slot->link != fd || r == -EAGAIN)
		return 0;
	if (r < 0)
		log_line(3, "ending a role that sent what does not fit role=%s",
			role_text(slot->role));
	/* it has hung up: with nobody to talk to it is as good as dead */
	slot->io = sd_event_source_disable_unref(slot->io);
	slot_kill(slot);
	return 0;
}

static void tell_death(const struct slot *slot, const siginfo_t *si)
{
	bool by_code = si->si_code == CLD_EXITED;
	struct msg_peer_died d = {.role = (uint16_t)slot->role,
		.index = slot->index,
		.exit_kind = by_code ? EXIT_BY_CODE : EXIT_BY_SIGNAL,
		.exit_value = si->si_status,
		.bus = (uint8_t)slot->bus,
		.abandoned = slot->state == SLOT_ABANDONED,
		.silent_s = slot->silent_s};

	log_line(4, "%s ended%s %s=%d index=%u", role_text(slot->role),
		d.abandoned ? " after it was given up" : "", by_code ? "status" : "signal",
		si->si_status, slot->index);
	if (!by_code && si->si_status == SIGSYS)
		log_line(3,
			"%s asked the kernel for what its list in seccomp_lists.c does not have",
			role_text(slot->role));
	if (slot->role != ROLE_ENGINE)
		sup_engine_tell(slot->sup, MSG_PEER_DIED, &d, NULL, 0);
}

static int on_child(sd_event_source *child, const siginfo_t *si, void *userdata)
{
	struct slot *slot = userdata;
	struct supervisor *s = slot->sup;

	(void)child;
	/* what it said last counts: the checkpoint may have been sent just before */
	if (slot->io)
		(void)on_io(slot->io, slot->link, EPOLLIN, slot);
	if (s->stopping) {
		slot_free(slot);
		return 0;
	}
	tell_death(slot, si);
	slot->quick = boot_ms() - slot->started_ms < 1000 ? slot->quick + 1 : 0;
	slot->child = sd_event_source_disable_unref(slot->child);
	slot->pid = 0;
	if (slot->state == SLOT_ABANDONED)
		slot_free(slot);
	else
		slot_retry(slot);
	return 0;
}

static int fill_link(struct slot *slot)
{
	struct supervisor *s = slot->sup;
	struct msg_hello hello = {
		.build = build_id(), .role = ROLE_SUPERVISOR, .pid = (uint32_t)getpid()};
	struct msg_peer who = {
		.role = (uint16_t)slot->role, .index = slot->index, .bus = (uint8_t)slot->bus};
	int r = msg_send(slot->link, MSG_HELLO, &hello, NULL, 0);

	for (unsigned i = 0; r == 0 && slot->role == ROLE_WEB && i < s->nlisten; i++)
		r = msg_send(slot->link, MSG_LISTEN, &who, &s->listen[i], 1);
	for (unsigned i = 0; r == 0 && slot->role == ROLE_LISTENER && i < s->nheard; i++)
		r = msg_send(slot->link, MSG_LISTEN, &who, &s->heard[i], 1);
	if (r == 0 && slot->role == ROLE_ENGINE && s->control >= 0)
		r = msg_send(slot->link, MSG_LISTEN, &who, &s->control, 1);
	if (r < 0)
		return r;
	if (slot->role != ROLE_ENGINE)
		sup_engine_link(slot);
	return sup_config_send(slot);
}

void slot_start(struct slot *slot)
{
	struct zygote_proc *z = &slot->sup->zygotes[role_executable(slot->role, slot->bus)];
	int pair[2], r;

	slot->state = SLOT_WAITING;
	if (!z->ready || slot->sup->stopping)
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		log_line(3, "cannot make a link role=%s error='%m'", role_text(slot->role));
		slot->quick += 2;
		slot_retry(slot);
		return;
	}
	slot->link = pair[0];
	r = zygote_fork(z, slot, pair[1]);
	close(pair[1]);
	if (r < 0) {
		hang_up(slot);
		return;
	}
	slot->state = SLOT_FORKING;
	slot->started_ms = boot_ms();
	slot->unanswered = 0;
	slot->silent_s = 0;
	if (fill_link(slot) < 0)
		log_line(3, "cannot fill the link of a new role role=%s", role_text(slot->role));
}

static int watch(struct slot *slot, pid_t pid, int pidfd)
{
	int r;

	slot->pid = pid;
	r = sd_event_add_child_pidfd(
		slot->sup->event, &slot->child, pidfd, WEXITED, on_child, slot);
	if (r < 0) {
		close(pidfd);
		return r;
	}
	(void)sd_event_source_set_child_pidfd_own(slot->child, true);
	/* after its link, so that its last words are read before its death */
	(void)sd_event_source_set_priority(slot->child, SD_EVENT_PRIORITY_NORMAL + 1);
	if (slot->link < 0)
		return 0;
	return sd_event_add_io(slot->sup->event, &slot->io, slot->link, EPOLLIN, on_io, slot);
}

void slot_forked(struct slot *slot, pid_t pid, int pidfd)
{
	if (slot->state != SLOT_FORKING || pid < 0) {
		log_line(3, "cannot fork role=%s error='%s'", role_text(slot->role),
			strerror(pid < 0 ? -pid : 0));
		closep(&pidfd);
		slot->quick += 2;
		slot_retry(slot);
		return;
	}
	if (watch(slot, pid, pidfd) < 0)
		log_line(3, "cannot watch a child role=%s", role_text(slot->role));
	slot->state = slot->wanted ? SLOT_RUNNING : SLOT_ABANDONED;
	if (!slot->wanted) {
		slot_kill(slot);
		return;
	}
	if (slot->role == ROLE_ENGINE)
		sup_engine_begin(slot->sup);
	else
		sup_engine_introduce(slot);
}
