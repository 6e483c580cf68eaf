/* What the two files of the audit share: a walk from one place down to its disks. */
#pragma once
#include "agent/audit.h"

struct walk {
	const char *root;
	const struct audit *audit; /* places found so far: what a loop file may lie on */
	struct audit_place *place; /* being filled */
};

/** disks_below() - @dir: a block device's directory in sysfs, resolved */
void disks_below(struct walk *w, const char *dir, unsigned depth);
/** disks_of_device() - @kind: "dev/block" with @name "8:0", or "class/block" with "sda" */
void disks_of_device(struct walk *w, const char *kind, const char *name, unsigned depth);
/** disks_of_file() - those of the place that holds the file */
void disks_of_file(struct walk *w, const char *path, unsigned depth);
