/*
 * YAML against a table: loads one document with libyaml and tells every mistake at once, each with its
 * place. Knows nothing of what the keys mean; never opens a file.
 */
#pragma once
#include "probes/util.h"
#include <stdio.h>

enum yaml_kind {
	YAML_TEXT,     /* one line, not empty */
	YAML_PROSE,    /* text that may have lines */
	YAML_WORD,     /* one of .words */
	YAML_NUMBER,   /* whole, .min to .max */
	YAML_REAL,     /* a finite number */
	YAML_BOOL,
	YAML_DURATION, /* 250ms 5s 2m 1h 30d, or 1m43s; .min to .max in ms */
	YAML_LIST,     /* of .item, at most .max */
	YAML_MAP,      /* .fields */
	YAML_UNION,    /* a map whose `type` says which: .fields[i].name is the type, .is its map */
	YAML_FREE,     /* a map with any keys, values .item */
	YAML_KIND_COUNT
};

struct yaml_field {
	const char *name;
	const struct yaml_schema *is;
	bool required;
};

struct yaml_schema {
	enum yaml_kind kind;
	const struct yaml_field *fields;        /* MAP, UNION: ends with .name NULL */
	const struct yaml_schema *item;         /* LIST, FREE */
	const char *const *words;               /* WORD: .nwords, some may be NULL */
	size_t nwords;
	uint64_t min, max;                      /* max 0: no limit; TEXT, PROSE: bytes */
	bool may_be_empty;                      /* scalars */
	const char *too_many;                   /* LIST: what the limit is called, "at most 64 arrays" */
	/* TEXT: one more look; false and @why (at least 160 bytes) filled */
	bool (*valid)(const char *text, char *why, size_t size);
};

enum { YAML_BYTES_MAX = 1024 * 1024, YAML_DEPTH_MAX = 32, YAML_NODES_MAX = 100000, YAML_KEYS_MAX = 256 };

/* A loaded document with the mistakes found in it so far. */
struct ydoc;

/**
 * ydoc_load() - parse @text, walk it against @schema
 * @ret: always set on 0, also when there are mistakes; ydoc_free()
 *
 * Return: 0, -ENOMEM. Look at ydoc_mistakes().
 */
must_check int ydoc_load(const char *text, size_t len, const struct yaml_schema *schema, struct ydoc **ret);
void ydoc_free(struct ydoc *d);
void ydoc_freep(struct ydoc **d);

/** ydoc_complain() - one more mistake, at @node's place (0: the document's first line) */
void ydoc_complain(struct ydoc *d, int node, const char *fmt, ...) printf_like(3, 4);
unsigned ydoc_mistakes(const struct ydoc *d);
/**
 * ydoc_print() - all mistakes in the order of their places: FILE:LINE:COLUMN: error: …
 * @err:   NULL: only @first
 * @first: the first line without newline; may be NULL
 */
void ydoc_print(const struct ydoc *d, const char *file, FILE *err, char *first, size_t size);

/*
 * Looking into the document. A node is libyaml's number, 0 is "not there"; everything below takes 0 and
 * nodes of the wrong kind and answers with the default, since mistakes have been told already.
 */
int ydoc_root(const struct ydoc *d);
int ydoc_get(const struct ydoc *d, int map, const char *key);
/** ydoc_key() - the node of the key itself, for complaints; the map when the key is not there */
int ydoc_key(const struct ydoc *d, int map, const char *key);
unsigned ydoc_count(const struct ydoc *d, int list);
int ydoc_item(const struct ydoc *d, int list, unsigned i);
/** ydoc_pair() - the @i-th key and value of a map; false behind the last */
bool ydoc_pair(const struct ydoc *d, int map, unsigned i, int *ret_key, int *ret_value);
const char *ydoc_text(const struct ydoc *d, int node, const char *otherwise);
uint64_t ydoc_number(const struct ydoc *d, int node, uint64_t otherwise);
bool ydoc_real(const struct ydoc *d, int node, double *ret);
bool ydoc_bool(const struct ydoc *d, int node, bool otherwise);
uint64_t ydoc_duration(const struct ydoc *d, int node, uint64_t otherwise_ms);

/** duration_parse() - "1m43s" to ms; false when it is none or beyond 10 years */
bool duration_parse(const char *text, uint64_t *ret_ms);
/** number_parse() - decimal digits only */
bool number_parse(const char *text, uint64_t *ret);
/** nearest_word() - the word of @words less than 3 edits away; NULL none */
const char *nearest_word(const char *text, const char *const *words, size_t n);
