#include "probes/ata.h"
#include "probes/bytes.h"

enum {
	STATUS_ERROR = 0x01,
	STATUS_FAULT = 0x20,
	ERROR_ABORT = 0x04,
	DESCRIPTOR_ATA = 0x09,
	DESCRIPTOR_ATA_LEN = 0x0c,
	ASC_ATA_INFORMATION = 0x00,
	ASCQ_ATA_INFORMATION = 0x1d,
	KEY_RECOVERED = 1,
	KEY_ABORTED = 0x0b
};

/* SAT-4 table 209: the descriptor's registers stand in the odd bytes, high order halves in the even
 * ones. */
static enum outcome from_descriptor(const uint8_t *s, size_t len, struct ata_registers *ret)
{
	size_t at = 8, end = len < 8 ? 0 : MIN_OF(len, (size_t)8 + s[7]);

	while (at + 2 <= end) {
		size_t next = at + 2 + s[at + 1];

		if (s[at] == DESCRIPTOR_ATA && s[at + 1] == DESCRIPTOR_ATA_LEN) {
			if (next > end)
				return OUTCOME_SHORT;
			*ret = (struct ata_registers){.error = s[at + 3],
				.count = s[at + 5],
				.lba_low = s[at + 7],
				.lba_mid = s[at + 9],
				.lba_high = s[at + 11],
				.status = s[at + 13]};
			return OUTCOME_OK;
		}
		at = next;
	}
	return len < 8 ? OUTCOME_SHORT : OUTCOME_UNSUPPORTED;
}

/* SAT-4 table 210: information field holds error, status, device, count; command-specific the low
 * LBA bytes. */
static enum outcome from_fixed(const uint8_t *s, size_t len, struct ata_registers *ret)
{
	unsigned key = len > 2 ? s[2] & 0xf : 0;

	if (len < 14)
		return OUTCOME_SHORT;
	if (key != KEY_RECOVERED && key != KEY_ABORTED && key)
		return OUTCOME_UNSUPPORTED;
	if (s[12] != ASC_ATA_INFORMATION || (s[13] != ASCQ_ATA_INFORMATION && key != KEY_ABORTED))
		return OUTCOME_UNSUPPORTED;
	*ret = (struct ata_registers){.error = s[3],
		.status = s[4],
		.count = s[6],
		.lba_low = s[9],
		.lba_mid = s[10],
		.lba_high = s[11]};
	return OUTCOME_OK;
}

enum outcome ata_decode_sense(const uint8_t *sense, size_t len, struct ata_registers *ret)
{
	if (!len)
		return OUTCOME_SHORT;
	switch (sense[0] & 0x7f) {
	case 0x72:
	case 0x73:
		return from_descriptor(sense, len, ret);
	case 0x70:
	case 0x71:
		return from_fixed(sense, len, ret);
	default:
		return OUTCOME_UNSUPPORTED;
	}
}

static bool aborted(const struct ata_registers *regs)
{
	return regs->status & (STATUS_ERROR | STATUS_FAULT) || regs->error & ERROR_ABORT;
}

enum outcome ata_decode_return_status(const struct ata_registers *regs, bool *ret_passed)
{
	if (aborted(regs))
		return OUTCOME_ERROR;
	if (regs->lba_mid == 0x4f && regs->lba_high == 0xc2)
		*ret_passed = true;
	else if (regs->lba_mid == 0xf4 && regs->lba_high == 0x2c)
		*ret_passed = false;
	else
		return OUTCOME_NONSENSE;
	return OUTCOME_OK;
}

enum outcome ata_decode_power_mode(const struct ata_registers *regs)
{
	if (aborted(regs))
		return OUTCOME_ERROR;
	switch (regs->count) {
	case 0x00:
	case 0x01:
		return OUTCOME_ASLEEP;
	case 0x80:
	case 0x81:
	case 0x82:
	case 0x83:
		return OUTCOME_IDLE;
	case 0x40: /* active, spun down by the non-volatile cache rules: still answers from flash */
	case 0x41:
	case 0xff:
		return OUTCOME_OK;
	default:
		return OUTCOME_NONSENSE;
	}
}
