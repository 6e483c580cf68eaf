/* What a worker does that asks management planes: a job's settings put together, and one look carried out. */
#pragma once
#include "agent/prober_jobs.h"
#include "probes/manage_look.h"

/**
 * manage_carry_out() - one job to its end
 * @c: the configuration the job's indexes mean
 * @credentials: of @size bytes; may be NULL
 */
void manage_carry_out(const struct job *j, const struct config *c, const struct credentials *credentials,
	size_t size, struct manage_memories *memories, const struct job_sink *sink);

/** manage_end() - log out wherever one is logged in, at the end of a worker; at most @limit_ms in all */
void manage_end(const struct config *c, const struct credentials *credentials, size_t size,
	struct manage_memories *memories, uint32_t limit_ms);

/** manage_run() - a program for SSH; see manage_run_fn */
enum outcome manage_run(char *const *argv, int stdin_fd, uint32_t timeout_ms, struct manage_ran *ret);
