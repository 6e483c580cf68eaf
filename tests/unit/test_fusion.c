#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "agent/verdict.h"
#include "tests/unit/lab.h"

#define PAIR                                                                                       \
	"@canister:A ; @canister:B ; @canister:A/mgmt ; @canister:B/mgmt ; @path:host0-A ; "       \
	"@path:host0-B ; keep=10 "

static const struct component_row *component(const struct lab *l, const char *id)
{
	return component_at(&l->e.model, lab_component(l, id));
}

struct row {
	const char *why, *script;
	enum state b;
	enum verdict verdict;
	int margin;
};

/* clang-format off */
static const struct row rows[] = {
	{"both fine", "", STATE_OK, VERDICT_REDUNDANT, 1},
	{"in-band 'down' outranks management 'ok'", "@canister:B state=failed keep=10", STATE_FAILED, VERDICT_NOT_REDUNDANT, 0},
	{"whoever speaks last", "@canister:B state=failed ; @canister:B/mgmt ; ;", STATE_FAILED, VERDICT_NOT_REDUNDANT, 0},
	{"management 'down' outranks in-band 'ok'", "@canister:B/mgmt state=service keep=10", STATE_SERVICE, VERDICT_NOT_REDUNDANT, 0},
	{"for both of them: nothing is to spare, and not lost",
	 "@canister:A/mgmt state=failed @canister:B/mgmt state=failed keep=10", STATE_FAILED, VERDICT_NOT_REDUNDANT, 0},
	{"lost in-band: lost", "@canister:A state=failed @canister:B state=failed keep=10", STATE_FAILED, VERDICT_ACCESS_LOST, -1},
	{"one lost by each: not lost by management alone",
	 "@canister:A/mgmt state=failed @canister:B state=failed keep=10", STATE_FAILED, VERDICT_NOT_REDUNDANT, 0},
	{"management does not answer, in-band does", "@canister:A/mgmt state=unreachable @canister:B/mgmt state=unreachable keep=10",
	 STATE_OK, VERDICT_REDUNDANT, 1},
	{"management is silent", "@canister:A/mgmt silent @canister:B/mgmt silent keep=60", STATE_OK, VERDICT_REDUNDANT, 1},
	{"what in-band said ages while management says ok", "@canister:B state=failed keep=10 silent @canister:A silent "
	 "@path:host0-A silent @path:host0-B silent keep=400", STATE_OK, VERDICT_REDUNDANT, 1},
	{"an unknown word of either is not ok", "@canister:B/mgmt state=unknown raw=purple keep=10", STATE_UNKNOWN, VERDICT_AT_RISK, 0},
	{"one that says nothing is no word", "@canister:B/mgmt state=unknown keep=10", STATE_OK, VERDICT_REDUNDANT, 1},
	{"degraded by either", "@canister:B/mgmt state=degraded keep=10", STATE_DEGRADED, VERDICT_REDUNDANT, 1},
	{"a transition that overruns has failed", "@canister:B/mgmt state=transition limit=30 keep=40", STATE_FAILED, VERDICT_NOT_REDUNDANT, 0},
	{"not in the complete answer of one", "@canister:B/mgmt state=absent keep=10", STATE_ABSENT, VERDICT_NOT_REDUNDANT, 0},
	{"all are silent", "@canister:A silent @canister:B silent @canister:A/mgmt silent @canister:B/mgmt silent "
	 "@path:host0-A silent @path:host0-B silent wait=60", STATE_UNKNOWN, VERDICT_BLIND, 99},
};
/* clang-format on */

static void test_whose_word_counts(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct array_row *a;
		struct lab l;

		lab_start(&l, lab_two_planes());
		lab_run(&l, PAIR);
		lab_run(&l, rows[i].script);
		a = array_at(&l.e.model, 0);
		if (component(&l, "san1/canister/B")->state != rows[i].b ||
			a->verdict != rows[i].verdict ||
			a->margin_known != (rows[i].margin != 99) ||
			(rows[i].margin != 99 && a->margin != rows[i].margin))
			fail_msg("%s: B %s, %s %d known %d", rows[i].why,
				state_text((enum state)component(&l, "san1/canister/B")->state),
				verdict_text((enum verdict)a->verdict), a->margin, a->margin_known);
		lab_stop(&l);
	}
}

