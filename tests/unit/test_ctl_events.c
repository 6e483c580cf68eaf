/* What happens and what happened, as ballastctl tells it: a test alert's way, events that follow, the journal. */
#include "agent/journal.h"
#include "agent/scribe_db.h"
#include "ctl_call.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alert_is_waited_for),
		cmocka_unit_test(test_events_follow_the_log),
		cmocka_unit_test(test_history_comes_from_the_journal),
		cmocka_unit_test(test_no_history_says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
