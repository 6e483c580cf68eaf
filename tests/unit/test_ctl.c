#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <json-c/json.h>

#include "agent/ctl.h"
#include "agent/journal.h"
#include "agent/rules.h"
#include "agent/scribe_db.h"
#include "build_model.h"
#include "fake_engine.h"

/* One call of ballastctl against a fake engine. */
struct call {
	struct model model;
	struct fake fake;
	struct command command;
	bool commanded;
	char *out, *err;
	int status;
};

static void call_run(struct call *k, const char *line, bool engine)
{
	char words[512], *argv[24] = {(char[]){"ballastctl"}}, *save = NULL;
	size_t out_len, err_len;
	int argc = 1;
	struct ctl c = {.fd = -1, .fixed_clock = true, .now_ms = BUILD_NOW, .wall_ms = BUILD_WALL};

	k->fake.model = &k->model;
	copy_text(words, sizeof(words), line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	if (engine) {
		fake_start(&k->fake);
		setenv("BALLAST_CONTROL", k->fake.path, 1);
	} else {
		setenv("BALLAST_CONTROL", "/nonexistent/control.sock", 1);
	}
	c.out = open_memstream(&k->out, &out_len);
	c.err = open_memstream(&k->err, &err_len);
	k->status = ctl_run(&c, argc, argv);
	fclose(c.out);
	fclose(c.err);
	if (engine)
		k->commanded = fake_stop(&k->fake, &k->command);
}

static void call_end(struct call *k)
{
	free(k->out);
	free(k->err);
	model_clear(&k->model);
	*k = (struct call){};
}

static void healthy(struct model *m)
{
	build_self(m);
	build_array(m, "san1", VERDICT_REDUNDANT, 1, 1);
	build_canisters(m, 0, STATE_OK, STATE_OK);
}

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
	build_finding(m, 0, 0, "no.such-rule", SEV_CRITICAL);
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

/* Every command that only hands one over: which message it becomes. */
static void test_commands_become_messages(void **unused)
{
	static const struct {
		const char *line;
		enum command_type type;
		const char *id, *why, *serial;
		uint64_t for_ms;
		enum kind allow_kind;
		uint32_t allow;
	} rows[] = {
		{"ack F-32 --why busy --for 2h", CMD_ACK, "F-32", "busy", "", 7200000, 0, 0},
		{"ack F-32 --why=busy", CMD_ACK, "F-32", "busy", "", 0, 0, 0},
		{"unack F-32", CMD_UNACK, "F-32", "", "", 0, 0, 0},
		{"maintenance start san1/canister/B --for 30m --why swap --allow canister=1",
			CMD_MAINTENANCE_START, "san1/canister/B", "swap", "", 1800000,
			KIND_CANISTER, 1},
		{"maintenance stop san1", CMD_MAINTENANCE_STOP, "san1", "", "", 0, 0, 0},
		{"adopt", CMD_ADOPT, "", "", "", 0, 0, 0},
		{"adopt san1", CMD_ADOPT, "san1", "", "", 0, 0, 0},
		{"forget san1/drive/x", CMD_FORGET, "san1/drive/x", "", "", 0, 0, 0},
		{"failover arm p", CMD_ARM, "p", "", "", 0, 0, 0},
		{"failover disarm p", CMD_DISARM, "p", "", "", 0, 0, 0},
		{"failover dry-run p", CMD_DRY_RUN, "p", "", "", 0, 0, 0},
		{"failover drill p", CMD_DRILL, "p", "", "", 0, 0, 0},
		{"failover run p --serial 78A --why now", CMD_RUN, "p", "now", "78A", 0, 0, 0},
		{"failover approve r147", CMD_APPROVE, "r147", "", "", 0, 0, 0},
		{"failover deny r147", CMD_DENY, "r147", "", "", 0, 0, 0},
		{"failover abort r1", CMD_ABORT, "r1", "", "", 0, 0, 0},
		{"failover resume r1", CMD_RESUME, "r1", "", "", 0, 0, 0},
		{"failover clear r1", CMD_CLEAR, "r1", "", "", 0, 0, 0},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {.fake.text = "done as asked"};

		healthy(&k.model);
		call_run(&k, rows[i].line, true);
		assert_int_equal(k.status, 0);
		assert_string_equal(k.out, "done as asked\n");
		assert_true(k.commanded);
		assert_int_equal(k.command.type, rows[i].type);
		assert_string_equal(k.command.id, rows[i].id);
		assert_string_equal(k.command.why, rows[i].why);
		assert_string_equal(k.command.serial, rows[i].serial);
		assert_true(k.command.for_ms == rows[i].for_ms);
		assert_int_equal(k.command.allow_kind, rows[i].allow_kind);
		assert_int_equal(k.command.allow_count, rows[i].allow);
		call_end(&k);
	}
}

static void test_acting_answers_in_json(void **unused)
{
	struct call k = {.fake.text = "F-1 is \"quiet\""};

	(void)unused;
	healthy(&k.model);
	call_run(&k, "--json unack F-1", true);
	assert_int_equal(k.status, 0);
	assert_non_null(
		strstr(k.out, "{\"done\":true,\"text\":\"F-1 is \\\"quiet\\\"\",\"record\":"));
	call_end(&k);
}

static void test_a_refusal_is_one_line_and_one(void **unused)
{
	struct call k = {
		.fake.code = EPERM, .fake.text = "gate block refuses: blocked until 04:00"};

	(void)unused;
	healthy(&k.model);
	call_run(&k, "failover approve r147", true);
	assert_int_equal(k.status, 1);
	assert_string_equal(k.err, "ballastctl: gate block refuses: blocked until 04:00\n");
	assert_string_equal(k.out, "");
	call_end(&k);
}

/* Wrong usage is found before anything is sent, and says what is right. */
static void test_wrong_usage(void **unused)
{
	static const char *const rows[] = {"", "frobnicate", "failover", "status extra",
		"status --follow", "show", "ack F-1", "ack F-1 --why",
		"ack F-1 --why x --for never", "ack F-1 --why x --for 0s", "ack", "--bogus status",
		"-x status", "maintenance start san1 --why x", "maintenance start san1 --for 2h",
		"maintenance start san1 --for 2h --why x --allow b",
		"maintenance start san1 --for 2h --why x --allow canister=0",
		"maintenance start san1 --for 2h --why x --allow bus=1", "failover run p --why x",
		"failover run p --serial 1", "failover approve", "events --since soon",
		"status --json=1", "test-alert a b", "check-config", "replay"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};

		call_run(&k, rows[i], false);
		if (k.status != 64)
			print_error("%s\n", rows[i]);
		assert_int_equal(k.status, 64);
		assert_int_equal(strncmp(k.err, "ballastctl: ", 12), 0);
		assert_ptr_equal(strchr(k.err, '\n'), k.err + strlen(k.err) - 1);
		assert_non_null(strstr(k.err, "--help"));
		assert_string_equal(k.out, "");
		call_end(&k);
	}
}

