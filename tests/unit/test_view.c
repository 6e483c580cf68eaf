/* What the page and ballastctl say of an array: one sentence a situation, and whether one can sleep. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "agent/view.h"
#include "build_model.h"
#include "view_situations.h"

/* clang-format off */
static const struct situation {
	const char *why;
	void (*build)(struct model *m);
	const char *sentence, *bold, *answer;
} situations[] = {
	{"redundant: what may go, each by itself", healthy, "can lose a canister, a path or two drives and go on.", "",
		"Yes."},
	{"redundant, with something to do that nobody has taken", failing_drive,
		"can lose a canister, a path or two drives and go on; drive in slot 3: drive.unheard-of.", "", "Yes, tonight."},
	{"what is not seen is named and not called well", unseen_canisters,
		"can lose a path or two drives and go on; not seen at present: its canisters.", "", "Unknown."},
	{"what calls itself urgent lets nobody sleep, though it is a warning", asks_for_service,
		"can lose a canister, a path or two drives and go on; san1 asks for service on canister B.", "", "No."},
	{"somebody has taken that", asks_for_service_and_taken, NULL, NULL, "Yes."},
	{"the founding incident", kolab,
		"one failure from an outage: canister B is out of service; canister A runs the same code 7.8.1.11 and is "
		"failing.", "one failure from an outage:", "No."},
	{"the same, when the paths are as few as the canisters", kolab_by_paths,
		"one failure from an outage: canister B is out of service; canister A runs the same code 7.8.1.11 and is "
		"failing.", "one failure from an outage:", "No."},
	{"a survivor that is well is not called failing", one_canister,
		"one failure from an outage: canister B is out of service; canister A runs the same code 7.8.1.11.",
		"one failure from an outage:", "No."},
	{"no word of shared code when it is not shared", one_canister_other_code,
		"one failure from an outage: canister B is out of service; canister A is the last one serving.",
		"one failure from an outage:", "No."},
	{"silent is not lost", one_silent, "nothing known to be lost: canister B does not answer.",
		"nothing known to be lost:", "Yes, tonight."},
	{"lost and silent: the margin is a bound", one_lost_one_silent,
		"at most one failure from an outage: canister B has failed; canister A does not answer.",
		"at most one failure from an outage:", "No."},
	{"access lost", both_lost,
		"lost: none of its 2 canisters serves; canister A has failed; canister B is out of service.", "lost:", "No."},
	{"lost, and both serve again: what is, and why it is not called so yet", back_and_waiting,
		"can take one failure again: still called access lost, until this has lasted 5 min.",
		"can take one failure again:", "No."},
	{"lost, and one serves again", one_back_and_waiting,
		"is back, with nothing to spare: canister B is out of service; still called access lost, until this has "
		"lasted 5 min.",
		"is back, with nothing to spare:", "No."},
	{"not redundant, and both serve again", whole_and_waiting,
		"can take one failure again: still called not redundant, until this has lasted 5 min.",
		"can take one failure again:", "No."},
	{"the array says lost, the host cannot confirm", both_lost_unconfirmed,
		"fewer canisters serve than it needs: canister A has failed; canister B is out of service.",
		"fewer canisters serve than it needs:", "No."},
	{"paths that went with their canister are no news", paths_lost_with_canister,
		"one failure from an outage: canister B has failed; canister A runs the same code 7.8.1.11.",
		"one failure from an outage:", "No."},
	{"one unit of several", unit_lost,
		"has lost a unit: none of its 2 paths to ..02 serves; path host0-A.2 has failed; path host0-B.2 has failed.",
		"has lost a unit:", "No."},
	{"a path by itself", path_lost,
		"one failure from an outage: path host0-B has failed; path host0-A is the last one serving.",
		"one failure from an outage:", "No."},
	{"a pool that can take one more", pool_degraded, "can take one more failure: drive in slot 1 has failed.",
		"can take one more failure:", "Yes, tonight."},
	{"a pool without margin loses data, not access", pool_last,
		"one drive from losing pool0: drive in slot 1 has failed; drive in slot 2 has failed.",
		"one drive from losing pool0:", "No."},
	{"many are counted", pool_gone, "fewer drives serve than pool0 needs: 3 of its 8 drives are lost.",
		"fewer drives serve than pool0 needs:", "No."},
	{"power", psu_lost,
		"one power supply from an outage: power supply 1 has failed; power supply 2 is the last one serving.",
		"one power supply from an outage:", "No."},
	{"two more failures are plural", three_of_four, "can take two more failures: canister C is out of service.",
		"can take two more failures:", "Yes, tonight."},
	{"blind is neither well nor lost", blind,
		"cannot be seen: nothing has answered since 02:50:00; its state is unknown, not ok.", "cannot be seen:",
		"Unknown."},
	{"blind from the start", blind_from_start,
		"cannot be seen: nothing has answered yet; its state is unknown, not ok.", "cannot be seen:", "Unknown."},
	{"a forecast has a date and a price", forecast,
		"nothing lost: 23 of 24 drives reach 32,768 h from 2 March 2024, 02:51, which would take it down.",
		"nothing lost:", "Yes, tonight."},
	{"a rate rule is told by its finding", flapping, "nothing lost: path host0-B comes and goes.", "nothing lost:",
		"Yes, tonight."},
	{"own drives, nothing known of what they carry", local_drives,
		"what it can lose is not known: no group of its components is known; all are ok.",
		"what it can lose is not known:", "Yes."},
	{"a failing own drive", local_failing,
		"what it can lose is not known: drive sdb (S3A0N0001) is critical; 2 others ok.",
		"what it can lose is not known:", "No."},
	{"a drive that cannot tell is not a drive that is well", local_unreadable,
		"what it can lose is not known: drive sdb (S3A0N0001) could not be read; 2 others ok.",
		"what it can lose is not known:", "Unknown."},
	{"what cannot be told outweighs a warning", local_unreadable_and_worn, NULL, NULL, "Unknown."},
	{"somebody has taken it upon themselves", local_unreadable_acknowledged, NULL, NULL, "Yes."},
	{"its pool goes on without it: even lost it can wait", mirror_goes_on, NULL, NULL, "Yes, tonight."},
	{"its pool would be gone with it", mirror_may_not, NULL, NULL, "Unknown."},
	{"no drive at all", local_empty, "what it can lose is not known: nothing of it has been found yet.",
		"what it can lose is not known:", "Yes."},
	{"single by design", single_path, "no failure to spare, and there never was: 1 path.",
		"no failure to spare, and there never was:", "Yes."},
	{"before the first answer", not_judged, "not judged yet: waiting for the first answers.", "not judged yet:",
		"Unknown."},
};
/* clang-format on */

