/* Parts, enclosures and ports of a Dot Hill array by every word, its log of errors, and a whole real one. */
#include "mc_lab.h"

static void test_parts_by_every_word(void **unused)
{
	static const struct word_case words[] = {{"Up", STATE_OK}, {"OK", STATE_OK}, {"Warning", STATE_DEGRADED},
		{"Error", STATE_FAILED}, {"Critical", STATE_FAILED}, {"Fault", STATE_FAILED},
		{"Unrecoverable", STATE_FAILED}, {"Off", STATE_FAILED}, {"Not Present", STATE_ABSENT},
		{"Not present", STATE_ABSENT}, {"Missing", STATE_ABSENT}, {"Not Installed", STATE_ABSENT},
		{"Unknown", STATE_UNKNOWN}, {"Unavailable", STATE_UNKNOWN}, {"Unsupported", STATE_UNKNOWN},
		{"up", STATE_UNKNOWN}, {"Running", STATE_UNKNOWN}};
	char text[512];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct kept k = {};
		const struct manage_sink sink = {keep, &k};
		json_object *o;

		snprintf(text, sizeof(text),
			"{\"power-supplies\":[{\"durable-id\":\"psu_1.2\",\"enclosure-id\":1,\"status\":\"%s\",\"health\":\"OK\"}],"
			"\"fan\":[{\"durable-id\":\"fan_1.1\",\"status\":\"%s\",\"health-numeric\":0}]}", words[i].word, words[i].word);
		o = answer(text);
		assert_int_equal(mc_power_supplies(o, &sink), 0);
		assert_int_equal(mc_fans(o, &sink), 0);
		assert_int_equal(mc_enclosures(o, &sink), -EBADMSG);
		assert_state(find(&k, KIND_PSU, "1.2"), words[i].want, words[i].word);
		assert_state(find(&k, KIND_FAN, "1.1"), words[i].want, words[i].word);
		assert_string_equal(find(&k, KIND_PSU, "1.2")->enclosure, "1");
		json_object_put(o);
	}
}

static void test_enclosures_by_every_word(void **unused)
{
	static const struct word_case words[] = {{"OK", STATE_OK}, {"Up", STATE_OK}, {"Warning", STATE_DEGRADED},
		{"Critical", STATE_DEGRADED}, {"Error", STATE_DEGRADED}, {"Unrecoverable", STATE_FAILED},
		{"Not Installed", STATE_ABSENT}, {"Not installed", STATE_ABSENT}, {"Unknown", STATE_UNKNOWN},
		{"Unavailable", STATE_UNKNOWN}, {"Unsupported", STATE_UNKNOWN}, {"", STATE_UNKNOWN}, {"fine", STATE_UNKNOWN}};
	char text[512];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct kept k = {};
		const struct manage_sink sink = {keep, &k};
		json_object *o;

		snprintf(text, sizeof(text), "{\"enclosures\":[{\"durable-id\":\"enclosure_1\",\"enclosure-id\":1,\"status\":\"%s\"}]}",
			words[i].word);
		o = answer(text);
		assert_int_equal(mc_enclosures(o, &sink), 0);
		assert_state(find(&k, KIND_ENCLOSURE, "1"), words[i].want, words[i].word);
		json_object_put(o);
	}
}

static void events(const char *inner, struct mc_log *log, uint64_t now_ms, int want)
{
	char text[2048], why[64];
	json_object *o = NULL;

	snprintf(text, sizeof(text), "{\"events\":[%s],\"status\":[{\"return-code\":0}]}", inner);
	assert_int_equal(mc_answer(text, strlen(text), &o, why, sizeof(why)), 0);
	assert_int_equal(mc_events(o, log, now_ms), want);
	json_object_put(o);
}

#define EVENT(id, code, severity) \
	"{\"event-id\":\"" id "\",\"event-code\":\"" code "\",\"severity\":\"" severity "\",\"controller\":\"A\",\"message\":\"text of " id "\"}"

