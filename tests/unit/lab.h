/*
 * A small engine on virtual time, driven by a script of words. For tests of what follows from readings.
 *
 *	@hdd @ssd @nvme @sas @sassd [:NAME]      a drive of the host, looked at every 10 minutes
 *	@canister:A @path:host0-A @psu:1 …       a part of san1, listed every 5 s, in-band
 *	@canister:A/mgmt                         the same part as the array's management says it (lab_two_planes)
 *	@canister:A/mgmt2 @path:host0-A/san2     and of san2: by its management, in-band
 *	@canister:A/mgmt3 @canister:A/jbod       of san3, which only has a management; of jbod, which has none
 *	@target:192.0.2.1/witness                who shows that this host can see
 *	@md:tank                                 a pool of the host's own drives
 *	state=ok raw=online fact=number …        what its next reading says (kept for the following ones)
 *	;                                        send it; a second passes
 *	wait=60 keep=60                          time passes: silently; or with all readings repeated as due
 *	and the words in lab_verbs[] (lab_words.c)
 */
#pragma once
#include "agent/findings.h"

enum { LAB_SUBJECTS = 40, LAB_MGMT = 2, LAB_MGMT2, LAB_SAN2, LAB_WITNESS, LAB_MGMT3, LAB_JBOD };

struct lab {
	struct config *config;
	struct engine e;
	uint64_t now_ms;
	int64_t wall_ms;
	uint32_t job;
	struct reading subject[LAB_SUBJECTS];
	bool silent[LAB_SUBJECTS]; /* keep= leaves it out */
	unsigned nsubjects, current;
	struct reply reply;
};

/* @config: NULL for the usual: san1 (exec, 5 s), local (drives, 10 min), sinks oncall (critical) and all (info) */
void lab_start(struct lab *l, struct config *config);
void lab_stop(struct lab *l);
void lab_run(struct lab *l, const char *script);
struct config *lab_config(void);
/* and beside them the management of san1 (exec, 5 s), san2 with its own and an in-band list, san3, jbod */
struct config *lab_two_planes(void);
/* the active finding of a rule, on any component; NULL */
const struct finding_row *lab_finding(const struct lab *l, const char *rule);
uint32_t lab_component(const struct lab *l, const char *id);
/* alerts of this type made so far whose rule is @rule (NULL any), counted over the log ring's life */
unsigned lab_alerts(const struct lab *l, enum alert_type type, const char *rule);
void lab_command(struct lab *l, enum command_type type, const char *id, uint64_t for_ms);
