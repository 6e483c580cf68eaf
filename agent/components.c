/* What is derived of one component: its state with limits and age, its tier, its health. */
#include "agent/engine_parts.h"

#include <ctype.h>
#include <stdio.h>

#include "agent/view.h"

struct tier_context {
	const struct model *m;
	uint32_t component;
};

static struct rule_input tier_fact(void *ctx, unsigned fact)
{
	const struct tier_context *t = ctx;

	return fact_input(t->m, t->component, fact);
}

/* Only state says how a part that is not a drive serves; its other findings still keep it from being plain ok. */
static enum severity findings_tier(const struct engine *e, uint32_t component)
{
	enum severity tier = SEV_NONE;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (f->used && f->active && f->component == component && f->tier > tier)
			tier = (enum severity)f->tier;
	}
	return tier;
}

static enum severity derive_tier(
	struct engine *e, uint32_t component, const struct component_row *c)
{
	struct tier_context t = {&e->model, component};
	const struct component_due *due = engine_due(e, component);
	enum severity tier = SEV_NONE, counters = SEV_NONE;

	if (!due || due->findings)
		tier = findings_tier(e, component);
	if (c->kind == KIND_DRIVE)
		counters = drive_tier((enum drive_class)c->drive_class, tier_fact, &t);
	return MAX_OF(tier, counters);
}

static uint64_t limit_of(const struct component_row *c)
{
	return c->limit_ms ? c->limit_ms : TRANSITION_DEFAULT_MS;
}

static enum state in_transition(const struct engine *e, struct component_row *c)
{
	if (c->flags & COMPONENT_OVERDUE)
		return STATE_FAILED;
	if (c->state != STATE_TRANSITION || e->now_ms - c->state_ms < limit_of(c))
		return STATE_TRANSITION;
	c->flags |= COMPONENT_OVERDUE;
	return STATE_FAILED;
}

static void derive_flags(const struct freshness *f, struct component_row *c)
{
	c->flags &= (uint8_t) ~(COMPONENT_ASLEEP | COMPONENT_STALE);
	if (f->fresh && f->asleep)
		c->flags |= COMPONENT_ASLEEP;
	if (!f->fresh && f->known)
		c->flags |= COMPONENT_STALE;
	if (c->reported != STATE_TRANSITION)
		c->flags &= (uint8_t)~COMPONENT_OVERDUE;
}

static enum state derive_state(
	const struct engine *e, const struct freshness *f, struct component_row *c)
{
	derive_flags(f, c);
	if (c->flags & COMPONENT_REMOVED)
		return STATE_ABSENT;
	if (c->flags & COMPONENT_STUCK || !f->fresh)
		return STATE_UNKNOWN;
	if (c->reported == STATE_TRANSITION)
		return in_transition(e, c);
	return (enum state)c->reported;
}

static const uint8_t state_health[STATE_COUNT] = {[STATE_UNKNOWN] = HEALTH_UNKNOWN,
	[STATE_OK] = HEALTH_OK,
	[STATE_DEGRADED] = HEALTH_WARNING,
	[STATE_SERVICE] = HEALTH_FAILED,
	[STATE_FAILED] = HEALTH_FAILED,
	[STATE_ABSENT] = HEALTH_ABSENT,
	[STATE_TRANSITION] = HEALTH_WARNING,
	[STATE_UNREACHABLE] = HEALTH_UNKNOWN};

static enum health derive_health(const struct component_row *c)
{
	enum health h =
		c->state < STATE_COUNT ? (enum health)state_health[c->state] : HEALTH_UNKNOWN;

	if (h != HEALTH_OK && !(h == HEALTH_WARNING && c->state == STATE_DEGRADED))
		return h;
	if (c->kind == KIND_DRIVE && c->tier == SEV_CRITICAL)
		return HEALTH_CRITICAL;
	return c->tier >= SEV_WARNING ? HEALTH_WARNING : h;
}

static enum severity change_severity(const struct component_row *c)
{
	if (c->state == STATE_OK)
		return SEV_INFO;
	return c->kind == KIND_CANISTER && member_of_state((enum state)c->state) == MEMBER_LOST
		       ? SEV_CRITICAL
		       : SEV_WARNING;
}

static void state_text_line(const struct engine *e, uint32_t component, enum state was,
	const struct component_row *c, char *buf, size_t size)
{
	char name[96], raw[64] = "";
	const struct array_row *a = array_at(&e->model, c->array);

	view_component_name(&e->model, component, name, sizeof(name));
	name[0] = (char)toupper((unsigned char)name[0]);
	if (c->raw[0] && !text_equal(c->raw, state_text((enum state)c->state)))
		format_text(raw, sizeof(raw), " (%s)", c->raw);
	format_text(buf, size, "%s of %s: %s to %s%s", name, a ? a->name : "?", state_text(was),
		state_text((enum state)c->state),
		c->flags & COMPONENT_OVERDUE ? " (it took too long)" : raw);
}

/* Leaving ok for something that is known to be worse: what the flapping rules count. */
static bool left_ok(enum state was, enum state is)
{
	return was == STATE_OK && is != STATE_OK && is != STATE_UNKNOWN;
}

/* Who is the last of its kind, and who is lost behind what, shows in the findings of the others. */
static void touch_others(struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);

	if (c->kind != KIND_CANISTER && c->kind != KIND_PATH)
		return;
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *o = component_at(&e->model, i);

		if (i != component && o->used && o->array == c->array && o->kind == c->kind)
			engine_touch(e, i);
	}
	e->refold = true;
}

static bool component_update(struct engine *e, uint32_t component)
{
	struct component_row c = *component_at(&e->model, component);
	struct freshness f = component_freshness(e, component);
	enum state was = (enum state)c.state, is;
	char text[TEXT_MAX] = "";

	component_fuse(e, component, &c);
	is = derive_state(e, &f, &c);
	if (is != was) {
		c.state = (uint8_t)is;
		c.state_ms = e->now_ms;
		c.state_wall_ms = e->wall_ms;
	}
	c.tier = (uint8_t)derive_tier(e, component, &c);
	c.health = (uint8_t)derive_health(&c);
	if (!memcmp(&c, component_at(&e->model, component), sizeof(c)))
		return false;
	/* the first word about it is not a change of it */
	if (is != was && (was != STATE_UNKNOWN || !(is == STATE_OK && f.known)))
		state_text_line(e, component, was, &c, text, sizeof(text));
	emit(e, is != was ? REC_STATE_CHANGED : REC_COMPONENT, TABLE_COMPONENT, component, &c,
		text[0] ? change_severity(&c) : SEV_NONE, text);
	if (is != was)
		touch_others(e, component);
	if (left_ok(was, is))
		rate_events(e, component, FACT_NONE, 1);
	return true;
}

bool components_update(struct engine *e)
{
	bool changed = false;

	/* what one of them touches is appended, and comes to its turn in this same walk */
	for (uint32_t i = e->queue; i; i = e->due[i - 1].next)
		if (component_at(&e->model, i - 1)->used)
			changed |= component_update(e, i - 1);
	return changed;
}
