#include "probes/spectrum.h"
#include "tests/unit/manage_lab.h"

static char text[8192];

static char *cli(const char *s)
{
	assert_true(copy_text(text, sizeof(text), s));
	return text;
}

#define NODES "id|name|UPS_serial_number|status|IO_group_id|config_node|iscsi_name|panel_name|enclosure_id|canister_id\n"
#define NODE1 "1|node1||online|0|yes|iqn.1986-03.com.ibm:2145.san1.node1|01-1|1|1\n"
#define NODE2(word) "2|node2||" word "|0|no|iqn.1986-03.com.ibm:2145.san1.node2|01-2|1|2\n"
#define CANISTERS "enclosure_id|canister_id|status|type|node_id|node_name\n"

static enum state node_state(const char *word, uint32_t *limit, char *raw)
{
	struct spectrum_canisters c = {};
	char view[1024];

	snprintf(view, sizeof(view), NODES NODE1 "2|node2||%s|0|no|iqn:x|01-2|1|2\n", word);
	assert_int_equal(spectrum_nodes(cli(view), strlen(view), SPECTRUM_CLI, &c), 2);
	*limit = c.r[1].limit_ms;
	strcpy(raw, c.r[1].raw);
	return (enum state)c.r[1].state;
}

static void test_every_word_of_a_node(void **unused)
{
	static const struct {
		const char *word;
		enum state state;
		uint32_t limit_ms;
	} rows[] = {{"online", STATE_OK, 0}, {"active", STATE_OK, 0}, {"service", STATE_SERVICE, 0},
		{"candidate", STATE_SERVICE, 0}, {"offline", STATE_FAILED, 0}, {"adding", STATE_TRANSITION, 1800000},
		{"pending", STATE_TRANSITION, 30000}, {"flushing", STATE_TRANSITION, 600000},
		{"starting", STATE_TRANSITION, 600000}, {"deleting", STATE_TRANSITION, 600000},
		{"deleted", STATE_ABSENT, 0}, {"spare", STATE_OK, 0}, {"online_spare", STATE_DEGRADED, 0},
		{"degraded", STATE_UNKNOWN, 0}, {"ONLINE", STATE_UNKNOWN, 0}, {"onlin", STATE_UNKNOWN, 0}};
	uint32_t limit;
	char raw[48];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (node_state(rows[i].word, &limit, raw) != rows[i].state || limit != rows[i].limit_ms ||
			strcmp(raw, rows[i].word) != 0)
			fail_msg("%s", rows[i].word);
	}
}

static void test_the_worse_of_two_views_counts(void **unused)
{
	static const struct {
		const char *nodes, *canisters;
		enum state second;
		const char *why;
	} rows[] = {
		{NODES NODE1 NODE2("online"), CANISTERS "1|1|online|node|1|node1\n1|2|online|node|2|node2\n", STATE_OK, "fine"},
		{NODES NODE1 NODE2("online"), CANISTERS "1|1|online|node|1|node1\n1|2|degraded|node|2|node2\n", STATE_DEGRADED, "hardware"},
		{NODES NODE1 NODE2("online"), CANISTERS "1|1|online|node|1|node1\n1|2|offline|node|2|node2\n", STATE_FAILED, "dead"},
		{NODES NODE1 NODE2("service"), CANISTERS "1|1|online|node|1|node1\n1|2|online|node|2|node2\n", STATE_SERVICE, "held"},
		{NODES NODE1, CANISTERS "1|1|online|node|1|node1\n1|2|online|node||\n", STATE_SERVICE, "no node of the system"},
		{NODES NODE1, CANISTERS "1|1|online|node|1|node1\n1|2|offline|node||\n", STATE_FAILED, "gone"},
		{NODES NODE1 NODE2("online"), CANISTERS "1|1|online|node|1|node1\n1|2|weird|node|2|node2\n", STATE_UNKNOWN, "a new word"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct spectrum_canisters c = {};
		struct kept k = {};
		const struct manage_sink sink = {keep, &k};

		assert_true(spectrum_nodes(cli(rows[i].nodes), strlen(rows[i].nodes), SPECTRUM_CLI, &c) > 0);
		assert_int_equal(spectrum_enclosure_canisters(cli(rows[i].canisters), strlen(rows[i].canisters), SPECTRUM_CLI,
				&c, &sink), 2);
		assert_int_equal(c.n, 2);
		if (c.r[1].state != rows[i].second || c.r[0].state != STATE_OK)
			fail_msg("%s: %s '%s'", rows[i].why, state_text((enum state)c.r[1].state), c.r[1].raw);
	}
}

static void test_what_is_cut_short_is_no_answer(void **unused)
{
	static const char whole[] = NODES NODE1 NODE2("online");
	struct spectrum_canisters c;

	(void)unused;
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		char part[sizeof(whole)];
		int r;

		memcpy(part, whole, len);
		part[len] = 0;
		c = (struct spectrum_canisters){};
		r = spectrum_nodes(part, len, SPECTRUM_CLI, &c);
		/* between two lines nobody can see it but ssh, whose exit status is looked at */
		if (r >= 0 && whole[len - 1] != '\n')
			fail_msg("%zu bytes", len);
	}
}

