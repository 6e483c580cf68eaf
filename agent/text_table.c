#include "agent/text_table.h"

#include <stdarg.h>

void text_table_init(struct text_table *t, const char *const *heads, unsigned columns)
{
	*t = (struct text_table){
		.columns = MIN_OF(columns, (unsigned)TABLE_COLUMNS), .heads = heads};
}

void text_clean(char *s)
{
	for (unsigned char *p = (unsigned char *)s; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			*p = '?', p[1] = '?'; /* C1 controls steer terminals too */
}

size_t text_width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static struct text_cell *next_cell(struct text_table *t)
{
	struct text_cell *grown;

	if (t->count < t->capacity)
		return &t->cells[t->count++];
	grown = realloc(t->cells, (t->capacity * 2 + 64) * sizeof(*grown));
	if (!grown)
		return NULL;
	t->cells = grown;
	t->capacity = t->capacity * 2 + 64;
	return &t->cells[t->count++];
}

void text_table_cell(struct text_table *t, enum text_style style, const char *fmt, ...)
{
	struct text_cell *cell = next_cell(t);
	va_list ap;
	int n;

	if (!cell)
		return;
	*cell = (struct text_cell){.style = style};
	va_start(ap, fmt);
	n = vasprintf(&cell->text, fmt, ap);
	va_end(ap);
	if (n < 0)
		cell->text = NULL;
	else
		text_clean(cell->text);
}

static const char *cell_text(const struct text_table *t, size_t i)
{
	const char *s = i < t->count ? t->cells[i].text : NULL;

	return s && s[0] ? s : "-";
}

const char *text_style_on(enum text_style style, bool colour)
{
	static const char *const on[STYLE_COUNT] = {[STYLE_PLAIN] = "",
		[STYLE_WARNING] = "\033[33m",
		[STYLE_CRITICAL] = "\033[1;31m",
		[STYLE_DIM] = "\033[2m",
		[STYLE_BOLD] = "\033[1m"};

	return colour && style < STYLE_COUNT ? on[style] : "";
}

const char *text_style_off(enum text_style style, bool colour)
{
	return colour && style != STYLE_PLAIN ? "\033[0m" : "";
}

static void print_cell(
	FILE *out, const char *text, enum text_style style, bool colour, size_t width, bool last)
{
	size_t have = text_width(text);

	(void)fprintf(
		out, "%s%s%s", text_style_on(style, colour), text, text_style_off(style, colour));
	if (last)
		(void)fputc('\n', out);
	else
		(void)fprintf(out, "%*s", (int)(width > have ? width - have : 0) + 2, "");
}

void text_table_print(const struct text_table *t, FILE *out, bool colour)
{
	size_t width[TABLE_COLUMNS] = {};

	for (unsigned c = 0; c < t->columns; c++)
		width[c] = text_width(t->heads[c]);
	for (size_t i = 0; i < t->count; i++)
		width[i % t->columns] = MAX_OF(width[i % t->columns], text_width(cell_text(t, i)));
	for (unsigned c = 0; c < t->columns; c++)
		print_cell(out, t->heads[c], STYLE_DIM, colour, width[c], c + 1 == t->columns);
	for (size_t i = 0; i < t->count; i++)
		print_cell(out, cell_text(t, i), t->cells[i].style, colour, width[i % t->columns],
			(i + 1) % t->columns == 0 || i + 1 == t->count);
}

void text_table_free(struct text_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i].text);
	free(t->cells);
	*t = (struct text_table){};
}
