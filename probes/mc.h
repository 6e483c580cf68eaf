/*
 * Answers of Dot Hill management controllers (HPE MSA and P2000, Dell ME4 and ME5, Seagate and Lenovo) -> readings.
 * Pure: text in, readings out; asks nothing. Words and numbers: HPE MSA 2060 and Dell ME4 CLI reference guides,
 * "API basetype properties".
 */
#pragma once
#include "probes/manage.h"
#include "probes/manage_log.h"

enum { MC_OBJECTS = 16384, MC_TEXT = 4096, MC_GROUPS = 64, MC_KEY = 128 };

/* What the answers of one look need of each other. */
struct mc_group {
	char name[32];
	int8_t spare;     /* members it can still lose by its own word; -1: lost already */
	uint16_t serving; /* of its members, as the disks say */
};

struct mc_groups {
	unsigned n;
	struct mc_group at[MC_GROUPS];
};

/* What is remembered of the event log from look to look; flat. */
struct mc_log {
	uint32_t read, pad;       /* read: 1: it was had once */
	uint32_t newest[2];       /* number of the newest event that A, that B logged */
	struct manage_log recent; /* errors that were logged since it was first read */
};

/**
 * mc_answer() - one answer, XML or JSON as it came
 * @text, @len: all of it; needs no NUL
 * @ret: the objects by their basetype, as the JSON interface has them; caller: json_object_put()
 * @why: what the array says is wrong, printable
 *
 * Return: 0; -EBADMSG for what is cut off, too deep, too large or has no objects; -EREMOTEIO when the array's own
 * return code is not 0.
 */
must_check int mc_answer(const char *text, size_t len, struct json_object **ret, char *why, size_t size);

/**
 * mc_login() - the answer to a login: return code 1 and the session key
 *
 * Return: 0; -EACCES when the array refuses; -EBADMSG.
 */
must_check int mc_login(const char *text, size_t len, char *key, size_t size);

/**
 * mc_canisters() - "show controllers" and "show system" together: each says something of both canisters
 * @by: the address that was asked: told in the message
 *
 * Return: 0; -EBADMSG when one of them names no controller or no system.
 */
must_check int mc_canisters(struct json_object *controllers, struct json_object *system, const char *by,
	const struct manage_sink *sink);
/** mc_serial() - of its midplane, by which it goes; "" when it does not say */
const char *mc_serial(struct json_object *system);
/** mc_system() - the array as a whole; @versions may be NULL */
must_check int mc_system(struct json_object *system, struct json_object *versions, const struct manage_sink *sink);
/** mc_booted() - "show controller-statistics": when canister @name started, ms since the epoch; 0 not told */
int64_t mc_booted(struct json_object *statistics, const char *name, int64_t now_wall_ms);

/** mc_*() - the other lists; -EBADMSG when the list is not there */
must_check int mc_enclosures(struct json_object *answer, const struct manage_sink *sink);
must_check int mc_power_supplies(struct json_object *answer, const struct manage_sink *sink);
/** mc_ports() - host ports; one that nothing is plugged into is told only when it was seen otherwise */
must_check int mc_ports(struct json_object *answer, const struct manage_sink *sink);
/**
 * mc_events() - "show events last N": errors that are new since the last time; one that is RESOLVED is no longer told
 * @now_ms: any clock that only goes forward; the array's is not asked
 *
 * Return: 0; -EBADMSG for an event without id, code or severity: then @log is as it was.
 */
must_check int mc_events(struct json_object *answer, struct mc_log *log, uint64_t now_ms);
/** mc_log_tell() - the last error of a day and how many, into the reading of the array; nothing before it was read */
void mc_log_tell(const struct mc_log *log, uint64_t now_ms, struct reading *system);
must_check int mc_fans(struct json_object *answer, const struct manage_sink *sink);
/** mc_disk_groups() - pools, and what mc_disks() needs to know of them */
must_check int mc_disk_groups(struct json_object *answer, struct mc_groups *groups, const struct manage_sink *sink);
/** mc_pools() - virtual pools: health, how full, whether more was promised than is there; their margin is their disk groups' */
must_check int mc_pools(struct json_object *answer, const struct manage_sink *sink);
must_check int mc_disks(struct json_object *answer, struct mc_groups *groups, const struct manage_sink *sink);