static void test_sentences(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++) {
		const struct situation *s = &situations[i];
		struct model m = {};
		struct view v = view_of(&m);
		char text[512], head[128];
		size_t bold;

		s->build(&m);
		view_sentence(&v, 0, text, sizeof(text), &bold);
		if ((s->sentence && strcmp(text, s->sentence)) || strcmp(view_answer(&v), s->answer))
			print_error("%s\n", s->why);
		format_text(head, sizeof(head), "%.*s", (int)bold, text);
		/* NULL: another row has it */
		if (s->sentence) {
			assert_string_equal(text, s->sentence);
			assert_string_equal(head, s->bold);
		}
		assert_string_equal(view_answer(&v), s->answer);
		model_clear(&m);
	}
}

/* Whatever verdict meets whatever visibility: a full sentence that fits, and never a yes for the unseen. */
static void test_every_pair(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++)
		for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
			for (int seen = 0; seen < VISIBILITY_COUNT; seen++) {
				struct model m = {};
				struct view v = view_of(&m);
				char text[512];

				situations[i].build(&m);
				array_at(&m, 0)->verdict = (uint8_t)verdict;
				array_at(&m, 0)->visibility = (uint8_t)seen;
				view_sentence(&v, 0, text, sizeof(text), NULL);
				assert_true(strlen(text) > 4 && text[strlen(text) - 1] == '.');
				assert_null(strchr(text, '?'));
				assert_null(strstr(text, ":."));
				assert_null(strstr(text, "  "));
				if (seen == VISIBILITY_BLIND)
					assert_true(strncmp(view_answer(&v), "Yes", 3));
				view_meta(&v, 0, text, sizeof(text));
				assert_true(text[0] && text[strlen(text) - 1] == '.');
				model_clear(&m);
			}
}

