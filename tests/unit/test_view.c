#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "agent/rules.h"
#include "agent/view.h"
#include "build_model.h"

static struct view view_of(const struct model *m)
{
	return (struct view){.model = m, .now_ms = BUILD_NOW, .wall_ms = BUILD_WALL};
}

static void healthy(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_REDUNDANT, 1, 1), paths[4], drives[6];

	build_canisters(m, a, STATE_OK, STATE_OK);
	for (int i = 0; i < 4; i++) {
		char name[16];

		format_text(name, sizeof(name), "host%d-%c", i / 2, "AB"[i % 2]);
		paths[i] = build_component(m, a, KIND_PATH, name, STATE_OK);
	}
	group_at(m, build_group(m, a, GROUP_PATHS, "paths", paths, 4, 1))->margin = 1;
	for (int i = 0; i < 6; i++)
		drives[i] = build_slot(m, a, i + 1, STATE_OK, HEALTH_OK);
	build_group(m, a, GROUP_POOL, "pool0", drives, 6, 4);
	array_at(m, a)->since_wall_ms = AGO(71 * 86400);
}

static void unseen_canisters(struct model *m)
{
	healthy(m);
	group_at(m, 0)->unseen = 1;
	array_at(m, 0)->visibility = VISIBILITY_PARTIAL;
}

static void failing_drive(struct model *m)
{
	healthy(m);
	build_finding(m, 0, 8, "drive.unheard-of", SEV_WARNING);
	build_finding(m, 0, 9, "drive.acknowledged", SEV_WARNING)->acked = 1;
	finding_at(m, 1)->acked_severity = SEV_WARNING;
	build_finding(m, 0, 9, "drive.noted", SEV_INFO);
}

static void kolab(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_IMPENDING_LOSS, 0, 1);

	build_finding(m, a, build_canisters(m, a, STATE_DEGRADED, STATE_SERVICE),
		"canister.degraded", SEV_CRITICAL);
	array_at(m, a)->redundant_until_wall_ms = AGO(282);
}

static void kolab_by_paths(struct model *m)
{
	uint32_t paths[2];

	kolab(m);
	paths[0] = build_component(m, 0, KIND_PATH, "host0-A", STATE_OK);
	paths[1] = build_component(m, 0, KIND_PATH, "host0-B", STATE_FAILED);
	array_at(m, 0)->limiting_group =
		(uint16_t)build_group(m, 0, GROUP_PATHS, "paths", paths, 2, 1);
	build_row(m, TABLE_VIA, &(struct via_row){.used = 1, .component = paths[1], .via = 1});
}

static void one_canister(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1);

	build_canisters(m, a, STATE_OK, STATE_SERVICE);
}

static void one_canister_other_code(struct model *m)
{
	one_canister(m);
	copy_text(component_at(m, 0)->firmware, sizeof(component_at(m, 0)->firmware), "8.2.1.11");
}

static void one_silent(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_AT_RISK, 0, 1);

	build_canisters(m, a, STATE_OK, STATE_UNREACHABLE);
}

static void one_lost_one_silent(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, -1, 1);

	build_canisters(m, a, STATE_UNREACHABLE, STATE_FAILED);
}

static void both_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_ACCESS_LOST, -1, 1);

	build_canisters(m, a, STATE_FAILED, STATE_SERVICE);
}

static void both_lost_unconfirmed(struct model *m)
{
	both_lost(m);
	array_at(m, 0)->verdict = VERDICT_NOT_REDUNDANT;
}

/* Both came back a minute ago; the verdict waits for its five. */
static void back_and_waiting(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_ACCESS_LOST, 1, 1);

	build_canisters(m, a, STATE_OK, STATE_OK);
	array_at(m, a)->better_ms = BUILD_NOW - 60000;
	array_at(m, a)->clear_ms = 300000;
}

static void one_back_and_waiting(struct model *m)
{
	back_and_waiting(m);
	component_at(m, 1)->state = STATE_SERVICE;
	component_at(m, 1)->health = HEALTH_FAILED;
	array_at(m, 0)->margin = array_at(m, 0)->margin_max = 0;
}

