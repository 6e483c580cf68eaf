/* Which controllers stand in for each other, and how each of them is. */
#include "probes/redfish.h"

#include <errno.h>
#include <json-c/json.h>

static void last_part(char *dst, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	slash = slash ? slash + 1 : path;
	copy_device_text(dst, size, slash, strcspn(slash, "#"));
}

static json_object *list(json_object *o, const char *key, size_t *ret_n)
{
	json_object *l = NULL;

	*ret_n = 0;
	if (!json_object_object_get_ex(o, key, &l) || !json_object_is_type(l, json_type_array))
		return NULL;
	*ret_n = json_object_array_length(l);
	return l;
}

static int find_set(const struct redfish *rf, const char *name)
{
	for (unsigned i = 0; *name && i < rf->nsets; i++)
		if (text_equal(rf->sets[i].name, name))
			return (int)i;
	return -1;
}

/* A set of one, or one that needs all it has, is no redundancy. */
static bool is_redundant(json_object *set, size_t members)
{
	double needed;

	return members > 1 && !text_equal(manage_text(set, "Mode"), "NotRedundant") &&
	       !(manage_number(set, "MinNumNeeded", &needed) && needed >= (double)members);
}

static void take_sets(struct redfish *rf, json_object *o)
{
	size_t n, members;
	json_object *sets = list(o, "Redundancy", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *set = json_object_array_get_idx(sets, i);
		json_object *l = list(set, "RedundancySet", &members);
		struct reading r = {};

		if (!is_redundant(set, members))
			continue;
		redfish_judge(&r, set);
		for (size_t m = 0; m < members && rf->nsets < REDFISH_SETS; m++) {
			char name[NAME_MAX_LEN];

			last_part(name, sizeof(name),
				manage_text(json_object_array_get_idx(l, m), "@odata.id"));
			if (!name[0] || find_set(rf, name) >= 0)
				continue;
			copy_text(rf->sets[rf->nsets].name, NAME_MAX_LEN, name);
			rf->sets[rf->nsets].known = r.state != STATE_UNKNOWN;
			rf->sets[rf->nsets++].impaired = r.state != STATE_OK;
		}
	}
}

static void describe(struct reading *r, json_object *o)
{
	const struct {
		const char *key;
		char *dst;
		size_t size;
	} texts[] = {{"SerialNumber", r->serial, sizeof(r->serial)},
		{"Manufacturer", r->vendor, sizeof(r->vendor)},
		{"Model", r->model, sizeof(r->model)},
		{"FirmwareVersion", r->firmware, sizeof(r->firmware)}};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (*manage_text(o, texts[i].key))
			copy_device_text(texts[i].dst, texts[i].size, manage_text(o, texts[i].key),
				strlen(manage_text(o, texts[i].key)));
}

static struct redfish_controller *new_controller(struct redfish *rf, const char *name)
{
	struct redfish_controller *c;

	if (rf->ncontrollers == REDFISH_CONTROLLERS || !rf->nstorages)
		return NULL;
	c = &rf->controllers[rf->ncontrollers++];
	*c = (struct redfish_controller){.storage = (uint16_t)(rf->nstorages - 1),
		.r = {.kind = KIND_CANISTER, .outcome = OUTCOME_OK, .slot = -1}};
	copy_text(c->name, sizeof(c->name), name);
	rf->storages[c->storage].controllers++;
	return c;
}

static void worse_of(struct reading *r, const struct reading *other)
{
	manage_worse(
		r, &(struct manage_word){other->raw, other->state, other->limit_ms}, 1, other->raw);
}

static bool new_storage(struct redfish *rf, const char *path)
{
	if (rf->nstorages == REDFISH_STORAGES)
		return false;
	rf->storages[rf->nstorages] = (struct redfish_storage){};
	last_part(rf->storages[rf->nstorages].name, NAME_MAX_LEN, path);
	rf->nstorages++;
	return true;
}

static int take_inline(struct redfish *rf, json_object *o, const struct reading *storage)
{
	size_t n;
	json_object *l = list(o, "StorageControllers", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *controller = json_object_array_get_idx(l, i);
		char name[NAME_MAX_LEN] = "";
		struct redfish_controller *c;

		copy_device_text(name, sizeof(name), manage_text(controller, "MemberId"),
			strlen(manage_text(controller, "MemberId")));
		c = new_controller(rf, n > 1 ? name : "");
		if (!c)
			return -EBADMSG;
		redfish_judge(&c->r, controller);
		describe(&c->r, controller);
		if (n == 1)
			worse_of(&c->r, storage);
	}
	return 0;
}

