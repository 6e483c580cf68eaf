#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/layout.h"

/* An array as the kernel shows it: attributes, then "node state slot" of each leg. */
struct md_case {
	const char *why, *level, *disks, *degraded, *state, *action, *completed, *layout;
	const char *legs;
	uint8_t want;        /* enum state */
	const char *raw;
	int16_t pct;
	uint16_t sets, members, need, spares, serving;
};

/* clang-format off */
static const struct md_case cases[] = {
	{"raid1, whole", "raid1", "2", "0", "clean", "idle", "none", "0", "sda1 in_sync 0;sdb1 in_sync 1", STATE_OK, "clean", -1, 1, 2, 1, 0, 2},
	{"raid1, one faulty", "raid1", "2", "1", "clean", "idle", "none", "0", "sda1 in_sync 0;sdb1 faulty none",
	 STATE_DEGRADED, "degraded, 1 of 2 missing", -1, 1, 2, 1, 0, 1},
	{"raid1, one taken out", "raid1", "2", "1", "clean", "idle", "none", "0", "sda1 in_sync 0",
	 STATE_DEGRADED, "degraded, 1 of 2 missing", -1, 1, 2, 1, 0, 1},
	{"the list says less than the count", "raid1", "2", "0", "clean", "idle", "none", "0", "sda1 in_sync 0",
	 STATE_DEGRADED, "degraded, 1 of 2 missing", -1, 1, 2, 1, 0, 1},
	{"raid5, whole, with a spare", "raid5", "3", "0", "active", "idle", "none", "2",
	 "sda in_sync 0;sdb in_sync 1;sdc in_sync 2;sdd spare none", STATE_OK, "active", -1, 1, 3, 2, 1, 3},
	{"raid5, onto the spare", "raid5", "3", "1", "clean", "recover", "25 / 100", "2",
	 "sda in_sync 0;sdb faulty none;sdc in_sync 2;sdd spare 1", STATE_DEGRADED, "degraded, recover", 25, 1, 3, 2, 0, 2},
	{"raid6, two gone", "raid6", "6", "2", "active", "idle", "none", "2",
	 "sda in_sync 0;sdb in_sync 1;sdc in_sync 2;sdd in_sync,write_error 3", STATE_DEGRADED, "degraded, 2 of 6 missing", -1, 1, 6, 4, 0, 4},
	{"raid10 of two mirrors", "raid10", "4", "0", "clean", "idle", "none", "258",
	 "sda in_sync 0;sdb in_sync 1;sdc in_sync 2;sdd in_sync 3", STATE_OK, "clean", -1, 2, 2, 1, 0, 4},
	{"raid10 of three disks is one set", "raid10", "3", "0", "clean", "idle", "none", "258",
	 "sda in_sync 0;sdb in_sync 1;sdc in_sync 2", STATE_OK, "clean", -1, 1, 3, 2, 0, 3},
	{"raid0 can lose nothing", "raid0", "2", NULL, "clean", NULL, NULL, "0", "sda in_sync 0;sdb in_sync 1", STATE_OK, "clean", -1, 1, 0, 2, 0, 2},
	{"first copy", "raid1", "2", "0", "active", "resync", "1 / 3", "0", "sda in_sync 0;sdb in_sync 1", STATE_DEGRADED, "resync", 33, 1, 2, 1, 0, 2},
	{"a check is no rebuild", "raid1", "2", "0", "active", "check", "1 / 3", "0", "sda in_sync 0;sdb in_sync 1", STATE_OK, "active", -1, 1, 2, 1, 0, 2},
	{"waits for another rebuild", "raid1", "2", "1", "clean", "recover", "delayed", "0", "sda in_sync 0;sdb spare 1",
	 STATE_DEGRADED, "degraded, recover", -1, 1, 2, 1, 0, 1},
	{"does not run", "raid5", "3", NULL, "inactive", NULL, NULL, NULL, "sda spare 0", STATE_FAILED, "inactive", -1, 1, 3, 2, 0, 0},
	{"too many lost", "raid5", "3", "2", "broken", "idle", "none", "2", "sda in_sync 0", STATE_FAILED, "broken", -1, 1, 3, 2, 0, 1},
	{"a word nobody knows", "raid1", "2", "0", "dreaming", "idle", "none", "0", "sda in_sync 0;sdb in_sync 1", STATE_UNKNOWN, "dreaming", -1, 1, 2, 1, 0, 2},
	{"no word", "raid1", "2", "0", NULL, NULL, NULL, NULL, "sda in_sync 0;sdb in_sync 1", STATE_UNKNOWN, "no state", -1, 1, 2, 1, 0, 2},
	{"a level nobody knows", "raid99", "2", "0", "clean", "idle", "none", "0", "sda in_sync 0", STATE_UNKNOWN, "raid99", -1, 0, 0, 0, 0, 1},
};
/* clang-format on */

