#include "web/page_parts.h"

/* clang-format off */
static const char symbols[] =
"<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\">"
"<symbol id=\"_ok\" viewBox=\"0 0 24 24\"><path d=\"M5 12.5l4.5 4.5L19 7.5\"/></symbol>"
"<symbol id=\"_crit\" viewBox=\"0 0 24 24\"><path d=\"M8 2h8l6 6v8l-6 6H8l-6-6V8zM8.5 8.5l7 7M15.5 8.5l-7 7\"/></symbol>"
"<symbol id=\"_warn\" viewBox=\"0 0 24 24\"><path d=\"M12 3L22.5 21h-21zM12 10v5M12 18v.1\"/></symbol>"
"<symbol id=\"_unk\" viewBox=\"0 0 24 24\"><path d=\"M12 2a10 10 0 110 20 10 10 0 010-20zM9 9.5a3 3 0 116 0c0 2-3 2-3 4.5M12 17.5v.1\"/></symbol>"
"<symbol id=\"_info\" viewBox=\"0 0 24 24\"><path d=\"M12 2a10 10 0 110 20 10 10 0 010-20zM12 11v6M12 7v.1\"/></symbol>"
"<symbol id=\"_run\" viewBox=\"0 0 24 24\"><path d=\"M12 2a10 10 0 110 20 10 10 0 010-20zM10 8l6 4-6 4z\"/></symbol>"
"<symbol id=\"_hold\" viewBox=\"0 0 24 24\"><path d=\"M12 2a10 10 0 110 20 10 10 0 010-20zM9.5 8v8M14.5 8v8\"/></symbol>"
"<symbol id=\"_todo\" viewBox=\"0 0 24 24\"><path d=\"M12 5a7 7 0 110 14 7 7 0 010-14z\"/></symbol>"
"<symbol id=\"_x\" viewBox=\"0 0 24 24\"><path d=\"M6 6l12 12M18 6L6 18\"/></symbol></svg>\n";

static const struct {
	const char *word, *colour, *mark;
} icons[HEALTH_COUNT] = {
	[HEALTH_OK]       = {"ok", "17625e", "M4.5 8.5l2.5 2.5 4.5-5.5"},
	[HEALTH_WARNING]  = {"warning", "b97700", "M8 4v5M8 11.7v.3"},
	[HEALTH_CRITICAL] = {"critical", "a8171b", "M5 5l6 6M11 5l-6 6"},
	[HEALTH_UNKNOWN]  = {"unknown", "565d68", "M6 6.3a2 2 0 114 0c0 1.4-2 1.4-2 3M8 11.8v.2"},
};
/* clang-format on */

void section_begin(struct ctx *c)
{
	out_clear(c->b);
	c->b->hashing = true;
}

/* The record that last changed the section: this render's when the hash moved. */
static uint64_t section_live(struct ctx *c, const char *id, uint64_t hash)
{
	struct page *p = c->page;
	unsigned i = 0;

	while (i < p->nsections && strcmp(p->section[i].id, id))
		i++;
	if (i == PAGE_SECTIONS)
		return c->m->sequence;
	if (i == p->nsections) {
		p->nsections++;
		copy_text(p->section[i].id, sizeof(p->section[i].id), id);
		p->section[i].hash = ~hash;
	}
	if (p->section[i].hash != hash) {
		p->section[i].hash = hash;
		p->section[i].live = c->m->sequence;
	}
	return p->section[i].live;
}

void section_end(struct ctx *c, const char *id, const char *open, const char *close)
{
	uint64_t live, hash = c->b->hash;

	for (const char *p = open; *p; p++) /* its class says something too */
		hash = hash * 31 + (unsigned char)*p;
	live = section_live(c, id, hash);
	out_format(c->o, "%s id=\"%s\" data-live=\"%llu\">", open, id, (unsigned long long)live);
	out_bytes(c->o, c->b->data, c->b->len);
	out_text(c->o, close);
	c->o->failed |= c->b->failed;
}

static void page_icon(struct out *o, enum health worst)
{
	enum health h = icons[worst].word ? worst : HEALTH_UNKNOWN;

	out_format(o,
		"<link rel=\"icon\" href=\"data:image/svg+xml,%%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 "
		"16'%%3E%%3Cpath fill='%%23%s' d='M0 0h16v16H0z'/%%3E%%3Cpath stroke='%%23fff' stroke-width='2' "
		"d='%s' fill='none'/%%3E%%3C/svg%%3E\">\n",
		icons[h].colour, icons[h].mark);
}

static void page_title(struct ctx *c, struct out *o)
{
	const char *answer = view_answer(c->v);
	const struct array_row *a = c->narrays ? array_at(c->m, c->order[0]) : NULL;
	size_t bold = 0;

	out_text(o, "<title>");
	if (a && a->simulated)
		out_text(o, "Simulated: ");
	out_html_bytes(o, answer, strcspn(answer, "."));
	if (a) {
		view_sentence(c->v, c->order[0], c->buf, sizeof(c->buf), &bold);
		out_text(o, ": ");
		out_html(o, a->name);
		out_text(o, " ");
		bold = MIN_OF(bold ? bold : strlen(c->buf), strlen(c->buf));
		out_html_bytes(o, c->buf, bold && strchr(".:", c->buf[bold - 1]) ? bold - 1 : bold);
	}
	out_text(o, " - Ballast</title>\n");
}

