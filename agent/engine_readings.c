/* Readings into rows. What is not OUTCOME_OK never overwrites a value. */
#include "agent/engine_parts.h"

#include <math.h>
#include <stdio.h>

enum { RESTART_SLACK_MS = 60000 };

/* A worker is not trusted to end its strings or to count right. */
static bool reading_sane(const struct engine *e, struct reading *r)
{
	char *const texts[] = {r->name, r->raw, r->message, r->vendor, r->model, r->serial,
		r->firmware, r->dev, r->enclosure, r->group};
	const size_t sizes[] = {sizeof(r->name), sizeof(r->raw), sizeof(r->message),
		sizeof(r->vendor), sizeof(r->model), sizeof(r->serial), sizeof(r->firmware),
		sizeof(r->dev), sizeof(r->enclosure), sizeof(r->group)};

	for (unsigned i = 0; i < ARRAY_SIZE(texts); i++)
		texts[i][sizes[i] - 1] = '\0';
	for (unsigned i = 0; i < READING_CUSTOM; i++)
		r->custom[i][CUSTOM_NAME - 1] = '\0';
	if (r->source >= e->config->nsources || r->array >= e->config->narrays || !r->name[0] ||
		r->kind == KIND_NONE || r->kind >= KIND_COUNT || r->outcome >= OUTCOME_COUNT ||
		r->state >= STATE_COUNT || r->drive_class >= CLASS_COUNT ||
		r->nfacts > READING_FACTS || r->ncustom > READING_CUSTOM)
		return false;
	for (unsigned i = 0; i < r->nfacts; i++)
		if (!isfinite(r->facts[i].value))
			return false;
	return true;
}

static void take_text(char *dst, size_t size, const char *src, bool leading)
{
	if (src[0] && (leading || !dst[0]))
		copy_text(dst, size, src);
}

/* Who says what it is called may say that it is another one; anybody may when nobody who did is left. */
static bool may_rename(const struct engine *e, uint32_t component, uint16_t by, unsigned source)
{
	return !by || by == source + 1 || !model_seen(&e->model, component, by - 1u);
}

/* Found gone or stuck by a look at itself, it is not back because somebody else lists it. */
static bool shows_presence(const struct engine *e, uint32_t component, const struct reading *r)
{
	if (e->config->sources[r->source].plane == PLANE_INBAND)
		return true;
	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i))
		if (seen_at(&e->model, i)->plane == PLANE_INBAND)
			return false;
	return true;
}

static void take_names(const struct engine *e, uint32_t component, struct component_row *c,
	const struct reading *r)
{
	bool leading = may_rename(e, component, c->serial_by, r->source);

	take_text(c->vendor, sizeof(c->vendor), r->vendor, leading);
	take_text(c->model, sizeof(c->model), r->model, leading);
	take_text(c->dev, sizeof(c->dev), r->dev, leading);
	take_text(c->enclosure, sizeof(c->enclosure), r->enclosure, leading);
	if (r->serial[0] && (leading || !c->serial[0])) {
		copy_text(c->serial, sizeof(c->serial), r->serial);
		c->serial_by = (uint16_t)(r->source + 1);
	}
	if (r->firmware[0] && may_rename(e, component, c->firmware_by, r->source)) {
		copy_text(c->firmware, sizeof(c->firmware), r->firmware);
		c->firmware_by = (uint16_t)(r->source + 1);
	}
	if (r->slot >= 0 && (leading || c->slot < 0))
		c->slot = r->slot;
	if (r->capacity_bytes && (leading || !c->capacity_bytes))
		c->capacity_bytes = r->capacity_bytes;
	if (r->drive_class && (leading || !c->drive_class))
		c->drive_class = r->drive_class;
	if (r->booted_wall_ms && (leading || !c->booted_wall_ms))
		c->booted_wall_ms = r->booted_wall_ms;
}

/* Empty means not reported: what is known stays. After seen_reading(). */
static void component_take(const struct engine *e, uint32_t component, struct component_row *c,
	const struct reading *r)
{
	take_names(e, component, c, r);
	if (shows_presence(e, component, r))
		c->flags &= (uint8_t) ~(COMPONENT_STUCK | COMPONENT_REMOVED);
	component_fuse(e, component, c);
	if (c->source != r->source)
		return;
	copy_text(c->raw, sizeof(c->raw), r->raw);
	copy_text(c->message, sizeof(c->message), r->message);
}

static void told_once(struct engine *e, const char *rule, const char *instead, uint32_t component,
	const char *detail)
{
	const struct component_row *c = component_at(&e->model, component);
	const char *id = c->kind == KIND_DRIVE ? rule : instead;

	finding_raise(e, id, c->array, component, detail);
	finding_lower(e, id, c->array, component);
}

