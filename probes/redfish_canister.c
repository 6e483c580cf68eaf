/* Which controllers stand in for each other, and how each of them is. */
#include "probes/redfish_parts.h"

#include <errno.h>

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
	json_object *sets = redfish_list(o, "Redundancy", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *set = json_object_array_get_idx(sets, i);
		json_object *l = redfish_list(set, "RedundancySet", &members);
		struct reading r = {};

		if (!is_redundant(set, members))
			continue;
		redfish_judge(&r, set);
		for (size_t m = 0; m < members && rf->nsets < REDFISH_SETS; m++) {
			char name[NAME_MAX_LEN];

			redfish_last_part(name, sizeof(name),
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
	redfish_last_part(rf->storages[rf->nstorages].name, NAME_MAX_LEN, path);
	rf->nstorages++;
	return true;
}

static int take_inline(struct redfish *rf, json_object *o, const struct reading *storage)
{
	size_t n;
	json_object *l = redfish_list(o, "StorageControllers", &n);

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
	if (redfish_list(o, "Drives", &n) && redfish_members(o, "Drives", drives, next) < 0)
		return -EBADMSG;
	if (redfish_list(o, "StorageControllers", &n) && n)
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

bool redfish_any_silent(const struct redfish *rf)
{
	for (unsigned i = 0; i < rf->nstorages; i++)
		if (rf->storages[i].silent)
			return true;
	return false;
}

int redfish_controller(struct redfish *rf, json_object *o, const char *path)
{
	char name[NAME_MAX_LEN];
	struct redfish_controller *c;

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	redfish_last_part(name, sizeof(name), path);
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
	json_object *l = redfish_list(o, "IPv4Addresses", &n);

	for (size_t i = 0; i < n; i++) {
		const char *address = manage_text(json_object_array_get_idx(l, i), "Address");

		if (*address && !text_equal(address, "0.0.0.0"))
			return address;
	}
	return "";
}

void redfish_manager(struct redfish *rf, json_object *o, const char *path, const char *address)
{
	char name[NAME_MAX_LEN];

	redfish_last_part(name, sizeof(name), path);
	for (unsigned i = 0; name[0] && i < rf->ncontrollers; i++) {
		struct redfish_controller *c = &rf->controllers[i];
		struct reading r = {};

		if (!redfish_is_named(rf, c, name))
			continue;
		redfish_judge(&r, o);
		worse_of(&c->r, &r);
		if (!c->r.firmware[0])
			describe(&c->r, o);
		copy_device_text(c->address, sizeof(c->address), address, strlen(address));
	}
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
	if (canister && redfish_staged_for(rf, c) >= 0)
		reading_add(&c->r, FACT_MICROCODE_PENDING, redfish_staged_for(rf, c));
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
