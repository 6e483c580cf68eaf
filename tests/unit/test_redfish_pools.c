/* Volumes and storage pools of Redfish: how many drives each needs, how many serve, and what is not said. */
#include "redfish_lab.h"

/* Volumes in the words of DSP0268; @lost drives are critical, the last of @links is not among the drives when @gone. */
static const struct volume_case {
	const char *why, *type, *status, *more;
	unsigned links, lost;
	bool gone;
	enum state state;
	int members, need, serving, rebuild;
} volume_cases[] = {
	{"raid5, whole", "RAID5", "\"State\":\"Enabled\",\"Health\":\"OK\"", "", 3, 0, false, STATE_OK, 3, 2, 3, 100},
	{"raid1, whole", "RAID1", "\"State\":\"Enabled\",\"Health\":\"OK\"", "", 2, 0, false, STATE_OK, 2, 1, 2, 100},
	{"raid1, eight drives: a second loss may be the first one's twin", "RAID1", "\"State\":\"Enabled\",\"Health\":\"OK\"", "", 8, 0, false,
		STATE_OK, 8, 7, 8, 100},
	{"raid1triple, six drives", "RAID1Triple", "\"State\":\"Enabled\",\"Health\":\"OK\"", "", 6, 0, false, STATE_OK, 6, 4, 6, 100},
	{"raid5, a drive failed", "RAID5", "\"State\":\"Degraded\",\"Health\":\"Warning\"", "", 3, 1, false, STATE_DEGRADED, 3, 2, 2, -1},
	{"raid6, a drive is gone from the drives", "RAID6", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 5, 0, true,
		STATE_DEGRADED, 6, 4, 4, -1},
	{"raid5, a drive is gone from the links", "RAID5", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 2, 0, false,
		STATE_DEGRADED, 3, 2, 2, -1},
	{"raid6, nobody says how many are gone", "RAID6", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 4, 0, false,
		STATE_DEGRADED, 6, 4, 4, -1},
	{"raid6, one is gone from the links and one failed", "RAID6", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 5, 1, false,
		STATE_DEGRADED, 6, 4, 4, -1},
	{"raid6, two failed", "RAID6", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 6, 2, false, STATE_DEGRADED, 6, 4, 4, -1},
	{"raid60, one of two spans lost one from the links and one failed", "RAID60", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "",
		9, 1, false, STATE_DEGRADED, 10, 8, 8, -1},
	{"raid6tp, one is gone from the links and one failed", "RAID6TP", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 6, 1, false,
		STATE_DEGRADED, 8, 5, 5, -1},
	{"raid6tp, two failed", "RAID6TP", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 7, 2, false, STATE_DEGRADED, 8, 5, 5, -1},
	{"raid10triple, one is gone from the links and one failed", "RAID10Triple", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 5, 1,
		false, STATE_DEGRADED, 6, 4, 4, -1},
	{"raid1triple, a drive failed", "RAID1Triple", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 3, 1, false, STATE_DEGRADED, 4, 2, 2,
		-1},
	{"raid1 of three, one is gone from the links and one failed", "RAID1", "\"State\":\"Enabled\",\"Health\":\"Warning\"", "", 2, 1, false,
		STATE_DEGRADED, 2, 1, 1, -1},
	{"raid1, one is left", "RAID1", "\"State\":\"Degraded\",\"Health\":\"Warning\"", "", 1, 0, false, STATE_DEGRADED, 2, 1, 1, -1},
	{"raid5, being filled again", "RAID5", "\"State\":\"Enabled\",\"Health\":\"Warning\"",
		",\"Operations\":[{\"OperationName\":\"Rebuilding\",\"PercentageComplete\":37}]", 3, 0, false, STATE_DEGRADED, 4, 3, 3, 37},
	{"failed", "RAID5", "\"State\":\"Enabled\",\"Health\":\"Critical\"", "", 3, 2, false, STATE_FAILED, 3, 2, 0, -1},
	{"raid0 can lose nothing", "RAID0", "\"State\":\"Enabled\",\"Health\":\"OK\"", "", 2, 0, false, STATE_OK, 0, 0, 0, 100},
	{"a type nobody knows", "RAID77", "\"State\":\"Enabled\",\"Health\":\"OK\"", "", 3, 0, false, STATE_OK, 0, 0, 0, 100},
	{"a word nobody knows", "RAID5", "\"State\":\"Dreaming\",\"Health\":\"OK\"", "", 3, 0, false, STATE_UNKNOWN, 0, 0, 0, -1},
};

