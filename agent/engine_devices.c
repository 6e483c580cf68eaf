/* Devices that come and go, and the first look that says which there are. */
#include "agent/engine_parts.h"

#include <ctype.h>
#include <stdio.h>

/* To list all devices takes longer than a look at one of them. */
enum { FIRST_LOOK_MS = 30000 };

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

static void source_is_well(struct engine *e, unsigned source)
{
	struct source_row s = *source_at(&e->model, source);

	s.unlisted = 0;
	s.misses = 0;
	s.outcome = OUTCOME_NONE;
	memset(s.error, 0, sizeof(s.error));
	emit(e, REC_SOURCE, TABLE_SOURCE, source, &s, SEV_NONE, NULL);
	source_finding(e, "source.failing", source, NULL);
	engine_changed(e, s.array);
}

/* With the last device of a source what it failed at is gone too, and nobody looks again to find out. */
static void sources_left(struct engine *e)
{
	for (uint32_t i = 0; i < source_count(&e->model) && i < e->config->nsources; i++) {
		const struct source_row *s = source_at(&e->model, i);

		if (s->used && source_device_kind((enum source_type)s->type) && s->misses &&
			!s->unlisted && !has_devices(e, i))
			source_is_well(e, i);
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
	namespaces_gone(e, component);
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

void source_answered(struct engine *e, unsigned source)
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
static bool pictured(const struct engine *e, unsigned source)
{
	return source_device_kind((enum source_type)source_at(&e->model, source)->type) != KIND_PATH ||
	       (e->enumerated && looked_at_all(e, source));
}

bool source_has_answered(const struct engine *e, unsigned source)
{
	return source_at(&e->model, source)->answered || pictured(e, source);
}

void source_is_listed(struct engine *e, unsigned source)
{
	if (e->enumerated && source_at(&e->model, source)->unlisted && pictured(e, source))
		source_is_well(e, source);
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

		if (!s->used || !source_device_kind((enum source_type)s->type))
			continue;
		source_is_listed(e, i);
		if (looked_at_all(e, i))
			source_answered(e, i);
	}
}

static bool waits_for_list(const struct engine *e, unsigned source)
{
	const struct source_row *s = source_at(&e->model, source);

	return !e->enumerated && s->used && !s->unlisted && source < e->config->nsources &&
	       source_device_kind((enum source_type)s->type);
}

static uint64_t list_due_ms(const struct engine *e, unsigned source)
{
	return e->began_ms +
	       MAX_OF(e->config->sources[source].timeout_ms, (uint32_t)FIRST_LOOK_MS);
}

/* Whoever looks for devices hangs, or not all that it said arrived: what is not known is not waited for. */
static void source_is_unlisted(struct engine *e, unsigned source)
{
	struct source_row s = *source_at(&e->model, source);

	s.answered = 1;
	s.unlisted = 1;
	s.misses = MAX_OF(s.misses, 1);
	s.outcome = OUTCOME_TIMEOUT;
	copy_text(s.error, sizeof(s.error), "it is not known which devices there are");
	emit(e, REC_SOURCE, TABLE_SOURCE, source, &s, SEV_NONE, NULL);
	source_finding(e, "source.failing", source, s.error);
	engine_changed(e, s.array);
}

void devices_update(struct engine *e)
{
	for (uint32_t i = 0; i < source_count(&e->model); i++)
		if (waits_for_list(e, i) && list_due_ms(e, i) <= e->now_ms)
			source_is_unlisted(e, i);
}

uint64_t devices_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < source_count(&e->model); i++)
		if (waits_for_list(e, i))
			next = MIN_OF(next, list_due_ms(e, i));
	return next;
}

/* Could this source have it, and has it not had the time yet? One list tells of all; devices are looked at one by one. */
static bool may_still_tell(const struct engine *e, unsigned source, const struct component_row *c)
{
	const struct source_row *s = source_at(&e->model, source);
	enum kind devices = source_device_kind((enum source_type)s->type);
	uint64_t listed_ms;

	if (!source_looks(s) || s->array != c->array || source >= e->config->nsources ||
		(devices ? devices != (kind_is_path(c->kind) ? KIND_PATH : c->kind) : s->answered))
		return false;
	listed_ms = devices ? list_due_ms(e, source)
			    : e->began_ms + e->config->sources[source].timeout_ms;
	return e->now_ms < listed_ms + cfg_pace_ms(&e->config->sources[source]);
}

bool component_awaited(const struct engine *e, uint32_t component)
{
	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i))
		if (seen_at(&e->model, i)->outcome != OUTCOME_NONE)
			return false;
	for (uint32_t i = 0; i < source_count(&e->model); i++)
		if (may_still_tell(e, i, component_at(&e->model, component)))
			return true;
	return false;
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

