/* Answers of NetApp E-Series arrays: what each word means, and that what is not whole says nothing. */
#include "manage_lab.h"
#include "probes/santricity.h"

static struct santricity s;
static struct santricity_faults listed;
static struct kept k;
static const struct manage_sink sink = {keep, &k};

static void know(const char *status)
{
	char text[256];

	snprintf(text, sizeof(text),
		"[{\"id\":\"1\",\"name\":\"ef\",\"status\":\"%s\",\"passwordStatus\":\"valid\",\"model\":\"2806\","
		"\"fwVersion\":\"08.42.30.05\",\"chassisSerialNumber\":\"021633035190\"}]", status);
	assert_int_equal(santricity_systems(text, strlen(text), &s), 0);
	k = (struct kept){};
}

static int canisters(const char *text)
{
	int r = santricity_canisters(text, strlen(text), &s, "10.0.0.1");

	k = (struct kept){};
	if (r == 0)
		santricity_tell_canisters(&s, &listed, &sink);
	return r;
}

static const struct reading *canister(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "[{\"physicalLocation\":{\"label\":\"A\",\"slot\":1}%s}]", more);
	assert_int_equal(canisters(text), 0);
	return find(&k, KIND_CANISTER, "A");
}

#define NET(ip) "\"netInterfaces\":[{\"interfaceType\":\"ethernet\",\"ethernet\":{\"ipv4Address\":\"" ip "\"}}]"
#define CONTROLLER(label, status, ip)                                                                  \
	"{\"active\":true,\"controllerRef\":\"07000000000000000000000" label "\",\"quiesced\":false,\"status\":\"" status "\",\"controllerErrorMode\":\"notInErrorMode\"," \
	"\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":1,\"label\":\"" label "\"},\"manufacturer\":\"NETAPP  \"," \
	"\"appVersion\":\"08.42.30.05\",\"productID\":\"INF-01-00       \",\"serialNumber\":\"021619039162    \","  \
	"\"bootTime\":\"1559250000\"," NET(ip) "}"

static void test_two_fine_canisters(void **unused)
{
	const struct reading *a;

	(void)unused;
	know("optimal");
	assert_string_equal(s.id, "1");
	assert_int_equal(
		canisters("[" CONTROLLER("A", "optimal", "10.0.0.1") "," CONTROLLER("B", "optimal", "10.0.0.2") "]"), 0);
	a = find(&k, KIND_CANISTER, "A");
	assert_state(a, STATE_OK, "optimal");
	assert_state(find(&k, KIND_CANISTER, "B"), STATE_OK, "optimal");
	assert_string_equal(a->firmware, "08.42.30.05");
	assert_string_equal(a->serial, "021619039162");
	assert_string_equal(a->vendor, "NETAPP");
	assert_true(a->booted_wall_ms == INT64_C(1559250000000));
	assert_string_equal(a->message, "reported by A at 10.0.0.1");
	assert_string_equal(k.address[1], "10.0.0.2");
	assert_true(fact_of(a, FACT_PARTNER_MISSING) == 0);
}

static void test_one_in_service(void **unused)
{
	(void)unused;
	know("needsAttn");
	assert_int_equal(
		canisters("[" CONTROLLER("A", "optimal", "10.0.0.1") "," CONTROLLER("B", "serviceMode", "10.0.0.2") "]"), 0);
	assert_state(find(&k, KIND_CANISTER, "A"), STATE_OK, "optimal");
	assert_state(find(&k, KIND_CANISTER, "B"), STATE_SERVICE, "serviceMode");
	assert_true(fact_of(find(&k, KIND_CANISTER, "A"), FACT_PARTNER_MISSING) == 1);
	assert_true(fact_of(find(&k, KIND_CANISTER, "B"), FACT_PARTNER_MISSING) == -1);
}

static void test_every_word_of_a_controller(void **unused)
{
	static const struct word_case statuses[] = {{"optimal", STATE_OK}, {"degraded", STATE_DEGRADED},
		{"serviceMode", STATE_SERVICE}, {"suspended", STATE_SERVICE}, {"failed", STATE_FAILED},
		{"rpaParErr", STATE_FAILED}, {"removed", STATE_ABSENT}, {"unknown", STATE_UNKNOWN},
		{"__UNDEFINED", STATE_UNKNOWN}, {"Optimal", STATE_UNKNOWN}, {"ok", STATE_UNKNOWN}};
	static const struct word_case modes[] = {{"notInErrorMode", STATE_OK}, {"t10PiServiceMode", STATE_SERVICE},
		{"t10PiLockdown", STATE_FAILED}, {"unknown", STATE_UNKNOWN}, {"new", STATE_UNKNOWN}};
	char more[128];

	(void)unused;
	know("optimal");
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		snprintf(more, sizeof(more), ",\"status\":\"%s\"", statuses[i].word);
		assert_state(canister(more), statuses[i].want, statuses[i].word);
	}
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		snprintf(more, sizeof(more), ",\"status\":\"optimal\",\"controllerErrorMode\":\"%s\"", modes[i].word);
		assert_state(canister(more), modes[i].want, modes[i].word);
	}
	assert_state(canister(",\"status\":\"optimal\",\"quiesced\":true"), STATE_DEGRADED, "quiesced");
	assert_state(canister(",\"status\":\"optimal\",\"active\":false"), STATE_DEGRADED, "passive");
	assert_state(canister(""), STATE_UNKNOWN, "");
}

