#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "agent/render.h"

static struct self_row self = {.used = 1, .host = "storage1.example"};
static struct array_row array = {.used = 1, .name = "san1", .serial = "78N16G4", .services = "dns, imap", .incident = NONE16};

static struct model make_model(void)
{
	struct model m = {.epoch = 1700000000};

	m.tables[TABLE_SELF] = (struct table_data){&self, 1, 1};
	m.tables[TABLE_ARRAY] = (struct table_data){&array, 1, 1};
	return m;
}

static struct alert_row make_alert(void)
{
	return (struct alert_row){.used = 1, .type = ALERT_FINDING_FIRING, .severity = SEV_CRITICAL, .array = 0,
		.incident = NONE16, .plan = NONE16, .finding = NONE32, .component = NONE32, .epoch = 1700000000, .sequence = 77,
		.verdict = VERDICT_NOT_REDUNDANT, .previous = VERDICT_REDUNDANT, .margin_known = 1, .margin = 0,
		.created_wall_ms = 1700000100000, .rule_id = "canister.service", .subject = "san1/canister/B",
		.summary = "canister B <of san1> is out of service & more", .action = "Move the services now."};
}

static char *render(enum sink_type type, const struct alert_row *a, int want)
{
	struct model m = make_model();
	struct view v = {.model = &m, .now_ms = 5000, .wall_ms = 1700000200000};
	struct render_input in = {.view = &v, .alert = a, .id = "msg_1_77", .token = "R0UT1NG", .from = "ballast@example.net",
		.to = "zoe@example.net, max@example.net", .repeat_ms = 1800000};
	char *text = NULL;
	size_t len = 0;
	int r = render_alert(type, &in, &text, &len);

	assert_int_equal(r, want);
	assert_true(r < 0 || len == strlen(text));
	return text;
}

static struct json_object *parsed(enum sink_type type, const struct alert_row *a)
{
	cleanup_(freep) char *text = render(type, a, 0);
	struct json_object *o = json_tokener_parse(text);

	assert_non_null(o);
	return o;
}

/* "a.b.0.c" in @o as text; "" when it is not there */
static const char *at(struct json_object *o, const char *path)
{
	char copy[128], *save = NULL;

	copy_text(copy, sizeof(copy), path);
	for (char *p = strtok_r(copy, ".", &save); p && o; p = strtok_r(NULL, ".", &save)) {
		if (json_object_is_type(o, json_type_array))
			o = json_object_array_get_idx(o, strtoul(p, NULL, 10));
		else if (!json_object_object_get_ex(o, p, &o))
			return "";
	}
	return o ? json_object_get_string(o) : "null";
}

static void check(struct json_object *o, const char *path, const char *want)
{
	if (strcmp(at(o, path), want) != 0)
		fail_msg("%s is '%s', not '%s'", path, at(o, path), want);
}

static void test_standard(void **unused)
{
	struct alert_row a = make_alert();
	struct json_object *o = parsed(SINK_WEBHOOK, &a);

	(void)unused;
	check(o, "type", "finding.firing");
	check(o, "data.id", "msg_1_77");
	check(o, "data.sequence", "77");
	check(o, "data.verdict", "not_redundant");
	check(o, "data.services.1", "imap");
	check(o, "data.status", "firing");
	json_object_put(o);
}

static void test_slack_escapes_its_three_characters(void **unused)
{
	struct alert_row a = make_alert();
	struct json_object *o = parsed(SINK_SLACK, &a);

	(void)unused;
	check(o, "text", "FIRING: canister B &lt;of san1&gt; is out of service &amp; more");
	check(o, "attachments.0.color", "#dc2626");
	check(o, "attachments.0.fields.0.value", "san1/canister/B");
	json_object_put(o);
	a.type = ALERT_FINDING_RESOLVED;
	a.resolved = 1;
	o = parsed(SINK_SLACK, &a);
	check(o, "attachments.0.color", "#16a34a");
	json_object_put(o);
}

static void test_teams_is_an_adaptive_card(void **unused)
{
	struct alert_row a = make_alert();
	struct json_object *o = parsed(SINK_TEAMS, &a);

	(void)unused;
	check(o, "type", "message");
	check(o, "attachments.0.contentType", "application/vnd.microsoft.card.adaptive");
	check(o, "attachments.0.contentUrl", "null");
	check(o, "attachments.0.content.body.0.text", "FIRING: canister B <of san1> is out of service & more");
	json_object_put(o);
}

