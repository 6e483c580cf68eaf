#include "web/page_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DRIVES_LISTED = 64, DRIVES_BAD_LISTED = 100 };

/* clang-format off */
static const char head[] =
"<table class=\"d\"><thead><tr><th>Slot<th>Health<th>Temperature<th>Reallocated<th title=\"errors the drive could not correct\">Errors<th class=\"r\">Worn"
"<th class=\"r\">Hours on<th>Model<th>Firmware<th>Serial<th class=\"r\">Read</thead><tbody>";
static const enum fact uncorrectable[] = {
	FACT_REPORTED_UNCORRECTABLE, FACT_MEDIA_ERRORS, FACT_READ_UNCORRECTED, FACT_WRITE_UNCORRECTED, FACT_VERIFY_UNCORRECTED,
};
/* clang-format on */

/* The last days as a line; only where they tell a story. A day that nobody looked breaks it. */
static void draw_days(struct ctx *c, uint32_t component, enum daily_kind kind)
{
	double days[DAILY_DAYS], low = INFINITY, high = -INFINITY;
	bool down = false;

	if (view_daily(c->v, component, kind, days) < 2 || !view_daily_story(kind, days))
		return;
	for (unsigned i = 0; i < DAILY_DAYS; i++) {
		low = fmin(low, days[i]);
		high = fmax(high, days[i]);
	}
	out_text(c->b, "<svg class=\"sp\" viewBox=\"0 0 56 14\" aria-hidden=\"true\"><path d=\"");
	for (unsigned i = 0; i < DAILY_DAYS; i++) {
		bool known = !isnan(days[i]);

		if (known)
			out_format(c->b, "%c%u %.0f", down ? 'L' : 'M', i * 8,
				13 - (days[i] - low) / (high - low) * 12);
		down = known;
	}
	out_text(c->b, "\"/></svg>");
}

static void cell_fact(struct ctx *c, uint32_t component, unsigned fact, const char *class)
{
	const struct fact_row *f = model_fact(c->m, component, fact);

	out_format(c->b, "<td%s", class);
	if (!f) {
		out_text(c->b, " data-v=\"-1\">–");
		return;
	}
	out_text(c->b, " data-v=\"");
	out_double(c->b, f->value);
	out_text(c->b, "\">");
	view_fact_value(fact, f->value, c->buf, sizeof(c->buf));
	out_html(c->b, c->buf);
	if (fact == FACT_TEMPERATURE)
		draw_days(c, component, DAILY_TEMPERATURE);
}

/* A counter with what it grew by since the drive was adopted: what it came with is not news. */
static void cell_grown(struct ctx *c, double value, double first)
{
	out_text(c->b, "<td data-v=\"");
	out_double(c->b, value);
	out_text(c->b, "\">");
	out_grouped(c->b, (uint64_t)MAX_OF(value, 0));
	if (value > first)
		out_format(c->b, " <small class=\"up\">+%.0f</small>", value - first);
}

static void cell_reallocated(struct ctx *c, uint32_t component)
{
	const struct fact_row *f = model_fact(c->m, component, FACT_REALLOCATED);

	if (!f)
		f = model_fact(c->m, component, FACT_GROWN_DEFECTS);
	if (!f) {
		out_text(c->b, "<td data-v=\"-1\">–");
		return;
	}
	cell_grown(c, f->value, f->first);
	draw_days(c, component, DAILY_REALLOCATED);
}

static void cell_uncorrectable(struct ctx *c, uint32_t component)
{
	double value = 0, first = 0;
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(uncorrectable); i++) {
		const struct fact_row *f = model_fact(c->m, component, uncorrectable[i]);

		if (!f)
			continue;
		known = true;
		value += f->value;
		first += f->first;
	}
	if (known)
		cell_grown(c, value, first);
	else
		out_text(c->b, "<td data-v=\"-1\">–");
}

static const struct finding_row *worst_finding(const struct model *m, uint32_t component)
{
	const struct finding_row *worst = NULL;

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->used && f->active && f->component == component &&
			(!worst || f->severity > worst->severity))
			worst = f;
	}
	return worst;
}

