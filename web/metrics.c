#include "web/metrics_write.h"

#include <math.h>

void metric_begin(struct writer *w, const struct family *f)
{
	w->family = f;
	w->name_len = MIN_OF(strlen(f->name), sizeof(w->name));
	memcpy(w->name, f->name, w->name_len);
}

void metric_name(struct writer *w)
{
	if (w->family) {
		out_text(w->o, "# HELP ");
		out_text(w->o, w->family->name);
		out_text(w->o, " ");
		out_text(w->o, w->family->help);
		out_text(w->o, "\n# TYPE ");
		out_text(w->o, w->family->name);
		out_text(w->o, " ");
		out_text(w->o, w->family->type);
		out_text(w->o, "\n");
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

static const char pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051"
	"525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

enum { ROOM = 32 }; /* the longest is "} -9223372036854775808.999" */

/* "} 1.5\n", written from its end: one copy a sample. */
static __attribute__((noinline)) void value_end_long(
	struct writer *w, bool labels, bool minus, uint64_t whole, unsigned thousandths)
{
	char buf[2 * ROOM];
	size_t at = ROOM;

	buf[--at] = '\n';
	for (unsigned rest = thousandths, digits = 3; thousandths && digits; digits--, rest /= 10)
		if (rest % 10 || buf[at] != '\n') /* no zeros at the end of a fraction */
			buf[--at] = (char)('0' + rest % 10);
	if (thousandths)
		buf[--at] = '.';
	for (; whole >= 100; whole /= 100) {
		at -= 2;
		memcpy(buf + at, &pairs[whole % 100 * 2], 2);
	}
	if (whole >= 10)
		buf[--at] = (char)('0' + whole % 10);
	buf[--at] = (char)('0' + (whole >= 10 ? whole / 10 : whole));
	if (minus)
		buf[--at] = '-';
	buf[--at] = ' ';
	if (labels)
		buf[--at] = '}';
	memcpy(w->o->data + w->o->len, buf + at, ROOM); /* of a fixed size: a few moves, no call */
	w->o->len += ROOM - at;
}

static void value_end(
	struct writer *w, bool labels, bool minus, uint64_t whole, unsigned thousandths)
{
	struct out *o = w->o;
	char *p;

	if (o->capacity - o->len < ROOM && !out_room(o, ROOM))
		return;
	if (whole >= 100 || thousandths || minus || !labels) {
		value_end_long(w, labels, minus, whole, thousandths);
		return;
	}
	p = o->data + o->len; /* most values are small */
	*p++ = '}';
	*p++ = ' ';
	if (whole >= 10)
		*p++ = pairs[whole * 2];
	*p++ = pairs[whole * 2 + 1];
	*p++ = '\n';
	o->len = (size_t)(p - o->data);
}

void metric_end_unsigned(struct writer *w, bool labels, uint64_t v)
{
	value_end(w, labels, false, v, 0);
}

void metric_end_signed(struct writer *w, int64_t v)
{
	value_end(w, true, v < 0, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 0);
}

void metric_end_milli(struct writer *w, bool labels, int64_t thousandths)
{
	uint64_t v = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;

	value_end(w, labels, thousandths < 0, v / 1000, (unsigned)(v % 1000));
}

void metric_end_double(struct writer *w, double v)
{
	if (fabs(v) < 9e15 && v == (double)(int64_t)v) {
		metric_end_signed(w, (int64_t)v);
		return;
	}
	out_text(w->o, "} ");
	out_double(w->o, v);
	out_text(w->o, "\n");
}

void metric_component(struct writer *w, uint32_t component)
{
	const struct metrics_labels *l = &w->metrics->labels[component];
	struct out *o = w->o;

	if (w->family || l->len + sizeof(w->name) > o->capacity - o->len) {
		metric_name(w);
		out_bytes(o, l->bytes, l->len);
		return;
	}
	memcpy(o->data + o->len, w->name, sizeof(w->name)); /* what is too much is written over */
	memcpy(o->data + o->len + w->name_len, l->bytes, l->len);
	o->len += w->name_len + l->len;
}

bool metrics_shows_values(const struct component_row *c)
{
	if (c->flags & COMPONENT_ASLEEP)
		return true;
	return !(c->flags & (COMPONENT_STALE | COMPONENT_STUCK | COMPONENT_REMOVED));
}

static bool labels_hold(
	const struct metrics_labels *l, const struct component_row *c, const char *array)
{
	return l->bytes && l->array == c->array && l->kind == c->kind &&
	       !memcmp(l->name, c->name, sizeof(l->name)) &&
	       !memcmp(l->model, c->model, sizeof(l->model)) &&
	       !memcmp(l->firmware, c->firmware, sizeof(l->firmware)) &&
	       !strcmp(l->array_name, array);
}

/* ,kind="drive",model="…",firmware="…": what firmware_info says beside the component */
static void labels_firmware(struct out *o, const struct component_row *c)
{
	out_text(o, ",kind=\"");
	out_text(o, kind_text(c->kind));
	out_text(o, "\",model=\"");
	out_label(o, c->model);
	out_text(o, "\",firmware=\"");
	out_label(o, c->firmware);
	out_text(o, "\"");
}

/* @o is scratch: what is kept is as long as it must be, since there are many. */
static void labels_make(
	struct metrics_labels *l, const struct component_row *c, const char *array, struct out *o)
{
	out_clear(o);
	out_text(o, "{array=\"");
	out_label(o, array);
	out_text(o, "\",component=\"");
	out_label(o, array);
	out_text(o, "/");
	out_text(o, kind_text(c->kind));
	out_text(o, "/");
	out_label(o, c->name);
	out_text(o, "\"");
	l->len = (uint32_t)o->len;
	labels_firmware(o, c);
	free(l->bytes);
	l->bytes = o->failed ? NULL : malloc(o->len);
	if (!l->bytes) {
		l->len = l->firmware_len = 0;
		return;
	}
	memcpy(l->bytes, o->data, o->len);
	l->firmware_len = (uint32_t)o->len - l->len;
	l->array = c->array;
	l->kind = c->kind;
	memcpy(l->name, c->name, sizeof(l->name));
	memcpy(l->model, c->model, sizeof(l->model));
	memcpy(l->firmware, c->firmware, sizeof(l->firmware));
	copy_text(l->array_name, sizeof(l->array_name), array);
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
static void values_gather(struct metrics_values *values, const struct model *m)
{
	const struct fact_row *f = m->tables[TABLE_FACT].rows, *end = f ? f + fact_count(m) : f;
	uint32_t n = component_count(m);

	for (; f < end; f++) {
		int which = f->used && f->fact < FACT_LAST ? value_of_fact[f->fact] - 1 : -1;
		struct metrics_values *v;

		if (which < 0 || f->component >= n)
			continue;
		v = &values[f->component];
		v->value[which] = (v->known & 1u << which ? v->value[which] : 0) + f->value;
		v->known |= v->shown << which;
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

void metrics_render(
	struct metrics *m, const struct view *v, const struct metrics_options *opt, struct out *o)
{
	struct writer w = {.o = o,
		.view = v,
		.model = v->model,
		.metrics = m,
		.rows = v->model->tables[TABLE_COMPONENT].rows,
		.nrows = component_count(v->model)};

	if (!metrics_reserve(m, component_count(v->model))) {
		o->failed = true;
		return;
	}
	for (uint32_t i = 0; i < w.nrows; i++) {
		const struct component_row *c = &w.rows[i];
		const struct array_row *a = array_at(v->model, c->array);

		m->values[i].known = 0;
		m->values[i].shown = c->used && c->kind == KIND_DRIVE && metrics_shows_values(c);
		if (c->used && !labels_hold(&m->labels[i], c, a ? a->name : ""))
			labels_make(&m->labels[i], c, a ? a->name : "", &m->scratch);
		o->failed |= c->used && !m->labels[i].bytes;
	}
	values_gather(m->values, v->model);
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
			const char *type_end =
				help_end ? memchr(help_end + 1, '\n', (size_t)(end - help_end - 1))
					 : NULL;

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
	out_free(&m->scratch);
	*m = (struct metrics){};
}