/* Two sources spell things differently: that is one canister, not a replaced one with new code every 5 s. */
static void test_two_spellings_are_one_part(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, lab_two_planes());
	lab_run(&l,
		"@canister:B serial=78N16G4-2 fw=0612 temperature_celsius=31 restarts=9 ; "
		"@canister:B/mgmt serial=78N16G4 fw=7.8.1.11 temperature_celsius=33 restarts=2 ; " PAIR
		"keep=60");
	assert_string_equal(component(&l, "san1/canister/B")->serial, "78N16G4-2");
	assert_string_equal(component(&l, "san1/canister/B")->firmware, "0612");
	assert_int_equal(component(&l, "san1/canister/B")->firmware_changes, 0);
	assert_null(lab_finding(&l, "component.replaced"));
	assert_null(lab_finding(&l, "component.firmware-changed"));
	assert_null(lab_finding(&l, "drive.counter-fell"));
	assert_true(model_fact(&l.e.model, lab_component(&l, "san1/canister/B"), FACT_TEMPERATURE)
			    ->value < 32);
	/* and when the one who named it is silent, the other does not rename it */
	lab_run(&l, "@canister:B silent keep=60");
	assert_string_equal(component(&l, "san1/canister/B")->firmware, "0612");
	assert_null(lab_finding(&l, "component.replaced"));
	lab_run(&l, "@canister:B speaks serial=78N16G4-3 keep=10");
	assert_non_null(lab_finding(&l, "component.replaced"));
	lab_stop(&l);
}

static void test_a_request_for_service_is_heard_from_either(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, lab_two_planes());
	lab_run(&l, PAIR "@canister:B/mgmt needs_service=0 keep=10 @canister:B needs_service=1 ;");
	assert_non_null(lab_finding(&l, "canister.needs-service"));
	lab_stop(&l);
}

static void test_what_one_of_two_no_longer_lists_is_absent(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, lab_two_planes());
	lab_run(&l, PAIR);
	l.nsubjects--; /* host0-B: nobody else lists it */
	lab_run(&l, "keep=10");
	assert_int_equal(component(&l, "san1/path/host0-B")->state, STATE_ABSENT);
	assert_int_equal(component(&l, "san1/canister/B")->state, STATE_OK);
	lab_stop(&l);
}

/* A second witness of one loss is no news. */
static void test_one_loss_is_told_once(void **unused)
{
	struct lab l;
	unsigned told;

	(void)unused;
	lab_start(&l, lab_two_planes());
	lab_run(&l, PAIR "@canister:B/mgmt state=service ;");
	told = lab_alerts(&l, ALERT_FINDING_FIRING, NULL) +
	       lab_alerts(&l, ALERT_ARRAY_VERDICT, NULL);
	assert_int_equal(lab_alerts(&l, ALERT_FINDING_FIRING, "canister.service"), 1);
	lab_run(&l, "@canister:B state=failed keep=30");
	assert_int_equal(component(&l, "san1/canister/B")->state, STATE_SERVICE);
	assert_int_equal(lab_alerts(&l, ALERT_FINDING_FIRING, NULL) +
				 lab_alerts(&l, ALERT_ARRAY_VERDICT, NULL),
		told);
	lab_stop(&l);
}

/* A drive that was pulled is not back because the array's inventory still lists it. */
static void test_listed_is_not_there(void **unused)
{
	struct config *c = lab_two_planes();
	struct reading r;
	struct lab l;

	(void)unused;
	c->sources[LAB_MGMT].array = 1;
	lab_start(&l, c);
	lab_run(&l, "@hdd there ;");
	r = l.subject[0];
	r.source = LAB_MGMT;
	r.state = STATE_OK;
	engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
	assert_int_equal(component(&l, "local/drive/hdd")->state, STATE_OK);
	lab_run(&l, "gone");
	engine_reading(&l.e, &r, l.now_ms, l.wall_ms);
	assert_int_equal(component(&l, "local/drive/hdd")->state, STATE_ABSENT);
	lab_run(&l, "there ;");
	assert_int_equal(component(&l, "local/drive/hdd")->state, STATE_OK);
	lab_stop(&l);
}

