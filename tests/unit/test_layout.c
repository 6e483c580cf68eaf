/* Arrays of md and file systems of btrfs: what each needs, what serves, and how it is read below a root. */
#include "layout_root.h"

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

static struct heard look(enum outcome want)
{
	static const struct reading base = {.job = 5, .source = 1, .slot = -1, .plane = PLANE_INBAND};
	struct heard h = {};
	struct layout_out o = {hear, &h, map, &base, root, 0};

	assert_int_equal(layout_md(&o), want);
	assert_int_equal(layout_btrfs(&o), OUTCOME_OK);
	return h;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_md_arrays),
		cmocka_unit_test(test_what_is_no_array),
		cmocka_unit_test(test_readings_of_a_root),
		cmocka_unit_test(test_btrfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
