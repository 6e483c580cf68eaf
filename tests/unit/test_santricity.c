/* Answers of NetApp E-Series arrays: what each word of a controller and the array means, and that what is not whole says nothing. */
#include "santricity_lab.h"

static const struct reading *canister(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "[{\"physicalLocation\":{\"label\":\"A\",\"slot\":1}%s}]", more);
	assert_int_equal(canisters(text), 0);
	return find(&k, KIND_CANISTER, "A");
}

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
		cmocka_unit_test(test_two_fine_canisters), cmocka_unit_test(test_one_in_service),
		cmocka_unit_test(test_every_word_of_a_controller), cmocka_unit_test(test_every_word_of_the_array),
		cmocka_unit_test(test_settings), cmocka_unit_test(test_is_the_cache_mirrored),
		cmocka_unit_test(test_answers_that_do_not_hold), cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
