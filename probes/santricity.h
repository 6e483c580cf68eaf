/*
 * Answers of NetApp E-Series arrays (SANtricity REST, /devmgr/v2) -> readings. Pure: text in, readings out; asks
 * nothing. Words: the enumerations of the SANtricity Web Services API (StorageSystemResponse, Controller, Esm,
 * PowerSupply, Battery, Drive, VolumeGroup), as NetApp publishes them in santricity-webapi-javasdk.
 */
#pragma once
#include "probes/manage.h"

enum { SANTRICITY_POOLS = 64, SANTRICITY_OBJECTS = 8192 };

struct santricity_pool {
	char ref[48], name[32];
	int8_t parity;     /* members that may be lost when all is well; -1: not known */
	uint16_t members;  /* spares left out */
};

/* What the answers of one look need of each other. */
struct santricity {
	char id[40];       /* of the array, within this service */
	struct reading system;
	unsigned npools;
	struct santricity_pool pools[SANTRICITY_POOLS];
};

/**
 * santricity_systems() - "/storage-systems": fills .id and .system, which santricity_failures() completes and tells
 *
 * Return: 0; -EBADMSG; -E2BIG when a proxy watches several and it is not known which is meant.
 */
must_check int santricity_systems(const char *text, size_t len, struct santricity *s);
/**
 * santricity_volumes() - "/volumes": is the cache of all that are written through it mirrored, into .system; before
 * santricity_failures(). A list that has nothing to say of it says nothing
 */
must_check int santricity_volumes(const char *text, size_t len, struct santricity *s);
/** santricity_failures() - "/failures": what the Recovery Guru lists; tells the array as a whole */
must_check int santricity_failures(const char *text, size_t len, struct santricity *s, const struct manage_sink *sink);
/** santricity_system() - tells the array as a whole when the failures were not asked for */
void santricity_system(struct santricity *s, const struct manage_sink *sink);
/**
 * santricity_canisters() - "/controllers"
 * @by: the address that was asked: told in the message
 *
 * What is known only by a proxy that has lost the array is STATE_UNREACHABLE, whatever the list says.
 */
must_check int santricity_canisters(const char *text, size_t len, const struct santricity *s, const char *by,
	const struct manage_sink *sink);
/** santricity_pools() - "/storage-pools": tells pools; fills .pools for santricity_hardware() */
must_check int santricity_pools(const char *text, size_t len, struct santricity *s, const struct manage_sink *sink);
/** santricity_hardware() - "/hardware-inventory": enclosures, IOMs, power supplies, fans, batteries, drives */
must_check int santricity_hardware(const char *text, size_t len, struct santricity *s, const struct manage_sink *sink);