/* What a proxy remembers of an array that it lost is no news of the canisters. */
static void test_every_word_of_the_array(void **unused)
{
	static const struct {
		const char *word;
		enum state array, canister;
	} cases[] = {{"optimal", STATE_OK, STATE_OK}, {"needsAttn", STATE_DEGRADED, STATE_OK},
		{"lockDown", STATE_FAILED, STATE_FAILED}, {"removed", STATE_ABSENT, STATE_OK},
		{"newDevice", STATE_TRANSITION, STATE_OK}, {"offline", STATE_UNREACHABLE, STATE_UNREACHABLE},
		{"neverContacted", STATE_UNREACHABLE, STATE_UNREACHABLE}, {"fine", STATE_UNKNOWN, STATE_OK}};
	static const struct word_case passwords[] = {{"valid", STATE_OK}, {"unknown", STATE_OK},
		{"invalid", STATE_UNREACHABLE}, {"securityLockout", STATE_UNREACHABLE}, {"new", STATE_UNKNOWN}};
	char text[128];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		know(cases[i].word);
		santricity_tell_system(&s, &(struct santricity_faults){}, &sink);
		assert_state(find(&k, KIND_SYSTEM, "system"), cases[i].array, cases[i].word);
		assert_state(canister(",\"status\":\"optimal\""), cases[i].canister, cases[i].word);
	}
	for (size_t i = 0; i < ARRAY_SIZE(passwords); i++) {
		snprintf(text, sizeof(text), "[{\"id\":\"1\",\"status\":\"optimal\",\"passwordStatus\":\"%s\"}]",
			passwords[i].word);
		assert_int_equal(santricity_systems(text, strlen(text), &s), 0);
		assert_state(&s.system, passwords[i].want, passwords[i].word);
	}
}

static void failures(const char *text)
{
	k = (struct kept){};
	s.system.nfacts = 0;
	s.system.message[0] = '\0';
	assert_int_equal(santricity_failures(text, strlen(text), &s, &listed), 0);
	santricity_tell_system(&s, &listed, &sink);
}

static void test_failures(void **unused)
{
	const struct reading *r = &k.r[0];

	(void)unused;
	know("optimal");
	failures("[]");
	assert_state(r, STATE_OK, "optimal");
	assert_true(fact_of(r, FACT_NEEDS_SERVICE) == 0);
	failures("[{\"failureType\":\"nonPreferredPath\",\"objectRef\":\"00\"},{\"failureType\":\"somethingNew\"}]");
	assert_state(r, STATE_DEGRADED, "nonPreferredPath");
	assert_string_equal(r->message, "nonPreferredPath, somethingNew");
	assert_true(fact_of(r, FACT_NEEDS_SERVICE) == 0);
	failures("[{\"failureType\":\"batteryNearExpiration\"},{\"failureType\":\"offlineCtl\"}]");
	assert_true(fact_of(r, FACT_NEEDS_SERVICE) == 1);
	failures("[7]");
	assert_state(r, STATE_DEGRADED, "unnamed failure");
	listed = (struct santricity_faults){};
}

#define A_REF "07000000000000000000000A"
#define FAULT(type, kind, ref) "{\"failureType\":\"" type "\",\"objectType\":\"" kind "\",\"objectRef\":\"" ref "\"}"
#define PAIR(b) "[" CONTROLLER("A", "optimal", "10.0.0.1") "," CONTROLLER("B", b, "10.0.0.2") "]"

