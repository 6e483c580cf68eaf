/* Storage controllers of Redfish: which are canisters, who stands in for whom, and what code waits for a restart. */
#include "redfish_lab.h"

static double pending(const char *items)
{
	static const char storage[] = "{\"@odata.id\":\"/redfish/v1/Storage/%s\",\"Status\":{\"Health\":\"OK\"},\"Redundancy\":[{\"MinNumNeeded\":1,"
				      "\"Mode\":\"Sharing\",\"RedundancySet\":[{\"@odata.id\":\"/redfish/v1/Storage/a\"},{\"@odata.id\":\"/redfish/v1/Storage/b\"}]}]}";
	char text[512], path[64];
	json_object *o;

	assert_int_equal(fresh(NULL), 0);
	for (const char *name = "ab"; *name; name++) {
		snprintf(path, sizeof(path), "/redfish/v1/Storage/%c", *name);
		snprintf(text, sizeof(text), storage, (char[]){*name, 0});
		o = json(text);
		assert_int_equal(redfish_storage(rf, o, path, &drives), 0);
		json_object_put(o);
	}
	o = json(items);
	for (size_t i = 0; i < json_object_array_length(o); i++)
		assert_int_equal(redfish_software(rf, json_object_array_get_idx(o, i)), 0);
	json_object_put(o);
	redfish_canisters(rf, "", &sink);
	assert_true(fact_of(find(&k, KIND_CANISTER, "b"), FACT_MICROCODE_PENDING) == -1);
	return fact_of(find(&k, KIND_CANISTER, "a"), FACT_MICROCODE_PENDING);
}

#define SOFTWARE(version, more) \
	"{\"@odata.id\":\"/redfish/v1/UpdateService/FirmwareInventory/x\",\"Version\":\"" version "\"," more \
	"\"RelatedItem\":[{\"@odata.id\":\"/redfish/v1/Managers/a\"},{\"@odata.id\":\"/redfish/v1/Managers/zz\"}]}"

static void test_code_that_waits(void **unused)
{
	static const struct {
		const char *items;
		double want; /* -1: not told */
		const char *firmware, *why;
	} rows[] = {
		{"[" SOFTWARE("1.0", "\"Active\":true,\"Staged\":false,") "," SOFTWARE("2.0", "\"Active\":false,\"Staged\":true,") "]", 1, "1.0", "waits"},
		{"[" SOFTWARE("2.0", "\"Staged\":true,") "," SOFTWARE("1.0", "\"Active\":true,") "]", 1, "1.0", "the other way round"},
		{"[" SOFTWARE("1.0", "\"Active\":true,\"Staged\":false,") "]", 0, "1.0", "runs, nothing waits"},
		{"[" SOFTWARE("1.0", "\"Active\":true,\"Staged\":true,") "]", -1, "1.0", "what runs does not wait"},
		{"[" SOFTWARE("1.0", "") "]", -1, "1.0", "an older service has no word for it"},
		{"[" SOFTWARE("0.9", "\"Active\":false,\"Staged\":false,") "]", -1, "", "merely kept there"},
		{"[" SOFTWARE("2.0", "\"Staged\":\"perhaps\",") "]", -1, "2.0", "neither word"},
	};
	json_object *o = json("{\"Version\":\"1\"}");

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double is = pending(rows[i].items);

		if (is < rows[i].want || is > rows[i].want || !text_equal(find(&k, KIND_CANISTER, "a")->firmware, rows[i].firmware))
			fail_msg("%s: %.0f '%s'", rows[i].why, is, find(&k, KIND_CANISTER, "a")->firmware);
	}
	assert_int_equal(redfish_software(rf, o), -EBADMSG);
	json_object_put(o);
}

#define TARGETS(staged, active) \
	"{\"@odata.id\":\"/redfish/v1/s\",\"Version\":\"2.0\",\"Staged\":true,\"Active\":true,\"RelatedItem\":[{\"@odata.id\":\"/redfish/v1/Drives/1\"}]," \
	"\"Links\":{\"StagedTargets\":[" staged "],\"ActiveTargets\":[" active "]}}"
#define D(n) "{\"@odata.id\":\"/redfish/v1/Drives/" n "\"}"

static double waits_on(const char *resource, enum kind kind)
{
	char text[160];
	json_object *o;

	k.n = rf->ndrives = 0;
	snprintf(text, sizeof(text), "{\"@odata.id\":\"/redfish/v1/%s/\",\"SerialNumber\":\"S\"}", resource);
	o = json(text);
	if (kind == KIND_DRIVE)
		assert_int_equal(redfish_drive(rf, o), 0);
	else
		assert_int_equal(redfish_chassis(rf, o, "/redfish/v1/Chassis/1", &sink), 0);
	redfish_drives(rf, &sink);
	json_object_put(o);
	return fact_of(&k.r[0], FACT_MICROCODE_PENDING);
}

