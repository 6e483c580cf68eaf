/* The event log of a Spectrum Virtualize array: of which part each error is told, and until when. */
#include "spectrum_lab.h"

#define LOG "sequence_number|last_timestamp|object_type|object_id|object_name|status|fixed|event_id|error_code|description\n"

static void read_log(const char *log, struct spectrum_events *e, int rows)
{
	assert_int_equal(spectrum_eventlog(cli(log), strlen(log), SPECTRUM_CLI, e), rows);
}

static void read_canisters(struct spectrum_canisters *c)
{
	static const char nodes[] = NODES NODE1 NODE2("online");

	*c = (struct spectrum_canisters){};
	assert_int_equal(spectrum_nodes(cli(nodes), strlen(nodes), SPECTRUM_CLI, c), 2);
}

static void test_an_error_is_told_of_the_canister_it_is_about(void **unused)
{
	static const char log[] = LOG "102|201111165750|enclosure|1||alert|no|085044|1114|Enclosure Battery fault type 1\n"
				  "110|201111165751|node|2|node2|alert|no|074565|690|Node held in service state\n"
				  "112|201111165751|node||node1|alert|no|074565|734|Fewer ports\n"
				  "113|201111165751|enclosure_canister|9|node2|alert|no|074565|1034|Canister fault\n"
				  "114|201111165751|enclosure_canister|2||alert|no|074565|1036|Canister fault, which one\n"
				  "115|201111165751|cluster||san1|alert|no|074565|2600|No mail\n"
				  "116|201111165751|flux|1||alert|no|074565|2601|A new word\n"
				  "111|201111165751|node|2||alert|yes|074565|550|Fixed long ago\n";
	struct reading system = {.kind = KIND_SYSTEM};
	struct spectrum_canisters c;
	struct spectrum_events e;

	(void)unused;
	read_log(log, &e, 8);
	read_canisters(&c);
	spectrum_canister_faults(&e, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 734);
	assert_true(fact_of(&c.r[0], FACT_OPEN_ERRORS) == 1);
	assert_true(fact_of(&c.r[0], FACT_NEEDS_SERVICE) == 0);
	assert_string_equal(c.r[0].message, "1 not fixed, first 734: Fewer ports");
	assert_true(fact_of(&c.r[1], FACT_ERROR_CODE) == 690);
	assert_true(fact_of(&c.r[1], FACT_OPEN_ERRORS) == 2);
	assert_true(fact_of(&c.r[1], FACT_NEEDS_SERVICE) == 1);
	/* the enclosure is still to be asked for; what names no component is the system's */
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 3);
	assert_true(fact_of(&system, FACT_ERROR_CODE) == 1036);
	assert_true(fact_of(&system, FACT_NEEDS_SERVICE) == 0);
	/* asked for, and there is none: never told of nothing at all */
	e.sought = 1;
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 4);
	assert_true(fact_of(&system, FACT_NEEDS_SERVICE) == 1);
}

static void test_a_node_that_left_leaves_its_errors_to_the_system(void **unused)
{
	static const char log[] = LOG "110|201111165751|node|2|node2|alert|no|074565|690|Node held in service state\n";
	static const char left[] = NODES NODE1;
	struct reading system = {.kind = KIND_SYSTEM};
	struct spectrum_canisters c;
	struct spectrum_events e;

	(void)unused;
	read_log(log, &e, 1);
	read_canisters(&c);
	spectrum_canister_faults(&e, &c);
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 0);
	c = (struct spectrum_canisters){};
	assert_int_equal(spectrum_nodes(cli(left), strlen(left), SPECTRUM_CLI, &c), 1);
	spectrum_canister_faults(&e, &c);
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_ERROR_CODE) == 690);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 0);
}

static void test_errors_that_are_fixed_are_told_to_be(void **unused)
{
	static const char log[] = LOG "110|201111165751|node|1|node1|alert|no|074565|564|Node crashed\n";
	struct spectrum_events before, after;
	struct spectrum_canisters c;

	(void)unused;
	read_log(log, &before, 1);
	read_log("", &after, 0);
	assert_true(spectrum_same_events(&before, &before) && !spectrum_same_events(&before, &after));
	read_canisters(&c);
	spectrum_canister_faults(&before, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 564 && c.r[0].message[0]);
	spectrum_canister_faults(&after, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == 0 && !c.r[0].message[0]);
	/* a log that was never read says nothing, not that all is well */
	read_canisters(&c);
	after.read = 0;
	spectrum_canister_faults(&after, &c);
	assert_true(fact_of(&c.r[0], FACT_ERROR_CODE) == -1);
}

static void test_errors_of_drives_enclosures_and_arrays(void **unused)
{
	static const char log[] = LOG "1|2|drive|4||alert|no|0|1686|Drive missing\n2|2|enclosure|1||alert|no|0|1114|Battery\n"
				  "3|2|mdisk|0|mdisk0|alert|no|0|1690|Array degraded\n";
	static const char drives[] = "id|status|use|enclosure_id|slot_id\n4|degraded|member|1|2\n5|online|member|1|3\n";
	static const char shelves[] = "id|status|total_canisters|online_canisters\n1|online|2|2\n";
	static const char mdisks[] = "id|name|status\n0|mdisk0|degraded\n";
	struct reading system = {.kind = KIND_SYSTEM};
	struct kept k = {};
	const struct manage_sink sink = {keep, &k};
	struct spectrum_events e;

	(void)unused;
	read_log(log, &e, 3);
	assert_int_equal(spectrum_drives(cli(drives), strlen(drives), SPECTRUM_CLI, &e, &sink), 2);
	assert_int_equal(spectrum_enclosures(cli(shelves), strlen(shelves), SPECTRUM_CLI, &e, &sink), 1);
	assert_int_equal(spectrum_mdisks(cli(mdisks), strlen(mdisks), SPECTRUM_CLI, &e, &sink), 1);
	assert_true(fact_of(find(&k, KIND_DRIVE, "1-2"), FACT_ERROR_CODE) == 1686);
	assert_true(fact_of(find(&k, KIND_DRIVE, "1-3"), FACT_ERROR_CODE) == 0);
	assert_true(fact_of(find(&k, KIND_ENCLOSURE, "1"), FACT_NEEDS_SERVICE) == 1);
	assert_true(fact_of(find(&k, KIND_POOL, "mdisk0"), FACT_ERROR_CODE) == 1690);
	e.sought = 1;
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 0);
}

static void test_a_log_of_many_objects_loses_none(void **unused)
{
	static const char log[] = LOG;
	struct reading system = {.kind = KIND_SYSTEM};
	struct spectrum_events e;
	size_t at = strlen(log);

	(void)unused;
	(void)cli(log);
	for (unsigned i = 0; i < 60; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%u|2|drive|%u||alert|no|0|1686|Drive\n", i + 1, i);
	assert_int_equal(spectrum_eventlog(text, at, SPECTRUM_CLI, &e), 60);
	assert_int_equal(e.n, SPECTRUM_FAULTS);
	e.sought = 1;
	spectrum_system_faults(&e, &system);
	assert_true(fact_of(&system, FACT_OPEN_ERRORS) == 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_error_is_told_of_the_canister_it_is_about),
		cmocka_unit_test(test_a_node_that_left_leaves_its_errors_to_the_system),
		cmocka_unit_test(test_errors_that_are_fixed_are_told_to_be),
		cmocka_unit_test(test_errors_of_drives_enclosures_and_arrays),
		cmocka_unit_test(test_a_log_of_many_objects_loses_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