static void test_failures_of_a_controller(void **unused)
{
	static const struct {
		const char *failures;
		double listed_a, service_a, service_system;
		const char *why;
	} rows[] = {
		{"[]", 0, 0, 0, "nothing"},
		{"[" FAULT("iocDiagFail", "controller", A_REF) "]", 1, 1, 0, "of A, which asks for service"},
		{"[" FAULT("hostBoardFault", "controller", A_REF) "," FAULT("memParityError", "controller", A_REF) "]", 2, 0, 0, "two, none of those that ask"},
		{"[" FAULT("iocDiagFail", "unknown", A_REF) "]", 1, 1, 0, "by its reference alone"},
		{"[" FAULT("iocDiagFail", "drive", A_REF) "]", 0, 0, 0, "a type that is not what has the reference: not found yet"},
		{"[" FAULT("iocDiagFail", "controller", "07000000000000000000000C") "]", 0, 0, 1, "of one that is not listed: the array's"},
		{"[" FAULT("iocDiagFail", "controller", "000000000000000000000000") "]", 0, 0, 1, "of nothing"},
		{"[" FAULT("wbCachingForciblyDisabled", "controller", A_REF) "]", 0, 0, 0, "what a takeover brings is no fault of the survivor"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct reading *a, *system;

		listed = (struct santricity_faults){};
		know("needsAttn");
		assert_int_equal(santricity_failures(rows[i].failures, strlen(rows[i].failures), &s, &listed), 0);
		assert_int_equal(canisters(PAIR("failed")), 0);
		santricity_tell_system(&s, &listed, &sink);
		a = find(&k, KIND_CANISTER, "A");
		system = find(&k, KIND_SYSTEM, "system");
		if (fact_of(a, FACT_LISTED_FAULTS) != rows[i].listed_a || fact_of(a, FACT_NEEDS_SERVICE) != rows[i].service_a ||
			fact_of(system, FACT_NEEDS_SERVICE) != rows[i].service_system)
			fail_msg("%s: %.0f %.0f %.0f", rows[i].why, fact_of(a, FACT_LISTED_FAULTS), fact_of(a, FACT_NEEDS_SERVICE),
				fact_of(system, FACT_NEEDS_SERVICE));
		assert_true(fact_of(find(&k, KIND_CANISTER, "B"), FACT_LISTED_FAULTS) == 0);
	}
	failures("[" FAULT("iocDiagFail", "controller", A_REF) "]");
	assert_int_equal(canisters(PAIR("failed")), 0);
	assert_string_equal(find(&k, KIND_CANISTER, "A")->message, "it lists: iocDiagFail, reported by A at 10.0.0.1");
	/* before the list was had nothing is said, not even that there is none */
	listed = (struct santricity_faults){};
	assert_int_equal(canisters(PAIR("failed")), 0);
	assert_true(fact_of(find(&k, KIND_CANISTER, "A"), FACT_LISTED_FAULTS) == -1);
}

/* More objects than are told apart: none is lost, the rest is the array's. */
static void test_more_failures_than_fit(void **unused)
{
	const unsigned room = SANTRICITY_FAULTS - 1 - SANTRICITY_CANISTERS;
	struct reading last = {.kind = KIND_DRIVE}, survivor = {.kind = KIND_CANISTER}, other = {.kind = KIND_CANISTER};
	char text[8192] = "[";

	(void)unused;
	know("needsAttn");
	for (unsigned i = 1; i <= 60; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s" FAULT("offlineCtl", "drive", "01%02u"), i > 1 ? "," : "", i);
	strcat(text, "," FAULT("iocDiagFail", "controller", "0700AA") "," FAULT("diskFailed", "drive", "0101") "]");
	assert_int_equal(santricity_failures(text, strlen(text), &s, &listed), 0);
	assert_int_equal(listed.n, room + 2);
	assert_int_equal(listed.of[0].count, 2); /* it has its place, whatever came between */
	assert_int_equal(listed.of[room].count, 60 - room);
	/* one for whom there was no place has no faults that are known: that is not none */
	santricity_blame(&listed, "0160", &last);
	assert_true(fact_of(&last, FACT_LISTED_FAULTS) == -1);
	santricity_blame(&listed, "0700AA", &survivor);
	assert_true(fact_of(&survivor, FACT_LISTED_FAULTS) == 1 && fact_of(&survivor, FACT_NEEDS_SERVICE) == 1);
	santricity_blame(&listed, "0700BB", &other);
	assert_true(fact_of(&other, FACT_LISTED_FAULTS) == -1 && fact_of(&other, FACT_NEEDS_SERVICE) == -1);
	santricity_tell_system(&s, &listed, &sink);
	assert_true(fact_of(&k.r[0], FACT_NEEDS_SERVICE) == 1);
	listed = (struct santricity_faults){};
}

static void test_answers_that_do_not_hold(void **unused)
{
	static const char *const systems[] = {"", "{}", "[]", "[{}]", "[{\"id\":\"../1\"}]", "[{\"id\":\"1\"}", "[7]"};
	static const char *const controllers[] = {"", "[]", "{}", "[{\"status\":\"optimal\"}]",
		"[{\"status\":\"optimal\",\"physicalLocation\":{\"label\":\"C\"}}]",
		"[" CONTROLLER("A", "optimal", "1.1.1.1") "," CONTROLLER("A", "optimal", "1.1.1.1") "]"};
	static const char two[] = "[{\"id\":\"1\"},{\"id\":\"2\"}]";
	struct santricity other;

	(void)unused;
	know("optimal");
	for (size_t i = 0; i < ARRAY_SIZE(systems); i++)
		assert_int_equal(santricity_systems(systems[i], strlen(systems[i]), &other), -EBADMSG);
	assert_int_equal(santricity_systems(two, strlen(two), &other), -E2BIG);
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++)
		assert_int_equal(canisters(controllers[i]), -EBADMSG);
	assert_int_equal(santricity_failures("{}", 2, &s, &listed), -EBADMSG);
	assert_int_equal(listed.read, 0);
	assert_int_equal(santricity_pools("{}", 2, &s, &sink), -EBADMSG);
	assert_int_equal(santricity_hardware("{}", 2, &s, &sink), -EBADMSG);
	assert_int_equal(k.n, 0);
}

static void test_cut_off(void **unused)
{
	static const char text[] = "[" CONTROLLER("A", "optimal", "10.0.0.1") "]";

	(void)unused;
	know("optimal");
	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(santricity_canisters(text, n, &s, ""), -EBADMSG);
	assert_int_equal(k.n, 0);
}

static void hardware(const char *lists)
{
	char text[4096];

	/* the lists that every answer has, then what the test is about: of two the last counts */
	snprintf(text, sizeof(text),
		"{\"trays\":[{\"trayRef\":\"0E00\",\"trayId\":99,\"esmMiswire\":false,\"serialNumber\":\"T1\"}],\"drives\":[],"
		"\"powerSupplies\":[],\"fans\":[]%s%s}", *lists ? "," : "", lists);
	k = (struct kept){};
	assert_int_equal(santricity_hardware(text, strlen(text), &s, &sink), 0);
}

static void test_parts_by_every_word(void **unused)
{
	static const struct {
		const char *list;
		enum kind kind;
		struct word_case word;
	} cases[] = {
		{"powerSupplies", KIND_PSU, {"optimal", STATE_OK}}, {"powerSupplies", KIND_PSU, {"failed", STATE_FAILED}},
		{"powerSupplies", KIND_PSU, {"noinput", STATE_FAILED}}, {"powerSupplies", KIND_PSU, {"removed", STATE_ABSENT}},
		{"powerSupplies", KIND_PSU, {"unknown", STATE_UNKNOWN}}, {"powerSupplies", KIND_PSU, {"what", STATE_UNKNOWN}},
		{"fans", KIND_FAN, {"optimal", STATE_OK}}, {"fans", KIND_FAN, {"failed", STATE_FAILED}},
		{"fans", KIND_FAN, {"removed", STATE_ABSENT}}, {"fans", KIND_FAN, {"unknown", STATE_UNKNOWN}},
		{"fans", KIND_FAN, {"what", STATE_UNKNOWN}},
		{"esms", KIND_EXPANDER, {"optimal", STATE_OK}}, {"esms", KIND_EXPANDER, {"uncertified", STATE_DEGRADED}},
		{"esms", KIND_EXPANDER, {"failed", STATE_FAILED}}, {"esms", KIND_EXPANDER, {"removed", STATE_ABSENT}},
		{"esms", KIND_EXPANDER, {"unknown", STATE_UNKNOWN}}, {"esms", KIND_EXPANDER, {"unsupported", STATE_UNKNOWN}},
		{"esms", KIND_EXPANDER, {"what", STATE_UNKNOWN}},
		{"batteries", KIND_BATTERY, {"optimal", STATE_OK}}, {"batteries", KIND_BATTERY, {"maintenanceCharging", STATE_OK}},
		{"batteries", KIND_BATTERY, {"learning", STATE_TRANSITION}},
		{"batteries", KIND_BATTERY, {"fullCharging", STATE_TRANSITION}},
		{"batteries", KIND_BATTERY, {"nearExpiration", STATE_DEGRADED}},
		{"batteries", KIND_BATTERY, {"notInConfig", STATE_DEGRADED}},
		{"batteries", KIND_BATTERY, {"configMismatch", STATE_DEGRADED}},
		{"batteries", KIND_BATTERY, {"overtemp", STATE_DEGRADED}}, {"batteries", KIND_BATTERY, {"expired", STATE_FAILED}},
		{"batteries", KIND_BATTERY, {"replacementRequired", STATE_FAILED}},
		{"batteries", KIND_BATTERY, {"failed", STATE_FAILED}}, {"batteries", KIND_BATTERY, {"removed", STATE_ABSENT}},
		{"batteries", KIND_BATTERY, {"unknown", STATE_UNKNOWN}}, {"batteries", KIND_BATTERY, {"what", STATE_UNKNOWN}},
	};
	char lists[512];

	(void)unused;
	know("optimal");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lists, sizeof(lists),
			"\"%s\":[{\"status\":\"%s\",\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":2,\"locationPosition\":1,"
			"\"label\":\"\"}}]", cases[i].list, cases[i].word.word);
		hardware(lists);
		assert_state(find(&k, cases[i].kind, "99.1"), cases[i].word.want, cases[i].word.word);
		assert_string_equal(find(&k, cases[i].kind, "99.1")->enclosure, "99");
	}
	hardware("\"powerSupplies\":[{\"status\":\"noinput\",\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":1}}]");
	assert_true(fact_of(find(&k, KIND_PSU, "99.1"), FACT_PSU_INPUT) == 0);
}

