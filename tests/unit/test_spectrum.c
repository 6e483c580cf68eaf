/* Answers of Spectrum Virtualize arrays: nodes, enclosures and their parts by every word, settings, and real ones. */
#include "spectrum_lab.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_word_of_a_node),
		cmocka_unit_test(test_the_worse_of_two_views_counts),
		cmocka_unit_test(test_what_is_cut_short_is_no_answer),
		cmocka_unit_test(test_an_enclosure_that_is_online_may_lack_a_canister),
		cmocka_unit_test(test_supplies_batteries_and_drives),
		cmocka_unit_test(test_call_home_by_mail_or_cloud),
		cmocka_unit_test(test_is_a_quorum_device_online),
		cmocka_unit_test(test_others_captures),
		cmocka_unit_test(test_captures_of_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
