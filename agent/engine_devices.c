/* Drives that come and go, workers that hang, jobs that end. */
#include "agent/engine_parts.h"

#include <ctype.h>
#include <stdio.h>

static void text_ends(char *text, size_t size)
{
	text[size - 1] = '\0';
}

static void device_clean(struct device_event *d)
{
	text_ends(d->name, sizeof(d->name));
	text_ends(d->dev, sizeof(d->dev));
	text_ends(d->vendor, sizeof(d->vendor));
	text_ends(d->model, sizeof(d->model));
	text_ends(d->serial, sizeof(d->serial));
	text_ends(d->firmware, sizeof(d->firmware));
	text_ends(d->transport, sizeof(d->transport));
	text_ends(d->unit, sizeof(d->unit));
}

/* Somebody of those whom a source of this type finds by its devices has found it. */
static bool found_by_devices(const struct engine *e, uint32_t component)
{
	enum kind kind = (enum kind)component_at(&e->model, component)->kind;

	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i)) {
		unsigned source = seen_at(&e->model, i)->source;

		if (source < e->config->nsources &&
			source_device_kind((enum source_type)e->config->sources[source].type) == kind)
			return true;
	}
	return false;
}

bool component_present(const struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);

	if (c->flags & COMPONENT_REMOVED)
		return false;
	if (component < e->ndue && e->due[component].present && found_by_devices(e, component))
		return true;
	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i)) {
		const struct seen_row *s = seen_at(&e->model, i);

		if (s->state != STATE_ABSENT && seen_good_until(s) > e->now_ms)
			return true;
	}
	return false;
}

static bool has_devices(const struct engine *e, unsigned source)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++)
		if (component_at(&e->model, i)->used &&
			!(component_at(&e->model, i)->flags & COMPONENT_REMOVED) &&
			model_seen(&e->model, i, source))
			return true;
	return false;
}

/* With the last device of a source what it failed at is gone too, and nobody looks again to find out. */
static void sources_left(struct engine *e)
{
	for (uint32_t i = 0; i < source_count(&e->model) && i < e->config->nsources; i++) {
		struct source_row s = *source_at(&e->model, i);

		if (!s.used || !source_device_kind((enum source_type)s.type) || !s.misses ||
			has_devices(e, i))
			continue;
		s.misses = 0;
		s.outcome = OUTCOME_NONE;
		memset(s.error, 0, sizeof(s.error));
		emit(e, REC_SOURCE, TABLE_SOURCE, i, &s, SEV_NONE, NULL);
		source_finding(e, "source.failing", i, NULL);
	}
}

static void device_gone(struct engine *e, uint32_t component)
{
	struct component_row c = *component_at(&e->model, component);
	char text[TEXT_MAX], title[24];

	copy_text(title, sizeof(title), kind_text((enum kind)c.kind));
	title[0] = (char)toupper((unsigned char)title[0]);
	if (!(c.flags & COMPONENT_ADOPTED)) {
		format_text(text, sizeof(text),
			"%s %s was unplugged; it was never expected to stay", title, c.name);
		component_forget(e, component, text);
		sources_left(e);
		return;
	}
	if (c.flags & COMPONENT_REMOVED)
		return;
	c.flags |= COMPONENT_REMOVED;
	format_text(text, sizeof(text), "%s %s is gone", title, c.dev[0] ? c.dev : c.name);
	emit(e, REC_COMPONENT_REMOVED, TABLE_COMPONENT, component, &c, SEV_WARNING, text);
	sources_left(e);
	engine_touch(e, component);
}

static void device_there(struct engine *e, const struct device_event *d, unsigned source)
{
	unsigned array = e->config->sources[source].array;
	uint32_t component = component_ensure(e, array, (enum kind)d->kind, d->name, source);
	struct component_due *due;
	struct component_row c;

	if (component == NONE32)
		return;
	c = *component_at(&e->model, component);
	c.flags &= (uint8_t)~COMPONENT_REMOVED;
	if (d->initial && !(c.flags & COMPONENT_ADOPTED)) {
		c.flags |= COMPONENT_ADOPTED;
		c.adopted_wall_ms = e->wall_ms;
	}
	if (d->drive_class && d->drive_class < CLASS_COUNT)
		c.drive_class = d->drive_class;
	if (d->capacity_bytes)
		c.capacity_bytes = d->capacity_bytes;
	copy_text(c.dev, sizeof(c.dev), d->dev);
	if (d->unit[0])
		copy_text(c.unit, sizeof(c.unit), d->unit);
	if (!c.vendor[0])
		copy_text(c.vendor, sizeof(c.vendor), d->vendor);
	if (!c.model[0])
		copy_text(c.model, sizeof(c.model), d->model);
	if (!c.serial[0] && d->serial[0]) {
		copy_text(c.serial, sizeof(c.serial), d->serial);
		c.serial_by = (uint16_t)(source + 1);
	}
	if (!c.firmware[0] && d->firmware[0]) {
		copy_text(c.firmware, sizeof(c.firmware), d->firmware);
		c.firmware_by = (uint16_t)(source + 1);
	}
	if (memcmp(&c, component_at(&e->model, component), sizeof(c)) != 0)
		emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
	if (!model_seen(&e->model, component, source))
		seen_note(e, component, source, OUTCOME_NONE);
	due = engine_due(e, component);
	if (due) {
		due->guest = !d->initial && text_equal(d->transport, "usb");
		due->present = true;
	}
	engine_touch(e, component);
}

