#include "agent/engine_main.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static void send_verbs(struct engine_process *p)
{
	struct verb_order v;
	uint32_t aborted;

	if (!p->runner)
		return;
	aborted = engine_aborted_verb(&p->engine);
	if (aborted) {
		v = (struct verb_order){.job = aborted};
		msg_offer(p->runner->fd, MSG_ABORT_VERB, &v);
	}
	while (p->runner && engine_next_verb(&p->engine, &v))
		if (msg_send(p->runner->fd, MSG_VERB, &v, NULL, 0) < 0)
			peer_drop(p->runner); /* the supervisor tells of its death, which freezes the run */
		else
			p->pump_ms = boot_ms() + STEP_FIRST_MS;
}

static void abandon_overdue(struct engine_process *p, uint64_t now, int64_t wall)
{
	uint32_t target;
	int w;

	while ((w = sched_overrun(&p->sched, now, &target)) >= 0) {
		const struct worker *worker = &p->sched.workers[w];
		struct msg_peer give_up = {.role = ROLE_PROBER, .index = worker->index, .bus = worker->bus};
		const struct target *t = target != NONE32 ? &p->sched.targets[target] : NULL;
		uint32_t component = NONE32;

		for (unsigned i = 0; i < SCHED_WORKERS; i++)
			if (!p->abandoned[i].used) {
				p->abandoned[i] = (struct abandoned){true, worker->bus, worker->index, target};
				break;
			}
		for (unsigned i = 0; i < PEERS_MAX; i++)
			if (p->peers[i].used && p->peers[i].worker == (uint32_t)w) {
				p->peers[i].worker = NONE32;
				peer_drop(&p->peers[i]);
			}
		msg_offer(p->start->supervisor, MSG_ABANDON, &give_up);
		if (!t || !t->used)
			continue; /* gone, or of the configuration before */
		if (t->device.name[0])
			component = model_find_component(&p->engine.model,
				p->start->config->sources[t->source].array, (enum kind)t->device.kind, t->device.name);
		engine_stuck(&p->engine, component, t->source, now, wall);
	}
}

static void send_jobs(struct engine_process *p, uint64_t now)
{
	struct msg_peer want = {.role = ROLE_PROBER};
	struct job j;
	uint32_t w;
	int bus;

	while (sched_next(&p->sched, &p->engine.model, now, &j, &w))
		if (msg_send(p->sched.workers[w].fd, MSG_JOB, &j, NULL, 0) < 0)
			(void)sched_worker_gone(&p->sched, w, now);
	while ((bus = sched_want(&p->sched, now)) >= 0) {
		want.bus = (uint8_t)bus;
		msg_offer(p->start->supervisor, MSG_WANT_PROBER, &want);
	}
}

/* Ready: every source has answered once or missed its first deadline. */
static bool sources_answered(const struct model *m)
{
	for (uint32_t i = 0; i < source_count(m); i++)
		if (source_at(m, i)->used && !source_at(m, i)->answered)
			return false;
	return true;
}

static void tell_supervisor(struct engine_process *p, uint64_t now)
{
	struct msg_alive a = {.decided_ms = now, .ready = p->ready, .lag_ms = p->lag_ms};
	const struct model *m = &p->engine.model;
	unsigned firing = 0;

	for (uint32_t i = 0; i < finding_count(m); i++)
		firing += finding_at(m, i)->used && finding_at(m, i)->active;
	format_text(a.status, sizeof(a.status), "%u arrays, %u findings, record %llu", array_count(m), firing,
		(unsigned long long)m->sequence);
	msg_offer(p->start->supervisor, MSG_ALIVE, &a);
}

static void beat(struct engine_process *p, uint64_t now, int64_t wall)
{
	bool ready = sources_answered(&p->engine.model);

	if (now < p->beat_ms && ready == p->ready)
		return;
	p->ready = ready;
	p->beat_ms = now + BEAT_MS;
	engine_self(&p->engine, p->start->locked, p->lag_ms, log_dropped(), now, wall);
	followers_beat(p, now, wall);
	tell_supervisor(p, now);
	p->lag_ms = 0;
}

