/* One sample a day of what is worth a line on the page; the rest of history is the journal's. */
#include "agent/engine_parts.h"

#include <math.h>

#define DAY_MS INT64_C(86400000)

static int16_t temperature_now(const struct model *m, uint32_t component)
{
	double v;

	if (!model_fact_value(m, component, FACT_TEMPERATURE, &v) || !(fabs(v) < 1000))
		return DAILY_NO_TEMPERATURE;
	return (int16_t)lrint(v * 10);
}

static uint32_t reallocated_now(const struct model *m, uint32_t component)
{
	double v;

	if (!model_fact_value(m, component, FACT_REALLOCATED, &v) &&
		!model_fact_value(m, component, FACT_GROWN_DEFECTS, &v))
		return DAILY_NO_COUNT;
	return v >= 0 && v < UINT32_MAX ? (uint32_t)v : DAILY_NO_COUNT;
}

/* A day later everything moves one place towards the past; days that nobody looked stay empty. */
static void shift(struct daily_row *d, uint32_t days)
{
	for (uint32_t i = 0; i < DAILY_DAYS; i++) {
		uint64_t from = (uint64_t)i + days;
		bool kept = d->used && from < DAILY_DAYS;

		d->temperature[i] = kept ? d->temperature[from] : DAILY_NO_TEMPERATURE;
		d->reallocated[i] = kept ? d->reallocated[from] : DAILY_NO_COUNT;
	}
}

void daily_note(struct engine *e, uint32_t component)
{
	const struct daily_row *old = model_daily(&e->model, component);
	struct daily_row d = old ? *old : (struct daily_row){.component = component};
	uint32_t day = e->wall_ms > 0 ? (uint32_t)(e->wall_ms / DAY_MS) : 0;

	if (component_at(&e->model, component)->kind != KIND_DRIVE || !day)
		return;
	if (d.day > day + 1)
		d = (struct daily_row){.component = component}; /* a clock was far ahead once */
	/* one that was put back a little has had this day already */
	if (day <= d.day)
		return;
	shift(&d, day - d.day);
	d.used = 1;
	d.day = day;
	d.temperature[DAILY_DAYS - 1] = temperature_now(&e->model, component);
	d.reallocated[DAILY_DAYS - 1] = reallocated_now(&e->model, component);
	emit(e, REC_DAILY, TABLE_DAILY,
		old ? (uint32_t)(old - daily_at(&e->model, 0))
		    : model_free_index(&e->model, TABLE_DAILY),
		&d, SEV_NONE, NULL);
}
