/* What every worker does with a job around the looking itself: wait for its configuration, and say what was read. */
#pragma once
#include "agent/prober_jobs.h"
#include "agent/role.h"

struct job_turn {
	struct role_start *s;
	/* the look; blocks for as long as the device does, and ends with one sink->end() */
	void (*carry_out)(const struct job *j, const struct job_sink *sink, void *arg);
	void *arg;
	struct job job;
	bool waits; /* .job does, for its configuration */
	bool lost;  /* the engine did not take a reading of .job: nothing more of it is sent but its end */
};

/** job_turn_message() - the engine's next job; Return: 0, -EPROTO for anything else */
must_check int job_turn_message(struct job_turn *t, const struct msg *m);
/**
 * job_turn_go() - carry out what waits, when its configuration is here
 *
 * The engine may know a new configuration before we do, or later: its numbers only mean something in its own.
 */
void job_turn_go(struct job_turn *t);
