/* Pools of ZFS as zpool status -PL prints them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/layout.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zfs),
		cmocka_unit_test(test_long_names_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
