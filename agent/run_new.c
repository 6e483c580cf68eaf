/* A new run: its number, its reason, its steps, and room for it. */
#include "agent/run_parts.h"
#include "agent/verdict.h"

enum { RUNS_KEPT = 32 };

static uint32_t next_run_id(struct engine *e)
{
	struct self_row self;
	uint32_t id = 1;

	for (uint32_t i = 0; i < run_count(&e->model); i++)
		id = MAX_OF(id, run_at(&e->model, i)->id + 1);
	if (!self_at(&e->model, 0))
		return id;
	self = *self_at(&e->model, 0);
	id = MAX_OF(id, self.next_run);
	self.next_run = id + 1;
	emit(e, REC_SELF, TABLE_SELF, 0, &self, SEV_NONE, NULL);
	return id;
}

static bool run_kept(const struct model *m, uint32_t run)
{
	const struct run_row *r = run_at(m, run);

	for (uint32_t i = 0; i < plan_count(m); i++)
		if (plan_at(m, i)->used && plan_at(m, i)->run == run)
			return true;
	return run_acting((enum run_state)r->state) || run_pending((enum run_state)r->state) ||
	       (r->state == RUN_FROZEN && !r->cleared);
}

/* A free row, or that of the oldest run that nobody looks at any more. */
static uint32_t run_row_for_new(struct engine *e)
{
	uint32_t i = model_free_index(&e->model, TABLE_RUN), oldest = NONE32;

	for (uint32_t k = 0; i >= RUNS_KEPT && k < run_count(&e->model); k++)
		if (!run_kept(&e->model, k) &&
			(oldest == NONE32 ||
				run_at(&e->model, k)->id < run_at(&e->model, oldest)->id))
			oldest = k;
	if (oldest == NONE32)
		return i;
	for (uint32_t k = 0; k < step_count(&e->model); k++) {
		struct step_row s = *step_at(&e->model, k);

		if (!s.used || s.run != oldest)
			continue;
		s.used = 0;
		emit(e, REC_STEP, TABLE_STEP, k, &s, SEV_NONE, NULL);
	}
	return oldest;
}

static void why_wanted(const struct engine *e, unsigned array, char *buf, size_t size)
{
	const struct array_row *a = array_at(&e->model, array);
	char names[96] = "";
	unsigned paths = 0;

	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *c = component_at(&e->model, i);
		size_t used = strlen(names);

		if (!c->used || c->array != array)
			continue;
		paths += c->kind == KIND_PATH &&
			 member_of_state((enum state)c->state) == MEMBER_LOST;
		if (c->kind == KIND_CANISTER && c->state != STATE_OK)
			format_text(names + used, sizeof(names) - used, "%s canister %.16s %s",
				used ? "," : "", c->name, state_text((enum state)c->state));
	}
	if (paths)
		format_text(names + strlen(names), sizeof(names) - strlen(names),
			"%s %u path%s lost", names[0] ? "," : "", paths, paths == 1 ? "" : "s");
	format_text(buf, size, "%s %s%s%s", a ? a->name : "?",
		a ? verdict_text((enum verdict)a->verdict) : "?", names[0] ? ":" : "", names);
}

static void add_steps(struct engine *e, uint32_t run, const struct cfg_plan *c)
{
	for (unsigned i = 0; i < c->nsteps && c->first_step + i < CFG_STEPS; i++) {
		struct step_row s = {.used = 1, .run = run, .index = (uint16_t)i};

		copy_text(s.name, sizeof(s.name),
			cfg_str(e->config, e->config->steps[c->first_step + i].name));
		emit(e, REC_STEP, TABLE_STEP, model_free_index(&e->model, TABLE_STEP), &s, SEV_NONE,
			NULL);
	}
}

uint32_t run_new(struct engine *e, uint32_t plan, enum run_mode mode)
{
	const struct plan_row *p = plan_at(&e->model, plan);
	const struct array_row *a = array_at(&e->model, p->array);
	const struct incident_row *inc = a ? incident_at(&e->model, a->incident) : NULL;
	struct run_row r = {.used = 1,
		.mode = (uint8_t)mode,
		.plan = (uint16_t)plan,
		.array = p->array,
		.previous_exit = -1,
		.since_wall_ms = e->wall_ms};
	uint32_t i;

	r.id = next_run_id(e);
	r.incident = inc && inc->used ? inc->id : 0;
	r.verdict = a ? a->verdict : VERDICT_NONE;
	r.severity = (uint8_t)verdict_severity((enum verdict)r.verdict);
	if (run_plan_config(e, plan))
		copy_text(r.target, sizeof(r.target),
			cfg_str(e->config, run_plan_config(e, plan)->target));
	why_wanted(e, p->array, r.reason, sizeof(r.reason));
	i = run_row_for_new(e);
	emit(e, REC_RUN, TABLE_RUN, i, &r, SEV_NONE, NULL);
	if (run_plan_config(e, plan))
		add_steps(e, i, run_plan_config(e, plan));
	return i;
}
