/* Paths: words, port groups, names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/alua.h"

/* clang-format off */
/* two groups: 1 preferred and optimized with ports 1 and 2, 2 with whatever byte 16 says and port 3 */
static const uint8_t groups[] = {0, 0, 0, 28, 0x80, 0xcf, 0, 1, 0, 2, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2,
	0x01, 0xcf, 0, 2, 0, 2, 0, 1, 0, 0, 0, 3};
/* VPD 83h: NAA of the unit, relative target port 3, target port group 2, a group of association 0 that is not it */
static const uint8_t identification[] = {0, 0x83, 0, 36, 1, 3, 0, 8, 0x60, 1, 2, 3, 4, 5, 6, 7, 1, 0x14, 0, 4, 0, 0,
	0, 3, 1, 0x15, 0, 4, 0, 0, 0, 2, 1, 0x05, 0, 4, 0, 0, 0, 9};

/* clang-format on */

static void test_port_groups(void **unused)
{
	struct alua_group g[4];
	size_t n = 0;
	uint8_t cut[sizeof(groups)];

	(void)unused;
	assert_int_equal(alua_decode_groups(groups, sizeof(groups), g, 4, &n), OUTCOME_OK);
	assert_int_equal(n, 2);
	assert_int_equal(g[0].group, 1);
	assert_true(g[0].preferred);
	assert_int_equal(g[0].ports, 2);
	assert_int_equal(g[1].group, 2);
	assert_int_equal(g[1].access, ALUA_NON_OPTIMIZED);
	assert_false(g[1].preferred);
	for (size_t len = 0; len < sizeof(groups); len++)
		assert_int_equal(alua_decode_groups(groups, len, g, 4, &n), OUTCOME_SHORT);
	for (uint8_t said = 0; said < 28; said++) {
		memcpy(cut, groups, sizeof(cut));
		cut[3] = said;
		assert_int_equal(alua_decode_groups(cut, sizeof(cut), g, 4, &n),
			said == 16 ? OUTCOME_OK : OUTCOME_NONSENSE);
	}
	assert_int_equal(alua_decode_groups(groups, sizeof(groups), g, 1, &n), OUTCOME_UNSUPPORTED);
}

static void test_extended_header(void **unused)
{
	static const uint8_t extended[] = {
		0, 0, 0, 16, 0x10, 60, 0, 0, 0x0f, 0xcf, 0, 7, 0, 2, 0, 1, 0, 0, 0, 1};
	struct alua_group g;
	size_t n;

	(void)unused;
	assert_int_equal(alua_decode_groups(extended, sizeof(extended), &g, 1, &n), OUTCOME_OK);
	assert_int_equal(g.group, 7);
	assert_int_equal(g.access, ALUA_TRANSITIONING);
}

static void test_own_port(void **unused)
{
	uint8_t page[sizeof(identification)];
	struct alua_port p;

	(void)unused;
	assert_int_equal(alua_decode_port(identification, sizeof(identification), &p), OUTCOME_OK);
	assert_true(p.have_group && p.have_port);
	assert_int_equal(p.group, 2);
	assert_int_equal(p.port, 3);
	for (size_t len = 0; len < sizeof(identification); len++)
		assert_int_equal(alua_decode_port(identification, len, &p), OUTCOME_SHORT);
	memcpy(page, identification, sizeof(page));
	page[3] = 12;
	assert_int_equal(alua_decode_port(page, sizeof(page), &p), OUTCOME_UNSUPPORTED);
	page[3] = 35;
	assert_int_equal(alua_decode_port(page, sizeof(page), &p), OUTCOME_NONSENSE);
	page[1] = 0x80;
	assert_int_equal(alua_decode_port(page, sizeof(page), &p), OUTCOME_NONSENSE);
}

static void test_every_access_state(void **unused)
{
	static const enum state want[16] = {[0] = STATE_OK,
		[1] = STATE_OK,
		[2] = STATE_SERVICE,
		[3] = STATE_FAILED,
		[4] = STATE_OK,
		[0xe] = STATE_FAILED,
		[0xf] = STATE_TRANSITION};
	struct path_state s;

	(void)unused;
	for (uint8_t a = 0; a < 16; a++) {
		struct alua_group g = {.access = a, .supported = 0xcf};

		alua_state(&g, &s);
		assert_int_equal(s.state, want[a]);
		assert_true(s.raw[0]);
		assert_int_equal(s.limit_ms, a == 0xf ? 60000 : 0);
		assert_int_equal(alua_serves(&g), a == 0);
	}
	/* active/passive: the group knows no other way to wait */
	alua_state(&(struct alua_group){.access = ALUA_STANDBY, .supported = 0xcd}, &s);
	assert_int_equal(s.state, STATE_OK);
}

