/* Inside of reading marks: the file's tables and which of their numbers became which. Not for outside. */
#pragma once
#include "agent/marks.h"
#include "agent/marks_fields.h"

#include <json-c/json.h>

enum { MARK_NAMES_MAX = 128, MARK_NAME_SIZE = 96 };

/* One table of the file: where its columns are, and which row becomes which. */
struct mark_part {
	struct json_object *rows;
	uint32_t n;
	int column[MARK_FIELDS_MAX]; /* position in a row; -1 not there */
	uint32_t *from, *to;         /* number in the file, ascending; number in the model or NONE32 */
};

/* What numbers stand for now. */
struct mark_names {
	unsigned n;
	char text[MARK_NAMES_MAX][MARK_NAME_SIZE];
};

struct mark_reader {
	const struct config *c;
	const struct marks_time *t;
	struct model *m;
	struct mark_part part[TABLE_COUNT];
	struct mark_names arrays, sources, sinks, plans;
	char *why;
	size_t why_size;
};

/** mark_refuse() - put why into words (@t TABLE_COUNT: the file as a whole); returns @error */
int mark_refuse(struct mark_reader *r, int error, const char *what, enum table t, const char *field);
/** mark_open() - find every table of @file and map its rows; -EINVAL, -ENOMEM */
must_check int mark_open(struct mark_reader *r, struct json_object *file);
/** mark_close() - free what mark_open() allocated */
void mark_close(struct mark_reader *r);
/** mark_cell() - a field's value in row @row of the file; NULL: null or not there */
struct json_object *mark_cell(const struct mark_reader *r, enum table t, uint32_t row, unsigned field);
/** mark_cell_int() - -1 when it is no whole number */
int64_t mark_cell_int(struct json_object *o);
/** mark_mapped() - what row number @v of the file's table is now; NONE32 */
uint32_t mark_mapped(const struct mark_reader *r, enum table t, int64_t v);
/** mark_name_find() - NONE16 when there is none */
unsigned mark_name_find(const struct mark_names *n, const char *text);
