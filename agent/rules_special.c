/* TEST_SPECIAL rules of components: conditions that are not one fact against one number. */
#include "agent/engine_parts.h"

#include <stdio.h>

enum { SERVICE_REQUEST_MS = 24 * 3600000 };

/* Everything such a condition may look at. */
struct look {
	const struct engine *e;
	uint32_t component;
	const struct component_row *c;
	struct freshness f;
	const struct rule *r;
};

static void hold(const struct look *l, struct finding_state *s, const char *detail)
{
	s->severity = l->r->severity;
	s->detail = detail;
	s->nevidence = 1;
	s->evidence[0] = (struct evidence){
		.source = l->c->source, .state = l->c->state, .at_wall_ms = l->c->state_wall_ms};
}

static bool will_not_tell(uint8_t outcome)
{
	return outcome == OUTCOME_UNSUPPORTED || outcome == OUTCOME_REFUSED;
}

/* Nobody was asked before it was known, nor while there was no engine. */
static bool waited(const struct look *l)
{
	const struct config *c = l->e->config;
	uint64_t interval = l->c->source < c->nsources ? cfg_pace_ms(&c->sources[l->c->source]) : 0;
	uint64_t since_ms = l->f.known ? l->e->began_ms : MAX_OF(l->e->began_ms, l->c->state_ms);

	return l->e->now_ms - since_ms >= interval * INTERVALS_FRESH;
}

static const char *const last_answers[OUTCOME_COUNT] = {
	[OUTCOME_NONE] = "Nothing came back yet.",
	[OUTCOME_OK] = "Since then nothing came back.",
	[OUTCOME_SHORT] = "The last answer was too short.",
	[OUTCOME_BAD_CHECKSUM] = "The last answer had a bad checksum.",
	[OUTCOME_NONSENSE] = "The last answer was nonsense.",
	[OUTCOME_STALE] = "The last answer was an old one.",
	[OUTCOME_TIMEOUT] = "The last look ran into its deadline.",
	[OUTCOME_GONE] = "The last look found it gone.",
	[OUTCOME_ERROR] = "The last look ended with an error.",
};

static void stale(const struct look *l, struct finding_state *s)
{
	if (l->f.fresh || l->c->flags & (COMPONENT_STUCK | COMPONENT_REMOVED) ||
		will_not_tell(l->f.outcome) || l->f.asleep)
		return;
	s->known = waited(l);
	if (!s->known)
		return;
	hold(l, s,
		l->f.outcome < OUTCOME_COUNT && last_answers[l->f.outcome]
			? last_answers[l->f.outcome]
			: "");
}

static void asleep_long(const struct look *l, struct finding_state *s)
{
	if (l->f.fresh || !l->f.asleep)
		return;
	s->known = waited(l);
	if (s->known)
		hold(l, s, NULL);
}

static void stuck(const struct look *l, struct finding_state *s)
{
	if (l->c->flags & COMPONENT_STUCK)
		hold(l, s, NULL);
}

static void unreadable(const struct look *l, struct finding_state *s)
{
	if (will_not_tell(l->f.outcome))
		hold(l, s, outcome_text((enum outcome)l->f.outcome));
}

static void untrusted(const struct look *l, struct finding_state *s)
{
	bool bad = l->f.outcome == OUTCOME_SHORT || l->f.outcome == OUTCOME_BAD_CHECKSUM ||
		   l->f.outcome == OUTCOME_NONSENSE;

	if (l->f.outcome == OUTCOME_OK || l->f.outcome == OUTCOME_NONE || bad)
		s->known = true;
	else
		s->known = false;
	if (bad && !finding_holds(&l->e->model, "drive.counter-fell", l->c->array, l->component))
		hold(l, s, outcome_text((enum outcome)l->f.outcome));
}

