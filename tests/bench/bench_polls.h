/* One poll of each source, through the product's own code down to the wire. Readings and the end go to the tally; never judges. */
#pragma once
#include "agent/msg.h"
#include "probes/reading.h"

struct tally {
	void (*reading)(const struct reading *r, void *arg);
	void (*notice)(const struct notice *n, void *arg);
	void *arg;
};

struct poll {
	const char *name;
	uint8_t type;          /* enum source_type */
	uint8_t drive_class;
	void (*once)(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret);
	const char *key;       /* of its answer; for management planes "often" or "whole" */
};

/** poll_find() - by name; NULL */
const struct poll *poll_find(const char *name);
/** poll_names() - print them, a line each */
void poll_names(void);
