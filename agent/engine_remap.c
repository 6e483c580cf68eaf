/* After a reload arrays, sources and sinks have other numbers: every row that names one follows. */
#include "agent/engine_parts.h"

#include <stdio.h>

struct maps {
	uint16_t array[CFG_ARRAYS], source[CFG_SOURCES], sink[CFG_SINKS];
	bool changed;
};

static uint16_t mapped(const uint16_t *map, size_t n, unsigned old)
{
	return old < n ? map[old] : NONE16;
}

static uint32_t mapped_bits(const struct maps *m, uint32_t bits)
{
	uint32_t out = 0;

	for (unsigned i = 0; i < CFG_SINKS; i++)
		if (bits >> i & 1 && m->sink[i] != NONE16)
			out |= 1u << m->sink[i];
	return out;
}

static bool same_source(const struct engine *e, const struct config *old, const struct maps *m,
	unsigned was, unsigned is)
{
	const struct source_row *row = source_at(&e->model, was);
	const struct cfg_source *c = &e->config->sources[is], *o;

	if (!row || !row->used || row->type != c->type ||
		mapped(m->array, CFG_ARRAYS, row->array) != c->array)
		return false;
	if (!old)
		return was == is;
	if (was >= old->nsources)
		return false;
	o = &old->sources[was];
	if (o->argc != c->argc ||
		!text_equal(cfg_str(old, o->scenario), cfg_str(e->config, c->scenario)))
		return false;
	for (unsigned i = 0; i < c->argc; i++)
		if (!text_equal(cfg_list(old, o->argv, i), cfg_list(e->config, c->argv, i)))
			return false;
	return text_equal(cfg_str(old, o->match_vendor), cfg_str(e->config, c->match_vendor)) &&
	       text_equal(cfg_str(old, o->match_model), cfg_str(e->config, c->match_model)) &&
	       text_equal(cfg_str(old, o->match_serial), cfg_str(e->config, c->match_serial)) &&
	       text_equal(cfg_str(old, o->match_transport), cfg_str(e->config, c->match_transport));
}

static void maps_build(const struct engine *e, const struct config *old, struct maps *m)
{
	memset(m, 0xff, sizeof(*m));
	m->changed = false;
	for (unsigned i = 0; i < CFG_ARRAYS && i < array_count(&e->model); i++) {
		int to = array_at(&e->model, i)->used
				 ? cfg_array_index(e->config, array_at(&e->model, i)->name)
				 : -1;

		m->array[i] = to < 0 ? NONE16 : (uint16_t)to;
		m->changed |= array_at(&e->model, i)->used && to != (int)i;
	}
	for (unsigned i = 0; i < CFG_SOURCES && i < source_count(&e->model); i++) {
		for (unsigned k = 0; k < e->config->nsources && m->source[i] == NONE16; k++)
			if (same_source(e, old, m, i, k))
				m->source[i] = (uint16_t)k;
		m->changed |= source_at(&e->model, i)->used && m->source[i] != i;
	}
	for (unsigned i = 0; i < CFG_SINKS && i < sink_count(&e->model); i++) {
		int to = sink_at(&e->model, i)->used
				 ? cfg_sink_index(e->config, sink_at(&e->model, i)->name)
				 : -1;

		m->sink[i] = to < 0 ? NONE16 : (uint16_t)to;
		m->changed |= sink_at(&e->model, i)->used && to != (int)i;
	}
}

static uint16_t mapped_by(const struct maps *m, uint16_t by)
{
	uint16_t source = by ? mapped(m->source, CFG_SOURCES, by - 1u) : NONE16;

	return source == NONE16 ? 0 : (uint16_t)(source + 1);
}

static void components_remap(struct engine *e, const struct maps *m)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		struct component_row c = *component_at(&e->model, i);
		uint16_t array = mapped(m->array, CFG_ARRAYS, c.array),
			 source = mapped(m->source, CFG_SOURCES, c.source);

		if (!c.used)
			continue;
		/* a component without its source is only forgotten when the array is gone too: marks stay */
		if (array == NONE16) {
			component_forget(e, i, NULL);
			continue;
		}
		c.array = array;
		c.source = source;
		c.serial_by = mapped_by(m, c.serial_by);
		c.firmware_by = mapped_by(m, c.firmware_by);
		if (memcmp(&c, component_at(&e->model, i), sizeof(c)) != 0)
			emit(e, REC_CONFIG, TABLE_COMPONENT, i, &c, SEV_NONE, NULL);
	}
	for (uint32_t i = 0; i < seen_count(&e->model); i++) {
		struct seen_row s = *seen_at(&e->model, i);
		uint16_t source = mapped(m->source, CFG_SOURCES, s.source);

		if (!s.used || source == s.source)
			continue;
		s.used = source != NONE16;
		s.source = source;
		emit(e, REC_CONFIG, TABLE_SEEN, i, &s, SEV_NONE, NULL);
	}
	for (uint32_t i = 0; i < fact_count(&e->model); i++) {
		struct fact_row f = *fact_at(&e->model, i);

		if (!f.used || mapped(m->source, CFG_SOURCES, f.source) == f.source)
			continue;
		f.source = mapped(m->source, CFG_SOURCES, f.source);
		emit(e, REC_CONFIG, TABLE_FACT, i, &f, SEV_NONE, NULL);
	}
}

