/* The facts a reading can carry: number, name, unit. One table; decoders and rules speak only these. */
#pragma once
#include "probes/words.h"

enum fact {
	FACT_NONE,
	/* every drive */
	FACT_SMART_PASSED,      /* the drive's own verdict: 1 passed, 0 failing */
	FACT_TEMPERATURE, FACT_TEMPERATURE_TRIP, FACT_POWER_ON_HOURS, FACT_POWER_CYCLES,
	FACT_WEAR_PCT,          /* used endurance, 0..255 */
	FACT_SELF_TEST_FAILED,  /* last finished self-test: 1 failed, 0 passed */
	FACT_IO_ERRORS,         /* failed commands the kernel counted since we look, our own left out */
	FACT_IO_PENDING,        /* requests the kernel gave the drive and has not got back */
	/* ATA attributes, unpacked */
	FACT_REALLOCATED, FACT_PENDING, FACT_OFFLINE_UNCORRECTABLE, FACT_REPORTED_UNCORRECTABLE,
	FACT_REALLOCATION_EVENTS, FACT_CRC_ERRORS, FACT_SPIN_RETRY, FACT_COMMAND_TIMEOUT, FACT_END_TO_END,
	FACT_PROGRAM_FAIL, FACT_ERASE_FAIL,
	FACT_ATTRIBUTE_FAILING, /* id of a pre-fail attribute at or below its threshold, 0 none */
	FACT_ATTRIBUTE_FAILED_PAST,
	/* NVMe */
	FACT_CRITICAL_WARNING, FACT_SPARE_PCT, FACT_SPARE_THRESHOLD_PCT, FACT_MEDIA_ERRORS, FACT_ERROR_LOG_ENTRIES,
	FACT_UNSAFE_SHUTDOWNS, FACT_FIRMWARE_NEXT_SLOT, FACT_FIRMWARE_ACTIVE_SLOT,
	/* SCSI */
	FACT_IE_ASC, FACT_IE_ASCQ, FACT_GROWN_DEFECTS, FACT_READ_UNCORRECTED, FACT_WRITE_UNCORRECTED,
	FACT_VERIFY_UNCORRECTED, FACT_NON_MEDIUM_ERRORS, FACT_SCAN_STATUS, FACT_SCAN_DEFECTS,
	/* canisters, paths, arrays */
	FACT_FAILED_OVER,       /* carries its partner's load: a consequence */
	FACT_WRITE_THROUGH, FACT_PARTNER_MISSING, FACT_ERROR_CODE, FACT_RESTARTS, FACT_READ_MS, FACT_RESETS,
	FACT_NEEDS_SERVICE,     /* the array asked for service */
	FACT_PATH_ERRORS,       /* path or session errors counted by the host */
	FACT_ACCESS_STATE,      /* ALUA state of the path's port group (SPC-5): each change is an event */
	FACT_PATHS_UP,          /* of a dm-multipath map */
	FACT_QUEUES_FOREVER,    /* without a path its I/O waits and never fails (queue_if_no_path) */
	FACT_IO_WAITS,          /* ... and that is so now */
	FACT_REBUILD_PCT, FACT_BATTERY_PCT, FACT_PSU_INPUT,
	FACT_PLUGIN_STATUS,     /* how a Nagios plugin ended: 0 ok, 1 warning, 2 critical, 3 unknown */
	FACT_SPARES, FACT_PARITY, /* of a pool: drives in waiting; losses it takes when whole */
	FACT_MICROCODE_PENDING, FACT_MICROCODE_FAILED, /* of an enclosure: loaded and not yet running; not loaded */
	FACT_TAKEOVER_ENABLED, FACT_CACHE_MIRRORED, FACT_CALL_HOME_ENABLED, /* settings of an array, not what it does now */
	FACT_MESSAGES,          /* heard from the array itself; says nothing of whether they are true */
	FACT_OPEN_ERRORS,       /* in the array's log, of this component, and not fixed */
	FACT_LISTED_FAULTS,     /* that the array says stand, of this component, where they have no code */
	FACT_LOAD_BALANCED, FACT_HOST_PATHS_REPORTED, /* settings of an array, as those above */
	FACT_READ_IN_TURNS,     /* of an inventory: more than one look can read */
	FACT_USED_PCT, FACT_OVERCOMMITTED, /* of a pool of thin volumes: more promised than there is */
	FACT_NO_QUORUM,         /* of an array: no device is online that decides for the canister that is left */
	FACT_LAST,
	FACT_CUSTOM = 256       /* FACT_CUSTOM + i: the i-th name in state's name table (reading: custom[i]) */
};

enum unit {
	UNIT_COUNT, UNIT_BOOL, UNIT_CELSIUS, UNIT_HOURS, UNIT_PERCENT, UNIT_BITS, UNIT_MS, UNIT_CODE, UNIT_ID, UNIT_KINDS
};

struct fact_info {
	const char *name;  /* as in JSON, rules and exec "facts": snake_case with unit */
	const char *label; /* as people read it */
	enum unit unit;
	bool grows;        /* a counter: a step back means the reading is not trusted */
};

/** fact_info() - never NULL; unknown and custom ids get an entry that says so */
const struct fact_info *fact_info(unsigned fact);
/** fact_from_name() - FACT_NONE when the table has no such name */
enum fact fact_from_name(const char *name);
const char *unit_text(enum unit u);
