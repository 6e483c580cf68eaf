/* SCSI data -> facts. Pure: bytes in, struct reading out; never does I/O, never judges. */
#pragma once
#include "probes/reading.h"

/* A command's sense data, both formats as one (SPC-5 4.4). key 0 with asc 0: nothing to say. */
struct scsi_sense {
	uint8_t key, asc, ascq;
	bool deferred; /* about an earlier command */
};

enum {
	SENSE_NONE = 0,
	SENSE_RECOVERED = 1,
	SENSE_NOT_READY = 2,
	SENSE_MEDIUM = 3,
	SENSE_HARDWARE = 4,
	SENSE_ILLEGAL = 5,
	SENSE_UNIT_ATTENTION = 6,
	SENSE_PROTECT = 7,
	SENSE_ABORTED = 0xb,
	ASC_WARNING = 0x0b,
	ASC_FAILURE_PREDICTED = 0x5d,
	ASC_POWER_CONDITION = 0x5e,
	STATUS_GOOD = 0x00,
	STATUS_CHECK_CONDITION = 0x02,
	STATUS_BUSY = 0x08,
	STATUS_RESERVATION_CONFLICT = 0x18,
	STATUS_TASK_SET_FULL = 0x28,
	STATUS_TASK_ABORTED = 0x40
};

/**
 * scsi_decode_sense() - response codes 70h-73h (SPC-5 4.4.2, 4.4.3)
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT; OUTCOME_NONSENSE for another response code.
 */
must_check enum outcome scsi_decode_sense(const uint8_t *p, size_t len, struct scsi_sense *ret);

/**
 * scsi_status_outcome() - what a command's end means
 * @status: SAM status byte
 * @sense: decoded sense, zeroed when there was none
 *
 * Return: OUTCOME_OK for GOOD and for recovered errors; OUTCOME_ASLEEP for a stopped drive and
 * standby (04h/02h, 5Eh standby); OUTCOME_UNSUPPORTED for illegal request; OUTCOME_ERROR for the
 * rest, NOT READY among them.
 */
enum outcome scsi_status_outcome(uint8_t status, const struct scsi_sense *sense);

/** scsi_sense_again() - true for a unit attention: the command was not executed and may be sent
 * once more */
bool scsi_sense_again(uint8_t status, const struct scsi_sense *sense);

/**
 * scsi_sense_predicts() - true when the sense says what an informational exception would (SPC-5:
 * 5Dh, 0Bh); such a command may have ended well
 */
bool scsi_sense_predicts(const struct scsi_sense *sense);

/** scsi_power_outcome() - REQUEST SENSE's power condition (SPC-5 table 56, 5Eh): ASLEEP, IDLE or OK
 */
enum outcome scsi_power_outcome(const struct scsi_sense *sense);

struct scsi_inquiry {
	uint8_t type; /* peripheral device type, 0 disk */
	uint8_t version;
	bool absent; /* peripheral qualifier: no device behind this unit */
	char vendor[9], model[17], revision[5];
};

/** scsi_decode_inquiry() - standard INQUIRY data (SPC-5 6.7.2): at least 36 bytes */
must_check enum outcome scsi_decode_inquiry(const uint8_t *p, size_t len, struct scsi_inquiry *ret);

/** scsi_decode_serial() - VPD page 80h (SPC-5 7.7.17) */
must_check enum outcome scsi_decode_serial(const uint8_t *p, size_t len, char *ret, size_t size);

/**
 * scsi_decode_wwn() - VPD page 83h (SPC-5 7.7.6): the logical unit's NAA designator as "0x…", else
 * its EUI-64
 * @ret: at least 35 bytes; untouched unless OUTCOME_OK
 *
 * Return: OUTCOME_OK; OUTCOME_UNSUPPORTED when the page has none of the two; OUTCOME_SHORT,
 * OUTCOME_NONSENSE.
 */
must_check enum outcome scsi_decode_wwn(const uint8_t *p, size_t len, char *ret, size_t size);

/**
 * scsi_decode_ata_information() - VPD page 89h (SAT-4 12.4.2): is there an ATA device behind this
 * unit?
 * @ret_identify: its IDENTIFY DEVICE data within @p, 512 bytes
 */
must_check enum outcome scsi_decode_ata_information(
	const uint8_t *p, size_t len, const uint8_t **ret_identify);

/* LOG SENSE pages we ask for. */
enum scsi_page {
	PAGE_SUPPORTED = 0x00,
	PAGE_WRITE_ERRORS = 0x02,
	PAGE_READ_ERRORS = 0x03,
	PAGE_VERIFY_ERRORS = 0x05,
	PAGE_NON_MEDIUM = 0x06,
	PAGE_TEMPERATURE = 0x0d,
	PAGE_START_STOP = 0x0e,
	PAGE_SELF_TEST = 0x10,
	PAGE_SSD = 0x11,
	PAGE_SCAN = 0x15,
	PAGE_EXCEPTIONS = 0x2f
};

/**
 * scsi_decode_supported() - page 00h: one bit per supported page into @ret_bits
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT; OUTCOME_NONSENSE when it is another page.
 */
must_check enum outcome scsi_decode_supported(const uint8_t *p, size_t len, uint64_t *ret_bits);

/**
 * scsi_decode_log() - one of the pages above into facts (SPC-5 7.3, SBC-4 6.4)
 * @page: the page that was asked for; another page code in @p is OUTCOME_NONSENSE
 * @r: facts are added only with OUTCOME_OK
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT when the page says it is longer than @len; OUTCOME_NONSENSE;
 * OUTCOME_UNSUPPORTED for a page without decoder.
 */
must_check enum outcome scsi_decode_log(
	enum scsi_page page, const uint8_t *p, size_t len, struct reading *r);

/**
 * scsi_decode_defects() - READ DEFECT DATA (10), grown list, the header alone (SBC-4 5.17); the
 * kernel lets no unprivileged process send the (12) form. The length saturates at 64 KiB of entries
 * @r: FACT_GROWN_DEFECTS from the list's length, which stands in the header
 */
must_check enum outcome scsi_decode_defects(const uint8_t *p, size_t len, struct reading *r);
