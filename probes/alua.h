/*
 * SCSI asymmetric access (ALUA): bytes of the device in, port groups and states out. Pure; what
 * asks for the bytes is path.c.
 */
#pragma once
#include "probes/path_words.h"
#include "probes/scsi.h"

enum {
	ALUA_OPTIMIZED = 0,
	ALUA_NON_OPTIMIZED = 1,
	ALUA_STANDBY = 2,
	ALUA_UNAVAILABLE = 3,
	ALUA_LBA_DEPENDENT = 4,
	ALUA_OFFLINE = 0xe,
	ALUA_TRANSITIONING = 0xf,
	ALUA_SUPPORTS_NON_OPTIMIZED = 0x02, /* AN_SUP */
	ALUA_GROUPS = 32
};

struct alua_group {
	uint16_t group;    /* target port group: about a canister */
	uint8_t access;    /* ALUA_* */
	uint8_t supported; /* which states the group can have at all */
	bool preferred;
	uint8_t ports;
};

/* Which port of the target we came in by. */
struct alua_port {
	bool have_group, have_port;
	uint16_t group, port; /* target port group; relative target port identifier */
};

/**
 * alua_decode_groups() - REPORT TARGET PORT GROUPS data, length only header (SPC-5 6.37)
 * @ret: @max groups, set with OUTCOME_OK alone
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT when the list is longer than @len; OUTCOME_NONSENSE for a
 * descriptor that is cut off or no group at all; OUTCOME_UNSUPPORTED for more than @max.
 */
must_check enum outcome alua_decode_groups(
	const uint8_t *p, size_t len, struct alua_group *ret, size_t max, size_t *ret_n);

/**
 * alua_decode_port() - VPD page 83h: the target port's designators 4 and 5 (SPC-5 7.7.6.6, 7.7.6.7)
 *
 * Return: OUTCOME_OK; OUTCOME_UNSUPPORTED when it has neither; OUTCOME_SHORT, OUTCOME_NONSENSE.
 */
must_check enum outcome alua_decode_port(const uint8_t *p, size_t len, struct alua_port *ret);

/**
 * alua_state() - what a group's access state means for a path through it
 *
 * Standby is what one of the two canisters of an active/passive array is in all its life: ok there.
 * Where the group could be active/non-optimized instead (AN_SUP) it is held out of service.
 */
void alua_state(const struct alua_group *g, struct path_state *ret);

/** alua_serves() - active/optimized: the only state in which a read moves nothing on any array */
bool alua_serves(const struct alua_group *g);

/**
 * alua_answer() - what the end of TEST UNIT READY or of a read says of the path
 * @o: device_scsi()'s, @status: SAM status, @sense: decoded, zeroed when there was none
 *
 * A device that answers with an error of its own proves that the path works: degraded at most. A
 * command that got lost, or no unit behind the port, is a failed path; none in time is undecided.
 */
void alua_answer(
	enum outcome o, uint8_t status, const struct scsi_sense *sense, struct path_state *ret);
