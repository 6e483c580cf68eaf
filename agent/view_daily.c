#include "agent/view_words.h"

#include <math.h>

#define DAY_MS INT64_C(86400000)
enum { TEMPERATURE_STORY = 8 }; /* degrees over the days: less is the room's business */

static double value_now(const struct model *m, uint32_t component, enum daily_kind kind)
{
	double v;

	if (kind == DAILY_TEMPERATURE)
		return model_fact_value(m, component, FACT_TEMPERATURE, &v) ? v : NAN;
	return model_fact_value(m, component, FACT_REALLOCATED, &v) ||
			       model_fact_value(m, component, FACT_GROWN_DEFECTS, &v)
		       ? v
		       : NAN;
}

static double sample(const struct daily_row *d, enum daily_kind kind, int64_t i)
{
	if (i < 0 || i >= DAILY_DAYS)
		return NAN;
	if (kind == DAILY_TEMPERATURE)
		return d->temperature[i] == DAILY_NO_TEMPERATURE ? NAN : d->temperature[i] / 10.0;
	return d->reallocated[i] == DAILY_NO_COUNT ? NAN : (double)d->reallocated[i];
}

unsigned view_daily(
	const struct view *v, uint32_t component, enum daily_kind kind, double ret[DAILY_DAYS])
{
	const struct daily_row *d = model_daily(v->model, component);
	const struct component_row *c = component_at(v->model, component);
	int64_t late = d ? v->wall_ms / DAY_MS - d->day : 0;
	unsigned known = 0;
	double now;

	if (!d || !c)
		return 0;
	late = MAX_OF(late, 0);
	for (int64_t i = 0; i < DAILY_DAYS; i++)
		ret[i] = sample(d, kind, i + late);
	now = value_now(v->model, component, kind);
	/* what is old is not what it is now */
	if (!isnan(now) && c->health != HEALTH_UNKNOWN && !(c->flags & COMPONENT_STALE))
		ret[DAILY_DAYS - 1] = now;
	for (unsigned i = 0; i < DAILY_DAYS; i++)
		known += isnan(ret[i]) ? 0u : 1u;
	return known;
}

bool view_daily_story(enum daily_kind kind, const double values[DAILY_DAYS])
{
	double low = INFINITY, high = -INFINITY;

	for (unsigned i = 0; i < DAILY_DAYS; i++) {
		if (isnan(values[i]))
			continue;
		low = MIN_OF(low, values[i]);
		high = MAX_OF(high, values[i]);
	}
	return high - low >= (kind == DAILY_TEMPERATURE ? TEMPERATURE_STORY : 1);
}
