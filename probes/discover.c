#include "probes/discover.h"

#include "probes/describe.h"

#include <errno.h>
#include <libudev.h>
#include <sys/stat.h>
#include <time.h>

enum { RECEIVE_BUFFER = 16 * 1024 * 1024 };

/* One way to a drive. The first of several with the same name is the one that was reported. */
struct path {
	struct device_event event;
	struct device_event route; /* the node as a path of its own; kind NONE when it is none */
	bool told, seen;           /* seen: by the scan that is running */
};

struct discover {
	struct udev *udev;
	struct udev_monitor *monitor;
	discover_fn *fn;
	void *arg;
	struct path *paths;
	size_t npaths, capacity;
};

static uint64_t monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int start_monitor(struct discover *d)
{
	d->udev = udev_new();
	if (!d->udev)
		return -ENOMEM;
	d->monitor = udev_monitor_new_from_netlink(d->udev, "kernel");
	if (!d->monitor ||
		udev_monitor_filter_add_match_subsystem_devtype(d->monitor, "block", "disk") < 0 ||
		udev_monitor_filter_add_match_subsystem_devtype(d->monitor, "nvme", NULL) < 0 ||
		udev_monitor_filter_add_match_subsystem_devtype(
			d->monitor, "scsi_generic", NULL) < 0)
		return -EIO;
	/* without the privilege to force it the kernel gives what it may; what is lost then is
	 * found by scanning */
	(void)udev_monitor_set_receive_buffer_size(d->monitor, RECEIVE_BUFFER);
	return udev_monitor_enable_receiving(d->monitor) < 0 ? -EIO : 0;
}

struct discover *discover_free(struct discover *d)
{
	if (!d)
		return NULL;
	if (d->monitor)
		udev_monitor_unref(d->monitor);
	if (d->udev)
		udev_unref(d->udev);
	free(d->paths);
	free(d);
	return NULL;
}

int discover_open(discover_fn *fn, void *arg, struct discover **ret)
{
	struct discover *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->fn = fn;
	d->arg = arg;
	r = start_monitor(d);
	if (r < 0) {
		discover_free(d);
		return r;
	}
	*ret = d;
	return 0;
}

int discover_descriptor(const struct discover *d)
{
	return udev_monitor_get_fd(d->monitor);
}

static struct path *find_path(struct discover *d, const char *sysfs)
{
	for (size_t i = 0; i < d->npaths; i++)
		if (text_equal(d->paths[i].event.sysfs, sysfs))
			return &d->paths[i];
	return NULL;
}

static struct path *find_told(struct discover *d, const char *name)
{
	for (size_t i = 0; i < d->npaths; i++)
		if (d->paths[i].told && text_equal(d->paths[i].event.name, name))
			return &d->paths[i];
	return NULL;
}

static void tell(struct discover *d, struct path *p, uint64_t seen_us, bool initial, bool removed)
{
	p->told = !removed;
	p->event.removed = removed;
	p->event.initial = initial;
	p->event.seen_us = seen_us;
	d->fn(&p->event, d->arg);
}

static void tell_route(
	struct discover *d, struct path *p, uint64_t seen_us, bool initial, bool removed)
{
	if (p->route.kind == KIND_NONE)
		return;
	p->route.removed = removed;
	p->route.initial = initial;
	p->route.seen_us = seen_us;
	d->fn(&p->route, d->arg);
}

static bool route_named(const struct discover *d, const struct path *but, const char *name)
{
	for (size_t i = 0; i < d->npaths; i++)
		if (&d->paths[i] != but && d->paths[i].route.kind != KIND_NONE &&
			text_equal(d->paths[i].route.name, name))
			return true;
	return false;
}

