/*
 * Resources of a Redfish or Swordfish service -> readings. Pure: text in, readings and further paths out; asks
 * nothing. DMTF DSP0266 and DSP0268 (Resource.Status, Storage, StorageController, Redundancy, Chassis, Power, Thermal,
 * Drive, Manager), SNIA Swordfish.
 */
#pragma once
#include "probes/manage.h"

enum { REDFISH_PATH = 160, REDFISH_LINKS = 1024, REDFISH_ITEMS = 256, REDFISH_CONTROLLERS = 32, REDFISH_STORAGES = 32, REDFISH_SETS = 64,
	REDFISH_ASKED = 400, REDFISH_VOLUMES = 64 };

/* Paths to be asked next, without duplicates. */
struct redfish_links {
	unsigned n;
	bool full;           /* there were more: the list is not whole */
	char at[REDFISH_LINKS][REDFISH_PATH];
};

struct redfish_storage {
	char name[NAME_MAX_LEN]; /* last part of its path */
	uint16_t controllers;
	bool silent;
};

struct redfish_controller {
	struct reading r;
	char name[NAME_MAX_LEN]; /* last part of its own path, empty when it is inside its storage */
	char address[48];
	uint16_t storage;
};

/* Kept until redfish_pools(). */
struct redfish_pool {
	struct reading r;
	char id[48];         /* empty: it is not known to be the same elsewhere */
	int parity;          /* -1: its type does not say it */
	struct json_object *drives; /* links to who is in it; held; NULL: not known */
};

/* What the answers of one look, REDFISH_ASKED at most, need of each other. Large: on the heap. */
struct redfish {
	unsigned nstorages, ncontrollers, nsets, ndrives, npools, nways, nitems;
	bool partial;        /* not all drives are among .drives: nothing is said of who serves */
	struct redfish_storage storages[REDFISH_STORAGES];
	struct redfish_controller controllers[REDFISH_CONTROLLERS];
	struct {
		char name[NAME_MAX_LEN]; /* one member of a redundancy set */
		uint8_t impaired, known; /* the set's own status: 1 not well; 1: it has one */
	} sets[REDFISH_SETS];
	struct reading drives[REDFISH_ASKED]; /* of several ways to one drive the worst word */
	struct redfish_pool pools[REDFISH_VOLUMES]; /* of several views of one the worst */
	struct {
		char path[REDFISH_PATH];
		uint16_t drive;          /* index into drives */
	} ways[REDFISH_ASKED];
	struct {
		char path[REDFISH_PATH]; /* of a device that a software image is for */
		uint8_t staged;          /* 1: other code waits to be activated on it */
	} items[REDFISH_ITEMS];
};

enum redfish_link_kind {
	REDFISH_LINK_STORAGE, REDFISH_LINK_SYSTEMS, REDFISH_LINK_CHASSIS, REDFISH_LINK_MANAGERS, REDFISH_LINK_SESSIONS,
	REDFISH_LINK_CONTROLLERS, REDFISH_LINK_POWER, REDFISH_LINK_THERMAL, REDFISH_LINK_POWER_SUBSYSTEM,
	REDFISH_LINK_THERMAL_SUBSYSTEM, REDFISH_LINK_POWER_SUPPLIES, REDFISH_LINK_FANS, REDFISH_LINK_ETHERNET,
	REDFISH_LINK_VOLUMES, REDFISH_LINK_POOLS,
	REDFISH_LINK_UPDATE, REDFISH_LINK_FIRMWARE,
	REDFISH_LINK_COUNT
};

/** redfish_begin() - nothing is known: for one that need not be cleared whole */
void redfish_begin(struct redfish *rf);
void redfish_links_begin(struct redfish_links *links);
/** redfish_path() - is it a path of this service: nothing that leads to another origin; without fragment, in @ret */
bool redfish_path(const char *text, char ret[REDFISH_PATH]);
/** redfish_follow() - the path that a resource names for @kind; false when it has none */
bool redfish_follow(struct json_object *o, enum redfish_link_kind kind, char ret[REDFISH_PATH]);
/** redfish_members() - "Members" of a collection, or the array member @key of @o, into @links; @next: its next page */
must_check int redfish_members(struct json_object *o, const char *key, struct redfish_links *links,
	char next[REDFISH_PATH]);

