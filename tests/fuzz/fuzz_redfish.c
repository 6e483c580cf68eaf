/* Two resources, taken for everything that is asked. Oracle: links stay here; only ok's words are ok. */
#include <json-c/json.h>

#include "fuzz_manage.h"
#include "probes/redfish.h"

static struct redfish rf;
static struct redfish_links links;

static void take(json_object *o, const struct manage_sink *sink)
{
	char next[REDFISH_PATH] = "";

	(void)!redfish_storage(&rf, o, "/redfish/v1/Storage/a", &links);
	(void)!redfish_controller(&rf, o, "/redfish/v1/Storage/a/Controllers/1");
	(void)!redfish_software(&rf, o);
	redfish_manager(&rf, o, "/redfish/v1/Managers/a", redfish_address(o));
	(void)!redfish_system(o, "/redfish/v1/Systems/1", sink);
	(void)!redfish_chassis(&rf, o, "/redfish/v1/Chassis/1", sink);
	(void)!redfish_parts(o, "PowerSupplies", KIND_PSU, "1", sink);
	(void)!redfish_drive(&rf, o);
	(void)!redfish_volume(&rf, o, "/redfish/v1/Storage/a/Volumes/1");
	if (redfish_pool_drives(o, 0, next))
		promise(!strncmp(next, "/redfish/", 9));
	redfish_pool_take_drives(o, 0, o);
	(void)!redfish_pool(&rf, o, "/redfish/v1/Storage/a/StoragePools/1");
	redfish_pools(&rf, sink);
	if (redfish_members(o, NULL, &links, next) == 0 && next[0])
		promise(!strncmp(next, "/redfish/", 9));
	for (unsigned kind = 0; kind < REDFISH_LINK_COUNT; kind++)
		if (redfish_follow(o, (enum redfish_link_kind)kind, next))
			promise(!strncmp(next, "/redfish/", 9) && !strpbrk(next, " \r\n?#") && !strstr(next, "//"));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	unsigned heard = 0;
	const struct manage_sink sink = {hear, &heard};

	rf = (struct redfish){};
	links = (struct redfish_links){};
	for (unsigned i = 0; i < 2; i++) {
		size_t len;
		char *text = next_part(&p, &n, &len);
		json_object *o = manage_json(text, len);

		take(o, &sink);
		json_object_put(o);
		free(text);
	}
	redfish_canisters(&rf, "10.0.0.1", &sink);
	redfish_drives(&rf, &sink);
	for (unsigned i = 0; i < links.n; i++)
		promise(!strncmp(links.at[i], "/redfish/", 9));
	return 0;
}
