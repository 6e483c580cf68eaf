/*
 * What an exec source's program printed -> readings. Pure but for json-c's heap: text in, readings
 * out through a callback; never runs anything, never judges.
 */
#pragma once
#include "probes/reading.h"

enum { EXEC_OUTPUT_MAX = 1024 * 1024, EXEC_DEPTH_MAX = 8, EXEC_HELD = 32 };

/** exec_reading_fn - one component of the answer; the reading is the parser's, copy what you keep
 */
typedef void exec_reading_fn(const struct reading *r, void *arg);

/**
 * exec_parse() - one answer, as CONTRACT "exec source" says: a JSON object a line,
 * {"end":true,"count":N} last
 * @text, @len: all that came; needs no NUL
 * @base: what every reading starts from (job, source, array, plane)
 * @ended_well: the program ended by itself with status 0; otherwise no answer is whole
 * @fn, @arg: called after the last line was judged, for each that holds; of an answer that is not whole only for
 * those that raise (exec_raises()): that something serves is believed of a whole answer only
 * @end: outcome (of the text alone), complete, count and error are set, the rest is left alone
 *
 * A state outside the words becomes STATE_UNKNOWN with the word in raw. OUTCOME_SHORT without an
 * end line; OUTCOME_NONSENSE for a line that does not hold, a component that is listed
 * twice, a count that does not agree, text after the end, more than EXEC_OUTPUT_MAX; complete is only OUTCOME_OK of
 * a program that @ended_well.
 */
void exec_parse(const char *text, size_t len, const struct reading *base, bool ended_well,
	exec_reading_fn *fn, void *arg, struct job_end *end);
