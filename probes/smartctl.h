/*
 * What smartctl --json (7.0 and later) says -> the same readings as our own decoders. Pure but for json-c's
 * heap: text in, readings out; never runs anything, never judges. Its exit status is data.
 */
#pragma once
#include "probes/reading.h"

enum {
	SMARTCTL_DEVICES = 256,
	/* exit status, smartctl(8) "EXIT STATUS" */
	SMARTCTL_USAGE = 1 << 0, SMARTCTL_OPEN = 1 << 1, SMARTCTL_COMMAND = 1 << 2, SMARTCTL_FAILING = 1 << 3,
	/* what we have it say of a sleeping drive: no failure is both of these */
	SMARTCTL_ASLEEP = SMARTCTL_USAGE | SMARTCTL_OPEN
};

struct smartctl_device {
	char dev[32], type[32]; /* as for its own command line: "/dev/bus/0", "megaraid,8" */
};

/**
 * smartctl_scan() - the drives behind RAID adapters in what --scan-open found
 * @ret: up to SMARTCTL_DEVICES; only types that reach through an adapter, since all others are looked at
 *	by ourselves, and only names and types that are safe to hand back
 *
 * Return: how many; -EBADMSG and @why for an answer that does not hold.
 */
int smartctl_scan(const char *text, size_t len, struct smartctl_device *ret, char *why, size_t size);

/**
 * smartctl_parse() - one drive
 * @status: smartctl's exit status, the same as the answer itself says
 * @r: identity as far as it is there, and with OUTCOME_OK facts, from the same rules as our own; name is
 *	"wwn-0x…" or "serial-…", empty when it says neither
 * @why: in words why it is not OUTCOME_OK
 *
 * Return: OUTCOME_OK; OUTCOME_ASLEEP; OUTCOME_ERROR for the bits that mean no or a doubtful answer;
 * OUTCOME_UNSUPPORTED without SMART; OUTCOME_NONSENSE for what does not hold.
 */
enum outcome smartctl_parse(
	int status, const char *text, size_t len, struct reading *r, char *why, size_t size);
