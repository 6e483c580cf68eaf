/* Redfish as a driver: from the root along its links, within bounds. Only GET, the POST of a login and its DELETE. */
#include "probes/redfish_session.h"

#include <json-c/json.h>

enum { MINUTE = 60000, INVENTORY_MS = 5 * MINUTE, ASKED_MAX = 400, PAGES = 16, POOL_SOURCES = 16 };
enum part { PART_INVENTORY };

struct look {
	struct manage *m;
	struct redfish rf;
	struct redfish_links drives, volumes, pools; /* of volumes and pools the collections, of each storage */
	uint32_t every_ms;
	unsigned asked;
	char why[32]; /* of the last answer that was none */
};

static void tell(const struct reading *told, const char *address, void *arg)
{
	struct look *l = arg;
	const struct manage_sink *sink = manage_sink(l->m);
	struct reading r = *told;

	r.every_ms = l->every_ms;
	sink->reading(&r, address, sink->arg);
}

static enum outcome nonsense(struct look *l, const char *path)
{
	return manage_fail(l->m, OUTCOME_NONSENSE,
		"the answer to %.100s was cut short or is not what it should be", path);
}

static enum outcome ask(struct look *l, const char *path, json_object **ret)
{
	struct manage_answer a;
	enum outcome o;

	*ret = NULL;
	if (l->asked++ >= ASKED_MAX)
		return manage_fail(
			l->m, OUTCOME_NONSENSE, "it leads to more than %d resources", ASKED_MAX);
	o = manage_get(l->m, path, &a);
	if (o == OUTCOME_OK) {
		*ret = manage_json(a.body, a.len);
		if (!*ret || !json_object_is_type(*ret, json_type_object)) {
			json_object_put(*ret);
			*ret = NULL;
			o = nonsense(l, path);
		}
	}
	if (a.status && a.status != 200)
		format_text(l->why, sizeof(l->why), "HTTP %u", a.status);
	else
		copy_text(l->why, sizeof(l->why), outcome_text(o));
	return o;
}

/* All pages of a collection. */
static enum outcome ask_members(struct look *l, const char *path, struct redfish_links *ret)
{
	char next[REDFISH_PATH], after[REDFISH_PATH];
	enum outcome o = OUTCOME_OK;

	*ret = (struct redfish_links){};
	copy_text(next, sizeof(next), path);
	for (unsigned page = 0; o == OUTCOME_OK && next[0]; page++) {
		json_object *c = NULL;

		o = page < PAGES ? ask(l, next, &c) : nonsense(l, path);
		if (o == OUTCOME_OK && redfish_members(c, NULL, ret, after) < 0)
			o = nonsense(l, next);
		copy_text(next, sizeof(next), o == OUTCOME_OK ? after : "");
		json_object_put(c);
	}
	return o == OUTCOME_OK && ret->full ? nonsense(l, path) : o;
}

typedef enum outcome each_fn(struct look *l, json_object *o, const char *path);

/* @lenient: a member that answers with an error is left out, its neighbours count all the same. */
static enum outcome for_each(
	struct look *l, const struct redfish_links *links, each_fn *fn, bool lenient)
{
	enum outcome o = OUTCOME_OK;

	for (unsigned i = 0; i < links->n && o == OUTCOME_OK; i++) {
		json_object *resource = NULL;

		o = ask(l, links->at[i], &resource);
		if (o == OUTCOME_OK)
			o = fn(l, resource, links->at[i]);
		else if (o == OUTCOME_ERROR && lenient)
			o = OUTCOME_OK;
		json_object_put(resource);
	}
	return o;
}

typedef enum outcome links_fn(struct look *l, const struct redfish_links *links, each_fn *fn);

static enum outcome take_each(struct look *l, const struct redfish_links *links, each_fn *fn)
{
	return for_each(l, links, fn, false);
}

static enum outcome take_who_answers(struct look *l, const struct redfish_links *links, each_fn *fn)
{
	return for_each(l, links, fn, true);
}

