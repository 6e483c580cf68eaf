/* Rows that the configuration implies, and marks that follow their names through a reload. */
#include "agent/engine_parts.h"

#include <stdio.h>

struct self_row engine_self_row(const struct engine *e)
{
	const struct self_row *s = self_at(&e->model, 0);

	return s ? *s : (struct self_row){.used = 1};
}

static void put_row(
	struct engine *e, enum record_type type, enum table table, uint32_t index, const void *row)
{
	const void *old = model_row(&e->model, table, index);

	if (!old || memcmp(old, row, row_size(table)) != 0)
		emit(e, type, table, index, row, SEV_NONE, NULL);
}

static void self_config(struct engine *e)
{
	struct self_row s = engine_self_row(e);
	bool started = self_at(&e->model, 0);

	s.used = 1;
	s.config_ok = 1;
	memset(s.config_error, 0, sizeof(s.config_error));
	s.simulated = e->config->demo;
	copy_text(s.version, sizeof(s.version), BALLAST_VERSION);
	copy_text(s.host, sizeof(s.host), cfg_str(e->config, e->config->host));
	copy_text(s.control_group, sizeof(s.control_group),
		cfg_str(e->config, e->config->control_group));
	copy_text(s.state_directory, sizeof(s.state_directory),
		cfg_str(e->config, e->config->state_directory));
	if (!started) {
		s.started_wall_ms = e->wall_ms;
		s.next_finding = s.next_run = s.next_incident = 1;
		emit(e, REC_START, TABLE_SELF, 0, &s, SEV_INFO, "Ballast started");
		return;
	}
	put_row(e, REC_CONFIG, TABLE_SELF, 0, &s);
}

static void services_text(const struct config *c, const struct cfg_array *a, char *buf, size_t size)
{
	size_t n = 0;

	memset(buf, 0, size);
	for (unsigned i = 0; i < a->nservices && n < size; i++) {
		if (!format_text(
			    buf + n, size - n, "%s%s", n ? ", " : "", cfg_list(c, a->services, i)))
			memset(buf + n, 0, size - n);
		n = strlen(buf);
	}
}

static void array_config(struct engine *e, unsigned i)
{
	const struct cfg_array *c = &e->config->arrays[i];
	struct array_row a = {.incident = NONE16,
		.limiting_group = NONE16,
		.since_ms = e->now_ms,
		.since_wall_ms = e->wall_ms};

	if (array_at(&e->model, i) && array_at(&e->model, i)->used)
		a = *array_at(&e->model, i);
	a.used = 1;
	a.simulated = c->simulated;
	a.local = c->local;
	copy_text(a.name, sizeof(a.name), cfg_str(e->config, c->name));
	if (c->serial)
		copy_text(a.serial, sizeof(a.serial), cfg_str(e->config, c->serial));
	services_text(e->config, c, a.services, sizeof(a.services));
	put_row(e, REC_ARRAY, TABLE_ARRAY, i, &a);
}

static void source_config(struct engine *e, unsigned i)
{
	const struct cfg_source *c = &e->config->sources[i];
	struct source_row s = {};

	if (source_at(&e->model, i) && source_at(&e->model, i)->used)
		s = *source_at(&e->model, i);
	s.used = 1;
	s.type = c->type;
	s.plane = c->plane;
	s.array = c->array;
	s.interval_ms = cfg_pace_ms(c);
	put_row(e, REC_SOURCE, TABLE_SOURCE, i, &s);
}

static void sink_config(struct engine *e, unsigned i)
{
	const struct cfg_sink *c = &e->config->sinks[i];
	struct sink_row s = {};

	if (sink_at(&e->model, i) && sink_at(&e->model, i)->used)
		s = *sink_at(&e->model, i);
	s.used = 1;
	s.type = c->type;
	s.heartbeat_ms = c->heartbeat_ms;
	copy_text(s.name, sizeof(s.name), cfg_str(e->config, c->name));
	put_row(e, REC_SINK, TABLE_SINK, i, &s);
}

/* A run or an alert that says the number of a row would speak of another plan. */
static bool plan_spoken_of(const struct model *m, uint32_t plan)
{
	for (uint32_t i = 0; i < run_count(m); i++)
		if (run_at(m, i)->used && run_at(m, i)->plan == plan)
			return true;
	for (uint32_t i = 0; i < alert_count(m); i++)
		if (alert_at(m, i)->used && alert_at(m, i)->plan == plan)
			return true;
	return false;
}

