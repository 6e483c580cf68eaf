#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "agent/sched.h"

static struct config config;
static struct model model;

static struct device_event device(const char *name, unsigned bus)
{
	struct device_event d = {.bus = (uint8_t)bus, .kind = KIND_DRIVE};

	copy_text(d.name, sizeof(d.name), name);
	copy_text(d.dev, sizeof(d.dev), "/dev/sdz");
	copy_text(d.vendor, sizeof(d.vendor), "IBM");
	return d;
}

static int setup(void **state)
{
	static struct sched s;

	memset(&config, 0, sizeof(config));
	config.nsources = 2;
	config.sources[0] = (struct cfg_source){.type = SOURCE_DRIVES, .interval_ms = 600000, .timeout_ms = 10000};
	config.sources[1] = (struct cfg_source){.type = SOURCE_EXEC, .interval_ms = 5000, .timeout_ms = 3000};
	sched_init(&s, &config);
	assert_int_equal(sched_reconfigure(&s, &config, 1000), 0);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	sched_free(*state);
	return 0;
}

static void test_exec_is_due_at_once_and_then_by_interval(void **state)
{
	struct sched *s = *state;
	struct job j;
	uint32_t w;

	assert_false(sched_next(s, &model, 1000, &j, &w));
	assert_int_equal(sched_want(s, 1000), BUS_EXEC);
	assert_int_equal(sched_want(s, 1000), -1);
	assert_int_equal(sched_worker_add(s, BUS_EXEC, 7, 99), 0);
	assert_true(sched_next(s, &model, 1000, &j, &w));
	assert_int_equal(j.type, SOURCE_EXEC);
	assert_false(sched_next(s, &model, 1000, &j, &w));
	assert_true(sched_done(s, j.id, &model, 1200));
	assert_false(sched_done(s, j.id, &model, 1200));
	assert_false(sched_next(s, &model, 5999, &j, &w));
	assert_int_equal(sched_next_ms(s, 1200), 6000);
	assert_true(sched_next(s, &model, 6000, &j, &w));
}

/* Its indexes may name another array now; the worker is free again all the same, and the look is repeated. */
static void test_what_an_older_configuration_asked_for_is_not_used(void **state)
{
	struct sched *s = *state;
	struct job j, again;
	uint32_t w;

	config.generation = 4;
	assert_int_equal(sched_worker_add(s, BUS_EXEC, 7, 99), 0);
	assert_true(sched_next(s, &model, 1000, &j, &w));
	assert_int_equal(j.generation, 4);
	assert_true(sched_counts(s, w, j.id));
	assert_false(sched_counts(s, w, j.id + 1));
	config.generation = 5;
	assert_int_equal(sched_reconfigure(s, &config, 1500), 0);
	assert_false(sched_counts(s, w, j.id));
	assert_true(sched_done(s, j.id, &model, 1600));
	assert_true(sched_next(s, &model, 1600, &again, &w));
	assert_int_equal(again.generation, 5);
	assert_true(sched_counts(s, w, again.id));
}

/* One worker, each look takes longer than the interval: the last one is looked at as often as the first. */
static void test_sources_that_hang_starve_nobody(void **state)
{
	struct sched *s = *state;
	unsigned looks[4] = {};
	uint64_t now = 2000;
	struct job j;
	uint32_t w;

	config.nsources = 4;
	config.sources[0] = config.sources[2] = config.sources[3] = config.sources[1];
	assert_int_equal(sched_reconfigure(s, &config, now), 0);
	assert_int_equal(sched_worker_add(s, BUS_EXEC, 7, 99), 0);
	for (unsigned i = 0; i < 40; i++) {
		assert_true(sched_next(s, &model, now, &j, &w));
		looks[j.source]++;
		now += 6000;
		assert_true(sched_done(s, j.id, &model, now));
	}
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(looks[i], 10);
}

