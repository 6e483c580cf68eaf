/* Managements that fall silent together: what they share is the likelier cause, and one message says so. */
#include "agent/engine_parts.h"

#include <stdio.h>

enum { TOGETHER_MS = 120000 };

/* Is it about a source that asks an array's management? */
static bool is_management(const struct engine *e, const struct finding_row *f)
{
	char name[40];

	if (!f->used || !f->active || f->array == NONE16 ||
		strcmp(f->rule_id, "source.failing") != 0)
		return false;
	for (unsigned i = 0; i < e->config->nsources; i++) {
		if (e->config->sources[i].array != f->array ||
			e->config->sources[i].plane != PLANE_MANAGEMENT)
			continue;
		source_name(e->config, i, name, sizeof(name));
		if (text_equal(name, f->subject))
			return true;
	}
	return false;
}

static bool in_one_window(const struct finding_row *a, const struct finding_row *b)
{
	return MAX_OF(a->since_ms, b->since_ms) - MIN_OF(a->since_ms, b->since_ms) <= TOGETHER_MS;
}

/* The lowest array that fell silent with this one, itself included; NONE16 when it is alone. */
static uint16_t first_array(const struct engine *e, const struct finding_row *f)
{
	uint16_t first = f->array;
	bool others = false;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *o = finding_at(&e->model, i);

		if (!is_management(e, o) || o->array == f->array || !in_one_window(f, o))
			continue;
		others = true;
		first = MIN_OF(first, o->array);
	}
	return others ? first : (uint16_t)NONE16;
}

uint32_t together_cause(const struct engine *e, const struct finding_row *f)
{
	struct finding_key k = {.rule = (unsigned)rule_index("self.management-silent"),
		.array = NONE16,
		.component = NONE32};
	uint16_t first = is_management(e, f) ? first_array(e, f) : (uint16_t)NONE16;

	if (first == NONE16)
		return NONE32;
	k.subject = array_at(&e->model, first)->name;
	return finding_index(&e->model, &k);
}

static void name_all(const struct engine *e, uint16_t first, char *buf, size_t size)
{
	bool listed[CFG_ARRAYS] = {};
	size_t n = 0;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (is_management(e, f) && f->array < CFG_ARRAYS && first_array(e, f) == first)
			listed[f->array] = true;
	}
	for (unsigned a = 0; a < CFG_ARRAYS && n < size; a++)
		if (listed[a]) {
			format_text(buf + n, size - n, "%s%s", n ? ", " : "",
				array_at(&e->model, a)->name);
			n = strlen(buf);
		}
}

void together_judge(struct engine *e)
{
	bool holds[CFG_ARRAYS] = {};
	char names[128] = "";

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		uint16_t first = is_management(e, f) ? first_array(e, f) : (uint16_t)NONE16;

		if (first < CFG_ARRAYS)
			holds[first] = true;
	}
	for (unsigned a = 0; a < CFG_ARRAYS && a < array_count(&e->model); a++) {
		if (!array_at(&e->model, a)->used)
			continue;
		if (holds[a])
			name_all(e, (uint16_t)a, names, sizeof(names));
		subject_finding(e, "self.management-silent", NONE16, array_at(&e->model, a)->name,
			holds[a] ? names : NULL);
	}
}
