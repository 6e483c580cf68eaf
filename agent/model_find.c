/* What is looked for in the rows; nothing here changes one. */
#include "agent/model.h"

uint32_t model_find_component(const struct model *m, unsigned array, enum kind kind, const char *name)
{
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (c->used && c->array == array && c->kind == kind && !strcmp(c->name, name))
			return i;
	}
	return NONE32;
}

uint32_t model_parse_id(const struct model *m, const char *id)
{
	char array[32], kind[16];
	const char *a = strchr(id, '/'), *k = a ? strchr(a + 1, '/') : NULL;

	if (!k || (size_t)(a - id) >= sizeof(array) || (size_t)(k - a - 1) >= sizeof(kind))
		return NONE32;
	format_text(array, sizeof(array), "%.*s", (int)(a - id), id);
	format_text(kind, sizeof(kind), "%.*s", (int)(k - a - 1), a + 1);
	for (uint32_t i = 0; i < array_count(m); i++)
		if (array_at(m, i)->used && !strcmp(array_at(m, i)->name, array))
			return model_find_component(m, i, kind_from_text(kind), k + 1);
	return NONE32;
}

const char *component_id(const struct model *m, uint32_t component, char *buf, size_t size)
{
	const struct component_row *c = component_at(m, component);
	const struct array_row *a = c ? array_at(m, c->array) : NULL;

	format_text(buf, size, "%s/%s/%s", a ? a->name : "?", c ? kind_text(c->kind) : "?", c ? c->name : "?");
	return buf;
}

static uint32_t chain_first(const struct chain *c, uint32_t component)
{
	return component < c->nhead && c->head[component] ? c->head[component] - 1 : NONE32;
}

static uint32_t chain_next(const struct chain *c, uint32_t row)
{
	return row < c->nnext && c->next[row] ? c->next[row] - 1 : NONE32;
}

uint32_t model_first_fact(const struct model *m, uint32_t component)
{
	return chain_first(&m->facts, component);
}

uint32_t model_next_fact(const struct model *m, uint32_t row)
{
	return chain_next(&m->facts, row);
}

uint32_t model_first_seen(const struct model *m, uint32_t component)
{
	return chain_first(&m->seen, component);
}

uint32_t model_next_seen(const struct model *m, uint32_t row)
{
	return chain_next(&m->seen, row);
}

const struct daily_row *model_daily(const struct model *m, uint32_t component)
{
	return daily_at(m, chain_first(&m->daily, component));
}

const struct fact_row *model_fact(const struct model *m, uint32_t component, unsigned fact)
{
	const struct fact_row *rows = m->tables[TABLE_FACT].rows;

	for (uint32_t i = model_first_fact(m, component); i != NONE32; i = model_next_fact(m, i))
		if (rows[i].fact == fact)
			return &rows[i];
	return NULL;
}

bool model_fact_value(const struct model *m, uint32_t component, unsigned fact, double *ret)
{
	const struct fact_row *f = model_fact(m, component, fact);

	if (f)
		*ret = f->value;
	return f;
}

const struct seen_row *model_seen(const struct model *m, uint32_t component, unsigned source)
{
	const struct seen_row *rows = m->tables[TABLE_SEEN].rows;

	for (uint32_t i = model_first_seen(m, component); i != NONE32; i = model_next_seen(m, i))
		if (rows[i].source == source)
			return &rows[i];
	return NULL;
}

uint64_t model_read_ms(const struct model *m, uint32_t component)
{
	const struct seen_row *rows = m->tables[TABLE_SEEN].rows;
	uint64_t newest = 0;

	for (uint32_t i = model_first_seen(m, component); i != NONE32; i = model_next_seen(m, i))
		newest = MAX_OF(newest, rows[i].read_ms);
	return newest;
}

const struct finding_row *model_finding_by_id(const struct model *m, uint32_t id, uint32_t *ret_index)
{
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->used && f->id == id) {
			if (ret_index)
				*ret_index = i;
			return f;
		}
	}
	return NULL;
}

const struct plan_row *model_moved(const struct model *m, unsigned array, const struct run_row **ret_run)
{
	const struct plan_row *by = NULL;
	const struct run_row *last = NULL;

	for (uint32_t i = 0; i < plan_count(m); i++) {
		const struct plan_row *p = plan_at(m, i);
		const struct run_row *r = p->used && p->array == array ? run_at(m, p->run) : NULL;

		if (!r || !r->used || r->cleared || r->state != RUN_DONE || r->mode >= RUN_MODE_DRILL ||
			(last && last->ended_wall_ms >= r->ended_wall_ms))
			continue;
		by = p;
		last = r;
	}
	if (last && ret_run)
		*ret_run = last;
	return by;
}

const char *model_fact_name(const struct model *m, unsigned fact)
{
	const struct name_row *n = fact >= FACT_CUSTOM ? name_at(m, fact - FACT_CUSTOM) : NULL;

	return n && n->used ? n->name : fact_info(fact)->name;
}
