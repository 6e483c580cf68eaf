#include "agent/marks_reader.h"
#include "agent/rules.h"

#include <errno.h>
#include <stdio.h>

int mark_refuse(struct mark_reader *r, int error, const char *what, enum table t, const char *field)
{
	if (t < TABLE_COUNT)
		format_text(r->why, r->why_size, "marks: table '%s': %s%s%s", mark_table_name(t), what, field ? " " : "",
			field ? field : "");
	else
		format_text(r->why, r->why_size, "marks: %s", what);
	return error;
}

unsigned mark_name_find(const struct mark_names *n, const char *text)
{
	for (unsigned i = 0; i < n->n; i++)
		if (*text && !strcmp(n->text[i], text))
			return i;
	return NONE16;
}

static void name_add(struct mark_names *n, const char *text)
{
	if (n->n < MARK_NAMES_MAX)
		copy_text(n->text[n->n++], MARK_NAME_SIZE, text);
}

static void source_name_add(struct mark_names *n, const char *array, const char *type)
{
	char base[MARK_NAME_SIZE], text[MARK_NAME_SIZE];
	unsigned nth = 0;

	format_text(base, sizeof(base), "%s/%s/", array, type);
	for (unsigned i = 0; i < n->n; i++)
		nth += !strncmp(n->text[i], base, strlen(base));
	format_text(text, sizeof(text), "%s%u", base, nth);
	name_add(n, text);
}

static void names_from_config(struct mark_reader *r)
{
	const struct config *c = r->c;

	for (unsigned i = 0; i < c->narrays; i++)
		name_add(&r->arrays, cfg_str(c, c->arrays[i].name));
	for (unsigned i = 0; i < c->nsinks; i++)
		name_add(&r->sinks, cfg_str(c, c->sinks[i].name));
	for (unsigned i = 0; i < c->nplans; i++)
		name_add(&r->plans, cfg_str(c, c->plans[i].name));
	for (unsigned i = 0; i < c->nsources; i++) {
		const struct cfg_source *s = &c->sources[i];

		source_name_add(&r->sources, s->array < r->arrays.n ? r->arrays.text[s->array] : "",
			source_type_text(s->type));
	}
}

static int field_index(enum table t, const char *name)
{
	for (unsigned i = 0; i < mark_tables[t].nfields; i++)
		if (!strcmp(mark_tables[t].fields[i].name, name))
			return (int)i;
	return -1;
}

/* The value of a field in the file; NULL: null or not there */
struct json_object *mark_cell(const struct mark_reader *r, enum table t, uint32_t row, unsigned field)
{
	const struct mark_part *p = &r->part[t];

	if (p->column[field] < 0)
		return NULL;
	return json_object_array_get_idx(json_object_array_get_idx(p->rows, row), (size_t)p->column[field]);
}

static const char *cell_text(const struct mark_reader *r, enum table t, uint32_t row, const char *name)
{
	int f = field_index(t, name);
	struct json_object *o = f < 0 ? NULL : mark_cell(r, t, row, (unsigned)f);

	return json_object_is_type(o, json_type_string) ? json_object_get_string(o) : "";
}

/* What runs it has may be unfinished: whoever reads the model tells. */
static void names_no_longer_configured(struct mark_reader *r)
{
	for (uint32_t i = 0; i < r->part[TABLE_PLAN].n; i++) {
		const char *name = cell_text(r, TABLE_PLAN, i, "name");

		if (mark_name_find(&r->plans, name) == NONE16)
			name_add(&r->plans, name);
	}
}

static void names_from_file(struct mark_reader *r)
{
	for (uint32_t i = 0; i < r->part[TABLE_ARRAY].n; i++)
		name_add(&r->arrays, cell_text(r, TABLE_ARRAY, i, "name"));
	for (uint32_t i = 0; i < r->part[TABLE_SINK].n; i++)
		name_add(&r->sinks, cell_text(r, TABLE_SINK, i, "name"));
	for (uint32_t i = 0; i < r->part[TABLE_PLAN].n; i++)
		name_add(&r->plans, cell_text(r, TABLE_PLAN, i, "name"));
	for (uint32_t i = 0; i < r->part[TABLE_SOURCE].n; i++)
		source_name_add(&r->sources, cell_text(r, TABLE_SOURCE, i, "array"), cell_text(r, TABLE_SOURCE, i, "type"));
}

