#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "agent/config_load.h"
#include "agent/verdict.h"
#include "tests/unit/lab.h"

#define PAIR "@canister:A ; @canister:B ; @path:host0-A ; @path:host0-B ; end "

static const struct component_row *component(const struct lab *l, const char *id)
{
	return component_at(&l->e.model, lab_component(l, id));
}

static void test_sequence_grows_over_restarts(void **unused)
{
	struct lab l;
	struct engine again;
	cleanup_(freep) void *block = NULL;
	size_t size;
	uint64_t head;

	(void)unused;
	lab_start(&l, NULL);
	assert_true(l.e.log.tail > UINT64_C(1692240000) << 20);
	assert_true(self_at(&l.e.model, 0)->version[0]);
	lab_run(&l, PAIR);
	head = l.e.log.head;
	assert_true(head < UINT64_C(1) << 53);
	assert_int_equal(model_pack(&l.e.model, build_id(), &block, &size), 0);
	assert_int_equal(
		engine_init(&again, l.config, block, size, 1692240000, l.now_ms, l.wall_ms), 0);
	assert_true(again.log.tail > head);
	engine_free(&again);
	assert_int_equal(
		engine_init(&again, l.config, block, size, 1692249999, l.now_ms, l.wall_ms), 0);
	assert_true(again.log.tail > UINT64_C(1692249999) << 20);
	engine_free(&again);
	assert_int_equal(
		engine_init(&again, l.config, block, size - 1, 1, l.now_ms, l.wall_ms), -EPROTO);
	lab_stop(&l);
}

/* The source has the number of its array. */
static void say(struct engine *e, unsigned array, enum kind kind, const char *name, enum state state, uint64_t now_ms)
{
	struct reading r = {.source = (uint16_t)array, .array = (uint16_t)array, .kind = (uint8_t)kind,
		.outcome = OUTCOME_OK, .state = (uint8_t)state, .plane = PLANE_INBAND, .slot = -1};
	struct job_end end = {.source = (uint16_t)array, .outcome = OUTCOME_OK, .count = 1};

	copy_text(r.name, sizeof(r.name), name);
	engine_reading(e, &r, now_ms, INT64_C(1692240000000) + (int64_t)now_ms);
	engine_job_end(e, &end, now_ms, INT64_C(1692240000000) + (int64_t)now_ms);
}

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

static void test_a_checkpoint_keeps_findings_alerts_and_marks(void **unused)
{
	struct lab l;
	struct engine again;
	cleanup_(freep) void *block = NULL;
	size_t size;
	char id[16];
	unsigned alerts = 0;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=service ; @psu:1 state=failed ;");
	format_text(id, sizeof(id), "F-%u", lab_finding(&l, "component.failed")->id);
	lab_command(&l, CMD_ACK, id, 0);
	assert_int_equal(model_pack(&l.e.model, build_id(), &block, &size), 0);
	assert_int_equal(
		engine_init(&again, l.config, block, size, 1692240000, l.now_ms, l.wall_ms), 0);
	engine_free(&l.e);
	l.e = again;
	assert_non_null(lab_finding(&l, "canister.service"));
	assert_true(lab_finding(&l, "component.failed")->acked);
	for (uint32_t i = 0; i < alert_count(&l.e.model); i++)
		alerts += alert_at(&l.e.model, i)->used;
	assert_true(alerts >= 2);
	/* nothing is told twice, nothing fires anew */
	assert_int_equal(lab_alerts(&l, ALERT_FINDING_FIRING, NULL), 0);
	lab_run(&l, "keep=60");
	assert_int_equal(lab_alerts(&l, ALERT_FINDING_FIRING, "canister.service"), 0);
	lab_run(&l, "@canister:B state=ok ; keep=400");
	assert_null(lab_finding(&l, "canister.service"));
	lab_stop(&l);
}

static struct config *renumbered(void)
{
	struct config *c = lab_config();
	struct cfg_array a = c->arrays[0];
	struct cfg_source s = c->sources[0];
	struct cfg_sink k = c->sinks[0];