/* What the node is as a path: told when it is new or not what it was. */
static void take_route(struct discover *d, struct path *p, uint64_t seen_us, bool initial)
{
	struct device_event route = {};

	if (describe_path(&p->event, &route) && route_named(d, p, route.name))
		describe_path_place(&route);
	route.initial = p->route.initial;
	route.seen_us = p->route.seen_us;
	route.removed = p->route.removed;
	if (!memcmp(&route, &p->route, sizeof(route)))
		return;
	if (p->route.kind != KIND_NONE && !text_equal(p->route.name, route.name))
		tell_route(d, p, seen_us, false, true);
	p->route = route;
	tell_route(d, p, seen_us, initial, false);
}

/* The drive is gone only with the last way to it; until then the next one takes its place. */
static void drop_path(struct discover *d, struct path *p, uint64_t seen_us)
{
	struct path gone = *p;

	*p = d->paths[--d->npaths];
	tell_route(d, &gone, seen_us, false, true);
	if (!gone.told)
		return;
	for (size_t i = 0; i < d->npaths; i++)
		if (text_equal(d->paths[i].event.name, gone.event.name)) {
			tell(d, &d->paths[i], seen_us, false, false);
			return;
		}
	tell(d, &gone, seen_us, false, true);
}

static int add_path(struct discover *d, const struct device_event *e, struct path **ret)
{
	if (!d->paths || d->npaths == d->capacity) {
		size_t capacity = d->capacity ? 2 * d->capacity : 32;
		struct path *more = reallocarray(d->paths, capacity, sizeof(*more));

		if (!more)
			return -ENOMEM;
		d->paths = more;
		d->capacity = capacity;
	}
	*ret = &d->paths[d->npaths++];
	**ret = (struct path){.event = *e};
	return 0;
}

static bool same_drive(const struct device_event *a, const struct device_event *b)
{
	return text_equal(a->name, b->name) && text_equal(a->dev, b->dev) &&
	       text_equal(a->sg, b->sg) && text_equal(a->model, b->model) &&
	       text_equal(a->firmware, b->firmware) && a->capacity_bytes == b->capacity_bytes &&
	       a->drive_class == b->drive_class;
}

static int take_device(struct discover *d, struct udev_device *dev, uint64_t seen_us, bool initial)
{
	struct device_event e;
	struct path *p = find_path(d, udev_device_get_syspath(dev));
	bool known = p;
	int r = describe_drive(dev, &e);

	if (p && (r < 0 || !text_equal(p->event.name, e.name))) {
		drop_path(d, p, seen_us);
		known = false;
	}
	if (r < 0)
		return 0;
	if (!known) {
		r = add_path(d, &e, &p);
		if (r < 0)
			return r;
		p->seen = true;
		if (!find_told(d, e.name))
			tell(d, p, seen_us, initial, false);
		take_route(d, p, seen_us, initial);
		return 0;
	}
	p->seen = true;
	if (!same_drive(&p->event, &e)) {
		p->event = e;
		if (p->told)
			tell(d, p, seen_us, initial, false);
	}
	take_route(d, p, seen_us, initial);
	return 0;
}

/* A namespace came or went: what changed is its controller. */
static int take_namespace(struct discover *d, struct udev_device *dev, uint64_t seen_us)
{
	struct udev_device *parent =
				   udev_device_get_parent_with_subsystem_devtype(dev, "nvme", NULL),
			   *fresh;
	int r;

	if (!parent)
		return 0;
	/* libudev keeps attributes once read: the controller's must be read afresh */
	fresh = udev_device_new_from_syspath(d->udev, udev_device_get_syspath(parent));
	if (!fresh)
		return 0;
	r = take_device(d, fresh, seen_us, false);
	udev_device_unref(fresh);
	return r;
}

