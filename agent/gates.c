/* What must hold before a run acts: one table, in order; each gate says why not. */
#include "agent/run_parts.h"
#include "agent/verdict.h"

struct look {
	const struct engine *e;
	uint32_t plan;
	const struct plan_row *row;
	enum run_mode mode;
	char *why;
	size_t size;
};

#define REFUSE(l, ...) (format_text((l)->why, (l)->size, __VA_ARGS__), true)

/* One running failover at a time; one per array until a person has looked at it. A rehearsal only keeps off others. */
static bool open_run(const struct look *l)
{
	const struct model *m = &l->e->model;
	bool rehearses = l->mode == RUN_MODE_DRILL || l->mode == RUN_MODE_DRY;

	for (uint32_t i = 0; i < run_count(m); i++) {
		const struct run_row *r = run_at(m, i);

		if (!r->used || r->cleared || (!run_real(r) && !rehearses))
			continue;
		if (run_acting((enum run_state)r->state))
			return REFUSE(l, "run r%u is %s: wait for it or abort it", r->id,
				run_state_text((enum run_state)r->state));
		if (r->state == RUN_FROZEN && (r->array == l->row->array || r->plan == l->plan))
			return REFUSE(l, "run r%u is frozen: look, then resume or clear it", r->id);
		if (l->mode != RUN_MODE_AUTO || r->array != l->row->array)
			continue;
		if (r->plan != l->plan && run_pending((enum run_state)r->state))
			return REFUSE(l, "run r%u of another plan waits for this array", r->id);
		if (r->state == RUN_DONE || r->state == RUN_FAILED || r->state == RUN_ABORTED)
			return REFUSE(l, "run r%u is %s and nobody has cleared it", r->id,
				run_state_text((enum run_state)r->state));
	}
	return false;
}

static bool not_armed(const struct look *l)
{
	return !l->row->armed &&
	       REFUSE(l, "the plan is disarmed: ballastctl failover arm %s", l->row->name);
}

static bool in_maintenance(const struct look *l)
{
	const struct model *m = &l->e->model;

	for (uint32_t i = 0; i < maintenance_count(m); i++) {
		const struct maintenance_row *w = maintenance_at(m, i);

		if (w->used && w->array == l->row->array && w->until_ms > l->e->now_ms)
			return REFUSE(l,
				"maintenance by %s for %llu more min: only people start a run",
				w->by,
				(unsigned long long)((w->until_ms - l->e->now_ms) / 60000 + 1));
	}
	return false;
}

static bool blocked(const struct look *l)
{
	return l->row->blocked_until_ms > l->e->now_ms &&
	       REFUSE(l, "a run was made before: blocked for %llu more min",
		       (unsigned long long)((l->row->blocked_until_ms - l->e->now_ms) / 60000 + 1));
}

static bool speaks_for_canisters(const struct component_row *c, unsigned array)
{
	return c && c->used && c->array == array &&
	       (c->kind == KIND_CANISTER || kind_is_path(c->kind) || c->kind == KIND_EXPANDER);
}

static uint64_t thin_since(const struct model *m, uint32_t component)
{
	for (uint32_t i = 0; i < member_count(m); i++) {
		const struct member_row *r = member_at(m, i);
		const struct group_row *g =
			r->used && r->component == component ? group_at(m, r->group) : NULL;

		if (g && g->used && g->thin_ms)
			return g->thin_ms;
	}
	return 0;
}

/* One source's own fresh word against it: lost, or a survivor with trouble of its own since the others went. */
static bool speaks_against(const struct engine *e, const struct seen_row *s)
{
	const struct component_row *c = component_at(&e->model, s->component);
	uint64_t since = thin_since(&e->model, s->component);

	if (s->plane == PLANE_INBAND && c->flags & COMPONENT_REMOVED)
		return true;
	switch (member_of_state((enum state)s->state)) {
	case MEMBER_LOST:
		return true;
	case MEMBER_SERVING:
		return member_of_state((enum state)c->state) == MEMBER_SERVING && since &&
		       component_new_cause(&e->model, s->component, since, true);
	case MEMBER_UNDECIDED:
		break;
	}
	return false;
}

