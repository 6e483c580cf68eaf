#include "web/page_parts.h"

#include <ctype.h>
#include <stdio.h>

enum { PORTS = 8 };

struct wire {
	uint32_t component;
	unsigned from; /* index into ports */
	int canister;  /* index into the rig's canisters, -1 unknown */
	char port[24];
};

static bool name_ends_with(const char *name, const char *tail)
{
	size_t n = strlen(name), t = strlen(tail);

	return t && n > t && !strcmp(name + n - t, tail) &&
	       !isalnum((unsigned char)name[n - t - 1]);
}

/* Where a path ends: the canister it is reached through, else the one its name ends with. */
static int wire_canister(const struct model *m, const struct rig *r, uint32_t path)
{
	const char *name = component_at(m, path)->name;

	for (uint32_t v = 0; v < via_count(m); v++)
		for (unsigned i = 0; i < r->ncanisters; i++)
			if (via_at(m, v)->used && via_at(m, v)->component == path &&
				via_at(m, v)->via == r->canister[i])
				return (int)i;
	for (unsigned i = 0; i < r->ncanisters; i++)
		if (name_ends_with(name, component_at(m, r->canister[i])->name))
			return (int)i;
	return -1;
}

static unsigned wires_gather(
	const struct ctx *c, const struct rig *r, struct wire *w, char ports[PORTS][24])
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->npaths; i++) {
		const char *name = component_at(c->m, r->path[i])->name;
		int canister = wire_canister(c->m, r, r->path[i]);
		size_t len = strlen(name);

		w[i] = (struct wire){.component = r->path[i], .canister = canister};
		if (canister >= 0 &&
			name_ends_with(name, component_at(c->m, r->canister[canister])->name))
			len -= strlen(component_at(c->m, r->canister[canister])->name) + 1;
		while (len && !isalnum((unsigned char)name[len - 1])) /* "host0->A" is port host0 */
			len--;
		format_text(w[i].port, sizeof(w[i].port), "%.*s", (int)MIN_OF(len, 23u), name);
		while (w[i].from < n && strcmp(ports[w[i].from], w[i].port))
			w[i].from++;
		if (w[i].from == n && n < PORTS)
			memcpy(ports[n++], w[i].port, sizeof(w[i].port));
		w[i].from = MIN_OF(w[i].from, PORTS - 1u);
	}
	return n;
}

/* clang-format off */
static const struct {
	const char *line, *text, *symbol;
} wire_marks[HEALTH_COUNT] = {
	[HEALTH_UNKNOWN] = {"dark", "unk-t", "_unk"}, [HEALTH_OK] = {"", "ok-t", "_ok"},
	[HEALTH_WARNING] = {"shaky", "warn-t", "_warn"}, [HEALTH_CRITICAL] = {"shaky", "crit-t", "_crit"},
	[HEALTH_FAILED] = {"lost", "crit-t", "_x"}, [HEALTH_ABSENT] = {"lost", "crit-t", "_x"},
};
/* clang-format on */

static enum health wire_health(const struct component_row *p)
{
	return p->health < HEALTH_COUNT ? p->health : HEALTH_UNKNOWN;
}

static void wire_words(struct ctx *c, const struct wire *w, char *buf, size_t size)
{
	const struct component_row *p = component_at(c->m, w->component);
	double v;

	if (p->health == HEALTH_OK)
		copy_text(buf, size, "");
	else if (p->health == HEALTH_FAILED || p->health == HEALTH_ABSENT)
		copy_text(buf, size, "lost");
	else if (p->health == HEALTH_UNKNOWN)
		copy_text(buf, size, "unknown");
	else if (model_fact_value(c->m, w->component, FACT_RESETS, &v) && v > 0)
		format_text(buf, size, "%.0f resets", v);
	else if (model_fact_value(c->m, w->component, FACT_PATH_ERRORS, &v) && v > 0)
		format_text(buf, size, "%.0f errors", v);
	else
		copy_text(buf, size, "unsteady");
}

static double port_x(unsigned i, unsigned n)
{
	return n < 2 ? 50 : 50 + ((double)i - (double)(n - 1) / 2) * (n > 4 ? 7 : 13);
}

/* Where the wires of one canister end, spread over 14 % of the width. */
static double canister_x(const struct rig *r, unsigned i, unsigned k, unsigned n)
{
	double middle = ((double)i * 2 + 1) * 50 / r->ncanisters;

	return n < 2 ? middle : middle + ((double)k / (n - 1) - .5) * 14;
}

/* A point of the cubic M x0 0 C x0 60 x1 40 x1 100. */
static void wire_point(double x0, double x1, double t, double *ret_x, double *ret_y)
{
	double u = 1 - t;

	*ret_x = u * u * u * x0 + 3 * u * u * t * x0 + 3 * u * t * t * x1 + t * t * t * x1;
	*ret_y = 3 * u * u * t * 60 + 3 * u * t * t * 40 + t * t * t * 100;
}

