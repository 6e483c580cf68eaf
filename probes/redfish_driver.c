/* Redfish as a driver: from the root along its links, within bounds. Only GET, the POST of a login and its DELETE. */
#include "probes/redfish_look.h"

#include "probes/redfish_session.h"

_Static_assert(sizeof(struct redfish_turn) <= MANAGE_KEEP, "where the inventory stopped is kept from look to look");

static enum outcome take_controller(struct redfish_look *l, json_object *o, const char *path)
{
	return redfish_controller(&l->rf, o, path) < 0 ? redfish_nonsense(l, path) : OUTCOME_OK;
}

static enum outcome take_storage(struct redfish_look *l, json_object *o, const char *path)
{
	char link[REDFISH_PATH];

	if (redfish_storage(&l->rf, o, path, &l->drives) < 0)
		return redfish_nonsense(l, path);
	if (redfish_follow(o, REDFISH_LINK_VOLUMES, link) && l->volumes.n < REDFISH_LINKS)
		copy_text(l->volumes.at[l->volumes.n++], REDFISH_PATH, link);
	if (redfish_follow(o, REDFISH_LINK_POOLS, link) && l->pools.n < REDFISH_LINKS)
		copy_text(l->pools.at[l->pools.n++], REDFISH_PATH, link);
	return redfish_follow_by(l, o, REDFISH_LINK_CONTROLLERS, redfish_take_each, take_controller);
}

/* One of two that does not answer for itself says something about that one, not about the other. */
static enum outcome take_storages(
	struct redfish_look *l, const struct redfish_links *links, redfish_each_fn *take)
{
	unsigned silent = 0;
	enum outcome o = OUTCOME_OK;

	for (unsigned i = 0; i < links->n && o == OUTCOME_OK; i++) {
		json_object *storage = NULL;

		o = redfish_ask(l, links->at[i], &storage);
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

static enum outcome follow_storage(struct redfish_look *l, json_object *o)
{
	return redfish_follow_by(l, o, REDFISH_LINK_STORAGE, take_storages, take_storage);
}

static enum outcome take_storage_of_system(struct redfish_look *l, json_object *o, const char *path)
{
	(void)path;
	return follow_storage(l, o);
}

static enum outcome take_manager(struct redfish_look *l, json_object *o, const char *path)
{
	struct redfish_links *ports = malloc(sizeof(*ports));
	char link[REDFISH_PATH], address[48] = "";
	enum outcome out = ports ? OUTCOME_OK : OUTCOME_ERROR;

	if (ports)
		redfish_links_begin(ports);
	if (ports && redfish_follow(o, REDFISH_LINK_ETHERNET, link))
		out = redfish_ask_members(l, link, ports);
	for (unsigned i = 0; ports && out == OUTCOME_OK && i < ports->n && !address[0]; i++) {
		json_object *port = NULL;

		out = redfish_ask(l, ports->at[i], &port);
		if (port)
			copy_device_text(address, sizeof(address), redfish_address(port),
				strlen(redfish_address(port)));
		json_object_put(port);
	}
	redfish_manager(&l->rf, o, path, address);
	free(ports);
	return out;
}

static enum outcome look_at_all(struct redfish_look *l)
{
	const struct manage_sink sink = {redfish_tell, l};
	char path[REDFISH_PATH];
	json_object *root = NULL;
	enum outcome o = redfish_ask(l, REDFISH_ROOT, &root);

	if (o == OUTCOME_OK && redfish_follow(root, REDFISH_LINK_STORAGE, path))
		o = follow_storage(l, root);
	else if (o == OUTCOME_OK)
		o = redfish_follow_by(l, root, REDFISH_LINK_SYSTEMS, redfish_take_each, take_storage_of_system);
	if (o == OUTCOME_OK)
		o = redfish_follow_by(l, root, REDFISH_LINK_MANAGERS, redfish_take_who_answers, take_manager);
	if (o == OUTCOME_OK && !l->rf.nstorages)
		o = manage_fail(l->m, OUTCOME_UNSUPPORTED, "this service shows no storage");
	if (o == OUTCOME_OK) {
		redfish_canisters(&l->rf, manage_address(l->m), &sink);
		manage_listed(l->m, KIND_CANISTER);
	}
	if (o == OUTCOME_OK && manage_due(l->m, REDFISH_PART_INVENTORY, REDFISH_INVENTORY_MS))
		o = redfish_inventory(l, root);
	if (o == OUTCOME_OK)
		redfish_tell_turn(l);
	json_object_put(root);
	return o;
}

/* Not cleared: it is large, and its tables are counted. */
static enum outcome look(struct manage *m)
{
	struct redfish_look *l = malloc(sizeof(*l));
	enum outcome o = OUTCOME_ERROR;

	if (l) {
		l->m = m;
		l->turn = manage_keep(m);
		l->inventory = l->cut = l->alone = l->software = false;
		l->every_ms = l->asked = 0;
		l->why[0] = '\0';
		redfish_begin(&l->rf);
		redfish_links_begin(&l->drives);
		redfish_links_begin(&l->volumes);
		redfish_links_begin(&l->pools);
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