/* Of one image for several devices, each by its own. */
static void test_code_that_waits_on_drives_and_chassis(void **unused)
{
	static const struct {
		const char *items;
		double one, two, chassis;
		const char *why;
	} rows[] = {
		{"[" TARGETS(D("1"), D("2")) "]", 1, 0, -1, "on one, while the other runs it"},
		{"[" TARGETS(D("1") "," D("2"), D("2")) "]", 1, 0, -1, "what runs does not wait"},
		{"[" TARGETS("", D("2")) "]", -1, 0, -1, "only who runs it is told of"},
		{"[" TARGETS("", "") "]", -1, -1, -1, "staged and active, and nobody says where"},
		{"[" TARGETS("{\"@odata.id\":\"/redfish/v1/Chassis/1\"}", "") "]", -1, -1, 1, "on a chassis"},
		{"[" TARGETS("{\"@odata.id\":\"http://elsewhere/redfish/v1/Drives/1\"}", "") "]", -1, -1, -1, "a path that leads elsewhere"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_object *o = json(rows[i].items);

		rf->nitems = 0;
		for (size_t n = 0; n < json_object_array_length(o); n++)
			assert_int_equal(redfish_software(rf, json_object_array_get_idx(o, n)), 0);
		json_object_put(o);
		if (waits_on("Drives/1", KIND_DRIVE) != rows[i].one || waits_on("Drives/2", KIND_DRIVE) != rows[i].two ||
			waits_on("Chassis/1", KIND_ENCLOSURE) != rows[i].chassis)
			fail_msg("%s", rows[i].why);
	}
}

/* As Seagate's service lays it out: two Storage members with one inline controller each, in one redundancy set. */
static void storage(char letter, const char *set_health, const char *health)
{
	char text[1024], path[64];
	json_object *o;

	snprintf(path, sizeof(path), "/redfish/v1/Storage/controller_%c", letter);
	snprintf(text, sizeof(text),
		"{\"@odata.id\":\"%s\",\"Drives\":[{\"@odata.id\":\"%s/Drives/0.0\"}],\"Redundancy\":[{\"MinNumNeeded\":1,"
		"\"MaxNumSupported\":2,\"Mode\":\"Sharing\",\"RedundancySet\":[{\"@odata.id\":\"/redfish/v1/Storage/controller_a\"},"
		"{\"@odata.id\":\"/redfish/v1/Storage/controller_b\"}],\"Status\":{\"Health\":\"%s\",\"State\":\"Enabled\"}}],"
		"\"Status\":{\"Health\":\"%s\"},\"StorageControllers\":[{\"@odata.id\":\"%s#/StorageControllers/0\",\"MemberId\":\"%c\","
		"\"Manufacturer\":\"SEAGATE\",\"SerialNumber\":\"00C0FF54605%c\",\"Status\":{\"Health\":\"%s\"}}]}",
		path, path, set_health, health, path, letter, letter, health);
	o = json(text);
	assert_int_equal(redfish_storage(rf, o, path, &drives), 0);
	json_object_put(o);
}

static void manager(char letter, const char *health)
{
	char text[512], path[64], address[16];
	json_object *o;

	snprintf(path, sizeof(path), "/redfish/v1/Managers/controller_%c", letter);
	snprintf(address, sizeof(address), "10.0.0.%d", letter - 'a' + 1);
	snprintf(text, sizeof(text), "{\"@odata.id\":\"%s\",\"FirmwareVersion\":\"I200B009\",\"Status\":{\"Health\":\"%s\",\"State\":\"Enabled\"}}",
		path, health);
	o = json(text);
	redfish_manager(rf, o, path, address);
	json_object_put(o);
}

static void test_two_redundant_controllers(void **unused)
{
	const struct reading *a;

	(void)unused;
	storage('a', "OK", "OK");
	storage('b', "OK", "OK");
	manager('a', "OK");
	manager('b', "OK");
	redfish_canisters(rf, "10.0.0.1", &sink);
	assert_int_equal(k.n, 2);
	a = find(&k, KIND_CANISTER, "controller_a");
	assert_state(a, STATE_OK, "OK");
	assert_string_equal(a->firmware, "I200B009");
	assert_string_equal(a->serial, "00C0FF54605a");
	assert_string_equal(a->message, "reported by 10.0.0.1");
	assert_string_equal(k.address[1], "10.0.0.2");
	assert_true(fact_of(a, FACT_PARTNER_MISSING) == 0);
	assert_int_equal(drives.n, 2);
}

static void test_one_is_critical(void **unused)
{
	(void)unused;
	storage('a', "Warning", "OK");
	storage('b', "Warning", "Critical");
	redfish_canisters(rf, "", &sink);
	assert_state(find(&k, KIND_CANISTER, "controller_a"), STATE_OK, "OK");
	assert_state(find(&k, KIND_CANISTER, "controller_b"), STATE_FAILED, "Critical");
	assert_true(fact_of(find(&k, KIND_CANISTER, "controller_a"), FACT_PARTNER_MISSING) == 1);
}

static void test_one_is_silent_or_not_listed(void **unused)
{
	(void)unused;
	storage('a', "Warning", "OK");
	redfish_storage_silent(rf, "/redfish/v1/Storage/controller_b", "HTTP 503");
	redfish_canisters(rf, "", &sink);
	assert_state(find(&k, KIND_CANISTER, "controller_b"), STATE_UNREACHABLE, "HTTP 503");
	(void)fresh(NULL);
	storage('a', "Warning", "OK");
	redfish_canisters(rf, "", &sink);
	assert_state(find(&k, KIND_CANISTER, "controller_b"), STATE_UNREACHABLE, "not listed");
}

static void test_manager_is_worse(void **unused)
{
	(void)unused;
	storage('a', "OK", "OK");
	storage('b', "OK", "OK");
	manager('b', "Critical");
	redfish_canisters(rf, "", &sink);
	assert_state(find(&k, KIND_CANISTER, "controller_a"), STATE_OK, "OK");
	assert_state(find(&k, KIND_CANISTER, "controller_b"), STATE_FAILED, "Critical");
}

/* Two RAID adapters of a server do not stand in for each other. */
static void test_lone_controllers_are_no_canisters(void **unused)
{
	static const char *const texts[] = {
		"{\"@odata.id\":\"x\",\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\"},\"StorageControllers\":[{\"MemberId\":\"0\",\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\"}}]}",
		"{\"@odata.id\":\"x\",\"Status\":{\"State\":\"Enabled\",\"Health\":\"Warning\"},\"Redundancy\":[{\"MinNumNeeded\":2,\"RedundancySet\":[{\"@odata.id\":\"/redfish/v1/Storage/1\"},{\"@odata.id\":\"/redfish/v1/Storage/2\"}]}]}",
	};

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		json_object *o = json(texts[i]);

		assert_int_equal(redfish_storage(rf, o, i ? "/redfish/v1/Storage/2" : "/redfish/v1/Storage/1", &drives), 0);
		json_object_put(o);
	}
	redfish_canisters(rf, "", &sink);
	assert_int_equal(k.n, 2);
	assert_state(find(&k, KIND_SYSTEM, "storage.1"), STATE_OK, "OK");
	assert_state(find(&k, KIND_SYSTEM, "storage.2"), STATE_DEGRADED, "Warning");
}