static void test_simulated_arrays_are_left_out(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);

	(void)unused;
	assert_int_equal(view_worst(&v), HEALTH_UNKNOWN);
	kolab(&m);
	array_at(&m, 0)->simulated = 1;
	assert_string_equal(view_answer(&v), "No.");
	build_array(&m, "local", VERDICT_REDUNDANT, 1, 1);
	assert_string_equal(view_answer(&v), "Yes.");
	build_finding(&m, NONE16, NONE32, "self.journal", SEV_WARNING);
	assert_string_equal(view_answer(&v), "Yes, tonight.");
	finding_at(&m, 1)->acked = 1;
	finding_at(&m, 1)->acked_severity = SEV_WARNING;
	assert_string_equal(view_answer(&v), "Yes.");
	finding_at(&m, 1)->severity = SEV_CRITICAL;
	assert_string_equal(view_answer(&v), "No.");
	model_clear(&m);
}

static void test_meta(void **unused)
{
	struct model m = {};
	struct view v = view_of(&m);
	char text[256];

	(void)unused;
	kolab(&m);
	view_meta(&v, 0, text, sizeof(text));
	assert_string_equal(text,
		"Impending loss since 02:49:41, 1 min 53 s. Redundant until 02:46:52. "
		"Carries dns, imap, web. Read 3 s ago.");
	model_clear(&m);
	healthy(&m);
	component_at(&m, 9)->health = HEALTH_WARNING;
	view_meta(&v, 0, text, sizeof(text));
	assert_string_equal(
		text, "2 canisters, 4 paths, 5 of 6 drives ok. For 71 days. Read 3 s ago.");
	model_clear(&m);
}

/* Once a plan has moved what the array carries, nobody is told that it carries it, or to move it. */
static void test_what_a_plan_moved(void **unused)
{
	static const struct {
		enum run_state state;
		enum run_mode mode;
		bool cleared;
		const char *meta, *action;
	} rows[] = {
		{RUN_DONE, RUN_MODE_APPROVED, false,
			"Carried dns, imap, web: moved to standby by plan san1-to-standby, done 02:50:34. ",
			"Plan san1-to-standby moved what must not stop, done 2023-08-17 02:50 UTC: see that it serves there. "},
		{RUN_DONE, RUN_MODE_APPROVED, true, "Carries dns, imap, web. ",
			"Move what must not stop away from san1 now. "},
		{RUN_DONE, RUN_MODE_DRILL, false, "Carries dns, imap, web. ",
			"Move what must not stop away from san1 now. "},
		{RUN_FAILED, RUN_MODE_MANUAL, false, "Carries dns, imap, web. ",
			"Move what must not stop away from san1 now. "},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct model m = {};
		struct view v = view_of(&m);
		char text[512];

		moved_by_plan(&m, rows[i].state, rows[i].mode);
		run_at(&m, 0)->cleared = rows[i].cleared;
		view_meta(&v, 0, text, sizeof(text));
		assert_non_null(strstr(text, rows[i].meta));
		assert_int_equal(!strstr(text, "Carries"), !strstr(rows[i].meta, "Carries"));
		view_finding_action(&v, finding_at(&m, 1), text, sizeof(text));
		assert_non_null(strstr(text, rows[i].action));
		model_clear(&m);
	}
}

static void test_dry_runs(void **unused)
{
	static const struct {
		enum run_state state;
		int64_t ended;
		const char *text;
	} rows[] = {
		{RUN_FENCING, 0, "r9 runs its checks; nothing is isolated or moved"},
		{RUN_DONE, AGO(60), "r9 passed at 02:50:34: its checks, nothing else"},
		{RUN_FAILED, AGO(60), "r9 failed at 02:50:34: its checks, nothing else"},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run_row dry = {.used = 1, .id = 8, .mode = RUN_MODE_DRY, .state = RUN_FAILED, .ended_wall_ms = AGO(90)};
		struct model m = {};
		struct view v = view_of(&m);
		char text[128] = "";

		moved_by_plan(&m, RUN_DONE, RUN_MODE_APPROVED);
		assert_false(view_dry_run(&v, 0, text, sizeof(text)));
		build_row(&m, TABLE_RUN, &dry);
		dry.id = 9;
		dry.state = (uint8_t)rows[i].state;
		dry.ended_wall_ms = rows[i].ended;
		build_row(&m, TABLE_RUN, &dry);
		assert_true(view_dry_run(&v, 0, text, sizeof(text)));
		assert_string_equal(text, rows[i].text);
		assert_false(view_dry_run(&v, 1, text, sizeof(text)));
		model_clear(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_simulated_arrays_are_left_out),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_what_a_plan_moved),
		cmocka_unit_test(test_dry_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