static void test_an_enclosure_that_is_online_may_lack_a_canister(void **unused)
{
	static const char view[] = "id|status|type|managed|IO_group_id|product_MTM|serial_number|total_canisters|online_canisters|total_PSUs|online_PSUs\n"
				   "1|online|control|yes|0|2072-24C|78N16G4|2|1|2|2\n"
				   "2|online|expansion|yes|0|2072-24E|78N16G5|2|2|2|2\n"
				   "3|online|expansion|yes|0|2072-24E|78N16G6||||\n";
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};

	(void)unused;
	assert_int_equal(spectrum_enclosures(cli(view), strlen(view), SPECTRUM_CLI, NULL, &sink), 3);
	assert_int_equal(find(&k, KIND_ENCLOSURE, "1")->state, STATE_DEGRADED);
	assert_string_equal(find(&k, KIND_ENCLOSURE, "1")->raw, "online, 1 of 2 canisters");
	assert_string_equal(find(&k, KIND_ENCLOSURE, "1")->serial, "78N16G4");
	assert_int_equal(find(&k, KIND_ENCLOSURE, "2")->state, STATE_OK);
	assert_int_equal(find(&k, KIND_ENCLOSURE, "3")->state, STATE_UNKNOWN);
}

static void test_supplies_batteries_and_drives(void **unused)
{
	static const char psus[] = "enclosure_id|PSU_id|status|input_power\n1|1|online|ac\n1|2|offline|ac_fail\n";
	static const char batteries[] = "enclosure_id|battery_id|status|charging_status|recondition_needed|percent_charged|end_of_life_warning\n"
					"1|1|online|idle|no|100|no\n1|2|online|idle|no|98|yes\n";
	static const char drives[] = "id|status|use|enclosure_id|slot_id|port_1_status|port_2_status|firmware_level\n"
				     "0|online|member|1|1|online|online|1_2_11  \n1|online|member|1|2|online|offline|x\n2|degraded|failed|1|3|||\n";
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};

	(void)unused;
	assert_int_equal(spectrum_psus(cli(psus), strlen(psus), SPECTRUM_CLI, NULL, &sink), 2);
	assert_int_equal(find(&k, KIND_PSU, "1-1")->state, STATE_OK);
	assert_int_equal(find(&k, KIND_PSU, "1-2")->state, STATE_FAILED);
	assert_true(fact_of(find(&k, KIND_PSU, "1-2"), FACT_PSU_INPUT) == 0);
	assert_int_equal(spectrum_batteries(cli(batteries), strlen(batteries), SPECTRUM_CLI, NULL, &sink), 2);
	assert_int_equal(find(&k, KIND_BATTERY, "1-1")->state, STATE_OK);
	assert_int_equal(find(&k, KIND_BATTERY, "1-2")->state, STATE_DEGRADED);
	assert_true(fact_of(find(&k, KIND_BATTERY, "1-2"), FACT_BATTERY_PCT) == 98);
	assert_int_equal(spectrum_drives(cli(drives), strlen(drives), SPECTRUM_CLI, NULL, &sink), 3);
	assert_int_equal(find(&k, KIND_DRIVE, "1-1")->state, STATE_OK);
	assert_string_equal(find(&k, KIND_DRIVE, "1-1")->firmware, "1_2_11");
	assert_int_equal(find(&k, KIND_DRIVE, "1-2")->state, STATE_DEGRADED);
	assert_int_equal(find(&k, KIND_DRIVE, "1-3")->state, STATE_FAILED);
}

