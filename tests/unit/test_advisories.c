/* Advisories: versions and patterns, the devices that each one compiled in is about, and a local file of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "agent/advise_match.h"
#include "agent/config_load.h"
#include "probes/deny.h"

static void test_versions_are_compared_by_their_numbers(void **unused)
{
	static const struct {
		const char *a, *b;
		enum version_order order;
		const char *why;
	} t[] = {
		{"HPD8", "HPD10", VERSION_LESS, "8 < 10, although '8' > '1'"},
		{"HPD10", "HPD8", VERSION_MORE, "and the other way round"},
		{"HPD8", "hpd8", VERSION_SAME, "letters of either case"},
		{"HPD8", "NA05", VERSION_OTHER, "of two sequences"},
		{"B57K", "HPD8", VERSION_OTHER, "of two sequences"},
		{"0009", "0309", VERSION_LESS, "leading zeros"},
		{"NA05", "NA5", VERSION_SAME, "leading zeros"},
		{"6.2.0.5", "6.10.0.0", VERSION_LESS, "part by part"},
		{"7.8.1", "7.8.1.6", VERSION_LESS, "what goes on is later"},
		{"SD1A", "SD1.", VERSION_OTHER, "of two sequences behind the number"},
		{"", "HPD8", VERSION_LESS, "nothing is before everything"},
		{"99999999999999999999999", "100000000000000000000000", VERSION_LESS,
			"longer than any integer"},
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++)
		if (version_compare(t[i].a, t[i].b) != t[i].order)
			fail_msg("'%s' against '%s': %s", t[i].a, t[i].b, t[i].why);
}

static void test_firmware_entries(void **unused)
{
	static const struct {
		const char *entry, *firmware;
		enum advisory_match match;
	} t[] = {
		{"<HPD8", "HPD7", MATCH_YES},
		{"<HPD8", "HPD8", MATCH_NO},
		{"<HPD8", "HPD10", MATCH_NO},
		{"<=HPD8", "HPD8", MATCH_YES},
		{">HPD8", "HPD10", MATCH_YES},
		{"<HPD8", "B57K", MATCH_UNCLEAR},
		{">=NA50 <NA56", "NA55", MATCH_YES},
		{">=NA50 <NA56", "NA05", MATCH_NO},
		{">=NA50 <NA56", "NA56", MATCH_NO},
		{"070H", "070H", MATCH_YES},
		{"070H", "0309", MATCH_NO},
		{"SD1*", "SD1A", MATCH_YES},
		{"SD1?", "SD15X", MATCH_NO},
		{"*", "", MATCH_YES},
		{"<0309", "0009", MATCH_YES},
		{">=11.30 <=11.50.1", "11.50.1R2", MATCH_NO},
	};
	static const char *const bad[] = {
		"<", "< HPD8", "<A <B <C", "<HPD8 or so", "HPD7<", "<AAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	char why[160];

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		if (firmware_match(t[i].entry, t[i].firmware) != t[i].match)
			fail_msg("'%s' and '%s'", t[i].entry, t[i].firmware);
		assert_true(firmware_entry_valid(t[i].entry, why, sizeof(why)));
	}
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		if (firmware_entry_valid(bad[i], why, sizeof(why)))
			fail_msg("'%s' is taken", bad[i]);
}

static void test_globs_end(void **unused)
{
	(void)unused;
	assert_true(advisory_glob("st*88", "ST1200MM0088"));
	assert_true(advisory_glob("*a*b*c", "xxaxxbxxabc"));
	assert_false(advisory_glob("*a*b*c", "xxaxxbxxab"));
	assert_false(advisory_glob("", "x"));
	assert_true(advisory_glob("*", ""));
	/* what makes a backtracking matcher run for years */
	assert_false(advisory_glob(
		"*a*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

/* Every advisory that is compiled in: a device it is about, the same one mended, and another. */
struct vector {
	const char *id, *model, *affected, *fixed, *other_model;
};

/* clang-format off */
static const struct vector vectors[] = {
	{"hpe-a00092491", "VO0480JFDGT", "HPD7", "HPD10", "VO0480JFDGX"},
	{"hpe-a00097382", "MO1600JVYPR", "HPD6", "HPD7", "MO1600JFFCX"},
	{"dell-sandisk-40000h", "LT0800RO", "D413", "D417", "LT0800XX"},
	{"crucial-m4-5184h", "M4-CT128M4SSD2", "0009", "0309", "CT128MX100SSD1"},
	{"netapp-su448", "X447_PHM2800MCTO", "NA04", "NA05", "X447_TPM4V800AMX"},
	{"netapp-su449", "PX02SMF080", "MS02", "MS03", "PX04SMF080"},
	{"cisco-fn63973", "MTFDDAK256MAM-1K1", "070H", "0309", "MTFDDAK256TBN"},
	{"intel-s4510-idle", "INTEL SSDSC2KB019T8", "XCV10100", "XCV10110", "INTEL SSDSC2KB240G8"},
	{"netapp-su496", "X4001S172B1T9NTE", "NA55", "NA56", "X4001S173A1T9NTE"},
	{"netapp-su486", "X438_TPM4V400AMD", "NA03", "NA04", "X438_PHM2400MCTX"},
	{"netapp-su511", "WUH721818AL5204", "NE01", "NE03", "WUH721818AL5205"},
	{"netapp-su545", "ST8000NM018B", "NE01", "NE02", "ST8000NM0055"},
	{"netapp-su498-4tb", "ST4000NM003A", "MS01", "MS02", "ST4000NM0035"},
	{"netapp-su498-8tb", "ST8000NM001A", "NE01", "NE02", "ST8000NM0055"},
	{"ibm-6495365", "PX05SRB192", "6402", "6406", "PX05SVB192"},
	{"dell-000367346", "SSDPF2NV153TZ", "VPV1ET10", "VPV1ET13", NULL},
	{"samsung-980pro", "Samsung SSD 980 PRO 2TB", "3B2QGXA7", "5B2QGXA7", "Samsung SSD 980 1TB"},
	{"samsung-990pro", "Samsung SSD 990 PRO 2TB", "0B2QJXD7", "1B2QJXD7", "Samsung SSD 990 EVO 1TB"},
	{"intel-320-8mb", "INTEL SSDSA2CW160G3", "4PC10302", "4PC10362", "INTEL SSDSC2BB160G4"},
	{"seagate-207931", "ST31000340AS", "SD15", "SD1A", "ST31000524AS"},
	{"samsung-f4-smart", "SAMSUNG HD204UI", "1AQ10001", NULL, "SAMSUNG HD103SJ"},
	{"intel-x25-selftest-log", "INTEL SSDSA2M160G2GC", "2CV102HD", NULL, "INTEL SSDSC2BW240A4"},
	{"ibm-s1004038", "Storwize V7000", "6.3.0.1 (build 54.2)", "6.4.1.4", "DS8870"},
	{"oracle-1569641.1", "Sun Storage 6180", "07.84.44.10", "08.20.09.00", "Sun Storage 7420"},
	{"ibm-h205201", "EXP710", "9682", NULL, "EXP2500"},
	{"hp-msa2000g2-m110", "MSA2312fc", "M110R28", "M114P01", "MSA 2040"},
	{"netapp-su367", "E2800", "11.50.1R2", "11.50.3", "E5600"},
	{"ibm-hu02216", "IBM Storwize V7000", "8.3.1.1", "8.3.1.2", "DS8870"},
	{"ibm-hu01792", "IBM SAN Volume Controller", "7.8.1.5", "7.8.1.6", "DS8870"},
	{"ibm-s1003712", "XIV 2810-A14", "10.2.2.a", "10.2.4", "DS8870"},
	{"hpe-a00097210", "HPE Smart Array P408i-a SR Gen10", "1.99", "2.65", "HPE Smart Array P440ar"},
};
/* clang-format on */

static const struct vector *vector_of(const char *id)
{
	for (unsigned i = 0; i < ARRAY_SIZE(vectors); i++)
		if (!strcmp(vectors[i].id, id))
			return &vectors[i];
	fail_msg("advisory %s has no devices in the test", id);
	return &vectors[0];
}

static void matches(const struct config *c, const struct cfg_advisory *a, const char *model,
	const char *firmware, enum advisory_match want)
{
	enum advisory_match m = advisory_match(c, a, (enum kind)a->kind, "", model, firmware);

	if (m != want)
		fail_msg("%s: model '%s' firmware '%s' is %d, expected %d", cfg_str(c, a->id),
			model, firmware, (int)m, (int)want);
}

static struct config *compiled_in(void)
{
	struct config *c = calloc(1, sizeof(*c));
	struct config_errors errs = {.err = stderr};

	assert_non_null(c);
	assert_int_equal(advisories_load_all(NULL, c, &errs), 0);
	return c;
}

static void test_each_advisory_knows_its_devices(void **unused)
{
	struct config *c = compiled_in();

	(void)unused;
	assert_int_equal(c->nadvisories, ARRAY_SIZE(vectors));
	for (unsigned i = 0; i < c->nadvisories; i++) {
		const struct cfg_advisory *a = &c->advisories[i];
		const struct vector *v = vector_of(cfg_str(c, a->id));
		bool all = text_equal(cfg_list(c, a->firmware, 0), "*");
		bool any_model = text_equal(cfg_list(c, a->models, 0), "*");

		matches(c, a, v->model, v->affected, MATCH_YES);
		matches(c, a, v->model, "", all ? MATCH_YES : any_model ? MATCH_NO : MATCH_UNCLEAR);
		if (v->fixed)
			matches(c, a, v->model, v->fixed, MATCH_NO);
		if (v->other_model)
			matches(c, a, v->other_model, v->affected, MATCH_NO);
		/* the same words on another kind of part are about something else */
		assert_int_equal(
			advisory_match(c, a, a->kind == KIND_DRIVE ? KIND_CANISTER : KIND_DRIVE, "",
				v->model, v->affected),
			MATCH_NO);
		assert_int_equal(strncmp(cfg_str(c, a->source), "http", 4), 0);
		assert_int_equal(strlen(cfg_str(c, a->checked)), 10);
	}
	free(c);
}

/* What probes leave alone and what people are told must be the same drives. */
static void test_what_polling_harms_is_left_alone(void **unused)
{
	static const char *const denied[] = {"SAMSUNG HD155UI", "SAMSUNG HD204UI",
		"INTEL SSDSA1M080G2GN", "INTEL SSDSA2M160G2GC", "KINGSTON SNV425S2"};
	struct config *c = compiled_in();
	const char *why = NULL;

	(void)unused;
	for (unsigned i = 0; i < c->nadvisories; i++)
		if (c->advisories[i].trigger == ADVISORY_POLLING)
			assert_int_not_equal(
				deny_find(vector_of(cfg_str(c, c->advisories[i].id))->model, "",
					&why),
				DENY_NOTHING);
	for (unsigned k = 0; k < ARRAY_SIZE(denied); k++) {
		unsigned told = 0;

		assert_int_not_equal(deny_find(denied[k], "", &why), DENY_NOTHING);
		for (unsigned i = 0; i < c->nadvisories; i++)
			told += c->advisories[i].trigger == ADVISORY_POLLING &&
				advisory_match(c, &c->advisories[i], KIND_DRIVE, "", denied[k],
					"1") == MATCH_YES;
		assert_int_equal(told, 1);
	}
	free(c);
}

static void load(const char *yaml, const char *says_so, unsigned nadvisories)
{
	struct config *c = calloc(1, sizeof(*c));
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct config_errors errs = {.err = out};
	int r = advisories_load("local.yaml", yaml, strlen(yaml), c, &errs);

	fclose(out);
	assert_int_equal(r, says_so ? -22 : 0);
	assert_string_equal(text, says_so ? says_so : "");
	if (!says_so)
		assert_int_equal(c->nadvisories, nadvisories);
	free(c);
}

#define ROW(rest)                                                                                                         \
	"version: 1\nadvisories:\n"                                                                                       \
	"  - {id: x, kind: drive, models: [M], effect: stops, source: \"https://e.example/\", checked: 2026-01-31, " rest \
	"}\n"

static void test_a_local_file_is_told_every_mistake(void **unused)
{
	(void)unused;
	load(ROW("firmware: [\"<HPD8\"], trigger: power_on_hours, hours: 100"), NULL, 1);
	load(ROW("firmware: [\"<HPD8\"], trigger: power_on_hours"),
		"local.yaml:3:5: error: 'hours' is missing: when is the trigger reached?\n", 0);
	load(ROW("firmware: [\"<\"], trigger: uptime, hours: 3"),
		"local.yaml:3:5: error: 'days' is missing: when is the trigger reached?\n"
		"local.yaml:3:116: error: '<' is neither a version, a pattern with * and ?, nor limits like '<HPD8' or "
		"'>=NA50 <NA56'\n"
		"local.yaml:3:139: error: a trigger 'uptime' has none\n",
		0);
	load(ROW("firmware: [A], trigger: sometimes"),
		"local.yaml:3:129: error: unknown word 'sometimes', expected one of: always, power_on_hours, "
		"power_on_hours_then_power_cycle, idle_hours, uptime, power_cycle, operation, polling\n",
		0);
	load(ROW("firmware: [A], trigger: always, guard: [reboot_canistr]"),
		"local.yaml:3:145: error: unknown word 'reboot_canistr', did you mean 'reboot_canister'?\n",
		0);
	load("version: 1\nadvisories: []\n", NULL, 0);
}

static void test_a_local_entry_replaces_one_of_the_same_id(void **unused)
{
	static const char yaml[] =
		"version: 1\nadvisories:\n  - {id: samsung-990pro, kind: drive, models: [M], firmware: [A], trigger: always, "
		"effect: nothing, source: \"https://e.example/\", checked: 2026-01-31}\n";
	struct config *c = compiled_in();
	struct config_errors errs = {.err = stderr};
	unsigned n = c->nadvisories, found = 0;

	(void)unused;
	assert_int_equal(advisories_load("local.yaml", yaml, strlen(yaml), c, &errs), 0);
	assert_int_equal(c->nadvisories, n);
	for (unsigned i = 0; i < n; i++)
		found += text_equal(cfg_str(c, c->advisories[i].effect), "nothing");
	assert_int_equal(found, 1);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions_are_compared_by_their_numbers),
		cmocka_unit_test(test_firmware_entries),
		cmocka_unit_test(test_globs_end),
		cmocka_unit_test(test_each_advisory_knows_its_devices),
		cmocka_unit_test(test_what_polling_harms_is_left_alone),
		cmocka_unit_test(test_a_local_file_is_told_every_mistake),
		cmocka_unit_test(test_a_local_entry_replaces_one_of_the_same_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
