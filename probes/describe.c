#include "probes/describe.h"

#include "probes/ata.h"
#include "probes/scsi.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <libudev.h>
#include <stdio.h>

enum { VPD_MAX = 4096, SECTOR = 512, WWN_LEN = 40, TYPE_ENCLOSURE = 13 };

/* clang-format off */
/* Made by software, or no disk at all. */
static const char *const not_drives[] = {
	"loop", "ram", "zram", "dm-", "md", "sr", "nbd", "fd", "rbd", "drbd", "bcache", "zd", "nvme",
};
/* Where a part of the sysfs path tells how the drive is attached; first match wins. */
static const struct { const char *part, *transport; } transports[] = {
	{"/usb", "usb"}, {"/session", "iscsi"}, {"/rport-", "fc"}, {"/end_device-", "sas"}, {"/ata", "sata"},
	{"/virtio", "virtio"},
};
/* clang-format on */

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static const char *attribute(struct udev_device *d, const char *name)
{
	const char *v = udev_device_get_sysattr_value(d, name);

	return v ? v : "";
}

static const char *property(struct udev_device *d, const char *name)
{
	const char *v = udev_device_get_property_value(d, name);

	return v ? v : "";
}

static void copy_trimmed(char *dst, size_t size, const char *src)
{
	copy_device_text(dst, size, src, strlen(src));
}

static void make_name(char *dst, size_t size, const char *prefix, const char *text)
{
	format_text(dst, size, "%s%s", prefix, text);
	for (char *p = dst; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '_';
}

void describe_name(struct device_event *e, const char *wwn, const char *place)
{
	char text[NAME_MAX_LEN];

	if (wwn[0]) {
		make_name(e->name, sizeof(e->name), "wwn-", wwn);
	} else if (e->serial[0]) {
		make_name(e->name, sizeof(e->name), "serial-", e->serial);
	} else {
		format_text(text, sizeof(text), "%s-%s", e->model[0] ? e->model : "disk", place);
		make_name(e->name, sizeof(e->name), "", text);
	}
}

/* "naa.5000c500…" and "eui.…" as the kernel writes them; "t10.…" is vendor, model and serial, no
 * name. */
static bool wwn_from_wwid(const char *wwid, char *ret, size_t size)
{
	if (!has_prefix(wwid, "naa.") && !has_prefix(wwid, "eui."))
		return false;
	format_text(ret, size, "0x%s", wwid + 4);
	ret[strcspn(ret, " \n")] = '\0';
	return ret[2] != '\0';
}

static size_t read_vpd(const char *sysfs, const char *name, char **ret)
{
	char path[320];
	size_t len = 0;

	if (!format_text(path, sizeof(path), "%s/device/%s", sysfs, name) ||
		slurp(path, VPD_MAX, ret, &len) < 0)
		return 0;
	return len;
}

static void find_wwn(struct udev_device *d, const char *sysfs, char *ret, size_t size)
{
	cleanup_(freep) char *page = NULL;
	size_t len;

	ret[0] = '\0';
	if (wwn_from_wwid(attribute(d, "device/wwid"), ret, size))
		return;
	len = read_vpd(sysfs, "vpd_pg83", &page);
	if (len && scsi_decode_wwn((const uint8_t *)page, len, ret, size) == OUTCOME_OK)
		return;
	copy_trimmed(ret, size, property(d, "ID_WWN_WITH_EXTENSION"));
	if (!ret[0])
		copy_trimmed(ret, size, property(d, "ID_WWN"));
}

/* What the kernel kept of the drive's own IDENTIFY: more than the 16 characters of INQUIRY, and
 * nothing is sent. */
static bool take_identify(const char *sysfs, struct device_event *e)
{
	cleanup_(freep) char *page = NULL;
	const uint8_t *identify;
	struct ata_identify id;
	size_t len = read_vpd(sysfs, "vpd_pg89", &page);

	if (!len ||
		scsi_decode_ata_information((const uint8_t *)page, len, &identify) != OUTCOME_OK ||
		ata_decode_identify(identify, ATA_SECTOR, &id) != OUTCOME_OK)
		return false;
	copy_text(e->model, sizeof(e->model), id.model);
	copy_text(e->serial, sizeof(e->serial), id.serial);
	copy_text(e->firmware, sizeof(e->firmware), id.firmware);
	return true;
}

static void find_serial(struct udev_device *d, const char *sysfs, struct device_event *e)
{
	cleanup_(freep) char *page = NULL;
	size_t len = read_vpd(sysfs, "vpd_pg80", &page);

	if (len &&
		scsi_decode_serial((const uint8_t *)page, len, e->serial, sizeof(e->serial)) ==
			OUTCOME_OK &&
		e->serial[0])
		return;
	copy_trimmed(e->serial, sizeof(e->serial), property(d, "ID_SCSI_SERIAL"));
	if (!e->serial[0])
		copy_trimmed(e->serial, sizeof(e->serial), property(d, "ID_SERIAL_SHORT"));
	if (!e->serial[0])
		copy_trimmed(e->serial, sizeof(e->serial), attribute(d, "serial"));
}

/* udev knows all of a long model, with '_' for its blanks; sysfs at most 16 characters. */
static void find_model(struct udev_device *d, struct device_event *e)
{
	const char *full = property(d, "ID_MODEL");

	copy_trimmed(e->model, sizeof(e->model), attribute(d, "device/model"));
	if (strlen(full) <= strlen(e->model))
		return;
	copy_trimmed(e->model, sizeof(e->model), full);
	for (char *p = e->model; *p; p++)
		if (*p == '_')
			*p = ' ';
}

static void find_transport(const char *sysfs, struct device_event *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++)
		if (strstr(sysfs, transports[i].part)) {
			copy_text(e->transport, sizeof(e->transport), transports[i].transport);
			return;
		}
}

