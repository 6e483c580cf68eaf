#include "probes/layout.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { ATTRIBUTE_MAX = 4096 };

static void say_pool(struct layout_out *o, const struct layout_pool *p)
{
	struct reading r = *o->base;

	r.kind = KIND_POOL;
	r.outcome = OUTCOME_OK;
	r.state = p->state;
	r.limit_ms = p->limit_ms;
	copy_text(r.name, sizeof(r.name), p->name);
	copy_text(r.model, sizeof(r.model), p->model);
	copy_text(r.raw, sizeof(r.raw), p->raw);
	copy_text(r.message, sizeof(r.message), p->message);
	reading_add(&r, FACT_REBUILD_PCT, p->rebuild_pct < 0 ? 100 : p->rebuild_pct);
	reading_add(&r, FACT_SPARES, p->spares);
	reading_add(&r, FACT_PARITY, p->parity);
	o->reading(&r, o->arg);
	o->count++;
}

/* A leg that serves and lies on no drive of ours is taken for granted: it is neither counted nor needed. */
static void say_set(struct layout_out *o, const struct layout_pool *p, unsigned set)
{
	unsigned members = p->sets[set].members, need = p->sets[set].need;
	char drive[LAYOUT_LEGS][NAME_MAX_LEN];
	struct reading r = *o->base;

	for (unsigned i = 0; i < p->nlegs; i++) {
		const struct layout_leg *l = &p->legs[i];

		drive[i][0] = '\0';
		if (l->set != set || l->state != LEG_SERVING ||
			o->map(o->sysfs, l->node, drive[i], sizeof(drive[i])))
			continue;
		drive[i][0] = '\0';
		members -= members > 0;
		need -= need > 0;
	}
	if (!need || !members)
		return;
	r.beside = 1;
	r.kind = KIND_POOL;
	r.outcome = OUTCOME_OK;
	r.group_need = (uint16_t)need;
	r.group_members = (uint16_t)members;
	copy_text(r.group, sizeof(r.group), p->sets[set].name);
	copy_text(r.name, sizeof(r.name), p->name);
	o->reading(&r, o->arg);
	r.kind = KIND_DRIVE;
	r.group_need = r.group_members = 0;
	for (unsigned i = 0; i < p->nlegs; i++) {
		if (!drive[i][0])
			continue;
		copy_text(r.name, sizeof(r.name), drive[i]);
		o->reading(&r, o->arg);
	}
}

void layout_tell(struct layout_out *o, const struct layout_pool *pool)
{
	struct layout_pool p = *pool;

	layout_pool_end(&p);
	say_pool(o, &p);
	for (unsigned i = 0; i < p.nsets; i++)
		say_set(o, &p, i);
}

static char *attribute(const char *dir, const char *name)
{
	char path[600], *text = NULL;

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
		char leg[512];

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

static enum outcome look_at_md(struct layout_out *o, const char *name)
{
	struct md_files f = {};
	struct layout_pool p;
	char dir[400];
	enum outcome out;

	if (!format_text(dir, sizeof(dir), "%s/block/%.64s/md", o->sysfs, name))
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
	enum outcome worst = OUTCOME_OK;
	char path[400];
	struct dirent *e;
	DIR *d;

	if (!format_text(path, sizeof(path), "%s/block", o->sysfs))
		return OUTCOME_NONSENSE;
	d = opendir(path);
	if (!d)
		return errno == ENOENT ? OUTCOME_OK : OUTCOME_ERROR;
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, "md", 2)) {
			enum outcome out = look_at_md(o, e->d_name);

			worst = out == OUTCOME_OK ? worst : out;
		}
	closedir(d);
	return worst;
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
