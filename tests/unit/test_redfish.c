/* Redfish and Swordfish resources: State by Health, who stands in for whom, and which links are followed. */
#include "manage_lab.h"
#include "probes/redfish.h"

static struct redfish *rf;
static struct redfish_links drives;
static struct kept k;
static const struct manage_sink sink = {keep, &k};

static int fresh(void **unused)
{
	(void)unused;
	free(rf);
	rf = calloc(1, sizeof(*rf));
	drives = (struct redfish_links){};
	k = (struct kept){};
	return rf ? 0 : -1;
}

static int done(void **unused)
{
	(void)unused;
	free(rf);
	rf = NULL;
	return 0;
}

static json_object *json(const char *text)
{
	json_object *o = manage_json(text, strlen(text));

	if (!o)
		fail_msg("not JSON: %s", text);
	return o;
}

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

static void test_every_state_by_every_health(void **unused)
{
	static const struct word_case states[] = {{"Enabled", STATE_OK}, {"StandbySpare", STATE_OK}, {"Qualified", STATE_OK},
		{"Degraded", STATE_DEGRADED}, {"Disabled", STATE_SERVICE}, {"InTest", STATE_SERVICE},
		{"Quiesced", STATE_SERVICE}, {"StandbyOffline", STATE_SERVICE}, {"UnavailableOffline", STATE_FAILED},
		{"Absent", STATE_ABSENT}, {"Starting", STATE_TRANSITION}, {"Updating", STATE_TRANSITION},
		{"Deferring", STATE_TRANSITION}, {"enabled", STATE_UNKNOWN}, {"Fine", STATE_UNKNOWN}, {NULL, STATE_OK}};
	static const struct word_case healths[] = {{"OK", STATE_OK}, {"Warning", STATE_DEGRADED}, {"Critical", STATE_FAILED},
		{"ok", STATE_UNKNOWN}, {"Fine", STATE_UNKNOWN}};
	char text[128];

	(void)unused;
	for (size_t s = 0; s < ARRAY_SIZE(states); s++)
		for (size_t h = 0; h < ARRAY_SIZE(healths); h++) {
			struct reading r = {};
			json_object *o;

			snprintf(text, sizeof(text), "{\"Status\":{%s%s%s\"Health\":\"%s\"}}", states[s].word ? "\"State\":\"" : "",
				states[s].word ? states[s].word : "", states[s].word ? "\"," : "", healths[h].word);
			o = json(text);
			redfish_judge(&r, o);
			json_object_put(o);
			if ((r.state == STATE_OK) != (states[s].want == STATE_OK && healths[h].want == STATE_OK))
				fail_msg("%s is %s", text, state_text(r.state));
			if (healths[h].want == STATE_OK)
				assert_state(&r, states[s].want, text);
			if (states[s].want == STATE_OK)
				assert_state(&r, healths[h].want, text);
			if (states[s].want == STATE_ABSENT)
				assert_state(&r, STATE_ABSENT, text);
		}
}

static void test_rollup_and_missing_status(void **unused)
{
	static const struct {
		const char *text;
		enum state want;
	} cases[] = {
		{"{}", STATE_UNKNOWN}, {"{\"Status\":{}}", STATE_UNKNOWN}, {"{\"Status\":null}", STATE_UNKNOWN},
		{"{\"Status\":\"OK\"}", STATE_UNKNOWN}, {"{\"Status\":{\"State\":\"Enabled\"}}", STATE_UNKNOWN},
		{"{\"Status\":{\"State\":\"Enabled\",\"Health\":null}}", STATE_UNKNOWN},
		{"{\"Status\":{\"HealthRollup\":\"OK\"}}", STATE_UNKNOWN}, {"{\"Status\":{\"State\":\"Absent\",\"Health\":null}}", STATE_ABSENT},
		{"{\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\",\"HealthRollup\":\"OK\"}}", STATE_OK},
		{"{\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\",\"HealthRollup\":\"Warning\"}}", STATE_DEGRADED},
		{"{\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\",\"HealthRollup\":\"Critical\"}}", STATE_DEGRADED},
		{"{\"Status\":{\"State\":\"Enabled\",\"Health\":\"Critical\",\"HealthRollup\":\"OK\"}}", STATE_FAILED},
		{"{\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\",\"HealthRollup\":\"Great\"}}", STATE_UNKNOWN},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_object *o = json(cases[i].text);
		struct reading r = {.state = STATE_OK};

		redfish_judge(&r, o);
		assert_state(&r, cases[i].want, cases[i].text);
		assert_true(r.raw[0]);
		json_object_put(o);
	}
}

