/* What holds now, as ballastctl tells it: exit code, sentence, Nagios line, JSON, tables, and what explains it. */
#include <json-c/json.h>

#include "agent/rules.h"
#include "ctl_call.h"

static void verdict(struct model *m, enum verdict v)
{
	healthy(m);
	array_at(m, 0)->verdict = (uint8_t)v;
	array_at(m, 0)->visibility = v == VERDICT_BLIND ? VISIBILITY_BLIND : VISIBILITY_FULL;
}

static void test_exit_code_of_every_verdict(void **unused)
{
	static const int codes[VERDICT_COUNT] = {[VERDICT_NONE] = 3,
		[VERDICT_REDUNDANT] = 0,
		[VERDICT_SINGLE] = 0,
		[VERDICT_AT_RISK] = 1,
		[VERDICT_DEGRADED] = 1,
		[VERDICT_BLIND] = 3,
		[VERDICT_NOT_REDUNDANT] = 2,
		[VERDICT_IMPENDING_LOSS] = 2,
		[VERDICT_ACCESS_LOST] = 2};
	static const char *const how[] = {"status", "status --json", "status --nagios"};

	(void)unused;
	for (int v = 0; v < VERDICT_COUNT; v++)
		for (size_t i = 0; i < ARRAY_SIZE(how); i++) {
			struct call k = {};

			verdict(&k.model, (enum verdict)v);
			call_run(&k, how[i], true);
			assert_int_equal(k.status, codes[v]);
			assert_string_equal(k.err, "");
			call_end(&k);
		}
}

/* Findings count beside the verdict, until somebody has taken them. */
static void test_exit_code_of_findings(void **unused)
{
	static const struct {
		enum severity severity, acked;
		int status;
	} rows[] = {
		{SEV_INFO, SEV_NONE, 0},
		{SEV_WARNING, SEV_NONE, 1},
		{SEV_CRITICAL, SEV_NONE, 2},
		{SEV_WARNING, SEV_WARNING, 0},
		{SEV_CRITICAL, SEV_WARNING, 2},
		{SEV_CRITICAL, SEV_CRITICAL, 0},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};
		struct finding_row *f;

		healthy(&k.model);
		f = build_finding(&k.model, 0, 0, "canister.degraded", rows[i].severity);
		f->acked = rows[i].acked != SEV_NONE;
		f->acked_severity = (uint8_t)rows[i].acked;
		call_run(&k, "status", true);
		assert_int_equal(k.status, rows[i].status);
		call_end(&k);
	}
}

static void test_simulated_arrays_do_not_page(void **unused)
{
	struct call k = {};

	(void)unused;
	healthy(&k.model);
	build_array(&k.model, "demo", VERDICT_ACCESS_LOST, -1, 1);
	array_at(&k.model, 1)->simulated = 1;
	call_run(&k, "status", true);
	assert_int_equal(k.status, 0);
	call_end(&k);
}

/* A check that looks at nothing real is neither ok nor critical, whatever is played to it. */
static void test_only_simulated_arrays_are_unknown(void **unused)
{
	static const char *const lines[] = {"status", "--json status", "status --nagios"};
	static const char *const says[] = {"Can I sleep? No.\n", "\"worst\":\"critical\"",
		"BALLAST UNKNOWN - no array is known but simulated ones. |"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct call k = {};

		build_self(&k.model);
		build_array(&k.model, "demo", VERDICT_ACCESS_LOST, -1, 1);
		array_at(&k.model, 0)->simulated = 1;
		call_run(&k, lines[i], true);
		assert_int_equal(k.status, 3);
		assert_non_null(strstr(k.out, says[i]));
		call_end(&k);
	}
}

static void incident(struct model *m)
{
	struct run_row run = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.mode = RUN_MODE_APPROVED,
		.id = 147,
		.since_wall_ms = AGO(113),
		.approve_until_wall_ms = BUILD_WALL + 581000};
	struct plan_row plan = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.armed = 1,
		.name = "san1-to-standby",
		.target = "stor2"};
	struct sink_row sink = {.used = 1,
		.state = SINK_RETRYING,
		.type = SINK_SLACK,
		.queued = 2,
		.success_wall_ms = AGO(100),
		.name = "backup",
		.error = "connection refused"};

	build_self(m);
	build_array(m, "san1", VERDICT_IMPENDING_LOSS, 0, 1);
	build_canisters(m, 0, STATE_DEGRADED, STATE_SERVICE);
	build_finding(m, 0, 0, "no.such-rule", SEV_CRITICAL)->told = 1;
	plan.run = build_row(m, TABLE_RUN, &run);
	build_row(m, TABLE_PLAN, &plan);
	build_row(m, TABLE_SINK, &sink);
}

