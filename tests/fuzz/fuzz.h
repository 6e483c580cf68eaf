/* What every fuzzer shares: the entry point, and the promises a decoder breaks only by a bug. */
#pragma once
#include <stdlib.h>

#include "probes/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Aborts: the fuzzer keeps the input. */
static inline void promise(bool holds)
{
	if (!holds)
		abort();
}

static inline void check_reading(const struct reading *r, enum outcome o)
{
	promise(o > OUTCOME_NONE && o < OUTCOME_COUNT);
	promise(r->nfacts <= READING_FACTS && r->ncustom <= READING_CUSTOM);
	promise(o == OUTCOME_OK || !r->nfacts);
	for (unsigned i = 0; i < r->nfacts; i++)
		promise((r->facts[i].fact >= FACT_CUSTOM || r->facts[i].value > -1000) && r->facts[i].value < 1e39);
	promise(memchr(r->model, 0, sizeof(r->model)) && memchr(r->serial, 0, sizeof(r->serial)));
}