static void find_sg(const char *sysfs, struct device_event *e)
{
	char path[320];
	struct dirent *entry;
	DIR *dir;

	if (!format_text(path, sizeof(path), "%s/device/scsi_generic", sysfs))
		return;
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (has_prefix(entry->d_name, "sg") && strlen(entry->d_name) < sizeof(e->sg) - 5)
			format_text(e->sg, sizeof(e->sg), "/dev/%.10s", entry->d_name);
	closedir(dir);
}

/* Peripheral device types: disk, simplified disk, host-managed zoned disk. */
static bool scsi_type_is_disk(const char *type)
{
	unsigned long n = strtoul(type, NULL, 10);

	return n == 0 || n == 14 || n == 20;
}

/* A translator says "ATA" for its vendor (SAT-4 8.1.2), but for USB bridges, which say their own. */
static bool behind_translator(struct udev_device *d, const struct device_event *e)
{
	return text_equal(e->vendor, "ATA") || text_equal(e->transport, "usb") ||
	       text_equal(property(d, "ID_ATA"), "1");
}

static enum drive_class class_of(struct udev_device *d, const struct device_event *e, bool ata)
{
	if (!attribute(d, "device/type")[0])
		return CLASS_NONE;
	if (ata)
		return e->rotational ? CLASS_ATA_HDD : CLASS_ATA_SSD;
	return e->rotational ? CLASS_SCSI_HDD : CLASS_SCSI_SSD;
}

static uint8_t rotational_of(struct udev_device *d)
{
	const char *v = attribute(d, "queue/rotational");

	return v[0] ? v[0] != '0' : 2;
}

/* Where it sits, for drives without any number: the last part of the path above the block device.
 */
static void find_place(struct udev_device *d, const char *sysfs, char *ret, size_t size)
{
	struct udev_device *parent = udev_device_get_parent(d);
	struct dirent *entry;
	char path[320];
	DIR *dir;

	copy_text(ret, size, parent ? udev_device_get_sysname(parent) : udev_device_get_sysname(d));
	if (!format_text(path, sizeof(path), "%s/device", sysfs))
		return;
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (has_prefix(entry->d_name, "enclosure_device:"))
			format_text(
				ret, size, "slot%s", entry->d_name + strlen("enclosure_device:"));
	if (dir)
		closedir(dir);
}

/* Not the disks of an FC port that runs over Ethernet: a VLAN or a bond is virtual, what it leads to is not. */
static bool is_virtual(const char *sysfs)
{
	return strstr(sysfs, "/devices/virtual/") && !strstr(sysfs, "/devices/virtual/net/");
}

static bool is_disk(struct udev_device *d, const char *sysfs)
{
	const char *type = udev_device_get_devtype(d), *name = udev_device_get_sysname(d);

	if (!type || !text_equal(type, "disk") || is_virtual(sysfs) ||
		attribute(d, "hidden")[0] == '1')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(not_drives); i++)
		if (has_prefix(name, not_drives[i]))
			return false;
	return strtoull(attribute(d, "size"), NULL, 10) > 0 &&
	       scsi_type_is_disk(attribute(d, "device/type"));
}

static int describe_disk(struct udev_device *d, const char *sysfs, struct device_event *e)
{
	char wwn[WWN_LEN], place[NAME_MAX_LEN];
	bool ata;

	if (!is_disk(d, sysfs))
		return -ENODEV;
	e->capacity_bytes = strtoull(attribute(d, "size"), NULL, 10) * SECTOR;
	e->rotational = rotational_of(d);
	copy_trimmed(e->vendor, sizeof(e->vendor), attribute(d, "device/vendor"));
	copy_trimmed(e->firmware, sizeof(e->firmware), attribute(d, "device/rev"));
	find_transport(sysfs, e);
	ata = behind_translator(d, e);
	if (!ata || !take_identify(sysfs, e)) {
		find_model(d, e);
		find_serial(d, sysfs, e);
		ata = text_equal(e->vendor, "ATA") || text_equal(property(d, "ID_ATA"), "1");
	}
	e->drive_class = (uint8_t)class_of(d, e, ata);
	e->bus = e->drive_class == CLASS_ATA_HDD || e->drive_class == CLASS_ATA_SSD ? BUS_ATA
										    : BUS_SCSI;
	find_sg(sysfs, e);
	find_wwn(d, sysfs, wwn, sizeof(wwn));
	find_place(d, sysfs, place, sizeof(place));
	describe_name(e, wwn, place);
	return 0;
}