/* What anybody could have sent: it raises, lowers nothing, and is no evidence. */
static void test_hearsay(void **unused)
{
	struct config *c = lab_two_planes();
	struct lab l;

	(void)unused;
	c->sources[LAB_MGMT].plane = PLANE_SPOOFABLE;
	c->sources[LAB_MGMT].interval_ms = 0;
	lab_start(&l, c);
	lab_run(&l, "@canister:A ; @canister:B ; @path:host0-A ; @path:host0-B ; keep=10");
	lab_run(&l, "@canister:B/mgmt state=failed ;");
	assert_int_equal(component(&l, "san1/canister/B")->state, STATE_DEGRADED);
	assert_int_equal(array_at(&l.e.model, 0)->margin, 1);
	lab_run(&l, "@canister:B state=failed ; @canister:B/mgmt state=ok ;");
	assert_int_equal(component(&l, "san1/canister/B")->state, STATE_FAILED);
	/* it does not keep alive what nobody looks at any more */
	lab_run(&l, "wait=20 @canister:A/mgmt state=ok ;");
	assert_int_equal(component(&l, "san1/canister/A")->state, STATE_UNKNOWN);
	/* but that there is somebody who listens nobody sent */
	lab_run(&l, "@check:listen/mgmt state=ok raw=listening ;");
	assert_int_equal(component(&l, "san1/check/listen")->state, STATE_OK);
	assert_null(lab_finding(&l, "source.unknown-word"));
	lab_stop(&l);
}

static uint32_t chance(uint32_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

static bool fresh_inband(const struct lab *l, uint32_t component, enum member_state *ret)
{
	const struct seen_row *s = model_seen(&l->e.model, component, 0);

	if (!s || !seen_fresh(s, l->now_ms))
		return false;
	*ret = member_of_state((enum state)s->state);
	return true;
}

static void check(const struct lab *l, unsigned story, unsigned step)
{
	static const char *const ids[] = {"san1/canister/A", "san1/canister/B"};
	const struct array_row *a = array_at(&l->e.model, 0);
	struct verdict_input in;
	struct verdict_output o;
	enum member_state said;
	unsigned lost_inband = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
		uint32_t n = lab_component(l, ids[i]);
		bool fresh = n != NONE32 && fresh_inband(l, n, &said);

		lost_inband += fresh && said == MEMBER_LOST;
		if (fresh && said == MEMBER_LOST &&
			member_of_state((enum state)component_at(&l->e.model, n)->state) !=
				MEMBER_LOST)
			fail_msg("story %u step %u: %s is %s although it is down in-band", story,
				step, ids[i],
				state_text((enum state)component_at(&l->e.model, n)->state));
	}
	verdict_gather(&l->e.model, 0, l->now_ms, &in);
	verdict_derive(&in, &o);
	if (in.has_inband_source && o.verdict == VERDICT_ACCESS_LOST &&
		lost_inband < ARRAY_SIZE(ids))
		fail_msg("story %u step %u: access lost by management alone (%s)", story, step,
			a->name);
	if (o.verdict == VERDICT_ACCESS_LOST && o.margin_known)
		assert_int_equal(o.margin, -1);
}

static void test_random_interleavings(void **unused)
{
	static const char *const words[] = {"@canister:A", "@canister:B", "@canister:A/mgmt",
		"@canister:B/mgmt", "state=ok", "state=ok", "state=service", "state=failed",
		"state=degraded", "state=absent", "state=transition limit=3", "state=unreachable",
		"state=unknown raw=purple", "raw=", "outcome=ok", "outcome=ok", "outcome=timeout",
		"wait=3", "wait=20", "keep=15", "silent", "speaks", ";", ";", ";", ";"};
	uint32_t state = 88172645;

	(void)unused;
	for (unsigned story = 0; story < 80; story++) {
		struct lab l;

		lab_start(&l, lab_two_planes());
		lab_run(&l,
			"@canister:A ; @canister:B ; @canister:A/mgmt ; @canister:B/mgmt ; keep=10");
		for (unsigned step = 0; step < 100; step++) {
			lab_run(&l, words[chance(&state, ARRAY_SIZE(words))]);
			engine_tick(&l.e, l.now_ms, l.wall_ms);
			check(&l, story, step);
		}
		lab_stop(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose_word_counts),
		cmocka_unit_test(test_two_spellings_are_one_part),
		cmocka_unit_test(test_a_request_for_service_is_heard_from_either),
		cmocka_unit_test(test_what_one_of_two_no_longer_lists_is_absent),
		cmocka_unit_test(test_one_loss_is_told_once),
		cmocka_unit_test(test_listed_is_not_there),
		cmocka_unit_test(test_hearsay),
		cmocka_unit_test(test_random_interleavings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
