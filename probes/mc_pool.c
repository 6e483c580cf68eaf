/* Disk groups and disks: which disk is in which group, and how many of them it can still lose. */
#include "probes/mc_parts.h"

#include <errno.h>

/* clang-format off */
static const struct manage_word disk_words[] = {
	{"Up", STATE_OK}, {"Spun Down", STATE_OK}, {"Warning", STATE_DEGRADED}, {"Unsupported", STATE_DEGRADED},
	{"Error", STATE_FAILED}, {"Unrecoverable", STATE_FAILED}, {"Disconnected", STATE_FAILED},
	{"Not Present", STATE_ABSENT}, {"Not present", STATE_ABSENT}, {"Unknown", STATE_UNKNOWN},
	{"Unavailable", STATE_UNKNOWN},
};
/* Only what says that a disk is out of use; what it is used for is no word of its state. */
static const struct manage_word usage_words[] = {
	{"FAILED", STATE_FAILED}, {"UNUSABLE", STATE_FAILED}, {"LEFTOVR", STATE_DEGRADED},
};

static const struct manage_word group_words[] = {
	{"FTOL", STATE_OK}, {"UP", STATE_OK}, {"FTDN", STATE_DEGRADED}, {"DMGD", STATE_DEGRADED},
	{"CRIT", STATE_DEGRADED}, {"OFFL", STATE_FAILED}, {"MSNG", STATE_FAILED}, {"QTCR", STATE_SERVICE},
	{"QTDN", STATE_SERVICE}, {"QTOF", STATE_SERVICE}, {"QTUN", STATE_SERVICE}, {"STOP", STATE_SERVICE},
	{"UNKN", STATE_UNKNOWN},
};
/* What a group can still lose; FTOL: what its RAID type can. Any other word: lost. */
static const struct { const char *word; int8_t spare; } group_spares[] = {
	{"FTDN", 1}, {"DMGD", 1}, {"CRIT", 0}, {"UP", 0},
};
static const struct { const char *word; int8_t spare; } raid_spares[] = {
	{"NRAID", 0}, {"RAID0", 0}, {"RAID1", 1}, {"RAID3", 1}, {"RAID5", 1}, {"RAID50", 1}, {"RAID10", 1},
	{"RAID6", 2}, {"ADAPT", 2}, {"MSA-DP+", 2},
};
/* clang-format on */

/* For certain, wherever it falls; -1: a type that is not known. */
static int8_t spare_of_raid(const char *raid)
{
	for (size_t i = 0; i < ARRAY_SIZE(raid_spares); i++)
		if (text_equal(raid, raid_spares[i].word))
			return raid_spares[i].spare;
	return -1;
}

static int8_t spare_of_group(const char *status, const char *raid)
{
	/* "fault tolerant" by its own word: of a type that is not known, 1 for certain */
	if (text_equal(status, "FTOL"))
		return (int8_t)(spare_of_raid(raid) < 0 ? 1 : spare_of_raid(raid));
	for (size_t i = 0; i < ARRAY_SIZE(group_spares); i++)
		if (text_equal(status, group_spares[i].word))
			return group_spares[i].spare;
	return -1;
}

/* "12%" of a reconstruction. */
static void take_job(struct reading *r, json_object *o)
{
	const char *done = manage_text(o, "current-job-completion");
	char *end;
	double percent = strtod(done, &end);

	if (text_equal(manage_text(o, "current-job"), "RCON") && *done && text_equal(end, "%") &&
		percent >= 0 && percent <= 100)
		reading_add(r, FACT_REBUILD_PCT, percent);
	else if (r->state == STATE_OK)
		reading_add(r, FACT_REBUILD_PCT, 100);
}

static void take_counts(struct reading *r, json_object *o, const char *raid)
{
	double spares;

	if (spare_of_raid(raid) >= 0)
		reading_add(r, FACT_PARITY, spare_of_raid(raid));
	if (manage_number(o, "sparecount", &spares) && spares >= 0 && spares <= 1000)
		reading_add(r, FACT_SPARES, spares);
}

int mc_disk_groups(json_object *answer, struct mc_groups *groups, const struct manage_sink *sink)
{
	size_t n;
	json_object *l = mc_list(answer, "disk-groups", &n);

	groups->n = 0;
	if (!l)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		const char *status = manage_text(o, "status"), *raid = manage_text(o, "raidtype");
		struct mc_group *g = &groups->at[groups->n];
		struct reading r;

		mc_begin(&r, KIND_POOL, o, "");
		MC_TAKE(r.name, o, "name");
		MC_JUDGE(&r, o, "status", group_words);
		mc_judge_health(&r, o);
		MC_TAKE(r.model, o, "raidtype");
		take_job(&r, o);
		take_counts(&r, o, raid);
		mc_tell(&r, "", sink);
		/* a cache of reads holds nothing that is not elsewhere */
		if (groups->n == MC_GROUPS || !*status ||
			text_equal(manage_text(o, "storage-tier"), "Read Cache"))
			continue;
		*g = (struct mc_group){.spare = spare_of_group(status, raid)};
		copy_text(g->name, sizeof(g->name), r.name);
		groups->n += g->name[0] != 0;
	}
	return 0;
}

