/* Answers of Dot Hill management controllers: what each word of a controller means, and that what is not whole says nothing. */
#include "mc_lab.h"

#define XML(basetype, body)                                                                            \
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<RESPONSE VERSION=\"L100\">"   \
	"<COMP G=\"0\" P=\"1\"/><OBJECT basetype=\"" basetype "\" name=\"x\">" body "</OBJECT>"         \
	"<OBJECT basetype=\"status\" name=\"status\"><PROPERTY name=\"response-type\">Success</PROPERTY>" \
	"<PROPERTY name=\"return-code\">0</PROPERTY></OBJECT></RESPONSE>"
#define P(name, value) "<PROPERTY name=\"" name "\">" value "</PROPERTY>"
#define DONE "\"status\":[{\"response-type\":\"Success\",\"response-type-numeric\":0,\"return-code\":0}]"

static struct kept *canisters(const char *controllers, const char *system)
{
	static struct kept k;
	const struct manage_sink sink = {keep, &k};
	json_object *c = answer(controllers), *s = answer(system);

	k = (struct kept){};
	assert_int_equal(mc_canisters(c, s, "10.0.0.1", &sink), 0);
	json_object_put(c);
	json_object_put(s);
	return &k;
}

static const char *controllers_json(const char *a, const char *b)
{
	static char text[2048];

	snprintf(text, sizeof(text), "{\"controllers\":[%s%s%s]," DONE "}", a, *b ? "," : "", b);
	return text;
}

#define FINE_A                                                                                         \
	"{\"durable-id\":\"controller_a\",\"controller-id\":\"A\",\"serial-number\":\"7CE539M591\","     \
	"\"ip-address\":\"10.0.0.1\",\"status\":\"Operational\",\"status-numeric\":0,\"failed-over\":\"No\"," \
	"\"write-policy\":\"write-back\",\"sc-fw\":\"GLS210R04-01\",\"health\":\"OK\",\"health-numeric\":0}"
#define FINE_B                                                                                         \
	"{\"controller-id\":\"B\",\"network-parameters\":[{\"ip-address\":\"10.0.0.2\"}],"                \
	"\"status\":\"Operational\",\"status-numeric\":0,\"health\":\"OK\",\"health-numeric\":0}"
#define SYSTEM(more)                                                                                   \
	"{\"system\":[{\"system-name\":\"msa\",\"midplane-serial-number\":\"00C0FF26DCB0\",\"health\":\"OK\"," \
	"\"vendor-name\":\"HPE\",\"product-id\":\"MSA 2050\"" more "}]," DONE "}"
#define REDUNDANCY(mode, a, b)                                                                         \
	",\"redundancy\":[{\"redundancy-mode\":\"" mode "\",\"redundancy-status\":\"Redundant\","          \
	"\"controller-a-status\":\"" a "\",\"controller-b-status\":\"" b "\"}]"
#define ALL_WELL SYSTEM(REDUNDANCY("Active-Active ULP", "Operational", "Operational"))

static void test_two_fine_canisters(void **unused)
{
	const struct kept *k = canisters(controllers_json(FINE_A, FINE_B), ALL_WELL);
	const struct reading *a = find(k, KIND_CANISTER, "A");

	(void)unused;
	assert_int_equal(k->n, 2);
	assert_state(a, STATE_OK, "Operational");
	assert_state(find(k, KIND_CANISTER, "B"), STATE_OK, "Operational");
	assert_string_equal(a->firmware, "GLS210R04-01");
	assert_string_equal(a->serial, "7CE539M591");
	assert_string_equal(a->raw, "Operational");
	assert_string_equal(a->message, "reported by A at 10.0.0.1");
	assert_string_equal(k->address[0], "10.0.0.1");
	assert_string_equal(k->address[1], "10.0.0.2");
	assert_true(fact_of(a, FACT_FAILED_OVER) == 0 && fact_of(a, FACT_WRITE_THROUGH) == 0);
	assert_true(fact_of(a, FACT_PARTNER_MISSING) == 0);
}

