/* Which findings hold and are not told: symptoms, acknowledged, in maintenance, mending, or too young. */
#include "agent/engine_parts.h"

static bool source_answers(const struct engine *e, const struct source_row *s)
{
	return s->success_ms &&
	       (!s->interval_ms ||
		       e->now_ms <= s->success_ms + INTERVALS_FRESH * (uint64_t)s->interval_ms);
}

/* The host itself still sees the array: that its management says nothing can wait. */
static bool seen_inband(const struct engine *e, unsigned array)
{
	for (uint32_t i = 0; i < seen_count(&e->model); i++) {
		const struct seen_row *s = seen_at(&e->model, i);
		const struct component_row *c = component_at(&e->model, s->component);

		if (s->used && s->plane == PLANE_INBAND && c && c->used && c->array == array &&
			c->kind != KIND_TARGET && source_at(&e->model, s->source) &&
			source_answers(e, source_at(&e->model, s->source)) &&
			seen_good_until(s) > e->now_ms)
			return true;
	}
	return false;
}

uint64_t tell_from_ms(const struct engine *e, const struct finding_row *f)
{
	const struct rule *r = &rules[f->rule];
	uint32_t speed = e->config->demo_speed;

	if (!r->tell_ms || f->severity >= SEV_CRITICAL ||
		(r->tell_if_seen && f->array != NONE16 && !seen_inband(e, f->array)))
		return f->holds_ms;
	return f->holds_ms + r->tell_ms / (speed ? speed : 1);
}

bool finding_quiet(const struct engine *e, const struct finding_row *f)
{
	return f->folded != NONE16 || (f->acked && f->severity <= f->acked_severity) ||
	       (!f->told && e->now_ms < tell_from_ms(e, f)) ||
	       (f->array != NONE16 && maintenance_quiet(e, f->array, f->component));
}

bool finding_mends(const struct engine *e, const struct finding_row *f)
{
	return f->component != NONE32 && rebuild_concerns(&e->model, f->component, e->now_ms) &&
	       strcmp(f->rule_id, "pool.rebuild-stalled") != 0;
}