#define LOG "sequence_number|last_timestamp|object_type|object_id|object_name|status|fixed|event_id|error_code|description\n"

static void read_log(const char *log, struct spectrum_events *e, int rows)
{
	assert_int_equal(spectrum_eventlog(cli(log), strlen(log), SPECTRUM_CLI, e), rows);
}

static void read_canisters(struct spectrum_canisters *c)
{
	static const char nodes[] = NODES NODE1 NODE2("online");

	*c = (struct spectrum_canisters){};
	assert_int_equal(spectrum_nodes(cli(nodes), strlen(nodes), SPECTRUM_CLI, c), 2);
}

static void test_an_error_is_told_of_the_canister_it_is_about(void **unused)
{
	static const char log[] = LOG "102|201111165750|enclosure|1||alert|no|085044|1114|Enclosure Battery fault type 1\n"
				  "110|201111165751|node|2|node2|alert|no|074565|690|Node held in service state\n"
				  "112|201111165751|node||node1|alert|no|074565|734|Fewer ports\n"
				  "113|201111165751|enclosure_canister|9|node2|alert|no|074565|1034|Canister fault\n"
				  "114|201111165751|enclosure_canister|2||alert|no|074565|1036|Canister fault, which one\n"
				  "115|201111165751|cluster||san1|alert|no|074565|2600|No mail\n"
				  "116|201111165751|flux|1||alert|no|074565|2601|A new word\n"
				  "111|201111165751|node|2||alert|yes|074565|550|Fixed long ago\n";
	struct reading system = {.kind = KIND_SYSTEM};
	struct spectrum_canisters c;
	struct spectrum_events e;

	(void)unused;
	read_log(log, &e, 8);
	read_canisters(&c);
	spectrum_canister_faults(&e, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 734);
	assert_true(fact_of(&c.r[0], FACT_OPEN_ERRORS) == 1);
	assert_true(fact_of(&c.r[0], FACT_NEEDS_SERVICE) == 0);
	assert_string_equal(c.r[0].message, "1 not fixed, first 734: Fewer ports");
	assert_true(fact_of(&c.r[1], FACT_ERROR_CODE) == 690);
	assert_true(fact_of(&c.r[1], FACT_OPEN_ERRORS) == 2);
	assert_true(fact_of(&c.r[1], FACT_NEEDS_SERVICE) == 1);
	/* the enclosure is still to be asked for; what names no component is the system's */
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 3);
	assert_true(fact_of(&system, FACT_ERROR_CODE) == 1036);
	assert_true(fact_of(&system, FACT_NEEDS_SERVICE) == 0);
	/* asked for, and there is none: never told of nothing at all */
	e.sought = 1;
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 4);
	assert_true(fact_of(&system, FACT_NEEDS_SERVICE) == 1);
}

static void test_a_node_that_left_leaves_its_errors_to_the_system(void **unused)
{
	static const char log[] = LOG "110|201111165751|node|2|node2|alert|no|074565|690|Node held in service state\n";
	static const char left[] = NODES NODE1;
	struct reading system = {.kind = KIND_SYSTEM};
	struct spectrum_canisters c;
	struct spectrum_events e;

	(void)unused;
	read_log(log, &e, 1);
	read_canisters(&c);
	spectrum_canister_faults(&e, &c);
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 0);
	c = (struct spectrum_canisters){};
	assert_int_equal(spectrum_nodes(cli(left), strlen(left), SPECTRUM_CLI, &c), 1);
	spectrum_canister_faults(&e, &c);
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_ERROR_CODE) == 690);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 0);
}

