#include "probes/device.h"
#include "probes/drive.h"

#include <atasmart.h>
#include <errno.h>
#include <stdalign.h>

enum {
	PASS_THROUGH_LEN = 16,
	PROTOCOL_NONE = 3,
	PROTOCOL_PIO_IN = 4,
	WANT_REGISTERS = 0x20,
	FROM_DEVICE_ONE_SECTOR = 0x0e,
	CMD_CHECK_POWER = 0xe5,
	CMD_IDENTIFY = 0xec,
	CMD_SMART = 0xb0,
	SMART_DATA = 0xd0,
	SMART_THRESHOLDS = 0xd1,
	SMART_STATUS = 0xda,
	SMART_MID = 0x4f,
	SMART_HIGH = 0xc2
};

/* ATA PASS-THROUGH (16), 28-bit (SAT-4 12.2.2). */
static void fill_command(uint8_t cdb[PASS_THROUGH_LEN], uint8_t command, uint8_t feature, bool data)
{
	bool smart = command == CMD_SMART;

	memset(cdb, 0, PASS_THROUGH_LEN);
	cdb[0] = 0x85;
	cdb[1] = (uint8_t)((data ? PROTOCOL_PIO_IN : PROTOCOL_NONE) << 1);
	cdb[2] = data ? FROM_DEVICE_ONE_SECTOR : WANT_REGISTERS;
	cdb[4] = feature;
	cdb[6] = data ? 1 : 0;
	cdb[10] = smart ? SMART_MID : 0;
	cdb[12] = smart ? SMART_HIGH : 0;
	cdb[14] = command;
}

/* A command whose answer is in the registers, whatever the translating layer calls its end. */
static enum outcome ask_registers(
	int fd, const struct job *j, uint8_t command, uint8_t feature, struct ata_registers *ret)
{
	uint8_t cdb[PASS_THROUGH_LEN];
	const struct scsi_command c = {cdb, sizeof(cdb), NULL, 0, j->command_ms};
	struct scsi_reply reply;
	enum outcome o;

	fill_command(cdb, command, feature, false);
	o = device_scsi(fd, &c, &reply);
	if (reply.raw_len && ata_decode_sense(reply.raw, reply.raw_len, ret) == OUTCOME_OK)
		return OUTCOME_OK;
	return o == OUTCOME_OK ? OUTCOME_UNSUPPORTED : o;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes to it */
static enum outcome ask_page(
	int fd, const struct job *j, uint8_t command, uint8_t feature, uint8_t *page)
{
	uint8_t cdb[PASS_THROUGH_LEN];
	const struct scsi_command c = {cdb, sizeof(cdb), page, ATA_SECTOR, j->command_ms};
	struct scsi_reply reply;
	enum outcome o;

	fill_command(cdb, command, feature, true);
	o = device_scsi(fd, &c, &reply);
	return o == OUTCOME_OK && reply.got < ATA_SECTOR ? OUTCOME_SHORT : o;
}

/* Bridges that do not know the command are asked the rest all the same; a drive that fails it is
 * not. */
static enum outcome check_power(int fd, const struct job *j)
{
	struct ata_registers regs;
	enum outcome o = ask_registers(fd, j, CMD_CHECK_POWER, 0, &regs);

	if (o == OUTCOME_OK)
		o = ata_decode_power_mode(&regs);
	return o == OUTCOME_ASLEEP || o == OUTCOME_TIMEOUT || o == OUTCOME_GONE ||
			       o == OUTCOME_REFUSED
		       ? o
		       : OUTCOME_OK;
}

/* The pages through libatasmart, on a handle of this look alone: a handle that is kept answers with
 * old verdicts. */
static enum outcome look_by_library(const struct job *j, struct drive_memory *m, struct reading *r)
{
	SkDisk *disk = NULL;
	SkBool available = 0;
	const void *blob = NULL;
	size_t size = 0;
	enum outcome o = OUTCOME_UNSUPPORTED;

	if (sk_disk_open(j->dev, &disk) < 0)
		return device_errno_outcome(errno);
	if (sk_disk_smart_is_available(disk, &available) < 0 || !available)
		o = OUTCOME_UNSUPPORTED;
	else if (sk_disk_smart_read_data(disk) < 0 || sk_disk_get_blob(disk, &blob, &size) < 0)
		o = device_errno_outcome(errno < 0 ? -errno : errno);
	else
		o = ata_decode_blob(blob, size, &m->quirk, r);
	sk_disk_free(disk);
	return o;
}

/* The same by hand, for layers that answer with fixed format sense, which libatasmart does not
 * read. */
static enum outcome look_by_hand(
	int fd, const struct job *j, struct drive_memory *m, struct reading *r)
{
	static alignas(DEVICE_ALIGN) uint8_t identify[ATA_SECTOR], data[ATA_SECTOR],
		thresholds[ATA_SECTOR];
	struct ata_blob pages = {identify, data, thresholds, -1};
	struct ata_registers regs;
	bool passed;
	enum outcome o = ask_page(fd, j, CMD_IDENTIFY, 0, identify);

	if (o == OUTCOME_OK)
		o = ask_page(fd, j, CMD_SMART, SMART_DATA, data);
	if (o != OUTCOME_OK)
		return o;
	o = ask_page(fd, j, CMD_SMART, SMART_THRESHOLDS, thresholds);
	if (o == OUTCOME_UNSUPPORTED || o == OUTCOME_ERROR)
		pages.thresholds = NULL;
	else if (o != OUTCOME_OK)
		return o;
	o = ask_registers(fd, j, CMD_SMART, SMART_STATUS, &regs);
	if (o == OUTCOME_TIMEOUT || o == OUTCOME_GONE)
		return o;
	if (o == OUTCOME_OK && ata_decode_return_status(&regs, &passed) == OUTCOME_OK)
		pages.passed = passed ? 1 : 0;
	return ata_decode_pages(&pages, &m->quirk, r);
}

/* The drive answered a moment ago: what the library says of it may be about the library's own way
 * to it. */
static bool worth_by_hand(enum outcome o)
{
	return o == OUTCOME_UNSUPPORTED || o == OUTCOME_ERROR || o == OUTCOME_GONE ||
	       o == OUTCOME_REFUSED;
}

enum outcome drive_ata_look(const struct job *j, struct drive_memory *m, struct reading *r)
{
	cleanup_(closep) int fd = device_open(j->sg[0] ? j->sg : j->dev);
	enum outcome o;

	if (fd < 0 && j->sg[0])
		fd = device_open(j->dev);
	if (fd < 0)
		return device_errno_outcome(-fd);
	o = check_power(fd, j);
	if (o != OUTCOME_OK)
		return o;
	o = look_by_library(j, m, r);
	if (worth_by_hand(o))
		o = look_by_hand(fd, j, m, r);
	/* it calls itself ATA and lets no ATA command through: some translators speak SCSI well */
	if (o == OUTCOME_UNSUPPORTED) {
		r->drive_class = j->drive_class == CLASS_ATA_HDD ? CLASS_SCSI_HDD : CLASS_SCSI_SSD;
		return drive_scsi_look(j, m, r);
	}
	if (o == OUTCOME_OK && !drive_same_serial(j->serial, r->serial))
		return drive_say(r, OUTCOME_GONE, "another drive answers in its place");
	return o;
}
