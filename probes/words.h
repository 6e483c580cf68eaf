/*
 * The vocabulary of readings: kinds, states, outcomes, planes. CONTRACT words, in tables, so that
 * text and number cannot drift. Zero is always "unknown" or "none": absence of data is never health.
 */
#pragma once
#include "probes/util.h"

enum kind {
	KIND_NONE, KIND_DRIVE, KIND_CANISTER, KIND_PATH, KIND_ENCLOSURE, KIND_EXPANDER, KIND_PSU, KIND_FAN,
	KIND_BATTERY, KIND_SENSOR, KIND_PORT, KIND_POOL, KIND_SYSTEM, KIND_TARGET,
	KIND_MAP,       /* a dm-multipath map */
	KIND_CHECK,     /* a Nagios plugin that speaks for no component */
	KIND_NAMESPACE, /* an NVMe namespace as one controller reaches it: a path to a unit */
	KIND_COUNT
};

/* What a source says of a component. CONTRACT "canister state"; the words serve every kind. */
enum state {
	STATE_UNKNOWN,     /* a word outside the tables, or nothing read yet */
	STATE_OK,
	STATE_DEGRADED,    /* serving, but something is wrong with it */
	STATE_SERVICE,     /* present, held out of service: lost */
	STATE_FAILED,
	STATE_ABSENT,
	STATE_TRANSITION,  /* with a limit, after which it counts as failed */
	STATE_UNREACHABLE, /* asked and got no answer: undecided, never ok */
	STATE_COUNT
};

enum health {
	HEALTH_UNKNOWN, HEALTH_OK, HEALTH_WARNING, HEALTH_CRITICAL, HEALTH_FAILED, HEALTH_ABSENT, HEALTH_COUNT
};

/* How a probe's look ended. Only OUTCOME_OK carries values. */
enum outcome {
	OUTCOME_NONE,         /* not asked yet */
	OUTCOME_OK,           /* complete, checked, fresh */
	OUTCOME_SHORT,        /* fewer bytes than the command promises */
	OUTCOME_BAD_CHECKSUM,
	OUTCOME_NONSENSE,     /* well-formed but impossible: prefilled pattern, no attribute, bad JSON */
	OUTCOME_STALE,
	OUTCOME_ASLEEP,       /* standby or sleep: left alone */
	OUTCOME_IDLE,         /* no I/O since the last poll: left alone */
	OUTCOME_UNSUPPORTED,  /* the device says it cannot */
	OUTCOME_REFUSED,      /* permission, deny list, allow-list */
	OUTCOME_TIMEOUT,      /* deadline passed, worker could be ended */
	OUTCOME_STUCK,        /* worker cannot be killed (state D): abandoned */
	OUTCOME_GONE,         /* ENODEV, removed */
	OUTCOME_ERROR,        /* the device or program answered with an error */
	OUTCOME_COUNT
};

enum plane { PLANE_NONE, PLANE_INBAND, PLANE_MANAGEMENT, PLANE_SPOOFABLE, PLANE_COUNT };

enum drive_class { CLASS_NONE, CLASS_ATA_HDD, CLASS_ATA_SSD, CLASS_NVME, CLASS_SCSI_HDD, CLASS_SCSI_SSD, CLASS_COUNT };

/* What a prober worker may open, least first; one pool per bus (research: a worker kind per bus). */
enum bus {
	BUS_SCSI, BUS_ATA, BUS_NVME, BUS_EXEC, BUS_NET,
	BUS_MANAGE, /* management planes by HTTPS */
	BUS_SSH,    /* management planes by ssh, which is executed */
	BUS_SMART,  /* drives behind RAID adapters: smartctl, with what it needs, is executed */
	BUS_COUNT
};

enum source_type {
	SOURCE_NONE, SOURCE_DRIVES, SOURCE_EXEC, SOURCE_SCENARIO, SOURCE_PATHS, SOURCE_ENCLOSURE, SOURCE_SPECTRUM,
	SOURCE_MC, SOURCE_SANTRICITY, SOURCE_REDFISH, SOURCE_NAGIOS, SOURCE_LAYOUT, SOURCE_LISTEN, SOURCE_SMARTCTL,
	SOURCE_LVM,     /* the part of a layout that needs privileges: comes with it, not configured */
	SOURCE_WITNESS, /* a plan's witnesses: made from the plan, not configured */
	SOURCE_TYPE_COUNT
};

/**
 * source_device_kind() - what the devices are that a source of this type is looked at by, one job each;
 * KIND_NONE: it has none and is looked at as a whole. A type may be both
 */
enum kind source_device_kind(enum source_type t);
/** source_is_management() - does it ask an array's own management, which says whose it is? */
bool source_is_management(enum source_type t);

/** *_text() - the CONTRACT word; never NULL, "?" outside the enum */
const char *kind_text(enum kind k);
const char *state_text(enum state s);
const char *health_text(enum health h);
const char *outcome_text(enum outcome o);
const char *plane_text(enum plane p);
const char *drive_class_text(enum drive_class c);
const char *source_type_text(enum source_type t);

/** *_from_text() - 0 for a word that is not in the table */
enum kind kind_from_text(const char *s);
enum state state_from_text(const char *s);
enum health health_from_text(const char *s);
enum source_type source_type_from_text(const char *s);

/**
 * word_in() / word_index() - the two halves of every table above, for other tables of words
 * @words: @n words, some may be NULL
 *
 * Return: word_in() the word or "?"; word_index() its index or 0.
 */
const char *word_in(const char *const *words, size_t n, size_t i);
size_t word_index(const char *const *words, size_t n, const char *s);
