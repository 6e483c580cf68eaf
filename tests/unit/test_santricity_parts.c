/* Parts, trays, drives and pools of an E-Series array by every word, and what a pool needs. */
#include "santricity_lab.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spares_and_parity_of_a_pool), cmocka_unit_test(test_parts_by_every_word),
		cmocka_unit_test(test_trays_by_every_flag), cmocka_unit_test(test_pools_and_what_they_need),
		cmocka_unit_test(test_drives_by_every_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
