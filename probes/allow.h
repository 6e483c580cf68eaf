/* Which commands may be sent to a device at all: data, asked before every pass-through. Pure. */
#pragma once
#include "probes/util.h"

/**
 * allow_scsi() - may this CDB be sent? Reads only; an ATA PASS-THROUGH (16) counts by the command
 * inside it, LOG SENSE only when it saves nothing, READ (10) only of the first block
 */
bool allow_scsi(const uint8_t *cdb, size_t len);

/**
 * allow_nvme() - may this admin command be sent? Identify Controller, and the log pages we decode
 * with Retain Asynchronous Event set, so that reading takes no event away from anybody
 */
bool allow_nvme(uint8_t opcode, uint32_t cdw10);

/**
 * allow_dm() - may the device mapper be asked this? Table and status of a device, which it has in memory; without
 * DM_NOFLUSH_FLAG a status writes out what a thin pool holds back (linux/dm-ioctl.h)
 */
bool allow_dm(unsigned command, uint32_t flags);
