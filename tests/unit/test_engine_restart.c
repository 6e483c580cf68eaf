/* What an engine keeps over a restart and over a reload of its configuration, and by which names. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "engine_lab.h"

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

static unsigned active(const struct engine *e, const char *rule)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < finding_count(&e->model); i++)
		n += finding_at(&e->model, i)->used && finding_at(&e->model, i)->active &&
		     text_equal(finding_at(&e->model, i)->rule_id, rule);
	return n;
}

/* An engine that is away for a minute may not blame the source for it; what was silent before stays so. */
static void test_nobody_was_asked_while_it_was_away(void **unused)
{
	static const struct { const char *words; unsigned before; } cases[] = {{"wait=9 ", 0}, {"fails wait=40 ", 1}};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_(freep) void *block = NULL;
		struct engine again;
		struct lab l;
		size_t size;

		lab_start(&l, NULL);
		lab_run(&l, "@canister:A ; end ");
		lab_run(&l, cases[i].words);
		assert_int_equal(active(&l.e, "canister.stale"), cases[i].before);
		assert_int_equal(model_pack(&l.e.model, build_id(), &block, &size), 0);
		assert_int_equal(engine_init(&again, l.config, block, size, 1, l.now_ms + 60000, l.wall_ms + 60000), 0);
		for (unsigned s = 0; s < 14; s++) {
			engine_tick(&again, l.now_ms + 60000 + s * 1000, l.wall_ms + 60000 + s * 1000);
			assert_int_equal(active(&again, "canister.stale"), cases[i].before);
		}
		assert_true(component_at(&again.model, lab_component(&l, "san1/canister/A"))->flags & COMPONENT_STALE);
		for (unsigned s = 14; s < 30; s++)
			engine_tick(&again, l.now_ms + 60000 + s * 1000, l.wall_ms + 60000 + s * 1000);
		assert_int_equal(active(&again, "canister.stale"), 1);
		engine_free(&again);
		lab_stop(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence_grows_over_restarts),
		cmocka_unit_test(test_a_checkpoint_keeps_findings_alerts_and_marks),
		cmocka_unit_test(test_marks_follow_their_names_through_a_reload),
		cmocka_unit_test(test_a_delivery_is_booked_by_name),
		cmocka_unit_test(test_nothing_is_stale_for_a_restart),
		cmocka_unit_test(test_nobody_was_asked_while_it_was_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
