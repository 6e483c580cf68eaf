/* Pools, disk groups and disks of a Dot Hill array: what each needs, and what serves. */
#include "mc_lab.h"

static void read_pool(struct kept *k, const char *group, const char *disks)
{
	const struct manage_sink sink = {keep, k};
	struct mc_groups groups;
	json_object *g = answer(group), *d = answer(disks);

	*k = (struct kept){};
	assert_int_equal(mc_disk_groups(g, &groups, &sink), 0);
	assert_int_equal(mc_disks(d, &groups, &sink), 0);
	json_object_put(g);
	json_object_put(d);
}

#define DISK(slot, state)                                                                              \
	"{\"durable-id\":\"disk_01.0" slot "\",\"location\":\"1." slot "\",\"serial-number\":\"S" slot "\","   \
	"\"disk-group\":\"dgA01\",\"status\":\"Up\",\"health\":\"" state "\",\"temperature-numeric\":31,"    \
	"\"power-on-hours\":100,\"ssd-life-left-numeric\":255,\"size-numeric\":1000,\"blocksize\":512}"

static void test_need_follows_the_groups_own_word(void **unused)
{
	static const struct {
		const char *status, *raid, *third;
		unsigned need;
		enum state want;
	} cases[] = {
		{"FTOL", "RAID5", "OK", 3, STATE_OK}, {"FTOL", "RAID6", "OK", 2, STATE_OK},
		{"FTOL", "ADAPT", "OK", 2, STATE_OK}, {"FTOL", "MSA-DP+", "OK", 2, STATE_OK},
		{"FTOL", "RAID10", "OK", 3, STATE_OK}, {"FTOL", "RAID99", "OK", 3, STATE_OK},
		{"UP", "RAID0", "OK", 4, STATE_OK}, {"UP", "NRAID", "OK", 4, STATE_OK},
		{"CRIT", "RAID5", "Fault", 3, STATE_DEGRADED}, {"FTDN", "RAID6", "Fault", 2, STATE_DEGRADED},
		{"DMGD", "ADAPT", "OK", 3, STATE_DEGRADED}, {"OFFL", "RAID5", "OK", 5, STATE_FAILED},
		{"MSNG", "RAID5", "OK", 5, STATE_FAILED}, {"QTCR", "RAID5", "Fault", 4, STATE_SERVICE},
		{"QTDN", "RAID6", "OK", 5, STATE_SERVICE}, {"QTOF", "RAID6", "OK", 5, STATE_SERVICE},
		{"QTUN", "RAID6", "OK", 5, STATE_SERVICE}, {"STOP", "RAID6", "OK", 5, STATE_SERVICE},
		{"UNKN", "RAID6", "OK", 5, STATE_UNKNOWN}, {"WHAT", "RAID6", "OK", 5, STATE_UNKNOWN},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char group[256], disks[2048];
		struct kept k;

		snprintf(group, sizeof(group),
			"{\"disk-groups\":[{\"name\":\"dgA01\",\"raidtype\":\"%s\",\"status\":\"%s\",\"health\":\"OK\","
			"\"current-job\":\"RCON\",\"current-job-completion\":\"12%%\"}]}", cases[i].raid, cases[i].status);
		snprintf(disks, sizeof(disks), "{\"drives\":[" DISK("1", "OK") "," DISK("2", "OK") "," DISK("3", "%s") "," DISK("4", "Degraded") "]}",
			cases[i].third);
		read_pool(&k, group, disks);
		assert_state(find(&k, KIND_POOL, "dgA01"), cases[i].want, cases[i].status);
		assert_true(fact_of(find(&k, KIND_POOL, "dgA01"), FACT_REBUILD_PCT) == 12);
		if (find(&k, KIND_DRIVE, "serial-S1")->group_need != cases[i].need)
			fail_msg("%s %s: need %u", cases[i].status, cases[i].raid, find(&k, KIND_DRIVE, "serial-S1")->group_need);
		assert_string_equal(find(&k, KIND_DRIVE, "serial-S1")->group, "dgA01");
		assert_int_equal(find(&k, KIND_DRIVE, "serial-S1")->slot, 1);
		assert_true(fact_of(find(&k, KIND_DRIVE, "serial-S1"), FACT_WEAR_PCT) == -1);
		assert_true(find(&k, KIND_DRIVE, "serial-S1")->capacity_bytes == 512000);
	}
}

static void test_spares_and_parity_of_a_group(void **unused)
{
	struct kept k;

	(void)unused;
	read_pool(&k, "{\"disk-groups\":[{\"name\":\"dgA01\",\"raidtype\":\"RAID6\",\"status\":\"FTOL\",\"health\":\"OK\",\"sparecount\":2}]}",
		"{\"drives\":[]}");
	assert_true(fact_of(find(&k, KIND_POOL, "dgA01"), FACT_PARITY) == 2);
	assert_true(fact_of(find(&k, KIND_POOL, "dgA01"), FACT_SPARES) == 2);
	assert_true(fact_of(find(&k, KIND_POOL, "dgA01"), FACT_REBUILD_PCT) == 100);
	read_pool(&k, "{\"disk-groups\":[{\"name\":\"dgA01\",\"raidtype\":\"RAID99\",\"status\":\"CRIT\",\"health\":\"OK\"}]}",
		"{\"drives\":[]}");
	assert_true(fact_of(find(&k, KIND_POOL, "dgA01"), FACT_PARITY) == -1);
	assert_true(fact_of(find(&k, KIND_POOL, "dgA01"), FACT_SPARES) == -1);
	assert_true(fact_of(find(&k, KIND_POOL, "dgA01"), FACT_REBUILD_PCT) == -1);
}

