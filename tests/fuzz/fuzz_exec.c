/* What a script prints. Oracle: complete means an end line whose count is the number of readings heard, and of an
 * answer that is not complete none says that something serves. */
#include "fuzz.h"
#include "probes/exec_parse.h"

struct heard {
	unsigned all, serving;
};

static void count(const struct reading *r, void *arg)
{
	struct heard *h = arg;

	check_reading(r, OUTCOME_OK);
	promise(r->kind && r->kind < KIND_COUNT && r->state < STATE_COUNT && r->name[0]);
	h->all++;
	h->serving += r->state == STATE_OK || r->state == STATE_DEGRADED;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct reading base;
	struct job_end end = {}, failed = {};
	struct heard heard = {}, despite = {};

	exec_parse((const char *)p, n, &base, true, count, &heard, &end);
	promise(end.count == heard.all);
	promise(end.complete == (end.outcome == OUTCOME_OK));
	promise(end.complete || !heard.serving);
	exec_parse((const char *)p, n, &base, false, count, &despite, &failed);
	promise(!failed.complete && !despite.serving && despite.all == heard.all - heard.serving);
	promise(end.outcome != OUTCOME_OK || memmem(p, n, "\"end\"", 5));
	promise((end.outcome == OUTCOME_OK) == !end.error[0]);
	return 0;
}
