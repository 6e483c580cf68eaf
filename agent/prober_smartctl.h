/* Drives behind RAID adapters, through smartctl: runs that program and no other, with arguments of ours. */
#pragma once
#include "agent/prober_jobs.h"

/**
 * smartctl_look() - find the drives behind adapters and look at each of them
 *
 * Blocks for as long as the program does, at most the job's time. Complete only when every drive that it
 * found said who it is.
 */
void smartctl_look(const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e);
