#include "web/metrics_write.h"

#include <stdio.h>

void metric_begin(struct writer *w, const struct family *f)
{
	w->family = f;
	w->name = f->name;
	w->name_len = strlen(f->name);
}

void metric_name(struct writer *w)
{
	if (w->family) {
		out_format(w->o, "# HELP %s %s\n# TYPE %s %s\n", w->family->name, w->family->help, w->family->name,
			w->family->type);
		w->family = NULL;
	}
	out_bytes(w->o, w->name, w->name_len);
}

void metric_label(struct writer *w, bool first, const char *name, const char *value)
{
	out_text(w->o, first ? "{" : ",");
	out_text(w->o, name);
	out_text(w->o, "=\"");
	out_label(w->o, value);
	out_text(w->o, "\"");
}

static void value_begin(struct writer *w, bool labels)
{
	out_bytes(w->o, "} ", labels ? 2 : 0);
	if (!labels)
		out_bytes(w->o, " ", 1);
}

void metric_end_unsigned(struct writer *w, bool labels, uint64_t v)
{
	value_begin(w, labels);
	out_unsigned(w->o, v);
	out_bytes(w->o, "\n", 1);
}

void metric_end_signed(struct writer *w, int64_t v)
{
	value_begin(w, true);
	out_signed(w->o, v);
	out_bytes(w->o, "\n", 1);
}

void metric_end_milli(struct writer *w, bool labels, int64_t thousandths)
{
	value_begin(w, labels);
	out_milli(w->o, thousandths);
	out_bytes(w->o, "\n", 1);
}

void metric_end_double(struct writer *w, double v)
{
	value_begin(w, true);
	out_double(w->o, v);
	out_bytes(w->o, "\n", 1);
}

void metric_component(struct writer *w, uint32_t component)
{
	const struct metrics_labels *l = &w->metrics->labels[component];

	metric_name(w);
	out_bytes(w->o, l->bytes, l->len);
}

bool metrics_shows_values(const struct component_row *c)
{
	if (c->flags & COMPONENT_ASLEEP)
		return true;
	return !(c->flags & (COMPONENT_STALE | COMPONENT_STUCK | COMPONENT_REMOVED));
}

static bool labels_hold(const struct metrics_labels *l, const struct component_row *c, const char *array)
{
	return l->bytes && l->array == c->array && l->kind == c->kind && !memcmp(l->name, c->name, sizeof(l->name)) &&
	       !strcmp(l->array_name, array);
}

static void labels_make(struct metrics_labels *l, const struct model *m, uint32_t component)
{
	const struct component_row *c = component_at(m, component);
	const struct array_row *a = array_at(m, c->array);
	struct out o = {};
	size_t len = 0;
	char id[160];

	if (labels_hold(l, c, a ? a->name : ""))
		return;
	free(l->bytes);
	out_text(&o, "{array=\"");
	out_label(&o, a ? a->name : "");
	out_text(&o, "\",component=\"");
	out_label(&o, component_id(m, component, id, sizeof(id)));
	out_text(&o, "\"");
	l->bytes = out_take(&o, &len);
	l->len = (uint32_t)len;
	l->array = c->array;
	l->kind = c->kind;
	memcpy(l->name, c->name, sizeof(l->name));
	copy_text(l->array_name, sizeof(l->array_name), a ? a->name : "");
}

/* clang-format off */
static const int8_t value_of_fact[FACT_LAST] = {
	[FACT_TEMPERATURE] = VALUE_TEMPERATURE + 1, [FACT_POWER_ON_HOURS] = VALUE_HOURS + 1,
	[FACT_WEAR_PCT] = VALUE_WEAR + 1, [FACT_REALLOCATED] = VALUE_REALLOCATED + 1,
	[FACT_GROWN_DEFECTS] = VALUE_REALLOCATED + 1, [FACT_PENDING] = VALUE_PENDING + 1,
	[FACT_REPORTED_UNCORRECTABLE] = VALUE_UNCORRECTABLE + 1, [FACT_MEDIA_ERRORS] = VALUE_UNCORRECTABLE + 1,
	[FACT_READ_UNCORRECTED] = VALUE_UNCORRECTABLE + 1, [FACT_WRITE_UNCORRECTED] = VALUE_UNCORRECTABLE + 1,
	[FACT_VERIFY_UNCORRECTED] = VALUE_UNCORRECTABLE + 1,
};
/* clang-format on */

