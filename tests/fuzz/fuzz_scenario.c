/* The scenario parser never crashes, and whatever it accepts can be played from end to end. */
#include "fuzz.h"
#include "agent/scenario.h"

static void take(void *ctx, const struct reading *r)
{
	unsigned *n = ctx;

	promise(r->kind && r->kind < KIND_COUNT && r->outcome && r->nfacts <= READING_FACTS &&
		r->name[0]);
	/* no answer carries no values */
	promise(r->outcome == OUTCOME_OK || (!r->nfacts && r->state == STATE_UNKNOWN));
	(*n)++;
}

static void play(const struct scenario *s, struct world *w)
{
	struct job_end end;
	uint64_t at = 0;
	unsigned n;

	world_init(w, s);
	for (const struct scenario_event *e; (e = world_step(w, UINT64_MAX));) {
		promise(e->at_ms >= at && e->at_ms <= s->length_ms);
		promise(e->what != CHANGE_COMPONENT || e->component < s->ncomponents);
		promise(e->what != CHANGE_SINK || e->sink < s->config.nsinks);
		at = e->at_ms;
	}
	world_restart(w);
	for (unsigned i = 0; i < s->config.nsources; i++) {
		n = 0;
		world_poll(w, i, take, &n, &end);
		promise(end.count == n && (end.outcome == OUTCOME_OK) == (end.complete != 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scenario s;
	static struct world w;
	struct config_errors errs = {};

	if (scenario_parse("fuzz.yaml", (const char *)data, size, &s, &errs) == 0)
		play(&s, &w);
	else
		promise(errs.count && errs.first[0]);
	return 0;
}
