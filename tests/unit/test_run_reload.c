/* A run belongs to the plan it was made of: a reload that takes that plan away or makes it another stops it. */
#include <errno.h>

#include "rows_lab.h"
#include "agent/marks.h"
#include "agent/run.h"

#define ALL_LOST                                                                                   \
	"@canister:A/mgmt state=failed @canister:B/mgmt state=failed @path:host0-A state=failed "  \
	"@path:host1-A state=failed @path:host0-B state=failed @path:host1-B state=failed keep=5 "

static struct config *two_steps(void)
{
	struct config *c = rows_config(MODE_APPROVE);
	bool full = false;

	c->plans[0].nsteps = c->nsteps = 2;
	c->steps[0].verbs = c->steps[1].verbs = 1u << VERB_CHECK | 1u << VERB_PROMOTE;
	c->steps[1].timeout_ms = c->steps[0].timeout_ms;
	c->steps[0].name = cfg_put(c, "dns", &full);
	c->steps[1].name = cfg_put(c, "imap", &full);
	assert_false(full);
	return c;
}

static void order(struct lab *l, enum command_type type, const char *id, const char *serial)
{
	struct command c = {.type = (uint16_t)type};

	copy_text(c.id, sizeof(c.id), id);
	copy_text(c.serial, sizeof(c.serial), serial);
	copy_text(c.by, sizeof(c.by), "anna");
	copy_text(c.why, sizeof(c.why), "test");
	engine_command(&l->e, &c, &l->reply, l->now_ms, l->wall_ms);
}

static uint32_t take(struct lab *l, enum verb v)
{
	struct verb_order given;

	assert_true(engine_next_verb(&l->e, &given));
	assert_int_equal(given.verb, v);
	assert_string_equal(given.serial, "78N16G4");
	return given.job;
}

static void end(struct lab *l, uint32_t job, int code)
{
	struct step_result r = {.job = job, .exit_kind = EXIT_BY_CODE, .exit_value = code};

	engine_step_result(&l->e, &r, l->now_ms, l->wall_ms);
}

static void reload(struct lab *l, struct config *c)
{
	engine_set_config(&l->e, c, l->now_ms, l->wall_ms);
	free(l->config);
	l->config = c;
}

static const struct run_row *run(const struct lab *l, uint32_t id)
{
	for (uint32_t i = 0; i < run_count(&l->e.model); i++)
		if (run_at(&l->e.model, i)->used && run_at(&l->e.model, i)->id == id)
			return run_at(&l->e.model, i);
	fail_msg("no run r%u", id);
	return NULL;
}

static const struct plan_row *plan(const struct lab *l, const char *name)
{
	for (uint32_t i = 0; i < plan_count(&l->e.model); i++)
		if (plan_at(&l->e.model, i)->used && text_equal(plan_at(&l->e.model, i)->name, name))
			return plan_at(&l->e.model, i);
	return NULL;
}

static void frozen(struct lab *l)
{
	lab_start(l, two_steps());
	order(l, CMD_RUN, "san1-to-standby", "78N16G4");
	end(l, take(l, VERB_CHECK), 50);
	assert_int_equal(run(l, 1)->state, RUN_FROZEN);
}

static struct config *renamed(const char *name)
{
	struct config *c = two_steps();
	bool full = false;

	c->plans[0].name = cfg_put(c, name, &full);
	return c;
}

static struct config *other_plan(void)
{
	struct config *c = renamed("other");
	bool full = false;

	c->plans[0].array = 2; /* san2 */
	c->plans[0].target = cfg_put(c, "elsewhere", &full);
	return c;
}

static void restart_with(struct lab *l, struct config *c)
{
	struct marks_time t = {.now_ms = l->now_ms, .wall_ms = l->wall_ms};
	cleanup_(freep) void *block = NULL;
	cleanup_(freep) char *text = NULL;
	struct model m = {};
	char why[160];
	size_t size;

	assert_int_equal(marks_write(&l->e.model, &t, &text), 0);
	engine_free(&l->e);
	free(l->config);
	l->config = c;
	assert_int_equal(marks_read(text, strlen(text), c, &t, &m, why, sizeof(why)), 0);
	assert_int_equal(model_pack(&m, build_id(), &block, &size), 0);
	model_clear(&m);
	assert_int_equal(engine_init(&l->e, c, block, size, 1, l->now_ms, l->wall_ms), 0);
}

