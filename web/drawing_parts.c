#include "web/page_parts.h"

#include <ctype.h>
#include <stdio.h>

enum { MAP_RANGE = 256 };

/* clang-format off */
static const struct {
	const char *class, *word, *symbol;
} canister_marks[STATE_COUNT] = {
	[STATE_UNKNOWN] = {" dark", "unknown", "_unk"}, [STATE_OK] = {"", "ok", "_ok"},
	[STATE_DEGRADED] = {" degraded", "degraded", "_crit"}, [STATE_SERVICE] = {" service", "out of service", "_crit"},
	[STATE_FAILED] = {" service", "failed", "_x"}, [STATE_ABSENT] = {" service", "gone", "_x"},
	[STATE_TRANSITION] = {" service", "changing state", "_run"}, [STATE_UNREACHABLE] = {" dark", "no answer", "_unk"},
};
static const struct {
	const char *bay, *map, *mark;
} drive_marks[HEALTH_COUNT] = {
	[HEALTH_UNKNOWN]  = {"unk", "u", "M4 4a2.6 2.6 0 115 0c0 2-2.5 2-2.5 3.6M6.5 10v.1"},
	[HEALTH_OK]       = {"", "", ""},
	[HEALTH_WARNING]  = {"warn", "w", "M6.5 2.5v4.5M6.5 10.3v.1"},
	[HEALTH_CRITICAL] = {"crit", "x", "M9 4a3.4 3.4 0 100 5"},
	[HEALTH_FAILED]   = {"failed", "x", "M3.5 3.5l6 6M9.5 3.5l-6 6"},
	[HEALTH_ABSENT]   = {"absent", "a", ""},
};
/* clang-format on */

static enum health known_health(const struct component_row *c)
{
	return c->health < HEALTH_COUNT ? c->health : HEALTH_UNKNOWN;
}

const char *bay_class(const struct component_row *c)
{
	return drive_marks[known_health(c)].bay;
}

const char *health_word(const struct component_row *c)
{
	return health_text(known_health(c));
}

void drive_label(const struct component_row *c, char *buf, size_t size)
{
	const char *dev = !strncmp(c->dev, "/dev/", 5) ? c->dev + 5 : c->dev;

	if (c->slot >= 0)
		format_text(buf, size, "%d", c->slot);
	else
		copy_text(buf, size, dev[0] ? dev : c->serial[0] ? c->serial : c->name);
}

static void say_fact_item(
	struct ctx *c, uint32_t component, unsigned fact, const char *before, bool *first)
{
	double v;

	if (!model_fact_value(c->m, component, fact, &v))
		return;
	out_text(c->b, *first ? "<li class=\"x\">" : ", ");
	*first = false;
	out_text(c->b, before);
	view_fact_value(fact, v, c->buf, sizeof(c->buf));
	c->b->fleeting++; /* a degree more is no news */
	out_format(c->b, "<span data-fresh>");
	out_html(c->b, c->buf);
	out_text(c->b, "</span>");
	c->b->fleeting--;
}

static void canister_items(struct ctx *c, uint32_t component)
{
	const struct component_row *r = component_at(c->m, component);
	uint64_t read_ms = model_read_ms(c->m, component);
	bool first = true;
	double v;

	if (r->firmware[0]) {
		out_text(c->b, "<li>code ");
		out_html(c->b, r->firmware);
	}
	if (r->booted_wall_ms) {
		out_text(c->b, "<li>up ");
		say_age(c, r->booted_wall_ms, "", 0);
	}
	if (model_fact_value(c->m, component, FACT_ERROR_CODE, &v) && v != 0)
		out_format(c->b, "<li>error %.0f", v);
	if (r->state != STATE_OK && (r->message[0] || r->raw[0])) {
		out_text(c->b, "<li class=\"x\">says: ");
		out_html(c->b, r->message[0] ? r->message : r->raw);
	}
	say_fact_item(c, component, FACT_TEMPERATURE, "", &first);
	say_fact_item(c, component, FACT_BATTERY_PCT, "battery ", &first);
	out_text(c->b, "<li>read ");
	if (read_ms)
		say_age(c, boot_to_wall(c->v, read_ms), " ago",
			component_limit_ms(c->m, component));
	else
		out_text(c->b, "never");
}

