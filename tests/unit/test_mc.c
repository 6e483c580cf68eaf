/* Answers of Dot Hill management controllers: what each word means, and that what is not whole says nothing. */
#include "manage_lab.h"
#include "probes/mc.h"

#define XML(basetype, body)                                                                            \
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<RESPONSE VERSION=\"L100\">"   \
	"<COMP G=\"0\" P=\"1\"/><OBJECT basetype=\"" basetype "\" name=\"x\">" body "</OBJECT>"         \
	"<OBJECT basetype=\"status\" name=\"status\"><PROPERTY name=\"response-type\">Success</PROPERTY>" \
	"<PROPERTY name=\"return-code\">0</PROPERTY></OBJECT></RESPONSE>"
#define P(name, value) "<PROPERTY name=\"" name "\">" value "</PROPERTY>"
#define DONE "\"status\":[{\"response-type\":\"Success\",\"response-type-numeric\":0,\"return-code\":0}]"

static json_object *answer(const char *text)
{
	json_object *o = NULL;
	char why[64] = "";
	int r = mc_answer(text, strlen(text), &o, why, sizeof(why));

	if (r < 0)
		fail_msg("%d %s: %s", r, why, text);
	return o;
}

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

static json_object *capture(const char *name)
{
	cleanup_(freep) char *text = NULL;
	char path[64], why[64];
	json_object *o = NULL;
	size_t len;

	format_text(path, sizeof(path), "msa-cli/%s", name);
	text = shared_file(path, &len);
	if (text && mc_answer(text, len, &o, why, sizeof(why)) < 0)
		fail_msg("%s is not read", path);
	return o;
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
		cmocka_unit_test(test_two_fine_canisters), cmocka_unit_test(test_every_word_of_status_and_health),
		cmocka_unit_test(test_nothing_said_is_unknown), cmocka_unit_test(test_the_peer_is_believed),
		cmocka_unit_test(test_takeover_and_write_through), cmocka_unit_test(test_one_place_empty),
		cmocka_unit_test(test_down_while_updating), cmocka_unit_test(test_answers_that_do_not_hold),
		cmocka_unit_test(test_cut_off), cmocka_unit_test(test_lists_that_name_nobody),
		cmocka_unit_test(test_login), cmocka_unit_test(test_system_and_versions),
		cmocka_unit_test(test_parts_by_every_word), cmocka_unit_test(test_enclosures_by_every_word),
		cmocka_unit_test(test_need_follows_the_groups_own_word), cmocka_unit_test(test_spares_and_parity_of_a_group), cmocka_unit_test(test_disks_by_every_word),
		cmocka_unit_test(test_uptime), cmocka_unit_test(test_errors_that_are_new_in_the_log),
		cmocka_unit_test(test_ports_by_every_word), cmocka_unit_test(test_pools_by_every_word),
		cmocka_unit_test(test_captured_and_linear_pools), cmocka_unit_test(test_captured_ports_and_events), cmocka_unit_test(test_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