/* All members of the collection that @o links to; nothing when it links to none. */
static enum outcome follow_by(
	struct look *l, json_object *o, enum redfish_link_kind kind, links_fn *take, each_fn *fn)
{
	struct redfish_links *links;
	char path[REDFISH_PATH];
	enum outcome out;

	if (!redfish_follow(o, kind, path))
		return OUTCOME_OK;
	links = malloc(sizeof(*links));
	if (!links)
		return OUTCOME_ERROR;
	out = ask_members(l, path, links);
	if (out == OUTCOME_OK)
		out = take(l, links, fn);
	free(links);
	return out;
}

static enum outcome follow(struct look *l, json_object *o, enum redfish_link_kind kind, each_fn *fn)
{
	return follow_by(
		l, o, kind, kind == REDFISH_LINK_MANAGERS ? take_who_answers : take_each, fn);
}

static enum outcome take_controller(struct look *l, json_object *o, const char *path)
{
	return redfish_controller(&l->rf, o, path) < 0 ? nonsense(l, path) : OUTCOME_OK;
}

static enum outcome take_storage(struct look *l, json_object *o, const char *path)
{
	char link[REDFISH_PATH];

	if (redfish_storage(&l->rf, o, path, &l->drives) < 0)
		return nonsense(l, path);
	if (redfish_follow(o, REDFISH_LINK_VOLUMES, link) && l->volumes.n < REDFISH_LINKS)
		copy_text(l->volumes.at[l->volumes.n++], REDFISH_PATH, link);
	if (redfish_follow(o, REDFISH_LINK_POOLS, link) && l->pools.n < REDFISH_LINKS)
		copy_text(l->pools.at[l->pools.n++], REDFISH_PATH, link);
	return follow(l, o, REDFISH_LINK_CONTROLLERS, take_controller);
}

/* One of two that does not answer for itself says something about that one, not about the other. */
static enum outcome take_storages(
	struct look *l, const struct redfish_links *links, each_fn *take)
{
	unsigned silent = 0;
	enum outcome o = OUTCOME_OK;

	for (unsigned i = 0; i < links->n && o == OUTCOME_OK; i++) {
		json_object *storage = NULL;

		o = ask(l, links->at[i], &storage);
		if (o == OUTCOME_OK) {
			o = take(l, storage, links->at[i]);
		} else if (o == OUTCOME_ERROR && ++silent < links->n) {
			redfish_storage_silent(&l->rf, links->at[i], l->why);
			o = OUTCOME_OK;
		}
		json_object_put(storage);
	}
	return o;
}

static enum outcome follow_storage(struct look *l, json_object *o)
{
	return follow_by(l, o, REDFISH_LINK_STORAGE, take_storages, take_storage);
}

static enum outcome take_storage_of_system(struct look *l, json_object *o, const char *path)
{
	(void)path;
	return follow_storage(l, o);
}

static enum outcome take_manager(struct look *l, json_object *o, const char *path)
{
	struct redfish_links *ports = calloc(1, sizeof(*ports));
	char link[REDFISH_PATH], address[48] = "";
	enum outcome out = ports ? OUTCOME_OK : OUTCOME_ERROR;

	if (ports && redfish_follow(o, REDFISH_LINK_ETHERNET, link))
		out = ask_members(l, link, ports);
	for (unsigned i = 0; ports && out == OUTCOME_OK && i < ports->n && !address[0]; i++) {
		json_object *port = NULL;

		out = ask(l, ports->at[i], &port);
		if (port)
			copy_device_text(address, sizeof(address), redfish_address(port),
				strlen(redfish_address(port)));
		json_object_put(port);
	}
	redfish_manager(&l->rf, o, path, address);
	free(ports);
	return out;
}

