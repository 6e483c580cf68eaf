/* One device of libudev -> a device_event: is it a drive, what is it called. For discover.c. */
#pragma once
#include "probes/reading.h"

struct udev_device;

/**
 * describe_drive() - a block disk that is no NVMe namespace, or an NVMe controller
 *
 * Return: 0; -ENODEV when it is something else: partition, loop, dm, md, zram, hidden path, no
 * medium.
 */
must_check int describe_drive(struct udev_device *dev, struct device_event *ret);

/** describe_name() - the component's name: wwn-0x…, else serial-…, else MODEL-place */
void describe_name(struct device_event *e, const char *wwn, const char *place);

/**
 * describe_path() - the same node as a way to its drive: which port of which target
 * @drive: describe_drive()'s
 *
 * Return: false when it is none: behind USB, an ATA port or virtio.
 */
bool describe_path(const struct device_event *drive, struct device_event *ret);

/** describe_path_place() - name it by its place instead, where two would be called the same */
void describe_path_place(struct device_event *path);