static double told(const struct mc_log *log, uint64_t now_ms, unsigned fact, struct reading *r)
{
	*r = (struct reading){.kind = KIND_SYSTEM};
	mc_log_tell(log, now_ms, r);
	return fact_of(r, fact);
}

static void test_errors_that_are_new_in_the_log(void **unused)
{
	const uint64_t day = 24 * 3600 * 1000;
	struct mc_log log = {};
	struct reading r;

	(void)unused;
	assert_true(told(&log, 1, FACT_ERROR_CODE, &r) == -1);
	events(EVENT("A891", "557", "ERROR") "," EVENT("B7", "1", "CRITICAL"), &log, 1000, 0);
	assert_true(told(&log, 1001, FACT_OPEN_ERRORS, &r) == 0); /* the past */
	events(EVENT("A892", "84", "CRITICAL") "," EVENT("A891", "557", "ERROR") "," EVENT("B9", "39", "WARNING") ","
		EVENT("B8", "84", "INFORMATIONAL"), &log, 2000, 0);
	assert_true(told(&log, 2001, FACT_ERROR_CODE, &r) == 84 && told(&log, 2001, FACT_OPEN_ERRORS, &r) == 1);
	assert_string_equal(r.message, "A892, logged CRITICAL, code 84: text of A892");
	/* the same list again is nothing new; a word that nobody knows is not mild */
	events(EVENT("A892", "84", "CRITICAL"), &log, 3000, 0);
	assert_true(told(&log, 3001, FACT_OPEN_ERRORS, &r) == 1);
	events(EVENT("B10", "999", "DIRE") "," EVENT("A892", "84", "CRITICAL"), &log, 4000, 0);
	assert_true(told(&log, 4001, FACT_ERROR_CODE, &r) == 999 && told(&log, 4001, FACT_OPEN_ERRORS, &r) == 2);
	events(EVENT("B11", "999", "RESOLVED"), &log, 5000, 0);
	assert_true(told(&log, 5001, FACT_ERROR_CODE, &r) == 84 && told(&log, 5001, FACT_OPEN_ERRORS, &r) == 1);
	assert_true(told(&log, 2000 + day, FACT_OPEN_ERRORS, &r) == 0); /* a day later */
	/* what cannot be read changes nothing; a log that was cleared begins anew */
	events(EVENT("C1", "84", "CRITICAL"), &log, 6000, -EBADMSG);
	events("{\"event-id\":\"A900\",\"event-code\":\"84\"}", &log, 6000, -EBADMSG);
	assert_true(told(&log, 6001, FACT_OPEN_ERRORS, &r) == 1);
	events(EVENT("A1", "84", "ERROR"), &log, 7000, 0);
	events(EVENT("A2", "85", "ERROR") "," EVENT("A1", "84", "ERROR"), &log, 8000, 0);
	assert_true(told(&log, 8001, FACT_ERROR_CODE, &r) == 85);
	for (unsigned i = 0; i < 3 * MANAGE_LOGGED; i++) {
		char one[160];

		snprintf(one, sizeof(one), "{\"event-id\":\"B%u\",\"event-code\":\"%u\",\"severity\":\"ERROR\"}", 100 + i, 100 + i);
		events(one, &log, 9000 + i, 0);
	}
	assert_true(told(&log, 9999, FACT_OPEN_ERRORS, &r) == MANAGE_LOGGED && told(&log, 9999, FACT_ERROR_CODE, &r) == 99 + 3 * MANAGE_LOGGED);
}

