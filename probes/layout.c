#include "probes/layout.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { ATTRIBUTE_MAX = 4096 };

static char *attribute(const char *dir, const char *name)
{
	char path[800], *text = NULL;

	if (!format_text(path, sizeof(path), "%s/%s", dir, name) ||
		slurp(path, ATTRIBUTE_MAX, &text, NULL) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

struct md_files {
	struct md_text t;
	char *texts[7];
};

static void drop_files(struct md_files *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(f->texts); i++)
		free(f->texts[i]);
}

static void read_files(const char *dir, const char *name, struct md_files *f)
{
	static const char *const names[] = {"level", "raid_disks", "degraded", "array_state", "sync_action",
		"sync_completed", "layout"};
	const char **const at[] = {&f->t.level, &f->t.raid_disks, &f->t.degraded, &f->t.array_state,
		&f->t.sync_action, &f->t.sync_completed, &f->t.layout};

	f->t.name = name;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		*at[i] = f->texts[i] = attribute(dir, names[i]);
}

static enum outcome add_legs(const char *dir, struct layout_pool *p)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	bool all = d;

	while (d && (e = readdir(d))) {
		cleanup_(freep) char *state = NULL;
		cleanup_(freep) char *slot = NULL;
		char leg[760];

		if (strncmp(e->d_name, "dev-", 4) != 0 ||
			!format_text(leg, sizeof(leg), "%s/%s", dir, e->d_name))
			continue;
		state = attribute(leg, "state");
		slot = attribute(leg, "slot");
		all &= md_leg(p, e->d_name + 4, state ? state : "", slot ? slot : "none");
	}
	if (d)
		closedir(d);
	return all ? OUTCOME_OK : OUTCOME_ERROR;
}

enum outcome layout_each(struct layout_out *o, const char *folder, layout_each_fn *fn, void *arg)
{
	enum outcome worst = OUTCOME_OK;
	char path[400], dir[700];
	struct dirent *e;
	DIR *d;

	if (!format_text(path, sizeof(path), "%s/%s", o->sysfs, folder))
		return OUTCOME_NONSENSE;
	d = opendir(path);
	if (!d)
		return errno == ENOENT ? OUTCOME_OK : OUTCOME_ERROR;
	while ((e = readdir(d))) {
		enum outcome out = OUTCOME_OK;

		if (e->d_name[0] != '.' && format_text(dir, sizeof(dir), "%s/%s", path, e->d_name))
			out = fn(o, dir, e->d_name, arg);
		worst = out == OUTCOME_OK ? worst : out;
	}
	closedir(d);
	return worst;
}

static enum outcome look_at_md(struct layout_out *o, const char *block, const char *name, void *unused)
{
	struct md_files f = {};
	struct layout_pool p;
	char dir[704];
	enum outcome out;

	(void)unused;
	if (strncmp(name, "md", 2) != 0)
		return OUTCOME_OK;
	if (!format_text(dir, sizeof(dir), "%s/md", block))
		return OUTCOME_NONSENSE;
	read_files(dir, name, &f);
	out = md_decode(&f.t, &p);
	if (out == OUTCOME_OK)
		out = add_legs(dir, &p);
	if (out == OUTCOME_OK) {
		md_end(&p, &f.t);
		layout_tell(o, &p);
	}
	drop_files(&f);
	/* it may have been stopped between the list and the look; a container holds nothing itself */
	return out == OUTCOME_UNSUPPORTED ? OUTCOME_OK : out;
}

enum outcome layout_md(struct layout_out *o)
{
	return layout_each(o, "block", look_at_md, NULL);
}

bool layout_zfs_there(const char *sysfs)
{
	char path[400];

	return format_text(path, sizeof(path), "%s/module/zfs", sysfs) && !access(path, F_OK);
}

static void tell_pool(const struct layout_pool *p, void *arg)
{
	layout_tell(arg, p);
}

enum outcome layout_zfs(struct layout_out *o, const char *text, size_t len)
{
	return zfs_parse(text, len, tell_pool, o);
}