static void put_drive(unsigned n, bool lost)
{
	char text[256];
	json_object *o;

	format_text(text, sizeof(text), "{\"@odata.id\":\"/redfish/v1/Chassis/1/Drives/%u\",\"SerialNumber\":\"ZS%u\",\"Status\":"
		"{\"State\":\"Enabled\",\"Health\":\"%s\"}}", n, n, lost ? "Critical" : "OK");
	o = manage_json(text, strlen(text));
	assert_int_equal(redfish_drive(rf, o), 0);
	json_object_put(o);
}

/* As a volume, or as a storage pool as Seagate's service shows one. */
static json_object *volume_of(const struct volume_case *c, bool pool)
{
	char text[2048];
	int n = snprintf(text, sizeof(text), "{\"@odata.id\":\"/v\",\"Status\":{%s}%s,", c->status, c->more);

	*rf = (struct redfish){};
	n += snprintf(text + n, sizeof(text) - (size_t)n, pool ? "\"SupportedRAIDTypes\":[\"%s\"],\"CapacitySources\":[{\"ProvidingDrives\":{\"Members\":["
		: "\"RAIDType\":\"%s\",\"Links\":{\"Drives\":[", c->type);
	for (unsigned i = 0; i < c->links; i++) {
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s{\"@odata.id\":\"/redfish/v1/Chassis/1/Drives/%u\"}", i ? "," : "", i);
		if (!c->gone || i + 1 < c->links)
			put_drive(i, i < c->lost);
	}
	n += snprintf(text + n, sizeof(text) - (size_t)n, pool ? "]}}]}" : "]}}");
	return manage_json(text, (size_t)n);
}

static void each_volume_case(bool pool)
{
	for (size_t i = 0; i < ARRAY_SIZE(volume_cases); i++) {
		const struct volume_case *c = &volume_cases[i];
		json_object *o = volume_of(c, pool);
		int members = 0, need = 0, serving = 0;

		k.n = 0;
		assert_non_null(o);
		if (pool)
			assert_int_equal(redfish_pool(rf, o, "/redfish/v1/Storage/RAID.1/StoragePools/Disk 0"), 0);
		else
			assert_int_equal(redfish_volume(rf, o, "/redfish/v1/Systems/1/Storage/RAID.1/Volumes/Disk 0"), 0);
		redfish_pools(rf, &sink);
		assert_string_equal(k.r[0].name, "RAID.1.Disk_0");
		assert_string_equal(k.r[0].model, c->type);
		for (unsigned n = 1; n < k.n; n++) {
			assert_int_equal(k.r[n].beside, 1);
			members += k.r[n].group_members;
			need += k.r[n].group_need;
			serving += k.r[n].kind == KIND_DRIVE;
		}
		if (k.r[0].state != c->state || members != c->members || need != c->need || serving != c->serving ||
			(!pool && (int)fact_of(&k.r[0], FACT_REBUILD_PCT) != c->rebuild))
			fail_msg("%s: %s, %d of %d needed, %d serve, rebuild %g", c->why, state_text((enum state)k.r[0].state), need,
				members, serving, fact_of(&k.r[0], FACT_REBUILD_PCT));
		json_object_put(o);
	}
}

static void test_volumes_are_pools(void **unused)
{
	static const char path[] = "/redfish/v1/Storage/1/Volumes/1";

	(void)unused;
	each_volume_case(false);
	k.n = 0;
	static const char plain[] = "{\"@odata.id\":\"/v\",\"RAIDType\":\"None\"}";
	json_object *none = manage_json(plain, sizeof(plain) - 1);

	assert_int_equal(redfish_volume(rf, none, path), 0);
	redfish_pools(rf, &sink);
	assert_int_equal(k.n, 0);
	json_object_put(none);
}