static void test_a_hung_drive_costs_two_workers_and_nobody_else(void **state)
{
	struct sched *s = *state;
	struct device_event bad = device("wwn-bad", BUS_ATA), good = device("wwn-good", BUS_ATA);
	struct job j;
	uint32_t w, target;
	int source;
	uint64_t now = 2000;

	assert_int_equal(sched_device(s, &bad, now, &source), 0);
	assert_int_equal(source, 0);
	for (unsigned given_up = 0; given_up < SCHED_ABANDONED_MAX; given_up++) {
		sched_worker_add(s, BUS_ATA, given_up, 5);
		assert_true(sched_next(s, &model, now, &j, &w));
		assert_string_equal(j.name, "wwn-bad");
		assert_int_equal(sched_overrun(s, now + 10999, &target), -1);
		now += 11000;
		assert_true(sched_overrun(s, now, &target) >= 0);
		assert_false(sched_done(s, j.id, &model, now));
		now += 600000;
	}
	sched_worker_add(s, BUS_ATA, 9, 5);
	assert_false(sched_next(s, &model, now, &j, &w));
	assert_int_equal(sched_device(s, &good, now, &source), 0);
	assert_true(sched_next(s, &model, now, &j, &w));
	assert_string_equal(j.name, "wwn-good");
	assert_true(sched_done(s, j.id, &model, now));
	sched_released(s, target);
	assert_true(sched_next(s, &model, now, &j, &w));
	assert_string_equal(j.name, "wwn-bad");
}

static void test_a_worker_that_dies_frees_its_target(void **state)
{
	struct sched *s = *state;
	struct job j;
	uint32_t w;

	sched_worker_add(s, BUS_EXEC, 1, 5);
	assert_true(sched_next(s, &model, 1000, &j, &w));
	assert_int_not_equal(sched_worker_gone(s, w, 1100), NONE32);
	assert_int_equal(sched_want(s, 1500), BUS_EXEC);
	sched_worker_add(s, BUS_EXEC, 2, 5);
	assert_true(sched_next(s, &model, 1500, &j, &w));
}

static void test_match_picks_the_particular_source(void **state)
{
	struct sched *s = *state;
	struct device_event d = device("wwn-1", BUS_SCSI);
	bool full = false;
	int source;

	config.nsources = 3;
	config.sources[2] = (struct cfg_source){.type = SOURCE_DRIVES, .match_vendor = cfg_put(&config, "IBM*", &full)};
	assert_int_equal(sched_device(s, &d, 1000, &source), 0);
	assert_int_equal(source, 2);
	copy_text(d.vendor, sizeof(d.vendor), "ATA");
	copy_text(d.name, sizeof(d.name), "wwn-2");
	assert_int_equal(sched_device(s, &d, 1000, &source), 0);
	assert_int_equal(source, 0);
	d.removed = 1;
	assert_int_equal(sched_device(s, &d, 1000, &source), 0);
	assert_null(strstr(s->targets[2].used ? s->targets[2].device.name : "", "wwn-2"));
}

static void put(enum table table, uint32_t index, const void *row, size_t size)
{
	struct record r = {.sequence = model.sequence + 1, .table = (uint16_t)table, .index = index};

	memcpy(r.row, row, size);
	assert_int_equal(model_apply(&model, &r), 0);
}

static void test_a_drive_with_a_finding_is_watched(void **state)
{
	struct sched *s = *state;
	struct device_event d = device("wwn-1", BUS_ATA);
	struct component_row c = {.used = 1, .kind = KIND_DRIVE};
	struct finding_row f = {.used = 1, .active = 1, .severity = SEV_WARNING};
	struct job j;
	uint32_t w;
	int source;

	copy_text(c.name, sizeof(c.name), "wwn-1");
	assert_int_equal(sched_device(s, &d, 2000, &source), 0);
	sched_worker_add(s, BUS_ATA, 1, 5);
	assert_true(sched_next(s, &model, 2000, &j, &w));
	assert_false(j.insist);
	put(TABLE_COMPONENT, 0, &c, sizeof(c));
	put(TABLE_FINDING, 0, &f, sizeof(f));
	assert_true(sched_done(s, j.id, &model, 2100));
	assert_false(sched_next(s, &model, 61999, &j, &w));
	assert_true(sched_next(s, &model, 62000, &j, &w));
	assert_true(j.insist);
	model_clear(&model);
}

