/* What an E-Series array says has failed: its list of failures, and what is new in its log. */
#include "santricity_lab.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failures), cmocka_unit_test(test_failures_of_a_controller),
		cmocka_unit_test(test_more_failures_than_fit), cmocka_unit_test(test_failures_of_every_kind_of_part),
		cmocka_unit_test(test_critical_events_that_are_new_in_the_log), cmocka_unit_test(test_a_log_of_several_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