static uint32_t plan_free_row(const struct model *m)
{
	for (uint32_t i = 0; i < plan_count(m); i++)
		if (!plan_at(m, i)->used && !plan_spoken_of(m, i))
			return i;
	return plan_count(m);
}

static uint8_t file_says(const struct cfg_plan *c)
{
	return (uint8_t)(1 | c->armed << 1 | c->armed_said << 2 | c->mode << 3);
}

/* What people armed or disarmed stays while the file says of it what it said then, and of the same array. */
static bool still_armed(const struct plan_row *p, const struct cfg_plan *c)
{
	if (p->file_says && p->file_says != file_says(c))
		return c->armed;
	return p->armed && (c->armed || (p->file_says && p->array == c->array));
}

static uint32_t plan_named(const struct model *m, const char *name)
{
	for (uint32_t i = 0; i < plan_count(m); i++)
		if (plan_at(m, i)->used && text_equal(plan_at(m, i)->name, name))
			return i;
	return NONE32;
}

static void plan_config(struct engine *e, unsigned i)
{
	const struct cfg_plan *c = &e->config->plans[i];
	uint32_t at = plan_named(&e->model, cfg_str(e->config, c->name));
	struct plan_row p = {.used = 1, .run = NONE32, .armed = c->armed};
	bool armed = c->armed;
	char text[TEXT_MAX];

	if (at != NONE32) {
		p = *plan_at(&e->model, at);
		armed = still_armed(&p, c);
	} else {
		at = plan_free_row(&e->model);
	}
	p.config = (uint16_t)i;
	p.array = c->array;
	p.mode = c->mode;
	p.file_says = file_says(c);
	p.rehearse_every_ms = c->rehearse_every_ms;
	copy_text(p.name, sizeof(p.name), cfg_str(e->config, c->name));
	copy_text(p.target, sizeof(p.target), cfg_str(e->config, c->target));
	if (armed == p.armed) {
		put_row(e, REC_PLAN, TABLE_PLAN, at, &p);
		return;
	}
	p.armed = armed;
	format_text(text, sizeof(text), "plan '%s' %s: the configuration was changed", p.name,
		armed ? "armed" : "disarmed");
	emit(e, armed ? REC_ARMED : REC_DISARMED, TABLE_PLAN, at, &p, SEV_INFO, text);
}

/* Rows in the model that no longer have anything in the configuration behind them. */
static void drop_beyond(struct engine *e, enum table table, uint32_t from)
{
	unsigned char row[ROW_MAX];

	for (uint32_t i = from; i < e->model.tables[table].count; i++) {
		memcpy(row, model_row(&e->model, table, i), row_size(table));
		if (!row[0])
			continue;
		row[0] = 0; /* every row starts with "used" */
		emit(e, REC_CONFIG, table, i, row, SEV_NONE, NULL);
	}
}

/* Rows are numbered as the configuration is: gaps are filled with unused ones. */
void config_pad_rows(struct engine *e, enum table table, uint32_t count)
{
	static const unsigned char nothing[ROW_MAX];

	while (e->model.tables[table].count < count) {
		uint32_t before = e->model.tables[table].count;

		emit(e, REC_CONFIG, table, before, nothing, SEV_NONE, NULL);
		if (e->model.tables[table].count == before)
			return;
	}
}

static void plans_drop(struct engine *e)
{
	for (uint32_t i = 0; i < plan_count(&e->model); i++) {
		struct plan_row p = *plan_at(&e->model, i);

		if (!p.used || cfg_plan_index(e->config, p.name) >= 0)
			continue;
		p.config = NONE16; /* and plans_update() forgets it when no run needs it */
		put_row(e, REC_PLAN, TABLE_PLAN, i, &p);
	}
}

void config_rows(struct engine *e)
{
	const struct config *c = e->config;

	self_config(e);
	config_pad_rows(e, TABLE_ARRAY, c->narrays);
	config_pad_rows(e, TABLE_SOURCE, c->nsources);
	config_pad_rows(e, TABLE_SINK, c->nsinks);
	for (unsigned i = 0; i < c->narrays; i++)
		array_config(e, i);
	drop_beyond(e, TABLE_ARRAY, c->narrays);
	for (unsigned i = 0; i < c->nsources; i++)
		source_config(e, i);
	drop_beyond(e, TABLE_SOURCE, c->nsources);
	for (unsigned i = 0; i < c->nsinks; i++)
		sink_config(e, i);
	drop_beyond(e, TABLE_SINK, c->nsinks);
	plans_drop(e);
	for (unsigned i = 0; i < c->nplans; i++)
		plan_config(e, i);
}
