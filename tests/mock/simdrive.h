/*
 * A pure model of a storage device: a command in, its reply out. No descriptors, no threads, no
 * clock. What a drive was asked is counted, so that tests can say what was never sent.
 */
#pragma once
#include "probes/util.h"

struct sg_io_hdr;
struct nvme_passthru_cmd;

enum sim_kind { SIM_ATA, SIM_SAS, SIM_NVME };
enum sim_power { SIM_STANDBY = 0x00, SIM_IDLE = 0x80, SIM_IDLE_B = 0x82, SIM_ACTIVE = 0xff };
/* What goes wrong with a command. */
enum sim_fault_kind {
	SIM_FINE,
	SIM_ENODEV,
	SIM_EIO,
	SIM_HANG,
	SIM_DELAY,
	SIM_TRUNCATE,
	SIM_GARBAGE,
	SIM_HOST_BYTE,
	SIM_FIXED_SENSE,
	SIM_NVME_STATUS,
	SIM_UNIT_ATTENTION,
	SIM_NOT_READY,
	SIM_FAULT_COUNT
};

struct sim_fault {
	enum sim_fault_kind kind;
	unsigned from; /* number of the first command that fails; 0 and 1: all of them */
	unsigned arg;
};

struct sim_drive {
	char dev[32], sg[32]; /* names under /dev; sg empty for NVMe */
	enum sim_kind kind;
	unsigned number;
	uint64_t bytes;
	char model[41], serial[21], firmware[9];
	struct sim_fault fault;
	bool says_ata;  /* a SAS drive whose vendor is "ATA" all the same */
	bool attention; /* the next command is answered with a unit attention */
	/* ATA */
	uint8_t identify[512], smart[512], thresholds[512];
	bool failing;  /* RETURN STATUS says so */
	uint8_t power; /* enum sim_power */
	/* SAS */
	uint8_t ie_asc, ie_ascq, celsius;
	uint32_t uncorrected, defects;
	/* NVMe */
	uint8_t nvme_smart[512], nvme_firmware[512];
	uint64_t nvme_errors; /* grows with each command it refuses, as real ones do */
	/* what it was asked */
	unsigned commands,
		on_block;     /* on_block: of them through the block node, where libatasmart goes */
	unsigned asked[256];  /* SCSI opcodes, or NVMe admin opcodes */
	unsigned inside[256]; /* ATA commands inside pass-throughs, or NVMe log pages */
};

/* Not errno: the caller must never answer, or later. */
enum { SIM_NEVER = -100000, SIM_LATER = -200000 /* minus milliseconds */ };

void sim_init_ata(struct sim_drive *d, unsigned number);
void sim_init_sas(struct sim_drive *d, unsigned number);
void sim_init_nvme(struct sim_drive *d, unsigned number);
/** sim_load_blob() - become the drive of a libatasmart blob file; 0 or -errno */
must_check int sim_load_blob(struct sim_drive *d, const char *path);
/** sim_parse_fault() - "kind[@from[:arg]]" */
must_check bool sim_parse_fault(const char *text, struct sim_fault *ret);
/** sim_set() - a value by name, for tests: pending, reallocated, failing, power, ie_asc, warning …;
 * false: no such */
must_check bool sim_set(struct sim_drive *d, const char *name, unsigned long value);

/**
 * sim_begin() - count a command and let its fault strike
 *
 * Return: 0, -errno for the ioctl, SIM_NEVER, or SIM_LATER minus milliseconds.
 */
int sim_begin(struct sim_drive *d);
/** sim_sg_io() - the header's pointers are valid memory; 0 or -errno */
int sim_sg_io(struct sim_drive *d, struct sg_io_hdr *h);
/** sim_nvme_admin() - 0, a status field above 0, or -errno */
int sim_nvme_admin(struct sim_drive *d, struct nvme_passthru_cmd *c);

/** sim_vendor() - INQUIRY's vendor, eight characters */
const char *sim_vendor(const struct sim_drive *d);

/* Between the files of the model. */
bool sim_strikes(const struct sim_drive *d, enum sim_fault_kind kind);
void sim_reply(struct sim_drive *d, struct sg_io_hdr *h, const void *src, size_t n);
void sim_sense(struct sg_io_hdr *h, uint8_t key, uint8_t asc, uint8_t ascq);
void sim_check(struct sg_io_hdr *h, const uint8_t *sense, size_t n);
void sim_ata(struct sim_drive *d, struct sg_io_hdr *h);
void sim_scsi(struct sim_drive *d, struct sg_io_hdr *h);
