/* Groups as a layout source counts them: what it names during a look takes effect at the look's end. */
#include "agent/engine_parts.h"

enum { TELLINGS_MAX = 1024, TOLD_MEMBERS = 64 };

struct telling {
	uint32_t job;
	uint16_t source, array;
	struct group_told told;
	char name[32];
	uint32_t member[TOLD_MEMBERS];
};

static struct telling *telling_of(struct engine *e, const struct reading *r)
{
	for (uint32_t i = e->ntellings; i-- > 0;)
		if (e->tellings[i].job == r->job && text_equal(e->tellings[i].name, r->group))
			return &e->tellings[i];
	return NULL;
}

static void begin(struct engine *e, const struct reading *r)
{
	struct telling *grown, t = {.job = r->job,
		.source = r->source,
		.array = r->array,
		.told = {.need = r->group_need,
			.members = r->group_members,
			.pool = model_find_component(&e->model, r->array, KIND_POOL, r->name)}};

	if (e->ntellings == TELLINGS_MAX || !r->group_members || !r->group_need)
		return;
	grown = realloc(e->tellings, (e->ntellings + 1) * sizeof(*grown));
	if (!grown)
		return;
	copy_text(t.name, sizeof(t.name), r->group);
	e->tellings = grown;
	e->tellings[e->ntellings++] = t;
}

void layout_note(struct engine *e, const struct reading *r)
{
	struct telling *t = r->kind == KIND_POOL ? NULL : telling_of(e, r);
	uint32_t component;

	if (r->kind == KIND_POOL) {
		begin(e, r);
		return;
	}
	component = model_find_component(&e->model, r->array, (enum kind)r->kind, r->name);
	for (unsigned a = 0; component == NONE32 && a < e->config->narrays; a++)
		component = model_find_component(&e->model, a, (enum kind)r->kind, r->name);
	if (!t)
		return;
	if (component != NONE32 && t->told.n < TOLD_MEMBERS) {
		t->member[t->told.n++] = component;
	} else {
		/* it serves, and nobody here looks at it: neither counted nor needed */
		t->told.members = (uint16_t)(t->told.members - (t->told.members > 0));
		t->told.need = (uint16_t)(t->told.need - (t->told.need > 0));
	}
}

static bool named(const struct engine *e, const struct job_end *j, uint32_t group)
{
	const struct group_row *g = group_at(&e->model, group);

	for (uint32_t i = 0; i < e->ntellings; i++)
		if (e->tellings[i].job == j->job && e->tellings[i].array == g->array &&
			text_equal(e->tellings[i].name, g->name))
			return true;
	return false;
}

/* A pool that is no longer there has nobody who serves. */
static void empty_unnamed(struct engine *e, const struct job_end *j)
{
	for (uint32_t i = 0; i < group_count(&e->model); i++) {
		const struct group_row *g = group_at(&e->model, i);
		uint32_t pool = g->used && g->told ? group_pool(&e->model, i) : NONE32;
		struct group_told nobody = {.need = g->need, .members = g->told, .pool = pool};

		if (pool != NONE32 && component_at(&e->model, pool)->source == j->source && !named(e, j, i))
			group_tell(e, g->array, g->name, &nobody);
	}
}

void layout_end(struct engine *e, const struct job_end *j, bool whole)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; whole && i < e->ntellings; i++) {
		struct telling *t = &e->tellings[i];

		t->told.member = t->member;
		if (t->job == j->job && t->told.members && t->told.need)
			group_tell(e, t->array, t->name, &t->told);
	}
	if (whole)
		empty_unnamed(e, j);
	for (uint32_t i = 0; i < e->ntellings; i++)
		if (e->tellings[i].source != j->source)
			e->tellings[kept++] = e->tellings[i];
	e->ntellings = kept;
}