static void whole_and_waiting(struct model *m)
{
	back_and_waiting(m);
	array_at(m, 0)->verdict = VERDICT_NOT_REDUNDANT;
}

static void paths_lost_with_canister(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1), paths[2];

	build_canisters(m, a, STATE_OK, STATE_FAILED);
	paths[0] = build_component(m, a, KIND_PATH, "host0-A", STATE_OK);
	paths[1] = build_component(m, a, KIND_PATH, "host0-B", STATE_FAILED);
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_PATHS, "paths", paths, 2, 1);
	build_row(m, TABLE_VIA, &(struct via_row){.used = 1, .component = paths[1], .via = 1});
}

static void path_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1), paths[2];

	paths[0] = build_component(m, a, KIND_PATH, "host0-A", STATE_OK);
	paths[1] = build_component(m, a, KIND_PATH, "host0-B", STATE_FAILED);
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_PATHS, "paths", paths, 2, 1);
}

/* Every path is among all paths and among those of its unit, and is told once. */
static void unit_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_ACCESS_LOST, -1, 1), p[4];

	p[0] = build_component(m, a, KIND_PATH, "host0-A.1", STATE_OK);
	p[1] = build_component(m, a, KIND_PATH, "host0-B.1", STATE_OK);
	p[2] = build_component(m, a, KIND_PATH, "host0-A.2", STATE_FAILED);
	p[3] = build_component(m, a, KIND_PATH, "host0-B.2", STATE_FAILED);
	group_at(m, build_group(m, a, GROUP_PATHS, "paths", p, 4, 1))->margin = 1;
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_PATHS, "paths to ..02", p + 2, 2, 1);
	group_at(m, build_group(m, a, GROUP_PATHS, "paths to ..01", p, 2, 1))->unseen = 1;
}

static void pool(struct model *m, enum verdict verdict, int margin, unsigned lost)
{
	uint32_t a = build_array(m, "san1", verdict, margin, 2), d[8];

	for (unsigned i = 0; i < 8; i++)
		d[i] = build_slot(m, a, (int)i + 1, i < lost ? STATE_FAILED : STATE_OK,
			i < lost ? HEALTH_FAILED : HEALTH_OK);
	array_at(m, a)->limiting_group = (uint16_t)build_group(m, a, GROUP_POOL, "pool0", d, 8, 6);
}

static void pool_degraded(struct model *m)
{
	pool(m, VERDICT_DEGRADED, 1, 1);
}

static void pool_last(struct model *m)
{
	pool(m, VERDICT_NOT_REDUNDANT, 0, 2);
}

static void pool_gone(struct model *m)
{
	pool(m, VERDICT_NOT_REDUNDANT, -1, 3);
}

static void psu_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1), p[2];

	p[0] = build_component(m, a, KIND_PSU, "1", STATE_FAILED);
	p[1] = build_component(m, a, KIND_PSU, "2", STATE_OK);
	array_at(m, a)->limiting_group = (uint16_t)build_group(m, a, GROUP_PSUS, "psus", p, 2, 1);
}

static void three_of_four(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_DEGRADED, 2, 3), c[4];

	for (int i = 0; i < 4; i++)
		c[i] = build_component(m, a, KIND_CANISTER, (const char *[]){"A", "B", "C", "D"}[i],
			i == 2 ? STATE_SERVICE : STATE_OK);
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_CANISTERS, "canisters", c, 4, 1);
}

static void blind(struct model *m)
{
	healthy(m);
	array_at(m, 0)->verdict = VERDICT_BLIND;
	array_at(m, 0)->visibility = VISIBILITY_BLIND;
	for (uint32_t i = 0; i < group_count(m); i++)
		group_at(m, i)->unseen = 1;
	source_at(m, 0)->outcome = OUTCOME_TIMEOUT;
	source_at(m, 0)->success_wall_ms = AGO(94);
}

static void blind_from_start(struct model *m)
{
	blind(m);
	source_at(m, 0)->success_wall_ms = 0;
}