/* A namespace says nothing beside its controller that does not serve: one look told of both. */
static bool repeats_controller(const struct model *m, const struct component_row *c)
{
	for (uint32_t i = 0; c->kind == KIND_NAMESPACE && i < component_count(m); i++) {
		const struct component_row *o = component_at(m, i);

		if (o->used && o->kind == KIND_PATH && o->array == c->array && text_equal(o->dev, c->dev) &&
			member_of_state((enum state)o->state) != MEMBER_SERVING)
			return true;
	}
	return false;
}

enum { EVIDENCE_NEEDED = 2 };

/* Components, or sources of one, read well and lately; counted until they are enough. Drives and hearsay never count. */
static unsigned count_evidence(const struct engine *e, unsigned array)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < seen_count(&e->model) && n < EVIDENCE_NEEDED; i++) {
		const struct seen_row *s = seen_at(&e->model, i);

		n += s->used && (s->plane == PLANE_INBAND || s->plane == PLANE_MANAGEMENT) &&
		     speaks_for_canisters(component_at(&e->model, s->component), array) &&
		     seen_fresh(s, e->now_ms) && speaks_against(e, s) &&
		     !repeats_controller(&e->model, component_at(&e->model, s->component));
	}
	return n;
}

static bool no_evidence(const struct look *l)
{
	unsigned n = count_evidence(l->e, l->row->array);

	return n < EVIDENCE_NEEDED &&
	       REFUSE(l, "%u independent fresh fact%s of canisters or paths, two are needed", n,
		       n == 1 ? "" : "s");
}

/* It may just have been unmapped. */
static bool only_a_unit(const struct look *l)
{
	const struct group_row *unit = group_unit_alone(&l->e->model, l->row->array);

	return unit && REFUSE(l, "only unit %s: the rest of the array serves, approval only",
			       group_unit_text(unit));
}

static bool read_lately(const struct engine *e, uint32_t component)
{
	for (uint32_t i = 0; i < seen_count(&e->model); i++)
		if (seen_at(&e->model, i)->used && seen_at(&e->model, i)->component == component &&
			seen_fresh(seen_at(&e->model, i), e->now_ms))
			return true;
	return false;
}

enum observer observer_sound(const struct engine *e, unsigned plan)
{
	const struct cfg_plan *c = run_plan_config(e, plan);
	unsigned silent = 0;

	for (unsigned i = 0; c && i < c->nwitness; i++) {
		uint32_t w = model_find_component(
			&e->model, c->array, KIND_TARGET, cfg_list(e->config, c->witness, i));

		if (w == NONE32 || !read_lately(e, w))
			continue;
		if (component_at(&e->model, w)->state == STATE_OK)
			return OBSERVER_SOUND;
		silent++;
	}
	return silent ? OBSERVER_SUSPECT : OBSERVER_UNKNOWN;
}

static bool observer_doubtful(const struct look *l)
{
	const struct cfg_plan *c = run_plan_config(l->e, l->plan);

	switch (observer_sound(l->e, l->plan)) {
	case OBSERVER_SOUND:
		return false;
	case OBSERVER_SUSPECT:
		return REFUSE(l,
			"the witness is silent: this host may be the one in trouble, approval only");
	case OBSERVER_UNKNOWN:
		break;
	}
	return REFUSE(l, c && c->nwitness ? "no witness has been asked yet: approval only"
					  : "no witness is configured: approval only");
}

static const struct cfg_step *step_that_does(const struct look *l, uint32_t operations)
{
	const struct cfg_plan *c = run_plan_config(l->e, l->plan);

	for (unsigned i = 0; c && i < c->nsteps; i++) {
		const struct cfg_step *s = &l->e->config->steps[c->first_step + i];

		if (s->operations & operations)
			return s;
	}
	return NULL;
}

static enum operation first_operation(uint32_t bits)
{
	enum operation o = OPERATION_NONE;

	while (bits && !(bits >> o & 1))
		o++;
	return o;
}

/* A published fault that a step of the plan would set off. */
static bool firmware_forbids(const struct look *l)
{
	const struct model *m = &l->e->model;

	for (uint32_t i = 0; i < forecast_count(m); i++) {
		const struct forecast_row *f = forecast_at(m, i);
		const struct cfg_step *s =
			f->used && f->array == l->row->array ? step_that_does(l, f->guarded) : NULL;

		if (s)
			return REFUSE(l, "step %s does %s, not now: %s, what has it %s",
				cfg_str(l->e->config, s->name),
				operation_text(first_operation(s->operations & f->guarded)),
				f->advisory, f->effect);
	}
	return false;
}