static void test_errors_that_are_fixed_are_told_to_be(void **unused)
{
	static const char log[] = LOG "110|201111165751|node|1|node1|alert|no|074565|564|Node crashed\n";
	struct spectrum_events before, after;
	struct spectrum_canisters c;

	(void)unused;
	read_log(log, &before, 1);
	read_log("", &after, 0);
	assert_true(spectrum_same_events(&before, &before) && !spectrum_same_events(&before, &after));
	read_canisters(&c);
	spectrum_canister_faults(&before, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 564 && c.r[0].message[0]);
	spectrum_canister_faults(&after, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 0 && !c.r[0].message[0]);
	/* a log that was never read says nothing, not that all is well */
	read_canisters(&c);
	after.read = 0;
	spectrum_canister_faults(&after, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == -1);
}

static void test_errors_of_drives_enclosures_and_arrays(void **unused)
{
	static const char log[] = LOG "1|2|drive|4||alert|no|0|1686|Drive missing\n2|2|enclosure|1||alert|no|0|1114|Battery\n"
				  "3|2|mdisk|0|mdisk0|alert|no|0|1690|Array degraded\n";
	static const char drives[] = "id|status|use|enclosure_id|slot_id\n4|degraded|member|1|2\n5|online|member|1|3\n";
	static const char shelves[] = "id|status|total_canisters|online_canisters\n1|online|2|2\n";
	static const char mdisks[] = "id|name|status\n0|mdisk0|degraded\n";
	struct reading system = {.kind = KIND_SYSTEM};
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	struct spectrum_events e;

	(void)unused;
	read_log(log, &e, 3);
	assert_int_equal(spectrum_drives(cli(drives), strlen(drives), SPECTRUM_CLI, &e, &sink), 2);
	assert_int_equal(spectrum_enclosures(cli(shelves), strlen(shelves), SPECTRUM_CLI, &e, &sink), 1);
	assert_int_equal(spectrum_mdisks(cli(mdisks), strlen(mdisks), SPECTRUM_CLI, &e, &sink), 1);
	assert_true(fact_of(find(&k, KIND_DRIVE, "1-2"), FACT_ERROR_CODE) == 1686);
	assert_true(fact_of(find(&k, KIND_DRIVE, "1-3"), FACT_ERROR_CODE) == 0);
	assert_true(fact_of(find(&k, KIND_ENCLOSURE, "1"), FACT_NEEDS_SERVICE) == 1);
	assert_true(fact_of(find(&k, KIND_POOL, "mdisk0"), FACT_ERROR_CODE) == 1690);
	e.sought = 1;
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 0);
}

static void test_a_log_of_many_objects_loses_none(void **unused)
{
	static const char log[] = LOG;
	struct reading system = {.kind = KIND_SYSTEM};
	struct spectrum_events e;
	size_t at = strlen(log);

	(void)unused;
	(void)cli(log);
	for (unsigned i = 0; i < 60; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%u|2|drive|%u||alert|no|0|1686|Drive\n", i + 1, i);
	assert_int_equal(spectrum_eventlog(text, at, SPECTRUM_CLI, &e), 60);
	assert_int_equal(e.n, SPECTRUM_FAULTS);
	e.sought = 1;
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 60);
}