static void decode(const struct md_case *c, struct layout_pool *p)
{
	const struct md_text t = {"md0", c->level, c->disks, c->degraded, c->state, c->action, c->completed,
		c->layout};
	char legs[256], *save = NULL, node[32], state[32], slot[8];

	copy_text(legs, sizeof(legs), c->legs);
	assert_int_equal(md_decode(&t, p), OUTCOME_OK);
	for (char *leg = strtok_r(legs, ";", &save); leg; leg = strtok_r(NULL, ";", &save)) {
		assert_int_equal(sscanf(leg, "%31s %31s %7s", node, state, slot), 3);
		assert_true(md_leg(p, node, state, slot));
	}
	md_end(p, &t);
	layout_pool_end(p);
}

static void test_md_arrays(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct md_case *c = &cases[i];
		struct layout_pool p;
		unsigned serving = 0;

		decode(c, &p);
		for (unsigned k = 0; k < p.nlegs; k++)
			serving += p.legs[k].state == LEG_SERVING;
		if (p.state != c->want || strcmp(p.raw, c->raw) != 0 || p.rebuild_pct != c->pct)
			fail_msg("%s: %s '%s' %d", c->why, state_text((enum state)p.state), p.raw, p.rebuild_pct);
		if (p.nsets != c->sets || p.spares != c->spares || serving != c->serving)
			fail_msg("%s: %u sets, %u spares, %u serve", c->why, p.nsets, p.spares, serving);
		if (p.nsets && (p.sets[0].members != c->members || p.sets[0].need != c->need))
			fail_msg("%s: %u of %u", c->why, p.sets[0].need, p.sets[0].members);
	}
}

static void test_what_is_no_array(void **unused)
{
	struct layout_pool p;

	(void)unused;
	assert_int_equal(md_decode(&(struct md_text){.name = "md127", .level = "container"}, &p), OUTCOME_UNSUPPORTED);
	assert_int_equal(md_decode(&(struct md_text){.name = "md127", .level = ""}, &p), OUTCOME_UNSUPPORTED);
	assert_int_equal(md_decode(&(struct md_text){.name = "md127", .level = "raid1", .raid_disks = "0"}, &p),
		OUTCOME_NONSENSE);
	assert_int_equal(md_decode(&(struct md_text){.name = "md127", .level = "raid6", .raid_disks = "2"}, &p),
		OUTCOME_NONSENSE);
	assert_int_equal(md_decode(&(struct md_text){.name = "md1", .level = "raid1", .raid_disks = "70000"}, &p),
		OUTCOME_NONSENSE);
	for (unsigned i = 0; i < LAYOUT_LEGS; i++)
		assert_true(md_leg(&p, "sda", "in_sync", "0"));
	assert_false(md_leg(&p, "sda", "in_sync", "0"));
}

/* ---- below a root of our own ---- */

static char root[64];

