/* What one reading that changes nothing costs the engine, and a beat of its clock, with COUNT components of one array. */
#include <stdio.h>
#include <stdlib.h>

#include "agent/engine.h"

enum { ARRAY_DRIVES = 24, BEAT_MS = 1000, INTERVAL_MS = 5000 };

void bench_engine_reading(struct engine *e, const struct reading *r, uint64_t now_ms);
void bench_engine_beat(struct engine *e, uint64_t now_ms);

__attribute__((noinline)) void bench_engine_reading(
	struct engine *e, const struct reading *r, uint64_t now_ms)
{
	engine_reading(e, r, now_ms, (int64_t)now_ms);
}

/* as the process around the engine does it: asked when it is due after each message, woken when it is */
__attribute__((noinline)) void bench_engine_beat(struct engine *e, uint64_t now_ms)
{
	if (engine_next_ms(e) <= now_ms)
		engine_tick(e, now_ms, (int64_t)now_ms);
}

static struct config *bench_config(void)
{
	struct config *c = calloc(1, sizeof(*c));
	bool full = false;

	if (!c)
		abort();
	c->size = sizeof(*c);
	c->narrays = c->nsources = c->nsinks = 1;
	c->arrays[0].name = cfg_put(c, "san1", &full);
	c->sources[0] = (struct cfg_source){.type = SOURCE_EXEC,
		.plane = PLANE_MANAGEMENT,
		.interval_ms = INTERVAL_MS,
		.timeout_ms = 3000};
	c->sinks[0].name = cfg_put(c, "oncall", &full);
	return c;
}

static struct reading reading_of(unsigned i)
{
	struct reading r = {.outcome = OUTCOME_OK, .state = STATE_OK, .slot = (int16_t)i};

	r.kind = i < 2 ? KIND_CANISTER : i < 10 ? KIND_PATH : KIND_DRIVE;
	r.drive_class = i < 10 ? CLASS_NONE : CLASS_SCSI_HDD;
	if (i >= 2 && i < 10)
		format_text(r.name, sizeof(r.name), "host%u-%u", i, i % 2);
	else
		format_text(r.name, sizeof(r.name), "%s%u", i < 2 ? "" : "slot", i);
	copy_text(r.raw, sizeof(r.raw), "online");
	if (i < 10)
		return r;
	format_text(r.group, sizeof(r.group), "pool%u", i / ARRAY_DRIVES);
	r.group_need = ARRAY_DRIVES - 2;
	reading_add(&r, FACT_TEMPERATURE, 31);
	reading_add(&r, FACT_POWER_ON_HOURS, 27900);
	reading_add(&r, FACT_GROWN_DEFECTS, 0);
	reading_add(&r, FACT_READ_UNCORRECTED, 0);
	return r;
}

static void round_of(struct engine *e, unsigned count, unsigned job, uint64_t *now_ms)
{
	struct job_end end = {.job = job, .outcome = OUTCOME_OK, .complete = 1, .count = count};

	for (unsigned i = 0; i < count; i++) {
		struct reading r = reading_of(i);

		r.job = job;
		bench_engine_reading(e, &r, *now_ms);
	}
	engine_job_end(e, &end, *now_ms, (int64_t)*now_ms);
	for (unsigned t = 0; t < INTERVAL_MS / BEAT_MS; t++) {
		*now_ms += BEAT_MS;
		bench_engine_beat(e, *now_ms);
	}
}

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10;
	struct config *c = bench_config();
	static struct engine e;
	uint64_t now_ms = 1000000;

	if (engine_init(&e, c, NULL, 0, 1, now_ms, (int64_t)now_ms) < 0)
		return 1;
	for (unsigned i = 0; i < rounds; i++)
		round_of(&e, count, i + 1, &now_ms);
	printf("%u %u\n", component_count(&e.model), array_at(&e.model, 0)->verdict);
	engine_free(&e);
	free(c);
	return 0;
}
