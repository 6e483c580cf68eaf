#include "probes/describe.h"
#include "probes/path_port.h"

static const char *const no_paths[] = {"usb", "sata", "virtio"};

static void find_port(const struct device_event *e, struct path_port *port)
{
	if (e->drive_class == CLASS_NVME)
		path_port_nvme(e->sysfs, port);
	else
		path_port_scsi(e->sysfs, port);
}

/*
 * Arrays name the units they make by the IEEE registered extended format (SPC-5 7.7.6.6.5: NAA 6, sixteen
 * bytes). A drive that hangs on two ports has a name of another format, and is no unit of an array: that
 * it is lost is no loss of access.
 */
static void find_unit(const char *name, char ret[UNIT_LEN])
{
	static const char prefix[] = "wwn-0x6";
	enum { DIGITS = 32 };
	const char *digits = name + strlen("wwn-0x");

	memset(ret, 0, UNIT_LEN);
	if (!strncmp(name, prefix, strlen(prefix)) && strlen(digits) == DIGITS &&
		strspn(digits, "0123456789abcdefABCDEF") == DIGITS)
		copy_text(ret, UNIT_LEN, name + strlen("wwn-"));
}

bool describe_path(const struct device_event *drive, struct device_event *ret)
{
	struct path_port port;

	if (drive->kind != KIND_DRIVE || drive->bus == BUS_ATA)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(no_paths); i++)
		if (text_equal(drive->transport, no_paths[i]))
			return false;
	*ret = *drive;
	ret->kind = KIND_PATH;
	ret->drive_class = CLASS_NONE;
	ret->bus = BUS_SCSI; /* the least there is: nothing is sent to an NVMe controller */
	ret->capacity_bytes = 0;
	find_unit(drive->name, ret->unit);
	find_port(drive, &port);
	path_port_name(&port, drive->transport, ret->name, sizeof(ret->name));
	return true;
}

void describe_path_place(struct device_event *path)
{
	const char *slash = strrchr(path->dev, '/');
	struct path_port port;

	path_port_scsi(path->sysfs, &port);
	format_text(path->name, sizeof(path->name), "%s:%s",
		path->transport[0] ? path->transport : "scsi",
		port.hctl[0] ? port.hctl
		: slash      ? slash + 1
			     : path->dev);
}
