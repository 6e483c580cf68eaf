#include "web/page_parts.h"

#include <ctype.h>

#define DAY_MS INT64_C(86400000)
/* what is read faster than the page is fetched again must not look stale in between */
enum { STALE_LEAST_MS = 20000 };

void glyph(struct out *o, const char *symbol, const char *class, const char *label)
{
	out_format(o, "<svg class=\"g%s%s\"", class[0] ? " " : "", class);
	if (label)
		out_format(o, " role=\"img\" aria-label=\"%s\"", label);
	else
		out_text(o, " aria-hidden=\"true\"");
	out_format(o, "><use href=\"#%s\"/></svg>", symbol);
}

void say_clock(struct ctx *c, int64_t wall_ms)
{
	int64_t off = wall_ms - c->v->wall_ms;
	char at[40];

	if (off > -DAY_MS && off < DAY_MS) {
		out_text(c->b, clock_text(wall_ms, at, sizeof(at)));
		return;
	}
	time_text(
		wall_ms, at, sizeof(at)); /* 2023-08-17T02:51:34Z: the day, then hour and minute */
	out_format(c->b, "%.10s %.5s", at, strlen(at) > 15 ? at + 11 : "");
}

void say_age(struct ctx *c, int64_t wall_ms, const char *suffix, uint64_t max_ms)
{
	uint64_t age = wall_ms < c->v->wall_ms ? (uint64_t)(c->v->wall_ms - wall_ms) : 0;
	char at[40], span[40];

	c->b->fleeting++;
	out_format(c->b, "<time datetime=\"%s\" data-age=\"%s\"",
		time_text(wall_ms, at, sizeof(at)), suffix);
	if (max_ms)
		out_format(c->b, " data-max=\"%llu\"%s", (unsigned long long)max_ms / 1000,
			age > max_ms ? " class=\"stale\"" : "");
	out_format(c->b, ">%s%s</time>", span_text(age, span, sizeof(span)), suffix);
	c->b->fleeting--;
}

void say_left(struct ctx *c, int64_t wall_ms)
{
	uint64_t left = wall_ms > c->v->wall_ms ? (uint64_t)(wall_ms - c->v->wall_ms) : 0;
	char at[40], span[40];

	c->b->fleeting++;
	out_format(c->b, "<time datetime=\"%s\" data-left>%s left</time>",
		time_text(wall_ms, at, sizeof(at)), span_text(left, span, sizeof(span)));
	c->b->fleeting--;
}

int64_t boot_to_wall(const struct view *v, uint64_t at_ms)
{
	return at_ms ? v->wall_ms - (int64_t)(v->now_ms - at_ms) : 0;
}

void say_commands(struct ctx *c, const char *text)
{
	view_commands(c->v, text, c->buf, sizeof(c->buf));
	out_html(c->b, c->buf);
}

void say_command(struct ctx *c, const char *command)
{
	out_text(c->b, "<code>");
	say_commands(c, command);
	out_text(c->b, "</code>");
}

void fresh_text(struct ctx *c, const char *tag, const char *class, const char *text)
{
	out_format(c->b, "<%s class=\"%s\" data-fresh>", tag, class);
	c->b->fleeting++;
	out_html(c->b, text);
	c->b->fleeting--;
	out_format(c->b, "</%s>", tag);
}

const char *plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

void capital(struct out *o, const char *s)
{
	char first[2] = {(char)toupper((unsigned char)s[0]), '\0'};

	out_html(o, first);
	out_html(o, s[0] ? s + 1 : s);
}

uint64_t component_limit_ms(const struct model *m, uint32_t component)
{
	uint32_t shortest = 0;

	for (uint32_t i = model_first_seen(m, component); i != NONE32; i = model_next_seen(m, i)) {
		const struct seen_row *s = seen_at(m, i);

		if (s && s->used && s->interval_ms && (!shortest || s->interval_ms < shortest))
			shortest = s->interval_ms;
	}
	return stale_after_ms(shortest);
}

uint64_t stale_after_ms(uint32_t interval_ms)
{
	return interval_ms ? MAX_OF((uint64_t)interval_ms * 2, (uint64_t)STALE_LEAST_MS) : 0;
}

bool finding_shown(const struct finding_row *f)
{
	return f->used && f->active && f->folded == NONE16;
}

const struct run_row *plan_run(const struct model *m, const struct plan_row *p)
{
	const struct run_row *r = p->run == NONE32 ? NULL : run_at(m, p->run);

	return r && r->used ? r : NULL;
}

bool run_is_open(const struct run_row *r)
{
	return r->state != RUN_IDLE && r->state != RUN_WITHDRAWN && !r->cleared;
}

bool anything_broken(const struct model *m)
{
	for (uint32_t i = 0; i < finding_count(m); i++)
		if (finding_shown(finding_at(m, i)) && finding_at(m, i)->severity >= SEV_WARNING)
			return true;
	for (uint32_t i = 0; i < plan_count(m); i++) {
		const struct plan_row *p = plan_at(m, i);
		const struct run_row *r = p->used ? plan_run(m, p) : NULL;

		if (r && run_is_open(r) && !r->ended_wall_ms)
			return true;
	}
	return false;
}