static void assert_refuses_resume(struct lab *l, const char *why)
{
	struct verb_order given;

	order(l, CMD_RESUME, "r1", "");
	assert_int_equal(l->reply.code, EPERM);
	if (!strstr(l->reply.text, why))
		fail_msg("'%s' does not say '%s'", l->reply.text, why);
	assert_int_equal(run(l, 1)->state, RUN_FROZEN);
	assert_false(engine_next_verb(&l->e, &given));
}

static void test_a_frozen_run_never_takes_another_plan(void **unused)
{
	struct lab l;

	(void)unused;
	frozen(&l);
	reload(&l, other_plan());
	assert_int_equal(plan(&l, "other")->run, NONE32);
	assert_int_equal(plan(&l, "san1-to-standby")->state, RUN_FROZEN); /* still listed */
	assert_refuses_resume(&l, "plan 'san1-to-standby' is no longer configured");
	order(&l, CMD_ARM, "san1-to-standby", "");
	assert_int_equal(l.reply.code, ENOENT);
	/* the plan comes back as it was: so does the run */
	reload(&l, two_steps());
	assert_null(plan(&l, "other"));
	order(&l, CMD_RESUME, "r1", "");
	assert_int_equal(l.reply.code, 0);
	(void)take(&l, VERB_CHECK);
	lab_stop(&l);
}

static void test_a_plan_that_is_gone_is_listed_until_its_run_is_over(void **unused)
{
	struct lab l;

	(void)unused;
	frozen(&l);
	reload(&l, other_plan());
	order(&l, CMD_CLEAR, "r1", "");
	assert_int_equal(l.reply.code, 0);
	assert_null(plan(&l, "san1-to-standby"));
	/* and what is left of it is no other plan's */
	reload(&l, renamed("third"));
	assert_string_equal(plan_at(&l.e.model, run(&l, 1)->plan)->name, "san1-to-standby");
	lab_stop(&l);
}

static struct config *moved_to_san2(void)
{
	struct config *c = two_steps();

	c->plans[0].array = 2;
	return c;
}

static struct config *other_target(void)
{
	struct config *c = two_steps();
	bool full = false;

	c->plans[0].target = cfg_put(c, "elsewhere", &full);
	return c;
}

static struct config *other_step(void)
{
	struct config *c = two_steps();
	bool full = false;

	c->steps[1].name = cfg_put(c, "pop", &full);
	return c;
}

static struct config *fewer_steps(void)
{
	struct config *c = two_steps();

	c->plans[0].nsteps = 1;
	return c;
}

static struct config *gone(void)
{
	struct config *c = two_steps();

	c->nplans = 0;
	return c;
}

static const struct {
	struct config *(*config)(void);
	const char *why;
} edits[] = {
	{gone, "no longer configured"},
	{moved_to_san2, "for another array"},
	{other_target, "has another target"},
	{other_step, "has other steps"},
	{fewer_steps, "has other steps"},
};

static void test_a_plan_of_the_same_name_may_be_another(void **unused)
{
	struct lab l;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(edits); i++) {
		frozen(&l);
		reload(&l, edits[i].config());
		assert_refuses_resume(&l, edits[i].why);
		if (edits[i].config != gone) {
			order(&l, CMD_RUN, "san1-to-standby", edits[i].config == moved_to_san2 ? "san2" : "78N16G4");
			assert_int_equal(l.reply.code, EPERM);
			assert_non_null(strstr(l.reply.text, "r1 is frozen"));
		}
		lab_stop(&l);
	}
}

/* What the runner has is awaited; what it was not given it never gets. */
static void test_what_acts_freezes(void **unused)
{
	struct verb_order none;
	struct lab l;

	(void)unused;
	for (unsigned i = 0; i < 2 * ARRAY_SIZE(edits); i++) {
		uint32_t job = 0;

		lab_start(&l, two_steps());
		order(&l, CMD_RUN, "san1-to-standby", "78N16G4");
		if (i % 2)
			job = take(&l, VERB_CHECK);
		reload(&l, edits[i / 2].config());
		if (run(&l, 1)->state != (job ? RUN_FENCING : RUN_FROZEN))
			fail_msg("edit %u: the run is %s", i, run_state_text((enum run_state)run(&l, 1)->state));
		if (job)
			end(&l, job, 0);
		assert_int_equal(run(&l, 1)->state, RUN_FROZEN);
		assert_false(engine_next_verb(&l.e, &none));
		assert_int_equal(lab_alerts(&l, ALERT_FAILOVER_FROZEN, NULL), 1);
		lab_stop(&l);
	}
}