static void put(const char *path, const char *text)
{
	char full[512], *at;
	FILE *f;

	format_text(full, sizeof(full), "%s/%s", root, path);
	for (at = full + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		(void)mkdir(full, 0755);
		*at = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void put_md(const char *legs)
{
	char copy[256], *save = NULL;

	put("block/md0/md/level", "raid1\n");
	put("block/md0/md/raid_disks", "2\n");
	put("block/md0/md/degraded", "0\n");
	put("block/md0/md/array_state", "clean\n");
	put("block/md0/md/sync_action", "idle\n");
	put("block/md0/md/layout", "0\n");
	copy_text(copy, sizeof(copy), legs);
	for (char *leg = strtok_r(copy, ";", &save); leg; leg = strtok_r(NULL, ";", &save)) {
		char node[32], state[32], slot[8], path[128];

		assert_int_equal(sscanf(leg, "%31s %31s %7s", node, state, slot), 3);
		format_text(path, sizeof(path), "block/md0/md/dev-%s/state", node);
		put(path, state);
		format_text(path, sizeof(path), "block/md0/md/dev-%s/slot", node);
		put(path, slot);
	}
}

static void put_btrfs(bool missing)
{
#define FS "fs/btrfs/0f1d2420-0000-4000-8000-00000000000a/"
	put("fs/btrfs/features/raid1c34", "0\n");
	put(FS "label", "data\n");
	put(FS "allocation/data/raid1/total_bytes", "1\n");
	put(FS "allocation/metadata/raid1c3/total_bytes", "1\n");
	put(FS "allocation/system/raid1/total_bytes", "1\n");
	put(FS "devinfo/1/missing", "0\n");
	put(FS "devinfo/2/missing", missing ? "1\n" : "0\n");
	put(FS "devices/sdc", "");
	if (!missing)
		put(FS "devices/loop3", "");
#undef FS
}

static bool map(const char *sysfs, const char *node, char *ret, size_t size)
{
	assert_string_equal(sysfs, root);
	/* a loop device is on no drive of ours */
	return strncmp(node, "loop", 4) != 0 && format_text(ret, size, "wwn-%.3s", node);
}

struct heard {
	struct reading r[16];
	unsigned n;
};

static void hear(const struct reading *r, void *arg)
{
	struct heard *h = arg;

	assert_true(h->n < ARRAY_SIZE(h->r));
	h->r[h->n++] = *r;
}

static void clean(void)
{
	char command[128];

	format_text(command, sizeof(command), "rm -rf '%s'", root);
	assert_int_equal(system(command), 0);
}

static struct heard look(enum outcome want)
{
	static const struct reading base = {.job = 5, .source = 1, .slot = -1, .plane = PLANE_INBAND};
	struct heard h = {};
	struct layout_out o = {hear, &h, map, &base, root, 0};

	assert_int_equal(layout_md(&o), want);
	assert_int_equal(layout_btrfs(&o), OUTCOME_OK);
	return h;
}

static void make_root(void)
{
	copy_text(root, sizeof(root), "/tmp/ballast-layout-XXXXXX");
	assert_non_null(mkdtemp(root));
}

static void test_readings_of_a_root(void **unused)
{
	struct heard h;
	double v = -1;

	(void)unused;
	make_root();
	assert_int_equal(look(OUTCOME_OK).n, 0); /* no md, no btrfs: nothing, and that is all */
	put_md("sda1 in_sync 0;sdb1 in_sync 1");
	h = look(OUTCOME_OK);
	assert_int_equal(h.n, 4);
	assert_int_equal(h.r[0].kind, KIND_POOL);
	assert_int_equal(h.r[0].state, STATE_OK);
	assert_false(h.r[0].beside);
	assert_true(reading_find(&h.r[0], FACT_REBUILD_PCT, &v) && (int)v == 100);
	assert_int_equal(h.r[1].beside, 1);
	assert_int_equal(h.r[1].group_members, 2);
	assert_int_equal(h.r[1].group_need, 1);
	assert_int_equal(h.r[2].kind, KIND_DRIVE);
	assert_string_equal(h.r[2].group, "md0");
	assert_string_equal(h.r[3].name[4] == 'a' ? h.r[2].name : h.r[3].name, "wwn-sdb");
	/* with a leg on no drive of ours one is enough, so nothing is needed of the drives */
	put("block/md0/md/dev-sdb1/state", "faulty\n");
	put("block/md0/md/dev-loop0/state", "in_sync\n");
	put("block/md0/md/dev-loop0/slot", "1\n");
	assert_int_equal(look(OUTCOME_OK).n, 1);
	put("block/md0/md/raid_disks", "nonsense\n");
	assert_int_equal(look(OUTCOME_NONSENSE).n, 0);
	clean();
}

static void test_btrfs(void **unused)
{
	struct heard h;

	(void)unused;
	assert_int_equal(btrfs_tolerance("raid1c4"), 3);
	assert_int_equal(btrfs_tolerance("raid7"), -1);
	make_root();
	put_btrfs(true);
	h = look(OUTCOME_OK);
	assert_int_equal(h.n, 3);
	assert_int_equal(h.r[0].state, STATE_DEGRADED);
	assert_string_equal(h.r[0].raw, "1 of 2 devices there");
	assert_int_equal(h.r[1].group_members, 2);
	assert_string_equal(h.r[2].name, "wwn-sdc");
	put("fs/btrfs/0f1d2420-0000-4000-8000-00000000000a/allocation/system/single/total_bytes", "1\n");
	assert_int_equal(look(OUTCOME_OK).n, 1); /* the weakest profile holds: nothing to lose */
	clean();
}

/* ---- zpool status -PL ---- */

#define HEAD(state, scan) "  pool: tank\n state: " state "\n  scan: " scan "\nconfig:\n\n\tNAME  STATE  READ WRITE CKSUM\n\ttank  " state "  0 0 0\n"
#define TAIL "\nerrors: No known data errors\n"
#define ROW(depth, name, state) "\t" depth name "  " state "     0     0     0\n"
#define RESILVER "resilver in progress since Tue Nov 24 10:00:00 2026\n\t9G resilvered, 39.06% done, 01:02:03 to go"

static const struct zfs_case {
	const char *why, *text;
	uint8_t want;
	const char *raw;
	int16_t pct;
	uint16_t sets, need, spares, serving;
	enum outcome outcome;
} pools[] = {
	{"mirror", HEAD("ONLINE", "none requested") ROW("  ", "mirror-0", "ONLINE") ROW("    ", "/dev/sda1", "ONLINE")
		ROW("    ", "/dev/sdb1", "ONLINE") TAIL, STATE_OK, "ONLINE", -1, 1, 1, 0, 2, OUTCOME_OK},
	{"half a mirror", HEAD("DEGRADED", "none requested") ROW("  ", "mirror-0", "DEGRADED") ROW("    ", "/dev/sda1", "ONLINE")
		ROW("    ", "/dev/sdb1", "REMOVED") TAIL, STATE_DEGRADED, "degraded, 1 of 2 missing", -1, 1, 1, 0, 1, OUTCOME_OK},
	{"raidz2, two lost", HEAD("DEGRADED", "none requested") ROW("  ", "raidz2-0", "DEGRADED") ROW("    ", "/dev/sda1", "ONLINE")
		ROW("    ", "/dev/sdb1", "ONLINE") ROW("    ", "77", "UNAVAIL") ROW("    ", "/dev/sdd1", "FAULTED") TAIL,
		STATE_DEGRADED, "degraded, 2 of 4 missing", -1, 1, 2, 0, 2, OUTCOME_OK},
	{"replacing", HEAD("DEGRADED", RESILVER) ROW("  ", "mirror-0", "DEGRADED") ROW("    ", "replacing-0", "DEGRADED")
		ROW("      ", "/dev/sda1", "UNAVAIL") ROW("      ", "/dev/sdc1", "ONLINE") ROW("    ", "/dev/sdb1", "ONLINE") TAIL,
		STATE_DEGRADED, "degraded, 1 of 2 missing, resilver", 39, 1, 1, 0, 1, OUTCOME_OK},
	{"spare in use", HEAD("DEGRADED", "none requested") ROW("  ", "mirror-0", "DEGRADED") ROW("    ", "spare-0", "DEGRADED")
		ROW("      ", "/dev/sda1", "FAULTED") ROW("      ", "/dev/sdc1", "ONLINE") ROW("    ", "/dev/sdb1", "ONLINE")
		"\tspares\n\t  /dev/sdc1  INUSE  currently in use\n\t  /dev/sdd1  AVAIL\n" TAIL,
		STATE_DEGRADED, "DEGRADED", -1, 1, 1, 1, 2, OUTCOME_OK},
	{"faulted", HEAD("FAULTED", "none requested") ROW("  ", "mirror-0", "UNAVAIL") ROW("    ", "/dev/sda1", "UNAVAIL")
		ROW("    ", "/dev/sdb1", "UNAVAIL"), STATE_FAILED, "FAULTED", -1, 1, 1, 0, 0, OUTCOME_OK},
	{"a lost disk beside a mirror", HEAD("DEGRADED", "none requested") ROW("  ", "/dev/sda1", "UNAVAIL") TAIL,
		STATE_FAILED, "a top-level vdev is lost", -1, 1, 1, 0, 0, OUTCOME_OK},
	{"as it is printed, with advice, a log, a cache and a spare",
		"  pool: tank\n state: DEGRADED\nstatus: One or more devices could not be used because the label is missing or\n"
		"\tinvalid.  Sufficient replicas exist for the pool to continue\n\tfunctioning in a degraded state.\n"
		"action: Replace the device using 'zpool replace'.\n   see: https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-4J\n"
		"  scan: scrub repaired 0B in 00:00:01 with 0 errors on Sun Nov  8 00:24:02 2026\nconfig:\n\n"
		"\tNAME                      STATE     READ WRITE CKSUM\n\ttank                      DEGRADED     0     0     0\n"
		"\t  raidz1-0                DEGRADED     0     0     0\n\t    /dev/sda1             ONLINE       0     0     0\n"
		"\t    12270285711083450837  UNAVAIL      0     0     0  was /dev/sdb1\n"
		"\t    /dev/sdc1             ONLINE       0     0     0\n\tlogs\t\n\t  /dev/nvme0n1p1          ONLINE       0     0     0\n"
		"\tcache\n\t  /dev/nvme0n1p2          ONLINE       0     0     0\n\tspares\n\t  /dev/sdd1               AVAIL   \n" TAIL,
		STATE_DEGRADED, "degraded, 1 of 3 missing", -1, 1, 2, 1, 2, OUTCOME_OK},
	{"data errors", HEAD("ONLINE", "none requested") ROW("  ", "mirror-0", "ONLINE") ROW("    ", "/dev/sda1", "ONLINE")
		ROW("    ", "/dev/sdb1", "ONLINE") "\nerrors: 3 data errors, use '-v' for a list\n",
		STATE_DEGRADED, "3 data errors", -1, 1, 1, 0, 2, OUTCOME_OK},
	{"suspended", HEAD("SUSPENDED", "none requested") ROW("  ", "/dev/sda1", "FAULTED") TAIL,
		STATE_FAILED, "SUSPENDED", -1, 1, 1, 0, 0, OUTCOME_OK},
	{"a vdev nobody knows", HEAD("ONLINE", "none requested") ROW("  ", "quartz-0", "ONLINE") ROW("    ", "/dev/sda1", "ONLINE") TAIL,
		STATE_UNKNOWN, "quartz-0", -1, 0, 0, 0, 0, OUTCOME_NONSENSE},
	{"a word nobody knows", HEAD("DREAMING", "none requested") ROW("  ", "/dev/sda1", "ONLINE") TAIL,
		STATE_UNKNOWN, "DREAMING", -1, 0, 0, 0, 1, OUTCOME_NONSENSE},
};

static struct layout_pool last;

static void keep_pool(const struct layout_pool *p, void *arg)
{
	++*(unsigned *)arg;
	last = *p;
}

static void test_zfs(void **unused)
{
	unsigned n = 0;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(pools); i++) {
		const struct zfs_case *c = &pools[i];
		unsigned serving = 0;
		enum outcome o = zfs_parse(c->text, strlen(c->text), keep_pool, &n);

		for (unsigned k = 0; k < last.nlegs; k++)
			serving += last.legs[k].state == LEG_SERVING;
		if (o != c->outcome || last.state != c->want || strcmp(last.raw, c->raw) != 0 || last.rebuild_pct != c->pct)
			fail_msg("%s: %d %s '%s' %d", c->why, o, state_text((enum state)last.state), last.raw, last.rebuild_pct);
		if (last.nsets != c->sets || last.spares != c->spares || serving != c->serving ||
			(c->sets && last.sets[0].need != c->need))
			fail_msg("%s: %u sets, %u spares, %u serve, %u needed", c->why, last.nsets, last.spares, serving, last.sets[0].need);
		for (size_t len = 0; len < strlen(c->text); len++) {
			last.state = STATE_UNKNOWN;
			(void)!zfs_parse(c->text, len, keep_pool, &n);
			assert_int_not_equal(last.state, STATE_OK);
		}
	}
	assert_int_equal(zfs_parse("no pools available\n", 19, keep_pool, &n), OUTCOME_OK);
	assert_int_equal(zfs_parse("what?\n", 6, keep_pool, &n), OUTCOME_NONSENSE);
}

static void test_long_names_stay_apart(void **unused)
{
	static const char text[] = "  pool: a-pool-for-the-backups-of-everybody\n state: ONLINE\n  scan: none requested\nconfig:\n\n"
		"\ta-pool-for-the-backups-of-everybody  ONLINE  0 0 0\n" ROW("  ", "mirror-0", "ONLINE")
		ROW("    ", "/dev/sda1", "ONLINE") ROW("    ", "/dev/sdb1", "ONLINE") ROW("  ", "mirror-1", "ONLINE")
		ROW("    ", "/dev/sdc1", "ONLINE") ROW("    ", "/dev/sdd1", "ONLINE") TAIL;
	char a[16], b[16];
	unsigned n = 0;

	(void)unused;
	assert_int_equal(zfs_parse(text, strlen(text), keep_pool, &n), OUTCOME_OK);
	assert_int_equal(last.nsets, 2);
	assert_string_equal(last.sets[1].name + strlen(last.sets[1].name) - 9, " mirror-1");
	layout_name(a, sizeof(a), "the-same-beginning-1", "mirror");
	layout_name(b, sizeof(b), "the-same-beginning-2", "mirror");
	assert_string_not_equal(a, b);
	layout_name(a, sizeof(a), "md0", "");
	assert_string_equal(a, "md0");
}

/* ---- what dmsetup table and dmsetup status show of LVM's volumes ---- */

#define PAIRS2 "2 254:0 254:1 254:2 254:3"
#define PAIRS3 "3 254:0 254:1 254:2 254:3 254:4 254:5"
#define PAIRS4 "4 254:0 254:1 254:2 254:3 254:4 254:5 254:6 254:7"
#define PAIRS5 "5 254:0 254:1 254:2 254:3 254:4 254:5 254:6 254:7 254:8 254:9"
#define RAID1 "raid1 3 0 region_size 4096 " PAIRS2
#define RAID5 "raid5_ls 3 128 region_size 4096 " PAIRS3
#define RAID10 "raid10 7 128 region_size 1024 raid10_format near raid10_copies 2 " PAIRS4
#define FAR "raid10 7 128 region_size 1024 raid10_format far raid10_copies 2 " PAIRS4
#define MIRROR "disk 2 254:0 1024 2 254:1 0 254:2 0"

/* clang-format off */
static const struct lvm_case {
	const char *why, *target, *table, *status;
	uint8_t want;
	const char *raw;
	int16_t pct;
	uint16_t sets, members, need, parity, serving;
	enum outcome outcome;
} volumes[] = {
	{"raid1, whole", "raid", RAID1, "raid1 2 AA 49152/49152 idle 0 0 -", STATE_OK, "active", -1, 1, 2, 1, 1, 2, OUTCOME_OK},
	{"raid1, one dead", "raid", RAID1, "raid1 2 AD 49152/49152 idle 0 0 -", STATE_DEGRADED, "degraded, 1 of 2 missing", -1, 1, 2, 1, 1, 1, OUTCOME_OK},
	{"raid1, one not there", "raid", "raid1 3 0 region_size 4096 2 254:0 254:1 - -", "raid1 2 A- 49152/49152 idle 0 0 -",
	 STATE_DEGRADED, "degraded, 1 of 2 missing", -1, 1, 2, 1, 1, 1, OUTCOME_OK},
	{"raid1, onto a new leg", "raid", RAID1, "raid1 2 Aa 12288/49152 recover 0 0 -", STATE_DEGRADED, "degraded, recover", 25, 1, 2, 1, 1, 1, OUTCOME_OK},
	{"raid1, first copy", "raid", RAID1, "raid1 2 aa 0/49152 resync 0 0 -", STATE_DEGRADED, "resync", 0, 1, 2, 1, 1, 2, OUTCOME_OK},
	{"raid1, first copy not begun", "raid", RAID1, "raid1 2 aa 0/49152 idle 0 0 -", STATE_DEGRADED, "not in sync", -1, 1, 2, 1, 1, 2, OUTCOME_OK},
	{"a check is no rebuild", "raid", RAID1, "raid1 2 AA 1024/49152 check 128 0 -", STATE_OK, "active", -1, 1, 2, 1, 1, 2, OUTCOME_OK},
	{"raid5, whole", "raid", RAID5, "raid5_ls 3 AAA 49152/49152 idle 0 0 -", STATE_OK, "active", -1, 1, 3, 2, 1, 3, OUTCOME_OK},
	{"raid5, two dead", "raid", RAID5, "raid5_ls 3 ADD 49152/49152 idle 0 0 -", STATE_FAILED, "broken", -1, 1, 3, 2, 1, 1, OUTCOME_OK},
	{"raid6, two dead", "raid", "raid6_zr 3 128 region_size 4096 " PAIRS5, "raid6_zr 5 AADDA 9/9 idle 0 0 -",
	 STATE_DEGRADED, "degraded, 2 of 5 missing", -1, 1, 5, 3, 2, 3, OUTCOME_OK},
	{"raid10 of two mirrors", "raid", RAID10, "raid10 4 AAAA 9/9 idle 0 0 -", STATE_OK, "active", -1, 2, 2, 1, 1, 4, OUTCOME_OK},
	{"raid10, a mirror dead", "raid", RAID10, "raid10 4 DDAA 9/9 idle 0 0 -", STATE_FAILED, "broken", -1, 2, 2, 1, 1, 2, OUTCOME_OK},
	{"raid10 with far copies", "raid", FAR, "raid10 4 AAAA 9/9 idle 0 0 -", STATE_OK, "active", -1, 1, 4, 3, 1, 4, OUTCOME_OK},
	{"raid0 can lose nothing", "raid", "raid0 1 128 2 - 254:1 - 254:3", "raid0 2 AA 9/9 idle 0 0 -", STATE_OK, "active", -1, 1, 0, 2, 0, 2, OUTCOME_OK},
	{"mirror", "mirror", MIRROR, "2 254:1 254:2 100/100 1 AA 3 disk 254:0 A", STATE_OK, "active", -1, 1, 2, 1, 1, 2, OUTCOME_OK},
	{"mirror, one dead", "mirror", MIRROR, "2 254:1 254:2 100/100 1 AD 3 disk 254:0 A", STATE_DEGRADED, "degraded, 1 of 2 missing", -1, 1, 2, 1, 1, 1, OUTCOME_OK},
	{"mirror, half copied", "mirror", MIRROR, "2 254:1 254:2 50/100 1 AA 3 disk 254:0 A", STATE_DEGRADED, "degraded, resync", 50, 1, 2, 1, 1, 1, OUTCOME_OK},
	{"a letter nobody knows", "raid", RAID1, "raid1 2 AX 9/9 idle 0 0 -", STATE_UNKNOWN, "AX", -1, 0, 0, 0, 1, 1, OUTCOME_OK},
	{"an action nobody knows", "raid", RAID1, "raid1 2 AA 9/9 dream 0 0 -", STATE_UNKNOWN, "dream", -1, 0, 0, 0, 1, 2, OUTCOME_OK},
	{"a type nobody knows", "raid", "raid7 1 0 " PAIRS2, "raid7 2 AA 9/9 idle 0 0 -", STATE_UNKNOWN, "raid7", -1, 0, 0, 0, 0, 0, OUTCOME_OK},
	{"a target nobody knows", "error", "", "", STATE_UNKNOWN, "error", -1, 0, 0, 0, 0, 0, OUTCOME_OK},
	{"cut short", "raid", RAID1, "raid1 2 AA 9/9", STATE_UNKNOWN, "", -1, 0, 0, 0, 0, 0, OUTCOME_NONSENSE},
	{"two do not agree", "raid", RAID5, "raid1 2 AA 9/9 idle 0 0 -", STATE_UNKNOWN, "", -1, 0, 0, 0, 0, 0, OUTCOME_NONSENSE},
	{"more letters than legs", "raid", RAID1, "raid1 2 AAA 9/9 idle 0 0 -", STATE_UNKNOWN, "", -1, 0, 0, 0, 0, 0, OUTCOME_NONSENSE},
	{"no ratio", "raid", RAID1, "raid1 2 AA x/9 idle 0 0 -", STATE_UNKNOWN, "", -1, 0, 0, 0, 0, 0, OUTCOME_NONSENSE},
	{"nothing", "raid", "", "", STATE_UNKNOWN, "", -1, 0, 0, 0, 0, 0, OUTCOME_OK},
};
/* clang-format on */

static struct lvm_text lvm;

static void test_lvm_volumes(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(volumes); i++) {
		const struct lvm_case *c = &volumes[i];
		struct layout_pool p;
		unsigned serving = 0;
		enum outcome o;

		lvm = (struct lvm_text){.name = "vg0-data"};
		copy_text(lvm.target, sizeof(lvm.target), c->target);
		copy_text(lvm.table, sizeof(lvm.table), c->table);
		copy_text(lvm.status, sizeof(lvm.status), c->status);
		o = lvm_decode(&lvm, &p);
		layout_pool_end(&p);
		if (o != c->outcome || (o == OUTCOME_OK && (p.state != c->want || p.rebuild_pct != c->pct)) || p.state == STATE_TRANSITION)
			fail_msg("%s: %d %s '%s' %d", c->why, o, state_text((enum state)p.state), p.raw, p.rebuild_pct);
		assert_false(o != OUTCOME_OK && p.state == STATE_OK);
		if (o != OUTCOME_OK || !*c->raw)
			continue;
		for (unsigned k = 0; k < p.nlegs; k++)
			serving += p.legs[k].state == LEG_SERVING;
		if (strcmp(p.raw, c->raw) != 0 || p.nsets != c->sets || serving != c->serving || p.parity != c->parity)
			fail_msg("%s: '%s', %u sets, %u serve, parity %u", c->why, p.raw, p.nsets, serving, p.parity);
		if (p.nsets && (p.sets[0].members != c->members || (c->members && p.sets[0].need != c->need)))
			fail_msg("%s: %u of %u", c->why, p.sets[0].need, p.sets[0].members);
		assert_string_equal(p.name, "lvm-vg0-data");
		if (c->sets && !strncmp(c->target, "raid", 4))
			assert_string_equal(p.legs[0].node, "254:1");
		lvm.suspended = true;
		assert_int_equal(lvm_decode(&lvm, &p), OUTCOME_OK);
		assert_int_not_equal(p.state, STATE_OK);
	}
	assert_true(lvm_passing("vg0-pvmove0"));
	assert_true(lvm_passing("a--b-pvmove1"));
	assert_false(lvm_passing("vg0-data"));
	assert_false(lvm_passing("vg--pvmove0-data"));
}