static void test_what_an_answer_proves(void **unused)
{
	static const struct {
		const char *why;
		enum outcome o;
		uint8_t status, key, asc, ascq;
		enum state want;
	} cases[] = {
		/* clang-format off */
		{"good", OUTCOME_OK, 0, 0, 0, 0, STATE_OK},
		{"no connection", OUTCOME_GONE, 0, 0, 0, 0, STATE_FAILED},
		{"silence is not proof", OUTCOME_TIMEOUT, 0, 0, 0, 0, STATE_UNREACHABLE},
		{"lost on its way", OUTCOME_ERROR, 0, 0, 0, 0, STATE_FAILED},
		{"transition", OUTCOME_ERROR, 2, SENSE_NOT_READY, 4, 0x0a, STATE_TRANSITION},
		{"standby", OUTCOME_ERROR, 2, SENSE_NOT_READY, 4, 0x0b, STATE_SERVICE},
		{"unavailable", OUTCOME_ERROR, 2, SENSE_NOT_READY, 4, 0x0c, STATE_FAILED},
		{"not ready", OUTCOME_ERROR, 2, SENSE_NOT_READY, 4, 3, STATE_FAILED},
		{"stopped", OUTCOME_ASLEEP, 2, SENSE_NOT_READY, 4, 2, STATE_FAILED},
		{"no unit", OUTCOME_UNSUPPORTED, 2, SENSE_ILLEGAL, 0x25, 0, STATE_FAILED},
		{"a bad block is not a bad path", OUTCOME_ERROR, 2, SENSE_MEDIUM, 0x11, 0, STATE_DEGRADED},
		{"busy", OUTCOME_ERROR, STATUS_BUSY, 0, 0, 0, STATE_DEGRADED},
		{"reserved", OUTCOME_ERROR, STATUS_RESERVATION_CONFLICT, 0, 0, 0, STATE_OK},
		{"check condition without sense", OUTCOME_ERROR, 2, 0, 0, 0, STATE_FAILED},
		/* clang-format on */
	};
	struct path_state s;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_sense sense = {cases[i].key, cases[i].asc, cases[i].ascq, false};

		alua_answer(cases[i].o, cases[i].status, &sense, &s);
		if (s.state != cases[i].want)
			fail_msg("%s: %s", cases[i].why, state_text((enum state)s.state));
	}
}

static void test_every_word(void **unused)
{
	static const struct {
		enum path_vocabulary v;
		const char *word;
		enum state want;
	} cases[] = {
		/* clang-format off */
		{PATH_SCSI_DEVICE, "running\n", STATE_OK}, {PATH_SCSI_DEVICE, "blocked", STATE_TRANSITION},
		{PATH_SCSI_DEVICE, "created-blocked", STATE_TRANSITION}, {PATH_SCSI_DEVICE, "created", STATE_TRANSITION},
		{PATH_SCSI_DEVICE, "quiesce", STATE_TRANSITION}, {PATH_SCSI_DEVICE, "offline", STATE_FAILED},
		{PATH_SCSI_DEVICE, "transport-offline", STATE_FAILED}, {PATH_SCSI_DEVICE, "cancel", STATE_ABSENT},
		{PATH_SCSI_DEVICE, "deleted", STATE_ABSENT}, {PATH_SCSI_DEVICE, "Running", STATE_UNKNOWN},
		{PATH_ISCSI_SESSION, "LOGGED_IN", STATE_OK}, {PATH_ISCSI_SESSION, "FAILED", STATE_FAILED},
		{PATH_ISCSI_SESSION, "FREE", STATE_FAILED}, {PATH_ISCSI_SESSION, "", STATE_UNKNOWN},
		{PATH_FC_PORT, "Online", STATE_OK}, {PATH_FC_PORT, "Marginal", STATE_DEGRADED},
		{PATH_FC_PORT, "Blocked", STATE_TRANSITION}, {PATH_FC_PORT, "Not Present", STATE_FAILED},
		{PATH_FC_PORT, "Linkdown", STATE_FAILED}, {PATH_FC_PORT, "Offline", STATE_FAILED},
		{PATH_FC_PORT, "Bypassed", STATE_FAILED}, {PATH_FC_PORT, "Diagnostics", STATE_FAILED},
		{PATH_FC_PORT, "Error", STATE_FAILED}, {PATH_FC_PORT, "Loopback", STATE_FAILED},
		{PATH_FC_PORT, "Deleted", STATE_ABSENT}, {PATH_FC_PORT, "Unknown", STATE_UNKNOWN},
		{PATH_NVME, "live", STATE_OK}, {PATH_NVME, "new", STATE_TRANSITION}, {PATH_NVME, "resetting", STATE_TRANSITION},
		{PATH_NVME, "connecting", STATE_FAILED}, {PATH_NVME, "deleting", STATE_FAILED},
		{PATH_NVME, "deleting (no IO)", STATE_FAILED}, {PATH_NVME, "dead", STATE_FAILED}, {PATH_NVME, "?", STATE_UNKNOWN},
		{PATH_ANA, "optimized", STATE_OK}, {PATH_ANA, "non-optimized", STATE_OK}, {PATH_ANA, "inaccessible", STATE_TRANSITION},
		{PATH_ANA, "change", STATE_TRANSITION}, {PATH_ANA, "persistent-loss", STATE_FAILED},
		{PATH_ANA, "invalid state", STATE_UNKNOWN},
		{PATH_CHECKER, "ready", STATE_OK}, {PATH_CHECKER, "ghost", STATE_OK}, {PATH_CHECKER, "shaky", STATE_DEGRADED},
		{PATH_CHECKER, "delayed", STATE_DEGRADED}, {PATH_CHECKER, "i/o pending", STATE_TRANSITION},
		{PATH_CHECKER, "faulty", STATE_FAILED}, {PATH_CHECKER, "i/o timeout", STATE_FAILED},
		{PATH_CHECKER, "disconnected", STATE_FAILED}, {PATH_CHECKER, "undef", STATE_UNKNOWN},
		{PATH_VOCABULARY_COUNT, "running", STATE_UNKNOWN},
		/* clang-format on */
	};
	struct path_state s;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		path_word(cases[i].v, cases[i].word, &s);
		if (s.state != cases[i].want)
			fail_msg("%s: %s", cases[i].word, state_text((enum state)s.state));
		assert_int_equal(s.limit_ms, cases[i].want == STATE_TRANSITION ? 60000 : 0);
	}
}