static void test_disks_by_every_word(void **unused)
{
	static const struct word_case words[] = {{"Up", STATE_OK}, {"Spun Down", STATE_OK}, {"Warning", STATE_DEGRADED},
		{"Unsupported", STATE_DEGRADED}, {"Error", STATE_FAILED}, {"Unrecoverable", STATE_FAILED},
		{"Disconnected", STATE_FAILED}, {"Not Present", STATE_ABSENT}, {"Not present", STATE_ABSENT},
		{"Unknown", STATE_UNKNOWN}, {"Unavailable", STATE_UNKNOWN}, {"Ok", STATE_UNKNOWN}};
	static const struct word_case usages[] = {{"VIRTUAL POOL", STATE_OK}, {"GLOBAL SP", STATE_OK}, {"FAILED", STATE_FAILED},
		{"UNUSABLE", STATE_FAILED}, {"LEFTOVR", STATE_DEGRADED}, {"AVAIL", STATE_OK}};
	char text[256];
	struct kept k;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		snprintf(text, sizeof(text), "{\"drives\":[{\"wwn\":\"5000C5008E3F1A2B\",\"status\":\"%s\",\"health\":\"OK\"}]}", words[i].word);
		read_pool(&k, "{\"disk-groups\":[]}", text);
		assert_state(find(&k, KIND_DRIVE, "wwn-0x5000c5008e3f1a2b"), words[i].want, words[i].word);
	}
	for (size_t i = 0; i < ARRAY_SIZE(usages); i++) {
		snprintf(text, sizeof(text), "{\"drives\":[{\"location\":\"1.1\",\"status\":\"Up\",\"usage\":\"%s\"}]}", usages[i].word);
		read_pool(&k, "{\"disk-groups\":[]}", text);
		assert_state(find(&k, KIND_DRIVE, "1.1"), usages[i].want, usages[i].word);
	}
	/* facts alone are no state */
	read_pool(&k, "{\"disk-groups\":[]}", "{\"drives\":[{\"location\":\"1.1\",\"temperature-numeric\":30}]}");
	assert_state(find(&k, KIND_DRIVE, "1.1"), STATE_UNKNOWN, "");
}

static void test_pools_by_every_word(void **unused)
{
	static const struct {
		const char *pool;
		enum state want;
		double over, used;
	} rows[] = {
		{"\"health\":\"OK\",\"over-committed\":\"False\",\"total-size-numeric\":400,\"total-avail-numeric\":100", STATE_OK, 0, -1},
		{"\"health\":\"Degraded\",\"over-committed\":\"True\",\"total-size-numeric\":400,\"total-avail-numeric\":100", STATE_DEGRADED, 1, 75},
		{"\"health\":\"Fault\",\"over-committed-numeric\":1", STATE_FAILED, 1, -1},
		{"\"health\":\"Unknown\",\"over-committed-numeric\":0", STATE_UNKNOWN, 0, -1},
		{"\"health\":\"N/A\",\"over-committed\":\"Maybe\"", STATE_UNKNOWN, -1, -1},
		{"\"health\":\"fine\",\"over-committed\":\"True\",\"total-size-numeric\":0,\"total-avail-numeric\":0", STATE_UNKNOWN, 1, -1},
		{"\"health-numeric\":2,\"over-committed-numeric\":1,\"total-size-numeric\":4,\"total-avail-numeric\":5", STATE_FAILED, 1, -1},
		{"\"serial-number\":\"1\"", STATE_UNKNOWN, -1, -1},
	};
	char text[256], why[64];
	json_object *o;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept k = {};
		const struct manage_sink sink = {keep, &k};

		snprintf(text, sizeof(text), "{\"pools\":[{\"name\":\"A\",\"storage-type\":\"Virtual\",%s}]}", rows[i].pool);
		assert_int_equal(mc_answer(text, strlen(text), &o, why, sizeof(why)), 0);
		assert_int_equal(mc_pools(o, &sink), 0);
		assert_state(find(&k, KIND_POOL, "A"), rows[i].want, rows[i].pool);
		assert_true(fact_of(&k.r[0], FACT_OVERCOMMITTED) == rows[i].over && fact_of(&k.r[0], FACT_USED_PCT) == rows[i].used);
		assert_int_equal(mc_pools(NULL, &sink), -EBADMSG);
		json_object_put(o);
	}
}

/* A linear pool has the name of its disk group, which speaks for itself. */
static void test_captured_and_linear_pools(void **unused)
{
	static const char linear[] = "{\"pools\":[{\"name\":\"dgA01\",\"storage-type\":\"Linear\",\"health\":\"OK\"}]}";
	json_object *p = capture("list_pools.txt"), *l = NULL;
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	char why[64];

	(void)unused;
	assert_int_equal(mc_answer(linear, strlen(linear), &l, why, sizeof(why)), 0);
	assert_int_equal(mc_pools(l, &sink), 0);
	assert_int_equal(k.n, 0);
	json_object_put(l);
	if (!p) {
		print_message("no data: BALLAST_DATA/msa-cli is not here\n");
		skip();
	}
	assert_int_equal(mc_pools(p, &sink), 0);
	assert_state(find(&k, KIND_POOL, "A"), STATE_OK, "OK");
	json_object_put(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_need_follows_the_groups_own_word), cmocka_unit_test(test_spares_and_parity_of_a_group),
		cmocka_unit_test(test_disks_by_every_word), cmocka_unit_test(test_pools_by_every_word),
		cmocka_unit_test(test_captured_and_linear_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
