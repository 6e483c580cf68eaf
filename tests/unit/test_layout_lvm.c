/* Volumes of LVM as dmsetup table and dmsetup status show them, and whose they are below a root. */
#include "layout_root.h"

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
		cmocka_unit_test(test_lvm_volumes),
		cmocka_unit_test(test_lvm_below_a_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
