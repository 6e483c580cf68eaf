/* The inventory of a Redfish service, in sections: as much of it as one look has room for, the rest in the next. */
#include "probes/redfish_look.h"

enum { POOL_SOURCES = 16 };
/* In the order it is read: what says something of parts comes before them, pools after their drives. */
enum section { SECTION_SOFTWARE, SECTION_SYSTEMS, SECTION_CHASSIS, SECTION_DRIVES, SECTION_POOLS, SECTION_COUNT };

static enum outcome take_in_turn(struct redfish_look *l, const struct redfish_links *links, redfish_each_fn *fn)
{
	return redfish_for_each(l, links, l->turn->at, fn, false);
}

static enum outcome take_system(struct redfish_look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {redfish_tell, l};

	return redfish_system(o, path, &sink) < 0 ? redfish_nonsense(l, path) : OUTCOME_OK;
}

static const struct {
	enum redfish_link_kind old, subsystem, collection;
	const char *key;
	enum kind kind;
} housings[] = {
	{REDFISH_LINK_POWER, REDFISH_LINK_POWER_SUBSYSTEM, REDFISH_LINK_POWER_SUPPLIES,
		"PowerSupplies", KIND_PSU},
	{REDFISH_LINK_THERMAL, REDFISH_LINK_THERMAL_SUBSYSTEM, REDFISH_LINK_FANS, "Fans", KIND_FAN},
};

static enum outcome take_part(struct redfish_look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {redfish_tell, l};
	char housing[NAME_MAX_LEN];

	redfish_housing(path, housing, sizeof(housing));
	return redfish_part(
		       o, strstr(path, "/PowerSupplies/") ? KIND_PSU : KIND_FAN, housing, &sink) < 0
		       ? redfish_nonsense(l, path)
		       : OUTCOME_OK;
}

static enum outcome take_housing(struct redfish_look *l, json_object *chassis, const char *path, unsigned i)
{
	const struct manage_sink sink = {redfish_tell, l};
	json_object *o = NULL;
	char link[REDFISH_PATH];
	enum outcome out = OUTCOME_OK;

	if (redfish_follow(chassis, housings[i].subsystem, link)) {
		out = redfish_ask(l, link, &o);
		if (out == OUTCOME_OK)
			out = redfish_follow_by(l, o, housings[i].collection, redfish_take_each, take_part);
	} else if (redfish_follow(chassis, housings[i].old, link)) {
		out = redfish_ask(l, link, &o);
		if (out == OUTCOME_OK && redfish_parts(o, housings[i].key, housings[i].kind,
						 strrchr(path, '/') + 1, &sink) < 0)
			out = redfish_nonsense(l, link);
	}
	json_object_put(o);
	return out;
}

static enum outcome take_chassis(struct redfish_look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {redfish_tell, l};
	enum outcome out = redfish_chassis(&l->rf, o, path, &sink) < 0 ? redfish_nonsense(l, path) : OUTCOME_OK;

	for (unsigned i = 0; i < ARRAY_SIZE(housings) && out == OUTCOME_OK; i++)
		out = take_housing(l, o, path, i);
	return out;
}

static enum outcome take_drive(struct redfish_look *l, json_object *o, const char *path)
{
	return redfish_drive(&l->rf, o) < 0 ? redfish_nonsense(l, path) : OUTCOME_OK;
}

static enum outcome take_volume(struct redfish_look *l, json_object *o, const char *path)
{
	return redfish_volume(&l->rf, o, path) < 0 ? redfish_nonsense(l, path) : OUTCOME_OK;
}

static enum outcome take_pool(struct redfish_look *l, json_object *o, const char *path)
{
	char link[REDFISH_PATH];
	enum outcome out = OUTCOME_OK;

	for (unsigned i = 0; i < POOL_SOURCES && out == OUTCOME_OK; i++) {
		json_object *drives = NULL;

		if (!redfish_pool_drives(o, i, link))
			continue;
		out = redfish_ask(l, link, &drives);
		if (out == OUTCOME_OK)
			redfish_pool_take_drives(o, i, drives);
		json_object_put(drives);
	}
	if (out == OUTCOME_OK && redfish_pool(&l->rf, o, path) < 0)
		out = redfish_nonsense(l, path);
	return out;
}

