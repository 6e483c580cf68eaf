/* From a SAS address in a slot to the drive of this host that has it, through sysfs alone. */
#include "probes/describe.h"
#include "probes/enclosure.h"

#include <dirent.h>
#include <libudev.h>
#include <stdio.h>

static uint64_t address_of(const char *block)
{
	cleanup_(freep) char *text = NULL;
	char path[320];

	if (!format_text(path, sizeof(path), "%s/device/sas_address", block) ||
		slurp(path, 64, &text, NULL) < 0)
		return 0;
	return strtoull(text, NULL, 16);
}

static const struct ses_element *slot_with(const struct ses *s, uint64_t address)
{
	for (unsigned i = 0; address && i < s->nelements; i++)
		if (s->elements[i].address == address && ses_is_slot(s->elements[i].type))
			return &s->elements[i];
	return NULL;
}

static bool name_of(struct udev *udev, const char *block, char *ret, size_t size)
{
	struct udev_device *d = udev_device_new_from_syspath(udev, block);
	struct device_event e;
	bool found = d && !describe_drive(d, &e);

	if (found)
		copy_text(ret, size, e.name);
	if (d)
		udev_device_unref(d);
	return found;
}

void enclosure_places(const struct ses *s, const char *sysfs, const struct reading *base,
	enclosure_fn *fn, void *arg)
{
	char path[320];
	struct udev *udev = udev_new();
	struct dirent *entry;
	DIR *dir = format_text(path, sizeof(path), "%s/class/block", sysfs) ? opendir(path) : NULL;

	while (udev && dir && (entry = readdir(dir))) {
		const struct ses_element *e;
		struct reading r = *base;

		if (strncmp(entry->d_name, "sd", 2) != 0 ||
			!format_text(path, sizeof(path), "%s/class/block/%.32s", sysfs, entry->d_name))
			continue;
		e = slot_with(s, address_of(path));
		if (!e || !name_of(udev, path, r.name, sizeof(r.name)))
			continue;
		r.kind = KIND_DRIVE;
		r.beside = 1;
		r.slot = e->slot >= 0 ? e->slot : (int16_t)e->index;
		copy_text(r.enclosure, sizeof(r.enclosure), s->name);
		memset(r.dev, 0, sizeof(r.dev));
		fn(&r, arg);
	}
	if (dir)
		closedir(dir);
	if (udev)
		udev_unref(udev);
}
