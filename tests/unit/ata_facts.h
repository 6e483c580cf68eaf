/* What the tests of ATA decoding share: the facts that a reading must have, and those it must not. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>

#include "probes/ata.h"

enum { ABSENT = -2000000 };

struct wanted {
	unsigned fact;
	double value; /* ABSENT: the reading must not have it */
};

static inline void check_facts(const struct reading *r, const struct wanted *w, size_t n,
	const char *why)
{
	for (size_t i = 0; i < n && w[i].fact; i++) {
		double v = ABSENT;
		bool found = reading_find(r, w[i].fact, &v);

		if (found != (w[i].value != ABSENT) || (found && fabs(v - w[i].value) > 0.01))
			fail_msg("%s: %s is %g, wanted %g", why, fact_info(w[i].fact)->name, v,
				w[i].value);
	}
}
