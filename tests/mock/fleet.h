/* A umockdev testbed full of simulated drives. Tests only; never linked into what ships. */
#pragma once
#include <umockdev.h>

#include "simdrive.h"

enum { FLEET_MAX = 64, NODES_MAX = 4 };

/* A device as sysfs shows it, and the drive behind it. Two of them may lead to one drive. */
struct member {
	struct sim_drive *drive; /* NULL: something that is no drive */
	char dev[32];            /* its main node's name */
	char *sysfs[NODES_MAX];  /* for its removal, children last */
	unsigned nsysfs;
};

struct fleet {
	UMockdevTestbed *testbed;
	UMockdevIoctlBase *handler;
	GMutex lock; /* ioctls come on another thread */
	struct member members[FLEET_MAX];
	unsigned n, next_sd, next_nvme, next_host, next_number;
	bool verbose;
};

void fleet_open(struct fleet *f);
/** fleet_add() -
 * "[Nx]ata|ata=BLOB|idleb|standby|sas|sas-as-ata|nvme|path=DEV|partition=DEV|loop|nvmepath[+FAULT]"; false: no
 * such */
must_check bool fleet_add(struct fleet *f, const char *spec);
/** fleet_remove() - the device goes, with a uevent; its commands fail from now on */
must_check bool fleet_remove(struct fleet *f, const char *dev);
/** fleet_io() - the kernel has counted that many reads of the device */
must_check bool fleet_io(struct fleet *f, const char *dev, unsigned long reads);
/** fleet_find() - by node name; NULL none */
struct sim_drive *fleet_find(struct fleet *f, const char *dev);
/** fleet_let_in() - what was made is for every uid: the daemon's roles have their own */
void fleet_let_in(struct fleet *f);
/** fleet_ioctl() - answers what is sent to the nodes; a signal handler of UMockdevIoctlBase */
gboolean fleet_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer fleet);