/* A new part under an old name: nothing that was counted on the old one holds for it. */
static void take_replacement(struct engine *e, uint32_t component, const struct reading *r)
{
	struct component_row c = *component_at(&e->model, component);
	char was[64];

	if (!r->serial[0] || !c.serial[0] || text_equal(r->serial, c.serial) ||
		!may_rename(e, component, c.serial_by, r->source))
		return;
	format_text(was, sizeof(was), "serial %s", c.serial);
	for (uint32_t i = 0; i < fact_count(&e->model); i++) {
		struct fact_row f = *fact_at(&e->model, i);

		if (!f.used || f.component != component)
			continue;
		f.used = 0;
		emit(e, REC_ADOPTED, TABLE_FACT, i, &f, SEV_NONE, NULL);
	}
	component_rebaseline(e, component);
	c = *component_at(&e->model, component);
	memset(c.firmware, 0, sizeof(c.firmware));
	c.booted_wall_ms = 0;
	copy_text(c.serial, sizeof(c.serial), r->serial);
	c.serial_by = (uint16_t)(r->source + 1);
	emit(e, REC_ADOPTED, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
	told_once(e, "drive.replaced", "component.replaced", component, was);
}

/* Another drive in the slot of one that is gone: it takes its place. */
static bool take_slot(struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);

	if (c->kind != KIND_DRIVE || c->slot < 0)
		return false;
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *o = component_at(&e->model, i);
		char was[64], text[TEXT_MAX];

		c = component_at(&e->model, component);
		if (i == component || !o->used || o->kind != KIND_DRIVE || o->array != c->array ||
			o->slot != c->slot || o->state != STATE_ABSENT ||
			!text_equal(o->enclosure, c->enclosure))
			continue;
		format_text(was, sizeof(was), "serial %s", o->serial);
		format_text(text, sizeof(text), "Drive %s in slot %d is replaced by %s", o->serial,
			o->slot, c->serial);
		pool_leave(e, i);
		component_forget(e, i, text);
		told_once(e, "drive.replaced", "drive.replaced", component, was);
		return true;
	}
	return false;
}

/* What is there when a source first answers is what is expected; what comes later is a guest until adopted. */
static void adopt_first(
	struct engine *e, uint32_t component, const struct reading *r, bool first)
{
	struct component_row c = *component_at(&e->model, component);
	const struct source_row *s = source_at(&e->model, r->source);
	const struct component_due *due = engine_due(e, component);
	bool late = s && s->success_ms && !source_device_kind((enum source_type)s->type);
	bool took = (first || !(c.flags & COMPONENT_ADOPTED)) && take_slot(e, component);

	if (c.flags & COMPONENT_ADOPTED || (!took && (late || !due || due->guest)))
		return;
	c = *component_at(&e->model, component);
	c.flags |= COMPONENT_ADOPTED;
	c.adopted_wall_ms = e->wall_ms;
	emit(e, REC_ADOPTED, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
}

static void note_changes(struct engine *e, uint32_t component, const struct component_row *was,
	const struct component_row *is)
{
	bool up = was->state == STATE_OK || was->state == STATE_DEGRADED ||
		  was->state == STATE_UNREACHABLE;

	if (was->firmware[0] && !text_equal(was->firmware, is->firmware))
		told_once(e, "drive.firmware-changed", "component.firmware-changed", component,
			was->firmware);
	if (is->kind == KIND_CANISTER && up && was->booted_wall_ms &&
		is->booted_wall_ms > was->booted_wall_ms + RESTART_SLACK_MS)
		rate_events(e, component, FACT_RESTARTS, 1);
}

/* What an array is called by its maker, for who calls support. */
static void array_take(struct engine *e, const struct component_row *c)
{
	struct array_row a = *array_at(&e->model, c->array);
	bool system = c->kind == KIND_SYSTEM;

	if (!system && c->kind != KIND_CANISTER)
		return;
	take_text(a.vendor, sizeof(a.vendor), c->vendor, system);
	take_text(a.model, sizeof(a.model), c->model, system);
	take_text(a.firmware, sizeof(a.firmware), c->firmware, system);
	if (system)
		take_text(a.serial, sizeof(a.serial), c->serial, false);
	if (memcmp(&a, array_at(&e->model, c->array), sizeof(a)) != 0)
		emit(e, REC_ARRAY, TABLE_ARRAY, c->array, &a, SEV_NONE, NULL);
}

static void reading_take(struct engine *e, uint32_t component, const struct reading *r)
{
	struct component_row was = *component_at(&e->model, component), is;
	struct freshness before = component_freshness(e, component);

	take_replacement(e, component, r);
	was = is = *component_at(&e->model, component);
	seen_reading(e, component, r);
	component_take(e, component, &is, r);
	if (was.firmware[0] && !text_equal(was.firmware, is.firmware))
		is.firmware_changes++;
	if (memcmp(&was, &is, sizeof(is)) != 0) {
		emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &is, SEV_NONE, NULL);
		engine_touch(e, component);
	}
	if (kind_is_path(is.kind) && !text_equal(was.enclosure, is.enclosure)) {
		vias_forget(e, component);
		vias_learn(e, component);
	}
	namespaces_told(e, component, r->source, r->job);
	if (!before.fresh || before.outcome != OUTCOME_OK)
		engine_touch(e, component);
	facts_take(e, r, component);
	daily_note(e, component);
	note_changes(e, component, &was, &is);
	adopt_first(e, component, r, !before.known);
	array_take(e, &is);
	if (r->group[0])
		group_note(e, component, r->group, r->group_need);
}