static void source_answered(struct engine *e, unsigned source)
{
	struct source_row s = *source_at(&e->model, source);

	if (s.answered)
		return;
	s.answered = 1;
	emit(e, REC_SOURCE, TABLE_SOURCE, source, &s, SEV_NONE, NULL);
	engine_changed(e, s.array);
}

static bool looked_at_all(const struct engine *e, unsigned source)
{
	for (uint32_t i = 0; i < seen_count(&e->model); i++) {
		const struct seen_row *s = seen_at(&e->model, i);
		const struct component_row *c = component_at(&e->model, s->component);

		if (s->used && s->source == source && s->outcome == OUTCOME_NONE && c && c->used &&
			!(c->flags & COMPONENT_REMOVED))
			return false;
	}
	return true;
}

/*
 * Every path is asked within the first interval, and one of two is no picture of the array. Drives are
 * many and asked one after the other: the first that answers shows that the source works.
 */
static bool has_answered(const struct engine *e, unsigned source)
{
	const struct source_row *s = source_at(&e->model, source);

	return s->answered || source_device_kind((enum source_type)s->type) != KIND_PATH ||
	       (e->enumerated && looked_at_all(e, source));
}

/* Drives that a checkpoint remembers and the first look did not find. */
static void enumeration_ends(struct engine *e)
{
	e->enumerated = true;
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);
		const struct component_due *due = engine_due(e, i);

		if (c->used && due && !due->present && found_by_devices(e, i))
			device_gone(e, i);
	}
	for (uint32_t i = 0; i < source_count(&e->model); i++) {
		const struct source_row *s = source_at(&e->model, i);

		if (s->used && source_device_kind((enum source_type)s->type) && looked_at_all(e, i))
			source_answered(e, i);
	}
}

void engine_device(struct engine *e, const struct device_event *event, unsigned source,
	uint64_t now_ms, int64_t wall_ms)
{
	struct device_event d = *event;
	uint32_t component;
	bool found = false;

	engine_enter(e, now_ms, wall_ms);
	device_clean(&d);
	if (!d.dev[0] && !d.name[0]) {
		enumeration_ends(e);
	} else if (source < e->config->nsources && d.name[0] && d.kind && d.kind < KIND_COUNT) {
		component = model_find_component(
			&e->model, e->config->sources[source].array, (enum kind)d.kind, d.name);
		found = !d.removed;
		if (found)
			device_there(e, &d, source);
		else if (component != NONE32)
			device_gone(e, component);
	}
	if (found)
		engine_settle_soon(e);
	else if (e->dirty || e->touched)
		settle(e);
}

void engine_stuck(
	struct engine *e, uint32_t component, unsigned source, uint64_t now_ms, int64_t wall_ms)
{
	struct self_row self = engine_self_row(e);

	engine_enter(e, now_ms, wall_ms);
	self.abandoned++;
	emit(e, REC_SELF, TABLE_SELF, 0, &self, SEV_NONE, NULL);
	if (component_at(&e->model, component) && component_at(&e->model, component)->used) {
		struct component_row c = *component_at(&e->model, component);

		c.flags |= COMPONENT_STUCK;
		if (c.abandoned < UINT16_MAX)
			c.abandoned++;
		emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
		if (source < e->config->nsources)
			seen_note(e, component, source, OUTCOME_STUCK);
		engine_touch(e, component);
	} else if (source < e->config->nsources) {
		source_finding(e, "source.stuck", source, "A worker had to be given up");
	}
	if (source < e->config->nsources && has_answered(e, source))
		source_answered(e, source);
	settle(e);
}

