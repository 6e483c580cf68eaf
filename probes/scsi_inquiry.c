#include "probes/bytes.h"
#include "probes/scsi.h"

#include <stdio.h>

enum {
	INQUIRY_LEN = 36,
	VPD_HEADER = 4,
	CODE_SET_BINARY = 1,
	DESIGNATOR_EUI = 2,
	DESIGNATOR_NAA = 3,
	ATA_INFORMATION_LEN = 572,
	ATA_IDENTIFY_AT = 60,
	ATA_COMMAND_AT = 56
};

enum outcome scsi_decode_inquiry(const uint8_t *p, size_t len, struct scsi_inquiry *ret)
{
	struct scsi_inquiry i = {};

	if (len < INQUIRY_LEN)
		return OUTCOME_SHORT;
	if (p[4] < INQUIRY_LEN - 5)
		return OUTCOME_NONSENSE;
	i.type = p[0] & 0x1f;
	i.absent = p[0] >> 5 != 0;
	i.version = p[2];
	copy_device_text(i.vendor, sizeof(i.vendor), p + 8, 8);
	copy_device_text(i.model, sizeof(i.model), p + 16, 16);
	copy_device_text(i.revision, sizeof(i.revision), p + 32, 4);
	*ret = i;
	return OUTCOME_OK;
}

/* Bytes of the page behind its header, or nothing. */
static enum outcome vpd_body(const uint8_t *p, size_t len, uint8_t page, size_t *ret_len)
{
	if (len < VPD_HEADER)
		return OUTCOME_SHORT;
	if (p[1] != page)
		return OUTCOME_NONSENSE;
	if (be16(p + 2) > len - VPD_HEADER)
		return OUTCOME_SHORT;
	*ret_len = be16(p + 2);
	return OUTCOME_OK;
}

enum outcome scsi_decode_serial(const uint8_t *p, size_t len, char *ret, size_t size)
{
	size_t n;
	enum outcome o = vpd_body(p, len, 0x80, &n);

	if (o == OUTCOME_OK)
		copy_device_text(ret, size, p + VPD_HEADER, n);
	return o;
}

static void put_hex(char *dst, size_t size, const uint8_t *p, size_t n)
{
	copy_text(dst, size, "0x");
	for (size_t i = 0; i < n && 2 * i + 5 <= size; i++)
		(void)snprintf(dst + 2 + 2 * i, 3, "%02x", p[i]);
}

/* Association 0: the logical unit, not the port or the target device. */
static bool designator_usable(const uint8_t *d)
{
	unsigned type = d[1] & 0xf;

	return (d[0] & 0xf) == CODE_SET_BINARY && !(d[1] & 0x30) &&
	       (type == DESIGNATOR_NAA || type == DESIGNATOR_EUI) && d[3] >= 8 && d[3] <= 16;
}

enum outcome scsi_decode_wwn(const uint8_t *p, size_t len, char *ret, size_t size)
{
	const uint8_t *best = NULL;
	size_t n, at = VPD_HEADER;
	enum outcome o = vpd_body(p, len, 0x83, &n);

	if (o != OUTCOME_OK)
		return o;
	for (size_t end = VPD_HEADER + n; at < end; at += (size_t)4 + p[at + 3]) {
		if (end - at < 4 || p[at + 3] > end - at - 4)
			return OUTCOME_NONSENSE;
		if (designator_usable(p + at) && (!best || (p[at + 1] & 0xf) > (best[1] & 0xf)))
			best = p + at;
	}
	if (!best)
		return OUTCOME_UNSUPPORTED;
	put_hex(ret, size, best + 4, best[3]);
	return OUTCOME_OK;
}

enum outcome scsi_decode_ata_information(const uint8_t *p, size_t len, const uint8_t **ret_identify)
{
	size_t n;
	enum outcome o = vpd_body(p, len, 0x89, &n);

	if (o != OUTCOME_OK)
		return o;
	if (n + VPD_HEADER < ATA_INFORMATION_LEN)
		return OUTCOME_SHORT;
	if (p[ATA_COMMAND_AT] != 0xec)
		return OUTCOME_UNSUPPORTED;
	*ret_identify = p + ATA_IDENTIFY_AT;
	return OUTCOME_OK;
}
