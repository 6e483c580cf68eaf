/* From a block device's kernel name to the drive it lies on, through partitions, crypt and other single layers. */
#include "probes/describe.h"
#include "probes/layout.h"

#include <dirent.h>
#include <libudev.h>
#include <stdio.h>
#include <unistd.h>

enum { LAYERS = 8 };

/* "sda1" to "sda": a partition lies in the folder of its disk. */
static bool whole_disk(const char *sysfs, char *node, size_t size)
{
	char path[400], real[400], *slash;
	ssize_t n;

	if (!format_text(path, sizeof(path), "%s/class/block/%s/partition", sysfs, node) || access(path, F_OK))
		return true;
	if (!format_text(path, sizeof(path), "%s/class/block/%s", sysfs, node))
		return false;
	n = readlink(path, real, sizeof(real) - 1);
	if (n <= 0)
		return false;
	real[n] = '\0';
	slash = strrchr(real, '/');
	if (!slash)
		return false;
	*slash = '\0';
	slash = strrchr(real, '/');
	return slash && copy_text(node, size, slash + 1);
}

/* The one device below; false when there are several. None: @node is the lowest. */
static bool below(const char *sysfs, char *node, size_t size, bool *ret_lowest)
{
	char path[400], only[64] = "";
	struct dirent *e;
	unsigned n = 0;
	DIR *d;

	if (!format_text(path, sizeof(path), "%s/class/block/%s/slaves", sysfs, node))
		return false;
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.') {
			n++;
			copy_text(only, sizeof(only), e->d_name);
		}
	if (d)
		closedir(d);
	*ret_lowest = !n;
	return !n || (n == 1 && copy_text(node, size, only));
}

static bool name_of(const char *path, char *ret, size_t size)
{
	struct udev *udev = udev_new();
	struct udev_device *d = udev ? udev_device_new_from_syspath(udev, path) : NULL, *controller;
	struct device_event e;
	bool found;

	controller = d ? udev_device_get_parent_with_subsystem_devtype(d, "nvme", NULL) : NULL;
	found = d && !describe_drive(controller ? controller : d, &e) && copy_text(ret, size, e.name);
	if (d)
		udev_device_unref(d);
	if (udev)
		udev_unref(udev);
	return found;
}

bool layout_drive_of(const char *sysfs, const char *node, char *ret, size_t size)
{
	char at[64], path[400];
	bool lowest = false;

	if (!copy_text(at, sizeof(at), node) || !at[0] || strchr(at, '/'))
		return false;
	for (unsigned i = 0; i < LAYERS && !lowest; i++)
		if (!whole_disk(sysfs, at, sizeof(at)) || !below(sysfs, at, sizeof(at), &lowest))
			return false;
	return lowest && format_text(path, sizeof(path), "%s/class/block/%s", sysfs, at) &&
	       name_of(path, ret, size);
}
