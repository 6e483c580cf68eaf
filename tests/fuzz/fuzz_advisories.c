/* A local file of advisories never crashes the walker; what it accepts can be matched against anything. */
#include "fuzz.h"
#include "agent/advise_match.h"
#include "agent/config_load.h"

static void check(const struct config *c, const char *text)
{
	promise(c->nadvisories <= CFG_ADVISORIES && c->pool_used <= CFG_POOL);
	for (unsigned i = 0; i < c->nadvisories; i++) {
		const struct cfg_advisory *a = &c->advisories[i];

		promise(a->kind && a->trigger && *cfg_str(c, a->id) && *cfg_str(c, a->source));
		promise(a->hours || !advisory_dated((enum advisory_trigger)a->trigger));
		(void)advisory_match(c, a, (enum kind)a->kind, text, text, text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config c;
	struct config_errors errs = {};
	char text[48] = "";

	memset(&c, 0, sizeof(c));
	memcpy(text, data, MIN_OF(size, sizeof(text) - 1));
	promise(version_compare(text, text) == VERSION_SAME);
	if (advisories_load("fuzz.yaml", (const char *)data, size, &c, &errs) == 0)
		check(&c, text);
	else
		promise(errs.count && errs.first[0]);
	return 0;
}