static void cell_health(struct ctx *c, const struct component_row *d)
{
	bool loud = d->health != HEALTH_OK;

	out_text(c->b, "<td>");
	if (loud)
		glyph(c->b,
			d->health == HEALTH_UNKNOWN   ? "_unk"
			: d->health == HEALTH_WARNING ? "_warn"
						      : "_crit",
			"", NULL);
	out_format(c->b, "%s%s", loud ? " " : "", health_word(d));
	if (d->flags & COMPONENT_ASLEEP)
		out_text(c->b, ", asleep");
	if (d->flags & COMPONENT_STUCK)
		out_text(c->b, ", stuck");
	else if (d->flags & COMPONENT_STALE)
		out_text(c->b, ", stale");
}

static void cell_read(struct ctx *c, uint32_t component)
{
	uint64_t read_ms = model_read_ms(c->m, component);
	const struct component_row *d = component_at(c->m, component);

	out_text(c->b, "<td class=\"r\">");
	if (read_ms)
		say_age(c, boot_to_wall(c->v, read_ms), " ago",
			d->flags & COMPONENT_ASLEEP ? 86400000
						    : component_limit_ms(c->m, component));
	else
		out_text(c->b, "never");
	out_text(c->b, "\n");
}

static void row_begin(struct ctx *c, uint32_t component)
{
	const struct component_row *d = component_at(c->m, component);
	const struct finding_row *f = worst_finding(c->m, component);

	out_format(c->b, "<tr id=\"d%u\"", component);
	if (d->health != HEALTH_OK)
		out_format(c->b, " class=\"%s\"", bay_class(d));
	if (f) {
		view_finding_title(c->v, f, c->buf, sizeof(c->buf));
		out_text(c->b, " data-note=\"");
		capital(c->b, c->buf);
		out_format(c->b, ", see F-%u.\"", f->id);
	}
	out_text(c->b, ">");
}

static void drive_row(struct ctx *c, uint32_t component, const char *shelf)
{
	const struct component_row *d = component_at(c->m, component);
	char label[NAME_MAX_LEN];

	drive_label(d, label, sizeof(label));
	row_begin(c, component);
	out_format(c->b, "<td data-v=\"%d\">", d->slot);
	if (shelf[0]) {
		out_html(c->b, shelf);
		out_text(c->b, " / ");
	}
	out_html(c->b, label);
	cell_health(c, d);
	cell_fact(c, component, FACT_TEMPERATURE, "");
	cell_reallocated(c, component);
	cell_uncorrectable(c, component);
	cell_fact(c, component, FACT_WEAR_PCT, " class=\"r\"");
	cell_fact(c, component, FACT_POWER_ON_HOURS, " class=\"r\"");
	out_text(c->b, "<td>");
	out_html(c->b, d->model);
	out_text(c->b, "<td>");
	out_html(c->b, d->firmware);
	out_text(c->b, "<td>");
	out_html(c->b, d->serial);
	cell_read(c, component);
}

static void shelf_row(struct ctx *c, const struct shelf *s)
{
	double low = INFINITY, high = -INFINITY, moved = 0;
	uint64_t oldest = 0;
	unsigned ok = 0;

	for (unsigned i = 0; i < s->ndrives; i++) {
		uint64_t read_ms = model_read_ms(c->m, s->drive[i]);
		double v;

		ok += component_at(c->m, s->drive[i])->health == HEALTH_OK;
		if (model_fact_value(c->m, s->drive[i], FACT_TEMPERATURE, &v)) {
			low = MIN_OF(low, v);
			high = MAX_OF(high, v);
		}
		if (model_fact_value(c->m, s->drive[i], FACT_REALLOCATED, &v) ||
			model_fact_value(c->m, s->drive[i], FACT_GROWN_DEFECTS, &v))
			moved += v;
		if (read_ms && (!oldest || read_ms < oldest))
			oldest = read_ms;
	}
	out_format(c->b, "<tr%s><td>", ok < s->ndrives ? " class=\"warn\"" : "");
	out_html(c->b, s->title[0] ? s->title : "drives");
	out_format(c->b, "<td>%u of %u ok<td>", ok, s->ndrives);
	if (low <= high)
		out_format(c->b, "%.0f to %.0f °C", low, high);
	else
		out_text(c->b, "–");
	out_format(c->b, "<td data-v=\"%.0f\">%.0f<td class=\"r\">", moved, moved);
	if (oldest)
		say_age(c, boot_to_wall(c->v, oldest), " ago",
			s->ndrives ? component_limit_ms(c->m, s->drive[0]) : 0);
	else
		out_text(c->b, "never");
	out_text(c->b, "\n");
}