static const char golden_status[] =
	"Can I sleep? No.\n"
	"san1 — one failure from an outage: canister B is out of service; canister A runs the same code 7.8.1.11 and is "
	"failing.\n"
	"stor1.example.net, 02:51:34 UTC, record 14\n"
	"\n"
	"ARRAY  VERDICT         MARGIN  SEEN  SINCE     CARRIES\n"
	"san1   impending_loss  0       full  02:49:41  dns, imap, web\n"
	"\n"
	"FINDING  SEVERITY  ARRAY  SINCE     ACKNOWLEDGED  WHAT\n"
	"F-31     critical  san1   02:49:40  -             Canister A: no.such-rule\n"
	"\n"
	"PLAN             ARRAY  MODE     ARMED  STATE             RUN   LAST REFUSAL\n"
	"san1-to-standby  san1   approve  yes    waiting_approval  r147  -\n"
	"\n"
	"SINK    TYPE   STATE     WAITING  LAST ACCEPTED  LAST ERROR\n"
	"backup  slack  retrying  2        02:49:54       connection refused\n"
	"\n"
	"What you must do:\n"
	" 1. Approve plan san1-to-standby, or decide not to, before 03:01:15 UTC\n"
	"    Moves to stor2. No answer means nothing is moved. To refuse: ballastctl failover deny r147.\n"
	"    $ ballastctl failover approve r147\n"
	" 2. Call IBM, severity 1\n"
	"    Type 2076-124, serial 78A0000, code 7.8.1.11, canister B is out of service.\n"
	" 3. Keep hands off canister A\n"
	"    It serves alone. No restart, no re-seat, no update, no new load.\n"
	" 4. Stop the repeated pages\n"
	"    Quiet until it gets worse:\n"
	"    $ ballastctl ack F-31 --why \"on it\" --for 2h\n";

static void test_status_reads_as_it_should(void **unused)
{
	struct call k = {};

	(void)unused;
	incident(&k.model);
	call_run(&k, "status", true);
	assert_string_equal(k.out, golden_status);
	assert_int_equal(k.status, 2);
	call_end(&k);
}