	c->arrays[0] = c->arrays[1];
	c->arrays[1] = a;
	c->sources[0] = c->sources[1];
	c->sources[1] = s;
	c->sources[0].array = 0;
	c->sources[1].array = 1;
	c->sinks[0] = c->sinks[1];
	c->sinks[1] = k;
	return c;
}

static void test_marks_follow_their_names_through_a_reload(void **unused)
{
	struct lab l;
	struct config *c = renumbered();
	const struct finding_row *f;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@hdd pending_sectors=60 ; @canister:B state=service ;");
	engine_set_config(&l.e, c, l.now_ms, l.wall_ms);
	assert_string_equal(array_at(&l.e.model, 1)->name, "san1");
	assert_string_equal(sink_at(&l.e.model, 1)->name, "oncall");
	assert_int_equal(source_at(&l.e.model, 0)->type, SOURCE_DRIVES);
	f = lab_finding(&l, "canister.service");
	assert_int_equal(f->array, 1);
	assert_int_equal(f->told, 3);
	assert_int_equal(component(&l, "san1/canister/B")->source, 1);
	assert_int_equal(component(&l, "local/drive/hdd")->array, 0);
	assert_int_equal(array_at(&l.e.model, 1)->verdict, VERDICT_NOT_REDUNDANT);
	/* an array that is gone takes everything of it along */
	c->narrays = 1;
	c->nsources = 1;
	engine_set_config(&l.e, c, l.now_ms, l.wall_ms);
	assert_null(lab_finding(&l, "canister.service"));
	assert_int_equal(lab_component(&l, "san1/canister/B"), NONE32);
	assert_int_not_equal(lab_component(&l, "local/drive/hdd"), NONE32);
	free(l.config);
	l.config = c;
	lab_stop(&l);
}

/* A message was on its way while sinks were numbered anew: it is booked on the one that took it. */
static void test_a_delivery_is_booked_by_name(void **unused)
{
	struct delivery d = {.sink = 0, .result = DELIVERY_ACCEPTED};
	struct config *c = renumbered();
	uint32_t at = NONE32;
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=service ;");
	engine_set_config(&l.e, c, l.now_ms, l.wall_ms);
	for (uint32_t i = 0; i < alert_count(&l.e.model); i++)
		if (!strcmp(alert_at(&l.e.model, i)->rule_id, "canister.service"))
			at = i;
	assert_int_not_equal(at, NONE32);
	d.sequence = alert_at(&l.e.model, at)->sequence;
	copy_text(d.name, sizeof(d.name), "oncall");
	engine_delivery(&l.e, &d, l.now_ms, l.wall_ms);
	assert_string_equal(sink_at(&l.e.model, 1)->name, "oncall");
	assert_int_equal(sink_at(&l.e.model, 1)->sent, 1);
	assert_int_equal(sink_at(&l.e.model, 0)->sent, 0);
	assert_int_equal(alert_at(&l.e.model, at)->done, 2);
	/* and one that is no longer there on nobody */
	copy_text(d.name, sizeof(d.name), "gone");
	engine_delivery(&l.e, &d, l.now_ms, l.wall_ms);
	assert_int_equal(sink_at(&l.e.model, 0)->sent, 0);
	free(l.config);
	l.config = c;
	lab_stop(&l);
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

/* Values alone reach the checkpoint seconds later: what was read until the end is not known to who comes after. */
static void test_nothing_is_stale_for_a_restart(void **unused)
{
	cleanup_(freep) void *block = NULL;
	struct engine again;
	struct lab l;
	size_t size;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "wait=9 ");
	assert_int_equal(model_pack(&l.e.model, build_id(), &block, &size), 0);
	assert_int_equal(engine_init(&again, l.config, block, size, 1, l.now_ms + 6000, l.wall_ms + 6000), 0);
	assert_false(component_at(&again.model, lab_component(&l, "san1/canister/A"))->flags & COMPONENT_STALE);
	/* and silence stays silence */
	engine_tick(&again, l.now_ms + 12000, l.wall_ms + 12000);
	assert_true(component_at(&again.model, lab_component(&l, "san1/canister/A"))->flags & COMPONENT_STALE);
	engine_free(&again);
	lab_stop(&l);
}

