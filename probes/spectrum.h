/*
 * IBM Storwize, Spectrum Virtualize, FlashSystem, SVC: what their views say, by SSH with -delim or by REST, as
 * readings. Pure; parsed by the names of columns, never by their order.
 */
#pragma once
#include "probes/manage.h"

enum spectrum_form { SPECTRUM_JSON, SPECTRUM_CLI };

#define SPECTRUM_DELIM '|' /* iSCSI names hold colons */

enum { SPECTRUM_CANISTERS = 16, SPECTRUM_COLUMNS = 160, SPECTRUM_ROWS = 20000 };

/* One row: names and values as pairs of texts, @columns of them. */
struct spectrum_row {
	const char *name[SPECTRUM_COLUMNS], *value[SPECTRUM_COLUMNS];
	unsigned columns;
};

enum { SPECTRUM_FAULTS = 24 };

/* What an event is about; a word outside the table is OBJECT_OTHER and told of the system. */
enum spectrum_object { OBJECT_OTHER, OBJECT_NODE, OBJECT_CANISTER, OBJECT_ENCLOSURE, OBJECT_DRIVE, OBJECT_MDISK };

/* Errors of one object that are not fixed. */
struct spectrum_fault {
	uint8_t object;                       /* enum spectrum_object */
	uint8_t service;                      /* 1: one of the codes that ask for service is among them */
	uint8_t placed;                       /* 1: a component was found that it is told of */
	uint8_t pad;
	uint32_t count, code;                 /* the lowest code: the most severe */
	uint64_t newest;                      /* sequence number */
	char id[16], name[32];
	char text[76];                        /* of that code */
};

/* The event log by objects; OBJECT_OTHER: all that is about nothing that is a component here. */
struct spectrum_events {
	uint32_t n;
	uint16_t read;                        /* 1: it was had */
	uint16_t sought;                      /* 1: enclosures, drives and mdisks were asked for since */
	struct spectrum_fault fault[SPECTRUM_FAULTS];
};

/* Canisters as two views tell of them, put together. */
struct spectrum_canisters {
	struct reading r[SPECTRUM_CANISTERS];
	char address[SPECTRUM_CANISTERS][48]; /* of service, where it was told */
	char node[SPECTRUM_CANISTERS][16];    /* id of the node in it; empty: none */
	char node_name[SPECTRUM_CANISTERS][32];
	char housing[SPECTRUM_CANISTERS][24]; /* serial number of the enclosure that a node stands in */
	unsigned n;
	bool housed;                          /* a node stands in an enclosure: there is a view of its canisters */
};

/**
 * spectrum_rows() - take a whole view apart: a list, or one object in detail
 * @text: changed in place when @form is SPECTRUM_CLI; @len bytes and a NUL
 * @detail: one object, a name and a value each line, or one JSON object
 * @each: called for each row; < 0 ends it with that
 *
 * Return: how many rows; -EBADMSG cut short, not of this form, or too large.
 */
int spectrum_rows(char *text, size_t len, enum spectrum_form form, bool detail,
	int (*each)(const struct spectrum_row *row, void *arg), void *arg);
/** spectrum_value() - of a column; "" when there is none */
const char *spectrum_value(const struct spectrum_row *row, const char *name);

/**
 * spectrum_*() - one view each. Return: rows; -EBADMSG: then it is not all there is
 * @e: the log as it was read last, NULL or .read 0: nothing is told of errors; else each component says how many of its
 * errors are not fixed, 0 too, and is marked in it as .placed
 */
must_check int spectrum_nodes(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c);
must_check int spectrum_node(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c);
/* @sink: canisters of expansion enclosures, which are told as expanders */
must_check int spectrum_enclosure_canisters(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c,
	const struct manage_sink *sink);
must_check int spectrum_enclosures(char *text, size_t len, enum spectrum_form f, struct spectrum_events *e,
	const struct manage_sink *sink);
must_check int spectrum_psus(char *text, size_t len, enum spectrum_form f, struct spectrum_events *e,
	const struct manage_sink *sink);
must_check int spectrum_batteries(char *text, size_t len, enum spectrum_form f, struct spectrum_events *e,
	const struct manage_sink *sink);
must_check int spectrum_drives(char *text, size_t len, enum spectrum_form f, struct spectrum_events *e,
	const struct manage_sink *sink);
must_check int spectrum_mdisks(char *text, size_t len, enum spectrum_form f, struct spectrum_events *e,
	const struct manage_sink *sink);
