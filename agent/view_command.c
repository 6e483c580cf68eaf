#include "agent/view_words.h"

static const char program[] = "ballastctl ";

/* Quotes only where a shell would see more than a word: short is what is typed at night. */
static void add_word(struct line *l, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:,@%";

	if (strspn(word, plain) == strlen(word)) {
		line_add(l, "%s", word);
		return;
	}
	line_add(l, "'");
	for (; *word; word++)
		if (*word == '\'')
			line_add(l, "'\\''");
		else
			line_add(l, "%c", *word);
	line_add(l, "'");
}

void view_commands(const struct view *v, const char *text, char *buf, size_t size)
{
	struct line l = line_on(buf, size);
	bool told = v->control && v->control[0] && strcmp(v->control, CONTROL_DEFAULT) != 0;
	const char *at;

	while (told && (at = strstr(text, program))) {
		line_add(&l, "%.*s--control ", (int)(at - text + (ptrdiff_t)strlen(program)), text);
		add_word(&l, v->control);
		line_add(&l, " ");
		text = at + strlen(program);
	}
	line_add(&l, "%s", text);
}