static void pools(const char *more);

static void test_failures_of_every_kind_of_part(void **unused)
{
	static const struct {
		const char *list, *key, *type, *name;
		enum kind kind;
	} rows[] = {{"esms", "esmRef", "esm", "99.1", KIND_EXPANDER}, {"powerSupplies", "powerSupplyRef", "powerSupply", "99.1", KIND_PSU},
		{"fans", "fanRef", "fan", "99.1", KIND_FAN}, {"batteries", "batteryRef", "battery", "99.1", KIND_BATTERY},
		{"drives", "driveRef", "drive", "99.1", KIND_DRIVE}, {"trays", "trayRef", "tray", "99", KIND_ENCLOSURE}};
	char text[512];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct reading *r;

		know("needsAttn");
		snprintf(text, sizeof(text), "[{\"failureType\":\"cacheDataLoss\",\"objectType\":\"%s\",\"objectRef\":\"0E00\"}]", rows[i].type);
		failures(text);
		assert_true(fact_of(&k.r[0], FACT_NEEDS_SERVICE) == 0); /* nobody looked for it yet */
		snprintf(text, sizeof(text), "\"%s\":[{\"%s\":\"0E00\",\"trayId\":99,\"status\":\"optimal\",\"esmMiswire\":false,"
			"\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":1}}]", rows[i].list, rows[i].key);
		s.faults = &listed;
		santricity_displace(&listed, false);
		hardware(text);
		listed.sought = 1;
		r = find(&k, rows[i].kind, rows[i].name);
		assert_true(fact_of(r, FACT_LISTED_FAULTS) == 1);
		assert_string_equal(r->message, "it lists: cacheDataLoss");
		s.system.nfacts = 0;
		santricity_tell_system(&s, &listed, &sink);
		assert_true(fact_of(find(&k, KIND_SYSTEM, "system"), FACT_NEEDS_SERVICE) == 0);
		/* the part is gone, its failure is not */
		santricity_displace(&listed, false);
		s.system.nfacts = 0;
		k = (struct kept){};
		santricity_tell_system(&s, &listed, &sink);
		assert_true(fact_of(find(&k, KIND_SYSTEM, "system"), FACT_NEEDS_SERVICE) == 1);
	}
	know("needsAttn");
	failures("[" FAULT("diskPoolIncomplete", "pool", "0400AA") "]");
	s.faults = &listed;
	pools(",\"state\":\"complete\"");
	assert_true(fact_of(find(&k, KIND_POOL, "pool1"), FACT_LISTED_FAULTS) == 1);
	s.faults = NULL;
	listed = (struct santricity_faults){};
}

