/* Somebody who knows nothing asks while a drive leaves: what he hears is what there is, and what went is told as gone. */
#include "fleet.h"

#include <limits.h>
#include <stdio.h>

#include "probes/discover.h"

enum { HEARD_MAX = 32 };

static struct heard {
	struct device_event event[HEARD_MAX];
	unsigned n;
} heard;

static void hear(const struct device_event *e, void *arg)
{
	(void)arg;
	if (heard.n < HEARD_MAX)
		heard.event[heard.n++] = *e;
}

/* As a drive and, each time, as a path. */
static unsigned count(const char *dev, bool removed)
{
	unsigned drives = 0, paths = 0;

	for (unsigned i = 0; i < heard.n; i++) {
		const struct device_event *e = &heard.event[i];

		drives += e->kind == KIND_DRIVE && text_equal(e->dev, dev) && e->removed == removed;
		paths += e->kind == KIND_PATH && text_equal(e->dev, dev) && e->removed == removed;
	}
	return drives == paths ? drives : UINT_MAX;
}

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "failed: %s; heard:\n", what);
	for (unsigned i = 0; i < heard.n; i++)
		fprintf(stderr, "  '%s' name='%s' initial=%d removed=%d\n", heard.event[i].dev,
			heard.event[i].name, heard.event[i].initial, heard.event[i].removed);
	exit(1);
}

static void ask(struct discover *d)
{
	heard.n = 0;
	must(discover_tell(d) == 0, "it tells");
	must(heard.n && !heard.event[heard.n - 1].dev[0], "the end is told last");
}

int main(void)
{
	static struct fleet fleet;
	struct discover *d;
	unsigned initial = 0;

	fleet_open(&fleet);
	must(fleet_add(&fleet, "sas") && fleet_add(&fleet, "sas"), "two drives are made");
	must(discover_open(hear, NULL, &d) == 0, "it listens");
	ask(d);
	must(count("/dev/sda", false) == 1 && count("/dev/sdb", false) == 1, "both are told");

	must(fleet_remove(&fleet, "sdb") && fleet_add(&fleet, "sas"), "one leaves and another comes");
	ask(d);
	must(count("/dev/sda", false) == 1, "what stayed is told again, once");
	must(heard.event[heard.n - 2].initial && !heard.event[heard.n - 2].removed, "as at the start");
	must(count("/dev/sdb", true) == 1 && !count("/dev/sdb", false), "what left is told as gone");
	for (unsigned i = 0; i < heard.n - 1; i++)
		initial += heard.event[i].initial;
	must(initial == 4 && heard.event[heard.n - 1].capacity_bytes == initial, "the end says how many were told so");

	heard.n = 0;
	must(discover_receive(d) == 0, "what the kernel sent meanwhile is taken");
	must(!count("/dev/sdb", true), "and what is gone is not told again");
	discover_free(d);
	g_object_unref(fleet.testbed);
	return 0;
}
