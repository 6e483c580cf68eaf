/* The engine as a whole: whoever follows it, what it forgets, what it marks, and the founding incident. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "agent/config_load.h"
#include "agent/verdict.h"
#include "engine_lab.h"

/* A host's mirror may stand on drives of another array: what happens there is judged here at once. */
static void test_a_pool_on_drives_of_another_array(void **unused)
{
	static const char yaml[] = "version: 1\nlocal: false\narrays:\n"
				   "  - {name: host, sources: [{type: exec, command: [/bin/true], interval: 1h}]}\n"
				   "  - {name: shelf, sources: [{type: exec, command: [/bin/true], interval: 1h}]}\n";
	struct config *c = calloc(1, sizeof(*c));
	struct config_errors errs = {};
	struct group_told told = {.members = 2, .need = 1, .n = 2};
	uint32_t drives[2];
	struct engine e;

	(void)unused;
	assert_int_equal(config_load_text("t", yaml, strlen(yaml), false, c, &errs), 0);
	assert_int_equal(engine_init(&e, c, NULL, 0, 1, 1000, 1692240000000), 0);
	say(&e, 0, KIND_POOL, "md0", STATE_OK, 2000);
	say(&e, 1, KIND_DRIVE, "d1", STATE_OK, 2000);
	say(&e, 1, KIND_DRIVE, "d2", STATE_OK, 2000);
	drives[0] = model_find_component(&e.model, 1, KIND_DRIVE, "d1");
	drives[1] = model_find_component(&e.model, 1, KIND_DRIVE, "d2");
	told.member = drives;
	group_tell(&e, 0, "md0", &told);
	engine_tick(&e, 3000, 1692240003000);
	assert_int_equal(array_at(&e.model, 0)->margin, 1);
	say(&e, 1, KIND_DRIVE, "d1", STATE_FAILED, 4000);
	assert_int_equal(array_at(&e.model, 0)->margin, 0);
	engine_free(&e);
	free(c);
}

static void follow(struct model *replica, uint64_t *cursor, const struct lab *l)
{
	for (; *cursor <= l->e.log.head; (*cursor)++) {
		const struct record *r = log_at(&l->e.log, *cursor);

		assert_non_null(r);
		assert_int_equal(model_apply(replica, r), 0);
	}
}

