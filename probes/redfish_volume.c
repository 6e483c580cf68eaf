/*
 * Volumes with a RAID type of their own, as pools of drives: DMTF DSP0268, Volume (RAIDType, Links.Drives, Operations).
 * What is carved out of a pool has none and is not told. A service may leave a drive that is gone out of the links.
 * Storage pools: SNIA Swordfish, StoragePool (CapacitySources, SupportedRAIDTypes, RecoverableCapacitySourceCount).
 */
#include "probes/redfish_parts.h"

#include "probes/layout.h"

#include <errno.h>
#include <strings.h>

/* clang-format off */
/* What each can lose for certain, whatever the number of drives: of a pool it is what stands in it that has the type. */
static const struct { const char *type; uint8_t parity; } types[] = {
	{"RAID0", 0}, {"RAID00", 0}, {"RAID1", 1}, {"RAID1E", 1}, {"RAID1Triple", 2}, {"RAID3", 1}, {"RAID4", 1},
	{"RAID5", 1}, {"RAID6", 2}, {"RAID6TP", 3}, {"RAID10", 1}, {"RAID10E", 1}, {"RAID10Triple", 2}, {"RAID01", 1},
	{"RAID50", 1}, {"RAID60", 2},
};
/* The names of an operation are free; these say that something is being filled again. */
static const char *const rebuilds[] = {"rebuild", "reconstruct"};
/* clang-format on */

/* ".../Storage/RAID.1/Volumes/Disk.0": "RAID.1.Disk.0", since the last part alone may be "1" in each of them. */
static void name_by(struct reading *r, const char *path, const char *collection)
{
	const char *end = strstr(path, collection), *storage = end;
	char whole[REDFISH_PATH], text[REDFISH_PATH];

	while (storage && storage > path && storage[-1] != '/')
		storage--;
	if (!end)
		return;
	format_text(whole, sizeof(whole), "%.*s.%s", (int)(end - storage), storage, end + strlen(collection));
	copy_device_text(text, sizeof(text), whole, strlen(whole));
	for (char *c = text; *c; c++)
		if (*c == ' ' || *c == '/')
			*c = '_';
	layout_name(r->name, sizeof(r->name), text, "");
}

static void read_operations(struct reading *r, json_object *o)
{
	size_t n;
	json_object *l = redfish_list(o, "Operations", &n);
	double done, least = 101;

	for (size_t i = 0; i < n; i++) {
		json_object *op = json_object_array_get_idx(l, i);
		const char *name = manage_text(op, "OperationName");

		for (size_t k = 0; k < ARRAY_SIZE(rebuilds); k++)
			if (!strncasecmp(name, rebuilds[k], strlen(rebuilds[k])) && manage_number(op, "PercentageComplete", &done) &&
				done >= 0 && done <= 100 && done < least)
				least = done;
	}
	if (least <= 100)
		reading_add(r, FACT_REBUILD_PCT, least);
	else if (r->state == STATE_OK)
		reading_add(r, FACT_REBUILD_PCT, 100);
}

static const struct reading *drive_by(const struct redfish *rf, json_object *link)
{
	char path[REDFISH_PATH];

	if (!redfish_path(manage_text(link, "@odata.id"), path))
		return NULL;
	for (unsigned i = 0; i < rf->nways; i++)
		if (text_equal(rf->ways[i].path, path))
			return &rf->drives[rf->ways[i].drive];
	return NULL;
}

/*
 * Linked and no longer among the drives: gone, unless only a storage that does not answer may show it. False when none of
 * them is there, or it is not known: then nothing is said of who serves.
 */
static bool add_legs(const struct redfish *rf, json_object *l, bool lost, struct layout_pool *p)
{
	bool any = false;
	size_t n = l ? json_object_array_length(l) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct reading *d = drive_by(rf, json_object_array_get_idx(l, i));
		struct layout_leg *leg = &p->legs[p->nlegs];

		if (p->nlegs == LAYOUT_LEGS || (!d && redfish_any_silent(rf)))
			return false;
		*leg = (struct layout_leg){
			.state = !lost && d && (d->state == STATE_OK || d->state == STATE_DEGRADED) ? LEG_SERVING : LEG_LOST};
		copy_text(leg->node, sizeof(leg->node), d ? d->name : "");
		any = any || d;
		p->nlegs++;
	}
	return any;
}

