/* The configuration walker never crashes, and what it accepts has no index that leads outside. */
#include "fuzz.h"
#include "agent/config_load.h"

static void check(const struct config *c)
{
	promise(c->narrays <= CFG_ARRAYS && c->nsources <= CFG_SOURCES && c->nsinks <= CFG_SINKS);
	promise(c->nplans <= CFG_PLANS && c->nsteps <= CFG_STEPS && c->nlisten <= CFG_LISTEN &&
		c->pool_used <= CFG_POOL);
	for (unsigned i = 0; i < c->nsources; i++)
		promise(c->sources[i].array < c->narrays && c->sources[i].type &&
			(c->sources[i].interval_ms || c->sources[i].type == SOURCE_LISTEN));
	for (unsigned i = 0; i < c->nsinks; i++)
		promise(c->sinks[i].fallback_for <= c->nsinks && c->sinks[i].fallback_for != i + 1);
	for (unsigned i = 0; i < c->nplans; i++) {
		const struct cfg_plan *p = &c->plans[i];

		promise(p->array < c->narrays && p->nsteps &&
			p->first_step + p->nsteps <= c->nsteps && p->when);
	}
	for (unsigned i = 0; i < c->nsteps; i++)
		promise(c->steps[i].verbs && *cfg_str(c, c->steps[i].name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config c;
	struct config_errors errs = {};

	if (config_load_text("fuzz.yaml", (const char *)data, size, false, &c, &errs) == 0)
		check(&c);
	else
		promise(errs.count && errs.first[0]);
	return 0;
}
