/* ATA pages and registers -> facts. Pure: bytes in, struct reading out; never does I/O, never
 * judges. */
#pragma once
#include "probes/reading.h"

enum { ATA_SECTOR = 512 };

/* What IDENTIFY DEVICE says, as far as anybody here asks. */
struct ata_identify {
	char model[41], serial[21], firmware[9];
	uint64_t wwn;           /* 0 not reported */
	uint64_t sectors;       /* of logical_bytes each; 0 not reported */
	uint32_t logical_bytes; /* 512 unless told otherwise */
	uint8_t rotational;     /* 1 rotating, 0 not, 2 not reported */
	bool smart_supported, smart_enabled;
};

/* How the power-on attribute counts. */
enum ata_hours {
	ATA_HOURS,
	ATA_HOURS_HALF_MINUTES,
	ATA_HOURS_MINUTES,
	ATA_HOURS_SECONDS,
	ATA_HOURS_KINDS
};

/* What is known of a model's raw values; found once per model and firmware and kept by the caller.
 */
struct ata_quirk {
	const char *model,
		*firmware; /* shell-like: * at the end or middle, ? one character; NULL any */
	uint8_t hours;     /* enum ata_hours */
	uint8_t refuse[6]; /* attribute ids whose raw value means something else; 0 ends */
	uint8_t wear_id;   /* SSD: attribute that says the endurance left in percent; 0 unknown */
	bool wear_raw;     /* it says so in its raw value, else in the normalized one */
};

/**
 * ata_decode_identify() - IDENTIFY DEVICE data (ATA8-ACS 7.16.7; words 10-19, 23-26, 27-46, 60, 82,
 * 85, 87, 100-103, 106, 108-111, 117, 217, 255)
 * @p, @len: the page; fewer than 512 bytes are OUTCOME_SHORT
 * @ret: set only with OUTCOME_OK
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT; OUTCOME_BAD_CHECKSUM when word 255 carries the signature and
 * the sum is wrong; OUTCOME_UNSUPPORTED for a packet device or CFA; OUTCOME_NONSENSE when it names
 * no model.
 */
must_check enum outcome ata_decode_identify(const uint8_t *p, size_t len, struct ata_identify *ret);

/** ata_identity_to_reading() - names, class and capacity of @id into @r; adds no fact */
void ata_identity_to_reading(const struct ata_identify *id, struct reading *r);

/**
 * ata_quirk_find() - what is known of a model; walks the table, so keep the answer
 *
 * Return: never NULL; a quirk that says nothing for models not in the table.
 */
const struct ata_quirk *ata_quirk_find(const char *model, const char *firmware);

/* The last answer of ata_quirk_find(), kept beside a drive so that it is asked once per model and
 * firmware. */
struct ata_quirk_memo {
	char model[41], firmware[9];
	const struct ata_quirk *quirk; /* NULL: not asked yet */
};

/** ata_quirk_recall() - ata_quirk_find() through @memo */
const struct ata_quirk *ata_quirk_recall(
	struct ata_quirk_memo *memo, const char *model, const char *firmware);

/** ata_pattern_match() - '*' any run, '?' one character, else itself; NULL pattern matches all */
bool ata_pattern_match(const char *pattern, const char *text);

/* Two pages as they came; lengths in bytes. */
struct ata_smart_pages {
	const uint8_t *data;
	size_t data_len;
	const uint8_t *thresholds; /* thresholds_len 0: the drive has none */
	size_t thresholds_len;
};

/**
 * ata_decode_smart() - SMART READ DATA and READ THRESHOLDS (ATA8-ACS 7.52.6; attribute layout
 * SFF-8035i)
 * @p: the data page and the threshold page; no threshold page when the drive has none: then no
 * verdict about attributes
 * @id: the drive's identity, for class and capacity
 * @q: from ata_quirk_find()
 * @r: facts are added only when the outcome is OUTCOME_OK
 *
 * Raw values that are packed by the vendor are unpacked or left out, so a fact that is there is a
 * count.
 *
 * Return: OUTCOME_OK, OUTCOME_SHORT, OUTCOME_BAD_CHECKSUM, OUTCOME_NONSENSE (no attribute at all).
 */
must_check enum outcome ata_decode_smart(const struct ata_smart_pages *p,
	const struct ata_identify *id, const struct ata_quirk *q, struct reading *r);

/* The task file a command left behind. */
struct ata_registers {
	uint8_t error, status, count, lba_low, lba_mid, lba_high;
};

/**
 * ata_decode_sense() - registers out of the sense data of a pass-through with CK_COND
 * @sense: descriptor format 72h/73h with descriptor 09h (SAT-4 12.2.2) or fixed format 70h/71h
 * (SAT-4 12.2.3)
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT when the sense ends before the registers; OUTCOME_UNSUPPORTED
 * when it carries none (another format, illegal request).
 */
must_check enum outcome ata_decode_sense(
	const uint8_t *sense, size_t len, struct ata_registers *ret);

/**
 * ata_decode_return_status() - SMART RETURN STATUS signature in LBA mid and high (ATA8-ACS 7.52.9)
 * @ret_passed: set only with OUTCOME_OK
 *
 * Return: OUTCOME_OK for C24Fh and 2CF4h; OUTCOME_ERROR when the drive aborted; OUTCOME_NONSENSE
 * otherwise.
 */
must_check enum outcome ata_decode_return_status(
	const struct ata_registers *regs, bool *ret_passed);

/**
 * ata_decode_power_mode() - CHECK POWER MODE count register (ATA8-ACS 7.8.3; EPC modes ACS-3 7.3.3)
 *
 * Return: OUTCOME_ASLEEP for standby (00h, 01h); OUTCOME_IDLE for idle and its lower modes
 * (80h-83h); OUTCOME_OK for active (40h, 41h, FFh); OUTCOME_ERROR when aborted; OUTCOME_NONSENSE
 * otherwise.
 */
must_check enum outcome ata_decode_power_mode(const struct ata_registers *regs);

/* The pages libatasmart hands out as one block. */
struct ata_blob {
	const uint8_t *identify, *data,
		*thresholds; /* 512 bytes each, NULL when absent; point into the block */
	int8_t passed;       /* RETURN STATUS: 1, 0, -1 absent */
};

/**
 * ata_split_blob() - libatasmart's sk_disk_get_blob() format: tag, length (big endian), bytes
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT when a length leads outside; OUTCOME_NONSENSE for pages of
 * another size.
 */
must_check enum outcome ata_split_blob(const uint8_t *p, size_t len, struct ata_blob *ret);

/**
 * ata_decode_pages() - all of it: identity, attributes, RETURN STATUS
 * @pages: identify and data present, thresholds NULL when the drive has none
 * @memo: the drive's
 * @r: identity and facts; with another outcome than OUTCOME_OK no fact
 */
must_check enum outcome ata_decode_pages(
	const struct ata_blob *pages, struct ata_quirk_memo *memo, struct reading *r);

/** ata_decode_blob() - ata_split_blob() and ata_decode_pages(); OUTCOME_SHORT when a page is
 * missing */
must_check enum outcome ata_decode_blob(
	const uint8_t *p, size_t len, struct ata_quirk_memo *memo, struct reading *r);