/* The first path that answers is half of what there is: nobody is told that there is no redundancy. */
static void test_paths_are_judged_when_each_was_looked_at(void **unused)
{
	struct job_end maps = {.source = 0, .outcome = OUTCOME_OK};
	struct config *config = lab_config();
	const struct array_row *a;
	struct lab l;

	(void)unused;
	config->sources[0].type = SOURCE_PATHS;
	lab_start(&l, config);
	l.e.enumerated = false;
	engine_job_end(&l.e, &maps, l.now_ms, l.wall_ms);
	for (unsigned i = 0; i < 2; i++) {
		struct device_event d = {.kind = KIND_PATH, .initial = true};

		format_text(d.name, sizeof(d.name), "scsi:%u:0:1:0", i);
		engine_device(&l.e, &d, 0, l.now_ms, l.wall_ms);
	}
	engine_device(&l.e, &(struct device_event){}, 0, l.now_ms, l.wall_ms);
	a = array_at(&l.e.model, 0);
	assert_int_equal(a->verdict, VERDICT_NONE);
	assert_false(source_at(&l.e.model, 0)->answered);
	say(&l.e, 0, KIND_PATH, "scsi:0:0:1:0", STATE_OK, l.now_ms + 1000);
	assert_int_equal(a->verdict, VERDICT_NONE);
	say(&l.e, 0, KIND_PATH, "scsi:1:0:1:0", STATE_OK, l.now_ms + 2000);
	assert_true(source_at(&l.e.model, 0)->answered);
	assert_int_equal(a->verdict, VERDICT_REDUNDANT);
	assert_int_equal(a->previous, VERDICT_NONE);
	lab_stop(&l);
}

static void tell_path(struct lab *l, const char *name)
{
	struct device_event d = {.kind = KIND_PATH, .initial = true};

	copy_text(d.name, sizeof(d.name), name);
	engine_device(&l->e, &d, 0, l->now_ms, l->wall_ms);
}

static void lab_paths(struct lab *l, unsigned expect)
{
	struct config *config = lab_config();

	config->sources[0].type = SOURCE_PATHS;
	config->arrays[0].expect_paths = (uint16_t)expect;
	lab_start(l, config);
	l->e.enumerated = false;
}

/* Whoever looks for devices hangs half way: what it did not tell of is not known, neither waited for nor lost. */
static void test_a_list_that_never_ends_is_not_waited_for(void **unused)
{
	const struct source_row *s;
	const struct array_row *a;
	struct lab l;

	(void)unused;
	lab_paths(&l, 2);
	s = source_at(&l.e.model, 0);
	a = array_at(&l.e.model, 0);
	tell_path(&l, "scsi:0:0:1:0");
	say(&l.e, 0, KIND_PATH, "scsi:0:0:1:0", STATE_OK, l.now_ms + 1000);
	assert_int_equal(engine_next_ms(&l.e) <= l.now_ms + 30000, 1);
	engine_tick(&l.e, l.now_ms + 29999, l.wall_ms + 29999);
	assert_false(s->answered);
	assert_int_equal(a->verdict, VERDICT_NONE);
	say(&l.e, 0, KIND_PATH, "scsi:0:0:1:0", STATE_OK, l.now_ms + 29999);
	engine_tick(&l.e, l.now_ms + 30000, l.wall_ms + 30000);
	assert_true(s->answered);
	assert_int_equal(s->outcome, OUTCOME_TIMEOUT);
	assert_non_null(lab_finding(&l, "source.failing"));
	assert_int_equal(a->verdict, VERDICT_AT_RISK);
	assert_int_equal(a->margin, 0);
	assert_int_equal(a->visibility, VISIBILITY_PARTIAL);
	/* that the one it told of answers says nothing of the others */
	say(&l.e, 0, KIND_PATH, "scsi:0:0:1:0", STATE_OK, l.now_ms + 32000);
	assert_int_equal(s->outcome, OUTCOME_TIMEOUT);
	assert_int_equal(a->verdict, VERDICT_AT_RISK);
	/* it ends after all, and now one is missing */
	engine_device(&l.e, &(struct device_event){}, 0, l.now_ms + 33000, l.wall_ms + 33000);
	assert_int_equal(s->outcome, OUTCOME_NONE);
	assert_int_equal(a->verdict, VERDICT_NOT_REDUNDANT);
	assert_int_equal(a->visibility, VISIBILITY_FULL);
	lab_stop(&l);
}

