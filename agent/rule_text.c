#include <ctype.h>
#include <stdio.h>

#include "agent/rules.h"
#include "agent/view.h"

struct expansion {
	const struct model *m;
	const struct finding_row *f;
	const struct rule *r;
	const struct component_row *c; /* NULL: the array or Ballast itself */
	const struct array_row *a;
	char *buf;
	size_t size;
};

static const char *or_else(const char *text, const char *instead)
{
	return text && text[0] ? text : instead;
}

static void put_name(const struct expansion *x)
{
	if (x->c)
		view_component_name(x->m, x->f->component, x->buf, x->size);
	else
		copy_text(x->buf, x->size, x->a ? x->a->name : "Ballast");
}

static void put_name_first(const struct expansion *x)
{
	put_name(x);
	if (x->buf[0] >= 'a' && x->buf[0] <= 'z' && x->c)
		x->buf[0] = (char)toupper(x->buf[0]);
}

static void put_array(const struct expansion *x)
{
	copy_text(x->buf, x->size, x->a ? x->a->name : "this host");
}

static void put_fact(const struct expansion *x, unsigned fact, double value)
{
	/* templates carry the unit where it is not a plain count */
	if (fact_info(fact)->unit == UNIT_COUNT)
		view_fact_value(fact, value, x->buf, x->size);
	else
		format_text(x->buf, x->size, "%.0f", value);
}

static void put_value(const struct expansion *x)
{
	if (x->f->nevidence && x->f->evidence[0].fact)
		put_fact(x, x->f->evidence[0].fact, x->f->evidence[0].value);
}

static void put_was(const struct expansion *x)
{
	if (x->f->nevidence && x->f->evidence[0].has_was)
		put_fact(x, x->f->evidence[0].fact, x->f->evidence[0].was);
}

static void put_first(const struct expansion *x)
{
	const struct fact_row *fact =
		x->c && x->r ? model_fact(x->m, x->f->component, x->r->fact) : NULL;

	if (fact)
		put_fact(x, fact->fact, fact->first);
}

static void put_other(const struct expansion *x)
{
	if (x->f->nevidence > 1)
		put_fact(x, x->f->evidence[1].fact, x->f->evidence[1].value);
}

static void put_code(const struct expansion *x)
{
	double code;

	if (x->c && model_fact_value(x->m, x->f->component, FACT_ERROR_CODE, &code) && code > 0)
		format_text(x->buf, x->size, " (error %.0f)", code);
}

static void put_rate(const struct expansion *x)
{
	if (x->f->detail[0])
		format_text(x->buf, x->size, ", %s", x->f->detail);
}

/* The advice of an array that is going; once its plan has done that, what is left to do. */
static void put_evacuate(const struct expansion *x)
{
	const struct run_row *r = NULL;
	const struct plan_row *p = x->a ? model_moved(x->m, x->f->array, &r) : NULL;
	char when[40];

	if (!p) {
		format_text(x->buf, x->size, "Move what must not stop away from %s now.",
			x->a ? x->a->name : "the array");
		return;
	}
	time_text(r->ended_wall_ms, when, sizeof(when)); /* 2023-08-17T02:51:34Z */
	format_text(x->buf, x->size,
		"Plan %s moved what must not stop, done %.10s %.5s UTC: see that it serves there.",
		p->name, when, strlen(when) > 15 ? when + 11 : "");
}

static void put_slot(const struct expansion *x)
{
	if (x->c && x->c->slot >= 0)
		format_text(x->buf, x->size, "%d", x->c->slot);
}

/* Those that run the code it says: an IOM among them runs something else. */
static void put_both(const struct expansion *x)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < component_count(x->m); i++) {
		const struct component_row *c = component_at(x->m, i);

		n += c->used && c->array == x->f->array && c->kind == KIND_CANISTER &&
		     text_equal(c->firmware, x->f->detail);
	}
	format_text(x->buf, x->size, n > 2 ? "All %u canisters" : "Both canisters", n);
}

static void put_id(const struct expansion *x)
{
	char id[160] = "";

	if (x->c)
		component_id(x->m, x->f->component, id, sizeof(id));
	copy_text(x->buf, x->size, id);
}