/*
 * All of some collections; false when not all were had. An array with more volumes than this carves them out of pools:
 * they are not what stands in for each other. What cannot be had, for whatever reason, says nothing of what else is
 * there: it is missed until the next inventory.
 */
static bool look_at_each(struct redfish_look *l, const struct redfish_links *collections, redfish_each_fn *take)
{
	const struct manage_sink sink = {redfish_tell, l};
	struct redfish_links *all = malloc(sizeof(*all)), *some = malloc(sizeof(*some));
	enum outcome o = all && some ? OUTCOME_OK : OUTCOME_ERROR;

	if (all)
		redfish_links_begin(all);
	for (unsigned i = 0; i < collections->n && o == OUTCOME_OK; i++) {
		o = redfish_ask_members(l, collections->at[i], some);
		for (unsigned k = 0; o == OUTCOME_OK && k < some->n; k++) {
			if (all->n == REDFISH_VOLUMES)
				all->full = true;
			else
				copy_text(all->at[all->n++], REDFISH_PATH, some->at[k]);
		}
	}
	if (o == OUTCOME_OK && (all->full || redfish_for_each(l, all, 0, take, false) != OUTCOME_OK))
		o = OUTCOME_ERROR;
	redfish_pools(&l->rf, &sink);
	free(all);
	free(some);
	return o == OUTCOME_OK;
}

/* Both are pools: without the one, or a storage, nobody knows whether the other's are gone. */
static enum outcome look_at_pools(struct redfish_look *l, json_object *root)
{
	bool pools = look_at_each(l, &l->pools, take_pool), volumes = look_at_each(l, &l->volumes, take_volume);

	(void)root;
	if (pools && volumes && !l->cut && !redfish_any_silent(&l->rf))
		manage_listed(l->m, KIND_POOL);
	return OUTCOME_OK;
}

static enum outcome take_software(struct redfish_look *l, json_object *o, const char *path)
{
	return redfish_software(&l->rf, o) < 0 ? redfish_nonsense(l, path) : OUTCOME_OK;
}

/* Not every service has one, or one that answers. What it says of canisters comes after what they say of themselves. */
static enum outcome look_at_software(struct redfish_look *l, json_object *root)
{
	const struct manage_sink sink = {redfish_tell, l};
	char path[REDFISH_PATH];
	json_object *o = NULL;

	if (redfish_follow(root, REDFISH_LINK_UPDATE, path) && redfish_ask(l, path, &o) == OUTCOME_OK &&
		redfish_follow_by(l, o, REDFISH_LINK_FIRMWARE, redfish_take_who_answers, take_software) == OUTCOME_OK) {
		l->every_ms = 0;
		redfish_canisters(&l->rf, manage_address(l->m), &sink);
		l->every_ms = REDFISH_INVENTORY_MS;
	} else {
		l->rf.nitems = 0;
	}
	json_object_put(o);
	return OUTCOME_OK;
}

static enum outcome look_at_systems(struct redfish_look *l, json_object *root)
{
	return redfish_follow_by(l, root, REDFISH_LINK_SYSTEMS, take_in_turn, take_system);
}

static enum outcome look_at_chassis(struct redfish_look *l, json_object *root)
{
	return redfish_follow_by(l, root, REDFISH_LINK_CHASSIS, take_in_turn, take_chassis);
}

static enum outcome look_at_drives(struct redfish_look *l, json_object *root)
{
	const struct manage_sink sink = {redfish_tell, l};
	enum outcome o = take_in_turn(l, &l->drives, take_drive);

	(void)root;
	if (o == OUTCOME_OK || l->cut)
		redfish_drives(&l->rf, &sink);
	return o;
}

static const struct {
	enum outcome (*look)(struct redfish_look *l, json_object *root);
	uint32_t kinds; /* that are all told when it is whole */
} sections[SECTION_COUNT] = {
	[SECTION_SOFTWARE] = {look_at_software, 0},
	[SECTION_SYSTEMS] = {look_at_systems, 1u << KIND_SYSTEM},
	[SECTION_CHASSIS] = {look_at_chassis, 1u << KIND_ENCLOSURE | 1u << KIND_PSU | 1u << KIND_FAN},
	[SECTION_DRIVES] = {look_at_drives, 1u << KIND_DRIVE},
	[SECTION_POOLS] = {look_at_pools, 0},
};

