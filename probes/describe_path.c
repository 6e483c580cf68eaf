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