static void test_links_stay_here(void **unused)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"/redfish/v1/Storage", "/redfish/v1/Storage"}, {"/redfish/v1/Storage/", "/redfish/v1/Storage"},
		{"/redfish/v1/Chassis/1/Power#/PowerSupplies/0", "/redfish/v1/Chassis/1/Power"},
		{"https://evil.example/redfish/v1", NULL}, {"//evil.example/redfish/v1", NULL}, {"/redfish//evil", NULL},
		{"/redfish/v1/../../etc", NULL}, {"/redfish/v1/a b", NULL}, {"/redfish/v1/a\r\nX: y", NULL},
		{"/redfish/v1/a?b", NULL}, {"/redfish/#v1", NULL}, {"/redfish/", NULL}, {"/api/v1", NULL}, {"", NULL}, {"redfish/v1", NULL},
	};
	char path[REDFISH_PATH], longest[400] = "/redfish/v1/";

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (redfish_path(cases[i].text, path) != !!cases[i].want)
			fail_msg("'%s'", cases[i].text);
		if (cases[i].want)
			assert_string_equal(path, cases[i].want);
	}
	memset(longest + 12, 'a', 300);
	assert_false(redfish_path(longest, path));
}

static void test_members(void **unused)
{
	json_object *o = json("{\"Members\":[{\"@odata.id\":\"/redfish/v1/Chassis/1\"},{\"@odata.id\":\"/redfish/v1/Chassis/1/\"}],"
			      "\"Members@odata.nextLink\":\"/redfish/v1/Chassis?$skip=50\"}");
	json_object *away = json("{\"Members\":[],\"Members@odata.nextLink\":\"https://evil.example/redfish/v1/Chassis?$skip=50\"}");
	json_object *split = json("{\"Members\":[],\"Members@odata.nextLink\":\"/redfish/v1/Chassis?a\\r\\nb\"}");
	json_object *none = json("{}");
	char next[REDFISH_PATH];

	(void)unused;
	assert_int_equal(redfish_members(o, NULL, &drives, next), 0);
	assert_int_equal(drives.n, 1);
	assert_string_equal(next, "/redfish/v1/Chassis?$skip=50");
	assert_int_equal(redfish_members(away, NULL, &drives, next), -EBADMSG);
	assert_int_equal(redfish_members(split, NULL, &drives, next), -EBADMSG);
	assert_int_equal(redfish_members(none, NULL, &drives, next), -EBADMSG);
	json_object_put(o);
	json_object_put(away);
	json_object_put(split);
	json_object_put(none);
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

static void test_power_and_thermal(void **unused)
{
	json_object *o = json("{\"@odata.id\":\"x\",\"PowerSupplies\":[{\"MemberId\":\"psu_0.0\",\"SerialNumber\":\"D1\",\"Status\":{\"Health\":\"OK\",\"State\":\"Enabled\"}},"
			      "{\"MemberId\":\"1\",\"Status\":{\"Health\":\"Critical\",\"State\":\"Enabled\"}}],\"Fans\":[{\"Name\":\"Fan 0\",\"Status\":{\"State\":\"Enabled\"}}]}");
	json_object *nameless = json("{\"@odata.id\":\"x\",\"Fans\":[{\"Status\":{\"Health\":\"OK\"}}]}"), *none = json("{}");

	(void)unused;
	assert_int_equal(redfish_parts(o, "PowerSupplies", KIND_PSU, "enclosure_0", &sink), 0);
	assert_int_equal(redfish_parts(o, "Fans", KIND_FAN, "enclosure_0", &sink), 0);
	assert_state(find(&k, KIND_PSU, "psu_0.0"), STATE_OK, "OK");
	assert_state(find(&k, KIND_PSU, "enclosure_0.1"), STATE_FAILED, "Critical");
	assert_state(find(&k, KIND_FAN, "Fan_0"), STATE_UNKNOWN, "Enabled alone");
	assert_string_equal(find(&k, KIND_PSU, "psu_0.0")->enclosure, "enclosure_0");
	assert_int_equal(redfish_parts(nameless, "Fans", KIND_FAN, "e", &sink), -EBADMSG);
	assert_int_equal(redfish_parts(none, "Fans", KIND_FAN, "e", &sink), -EBADMSG);
	json_object_put(o);
	json_object_put(nameless);
	json_object_put(none);
}

/* Both controllers show it; the one that sees it worse is believed. */
static void test_one_drive_by_two_ways(void **unused)
{
	json_object *good = json("{\"@odata.id\":\"x\",\"SerialNumber\":\"S1\",\"Identifiers\":[{\"DurableNameFormat\":\"NAA\",\"DurableName\":\"500003942810D13A\"}],"
				 "\"Revision\":\"S20A\",\"CapacityBytes\":899527000000,\"PredictedMediaLifeLeftPercent\":86,\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\"}}");
	json_object *bad = json("{\"@odata.id\":\"x\",\"Identifiers\":[{\"DurableNameFormat\":\"NAA\",\"DurableName\":\"0x500003942810d13a\"}],\"FailurePredicted\":true,\"Status\":{\"Health\":\"OK\"}}");
	json_object *nameless = json("{\"@odata.id\":\"x\",\"Status\":{\"Health\":\"OK\"}}");
	const struct reading *r;

	(void)unused;
	assert_int_equal(redfish_drive(rf, good), 0);
	redfish_drives(rf, &sink);
	r = find(&k, KIND_DRIVE, "wwn-0x500003942810d13a");
	assert_state(r, STATE_OK, "OK");
	assert_string_equal(r->firmware, "S20A");
	assert_true(fact_of(r, FACT_WEAR_PCT) == 14 && r->capacity_bytes == UINT64_C(899527000000));
	assert_int_equal(redfish_drive(rf, bad), 0);
	assert_int_equal(redfish_drive(rf, good), 0);
	assert_int_equal(redfish_drive(rf, nameless), -EBADMSG);
	k = (struct kept){};
	redfish_drives(rf, &sink);
	assert_int_equal(k.n, 1);
	assert_state(&k.r[0], STATE_DEGRADED, "predicted failure");
	json_object_put(good);
	json_object_put(bad);
	json_object_put(nameless);
}

static json_object *capture(const char *name)
{
	cleanup_(freep) char *text = NULL;
	char path[128];
	size_t len;

	format_text(path, sizeof(path), "swordfish/%s/index.json", name);
	text = shared_file(path, &len);
	return text ? manage_json(text, len) : NULL;
}

/* Resources as SNIA's emulator has them: two drives on the network, each a storage of its own. */
static void test_captures(void **unused)
{
	json_object *all = capture("Storage"), *one = capture("Storage/IPAttachedDrive1"),
		    *controller = capture("Storage/IPAttachedDrive1/Controllers/NVMeIOController"),
		    *chassis = capture("Chassis/EBOFEnclosure"), *drive = capture("Chassis/EBOFEnclosure/Drives/IPAttachedDrive1"),
		    *thermal = capture("Chassis/EBOFEnclosure/Thermal");
	struct redfish_links members = {};
	char next[REDFISH_PATH];

	(void)unused;
	if (!all || !one || !controller || !chassis || !drive || !thermal) {
		print_message("no data: BALLAST_DATA/swordfish is not here\n");
		skip();
	}
	assert_int_equal(redfish_members(all, NULL, &members, next), 0);
	assert_int_equal(members.n, 2);
	assert_int_equal(redfish_storage(rf, one, members.at[0], &drives), 0);
	assert_string_equal(drives.at[0], "/redfish/v1/Chassis/EBOFEnclosure/Drives/IPAttachedDrive1");
	assert_true(redfish_follow(one, REDFISH_LINK_CONTROLLERS, next));
	assert_int_equal(redfish_controller(rf, controller, "/redfish/v1/Storage/IPAttachedDrive1/Controllers/NVMeIOController"), 0);
	assert_int_equal(redfish_chassis(rf, chassis, "/redfish/v1/Chassis/EBOFEnclosure", &sink), 0);
	assert_int_equal(redfish_parts(thermal, "Fans", KIND_FAN, "EBOFEnclosure", &sink), 0);
	assert_int_equal(redfish_drive(rf, drive), 0);
	redfish_canisters(rf, "", &sink);
	redfish_drives(rf, &sink);
	assert_int_equal(k.n, 3);
	assert_state(find(&k, KIND_SYSTEM, "storage.IPAttachedDrive1.NVMeIOController"), STATE_OK, "OK");
	assert_state(find(&k, KIND_ENCLOSURE, "EBOFEnclosure"), STATE_OK, "OK");
	assert_state(find(&k, KIND_DRIVE, "wwn-0x500003942810d13a"), STATE_OK, "OK");
	json_object_put(all);
	json_object_put(one);
	json_object_put(controller);
	json_object_put(chassis);
	json_object_put(drive);
	json_object_put(thermal);
}

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

#define FRESH(test) cmocka_unit_test_setup_teardown(test, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_every_state_by_every_health), FRESH(test_rollup_and_missing_status), FRESH(test_links_stay_here),
		FRESH(test_members), FRESH(test_code_that_waits), FRESH(test_code_that_waits_on_drives_and_chassis), FRESH(test_two_redundant_controllers), FRESH(test_one_is_critical),
		FRESH(test_one_is_silent_or_not_listed), FRESH(test_manager_is_worse),
		FRESH(test_lone_controllers_are_no_canisters), FRESH(test_two_controllers_of_one_storage),
		FRESH(test_power_and_thermal), FRESH(test_volumes_are_pools), FRESH(test_storage_pools_by_their_drives),
		FRESH(test_storage_pools_that_say_too_little), FRESH(test_drives_of_a_pool_by_a_link),
		FRESH(test_drives_of_a_pool_that_are_no_object), FRESH(test_one_pool_by_two_storages), FRESH(test_a_pool_while_a_storage_is_silent),
		FRESH(test_one_drive_by_two_ways), FRESH(test_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