/* Neither failed nor frozen: another plan was never rehearsed. */
static void test_a_rehearsal_of_another_plan_is_over(void **unused)
{
	struct lab l;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(edits); i++) {
		lab_start(&l, two_steps());
		order(&l, CMD_DRILL, "san1-to-standby", "");
		reload(&l, edits[i].config());
		assert_int_equal(run(&l, 1)->state, RUN_ABORTED);
		assert_int_equal(plan_at(&l.e.model, 0)->drill_wall_ms, 0);
		lab_stop(&l);
	}
}

static void test_what_waits_is_withdrawn_and_asked_for_anew(void **unused)
{
	static const struct {
		struct config *(*config)(void);
		bool again;
	} cases[] = {{gone, false}, {other_plan, false}, {moved_to_san2, false}, {other_target, true},
		{other_step, true}, {two_steps, false}};
	struct lab l;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		bool same = cases[i].config == two_steps;

		lab_start(&l, two_steps());
		lab_run(&l, SAN1 ALL_LOST);
		assert_int_equal(run(&l, 1)->state, RUN_WAITING_APPROVAL);
		reload(&l, cases[i].config());
		if (run(&l, 1)->state != (same ? RUN_WAITING_APPROVAL : RUN_WITHDRAWN))
			fail_msg("case %u: the run is %s", i, run_state_text((enum run_state)run(&l, 1)->state));
		assert_int_equal(run_count(&l.e.model), cases[i].again ? 2 : 1);
		if (cases[i].again)
			assert_int_equal(run(&l, 2)->state, RUN_WAITING_APPROVAL);
		order(&l, CMD_APPROVE, "r1", "");
		assert_int_equal(l.reply.code, same ? 0 : EINVAL);
		lab_stop(&l);
	}
}

static void test_a_renamed_plan_asks_for_itself(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, two_steps());
	lab_run(&l, SAN1 ALL_LOST);
	reload(&l, renamed("move2"));
	assert_int_equal(run(&l, 1)->state, RUN_WITHDRAWN);
	assert_int_equal(run(&l, 2)->state, RUN_WAITING_APPROVAL);
	assert_int_equal(run_at(&l.e.model, plan(&l, "move2")->run)->id, 2);
	assert_null(plan(&l, "san1-to-standby"));
	lab_stop(&l);
}

/* The same over a cold start: the file of marks knows the plan by its name, and that it is gone. */
static void test_a_cold_start_keeps_what_is_frozen(void **unused)
{
	struct lab l;

	(void)unused;
	frozen(&l);
	restart_with(&l, other_plan());
	assert_refuses_resume(&l, "plan 'san1-to-standby' is no longer configured");
	order(&l, CMD_CLEAR, "r1", "");
	assert_null(plan(&l, "san1-to-standby"));
	lab_stop(&l);
}

static void test_a_cold_start_ends_rehearsals(void **unused)
{
	static const enum command_type types[] = {CMD_DRILL, CMD_DRY_RUN};
	struct lab l;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct verb_order given;

		lab_start(&l, two_steps());
		order(&l, types[i], "san1-to-standby", "");
		(void)take(&l, VERB_CHECK);
		restart_with(&l, two_steps());
		assert_false(engine_next_verb(&l.e, &given));
		for (uint32_t k = 0; k < run_count(&l.e.model); k++)
			assert_int_equal(run_at(&l.e.model, k)->state, RUN_ABORTED);
		order(&l, CMD_RUN, "san1-to-standby", "78N16G4");
		assert_int_equal(l.reply.code, 0);
		(void)take(&l, VERB_CHECK);
		lab_stop(&l);
	}
}

enum { BY_FILE, ARM, DISARM }; /* what a person did in between */
enum { UNSAID, SAID_FALSE, SAID_TRUE };

static struct config *arming(enum plan_mode mode, int said)
{
	struct config *c = rows_config(mode);

	c->plans[0].armed_said = said != UNSAID;
	c->plans[0].armed = said == UNSAID ? mode == MODE_APPROVE : said == SAID_TRUE;
	return c;
}

