/* A run and the plan it was made of: does the configuration still mean that one? */
#include "agent/run_parts.h"

const struct cfg_plan *run_plan_config(const struct engine *e, uint32_t plan)
{
	const struct plan_row *p = plan_at(&e->model, plan);

	return p && p->used && e->config && p->config < e->config->nplans
		       ? &e->config->plans[p->config]
		       : NULL;
}

const struct cfg_step *run_step_config(const struct engine *e, uint32_t run, unsigned step)
{
	const struct cfg_plan *p = run_plan_config(e, run_at(&e->model, run)->plan);
	const struct step_row *row = step_at(&e->model, run_step_index(&e->model, run, step));
	const struct cfg_step *s = p && step < p->nsteps && p->first_step + step < CFG_STEPS
					   ? &e->config->steps[p->first_step + step]
					   : NULL;

	return s && row && text_equal(row->name, cfg_str(e->config, s->name)) ? s : NULL;
}

static bool same_steps(const struct engine *e, uint32_t run, unsigned nsteps)
{
	if (run_step_index(&e->model, run, nsteps) != NONE32)
		return false;
	for (unsigned i = 0; i < nsteps; i++)
		if (!run_step_config(e, run, i))
			return false;
	return true;
}

bool run_estranged(const struct engine *e, uint32_t run, char *why, size_t size)
{
	const struct run_row *r = run_at(&e->model, run);
	const struct cfg_plan *c = run_plan_config(e, r->plan);
	const char *other = NULL;

	if (!c)
		other = "is no longer configured";
	else if (r->array != c->array)
		other = "is for another array now";
	else if (!text_equal(r->target, cfg_str(e->config, c->target)))
		other = "has another target now";
	else if (!same_steps(e, run, c->nsteps))
		other = "has other steps now";
	if (other)
		format_text(why, size, "plan '%s' %s",
			plan_at(&e->model, r->plan) ? plan_at(&e->model, r->plan)->name : "?", other);
	return other;
}

void plan_forget(struct engine *e, uint32_t plan)
{
	struct plan_row p = *plan_at(&e->model, plan);

	if (p.config != NONE16)
		return;
	for (uint32_t i = 0; i < run_count(&e->model); i++)
		if (run_at(&e->model, i)->plan == plan && run_unfinished(run_at(&e->model, i)))
			return;
	p.used = 0;
	plan_put(e, plan, REC_PLAN, &p, SEV_NONE, NULL);
}
