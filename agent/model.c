#include "agent/model.h"

#include <errno.h>
#include <stdio.h>

#define X(row, NAME) [TABLE_##NAME] = sizeof(struct row##_row),
static const size_t row_sizes[TABLE_COUNT] = {MODEL_TABLES(X)};
#undef X
#define X(row, NAME) _Static_assert(sizeof(struct row##_row) <= ROW_MAX, #row " does not fit a record");
MODEL_TABLES(X)
#undef X

enum { TABLE_ROWS_MAX = 1 << 20 };

size_t row_size(enum table t)
{
	return row_sizes[t];
}

void *model_row(const struct model *m, enum table t, uint32_t i)
{
	const struct table_data *d = &m->tables[t];

	return i < d->count ? (char *)d->rows + (size_t)i * row_sizes[t] : NULL;
}

static int table_reserve(struct table_data *d, size_t size, uint32_t rows)
{
	uint32_t capacity = d->capacity ? d->capacity : 8;
	void *grown;

	if (rows <= d->capacity)
		return 0;
	while (capacity < rows)
		capacity += capacity / 2;
	grown = realloc(d->rows, (size_t)capacity * size);
	if (!grown)
		return -ENOMEM;
	d->rows = grown;
	d->capacity = capacity;
	return 0;
}

int model_apply(struct model *m, const struct record *r)
{
	struct table_data *d;
	size_t size;
	int rc;

	if (r->table >= TABLE_COUNT || r->sequence <= m->sequence)
		return -EPROTO;
	d = &m->tables[r->table];
	if (r->index > d->count || r->index >= TABLE_ROWS_MAX)
		return -EPROTO;
	size = row_sizes[r->table];
	if (r->index == d->count) {
		rc = table_reserve(d, size, d->count + 1);
		if (rc < 0)
			return rc;
		d->count++;
	}
	memcpy((char *)d->rows + (size_t)r->index * size, r->row, size);
	m->sequence = r->sequence;
	return 0;
}

uint32_t model_free_index(const struct model *m, enum table t)
{
	const struct table_data *d = &m->tables[t];

	/* every row starts with "uint8_t used" */
	for (uint32_t i = 0; i < d->count; i++)
		if (!*((const uint8_t *)d->rows + (size_t)i * row_sizes[t]))
			return i;
	return d->count;
}

void model_clear(struct model *m)
{
	for (int t = 0; t < TABLE_COUNT; t++)
		free(m->tables[t].rows);
	*m = (struct model){};
}

static uint64_t fnv(uint64_t h, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3u;
	return h;
}

uint64_t model_hash(const struct model *m)
{
	uint64_t h = fnv(0xcbf29ce484222325u, &m->sequence, sizeof(m->sequence));

	for (int t = 0; t < TABLE_COUNT; t++) {
		h = fnv(h, &m->tables[t].count, sizeof(m->tables[t].count));
		h = fnv(h, m->tables[t].rows, (size_t)m->tables[t].count * row_sizes[t]);
	}
	return h;
}

struct pack_head {
	uint64_t magic, build, sequence, epoch;
	uint32_t counts[TABLE_COUNT];
};
#define PACK_MAGIC 0x4c4c41424d4f4431u

int model_pack(const struct model *m, uint64_t build, void **ret, size_t *ret_size)
{
	struct pack_head head = {.magic = PACK_MAGIC, .build = build, .sequence = m->sequence, .epoch = m->epoch};
	size_t size = sizeof(head);
	char *block, *p;

	for (int t = 0; t < TABLE_COUNT; t++) {
		head.counts[t] = m->tables[t].count;
		size += (size_t)m->tables[t].count * row_sizes[t];
	}
	block = malloc(size);
	if (!block)
		return -ENOMEM;
	memcpy(block, &head, sizeof(head));
	p = block + sizeof(head);
	for (int t = 0; t < TABLE_COUNT; t++) {
		size_t bytes = (size_t)m->tables[t].count * row_sizes[t];

		if (bytes)
			memcpy(p, m->tables[t].rows, bytes);
		p += bytes;
	}
	*ret = block;
	*ret_size = size;
	return 0;
}