static void test_settings(void **unused)
{
	static const struct {
		const char *key;
		unsigned fact;
		double when_true;
	} rows[] = {{"simplexModeEnabled", FACT_TAKEOVER_ENABLED, 0}, {"asupEnabled", FACT_CALL_HOME_ENABLED, 1},
		{"autoLoadBalancingEnabled", FACT_LOAD_BALANCED, 1}, {"hostConnectivityReportingEnabled", FACT_HOST_PATHS_REPORTED, 1}};
	static const char *const words[] = {"true", "false", "null", "\"maybe\""};
	char text[128];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t w = 0; w < ARRAY_SIZE(words); w++) {
			snprintf(text, sizeof(text), "[{\"id\":\"1\",\"status\":\"optimal\",\"%s\":%s}]", rows[i].key, words[w]);
			assert_int_equal(santricity_systems(text, strlen(text), &s), 0);
			assert_true(fact_of(&s.system, rows[i].fact) == (w == 0 ? rows[i].when_true : w == 1 ? 1 - rows[i].when_true : -1));
		}
}

#define EVENT(n, more) "{\"sequenceNumber\":\"" n "\",\"eventType\":8812,\"priority\":\"priorityCritical\",\"location\":\"Tray 1, Slot 5\"," \
	"\"description\":\"Drive failed\"" more "}"
#define ROUTINE(n) "{\"sequenceNumber\":\"" n "\",\"eventType\":9,\"critical\":false,\"priority\":\"priorityInformational\"}"

static int extent(struct santricity_log *log, unsigned first, unsigned end)
{
	char text[96];

	snprintf(text, sizeof(text), "{\"startingSeqNum\":\"%u\",\"endingSeqNum\":\"%u\"}", first, end);
	return santricity_log_extent(text, strlen(text), log);
}

static int events(struct santricity_log *log, const char *text, uint64_t now_ms)
{
	return santricity_log_events(text, strlen(text), log, now_ms);
}

static double told(const struct santricity_log *log, uint64_t now_ms, unsigned fact, struct reading *r)
{
	*r = (struct reading){};
	santricity_log_tell(log, now_ms, r);
	return fact_of(r, fact);
}

