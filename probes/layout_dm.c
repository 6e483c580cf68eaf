/* RAID volumes of LVM: found in sysfs, and asked of the device mapper, which touches no disk and takes no lock of LVM's. */
#include "probes/allow.h"
#include "probes/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SMALL = 256 };

union dm_question {
	struct dm_ioctl head;
	char bytes[LAYOUT_TEXT / 4];
};

/* One target, and its text ended within the answer. */
static bool take_target(
	const union dm_question *q, char *target, size_t target_size, char *text, size_t size)
{
	size_t start = q->head.data_start,
	       end = MIN_OF((size_t)q->head.data_size, sizeof(q->bytes));
	struct dm_target_spec spec;

	if (q->head.target_count != 1 || start > end || end - start <= sizeof(spec))
		return false;
	memcpy(&spec, q->bytes + start, sizeof(spec));
	spec.target_type[sizeof(spec.target_type) - 1] = '\0';
	start += sizeof(spec);
	return memchr(q->bytes + start, '\0', end - start) &&
	       copy_text(target, target_size, spec.target_type) &&
	       copy_text(text, size, q->bytes + start);
}

static enum outcome ask(int fd, uint32_t flags, struct lvm_text *t, char *text, size_t size)
{
	union dm_question q = {.head = {.version = {DM_VERSION_MAJOR, 0, 0},
				       .data_size = sizeof(q),
				       .data_start = sizeof(q.head),
				       .flags = flags}};
	char target[DM_MAX_TYPE_NAME];

	if (!copy_text(q.head.name, sizeof(q.head.name), t->name) ||
		!allow_dm(DM_TABLE_STATUS_CMD, flags))
		return OUTCOME_REFUSED;
	if (ioctl(fd, DM_TABLE_STATUS, &q) < 0)
		return errno == ENXIO                      ? OUTCOME_GONE
		       : errno == EACCES || errno == EPERM ? OUTCOME_REFUSED
							   : OUTCOME_ERROR;
	if (q.head.flags & DM_BUFFER_FULL_FLAG)
		return OUTCOME_SHORT;
	t->suspended = q.head.flags & DM_SUSPEND_FLAG;
	if (!take_target(&q, target, sizeof(target), text, size))
		return OUTCOME_NONSENSE;
	copy_text(t->target, sizeof(t->target), target);
	return OUTCOME_OK;
}

enum outcome dm_ask(struct lvm_text *t)
{
	cleanup_(closep) int fd = open("/dev/mapper/control", O_RDONLY | O_CLOEXEC);
	enum outcome o;

	if (fd < 0)
		return errno == EACCES || errno == EPERM ? OUTCOME_REFUSED : OUTCOME_ERROR;
	o = ask(fd, DM_STATUS_TABLE_FLAG, t, t->table, sizeof(t->table));
	return o == OUTCOME_OK ? ask(fd, DM_NOFLUSH_FLAG, t, t->status, sizeof(t->status)) : o;
}

static bool read_line(const char *path, char *ret, size_t size)
{
	cleanup_(freep) char *text = NULL;

	if (slurp(path, SMALL, &text, NULL) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return copy_text(ret, size, text);
}

/* Only a volume whose legs LVM calls images is one of these. */
static bool has_images(const char *dir)
{
	char path[800], name[128];
	bool found = false;
	struct dirent *e;
	DIR *d = format_text(path, sizeof(path), "%s/slaves", dir) ? opendir(path) : NULL;

	while (d && !found && (e = readdir(d)))
		if (e->d_name[0] != '.' &&
			format_text(path, sizeof(path), "%s/slaves/%s/dm/name", dir, e->d_name) &&
			read_line(path, name, sizeof(name)))
			found = strstr(name, "_rimage_") || strstr(name, "_mimage_");
	if (d)
		closedir(d);
	return found;
}

static bool is_volume(const char *dir, char *name, size_t size)
{
	char path[800], uuid[160];

	return format_text(path, sizeof(path), "%s/dm/uuid", dir) &&
	       read_line(path, uuid, sizeof(uuid)) && !strncmp(uuid, "LVM-", 4) &&
	       format_text(path, sizeof(path), "%s/dm/name", dir) && read_line(path, name, size) &&
	       !lvm_passing(name) && has_images(dir);
}

/* "253:2" to "dm-2". */
static void name_legs(const char *sysfs, struct layout_pool *p)
{
	for (unsigned i = 0; i < p->nlegs; i++) {
		struct layout_leg *l = &p->legs[i];
		char path[400], real[400], *slash;
		ssize_t n = -1;

		if (format_text(path, sizeof(path), "%s/dev/block/%s", sysfs, l->node))
			n = readlink(path, real, sizeof(real) - 1);
		real[MAX_OF(n, 0)] = '\0';
		slash = strrchr(real, '/');
		copy_text(l->node, sizeof(l->node), slash ? slash + 1 : "");
	}
}

static enum outcome look_at(struct layout_out *o, const char *name, layout_lvm_ask_fn *ask_fn)
{
	struct lvm_text *t = calloc(1, sizeof(*t));
	struct layout_pool p;
	enum outcome out =
		t && copy_text(t->name, sizeof(t->name), name) ? ask_fn(t) : OUTCOME_ERROR;

	if (out == OUTCOME_OK)
		out = lvm_decode(t, &p);
	if (out == OUTCOME_OK) {
		name_legs(o->sysfs, &p);
		layout_tell(o, &p);
	}
	free(t);
	/* it may have been ended between the list and the look */
	return out == OUTCOME_GONE ? OUTCOME_OK : out;
}

struct asker {
	layout_lvm_ask_fn *fn;
};

static enum outcome look_at_block(struct layout_out *o, const char *dir, const char *node, void *arg)
{
	const struct asker *ask_by = arg;
	char name[128];

	if (strncmp(node, "dm-", 3) != 0 || !is_volume(dir, name, sizeof(name)))
		return OUTCOME_OK;
	return look_at(o, name, ask_by->fn);
}

enum outcome layout_lvm(struct layout_out *o, layout_lvm_ask_fn *ask_fn)
{
	struct asker ask_by = {ask_fn};

	return layout_each(o, "block", look_at_block, &ask_by);
}
