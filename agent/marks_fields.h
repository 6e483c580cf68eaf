/*
 * Which fields of which rows are durable, as data: writing, reading and comparing all walk these tables.
 * Numbers that only hold within one build, boot or configuration are written as words, wall time, names.
 */
#pragma once
#include "agent/model.h"

enum { MARK_FIELDS_MAX = 48 };

enum mark_type {
	MARK_UINT, MARK_INT, /* of 1, 2, 4 or 8 bytes */
	MARK_REAL,
	MARK_TEXT,
	MARK_WORD,           /* one byte, a word of .words */
	MARK_BOOT,           /* boot-clock ms, 0 never: written as wall ms */
	MARK_BOOTS,          /* serd_row.times_ms */
	MARK_FACT,           /* enum fact or custom: by name */
	MARK_RULE,           /* index of a rule: by id */
	MARK_ARRAY,          /* by name; a row of an array that is no longer configured means nothing */
	MARK_ANY_ARRAY,      /* by name; outlives the array */
	MARK_SOURCE,         /* by name, see mark_source_name() */
	MARK_SINKS,          /* bit per sink: by names */
	MARK_REF,            /* 2 or 4 bytes, index of a row of .ref; all ones: none */
	MARK_NEEDED,         /* the same, and without it the row means nothing */
	MARK_TYPE_COUNT
};

struct mark_words {
	const char *(*text)(unsigned i);
	unsigned count;
};

struct mark_field {
	const char *name;
	uint16_t offset, size;
	uint8_t type;        /* enum mark_type */
	uint8_t ref;         /* enum table */
	uint8_t follows;     /* 1: written along, but its change alone is no reason to write */
	uint8_t mask;        /* MARK_UINT: only these bits are durable; 0 all */
	const struct mark_words *words;
};

struct mark_table {
	const struct mark_field *fields;
	unsigned nfields;
};

/** mark_tables - by enum table; no fields: nothing of the table is durable */
extern const struct mark_table mark_tables[TABLE_COUNT];

/** mark_get_uint() / mark_put_uint() - an unsigned of @size bytes at @p; put cuts off what does not fit */
uint64_t mark_get_uint(const void *p, size_t size);
void mark_put_uint(void *p, size_t size, uint64_t v);
/** mark_table_name() - as in the file; never NULL */
const char *mark_table_name(enum table t);
/** mark_source_name() - "ARRAY/TYPE/n": sources have no name of their own */
void mark_source_name(const struct model *m, unsigned source, char *buf, size_t size);