/* Nobody is armed by an edit that does not say so, and what people said holds while the file says the same. */
static void test_who_arms_a_plan(void **unused)
{
	static const struct {
		enum plan_mode from;
		int said, by;
		enum plan_mode to;
		int says;
		bool armed;
	} cases[] = {
		{MODE_APPROVE, UNSAID, BY_FILE, MODE_AUTO, UNSAID, false},
		{MODE_APPROVE, UNSAID, BY_FILE, MODE_AUTO, SAID_TRUE, true},
		{MODE_APPROVE, SAID_TRUE, BY_FILE, MODE_AUTO, UNSAID, false},
		{MODE_APPROVE, UNSAID, BY_FILE, MODE_APPROVE, UNSAID, true},
		{MODE_APPROVE, UNSAID, DISARM, MODE_APPROVE, UNSAID, false},
		{MODE_APPROVE, UNSAID, DISARM, MODE_AUTO, UNSAID, false},
		{MODE_AUTO, UNSAID, BY_FILE, MODE_AUTO, UNSAID, false},
		{MODE_AUTO, UNSAID, ARM, MODE_AUTO, UNSAID, true},
		{MODE_AUTO, UNSAID, ARM, MODE_AUTO, SAID_FALSE, false},
		{MODE_AUTO, SAID_TRUE, DISARM, MODE_AUTO, SAID_TRUE, false},
		{MODE_AUTO, SAID_TRUE, BY_FILE, MODE_AUTO, UNSAID, false},
		{MODE_AUTO, SAID_FALSE, ARM, MODE_AUTO, SAID_FALSE, true},
		{MODE_AUTO, UNSAID, ARM, MODE_APPROVE, SAID_FALSE, false},
	};
	struct lab l;

	(void)unused;
	for (unsigned i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		unsigned k = i / 2;
		struct config *c = arming(cases[k].to, cases[k].says);

		lab_start(&l, arming(cases[k].from, cases[k].said));
		if (cases[k].by != BY_FILE)
			order(&l, cases[k].by == ARM ? CMD_ARM : CMD_DISARM, "san1-to-standby", "");
		if (i % 2)
			restart_with(&l, c);
		else
			reload(&l, c);
		if (plan(&l, "san1-to-standby")->armed != cases[k].armed)
			fail_msg("case %u: armed %u after a %s", k, plan(&l, "san1-to-standby")->armed,
				i % 2 ? "restart" : "reload");
		lab_stop(&l);
	}
}

/* What was armed for one array is armed for no other. */
static void test_arming_does_not_move_to_another_array(void **unused)
{
	struct lab l;

	(void)unused;
	for (int said = UNSAID; said <= SAID_TRUE; said++) {
		struct config *c = arming(MODE_AUTO, said);

		lab_start(&l, arming(MODE_AUTO, said));
		order(&l, said == SAID_TRUE ? CMD_DISARM : CMD_ARM, "san1-to-standby", "");
		c->plans[0].array = 2;
		reload(&l, c);
		assert_int_equal(plan(&l, "san1-to-standby")->armed, 0);
		lab_stop(&l);
	}
}

/* Marks of before the file's word was kept: neither side alone arms. */
static void test_marks_without_the_files_word(void **unused)
{
	struct plan_row p;
	struct lab l;

	(void)unused;
	for (unsigned i = 0; i < 4; i++) {
		lab_start(&l, arming(MODE_AUTO, SAID_TRUE));
		p = *plan_at(&l.e.model, 0);
		p.armed = i & 1;
		p.file_says = 0;
		emit(&l.e, REC_PLAN, TABLE_PLAN, 0, &p, SEV_NONE, NULL);
		restart_with(&l, arming(MODE_AUTO, i & 2 ? SAID_TRUE : UNSAID));
		assert_int_equal(plan_at(&l.e.model, 0)->armed, i == 3);
		lab_stop(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frozen_run_never_takes_another_plan),
		cmocka_unit_test(test_a_plan_that_is_gone_is_listed_until_its_run_is_over),
		cmocka_unit_test(test_a_plan_of_the_same_name_may_be_another),
		cmocka_unit_test(test_what_acts_freezes),
		cmocka_unit_test(test_a_rehearsal_of_another_plan_is_over),
		cmocka_unit_test(test_what_waits_is_withdrawn_and_asked_for_anew),
		cmocka_unit_test(test_a_renamed_plan_asks_for_itself),
		cmocka_unit_test(test_a_cold_start_keeps_what_is_frozen),
		cmocka_unit_test(test_a_cold_start_ends_rehearsals),
		cmocka_unit_test(test_who_arms_a_plan),
		cmocka_unit_test(test_arming_does_not_move_to_another_array),
		cmocka_unit_test(test_marks_without_the_files_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
