/* Tables of text for terminals: columns as wide as their widest cell, nothing cut, nothing from a device obeyed. */
#pragma once
#include <stdio.h>

#include "probes/util.h"

enum { TABLE_COLUMNS = 12 };
enum text_style { STYLE_PLAIN, STYLE_WARNING, STYLE_CRITICAL, STYLE_DIM, STYLE_BOLD, STYLE_COUNT };

struct text_cell {
	char *text; /* owned; NULL when memory ran out: printed as empty */
	enum text_style style;
};

struct text_table {
	unsigned columns;
	const char *const *heads; /* borrowed */
	struct text_cell *cells;  /* row by row */
	size_t count, capacity;
};

/** text_table_init() - @heads: @columns headings that outlive the table, 1 to TABLE_COLUMNS */
void text_table_init(struct text_table *t, const char *const *heads, unsigned columns);
/** text_table_cell() - the next cell, row by row; NULL or empty text is drawn as "-" */
void text_table_cell(struct text_table *t, enum text_style style, const char *fmt, ...)
	printf_like(3, 4);
/** text_table_print() - numbers are not treated apart: align right with a leading format if wanted */
void text_table_print(const struct text_table *t, FILE *out, bool colour);
void text_table_free(struct text_table *t);

/** text_width() - columns a UTF-8 text takes in a terminal: code points, control characters as one */
size_t text_width(const char *s);
/** text_clean() - control characters become '?', in place: a device's text must not steer a terminal */
void text_clean(char *s);
/** text_style_on() / text_style_off() - escape sequences, or nothing without @colour */
const char *text_style_on(enum text_style style, bool colour);
const char *text_style_off(enum text_style style, bool colour);
