/* Whom an exec source's answer lists, and the worst that it says of each. Pure but for the heap. */
#pragma once
#include "probes/reading.h"

/* {} to begin with. */
struct exec_listed {
	struct exec_entry *entries; /* open addressing */
	size_t n, room;
};

/** exec_list() - note what @r says; Return: 1 it is listed for the first time, 0 again, -ENOMEM */
must_check int exec_list(struct exec_listed *l, const struct reading *r);

/**
 * exec_raises() - whether @r counts although the answer is not whole
 *
 * Only that something does not serve does, and of one that is listed more than once only the worst. That it serves,
 * ok or degraded, has to come from a whole answer: else it would be believed for as long as the answer stays broken.
 */
bool exec_raises(const struct exec_listed *l, const struct reading *r);

void exec_listed_free(struct exec_listed *l);
