/* A new cause: something that happened to a part by itself, and not what a takeover explains. */
#include "agent/group_parts.h"
#include "agent/rules.h"

static bool is_takeover(unsigned fact)
{
	return fact == FACT_FAILED_OVER || fact == FACT_WRITE_THROUGH ||
	       fact == FACT_PARTNER_MISSING;
}

static bool is_hearsay(const struct model *m, unsigned source)
{
	const struct source_row *s = source_at(m, source);

	return s && s->used && s->plane == PLANE_SPOOFABLE;
}

static bool fact_is_cause(const struct fact_row *f)
{
	switch (f->fact) {
	case FACT_ERROR_CODE:
		return f->value > 0 || f->value < 0;
	case FACT_RESTARTS:
	case FACT_OPEN_ERRORS:
	case FACT_LISTED_FAULTS:
		return f->value > f->was;
	case FACT_NEEDS_SERVICE:
		return f->value > 0;
	default:
		return false;
	}
}

/* Degraded by what the takeover itself explains is not new. */
static bool degraded_anew(const struct model *m, uint32_t component, uint64_t since_ms, bool sound)
{
	const struct component_row *c = component_at(m, component);
	double v;

	if (c->state != STATE_DEGRADED || c->state_ms <= since_ms ||
		(sound && is_hearsay(m, c->source)))
		return false;
	for (unsigned f = FACT_FAILED_OVER; f <= FACT_PARTNER_MISSING; f++)
		if (is_takeover(f) && model_fact_value(m, component, f, &v) && v > 0)
			return false;
	return true;
}

static bool restarted(const struct component_row *c, uint64_t since_ms)
{
	int64_t since_wall_ms = c->state_wall_ms - (int64_t)c->state_ms + (int64_t)since_ms;

	return c->booted_wall_ms && c->state_wall_ms && c->booted_wall_ms > since_wall_ms;
}

static bool finding_is_cause(const struct finding_row *f, uint32_t component, uint64_t since_ms)
{
	const struct rule *r = f->rule < rules_count ? &rules[f->rule] : NULL;

	return f->used && f->active && f->component == component && f->since_ms > since_ms &&
	       f->tier >= SEV_WARNING && r && !r->consequence && r->test != TEST_SPECIAL &&
	       r->test != TEST_STATE && !is_takeover(r->fact);
}

bool component_new_cause(const struct model *m, uint32_t component, uint64_t since_ms, bool sound)
{
	for (uint32_t i = model_first_fact(m, component); i != NONE32; i = model_next_fact(m, i)) {
		const struct fact_row *f = fact_at(m, i);

		if (f->changed_ms > since_ms && fact_is_cause(f) &&
			!(sound && is_hearsay(m, f->source)))
			return true;
	}
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (finding_is_cause(f, component, since_ms) &&
			!(sound && f->nevidence && is_hearsay(m, f->evidence[0].source)))
			return true;
	}
	return degraded_anew(m, component, since_ms, sound) ||
	       restarted(component_at(m, component), since_ms);
}

bool group_new_cause(const struct model *m, const struct group_state *g, uint64_t since_ms)
{
	for (unsigned i = 0; i < g->in.members; i++)
		if (g->component[i] != NONE32 && member_effective(&g->in, i) == MEMBER_SERVING &&
			component_new_cause(m, g->component[i], since_ms, false))
			return true;
	return false;
}
