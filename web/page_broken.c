#include "web/page_parts.h"

#include <stdlib.h>

enum { FINDINGS_SHOWN = 16 };

/* clang-format off */
static const struct {
	const char *symbol, *class, *word;
} severity_marks[SEV_COUNT] = {
	[SEV_NONE] = {"_info", "", "Note"}, [SEV_INFO] = {"_info", "", "Note"},
	[SEV_WARNING] = {"_warn", "warn-t", "Warning"}, [SEV_CRITICAL] = {"_crit", "crit-t", "Critical"},
};
/* clang-format on */

/* Loud before acknowledged, worse before better, newer before older. */
static int finding_compare(const void *a, const void *b)
{
	const struct finding_row *x = *(const struct finding_row *const *)a,
				 *y = *(const struct finding_row *const *)b;

	if (x->acked != y->acked)
		return x->acked ? 1 : -1;
	if (x->severity != y->severity)
		return x->severity < y->severity ? 1 : -1;
	if (x->since_wall_ms != y->since_wall_ms)
		return x->since_wall_ms < y->since_wall_ms ? 1 : -1;
	return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

static uint64_t evidence_limit_ms(
	const struct ctx *c, const struct finding_row *f, const struct evidence *e)
{
	const struct seen_row *look =
		f->component == NONE32 ? NULL : model_seen(c->m, f->component, e->source);
	const struct source_row *s = source_at(c->m, e->source);

	if (look && look->used && look->interval_ms)
		return stale_after_ms(look->interval_ms);
	return s && s->used ? stale_after_ms(s->interval_ms) : 0;
}

/* The value is as old as the last good look at it, when that look still stands behind it. */
static int64_t evidence_read(
	const struct ctx *c, const struct finding_row *f, const struct evidence *e)
{
	const struct seen_row *s =
		f->component == NONE32 ? NULL : model_seen(c->m, f->component, e->source);

	return s && s->used && s->read_ms ? boot_to_wall(c->v, s->read_ms) : e->at_wall_ms;
}

static const char *evidence_origin(const struct ctx *c, const struct evidence *e)
{
	const struct source_row *s = source_at(c->m, e->source);

	if (!s || !s->used)
		return "Ballast";
	if (s->type == SOURCE_DRIVES)
		return "drive";
	return s->plane == PLANE_INBAND ? "host" : "array";
}

static void say_evidence(struct ctx *c, const struct finding_row *f)
{
	if (!f->nevidence)
		return;
	out_text(c->b, "<table class=\"ev\"><caption class=\"vh\">Evidence</caption>");
	for (unsigned i = 0; i < f->nevidence && i < ARRAY_SIZE(f->evidence); i++) {
		const struct evidence *e = &f->evidence[i];

		out_text(c->b, "<tr><td>");
		if (e->fact == FACT_NONE)
			out_text(c->b, "state");
		else
			out_html(c->b, e->fact < FACT_LAST ? fact_info(e->fact)->label
							   : model_fact_name(c->m, e->fact));
		out_text(c->b, "<td>");
		view_evidence(c->v, e, c->buf, sizeof(c->buf));
		out_html(c->b, c->buf);
		out_format(c->b, "<td>%s, ", evidence_origin(c, e));
		say_age(c, evidence_read(c, f, e), " ago", evidence_limit_ms(c, f, e));
	}
	out_text(c->b, "</table>");
}

static void say_paragraph(struct ctx *c, const char *lead, const char *text)
{
	if (!text[0])
		return;
	out_text(c->b, "<p>");
	if (lead)
		out_format(c->b, "<b>%s</b> ", lead);
	out_html(c->b, text);
	out_text(c->b, "</p>");
}

static void say_finding(struct ctx *c, const struct finding_row *f)
{
	enum severity s = f->severity < SEV_COUNT ? f->severity : SEV_WARNING;
	const struct array_row *a = array_at(c->m, f->array);

	out_format(c->b, "<li class=\"f%s\" id=\"F-%u\">", f->acked ? " acked" : "", f->id);
	glyph(c->b, severity_marks[s].symbol, severity_marks[s].class, severity_marks[s].word);
	out_text(c->b, "<header><h3>");
	view_finding_title(c->v, f, c->buf, sizeof(c->buf));
	capital(c->b, c->buf);
	if (a && a->used && a->simulated)
		out_text(c->b, " <span class=\"badge\">simulated</span>");
	out_format(c->b, "</h3><span class=\"age\">F-%u, since ", f->id);
	say_clock(c, f->since_wall_ms);
	out_text(c->b, ", ");
	say_age(c, f->since_wall_ms, "", 0);
	out_text(c->b, "</span></header>");
	if (f->acked) {
		out_text(c->b, "<p class=\"age\">Acknowledged by ");
		out_html(c->b, f->acked_by);
		if (f->acked_until_wall_ms) {
			out_text(c->b, " until ");
			say_clock(c, f->acked_until_wall_ms);
		}
		out_text(c->b, ": ");
		out_html(c->b, f->acked_why);
		out_text(c->b, "</p>");
	}
	view_finding_meaning(c->v, f, c->buf, sizeof(c->buf));
	say_paragraph(c, NULL, c->buf);
	view_finding_action(c->v, f, c->buf, sizeof(c->buf));
	say_paragraph(c, "Do:", c->buf);
	say_evidence(c, f);
	out_text(c->b, "</li>");
}

static void say_folded(struct ctx *c)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < finding_count(c->m); i++) {
		const struct finding_row *f = finding_at(c->m, i);

		n += f->used && f->active && f->folded != NONE16;
	}
	if (!n)
		return;
	out_format(c->b,
		"<details id=\"fold\"><summary>%u %s folded into these</summary><p class=\"quiet\">",
		n, plural(n, "symptom", "symptoms"));
	for (uint32_t i = 0, k = 0; i < finding_count(c->m) && k < 40; i++) {
		const struct finding_row *f = finding_at(c->m, i);

		if (!f->used || !f->active || f->folded == NONE16)
			continue;
		out_text(c->b, k++ ? " · " : "");
		view_finding_title(c->v, f, c->buf, sizeof(c->buf));
		capital(c->b, c->buf);
	}
	out_text(c->b, "</p></details>");
}