static void test_others_captures(void **unused)
{
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	struct spectrum_canisters c = {};
	cleanup_(freep) char *canisters = NULL, *enclosure = NULL, *drive = NULL, *battery = NULL, *psu = NULL;
	size_t len[5] = {};

	(void)unused;
	canisters = shared_file("spectrum-rest/enclosurecanister-0.json", &len[0]);
	enclosure = shared_file("spectrum-rest/enclosure-0.json", &len[1]);
	drive = shared_file("spectrum-rest/drive-0.json", &len[2]);
	battery = shared_file("spectrum-rest/enclosurebattery-0.json", &len[3]);
	psu = shared_file("spectrum-rest/enclosurepsu-0.json", &len[4]);
	if (!canisters || !enclosure || !drive || !battery || !psu)
		skip();
	assert_int_equal(spectrum_enclosure_canisters(canisters, len[0], SPECTRUM_JSON, &c, &sink), 2);
	assert_int_equal(spectrum_enclosures(enclosure, len[1], SPECTRUM_JSON, NULL, &sink), 1);
	assert_int_equal(find(&k, KIND_ENCLOSURE, "1")->state, STATE_OK);
	assert_int_equal(spectrum_drives(drive, len[2], SPECTRUM_JSON, NULL, &sink), 1);
	assert_int_equal(spectrum_batteries(battery, len[3], SPECTRUM_JSON, NULL, &sink), 2);
	assert_int_equal(spectrum_psus(psu, len[4], SPECTRUM_JSON, NULL, &sink), 2);
	for (unsigned i = 0; i < k.n; i++)
		assert_int_equal(k.r[i].state, STATE_OK);
}

/*
 * Recorded without -delim. In a detailed view that changes only what stands between a name and its value, so the same
 * answer can be had as we ask for it. Of the lists whoever kept them shortened the headers, so that columns and names
 * no longer match: as they are they must be refused.
 */
static char *with_delimiter(const char *name)
{
	size_t len = 0, at = 0;
	cleanup_(freep) char *plain = NULL, *whole = shared_file(name, &len);

	plain = whole ? calloc(2, len + 2) : NULL;
	for (const char *line = whole; plain && *line;) {
		size_t n = strcspn(line, "\r\n"), name_len = MIN_OF(strcspn(line, " "), n);
		size_t gap = strspn(line + name_len, " ");

		if (n)
			at += (size_t)sprintf(plain + at, "%.*s|%.*s\n", (int)name_len, line,
				(int)(n - MIN_OF(name_len + gap, n)), line + MIN_OF(name_len + gap, n));
		line += n + strspn(line + n, "\r\n");
	}
	return take_ptr(plain);
}

static void test_captures_of_the_command_line(void **unused)
{
	static const char list[] = "id|name|status|enclosure_id|canister_id\n2|node_165084|online||\n4|node1|online||\n";
	static const char *const shortened[] = {"storwize-cli/enclosure_info.txt", "storwize-cli/alerts_info.txt"};
	cleanup_(freep) char *node = with_delimiter("storwize-cli/get_single_controller.txt");
	cleanup_(freep) char *system = with_delimiter("storwize-cli/system_info.txt");
	struct reading r = {.kind = KIND_SYSTEM, .state = STATE_OK, .raw = "answers"};
	struct spectrum_canisters c = {};
	struct spectrum_events e = {};
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};

	(void)unused;
	if (!node || !system) {
		print_message("no data: BALLAST_DATA/storwize-cli is not here\n");
		skip();
	}
	assert_int_equal(spectrum_nodes(cli(list), strlen(list), SPECTRUM_CLI, &c), 2);
	assert_int_equal(spectrum_node(node, strlen(node), SPECTRUM_CLI, &c), 1);
	assert_string_equal(c.r[0].firmware, "7.8.1.11");
	assert_string_equal(c.r[0].model, "2145-CG8");
	assert_string_equal(c.r[0].serial, "75PVZNA");
	assert_string_equal(c.address[0], "8.44.162.142");
	assert_true(fact_of(&c.r[0], FACT_FAILED_OVER) == 0);
	assert_int_equal(spectrum_system(system, strlen(system), SPECTRUM_CLI, &r), 1);
	assert_string_equal(r.firmware, "7.4.0.11");
	assert_string_equal(r.model, "IBM Storwize V7000");
	spectrum_protection(&r);
	assert_true(fact_of(&r, FACT_CALL_HOME_ENABLED) == 0); /* email_state stopped, and no cloud before 8.2 */
	for (size_t i = 0; i < ARRAY_SIZE(shortened); i++) {
		size_t len = 0;
		cleanup_(freep) char *list_text = shared_file(shortened[i], &len);

		for (char *at = list_text; at && *at; at++)
			*at = strchr(": ", *at) ? '|' : *at;
		assert_non_null(list_text);
		if (i)
			assert_int_equal(spectrum_eventlog(list_text, len, SPECTRUM_CLI, &e), -EBADMSG);
		else
			assert_int_equal(spectrum_enclosures(list_text, len, SPECTRUM_CLI, NULL, &sink), -EBADMSG);
	}
	assert_int_equal(k.n, 0);
}