static void test_critical_events_that_are_new_in_the_log(void **unused)
{
	const uint64_t day = 24 * 3600 * 1000;
	struct santricity_log log = {};
	struct reading r;

	(void)unused;
	assert_true(told(&log, 1, FACT_OPEN_ERRORS, &r) == -1);
	assert_int_equal(extent(&log, 1, 900), 0); /* the past */
	assert_true(told(&log, 1, FACT_OPEN_ERRORS, &r) == 0 && told(&log, 1, FACT_ERROR_CODE, &r) == 0);
	assert_int_equal(extent(&log, 1, 900), 0);
	assert_int_equal(extent(&log, 1, 903), 1);
	assert_int_equal(events(&log, "[" EVENT("899", "") "," EVENT("900", "") "," ROUTINE("901") "," EVENT("903", "") "]", 2000), 4);
	assert_int_equal(log.next, 903); /* that one came after the number of the last was asked */
	assert_true(told(&log, 2001, FACT_OPEN_ERRORS, &r) == 1 && told(&log, 2001, FACT_ERROR_CODE, &r) == 8812);
	assert_string_equal(r.message, "900, logged Critical, code 8812: Drive failed, Tray 1, Slot 5");
	/* one that is not whole tells nothing and is asked for again */
	assert_int_equal(extent(&log, 1, 904), 1);
	assert_int_equal(events(&log, "[" EVENT("903", "") ",{\"eventType\":1}]", 3000), -EBADMSG);
	assert_int_equal(events(&log, "{}", 3000), -EBADMSG);
	assert_int_equal(extent(&log, 5, 4), -EBADMSG);
	assert_int_equal(log.next, 903);
	assert_int_equal(events(&log, "[" EVENT("903", ",\"critical\":true") "]", 4000), 1);
	assert_true(told(&log, 4001, FACT_OPEN_ERRORS, &r) == 2);
	assert_true(told(&log, 2000 + day, FACT_OPEN_ERRORS, &r) == 1 && told(&log, 4000 + day, FACT_OPEN_ERRORS, &r) == 0);
	/* cleared, or of a controller that was put in: what it holds is not known to be new */
	assert_int_equal(extent(&log, 1, 40), 0);
	assert_int_equal(log.next, 40);
	/* what stands says more than what was */
	r = (struct reading){.message = "offlineCtl"};
	santricity_log_tell(&log, 4001, &r);
	assert_string_equal(r.message, "offlineCtl");
}

/* What is not critical fills pages too; nothing after them may be missed. */
static void test_a_log_of_several_pages(void **unused)
{
	struct santricity_log log = {};
	char page[SANTRICITY_PAGE * 96];
	struct reading r;
	size_t at = 0;

	(void)unused;
	assert_int_equal(extent(&log, 1, 100), 0);
	assert_int_equal(extent(&log, 1, 200), 1);
	for (unsigned i = 0; i < SANTRICITY_PAGE; i++)
		at += (size_t)snprintf(page + at, sizeof(page) - at, "%c" ROUTINE("%u"), i ? ',' : '[', 100 + i);
	snprintf(page + at, sizeof(page) - at, "]");
	assert_int_equal(events(&log, page, 1000), SANTRICITY_PAGE);
	assert_int_equal(log.next, 100 + SANTRICITY_PAGE);
	assert_int_equal(events(&log, "[" EVENT("199", "") "]", 1000), 1);
	assert_int_equal(log.next, 200);
	assert_true(told(&log, 1001, FACT_OPEN_ERRORS, &r) == 1);
	/* numbers are left out where events were erased */
	assert_int_equal(extent(&log, 1, 210), 1);
	assert_int_equal(events(&log, "[]", 1000), 0);
	assert_int_equal(log.next, 210);
	/* a server may send fewer than were asked for, and there are more */
	assert_int_equal(extent(&log, 1, 300), 1);
	assert_int_equal(events(&log, "[" ROUTINE("210") "," ROUTINE("211") "]", 1000), 2);
	assert_int_equal(log.next, 212);
	/* one that begins anew each time tells nothing, and it is not the end */
	assert_int_equal(events(&log, "[" ROUTINE("210") "," ROUTINE("211") "]", 1000), -EBADMSG);
	assert_int_equal(log.next, 212);
	log.failed = 1;
	assert_true(told(&log, 1001, FACT_OPEN_ERRORS, &r) == -1);
	log.failed = 0;
	assert_true(told(&log, 1001, FACT_OPEN_ERRORS, &r) == 1);
}

static void test_trays_by_every_flag(void **unused)
{
	static const char *const flags[] = {"nonRedundantAccess", "esmVersionMismatch", "esmMiswire", "esmHardwareMismatch",
		"unsupportedTray", "uncertifiedTray", "esmFactoryDefaultsMismatch", "esmGroupError", "drvMHSpeedMismatch"};
	char lists[256];

	(void)unused;
	know("optimal");
	hardware("");
	assert_state(find(&k, KIND_ENCLOSURE, "99"), STATE_OK, "esmMiswire");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		snprintf(lists, sizeof(lists), "\"trays\":[{\"trayId\":99,\"drvMHSpeedMismatch\":false,\"%s\":true}]", flags[i]);
		hardware(lists);
		assert_state(find(&k, KIND_ENCLOSURE, "99"), STATE_DEGRADED, flags[i]);
		assert_string_equal(find(&k, KIND_ENCLOSURE, "99")->raw, flags[i]);
	}
	hardware("\"trays\":[{\"trayId\":99}]");
	assert_state(find(&k, KIND_ENCLOSURE, "99"), STATE_UNKNOWN, "");
}

