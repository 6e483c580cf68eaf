/* When, and by which worker. */
#include "agent/sched.h"

#include <errno.h>

enum { ODD_MS = 3000, CALM_MS = 15 * 60000, HURRY_MS = 60000, COMMAND_MS = 2000 };

static const uint8_t pool_max[BUS_COUNT] = {
	[BUS_SCSI] = 4, [BUS_ATA] = 4, [BUS_NVME] = 4, [BUS_EXEC] = 8, [BUS_NET] = 4, [BUS_MANAGE] = 4, [BUS_SSH] = 4,
	[BUS_SMART] = 1};

static bool has_finding(const struct model *m, uint32_t component)
{
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->used && f->active && f->component == component && f->severity >= SEV_WARNING)
			return true;
	}
	return false;
}

/* A drive with an open finding is asked more often, and also when it did nothing. */
static bool under_watch(const struct sched *s, const struct target *t, const struct model *m)
{
	uint32_t component;

	if (!t->device.name[0])
		return false;
	component = model_find_component(m, s->config->sources[t->source].array,
		(enum kind)t->device.kind, t->device.name);
	return component != NONE32 && has_finding(m, component);
}

/* A management plane is asked often from the first thing that is not as expected until all has been well for a while. */
static bool was_odd(const struct sched *s, struct target *t, const struct model *m, uint64_t now_ms)
{
	const struct array_row *a = array_at(m, s->config->sources[t->source].array);

	if (a && a->used && a->worst >= SEV_WARNING)
		t->odd_ms = MAX_OF(now_ms, 1u);
	return t->odd_ms && now_ms < t->odd_ms + CALM_MS;
}

static uint32_t interval_of(const struct sched *s, struct target *t, const struct model *m, uint64_t now_ms)
{
	uint32_t interval_ms = s->config->sources[t->source].interval_ms;

	if (s->config->sources[t->source].address && was_odd(s, t, m, now_ms))
		return MIN_OF(interval_ms, (uint32_t)ODD_MS);
	return interval_ms > HURRY_MS && under_watch(s, t, m) ? HURRY_MS : interval_ms;
}

static bool startable(const struct target *t, uint64_t now_ms)
{
	return t->used && !t->in_flight && t->abandoned < SCHED_ABANDONED_MAX && t->due_ms <= now_ms;
}

static int idle_worker(const struct sched *s, unsigned bus)
{
	for (int i = 0; i < SCHED_WORKERS; i++)
		if (s->workers[i].used && s->workers[i].ready && s->workers[i].bus == bus)
			return i;
	return -1;
}

static void fill_job(const struct sched *s, const struct target *t, struct job *j)
{
	const struct cfg_source *src = &s->config->sources[t->source];

	*j = (struct job){.id = s->next_job, .source = t->source, .array = src->array, .bus = t->bus,
		.type = src->type, .drive_class = t->drive_class, .kind = t->device.kind, .timeout_ms = src->timeout_ms,
		.command_ms = MIN_OF(src->timeout_ms, COMMAND_MS), .generation = s->config->generation};
	copy_text(j->name, sizeof(j->name), t->device.name);
	copy_text(j->dev, sizeof(j->dev), t->device.dev);
	copy_text(j->sg, sizeof(j->sg), t->device.sg);
	copy_text(j->sysfs, sizeof(j->sysfs), t->device.sysfs);
	copy_text(j->model, sizeof(j->model), t->device.model);
	copy_text(j->firmware, sizeof(j->firmware), t->device.firmware);
	copy_text(j->serial, sizeof(j->serial), t->device.serial);
}

/*
 * Of which array a management has to speak: as it is configured, else as it said of itself, where nobody else may
 * have said it by a number of another sort.
 */
static const char *meant_serial(const struct config *c, const struct model *m, unsigned source)
{
	unsigned array = c->sources[source].array, n = 0;

	if (!source_is_management((enum source_type)c->sources[source].type))
		return "";
	if (c->arrays[array].serial)
		return cfg_str(c, c->arrays[array].serial);
	for (unsigned i = 0; i < c->nsources; i++)
		n += c->sources[i].array == array &&
		     source_is_management((enum source_type)c->sources[i].type);
	return n == 1 && array_at(m, array) ? array_at(m, array)->serial : "";
}

/* Whoever has waited longest: where many hang, those behind them have their turn all the same. */
static uint32_t next_target(const struct sched *s, uint64_t now_ms, int *ret_worker)
{
	uint32_t best = NONE32;
	int idle[BUS_COUNT];

	for (unsigned bus = 0; bus < BUS_COUNT; bus++)
		idle[bus] = idle_worker(s, bus);
	for (uint32_t i = 0; i < s->ntargets; i++)
		if (startable(&s->targets[i], now_ms) && idle[s->targets[i].bus] >= 0 &&
			(best == NONE32 || s->targets[i].due_ms < s->targets[best].due_ms))
			best = i;
	if (best != NONE32)
		*ret_worker = idle[s->targets[best].bus];
	return best;
}

