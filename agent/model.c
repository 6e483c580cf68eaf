/* Rows: written by one function, packed and unpacked whole. */
#include "agent/model.h"

#include <errno.h>

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

static struct chain *chain_of(struct model *m, enum table t, size_t *ret_offset)
{
	if (t == TABLE_FACT) {
		*ret_offset = offsetof(struct fact_row, component);
		return &m->facts;
	}
	if (t == TABLE_SEEN) {
		*ret_offset = offsetof(struct seen_row, component);
		return &m->seen;
	}
	if (t == TABLE_DAILY) {
		*ret_offset = offsetof(struct daily_row, component);
		return &m->daily;
	}
	return NULL;
}

static int grow_zeroed(uint32_t **array, uint32_t *count, uint32_t want)
{
	uint32_t size = *count ? *count : 16;
	uint32_t *grown;

	if (want <= *count)
		return 0;
	while (size < want)
		size += size / 2;
	grown = realloc(*array, size * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + *count, 0, (size - *count) * sizeof(*grown));
	*array = grown;
	*count = size;
	return 0;
}

static void chain_unlink(struct chain *c, uint32_t component, uint32_t row)
{
	uint32_t *at = component < c->nhead ? &c->head[component] : NULL;

	while (at && *at && *at != row + 1)
		at = &c->next[*at - 1];
	if (at && *at) {
		*at = c->next[row];
		c->next[row] = 0;
	}
}

/* Row @row is about to become @fresh: leave the chain of what it was, join that of what it will be. */
static int chain_move(struct model *m, enum table t, uint32_t row, const uint8_t *fresh)
{
	const uint8_t *old = model_row(m, t, row);
	uint32_t was, now;
	size_t offset;
	struct chain *c = chain_of(m, t, &offset);
	int r;

	if (!c)
		return 0;
	memcpy(&now, fresh + offset, sizeof(now));
	if (old) {
		memcpy(&was, old + offset, sizeof(was));
		if (*old && *fresh && was == now)
			return 0;
		if (*old)
			chain_unlink(c, was, row);
	}
	if (!*fresh)
		return 0;
	if (now >= TABLE_ROWS_MAX)
		return -EPROTO;
	r = grow_zeroed(&c->head, &c->nhead, now + 1);
	if (r == 0)
		r = grow_zeroed(&c->next, &c->nnext, row + 1);
	if (r < 0)
		return r;
	c->next[row] = c->head[now];
	c->head[now] = row + 1;
	return 0;
}

int model_apply(struct model *m, const struct record *r)
{
	struct table_data *d;
	size_t size;
	int rc;

	if (r->table >= TABLE_COUNT || r->sequence != m->sequence + 1)
		return -EPROTO;
	d = &m->tables[r->table];
	if (r->index > d->count || r->index >= TABLE_ROWS_MAX)
		return -EPROTO;
	size = row_sizes[r->table];
	rc = table_reserve(d, size, r->index + 1);
	if (rc == 0)
		rc = chain_move(m, (enum table)r->table, r->index, r->row);
	if (rc < 0)
		return rc;
	d->count = MAX_OF(d->count, r->index + 1);
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
	free(m->facts.head);
	free(m->facts.next);
	free(m->seen.head);
	free(m->seen.next);
	free(m->daily.head);
	free(m->daily.next);
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

static int unpack_table(struct model *m, enum table t, uint32_t count, const char *rows)
{
	size_t size = row_sizes[t];
	int r = table_reserve(&m->tables[t], size, count);

	for (uint32_t i = 0; r == 0 && i < count; i++) {
		r = chain_move(m, t, i, (const uint8_t *)rows + i * size);
		memcpy((char *)m->tables[t].rows + i * size, rows + i * size, size);
		m->tables[t].count = i + 1;
	}
	return r;
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
	p += sizeof(head);
	for (int t = 0; r == 0 && t < TABLE_COUNT; t++) {
		r = unpack_table(&fresh, (enum table)t, head.counts[t], p);
		p += (size_t)head.counts[t] * row_sizes[t];
	}
	if (r < 0) {
		model_clear(&fresh);
		return r;
	}
	fresh.sequence = head.sequence;
	fresh.epoch = head.epoch;
	model_clear(m);
	*m = fresh;
	return 0;
}
