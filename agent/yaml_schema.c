#include "agent/yaml_schema.h"
#include "agent/yaml_doc.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

/* Bounded before the loader: deep nesting costs it quadratic time, and aliases multiply. */
struct event_pass {
	unsigned depth, nodes, documents;
};

static void __attribute__((format(printf, 3, 0)))
mistake_at(struct ydoc *d, yaml_mark_t at, const char *fmt, va_list ap)
{
	struct mistake *m;

	if (d->nmistakes == d->capacity) {
		unsigned capacity = d->capacity ? d->capacity * 2 : 16;
		struct mistake *more = capacity > MISTAKES_MAX
					       ? NULL
					       : realloc(d->mistakes, capacity * sizeof(*more));

		if (!more) {
			d->untold++;
			return;
		}
		d->mistakes = more;
		d->capacity = capacity;
	}
	m = &d->mistakes[d->nmistakes++];
	m->line = at.line + 1;
	m->column = at.column + 1;
	m->order = d->nmistakes;
	vsnprintf(m->text, sizeof(m->text), fmt, ap);
}

static void printf_like(3, 4) complain_at(struct ydoc *d, yaml_mark_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mistake_at(d, at, fmt, ap);
	va_end(ap);
}

void ydoc_complain(struct ydoc *d, int node, const char *fmt, ...)
{
	const yaml_node_t *n = ydoc_node(d, node);
	va_list ap;

	va_start(ap, fmt);
	mistake_at(d, n ? n->start_mark : (yaml_mark_t){}, fmt, ap);
	va_end(ap);
}

static const char *const kind_nouns[YAML_KIND_COUNT] = {
	[YAML_TEXT] = "a text",
	[YAML_PROSE] = "a text",
	[YAML_WORD] = "a word",
	[YAML_NUMBER] = "a number",
	[YAML_REAL] = "a number",
	[YAML_BOOL] = "true or false",
	[YAML_DURATION] = "a duration like 5s or 10m",
	[YAML_LIST] = "a list",
	[YAML_MAP] = "a map of keys and values",
	[YAML_UNION] = "a map with a 'type'",
	[YAML_FREE] = "a map of keys and values",
};

static yaml_node_type_t node_type(enum yaml_kind k)
{
	if (k < YAML_LIST)
		return YAML_SCALAR_NODE;
	return k == YAML_LIST ? YAML_SEQUENCE_NODE : YAML_MAPPING_NODE;
}

static void check_text(struct ydoc *d, int node, const struct yaml_schema *s, const char *text)
{
	char why[160] = "";

	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 &&
			!(s->kind == YAML_PROSE && (*p == '\n' || *p == '\t'))) {
			ydoc_complain(d, node, "the text contains a control character");
			return;
		}
	}
	if (s->max && strlen(text) > s->max) {
		ydoc_complain(d, node, "'%.60s…' is longer than %llu bytes", text,
			(unsigned long long)s->max);
		return;
	}
	if (s->valid && !s->valid(text, why, sizeof(why)))
		ydoc_complain(d, node, "%s", why);
}

static void check_word(struct ydoc *d, int node, const struct yaml_schema *s, const char *text)
{
	const char *near;
	char all[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < s->nwords; i++)
		if (s->words[i] && !strcmp(s->words[i], text))
			return;
	near = nearest_word(text, s->words, s->nwords);
	if (near) {
		ydoc_complain(d, node, "unknown word '%.60s', did you mean '%s'?", text, near);
		return;
	}
	for (size_t i = 0; i < s->nwords && used < sizeof(all); i++)
		if (s->words[i])
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
				used ? ", " : "", s->words[i]);
	ydoc_complain(d, node, "unknown word '%.60s', expected one of: %s", text, all);
}

static void check_number(struct ydoc *d, int node, const struct yaml_schema *s, const char *text)
{
	uint64_t v = 0;

	if (!number_parse(text, &v)) {
		ydoc_complain(d, node, "'%.60s' is not a number", text);
		return;
	}
	if (v < s->min || (s->max && v > s->max))
		ydoc_complain(d, node, "%.60s is out of range, expected %llu to %llu", text,
			(unsigned long long)s->min, (unsigned long long)s->max);
}