/* xorshift: the same story each time */
static uint32_t chance(uint32_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

/* Whatever comes in, in any order: a follower ends with the same model, and the rules come to rest. */
static void test_followers_see_the_same_whatever_happens(void **unused)
{
	static const char *const words[] = {"@canister:A", "@canister:B", "@path:host0-A",
		"@path:host0-B", "@hdd:1 group=p need=2", "@hdd:2 group=p need=2",
		"@hdd:3 group=p need=2", "@nvme:n", "@psu:1", "state=ok", "state=service",
		"state=failed", "state=degraded", "state=transition limit=30", "state=unreachable",
		"state=unknown raw=purple", "raw=", "outcome=ok", "outcome=timeout",
		"outcome=asleep", "outcome=stuck", "outcome=nonsense", "outcome=gone",
		"needs_service=1", "needs_service=0", "error_code=690", "fw=1", "fw=2", "serial=a",
		"serial=b", "pending_sectors=60", "pending_sectors=0", "reallocated_sectors=70",
		"reallocated_sectors=3", "smart_passed=0", "smart_passed=1", "read_ms=3",
		"read_ms=900", "resets=1", "resets=9", "gone", "there", "stuck", "hang", "fails",
		"end", "adopt", "forget", "wait=3", "wait=90", "wait=4000", "keep=30", "retry",
		"accept", "park", "dies", "refused", "reload", "unlocked", "locked", ";", ";", ";",
		";", ";", ";"};
	uint32_t state = 2463534242;

	(void)unused;
	for (unsigned story = 0; story < 60; story++) {
		struct model replica = {};
		struct lab l;
		uint64_t cursor;

		lab_start(&l, NULL);
		cursor = l.e.log.tail;
		replica.sequence = cursor - 1;
		lab_run(&l, "@canister:A ;");
		for (unsigned step = 0; step < 120; step++) {
			follow(&replica, &cursor, &l);
			lab_run(&l, words[chance(&state, ARRAY_SIZE(words))]);
			/* long silences make more records than the ring holds: then a follower takes a snapshot */
			if (cursor < l.e.log.tail) {
				cleanup_(freep) void *block = NULL;
				size_t size;

				assert_int_equal(model_pack(&l.e.model, 1, &block, &size), 0);
				assert_int_equal(model_unpack(&replica, 1, block, size), 0);
				cursor = l.e.log.head + 1;
			}
			if (l.e.unsettled)
				fail_msg("story %u step %u does not come to rest", story, step);
		}
		follow(&replica, &cursor, &l);
		replica.epoch = l.e.model.epoch;
		assert_true(model_hash(&replica) == model_hash(&l.e.model));
		model_clear(&replica);
		lab_stop(&l);
	}
}

static void test_what_is_there_is_not_forgotten(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@hdd there ; @canister:A forget");
	assert_int_equal(l.reply.code, EBUSY);
	lab_run(&l, "@hdd forget");
	assert_int_equal(l.reply.code, EBUSY);
	/* found and never answered: still there */
	lab_run(&l, "outcome=timeout wait=7000 ; forget");
	assert_int_equal(l.reply.code, EBUSY);
	lab_run(&l, "gone forget");
	assert_int_equal(l.reply.code, 0);
	/* nobody lists it any more */
	lab_run(&l, "@canister:A wait=20 forget");
	assert_int_equal(l.reply.code, 0);
	lab_stop(&l);
}

static void test_a_source_without_devices_does_not_fail(void **unused)
{
	struct job_end j = {.source = 1, .outcome = OUTCOME_TIMEOUT};
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@hdd there ;");
	for (unsigned i = 0; i < 3; i++)
		engine_job_end(&l.e, &j, l.now_ms, l.wall_ms);
	assert_non_null(lab_finding(&l, "source.failing"));
	lab_run(&l, "gone");
	assert_null(lab_finding(&l, "source.failing"));
	lab_stop(&l);
}

static void test_simulated_is_marked_throughout(void **unused)
{
	struct config *c = lab_config();
	struct lab l;

	(void)unused;
	c->arrays[0].simulated = 1;
	lab_start(&l, c);
	lab_run(&l, PAIR "@canister:B state=service ;");
	assert_true(array_at(&l.e.model, 0)->simulated);
	assert_true(component(&l, "san1/canister/B")->flags & COMPONENT_SIMULATED);
	for (uint32_t i = 0; i < alert_count(&l.e.model); i++)
		assert_true(alert_at(&l.e.model, i)->simulated);
	lab_stop(&l);
}

static void test_the_founding_incident_in_order(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "keep=30");
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_REDUNDANT);
	lab_run(&l, "@canister:B needs_service=1 ;");
	assert_int_equal(lab_finding(&l, "canister.needs-service")->severity, SEV_WARNING);
	lab_run(&l, "keep=345 @canister:B state=service ; @path:host0-B state=failed ;");
	assert_int_equal(lab_finding(&l, "canister.service")->severity, SEV_CRITICAL);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
	lab_run(&l, "keep=160 @canister:A restarts=0 ; restarts=1 read_ms=480 state=degraded ;");
	assert_int_equal(lab_finding(&l, "canister.restarted")->severity, SEV_CRITICAL);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_IMPENDING_LOSS);
	lab_run(&l, "@canister:A state=service ; @path:host0-A state=failed ;");
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_ACCESS_LOST);
	assert_true(array_at(&l.e.model, 0)->margin == -1);
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pool_on_drives_of_another_array),
		cmocka_unit_test(test_followers_see_the_same_whatever_happens),
		cmocka_unit_test(test_what_is_there_is_not_forgotten),
		cmocka_unit_test(test_a_source_without_devices_does_not_fail),
		cmocka_unit_test(test_simulated_is_marked_throughout),
		cmocka_unit_test(test_the_founding_incident_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