/**
 * redfish_judge() - Status of a resource: State, Health and HealthRollup, the worst counts
 *
 * No Status, or one without Health that only says Enabled, is STATE_UNKNOWN.
 */
void redfish_judge(struct reading *r, struct json_object *resource);

/** redfish_storage() - a Storage with its redundancy, its inline controllers and links to its drives */
must_check int redfish_storage(struct redfish *rf, struct json_object *o, const char *path, struct redfish_links *drives);
/** redfish_storage_silent() - it was listed and did not answer: @why for people */
void redfish_storage_silent(struct redfish *rf, const char *path, const char *why);
/** redfish_controller() - a StorageController of the Storage that was read last */
must_check int redfish_controller(struct redfish *rf, struct json_object *o, const char *path);
/** redfish_manager() - firmware, state and @address of the canister of the same name */
void redfish_manager(struct redfish *rf, struct json_object *o, const char *path, const char *address);
/**
 * redfish_software() - a SoftwareInventory: of the devices that it names as RelatedItem, as Links.StagedTargets and
 * Links.ActiveTargets; before redfish_chassis() and redfish_drive(), which tell it
 *
 * Staged: ready to be activated; Active: in use. Source: DMTF SoftwareInventory v1.12. One that has neither says nothing
 * but what runs. Return: 0; -EBADMSG.
 */
must_check int redfish_software(struct redfish *rf, struct json_object *o);
/** redfish_address() - IPv4 of an EthernetInterface; "" */
const char *redfish_address(struct json_object *o);
/**
 * redfish_canisters() - tells what is redundant by its own word, or by being several in one storage, as canisters;
 * a lone storage controller as a system of that name
 * @by: the address that was asked: told in the message
 */
void redfish_canisters(struct redfish *rf, const char *by, const struct manage_sink *sink);

/** redfish_system() / redfish_chassis() / redfish_part() - one resource, told at once */
must_check int redfish_system(struct json_object *o, const char *path, const struct manage_sink *sink);
must_check int redfish_chassis(
	const struct redfish *rf, struct json_object *o, const char *path, const struct manage_sink *sink);
must_check int redfish_part(struct json_object *o, enum kind kind, const char *chassis, const struct manage_sink *sink);
/** redfish_housing() - the chassis that a part's path leads through; "" */
void redfish_housing(const char *path, char *ret, size_t size);
/** redfish_parts() - the inline array @key of Power or Thermal */
must_check int redfish_parts(struct json_object *o, const char *key, enum kind kind, const char *chassis,
	const struct manage_sink *sink);
/** redfish_drive() - kept until redfish_drives() tells them: two controllers may show the same one */
must_check int redfish_drive(struct redfish *rf, struct json_object *o);
void redfish_drives(struct redfish *rf, const struct manage_sink *sink);
/** redfish_volume() - one with a RAID type of its own, after the drives: a pool, kept until redfish_pools() tells them */
must_check int redfish_volume(struct redfish *rf, struct json_object *o, const char *path);
/**
 * redfish_pool_drives() - the collection that the drives of @source, 0 …, of a StoragePool have to be asked of; false when
 * they stand in it, or there are none. Each is asked before redfish_pool() and handed to redfish_pool_take_drives()
 */
bool redfish_pool_drives(struct json_object *o, unsigned source, char ret[REDFISH_PATH]);
void redfish_pool_take_drives(struct json_object *o, unsigned source, struct json_object *collection);
/**
 * redfish_pool() - a StoragePool, after the drives, kept until redfish_pools() tells them. Who serves in it is known where
 * it stands on one set of drives and supports one RAID type
 *
 * What stands on volumes or on other pools is as redundant as these are, who are told by themselves.
 */
must_check int redfish_pool(struct redfish *rf, struct json_object *o, const char *path);
/**
 * redfish_pools() - tells those that were kept, and who serves in each, as a group; keeps none any longer
 *
 * One that several storages show is one, by its id, and as the worst of them says. A group of one that is not well never
 * has more to spare than is certain.
 */
void redfish_pools(struct redfish *rf, const struct manage_sink *sink);
/** redfish_any_silent() - a storage did not answer: what only it shows is not known to be gone */
bool redfish_any_silent(const struct redfish *rf);
