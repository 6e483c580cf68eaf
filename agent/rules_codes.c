/* Firmware that differs where it should not: between drives of one model, between a canister and its system. */
#include "agent/advise_match.h"
#include "agent/engine_parts.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

enum { VARIANTS = 64, NAMED = 4 };

/* One firmware of one model, in the order of their components. */
struct variant {
	const char *model, *firmware;
	unsigned drives;
};

struct variants {
	struct variant v[VARIANTS];
	unsigned n;
};

static bool drive_counts(const struct component_row *c, unsigned array)
{
	return c->used && c->array == array && c->kind == KIND_DRIVE && c->state != STATE_ABSENT &&
	       c->model[0] && c->firmware[0];
}

static bool is_variant(const struct component_row *c, const struct variant *v)
{
	return text_equal(c->model, v->model) && text_equal(c->firmware, v->firmware);
}

static void variants_look(const struct model *m, unsigned array, struct variants *ret)
{
	ret->n = 0;
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);
		unsigned k = 0;

		if (!drive_counts(c, array))
			continue;
		while (k < ret->n && !is_variant(c, &ret->v[k]))
			k++;
		if (k == VARIANTS)
			continue;
		if (k == ret->n)
			ret->v[ret->n++] = (struct variant){c->model, c->firmware, 0};
		ret->v[k].drives++;
	}
}

/* The firmware that most drives of this one's model run; NULL: its model was met before, or runs only one. */
static const struct variant *most_of_mixed(const struct variants *s, unsigned first)
{
	const struct variant *most = &s->v[first];
	unsigned firmwares = 0;

	for (unsigned k = 0; k < s->n; k++) {
		if (!text_equal(s->v[k].model, s->v[first].model))
			continue;
		if (k < first)
			return NULL;
		firmwares++;
		if (s->v[k].drives > most->drives)
			most = &s->v[k];
	}
	return firmwares > 1 ? most : NULL;
}

struct line {
	char text[128];
	size_t used;
};

static void printf_like(2, 3) add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (l->used >= sizeof(l->text))
		return;
	va_start(ap, fmt);
	n = vsnprintf(l->text + l->used, sizeof(l->text) - l->used, fmt, ap);
	va_end(ap);
	l->used += n > 0 ? (size_t)n : 0;
}

static void add_count(struct line *l, const struct variant *v)
{
	add(l, "%u %s %s", v->drives, v->drives == 1 ? "runs" : "run", v->firmware);
}

/* ": slot 7, slot 9 and 3 more" */
static void add_drives(
	struct line *l, const struct model *m, unsigned array, const struct variant *v)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < component_count(m) && n < NAMED; i++) {
		const struct component_row *c = component_at(m, i);

		if (!drive_counts(c, array) || !is_variant(c, v))
			continue;
		add(l, "%s", n++ ? ", " : ": ");
		if (c->slot >= 0)
			add(l, "slot %d", c->slot);
		else
			add(l, "%s", c->name);
	}
	if (v->drives > n)
		add(l, " and %u more", v->drives - n);
}

static void add_model(struct line *l, const struct model *m, unsigned array,
	const struct variants *s, const struct variant *most)
{
	add(l, "%s: ", most->model);
	add_count(l, most);
	for (unsigned i = 0; i < s->n; i++) {
		if (&s->v[i] == most || !text_equal(s->v[i].model, most->model))
			continue;
		add(l, ", ");
		add_count(l, &s->v[i]);
		add_drives(l, m, array, &s->v[i]);
	}
}

static void drives_judge(struct engine *e, unsigned array)
{
	struct line l = {};
	struct variants s;

	variants_look(&e->model, array, &s);
	for (unsigned i = 0; i < s.n; i++) {
		const struct variant *most = most_of_mixed(&s, i);

		if (!most)
			continue;
		add(&l, "%s", l.used ? "; " : "");
		add_model(&l, &e->model, array, &s, most);
	}
	if (l.used)
		finding_raise(e, "firmware.model-differs", array, NONE32, l.text);
	else
		finding_lower(e, "firmware.model-differs", array, NONE32);
}

static bool source_is(const struct config *config, unsigned source, enum source_type type)
{
	return source < config->nsources && config->sources[source].type == type;
}

/* The source that told its firmware. */
static unsigned code_by(const struct component_row *c)
{
	return c->firmware_by ? c->firmware_by - 1u : c->source;
}

bool code_from_enclosure(const struct engine *e, uint32_t component)
{
	return source_is(e->config, code_by(component_at(&e->model, component)), SOURCE_ENCLOSURE);
}

bool is_iom(const struct engine *e, uint32_t component)
{
	const struct component_row *c = component_at(&e->model, component);

	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i))
		if (!source_is(e->config, seen_at(&e->model, i)->source, SOURCE_ENCLOSURE))
			return false;
	return c->kind == KIND_CANISTER && source_is(e->config, c->source, SOURCE_ENCLOSURE);
}

/* Here what stands for the system has a version of its own: a bundle's, or another controller's. */
static bool numbered_apart(const struct config *config, const struct component_row *system)
{
	return source_is(config, code_by(system), SOURCE_MC) ||
	       source_is(config, code_by(system), SOURCE_REDFISH);
}

static const struct component_row *system_with_code(const struct engine *e, unsigned array)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (c->used && c->array == array && c->kind == KIND_SYSTEM && c->firmware[0] &&
			!numbered_apart(e->config, c))
			return c;
	}
	return NULL;
}

/* "8.2.0" of "8.2.0.2", or of "8.2.0 (build 145)": said less exactly, and not another one. */
static bool is_start_of(const char *a, const char *b)
{
	size_t n = strlen(a);

	return !strncmp(a, b, n) && !isdigit((unsigned char)b[n]);
}

/* Versions of two sequences are no difference that could be told. */
static bool differ(const char *a, const char *b)
{
	enum version_order order = version_compare(a, b);

	return (order == VERSION_LESS || order == VERSION_MORE) && !is_start_of(a, b) &&
	       !is_start_of(b, a);
}

/* Only what one source told of both is numbered alike: an IOM's revision is none of the system's versions. */
static void canister_judge(struct engine *e, uint32_t component, const struct component_row *system)
{
	const struct component_row *c = component_at(&e->model, component);
	char detail[80];

	format_text(detail, sizeof(detail), "It runs %s, the system %s", c->firmware,
		system ? system->firmware : "");
	if (system && code_by(c) == code_by(system) && differ(c->firmware, system->firmware) &&
		c->state != STATE_ABSENT)
		finding_raise(e, "canister.code-differs-from-system", c->array, component, detail);
	else
		finding_lower(e, "canister.code-differs-from-system", c->array, component);
}

void codes_specials(struct engine *e, unsigned array)
{
	const struct component_row *system = system_with_code(e, array);

	drives_judge(e, array);
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);

		if (c->used && c->array == array && c->kind == KIND_CANISTER && c->firmware[0])
			canister_judge(e, i, system);
	}
}
