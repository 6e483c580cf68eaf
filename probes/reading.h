/* What a probe hands back: one fixed-size answer about one component. It never judges. */
#pragma once
#include "probes/fact.h"

enum {
	NAME_MAX_LEN = 64,     /* component name within its array and kind, with NUL */
	UNIT_LEN = 40,         /* "0x" and 32 digits, with NUL */
	READING_FACTS = 64, READING_CUSTOM = 8, CUSTOM_NAME = 32
};

struct reading_fact {
	uint16_t fact;  /* enum fact, or FACT_CUSTOM + index into reading.custom */
	uint16_t pad[3];
	double value;   /* in the fact's unit */
};

/* Strings are NUL-terminated and already printable (copy_device_text). Empty = not reported. */
struct reading {
	uint32_t job;           /* the job this answers */
	uint16_t source;        /* index into config's sources */
	uint16_t array;         /* index into config's arrays */
	uint8_t kind;           /* enum kind */
	uint8_t outcome;        /* enum outcome: facts and state count only with OUTCOME_OK, but for FACT_IO_*,
				   which the kernel says whatever the drive does */
	uint8_t state;          /* enum state as the source maps it */
	uint8_t plane;          /* enum plane */
	uint8_t drive_class;    /* enum drive_class */
	uint8_t asleep;         /* 1: values are from before it slept */
	int16_t slot;           /* -1 unknown */
	uint16_t nfacts, ncustom;
	uint32_t limit_ms;      /* STATE_TRANSITION: how long it may last; 0 the rule's default */
	int64_t booted_wall_ms; /* 0 unknown */
	uint64_t capacity_bytes;
	char name[NAME_MAX_LEN];
	char raw[48];           /* the source's own word for the state, or the error's text */
	char message[128];
	char vendor[16], model[48], serial[40], firmware[24];
	char dev[32];           /* /dev node, for people and for the next poll */
	char enclosure[NAME_MAX_LEN];
	char group[32];         /* exec "group": optional */
	uint16_t group_need;    /* exec "need": optional, 0 none */
	uint8_t known_only;     /* 1: no news of something that was never there: absent or not watched at all */
	uint8_t beside;         /* 1: only .enclosure, .slot and .group hold, of a component that others look at, or of
				   a pool's group: first the pool itself, then each drive that serves in it */
	uint32_t every_ms;      /* how often this is looked at, when not with each look of its source; 0 with each */
	uint16_t group_members; /* beside, of a pool: so many the group has, whoever they are; 0 not told */
	uint16_t pad2[3];
	struct reading_fact facts[READING_FACTS];
	char custom[READING_CUSTOM][CUSTOM_NAME];
};

/* The end of one job: how the whole look went, and whether the list of components was complete. */
struct job_end {
	uint32_t job;
	uint16_t source;
	uint8_t outcome;   /* enum outcome of the source as a whole */
	uint8_t complete;  /* 1: what was not listed is absent */
	uint16_t pad;
	uint32_t kinds;    /* bit per enum kind that .complete holds for; 0 all */
	uint32_t count;    /* readings sent */
	uint32_t took_ms;
	char error[160];   /* why not OUTCOME_OK, for people */
};

/* A drive, path or enclosure found, changed or gone: from libudev, before anything was sent to it. */
struct device_event {
	uint8_t removed, drive_class, bus, kind; /* enum drive_class, enum bus, enum kind: what the node is looked at as */
	uint8_t rotational;                     /* 1 rotating, 0 not, 2 unknown */
	uint8_t initial;                        /* 1: part of the first enumeration; an event with dev "" ends it,
						 * its capacity_bytes is how many drives and paths were told */
	uint16_t pad2;
	uint64_t capacity_bytes;
	uint64_t seen_us;                       /* CLOCK_MONOTONIC µs when the uevent was read; 0 enumeration */
	char name[NAME_MAX_LEN];                /* wwn-0x…, else serial-…, else MODEL-slotN: the component's name */
	char dev[32], sg[16];                   /* /dev/sda, /dev/nvme0; /dev/sg0 or empty */
	char sysfs[192];
	char vendor[16], model[48], serial[40], firmware[24], transport[16];
	char unit[UNIT_LEN];                    /* of a path to a unit of an array: that unit's name; else empty */
};

/* A job for a worker: one look at one device, program or address. */
struct job {
	uint32_t id;
	uint16_t source, array; /* indexes into config */
	uint8_t bus;            /* enum bus: which pool */
	uint8_t type;           /* enum source_type */
	uint8_t drive_class, kind; /* kind: of the device, KIND_NONE when the source is looked at as a whole */
	uint32_t timeout_ms;    /* whole job; the worker is abandoned after it */
	uint32_t command_ms;    /* one command */
	char name[NAME_MAX_LEN];
	char dev[32], sg[16], sysfs[192];
	char model[48], firmware[24], serial[40]; /* of a management: the array that is meant; empty any */
	uint8_t insist, pad2[3]; /* 1: look although it did no I/O since the last look (a finding is open on it) */
	uint32_t generation;    /* of the configuration that source and array are indexes into */
};

/** reading_add() - append a fact; silently full at READING_FACTS (asserted in tests by golden files) */
void reading_add(struct reading *r, unsigned fact, double value);
/** reading_add_named() - append a fact by name, known or custom; false when full or too long */
bool reading_add_named(struct reading *r, const char *name, double value);
/** reading_find() - the value of a fact; false when the reading has none */
bool reading_find(const struct reading *r, unsigned fact, double *ret);
