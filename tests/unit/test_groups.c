#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "agent/group_parts.h"
#include "verdict_world.h"

static void test_expected_never_falls_by_itself(void **unused)
{
	struct component_row c;

	(void)unused;
	two_canisters();
	world_settle();
	world_state(B, STATE_ABSENT);
	expect("absent is still expected", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	c = *component_at(&world->e.model, B);
	c.used = 0;
	emit(&world->e, REC_COMPONENT_FORGOTTEN, TABLE_COMPONENT, B, &c, SEV_NONE, NULL);
	expect("forgotten on purpose", VERDICT_SINGLE, 0, 0, FULL);
}

/* A layout says who serves, however well the others may be; and nobody is missing twice. */
static void test_a_layout_counts_its_members(void **unused)
{
	uint32_t drive[4], pool, other;
	struct group_told told = {.members = 4, .need = 3, .n = 4, .member = drive};
	struct component_row c;

	(void)unused;
	pool = world_component(KIND_POOL, "md0", STATE_OK);
	other = world_component(KIND_DRIVE, "spare", STATE_OK);
	for (unsigned i = 0; i < 4; i++) {
		drive[i] = world_component(KIND_DRIVE, (const char *[]){"d1", "d2", "d3", "d4"}[i], STATE_OK);
		world_seen(drive[i], 0, PLANE_INBAND, 600000);
	}
	world_seen(other, 0, PLANE_INBAND, 600000);
	group_tell(&world->e, 0, "md0", &told);
	expect("four of four, three needed", VERDICT_REDUNDANT, 1, 1, FULL);
	told.n = 3;
	group_tell(&world->e, 0, "md0", &told);
	expect("the fourth is not in sync, though the drive is well", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_state(drive[0], STATE_FAILED);
	expect("and another one fails before the layout says so", VERDICT_NOT_REDUNDANT, -1, 1, FULL);
	drive[0] = other;
	told.n = 4;
	group_tell(&world->e, 0, "md0", &told);
	world_settle();
	assert_int_equal(world_group("md0")->serving, 4);
	assert_int_equal(world_group("md0")->margin, 1);
	told.n = 0;
	group_tell(&world->e, 0, "md0", &told);
	world_settle();
	assert_int_equal(world_group("md0")->margin, -1);
	assert_false(world_group("md0")->unseen);
	c = *component_at(&world->e.model, pool);
	c.used = 0;
	emit(&world->e, REC_COMPONENT_FORGOTTEN, TABLE_COMPONENT, pool, &c, SEV_NONE, NULL);
	world_settle();
	assert_null(world_group("md0"));
}

static void test_expected_stays_when_what_is_known_of_the_way_changes(void **unused)
{
	(void)unused;
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	P[0] = world_component(KIND_PATH, "p1", STATE_OK);
	P[1] = world_component(KIND_PATH, "p2", STATE_OK);
	world_settle();
	assert_int_equal(world_group("paths")->expected, 1);
	world_via(P[0], A);
	world_via(P[1], A);
	expect("both turn out to go through one canister", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
}

static void test_expected_counts_units_once_they_are_known(void **unused)
{
	(void)unused;
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
	for (unsigned i = 0; i < 4; i++)
		P[i] = world_component(KIND_PATH, (const char *[]){"p1", "p2", "p3", "p4"}[i], STATE_OK);
	world_settle();
	assert_int_equal(world_group("paths")->expected, 3);
	for (unsigned i = 0; i < 4; i++)
		world_via(P[i], i < 2 ? A : B);
	expect("four paths through two canisters", VERDICT_REDUNDANT, 1, 1, FULL);
}

static void adopt(uint32_t component)
{
	struct component_row c = *component_at(&world->e.model, component);

	c.flags |= COMPONENT_ADOPTED;
	emit(&world->e, REC_ADOPTED, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
}

static void test_a_guest_is_not_expected(void **unused)
{
	uint32_t guest;

	(void)unused;
	two_canisters();
	adopt(A);
	adopt(B);
	expect("two", VERDICT_REDUNDANT, 1, 1, FULL);
	guest = world_component(KIND_CANISTER, "C", STATE_OK);
	expect("a third that nobody asked for", VERDICT_REDUNDANT, 2, 1, FULL);
	world_state(guest, STATE_ABSENT);
	expect("and gone again", VERDICT_REDUNDANT, 1, 1, FULL);
	world_state(guest, STATE_OK);
	adopt(guest);
	expect("taken in", VERDICT_REDUNDANT, 2, 2, FULL);
	world_state(guest, STATE_ABSENT);
	expect("now it is missed", VERDICT_DEGRADED, 1, 2, FULL);
}

static void test_declared_canisters(void **unused)
{
	(void)unused;
	world->config->arrays[0].expect_canisters = 2;
	world_source(0, PLANE_MANAGEMENT, false);
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	expect("the second has not been read yet", VERDICT_AT_RISK, 0, 1, VISIBILITY_BLIND);
	assert_int_equal(array_at(&world->e.model, 0)->verdict, VERDICT_NONE);
	world_source(0, PLANE_MANAGEMENT, true);
	expect("a complete answer without it", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
	expect("there it is", VERDICT_REDUNDANT, 1, 1, FULL);
}

static void test_power_supplies(void **unused)
{
	uint32_t psu[4];
	static const char *const names[] = {"1", "2", "3", "4"};

	(void)unused;
	for (unsigned i = 0; i < 4; i++)
		psu[i] = world_component(KIND_PSU, names[i], STATE_OK);
	expect("four, two needed", VERDICT_REDUNDANT, 2, 2, FULL);
	world_state(psu[0], STATE_FAILED);
	expect("one gone", VERDICT_DEGRADED, 1, 2, FULL);
}

/* A drive that failed out of a pool is as bad as what the pool has left, not worse. */
static void test_told_out_of_a_pool_is_still_spared_by_it(void **unused)
{
	uint32_t d[6];
	struct group_told t = {.need = 4, .members = 6, .n = 6, .member = d};

	(void)unused;
	for (unsigned i = 0; i < 6; i++) {
		char name[8];

		format_text(name, sizeof(name), "m%u", i);
		d[i] = world_component(KIND_DRIVE, name, STATE_OK);
	}
	(void)world_component(KIND_POOL, "md0", STATE_OK);
	group_tell(&world->e, 0, "md0", &t);
	world_settle();
	assert_int_equal(world_group("md0")->margin, 2);
	world_state(d[5], STATE_FAILED);
	t.n = 5;
	group_tell(&world->e, 0, "md0", &t);
	world_settle();
	assert_int_equal(world_group("md0")->margin, 1);
	assert_int_equal(world_group("md0")->expected, 2);
	assert_true(drive_spared(&world->e.model, d[5]));
	world_state(d[4], STATE_FAILED);
	t.n = 4;
	group_tell(&world->e, 0, "md0", &t);
	world_settle();
	assert_int_equal(world_group("md0")->margin, 0);
	assert_false(drive_spared(&world->e.model, d[5]));
	world_state(d[4], STATE_OK);
	t.n = 5;
	group_tell(&world->e, 0, "md0", &t);
	world_settle();
	assert_int_equal(world_group("md0")->margin, 1);
}

/* A pool's name may be longer than its group's, and hold blanks; while it is forgotten, so is its group. */
static void test_a_group_knows_its_pool_by_more_than_its_name(void **unused)
{
	uint32_t d[2] = {world_component(KIND_DRIVE, "d1", STATE_OK), world_component(KIND_DRIVE, "d2", STATE_OK)};
	uint32_t pool = world_component(KIND_POOL, "btrfs-0f1d2420-0000-4000-8000-00000000000a", STATE_OK);
	struct group_told t = {.members = 2, .need = 1, .n = 2, .member = d, .pool = pool};
	struct component_row c;

	(void)unused;
	group_tell(&world->e, 0, "btrfs-0f1d2420-0000-4000-8000-0", &t);
	group_tell(&world->e, 0, "Pool 1", &t);
	world_settle();
	assert_int_equal(world_group("btrfs-0f1d2420-0000-4000-8000-0")->margin, 1);
	assert_int_equal(world_group("Pool 1")->margin, 1);
	c = *component_at(&world->e.model, pool);
	c.used = 0;
	emit(&world->e, REC_COMPONENT_FORGOTTEN, TABLE_COMPONENT, pool, &c, SEV_NONE, NULL);
	world->e.dirty = true;
	world_settle();
	assert_int_equal(group_find(&world->e.model, 0, "Pool 1"), NONE32);
}

#define UNIT(n) "paths to ..00000000000000000" n

static void failed_inband(uint32_t path)
{
	world_state(path, STATE_FAILED);
	world_seen(path, 1, PLANE_INBAND, 2000);
}

static void test_a_unit_without_a_path_is_lost(void **unused)
{
	(void)unused;
	two_canisters();
	four_paths();
	for (unsigned i = 0; i < 4; i++)
		leads_to(P[i], 1);
	expect("one unit", VERDICT_REDUNDANT, 1, 1, FULL);
	assert_int_equal(group_count(&world->e.model), 2);
	leads_to(P[1], 2);
	leads_to(P[3], 2);
	expect("two units, two paths each", VERDICT_REDUNDANT, 1, 1, FULL);
	assert_int_equal(world_group("paths")->members, 4);
	assert_int_equal(world_group(UNIT("002"))->members, 2);
	failed_inband(P[1]);
	expect("one of its two", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	failed_inband(P[3]);
	expect("and the other", VERDICT_ACCESS_LOST, -1, 1, FULL);
	assert_int_equal(world_group("paths")->margin, 1);
	assert_int_equal(world_group(UNIT("001"))->margin, 1);
	assert_string_equal(group_unit_alone(&world->e.model, 0)->name, UNIT("002"));
	assert_string_equal(world->alerts[world->nalerts - 1].summary,
		"Unit ..00000000000000000002 of array san1 is lost to this host");
	world_state(B, STATE_FAILED);
	world_settle();
	assert_non_null(group_unit_alone(&world->e.model, 0)); /* a canister serves, and the rest by it */
	world_state(A, STATE_FAILED);
	world_settle();
	assert_null(group_unit_alone(&world->e.model, 0));
}

static void test_whom_a_unit_counts(void **unused)
{
	struct component_row c;

	(void)unused;
	world->config->arrays[0].expect_paths = 4;
	two_canisters();
	four_paths();
	for (unsigned i = 0; i < 4; i++)
		leads_to(P[i], 1 + i % 2);
	expect("declared for the array, not for each unit", VERDICT_REDUNDANT, 1, 1, FULL);
	assert_int_equal(world_group(UNIT("001"))->members, 2);
	c = *component_at(&world->e.model, P[1]);
	c.flags = 0;
	emit(&world->e, REC_COMPONENT, TABLE_COMPONENT, P[1], &c, SEV_NONE, NULL);
	world->e.dirty = true;
	world_settle();
	assert_int_equal(world_group(UNIT("002"))->members, 1); /* never adopted */
	leads_to(P[1], 1);
	world_settle();
	assert_int_equal(world_group(UNIT("001"))->members, 3); /* leads elsewhere now */
	leads_to(P[3], 1);
	world_settle();
	assert_int_equal(group_find(&world->e.model, 0, UNIT("001")), NONE32);
	assert_int_equal(group_find(&world->e.model, 0, UNIT("002")), NONE32);
	assert_int_equal(world_group("paths")->members, 4);
}

static void test_how_a_unit_is_called(void **unused)
{
	static const struct {
		const char *unit, *name;
	} t[] = {{"0x60050768018105f4a800000000000010", "paths to ..05f4a800000000000010"},
		{"0x60050768018105f4a800000000000001", "paths to ..05f4a800000000000001"},
		{"0x60014058765432100000000000000000", "paths to 0x600140587654321"},
		{"0x60014058765432112345678900000000", "paths to ..40587654321123456789"}};

	(void)unused;
	two_canisters();
	four_paths();
	for (unsigned i = 0; i < 4; i++) {
		struct component_row c = *component_at(&world->e.model, P[i]);

		copy_text(c.unit, sizeof(c.unit), t[i].unit);
		c.flags |= COMPONENT_ADOPTED;
		emit(&world->e, REC_COMPONENT, TABLE_COMPONENT, P[i], &c, SEV_NONE, NULL);
	}
	world->e.dirty = true;
	world_settle();
	for (unsigned i = 0; i < 4; i++)
		if (group_find(&world->e.model, 0, t[i].name) == NONE32)
			fail_msg("nobody is called %s", t[i].name);
}

/* More units than are kept in mind: the group of all paths still has every one, and the lost one is found. */
static void test_units_are_bounded(void **unused)
{
	unsigned groups = 0;
	char name[16];
	uint32_t p = NONE32;

	(void)unused;
	world_source(1, PLANE_INBAND, true);
	for (unsigned i = 0; i < 300; i++) {
		format_text(name, sizeof(name), "p%u", i);
		/* what nobody has looked at yet must not push out what is known to be lost */
		p = world_component(KIND_PATH, name, i < 40 ? STATE_UNKNOWN : STATE_OK);
		if (i >= 40)
			world_seen(p, 1, PLANE_INBAND, 2000);
		leads_to(p, i);
		if (i == 200)
			failed_inband(p);
	}
	world_settle();
	for (uint32_t i = 0; i < group_count(&world->e.model); i++)
		groups += group_at(&world->e.model, i)->used &&
			  group_is_unit(group_at(&world->e.model, i));
	assert_int_equal(groups, 256);
	assert_int_equal(world_group("paths")->members, 300);
	assert_int_equal(array_at(&world->e.model, 0)->verdict, VERDICT_ACCESS_LOST);
}

/* However many units have nothing to spare, the canisters are looked at: only they have a new cause. */
static void test_units_never_hide_the_canisters(void **unused)
{
	char name[16];

	(void)unused;
	world_source(1, PLANE_INBAND, true);
	for (unsigned i = 0; i < 80; i++) {
		uint32_t p;

		format_text(name, sizeof(name), "p%u", i);
		p = world_component(KIND_PATH, name, STATE_OK);
		world_seen(p, 1, PLANE_INBAND, 2000);
		leads_to(p, i / 2);
	}
	world_settle();
	two_canisters();
	world_fact(B, FACT_ERROR_CODE, 7);
	world_settle();
	for (unsigned i = 0; i < 80; i += 2)
		failed_inband(model_find_component(&world->e.model, 0, KIND_PATH, (format_text(name, sizeof(name), "p%u", i), name)));
	world_state(A, STATE_FAILED);
	world_pass(1000);
	expect("every unit has one path left", VERDICT_NOT_REDUNDANT, 0, 1, FULL);
	world_pass(1000);
	world_fact(B, FACT_ERROR_CODE, 578);
	expect("the survivor has an error of its own", VERDICT_IMPENDING_LOSS, 0, 1, FULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(test_told_out_of_a_pool_is_still_spared_by_it),
		ROW(test_a_group_knows_its_pool_by_more_than_its_name),
		ROW(test_expected_never_falls_by_itself),
		ROW(test_a_layout_counts_its_members),
		ROW(test_expected_stays_when_what_is_known_of_the_way_changes),
		ROW(test_expected_counts_units_once_they_are_known),
		ROW(test_a_guest_is_not_expected),
		ROW(test_declared_canisters),
		ROW(test_a_unit_without_a_path_is_lost),
		ROW(test_whom_a_unit_counts),
		ROW(test_units_are_bounded),
		ROW(test_units_never_hide_the_canisters),
		ROW(test_how_a_unit_is_called),
		ROW(test_power_supplies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