static int part_columns(struct mark_reader *r, enum table t, struct json_object *columns)
{
	struct mark_part *p = &r->part[t];
	size_t n = json_object_array_length(columns);

	for (unsigned f = 0; f < MARK_FIELDS_MAX; f++)
		p->column[f] = -1;
	for (size_t i = 0; i < n; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(columns, i));
		int f = name ? field_index(t, name) : -1;

		if (!i && !text_equal(name, "row"))
			return mark_refuse(r, -EINVAL, "the first column is not 'row'", t, NULL);
		if (f >= 0)
			p->column[f] = (int)i;
	}
	return 0;
}

static int part_open(struct mark_reader *r, enum table t, struct json_object *file)
{
	struct json_object *table, *columns, *rows;
	struct mark_part *p = &r->part[t];
	int64_t last = -1;

	if (!json_object_object_get_ex(file, mark_table_name(t), &table))
		return 0;
	if (!json_object_object_get_ex(table, "columns", &columns) || !json_object_object_get_ex(table, "rows", &rows) ||
		!json_object_is_type(columns, json_type_array) || !json_object_is_type(rows, json_type_array))
		return mark_refuse(r, -EINVAL, "no columns or rows", t, NULL);
	p->n = (uint32_t)json_object_array_length(rows);
	p->rows = rows;
	p->from = calloc((size_t)p->n + 1, sizeof(*p->from));
	p->to = calloc((size_t)p->n + 1, sizeof(*p->to));
	if (!p->from || !p->to)
		return mark_refuse(r, -ENOMEM, "no memory", t, NULL);
	for (uint32_t i = 0; i < p->n; i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		struct json_object *at = json_object_is_type(row, json_type_array) ? json_object_array_get_idx(row, 0) : NULL;
		int64_t v = json_object_is_type(at, json_type_int) ? json_object_get_int64(at) : -1;

		if (v <= last || v >= NONE32)
			return mark_refuse(r, -EINVAL, "row numbers do not grow", t, NULL);
		p->from[i] = (uint32_t)v;
		last = v;
	}
	return part_columns(r, t, columns);
}

uint32_t mark_mapped(const struct mark_reader *r, enum table t, int64_t v)
{
	const struct mark_part *p = &r->part[t];
	uint32_t low = 0, high = p->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (p->from[mid] < v)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->n && p->from[low] == v ? p->to[low] : NONE32;
}

int64_t mark_cell_int(struct json_object *o)
{
	return json_object_is_type(o, json_type_int) ? json_object_get_int64(o) : -1;
}

/* Does the row still mean something: its array, plan, component, rule exist? */
static bool row_means(const struct mark_reader *r, enum table t, uint32_t row)
{
	for (unsigned i = 0; i < mark_tables[t].nfields; i++) {
		const struct mark_field *f = &mark_tables[t].fields[i];
		struct json_object *o = mark_cell(r, t, row, i);
		const char *text = json_object_is_type(o, json_type_string) ? json_object_get_string(o) : "";

		if (f->type == MARK_NEEDED && mark_mapped(r, f->ref, mark_cell_int(o)) == NONE32)
			return false;
		if (f->type == MARK_ARRAY && *text && mark_name_find(&r->arrays, text) == NONE16)
			return false;
		if (f->type == MARK_RULE && rule_index(text) < 0)
			return false;
	}
	return true;
}

static uint32_t row_target(const struct mark_reader *r, enum table t, uint32_t row, uint32_t next)
{
	const struct mark_names *n = t == TABLE_ARRAY ? &r->arrays : t == TABLE_SINK ? &r->sinks : t == TABLE_PLAN ? &r->plans : NULL;
	unsigned found;

	if (t == TABLE_SOURCE || !row_means(r, t, row))
		return NONE32; /* a source's row only says what its number stood for */
	if (!n)
		return next;
	found = mark_name_find(n, cell_text(r, t, row, "name"));
	return found == NONE16 ? NONE32 : found;
}

static void part_map(struct mark_reader *r, enum table t)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < r->part[t].n; i++) {
		r->part[t].to[i] = row_target(r, t, i, next);
		next += r->part[t].to[i] != NONE32;
	}
}

int mark_open(struct mark_reader *r, struct json_object *file)
{
	for (enum table t = 0; t < TABLE_COUNT; t++) {
		int rc = mark_tables[t].nfields ? part_open(r, t, file) : 0;

		if (rc < 0)
			return rc;
	}
	if (r->c)
		names_from_config(r);
	else
		names_from_file(r);
	names_no_longer_configured(r);
	for (enum table t = 0; t < TABLE_COUNT; t++)
		part_map(r, t);
	return 0;
}

void mark_close(struct mark_reader *r)
{
	for (enum table t = 0; t < TABLE_COUNT; t++) {
		free(r->part[t].from);
		free(r->part[t].to);
	}
}
