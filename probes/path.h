/*
 * One look at one path: a SCSI unit by one of its nodes, or an NVMe controller. Sends only reads and
 * only those that cannot move a unit to the other canister; judges nothing.
 */
#pragma once
#include "probes/reading.h"

/* Where readings go, and what the configuration knows that the host cannot. */
struct path_sink {
	void (*reading)(const struct reading *r, void *arg);
	/* the canister that "tpg1", a target's address or WWPN belongs to; NULL when nobody says */
	const char *(*canister)(const char *unit, void *arg);
	void *arg;
};

/**
 * path_look() - carry out one job on a path
 *
 * What the kernel knows of session, ports and device comes first: nothing is sent into a path that
 * it has blocked. Then the device is asked through sgN, where a command that hangs can be killed
 * (on the block node it cannot): which port we came in by and which groups serve (sysfs is stale
 * until a command hits the path), then READ (10) of one block on an active/optimized path, which
 * passes the page cache by; elsewhere TEST UNIT READY, since a read through a canister that does not
 * own the unit moves it on some arrays. NVMe controllers are sent nothing: the kernel keeps them
 * alive and reads the ANA log at each change, and a command of ours that it gave up would reset one.
 *
 * @ret: the path's own reading; those of the port groups, canisters or namespaces it saw went to @sink
 *       before
 *
 * May block for as long as the path does: only for processes that can be abandoned.
 */
void path_look(const struct job *j, const struct path_sink *sink, struct reading *ret);