/* It ends late and names one that nobody has looked at: half a picture until somebody has. */
static void test_a_late_list_is_looked_at_first(void **unused)
{
	const struct source_row *s;
	const struct array_row *a;
	struct lab l;

	(void)unused;
	lab_paths(&l, 2);
	s = source_at(&l.e.model, 0);
	a = array_at(&l.e.model, 0);
	tell_path(&l, "scsi:0:0:1:0");
	say(&l.e, 0, KIND_PATH, "scsi:0:0:1:0", STATE_OK, l.now_ms + 29999);
	engine_tick(&l.e, l.now_ms + 30000, l.wall_ms + 30000);
	assert_true(s->unlisted);
	tell_path(&l, "scsi:1:0:1:0");
	engine_device(&l.e, &(struct device_event){}, 0, l.now_ms + 33000, l.wall_ms + 33000);
	assert_int_equal(a->verdict, VERDICT_AT_RISK);
	assert_int_equal(a->visibility, VISIBILITY_PARTIAL);
	say(&l.e, 0, KIND_PATH, "scsi:1:0:1:0", STATE_OK, l.now_ms + 34000);
	assert_false(s->unlisted);
	assert_null(lab_finding(&l, "source.failing"));
	assert_int_equal(a->verdict, VERDICT_REDUNDANT);
	assert_int_equal(a->visibility, VISIBILITY_FULL);
	lab_stop(&l);
}

static void test_nothing_listed_in_time_is_blind(void **unused)
{
	struct lab l;

	(void)unused;
	lab_paths(&l, 2);
	engine_tick(&l.e, l.now_ms + 30000, l.wall_ms + 30000);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_BLIND);
	assert_int_equal(array_at(&l.e.model, 0)->visibility, VISIBILITY_BLIND);
	assert_true(self_at(&l.e.model, 0)->ready);
	lab_stop(&l);
}

/* A new engine does not take over that they were listed once: the devices may be others now. */
static void test_a_new_engine_has_its_devices_listed_anew(void **unused)
{
	struct engine again;
	struct lab l;
	void *block;
	size_t size;

	(void)unused;
	lab_paths(&l, 0);
	tell_path(&l, "scsi:0:0:1:0");
	tell_path(&l, "scsi:1:0:1:0");
	engine_device(&l.e, &(struct device_event){}, 0, l.now_ms, l.wall_ms);
	say(&l.e, 0, KIND_PATH, "scsi:0:0:1:0", STATE_OK, l.now_ms);
	say(&l.e, 0, KIND_PATH, "scsi:1:0:1:0", STATE_OK, l.now_ms);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_REDUNDANT);
	assert_int_equal(model_pack(&l.e.model, build_id(), &block, &size), 0);
	assert_int_equal(engine_init(&again, l.config, block, size, 1, l.now_ms, l.wall_ms), 0);
	engine_tick(&again, l.now_ms + 30000, l.wall_ms + 30000);
	assert_true(source_at(&again.model, 0)->unlisted);
	assert_int_equal(array_at(&again.model, 0)->verdict, VERDICT_BLIND);
	assert_int_equal(array_at(&again.model, 0)->margin_known, 0);
	free(block);
	engine_free(&again);
	lab_stop(&l);
}

#define NOT_TOLD STATE_COUNT
#define NAMESPACE(n) "paths to ..6677889900112233440" n

