/* When a published firmware fault reaches one component: from its model, firmware, hours and boot time. */
#include "agent/advise_match.h"
#include "agent/engine_parts.h"

#define HOUR_MS INT64_C(3600000)

struct advised {
	const struct component_row *c;
	const char *vendor, *model, *firmware;
};

/* A canister that does not say what it is is what its array is; a drive speaks for itself. */
static struct advised look_at(const struct model *m, uint32_t component)
{
	const struct component_row *c = component_at(m, component);
	const struct array_row *a = array_at(m, c->array);
	bool whole = a && (c->kind == KIND_CANISTER || c->kind == KIND_SYSTEM);

	return (struct advised){.c = c,
		.vendor = whole && !c->vendor[0] ? a->vendor : c->vendor,
		.model = whole && !c->model[0] ? a->model : c->model,
		.firmware = whole && !c->firmware[0] ? a->firmware : c->firmware};
}

/* Power-on hours were @value when last they changed: the next whole hour is counted from there. */
static int64_t hours_at(
	const struct model *m, uint32_t component, const struct cfg_advisory *a, uint8_t *ticked)
{
	const struct fact_row *f = model_fact(m, component, FACT_POWER_ON_HOURS);

	if (!f || f->value < 0 || f->changed_wall_ms <= 0)
		return 0;
	*ticked = f->value > f->first;
	return f->changed_wall_ms + (int64_t)((double)a->hours - f->value) * HOUR_MS;
}

static int64_t reached_at(
	const struct model *m, uint32_t component, const struct cfg_advisory *a, uint8_t *ticked)
{
	const struct component_row *c = component_at(m, component);

	if (a->trigger == ADVISORY_UPTIME) {
		*ticked = 1;
		return c->booted_wall_ms > 0 ? c->booted_wall_ms + (int64_t)a->hours * HOUR_MS : 0;
	}
	return advisory_dated((enum advisory_trigger)a->trigger) ? hours_at(m, component, a, ticked)
								 : 0;
}

/*
 * A look comes after the hour began, never before: the earliest date is the best one, so it is kept, and does
 * not move with every look. A later one counts when the device stood still, or was restarted.
 */
static int64_t settle_date(int64_t was, int64_t is)
{
	return was && is >= was && is - was <= HOUR_MS ? was : is;
}

/* A component's rows, found in one pass: most have none. */
struct found {
	uint32_t row[CFG_ADVISORIES];
	unsigned n;
};

static void find_rows(const struct model *m, uint32_t component, struct found *ret)
{
	ret->n = 0;
	for (uint32_t i = 0; i < deadline_count(m) && ret->n < CFG_ADVISORIES; i++)
		if (deadline_at(m, i)->used && deadline_at(m, i)->component == component)
			ret->row[ret->n++] = i;
}

static uint32_t row_of(const struct model *m, const struct found *f, unsigned number)
{
	for (unsigned i = 0; i < f->n; i++)
		if (deadline_at(m, f->row[i])->number == number)
			return f->row[i];
	return NONE32;
}

static void deadline_drop(struct engine *e, uint32_t i)
{
	struct deadline_row d = *deadline_at(&e->model, i);

	d.used = 0;
	emit(e, REC_ARRAY, TABLE_DEADLINE, i, &d, SEV_NONE, NULL);
}

static void advise_one(
	struct engine *e, uint32_t component, unsigned number, const struct found *found)
{
	const struct cfg_advisory *a = &e->config->advisories[number];
	const struct advised v = look_at(&e->model, component);
	enum advisory_match match = v.c->state == STATE_ABSENT
					    ? MATCH_NO
					    : advisory_match(e->config, a, (enum kind)v.c->kind,
						      v.vendor, v.model, v.firmware);
	uint32_t i = row_of(&e->model, found, number);
	struct deadline_row d = {.used = 1,
		.trigger = a->trigger,
		.unclear = match == MATCH_UNCLEAR,
		.array = v.c->array,
		.kind = v.c->kind,
		.number = (uint16_t)number,
		.component = component};

	if (match == MATCH_NO) {
		if (i != NONE32)
			deadline_drop(e, i);
		return;
	}
	copy_text(d.advisory, sizeof(d.advisory), cfg_str(e->config, a->id));
	if (match == MATCH_YES)
		d.at_wall_ms = reached_at(&e->model, component, a, &d.ticked);
	if (i != NONE32)
		d.at_wall_ms = settle_date(deadline_at(&e->model, i)->at_wall_ms, d.at_wall_ms);
	if (i != NONE32 && !memcmp(&d, deadline_at(&e->model, i), sizeof(d)))
		return;
	emit(e, REC_ARRAY, TABLE_DEADLINE,
		i == NONE32 ? model_free_index(&e->model, TABLE_DEADLINE) : i, &d, SEV_NONE, NULL);
}

void advise_component(struct engine *e, uint32_t component)
{
	struct found found = {};

	if (deadline_count(&e->model))
		find_rows(&e->model, component, &found);
	for (unsigned i = 0; i < e->config->nadvisories; i++)
		if (e->config->advisories[i].kind == component_at(&e->model, component)->kind)
			advise_one(e, component, i, &found);
}

void advise_forget(struct engine *e)
{
	for (uint32_t i = 0; i < deadline_count(&e->model); i++)
		if (deadline_at(&e->model, i)->used)
			deadline_drop(e, i);
	for (uint32_t i = 0; i < forecast_count(&e->model); i++) {
		struct forecast_row f = *forecast_at(&e->model, i);

		if (!f.used)
			continue;
		f.used = 0;
		emit(e, REC_ARRAY, TABLE_FORECAST, i, &f, SEV_NONE, NULL);
	}
}