/* A source of devices is one look per device: it fails only when nothing of it answers any more. */
static bool devices_failing(
	const struct engine *e, const struct job_end *j, const struct source_row *s)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < component_count(&e->model); i++)
		n += component_at(&e->model, i)->used && model_seen(&e->model, i, j->source);
	return s->misses > n;
}

static bool is_answer(const struct job_end *j)
{
	return j->outcome == OUTCOME_OK || j->outcome == OUTCOME_ASLEEP ||
	       j->outcome == OUTCOME_IDLE;
}

/* Is there another source that has it? Then it is no guest that left. */
static bool named_elsewhere(const struct engine *e, uint32_t component, unsigned source)
{
	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i)) {
		const struct seen_row *s = seen_at(&e->model, i);

		if (s->source != source && s->state != STATE_ABSENT &&
			seen_good_until(s) > e->now_ms)
			return true;
	}
	return false;
}

static void mark_one_absent(struct engine *e, uint32_t component, const struct job_end *j)
{
	struct component_row c = *component_at(&e->model, component);
	char text[TEXT_MAX];

	if (!(c.flags & COMPONENT_ADOPTED) && !named_elsewhere(e, component, j->source)) {
		format_text(text, sizeof(text), "%s %s is no longer listed; it was never adopted",
			kind_text((enum kind)c.kind), c.name);
		component_forget(e, component, text);
		return;
	}
	seen_absent(e, component, j->source, j->job);
	component_fuse(e, component, &c);
	if (c.source == j->source) {
		memset(c.raw, 0, sizeof(c.raw));
		copy_text(c.message, sizeof(c.message),
			"It is not in the complete answer of its source.");
	}
	if (!memcmp(&c, component_at(&e->model, component), sizeof(c)))
		return;
	emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
	engine_touch(e, component);
}

static bool lists(const struct job_end *j, unsigned kind)
{
	return !j->kinds || j->kinds & 1u << kind;
}

/* Seen before and not in a complete answer: absent, or a guest that left. */
static void mark_absent(struct engine *e, const struct job_end *j)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct seen_row *s = component_at(&e->model, i)->used
						   ? model_seen(&e->model, i, j->source)
						   : NULL;

		if (s && s->job != j->job && lists(j, component_at(&e->model, i)->kind))
			mark_one_absent(e, i, j);
	}
}

static void source_ends(struct engine *e, const struct job_end *j)
{
	struct source_row s = *source_at(&e->model, j->source), old = s;
	bool devices = source_device_kind((enum source_type)s.type), first = !s.answered || !s.success_ms;

	s.answered = has_answered(e, j->source);
	s.took_ms = j->took_ms;
	if (is_answer(j)) {
		s.outcome = OUTCOME_OK;
		s.misses = 0;
		s.success_ms = MAX_OF(e->now_ms, 1u);
		s.success_wall_ms = e->wall_ms;
		memset(s.error, 0, sizeof(s.error));
	} else {
		if (s.misses < UINT16_MAX)
			s.misses++;
		if (!devices || devices_failing(e, j, &s)) {
			s.outcome = j->outcome;
			copy_text(s.error, sizeof(s.error),
				j->error[0] ? j->error : outcome_text((enum outcome)j->outcome));
		}
	}
	emit(e, REC_SOURCE, TABLE_SOURCE, j->source, &s, SEV_NONE, NULL);
	/* visibility follows from it */
	if (first || old.outcome != s.outcome)
		engine_changed(e, s.array);
	if (s.outcome == OUTCOME_OK) {
		source_finding(e, "source.failing", j->source, NULL);
		source_finding(e, "source.stuck", j->source, NULL);
	} else if (s.outcome != OUTCOME_NONE) {
		source_finding(e, "source.failing", j->source, s.error);
	}
}

void engine_job_end(struct engine *e, const struct job_end *end, uint64_t now_ms, int64_t wall_ms)
{
	struct job_end j = *end;

	engine_enter(e, now_ms, wall_ms);
	text_ends(j.error, sizeof(j.error));
	if (j.source >= e->config->nsources || j.outcome >= OUTCOME_COUNT ||
		!source_at(&e->model, j.source))
		return;
	if (j.complete && j.outcome == OUTCOME_OK &&
		!source_device_kind((enum source_type)source_at(&e->model, j.source)->type))
		mark_absent(e, &j);
	layout_end(e, &j, j.complete && j.outcome == OUTCOME_OK && (!j.kinds || j.kinds >> KIND_POOL & 1));
	source_ends(e, &j);
	if (j.complete && j.outcome == OUTCOME_OK)
		notices_judge(e, j.source);
	if (e->dirty || e->touched)
		settle(e);
}