static void reading_missed(struct engine *e, uint32_t component, const struct reading *r)
{
	struct component_row c = *component_at(&e->model, component);
	const struct seen_row *old = model_seen(&e->model, component, r->source);
	bool same = old && old->outcome == r->outcome;

	seen_reading(e, component, r);
	if (r->outcome == OUTCOME_STUCK)
		c.flags |= COMPONENT_STUCK;
	if (r->outcome == OUTCOME_GONE && c.kind == KIND_DRIVE)
		c.flags |= COMPONENT_REMOVED;
	if (memcmp(&c, component_at(&e->model, component), sizeof(c)) != 0)
		emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
	else if (same)
		return;
	engine_touch(e, component);
}

/* Where a drive sits and what it belongs to, said by who is not asked how it is: no look at it, and no age. */
static void reading_beside(struct engine *e, const struct reading *r)
{
	uint32_t component = model_find_component(&e->model, r->array, (enum kind)r->kind, r->name);
	struct component_row c;
	bool moved;

	if (r->group[0]) {
		layout_note(e, r);
		return;
	}
	for (unsigned a = 0; component == NONE32 && a < e->config->narrays; a++)
		component = model_find_component(&e->model, a, (enum kind)r->kind, r->name);
	if (component == NONE32 || r->outcome != OUTCOME_OK)
		return;
	c = *component_at(&e->model, component);
	moved = r->slot >= 0 && r->slot != c.slot;
	take_text(c.enclosure, sizeof(c.enclosure), r->enclosure, true);
	if (r->slot >= 0)
		c.slot = r->slot;
	if (memcmp(&c, component_at(&e->model, component), sizeof(c)) != 0) {
		emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
		engine_touch(e, component);
	}
	/* that it replaces another shows only when it is known where it sits */
	if (moved)
		(void)take_slot(e, component);
}

/* A counter that steps back belongs to another drive, or to a reading that went wrong. */
static bool trusted(struct engine *e, uint32_t component, const struct reading *r)
{
	const struct component_row *c = component_at(&e->model, component);
	bool other = r->serial[0] && c->serial[0] && !text_equal(r->serial, c->serial);
	const struct fact_row *f = other ? NULL : fact_fell(e, r, component);
	double now = 0;
	char detail[128];

	if (!f) {
		finding_lower(e, "drive.counter-fell", c->array, component);
		return true;
	}
	(void)reading_find(r, f->fact, &now);
	format_text(detail, sizeof(detail), "%s went from %.0f to %.0f", fact_info(f->fact)->label,
		f->value, now);
	finding_raise(e, "drive.counter-fell", c->array, component, detail);
	return false;
}

static bool is_it(const struct component_row *c, const struct reading *r)
{
	return c && c->used && c->array == r->array && c->kind == r->kind &&
	       text_equal(c->name, r->name);
}

/* The one after the last, as a list has it; else looked for. */
static uint32_t find_read(struct engine *e, const struct reading *r)
{
	uint32_t next = e->last_read + 1 < component_count(&e->model) ? e->last_read + 1 : 0;

	if (!is_it(component_at(&e->model, next), r))
		next = model_find_component(&e->model, r->array, (enum kind)r->kind, r->name);
	if (next != NONE32)
		e->last_read = next;
	return next;
}

void engine_reading(
	struct engine *e, const struct reading *reading, uint64_t now_ms, int64_t wall_ms)
{
	struct reading r = *reading;
	struct component_due *due;
	uint32_t component;
	bool patient;

	engine_enter(e, now_ms, wall_ms);
	if (!reading_sane(e, &r))
		return;
	if (r.beside) {
		reading_beside(e, &r);
		if (e->dirty || e->touched)
			engine_settle_soon(e);
		return;
	}
	if (r.outcome == OUTCOME_OK && r.asleep)
		r.outcome = OUTCOME_ASLEEP;
	component = find_read(e, &r);
	if (component == NONE32 && r.outcome == OUTCOME_OK && !r.known_only)
		component = component_ensure(e, r.array, (enum kind)r.kind, r.name, r.source);
	if (component == NONE32)
		return;
	due = engine_due(e, component);
	if (due)
		due->present = true;
	patient = component_at(&e->model, component)->state == STATE_UNKNOWN;
	if (r.outcome == OUTCOME_OK && !trusted(e, component, &r))
		r.outcome = OUTCOME_NONSENSE;
	if (r.outcome == OUTCOME_OK)
		reading_take(e, component, &r);
	else
		reading_missed(e, component, &r);
	if (patient && component_at(&e->model, component)->reported == STATE_OK)
		engine_settle_soon(e);
	else if (e->dirty || e->touched)
		settle(e);
}
