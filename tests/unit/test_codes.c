#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/lab.h"

static void test_one_firmware_too_many_is_named_and_wakes_nobody(void **unused)
{
	const struct finding_row *f;
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l,
		"@hdd:1 model=M1 fw=B3F5 slot=7 ; @hdd:2 model=M1 fw=B3F7 ; @hdd:3 model=M1 fw=B3F7 ;");
	f = lab_finding(&l, "firmware.model-differs");
	assert_non_null(f);
	assert_string_equal(f->detail, "M1: 2 run B3F7, 1 runs B3F5: slot 7");
	assert_int_equal(f->severity, SEV_INFO);
	assert_int_equal(f->incident, NONE16);
	assert_int_equal(array_at(&l.e.model, f->array)->incident, NONE16);
	assert_int_not_equal(array_at(&l.e.model, f->array)->verdict, VERDICT_AT_RISK);
	assert_false(f->told & 1); /* oncall takes what is critical */
	/* another model that is mixed too is named as well */
	lab_run(&l, "@hdd:4 model=M2 fw=A1 ; @hdd:5 model=M2 fw=A2 slot=9 ;");
	assert_string_equal(lab_finding(&l, "firmware.model-differs")->detail,
		"M1: 2 run B3F7, 1 runs B3F5: slot 7; M2: 1 runs A1, 1 runs A2: slot 9");
	lab_stop(&l);
}

static void test_a_canister_and_its_system(void **unused)
{
	static const struct {
		const char *system, *canister;
		bool differs;
		const char *why;
	} t[] = {{"8.2.0.2", "8.2.0.1", true, "one fix behind"},
		{"8.2.0.10", "8.2.0.9", true, "numbers are compared as numbers"},
		{"7.8.1", "7.8.10", true, "no digit is left out"},
		{"8.2.0.2(build-145)", "8.2.0.2", false, "the build is not always said"},
		{"8.2.0.2(build-145)", "8.2.0.2(build-146)", true, "when it is, it counts"},
		{"8.2.0.2", "8.2.0", false, "less exactly, not differently"},
		{"8.2.0", "8.2.0.2", false, "less exactly, not differently"},
		{"08.42.30.05", "8.42.30.05", false, "a leading zero is no other version"},
		{"8.2.0.2", "8.2.0.1 state=absent", false, "who is not there runs nothing"},
		{"GL210R004", "GLS210R04-01", false, "a bundle has numbers of its own"}};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		const struct finding_row *f;
		char script[160];
		struct lab l;

		lab_start(&l, NULL);
		format_text(script, sizeof(script), "@system:san1 fw=%s ; @canister:A fw=%s ;",
			t[i].system, t[i].canister);
		lab_run(&l, script);
		f = lab_finding(&l, "canister.code-differs-from-system");
		if (!f != !t[i].differs)
			fail_msg("%s and %s: %s", t[i].system, t[i].canister, t[i].why);
		lab_stop(&l);
	}
}

/* Its system's number is a bundle's, or another controller's: nothing to compare with. */
static void test_systems_that_are_numbered_apart(void **unused)
{
	static const enum source_type types[] = {SOURCE_MC, SOURCE_REDFISH};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct config *c = lab_config();
		struct lab l;

		c->sources[0].type = (uint8_t)types[i];
		lab_start(&l, c);
		lab_run(&l, "@system:san1 fw=8.2.0.2 ; @canister:A fw=8.2.0.1 ;");
		assert_null(lab_finding(&l, "canister.code-differs-from-system"));
		lab_stop(&l);
	}
}

/* A controller's management beside the enclosures behind it, as one array. */
static void start_with_shelf(struct lab *l, enum source_type shelf)
{
	struct config *c = lab_two_planes();

	c->sources[0].type = (uint8_t)shelf;
	lab_start(l, c);
}

