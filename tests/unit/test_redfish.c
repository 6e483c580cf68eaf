/* Redfish and Swordfish resources: State by Health, which links are followed, and what a part comes to. */
#include "redfish_lab.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_every_state_by_every_health), FRESH(test_rollup_and_missing_status), FRESH(test_links_stay_here),
		FRESH(test_members), FRESH(test_power_and_thermal), FRESH(test_one_drive_by_two_ways), FRESH(test_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