static int pack_check(const struct pack_head *head, uint64_t build, size_t size)
{
	size_t want = sizeof(*head);

	if (head->magic != PACK_MAGIC || head->build != build)
		return -EPROTO;
	for (int t = 0; t < TABLE_COUNT; t++) {
		if (head->counts[t] > TABLE_ROWS_MAX)
			return -EPROTO;
		want += (size_t)head->counts[t] * row_sizes[t];
	}
	return want == size ? 0 : -EPROTO;
}

int model_unpack(struct model *m, uint64_t build, const void *block, size_t size)
{
	struct model fresh = {};
	struct pack_head head;
	const char *p = block;
	int r;

	if (size < sizeof(head))
		return -EPROTO;
	memcpy(&head, block, sizeof(head));
	r = pack_check(&head, build, size);
	if (r < 0)
		return r;
	p += sizeof(head);
	for (int t = 0; t < TABLE_COUNT; t++) {
		size_t bytes = (size_t)head.counts[t] * row_sizes[t];

		r = table_reserve(&fresh.tables[t], row_sizes[t], head.counts[t]);
		if (r < 0) {
			model_clear(&fresh);
			return r;
		}
		if (bytes)
			memcpy(fresh.tables[t].rows, p, bytes);
		fresh.tables[t].count = head.counts[t];
		p += bytes;
	}
	fresh.sequence = head.sequence;
	fresh.epoch = head.epoch;
	model_clear(m);
	*m = fresh;
	return 0;
}

uint32_t model_find_component(const struct model *m, unsigned array, enum kind kind, const char *name)
{
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (c->used && c->array == array && c->kind == kind && !strcmp(c->name, name))
			return i;
	}
	return NONE32;
}

uint32_t model_parse_id(const struct model *m, const char *id)
{
	char array[32], kind[16];
	const char *a = strchr(id, '/'), *k = a ? strchr(a + 1, '/') : NULL;

	if (!k || (size_t)(a - id) >= sizeof(array) || (size_t)(k - a - 1) >= sizeof(kind))
		return NONE32;
	format_text(array, sizeof(array), "%.*s", (int)(a - id), id);
	format_text(kind, sizeof(kind), "%.*s", (int)(k - a - 1), a + 1);
	for (uint32_t i = 0; i < array_count(m); i++)
		if (array_at(m, i)->used && !strcmp(array_at(m, i)->name, array))
			return model_find_component(m, i, kind_from_text(kind), k + 1);
	return NONE32;
}

const char *component_id(const struct model *m, uint32_t component, char *buf, size_t size)
{
	const struct component_row *c = component_at(m, component);
	const struct array_row *a = c ? array_at(m, c->array) : NULL;

	format_text(buf, size, "%s/%s/%s", a ? a->name : "?", c ? kind_text(c->kind) : "?", c ? c->name : "?");
	return buf;
}

const struct fact_row *model_fact(const struct model *m, uint32_t component, unsigned fact)
{
	for (uint32_t i = 0; i < fact_count(m); i++) {
		const struct fact_row *f = fact_at(m, i);

		if (f->used && f->component == component && f->fact == fact)
			return f;
	}
	return NULL;
}

bool model_fact_value(const struct model *m, uint32_t component, unsigned fact, double *ret)
{
	const struct fact_row *f = model_fact(m, component, fact);

	if (f)
		*ret = f->value;
	return f;
}

const struct seen_row *model_seen(const struct model *m, uint32_t component, unsigned source)
{
	for (uint32_t i = 0; i < seen_count(m); i++) {
		const struct seen_row *s = seen_at(m, i);

		if (s->used && s->component == component && s->source == source)
			return s;
	}
	return NULL;
}

uint64_t model_read_ms(const struct model *m, uint32_t component)
{
	uint64_t newest = 0;

	for (uint32_t i = 0; i < seen_count(m); i++) {
		const struct seen_row *s = seen_at(m, i);

		if (s->used && s->component == component && s->read_ms > newest)
			newest = s->read_ms;
	}
	return newest;
}

const struct finding_row *model_finding_by_id(const struct model *m, uint32_t id, uint32_t *ret_index)
{
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->used && f->id == id) {
			if (ret_index)
				*ret_index = i;
			return f;
		}
	}
	return NULL;
}

const char *model_fact_name(const struct model *m, unsigned fact)
{
	const struct name_row *n = fact >= FACT_CUSTOM ? name_at(m, fact - FACT_CUSTOM) : NULL;

	return n && n->used ? n->name : fact_info(fact)->name;
}
