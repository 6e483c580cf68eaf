#include "web/page_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* The host's own drives stand in no shelf: they are drawn by what they are attached to, in this order. */
enum bus_kind {
	BUS_OF_NVME,
	BUS_OF_SATA,
	BUS_OF_SAS,
	BUS_OF_VIRTIO,
	BUS_OF_XEN,
	BUS_OF_MMC,
	BUS_OF_OTHER
};

/* clang-format off */
static const char *const bus_titles[] = {
	[BUS_OF_NVME] = "NVMe", [BUS_OF_SATA] = "SATA", [BUS_OF_SAS] = "SAS", [BUS_OF_VIRTIO] = "virtio",
	[BUS_OF_XEN] = "Xen", [BUS_OF_MMC] = "MMC", [BUS_OF_OTHER] = "Other",
};
static const enum bus_kind class_bus[CLASS_COUNT] = {
	[CLASS_NONE] = BUS_OF_OTHER, [CLASS_ATA_HDD] = BUS_OF_SATA, [CLASS_ATA_SSD] = BUS_OF_SATA,
	[CLASS_NVME] = BUS_OF_NVME, [CLASS_SCSI_HDD] = BUS_OF_SAS, [CLASS_SCSI_SSD] = BUS_OF_SAS,
};
/* Those that speak no protocol of drives have no class; their driver gives them their name: Linux
 * drivers/block/virtio_blk.c, drivers/block/xen-blkfront.c, drivers/mmc/core/block.c. */
static const struct {
	const char *prefix;
	enum bus_kind bus;
} named_buses[] = {
	{"/dev/vd", BUS_OF_VIRTIO}, {"/dev/xvd", BUS_OF_XEN}, {"/dev/mmcblk", BUS_OF_MMC},
};
/* clang-format on */

static enum bus_kind bus_of(const struct component_row *c)
{
	enum bus_kind bus = c->drive_class < CLASS_COUNT ? class_bus[c->drive_class] : BUS_OF_OTHER;

	for (size_t i = 0; bus == BUS_OF_OTHER && i < ARRAY_SIZE(named_buses); i++)
		if (!strncmp(c->dev, named_buses[i].prefix, strlen(named_buses[i].prefix)))
			bus = named_buses[i].bus;
	return bus;
}

static bool shelf_fits(const struct component_row *a, const struct component_row *b, bool local)
{
	if (a->enclosure[0] || b->enclosure[0] || !local)
		return !strcmp(a->enclosure, b->enclosure);
	return bus_of(a) == bus_of(b);
}

static int text_order(const char *a, const char *b)
{
	/* "Shelf 10" after "Shelf 2": strverscmp() treats runs of digits as numbers */
	return strverscmp(a, b);
}

static const struct model *sort_model;
static bool sort_local;

static int drive_compare(const void *a, const void *b)
{
	const struct component_row *x = component_at(sort_model, *(const uint32_t *)a);
	const struct component_row *y = component_at(sort_model, *(const uint32_t *)b);
	int r = text_order(x->enclosure, y->enclosure);

	if (!r && sort_local && !shelf_fits(x, y, true))
		r = bus_of(x) < bus_of(y) ? -1 : 1;
	if (!r && x->slot != y->slot)
		r = x->slot < y->slot ? -1 : 1;
	if (!r)
		r = text_order(x->dev, y->dev);
	return r ? r : text_order(x->name, y->name);
}

static const char *shelf_name(const struct component_row *first, bool local)
{
	if (first->enclosure[0])
		return first->enclosure;
	return local ? bus_titles[bus_of(first)] : "";
}

/* A bare number is not enough to go and look for. */
static void shelf_title(char title[NAME_MAX_LEN], const char *name)
{
	bool bare = name[0] && strspn(name, "0123456789") == strlen(name);

	format_text(title, NAME_MAX_LEN, "%s%s", bare ? "Enclosure " : "", name);
}

static void shelves_cut(struct rig *r, const struct model *m)
{
	for (unsigned i = 0; i < r->ndrives; i++) {
		const struct component_row *d = component_at(m, r->drives[i]);
		const struct component_row *last = i ? component_at(m, r->drives[i - 1]) : NULL;

		if (last && (shelf_fits(last, d, r->array->local) || r->nshelves == RIG_SHELVES)) {
			r->shelf[r->nshelves - 1].ndrives++;
			continue;
		}
		shelf_title(r->shelf[r->nshelves].title, shelf_name(d, r->array->local));
		copy_text(r->shelf[r->nshelves].name, NAME_MAX_LEN, d->enclosure);
		r->shelf[r->nshelves].drive = &r->drives[i];
		r->shelf[r->nshelves++].ndrives = 1;
	}
}

bool rig_gather(struct rig *r, const struct model *m, unsigned array)
{
	*r = (struct rig){.array = array_at(m, array), .index = array};
	r->drives = calloc(component_count(m) + 1, sizeof(*r->drives));
	if (!r->array || !r->drives)
		return false;
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (!c->used || c->array != array)
			continue;
		if (c->kind == KIND_DRIVE) {
			r->drives[r->ndrives++] = i;
			r->drives_ok += c->health == HEALTH_OK;
		} else if (c->kind == KIND_CANISTER && r->ncanisters < RIG_CANISTERS) {
			r->canister[r->ncanisters++] = i;
		} else if (c->kind == KIND_PATH) {
			r->npaths_all++;
			if (r->npaths < RIG_PATHS)
				r->path[r->npaths++] = i;
		}
	}
	sort_model = m;
	sort_local = r->array->local;
	qsort(r->drives, r->ndrives, sizeof(*r->drives), drive_compare);
	shelves_cut(r, m);
	return true;
}

void rig_free(struct rig *r)
{
	free(r->drives);
	*r = (struct rig){};
}