static void draw_tag(struct ctx *c, enum health h, const char *words, double x, double y)
{
	out_format(c->b, "<span class=\"tag %s\" style=\"left:%.1f%%;top:%.1f%%\">",
		wire_marks[h].text, x, y);
	glyph(c->b, wire_marks[h].symbol, "", NULL);
	if (h == HEALTH_FAILED && !strcmp(words, "lost")) /* the cross says it where there is no room */
		out_text(c->b, "<em>lost</em>");
	else
		out_html(c->b, words);
	out_text(c->b, "</span>");
}

static void draw_each(struct ctx *c, const struct rig *r, const struct wire *w, unsigned nports)
{
	unsigned of_canister[RIG_CANISTERS] = {}, at[RIG_CANISTERS] = {};
	double x0[RIG_WIRES], x1[RIG_WIRES];

	for (unsigned i = 0; i < r->npaths; i++)
		if (w[i].canister >= 0)
			of_canister[w[i].canister]++;
	out_text(c->b,
		"<svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
	for (unsigned i = 0; i < r->npaths; i++) {
		const char *line = wire_marks[wire_health(component_at(c->m, w[i].component))].line;
		int k = w[i].canister;

		x0[i] = port_x(w[i].from, nports) +
			(k >= 0 ? ((double)k - (double)(r->ncanisters - 1) / 2) * 2 : 0);
		x1[i] = k >= 0 ? canister_x(r, (unsigned)k, at[k]++, of_canister[k]) : 50;
		out_format(c->b, "<path%s%s%s d=\"M%.1f 0C%.1f 60 %.1f 40 %.1f 100\"/>",
			line[0] ? " class=\"" : "", line, line[0] ? "\"" : "", x0[i], x0[i], x1[i],
			x1[i]);
	}
	out_text(c->b, "</svg>");
	for (unsigned i = 0; i < r->npaths; i++) {
		enum health h = wire_health(component_at(c->m, w[i].component));
		double x, y;
		char words[32];

		if (r->npaths > 4 && h == HEALTH_OK)
			continue;
		wire_point(x0[i], x1[i], i % 2 ? .52 : .68, &x, &y);
		wire_words(c, &w[i], words, sizeof(words));
		draw_tag(c, h, words, x, y);
	}
}

/* Above 8 paths: one wire per canister with how many of them are ok. */
static void draw_bundles(struct ctx *c, const struct rig *r, const struct wire *w)
{
	unsigned ok[RIG_CANISTERS] = {}, all[RIG_CANISTERS] = {};

	for (unsigned i = 0; i < r->npaths; i++)
		if (w[i].canister >= 0) {
			all[w[i].canister]++;
			ok[w[i].canister] +=
				component_at(c->m, w[i].component)->health == HEALTH_OK;
		}
	out_text(c->b,
		"<svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
	for (unsigned i = 0; i < r->ncanisters; i++) {
		double x = canister_x(r, i, 0, 1);

		out_format(c->b, "<path%s d=\"M50 0C50 60 %.1f 40 %.1f 100\"/>",
			!ok[i]           ? " class=\"lost\""
			: ok[i] < all[i] ? " class=\"shaky\""
					 : "",
			x, x);
	}
	out_text(c->b, "</svg>");
	for (unsigned i = 0; i < r->ncanisters; i++) {
		double x, y;
		char words[32];

		snprintf(words, sizeof(words), "%u of %u", ok[i], all[i]);
		wire_point(50, canister_x(r, i, 0, 1), .6, &x, &y);
		draw_tag(c,
			ok[i] == all[i] ? HEALTH_OK
			: ok[i]         ? HEALTH_WARNING
					: HEALTH_FAILED,
			words, x, y);
	}
}

/* The same for who cannot see it. */
static void tell_wires(struct ctx *c, const struct rig *r, const struct wire *w)
{
	out_text(c->b, "<ul class=\"vh\">");
	for (unsigned i = 0; i < r->npaths; i++) {
		const struct component_row *p = component_at(c->m, w[i].component);
		char words[32];

		wire_words(c, &w[i], words, sizeof(words));
		out_text(c->b, "<li>Path ");
		out_html(c->b, p->name);
		out_format(c->b, ": %s", words[0] ? words : "ok");
	}
	out_text(c->b, "</ul>");
}

void draw_wires(struct ctx *c, const struct rig *r)
{
	struct wire wire[RIG_PATHS];
	char ports[PORTS][24];
	unsigned nports = wires_gather(c, r, wire, ports);

	if (!r->npaths) {
		out_text(c->b, "<p class=\"nopath\">how the host reaches it is not watched</p>");
		return;
	}
	out_text(c->b, "<div class=\"wires\">");
	for (unsigned i = 0; r->npaths <= RIG_WIRES && i < nports; i++) {
		out_format(c->b, "<span class=\"port\" style=\"left:%.1f%%\">", port_x(i, nports));
		out_html(c->b, ports[i]);
		out_text(c->b, "</span>");
	}
	if (r->npaths <= RIG_WIRES)
		draw_each(c, r, wire, nports);
	else
		draw_bundles(c, r, wire);
	out_text(c->b, "</div>");
	tell_wires(c, r, wire);
}
