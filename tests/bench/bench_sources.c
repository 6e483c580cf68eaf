/*
 * One source polled again and again, to be counted by callgrind: bench-sources NAME ROUNDS SYSFS [engine]. Prints the
 * bytes of the last round; with "engine" the readings go through an engine as well, else they are only counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/engine.h"
#include "agent/msg.h"
#include "bench_polls.h"
#include "bench_wire.h"

enum { GAP_MS = 5000 };

struct bench {
	struct engine *e;
	uint64_t now_ms, bytes, messages, unwell;
};

/* What callgrind counts with "engine". */
void bench_engine(struct bench *b, const struct reading *r, const struct notice *n, const struct job_end *end);
__attribute__((noinline)) void bench_engine(
	struct bench *b, const struct reading *r, const struct notice *n, const struct job_end *end)
{
	if (r)
		engine_reading(b->e, r, b->now_ms, (int64_t)b->now_ms);
	if (n)
		engine_notice(b->e, n, b->now_ms, (int64_t)b->now_ms);
	if (end)
		engine_job_end(b->e, end, b->now_ms, (int64_t)b->now_ms);
}

/* A drive's own reading has no word, and what is beside another has none either; not every port has a cable. */
static bool is_well(const struct reading *r)
{
	return r->outcome == OUTCOME_OK && (r->state == STATE_OK || r->kind == KIND_DRIVE || r->beside ||
		(r->kind == KIND_PORT && r->state == STATE_ABSENT));
}

static void hear(const struct reading *r, void *arg)
{
	struct bench *b = arg;

	b->messages++;
	b->bytes += sizeof(*r);
	if (!is_well(r)) {
		b->unwell++;
		fprintf(stderr, "%s %s: %s, '%s'\n", kind_text((enum kind)r->kind), r->name,
			state_text((enum state)r->state), r->raw);
	}
	if (b->e)
		bench_engine(b, r, NULL, NULL);
}

static void hear_notice(const struct notice *n, void *arg)
{
	struct bench *b = arg;

	b->messages++;
	b->bytes += sizeof(*n);
	if (b->e)
		bench_engine(b, NULL, n, NULL);
}

static struct config *one_source(const struct poll *p)
{
	struct config *c = calloc(1, sizeof(*c));
	bool full = false;

	if (!c)
		abort();
	c->size = sizeof(*c);
	c->narrays = c->nsources = 1;
	c->arrays[0].name = cfg_put(c, "san1", &full);
	c->sources[0] = (struct cfg_source){.type = p->type, .plane = PLANE_MANAGEMENT, .interval_ms = GAP_MS, .timeout_ms = 3000};
	return c;
}

static int round_of(struct bench *b, const struct poll *p, struct job *j)
{
	const struct tally t = {hear, hear_notice, b};
	struct job_end end = {.outcome = OUTCOME_OK};

	j->id++;
	end.job = j->id;
	b->bytes = b->messages = wire_bytes = wire_asked = 0;
	p->once(p, j, &t, &end);
	if (end.outcome != OUTCOME_OK || !b->messages || b->unwell) {
		fprintf(stderr, "%s: %s, %lu messages, %lu not well: %s\n", p->name, outcome_text((enum outcome)end.outcome),
			(unsigned long)b->messages, (unsigned long)b->unwell, end.error);
		return -1;
	}
	if (p->type != SOURCE_LISTEN) {
		b->bytes += sizeof(end);
		if (b->e)
			bench_engine(b, NULL, NULL, &end);
	}
	b->now_ms += GAP_MS;
	return 0;
}

/* All that this process has read until now; under valgrind it means nothing. */
static uint64_t read_so_far(void)
{
	unsigned long n = 0;
	FILE *f = fopen("/proc/self/io", "re");

	if (!f || fscanf(f, "rchar: %lu", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

static int run(struct bench *b, const struct poll *p, unsigned rounds, const char *sysfs)
{
	struct job j = {.type = p->type, .drive_class = p->drive_class, .timeout_ms = 8000, .command_ms = 1000,
		.name = "one", .dev = "/dev/one", .sg = "/dev/sg1"};
	uint64_t before = 0, asking = 0, after;

	copy_text(j.sysfs, sizeof(j.sysfs), sysfs);
	for (unsigned i = 0; i < rounds; i++) {
		if (i + 1 == rounds) {
			/* asking for the number reads as well */
			asking = read_so_far();
			before = read_so_far();
		}
		if (round_of(b, p, &j) < 0)
			return 1;
	}
	after = read_so_far();
	printf("done %lu %lu %lu %lu %lu\n", (unsigned long)wire_asked, (unsigned long)wire_bytes,
		(unsigned long)((after - before) - (before - asking)), (unsigned long)b->messages, (unsigned long)b->bytes);
	return 0;
}

int main(int argc, char **argv)
{
	const struct poll *p = argc > 3 ? poll_find(argv[1]) : NULL;
	struct bench b = {.now_ms = 1000000};
	static struct engine e;
	struct config *c;
	int r;

	if (!p) {
		poll_names();
		return argc > 3;
	}
	c = one_source(p);
	if (argc > 4) {
		if (engine_init(&e, c, NULL, 0, 1, b.now_ms, (int64_t)b.now_ms) < 0)
			return 1;
		/* the first look for devices is over: what is asked here is all there is */
		engine_device(&e, &(struct device_event){}, 0, b.now_ms, (int64_t)b.now_ms);
		b.e = &e;
	}
	r = run(&b, p, (unsigned)strtoul(argv[2], NULL, 10), argv[3]);
	if (b.e)
		engine_free(&e);
	free(c);
	return r;
}