static void pools(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "[{\"label\":\"pool1\",\"volumeGroupRef\":\"0400AA\"%s}]", more);
	k = (struct kept){};
	assert_int_equal(santricity_pools(text, strlen(text), &s, &sink), 0);
}

static void test_spares_and_parity_of_a_pool(void **unused)
{
	(void)unused;
	pools(",\"raidLevel\":\"raidDiskPool\",\"state\":\"complete\",\"volumeGroupData\":{\"type\":\"diskPool\",\"diskPoolData\":"
	      "{\"reconstructionReservedDriveCount\":2,\"reconstructionReservedDriveCountCurrent\":1}}");
	assert_true(fact_of(find(&k, KIND_POOL, "pool1"), FACT_PARITY) == 2);
	assert_true(fact_of(find(&k, KIND_POOL, "pool1"), FACT_SPARES) == 1);
	pools(",\"raidLevel\":\"raid9\",\"state\":\"complete\"");
	assert_true(fact_of(find(&k, KIND_POOL, "pool1"), FACT_PARITY) == -1);
	assert_true(fact_of(find(&k, KIND_POOL, "pool1"), FACT_SPARES) == -1);
}

#define DRIVE(serial, more)                                                                            \
	"{\"serialNumber\":\"" serial "  \",\"currentVolumeGroupRef\":\"0400AA\",\"status\":\"optimal\","       \
	"\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":3}" more "}"

static void test_pools_and_what_they_need(void **unused)
{
	static const struct word_case states[] = {{"complete", STATE_OK}, {"partial", STATE_DEGRADED},
		{"forced", STATE_DEGRADED}, {"contingent", STATE_DEGRADED}, {"exported", STATE_SERVICE},
		{"incomplete", STATE_FAILED}, {"missing", STATE_FAILED}, {"what", STATE_UNKNOWN}};
	static const struct {
		const char *level;
		unsigned need;
	} levels[] = {{"raid0", 4}, {"raid1", 3}, {"raid3", 3}, {"raid5", 3}, {"raid6", 2}, {"raidDiskPool", 2}, {"raidAll", 0}};
	char more[128];

	(void)unused;
	know("optimal");
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		snprintf(more, sizeof(more), ",\"state\":\"%s\"", states[i].word);
		pools(more);
		assert_state(find(&k, KIND_POOL, "pool1"), states[i].want, states[i].word);
	}
	pools(",\"state\":\"complete\",\"offline\":true");
	assert_state(find(&k, KIND_POOL, "pool1"), STATE_SERVICE, "offline");
	pools(",\"state\":\"complete\",\"isInaccessible\":true");
	assert_state(find(&k, KIND_POOL, "pool1"), STATE_FAILED, "inaccessible");
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		snprintf(more, sizeof(more), ",\"state\":\"complete\",\"raidLevel\":\"%s\"", levels[i].level);
		pools(more);
		/* a failed one is still a member, a spare that stands in is not one */
		hardware("\"drives\":[" DRIVE("S1", "") "," DRIVE("S2", ",\"status\":\"failed\"") "," DRIVE("S3", "") "," DRIVE("S4", "")
			"," DRIVE("S5", ",\"hotSpare\":true") "]");
		assert_int_equal(find(&k, KIND_DRIVE, "serial-S1")->group_need, levels[i].need);
		assert_string_equal(find(&k, KIND_DRIVE, "serial-S1")->group, levels[i].need ? "pool1" : "");
		assert_string_equal(find(&k, KIND_DRIVE, "serial-S5")->group, levels[i].need ? "pool1" : "");
	}
}

