/*
 * What sysfs says of the way to a unit: by which port of this host, to which port of the target, and
 * what state the kernel thinks each is in. Reads sysfs only; sends nothing.
 */
#pragma once
#include "probes/path_words.h"

enum { PORT_TEXT = 64 };

struct path_port {
	char host
		[PORT_TEXT]; /* this host's port: WWPN, iSCSI interface, adapter; empty when it has no name */
	char target[PORT_TEXT]; /* the target's: WWPN, portal address, SAS address, NVMe address */
	char tail[PORT_TEXT];   /* tells apart what shares a target port: end of the IQN or NQN */
	char unit[32];          /* "lun0" */
	char hctl[32];          /* "2:0:1:0" for SCSI, "nvme0" for NVMe */
};

/** path_port_scsi() - @sysfs of the block device */
void path_port_scsi(const char *sysfs, struct path_port *ret);
/** path_port_nvme() - @sysfs of the controller */
void path_port_nvme(const char *sysfs, struct path_port *ret);
/** path_port_name() - the component's name */
void path_port_name(const struct path_port *p, const char *transport, char *ret, size_t size);

/**
 * path_port_state() - the worst that the kernel says of session, remote port, host port and device
 * @ret: STATE_OK when nothing speaks against asking the device
 */
void path_port_state(const char *sysfs, struct path_state *ret);
/** path_nvme_state() - the controller's state and the ANA state of each of its namespaces */
void path_nvme_state(const char *sysfs, struct path_state *ret);

/* A namespace as one controller reaches it. */
struct nvme_way {
	unsigned nsid;
	char unit[UNIT_LEN]; /* as sysfs "wwid" has it (nvme/host/core.c): its UUID, else "eui." and its NGUID or EUI-64 */
	struct path_state state;
};
typedef void nvme_way_fn(const struct nvme_way *w, void *arg);
/**
 * path_nvme_ways() - each namespace that the controller reaches, as the kernel's multipath lists them
 * @sysfs: of the controller; while it is not live its word is theirs
 *
 * None for a controller in this host (PCIe), which is a drive and no array, and none of a namespace
 * without an identifier of its own.
 *
 * Return: false when they could not be listed: what was not told of may be there.
 */
must_check bool path_nvme_ways(const char *sysfs, nvme_way_fn *fn, void *arg);