static void test_an_iom_runs_no_code_of_the_system(void **unused)
{
	struct lab l;

	(void)unused;
	start_with_shelf(&l, SOURCE_ENCLOSURE);
	lab_run(&l,
		"@system:san1/mgmt fw=8.4.0.2 ; @canister:iom-0 fw=0512 ; @canister:iom-1 fw=0511 ;");
	assert_null(lab_finding(&l, "canister.code-differs-from-system"));
	lab_run(&l, "@canister:A/mgmt fw=8.4.0.2 ; @canister:B/mgmt fw=8.4.0.2 ; keep=310");
	assert_null(lab_finding(&l, "canister.code-differs-from-system"));
	assert_null(lab_finding(&l, "array.different-code"));
	assert_string_equal(lab_finding(&l, "array.same-code")->detail, "8.4.0.2");
	lab_run(&l, "@canister:B/mgmt fw=8.4.0.1 ;");
	assert_non_null(lab_finding(&l, "canister.code-differs-from-system"));
	assert_string_equal(
		lab_finding(&l, "array.different-code")->detail, "A runs 8.4.0.2, B runs 8.4.0.1");
	lab_stop(&l);
	/* another source that numbers things its own way */
	start_with_shelf(&l, SOURCE_EXEC);
	lab_run(&l, "@system:san1/mgmt fw=8.4.0.2 ; @canister:A fw=8.3.0.0 ;");
	assert_null(lab_finding(&l, "canister.code-differs-from-system"));
	lab_stop(&l);
}

static void test_ioms_alone_are_compared(void **unused)
{
	struct lab l;

	(void)unused;
	start_with_shelf(&l, SOURCE_ENCLOSURE);
	lab_run(&l, "@canister:iom-0 fw=0512 ; @canister:iom-1 fw=0511 ;");
	assert_non_null(lab_finding(&l, "array.different-code"));
	lab_stop(&l);
}

/* What a shelf tells of a controller that both list is not the controller's code. */
static void test_a_controller_whose_code_a_shelf_told(void **unused)
{
	struct lab l;

	(void)unused;
	start_with_shelf(&l, SOURCE_ENCLOSURE);
	lab_run(&l, "@canister:A fw=0512 ; @canister:A/mgmt ; @canister:B/mgmt fw=8.4.0.2 ;");
	assert_null(lab_finding(&l, "array.different-code"));
	assert_null(lab_finding(&l, "array.same-code"));
	lab_stop(&l);
}

static void test_restarted_apart_while_an_iom_says_no_time(void **unused)
{
	struct lab l;

	(void)unused;
	start_with_shelf(&l, SOURCE_ENCLOSURE);
	lab_run(&l,
		"@canister:iom-0 ; @canister:A/mgmt booted=-900000 ; @canister:B/mgmt booted=-897601 ;");
	assert_string_equal(lab_finding(&l, "canister.booted-together")->detail,
		"Both canisters were booted within 40 minutes");
	lab_run(&l, "@canister:B/mgmt booted=-60 ; keep=310");
	assert_null(lab_finding(&l, "canister.booted-together"));
	lab_stop(&l);
}

static void test_canisters_that_were_booted_together(void **unused)
{
	static const struct {
		const char *script, *detail, *why;
	} t[] = {{"@canister:A booted=-900000 ; @canister:B booted=-897601 ;",
			 "Both canisters were booted within 40 minutes",
			 "ten minutes are as exact as people need"},
		{"@canister:A booted=-900000 ; @canister:B booted=-813601 ;",
			"Both canisters were booted within 24 hours", "a day is the limit"},
		{"@canister:A booted=-900000 ; @canister:B booted=-800000 ;", NULL, "27 hours"},
		{"@canister:A booted=-900000 ; @canister:B ;", NULL, "when B was nobody says"},
		{"@canister:A booted=-900000 ;", NULL, "nobody else is there"},
		{"@canister:A booted=-9000000 ; @canister:B booted=-900000 ; @canister:C booted=-890000 ; @canister:D ;",
			"2 of 4 canisters were booted within 3 hours", "the closest are said"},
		{"@canister:A booted=-900000 ; @canister:B booted=-900000 state=absent ;", NULL,
			"one that is not there runs no clock"}};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		const struct finding_row *f;
		struct lab l;

		lab_start(&l, NULL);
		lab_run(&l, t[i].script);
		f = lab_finding(&l, "canister.booted-together");
		if (!f != !t[i].detail || (f && !text_equal(f->detail, t[i].detail)))
			fail_msg("%s: '%s'", t[i].why, f ? f->detail : "nothing");
		if (f)
			assert_int_equal(f->severity, SEV_INFO);
		lab_stop(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_firmware_too_many_is_named_and_wakes_nobody),
		cmocka_unit_test(test_a_canister_and_its_system),
		cmocka_unit_test(test_systems_that_are_numbered_apart),
		cmocka_unit_test(test_an_iom_runs_no_code_of_the_system),
		cmocka_unit_test(test_ioms_alone_are_compared),
		cmocka_unit_test(test_a_controller_whose_code_a_shelf_told),
		cmocka_unit_test(test_restarted_apart_while_an_iom_says_no_time),
		cmocka_unit_test(test_canisters_that_were_booted_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