static void test_drives_by_every_word(void **unused)
{
	static const struct word_case statuses[] = {{"optimal", STATE_OK}, {"replaced", STATE_DEGRADED},
		{"incompatible", STATE_DEGRADED}, {"dataRelocation", STATE_DEGRADED}, {"preFailCopy", STATE_DEGRADED},
		{"preFailCopyPending", STATE_DEGRADED}, {"failed", STATE_FAILED}, {"bypassed", STATE_FAILED},
		{"unresponsive", STATE_FAILED}, {"removed", STATE_ABSENT}, {"what", STATE_UNKNOWN}};
	static const struct word_case flags[] = {{"offline", STATE_SERVICE}, {"pfa", STATE_DEGRADED},
		{"nonRedundantAccess", STATE_DEGRADED}, {"hasDegradedChannel", STATE_DEGRADED}, {"uncertified", STATE_DEGRADED},
		{"fipsCapable", STATE_OK}};
	static const char name[] = "wwn-0x5000cca0abcdef01";
	const struct reading *r;
	char lists[512];

	(void)unused;
	know("optimal");
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		snprintf(lists, sizeof(lists),
			"\"drives\":[{\"worldWideName\":\"5000CCA0ABCDEF010000000000000000\",\"status\":\"%s\"}]", statuses[i].word);
		hardware(lists);
		assert_state(find(&k, KIND_DRIVE, name), statuses[i].want, statuses[i].word);
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		snprintf(lists, sizeof(lists),
			"\"drives\":[{\"worldWideName\":\"5000CCA0ABCDEF010000000000000000\",\"status\":\"optimal\",\"%s\":true}]",
			flags[i].word);
		hardware(lists);
		assert_state(find(&k, KIND_DRIVE, name), flags[i].want, flags[i].word);
	}
	hardware("\"drives\":[{\"worldWideName\":\"00000000000000000000000000000000\",\"softwareVersion\":\"MS02\","
		 "\"rawCapacity\":\"1000204886016\",\"driveTemperature\":{\"currentTemp\":31},"
		 "\"ssdWearLife\":{\"percentEnduranceUsed\":4},\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":3}}]");
	r = find(&k, KIND_DRIVE, "99.3");
	assert_state(r, STATE_UNKNOWN, "no word, but facts");
	assert_string_equal(r->firmware, "MS02");
	assert_true(r->capacity_bytes == UINT64_C(1000204886016) && r->slot == 3);
	assert_true(fact_of(r, FACT_TEMPERATURE) == 31 && fact_of(r, FACT_WEAR_PCT) == 4);
}

#define VOLUME(writes, mirror, cwob) \
	"{\"label\":\"v\",\"cache\":{\"cwob\":" cwob ",\"mirrorActive\":true,\"mirrorEnable\":" mirror "," \
	"\"readCacheEnable\":true,\"writeCacheActive\":true,\"writeCacheEnable\":" writes "}}"

static void test_is_the_cache_mirrored(void **unused)
{
	static const struct {
		const char *volumes;
		double mirrored; /* -1: not told */
		const char *why;
	} rows[] = {
		{"[" VOLUME("true", "true", "false") "," VOLUME("true", "true", "false") "]", 1, "all"},
		{"[" VOLUME("true", "true", "false") "," VOLUME("true", "false", "false") "]", 0, "one is not"},
		{"[" VOLUME("true", "true", "false") "," VOLUME("false", "false", "false") "]", 1, "no writes in it to be lost"},
		{"[" VOLUME("false", "false", "false") "]", -1, "no write cache at all"},
		{"[]", -1, "no volume"},
		{"[" VOLUME("true", "true", "false") ",{\"label\":\"v\"}]", -1, "one says nothing: not all of them are known"},
		{"[" VOLUME("true", "\"yes\"", "false") "]", -1, "a word that is neither"},
		{"[" VOLUME("true", "false", "false") ",{}]", 0, "one that is not is enough to know"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double v = -1;

		know("optimal");
		assert_int_equal(santricity_volumes(rows[i].volumes, strlen(rows[i].volumes), &s), 0);
		(void)reading_find(&s.system, FACT_CACHE_MIRRORED, &v);
		if (v < rows[i].mirrored || v > rows[i].mirrored)
			fail_msg("%s: %.0f", rows[i].why, v);
		/* it is told with the failures */
		santricity_tell_system(&s, &(struct santricity_faults){}, &sink);
		assert_true(fact_of(find(&k, KIND_SYSTEM, "system"), FACT_CACHE_MIRRORED) == rows[i].mirrored);
	}
	know("optimal");
	assert_int_equal(santricity_volumes("[" VOLUME("true", "true", "true") "]", strlen("[" VOLUME("true", "true", "true") "]"), &s), 0);
	assert_string_equal(s.system.custom[0], "volumes_cached_without_battery");
	assert_true(fact_of(&s.system, FACT_CUSTOM) == 1);
	know("optimal");
	assert_int_equal(santricity_volumes("[{\"cache\":", 10, &s), -EBADMSG);
	assert_int_equal(santricity_volumes("{}", 2, &s), -EBADMSG);
	assert_int_equal(s.system.nfacts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spares_and_parity_of_a_pool), cmocka_unit_test(test_two_fine_canisters), cmocka_unit_test(test_one_in_service),
		cmocka_unit_test(test_every_word_of_a_controller), cmocka_unit_test(test_every_word_of_the_array),
		cmocka_unit_test(test_failures), cmocka_unit_test(test_failures_of_a_controller), cmocka_unit_test(test_more_failures_than_fit),
		cmocka_unit_test(test_failures_of_every_kind_of_part), cmocka_unit_test(test_settings),
		cmocka_unit_test(test_critical_events_that_are_new_in_the_log), cmocka_unit_test(test_a_log_of_several_pages),
		cmocka_unit_test(test_is_the_cache_mirrored), cmocka_unit_test(test_answers_that_do_not_hold),
		cmocka_unit_test(test_cut_off), cmocka_unit_test(test_parts_by_every_word),
		cmocka_unit_test(test_trays_by_every_flag), cmocka_unit_test(test_pools_and_what_they_need),
		cmocka_unit_test(test_drives_by_every_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