static enum outcome take_system(struct look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {tell, l};

	return redfish_system(o, path, &sink) < 0 ? nonsense(l, path) : OUTCOME_OK;
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

static enum outcome take_part(struct look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {tell, l};
	char housing[NAME_MAX_LEN];

	redfish_housing(path, housing, sizeof(housing));
	return redfish_part(
		       o, strstr(path, "/PowerSupplies/") ? KIND_PSU : KIND_FAN, housing, &sink) < 0
		       ? nonsense(l, path)
		       : OUTCOME_OK;
}

static enum outcome take_housing(struct look *l, json_object *chassis, const char *path, unsigned i)
{
	const struct manage_sink sink = {tell, l};
	json_object *o = NULL;
	char link[REDFISH_PATH];
	enum outcome out = OUTCOME_OK;

	if (redfish_follow(chassis, housings[i].subsystem, link)) {
		out = ask(l, link, &o);
		if (out == OUTCOME_OK)
			out = follow(l, o, housings[i].collection, take_part);
	} else if (redfish_follow(chassis, housings[i].old, link)) {
		out = ask(l, link, &o);
		if (out == OUTCOME_OK && redfish_parts(o, housings[i].key, housings[i].kind,
						 strrchr(path, '/') + 1, &sink) < 0)
			out = nonsense(l, link);
	}
	json_object_put(o);
	return out;
}

static enum outcome take_chassis(struct look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {tell, l};
	enum outcome out = redfish_chassis(o, path, &sink) < 0 ? nonsense(l, path) : OUTCOME_OK;

	for (unsigned i = 0; i < ARRAY_SIZE(housings) && out == OUTCOME_OK; i++)
		out = take_housing(l, o, path, i);
	return out;
}

static enum outcome take_drive(struct look *l, json_object *o, const char *path)
{
	return redfish_drive(&l->rf, o) < 0 ? nonsense(l, path) : OUTCOME_OK;
}

static enum outcome take_volume(struct look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {tell, l};

	return redfish_volume(&l->rf, o, path, &sink) < 0 ? nonsense(l, path) : OUTCOME_OK;
}

static enum outcome take_pool(struct look *l, json_object *o, const char *path)
{
	const struct manage_sink sink = {tell, l};
	char link[REDFISH_PATH];
	enum outcome out = OUTCOME_OK;

	for (unsigned i = 0; i < POOL_SOURCES && out == OUTCOME_OK; i++) {
		json_object *drives = NULL;

		if (!redfish_pool_drives(o, i, link))
			continue;
		out = ask(l, link, &drives);
		if (out == OUTCOME_OK)
			redfish_pool_take_drives(o, i, drives);
		json_object_put(drives);
	}
	if (out == OUTCOME_OK && redfish_pool(&l->rf, o, path, &sink) < 0)
		out = nonsense(l, path);
	return out;
}

/*
 * All of some collections; false when not all were had. An array with more volumes than this carves them out of pools:
 * they are not what stands in for each other. What cannot be had, for whatever reason, says nothing of what else is
 * there: it is missed until the next inventory.
 */
static bool look_at_each(struct look *l, const struct redfish_links *collections, each_fn *take)
{
	struct redfish_links *all = calloc(1, sizeof(*all)), *some = calloc(1, sizeof(*some));
	enum outcome o = all && some ? OUTCOME_OK : OUTCOME_ERROR;

	for (unsigned i = 0; i < collections->n && o == OUTCOME_OK; i++) {
		o = ask_members(l, collections->at[i], some);
		for (unsigned k = 0; o == OUTCOME_OK && k < some->n; k++) {
			if (all->n == REDFISH_VOLUMES)
				all->full = true;
			else
				copy_text(all->at[all->n++], REDFISH_PATH, some->at[k]);
		}
	}
	if (o == OUTCOME_OK && (all->full || for_each(l, all, take, false) != OUTCOME_OK))
		o = OUTCOME_ERROR;
	free(all);
	free(some);
	return o == OUTCOME_OK;
}

/* Both are pools: without the one nobody knows whether the other's are gone. */
static void look_at_pools(struct look *l)
{
	if (look_at_each(l, &l->pools, take_pool) & look_at_each(l, &l->volumes, take_volume))
		manage_listed(l->m, KIND_POOL);
}

static enum outcome take_software(struct look *l, json_object *o, const char *path)
{
	return redfish_software(&l->rf, o) < 0 ? nonsense(l, path) : OUTCOME_OK;
}

/* Not every service has one, or one that answers. What it says of canisters comes after what they say of themselves. */
static void look_at_software(struct look *l, json_object *root)
{
	const struct manage_sink sink = {tell, l};
	char path[REDFISH_PATH];
	json_object *o = NULL;

	if (!redfish_follow(root, REDFISH_LINK_UPDATE, path))
		return;
	if (ask(l, path, &o) == OUTCOME_OK &&
		follow_by(l, o, REDFISH_LINK_FIRMWARE, take_who_answers, take_software) == OUTCOME_OK) {
		l->every_ms = 0;
		redfish_canisters(&l->rf, manage_address(l->m), &sink);
	}
	json_object_put(o);
}

static enum outcome look_at_inventory(struct look *l, json_object *root)
{
	static const enum kind kinds[] = {
		KIND_SYSTEM, KIND_ENCLOSURE, KIND_PSU, KIND_FAN, KIND_DRIVE};
	const struct manage_sink sink = {tell, l};
	enum outcome o;

	l->every_ms = INVENTORY_MS;
	o = follow(l, root, REDFISH_LINK_SYSTEMS, take_system);
	if (o == OUTCOME_OK)
		o = follow(l, root, REDFISH_LINK_CHASSIS, take_chassis);
	if (o == OUTCOME_OK)
		o = l->drives.full ? nonsense(l, "Drives")
				   : for_each(l, &l->drives, take_drive, false);
	if (o != OUTCOME_OK)
		return o;
	redfish_drives(&l->rf, &sink);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		manage_listed(l->m, kinds[i]);
	look_at_pools(l);
	return OUTCOME_OK;
}

static enum outcome look_at_all(struct look *l)
{
	const struct manage_sink sink = {tell, l};
	char path[REDFISH_PATH];
	json_object *root = NULL;
	enum outcome o = ask(l, REDFISH_ROOT, &root);

	if (o == OUTCOME_OK && redfish_follow(root, REDFISH_LINK_STORAGE, path))
		o = follow_storage(l, root);
	else if (o == OUTCOME_OK)
		o = follow(l, root, REDFISH_LINK_SYSTEMS, take_storage_of_system);
	if (o == OUTCOME_OK)
		o = follow(l, root, REDFISH_LINK_MANAGERS, take_manager);
	if (o == OUTCOME_OK && !l->rf.nstorages)
		o = manage_fail(l->m, OUTCOME_UNSUPPORTED, "this service shows no storage");
	if (o == OUTCOME_OK) {
		redfish_canisters(&l->rf, manage_address(l->m), &sink);
		manage_listed(l->m, KIND_CANISTER);
	}
	if (o == OUTCOME_OK && manage_due(l->m, PART_INVENTORY, INVENTORY_MS))
		o = look_at_inventory(l, root);
	if (o == OUTCOME_OK && l->every_ms)
		look_at_software(l, root);
	json_object_put(root);
	return o;
}

static enum outcome look(struct manage *m)
{
	struct look *l = calloc(1, sizeof(*l));
	enum outcome o = OUTCOME_ERROR;

	if (l) {
		l->m = m;
		o = look_at_all(l);
	}
	free(l);
	return o;
}

static enum outcome hear(struct manage *m)
{
	struct manage_answer a;

	return manage_get(m, REDFISH_ROOT "/Chassis", &a);
}

const struct manage_driver manage_redfish = {
	.port = 443, .login = redfish_login, .logout = redfish_logout, .look = look, .hear = hear};