static void tell_controller(struct lab *l, unsigned i, bool removed)
{
	struct device_event d = {.kind = KIND_PATH, .initial = true, .removed = removed};

	format_text(d.name, sizeof(d.name), "tcp:array:192.0.2.%u:4420", i);
	format_text(d.dev, sizeof(d.dev), "/dev/nvme%u", i);
	engine_device(&l->e, &d, 0, l->now_ms, l->wall_ms);
}

/* One look at controller @i: the namespaces that it tells of, then itself. */
static void look_at_controller(struct lab *l, unsigned i, const enum state *ns)
{
	struct reading r = {.job = ++l->job, .outcome = OUTCOME_OK, .plane = PLANE_INBAND, .slot = -1};
	struct job_end end = {.job = r.job, .outcome = OUTCOME_OK};

	l->now_ms += 100;
	l->wall_ms += 100;
	format_text(r.dev, sizeof(r.dev), "/dev/nvme%u", i);
	for (unsigned n = 0; n < 2; n++) {
		r.kind = KIND_NAMESPACE;
		r.state = (uint8_t)ns[n];
		format_text(r.name, sizeof(r.name), "tcp:array:192.0.2.%u:4420:ns%u", i, n + 1);
		format_text(r.serial, sizeof(r.serial), "eui.0011223344556677889900112233440%u", n + 1);
		if (ns[n] != NOT_TOLD)
			engine_reading(&l->e, &r, l->now_ms, l->wall_ms);
	}
	r.kind = KIND_PATH;
	r.state = ns[0] == STATE_OK && ns[1] == STATE_OK ? STATE_OK : STATE_DEGRADED;
	memset(r.serial, 0, sizeof(r.serial));
	format_text(r.name, sizeof(r.name), "tcp:array:192.0.2.%u:4420", i);
	engine_reading(&l->e, &r, l->now_ms, l->wall_ms);
	engine_job_end(&l->e, &end, l->now_ms, l->wall_ms);
	engine_tick(&l->e, l->now_ms, l->wall_ms);
}

static const struct group_row *group(const struct lab *l, const char *name)
{
	for (uint32_t i = 0; i < group_count(&l->e.model); i++)
		if (group_at(&l->e.model, i)->used && text_equal(group_at(&l->e.model, i)->name, name))
			return group_at(&l->e.model, i);
	fail_msg("no group %s", name);
	return NULL;
}

static void two_controllers(struct lab *l)
{
	static const enum state well[] = {STATE_OK, STATE_OK};

	lab_paths(l, 0);
	tell_controller(l, 1, false);
	tell_controller(l, 2, false);
	engine_device(&l->e, &(struct device_event){}, 0, l->now_ms, l->wall_ms);
	look_at_controller(l, 1, well);
	look_at_controller(l, 2, well);
	assert_int_equal(array_at(&l->e.model, 0)->verdict, VERDICT_REDUNDANT);
}

static void test_a_namespace_without_a_path_is_lost(void **unused)
{
	static const enum state second[] = {STATE_OK, STATE_TRANSITION};
	const struct array_row *a;
	struct lab l;

	(void)unused;
	two_controllers(&l);
	a = array_at(&l.e.model, 0);
	assert_int_equal(group(&l, "paths")->members, 2);
	assert_int_equal(group(&l, NAMESPACE("1"))->members, 2);
	assert_int_equal(group(&l, NAMESPACE("2"))->members, 2);
	look_at_controller(&l, 1, second);
	assert_int_equal(a->verdict, VERDICT_NOT_REDUNDANT);
	look_at_controller(&l, 2, second);
	assert_int_equal(a->verdict, VERDICT_ACCESS_LOST);
	assert_int_equal(a->margin, -1);
	assert_int_equal(group(&l, "paths")->margin, 1);
	assert_int_equal(group(&l, NAMESPACE("1"))->margin, 1);
	assert_string_equal(group_unit_alone(&l.e.model, 0)->name, NAMESPACE("2"));
	lab_stop(&l);
}

