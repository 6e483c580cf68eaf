/* What the kernel counts about a drive, from sysfs: sends nothing, answers while the drive hangs.
 */
#pragma once
#include "probes/reading.h"

/* A counter that sysfs does not have is absent: its have_ flag is false. */
struct kernel_counters {
	bool have_errors, have_pending, have_io;
	bool given_up;    /* SCSI: the kernel's word for the device is not "running" */
	uint64_t errors;  /* ioerr_cnt */
	uint64_t pending; /* in flight; without that iorequest_cnt - iodone_cnt */
	uint64_t io; /* reads, writes, discards and flushes that ended; pass-through commands do not
			count */
};

/**
 * counters_read() - read afresh: sysfs attributes must not be cached
 * @sysfs: /sys path of the block device
 */
void counters_read(const char *sysfs, struct kernel_counters *ret);