static void test_every_word_of_status_and_health(void **unused)
{
	static const struct word_case statuses[] = {{"Operational", STATE_OK}, {"Down", STATE_FAILED},
		{"Not Installed", STATE_ABSENT}, {"operational", STATE_UNKNOWN}, {"Up", STATE_UNKNOWN},
		{"Rebooting", STATE_UNKNOWN}, {"0", STATE_OK}, {"7", STATE_UNKNOWN}};
	static const struct word_case healths[] = {{"OK", STATE_OK}, {"Degraded", STATE_DEGRADED},
		{"Fault", STATE_FAILED}, {"Unknown", STATE_UNKNOWN}, {"N/A", STATE_UNKNOWN},
		{"ok", STATE_UNKNOWN}, {"Gut", STATE_UNKNOWN}};
	static const struct word_case numbers[] = {{"0", STATE_OK}, {"1", STATE_DEGRADED}, {"2", STATE_FAILED},
		{"3", STATE_UNKNOWN}, {"4", STATE_UNKNOWN}, {"5", STATE_UNKNOWN}};
	char text[256];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		snprintf(text, sizeof(text), "{\"controller-id\":\"A\",\"status\":\"%s\",\"health\":\"OK\"}",
			statuses[i].word);
		assert_state(find(canisters(controllers_json(text, ""), SYSTEM("")), KIND_CANISTER, "A"),
			statuses[i].want, statuses[i].word);
	}
	for (size_t i = 0; i < ARRAY_SIZE(healths); i++) {
		snprintf(text, sizeof(text),
			"{\"controller-id\":\"A\",\"status\":\"Operational\",\"health\":\"%s\"}", healths[i].word);
		assert_state(find(canisters(controllers_json(text, ""), SYSTEM("")), KIND_CANISTER, "A"),
			healths[i].want, healths[i].word);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		snprintf(text, sizeof(text),
			"{\"controller-id\":\"A\",\"status\":\"Operational\",\"health-numeric\":%s}", numbers[i].word);
		assert_state(find(canisters(controllers_json(text, ""), SYSTEM("")), KIND_CANISTER, "A"),
			numbers[i].want, numbers[i].word);
	}
}

static void test_nothing_said_is_unknown(void **unused)
{
	const struct kept *k = canisters(controllers_json("{\"controller-id\":\"A\"}", ""), SYSTEM(""));

	(void)unused;
	assert_state(find(k, KIND_CANISTER, "A"), STATE_UNKNOWN, "");
	assert_string_equal(find(k, KIND_CANISTER, "A")->raw, "no status");
}

/* The half-dead one still calls itself Operational. */
static void test_the_peer_is_believed(void **unused)
{
	const struct kept *k = canisters(controllers_json(FINE_A, FINE_B),
		SYSTEM(REDUNDANCY("Failed Over", "Operational", "Down")));

	(void)unused;
	assert_state(find(k, KIND_CANISTER, "B"), STATE_FAILED, "Down");
	assert_state(find(k, KIND_CANISTER, "A"), STATE_OK, "Operational");
	assert_true(fact_of(find(k, KIND_CANISTER, "A"), FACT_PARTNER_MISSING) == 1);
	assert_string_equal(find(k, KIND_CANISTER, "B")->message, "reported by A at 10.0.0.1");
}

static void test_takeover_and_write_through(void **unused)
{
	const struct kept *k = canisters(
		controllers_json("{\"controller-id\":\"A\",\"status\":\"Operational\",\"health\":\"Degraded\","
				 "\"health-reason\":\"The partner is down.\",\"failed-over\":\"Yes\","
				 "\"write-policy\":\"write-through\"}",
			""),
		SYSTEM(REDUNDANCY("Failed Over", "Operational", "Down")));
	const struct reading *a = find(k, KIND_CANISTER, "A");

	(void)unused;
	assert_state(a, STATE_DEGRADED, "Degraded");
	assert_true(fact_of(a, FACT_FAILED_OVER) == 1 && fact_of(a, FACT_WRITE_THROUGH) == 1);
	assert_string_equal(a->message, "The partner is down., reported by ? at 10.0.0.1");
	/* not in the list any more, and its partner has a word for it */
	assert_state(find(k, KIND_CANISTER, "B"), STATE_FAILED, "Down");
}