static void measure_pool(struct reading *r, json_object *o)
{
	const char *word = manage_text(o, "over-committed"), *number = manage_text(o, "over-committed-numeric");
	bool over = text_equal(word, "True") || (!*word && text_equal(number, "1"));
	double total, free_now;

	if (over || text_equal(word, "False") || (!*word && text_equal(number, "0")))
		reading_add(r, FACT_OVERCOMMITTED, over);
	/* one whose volumes all have their room is full when it is used up as it was meant to be */
	if (over && manage_number(o, "total-size-numeric", &total) && manage_number(o, "total-avail-numeric", &free_now) && total > 0 &&
		free_now >= 0 && free_now <= total)
		reading_add(r, FACT_USED_PCT, 100 * (total - free_now) / total);
}

int mc_pools(json_object *answer, const struct manage_sink *sink)
{
	size_t n;
	json_object *l = mc_list(answer, "pools", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		struct reading r;

		/* a linear one is its disk group, which is told already */
		if (text_equal(manage_text(o, "storage-type"), "Linear"))
			continue;
		mc_begin(&r, KIND_POOL, o, "");
		MC_TAKE(r.name, o, "name");
		mc_judge_health(&r, o);
		measure_pool(&r, o);
		mc_tell(&r, "", sink);
	}
	return l ? 0 : -EBADMSG;
}

static struct mc_group *group_of(struct mc_groups *groups, json_object *disk)
{
	char name[sizeof(groups->at[0].name)] = "";

	MC_TAKE(name, disk, "disk-group");
	for (unsigned i = 0; name[0] && i < groups->n; i++)
		if (text_equal(groups->at[i].name, name))
			return &groups->at[i];
	return NULL;
}

static void name_disk(struct reading *r, json_object *o)
{
	char wwn[24] = "";

	MC_TAKE(wwn, o, "wwn");
	for (char *c = wwn; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'F' ? *c - 'A' + 'a' : *c);
	if (strlen(wwn) == 16 && strspn(wwn, "0123456789abcdef") == 16)
		format_text(r->name, sizeof(r->name), "wwn-0x%s", wwn);
	else if (r->serial[0])
		format_text(r->name, sizeof(r->name), "serial-%s", r->serial);
	else
		MC_TAKE(r->name, o, "location");
}

/* "1.12": enclosure and slot. */
static void place_disk(struct reading *r, json_object *o)
{
	const char *location = manage_text(o, "location"), *dot = strchr(location, '.');
	char *end = NULL;
	long slot = dot ? strtol(dot + 1, &end, 10) : -1;

	if (!dot || end == dot + 1 || *end || slot < 0 || slot > 999)
		return;
	r->slot = (int16_t)slot;
	copy_device_text(r->enclosure, sizeof(r->enclosure), location, (size_t)(dot - location));
}

static void measure_disk(struct reading *r, json_object *o)
{
	static const struct {
		const char *key;
		enum fact fact;
		double least, most;
	} facts[] = {{"temperature-numeric", FACT_TEMPERATURE, -40, 150},
		{"power-on-hours", FACT_POWER_ON_HOURS, 1, 1e6}};
	double v, size;

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (manage_number(o, facts[i].key, &v) && v >= facts[i].least && v <= facts[i].most)
			reading_add(r, facts[i].fact, v);
	/* 255: not an SSD */
	if (manage_number(o, "ssd-life-left-numeric", &v) && v >= 0 && v <= 100)
		reading_add(r, FACT_WEAR_PCT, 100 - v);
	if (manage_number(o, "size-numeric", &v) && manage_number(o, "blocksize", &size) && v > 0 &&
		size >= 512 && size <= 4096 && v * size < 1e18)
		r->capacity_bytes = (uint64_t)(v * size);
}

static void read_disk(struct reading *r, json_object *o)
{
	mc_begin(r, KIND_DRIVE, o, "");
	MC_JUDGE(r, o, "status", disk_words);
	mc_judge_health(r, o);
	for (size_t i = 0; i < ARRAY_SIZE(usage_words); i++)
		if (text_equal(manage_text(o, "usage"), usage_words[i].word))
			MC_JUDGE(r, o, "usage", usage_words);
	MC_TAKE(r->firmware, o, "revision");
	name_disk(r, o);
	place_disk(r, o);
	measure_disk(r, o);
}

static bool is_serving(const struct reading *r)
{
	return r->state == STATE_OK || r->state == STATE_DEGRADED;
}

int mc_disks(json_object *answer, struct mc_groups *groups, const struct manage_sink *sink)
{
	size_t n;
	json_object *l = mc_list(answer, "drives", &n);
	struct mc_group *g;
	struct reading r;

	if (!l)
		return -EBADMSG;
	for (unsigned i = 0; i < groups->n; i++)
		groups->at[i].serving = 0;
	for (size_t i = 0; i < n; i++) {
		read_disk(&r, json_object_array_get_idx(l, i));
		g = group_of(groups, json_object_array_get_idx(l, i));
		if (g && is_serving(&r))
			g->serving++;
	}
	for (size_t i = 0; i < n; i++) {
		read_disk(&r, json_object_array_get_idx(l, i));
		g = group_of(groups, json_object_array_get_idx(l, i));
		if (g) {
			copy_text(r.group, sizeof(r.group), g->name);
			r.group_need = (uint16_t)MAX_OF(g->serving - g->spare, 1);
		}
		mc_tell(&r, "", sink);
	}
	return 0;
}