bool sched_next(struct sched *s, const struct model *m, uint64_t now_ms, struct job *ret, uint32_t *ret_worker)
{
	int w = -1;
	uint32_t i = next_target(s, now_ms, &w);
	struct target *t = i == NONE32 ? NULL : &s->targets[i];

	if (!t)
		return false;
	s->next_job++;
	fill_job(s, t, ret);
	if (!ret->serial[0])
		copy_text(ret->serial, sizeof(ret->serial), meant_serial(s->config, m, t->source));
	ret->insist = under_watch(s, t, m);
	t->in_flight = true;
	t->started_ms = now_ms;
	t->due_ms = now_ms + interval_of(s, t, m, now_ms);
	s->workers[w].ready = s->workers[w].outdated = false;
	s->workers[w].job = s->next_job;
	s->workers[w].target = i;
	s->workers[w].deadline_ms = now_ms + ret->timeout_ms + SCHED_GRACE_MS;
	*ret_worker = (uint32_t)w;
	return true;
}

int sched_want(struct sched *s, uint64_t now_ms)
{
	unsigned due[BUS_COUNT] = {}, have[BUS_COUNT] = {};

	for (uint32_t i = 0; i < s->ntargets; i++)
		due[s->targets[i].bus] += startable(&s->targets[i], now_ms);
	for (int i = 0; i < SCHED_WORKERS; i++)
		have[s->workers[i].bus] += s->workers[i].used;
	for (int b = 0; b < BUS_COUNT; b++)
		if (due[b] && have[b] + s->wanted[b] < pool_max[b] && !s->wanted[b]) {
			s->wanted[b]++;
			return b;
		}
	return -1;
}

static int worker_of_job(const struct sched *s, uint32_t job)
{
	for (int i = 0; i < SCHED_WORKERS; i++)
		if (s->workers[i].used && !s->workers[i].ready && s->workers[i].job == job)
			return i;
	return -1;
}

static uint32_t worker_take_target(struct sched *s, struct worker *w)
{
	uint32_t t = w->target;

	w->target = NONE32;
	w->job = 0;
	if (t < s->ntargets)
		s->targets[t].in_flight = false;
	return t < s->ntargets ? t : NONE32;
}

bool sched_counts(const struct sched *s, uint32_t worker, uint32_t job)
{
	return worker != NONE32 && s->workers[worker].used && s->workers[worker].job == job &&
		!s->workers[worker].outdated;
}

bool sched_done(struct sched *s, uint32_t job, const struct model *m, uint64_t now_ms)
{
	int w = worker_of_job(s, job);
	uint32_t t;

	if (w < 0)
		return false;
	t = worker_take_target(s, &s->workers[w]);
	s->workers[w].ready = true;
	if (t != NONE32) {
		/* a finding that just opened shortens the wait */
		uint64_t due = s->targets[t].started_ms + interval_of(s, &s->targets[t], m, now_ms);

		if (due < s->targets[t].due_ms)
			s->targets[t].due_ms = MAX_OF(due, now_ms);
	}
	return true;
}

int sched_overrun(struct sched *s, uint64_t now_ms, uint32_t *ret_target)
{
	for (int i = 0; i < SCHED_WORKERS; i++) {
		struct worker *w = &s->workers[i];

		if (!w->used || w->ready || w->job == 0 || w->deadline_ms > now_ms)
			continue;
		*ret_target = worker_take_target(s, w);
		if (*ret_target != NONE32)
			s->targets[*ret_target].abandoned++;
		w->used = false;
		return i;
	}
	return -1;
}

int sched_worker_add(struct sched *s, unsigned bus, unsigned index, int fd)
{
	for (int i = 0; i < SCHED_WORKERS; i++) {
		if (s->workers[i].used)
			continue;
		s->workers[i] = (struct worker){.used = true, .ready = true, .bus = (uint8_t)bus,
			.index = (uint16_t)index, .fd = fd, .target = NONE32};
		if (s->wanted[bus])
			s->wanted[bus]--;
		return i;
	}
	return -ENOSPC;
}

uint32_t sched_worker_gone(struct sched *s, uint32_t worker, uint64_t now_ms)
{
	struct worker *w = &s->workers[worker];
	uint32_t t = w->used ? worker_take_target(s, w) : NONE32;

	w->used = false;
	if (t != NONE32)
		s->targets[t].due_ms = now_ms + SCHED_STAGGER_MS;
	return t;
}

void sched_released(struct sched *s, uint32_t target)
{
	if (target < s->ntargets && s->targets[target].abandoned)
		s->targets[target].abandoned--;
}

uint64_t sched_next_ms(const struct sched *s, uint64_t now_ms)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < s->ntargets; i++) {
		const struct target *t = &s->targets[i];

		/* what is due already waits for a worker, not for time */
		if (t->used && !t->in_flight && t->abandoned < SCHED_ABANDONED_MAX && t->due_ms > now_ms &&
			t->due_ms < next)
			next = t->due_ms;
	}
	for (int i = 0; i < SCHED_WORKERS; i++) {
		const struct worker *w = &s->workers[i];

		if (w->used && !w->ready && w->job && w->deadline_ms < next)
			next = w->deadline_ms;
	}
	return next;
}