void draw_canisters(struct ctx *c, const struct rig *r)
{
	out_format(c->b, "<div class=\"cans n%u\">", r->ncanisters);
	for (unsigned i = 0; i < r->ncanisters; i++) {
		const struct component_row *can = component_at(c->m, r->canister[i]);
		unsigned s = can->state < STATE_COUNT ? can->state : STATE_UNKNOWN;

		out_format(c->b, "<div class=\"hw can%s\"><span class=\"id%s\">",
			canister_marks[s].class, strlen(can->name) > 3 ? " long" : "");
		out_html(c->b, can->name);
		out_text(c->b, "</span><div><b>");
		glyph(c->b, canister_marks[s].symbol, "", NULL);
		out_format(c->b, "%s</b><ul>", canister_marks[s].word);
		canister_items(c, r->canister[i]);
		out_text(c->b, "</ul></div></div>");
	}
	out_text(c->b, "</div>");
}

static void draw_bay(struct ctx *c, uint32_t drive)
{
	const struct component_row *d = component_at(c->m, drive);
	const char *class = bay_class(d);
	char label[NAME_MAX_LEN];

	drive_label(d, label, sizeof(label));
	out_format(c->b, "<a class=\"bay%s%s%s%s\" href=\"#d%u\" aria-label=\"",
		class[0] ? " " : "", class, d->drive_class == CLASS_NVME ? " nv" : "",
		d->flags & COMPONENT_ASLEEP ? " zz" : "", drive);
	out_html(c->b, label);
	out_format(c->b, " %s%s\">", health_word(d), d->flags & COMPONENT_ASLEEP ? ", asleep" : "");
	out_html(c->b, label);
	out_text(c->b, "</a>");
}

static void draw_bays(struct ctx *c, const struct shelf *s)
{
	out_format(c->b,
		"<div class=\"bays%s\" style=\"--n:%u\" role=\"group\" aria-label=\"%u drive %s; arrow keys move\">",
		s->ndrives > 12  ? " w24"
		: s->ndrives > 6 ? " w12"
				 : "",
		MAX_OF(s->ndrives, 2u), s->ndrives, plural(s->ndrives, "bay", "bays"));
	for (unsigned i = 0; i < s->ndrives; i++)
		draw_bay(c, s->drive[i]);
	out_text(c->b, "</div>");
}

/* A shelf too full for links: rows of ok bays are dash patterns, what is not ok is drawn over them. */
struct map {
	const struct shelf *shelf;
	unsigned cols, places, base, nbad;
	uint32_t at[MAP_RANGE]; /* component by place, NONE32: an empty bay */
};

static void map_lay(struct map *p, const struct model *m, const struct shelf *s)
{
	int low = INT16_MAX, high = -1;

	*p = (struct map){.shelf = s};
	memset(p->at, 0xff, sizeof(p->at));
	for (unsigned i = 0; i < s->ndrives; i++) {
		low = MIN_OF(low, component_at(m, s->drive[i])->slot);
		high = MAX_OF(high, component_at(m, s->drive[i])->slot);
	}
	p->places = (unsigned)MAX_OF(high - low + 1, 0);
	if (low < 0 || p->places > 2 * s->ndrives || p->places > MAP_RANGE ||
		p->places < s->ndrives)
		low = -1; /* slots do not tell the place: in order then */
	p->base = low >= 0 ? (unsigned)low : 1;
	p->places = low >= 0 ? p->places : MIN_OF(s->ndrives, (unsigned)MAP_RANGE);
	p->cols = MIN_OF(MAX_OF((p->places + 3) / 4, 8u), 32u);
	for (unsigned i = 0; i < s->ndrives && i < p->places; i++)
		p->at[low >= 0 ? (unsigned)(component_at(m, s->drive[i])->slot - low) : i] =
			s->drive[i];
}

static bool map_ok(const struct map *p, const struct model *m, unsigned place)
{
	return place < p->places && p->at[place] != NONE32 &&
	       component_at(m, p->at[place])->health == HEALTH_OK;
}

static void map_rows(struct ctx *c, const struct map *p)
{
	out_text(c->b, "<path class=\"r\" d=\"");
	for (unsigned i = 0; i < p->places;) {
		unsigned row = i / p->cols, from = i, n = 0;

		while (i < p->places && i / p->cols == row && map_ok(p, c->m, i)) {
			i++;
			n++;
		}
		if (n)
			out_format(
				c->b, "M%u %uh%u", from % p->cols * 10, row * 10 + 5, n * 10 - 2);
		else
			i++;
	}
	out_text(c->b, "\"/>");
}