/* After a replacement, other firmware has brought whole arrays down: a person looks first. */
static bool firmware_differs(const struct look *l)
{
	const struct model *m = &l->e->model;

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->used && f->active && !f->acked && f->array == l->row->array &&
			!strcmp(f->rule_id, "array.different-code"))
			return REFUSE(l, "%.80s: by approval only until F-%u is acknowledged",
				f->detail, f->id);
	}
	return false;
}

static bool adds_load(const struct engine *e, const struct cfg_plan *c)
{
	for (unsigned i = 0; i < c->nsteps; i++)
		if (e->config->steps[c->first_step + i].adds_load)
			return true;
	return false;
}

/* A rebuild that something slows down is time without a drive to spare, here or where it goes to. */
static bool rebuild_runs(const struct look *l)
{
	const struct cfg_plan *c = run_plan_config(l->e, l->plan);
	int target = c ? cfg_array_index(l->e->config, cfg_str(l->e->config, c->target)) : -1;
	bool here, there;

	if (!c || !adds_load(l->e, c))
		return false;
	here = array_rebuilds(&l->e->model, l->row->array, l->e->now_ms);
	there = target >= 0 && array_rebuilds(&l->e->model, (unsigned)target, l->e->now_ms);
	return (here || there) &&
	       REFUSE(l, "a pool of %s is being rebuilt and a step adds load: approval only",
		       here ? array_at(&l->e->model, l->row->array)->name : l->row->target);
}

static bool passes(const struct look *l)
{
	(void)l;
	return false;
}

enum {
	ALL = (1 << RUN_MODE_COUNT) - 1,
	AUTO = 1 << RUN_MODE_AUTO,
	ASKED = AUTO | 1 << RUN_MODE_APPROVED
};

/* clang-format off */
static const struct {
	const char *name;
	uint32_t modes; /* whom it binds */
	bool (*refuses)(const struct look *l);
} gates[GATE_COUNT] = {
	[GATE_OPEN_RUN]     = {"open-run",     ALL,   open_run},
	[GATE_ARMED]        = {"armed",        AUTO,  not_armed},
	[GATE_MAINTENANCE]  = {"maintenance",  AUTO,  in_maintenance},
	[GATE_BLOCK]        = {"block-window", AUTO,  blocked},
	[GATE_EVIDENCE]     = {"evidence",     ASKED, no_evidence},
	[GATE_UNIT]         = {"unit",         AUTO,  only_a_unit},
	[GATE_OBSERVER]     = {"observer",     AUTO,  observer_doubtful},
	[GATE_TARGET]       = {"target",       ASKED, passes},
	[GATE_WRITE_ERRORS] = {"write-errors", AUTO,  passes},
	[GATE_FIRMWARE]     = {"firmware",     ASKED, firmware_forbids},
	[GATE_MISMATCH]     = {"firmware-mismatch", AUTO, firmware_differs},
	[GATE_LOAD]         = {"load",         AUTO,  rebuild_runs},
	[GATE_REHEARSAL]    = {"rehearsal",    AUTO,  passes},
	[GATE_QUORUM]       = {"quorum",       ASKED, passes},
};
/* clang-format on */

const char *gate_text(enum gate g)
{
	return g < GATE_COUNT ? gates[g].name : "none";
}

enum gate gates_check_but(const struct engine *e, unsigned plan, enum run_mode mode, uint32_t skip,
	char *why, size_t size)
{
	struct look l = {.e = e,
		.plan = plan,
		.row = plan_at(&e->model, plan),
		.mode = mode,
		.why = why,
		.size = size};

	format_text(why, size, "all gates pass");
	for (unsigned g = 0; l.row && g < GATE_COUNT; g++)
		if (!(skip >> g & 1) && (gates[g].modes >> mode & 1) && gates[g].refuses(&l))
			return (enum gate)g;
	return GATE_COUNT;
}

enum gate gates_check(
	const struct engine *e, unsigned plan, enum run_mode mode, char *why, size_t size)
{
	return gates_check_but(e, plan, mode, 0, why, size);
}
