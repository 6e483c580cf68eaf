/*
 * The only place that sends commands to a device: SG_IO and the NVMe admin ioctl, each behind the
 * allow-list, each with a deadline. Reads only; never retries but once after a unit attention.
 */
#pragma once
#include "probes/scsi.h"

enum { DEVICE_ALIGN = 4096, DEVICE_SENSE = 64 };

/**
 * device_open() - O_RDONLY, so that closing causes no uevent, and never waiting for a medium
 *
 * Return: descriptor, or what open(2) failed with.
 */
must_check int device_open(const char *path);

/* What a SCSI command left. */
struct scsi_reply {
	size_t got;              /* bytes of data that came */
	uint8_t status;          /* SAM status byte; 0 also when the command never got there */
	struct scsi_sense sense; /* decoded, zeroed when there was none */
	struct scsi_sense
		attention; /* the unit attention that came before, zeroed when there was none */
	uint8_t raw[DEVICE_SENSE];
	size_t raw_len;
};

/* One SCSI command that reads. */
struct scsi_command {
	const uint8_t *cdb;
	size_t cdb_len;
	void *data; /* aligned to DEVICE_ALIGN; NULL with len 0 for none */
	size_t len;
	unsigned timeout_ms; /* for the kernel; a command that passes it is OUTCOME_TIMEOUT */
};

/**
 * device_scsi() - one data-in or no-data command
 * @fd: of /dev/sgN, or of the block device
 * @ret: set whatever the outcome is
 *
 * Return: scsi_status_outcome()'s, or OUTCOME_REFUSED (allow-list, permission), OUTCOME_GONE,
 * OUTCOME_TIMEOUT, OUTCOME_ERROR for a transport that failed.
 */
must_check enum outcome device_scsi(int fd, const struct scsi_command *c, struct scsi_reply *ret);

/* One NVMe admin command that reads. */
struct nvme_command {
	uint8_t opcode;
	uint32_t nsid, cdw10; /* cdw10 identifies the page; the length in it must agree with len */
	void *data; /* aligned to DEVICE_ALIGN; filled with NVME_FILL before the command */
	size_t len;
	unsigned timeout_ms;
};

/** device_nvme() - carry it out; nvme_status_outcome()'s answer, or OUTCOME_REFUSED */
must_check enum outcome device_nvme(int fd, const struct nvme_command *c);

/** device_errno_outcome() - what an errno of open(2) or ioctl(2) means */
enum outcome device_errno_outcome(int e);
