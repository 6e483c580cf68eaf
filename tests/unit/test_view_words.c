/* What is to be done, and the words for values, rules and spans of time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "agent/rules.h"
#include "agent/view.h"
#include "build_model.h"
#include "view_situations.h"

static void test_todo_of_the_incident(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	struct todo todo[8];
	struct run_row r = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.id = 147,
		.approve_until_wall_ms = BUILD_WALL + 581000};
	struct plan_row p = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.name = "san1-to-standby",
		.target = "stor2"};

	(void)unused;
	kolab(&m);
	finding_at(&m, 0)->told = 1;
	build_slot(&m, 0, 9, STATE_OK, HEALTH_CRITICAL);
	build_row(&m, TABLE_FACT,
		&(struct fact_row){
			.used = 1, .fact = FACT_ERROR_CODE, .component = 1, .value = 690});
	p.run = build_row(&m, TABLE_RUN, &r);
	build_row(&m, TABLE_PLAN, &p);
	assert_int_equal(view_todo(&v, todo, 8), 5);
	assert_true(todo[0].approval);
	assert_string_equal(todo[0].command, "ballastctl failover approve r147");
	assert_true(todo[0].before_wall_ms == r.approve_until_wall_ms);
	assert_string_equal(todo[1].text, "Call IBM, severity 1");
	assert_string_equal(todo[1].detail,
		"Type 2076-124, serial 78A0000, code 7.8.1.11, error 690 on canister B.");
	assert_string_equal(todo[2].text, "Keep hands off canister A");
	assert_string_equal(todo[3].text, "Replace drive in slot 9");
	assert_string_equal(
		todo[3].detail, "serial S3A0N0009. When the canisters are back, not before.");
	assert_string_equal(todo[4].text, "Stop the repeated pages");
	assert_string_equal(todo[4].command, "ballastctl ack F-31 --why \"on it\" --for 2h");
	finding_at(&m, 0)->told = 0; /* to nobody: there is no sink, or none that takes it */
	assert_int_equal(view_todo(&v, todo, 8), 5);
	assert_string_equal(todo[4].text, "Say that you are on it");
	assert_string_equal(todo[4].command, "ballastctl ack F-31 --why \"on it\" --for 2h");
	assert_int_equal(view_todo(&v, todo, 2), 2);
	model_clear(&m);
}

static void test_a_run_that_ended_wants_to_be_cleared(void **unused)
{
	static const struct {
		enum run_state state;
		enum run_mode mode;
		const char *command;
	} rows[] = {
		{RUN_DONE, RUN_MODE_APPROVED, "ballastctl failover clear r7"},
		{RUN_DONE, RUN_MODE_DRILL, NULL},
		{RUN_FROZEN, RUN_MODE_AUTO, "ballastctl --json failover list"},
		{RUN_PROMOTING, RUN_MODE_AUTO, NULL},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run_row r = {.used = 1,
			.state = (uint8_t)rows[i].state,
			.mode = (uint8_t)rows[i].mode,
			.id = 7};
		struct plan_row p = {.used = 1, .name = "p"};
		struct model m = {};
		struct view v = view_of(&m);
		struct todo todo[4];

		healthy(&m);
		p.run = build_row(&m, TABLE_RUN, &r);
		build_row(&m, TABLE_PLAN, &p);
		assert_int_equal(view_todo(&v, todo, 4), rows[i].command ? 1 : 0);
		if (rows[i].command)
			assert_string_equal(todo[0].command, rows[i].command);
		model_clear(&m);
	}
}

static void test_nothing_to_do_in_peace(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	struct todo todo[8];

	(void)unused;
	healthy(&m);
	assert_int_equal(view_todo(&v, todo, 8), 0);
	model_clear(&m);
}

