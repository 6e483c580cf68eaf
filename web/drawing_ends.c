/* Power, cooling and what else a shelf has at its ends. */
#include "web/page_parts.h"

#include <math.h>

static bool is_end(const struct component_row *p, const struct rig *r)
{
	return p->used && p->array == r->index &&
	       (p->kind == KIND_PSU || p->kind == KIND_FAN || p->kind == KIND_BATTERY ||
		       p->kind == KIND_EXPANDER || p->kind == KIND_SENSOR);
}

/* Which shelf it is in: index, or nshelves when it is in none that is drawn. */
static unsigned end_shelf(const struct component_row *p, const struct rig *r)
{
	unsigned i = 0;

	if (!p->enclosure[0])
		return r->nshelves > 1 ? r->nshelves : 0;
	while (i < r->nshelves && strcmp(p->enclosure, r->shelf[i].name) != 0)
		i++;
	return i;
}

static void say_bad_end(struct ctx *c, uint32_t component, bool where)
{
	const struct component_row *p = component_at(c->m, component);

	view_component_name(c->m, component, c->buf, sizeof(c->buf));
	out_text(c->b, "<span class=\"badend\">");
	out_html(c->b, c->buf);
	if (where && p->enclosure[0]) {
		out_text(c->b, " of ");
		out_html(c->b, p->enclosure);
	}
	out_format(c->b, " %s</span>", health_word(p));
}

void draw_bad_ends(struct ctx *c, const struct rig *r, unsigned at)
{
	unsigned told = 0;

	for (uint32_t i = 0; i < component_count(c->m); i++) {
		const struct component_row *p = component_at(c->m, i);

		if (!is_end(p, r) || p->health == HEALTH_OK || end_shelf(p, r) != at)
			continue;
		if (!told++)
			out_text(c->b, at < r->nshelves
					       ? "<p class=\"ends\">"
					       : "<div class=\"hw shelf\"><p class=\"ends\">");
		say_bad_end(c, i, at == r->nshelves);
	}
	if (told)
		out_text(c->b, at < r->nshelves ? "</p>" : "</p></div>");
}

void draw_ends(struct ctx *c, const struct rig *r, unsigned at)
{
	const struct shelf *s = &r->shelf[at];
	unsigned ok[KIND_COUNT] = {};
	double v, warmest = -INFINITY;

	out_text(c->b, "<p class=\"ends\"><b>");
	out_html(c->b, s->title[0] ? s->title : "Drives");
	out_text(c->b, "</b>");
	for (uint32_t i = 0; i < component_count(c->m); i++) {
		const struct component_row *p = component_at(c->m, i);

		if (!is_end(p, r) || end_shelf(p, r) != at)
			continue;
		if (p->health != HEALTH_OK)
			say_bad_end(c, i, false);
		else
			ok[p->kind]++;
		if (p->kind == KIND_SENSOR && p->health == HEALTH_OK &&
			model_fact_value(c->m, i, FACT_TEMPERATURE, &v))
			warmest = fmax(warmest, v);
	}
	if (warmest > -INFINITY) {
		c->b->fleeting++; /* a degree more is no news */
		out_format(c->b, "<span data-fresh>%.0f °C</span>", warmest);
		c->b->fleeting--;
	}
	if (ok[KIND_PSU])
		out_format(c->b, "<span>%u PSU ok</span>", ok[KIND_PSU]);
	if (ok[KIND_FAN])
		out_format(c->b, "<span>%u %s ok</span>", ok[KIND_FAN],
			plural(ok[KIND_FAN], "fan", "fans"));
	out_text(c->b, "</p>");
}