static void test_a_volume_has_a_spare(void **unused)
{
	json_object *o = json("{\"@odata.id\":\"/v\",\"RAIDType\":\"RAID1\",\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\"},"
		"\"Links\":{\"DedicatedSpareDrives\":[{\"@odata.id\":\"/redfish/v1/Chassis/1/Drives/7\"}]}}");

	(void)unused;
	assert_int_equal(redfish_volume(rf, o, "/redfish/v1/Storage/1/Volumes/1"), 0);
	redfish_pools(rf, &sink);
	assert_int_equal((int)fact_of(&k.r[0], FACT_SPARES), 1);
	json_object_put(o);
}

static void test_storage_pools_by_their_drives(void **unused)
{
	(void)unused;
	each_volume_case(true);
}

static unsigned pool(const char *more, json_object **ret)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "{\"@odata.id\":\"/p\",\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\"}%s}", more);
	json_object *o = manage_json(text, (size_t)n);

	k.n = 0;
	assert_non_null(o);
	assert_int_equal(redfish_pool(rf, o, "/redfish/v1/Storage/a/StoragePools/A"), 0);
	redfish_pools(rf, &sink);
	if (ret)
		*ret = o;
	else
		json_object_put(o);
	return k.n;
}

#define MEMBER(n) "{\"@odata.id\":\"/redfish/v1/Chassis/1/Drives/" n "\"}"
#define TWO "\"ProvidingDrives\":{\"Members\":[" MEMBER("0") "," MEMBER("1") "]}"
#define RAID1 ",\"SupportedRAIDTypes\":[\"RAID1\"]"

/* What is not said gives no margin: the pool is told, and nothing of who serves. */
static void test_storage_pools_that_say_too_little(void **unused)
{
	static const char *const rows[] = {"", RAID1, ",\"CapacitySources\":[{" TWO "}]",
		",\"SupportedRAIDTypes\":[\"RAID1\",\"RAID5\"],\"CapacitySources\":[{" TWO "}]",
		RAID1 ",\"CapacitySources\":[{" TWO "},{" TWO "}]",
		RAID1 ",\"CapacitySources\":[{\"ProvidingPools\":{\"Members\":[{\"@odata.id\":\"/redfish/v1/Storage/a/StoragePools/B\"}]}}]",
		RAID1 ",\"CapacitySources\":[{\"ProvidingDrives\":{\"@odata.id\":\"/redfish/v1/d\"}}]",
		RAID1 ",\"CapacitySources\":[{\"ProvidingDrives\":{\"Members\":[" MEMBER("0") "," MEMBER("1") "],\"Members@odata.nextLink\":\"/redfish/v1/d?2\"}}]",
		",\"SupportedRAIDTypes\":[7],\"CapacitySources\":[{" TWO "}]"};

	(void)unused;
	put_drive(0, false);
	put_drive(1, false);
	assert_int_equal(pool(RAID1 ",\"CapacitySources\":[{" TWO "},{\"ProvidingPools\":{}}]", NULL), 4);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (pool(rows[i], NULL) != 1)
			fail_msg("%s: %u readings", rows[i], k.n);
	pool(",\"RemainingCapacityPercent\":7,\"Capacity\":{\"IsThinProvisioned\":true},\"RecoverableCapacitySourceCount\":2", NULL);
	assert_true(fact_of(&k.r[0], FACT_USED_PCT) == 93 && fact_of(&k.r[0], FACT_SPARES) == 2);
	pool(",\"RemainingCapacityPercent\":0,\"Links\":{\"DedicatedSpareDrives\":[" MEMBER("7") "]}", NULL);
	assert_true(fact_of(&k.r[0], FACT_USED_PCT) == -1 && fact_of(&k.r[0], FACT_SPARES) == 1);
}

static void view(const char *storage, const char *id, const char *health, bool volume)
{
	char text[256], path[128];
	json_object *o;

	snprintf(text, sizeof(text), "{\"@odata.id\":\"/p\",\"Id\":\"%s\",\"Status\":{\"State\":\"Enabled\",\"Health\":\"%s\"}%s}", id, health,
		volume ? ",\"RAIDType\":\"RAID5\"" : "");
	snprintf(path, sizeof(path), "/redfish/v1/Storage/%s/%s/%s", storage, volume ? "Volumes" : "StoragePools", id);
	o = manage_json(text, strlen(text));
	assert_non_null(o);
	assert_int_equal(volume ? redfish_volume(rf, o, path) : redfish_pool(rf, o, path), 0);
	json_object_put(o);
}