static void test_one_place_empty(void **unused)
{
	const struct kept *k = canisters(
		controllers_json(FINE_A, "{\"controller-id\":\"B\",\"status\":\"Not Installed\",\"health\":\"N/A\"}"),
		SYSTEM(REDUNDANCY("Single Controller", "Operational", "Not Installed")));

	(void)unused;
	assert_false(has(k, KIND_CANISTER, "B"));
	assert_true(fact_of(find(k, KIND_CANISTER, "A"), FACT_PARTNER_MISSING) == -1);
	k = canisters(
		controllers_json(FINE_A, "{\"controller-id\":\"B\",\"status\":\"Not Installed\",\"health\":\"N/A\"}"),
		SYSTEM(REDUNDANCY("Failed Over", "Operational", "Not Installed")));
	assert_state(find(k, KIND_CANISTER, "B"), STATE_ABSENT, "Not Installed");
}

static void test_down_while_updating(void **unused)
{
	const struct kept *k = canisters(
		controllers_json(FINE_A, "{\"controller-id\":\"B\",\"status\":\"Down\"}"),
		SYSTEM(",\"pfuStatus\":\"Running\"" REDUNDANCY("Failed Over", "Operational", "Down")));
	const struct reading *b = find(k, KIND_CANISTER, "B");

	(void)unused;
	assert_state(b, STATE_TRANSITION, "Down");
	assert_int_equal(b->limit_ms, 30 * 60 * 1000);
}

static void test_answers_that_do_not_hold(void **unused)
{
	static const struct {
		const char *why, *text;
		int want;
	} cases[] = {
		{"empty", "", -EBADMSG},
		{"a login page", "<html><body>system is initializing</body></html>", -EBADMSG},
		{"no JSON object", "[]", -EBADMSG},
		{"text after the end", "{} {}", -EBADMSG},
		{"a DOCTYPE", "<!DOCTYPE a [<!ENTITY b \"c\">]><RESPONSE></RESPONSE>", -EBADMSG},
		{"an object in a property", "<RESPONSE><OBJECT basetype=\"a\"><PROPERTY name=\"b\"><OBJECT/></PROPERTY></OBJECT></RESPONSE>", -EBADMSG},
		{"an object without a type", "<RESPONSE><OBJECT name=\"a\"/></RESPONSE>", -EBADMSG},
		{"an object outside", "<OBJECT basetype=\"a\"/>", -EBADMSG},
		{"an error", "{\"status\":[{\"response-type\":\"Error\",\"response\":\"busy\",\"return-code\":-10027}]}", -EREMOTEIO},
		{"an error without a code", "{\"status\":[{\"response-type\":\"Error\",\"return-code\":0}]}", -EREMOTEIO},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_object *o = NULL;
		char why[64];

		if (mc_answer(cases[i].text, strlen(cases[i].text), &o, why, sizeof(why)) != cases[i].want)
			fail_msg("%s", cases[i].why);
		assert_null(o);
	}
}

/* Cut off at any byte, it is no answer. */
static void test_cut_off(void **unused)
{
	static const char *const texts[] = {XML("controllers", P("controller-id", "A") P("status", "Operational")),
		"{\"controllers\":[" FINE_A "]," DONE "}"};

	(void)unused;
	for (size_t t = 0; t < ARRAY_SIZE(texts); t++)
		for (size_t n = 0; n < strlen(texts[t]); n++) {
			json_object *o = NULL;
			char why[64];

			assert_int_equal(mc_answer(texts[t], n, &o, why, sizeof(why)), -EBADMSG);
		}
}