static void test_pager_actions(void **unused)
{
	static const struct {
		enum alert_type type;
		bool resolved;
		const char *want;
		const char *why;
	} cases[] = {
		{ALERT_FINDING_FIRING, false, "trigger", "it fires"},
		{ALERT_FINDING_RESOLVED, true, "resolve", "it is over"},
		{ALERT_FINDING_FIRING, true, "resolve", "said either way"},
		{ALERT_FINDING_ACKNOWLEDGED, false, "acknowledge", "somebody has it"},
		{ALERT_ARRAY_VERDICT, false, "trigger", "redundancy is gone"},
		{ALERT_ARRAY_VERDICT, true, "resolve", "and back"},
		{ALERT_FAILOVER_REQUESTED, false, "trigger", "a person has to approve"},
		{ALERT_TEST, false, "trigger", "a test must ring"},
		{ALERT_FAILOVER_STEP, false, NULL, "each step is not a page"},
		{ALERT_MAINTENANCE_STARTED, false, NULL, "nor is maintenance"},
		{ALERT_HEARTBEAT, false, NULL, "nor a heartbeat"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct alert_row a = make_alert();
		struct json_object *o;

		a.type = (uint8_t)cases[i].type;
		a.resolved = cases[i].resolved;
		if (!cases[i].want) {
			(void)render(SINK_PAGERDUTY, &a, -ENOMSG);
			continue;
		}
		o = parsed(SINK_PAGERDUTY, &a);
		if (strcmp(at(o, "event_action"), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].why, at(o, "event_action"));
		check(o, "routing_key", "R0UT1NG");
		assert_string_not_equal(at(o, "dedup_key"), "");
		json_object_put(o);
	}
}

static void test_what_ends_has_the_key_of_what_fired(void **unused)
{
	struct alert_row a = make_alert(), b = make_alert();
	struct json_object *fired, *ended;

	(void)unused;
	b.type = ALERT_FINDING_RESOLVED;
	b.resolved = 1;
	b.sequence = 99;
	b.severity = SEV_WARNING;
	copy_text(b.summary, sizeof(b.summary), "canister B of san1 is back");
	fired = parsed(SINK_PAGERDUTY, &a);
	ended = parsed(SINK_PAGERDUTY, &b);
	check(ended, "dedup_key", at(fired, "dedup_key"));
	json_object_put(fired);
	json_object_put(ended);
}

static void test_alertmanager_ends_what_it_was_before(void **unused)
{
	struct alert_row a = make_alert();
	struct json_object *o = parsed(SINK_ALERTMANAGER, &a);
	unsigned fires = 0;

	(void)unused;
	assert_int_equal(json_object_array_length(o), 3);
	for (size_t i = 0; i < 3; i++) {
		struct json_object *one = json_object_array_get_idx(o, i);

		check(one, "labels.alertname", "canister.service");
		check(one, "labels.component", "san1/canister/B");
		assert_string_equal(at(one, "labels.summary"), ""); /* identity has no text in it */
		if (strcmp(at(one, "labels.severity"), "critical") != 0) {
			check(one, "endsAt", "2023-11-14T22:15:00Z");
			continue;
		}
		fires++;
		check(one, "startsAt", "2023-11-14T22:15:00Z");
		check(one, "endsAt", "2023-11-15T00:16:40Z"); /* four repeats from now */
	}
	assert_int_equal(fires, 1);
	json_object_put(o);
	a.resolved = 1;
	o = parsed(SINK_ALERTMANAGER, &a);
	for (size_t i = 0; i < 3; i++)
		check(json_object_array_get_idx(o, i), "endsAt", "2023-11-14T22:15:00Z");
	json_object_put(o);
}

static void test_mail_headers_stay_headers(void **unused)
{
	struct alert_row a = make_alert();
	cleanup_(freep) char *text = NULL;

	(void)unused;
	copy_text(a.summary, sizeof(a.summary), "B is out\r\nBcc: evil@example.net\xc3\xa9");
	text = render(SINK_EMAIL, &a, 0);
	assert_non_null(strstr(text, "From: Ballast <ballast@example.net>\r\n"));
	assert_non_null(strstr(text, "To: zoe@example.net, max@example.net\r\n"));
	assert_non_null(strstr(text, "Subject: [ballast] FIRING: B is out  Bcc: evil@example.net?\r\n"));
	assert_non_null(strstr(text, "Date: Tue, 14 Nov 2023 22:15:00 +0000\r\n"));
	assert_non_null(strstr(text, "Message-ID: <msg_1_77@ballast.invalid>\r\n"));
	assert_non_null(strstr(text, "Move the services now."));
	*strstr(text, "\r\n\r\n") = 0;
	assert_null(strstr(text, "\r\nBcc:"));
}

/* Every kind of message through every kind of sink, with nothing known: none may crash or leave JSON broken. */
static void test_all_with_nothing_known(void **unused)
{
	struct model none = {};
	struct view v = {.model = &none};

	(void)unused;
	for (unsigned type = 0; type < ALERT_TYPE_COUNT; type++) {
		struct alert_row a = {.used = 1, .type = (uint8_t)type, .array = NONE16, .incident = NONE16, .plan = NONE16,
			.finding = NONE32, .component = NONE32};
		struct render_input in = {.view = &v, .alert = &a, .id = "x", .token = "", .from = "", .to = ""};

		for (unsigned sink = 0; sink < SINK_TYPE_COUNT; sink++) {
			cleanup_(freep) char *text = NULL;
			struct json_object *o;
			size_t len;
			int r = render_alert((enum sink_type)sink, &in, &text, &len);

			assert_true(r == 0 || r == -ENOMSG);
			if (r < 0 || sink == SINK_EMAIL)
				continue;
			o = json_tokener_parse(text);
			assert_non_null(o);
			json_object_put(o);
		}
	}
	assert_int_equal(render_alert(SINK_TYPE_COUNT, &(struct render_input){.view = &v}, NULL, NULL), -ENOMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standard),
		cmocka_unit_test(test_slack_escapes_its_three_characters),
		cmocka_unit_test(test_teams_is_an_adaptive_card),
		cmocka_unit_test(test_pager_actions),
		cmocka_unit_test(test_what_ends_has_the_key_of_what_fired),
		cmocka_unit_test(test_alertmanager_ends_what_it_was_before),
		cmocka_unit_test(test_mail_headers_stay_headers),
		cmocka_unit_test(test_all_with_nothing_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
