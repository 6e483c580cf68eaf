/* What a script prints. Oracle: complete means an end line whose count is the number of readings
 * heard. */
#include "fuzz.h"
#include "probes/exec_parse.h"

static void count(const struct reading *r, void *arg)
{
	unsigned *n = arg;

	check_reading(r, OUTCOME_OK);
	promise(r->kind && r->kind < KIND_COUNT && r->state < STATE_COUNT && r->name[0]);
	++*n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct reading base;
	struct job_end end = {};
	unsigned heard = 0;

	exec_parse((const char *)p, n, &base, count, &heard, &end);
	promise(end.count == heard);
	promise(end.complete == (end.outcome == OUTCOME_OK));
	promise(end.outcome != OUTCOME_OK || memmem(p, n, "\"end\"", 5));
	promise((end.outcome == OUTCOME_OK) == !end.error[0]);
	return 0;
}
