/* N in T: what is counted, and by which rules. */
#include "agent/engine_parts.h"

const struct serd_row *rate_find(const struct model *m, unsigned rule, uint32_t key)
{
	for (uint32_t i = 0; i < serd_count(m); i++) {
		const struct serd_row *s = serd_at(m, i);

		if (s->used && s->rule == rule && s->component == key)
			return s;
	}
	return NULL;
}

void rate_event_rule(struct engine *e, unsigned rule, uint32_t key)
{
	const struct serd_row *old = rate_find(&e->model, rule, key);
	uint32_t index = old ? (uint32_t)(old - serd_at(&e->model, 0))
			     : model_free_index(&e->model, TABLE_SERD);
	struct serd_row s = {.used = 1, .rule = (uint16_t)rule, .component = key};

	if (old)
		s = *old;
	serd_add(&s, e->now_ms);
	emit(e, REC_SERD, TABLE_SERD, index, &s, SEV_NONE, NULL);
}

void rate_events(struct engine *e, uint32_t component, unsigned fact, unsigned events)
{
	const struct component_row *c = component_at(&e->model, component);

	for (unsigned i = 0; i < rules_count; i++) {
		if (rules[i].test != TEST_RATE || rules[i].fact != fact ||
			!rule_applies(
				&rules[i], (enum kind)c->kind, (enum drive_class)c->drive_class))
			continue;
		for (unsigned n = 0; n < events; n++)
			rate_event_rule(e, i, component);
		c = component_at(&e->model, component);
		engine_touch(e, component);
	}
}
