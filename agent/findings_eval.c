/* Which rules hold of a component now. */
#include "agent/engine_parts.h"

enum { RECHECK_MS = 60000 };

struct rule_input fact_input(const struct model *m, uint32_t component, unsigned fact)
{
	const struct fact_row *f = model_fact(m, component, fact);

	return f ? (struct rule_input){.known = true,
			   .value = f->value,
			   .first = f->first,
			   .was = f->was}
		 : (struct rule_input){};
}

static void fact_evidence(
	const struct engine *e, struct finding_state *s, uint32_t component, unsigned fact)
{
	const struct fact_row *f = model_fact(&e->model, component, fact);

	if (!f || s->nevidence == ARRAY_SIZE(s->evidence))
		return;
	s->evidence[s->nevidence++] = (struct evidence){.fact = f->fact,
		.source = f->source,
		.has_was = f->was > f->value || f->was < f->value,
		.value = f->value,
		.was = f->was,
		.at_wall_ms = f->changed_wall_ms};
}

static void eval_threshold(
	const struct engine *e, const struct rule *r, uint32_t component, struct finding_state *s)
{
	struct rule_input in = fact_input(&e->model, component, r->fact);
	struct rule_input other = r->other_fact ? fact_input(&e->model, component, r->other_fact)
						: (struct rule_input){};

	s->known = rule_known(r, &in, &other);
	if (!rule_holds(r, &in, &other))
		return;
	s->severity = r->severity;
	fact_evidence(e, s, component, r->fact);
	if (r->other_fact)
		fact_evidence(e, s, component, r->other_fact);
}

static void eval_state(
	const struct engine *e, const struct rule *r, uint32_t component, struct finding_state *s)
{
	const struct component_row *c = component_at(&e->model, component);
	double code;

	/* unknown says nothing about whether it is over */
	s->known = c->state != STATE_UNKNOWN;
	if (!((uint32_t)r->value >> c->state & 1))
		return;
	s->severity = r->severity;
	s->nevidence = 1;
	s->evidence[0] = (struct evidence){
		.source = c->source, .state = c->state, .at_wall_ms = c->state_wall_ms};
	if (model_fact_value(&e->model, component, FACT_ERROR_CODE, &code) && code > 0)
		fact_evidence(e, s, component, FACT_ERROR_CODE);
}

static void eval_rate(
	const struct engine *e, unsigned rule, uint32_t component, struct finding_state *s)
{
	const struct serd_row *row = rate_find(&e->model, rule, component);
	const struct rule *r = &rules[rule];

	unsigned n = row ? serd_recent(row, e->now_ms, r->window_ms) : 0;

	s->known = true;
	if (!row || n < r->count)
		return;
	s->severity = r->severity;
	format_text(s->words, sizeof(s->words), "%u times in %s", n,
		r->window_ms > 3600000 ? "a day" : "an hour");
	s->detail = s->words;
	if (r->fact)
		fact_evidence(e, s, component, r->fact);
}

static bool eval_rule(
	const struct engine *e, unsigned rule, uint32_t component, struct finding_state *s)
{
	const struct component_row *c = component_at(&e->model, component);
	const struct rule *r = &rules[rule];
	/* old values neither fire nor clear */
	bool fresh = c->state != STATE_UNKNOWN || c->reported == STATE_UNKNOWN;

	*s = (struct finding_state){.known = true};
	switch (r->test) {
	case TEST_STATE:
		eval_state(e, r, component, s);
		break;
	case TEST_RATE:
		eval_rate(e, rule, component, s);
		break;
	case TEST_SPECIAL:
		return component_special(e, rule, component, s);
	case TEST_AT_LEAST:
	case TEST_BELOW_FACT:
	case TEST_BITS:
	case TEST_EQUALS:
	case TEST_GROWN:
	case TEST_CAME_WITH:
	case TEST_FELL:
		eval_threshold(e, r, component, s);
		s->known = s->known && (fresh || s->severity);
		break;
	case TEST_COUNT:
		return false;
	}
	if (s->severity && r->last_critical && (c->kind == KIND_CANISTER || c->kind == KIND_PATH) &&
		!other_of_kind_ok(&e->model, component))
		s->severity = SEV_CRITICAL;
	return true;
}

static uint64_t next_look(const struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);
	struct freshness f = component_freshness(e, component);
	uint64_t next = f.until_ms;
	bool timed = false;

	if (!f.fresh && c->source < e->config->nsources && f.outcome != OUTCOME_UNSUPPORTED &&
		f.outcome != OUTCOME_REFUSED)
		next = e->now_ms + MAX_OF(e->config->sources[c->source].interval_ms, 1000u);
	if (c->state == STATE_TRANSITION)
		next = MIN_OF(
			next, c->state_ms + (c->limit_ms ? c->limit_ms : TRANSITION_DEFAULT_MS));
	for (uint32_t i = 0; i < finding_count(&e->model) && !timed; i++) {
		const struct finding_row *g = finding_at(&e->model, i);

		timed = g->used && g->active && g->component == component &&
			g->rule < rules_count &&
			(rules[g->rule].test == TEST_RATE || rules[g->rule].test == TEST_SPECIAL) &&
			!g->clear_ms;
	}
	return timed ? MIN_OF(next, e->now_ms + RECHECK_MS) : next;
}

static void component_eval(struct engine *e, uint32_t component)
{
	for (unsigned i = 0; i < rules_count; i++) {
		const struct component_row *c = component_at(&e->model, component);
		struct finding_key k = {
			.rule = i, .array = c->array, .component = component, .subject = ""};
		struct finding_state s;

		if (rule_applies(&rules[i], (enum kind)c->kind, (enum drive_class)c->drive_class) &&
			eval_rule(e, i, component, &s))
			finding_set(e, &k, &s);
	}
}

void findings_recheck(struct engine *e, uint32_t component)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		struct finding_state s;

		if (!f->used || !f->active || f->component != component || f->rule >= rules_count ||
			!(rule_is_threshold(&rules[f->rule]) || rules[f->rule].test == TEST_RATE))
			continue;
		if (!eval_rule(e, f->rule, component, &s) || !s.severity)
			finding_clear(e, i, "A new baseline");
	}
}

static void look_at(struct engine *e, uint32_t component)
{
	struct component_due *due = engine_due(e, component);

	if (!due || !component_at(&e->model, component)->used)
		return;
	due->at_ms = UINT64_MAX;
	advise_component(e, component);
	component_eval(e, component);
	due = engine_due(e, component);
	/* what changed a finding touched the component: it is due again in the next round */
	if (due->at_ms)
		due->at_ms = next_look(e, component);
}

bool findings_update(struct engine *e)
{
	uint64_t before = e->log.head;
	uint32_t last = e->queue ? e->queue_end - 1 : NONE32, i = NONE32;

	while (last != NONE32 && i != last) {
		i = engine_untouch(e);
		look_at(e, i);
	}
	/* what is said of a whole follows from more than readings of one */
	if (e->recap) {
		for (unsigned a = 0; a < CFG_ARRAYS && a < array_count(&e->model); a++)
			if (e->changed_arrays >> a & 1)
				array_specials(e, a);
		self_specials(e);
	}
	(void)findings_settle(e);
	findings_fold(e);
	return e->log.head != before;
}