/* What the first controller tells of is half of what there is: nobody is told that it is lost. */
static void test_namespaces_are_judged_when_each_controller_was_looked_at(void **unused)
{
	static const enum state well[] = {STATE_OK, STATE_OK}, second[] = {STATE_OK, STATE_TRANSITION};
	struct lab l;

	(void)unused;
	lab_paths(&l, 0);
	tell_controller(&l, 1, false);
	tell_controller(&l, 2, false);
	engine_device(&l.e, &(struct device_event){}, 0, l.now_ms, l.wall_ms);
	look_at_controller(&l, 1, second);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NONE);
	look_at_controller(&l, 2, well);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
	assert_int_equal(array_at(&l.e.model, 0)->previous, VERDICT_NONE);
	lab_stop(&l);
}

/* No event says that a controller has lost a namespace, or that it took them along. */
static void test_a_namespace_that_is_not_told_of_is_absent(void **unused)
{
	static const enum state well[] = {STATE_OK, STATE_OK}, first[] = {STATE_OK, NOT_TOLD};
	uint32_t one, two;
	struct lab l;

	(void)unused;
	two_controllers(&l);
	one = lab_component(&l, "san1/namespace/tcp:array:192.0.2.1:4420:ns1");
	two = lab_component(&l, "san1/namespace/tcp:array:192.0.2.1:4420:ns2");
	look_at_controller(&l, 2, well);
	assert_int_equal(component_at(&l.e.model, two)->state, STATE_OK);
	look_at_controller(&l, 1, first);
	assert_int_equal(component_at(&l.e.model, one)->state, STATE_OK);
	assert_int_equal(component_at(&l.e.model, two)->state, STATE_ABSENT);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_NOT_REDUNDANT);
	look_at_controller(&l, 1, well);
	assert_int_equal(component_at(&l.e.model, two)->state, STATE_OK);
	tell_controller(&l, 1, true);
	assert_int_equal(component_at(&l.e.model, one)->state, STATE_ABSENT);
	assert_int_equal(component_at(&l.e.model, two)->state, STATE_ABSENT);
	assert_int_equal(group(&l, NAMESPACE("2"))->serving, 1);
	/* one thing happened: what is lost with the controller is a symptom of that */
	for (uint32_t i = 0; i < finding_count(&l.e.model); i++) {
		const struct finding_row *f = finding_at(&l.e.model, i);

		if (f->used && f->active && f->array == 0 && f->component != NONE32)
			assert_int_equal(f->folded != NONE16, f->component == one || f->component == two);
	}
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
		cmocka_unit_test(test_sequence_grows_over_restarts),
		cmocka_unit_test(test_a_pool_on_drives_of_another_array),
		cmocka_unit_test(test_followers_see_the_same_whatever_happens),
		cmocka_unit_test(test_a_checkpoint_keeps_findings_alerts_and_marks),
		cmocka_unit_test(test_marks_follow_their_names_through_a_reload),
		cmocka_unit_test(test_a_delivery_is_booked_by_name),
		cmocka_unit_test(test_what_is_there_is_not_forgotten),
		cmocka_unit_test(test_a_source_without_devices_does_not_fail),
		cmocka_unit_test(test_nothing_is_stale_for_a_restart),
		cmocka_unit_test(test_paths_are_judged_when_each_was_looked_at),
		cmocka_unit_test(test_a_list_that_never_ends_is_not_waited_for),
		cmocka_unit_test(test_a_late_list_is_looked_at_first), cmocka_unit_test(test_nothing_listed_in_time_is_blind),
		cmocka_unit_test(test_a_new_engine_has_its_devices_listed_anew),
		cmocka_unit_test(test_a_namespace_without_a_path_is_lost),
		cmocka_unit_test(test_a_namespace_that_is_not_told_of_is_absent),
		cmocka_unit_test(test_namespaces_are_judged_when_each_controller_was_looked_at),
		cmocka_unit_test(test_simulated_is_marked_throughout),
		cmocka_unit_test(test_the_founding_incident_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
