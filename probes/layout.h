/*
 * What drives carry: md arrays, btrfs file systems, ZFS pools, RAID volumes of LVM, as pools with their legs. The
 * decoders take text and are pure; the looks read sysfs below a given root and never open a device.
 */
#pragma once
#include "probes/reading.h"

enum { LAYOUT_LEGS = 64, LAYOUT_SETS = 32, LAYOUT_TEXT = 64 * 1024,
	LVM_SUSPENDED_MS = 60 * 1000 };

/* Only LEG_SERVING counts for what the pool needs. */
enum leg_state { LEG_LOST, LEG_SERVING, LEG_REBUILDING, LEG_SPARE };

struct layout_leg {
	char node[64];   /* kernel name, "sda1", or what the pool calls it; empty when it is not even named */
	uint8_t state;   /* enum leg_state */
	uint8_t set;     /* index of the set it belongs to */
};

/* Legs that stand in for each other: a whole md array, one mirror of a raid10. */
struct layout_set {
	char name[32];   /* group's name */
	uint16_t members, need; /* need: so many must serve */
};

struct layout_pool {
	char name[NAME_MAX_LEN], model[48]; /* model: "raid6", "btrfs raid1" */
	uint8_t state;   /* enum state */
	char raw[48], message[128];
	uint32_t limit_ms;   /* STATE_TRANSITION: how long it may last */
	int16_t rebuild_pct; /* -1 nothing is being rebuilt */
	uint16_t spares, parity; /* parity: losses any set can take when whole */
	uint16_t nlegs, nsets;
	struct layout_leg legs[LAYOUT_LEGS];
	struct layout_set sets[LAYOUT_SETS];
};

/* One md array's attributes as the kernel writes them (Documentation/admin-guide/md.rst). NULL: not there. */
struct md_text {
	const char *name; /* "md0" */
	const char *level, *raid_disks, *degraded, *array_state, *sync_action, *sync_completed, *layout;
};

/**
 * md_decode() - what one md array is; md_leg() adds each of its dev-* afterwards, md_end() judges
 *
 * Return: OUTCOME_OK; OUTCOME_UNSUPPORTED for a container, which holds no data itself;
 * OUTCOME_NONSENSE for numbers that cannot be.
 */
must_check enum outcome md_decode(const struct md_text *t, struct layout_pool *p);
/** md_leg() - @node "sda1", its "state" and its "slot"; false when it has no room */
bool md_leg(struct layout_pool *p, const char *node, const char *state, const char *slot);
/** md_end() - after the last leg: slots that nobody fills are lost, and the state follows */
void md_end(struct layout_pool *p, const struct md_text *t);

/**
 * btrfs_tolerance() - how many devices a profile can lose: "raid1c3" 2, "single" 0; -1 an unknown word
 */
int btrfs_tolerance(const char *profile);

/**
 * zfs_parse() - the pools in what "zpool status -PL" prints
 * @text: @len bytes, need not end with NUL
 * @pool: told each pool; one that was not understood whole comes without sets and never as STATE_OK
 *
 * Return: OUTCOME_OK; OUTCOME_NONSENSE when a line or a word was not understood or the text is cut.
 */
must_check enum outcome zfs_parse(
	const char *text, size_t len, void (*pool)(const struct layout_pool *p, void *arg), void *arg);

/* One device of the device mapper, with its only target. */
struct lvm_text {
	char name[128];          /* as in /dev/mapper */
	char target[16];         /* "raid", "mirror" */
	char table[LAYOUT_TEXT / 16], status[LAYOUT_TEXT / 16];
	bool suspended;
};

/**
 * lvm_decode() - what a RAID or mirror volume is; its legs' nodes are "253:2"
 *
 * A target, a type, a leg's letter or an action that is not known makes a pool of STATE_UNKNOWN without sets.
 *
 * Return: OUTCOME_OK; OUTCOME_NONSENSE for text that is no table and status of such a target.
 */
must_check enum outcome lvm_decode(const struct lvm_text *t, struct layout_pool *p);
/** lvm_passing() - a volume that LVM makes for the time of one command */
bool lvm_passing(const char *name);

/**
 * layout_name() - @whole, a blank and @part where there is one; what does not fit gives way in @whole, of which a
 * checksum then stays, so that two long names do not become one
 */
void layout_name(char *dst, size_t size, const char *whole, const char *part);
/** layout_pool_end() - drop sets that nothing can be lost of: they have no redundancy to watch */
void layout_pool_end(struct layout_pool *p);

/**
 * layout_map_fn - the drive behind a node, as the component is named
 *
 * Return: false when it is not on one drive of this host.
 */
typedef bool layout_map_fn(const char *sysfs, const char *node, char *ret, size_t size);
layout_map_fn layout_drive_of;

struct layout_out {
	void (*reading)(const struct reading *r, void *arg);
	void *arg;
	layout_map_fn *map;
	const struct reading *base; /* what all readings share */
	const char *sysfs;          /* "/sys" but in tests */
	uint32_t count;             /* pools told */
};

/** layout_tell() - a pool as readings: itself, then its sets, then who is in them */
void layout_tell(struct layout_out *o, const struct layout_pool *p);
/** layout_tell_sets() - the same of a pool that was told by itself already */
void layout_tell_sets(struct layout_out *o, const struct layout_pool *p);

/* One entry of a folder: @dir its own path, @name its name. */
typedef enum outcome layout_each_fn(struct layout_out *o, const char *dir, const char *name, void *arg);
/**
 * layout_each() - every entry of @folder below o->sysfs, "block"; one that fails does not keep the others from being told
 *
 * Return: OUTCOME_OK, also when there is no such folder; else what the last one that failed ended in.
 */
must_check enum outcome layout_each(struct layout_out *o, const char *folder, layout_each_fn *fn, void *arg);

/**
 * layout_md() / layout_btrfs() - tell every md array, every btrfs below o->sysfs
 *
 * Return: OUTCOME_OK; with anything else the list is not complete.
 */
must_check enum outcome layout_md(struct layout_out *o);
must_check enum outcome layout_btrfs(struct layout_out *o);

/**
 * layout_lvm_ask_fn - table and status of the device @t->name, into @t
 *
 * Return: OUTCOME_OK; OUTCOME_GONE when there is no such device any more; anything else: it could not be asked.
 */
typedef enum outcome layout_lvm_ask_fn(struct lvm_text *t);
layout_lvm_ask_fn dm_ask;
/** layout_lvm() - tell every RAID and mirror volume of LVM that is active; those without are not asked anything */
must_check enum outcome layout_lvm(struct layout_out *o, layout_lvm_ask_fn *ask);

/** layout_zfs_there() - whether the kernel has ZFS; only then is its program worth running */
bool layout_zfs_there(const char *sysfs);
/** layout_zfs() - tell every pool in @text, as zfs_parse() */
must_check enum outcome layout_zfs(struct layout_out *o, const char *text, size_t len);