static void shelves_table(struct ctx *c, const struct rig *r)
{
	out_text(c->b,
		"<h3 class=\"sub\">Shelves</h3><table class=\"d\"><thead><tr><th>Shelf<th>Health<th>Temperature"
		"<th>Reallocated<th class=\"r\">Oldest reading</thead><tbody>");
	for (unsigned i = 0; i < r->nshelves; i++)
		shelf_row(c, &r->shelf[i]);
	out_text(c->b, "</tbody></table>");
}

/* What is not ok first, then as they stand in the shelves. */
static unsigned rows(struct ctx *c, const struct rig *r, bool bad, unsigned max)
{
	unsigned n = 0;

	for (unsigned s = 0; s < r->nshelves; s++)
		for (unsigned i = 0; i < r->shelf[s].ndrives && n < max; i++) {
			uint32_t d = r->shelf[s].drive[i];

			if ((component_at(c->m, d)->health != HEALTH_OK) != bad)
				continue;
			drive_row(
				c, d, r->nshelves > 1 && !r->array->local ? r->shelf[s].title : "");
			n++;
		}
	return n;
}

static void drives_small(struct ctx *c, const struct rig *r)
{
	unsigned bad = r->ndrives - r->drives_ok;

	if (r->ndrives > DRIVES_LISTED) {
		out_format(c->b,
			"%u of %u need attention; <a href=\"/api/v1/components?array=", bad,
			r->ndrives);
		out_html(c->b, r->array->name);
		out_format(c->b, "&amp;kind=drive\">all %u</a>", r->ndrives);
	} else if (bad) {
		out_format(c->b, "%u of %u %s attention, first", bad, r->ndrives,
			plural(bad, "needs", "need"));
	} else {
		out_format(c->b, "%u, all ok", r->ndrives);
	}
}

void page_drives(struct ctx *c, unsigned array)
{
	struct rig r = {};
	char id[PAGE_ID], open[96];

	if (!rig_gather(&r, c->m, array)) {
		c->o->failed = true;
	} else if (r.ndrives) {
		section_begin(c);
		out_format(c->b, "<h2 id=\"h-dr%u\">Drives of ", array);
		out_html(c->b, r.array->name);
		out_text(c->b, "<small>");
		drives_small(c, &r);
		out_format(c->b,
			"</small></h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-dr%u\">",
			array);
		if (r.ndrives <= DRIVES_LISTED || r.drives_ok < r.ndrives) {
			out_text(c->b, head);
			rows(c, &r, true,
				r.ndrives > DRIVES_LISTED ? DRIVES_BAD_LISTED : DRIVES_LISTED);
			if (r.ndrives <= DRIVES_LISTED)
				rows(c, &r, false, DRIVES_LISTED);
			out_text(c->b, "</tbody></table>");
		}
		if (r.ndrives > DRIVES_LISTED)
			shelves_table(c, &r);
		out_text(c->b, "</div>");
		snprintf(id, sizeof(id), "drives-%u", array);
		snprintf(open, sizeof(open), "<section class=\"drives\" aria-labelledby=\"h-dr%u\"",
			array);
		section_end(c, id, open, "</section>\n");
	}
	rig_free(&r);
}
