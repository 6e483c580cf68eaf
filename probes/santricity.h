/*
 * Answers of NetApp E-Series arrays (SANtricity REST, /devmgr/v2) -> readings. Pure: text in, readings out; asks
 * nothing. Words: the enumerations of the SANtricity Web Services API (StorageSystemResponse, Controller, Esm,
 * PowerSupply, Battery, Drive, VolumeGroup, FailureData, MelEntryEx), as NetApp publishes them in santricity-webapi-javasdk.
 */
#pragma once
#include "probes/manage.h"
#include "probes/manage_log.h"

enum { SANTRICITY_POOLS = 64, SANTRICITY_OBJECTS = 8192, SANTRICITY_FAULTS = 24, SANTRICITY_CANISTERS = 2, SANTRICITY_PAGE = 32 };

struct santricity_pool {
	char ref[48], name[32];
	int8_t parity;     /* members that may be lost when all is well; -1: not known */
	uint16_t members;  /* spares left out */
};

struct santricity_canister {
	bool told;
	struct reading r;  /* without what its partner and the failures say of it */
	char ref[48], address[48];
};

/* Failures that stand, of one object. */
struct santricity_fault {
	uint8_t kind;      /* enum kind that its type says it is; KIND_NONE: none, or none that is a component here */
	uint8_t placed;    /* enum kind of the component that it was told of; KIND_NONE not yet */
	uint8_t service;   /* 1: one that asks for service is among them */
	uint8_t pad;
	uint32_t count;
	char ref[48];      /* empty: of the array as a whole */
	char words[48];    /* their types, as many as fit */
};

struct santricity_faults {
	uint32_t n;
	uint16_t read;     /* 1: the list was had */
	uint8_t sought;    /* 1: all components were asked for since */
	uint8_t overflowed; /* 1: what some of them have stands with the array as a whole */
	struct santricity_fault of[SANTRICITY_FAULTS];
};

struct santricity_log {
	uint64_t next;     /* number of the first event that was not read */
	uint64_t end;      /* and the one after the last there was */
	uint32_t read;
	uint32_t failed;   /* 1: the last try to read on did not succeed: nothing is known of what is new */
	struct manage_log recent;
};

/* What is remembered from look to look; flat. */
struct santricity_keep {
	struct santricity_faults faults;
	struct santricity_log log;
};

/* What the answers of one look need of each other. */
struct santricity {
	char id[40];       /* of the array, within this service */
	char wwn[40];
	char by[64], speaker; /* the address that was asked, and whose it is: 'A', 'B', 0 */
	struct reading system;
	struct santricity_canister canister[SANTRICITY_CANISTERS];
	struct santricity_faults *faults; /* NULL: parts are told without what is listed of them */
	unsigned npools;
	struct santricity_pool pools[SANTRICITY_POOLS];
};

/**
 * santricity_systems() - "/storage-systems": fills .id and .system, which santricity_tell_system() tells
 *
 * Return: 0; -EBADMSG; -E2BIG when a proxy watches several and it is not known which is meant.
 */
must_check int santricity_systems(const char *text, size_t len, struct santricity *s);
/**
 * santricity_volumes() - "/volumes": is the cache of all that are written through it mirrored, into .system. A list that
 * has nothing to say of it says nothing
 */
must_check int santricity_volumes(const char *text, size_t len, struct santricity *s);

/**
 * santricity_canisters() - "/controllers", into .canister
 * @by: the address that was asked: told in the message
 *
 * What is known only by a proxy that has lost the array is STATE_UNREACHABLE, whatever the list says.
 */
must_check int santricity_canisters(const char *text, size_t len, struct santricity *s, const char *by);
/** santricity_tell_canisters() - and what is listed of each; marks that in @f, which may be NULL */
void santricity_tell_canisters(const struct santricity *s, struct santricity_faults *f, const struct manage_sink *sink);

/** santricity_failures() - "/failures": what the Recovery Guru lists, into @ret and the words into .system; once a look */
must_check int santricity_failures(const char *text, size_t len, struct santricity *s, struct santricity_faults *ret);
/** santricity_same_faults() - do two lists say the same; what was placed is left out */
bool santricity_same_faults(const struct santricity_faults *a, const struct santricity_faults *b);
/** santricity_displace() - before canisters, or all but canisters, are told anew: what is gone since has no component */
void santricity_displace(struct santricity_faults *f, bool canisters);
/** santricity_blame() - what is listed of the object @ref into @r, 0 too unless the table overflowed; nothing before the list was had */
void santricity_blame(struct santricity_faults *f, const char *ref, struct reading *r);
/** santricity_tell_system() - the array as a whole; a request for service that found no component is its own */
void santricity_tell_system(struct santricity *s, const struct santricity_faults *f, const struct manage_sink *sink);

/**
 * santricity_log_extent() - "/mel-events/available" (MelExtent): is there something to read from .next on
 *
 * Return: 1, 0, -EBADMSG. Source: NetApp Harvest, collector EseriesMel: endingSeqNum is one past the newest.
 */
must_check int santricity_log_extent(const char *text, size_t len, struct santricity_log *log);
/**
 * santricity_log_events() - "/mel-events?startSequenceNumber=N" (MelEntryEx), critical or not
 * @now_ms: any clock that only goes forward; the array's is not asked
 *
 * A page may be shorter than was asked for; the end is where one is empty, or an event is .end or later.
 *
 * Return: how many were in it; -EBADMSG for an event without number or type, or a page of nothing but what was read
 * before: then @log is as it was.
 */
must_check int santricity_log_events(const char *text, size_t len, struct santricity_log *log, uint64_t now_ms);
/** santricity_log_tell() - the last one of a day and how many, into the reading of the array; nothing before it was read, or
 * after a try that failed */
void santricity_log_tell(const struct santricity_log *log, uint64_t now_ms, struct reading *system);

/** santricity_pools() - "/storage-pools": tells pools; fills .pools for santricity_hardware() */
must_check int santricity_pools(const char *text, size_t len, struct santricity *s, const struct manage_sink *sink);
/** santricity_hardware() - "/hardware-inventory": enclosures, IOMs, power supplies, fans, batteries, drives */
must_check int santricity_hardware(const char *text, size_t len, struct santricity *s, const struct manage_sink *sink);