static enum outcome answer;
static unsigned asked;

static enum outcome ask_lvm(struct lvm_text *t)
{
	asked++;
	assert_string_equal(t->name, "vg0-data");
	copy_text(t->target, sizeof(t->target), "raid");
	copy_text(t->table, sizeof(t->table), "raid1 3 0 region_size 4096 2 254:0 254:1 254:2 254:3");
	copy_text(t->status, sizeof(t->status), "raid1 2 AA 49152/49152 idle 0 0 -");
	return answer;
}

static void point(const char *path, const char *to)
{
	char full[512];

	put(path, "");
	format_text(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(symlink(to, full), 0);
}

static void test_lvm_below_a_root(void **unused)
{
	static const struct reading base = {.slot = -1, .plane = PLANE_INBAND};
	struct heard h = {};
	struct layout_out o = {hear, &h, map, &base, root, 0};

	(void)unused;
	make_root();
	asked = 0;
	put("block/dm-9/dm/uuid", "CRYPT-LUKS2-0\n");
	put("block/dm-9/dm/name", "secret\n");
	put("block/dm-8/dm/uuid", "LVM-linear\n");
	put("block/dm-8/dm/name", "vg0-root\n");
	put("block/dm-8/slaves/sda2/ro", "0\n");
	assert_int_equal(layout_lvm(&o, ask_lvm), OUTCOME_OK);
	assert_int_equal(asked, 0); /* nothing redundant: nobody is asked */
	put("block/dm-4/dm/uuid", "LVM-raid\n");
	put("block/dm-4/dm/name", "vg0-data\n");
	put("block/dm-4/slaves/dm-1/dm/name", "vg0-data_rimage_0\n");
	point("dev/block/254:1", "../../devices/virtual/block/sda");
	point("dev/block/254:3", "../../devices/virtual/block/sdb");
	answer = OUTCOME_OK;
	assert_int_equal(layout_lvm(&o, ask_lvm), OUTCOME_OK);
	assert_int_equal(h.n, 4);
	assert_string_equal(h.r[0].name, "lvm-vg0-data");
	assert_string_equal(h.r[0].model, "lvm raid1");
	assert_int_equal(h.r[0].state, STATE_OK);
	assert_int_equal(h.r[1].group_members, 2);
	assert_string_equal(h.r[3].name, "wwn-sdb");
	answer = OUTCOME_GONE;
	assert_int_equal(layout_lvm(&o, ask_lvm), OUTCOME_OK);
	answer = OUTCOME_REFUSED;
	assert_int_equal(layout_lvm(&o, ask_lvm), OUTCOME_REFUSED);
	assert_int_equal(h.n, 4);
	clean();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_md_arrays),
		cmocka_unit_test(test_what_is_no_array),
		cmocka_unit_test(test_readings_of_a_root),
		cmocka_unit_test(test_btrfs),
		cmocka_unit_test(test_zfs),
		cmocka_unit_test(test_lvm_volumes),
		cmocka_unit_test(test_lvm_below_a_root),
		cmocka_unit_test(test_long_names_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
