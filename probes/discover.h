/*
 * Which drives and enclosures there are and by which paths: sysfs through libudev and the kernel's own
 * uevents, so it works without udevd and while /run is gone. Opens no device, sends nothing to a drive.
 */
#pragma once
#include "probes/reading.h"

struct discover;

/** discover_fn - a drive or a path came, changed or went; the event is the caller's, copy it */
typedef void discover_fn(const struct device_event *e, void *arg);

/**
 * discover_open() - start listening; nothing is reported before discover_tell()
 * @ret: discover_free() it
 *
 * Return: 0, -ENOMEM, or -EIO when the kernel gives no monitor.
 */
must_check int discover_open(discover_fn *fn, void *arg, struct discover **ret);
struct discover *discover_free(struct discover *d);

/** discover_descriptor() - readable when discover_receive() has something to do */
int discover_descriptor(const struct discover *d);

/**
 * discover_tell() - look at everything and report all of it, as at the start: to somebody who knows
 * nothing
 *
 * The events are marked initial; one whose dev is "" ends them.
 *
 * Return: 0, -ENOMEM, -EIO.
 */
must_check int discover_tell(struct discover *d);

/** discover_receive() - take what the kernel sent; scans again when some of it was lost */
must_check int discover_receive(struct discover *d);

/**
 * discover_one() - what a scan would say of one device node
 *
 * Return: 0, -ENODEV when there is none or it is no drive, -ENOMEM.
 */
must_check int discover_one(const char *dev, struct device_event *ret);