/* Several facts may make one value: a SCSI drive counts reads, writes and verifies apart. */
static void values_gather(struct metrics_values *v, const struct model *m, uint32_t component)
{
	*v = (struct metrics_values){};
	for (uint32_t i = model_first_fact(m, component); i != NONE32; i = model_next_fact(m, i)) {
		const struct fact_row *f = fact_at(m, i);
		int which = f && f->used && f->fact < FACT_LAST ? value_of_fact[f->fact] - 1 : -1;

		if (which < 0)
			continue;
		v->value[which] += f->value;
		v->known |= 1u << which;
	}
}

static bool metrics_reserve(struct metrics *m, uint32_t n)
{
	struct metrics_labels *labels;
	struct metrics_values *values;

	if (n <= m->capacity)
		return true;
	n += n / 2 + 16;
	labels = realloc(m->labels, n * sizeof(*labels));
	if (labels)
		m->labels = labels;
	values = labels ? realloc(m->values, n * sizeof(*values)) : NULL;
	if (!values)
		return false;
	m->values = values;
	memset(labels + m->capacity, 0, (n - m->capacity) * sizeof(*labels));
	m->capacity = n;
	return true;
}

void metrics_render(struct metrics *m, const struct view *v, const struct metrics_options *opt, struct out *o)
{
	struct writer w = {.o = o, .view = v, .model = v->model, .metrics = m};

	if (!metrics_reserve(m, component_count(v->model))) {
		o->failed = true;
		return;
	}
	for (uint32_t i = 0; i < component_count(v->model); i++) {
		const struct component_row *c = component_at(v->model, i);

		m->values[i].known = 0;
		if (!c || !c->used)
			continue;
		labels_make(&m->labels[i], v->model, i);
		if (c->kind == KIND_DRIVE && metrics_shows_values(c))
			values_gather(&m->values[i], v->model, i);
	}
	metrics_self(&w);
	metrics_arrays(&w);
	metrics_components(&w);
	metrics_drives(&w);
	if (opt->smart_attributes)
		metrics_smart_attributes(&w);
	if (opt->compat_smartctl)
		metrics_smartctl(&w);
}

static bool line_has(const char *line, const char *end, const char *label)
{
	const char *brace = memchr(line, '{', (size_t)(end - line));
	size_t n = strlen(label);

	return brace && (size_t)(end - brace) > n && !memcmp(brace, label, n);
}

void metrics_of_array(const char *text, size_t len, const char *array, struct out *o)
{
	const char *end = text + len, *head = NULL;
	struct out label = {};

	out_text(&label, "{array=\"");
	out_label(&label, array);
	out_bytes(&label, "\"", 2);
	for (const char *line = text, *next; line < end && !label.failed; line = next) {
		const char *eol = memchr(line, '\n', (size_t)(end - line));

		next = eol ? eol + 1 : end;
		if (next - line > 7 && !memcmp(line, "# HELP ", 7))
			head = line;
		if (*line == '#' || !line_has(line, next, label.data))
			continue;
		if (head) { /* HELP and TYPE are two lines */
			const char *help_end = memchr(head, '\n', (size_t)(end - head));
			const char *type_end = help_end ? memchr(help_end + 1, '\n', (size_t)(end - help_end - 1)) : NULL;

			out_bytes(o, head, type_end ? (size_t)(type_end + 1 - head) : 0);
			head = NULL;
		}
		out_bytes(o, line, (size_t)(next - line));
	}
	out_free(&label);
}

void metrics_free(struct metrics *m)
{
	for (uint32_t i = 0; i < m->capacity; i++)
		free(m->labels[i].bytes);
	free(m->labels);
	free(m->values);
	*m = (struct metrics){};
}