static void test_namespaces_of_a_controller(void **unused)
{
	static const struct {
		const char *words[3];
		enum state want;
		const char *raw;
	} cases[] = {
		/* clang-format off */
		{{NULL}, STATE_OK, "live"},
		{{"optimized", "non-optimized"}, STATE_OK, "live"},
		{{"optimized", "inaccessible"}, STATE_DEGRADED, "1 of 2 namespaces inaccessible"},
		{{"inaccessible", "inaccessible"}, STATE_TRANSITION, "inaccessible"},
		{{"inaccessible", "persistent-loss"}, STATE_FAILED, "persistent-loss"},
		{{"optimized", "invalid state"}, STATE_UNKNOWN, "invalid state"},
		{{"persistent-loss", "what"}, STATE_UNKNOWN, "what"},
		/* clang-format on */
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ana_sum sum = {};
		struct path_state s;

		for (unsigned k = 0; k < 3 && cases[i].words[k]; k++)
			ana_add(&sum, cases[i].words[k]);
		ana_total(&sum, &s);
		assert_int_equal(s.state, cases[i].want);
		assert_string_equal(s.raw, cases[i].raw);
	}
}

static void test_names(void **unused)
{
	static const char *const parts[] = {"iscsi", "", NULL, "192.0.2.5:3260", "lun 0"};
	char text[32], small[12];

	(void)unused;
	path_name(parts, ARRAY_SIZE(parts), text, sizeof(text));
	assert_string_equal(text, "iscsi:192.0.2.5:3260:lun_0");
	path_name(parts, ARRAY_SIZE(parts), small, sizeof(small));
	assert_string_equal(small, ":3260:lun_0");
	assert_true(path_field("traddr=10.0.0.1,trsvcid=4420\n", "trsvcid", text, sizeof(text)));
	assert_string_equal(text, "4420");
	assert_true(path_field("host_traddr=a,traddr=b", "traddr", text, sizeof(text)));
	assert_string_equal(text, "b");
	assert_false(path_field("0000:01:00.0", "traddr", text, sizeof(text)));
	assert_true(path_part("/sys/devices/platform/host3/session2/target3:0:0/3:0:0:1/block/sdb",
		"session", text, sizeof(text)));
	assert_string_equal(text, "session2");
	assert_true(path_part("/sys/a/host2/rport-2:0-1/b", "rport-", text, sizeof(text)));
	assert_string_equal(text, "rport-2:0-1");
	assert_false(path_part("/sys/hostile/ghost1", "host", text, sizeof(text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port_groups),
		cmocka_unit_test(test_extended_header),
		cmocka_unit_test(test_own_port),
		cmocka_unit_test(test_every_access_state),
		cmocka_unit_test(test_what_an_answer_proves),
		cmocka_unit_test(test_every_word),
		cmocka_unit_test(test_namespaces_of_a_controller),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
