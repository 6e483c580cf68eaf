#include "probes/allow.h"

#include <linux/dm-ioctl.h>

enum {
	PASS_THROUGH_16 = 0x85,
	PASS_THROUGH_LEN = 16,
	READ_10 = 0x28,
	READ_10_LEN = 10,
	ATA_SMART = 0xb0,
	FROM_DEVICE = 0x08,
	EXTEND = 0x01,
	NVME_RETAIN_EVENT = 1 << 15
};

/* clang-format off */
static const struct scsi_command {
	uint8_t opcode, len;
	uint8_t forbidden; /* bits of CDB byte 1 that make it more than a read */
	uint8_t required;  /* bits of it without which it is another command */
} scsi_commands[] = {
	{0x00, 6, 0xff},  /* TEST UNIT READY */
	{0x03, 6, 0xff},  /* REQUEST SENSE, fixed format */
	{0x12, 6, 0xfe},  /* INQUIRY, EVPD allowed */
	{0x1c, 6, 0xfe, 0x01}, /* RECEIVE DIAGNOSTIC RESULTS, PCV: a page by its number, not the last one sent */
	{0x37, 10, 0xff}, /* READ DEFECT DATA (10) */
	{0x4d, 10, 0xff}, /* LOG SENSE; SP would save parameters */
	{0xa3, 12, 0xf5, 0x0a}, /* MAINTENANCE IN: REPORT TARGET PORT GROUPS alone */
};

/* Protocol 3: no data, 4: PIO in (SAT-4 table 155). */
static const struct ata_command {
	uint8_t command, feature, protocol;
} ata_commands[] = {
	{0xe5, 0x00, 3},      /* CHECK POWER MODE */
	{0xec, 0x00, 4},      /* IDENTIFY DEVICE */
	{ATA_SMART, 0xd0, 4}, /* SMART READ DATA */
	{ATA_SMART, 0xd1, 4}, /* SMART READ THRESHOLDS */
	{ATA_SMART, 0xda, 3}, /* SMART RETURN STATUS */
};

static const struct nvme_command {
	uint8_t opcode, what; /* log page identifier, CNS */
} nvme_commands[] = {
	{0x02, 0x01}, {0x02, 0x02}, {0x02, 0x03}, {0x02, 0x06}, /* Get Log Page: errors, SMART, firmware, self-test */
	{0x06, 0x01},                                         /* Identify Controller */
};
/* clang-format on */

static bool allow_ata(const uint8_t *cdb)
{
	unsigned protocol = cdb[1] >> 1 & 0xf;

	if (cdb[1] & EXTEND || (protocol == 4 && !(cdb[2] & FROM_DEVICE)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ata_commands); i++)
		if (cdb[14] == ata_commands[i].command && cdb[4] == ata_commands[i].feature)
			return protocol == ata_commands[i].protocol;
	return false;
}

/* The first block and nothing but it, without any option: the timed read of a path. */
static bool allow_read(const uint8_t *cdb)
{
	for (unsigned i = 1; i < READ_10_LEN; i++)
		if (cdb[i] != (i == 8))
			return false;
	return true;
}

bool allow_scsi(const uint8_t *cdb, size_t len)
{
	if (len == READ_10_LEN && cdb[0] == READ_10)
		return allow_read(cdb);
	if (len == PASS_THROUGH_LEN && cdb[0] == PASS_THROUGH_16)
		return allow_ata(cdb);
	for (size_t i = 0; i < ARRAY_SIZE(scsi_commands); i++)
		if (len == scsi_commands[i].len && cdb[0] == scsi_commands[i].opcode)
			return !(cdb[1] & scsi_commands[i].forbidden) &&
			       (cdb[1] & scsi_commands[i].required) == scsi_commands[i].required;
	return false;
}

bool allow_nvme(uint8_t opcode, uint32_t cdw10)
{
	for (size_t i = 0; i < ARRAY_SIZE(nvme_commands); i++)
		if (opcode == nvme_commands[i].opcode && (cdw10 & 0xff) == nvme_commands[i].what)
			return opcode != 0x02 || cdw10 & NVME_RETAIN_EVENT;
	return false;
}

bool allow_dm(unsigned command, uint32_t flags)
{
	return command == DM_TABLE_STATUS_CMD && (flags == DM_STATUS_TABLE_FLAG || flags == DM_NOFLUSH_FLAG);
}