static void map_bad(struct ctx *c, const struct map *p)
{
	for (unsigned i = 0; i < p->places; i++) {
		unsigned x = i % p->cols * 10, y = i / p->cols * 10;
		enum health h;

		if (p->at[i] == NONE32 || map_ok(p, c->m, i))
			continue;
		h = known_health(component_at(c->m, p->at[i]));
		out_format(c->b,
			"<g transform=\"translate(%d %d)\"><rect class=\"rim\" x=\"-1.5\" y=\"-1.5\" width=\"16\" "
			"height=\"16\"/><rect class=\"%s\" width=\"13\" height=\"13\"/><path class=\"m\" d=\"%s\"/></g>",
			(int)x - 2, (int)y - 1, drive_marks[h].map, drive_marks[h].mark);
	}
}

static unsigned shelf_bad(
	const struct model *m, const struct shelf *s, const struct component_row **ret_worst)
{
	static const uint8_t rank[HEALTH_COUNT] = {[HEALTH_UNKNOWN] = 2,
		[HEALTH_WARNING] = 1,
		[HEALTH_CRITICAL] = 3,
		[HEALTH_FAILED] = 5,
		[HEALTH_ABSENT] = 4};
	unsigned bad = 0;

	*ret_worst = NULL;
	for (unsigned i = 0; i < s->ndrives; i++) {
		const struct component_row *d = component_at(m, s->drive[i]);

		if (d->health == HEALTH_OK)
			continue;
		bad++;
		if (!*ret_worst || rank[known_health(d)] > rank[known_health(*ret_worst)])
			*ret_worst = d;
	}
	return bad;
}

static void map_head(
	struct ctx *c, const struct map *p, unsigned bad, const struct component_row *worst)
{
	const struct shelf *s = p->shelf;
	char label[NAME_MAX_LEN];

	out_format(c->b, "<div class=\"hw%s\"><p>",
		!worst                                  ? ""
		: known_health(worst) == HEALTH_WARNING ? " iffy"
		: known_health(worst) == HEALTH_UNKNOWN ? " unsure"
							: " bad");
	out_html(c->b, s->title[0] ? s->title : "Drives");
	out_text(c->b, "<span>");
	if (bad == 1) {
		drive_label(worst, label, sizeof(label));
		out_text(c->b, worst->slot >= 0 ? "slot " : "");
		out_html(c->b, label);
		out_format(c->b, " %s", health_word(worst));
	} else if (bad) {
		out_format(c->b, "%u not ok", bad);
	} else {
		out_format(c->b, "%u ok", s->ndrives);
	}
	out_text(c->b, "</span></p>");
}

static void draw_map(struct ctx *c, const struct rig *r, unsigned at)
{
	const struct shelf *s = &r->shelf[at];
	const struct component_row *worst;
	unsigned bad = shelf_bad(c->m, s, &worst), n = 0;
	struct map p;

	map_lay(&p, c->m, s);
	map_head(c, &p, bad, worst);
	out_format(c->b,
		"<svg class=\"map\" viewBox=\"0 0 %u %u\" tabindex=\"0\" role=\"img\" aria-label=\"",
		p.cols * 10 - 2, (p.places + p.cols - 1) / p.cols * 10);
	out_html(c->b, s->title);
	out_format(c->b, ": %u drives, %u ok; arrow keys move\" data-shelf=\"", s->ndrives,
		s->ndrives - bad);
	out_html(c->b, s->title);
	out_format(c->b, "\" data-cols=\"%u\" data-n=\"%u\" data-base=\"%u\" data-rows=\"", p.cols,
		p.places, p.base);
	for (unsigned i = 0; i < p.places; i++)
		if (p.at[i] != NONE32 && !map_ok(&p, c->m, i))
			out_format(c->b, "%s%u:d%u", n++ ? "," : "", i, p.at[i]);
	out_text(c->b, "\">");
	map_rows(c, &p);
	map_bad(c, &p);
	out_text(c->b, "</svg>");
	draw_bad_ends(c, r, at);
	out_text(c->b, "</div>");
}

void draw_shelves(struct ctx *c, const struct rig *r)
{
	bool maps = false;

	for (unsigned i = 0; i < r->nshelves; i++)
		maps |= r->shelf[i].ndrives > RIG_BAYS;
	if (maps)
		out_text(c->b, "<div class=\"shelves\">");
	else if (r->array->local && r->nshelves == 2)
		out_text(c->b, "<div class=\"cans n2\">");
	for (unsigned i = 0; i < r->nshelves; i++) {
		if (maps) {
			draw_map(c, r, i);
			continue;
		}
		out_text(c->b, "<div class=\"hw shelf\">");
		draw_ends(c, r, i);
		draw_bays(c, &r->shelf[i]);
		out_text(c->b, "</div>");
	}
	if (maps || (r->array->local && r->nshelves == 2))
		out_text(c->b, "</div>");
	draw_bad_ends(c, r, r->nshelves);
}
