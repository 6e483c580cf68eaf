/* Two answers of a Dot Hill controller. Oracle: what is cut by its last bracket is no answer; only ok's words are ok. */
#include <json-c/json.h>

#include "fuzz_manage.h"
#include "probes/mc.h"

static json_object *part(const uint8_t **p, size_t *n)
{
	json_object *o = NULL, *cut = NULL;
	char why[32] = "", key[MC_KEY];
	size_t len;
	char *text = next_part(p, n, &len);

	if (mc_login(text, len, key, sizeof(key)) == 0)
		promise(key[0] && strlen(key) < sizeof(key) && !strpbrk(key, "\r\n"));
	if (mc_answer(text, len, &o, why, sizeof(why)) == 0) {
		while (len && strchr(" \t\r\n", text[len - 1]))
			len--;
		promise(text[0] == '<' || mc_answer(text, len - 1, &cut, why, sizeof(why)) < 0);
	} else {
		promise(!o);
	}
	free(text);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	unsigned heard = 0, before;
	const struct manage_sink sink = {hear, &heard};
	json_object *a = part(&p, &n), *b = part(&p, &n);
	struct mc_groups groups = {};
	struct mc_log log = {};
	struct reading system = {};

	if (a && b) {
		int r = mc_canisters(a, b, "10.0.0.1", &sink);

		promise(r == 0 || !heard);
		(void)!mc_system(b, a, &sink);
		(void)mc_booted(b, "A", 0);
		before = heard;
		if (mc_enclosures(b, &sink) < 0 && mc_power_supplies(a, &sink) < 0 && mc_fans(a, &sink) < 0)
			promise(heard == before);
		(void)!mc_power_supplies(b, &sink);
		(void)!mc_fans(b, &sink);
		(void)!mc_ports(b, &sink);
		(void)!mc_events(a, &log, 1);
		(void)!mc_events(b, &log, 2);
		mc_log_tell(&log, 3, &system);
		promise(log.recent.n <= MANAGE_LOGGED);
		(void)!mc_pools(b, &sink);
		(void)!mc_disk_groups(b, &groups, &sink);
		(void)!mc_disks(b, &groups, &sink);
	}
	json_object_put(a);
	json_object_put(b);
	return 0;
}
