#include "agent/audit_parts.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { DEPTH_MAX = 16, ATTRIBUTE_MAX = 4096 };

/* clang-format off */
/* What a device is called whose disks sysfs does not show, or that has none. */
static const struct {
	const char *prefix;
	enum audit_basis basis;
	const char *why;
} named[] = {
	{"zram",  AUDIT_MEMORY, ""}, {"ram", AUDIT_MEMORY, ""},
	{"nbd",   AUDIT_ELSEWHERE, "a network block device"}, {"rbd", AUDIT_ELSEWHERE, "a Ceph block device"},
	{"drbd",  AUDIT_UNCLEAR, "DRBD does not show its lower disk here: see drbdsetup show"},
	{"dm-",   AUDIT_UNCLEAR, "a mapping without devices below it"},
	{"md",    AUDIT_UNCLEAR, "an md array without members"},
	{"loop",  AUDIT_UNCLEAR, "a loop device without a file"},
};
/* How the path of a disk in sysfs shows that it is not in this host. */
static const struct {
	const char *part, *transport;
} remote[] = {{"/rport-", "fc"}, {"/session", "iscsi"}, {"/vhci_hcd", "usb-ip"}};
/* clang-format on */

static bool attribute(const char *dir, const char *name, char *buf, size_t size)
{
	cleanup_(freep) char *text = NULL;
	char path[PATH_MAX];

	if (!format_text(path, sizeof(path), "%s/%s", dir, name) ||
		slurp(path, ATTRIBUTE_MAX, &text, NULL) < 0)
		return false;
	copy_device_text(buf, size, text, strcspn(text, "\n"));
	return true;
}

static bool exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return format_text(path, sizeof(path), "%s/%s", dir, name) && access(path, F_OK) == 0;
}

static void note_transport(const char *dir, struct audit_disk *d)
{
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(remote); i++)
		if (strstr(dir, remote[i].part))
			copy_text(d->transport, sizeof(d->transport), remote[i].transport);
	if (attribute(dir, "device/transport", text, sizeof(text)) && strcmp(text, "pcie") != 0)
		copy_text(d->transport, sizeof(d->transport), text);
}

static void note_disk(struct audit_place *p, const char *dir, const char *name)
{
	struct audit_disk *d = &p->disk[p->ndisks];

	for (unsigned i = 0; i < p->ndisks; i++)
		if (!strcmp(p->disk[i].name, name))
			return;
	if (p->ndisks == AUDIT_DISKS) {
		p->more = true;
		return;
	}
	*d = (struct audit_disk){};
	copy_text(d->name, sizeof(d->name), name);
	if (!strncmp(name, "nvme", 4))
		format_text(d->controller, sizeof(d->controller), "%.*s",
			(int)(4 + strspn(name + 4, "0123456789")), name);
	if (!attribute(dir, "device/wwid", d->wwid, sizeof(d->wwid)))
		(void)attribute(dir, "wwid", d->wwid, sizeof(d->wwid));
	(void)attribute(dir, "device/vendor", d->vendor, sizeof(d->vendor));
	(void)attribute(dir, "device/model", d->model, sizeof(d->model));
	note_transport(dir, d);
	p->ndisks++;
}

static void unclear(struct audit_place *p, enum audit_basis basis, const char *why)
{
	/* what is known to be unclear stays so, whatever else it stands on */
	if (p->basis == AUDIT_UNCLEAR || p->basis == AUDIT_ELSEWHERE)
		return;
	p->basis = basis;
	copy_text(p->why, sizeof(p->why), why);
}

static bool walk_below(struct walk *w, const char *dir, unsigned depth)
{
	char path[PATH_MAX];
	bool any = false;
	struct dirent *e;
	DIR *d;

	if (!format_text(path, sizeof(path), "%s/slaves", dir) || !(d = opendir(path)))
		return false;
	while ((e = readdir(d))) {
		char below[PATH_MAX], real[PATH_MAX];

		if (e->d_name[0] == '.')
			continue;
		any = true;
		if (!format_text(below, sizeof(below), "%s/%s", path, e->d_name) ||
			!realpath(below, real))
			unclear(w->place, AUDIT_UNCLEAR, "a device below it is gone");
		else
			disks_below(w, real, depth + 1);
	}
	closedir(d);
	return any;
}

static bool known_by_name(struct walk *w, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		size_t n = strlen(named[i].prefix);

		if (strncmp(name, named[i].prefix, n) != 0 || name[n] < '0' || name[n] > '9')
			continue;
		if (named[i].basis != AUDIT_MEMORY)
			unclear(w->place, named[i].basis, named[i].why);
		else if (!w->place->ndisks)
			w->place->basis = AUDIT_MEMORY;
		return true;
	}
	return false;
}

void disks_below(struct walk *w, const char *dir, unsigned depth)
{
	const char *name = strrchr(dir, '/') ? strrchr(dir, '/') + 1 : dir;
	char file[PATH_MAX];

	if (depth > DEPTH_MAX) {
		unclear(w->place, AUDIT_UNCLEAR, "devices stacked too deep to follow");
		return;
	}
	if (walk_below(w, dir, depth))
		return;
	if (attribute(dir, "loop/backing_file", file, sizeof(file))) {
		disks_of_file(w, file, depth + 1);
		return;
	}
	if (exists(dir, "partition")) {
		char whole[PATH_MAX];

		format_text(whole, sizeof(whole), "%.*s", (int)(name - dir - 1), dir);
		disks_below(w, whole, depth + 1);
		return;
	}
	if (!known_by_name(w, name)) {
		w->place->basis = w->place->why[0] ? w->place->basis : AUDIT_ON_DISKS;
		note_disk(w->place, dir, name);
	}
}

void disks_of_device(struct walk *w, const char *kind, const char *name, unsigned depth)
{
	char link[PATH_MAX], dir[PATH_MAX];

	if (!format_text(link, sizeof(link), "%s/sys/%s/%s", w->root, kind, name) ||
		!realpath(link, dir))
		unclear(w->place, AUDIT_UNCLEAR, "sysfs does not know its device");
	else
		disks_below(w, dir, depth);
}