static void test_two_controllers_of_one_storage(void **unused)
{
	json_object *o = json("{\"@odata.id\":\"x\",\"Status\":{\"Health\":\"OK\"},\"Controllers\":{\"@odata.id\":\"/redfish/v1/Storage/1/Controllers\"}}");
	json_object *c = json("{\"@odata.id\":\"x\",\"FirmwareVersion\":\"1.0\",\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\"}}");
	json_object *d = json("{\"@odata.id\":\"x\",\"Status\":{\"State\":\"Quiesced\",\"Health\":\"OK\"}}");

	(void)unused;
	assert_int_equal(redfish_storage(rf, o, "/redfish/v1/Storage/1", &drives), 0);
	assert_int_equal(redfish_controller(rf, c, "/redfish/v1/Storage/1/Controllers/A"), 0);
	assert_int_equal(redfish_controller(rf, d, "/redfish/v1/Storage/1/Controllers/B"), 0);
	redfish_canisters(rf, "", &sink);
	assert_state(find(&k, KIND_CANISTER, "1.A"), STATE_OK, "OK");
	assert_state(find(&k, KIND_CANISTER, "1.B"), STATE_SERVICE, "Quiesced");
	json_object_put(o);
	json_object_put(c);
	json_object_put(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_code_that_waits), FRESH(test_code_that_waits_on_drives_and_chassis), FRESH(test_two_redundant_controllers),
		FRESH(test_one_is_critical), FRESH(test_one_is_silent_or_not_listed), FRESH(test_manager_is_worse),
		FRESH(test_lone_controllers_are_no_canisters), FRESH(test_two_controllers_of_one_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
