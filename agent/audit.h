/*
 * On which disks the places of this host stand: mounts and swap, followed through partitions, device
 * mapper, md and loop files down to whole disks. Reads /proc and sysfs alone; opens no device and judges
 * nothing.
 */
#pragma once
#include "probes/util.h"

enum { AUDIT_DISKS = 32, AUDIT_PLACES = 512 };

enum audit_basis {
	AUDIT_ON_DISKS,  /* .disk holds all of them, unless .more */
	AUDIT_MEMORY,    /* on nothing that can fail with an array */
	AUDIT_ELSEWHERE, /* another machine keeps it: where that one keeps it cannot be seen */
	AUDIT_UNCLEAR,   /* .why */
};

struct audit_disk {
	char name[32];              /* "sda", "nvme0n1" */
	char controller[16];        /* of NVMe: "nvme0"; else empty */
	char wwid[96];              /* as the kernel writes it: "naa.5000c500…"; empty unknown */
	char vendor[16], model[48]; /* trimmed; empty unknown */
	char transport
		[16]; /* "fc", "iscsi", "tcp", …: it is somewhere else; empty: in or at this host */
};

struct audit_place {
	char path[192]; /* where it is mounted, or "swap" */
	char type[24];  /* file system */
	char on[64];    /* what it is mounted from */
	enum audit_basis basis;
	char why[96];
	struct audit_disk disk[AUDIT_DISKS];
	unsigned ndisks, also; /* also: further mounts of the same file system */
	bool more;             /* more disks than .disk holds */
	bool untold;           /* in memory, or told with another mount of the same file system */
};

struct audit {
	struct audit_place place[AUDIT_PLACES];
	unsigned nplaces;
	bool more; /* more places than fit */
};

/**
 * audit_host() - every mounted file system and every swap area
 * @root: in front of /proc and /sys; "" for this host
 * @ret:  the places, about 3 MB
 *
 * Return: 0, or what reading /proc/self/mountinfo failed with.
 */
must_check int audit_host(const char *root, struct audit *ret);

/** audit_find() - the place that holds @path: the mount with the longest name above it; NULL none */
const struct audit_place *audit_find(const char *root, const struct audit *a, const char *path);