static void findings_remap(struct engine *e, const struct maps *m)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		struct finding_row f = *finding_at(&e->model, i);
		uint16_t array = mapped(m->array, CFG_ARRAYS, f.array);

		if (!f.used)
			continue;
		f.told = mapped_bits(m, f.told);
		f.open = mapped_bits(m, f.open);
		if (f.array != NONE16 && array == NONE16)
			f.used = 0;
		f.array = f.array == NONE16 ? NONE16 : array;
		for (unsigned k = 0; k < f.nevidence; k++)
			f.evidence[k].source = mapped(m->source, CFG_SOURCES, f.evidence[k].source);
		emit(e, REC_CONFIG, TABLE_FINDING, i, &f, SEV_NONE, NULL);
	}
}

static void alerts_remap(struct engine *e, const struct maps *m)
{
	for (uint32_t i = 0; i < alert_count(&e->model); i++) {
		struct alert_row a = *alert_at(&e->model, i);

		if (!a.used)
			continue;
		a.wanted = mapped_bits(m, a.wanted);
		a.done = mapped_bits(m, a.done);
		a.parked = mapped_bits(m, a.parked);
		a.array = a.array == NONE16 ? NONE16 : mapped(m->array, CFG_ARRAYS, a.array);
		emit(e, REC_CONFIG, TABLE_ALERT, i, &a, SEV_NONE, NULL);
	}
	for (uint32_t i = 0; i < incident_count(&e->model); i++) {
		struct incident_row n = *incident_at(&e->model, i);
		uint16_t array = mapped(m->array, CFG_ARRAYS, n.array);

		if (!n.used)
			continue;
		n.open = n.open && array != NONE16;
		n.array = array;
		emit(e, REC_CONFIG, TABLE_INCIDENT, i, &n, SEV_NONE, NULL);
	}
}

static void others_remap(struct engine *e, const struct maps *m)
{
	for (uint32_t i = 0; i < group_count(&e->model); i++) {
		struct group_row g = *group_at(&e->model, i);

		if (!g.used)
			continue;
		g.array = mapped(m->array, CFG_ARRAYS, g.array);
		g.used = g.array != NONE16;
		emit(e, REC_CONFIG, TABLE_GROUP, i, &g, SEV_NONE, NULL);
	}
	for (uint32_t i = 0; i < maintenance_count(&e->model); i++) {
		struct maintenance_row w = *maintenance_at(&e->model, i);

		if (!w.used)
			continue;
		w.array = mapped(m->array, CFG_ARRAYS, w.array);
		w.used = w.array != NONE16;
		emit(e, REC_CONFIG, TABLE_MAINTENANCE, i, &w, SEV_NONE, NULL);
	}
}

/* What was done, or waits, for an array that is gone stays on record, for no array. */
static void runs_remap(struct engine *e, const struct maps *m)
{
	for (uint32_t i = 0; i < plan_count(&e->model); i++) {
		struct plan_row p = *plan_at(&e->model, i);

		if (!p.used)
			continue;
		p.array = mapped(m->array, CFG_ARRAYS, p.array);
		emit(e, REC_CONFIG, TABLE_PLAN, i, &p, SEV_NONE, NULL);
	}
	for (uint32_t i = 0; i < run_count(&e->model); i++) {
		struct run_row r = *run_at(&e->model, i);

		if (!r.used)
			continue;
		r.array = mapped(m->array, CFG_ARRAYS, r.array);
		emit(e, REC_CONFIG, TABLE_RUN, i, &r, SEV_NONE, NULL);
	}
}

/* Arrays, sources and sinks are numbered as the configuration is, so their rows themselves move. */
static void rows_move(struct engine *e, enum table table, const uint16_t *map, size_t n)
{
	uint32_t count = e->model.tables[table].count, need = count;
	size_t size = row_size(table);
	unsigned char *old = count ? calloc(count, size) : NULL;
	unsigned char row[ROW_MAX];

	if (!old)
		return;
	memcpy(old, e->model.tables[table].rows, count * size);
	for (uint32_t k = 0; k < count && k < n; k++)
		if (map[k] != NONE16)
			need = MAX_OF(need, map[k] + 1u);
	config_pad_rows(e, table, need);
	for (uint32_t i = 0; i < e->model.tables[table].count; i++) {
		memset(row, 0, sizeof(row));
		for (uint32_t k = 0; k < count && k < n; k++)
			if (map[k] == i)
				memcpy(row, old + k * size, size);
		if (memcmp(row, model_row(&e->model, table, i), size) != 0)
			emit(e, REC_CONFIG, table, i, row, SEV_NONE, NULL);
	}
	free(old);
}

static void unpark(struct engine *e)
{
	for (uint32_t i = 0; i < alert_count(&e->model); i++) {
		struct alert_row a = *alert_at(&e->model, i);

		if (!a.used || !a.parked)
			continue;
		a.parked = 0;
		emit(e, REC_CONFIG, TABLE_ALERT, i, &a, SEV_NONE, NULL);
	}
}

void config_remap(struct engine *e, const struct config *old)
{
	struct maps m;

	advise_forget(e);
	maps_build(e, old, &m);
	if (old)
		unpark(e); /* what a sink refused may be what was corrected */
	if (!m.changed)
		return;
	components_remap(e, &m);
	findings_remap(e, &m);
	alerts_remap(e, &m);
	others_remap(e, &m);
	runs_remap(e, &m);
	rows_move(e, TABLE_ARRAY, m.array, CFG_ARRAYS);
	rows_move(e, TABLE_SOURCE, m.source, CFG_SOURCES);
	rows_move(e, TABLE_SINK, m.sink, CFG_SINKS);
	memset(e->told, 0, sizeof(e->told)); /* a minute's count, by array and sink: it begins anew */
	for (uint32_t i = 0; i < component_count(&e->model); i++)
		engine_touch(e, i);
}