static void say_counts(struct ctx *c, const struct finding_row **list, unsigned n)
{
	unsigned counts[SEV_COUNT] = {};
	bool any = false;

	for (unsigned i = 0; i < n; i++)
		counts[MIN_OF(list[i]->severity, SEV_COUNT - 1)]++;
	out_text(c->b, "<small>");
	for (unsigned s = SEV_COUNT - 1; s > SEV_NONE; s--) {
		if (!counts[s])
			continue;
		out_format(c->b, "%s%u %s", any ? ", " : "", counts[s],
			s == SEV_CRITICAL  ? "critical"
			: s == SEV_WARNING ? plural(counts[s], "warning", "warnings")
					   : plural(counts[s], "note", "notes"));
		any = true;
	}
	out_text(c->b, any ? "</small>" : "nothing any more</small>");
}

void page_broken(struct ctx *c)
{
	cleanup_(freep) const struct finding_row **list =
		calloc(finding_count(c->m) + 1, sizeof(const struct finding_row *));
	unsigned n = 0;

	if (!list) {
		c->o->failed = true;
		return;
	}
	for (uint32_t i = 0; i < finding_count(c->m); i++)
		if (finding_shown(finding_at(c->m, i)))
			list[n++] = finding_at(c->m, i);
	qsort(list, n, sizeof(const struct finding_row *), finding_compare);
	section_begin(c);
	out_text(c->b, "<h2 id=\"h-br\">What is broken");
	say_counts(c, list, n);
	out_text(c->b, "</h2><ol>");
	for (unsigned i = 0; i < n && i < FINDINGS_SHOWN; i++)
		say_finding(c, list[i]);
	out_text(c->b, "</ol>");
	if (n > FINDINGS_SHOWN) {
		out_format(c->b, "<p class=\"quiet\">%u more: ", n - FINDINGS_SHOWN);
		say_command(c, "ballastctl findings");
		out_text(c->b, " or <a href=\"/api/v1/findings\">all as JSON</a></p>");
	}
	say_folded(c);
	section_end(c, "broken", "<section aria-labelledby=\"h-br\"", "</section>");
}
