/* Software images of a Redfish service: what runs on a device, and what waits there: DMTF SoftwareInventory. */
#include "probes/redfish_parts.h"

#include <errno.h>

bool redfish_is_named(const struct redfish *rf, const struct redfish_controller *c, const char *name)
{
	return *name && (text_equal(c->name, name) || text_equal(rf->storages[c->storage].name, name));
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

	redfish_last_part(name, sizeof(name), text);
	for (unsigned i = 0; *version && i < rf->ncontrollers; i++)
		if (redfish_is_named(rf, &rf->controllers[i], name) && !rf->controllers[i].r.firmware[0])
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
	staged = redfish_list(links, "StagedTargets", &nstaged);
	active = redfish_list(links, "ActiveTargets", &nactive);
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
	json_object *l = redfish_list(o, "RelatedItem", &n);

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	if (take_targets(rf, o))
		return 0;
	for (size_t i = 0; l && i < n; i++)
		take_item(rf, manage_text(json_object_array_get_idx(l, i), "@odata.id"), o);
	return 0;
}

int redfish_staged_for(const struct redfish *rf, const struct redfish_controller *c)
{
	int staged = -1;

	for (unsigned i = 0; i < rf->nitems; i++) {
		char name[NAME_MAX_LEN];

		redfish_last_part(name, sizeof(name), rf->items[i].path);
		if (redfish_is_named(rf, c, name) && staged < rf->items[i].staged)
			staged = rf->items[i].staged;
	}
	return staged;
}