static void list_kinds(struct redfish_look *l, uint32_t kinds)
{
	for (unsigned k = 0; k < KIND_COUNT; k++)
		if (kinds >> k & 1)
			manage_listed(l->m, (enum kind)k);
}

/* Where the next look goes on: pools need their drives in the same look, if these were not all that this one read. */
static void stop_at(struct redfish_look *l, unsigned section, unsigned first, unsigned from)
{
	bool lacks_room = l->software && first == SECTION_DRIVES && section == SECTION_POOLS;

	/* what software took is the room that pools lacked, or that all else did */
	if (lacks_room || (l->software && section == first && l->turn->at == from) || (l->alone && section == SECTION_SOFTWARE))
		l->turn->no_software = 1;
	l->turn->section = section == SECTION_POOLS && (first < SECTION_DRIVES || lacks_room) ? SECTION_DRIVES : section;
	if (section == SECTION_POOLS || section == SECTION_SOFTWARE)
		l->turn->at = 0;
	/* alone it did not fit either: it stays without */
	if (l->alone && (section == SECTION_POOLS || section == SECTION_SOFTWARE))
		l->turn->section = (section + 1) % SECTION_COUNT;
	l->turn->was_cut = 1;
	if (l->turn->section)
		(void)manage_postpone(l->m, REDFISH_PART_INVENTORY);
}

/* What waits on parts has to be known in each look that tells them. */
static void begin_with_software(struct redfish_look *l, json_object *root, unsigned first)
{
	if (first == SECTION_SOFTWARE)
		l->turn->no_software = 0;
	l->software = first > SECTION_SOFTWARE && first <= SECTION_DRIVES && !l->turn->no_software;
	if (!l->software)
		return;
	(void)look_at_software(l, root);
	/* else an inventory would crawl */
	if (l->asked > REDFISH_ASKED / 2)
		l->turn->no_software = 1;
}

enum outcome redfish_inventory(struct redfish_look *l, json_object *root)
{
	unsigned first = l->turn->section < SECTION_COUNT ? l->turn->section : 0, from = l->turn->at;
	bool whole_drives = false;
	enum outcome o;

	l->every_ms = REDFISH_INVENTORY_MS;
	l->inventory = true;
	begin_with_software(l, root, first);
	for (unsigned s = first; s < SECTION_COUNT; s++) {
		bool whole = !l->turn->at && !(s == SECTION_DRIVES && l->drives.full), silent = redfish_any_silent(&l->rf);

		l->alone = s == first && !l->software;
		l->rf.partial = !whole_drives;
		o = l->cut ? OUTCOME_OK : sections[s].look(l, root);
		if (l->cut) {
			stop_at(l, s, first, from);
			return OUTCOME_OK;
		}
		l->turn->at = 0;
		if (o != OUTCOME_OK) {
			l->turn->section = 0;
			return o;
		}
		if (whole && !(s == SECTION_DRIVES && silent))
			list_kinds(l, sections[s].kinds);
		whole_drives = s == SECTION_DRIVES && whole;
	}
	l->turn->section = 0;
	l->turn->was_cut = first > 0 || l->drives.full;
	return OUTCOME_OK;
}

/* Told while one look is not enough, and once more when it is. */
void redfish_tell_turn(struct redfish_look *l)
{
	const struct manage_sink sink = {redfish_tell, l};
	struct reading r = {.kind = KIND_CHECK, .outcome = OUTCOME_OK, .state = STATE_OK, .slot = -1, .name = "inventory"};

	if (!l->turn->was_cut && !l->turn->told)
		return;
	copy_text(r.raw, sizeof(r.raw), l->turn->was_cut ? "read in turns" : "read whole");
	reading_add(&r, FACT_READ_IN_TURNS, l->turn->was_cut);
	l->turn->told = 1;
	l->every_ms = 0;
	sink.reading(&r, "", sink.arg);
}
