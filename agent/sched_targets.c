/* What is looked at: sources as a whole, and the devices that others found for them. */
#include "agent/sched.h"

#include <errno.h>
#include <fnmatch.h>
#include <strings.h>

enum { EVENT_GAP_MS = 10000, ASK_GAP_MS = 1000 };

/* Sources that are looked at as a whole, and by which pool, less 1; devices come by themselves. */
static int polled_bus(const struct cfg_source *s)
{
	static const uint8_t buses[SOURCE_TYPE_COUNT] = {
		[SOURCE_EXEC] = BUS_EXEC + 1, [SOURCE_NAGIOS] = BUS_EXEC + 1, [SOURCE_PATHS] = BUS_NET + 1,
		[SOURCE_LAYOUT] = BUS_EXEC + 1, [SOURCE_LVM] = BUS_NVME + 1,
		[SOURCE_WITNESS] = BUS_NET + 1,
		[SOURCE_SPECTRUM] = BUS_MANAGE + 1, [SOURCE_MC] = BUS_MANAGE + 1,
		[SOURCE_SANTRICITY] = BUS_MANAGE + 1, [SOURCE_REDFISH] = BUS_MANAGE + 1, [SOURCE_SMARTCTL] = BUS_SMART + 1};
	int bus = s->type < SOURCE_TYPE_COUNT ? buses[s->type] - 1 : -1;

	return bus == BUS_MANAGE && s->transport ? BUS_SSH : bus;
}

static int target_add(struct sched *s, const struct target *t)
{
	struct target *grown;

	for (uint32_t i = 0; i < s->ntargets; i++)
		if (!s->targets[i].used && !s->targets[i].in_flight) {
			s->targets[i] = *t;
			return 0;
		}
	grown = realloc(s->targets, (s->ntargets + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	s->targets = grown;
	s->targets[s->ntargets++] = *t;
	return 0;
}

void sched_init(struct sched *s, const struct config *config)
{
	*s = (struct sched){.config = config};
}

static bool matches(const struct config *c, cfg_text pattern, const char *text)
{
	const char *p = cfg_str(c, pattern);

	return !*p || !fnmatch(p, text, FNM_CASEFOLD);
}

bool source_takes(const struct config *c, const struct cfg_source *s, const struct device_event *d)
{
	return d->kind != KIND_NONE && source_device_kind((enum source_type)s->type) == (enum kind)d->kind &&
		matches(c, s->match_vendor, d->vendor) &&
		matches(c, s->match_model, d->model) && matches(c, s->match_serial, d->serial) &&
		matches(c, s->match_transport, d->transport);
}

/* The most particular source wins: one with a match before one that takes everything. */
static int source_of(const struct config *c, const struct device_event *d)
{
	int any = -1;

	for (int i = 0; i < c->nsources; i++) {
		const struct cfg_source *s = &c->sources[i];

		if (!source_takes(c, s, d))
			continue;
		if (s->match_vendor || s->match_model || s->match_serial || s->match_transport)
			return i;
		if (any < 0)
			any = i;
	}
	return any;
}

int sched_reconfigure(struct sched *s, const struct config *config, uint64_t now_ms)
{
	s->config = config;
	for (unsigned i = 0; i < SCHED_WORKERS; i++)
		s->workers[i].outdated = s->workers[i].used && !s->workers[i].ready;
	for (uint32_t i = 0; i < s->ntargets; i++) {
		struct target *t = &s->targets[i];
		int source = t->device.name[0] ? source_of(config, &t->device) : -1;

		if (t->in_flight)
			t->due_ms = now_ms; /* what it is about to say will not be used */
		t->used = t->used && source >= 0;
		t->source = (uint16_t)(source < 0 ? 0 : source);
	}
	for (unsigned i = 0; i < config->nsources; i++) {
		int bus = polled_bus(&config->sources[i]), r;
		struct target t = {.used = true, .bus = (uint8_t)bus, .source = (uint16_t)i, .due_ms = now_ms};

		if (bus < 0)
			continue;
		r = target_add(s, &t);
		if (r < 0)
			return r;
	}
	return 0;
}

void sched_free(struct sched *s)
{
	free(s->targets);
	s->targets = NULL;
	s->ntargets = 0;
}

static struct target *find_device(struct sched *s, const struct device_event *d)
{
	for (uint32_t i = 0; i < s->ntargets; i++)
		if (s->targets[i].used && s->targets[i].device.kind == d->kind &&
			!strcmp(s->targets[i].device.name, d->name))
			return &s->targets[i];
	return NULL;
}

/* Look now, but not again within the gap: uevents come in storms. */
static void hurry(struct target *t, uint64_t now_ms, uint64_t gap_ms)
{
	uint64_t due = t->started_ms ? MAX_OF(now_ms, t->started_ms + gap_ms) : now_ms;

	t->due_ms = MIN_OF(t->due_ms, due);
}

/* Drives are many and asked seldom; every path is asked within its first interval. */
static uint64_t stagger_ms(const struct sched *s, const struct device_event *d, int source)
{
	uint64_t ms = (uint64_t)s->ntargets * SCHED_STAGGER_MS;

	return d->kind == KIND_PATH ? ms % s->config->sources[source].interval_ms : ms;
}

int sched_device(struct sched *s, const struct device_event *d, uint64_t now_ms, int *ret_source)
{
	struct target *t = find_device(s, d);
	int source = source_of(s->config, d);

	*ret_source = source;
	if (d->removed) {
		if (t)
			t->used = false;
		return 0;
	}
	if (source < 0)
		return 0;
	if (t) {
		t->device = *d;
		t->source = (uint16_t)source;
		/* told again with all others: nothing happened to it */
		if (!d->initial)
			hurry(t, now_ms, EVENT_GAP_MS);
		return 0;
	}
	return target_add(s, &(struct target){.used = true, .bus = d->bus, .drive_class = d->drive_class,
		.source = (uint16_t)source, .device = *d,
		.due_ms = now_ms + (d->initial ? stagger_ms(s, d, source) : 0)});
}

void sched_hurry_array(struct sched *s, unsigned array, uint64_t now_ms)
{
	for (uint32_t i = 0; i < s->ntargets; i++) {
		struct target *t = &s->targets[i];

		if (t->used && !t->device.name[0] && s->config->sources[t->source].array == array)
			hurry(t, now_ms, ASK_GAP_MS);
	}
}
