/*
 * What an exec source's program printed -> readings. Pure but for json-c's heap: text in, readings
 * out through a callback; never runs anything, never judges.
 */
#pragma once
#include "probes/reading.h"

enum { EXEC_OUTPUT_MAX = 1024 * 1024, EXEC_DEPTH_MAX = 8 };

/** exec_reading_fn - one component of the answer; the reading is the parser's, copy what you keep
 */
typedef void exec_reading_fn(const struct reading *r, void *arg);

/**
 * exec_parse() - one answer, as CONTRACT "exec source" says: a JSON object a line,
 * {"end":true,"count":N} last
 * @text, @len: all that came; needs no NUL
 * @base: what every reading starts from (job, source, array, plane)
 * @fn, @arg: called for each line that holds, even when another one does not
 * @end: outcome, complete, count and error are set, the rest is left alone
 *
 * A state outside the words becomes STATE_UNKNOWN with the word in raw. OUTCOME_SHORT without an
 * end line; OUTCOME_NONSENSE for a line that does not hold, a component that is listed
 * twice, a count that does not agree, text after the end, more than EXEC_OUTPUT_MAX; only OUTCOME_OK is complete.
 */
void exec_parse(const char *text, size_t len, const struct reading *base, exec_reading_fn *fn,
	void *arg, struct job_end *end);