/*
 * One that is not well: how many are gone from the links or not yet filled again nobody says, whoever else failed. As
 * many are taken for lost as it can bear, lest a second loss look like more to spare.
 */
static bool count(const struct reading *pool, unsigned parity, struct layout_pool *p)
{
	unsigned serving = 0, members = p->nlegs;

	for (unsigned i = 0; i < p->nlegs; i++)
		serving += p->legs[i].state == LEG_SERVING;
	if (pool->state != STATE_OK && members - serving < parity)
		members = serving + parity;
	if (!parity || members <= parity)
		return false;
	p->parity = (uint16_t)parity;
	p->sets[0].members = (uint16_t)members;
	p->sets[0].need = (uint16_t)(members - parity);
	return true;
}

static void tell_group(const struct redfish *rf, json_object *drives, const struct reading *pool, unsigned parity,
	const struct manage_sink *sink)
{
	uninitialized_ struct layout_pool p;

	p = (struct layout_pool){.nsets = 1};
	copy_text(p.name, sizeof(p.name), pool->name);
	layout_name(p.sets[0].name, sizeof(p.sets[0].name), pool->name, "");
	if (!rf->partial && pool->state != STATE_UNKNOWN && add_legs(rf, drives, pool->state == STATE_FAILED, &p) && count(pool, parity, &p))
		manage_tell_sets(&p, sink);
}

static int parity_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (text_equal(types[i].type, type))
			return types[i].parity;
	return -1;
}

/* Where the same id is seen elsewhere it is the same; only one that is long enough is taken for that. */
static bool is_everywhere_the_same(const char *id)
{
	return strlen(id) >= 16 && strlen(id) < sizeof(((struct redfish_pool *)NULL)->id) &&
	       strspn(id, "0123456789abcdefABCDEF-") == strlen(id);
}

/* The same pool may be shown by both controllers; its name is then not that of either. */
static int keep_pool(struct redfish *rf, const struct reading *r, json_object *o, const char *type, json_object *drives)
{
	struct redfish_pool p = {.r = *r, .parity = parity_of(type), .drives = drives}, *at = NULL;

	if (is_everywhere_the_same(manage_text(o, "Id"))) {
		copy_text(p.id, sizeof(p.id), manage_text(o, "Id"));
		layout_name(p.r.name, sizeof(p.r.name), p.id, "");
	}
	copy_device_text(p.r.model, sizeof(p.r.model), type, strlen(type));
	if (p.parity >= 0)
		reading_add(&p.r, FACT_PARITY, p.parity);
	for (unsigned i = 0; p.id[0] && i < rf->npools && !at; i++)
		if (text_equal(rf->pools[i].id, p.id))
			at = &rf->pools[i];
	if (at && !redfish_is_worse(&p.r, &at->r))
		return 0;
	if (!at && rf->npools == REDFISH_VOLUMES)
		return -EBADMSG;
	if (at)
		json_object_put(at->drives);
	else
		at = &rf->pools[rf->npools++];
	*at = p;
	json_object_get(at->drives);
	return 0;
}

void redfish_pools(struct redfish *rf, const struct manage_sink *sink)
{
	for (unsigned i = 0; i < rf->npools; i++) {
		struct redfish_pool *p = &rf->pools[i];

		sink->reading(&p->r, "", sink->arg);
		if (p->parity >= 0)
			tell_group(rf, p->drives, &p->r, (unsigned)p->parity, sink);
		json_object_put(p->drives);
	}
	rf->npools = 0;
}

static json_object *links_of(json_object *o)
{
	json_object *links = NULL;

	(void)json_object_object_get_ex(o, "Links", &links);
	return links;
}

