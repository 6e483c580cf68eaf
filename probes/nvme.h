/*
 * NVMe log pages -> facts. Pure: bytes in, struct reading out; never does I/O, never judges. The
 * kernel says nothing about how many bytes came, so buffers are filled with NVME_FILL before the
 * command and what is still there afterwards was never written.
 */
#pragma once
#include "probes/reading.h"

enum {
	NVME_FILL = 0xee,
	NVME_BUFFER = 4096,
	NVME_LOG = 512,
	NVME_IDENTIFY = 4096,
	NVME_SELF_TEST_LOG = 564,
	NVME_ERROR_ENTRY = 64,
	NVME_NSID_ALL = -1,
	NVME_LOG_ERROR = 0x01,
	NVME_LOG_SMART = 0x02,
	NVME_LOG_FIRMWARE = 0x03,
	NVME_LOG_SELF_TEST = 0x06
};

/* Identify Controller, as far as anybody here asks. */
struct nvme_controller {
	char model[41], serial[21], firmware[9];
	uint64_t capacity_bytes;               /* TNVMCAP, 0 not reported */
	uint16_t warn_kelvin, critical_kelvin; /* 0 not reported */
	uint8_t error_entries; /* error log entries the controller keeps, 0's based as sent */
	bool self_test;        /* Device Self-test is supported: its log may be asked for */
};

/**
 * nvme_untouched() - true when the last bytes of a page still hold NVME_FILL: the reply was short
 * or none
 * @len: bytes the command promises
 */
bool nvme_untouched(const uint8_t *p, size_t len);

/**
 * nvme_decode_controller() - Identify Controller data (NVMe Base 2.0c, figure 275: bytes 4-71, 256,
 * 262, 266-269, 280-295)
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT below 4096 bytes; OUTCOME_NONSENSE when it was never written or
 * names neither model nor serial.
 */
must_check enum outcome nvme_decode_controller(
	const uint8_t *p, size_t len, struct nvme_controller *ret);

/** nvme_controller_to_reading() - names, class, capacity; adds the temperature limit as a fact */
void nvme_controller_to_reading(const struct nvme_controller *c, struct reading *r);

/**
 * nvme_decode_smart() - SMART / Health Information (NVMe Base 2.0c, figure 207)
 * @r: facts are added only with OUTCOME_OK. 0 K is "not reported"; spare 0 with threshold 0
 * likewise.
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT below 512 bytes; OUTCOME_NONSENSE for what cannot be: never
 * written, reserved bits, percentages above 100, a temperature no drive survives.
 */
must_check enum outcome nvme_decode_smart(const uint8_t *p, size_t len, struct reading *r);

/** nvme_decode_firmware() - Firmware Slot Information (figure 208): active slot, slot after the
 * next reset */
must_check enum outcome nvme_decode_firmware(const uint8_t *p, size_t len, struct reading *r);

/**
 * nvme_decode_self_test() - Device Self-test log (figure 214): how the newest finished test ended
 *
 * Adds FACT_SELF_TEST_FAILED only when one finished with a verdict.
 */
must_check enum outcome nvme_decode_self_test(const uint8_t *p, size_t len, struct reading *r);

/* The newest entry of the error log. */
struct nvme_error {
	uint64_t count;  /* 0: the log is empty */
	uint16_t status; /* status field without the phase bit */
	uint16_t queue;
	uint64_t lba;
};

/** nvme_decode_error_log() - Error Information (figure 206), entry 0 of @len / 64 */
must_check enum outcome nvme_decode_error_log(const uint8_t *p, size_t len, struct nvme_error *ret);

/**
 * nvme_status_outcome() - what an admin command's result means
 * @result: of the ioctl: 0, a status field above 0, or -errno
 */
enum outcome nvme_status_outcome(int result);
