#include "agent/scenario.h"

static void start_as(struct world_component *w, const struct scenario_component *c)
{
	w->state = STATE_OK;
	w->silent = 0;
	w->limit_ms = 0;
	memset(w->message, 0, sizeof(w->message));
	memset(w->raw, 0, sizeof(w->raw));
	w->has_booted = 0;
	copy_text(w->firmware, sizeof(w->firmware), c->firmware);
	copy_text(w->serial, sizeof(w->serial), c->serial);
	copy_text(w->model, sizeof(w->model), c->model);
}

void world_init(struct world *w, const struct scenario *s)
{
	memset(w, 0, sizeof(*w));
	w->scenario = s;
	for (unsigned i = 0; i < s->ncomponents; i++) {
		start_as(&w->components[i], &s->components[i]);
		w->components[i].nfacts = s->components[i].nfacts;
		memcpy(w->components[i].facts, s->components[i].facts,
			sizeof(s->components[i].facts));
	}
}

static struct reading_fact *fact_of(struct world_component *w, unsigned fact)
{
	for (unsigned i = 0; i < w->nfacts; i++)
		if (w->facts[i].fact == fact)
			return &w->facts[i];
	if (w->nfacts == ARRAY_SIZE(w->facts))
		return NULL;
	w->facts[w->nfacts] = (struct reading_fact){.fact = (uint16_t)fact};
	return &w->facts[w->nfacts++];
}

void world_restart(struct world *w)
{
	const struct scenario *s = w->scenario;

	w->next = 0;
	w->aged_ms += w->at_ms;
	w->at_ms = 0;
	for (unsigned i = 0; i < s->ncomponents; i++) {
		const struct scenario_component *c = &s->components[i];

		start_as(&w->components[i], c);
		for (unsigned f = 0; f < c->nfacts; f++) {
			struct reading_fact *now = fact_of(&w->components[i], c->facts[f].fact);

			if (now && !fact_info(c->facts[f].fact)->grows)
				now->value = c->facts[f].value;
		}
	}
}

uint64_t world_next_ms(const struct world *w)
{
	return w->next < w->scenario->nevents ? w->scenario->events[w->next].at_ms : UINT64_MAX;
}

static void change(struct world_component *w, const struct scenario_event *e)
{
	if (e->has_state) {
		w->state = e->state;
		w->limit_ms = e->limit_ms;
		copy_text(w->raw, sizeof(w->raw), e->raw);
	}
	if (e->has_silent)
		w->silent = e->silent;
	if (e->has_message)
		copy_text(w->message, sizeof(w->message), e->message);
	if (e->firmware[0])
		copy_text(w->firmware, sizeof(w->firmware), e->firmware);
	if (e->serial[0])
		copy_text(w->serial, sizeof(w->serial), e->serial);
	if (e->model[0])
		copy_text(w->model, sizeof(w->model), e->model);
	if (e->has_booted) {
		w->has_booted = 1;
		w->booted_ms = (int64_t)e->at_ms - (int64_t)e->uptime_ms;
	}
	for (unsigned i = 0; i < e->nfacts; i++) {
		struct reading_fact *f = fact_of(w, e->facts[i].fact);

		if (f)
			f->value = e->facts[i].value + (e->adds ? f->value : 0);
	}
}

const struct scenario_event *world_step(struct world *w, uint64_t at_ms)
{
	const struct scenario_event *e;

	w->at_ms = MAX_OF(w->at_ms, at_ms);
	if (w->next >= w->scenario->nevents || w->scenario->events[w->next].at_ms > at_ms)
		return NULL;
	e = &w->scenario->events[w->next++];
	if (e->what == CHANGE_COMPONENT)
		change(&w->components[e->component], e);
	return e;
}

/* A drive that is on grows older while the timeline runs. */
static double fact_now(const struct world *world, const struct reading_fact *f)
{
	return f->fact == FACT_POWER_ON_HOURS
		       ? f->value + (double)((world->aged_ms + world->at_ms) / 3600000)
		       : f->value;
}

static void fill(const struct world *world, unsigned i, struct reading *r)
{
	const struct scenario *s = world->scenario;
	const struct world_component *w = &world->components[i];
	const struct scenario_component *c = &s->components[i];

	*r = (struct reading){.source = c->source,
		.array = c->array,
		.kind = c->kind,
		.drive_class = c->drive_class,
		.slot = c->slot,
		.plane = s->config.sources[c->source].plane};
	copy_text(r->name, sizeof(r->name), c->name);
	if (w->silent) {
		r->outcome = OUTCOME_TIMEOUT;
		copy_text(r->raw, sizeof(r->raw), "no answer");
		return;
	}
	r->outcome = OUTCOME_OK;
	r->state = w->state;
	r->limit_ms = w->limit_ms;
	r->capacity_bytes = c->capacity_bytes;
	r->group_need = c->group_need;
	copy_text(r->raw, sizeof(r->raw), w->raw[0] ? w->raw : state_text((enum state)w->state));
	copy_text(r->message, sizeof(r->message), w->message);
	copy_text(r->vendor, sizeof(r->vendor), c->vendor);
	copy_text(r->model, sizeof(r->model), w->model);
	copy_text(r->serial, sizeof(r->serial), w->serial);
	copy_text(r->firmware, sizeof(r->firmware), w->firmware);
	copy_text(r->enclosure, sizeof(r->enclosure), c->enclosure);
	copy_text(r->group, sizeof(r->group), c->group);
	for (unsigned f = 0; f < w->nfacts; f++)
		reading_add(r, w->facts[f].fact, fact_now(world, &w->facts[f]));
	if (w->has_booted && world->wall_ms)
		r->booted_wall_ms = world->wall_ms + w->booted_ms;
}

void world_poll(const struct world *w, unsigned source,
	void (*give)(void *ctx, const struct reading *r), void *ctx, struct job_end *ret)
{
	const struct scenario *s = w->scenario;
	unsigned answered = 0, asked = 0;
	struct reading r;

	for (unsigned i = 0; i < s->ncomponents; i++) {
		if (s->components[i].source != source)
			continue;
		asked++;
		answered += !w->components[i].silent;
		fill(w, i, &r);
		give(ctx, &r);
	}
	*ret = (struct job_end){.source = (uint16_t)source, .count = asked, .took_ms = 20};
	ret->outcome = answered ? OUTCOME_OK : OUTCOME_TIMEOUT;
	ret->complete = answered > 0;
	if (!answered)
		copy_text(ret->error, sizeof(ret->error), "no answer");
}
