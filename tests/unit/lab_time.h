/* How time passes in the lab, and what its sources send meanwhile: for the words of its script. */
#pragma once
#include "tests/unit/lab.h"

/* as the process around the engine does it: woken when it says so, and only then */
void lab_wait_ms(struct lab *l, uint64_t ms);
/* all readings repeated as due */
void lab_keep(struct lab *l, uint64_t seconds);
/* the next reading of subject @i, in the job that runs */
void lab_send(struct lab *l, unsigned i);
void lab_end_job(struct lab *l, unsigned source, enum outcome outcome, bool complete);