static void firmware_pending(const struct look *l, struct finding_state *s)
{
	double next, active = 0;

	s->known = model_fact_value(&l->e->model, l->component, FACT_FIRMWARE_NEXT_SLOT, &next);
	(void)model_fact_value(&l->e->model, l->component, FACT_FIRMWARE_ACTIVE_SLOT, &active);
	if (!s->known || next < 1 || !(next < active || next > active))
		return;
	hold(l, s, NULL);
	s->evidence[0] = (struct evidence){.fact = FACT_FIRMWARE_NEXT_SLOT,
		.source = l->c->source,
		.value = next,
		.at_wall_ms = l->e->wall_ms};
}

/* R: needs service, then any canister not ok within a day. Whether the request still stands does not matter. */
static bool service_was_asked(const struct engine *e, unsigned array)
{
	if (finding_holds(&e->model, "listen.needs-service", array, NONE32))
		return true;
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);
		const struct fact_row *f;

		if (!c->used || c->array != array ||
			(c->kind != KIND_CANISTER && c->kind != KIND_SYSTEM &&
				c->kind != KIND_ENCLOSURE))
			continue;
		f = model_fact(&e->model, i, FACT_NEEDS_SERVICE);
		if (f && (f->value >= 1 ||
				 (f->was >= 1 && e->now_ms - f->changed_ms < SERVICE_REQUEST_MS)))
			return true;
	}
	return false;
}

static void after_service_request(const struct look *l, struct finding_state *s)
{
	s->known = l->c->state != STATE_UNKNOWN;
	if (!s->known || l->c->state == STATE_OK || !service_was_asked(l->e, l->c->array))
		return;
	hold(l, s, NULL);
}

static void unknown_word(const struct look *l, struct finding_state *s)
{
	s->known = l->f.fresh;
	if (l->c->reported == STATE_UNKNOWN && l->c->raw[0] && !text_equal(l->c->raw, "unknown"))
		hold(l, s, l->c->raw);
}

static void rebuild_stalled(const struct look *l, struct finding_state *s)
{
	const struct fact_row *f = model_fact(&l->e->model, l->component, FACT_REBUILD_PCT);

	s->known = l->c->state != STATE_UNKNOWN;
	if (!s->known ||
		component_rebuild(&l->e->model, l->component, l->e->now_ms) != REBUILD_STALLS)
		return;
	hold(l, s, NULL);
	s->evidence[0] = (struct evidence){.fact = f->fact,
		.source = f->source,
		.value = f->value,
		.at_wall_ms = f->changed_wall_ms};
}

static const struct {
	const char *rule;
	void (*look)(const struct look *l, struct finding_state *s);
} specials[] = {
	{"drive.stale", stale},
	{"canister.stale", stale},
	{"component.stale", stale},
	{"drive.asleep-long", asleep_long},
	{"drive.stuck", stuck},
	{"component.stuck", stuck},
	{"drive.unreadable", unreadable},
	{"drive.untrusted", untrusted},
	{"drive.firmware-pending", firmware_pending},
	{"canister.after-service-request", after_service_request},
	{"source.unknown-word", unknown_word},
	{"pool.rebuild-stalled", rebuild_stalled},
};

bool component_special(
	const struct engine *e, unsigned rule, uint32_t component, struct finding_state *ret)
{
	struct look l = {.e = e,
		.component = component,
		.c = component_at(&e->model, component),
		.r = &rules[rule]};

	for (unsigned i = 0; i < ARRAY_SIZE(specials); i++) {
		if (strcmp(specials[i].rule, rules[rule].id) != 0)
			continue;
		l.f = component_freshness(e, component);
		specials[i].look(&l, ret);
		return true;
	}
	return false; /* raised where it happens, not looked for */
}

bool other_of_kind_ok(const struct model *m, uint32_t component)
{
	const struct component_row *c = component_at(m, component);

	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *o = component_at(m, i);

		if (i != component && o->used && o->array == c->array && o->kind == c->kind &&
			member_of_state((enum state)o->state) == MEMBER_SERVING)
			return true;
	}
	return false;
}
