/* btrfs file systems from /sys/fs/btrfs: profiles and devices. */
#include "probes/layout.h"

#include <dirent.h>
#include <stdio.h>

/* clang-format off */
static const struct profile { const char *word; int tolerance; } profiles[] = {
	{"single", 0}, {"dup", 0}, {"raid0", 0}, {"raid1", 1}, {"raid1c3", 2}, {"raid1c4", 3}, {"raid10", 1},
	{"raid5", 1}, {"raid6", 2},
};
static const char *const kinds[] = {"data", "metadata", "system"};
/* clang-format on */

int btrfs_tolerance(const char *profile)
{
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++)
		if (!strcmp(profiles[i].word, profile))
			return profiles[i].tolerance;
	return -1;
}

static DIR *open_dir(const char *dir, const char *name)
{
	char path[760];

	return format_text(path, sizeof(path), "%s/%s", dir, name) ? opendir(path) : NULL;
}

/* The weakest profile in use decides: losing the metadata loses the data. */
static int weakest(const char *dir, char *word, size_t size)
{
	int least = 99;

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		char path[760];
		struct dirent *e;
		DIR *d = format_text(path, sizeof(path), "%s/allocation/%s", dir, kinds[k]) ? opendir(path) : NULL;

		while (d && (e = readdir(d))) {
			DIR *sub = e->d_name[0] == '.' ? NULL : open_dir(path, e->d_name);
			int t = sub ? btrfs_tolerance(e->d_name) : 99;

			if (sub)
				closedir(sub);
			if (t < least) {
				least = t;
				copy_text(word, size, e->d_name);
			}
		}
		if (d)
			closedir(d);
	}
	return least == 99 ? -1 : least;
}

static bool is_one(const char *dir, const char *id, const char *name)
{
	cleanup_(freep) char *text = NULL;
	char path[800];

	return format_text(path, sizeof(path), "%s/devinfo/%s/%s", dir, id, name) &&
	       !slurp(path, 64, &text, NULL) && text[0] == '1';
}

static void count_devices(const char *dir, unsigned *ret_all, unsigned *ret_missing)
{
	DIR *d = open_dir(dir, "devinfo");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		++*ret_all;
		*ret_missing += is_one(dir, e->d_name, "missing");
	}
	if (d)
		closedir(d);
}

static void add_devices(const char *dir, struct layout_pool *p)
{
	DIR *d = open_dir(dir, "devices");
	struct dirent *e;

	while (d && (e = readdir(d)) && p->nlegs < LAYOUT_LEGS)
		if (e->d_name[0] != '.') {
			copy_text(p->legs[p->nlegs].node, sizeof(p->legs[0].node), e->d_name);
			p->legs[p->nlegs++].state = LEG_SERVING;
		}
	if (d)
		closedir(d);
}

static enum outcome look_at(struct layout_out *o, const char *dir, const char *uuid, void *unused)
{
	cleanup_(freep) char *label = NULL;
	struct layout_pool p = {.rebuild_pct = -1, .nsets = 1};
	char path[720], profile[16] = "";
	unsigned all = 0, missing = 0;
	int tolerance;

	(void)unused;
	/* beside the file systems lies "features" */
	if (strlen(uuid) != 36)
		return OUTCOME_OK;
	tolerance = weakest(dir, profile, sizeof(profile));
	if (format_text(path, sizeof(path), "%s/label", dir) && !slurp(path, 512, &label, NULL))
		label[strcspn(label, "\n")] = '\0';
	format_text(p.name, sizeof(p.name), "btrfs-%.36s", uuid);
	format_text(p.model, sizeof(p.model), "btrfs %s", profile);
	count_devices(dir, &all, &missing);
	add_devices(dir, &p);
	all = MAX_OF(all, (unsigned)p.nlegs);
	p.state = missing ? STATE_DEGRADED : STATE_OK;
	format_text(p.raw, sizeof(p.raw), "%u of %u devices there", all - MIN_OF(missing, all), all);
	if (tolerance < 0 || !all || (unsigned)tolerance >= all) {
		p.nsets = 0;
		tolerance = 0;
	}
	if (!all || !profile[0]) {
		p.state = STATE_UNKNOWN;
		copy_text(p.raw, sizeof(p.raw), "no devices or no profile told");
	}
	p.parity = (uint16_t)tolerance;
	format_text(p.message, sizeof(p.message), "%s%s%.40s%s over %u devices.", p.model,
		label && label[0] ? " '" : "", label ? label : "", label && label[0] ? "'" : "", all);
	layout_name(p.sets[0].name, sizeof(p.sets[0].name), p.name, "");
	p.sets[0].members = (uint16_t)all;
	p.sets[0].need = (uint16_t)(all - (unsigned)tolerance);
	layout_tell(o, &p);
	return OUTCOME_OK;
}

enum outcome layout_btrfs(struct layout_out *o)
{
	return layout_each(o, "fs/btrfs", look_at, NULL);
}