/* Shown by both controllers, in whichever order and by whom: one, and as the worst of them says. */
static void test_one_pool_by_two_storages(void **unused)
{
	static const char id[] = "00c0ff54605900000e80f16100000000";
	static const char *const healths[][3] = {{"OK", "Critical"}, {"Critical", "OK"}, {"Critical", NULL}};

	(void)unused;
	for (unsigned volume = 0; volume < 2; volume++)
		for (size_t i = 0; i < ARRAY_SIZE(healths); i++) {
			k.n = 0;
			if (healths[i][1])
				view("a", id, healths[i][1], volume);
			view("b", id, healths[i][0], volume);
			redfish_pools(rf, &sink);
			assert_int_equal(k.n, 1);
			assert_state(find(&k, KIND_POOL, id), STATE_FAILED, "Critical");
		}
	k.n = 0;
	view("a", "1", "OK", false);
	view("b", "1", "OK", false);
	redfish_pools(rf, &sink);
	assert_true(k.n == 2 && has(&k, KIND_POOL, "a.1") && has(&k, KIND_POOL, "b.1"));
}

/* A drive that only a silent storage may show is not gone. */
static void test_a_pool_while_a_storage_is_silent(void **unused)
{
	static const char both[] = RAID1 ",\"CapacitySources\":[{" TWO "}]";

	(void)unused;
	put_drive(0, false);
	assert_int_equal(pool(both, NULL), 3);
	redfish_storage_silent(rf, "/redfish/v1/Storage/b", "HTTP 503");
	assert_int_equal(pool(both, NULL), 1);
	put_drive(1, false);
	assert_int_equal(pool(both, NULL), 4);
}

static void test_drives_of_a_pool_by_a_link(void **unused)
{
	static const char collection[] = "{\"Members\":[" MEMBER("0") "," MEMBER("1") "]}",
			  half[] = "{\"Members\":[" MEMBER("0") "],\"Members@odata.nextLink\":\"/redfish/v1/d?2\"}";
	static const char linked[] = RAID1 ",\"CapacitySources\":[{\"ProvidingPools\":{}},{\"ProvidingDrives\":{\"@odata.id\":\"/redfish/v1/d\"}}]";
	char path[REDFISH_PATH] = "";
	json_object *o, *c = manage_json(collection, strlen(collection)), *h = manage_json(half, strlen(half));

	(void)unused;
	put_drive(0, false);
	put_drive(1, true);
	assert_int_equal(pool(linked, &o), 1);
	assert_false(redfish_pool_drives(o, 0, path) || redfish_pool_drives(o, 2, path));
	assert_true(redfish_pool_drives(o, 1, path));
	assert_string_equal(path, "/redfish/v1/d");
	redfish_pool_take_drives(o, 1, h);
	assert_true(redfish_pool_drives(o, 1, path)); /* half a list is none */
	redfish_pool_take_drives(o, 1, c);
	assert_false(redfish_pool_drives(o, 1, path));
	k.n = 0;
	assert_int_equal(redfish_pool(rf, o, "/redfish/v1/Storage/a/StoragePools/A"), 0);
	redfish_pools(rf, &sink);
	assert_int_equal(k.n, 3); /* the pool, its group, who serves */
	json_object_put(o);
	json_object_put(c);
	json_object_put(h);
}

static void test_drives_of_a_pool_that_are_no_object(void **unused)
{
	static const char *const values[] = {"[]", "\"/redfish/v1/d\"", "7", "null"};

	(void)unused;
	for (unsigned i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char text[128], path[REDFISH_PATH] = "";
		int n = snprintf(text, sizeof(text), "{\"CapacitySources\":[{\"ProvidingDrives\":%s}],\"Members\":[]}", values[i]);
		json_object *o = manage_json(text, (size_t)n);

		assert_false(redfish_pool_drives(o, 0, path));
		redfish_pool_take_drives(o, 0, o);
		assert_non_null(o);
		json_object_put(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_volumes_are_pools), FRESH(test_a_volume_has_a_spare),
		FRESH(test_storage_pools_by_their_drives), FRESH(test_storage_pools_that_say_too_little),
		FRESH(test_drives_of_a_pool_by_a_link), FRESH(test_drives_of_a_pool_that_are_no_object),
		FRESH(test_one_pool_by_two_storages), FRESH(test_a_pool_while_a_storage_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
