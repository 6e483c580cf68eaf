/* Components and what belongs to them: looks, facts, marks. */
#include "agent/engine_parts.h"

#include <stdio.h>

static uint32_t seen_begin(
	const struct engine *e, uint32_t component, unsigned source, struct seen_row *ret)
{
	const struct seen_row *old = model_seen(&e->model, component, source);
	const struct cfg_source *c =
		source < e->config->nsources ? &e->config->sources[source] : NULL;

	*ret = (struct seen_row){.used = 1, .component = component, .source = (uint16_t)source};
	if (old)
		*ret = *old;
	ret->plane = c ? c->plane : PLANE_NONE;
	/* what is had seldom is good for as long as was said when it was had */
	ret->interval_ms = c ? MAX_OF(cfg_pace_ms(c), ret->interval_ms) : 0;
	return old ? (uint32_t)(old - seen_at(&e->model, 0))
		   : model_free_index(&e->model, TABLE_SEEN);
}

static void seen_end(
	struct engine *e, uint32_t index, struct seen_row *s, enum outcome outcome)
{
	s->outcome = (uint8_t)outcome;
	s->tried_ms = MAX_OF(e->now_ms, 1u);
	if (outcome == OUTCOME_OK) {
		s->read_ms = s->tried_ms;
		s->misses = 0;
	} else if (s->misses < UINT8_MAX) {
		s->misses++;
	}
	emit(e, REC_SEEN, TABLE_SEEN, index, s, SEV_NONE, NULL);
}

void seen_note(struct engine *e, uint32_t component, unsigned source, enum outcome outcome)
{
	struct seen_row s;
	uint32_t index = seen_begin(e, component, source, &s);

	seen_end(e, index, &s, outcome);
}

/* A drive that answers whole and checked, from a source that has no word for its state, is ok. */
static enum state said_state(const struct reading *r)
{
	if (r->kind == KIND_DRIVE && r->state == STATE_UNKNOWN && !r->raw[0] && r->nfacts)
		return STATE_OK;
	return (enum state)r->state;
}

void seen_reading(struct engine *e, uint32_t component, const struct reading *r)
{
	struct seen_row s;
	uint32_t index = seen_begin(e, component, r->source, &s);

	s.job = r->job;
	if (r->outcome == OUTCOME_OK) {
		s.state = (uint8_t)said_state(r);
		s.odd = r->state == STATE_UNKNOWN && r->raw[0] && !text_equal(r->raw, "unknown");
		s.limit_ms = r->limit_ms;
		s.interval_ms = r->source < e->config->nsources
					? MAX_OF(cfg_pace_ms(&e->config->sources[r->source]), r->every_ms)
					: 0;
	}
	seen_end(e, index, &s, (enum outcome)r->outcome);
}

void seen_absent(struct engine *e, uint32_t component, unsigned source, uint32_t job)
{
	struct seen_row s;
	uint32_t index = seen_begin(e, component, source, &s);

	s.job = job;
	s.state = STATE_ABSENT;
	s.odd = 0;
	seen_end(e, index, &s, OUTCOME_OK);
}

static bool left_alone(uint8_t outcome)
{
	return outcome == OUTCOME_ASLEEP || outcome == OUTCOME_IDLE;
}

uint64_t seen_good_until(const struct seen_row *s)
{
	uint64_t window = (uint64_t)s->interval_ms * INTERVALS_FRESH;

	if (!s->read_ms)
		return 0;
	if (!s->interval_ms)
		return UINT64_MAX;
	/* a drive that is left alone keeps its values for a day, as long as somebody looks that it is there */
	if (left_alone(s->outcome))
		return MIN_OF(s->read_ms + MAX_OF(window, (uint64_t)ASLEEP_KEEP_MS),
			s->tried_ms + window);
	return s->read_ms + window;
}

/* What anybody could have sent says nothing about whether the component is still looked at. */
static bool only_hearsay(const struct engine *e, uint32_t component)
{
	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i))
		if (seen_at(&e->model, i)->plane != PLANE_SPOOFABLE)
			return false;
	return true;
}

struct freshness component_freshness(const struct engine *e, uint32_t component)
{
	struct freshness f = {.source = NONE16, .until_ms = UINT64_MAX};
	bool hearsay = only_hearsay(e, component);

	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i)) {
		const struct seen_row *s = seen_at(&e->model, i);
		uint64_t until = seen_good_until(s);

		/* the first that gets too old may change whose word counts */
		if (until > e->now_ms)
			f.until_ms = MIN_OF(f.until_ms, until);
		if (s->plane == PLANE_SPOOFABLE && !hearsay)
			continue;
		f.fresh |= until > e->now_ms;
		f.read_ms = MAX_OF(f.read_ms, s->read_ms);
		if (s->tried_ms >= f.tried_ms) {
			f.tried_ms = s->tried_ms;
			f.outcome = s->outcome;
			f.source = s->source;
		}
	}
	f.known = f.read_ms;
	f.asleep = left_alone(f.outcome);
	return f;
}

/* What a path leads through: a canister, or the target's port group while nobody names its canister. */
static bool leads_through(uint8_t kind)
{
	return kind == KIND_CANISTER || kind == KIND_PORT;
}

static bool is_via_of(const struct component_row *path, const struct component_row *canister)
{
	const char *dash = strrchr(path->name, '-');

	return text_equal(path->enclosure, canister->name) ||
	       (dash && text_equal(dash + 1, canister->name));
}