static void page_head(struct ctx *c)
{
	const struct self_row *self = self_at(c->m, 0);
	enum health worst = icons[c->worst].word ? c->worst : HEALTH_UNKNOWN;
	char now[40];

	out_format(c->o,
		"<!doctype html>\n<html lang=\"en\" data-worst=\"%s\" data-now=\"%s\" data-record=\"%llu\">\n",
		icons[worst].word, time_text(c->v->wall_ms, now, sizeof(now)),
		(unsigned long long)c->m->sequence);
	out_text(c->o,
		"<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
		"<meta name=\"color-scheme\" content=\"light dark\">\n");
	page_title(c, c->o);
	page_icon(c->o, c->worst);
	out_text(c->o,
		"<link rel=\"stylesheet\" href=\"/style.css\"><script src=\"/page.js\" defer></script>\n"
		"<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript></head>\n<body>\n");
	out_text(c->o, symbols);
	out_text(c->o,
		"<a class=\"skip\" href=\"#sleep\">Skip to the answer</a>\n<header class=\"mast\"><b>"
		"<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M0 3h16v2H0zM2 7h12l-3 6H5z\"/></svg>"
		"Ballast</b><span>");
	out_html(c->o, self ? self->host : "");
	out_format(c->o, "</span><p id=\"fresh\"><i></i><span>As of %s UTC</span></p></header>\n",
		clock_text(c->v->wall_ms, now, sizeof(now)));
	out_text(c->o, "<div id=\"conn\" class=\"bar\" role=\"alert\" hidden><p></p></div>\n");
}

static void page_foot(struct ctx *c)
{
	const struct self_row *self = self_at(c->m, 0);

	out_text(c->o, "<footer><span>Ballast ");
	out_html(c->o, self ? self->version : "");
	out_text(c->o, " on ");
	out_html(c->o, self ? self->host : "this host");
	out_format(c->o, ". Record <span id=\"record\">%llu</span>. All times UTC.</span>",
		(unsigned long long)c->m->sequence);
	out_text(c->o,
		"<a href=\"/api/v1/status\">JSON</a><a href=\"/metrics\">Metrics</a><a href=\"/?wall\">Wall view</a>"
		"</footer>\n<p id=\"say\" class=\"vh\" role=\"status\"></p>\n</body></html>\n");
}

/* Real ones before simulated ones, since the answer is about them; then worst first; then as configured. */
static int array_rank(const struct model *m, unsigned array)
{
	const struct array_row *a = array_at(m, array);
	enum severity verdict = verdict_severity(a->verdict);

	if (a->verdict == VERDICT_NONE || a->verdict == VERDICT_BLIND)
		verdict = SEV_CRITICAL;
	return (a->simulated ? 0 : 1024) + (int)MAX_OF((unsigned)verdict, a->worst) * 64 +
	       a->verdict;
}

static void arrays_order(struct ctx *c)
{
	for (unsigned i = 0; i < array_count(c->m) && c->narrays < CFG_ARRAYS; i++) {
		unsigned at = c->narrays;

		if (!array_at(c->m, i)->used)
			continue;
		while (at && array_rank(c->m, c->order[at - 1]) < array_rank(c->m, i)) {
			c->order[at] = c->order[at - 1];
			at--;
		}
		c->order[at] = i;
		c->narrays++;
	}
}

static void page_main(struct ctx *c)
{
	page_doubts(c);
	page_answer(c);
	page_impaired(c);
	if (c->worst != HEALTH_OK || anything_broken(c->m)) {
		out_text(c->o, "<div class=\"two\">");
		page_broken(c);
		out_text(c->o, "<div>");
		page_plan(c);
		page_todo(c);
		out_text(c->o, "</div></div>\n");
	} else {
		page_assured(c);
	}
	out_text(c->o, "<div class=\"pictures\">");
	for (unsigned i = 0; i < c->narrays; i++)
		page_picture(c, c->order[i]);
	out_text(c->o, "</div>\n");
	out_text(c->o, "<div class=\"two\">");
	page_log(c);
	page_coming(c);
	out_text(c->o, "</div>\n");
	for (unsigned i = 0; i < c->narrays; i++)
		page_drives(c, c->order[i]);
}

void page_render(struct page *p, const struct page_input *in, struct out *o)
{
	struct ctx c = {
		.o = o, .b = &p->body, .page = p, .in = in, .v = in->view, .m = in->view->model};

	arrays_order(&c);
	c.worst = in->silent_ms ? HEALTH_UNKNOWN : view_worst(in->view);
	page_head(&c);
	out_text(o, "<main>\n");
	page_main(&c);
	out_text(o, "</main>\n");
	page_foot(&c);
}

void page_free(struct page *p)
{
	out_free(&p->body);
	*p = (struct page){};
}