/* What is copied from the page or a message works where the control socket is not at its default place. */
static void test_commands_reach_their_daemon(void **unused)
{
	static const struct {
		const char *control, *text, *says;
	} rows[] = {
		{NULL, "ballastctl status", "ballastctl status"},
		{"", "ballastctl status", "ballastctl status"},
		{"/run/ballast/control.sock", "ballastctl status", "ballastctl status"},
		{"/tmp/c", "ballastctl status", "ballastctl --control /tmp/c status"},
		{"/tmp/c", "ballastctl --json failover list",
			"ballastctl --control /tmp/c --json failover list"},
		{"/tmp/c", "Gone: ballastctl forget x. Else 'ballastctl adopt x'.",
			"Gone: ballastctl --control /tmp/c forget x. Else 'ballastctl --control /tmp/c adopt x'."},
		{"/tmp/c", "See ballastctl(1), ask root.", "See ballastctl(1), ask root."},
		{"/tmp/it's $HOME", "ballastctl status",
			"ballastctl --control '/tmp/it'\\''s $HOME' status"},
	};
	struct model m = {};
	struct view v = view_of(&m);
	struct todo todo[8];
	char text[256];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		v.control = rows[i].control;
		view_commands(&v, rows[i].text, text, sizeof(text));
		assert_string_equal(text, rows[i].says);
	}
	v.control = "/tmp/c";
	moved_by_plan(&m, RUN_WAITING_APPROVAL, RUN_MODE_APPROVED);
	assert_true(view_todo(&v, todo, 8) >= 1);
	assert_string_equal(todo[0].command, "ballastctl --control /tmp/c failover approve r7");
	assert_non_null(
		strstr(todo[0].detail, "To refuse: ballastctl --control /tmp/c failover deny r7."));
	view_finding_action(
		&v, build_finding(&m, 0, 0, "no.such-rule", SEV_WARNING), text, sizeof(text));
	assert_non_null(strstr(text, ": ballastctl --control /tmp/c explain F-"));
	model_clear(&m);
}

static void test_values(void **unused)
{
	static const struct {
		unsigned fact;
		double value;
		const char *text;
	} rows[] = {
		{FACT_TEMPERATURE, 38, "38 °C"},
		{FACT_POWER_ON_HOURS, 27946, "27,946 h"},
		{FACT_REALLOCATED, 1234567, "1,234,567"},
		{FACT_SMART_PASSED, 0, "no"},
		{FACT_CRITICAL_WARNING, 4, "0x04"},
		{FACT_ERROR_CODE, 1690, "1690"},
		{FACT_IE_ASC, 0x5d, "0x5d"},
		{FACT_READ_MS, 0.25, "0.25 ms"},
		{FACT_TEMPERATURE, -5, "-5 °C"},
		{FACT_REALLOCATED, 999, "999"},
		{FACT_TEMPERATURE, (double)NAN, "unknown"},
	};
	char text[64];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		view_fact_value(rows[i].fact, rows[i].value, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
	}
}

/* A text that still shows its template, or nothing, would reach a person at night. */
static void test_every_rule_has_its_words(void **unused)
{
	static void (*const texts[])(const struct view *v, const struct finding_row *f, char *buf,
		size_t size) = {view_finding_title, view_finding_meaning, view_finding_action};
	struct model m = {};
	struct view v = view_of(&m);
	struct finding_row f = {
		.used = 1, .active = 1, .component = 0, .nevidence = 1, .folded = NONE16};
	char text[512];

	(void)unused;
	kolab(&m);
	f.evidence[0] = (struct evidence){.fact = FACT_PENDING, .value = 6, .has_was = 1};
	copy_text(f.detail, sizeof(f.detail), "what changed");
	for (unsigned i = 0; i < rules_count; i++)
		for (unsigned k = 0; k < ARRAY_SIZE(texts); k++) {
			f.rule = (uint16_t)i;
			copy_text(f.rule_id, sizeof(f.rule_id), rules[i].id);
			texts[k](&v, &f, text, sizeof(text));
			if (!text[0] || strpbrk(text, "{}"))
				print_error("%s: %s\n", rules[i].id, text);
			assert_true(text[0]);
			assert_null(strpbrk(text, "{}"));
		}
	model_clear(&m);
}

static void test_spans(void **unused)
{
	static const struct {
		uint64_t s;
		const char *text;
	} rows[] = {
		{0, "0 s"},
		{89, "89 s"},
		{90, "1 min 30 s"},
		{120, "2 min"},
		{282, "4 min 42 s"},
		{600, "10 min"},
		{3599, "59 min"},
		{3600, "1 h 00 min"},
		{172800, "2 days"},
	};
	char text[48];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(span_text(rows[i].s * 1000, text, sizeof(text)), rows[i].text);
	assert_string_equal(time_text(BUILD_WALL, text, sizeof(text)), "2023-08-17T02:51:34Z");
	assert_string_equal(clock_text(BUILD_WALL, text, sizeof(text)), "02:51:34");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_todo_of_the_incident),
		cmocka_unit_test(test_commands_reach_their_daemon),
		cmocka_unit_test(test_a_run_that_ended_wants_to_be_cleared),
		cmocka_unit_test(test_nothing_to_do_in_peace),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_every_rule_has_its_words),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