static void test_help_for_every_command(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ctl_commands_count; i++) {
		struct call k = {};
		char line[64];

		format_text(line, sizeof(line), "%s --help", ctl_commands[i].name);
		call_run(&k, line, false);
		assert_int_equal(k.status, 0);
		assert_non_null(strstr(k.out, ctl_commands[i].name));
		assert_string_equal(k.err, "");
		call_end(&k);
	}
}

static void test_no_engine(void **unused)
{
	static const char *const rows[] = {"status", "status --nagios", "drives", "watch",
		"ack F-1 --why x", "test-alert", "failover list", "report"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};

		call_run(&k, rows[i], false);
		assert_int_equal(k.status, 3);
		assert_non_null(strstr(k.err, "is ballastd running?"));
		assert_int_equal(!k.out[0], i != 1);
		call_end(&k);
	}
}

static void test_another_build(void **unused)
{
	struct call k = {.fake.build = 5};

	(void)unused;
	healthy(&k.model);
	call_run(&k, "status", true);
	assert_int_equal(k.status, 3);
	assert_non_null(strstr(k.err, "another build (0000000000000005"));
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

static struct record alert_record(uint64_t sequence, const struct alert_row *a)
{
	struct record r = {
		.sequence = sequence, .table = TABLE_ALERT, .index = 0, .type = REC_ALERT_NEW};

	memcpy(r.row, a, sizeof(*a));
	return r;
}

static void test_alert_is_waited_for(void **unused)
{
	static const struct {
		const char *why;
		uint32_t wanted, done, parked;
		bool retired;
		int status;
		const char *out;
	} rows[] = {
		{"accepted by both", 3, 3, 0, false, 0,
			"oncall (webhook): accepted\nbackup (slack): accepted\n"},
		{"accepted and retired in one record", 1, 1, 0, true, 0,
			"oncall (webhook): accepted\n"},
		{"one was given up on", 3, 1, 2, false, 1,
			"oncall (webhook): accepted\nbackup (slack): refused: HTTP 404\n"},
		{"parked counts as done in the row", 3, 3, 2, true, 1,
			"oncall (webhook): accepted\nbackup (slack): refused: HTTP 404\n"},
		{"nobody wanted it", 0, 0, 0, false, 1, ""},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct alert_row a = {.used = 1, .type = ALERT_TEST, .wanted = rows[i].wanted};
		struct record records[2];
		struct call k = {.fake.records = records, .fake.nrecords = 2};
		uint64_t next;

		build_self(&k.model);
		build_row(&k.model, TABLE_SINK,
			&(struct sink_row){.used = 1, .type = SINK_WEBHOOK, .name = "oncall"});
		build_row(&k.model, TABLE_SINK,
			&(struct sink_row){.used = 1,
				.type = SINK_SLACK,
				.name = "backup",
				.error = "HTTP 404"});
		next = k.model.sequence + 1;
		a.sequence = next;
		records[0] = alert_record(next, &a);
		a.done = rows[i].done;
		a.parked = rows[i].parked;
		a.used = !rows[i].retired;
		records[1] = alert_record(next + 1, &a);
		call_run(&k, "test-alert", true);
		if (k.status != rows[i].status)
			print_error("%s\n", rows[i].why);
		assert_int_equal(k.status, rows[i].status);
		assert_string_equal(k.out, rows[i].out);
		call_end(&k);
	}
}

static void test_events_follow_the_log(void **unused)
{
	struct record records[3] = {};
	struct call k = {.fake.records = records, .fake.nrecords = 3, .fake.tail = true};

	(void)unused;
	healthy(&k.model);
	for (unsigned i = 0; i < 3; i++) {
		struct record *r = &records[i];

		*r = (struct record){.sequence = k.model.sequence + i + 1,
			.wall_ms = AGO(3 - i),
			.type = REC_STATE_CHANGED,
			.table = TABLE_COMPONENT,
			.index = 1,
			.array = 0,
			.severity = SEV_CRITICAL,
			.quiet = i == 1};
		memcpy(r->row, component_at(&k.model, 1), sizeof(struct component_row));
		copy_text(r->text, sizeof(r->text),
			(const char *[]){"B: ok to service", "no news", "B: service to ok"}[i]);
	}
	call_run(&k, "events --follow", true);
	assert_string_equal(
		k.out, "02:51:31  san1: B: ok to service\n02:51:33  san1: B: service to ok\n");
	assert_int_equal(k.status, 3);
	assert_non_null(strstr(k.err, "closed the connection"));
	call_end(&k);
}

/* A journal by the scribe's own hand: one event two hours old, one of a minute ago, one of no array. */
static void make_journal(const char *dir)
{
	static const struct scribe_event events[] = {
		{.sequence = 1,
			.wall_ms = AGO(7200),
			.type = REC_STATE_CHANGED,
			.severity = SEV_CRITICAL,
			.array = "san1",
			.text = "too old"},
		{.sequence = 2,
			.wall_ms = AGO(60),
			.type = REC_STATE_CHANGED,
			.severity = SEV_CRITICAL,
			.array = "san1",
			.text = "canister B: ok to service"},
		{.sequence = 3,
			.wall_ms = AGO(30),
			.type = REC_SELF,
			.text = "Ballast's journal is back"},
	};
	struct journal j = {};
	char error[160];

	assert_int_equal(journal_open(&j, dir, error, sizeof(error)), 0);
	assert_int_equal(
		journal_write(&j, events, ARRAY_SIZE(events), true, dir, error, sizeof(error)), 0);
	journal_close(&j);
}

/* A hand-over for programs: what holds now, as status has it, and what happened. */
static void report_as_json(const char *dir, int status, const char *want)
{
	struct call k = {};

	healthy(&k.model);
	copy_text(self_at(&k.model, 0)->state_directory, sizeof(self_at(&k.model, 0)->state_directory), dir);
	call_run(&k, "report --since 5m --json", true);
	assert_int_equal(k.status, status);
	assert_non_null(strstr(k.out, "\"findings\":"));
	if (!strstr(k.out, want))
		fail_msg("no %s in %s", want, k.out);
	assert_ptr_equal(strchr(k.out, '\n'), k.out + strlen(k.out) - 1);
	call_end(&k);
}

static void test_history_comes_from_the_journal(void **unused)
{
	static const struct {
		const char *line, *out;
	} rows[] = {
		{"events",
			"02:50:34  san1: canister B: ok to service\n02:51:04  Ballast's journal is back\n"},
		{"events --since 3h --array san1",
			"00:51:34  san1: too old\n02:50:34  san1: canister B: ok to service\n"},
		{"events --since 5s", "No events.\n"},
		{"events --json --since 90s --array san1",
			"{\"record\":2,\"time\":\"2023-08-17T02:50:34Z\",\"type\":\"state changed\","
			"\"array\":\"san1\",\"severity\":\"critical\",\"text\":\"canister B: ok to service\"}\n"},
	};
	char dir[] = "/tmp/ballast-journal-XXXXXX", path[128];

	(void)unused;
	assert_non_null(mkdtemp(dir));
	make_journal(dir);
	setenv("BALLAST_STATE", dir, 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call k = {};

		call_run(&k, rows[i].line, false);
		assert_string_equal(k.err, "");
		assert_string_equal(k.out, rows[i].out);
		assert_int_equal(k.status, 0);
		call_end(&k);
	}
	unsetenv("BALLAST_STATE");
	{
		/* a running ballastd says where its journal is */
		struct call k = {};

		healthy(&k.model);
		copy_text(self_at(&k.model, 0)->state_directory,
			sizeof(self_at(&k.model, 0)->state_directory), dir);
		call_run(&k, rows[0].line, true);
		assert_string_equal(k.out, rows[0].out);
		call_end(&k);
	}
	report_as_json(dir, 0,
		"\"since\":\"2023-08-17T02:46:34Z\",\"events\":[{\"record\":2,\"time\":\"2023-08-17T02:50:34Z\","
		"\"type\":\"state changed\",\"array\":\"san1\",\"severity\":\"critical\","
		"\"text\":\"canister B: ok to service\"},{\"record\":3,");
	for (unsigned i = 0; i < 3; i++) {
		format_text(path, sizeof(path), "%s/" JOURNAL_FILE "%s", dir,
			(const char *[]){"", "-wal", "-shm"}[i]);
		unlink(path);
	}
	rmdir(dir);
}

static void test_no_history_says_what_is_missing(void **unused)
{
	struct call k = {};

	(void)unused;
	call_run(&k, "events --state /nonexistent", false);
	assert_int_equal(k.status, 3);
	assert_non_null(strstr(k.err, "/nonexistent/journal.db"));
	call_end(&k);
	report_as_json("/nonexistent", 3, "\"events\":null");
}

static void test_text_table_width(void **unused)
{
	char text[] = "a\033[2J\xc2\x9bz";

	(void)unused;
	assert_int_equal(text_width("38 °C"), 5);
	text_clean(text);
	assert_string_equal(text, "a?[2J??z");
}

static void test_small_ones(void **unused)
{
	struct call k = {};

	(void)unused;
	call_run(&k, "version", false);
	assert_int_equal(k.status, 0);
	assert_int_equal(strncmp(k.out, "ballastctl ", 11), 0);
	call_end(&k);
	call_run(&k, "audit", false);
	assert_int_equal(k.status, 3);
	call_end(&k);
	call_run(&k, "check-config /nonexistent", false);
	assert_int_equal(k.status, 1);
	call_end(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_code_of_every_verdict),
		cmocka_unit_test(test_exit_code_of_findings),
		cmocka_unit_test(test_simulated_arrays_do_not_page),
		cmocka_unit_test(test_status_reads_as_it_should),
		cmocka_unit_test(test_nagios_is_one_line),
		cmocka_unit_test(test_json_is_the_status_object),
		cmocka_unit_test(test_commands_become_messages),
		cmocka_unit_test(test_acting_answers_in_json),
		cmocka_unit_test(test_a_refusal_is_one_line_and_one),
		cmocka_unit_test(test_wrong_usage),
		cmocka_unit_test(test_help_for_every_command),
		cmocka_unit_test(test_no_engine),
		cmocka_unit_test(test_another_build),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_show_and_explain),
		cmocka_unit_test(test_every_rule_explains_itself),
		cmocka_unit_test(test_alert_is_waited_for),
		cmocka_unit_test(test_events_follow_the_log),
		cmocka_unit_test(test_history_comes_from_the_journal),
		cmocka_unit_test(test_no_history_says_what_is_missing),
		cmocka_unit_test(test_text_table_width),
		cmocka_unit_test(test_small_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