static void test_ports_by_every_word(void **unused)
{
	static const struct {
		const char *status, *health;
		enum state want;
	} rows[] = {{"Up", "OK", STATE_OK}, {"Up", "N/A", STATE_OK}, {"Up", "Degraded", STATE_DEGRADED}, {"Up", "Fault", STATE_FAILED},
		{"Up", "Unknown", STATE_UNKNOWN}, {"Up", "\",\"health-numeric\":\"4", STATE_OK}, {"Up", "\",\"health-numeric\":\"2", STATE_FAILED},
		{"Warning", "OK", STATE_DEGRADED}, {"Error", "OK", STATE_FAILED}, {"Disconnected", "N/A", STATE_ABSENT},
		{"Not Present", "N/A", STATE_ABSENT}, {"Upp", "OK", STATE_UNKNOWN}, {"Up", "fine", STATE_UNKNOWN}, {"", "OK", STATE_OK},
		{"", "N/A", STATE_UNKNOWN}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[256], why[64];
		json_object *o = NULL;
		struct kept k = {};
		const struct manage_sink sink = {keep, &k};

		snprintf(text, sizeof(text), "{\"port\":[{\"durable-id\":\"hostport_A1\",\"status\":\"%s\",\"health\":\"%s\"}]}", rows[i].status,
			rows[i].health);
		assert_int_equal(mc_answer(text, strlen(text), &o, why, sizeof(why)), 0);
		assert_int_equal(mc_ports(o, &sink), 0);
		assert_state(find(&k, KIND_PORT, "A1"), rows[i].want, rows[i].status);
		assert_int_equal(find(&k, KIND_PORT, "A1")->known_only, rows[i].want == STATE_ABSENT);
		json_object_put(o);
	}
}

static void test_captured_ports_and_events(void **unused)
{
	json_object *p = capture("list_ports.txt"), *e = capture("list_error.txt");
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	struct mc_log log = {};

	(void)unused;
	if (!p || !e) {
		print_message("no data: BALLAST_DATA/msa-cli is not here\n");
		skip();
	}
	/* whoever shortened them left the ports no status: that is not ok */
	assert_int_equal(mc_ports(p, &sink), 0);
	assert_state(find(&k, KIND_PORT, "B1"), STATE_UNKNOWN, "no status");
	assert_int_equal(mc_events(e, &log, 1), 0);
	assert_int_equal(log.newest[0], 891);
	json_object_put(p);
	json_object_put(e);
}

/* What a real MSA 2040 said, as others' tests keep it. */
static void test_captures(void **unused)
{
	json_object *c = capture("list_controllers.txt"), *s = capture("list_system.txt"),
		    *v = capture("list_vision.txt"), *d = capture("list_disks.txt");
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	struct mc_groups none = {};

	(void)unused;
	if (!c || !s || !v || !d) {
		print_message("no data: BALLAST_DATA/msa-cli is not here\n");
		skip();
	}
	assert_int_equal(mc_canisters(c, s, "", &sink), 0);
	assert_int_equal(mc_system(s, v, &sink), 0);
	assert_int_equal(mc_disks(d, &none, &sink), 0);
	assert_int_equal(k.n, 7);
	assert_state(find(&k, KIND_CANISTER, "A"), STATE_OK, "OK");
	assert_state(find(&k, KIND_CANISTER, "B"), STATE_OK, "OK");
	assert_string_equal(find(&k, KIND_CANISTER, "B")->firmware, "GLS210R04-01");
	assert_string_equal(find(&k, KIND_SYSTEM, "system")->serial, "00C0FF26DCB0");
	assert_string_equal(find(&k, KIND_SYSTEM, "system")->firmware, "GL210R004");
	assert_int_equal(find(&k, KIND_DRIVE, "serial-6SL9CD560000N51404EF")->slot, 1);
	json_object_put(c);
	json_object_put(s);
	json_object_put(v);
	json_object_put(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_by_every_word), cmocka_unit_test(test_enclosures_by_every_word),
		cmocka_unit_test(test_errors_that_are_new_in_the_log), cmocka_unit_test(test_ports_by_every_word),
		cmocka_unit_test(test_captured_ports_and_events), cmocka_unit_test(test_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