static int take_uevent(struct discover *d, struct udev_device *event)
{
	const char *action = udev_device_get_action(event), *sysfs = udev_device_get_syspath(event);
	const char *subsystem = udev_device_get_subsystem(event);
	uint64_t seen_us = monotonic_us();
	struct udev_device *fresh;
	struct path *p = find_path(d, sysfs);
	int r;

	if (action && !strcmp(action, "remove")) {
		if (p)
			drop_path(d, p, seen_us);
		return 0;
	}
	/* that something happened to it is told at once; what it is now takes reading */
	if (p && p->told)
		tell(d, p, seen_us, false, false);
	if (p)
		tell_route(d, p, seen_us, false, false);
	fresh = udev_device_new_from_syspath(d->udev, sysfs);
	if (!fresh)
		return 0;
	if (subsystem && !strcmp(subsystem, "block") &&
		!strncmp(udev_device_get_sysname(fresh), "nvme", 4))
		r = take_namespace(d, fresh, seen_us);
	else
		r = take_device(d, fresh, seen_us, false);
	udev_device_unref(fresh);
	return r;
}

static int scan_subsystem(struct discover *d, const char *subsystem, bool initial)
{
	struct udev_enumerate *all = udev_enumerate_new(d->udev);
	struct udev_list_entry *entry;
	int r = 0;

	if (!all)
		return -ENOMEM;
	if (udev_enumerate_add_match_subsystem(all, subsystem) < 0 ||
		udev_enumerate_scan_devices(all) < 0)
		r = -EIO;
	udev_list_entry_foreach(entry, r < 0 ? NULL : udev_enumerate_get_list_entry(all))
	{
		struct udev_device *dev =
			udev_device_new_from_syspath(d->udev, udev_list_entry_get_name(entry));

		if (!dev)
			continue;
		r = take_device(d, dev, 0, initial);
		udev_device_unref(dev);
		if (r < 0)
			break;
	}
	udev_enumerate_unref(all);
	return r;
}

static void drop_unseen(struct discover *d)
{
	for (size_t i = d->npaths; i-- > 0;)
		if (!d->paths[i].seen)
			drop_path(d, &d->paths[i], 0);
}

/* Looks at everything and reports what differs from what was reported before. */
static int scan(struct discover *d, bool initial)
{
	int r;

	for (size_t i = 0; i < d->npaths; i++)
		d->paths[i].seen = false;
	r = scan_subsystem(d, "block", initial);
	if (!r)
		r = scan_subsystem(d, "nvme", initial);
	if (!r)
		r = scan_subsystem(d, "scsi_generic", initial);
	if (!r)
		drop_unseen(d);
	return r;
}

/* The list is not forgotten first: what leaves now must be told as gone, now or by its uevent. */
int discover_tell(struct discover *d)
{
	struct device_event end = {.initial = 1};
	bool again = d->npaths;
	int r = scan(d, !again);

	for (size_t i = 0; i < d->npaths; i++) {
		struct path *p = &d->paths[i];

		if (again && p->told)
			tell(d, p, 0, true, false);
		if (again)
			tell_route(d, p, 0, true, false);
		end.capacity_bytes += p->told + (uint64_t)(p->route.kind != KIND_NONE);
	}
	if (!r)
		d->fn(&end, d->arg);
	return r;
}

int discover_receive(struct discover *d)
{
	struct udev_device *event;
	int r = 0;

	while (!r) {
		errno = 0;
		event = udev_monitor_receive_device(d->monitor);
		if (!event)
			break;
		r = take_uevent(d, event);
		udev_device_unref(event);
	}
	if (!r && errno == ENOBUFS)
		r = scan(d, false);
	return r;
}

int discover_one(const char *dev, struct device_event *ret)
{
	struct udev *udev = udev_new();
	struct udev_device *d;
	struct stat st;
	int r = -ENODEV;

	if (!udev)
		return -ENOMEM;
	d = stat(dev, &st) < 0 ? NULL
			       : udev_device_new_from_devnum(
					 udev, S_ISBLK(st.st_mode) ? 'b' : 'c', st.st_rdev);
	if (d) {
		struct udev_device *controller =
			udev_device_get_parent_with_subsystem_devtype(d, "nvme", NULL);

		r = describe_drive(controller ? controller : d, ret);
		udev_device_unref(d);
	}
	udev_unref(udev);
	return r;
}