static void test_call_home_by_mail_or_cloud(void **unused)
{
	static const struct {
		const char *level;
		int mail, cloud, want; /* -1: not told */
	} t[] = {{"8.4.0.2", 1, -1, 1}, {"8.4.0.2", 0, -1, -1}, {"8.4.0.2", 0, 1, 1}, {"8.4.0.2", 0, 0, 0},
		{"7.8.1.11", 0, -1, 0}, {"", -1, -1, -1}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct reading r = {};
		double v = -1;

		copy_text(r.firmware, sizeof(r.firmware), t[i].level);
		if (t[i].mail >= 0)
			(void)reading_add_named(&r, "call_home_by_mail", t[i].mail);
		if (t[i].cloud >= 0)
			(void)reading_add_named(&r, "cloud_call_home", t[i].cloud);
		spectrum_protection(&r);
		(void)reading_find(&r, FACT_CALL_HOME_ENABLED, &v);
		assert_int_equal((int)v, t[i].want);
	}
}

static void test_is_a_quorum_device_online(void **unused)
{
	static const char head[] = "quorum_index|status|id|name|controller_id|controller_name|active|object_type|override\n";
	static const struct {
		const char *rows;
		int n, want, devices;
	} t[] = {{"0|online|0|||||drive|no\n1|online|1|||||drive|no\n2|online|2||||yes|drive|no\n", 3, 0, 3},
		{"0|offline|0||||yes|drive|no\n1|online|1|||||drive|no\n", 2, 0, 1},
		{"0|offline|0||||yes|drive|no\n1|Online|1|||||drive|no\n", 2, 1, 0},
		{"", 0, 1, 0}, {"0||0||||yes|drive|no\n", -EBADMSG, -1, -1}, {"0|online|0", -EBADMSG, -1, -1}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct reading r = {};
		double none = -1, devices = -1;

		snprintf(text, sizeof(text), "%s%s", head, t[i].rows);
		assert_int_equal(spectrum_quorum(text, strlen(text), SPECTRUM_CLI, &r), t[i].n);
		assert_false(reading_find(&r, FACT_TAKEOVER_ENABLED, &none)); /* that is a setting */
		(void)reading_find(&r, FACT_NO_QUORUM, &none);
		(void)reading_find(&r, FACT_CUSTOM, &devices);
		assert_int_equal((int)none, t[i].want);
		assert_int_equal((int)devices, t[i].devices);
	}
}

/* ---- arrays: the columns of IBM's documentation of each view ---- */

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
		cmocka_unit_test(test_every_word_of_a_node),
		cmocka_unit_test(test_the_worse_of_two_views_counts),
		cmocka_unit_test(test_what_is_cut_short_is_no_answer),
		cmocka_unit_test(test_an_enclosure_that_is_online_may_lack_a_canister),
		cmocka_unit_test(test_supplies_batteries_and_drives),
		cmocka_unit_test(test_an_error_is_told_of_the_canister_it_is_about),
		cmocka_unit_test(test_a_node_that_left_leaves_its_errors_to_the_system),
		cmocka_unit_test(test_errors_that_are_fixed_are_told_to_be),
		cmocka_unit_test(test_errors_of_drives_enclosures_and_arrays),
		cmocka_unit_test(test_a_log_of_many_objects_loses_none),
		cmocka_unit_test(test_call_home_by_mail_or_cloud), cmocka_unit_test(test_is_a_quorum_device_online),
		cmocka_unit_test(test_others_captures),
		cmocka_unit_test(test_captures_of_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