static void test_a_management_plane_is_asked_often_until_all_has_been_well(void **state)
{
	struct sched *s = *state;
	struct array_row a = {.used = 1, .worst = SEV_CRITICAL};
	struct job j;
	uint32_t w;

	config.sources[1] = (struct cfg_source){.type = SOURCE_SPECTRUM, .address = 1, .interval_ms = 10000, .timeout_ms = 10000};
	sched_free(s);
	sched_init(s, &config);
	assert_int_equal(sched_reconfigure(s, &config, 1000), 0);
	sched_worker_add(s, BUS_MANAGE, 1, 5);
	assert_true(sched_next(s, &model, 1000, &j, &w));
	put(TABLE_ARRAY, 0, &a, sizeof(a));
	assert_true(sched_done(s, j.id, &model, 1100));
	assert_false(sched_next(s, &model, 3999, &j, &w));
	assert_true(sched_next(s, &model, 4000, &j, &w));
	a.worst = SEV_NONE;
	put(TABLE_ARRAY, 0, &a, sizeof(a));
	assert_true(sched_done(s, j.id, &model, 4100));
	assert_false(sched_next(s, &model, 6999, &j, &w));
	assert_true(sched_next(s, &model, 7000, &j, &w));
	assert_true(sched_done(s, j.id, &model, 7100));
	/* a quarter of an hour later it is as it was */
	assert_true(sched_next(s, &model, 910000, &j, &w));
	assert_true(sched_done(s, j.id, &model, 910100));
	assert_false(sched_next(s, &model, 919999, &j, &w));
	assert_true(sched_next(s, &model, 920000, &j, &w));
	/* by ssh it is another pool's work */
	config.sources[1].transport = 1;
	assert_int_equal(sched_reconfigure(s, &config, 930000), 0);
	assert_false(sched_next(s, &model, 930000, &j, &w));
	assert_int_equal(sched_want(s, 930000), BUS_SSH);
	model_clear(&model);
}

#define WITH_SCHED(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

/* As configured; else what the only management there is said of itself, since two may go by different numbers. */
static void test_a_management_is_told_whose_array_is_meant(void **state)
{
	struct record r = {.sequence = model.sequence + 1, .table = TABLE_ARRAY};
	struct array_row a = {.used = 1, .serial = "LEARNED"};
	struct sched *s = *state;
	bool full = false;

	memcpy(r.row, &a, sizeof(a));
	assert_int_equal(model_apply(&model, &r), 0);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const want[] = {"LEARNED", "", "78N16G4"};
		struct job j;
		uint32_t w;

		config.narrays = 1;
		config.nsources = i ? 2 : 1;
		config.sources[0] = (struct cfg_source){.type = SOURCE_SPECTRUM, .interval_ms = 10000, .timeout_ms = 8000};
		config.sources[1] = (struct cfg_source){.type = SOURCE_REDFISH, .interval_ms = 10000, .timeout_ms = 8000};
		config.arrays[0].serial = i == 2 ? cfg_put(&config, "78N16G4", &full) : 0;
		sched_free(s);
		sched_init(s, &config);
		assert_int_equal(sched_reconfigure(s, &config, 1000), 0);
		assert_int_equal(sched_worker_add(s, BUS_MANAGE, 7, 99), 0);
		assert_true(sched_next(s, &model, 1000, &j, &w));
		assert_string_equal(j.serial, want[i]);
	}
	model_clear(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCHED(test_exec_is_due_at_once_and_then_by_interval),
		WITH_SCHED(test_sources_that_hang_starve_nobody),
		WITH_SCHED(test_what_an_older_configuration_asked_for_is_not_used),
		WITH_SCHED(test_a_hung_drive_costs_two_workers_and_nobody_else),
		WITH_SCHED(test_a_worker_that_dies_frees_its_target),
		WITH_SCHED(test_a_drive_with_a_finding_is_watched),
		WITH_SCHED(test_a_management_plane_is_asked_often_until_all_has_been_well),
		WITH_SCHED(test_match_picks_the_particular_source),
		WITH_SCHED(test_a_management_is_told_whose_array_is_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