/* "armed yes" beside "done" is half of it: until a person has looked at the run nothing starts by itself. */
static void test_armed_beside_a_run_that_ended(void **unused)
{
	static const struct {
		enum run_state state;
		bool armed, cleared;
		const char *status, *list;
	} rows[] = {
		{RUN_DONE, true, false, "  when cleared  done ", " armed when cleared, done\n"},
		{RUN_FROZEN, true, false, "  when cleared  frozen ",
			" armed when cleared, frozen\n"},
		{RUN_DONE, false, false, "  no     done ", " disarmed, done\n"},
		{RUN_DONE, true, true, "  yes    done ", " armed, done\n"},
		{RUN_PROMOTING, true, false, "  yes    promoting ", " armed, promoting\n"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *lines[] = {"status", "failover list"};

		for (size_t k = 0; k < ARRAY_SIZE(lines); k++) {
			struct call call = {};

			incident(&call.model);
			run_at(&call.model, 0)->state = plan_at(&call.model, 0)->state =
				(uint8_t)rows[i].state;
			run_at(&call.model, 0)->cleared = rows[i].cleared;
			plan_at(&call.model, 0)->armed = rows[i].armed;
			call_run(&call, lines[k], true);
			assert_non_null(strstr(call.out, k ? rows[i].list : rows[i].status));
			call_end(&call);
		}
	}
}

static void test_a_step_that_failed_says_why(void **unused)
{
	struct step_row s = {.used = 1, .run = 0, .index = 7, .state = STEP_FAILED, .exit_kind = EXIT_NO_SPAWN,
		.name = "swapped", .status = "/p/10-dns: others than root can write to this script"};
	struct call k = {};

	(void)unused;
	incident(&k.model);
	s.index = (uint16_t)step_count(&k.model);
	build_row(&k.model, TABLE_STEP, &s);
	call_run(&k, "failover list", true);
	assert_non_null(strstr(k.out, "swapped: failed, could not be started\n"
		"      /p/10-dns: others than root can write to this script\n"));
	call_end(&k);
}

/* Whoever had to say where the daemon is has to say it again; the environment says it by itself. */
static void test_commands_that_it_tells_reach_the_same_daemon(void **unused)
{
	static const char *const lines[] = {
		"--control @SOCKET@ status", "--control @SOCKET@ failover list"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char approve[128], arm[128];
		struct call k = {};

		incident(&k.model);
		copy_text(plan_at(&k.model, 0)->refused_gate, 24, "armed");
		copy_text(plan_at(&k.model, 0)->refused_why, 128, "ballastctl failover arm p");
		call_run(&k, lines[i], true);
		format_text(approve, sizeof(approve),
			"ballastctl --control %s failover approve r147", k.fake.path);
		format_text(arm, sizeof(arm), "armed: ballastctl --control %s failover arm p",
			k.fake.path);
		assert_non_null(strstr(k.out, approve));
		assert_non_null(strstr(k.out, arm));
		call_end(&k);
		incident(&k.model);
		call_run(&k, lines[i] + strlen("--control @SOCKET@ "), true);
		assert_non_null(strstr(k.out, "ballastctl failover approve r147"));
		call_end(&k);
	}
}

static void test_nagios_is_one_line(void **unused)
{
	struct call k = {};

	(void)unused;
	incident(&k.model);
	copy_text(component_at(&k.model, 1)->name, sizeof(component_at(&k.model, 1)->name),
		"B|rta=1");
	call_run(&k, "status --nagios", true);
	assert_string_equal(k.out,
		"BALLAST CRITICAL - san1: one failure from an outage: canister B rta=1 is out of service; "
		"canister A runs the same code 7.8.1.11 and is failing. | findings_critical=1;;1;0 findings_warning=0;1;;0 "
		"alerts_queued=2;;;0 'san1_margin'=0;;;-1;1\n");
	call_end(&k);
}

static void test_json_is_the_status_object(void **unused)
{
	struct call k = {};
	struct json_object *o, *worst;

	(void)unused;
	incident(&k.model);
	call_run(&k, "--json status", true);
	o = json_tokener_parse(k.out);
	assert_true(json_object_object_get_ex(o, "worst", &worst));
	assert_string_equal(json_object_get_string(worst), "critical");
	json_object_put(o);
	call_end(&k);
}

static void test_tables(void **unused)
{
	static const struct {
		const char *line, *out;
	} rows[] = {
		{"drives",
			"ARRAY  SLOT  DRIVE                   HEALTH    TEMP   DEFECTS  HOURS ON  WORN  MODEL  FIRMWARE  SERIAL"
			"     READ\n"
			"san1   9     wwn-0x5000c500a1b20009  critical  38 °C  40       -         -     -      -         S3A0N0009"
			"  4 s ago\n"
			"san1   1     wwn-0x5000c500a1b20001  ok        -      -        -         -     -      -         S3A0N0001"
			"  4 s ago\n"},
		{"drives --health critical",
			"ARRAY  SLOT  DRIVE                   HEALTH    TEMP   DEFECTS  HOURS ON  WORN  MODEL  FIRMWARE  SERIAL"
			"     READ\n"
			"san1   9     wwn-0x5000c500a1b20009  critical  38 °C  40       -         -     -      -         S3A0N0009"
			"  4 s ago\n"},
		{"drives --array san1 --health failed", "No drives.\n"},
		{"components --kind canister",
			"COMPONENT        HEALTH  STATE    SAYS      FIRMWARE  SERIAL  READ\n"
			"san1/canister/B  failed  service  ?[31mred  7.8.1.11  -       4 s ago\n"
			"san1/canister/A  ok      ok       -         7.8.1.11  -       4 s ago\n"},
		{"findings", "No findings.\n"},
		{"failover list", "No plans.\n"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};
		uint32_t d;

		build_self(&k.model);
		build_array(&k.model, "san1", VERDICT_NOT_REDUNDANT, 0, 1);
		build_canisters(&k.model, 0, STATE_OK, STATE_SERVICE);
		copy_text(component_at(&k.model, 1)->message, 32, "\033[31mred");
		build_slot(&k.model, 0, 1, STATE_OK, HEALTH_OK);
		d = build_slot(&k.model, 0, 9, STATE_OK, HEALTH_CRITICAL);
		build_row(&k.model, TABLE_FACT,
			&(struct fact_row){
				.used = 1, .fact = FACT_TEMPERATURE, .component = d, .value = 38});
		build_row(&k.model, TABLE_FACT,
			&(struct fact_row){
				.used = 1, .fact = FACT_REALLOCATED, .component = d, .value = 40});
		call_run(&k, rows[i].line, true);
		assert_int_equal(k.status, 0);
		assert_string_equal(k.out, rows[i].out);
		call_end(&k);
	}
}

static void test_show_and_explain(void **unused)
{
	static const struct {
		const char *line, *has;
		int status;
	} rows[] = {
		{"show san1/canister/A", "san1/canister/A: Canister A (warning)", 0},
		{"show san1/canister/A", "own.fact", 0},
		{"show san1/canister/A", "F-31 critical: Canister A: no.such-rule", 0},
		{"show san1/canister/Z", "", 1},
		{"show nonsense", "", 1},
		{"explain F-31", "F-31 critical: Canister A: no.such-rule", 0},
		{"explain 31", "Evidence:\n  state: degraded, was ok (exec, 02:49:40)", 0},
		{"--json explain F-31", "{\"id\":\"F-31\",\"rule\":\"no.such-rule\"", 0},
		{"explain F-99", "", 1},
		{"explain F-", "", 1},
		{"explain no.rule", "", 1},
		{"explain canister.service",
			"canister.service (critical)\n  The canister is out of service\n", 0},
		{"explain drive.pending-sectors", "Source: ", 0},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};
		struct finding_row *f;

		incident(&k.model);
		build_row(&k.model, TABLE_NAME, &(struct name_row){.used = 1, .name = "own.fact"});
		build_row(&k.model, TABLE_FACT,
			&(struct fact_row){
				.used = 1, .fact = FACT_CUSTOM, .component = 0, .value = 3});
		f = finding_at(&k.model, 0);
		f->nevidence = 1;
		f->evidence[0] = (struct evidence){.has_was = 1,
			.state = STATE_DEGRADED,
			.was_state = STATE_OK,
			.at_wall_ms = AGO(114)};
		call_run(&k, rows[i].line, true);
		assert_int_equal(k.status, rows[i].status);
		assert_non_null(strstr(k.out, rows[i].has));
		assert_int_equal(k.status == 1, !!k.err[0]);
		call_end(&k);
	}
}