static void via_add(struct engine *e, uint32_t path, uint32_t canister)
{
	struct via_row v = {.used = 1, .component = path, .via = canister};

	for (uint32_t i = 0; i < via_count(&e->model); i++)
		if (via_at(&e->model, i)->used && via_at(&e->model, i)->component == path &&
			via_at(&e->model, i)->via == canister)
			return;
	emit(e, REC_GROUP, TABLE_VIA, model_free_index(&e->model, TABLE_VIA), &v, SEV_NONE, NULL);
}

/* "host0-A" leads to canister A: what leads to a lost canister is lost with it. */
void vias_learn(struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);
	bool path = kind_is_path(c->kind);

	if (!path && !leads_through(c->kind))
		return;
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *o = component_at(&e->model, i);

		c = component_at(&e->model, component);
		if (!o->used || o->array != c->array ||
			!(path ? leads_through(o->kind) : kind_is_path(o->kind)))
			continue;
		if (path ? is_via_of(c, o) : is_via_of(o, c))
			via_add(e, path ? component : i, path ? i : component);
	}
}

uint32_t component_ensure(
	struct engine *e, unsigned array, enum kind kind, const char *name, unsigned source)
{
	uint32_t i = model_find_component(&e->model, array, kind, name);
	const struct array_row *a = array_at(&e->model, array);
	struct component_row c = {.used = 1,
		.kind = (uint8_t)kind,
		.array = (uint16_t)array,
		.source = (uint16_t)source,
		.slot = -1,
		.state_ms = e->now_ms,
		.state_wall_ms = e->wall_ms};
	struct component_due *due;
	char text[TEXT_MAX];

	if (i != NONE32 || !a || !a->used || kind == KIND_NONE || kind >= KIND_COUNT || !name[0])
		return i;
	if (a->simulated)
		c.flags |= COMPONENT_SIMULATED;
	copy_text(c.name, sizeof(c.name), name);
	i = model_free_index(&e->model, TABLE_COMPONENT);
	format_text(text, sizeof(text), "%s: %s %s is seen for the first time", a->name,
		kind_text(kind), name);
	emit(e, REC_COMPONENT_NEW, TABLE_COMPONENT, i, &c, SEV_INFO, text);
	if (i >= component_count(&e->model))
		return NONE32;
	due = engine_due(e, i);
	if (due) {
		due->findings = 0;
		due->present = due->guest = false;
	}
	engine_touch(e, i);
	vias_learn(e, i);
	return i;
}

/* Rows of a table whose component (at @offset) is this one are given back. */
static void rows_drop(struct engine *e, enum table table, size_t offset, uint32_t component)
{
	unsigned char row[ROW_MAX];
	uint32_t owner;

	for (uint32_t i = 0; i < e->model.tables[table].count; i++) {
		memcpy(row, model_row(&e->model, table, i), row_size(table));
		memcpy(&owner, row + offset, sizeof(owner));
		if (!row[0] || owner != component)
			continue;
		row[0] = 0; /* every row starts with "used" */
		emit(e, REC_COMPONENT_FORGOTTEN, table, i, row, SEV_NONE, NULL);
	}
}

void vias_forget(struct engine *e, uint32_t component)
{
	rows_drop(e, TABLE_VIA, offsetof(struct via_row, component), component);
}

void component_forget(struct engine *e, uint32_t component, const char *text)
{
	struct component_row c = *component_at(&e->model, component);

	for (uint32_t i = 0; i < finding_count(&e->model); i++)
		if (finding_at(&e->model, i)->used && finding_at(&e->model, i)->active &&
			finding_at(&e->model, i)->component == component)
			finding_clear(e, i, "forgotten");
	rows_drop(e, TABLE_SEEN, offsetof(struct seen_row, component), component);
	rows_drop(e, TABLE_FACT, offsetof(struct fact_row, component), component);
	rows_drop(e, TABLE_SERD, offsetof(struct serd_row, component), component);
	rows_drop(e, TABLE_MEMBER, offsetof(struct member_row, component), component);
	rows_drop(e, TABLE_VIA, offsetof(struct via_row, component), component);
	rows_drop(e, TABLE_VIA, offsetof(struct via_row, via), component);
	rows_drop(e, TABLE_DAILY, offsetof(struct daily_row, component), component);
	rows_drop(e, TABLE_MAINTENANCE, offsetof(struct maintenance_row, component), component);
	rows_drop(e, TABLE_DEADLINE, offsetof(struct deadline_row, component), component);
	c.used = 0;
	emit(e, REC_COMPONENT_FORGOTTEN, TABLE_COMPONENT, component, &c, SEV_INFO, text);
}

void component_rebaseline(struct engine *e, uint32_t component)
{
	struct component_row c = *component_at(&e->model, component);
	bool fell = finding_holds(&e->model, "drive.counter-fell", c.array, component);

	for (uint32_t i = 0; i < fact_count(&e->model); i++) {
		struct fact_row f = *fact_at(&e->model, i);

		if (!f.used || f.component != component)
			continue;
		/* after a counter went back, only the next reading can say where it starts from */
		f.used = !fell;
		f.first = f.value;
		emit(e, REC_ADOPTED, TABLE_FACT, i, &f, SEV_NONE, NULL);
	}
	rows_drop(e, TABLE_SERD, offsetof(struct serd_row, component), component);
	finding_lower(e, "drive.counter-fell", c.array, component);
	c.flags |= COMPONENT_ADOPTED;
	c.adopted_wall_ms = e->wall_ms;
	emit(e, REC_ADOPTED, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
	findings_recheck(e, component);
	engine_touch(e, component);
}
