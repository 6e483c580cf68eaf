/*
 * SCSI Enclosure Services pages as bytes: what stands in an enclosure and how each part says it is.
 * Pure and bounded; never touches a device, and never judges beyond the status code of an element.
 */
#pragma once
#include "probes/reading.h"

enum {
	SES_ELEMENTS = 1024, /* of one enclosure, overall ones included */
	SES_TYPES = 128,
	SES_TEXT = 32
};

enum ses_page {
	SES_SUPPORTED = 0x00,
	SES_CONFIG = 0x01,
	SES_STATUS = 0x02,
	SES_NAMES = 0x07,
	SES_ADDITIONAL = 0x0a,
	SES_MICROCODE = 0x0e
};

/* Element types that are treated apart (SES-4 table 81). */
enum ses_type {
	SES_DEVICE_SLOT = 0x01,
	SES_POWER_SUPPLY = 0x02,
	SES_COOLING = 0x03,
	SES_TEMPERATURE = 0x04,
	SES_ELECTRONICS = 0x07, /* enclosure services controller electronics: a canister */
	SES_ENCLOSURE = 0x0e,
	SES_VOLTAGE = 0x12,
	SES_CURRENT = 0x13,
	SES_ARRAY_SLOT = 0x17,
	SES_EXPANDER = 0x18
};

struct ses_element {
	uint8_t type, overall, status[4];
	uint16_t index;   /* among those of its type */
	int16_t slot;     /* device slot number of page 0x0a, -1 not told */
	uint64_t address; /* SAS address of the drive in the slot, 0 none */
	char text[SES_TEXT];
};

struct ses {
	uint32_t generation;
	uint8_t process, processes; /* relative id of the one that answers; how many there are */
	uint8_t have_status, header; /* header: byte 1 of page 2, a hint only */
	uint8_t microcode;           /* worst status code of page 0x0e */
	uint16_t ntypes, nelements;
	uint64_t id;                 /* enclosure logical identifier of the primary subenclosure */
	char name[24], vendor[16], product[24], revision[8];
	struct {
		uint8_t type, count;
	} types[SES_TYPES];
	struct ses_element elements[SES_ELEMENTS];
};

/**
 * ses_decode_supported() - page 0x00 (SES-4 6.1.1, SPC-5 7.3.5)
 * @ret: bit per page below 64
 *
 * Return: OUTCOME_OK; OUTCOME_SHORT when the page says it is longer than @n; OUTCOME_NONSENSE for
 * another page.
 */
must_check enum outcome ses_decode_supported(const uint8_t *p, size_t n, uint64_t *ret);

/**
 * ses_decode_config() - page 0x01 (SES-4 6.1.2): who it is and which elements there are
 * @s: set anew; only with OUTCOME_OK
 *
 * Return: as above, or OUTCOME_UNSUPPORTED for more types or elements than fit.
 */
must_check enum outcome ses_decode_config(const uint8_t *p, size_t n, struct ses *s);

/**
 * ses_decode_status() - page 0x02 (SES-4 6.1.4): the four status bytes of each element
 *
 * Return: as above, or OUTCOME_STALE when its generation is not that of the configuration in @s.
 */
must_check enum outcome ses_decode_status(const uint8_t *p, size_t n, struct ses *s);

/** ses_decode_names() - page 0x07 (SES-4 6.1.10): what the maker calls each element */
must_check enum outcome ses_decode_names(const uint8_t *p, size_t n, struct ses *s);

/**
 * ses_decode_additional() - page 0x0a (SES-4 6.1.13): slot numbers and the SAS addresses in them
 *
 * Descriptors that point at an element of another type are left out: some makers count wrong.
 */
must_check enum outcome ses_decode_additional(const uint8_t *p, size_t n, struct ses *s);

/** ses_decode_microcode() - page 0x0e (SES-4 6.1.19): @s gets the worst code of all subenclosures */
must_check enum outcome ses_decode_microcode(const uint8_t *p, size_t n, struct ses *s);

/** ses_status_text() - the word for a status code, as sg_ses writes it; "reserved" beyond the table */
const char *ses_status_text(unsigned code);

/**
 * ses_element_state() - an element's own word, mapped; the table of all sixteen codes
 * @status: its four bytes
 *
 * PRDFAIL makes an OK element degraded, DISABLED puts it out of service (SES-4 7.2.3).
 */
enum state ses_element_state(const uint8_t *status);

/** ses_element_kind() - what an element of this type is shown as */
enum kind ses_element_kind(unsigned type);

/**
 * ses_element_reading() - the reading of element @i, which is no overall one
 * @r: kind, name, state, raw, message, enclosure, slot and facts are set; the caller filled the rest
 */
void ses_element_reading(const struct ses *s, unsigned i, struct reading *r);

/** ses_is_slot() - a place for a drive */
bool ses_is_slot(unsigned type);

/** ses_reports() - is this the electronics element of the process that answers (SES-4 7.3.8, REPORT)? */
bool ses_reports(const struct ses_element *e);

/** ses_microcode_pending() / ses_microcode_failed() - loaded and not yet running; not loaded */
bool ses_microcode_pending(unsigned code);
bool ses_microcode_failed(unsigned code);
