#include "agent/audit_parts.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>

enum { TABLE_MAX = 4 << 20 };

/* clang-format off */
/* File systems without a block device of their own that keep data all the same; the others of that sort are memory. */
static const struct {
	const char *type;
	enum audit_basis basis;
	const char *why;
} unbacked[] = {
	{"nfs",  AUDIT_ELSEWHERE, "a file server keeps it"}, {"nfs4", AUDIT_ELSEWHERE, "a file server keeps it"},
	{"cifs", AUDIT_ELSEWHERE, "a file server keeps it"}, {"smb3", AUDIT_ELSEWHERE, "a file server keeps it"},
	{"ceph", AUDIT_ELSEWHERE, "a cluster keeps it"},     {"9p",   AUDIT_ELSEWHERE, "the machine around this one keeps it"},
	{"virtiofs", AUDIT_ELSEWHERE, "the machine around this one keeps it"},
	{"gfs2", AUDIT_ELSEWHERE, "a cluster keeps it"},     {"lustre", AUDIT_ELSEWHERE, "a cluster keeps it"},
	{"zfs",  AUDIT_UNCLEAR, "the kernel does not show the disks of a ZFS pool: see zpool status"},
	{"fuse.glusterfs", AUDIT_ELSEWHERE, "a cluster keeps it"}, {"fuse.sshfs", AUDIT_ELSEWHERE, "another host keeps it"},
	{"fuse.ceph-fuse", AUDIT_ELSEWHERE, "a cluster keeps it"},
};
/* clang-format on */

/* mountinfo writes blank, tab, newline and backslash as \040 and so on. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
			s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static bool path_holds(const char *mount, const char *path)
{
	size_t n = strlen(mount);

	if (n && mount[n - 1] == '/')
		return !strncmp(mount, path, n);
	return !strncmp(mount, path, n) && (path[n] == '/' || !path[n]);
}

static const struct audit_place *holder(const struct audit *a, const char *path)
{
	const struct audit_place *best = NULL;

	/* the later of two on the same place lies over the earlier */
	for (unsigned i = 0; i < a->nplaces; i++)
		if (a->place[i].path[0] == '/' && path_holds(a->place[i].path, path) &&
			(!best || strlen(a->place[i].path) >= strlen(best->path)))
			best = &a->place[i];
	return best;
}

void disks_of_file(struct walk *w, const char *path, unsigned depth)
{
	const struct audit_place *p = holder(w->audit, path);

	(void)depth;
	if (!p || p->basis == AUDIT_MEMORY) {
		w->place->basis = w->place->ndisks ? w->place->basis : AUDIT_MEMORY;
		return;
	}
	w->place->basis = p->basis;
	memcpy(w->place->why, p->why, sizeof(p->why));
	memcpy(w->place->disk, p->disk, sizeof(p->disk));
	w->place->ndisks = p->ndisks;
	w->place->more = p->more;
}

/* btrfs has a device number of its own; its disks stand under /sys/fs/btrfs/UUID/devices, found by the one named. */
static bool btrfs_disks(struct walk *w, const char *uuid, const char *source)
{
	char path[PATH_MAX], names[AUDIT_DISKS][32];
	unsigned n = 0;
	bool ours = false;
	struct dirent *e;
	DIR *d;

	if (!format_text(path, sizeof(path), "%s/sys/fs/btrfs/%s/devices", w->root, uuid) ||
		!(d = opendir(path)))
		return false;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || n == AUDIT_DISKS)
			continue;
		ours |= !strcmp(e->d_name, source);
		copy_text(names[n++], sizeof(names[0]), e->d_name);
	}
	closedir(d);
	for (unsigned i = 0; ours && i < n; i++)
		disks_of_device(w, "class/block", names[i], 0);
	return ours;
}

/* "/dev/mapper/vg-root" is a link to "../dm-0": the kernel's name is what sysfs knows. */
static const char *kernel_name(const char *root, const char *source, char real[PATH_MAX])
{
	char path[PATH_MAX];

	if (format_text(path, sizeof(path), "%s%s", root, source) && realpath(path, real))
		source = real;
	return strrchr(source, '/') ? strrchr(source, '/') + 1 : source;
}

static void btrfs_place(struct walk *w, const char *source)
{
	char path[PATH_MAX], real[PATH_MAX];
	const char *name = kernel_name(w->root, source, real);
	bool found = false;
	struct dirent *e;
	DIR *d;

	format_text(path, sizeof(path), "%s/sys/fs/btrfs", w->root);
	d = opendir(path);
	while (d && !found && (e = readdir(d)))
		if (e->d_name[0] != '.')
			found = btrfs_disks(w, e->d_name, name);
	if (d)
		closedir(d);
	if (!found)
		disks_of_device(w, "class/block", name, 0);
}

/* A line of mountinfo (proc_pid_mountinfo(5)): id parent MAJOR:MINOR root PATH options… - TYPE SOURCE options */
struct mount {
	char *device, *path, *type, *source;
};

