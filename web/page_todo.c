#include "web/page_parts.h"

enum { TODO_SHOWN = 8 };

static void say_todo(struct ctx *c, const struct todo *t)
{
	out_format(c->b, "<li%s><h3>", t->approval ? " id=\"ask\" class=\"first\"" : "");
	capital(c->b, t->text);
	out_text(c->b, "</h3>");
	if (t->before_wall_ms) {
		out_text(c->b, "<p class=\"age\">Before ");
		say_clock(c, t->before_wall_ms);
		out_text(c->b, ", ");
		say_left(c, t->before_wall_ms);
		out_text(c->b, "</p>");
	}
	if (t->detail[0])
		fresh_text(c, "p", "", t->detail);
	if (t->command[0]) {
		out_text(c->b, "<div class=\"cmd\"><code>");
		out_html(c->b, t->command);
		out_text(c->b, "</code></div>");
	}
	out_text(c->b, "</li>");
}

void page_todo(struct ctx *c)
{
	const struct self_row *self = self_at(c->m, 0);
	struct todo todo[TODO_SHOWN];
	unsigned n = view_todo(c->v, todo, TODO_SHOWN);

	section_begin(c);
	out_text(c->b, "<h2 id=\"h-td\">What you must do<small>");
	if (self && self->host[0]) {
		out_text(c->b, "on ");
		out_html(c->b, self->host);
	}
	out_text(c->b, "</small></h2>");
	if (!n)
		out_text(c->b, "<p class=\"run\">Nothing right now.</p>");
	out_text(c->b, "<ol class=\"do\">");
	for (unsigned i = 0; i < n; i++)
		say_todo(c, &todo[i]);
	out_text(c->b, "</ol>");
	section_end(c, "todo", "<section aria-labelledby=\"h-td\"", "</section>");
}
