/* Paths and namespaces of a list that comes late, in part or never: judged when each was looked at. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "agent/verdict.h"
#include "engine_lab.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_judged_when_each_was_looked_at),
		cmocka_unit_test(test_a_list_that_never_ends_is_not_waited_for),
		cmocka_unit_test(test_a_late_list_is_looked_at_first),
		cmocka_unit_test(test_nothing_listed_in_time_is_blind),
		cmocka_unit_test(test_a_new_engine_has_its_devices_listed_anew),
		cmocka_unit_test(test_a_namespace_without_a_path_is_lost),
		cmocka_unit_test(test_a_namespace_that_is_not_told_of_is_absent),
		cmocka_unit_test(test_namespaces_are_judged_when_each_controller_was_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