static void checkpoint_when_due(struct engine_process *p, uint64_t now)
{
	if (p->engine.model.sequence == p->checkpointed) {
		p->engine.checkpoint_due = false;
		return;
	}
	/* values alone can wait for the next beat: they cost no wake-up of their own */
	if (p->engine.checkpoint_due || p->checkpoint_ms <= now) {
		p->checkpoint_ms = now + BEAT_MS;
		checkpoint_send(p);
	}
}

static void arm_timer(struct engine_process *p, uint64_t now)
{
	uint64_t next = p->beat_ms, t = engine_next_ms(&p->engine);

	next = MIN_OF(next, t);
	t = sched_next_ms(&p->sched, now);
	next = MIN_OF(next, t);
	if (p->pump_ms > now)
		next = MIN_OF(next, p->pump_ms);
	if (p->engine.checkpoint_due)
		next = MIN_OF(next, now + RETRY_MS); /* the supervisor's link was full */
	p->timer_ms = MAX_OF(next, now + 1);
	(void)sd_event_source_set_time(p->timer, p->timer_ms * 1000);
	(void)sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
}

/*
 * First what tells people and what acts; what may take a little longer comes after. A verb is given only
 * when a second process holds that it was: an engine that dies here must not give it twice. Who draws and
 * writes does not take the processor from the step that just began.
 */
static void act(struct engine_process *p, uint64_t now)
{
	courier_pump(p);
	if (p->engine.checkpoint_due)
		checkpoint_when_due(p, now);
	if (!p->engine.checkpoint_due)
		send_verbs(p);
	if (p->pump_ms <= now)
		followers_pump(p);
}

/* One line per transition. What is quiet is not news; alerts and sinks have their own page. */
static void log_records(struct engine_process *p)
{
	static const uint8_t priorities[SEV_COUNT] = {
		[SEV_NONE] = 6, [SEV_INFO] = 6, [SEV_WARNING] = 4, [SEV_CRITICAL] = 2};
	const struct record_log *log = &p->engine.log;

	for (uint64_t i = MAX_OF(p->logged + 1, log->tail); i <= log->head; i++) {
		const struct record *r = log_at(log, i);

		if (r && !r->quiet && r->table != TABLE_ALERT && r->severity < SEV_COUNT)
			log_line(priorities[r->severity], "%s record=%llu", r->text, (unsigned long long)i);
	}
	p->logged = log->head;
}

void engine_turn(struct engine_process *p)
{
	uint64_t now = boot_ms();
	int64_t wall = wall_ms();

	if (!p->begun)
		return;
	act(p, now);
	abandon_overdue(p, now, wall);
	if (engine_next_ms(&p->engine) <= now)
		engine_tick(&p->engine, now, wall);
	send_jobs(p, now);
	beat(p, now, wall);
	act(p, now);
	checkpoint_when_due(p, now);
	log_records(p);
	arm_timer(p, now);
}

static int on_timer(sd_event_source *s, uint64_t usec, void *userdata)
{
	struct engine_process *p = userdata;
	uint64_t now = boot_ms();

	(void)s;
	(void)usec;
	if (now > p->timer_ms && now - p->timer_ms > p->lag_ms)
		p->lag_ms = (uint32_t)(now - p->timer_ms);
	engine_turn(p);
	return 0;
}

/* From the supervisor's checkpoint, or from nothing when it holds none. */
static int begin(struct engine_process *p, const void *block, size_t size)
{
	uint64_t now = boot_ms();
	int64_t wall = wall_ms();
	int r;

	if (p->begun)
		return -EPROTO;
	r = engine_init(&p->engine, p->start->config, block, size, (uint64_t)wall / 1000, now, wall);
	if (r == -EPROTO && block) {
		log_line(3, "checkpoint does not fit this build, starting from nothing");
		r = engine_init(&p->engine, p->start->config, NULL, 0, (uint64_t)wall / 1000, now, wall);
	}
	if (r < 0)
		return r;
	sched_init(&p->sched, p->start->config);
	p->logged = block ? p->engine.log.head : 0;
	p->begun = true;
	return sched_reconfigure(&p->sched, p->start->config, now);
}

