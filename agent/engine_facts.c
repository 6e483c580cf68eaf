/* Facts into rows: whose they are, and when a counter cannot be believed. */
#include "agent/engine_parts.h"

/* The fact's number in the model; FACT_NONE when it has none. */
static unsigned fact_number(struct engine *e, const struct reading *r, unsigned fact)
{
	struct name_row n = {.used = 1};
	uint32_t i;

	if (fact < FACT_CUSTOM)
		return fact > FACT_NONE && fact < FACT_LAST ? fact : FACT_NONE;
	if (fact - FACT_CUSTOM >= r->ncustom || !r->custom[fact - FACT_CUSTOM][0])
		return FACT_NONE;
	copy_text(n.name, sizeof(n.name), r->custom[fact - FACT_CUSTOM]);
	for (i = 0; i < name_count(&e->model); i++)
		if (name_at(&e->model, i)->used && text_equal(name_at(&e->model, i)->name, n.name))
			return FACT_CUSTOM + i;
	if (i >= UINT16_MAX - FACT_CUSTOM)
		return FACT_NONE;
	emit(e, REC_NAME, TABLE_NAME, i, &n, SEV_NONE, NULL);
	return FACT_CUSTOM + i;
}

/* Counted by this host or by what restarts: starting over is normal there. */
static bool may_start_over(unsigned fact)
{
	return fact == FACT_IO_ERRORS || fact == FACT_PATH_ERRORS || fact == FACT_RESETS ||
	       fact == FACT_RESTARTS || fact >= FACT_CUSTOM;
}

const struct fact_row *fact_fell(
	const struct engine *e, const struct reading *r, uint32_t component)
{
	for (unsigned i = 0; i < r->nfacts; i++) {
		unsigned fact = r->facts[i].fact;
		const struct fact_row *f =
			fact < FACT_LAST && fact_info(fact)->grows && !may_start_over(fact)
				? model_fact(&e->model, component, fact)
				: NULL;

		if (f && f->source == r->source && r->facts[i].value < f->value)
			return f;
	}
	return NULL;
}

/* Somebody who is asked regularly and was heard lately keeps its fact: two spellings of one are not two events. */
static bool fact_owned(const struct engine *e, const struct fact_row *f, unsigned source)
{
	const struct seen_row *owner =
		f->source == source ? NULL : model_seen(&e->model, f->component, f->source);

	return owner && owner->plane != PLANE_SPOOFABLE && owner->interval_ms &&
	       seen_good_until(owner) > e->now_ms;
}

/* What the array asks for is heard from whoever says it. */
static bool raises(unsigned fact, double value, double old)
{
	return (fact == FACT_NEEDS_SERVICE || fact == FACT_ERROR_CODE) && value > old;
}

static void fact_put(
	struct engine *e, const struct reading *r, uint32_t component, unsigned fact, double value)
{
	const struct fact_row *old = model_fact(&e->model, component, fact);
	struct fact_row f = {.used = 1,
		.fact = (uint16_t)fact,
		.source = r->source,
		.component = component,
		.value = value,
		.first = value,
		.was = value,
		.changed_ms = e->now_ms,
		.changed_wall_ms = e->wall_ms};
	uint32_t index = old ? (uint32_t)(old - fact_at(&e->model, 0))
			     : model_free_index(&e->model, TABLE_FACT);
	bool grows = fact < FACT_LAST && fact_info(fact)->grows;

	if (old && !(value < old->value) && !(value > old->value) && old->source == r->source)
		return;
	if (old && fact_owned(e, old, r->source) && !raises(fact, value, old->value))
		return;
	if (old) {
		f.first = grows && value < old->value ? value : old->first;
		f.was = old->value;
	}
	emit(e, old ? REC_FACT : REC_ADOPTED, TABLE_FACT, index, &f, SEV_NONE, NULL);
	if (old && fact == FACT_ACCESS_STATE && (value < f.was || value > f.was))
		rate_events(e, component, fact, 1);
	if (old && grows && value > f.was)
		rate_events(e, component, fact, (unsigned)MIN_OF(value - f.was, 16.0));
	engine_touch(e, component);
	/* asked of one, it concerns them all */
	for (uint32_t i = 0; fact == FACT_NEEDS_SERVICE && i < component_count(&e->model); i++)
		if (component_at(&e->model, i)->kind == KIND_CANISTER)
			engine_touch(e, i);
}

void facts_take(struct engine *e, const struct reading *r, uint32_t component)
{
	for (unsigned i = 0; i < r->nfacts; i++) {
		unsigned fact = fact_number(e, r, r->facts[i].fact);

		if (fact != FACT_NONE)
			fact_put(e, r, component, fact, r->facts[i].value);
	}
}
