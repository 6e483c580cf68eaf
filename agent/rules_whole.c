/* TEST_SPECIAL rules of arrays and of Ballast itself. */
#include "agent/engine_parts.h"

#include <stdio.h>

enum {
	RECURRING = 12,
	RECURRING_APART_MS = 3600000,
	SUSPECT_WINDOW_MS = 120000,
	SUSPECT_PERCENT = 80,
	SUSPECT_LEAST = 4
};
#define RECURRING_WINDOW_MS (UINT64_C(30) * 24 * 3600000)
#define ARRAY_KEY           0x80000000u /* in serd_row.component: an array's number, not a component's */

static void array_finding(
	struct engine *e, const char *rule, unsigned array, bool holds, const char *detail)
{
	if (holds)
		finding_raise(e, rule, array, NONE32, detail);
	else
		finding_lower(e, rule, array, NONE32);
}

struct codes {
	unsigned canisters, known, lost;
	bool different;
	const char *first;
	char list[128];
};

/* Of controllers, or of IOMs: the ones' codes and the others' revisions are numbered apart. */
static void codes_look(const struct engine *e, unsigned array, bool ioms, struct codes *ret)
{
	const struct model *m = &e->model;
	size_t n = 0;

	*ret = (struct codes){};
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (!c->used || c->array != array || c->kind != KIND_CANISTER ||
			is_iom(e, i) != ioms)
			continue;
		ret->canisters++;
		ret->lost += c->state != STATE_OK && c->state != STATE_UNKNOWN;
		if (!c->firmware[0] || code_from_enclosure(e, i) != ioms)
			continue;
		ret->known++;
		ret->different |= ret->first && !text_equal(ret->first, c->firmware);
		ret->first = c->firmware;
		if (n < sizeof(ret->list)) {
			format_text(ret->list + n, sizeof(ret->list) - n, "%s%s runs %s",
				n ? ", " : "", c->name, c->firmware);
			n = strlen(ret->list);
		}
	}
}

static void codes_judge(struct engine *e, unsigned array)
{
	struct codes c;
	char code[24];
	bool same;

	codes_look(e, array, false, &c);
	if (!c.canisters)
		codes_look(e, array, true, &c);
	/* a canister whose code nobody says leaves it open; one that is alone has nobody to differ from */
	if (c.known < c.canisters)
		return;
	same = c.canisters > 1 && !c.different;
	copy_text(code, sizeof(code), c.first ? c.first : "");
	array_finding(e, "array.same-code", array, same, code);
	array_finding(e, "array.same-code/exposed", array, same && c.lost, code);
	array_finding(e, "array.different-code", array, c.different, c.list);
}

static unsigned recurring_rule(void)
{
	return (unsigned)MAX_OF(rule_index("array.recurring-warnings"), 0);
}

void recurring_note(struct engine *e, unsigned array)
{
	const struct serd_row *s = rate_find(&e->model, recurring_rule(), ARRAY_KEY | array);

	/* one bad hour with many symptoms counts once: this is about what comes back */
	if (array == NONE16 || (s && serd_recent(s, e->now_ms, RECURRING_APART_MS)))
		return;
	rate_event_rule(e, recurring_rule(), ARRAY_KEY | array);
}

void recurring_forget(struct engine *e, unsigned array)
{
	const struct serd_row *s = rate_find(&e->model, recurring_rule(), ARRAY_KEY | array);
	struct serd_row row;

	if (!s)
		return;
	row = *s;
	row.used = 0;
	emit(e, REC_SERD, TABLE_SERD, (uint32_t)(s - serd_at(&e->model, 0)), &row, SEV_NONE, NULL);
	array_finding(e, "array.recurring-warnings", array, false, NULL);
}

void array_specials(struct engine *e, unsigned array)
{
	const struct serd_row *s;

	if (!array_at(&e->model, array) || !array_at(&e->model, array)->used)
		return;
	codes_judge(e, array);
	codes_specials(e, array);
	booted_specials(e, array);
	s = rate_find(&e->model, recurring_rule(), ARRAY_KEY | array);
	array_finding(e, "array.recurring-warnings", array,
		s && serd_recent(s, e->now_ms, RECURRING_WINDOW_MS) >= RECURRING, NULL);
}

static bool watched(const struct component_row *c)
{
	return c->used && !(c->flags & COMPONENT_SIMULATED) && c->flags & COMPONENT_ADOPTED &&
	       (c->kind == KIND_CANISTER || c->kind == KIND_PATH || c->kind == KIND_DRIVE);
}

static bool looks_dead(const struct component_row *c)
{
	return c->state == STATE_UNKNOWN ? c->flags & COMPONENT_STALE
					 : member_of_state((enum state)c->state) != MEMBER_SERVING;
}

/* A witness that answers shows that this host can see: then what it sees is so. */
static bool witness_answers(const struct engine *e)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (c->used && c->kind == KIND_TARGET && c->state == STATE_OK &&
			c->source < e->config->nsources &&
			e->config->sources[c->source].type == SOURCE_WITNESS)
			return true;
	}
	return false;
}

/* When almost all of several arrays dies at once, the one who looks is the likelier cause. */
void self_specials(struct engine *e)
{
	bool held = finding_holds(&e->model, "self.observer-suspect", NONE16, NONE32),
	     arrays[CFG_ARRAYS] = {};
	unsigned total = 0, dead = 0, narrays = 0;
	char detail[64];

	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (!watched(c) || c->array >= CFG_ARRAYS)
			continue;
		total++;
		narrays += !arrays[c->array];
		arrays[c->array] = true;
		dead += looks_dead(c) && (held || e->now_ms - c->state_ms < SUSPECT_WINDOW_MS);
	}
	together_judge(e);
	if (narrays >= 2 && total >= SUSPECT_LEAST && dead * 100 >= total * SUSPECT_PERCENT &&
		!witness_answers(e)) {
		format_text(detail, sizeof(detail), "%u of %u watched parts of %u arrays", dead, total,
			narrays);
		finding_raise(e, "self.observer-suspect", NONE16, NONE32, detail);
	} else if (held) {
		finding_lower(e, "self.observer-suspect", NONE16, NONE32);
	}
}