int redfish_volume(struct redfish *rf, json_object *o, const char *path)
{
	struct reading r = {.kind = KIND_POOL, .outcome = OUTCOME_OK, .slot = -1};
	const char *type = manage_text(o, "RAIDType");
	size_t n;

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	if (!*type || text_equal(type, "None"))
		return 0;
	name_by(&r, path, "/Volumes/");
	if (!r.name[0])
		return -EBADMSG;
	redfish_judge(&r, o);
	read_operations(&r, o);
	if (redfish_list(links_of(o), "DedicatedSpareDrives", &n))
		reading_add(&r, FACT_SPARES, (double)n);
	return keep_pool(rf, &r, o, type, redfish_list(links_of(o), "Drives", &n));
}

/* ---- storage pools ---- */

static json_object *drives_of_source(json_object *o, size_t i)
{
	size_t n;
	json_object *l = redfish_list(o, "CapacitySources", &n), *drives = NULL;

	if (i >= n || !json_object_object_get_ex(json_object_array_get_idx(l, i), "ProvidingDrives", &drives))
		return NULL;
	return json_object_is_type(drives, json_type_object) ? drives : NULL;
}

bool redfish_pool_drives(json_object *o, unsigned source, char ret[REDFISH_PATH])
{
	json_object *drives = drives_of_source(o, source);
	size_t n;

	return drives && !redfish_list(drives, "Members", &n) && redfish_path(manage_text(drives, "@odata.id"), ret);
}

void redfish_pool_take_drives(json_object *o, unsigned source, json_object *collection)
{
	json_object *drives = drives_of_source(o, source), *l = NULL;

	if (drives && json_object_object_get_ex(collection, "Members", &l) && !*manage_text(collection, "Members@odata.nextLink"))
		(void)json_object_object_add(drives, "Members", json_object_get(l));
}

/* Only one source of drives is one set of drives; what several are to each other is not said, nor who is in half a list. */
static json_object *all_drives(json_object *o)
{
	json_object *only = NULL;
	size_t n, members;

	(void)redfish_list(o, "CapacitySources", &n);
	for (size_t i = 0; i < n; i++) {
		json_object *drives = drives_of_source(o, i);

		if (!drives)
			continue;
		if (only || *manage_text(drives, "Members@odata.nextLink"))
			return NULL;
		only = redfish_list(drives, "Members", &members);
		if (!only)
			return NULL;
	}
	return only;
}

/* "shall contain all the RAIDType values supported by the storage pool": of one that has one, that is what it is. */
static const char *only_type(json_object *o)
{
	size_t n;
	json_object *l = redfish_list(o, "SupportedRAIDTypes", &n);
	json_object *type = n == 1 ? json_object_array_get_idx(l, 0) : NULL;

	return json_object_is_type(type, json_type_string) ? json_object_get_string(type) : "";
}

int redfish_pool(struct redfish *rf, json_object *o, const char *path)
{
	struct reading r = {.kind = KIND_POOL, .outcome = OUTCOME_OK, .slot = -1};
	json_object *capacity = NULL;
	double v;
	size_t n;

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	name_by(&r, path, "/StoragePools/");
	if (!r.name[0])
		return -EBADMSG;
	redfish_judge(&r, o);
	if (redfish_list(links_of(o), "DedicatedSpareDrives", &n))
		reading_add(&r, FACT_SPARES, (double)n);
	else if (manage_number(o, "RecoverableCapacitySourceCount", &v) && v >= 0 && v <= 1000)
		reading_add(&r, FACT_SPARES, v);
	(void)json_object_object_get_ex(o, "Capacity", &capacity);
	if (text_equal(manage_text(capacity, "IsThinProvisioned"), "true") && manage_number(o, "RemainingCapacityPercent", &v) &&
		v >= 0 && v <= 100)
		reading_add(&r, FACT_USED_PCT, 100 - v);
	return keep_pool(rf, &r, o, only_type(o), all_drives(o));
}