static void duration_words(uint64_t ms, char *buf, size_t size)
{
	static const struct {
		uint64_t ms;
		const char *unit;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
	size_t i = 0;

	while (i < ARRAY_SIZE(units) - 1 && (!ms || ms % units[i].ms))
		i++;
	snprintf(buf, size, "%llu%s", (unsigned long long)(ms / units[i].ms), units[i].unit);
}

static void check_duration(struct ydoc *d, int node, const struct yaml_schema *s, const char *text)
{
	uint64_t v = 0;
	char min[24], max[24];

	if (!duration_parse(text, &v)) {
		ydoc_complain(d, node,
			"'%.60s' is not a duration, expected one like 250ms 5s 2m 1h 30d", text);
		return;
	}
	if (v >= s->min && (!s->max || v <= s->max))
		return;
	duration_words(s->min, min, sizeof(min));
	duration_words(s->max, max, sizeof(max));
	ydoc_complain(d, node, "%.60s is out of range, expected %s to %s", text, min, max);
}

static void check_scalar(struct ydoc *d, int node, const struct yaml_schema *s)
{
	const yaml_node_t *n = ydoc_node(d, node);
	const char *text = (const char *)n->data.scalar.value;
	double real;

	if (strlen(text) != n->data.scalar.length) {
		ydoc_complain(d, node, "the text contains a NUL byte");
		return;
	}
	if (!*text) {
		if (!s->may_be_empty)
			ydoc_complain(d, node, "expected %s, found nothing", kind_nouns[s->kind]);
		return;
	}
	if (s->kind == YAML_TEXT || s->kind == YAML_PROSE)
		check_text(d, node, s, text);
	else if (s->kind == YAML_WORD)
		check_word(d, node, s, text);
	else if (s->kind == YAML_NUMBER)
		check_number(d, node, s, text);
	else if (s->kind == YAML_DURATION)
		check_duration(d, node, s, text);
	else if (s->kind == YAML_REAL && !ydoc_real(d, node, &real))
		ydoc_complain(d, node, "'%.60s' is not a number", text);
	else if (s->kind == YAML_BOOL && ydoc_bool(d, node, true) != ydoc_bool(d, node, false))
		ydoc_complain(d, node, "'%.60s' is neither true nor false", text);
}

static const struct yaml_field *find_field(
	struct ydoc *d, int node, const char *what, const struct yaml_field *fields)
{
	const char *text = ydoc_text(d, node, ""), *near;
	const char *names[64];
	size_t n = 0;

	for (const struct yaml_field *f = fields; f->name && n < ARRAY_SIZE(names); f++) {
		if (!strcmp(text, f->name))
			return f;
		names[n++] = f->name;
	}
	near = nearest_word(text, names, n);
	if (near)
		ydoc_complain(d, node, "unknown %s '%.60s', did you mean '%s'?", what, text, near);
	else
		ydoc_complain(d, node, "unknown %s '%.60s'", what, text);
	return NULL;
}

static void check_duplicates(struct ydoc *d, const yaml_node_t *n)
{
	const yaml_node_pair_t *from = n->data.mapping.pairs.start, *to = n->data.mapping.pairs.top;

	for (const yaml_node_pair_t *p = from; p < to; p++) {
		for (const yaml_node_pair_t *q = from; q < p; q++) {
			if (strcmp(ydoc_text(d, q->key, ""), ydoc_text(d, p->key, "")))
				continue;
			ydoc_complain(d, p->key, "'%.60s' given twice", ydoc_text(d, p->key, ""));
			break;
		}
	}
}

static void walk(struct ydoc *d, int node, const struct yaml_schema *s);

static void walk_fields(struct ydoc *d, int node, const struct yaml_schema *s)
{
	const yaml_node_t *n = ydoc_node(d, node);
	const struct yaml_field *fields = s->fields, *f;

	if (s->kind == YAML_UNION) {
		int type = ydoc_get(d, node, "type");

		if (!type) {
			ydoc_complain(d, node, "'type' is missing");
			return;
		}
		f = find_field(d, type, "type", fields);
		if (!f)
			return;
		fields = f->is->fields;
	}
	for (const yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
		p++) {
		if (s->kind == YAML_FREE)
			walk(d, p->value, s->item);
		else if ((f = find_field(d, p->key, "key", fields)))
			walk(d, p->value, f->is);
	}
	for (f = fields; f && f->name; f++)
		if (f->required && !ydoc_get(d, node, f->name))
			ydoc_complain(d, node, "'%s' is missing", f->name);
}

/* Recursion is bounded: the event pass has refused deeper nesting. */
static void walk(struct ydoc *d, int node, const struct yaml_schema *s)
{
	const yaml_node_t *n = ydoc_node(d, node);
	unsigned count = 0;

	if (!n)
		return;
	if (n->type != node_type(s->kind)) {
		ydoc_complain(d, node, "expected %s", kind_nouns[s->kind]);
		return;
	}
	if (s->kind < YAML_LIST) {
		check_scalar(d, node, s);
		return;
	}
	if (s->kind != YAML_LIST) {
		if (n->data.mapping.pairs.top - n->data.mapping.pairs.start > YAML_KEYS_MAX) {
			ydoc_complain(d, node, "more than %d keys in one map", YAML_KEYS_MAX);
			return;
		}
		check_duplicates(d, n);
		walk_fields(d, node, s);
		return;
	}
	for (const yaml_node_item_t *i = n->data.sequence.items.start;
		i < n->data.sequence.items.top; i++) {
		if (s->max && count++ == s->max)
			ydoc_complain(d, *i, "too many: %s",
				s->too_many ? s->too_many : "the list is too long");
		walk(d, *i, s->item);
	}
}

/* A reader's error has no mark, only an offset. */
static yaml_mark_t place_of(const yaml_parser_t *p, const char *text, size_t len)
{
	yaml_mark_t m = p->problem_mark;

	if (p->error != YAML_READER_ERROR)
		return m;
	m = (yaml_mark_t){};
	for (size_t i = 0; i < len && i < p->problem_offset; i++) {
		m.column = text[i] == '\n' ? 0 : m.column + 1;
		m.line += text[i] == '\n';
	}
	return m;
}

static void complain_syntax(struct ydoc *d, const yaml_parser_t *p, const char *text, size_t len)
{
	complain_at(d, place_of(p, text, len), "%s%s%s", p->problem ? p->problem : "not YAML",
		p->context ? " " : "", p->context ? p->context : "");
}

/* Return: false when the pass has to end: told. */
static bool event_allowed(struct ydoc *d, struct event_pass *pass, const yaml_event_t *e)
{
	const char *why = NULL;

	if (e->type == YAML_ALIAS_EVENT)
		why = "aliases are not supported";
	else if (e->type == YAML_DOCUMENT_START_EVENT && ++pass->documents > 1)
		why = "only one document is supported";
	else if (e->type == YAML_SEQUENCE_START_EVENT || e->type == YAML_MAPPING_START_EVENT)
		why = ++pass->depth > YAML_DEPTH_MAX ? "nested more than 32 deep" : NULL;
	else if (e->type == YAML_SEQUENCE_END_EVENT || e->type == YAML_MAPPING_END_EVENT)
		pass->depth--;
	if (!why && ++pass->nodes > YAML_NODES_MAX)
		why = "too many values";
	if (why)
		complain_at(d, e->start_mark, "%s", why);
	return !why;
}

static bool events_pass(struct ydoc *d, const char *text, size_t len)
{
	struct event_pass pass = {};
	yaml_parser_t p;
	bool more = true, ok = true;

	if (!yaml_parser_initialize(&p))
		return false;
	yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
	while (more && ok) {
		yaml_event_t e;

		if (!yaml_parser_parse(&p, &e)) {
			complain_syntax(d, &p, text, len);
			ok = false;
			break;
		}
		more = e.type != YAML_STREAM_END_EVENT;
		ok = event_allowed(d, &pass, &e);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&p);
	return ok;
}

static void load_document(struct ydoc *d, const char *text, size_t len)
{
	yaml_parser_t p;

	if (!yaml_parser_initialize(&p))
		return;
	yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
	d->loaded = yaml_parser_load(&p, &d->yaml);
	if (!d->loaded)
		complain_syntax(d, &p, text, len);
	yaml_parser_delete(&p);
}

int ydoc_load(const char *text, size_t len, const struct yaml_schema *schema, struct ydoc **ret)
{
	cleanup_(ydoc_freep) struct ydoc *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	if (len > YAML_BYTES_MAX)
		complain_at(d, (yaml_mark_t){}, "larger than %d bytes", YAML_BYTES_MAX);
	else if (events_pass(d, text, len))
		load_document(d, text, len);
	if (d->loaded && !ydoc_root(d))
		complain_at(d, (yaml_mark_t){}, "the file is empty");
	if (d->loaded)
		walk(d, ydoc_root(d), schema);
	else if (!d->nmistakes)
		return -ENOMEM;
	*ret = take_ptr(d);
	return 0;
}