static int on_checkpoint(struct engine_process *p, struct msg *m)
{
	const void *block = NULL;
	int r;

	if (!m->u.checkpoint.size)
		return begin(p, NULL, 0);
	r = m->nfds == 1 ? memfd_map(m->fds[0], m->u.checkpoint.size, &block) : -EPROTO;
	if (r < 0)
		return r;
	r = begin(p, block, m->u.checkpoint.size);
	munmap((void *)(uintptr_t)block, m->u.checkpoint.size);
	return r;
}

static bool follows_log(enum role r)
{
	return r == ROLE_COURIER || r == ROLE_SCRIBE || r == ROLE_WEB;
}

static int on_peer(struct engine_process *p, struct msg *m)
{
	const struct msg_peer *who = &m->u.peer;
	struct peer *peer;

	if (m->nfds != 1)
		return -EPROTO;
	peer = peer_add(p, m->fds[0], who->role, who->index, who->bus);
	if (!peer)
		return 0;
	m->fds[0] = -1;
	peer->follows = follows_log(who->role);
	if (who->role == ROLE_RUNNER)
		p->runner = peer;
	if (who->role == ROLE_PROBER) {
		int w = sched_worker_add(&p->sched, who->bus, who->index, peer->fd);

		if (w < 0)
			peer_drop(peer);
		else
			peer->worker = (uint32_t)w;
	}
	return 0;
}

static int on_peer_died(struct engine_process *p, struct msg *m)
{
	struct msg_peer_died *d = &m->u.died;

	for (unsigned i = 0; i < SCHED_WORKERS; i++) {
		struct abandoned *a = &p->abandoned[i];

		if (d->role != ROLE_PROBER || !a->used || a->index != d->index || a->bus != d->bus)
			continue;
		sched_released(&p->sched, a->target);
		a->used = false;
		d->abandoned = 1; /* we ended it ourselves: that it was stuck has been told */
	}
	engine_role_died(&p->engine, d, boot_ms(), wall_ms());
	return 0;
}

static int on_reloaded(struct engine_process *p, struct msg *m)
{
	m->u.reloaded.first_error[sizeof(m->u.reloaded.first_error) - 1] = '\0';
	if (!m->u.reloaded.ok)
		engine_config_refused(&p->engine, m->u.reloaded.first_error, boot_ms(), wall_ms());
	return 0;
}

static int engine_supervisor_message(void *state, struct msg *m)
{
	struct engine_process *p = state;
	int r = 0;

	if (m->type == MSG_CHECKPOINT)
		r = on_checkpoint(p, m);
	else if (!p->begun)
		r = begin(p, NULL, 0);
	if (r < 0)
		return r;
	if (m->type == MSG_PEER)
		r = on_peer(p, m);
	else if (m->type == MSG_PEER_DIED)
		r = on_peer_died(p, m);
	else if (m->type == MSG_RELOADED)
		r = on_reloaded(p, m);
	engine_turn(p);
	return r;
}

/* A source that is new may want devices that nobody did when they were told of. */
static void ask_for_devices(struct engine_process *p)
{
	struct msg_reloaded again = {.ok = 1};

	for (unsigned i = 0; i < PEERS_MAX; i++)
		if (p->peers[i].used && p->peers[i].role == ROLE_DISCOVERER)
			msg_offer(p->peers[i].fd, MSG_RELOADED, &again);
}

static void engine_config_changed(void *state)
{
	struct engine_process *p = state;
	uint64_t now = boot_ms();

	if (!p->begun)
		return;
	engine_set_config(&p->engine, p->start->config, now, wall_ms());
	if (sched_reconfigure(&p->sched, p->start->config, now) < 0)
		log_line(3, "no memory for the new configuration's sources");
	ask_for_devices(p);
	engine_turn(p);
}

static int engine_start(struct role_start *s, void **ret_state)
{
	struct engine_process *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->start = s;
	r = sd_event_add_time(s->event, &p->timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_timer, p);
	if (r >= 0 && s->nlisten && s->listen[0] >= 0)
		r = control_listen(p, s->listen[0]);
	if (r < 0) {
		free(p);
		return r;
	}
	*ret_state = p;
	return 0;
}

const struct role_ops engine_role_ops = {
	.start = engine_start,
	.config_changed = engine_config_changed,
	.supervisor_message = engine_supervisor_message,
};