/*
 * An enclosure's services process by the SAS address it answers at, which two IOMs do not share; the
 * name in its VPD page may be the enclosure's own.
 */
static int describe_enclosure(struct udev_device *d, const char *sysfs, struct device_event *e)
{
	char wwn[WWN_LEN], name[NAME_MAX_LEN];

	if (strtoul(attribute(d, "device/type"), NULL, 10) != TYPE_ENCLOSURE)
		return -ENODEV;
	copy_trimmed(e->vendor, sizeof(e->vendor), attribute(d, "device/vendor"));
	copy_trimmed(e->model, sizeof(e->model), attribute(d, "device/model"));
	copy_trimmed(e->firmware, sizeof(e->firmware), attribute(d, "device/rev"));
	find_serial(d, sysfs, e);
	find_transport(sysfs, e);
	copy_text(e->sg, sizeof(e->sg), e->dev);
	e->bus = BUS_SCSI;
	copy_trimmed(wwn, sizeof(wwn), attribute(d, "device/sas_address"));
	if (!wwn[0])
		find_wwn(d, sysfs, wwn, sizeof(wwn));
	copy_text(name, sizeof(name), wwn[0] ? wwn : e->serial);
	if (!name[0])
		format_text(name, sizeof(name), "%.16s-%.40s", e->model, udev_device_get_sysname(d));
	make_name(e->name, sizeof(e->name), "ses-", name);
	return 0;
}

/* nvme0: the controller; its namespaces, hidden paths and generic nodes are parts of it. */
static bool is_controller(const char *name)
{
	return has_prefix(name, "nvme") && isdigit((unsigned char)name[4]) &&
	       strspn(name + 4, "0123456789") == strlen(name + 4);
}

static uint64_t namespace_bytes(const char *sysfs)
{
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *dir = opendir(sysfs);

	while (dir && (entry = readdir(dir))) {
		cleanup_(freep) char *size = NULL;
		char path[512];

		if (has_prefix(entry->d_name, "nvme") && strchr(entry->d_name + 4, 'n') &&
			format_text(path, sizeof(path), "%s/%s/size", sysfs, entry->d_name) &&
			!slurp(path, 64, &size, NULL))
			sum += strtoull(size, NULL, 10) * SECTOR;
	}
	if (dir)
		closedir(dir);
	return sum;
}

/* Until the controller has named itself there is nothing to call it; it sends another event when it
 * has. */
static int describe_controller(struct udev_device *d, const char *sysfs, struct device_event *e)
{
	if (!is_controller(udev_device_get_sysname(d)))
		return -ENODEV;
	copy_trimmed(e->model, sizeof(e->model), attribute(d, "model"));
	copy_trimmed(e->serial, sizeof(e->serial), attribute(d, "serial"));
	copy_trimmed(e->firmware, sizeof(e->firmware), attribute(d, "firmware_rev"));
	copy_trimmed(e->transport, sizeof(e->transport), attribute(d, "transport"));
	if (!e->model[0])
		return -ENODEV;
	e->drive_class = CLASS_NVME;
	e->bus = BUS_NVME;
	e->capacity_bytes = namespace_bytes(sysfs);
	describe_name(e, "", udev_device_get_sysname(d));
	return 0;
}

int describe_drive(struct udev_device *dev, struct device_event *ret)
{
	const char *sysfs = udev_device_get_syspath(dev), *node = udev_device_get_devnode(dev);
	const char *subsystem = udev_device_get_subsystem(dev);
	struct device_event e = {.kind = KIND_DRIVE};
	int r;

	if (!sysfs || !node || !subsystem || strlen(sysfs) >= sizeof(e.sysfs) ||
		strlen(node) >= sizeof(e.dev))
		return -ENODEV;
	copy_text(e.sysfs, sizeof(e.sysfs), sysfs);
	copy_text(e.dev, sizeof(e.dev), node);
	if (text_equal(subsystem, "scsi_generic")) {
		e.kind = KIND_ENCLOSURE;
		r = describe_enclosure(dev, sysfs, &e);
	} else {
		r = !text_equal(subsystem, "nvme") ? describe_disk(dev, sysfs, &e)
						   : describe_controller(dev, sysfs, &e);
	}
	if (r < 0)
		return r;
	*ret = e;
	return 0;
}