static void forecast(struct model *m)
{
	healthy(m);
	array_at(m, 0)->verdict = VERDICT_AT_RISK;
	array_at(m, 0)->forecast = 1;
	array_at(m, 0)->forecast_margin = -1;
	array_at(m, 0)->forecast_wall_ms = BUILD_WALL + INT64_C(198) * 86400000;
	copy_text(array_at(m, 0)->forecast_cause, sizeof(array_at(m, 0)->forecast_cause),
		"23 of 24 drives reach 32,768 h");
}

static void flapping(struct model *m)
{
	healthy(m);
	array_at(m, 0)->verdict = VERDICT_AT_RISK;
	build_finding(m, 0, 3, "path.flapping", SEV_WARNING);
}

static void local_drives(struct model *m)
{
	uint32_t a = build_array(m, "local", VERDICT_SINGLE, 0, 0);

	array_at(m, a)->margin_known = 0;
	array_at(m, a)->local = 1;
	for (int i = 0; i < 3; i++) {
		uint32_t d = build_slot(m, a, i, STATE_OK, HEALTH_OK);

		component_at(m, d)->slot = -1;
		format_text(component_at(m, d)->dev, sizeof(component_at(m, d)->dev), "/dev/sd%c",
			"abc"[i]);
	}
}

static void local_failing(struct model *m)
{
	struct finding_row *f;

	local_drives(m);
	component_at(m, 1)->health = HEALTH_CRITICAL;
	f = build_finding(m, 0, 1, "drive.pending-sectors/critical", SEV_CRITICAL);
	f->nevidence = 1;
	f->evidence[0] = (struct evidence){.fact = FACT_PENDING, .value = 6};
}

/* A drive that gives no health data: an info finding, and no group that goes on without it. */
static void local_unreadable(struct model *m)
{
	local_drives(m);
	component_at(m, 1)->state = STATE_UNKNOWN;
	component_at(m, 1)->health = HEALTH_UNKNOWN;
	build_finding(m, 0, 1, "drive.unreadable", SEV_INFO);
}

static void local_unreadable_and_worn(struct model *m)
{
	local_unreadable(m);
	component_at(m, 0)->health = HEALTH_WARNING;
	build_finding(m, 0, 0, "drive.unheard-of", SEV_WARNING);
}

static void local_unreadable_acknowledged(struct model *m)
{
	local_unreadable(m);
	finding_at(m, 0)->acked = 1;
	finding_at(m, 0)->acked_severity = SEV_INFO;
}

static void mirror_of(struct model *m, bool both)
{
	uint32_t d[2], g;

	local_unreadable(m);
	array_at(m, 0)->verdict = VERDICT_AT_RISK;
	d[0] = 0;
	d[1] = 1;
	g = build_group(m, 0, GROUP_POOL, "md0", d, 2, 1);
	group_at(m, g)->undecided = 1;
	group_at(m, g)->margin = both ? -1 : 0;
	group_at(m, g)->margin_max = 1;
}

static void mirror_goes_on(struct model *m)
{
	mirror_of(m, false);
}

static void mirror_may_not(struct model *m)
{
	mirror_of(m, true);
}

static void local_empty(struct model *m)
{
	uint32_t a = build_array(m, "local", VERDICT_SINGLE, 0, 0);

	array_at(m, a)->margin_known = 0;
}

static void single_path(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_SINGLE, 0, 0), p[1];

	p[0] = build_component(m, a, KIND_PATH, "host0-A", STATE_OK);
	array_at(m, a)->limiting_group = (uint16_t)build_group(m, a, GROUP_PATHS, "paths", p, 1, 1);
}

static void not_judged(struct model *m)
{
	build_array(m, "san1", VERDICT_NONE, 0, 0);
}

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
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_simulated_arrays_are_left_out),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_todo_of_the_incident),
		cmocka_unit_test(test_a_run_that_ended_wants_to_be_cleared),
		cmocka_unit_test(test_nothing_to_do_in_peace),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_every_rule_has_its_words),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
