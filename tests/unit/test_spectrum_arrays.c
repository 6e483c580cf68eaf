/* Arrays of a Spectrum Virtualize system: how many members each needs, how many serve, and how far a rebuild is. */
#include "spectrum_lab.h"

/* The columns of IBM's documentation of each view. */
#define ARRAYS "mdisk_id|mdisk_name|status|mdisk_grp_id|mdisk_grp_name|capacity|raid_status|raid_level|redundancy|strip_size|tier|encrypt|distributed\n"
#define MEMBERS "mdisk_id|mdisk_name|member_id|drive_id|new_drive_id|spare_protection|balanced|slow_write_count\n"
#define MEMBER(member, drive) "0|mdisk0|" member "|" drive "||1|exact|\n"
#define PROGRESS "mdisk_id|mdisk_name|member_id|drive_id|task|progress|estimated_completion_time\n"
#define DRIVES "id|status|error_sequence_number|use|tech_type|capacity|mdisk_id|mdisk_name|member_id|enclosure_id|slot_id\n"
#define DRIVE(id, status, use) id "|" status "||" use "|tier_enterprise|558.4GB|0|mdisk0||1|" id "\n"
#define FOUR MEMBER("0", "1") MEMBER("1", "2") MEMBER("2", "3") MEMBER("3", "4")

static void keep_beside(const struct reading *r, const char *address, void *arg)
{
	assert_int_equal(r->beside, 1);
	keep(r, address, arg);
}