static void test_lists_that_name_nobody(void **unused)
{
	static const char *const controllers[] = {"{\"controllers\":[]}", "{}", "{\"controllers\":{}}",
		"{\"controllers\":[{\"status\":\"Operational\"}]}", "{\"controllers\":[{\"controller-id\":\"C\"}]}",
		"{\"controllers\":[" FINE_A "," FINE_A "]}", "{\"controllers\":[7]}"};
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	json_object *s = answer(ALL_WELL);

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++) {
		json_object *c = answer(controllers[i]);

		assert_int_equal(mc_canisters(c, s, "", &sink), -EBADMSG);
		assert_int_equal(mc_canisters(c, c, "", &sink), -EBADMSG);
		json_object_put(c);
	}
	json_object_put(s);
	assert_int_equal(k.n, 0);
}

static void test_login(void **unused)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = {
		{XML("x", ""), -EBADMSG},
		{"{\"status\":[{\"response\":\"3a2f9c\",\"return-code\":1}]}", 0},
		{"{\"status\":[{\"response\":\"Authentication Unsuccessful\",\"return-code\":2}]}", -EACCES},
		{"{\"status\":[{\"response\":\"a\\r\\nX: b\",\"return-code\":1}]}", -EACCES},
		{"{\"status\":[{\"response\":\"3a2f9c\"}]}", -EBADMSG},
		{"{}", -EBADMSG},
	};
	char key[MC_KEY] = "";

	(void)unused;
	for (size_t i = 1; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(mc_login(cases[i].text, strlen(cases[i].text), key, sizeof(key)), cases[i].want);
	assert_string_equal(key, "3a2f9c");
}

static void test_system_and_versions(void **unused)
{
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	json_object *s = answer(ALL_WELL), *v = answer("{\"versions\":[{\"bundle-version\":\"VL270R001\"}]}");
	json_object *bad = answer(SYSTEM(",\"redundancy\":[{\"redundancy-status\":\"Operational but not redundant\"}]"));
	json_object *ready = answer(SYSTEM(",\"redundancy\":[{\"redundancy-status\":\"Redundant\",\"system-ready\":\"No\"}]"));

	(void)unused;
	assert_int_equal(mc_system(s, v, &sink), 0);
	assert_int_equal(mc_system(bad, NULL, &sink), 0);
	assert_int_equal(mc_system(ready, NULL, &sink), 0);
	assert_state(&k.r[0], STATE_OK, "OK");
	assert_true(fact_of(&k.r[0], FACT_TAKEOVER_ENABLED) > 0 && fact_of(&k.r[0], FACT_CACHE_MIRRORED) > 0);
	assert_false(reading_find(&k.r[1], FACT_TAKEOVER_ENABLED, &(double){0}));
	assert_string_equal(k.r[0].firmware, "VL270R001");
	assert_string_equal(k.r[0].serial, "00C0FF26DCB0");
	assert_string_equal(k.r[0].model, "MSA 2050");
	assert_state(&k.r[1], STATE_DEGRADED, "Operational but not redundant");
	assert_state(&k.r[2], STATE_DEGRADED, "No");
	json_object_put(s);
	json_object_put(v);
	json_object_put(bad);
	json_object_put(ready);
}

static void test_uptime(void **unused)
{
	json_object *o = answer("{\"controller-statistics\":[{\"durable-id\":\"controller_A\",\"power-on-time\":3600},"
				"{\"durable-id\":\"controller_B\",\"power-on-time\":\"N/A\"}]}");

	(void)unused;
	assert_true(mc_booted(o, "A", 10000000) == 6400000);
	assert_true(mc_booted(o, "B", 10000000) == 0);
	assert_true(mc_booted(o, "C", 10000000) == 0);
	json_object_put(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_fine_canisters), cmocka_unit_test(test_every_word_of_status_and_health),
		cmocka_unit_test(test_nothing_said_is_unknown), cmocka_unit_test(test_the_peer_is_believed),
		cmocka_unit_test(test_takeover_and_write_through), cmocka_unit_test(test_one_place_empty),
		cmocka_unit_test(test_down_while_updating), cmocka_unit_test(test_answers_that_do_not_hold), cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_lists_that_name_nobody), cmocka_unit_test(test_login), cmocka_unit_test(test_system_and_versions),
		cmocka_unit_test(test_uptime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
