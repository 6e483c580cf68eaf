#include "agent/yaml_doc.h"

#include <math.h>

const yaml_node_t *ydoc_node(const struct ydoc *d, int node)
{
	if (!d->loaded || node <= 0 || node > d->yaml.nodes.top - d->yaml.nodes.start)
		return NULL;
	return d->yaml.nodes.start + node - 1;
}

void ydoc_free(struct ydoc *d)
{
	if (!d)
		return;
	if (d->loaded)
		yaml_document_delete(&d->yaml);
	free(d->mistakes);
	free(d);
}

void ydoc_freep(struct ydoc **d)
{
	ydoc_free(*d);
}

unsigned ydoc_mistakes(const struct ydoc *d)
{
	return d->nmistakes + d->untold;
}

static int by_place(const void *a, const void *b)
{
	const struct mistake *x = *(const struct mistake *const *)a,
			     *y = *(const struct mistake *const *)b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void ydoc_print(const struct ydoc *d, const char *file, FILE *err, char *first, size_t size)
{
	cleanup_(freep) const struct mistake **sorted =
		calloc(d->nmistakes + 1, sizeof(struct mistake *));

	if (!sorted)
		return;
	for (unsigned i = 0; i < d->nmistakes; i++)
		sorted[i] = &d->mistakes[i];
	qsort(sorted, d->nmistakes, sizeof(struct mistake *), by_place);
	for (unsigned i = 0; i < d->nmistakes; i++) {
		const struct mistake *m = sorted[i];

		if (!i && first)
			snprintf(first, size, "%s:%zu:%zu: error: %s", file, m->line, m->column,
				m->text);
		if (err)
			fprintf(err, "%s:%zu:%zu: error: %s\n", file, m->line, m->column, m->text);
	}
	if (err && d->untold)
		fprintf(err, "%s:1:1: error: %u more mistakes are not shown\n", file, d->untold);
}

int ydoc_root(const struct ydoc *d)
{
	return d->loaded && d->yaml.nodes.top > d->yaml.nodes.start ? 1 : 0;
}

const char *ydoc_text(const struct ydoc *d, int node, const char *otherwise)
{
	const yaml_node_t *n = ydoc_node(d, node);

	return n && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : otherwise;
}

static const yaml_node_pair_t *pair_of(const struct ydoc *d, int map, const char *key)
{
	const yaml_node_t *n = ydoc_node(d, map);

	if (!n || n->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
		p++)
		if (!strcmp(ydoc_text(d, p->key, ""), key))
			return p;
	return NULL;
}

int ydoc_get(const struct ydoc *d, int map, const char *key)
{
	const yaml_node_pair_t *p = pair_of(d, map, key);

	return p ? p->value : 0;
}

int ydoc_key(const struct ydoc *d, int map, const char *key)
{
	const yaml_node_pair_t *p = pair_of(d, map, key);

	return p ? p->key : map;
}

unsigned ydoc_count(const struct ydoc *d, int list)
{
	const yaml_node_t *n = ydoc_node(d, list);

	if (!n || n->type != YAML_SEQUENCE_NODE)
		return 0;
	return (unsigned)(n->data.sequence.items.top - n->data.sequence.items.start);
}

int ydoc_item(const struct ydoc *d, int list, unsigned i)
{
	return i < ydoc_count(d, list) ? ydoc_node(d, list)->data.sequence.items.start[i] : 0;
}

bool ydoc_pair(const struct ydoc *d, int map, unsigned i, int *ret_key, int *ret_value)
{
	const yaml_node_t *n = ydoc_node(d, map);
	const yaml_node_pair_t *p;

	if (!n || n->type != YAML_MAPPING_NODE)
		return false;
	p = n->data.mapping.pairs.start + i;
	if (p >= n->data.mapping.pairs.top)
		return false;
	*ret_key = p->key;
	*ret_value = p->value;
	return true;
}

uint64_t ydoc_number(const struct ydoc *d, int node, uint64_t otherwise)
{
	uint64_t v;

	return number_parse(ydoc_text(d, node, ""), &v) ? v : otherwise;
}

bool ydoc_real(const struct ydoc *d, int node, double *ret)
{
	const char *text = ydoc_text(d, node, "");
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !isfinite(v))
		return false;
	*ret = v;
	return true;
}

bool ydoc_bool(const struct ydoc *d, int node, bool otherwise)
{
	static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {
									"false", "no", "off"};
	const char *text = ydoc_text(d, node, "");

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!strcmp(text, yes[i]))
			return true;
		if (!strcmp(text, no[i]))
			return false;
	}
	return otherwise;
}

uint64_t ydoc_duration(const struct ydoc *d, int node, uint64_t otherwise_ms)
{
	uint64_t v;

	return duration_parse(ydoc_text(d, node, ""), &v) ? v : otherwise_ms;
}