static const struct array_case {
	const char *why, *array, *members, *progress, *drives;
	enum state state;
	int members_of, need, serving, rebuild, spares, parity; /* -1 not told */
} array_cases[] = {
	{"raid5, whole, one spare", "0|mdisk0|online|0|p|1TB|online|raid5|1|256|tier_enterprise|no|no\n", FOUR, "",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member")
		DRIVE("5", "online", "spare"), STATE_OK, 4, 3, 4, 100, 1, 1},
	{"raid6, a place is empty", "0|mdisk0|degraded|0|p|1TB|degraded|raid6|1|256|tier_enterprise|no|no\n",
		MEMBER("0", "1") MEMBER("1", "2") MEMBER("2", "3") MEMBER("3", ""), "",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member"), STATE_DEGRADED, 4, 2, 3, -1, 0, 2},
	{"raid5, a member is offline", "0|mdisk0|degraded|0|p|1TB|degraded|raid5|0|256|t|no|no\n", FOUR, "",
		DRIVE("1", "online", "member") DRIVE("2", "offline", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member"),
		STATE_DEGRADED, 4, 3, 3, -1, 0, 1},
	{"raid5, onto the spare", "0|mdisk0|degraded|0|p|1TB|degraded|raid5|0|256|t|no|no\n", FOUR,
		PROGRESS "0|mdisk0|2|3|rebuild|42|261124201500\n",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member"),
		STATE_DEGRADED, 4, 3, 3, 42, 0, 1},
	{"it can lose less than its places say", "0|mdisk0|degraded|0|p|1TB|degraded|raid5|0|256|t|no|no\n", FOUR, "",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member"),
		STATE_DEGRADED, 4, 3, 3, -1, 0, 1},
	{"an exchange keeps what is there", "0|mdisk0|online|0|p|1TB|syncing|raid5|0|256|t|no|no\n", FOUR,
		PROGRESS "0|mdisk0|2|3|exchange|42|261124201500\n",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member"),
		STATE_DEGRADED, 4, 3, 4, -1, 0, 1},
	{"distributed, one gone and rebuilt", "0|mdisk0|online|0|p|1TB|online|raid6|2|256|t|no|yes\n",
		MEMBER("0", "1") MEMBER("1", "2") MEMBER("2", "3") MEMBER("3", "4") MEMBER("4", ""), "",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member"),
		STATE_OK, 4, 2, 4, 100, -1, 2},
	{"offline", "0|mdisk0|offline|0|p|1TB|offline|raid5|0|256|t|no|no\n", FOUR, "",
		DRIVE("1", "online", "member") DRIVE("2", "offline", "member") DRIVE("3", "offline", "member") DRIVE("4", "online", "member"),
		STATE_FAILED, 4, 3, 0, -1, 0, 1},
	{"raid0 can lose nothing", "0|mdisk0|online|0|p|1TB|online|raid0|0|256|t|no|no\n", FOUR, "",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member"),
		STATE_OK, 0, 0, 0, 100, 0, 0},
	{"a level nobody knows", "0|mdisk0|online|0|p|1TB|online|raid9|1|256|t|no|no\n", FOUR, "",
		DRIVE("1", "online", "member"), STATE_OK, 0, 0, 0, 100, 0, -1},
	{"a word nobody knows", "0|mdisk0|online|0|p|1TB|dreaming|raid5|1|256|t|no|no\n", FOUR, "",
		DRIVE("1", "online", "member") DRIVE("2", "online", "member") DRIVE("3", "online", "member") DRIVE("4", "online", "member"),
		STATE_UNKNOWN, 4, 3, 4, -1, 0, 1},
};

static void read_array(const struct array_case *c, struct spectrum_arrays *a)
{
	char view[1024];

	snprintf(view, sizeof(view), ARRAYS "%s", c->array);
	assert_int_equal(spectrum_arrays(cli(view), strlen(view), SPECTRUM_CLI, a), 1);
	snprintf(view, sizeof(view), MEMBERS "%s", c->members);
	assert_true(spectrum_array_members(cli(view), strlen(view), SPECTRUM_CLI, a) > 0);
	assert_true(spectrum_array_progress(cli(c->progress), strlen(c->progress), SPECTRUM_CLI, a) >= 0);
	snprintf(view, sizeof(view), DRIVES "%s", c->drives);
	assert_true(spectrum_array_drives(cli(view), strlen(view), SPECTRUM_CLI, a) > 0);
}

static void test_arrays_are_groups(void **unused)
{
	static struct spectrum_arrays a;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(array_cases); i++) {
		const struct array_case *c = &array_cases[i];
		struct reading pool = {.kind = KIND_POOL, .state = STATE_OK, .name = "mdisk0", .raw = "online"};
		struct kept k = {};
		int members = 0, need = 0, serving = 0;

		read_array(c, &a);
		spectrum_array_pool(&a, &pool);
		spectrum_array_groups(&a, &(const struct manage_sink){keep_beside, &k});
		for (unsigned n = 0; n < k.n; n++) {
			members += k.r[n].group_members;
			need += k.r[n].group_need;
			serving += k.r[n].kind == KIND_DRIVE;
			assert_string_equal(k.r[n].group, "mdisk0");
			assert_string_equal(k.r[n].name, n ? k.r[n].name : "mdisk0");
		}
		if (pool.state != c->state || members != c->members_of || need != c->need || serving != c->serving)
			fail_msg("%s: %s '%s', %d of %d needed, %d serve", c->why, state_text((enum state)pool.state), pool.raw,
				need, members, serving);
		if ((int)fact_of(&pool, FACT_REBUILD_PCT) != c->rebuild || (int)fact_of(&pool, FACT_SPARES) != c->spares ||
			(int)fact_of(&pool, FACT_PARITY) != c->parity)
			fail_msg("%s: rebuild %g, spares %g, parity %g", c->why, fact_of(&pool, FACT_REBUILD_PCT),
				fact_of(&pool, FACT_SPARES), fact_of(&pool, FACT_PARITY));
	}
	assert_int_equal(spectrum_arrays(cli(ARRAYS "0|mdisk0|online"), sizeof(ARRAYS "0|mdisk0|online") - 1, SPECTRUM_CLI, &a), -EBADMSG);
	assert_int_equal(spectrum_array_members(cli("mdisk_id|member_id\n|1\n"), 21, SPECTRUM_CLI, &a), -EBADMSG);
	assert_int_equal(a.nmembers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arrays_are_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