must_check int spectrum_eventlog(char *text, size_t len, enum spectrum_form f, struct spectrum_events *ret);
/** spectrum_canister_faults() - errors of nodes and canisters into the readings of canisters, marked as .placed */
void spectrum_canister_faults(struct spectrum_events *e, struct spectrum_canisters *c);
/** spectrum_displace() - before components of these objects are told anew: what is gone since has no component */
void spectrum_displace(struct spectrum_events *e, enum spectrum_object first, enum spectrum_object last);
/** spectrum_system_faults() - all that is not .placed, and will not be once it was .sought, into the reading of the system */
void spectrum_system_faults(const struct spectrum_events *e, struct reading *system);
/** spectrum_same_events() - do two logs say the same; what was placed is left out */
bool spectrum_same_events(const struct spectrum_events *a, const struct spectrum_events *b);
/** spectrum_blame() - what is logged of @object, by @id or by @name where that is not NULL, into @r */
void spectrum_blame(struct spectrum_events *e, enum spectrum_object object, const char *id, const char *name,
	struct reading *r);
must_check int spectrum_callhome(char *text, size_t len, enum spectrum_form f, struct reading *system);
/* An array of drives, its places, and who stands at them. */
enum { SPECTRUM_ARRAYS = 128, SPECTRUM_MEMBERS = 2048 };
struct spectrum_array {
	char id[16], name[NAME_MAX_LEN], status[24], level[16];
	int8_t parity;        /* losses it takes when whole; -1: of a level that is not known */
	int8_t redundancy;    /* losses it takes now by its own word; -1 not told */
	int8_t progress;      /* of the slowest rebuild, percent; -1 none */
	bool distributed;
};
struct spectrum_member {
	uint8_t array, serves, filling, pad; /* filling: being rebuilt onto */
	char id[8], drive_id[16];
	char drive[NAME_MAX_LEN];            /* as the drive's component is named */
};
/* Large: on the heap. */
struct spectrum_arrays {
	unsigned n, nmembers, spares;
	struct spectrum_array at[SPECTRUM_ARRAYS];
	struct spectrum_member member[SPECTRUM_MEMBERS];
};

/** spectrum_array*() - one view each, in this order; -EBADMSG: then nothing is said of arrays */
must_check int spectrum_arrays(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a);
must_check int spectrum_array_members(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a);
must_check int spectrum_array_progress(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a);
must_check int spectrum_array_drives(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a);
/** spectrum_array_pool() - what its array says, into the reading of an mdisk */
void spectrum_array_pool(const struct spectrum_arrays *a, struct reading *pool);
/** spectrum_array_groups() - after mdisks and drives: who serves in which array, as groups of a layout */
void spectrum_array_groups(const struct spectrum_arrays *a, const struct manage_sink *sink);
/** spectrum_arrays_rebuild() - is one of them not online: then it is worth asking more often */
bool spectrum_arrays_rebuild(const struct spectrum_arrays *a);
/** spectrum_drive_name() - a drive by its place, "1-3", else by its id */
bool spectrum_drive_name(const struct spectrum_row *row, char *ret, size_t size);

/** spectrum_system_id() - the id alone, as "00000200A1207E1F", into @ret */
must_check int spectrum_system_id(char *text, size_t len, enum spectrum_form f, char ret[static 24]);
/** spectrum_system() - name, code level and settings of lssystem into a reading of the system */
must_check int spectrum_system(char *text, size_t len, enum spectrum_form f, struct reading *system);
/**
 * spectrum_quorum() - can one canister go on without the other, as a fact: is a quorum device online
 *
 * When exactly half of the nodes are there, one device decides whether they go on or stop. Source: IBM documentation of
 * lsquorum (quorum_index, status) and chquorum.
 */
must_check int spectrum_quorum(char *text, size_t len, enum spectrum_form f, struct reading *system);
/**
 * spectrum_protection() - is call-home on, by mail or cloud, as a fact; after both views
 *
 * Not told while the cloud may do it and did not answer. There is no cloud before 8.2.
 * Of mirroring the cache nothing is told: the nodes of an I/O group do it by themselves, and lssystem, lsiogrp
 * (maintenance: a procedure is under way on enclosures) and lsvdisk (cache: is a volume cached at all) have no setting for
 * it. chiogrp -fctargetportmode, by which a node takes over its partner's WWPNs, is in no view that is documented here.
 *
 * "running" says that mail is sent, not to whom: it may be people only. Two settings that both are off are known to
 * call nobody. Source: IBM documentation of lssystem (email_state) and lscloudcallhome (status).
 */
void spectrum_protection(struct reading *system);