static void test_every_rule_explains_itself(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < rules_count; i++) {
		struct call k = {};
		char line[80];

		format_text(line, sizeof(line), "explain %s", rules[i].id);
		call_run(&k, line, false);
		assert_int_equal(k.status, 0);
		assert_null(strpbrk(k.out, "{}"));
		assert_non_null(strstr(k.out, "\nDo: "));
		call_end(&k);
	}
}

static void test_text_table_width(void **unused)
{
	char text[] = "a\033[2J\xc2\x9bz";

	(void)unused;
	assert_int_equal(text_width("38 °C"), 5);
	text_clean(text);
	assert_string_equal(text, "a?[2J??z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_code_of_every_verdict),
		cmocka_unit_test(test_exit_code_of_findings),
		cmocka_unit_test(test_simulated_arrays_do_not_page),
		cmocka_unit_test(test_only_simulated_arrays_are_unknown),
		cmocka_unit_test(test_status_reads_as_it_should),
		cmocka_unit_test(test_armed_beside_a_run_that_ended),
		cmocka_unit_test(test_a_step_that_failed_says_why),
		cmocka_unit_test(test_commands_that_it_tells_reach_the_same_daemon),
		cmocka_unit_test(test_nagios_is_one_line),
		cmocka_unit_test(test_json_is_the_status_object),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_show_and_explain),
		cmocka_unit_test(test_every_rule_explains_itself),
		cmocka_unit_test(test_text_table_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