static bool mount_parse(char *line, struct mount *m)
{
	char *tail = strstr(line, " - "), *save = NULL, *word = NULL;

	*m = (struct mount){};
	if (!tail)
		return false;
	*tail = '\0';
	for (unsigned i = 0; i < 5; i++) {
		word = strtok_r(i ? NULL : line, " ", &save);
		if (!word)
			return false;
		m->device = i == 2 ? word : m->device;
	}
	m->path = word;
	m->type = strtok_r(tail + 3, " ", &save);
	m->source = m->type ? strtok_r(NULL, " ", &save) : NULL;
	if (!m->source)
		return false;
	unescape(m->path);
	unescape(m->source);
	return true;
}

static void mount_place(struct walk *w, const struct mount *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(unbacked); i++)
		if (!strcmp(m->type, unbacked[i].type)) {
			w->place->basis = unbacked[i].basis;
			copy_text(w->place->why, sizeof(w->place->why), unbacked[i].why);
			return;
		}
	if (!strcmp(m->type, "btrfs"))
		btrfs_place(w, m->source);
	else if (strncmp(m->device, "0:", 2) != 0)
		disks_of_device(w, "dev/block", m->device, 0);
	else
		w->place->basis = AUDIT_MEMORY;
}

static struct audit_place *place_new(
	struct audit *a, const char *path, const char *type, const char *on)
{
	struct audit_place *p = &a->place[a->nplaces];

	if (a->nplaces == AUDIT_PLACES) {
		a->more = true;
		return NULL;
	}
	*p = (struct audit_place){};
	copy_text(p->path, sizeof(p->path), path);
	copy_text(p->type, sizeof(p->type), type);
	copy_text(p->on, sizeof(p->on), on);
	return p;
}

static int disk_order(const void *a, const void *b)
{
	return strverscmp(
		((const struct audit_disk *)a)->name, ((const struct audit_disk *)b)->name);
}

static void place_done(struct audit *a, struct audit_place *p)
{
	qsort(p->disk, p->ndisks, sizeof(p->disk[0]), disk_order);
	a->nplaces++; /* only now: it may lie on an earlier one, never on itself */
}

static void take_mount(const char *root, struct audit *a, const struct mount *m)
{
	struct walk w = {.root = root, .audit = a};

	w.place = place_new(a, m->path, m->type, m->source);
	if (!w.place)
		return;
	mount_place(&w, m);
	place_done(a, w.place);
}

static void take_swap(const char *root, struct audit *a, char *line)
{
	struct walk w = {.root = root, .audit = a};
	char *save = NULL, *path = strtok_r(line, " \t", &save), *type, real[PATH_MAX];

	type = path ? strtok_r(NULL, " \t", &save) : NULL;
	if (!type || path[0] != '/')
		return;
	unescape(path);
	w.place = place_new(a, "swap", type, path);
	if (!w.place)
		return;
	if (!strcmp(type, "file"))
		disks_of_file(&w, path, 0);
	else
		disks_of_device(&w, "class/block", kernel_name(root, path, real), 0);
	place_done(a, w.place);
}

/* Bind mounts and subvolumes: what stands on the same source is told once, by its shortest name. */
static void fold(struct audit *a)
{
	for (unsigned i = 0; i < a->nplaces; i++) {
		struct audit_place *p = &a->place[i], *first = NULL;

		for (unsigned k = 0; k < i && !first && p->path[0] == '/'; k++)
			if (!a->place[k].untold && !strcmp(a->place[k].on, p->on) &&
				!strcmp(a->place[k].type, p->type))
				first = &a->place[k];
		p->untold = p->basis == AUDIT_MEMORY || first;
		if (!first || p->basis == AUDIT_MEMORY)
			continue;
		first->also++;
		if (strlen(p->path) < strlen(first->path))
			memcpy(first->path, p->path, sizeof(p->path));
	}
}

int audit_host(const char *root, struct audit *ret)
{
	cleanup_(freep) char *mounts = NULL, *swaps = NULL;
	char path[PATH_MAX], *save = NULL;
	struct mount m;
	int r;

	*ret = (struct audit){};
	format_text(path, sizeof(path), "%s/proc/self/mountinfo", root);
	r = slurp(path, TABLE_MAX, &mounts, NULL);
	if (r < 0)
		return r;
	for (char *l = strtok_r(mounts, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (mount_parse(l, &m))
			take_mount(root, ret, &m);
	format_text(path, sizeof(path), "%s/proc/swaps", root);
	if (slurp(path, TABLE_MAX, &swaps, NULL) == 0)
		for (char *l = strtok_r(swaps, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
			take_swap(root, ret, l);
	fold(ret);
	return 0;
}

const struct audit_place *audit_find(const char *root, const struct audit *a, const char *path)
{
	char below[PATH_MAX], real[PATH_MAX];

	/* a link may lead to another file system */
	if (format_text(below, sizeof(below), "%s%s", root, path) && realpath(below, real) &&
		!strncmp(real, root, strlen(root)))
		path = real + strlen(root);
	return holder(a, path);
}