int redfish_storage(
	struct redfish *rf, json_object *o, const char *path, struct redfish_links *drives)
{
	struct reading r = {};
	char next[REDFISH_PATH], controllers[REDFISH_PATH];
	size_t n;

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id") ||
		!new_storage(rf, path))
		return -EBADMSG;
	redfish_judge(&r, o);
	take_sets(rf, o);
	if (list(o, "Drives", &n) && redfish_members(o, "Drives", drives, next) < 0)
		return -EBADMSG;
	if (list(o, "StorageControllers", &n) && n)
		return take_inline(rf, o, &r);
	/* one without any controller is one by itself */
	if (!redfish_follow(o, REDFISH_LINK_CONTROLLERS, controllers)) {
		struct redfish_controller *c = new_controller(rf, "");

		if (!c)
			return -EBADMSG;
		c->r.state = r.state;
		c->r.limit_ms = r.limit_ms;
		copy_text(c->r.raw, sizeof(c->r.raw), r.raw);
	}
	return 0;
}

void redfish_storage_silent(struct redfish *rf, const char *path, const char *why)
{
	struct redfish_controller *c = new_storage(rf, path) ? new_controller(rf, "") : NULL;

	if (!c)
		return;
	rf->storages[c->storage].silent = true;
	c->r.state = STATE_UNREACHABLE;
	copy_device_text(c->r.raw, sizeof(c->r.raw), why, strlen(why));
}

int redfish_controller(struct redfish *rf, json_object *o, const char *path)
{
	char name[NAME_MAX_LEN];
	struct redfish_controller *c;

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	last_part(name, sizeof(name), path);
	c = new_controller(rf, name);
	if (!c)
		return -EBADMSG;
	redfish_judge(&c->r, o);
	describe(&c->r, o);
	return 0;
}

const char *redfish_address(json_object *o)
{
	size_t n;
	json_object *l = list(o, "IPv4Addresses", &n);

	for (size_t i = 0; i < n; i++) {
		const char *address = manage_text(json_object_array_get_idx(l, i), "Address");

		if (*address && !text_equal(address, "0.0.0.0"))
			return address;
	}
	return "";
}

static bool is_named(const struct redfish *rf, const struct redfish_controller *c, const char *name)
{
	return *name && (text_equal(c->name, name) || text_equal(rf->storages[c->storage].name, name));
}

void redfish_manager(struct redfish *rf, json_object *o, const char *path, const char *address)
{
	char name[NAME_MAX_LEN];

	last_part(name, sizeof(name), path);
	for (unsigned i = 0; name[0] && i < rf->ncontrollers; i++) {
		struct redfish_controller *c = &rf->controllers[i];
		struct reading r = {};

		if (!is_named(rf, c, name))
			continue;
		redfish_judge(&r, o);
		worse_of(&c->r, &r);
		if (!c->r.firmware[0])
			describe(&c->r, o);
		copy_device_text(c->address, sizeof(c->address), address, strlen(address));
	}
}

/* Of one device: that which waits outdoes that which runs. */
static void note_item(struct redfish *rf, const char *text, bool staged)
{
	char path[REDFISH_PATH];

	if (!redfish_path(text, path))
		return;
	for (unsigned i = 0; i < rf->nitems; i++)
		if (text_equal(rf->items[i].path, path)) {
			rf->items[i].staged = rf->items[i].staged || staged;
			return;
		}
	if (rf->nitems == REDFISH_ITEMS)
		return;
	copy_text(rf->items[rf->nitems].path, REDFISH_PATH, path);
	rf->items[rf->nitems++].staged = staged;
}

static void take_version(struct redfish *rf, const char *text, json_object *o)
{
	const char *version = manage_text(o, "Version");
	char name[NAME_MAX_LEN];

	last_part(name, sizeof(name), text);
	for (unsigned i = 0; *version && i < rf->ncontrollers; i++)
		if (is_named(rf, &rf->controllers[i], name) && !rf->controllers[i].r.firmware[0])
			copy_device_text(rf->controllers[i].r.firmware, sizeof(rf->controllers[i].r.firmware), version,
				strlen(version));
}

/* What is merely kept there says nothing of what runs. */
static void take_item(struct redfish *rf, const char *path, json_object *o)
{
	const char *staged = manage_text(o, "Staged"), *active = manage_text(o, "Active");
	bool waits = text_equal(staged, "true") && !text_equal(active, "true");

	if (waits || (text_equal(staged, "false") && !text_equal(active, "false")))
		note_item(rf, path, waits);
	if (!waits && !text_equal(active, "false"))
		take_version(rf, path, o);
}

static bool is_linked(json_object *l, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (text_equal(manage_text(json_object_array_get_idx(l, i), "@odata.id"), path))
			return true;
	return false;
}