static double slowest_read(const struct model *m, const struct rig *r)
{
	double slowest = -1, v;

	for (unsigned i = 0; i < r->npaths; i++)
		if (model_fact_value(m, r->path[i], FACT_READ_MS, &v) &&
			component_at(m, r->path[i])->health != HEALTH_UNKNOWN)
			slowest = MAX_OF(slowest, v);
	return slowest;
}

static void draw_host(struct ctx *c, const struct rig *r)
{
	const struct self_row *self = self_at(c->m, 0);
	double read_ms = slowest_read(c->m, r);
	unsigned ok = 0;

	out_text(c->b, "<div class=\"hw host\"><b>");
	out_html_bytes(c->b, self ? self->host : "host", self ? strcspn(self->host, ".") : 4);
	out_text(c->b, "</b>");
	for (unsigned i = 0; i < r->npaths; i++)
		ok += component_at(c->m, r->path[i])->health == HEALTH_OK;
	if (r->npaths_all > RIG_WIRES) /* fewer are drawn each, with their ports here */
		out_format(c->b, "<small>%u of %u paths ok</small>", ok, r->npaths_all);
	if (read_ms >= 0) {
		out_text(c->b, "<small>reads in ");
		view_fact_value(FACT_READ_MS, read_ms, c->buf, sizeof(c->buf));
		out_html(c->b, c->buf);
		out_text(c->b, "</small>");
	}
	if (r->array->local)
		out_format(c->b, "<small>%u %s</small>", r->ndrives,
			plural(r->ndrives, "drive", "drives"));
	out_text(c->b, "</div>");
}

static void picture_small(struct ctx *c, const struct rig *r)
{
	const char *comma = "";

	if (r->array->local && !r->ncanisters && !r->npaths_all) {
		out_text(c->b, "no canister, no path: the host’s own drives");
		return;
	}
	if (r->npaths_all) {
		out_format(c->b, "%u %s", r->npaths_all, plural(r->npaths_all, "path", "paths"));
		comma = ", ";
	}
	if (r->ncanisters) {
		out_format(c->b, "%s%u %s", comma, r->ncanisters,
			plural(r->ncanisters, "canister", "canisters"));
		comma = ", ";
	}
	if (r->nshelves > 1) {
		out_format(c->b, "%s%u shelves", comma, r->nshelves);
		comma = ", ";
	}
	out_format(c->b, "%s%u %s", comma, r->ndrives, plural(r->ndrives, "drive", "drives"));
}

static void draw_key(struct ctx *c, bool first)
{
	if (first)
		out_text(c->b,
			"<p class=\"key\"><span><i class=\"o\"></i>ok</span><span><i class=\"w\">!</i>warning</span><span>"
			"<i class=\"x\">C</i>critical</span><span><i class=\"x\">✕</i>failed</span><span><i class=\"q\">?</i>"
			"unknown</span></p>");
	out_text(c->b,
		"<p class=\"tell\" aria-live=\"polite\">Point at a drive, tap it, or use the arrow keys.</p>");
}

static void draw_links(struct ctx *c, const struct rig *r, unsigned n)
{
	out_text(c->b,
		"<div class=\"wires s\"><svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
	for (unsigned i = 0; i < n; i++) {
		const struct component_row *can =
			i < r->ncanisters ? component_at(c->m, r->canister[i]) : NULL;
		bool lost = can && can->state != STATE_OK && can->state != STATE_DEGRADED;
		unsigned x = (i * 2 + 1) * 50 / n, from = can ? x : 47 + i * 6;

		out_format(c->b, "<path%s d=\"M%u 0C%u 80 %u 20 %u 100\"/>",
			lost ? " class=\"lost\"" : "", n > 1 ? from : 50, n > 1 ? from : 50, x, x);
	}
	out_text(c->b, "</svg></div>");
}

/* Everything in it is ok: two such pictures share a row. */
static bool rig_is_calm(const struct model *m, const struct rig *r)
{
	for (unsigned i = 0; i < r->ncanisters; i++)
		if (component_at(m, r->canister[i])->health != HEALTH_OK)
			return false;
	for (unsigned i = 0; i < r->npaths; i++)
		if (component_at(m, r->path[i])->health != HEALTH_OK)
			return false;
	return r->drives_ok == r->ndrives && r->nshelves <= 2;
}

void page_picture(struct ctx *c, unsigned array)
{
	struct rig r = {};
	char id[PAGE_ID], open[96];

	if (!rig_gather(&r, c->m, array)) {
		c->o->failed = true;
	} else if (r.ndrives || r.ncanisters || r.npaths) {
		section_begin(c);
		out_format(c->b, "<h2 id=\"h-pi%u\"><span>", array);
		out_html(c->b, r.array->name);
		out_format(c->b, ", drawn%s</span><small>",
			r.array->simulated ? " <span class=\"badge\">simulated</span>" : "");
		picture_small(c, &r);
		out_text(c->b, "</small></h2><figure class=\"rig\">");
		draw_host(c, &r);
		if (r.ncanisters) {
			draw_wires(c, &r);
			draw_canisters(c, &r);
		}
		if (r.ndrives) {
			draw_links(c, &r,
				r.ncanisters ? r.ncanisters : MAX_OF(MIN_OF(r.nshelves, 2u), 1u));
			draw_shelves(c, &r);
			draw_key(c, array == c->order[0]);
		}
		out_text(c->b, "</figure>");
		snprintf(id, sizeof(id), "picture-%u", array);
		snprintf(open, sizeof(open),
			"<section class=\"picture%s\" aria-labelledby=\"h-pi%u\"",
			rig_is_calm(c->m, &r) ? " calm" : "", array);
		section_end(c, id, open, "</section>\n");
	}
	rig_free(&r);
}
