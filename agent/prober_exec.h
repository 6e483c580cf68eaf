/* Running an exec source's program: bounded in time and output, and nothing of it is left behind.
 */
#pragma once
#include "probes/reading.h"

/* What came of it. */
struct exec_result {
	enum outcome outcome; /* OUTCOME_OK: it ended with status 0 in time; OUTCOME_TIMEOUT;
				 OUTCOME_STUCK: it cannot be killed; OUTCOME_ERROR otherwise;
				 OUTCOME_REFUSED: it could not be started */
	char *output;         /* what it printed on stdout, free() it; may be NULL */
	size_t len;
	int status;      /* its exit status; -1: it did not end by itself, or not in time */
	char error[160]; /* why not OUTCOME_OK, with the first line of its stderr */
};

/**
 * exec_run() - run a program to its end
 * @argv: NULL-terminated, [0] an absolute path
 * @timeout_ms: then its process group and all that left it are killed
 *
 * The caller becomes the reaper of what the program leaves behind. It gets no descriptor, no
 * environment but PATH and LANG, and cannot gain privileges.
 */
void exec_run(char *const *argv, uint32_t timeout_ms, struct exec_result *ret);
/** exec_run_fed() - the same with this as its standard input; @in stays the caller's */
void exec_run_fed(char *const *argv, int in, uint32_t timeout_ms, struct exec_result *ret);