/* What the finding is about is an advisory. */
static const struct forecast_row *advisory_of(const struct expansion *x)
{
	for (uint32_t i = 0; i < forecast_count(x->m); i++) {
		const struct forecast_row *f = forecast_at(x->m, i);

		if (f->used && f->array == x->f->array && text_equal(f->advisory, x->f->subject))
			return f;
	}
	return NULL;
}

static void put_effect(const struct expansion *x)
{
	const struct forecast_row *f = advisory_of(x);

	copy_text(x->buf, x->size, f ? f->effect : "is affected by a known fault");
}

static void put_cure(const struct expansion *x)
{
	const struct forecast_row *f = advisory_of(x);

	copy_text(x->buf, x->size, f ? f->action : "Ask its maker.");
}

static void put_advisory(const struct expansion *x)
{
	const struct forecast_row *f = advisory_of(x);

	copy_text(x->buf, x->size, f ? f->source : "its maker's notice");
}

#define PUT(fn, text)                                                                              \
	static void fn(const struct expansion *x)                                                  \
	{                                                                                          \
		copy_text(x->buf, x->size, text);                                                  \
	}
PUT(put_kind, x->c ? kind_text(x->c->kind) : "array")
PUT(put_detail, x->f->detail)
PUT(put_subject, x->f->subject)
PUT(put_model,
	or_else(x->c ? x->c->model : NULL, or_else(x->a ? x->a->model : NULL, "unknown model")))
PUT(put_serial, or_else(x->c ? x->c->serial : NULL, or_else(x->a ? x->a->serial : NULL, "unknown")))
PUT(put_firmware,
	or_else(x->c ? x->c->firmware : NULL, or_else(x->a ? x->a->firmware : NULL, "unknown")))
PUT(put_vendor,
	or_else(x->c ? x->c->vendor : NULL, or_else(x->a ? x->a->vendor : NULL, "the maker")))
PUT(put_services, or_else(x->a ? x->a->services : NULL, "no named service"))
PUT(put_state, x->c ? state_text(x->c->state) : "unknown")
PUT(put_raw, or_else(x->c ? x->c->raw : NULL, x->c ? state_text(x->c->state) : "unknown"))
PUT(put_message, or_else(x->c ? x->c->message : NULL, "It gives no reason."))
PUT(put_dev, or_else(x->c ? x->c->dev : NULL, "it"))

static const struct {
	const char *name;
	void (*put)(const struct expansion *x);
} placeholders[] = {
	{"name", put_name},
	{"Name", put_name_first},
	{"array", put_array},
	{"kind", put_kind},
	{"value", put_value},
	{"was", put_was},
	{"first", put_first},
	{"other", put_other},
	{"detail", put_detail},
	{"subject", put_subject},
	{"model", put_model},
	{"serial", put_serial},
	{"firmware", put_firmware},
	{"vendor", put_vendor},
	{"services", put_services},
	{"state", put_state},
	{"raw", put_raw},
	{"message", put_message},
	{"dev", put_dev},
	{"evacuate", put_evacuate},
	{"slot", put_slot},
	{"rate", put_rate},
	{"code", put_code},
	{"Both", put_both},
	{"id", put_id},
	{"effect", put_effect},
	{"cure", put_cure},
	{"advisory", put_advisory},
};

/* Fills x->buf; false for a name that is not known. */
static bool put_placeholder(const struct expansion *x, const char *name, size_t len)
{
	for (unsigned i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (strlen(placeholders[i].name) == len &&
			!memcmp(placeholders[i].name, name, len)) {
			x->buf[0] = '\0';
			placeholders[i].put(x);
			return true;
		}
	return false;
}

void rule_expand(const struct model *m, const struct finding_row *f, const char *template,
	char *buf, size_t size)
{
	char value[256];
	int rule = rule_index(f->rule_id);
	const struct expansion x = {.m = m,
		.f = f,
		.r = rule >= 0 ? &rules[rule] : NULL,
		.c = component_at(m, f->component),
		.a = array_at(m, f->array),
		.buf = value,
		.size = sizeof(value)};
	size_t n = 0;

	while (*template && n < size - 1) {
		const char *end = *template == '{' ? strchr(template, '}') : NULL;
		const char *from = value;

		if (!end || !put_placeholder(&x, template + 1, (size_t)(end - template - 1))) {
			buf[n++] = *template ++;
			continue;
		}
		while (*from && n < size - 1)
			buf[n++] = *from++;
		template = end + 1;
	}
	memset(buf + n, 0, size - n);
}
