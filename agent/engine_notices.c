/*
 * What an array says by itself. Anybody can say it in its name: so it raises findings of the array and
 * nothing else, no state, no fact, no evidence for a run; and it never lowers one.
 */
#include "agent/engine_parts.h"

enum { HEARD_FOR_MS = 24 * 3600000 };

/* clang-format off */
static const struct {
	const char *rule;
	uint8_t kind;  /* a poll that finds all of these well ends it */
	uint16_t fact; /* and this one no longer reported, by who reports it */
} heard[NOTICE_KINDS] = {
	[NOTICE_NEEDS_SERVICE]   = {"listen.needs-service", KIND_CANISTER, FACT_NEEDS_SERVICE},
	[NOTICE_NODE_ERROR]      = {"listen.node-error", KIND_CANISTER, FACT_NONE},
	[NOTICE_CANISTER_FAILED] = {"listen.canister-failed", KIND_CANISTER, FACT_NONE},
	[NOTICE_FAILED_OVER]     = {"listen.failed-over", KIND_CANISTER, FACT_NONE},
	[NOTICE_BATTERY]         = {"listen.battery", KIND_BATTERY, FACT_NONE},
	[NOTICE_POWER]           = {"listen.power", KIND_PSU, FACT_NONE},
	[NOTICE_PATH]            = {"listen.path", KIND_PATH, FACT_NONE},
};
/* clang-format on */

static enum notice_kind kind_of(const struct finding_row *f)
{
	for (unsigned k = NOTICE_OTHER + 1; f->used && f->active && k < NOTICE_KINDS; k++)
		if (!strcmp(f->rule_id, heard[k].rule))
			return (enum notice_kind)k;
	return NOTICE_OTHER;
}

static int64_t heard_wall_ms(const struct finding_row *f)
{
	return f->nevidence ? f->evidence[0].at_wall_ms : f->since_wall_ms;
}

/* What a request for service means for the canisters is judged anew: rules_special.c. */
static void touch_canisters(struct engine *e, unsigned array)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++)
		if (component_at(&e->model, i)->array == array &&
			component_at(&e->model, i)->kind == KIND_CANISTER)
			engine_touch(e, i);
}

void engine_notice(
	struct engine *e, const struct notice *notice, uint64_t now_ms, int64_t wall_ms)
{
	char text[sizeof(notice->text)];
	struct finding_key k = {.component = NONE32, .subject = ""};
	struct finding_state s = {.known = true, .nevidence = 1, .detail = text};
	uint32_t before;

	engine_enter(e, now_ms, wall_ms);
	if (notice->source >= e->config->nsources || notice->kind == NOTICE_OTHER ||
		notice->kind >= NOTICE_KINDS || e->config->sources[notice->source].type != SOURCE_LISTEN)
		return;
	copy_device_text(text, sizeof(text), notice->text, sizeof(notice->text));
	k.rule = (unsigned)rule_index(heard[notice->kind].rule);
	k.array = e->config->sources[notice->source].array;
	before = finding_index(&e->model, &k);
	s.severity = rules[k.rule].severity;
	s.evidence[0] = (struct evidence){.fact = FACT_MESSAGES,
		.source = notice->source,
		.value = MAX_OF(notice->count, 1u),
		.at_wall_ms = wall_ms};
	if (before != NONE32)
		s.evidence[0].value += finding_at(&e->model, before)->evidence[0].value;
	finding_set(e, &k, &s);
	touch_canisters(e, k.array);
	settle(e);
}

/* Seen by who really asks, and after what was heard. */
static bool polled_since(const struct engine *e, uint32_t component, uint64_t since_ms)
{
	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32; i = model_next_seen(&e->model, i)) {
		const struct seen_row *s = seen_at(&e->model, i);

		if ((s->plane == PLANE_INBAND || s->plane == PLANE_MANAGEMENT) && s->read_ms > since_ms &&
			s->outcome == OUTCOME_OK)
			return true;
	}
	return false;
}

/* "Fine" of a canister does not answer whether it asks for service: founding incident, both were fine. */
static bool request_withdrawn(const struct engine *e, unsigned array, unsigned fact, uint64_t since_ms)
{
	bool said = fact == FACT_NONE;

	for (uint32_t i = 0; fact && i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);
		double v;

		if (!c->used || c->array != array || !model_fact_value(&e->model, i, fact, &v))
			continue;
		if (v > 0)
			return false;
		said |= polled_since(e, i, since_ms);
	}
	return said;
}

static bool all_well(const struct engine *e, unsigned array, enum notice_kind kind, uint64_t since_ms)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (!c->used || c->array != array || c->kind != heard[kind].kind)
			continue;
		if (c->state != STATE_OK || !polled_since(e, i, since_ms))
			return false;
		n++;
	}
	return n && request_withdrawn(e, array, heard[kind].fact, since_ms);
}

/* A poll that has just begun may have asked before the array knew: it must stay well for a while. */
static bool poll_ends(const struct engine *e, const struct finding_row *f, enum notice_kind kind)
{
	const struct cfg_array *a = &e->config->arrays[f->array];
	uint64_t hold_ms = heard[kind].kind == KIND_PATH ? a->clear_path_ms : a->clear_canister_ms;
	uint64_t age_ms = (uint64_t)MAX_OF(e->wall_ms - heard_wall_ms(f), INT64_C(0));

	return age_ms >= hold_ms && age_ms <= e->now_ms && all_well(e, f->array, kind, e->now_ms - age_ms + hold_ms);
}

void notices_judge(struct engine *e, unsigned source)
{
	const struct cfg_source *s = &e->config->sources[source];

	if (s->type == SOURCE_LISTEN || s->type == SOURCE_DRIVES || s->type == SOURCE_WITNESS)
		return;
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		enum notice_kind kind = kind_of(f);

		if (kind != NOTICE_OTHER && f->array == s->array && poll_ends(e, f, kind))
			finding_clear(e, i, "A complete poll finds nothing of it");
	}
}

void notice_acknowledged(struct engine *e, uint32_t finding)
{
	if (kind_of(finding_at(&e->model, finding)) != NOTICE_OTHER)
		finding_clear(e, finding, "Somebody takes care of it");
}

void notices_update(struct engine *e)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (kind_of(f) != NOTICE_OTHER && e->wall_ms - heard_wall_ms(f) >= HEARD_FOR_MS)
			finding_clear(e, i, "Not heard again for a day");
	}
}

uint64_t notices_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		int64_t left = heard_wall_ms(f) + HEARD_FOR_MS - e->wall_ms;

		if (kind_of(f) != NOTICE_OTHER)
			next = MIN_OF(next, e->now_ms + (uint64_t)MAX_OF(left, INT64_C(0)));
	}
	return next;
}