/* Which of several devices it waits on, and on which it runs, where the links say it. */
static bool take_targets(struct redfish *rf, json_object *o)
{
	json_object *links = NULL, *staged, *active;
	size_t nstaged, nactive;

	if (!json_object_object_get_ex(o, "Links", &links) || !json_object_is_type(links, json_type_object))
		return false;
	staged = list(links, "StagedTargets", &nstaged);
	active = list(links, "ActiveTargets", &nactive);
	for (size_t i = 0; i < nactive; i++)
		take_version(rf, manage_text(json_object_array_get_idx(active, i), "@odata.id"), o);
	for (size_t i = 0; i < nstaged; i++) {
		const char *path = manage_text(json_object_array_get_idx(staged, i), "@odata.id");

		if (!is_linked(active, nactive, path))
			note_item(rf, path, true);
	}
	for (size_t i = 0; staged && i < nactive; i++)
		note_item(rf, manage_text(json_object_array_get_idx(active, i), "@odata.id"), false);
	return nstaged || nactive;
}

int redfish_software(struct redfish *rf, json_object *o)
{
	size_t n;
	json_object *l = list(o, "RelatedItem", &n);

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	if (take_targets(rf, o))
		return 0;
	for (size_t i = 0; l && i < n; i++)
		take_item(rf, manage_text(json_object_array_get_idx(l, i), "@odata.id"), o);
	return 0;
}

/* By its own path's last part, its storage's, or its manager's; -1 nothing was said of it. */
static int staged_for(const struct redfish *rf, const struct redfish_controller *c)
{
	int staged = -1;

	for (unsigned i = 0; i < rf->nitems; i++) {
		char name[NAME_MAX_LEN];

		last_part(name, sizeof(name), rf->items[i].path);
		if (is_named(rf, c, name) && staged < rf->items[i].staged)
			staged = rf->items[i].staged;
	}
	return staged;
}

/* By the redundancy set that names it or its storage; -1. */
static int set_of(const struct redfish *rf, const struct redfish_controller *c)
{
	int set = find_set(rf, c->name);

	return set >= 0 ? set : find_set(rf, rf->storages[c->storage].name);
}

static void name_controller(const struct redfish *rf, struct redfish_controller *c, int set)
{
	const struct redfish_storage *s = &rf->storages[c->storage];
	char text[2 * NAME_MAX_LEN];

	if (!c->name[0])
		copy_text(text, sizeof(text), s->name);
	else if (set >= 0 && find_set(rf, c->name) >= 0)
		copy_text(text, sizeof(text), c->name);
	else
		format_text(text, sizeof(text), "%s.%s", s->name, c->name);
	copy_device_text(c->r.name, sizeof(c->r.name), text, strlen(text));
}

static void tell_controller(struct redfish *rf, struct redfish_controller *c, const char *by,
	const struct manage_sink *sink)
{
	int set = set_of(rf, c);
	bool canister = set >= 0 || rf->storages[c->storage].controllers > 1;

	name_controller(rf, c, set);
	c->r.kind = canister ? KIND_CANISTER : KIND_SYSTEM;
	if (!canister) {
		char plain[NAME_MAX_LEN];

		copy_text(plain, sizeof(plain), c->r.name);
		format_text(c->r.name, sizeof(c->r.name), "storage.%.50s", plain);
	}
	if (set >= 0 && rf->sets[set].known &&
		(c->r.state == STATE_OK || c->r.state == STATE_DEGRADED))
		reading_add(&c->r, FACT_PARTNER_MISSING, rf->sets[set].impaired);
	if (canister && *by)
		format_text(c->r.message, sizeof(c->r.message), "reported by %.80s", by);
	if (canister && staged_for(rf, c) >= 0)
		reading_add(&c->r, FACT_MICROCODE_PENDING, staged_for(rf, c));
	if (c->r.name[0])
		sink->reading(&c->r, c->address, sink->arg);
}

static bool is_listed(const struct redfish *rf, const char *name)
{
	for (unsigned i = 0; i < rf->nstorages; i++)
		if (text_equal(rf->storages[i].name, name))
			return true;
	for (unsigned i = 0; i < rf->ncontrollers; i++)
		if (text_equal(rf->controllers[i].name, name))
			return true;
	return false;
}

void redfish_canisters(struct redfish *rf, const char *by, const struct manage_sink *sink)
{
	/* a partner names it, the collection does not */
	for (unsigned i = 0; i < rf->nsets; i++)
		if (!is_listed(rf, rf->sets[i].name))
			redfish_storage_silent(rf, rf->sets[i].name, "not listed");
	for (unsigned i = 0; i < rf->ncontrollers; i++)
		tell_controller(rf, &rf->controllers[i], by, sink);
}
