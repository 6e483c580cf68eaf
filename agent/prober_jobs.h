/* What a worker does with one job: readings and the job's end come out through callbacks. It never
 * judges. */
#pragma once
#include "agent/config.h"
#include "probes/drive.h"

struct job_sink {
	void (*reading)(const struct reading *r, void *arg);
	void (*end)(const struct job_end *e, void *arg);
	void *arg;
};

/**
 * prober_carry_out() - one job to its end; blocks for as long as the device or program does
 * @c: the configuration the job's indexes mean
 * @memories: what this worker keeps of drives
 */
void prober_carry_out(const struct job *j, const struct config *c, struct drive_memories *memories,
	const struct job_sink *sink);

/** prober_once() - `ballast-probe --once DEV`: look at one drive now and print the reading; exit
 * status */
int prober_once(const char *dev);

/** prober_list() - `ballast-probe --list`: the drives that would be watched, a JSON object a line;
 * exit status */
int prober_list(void);
