#include "world.h"

struct world *world;

const struct rule rules[] = {
	[WORLD_RULE_RATE] = {.id = "path.flapping", .test = TEST_RATE, .severity = SEV_WARNING},
	[WORLD_RULE_ERROR] = {.id = "canister.error",
		.test = TEST_AT_LEAST,
		.fact = FACT_ERROR_CODE},
	[WORLD_RULE_FAILED_OVER] = {.id = "canister.failed-over",
		.test = TEST_EQUALS,
		.fact = FACT_FAILED_OVER,
		.consequence = 1},
	[WORLD_RULE_CONSEQUENCE] = {.id = "canister.slow",
		.test = TEST_AT_LEAST,
		.fact = FACT_READ_MS,
		.consequence = 1},
	[WORLD_RULE_SPECIAL] = {.id = "component.stale", .test = TEST_SPECIAL},
};
const unsigned rules_count = ARRAY_SIZE(rules);

void emit(struct engine *e, enum record_type type, enum table table, uint32_t index,
	const void *row, enum severity severity, const char *text)
{
	struct record r = {.sequence = e->model.sequence + 1,
		.at_ms = e->now_ms,
		.wall_ms = e->wall_ms,
		.type = (uint16_t)type,
		.table = (uint16_t)table,
		.index = index,
		.severity = (uint8_t)severity};

	copy_text(r.text, sizeof(r.text), text);
	memcpy(r.row, row, row_size(table));
	if (model_apply(&e->model, &r) < 0)
		abort();
	if (text && world->nrecords < WORLD_RECORDS)
		world->records[world->nrecords++] = r;
}

void alert_raise(struct engine *e, struct alert_row *a)
{
	(void)e;
	if (world->nalerts < WORLD_ALERTS)
		world->alerts[world->nalerts++] = *a;
}

bool verdict_allowed(const struct engine *e, unsigned array)
{
	(void)e;
	(void)array;
	return false;
}

void settle(struct engine *e)
{
	for (int i = 0; i < 100; i++) {
		bool changed = groups_update(e, UINT64_MAX);

		changed |= verdicts_update(e, UINT64_MAX);
		changed |= plans_update(e);
		if (!changed)
			return;
	}
	abort(); /* must come to rest */
}

static void put(enum table table, uint32_t index, const void *row)
{
	emit(&world->e, REC_SELF, table, index, row, SEV_NONE, NULL);
}

void world_source(unsigned source, enum plane plane, bool answered)
{
	struct source_row s = {.used = 1,
		.type = SOURCE_EXEC,
		.plane = (uint8_t)plane,
		.outcome = OUTCOME_OK,
		.interval_ms = 5000,
		.answered = answered,
		.success_ms = answered ? world->e.now_ms : 0};

	put(TABLE_SOURCE, source, &s);
}

void world_start(void)
{
	bool full = false;
	struct config *c;
	struct array_row a = {.used = 1, .incident = NONE16, .limiting_group = NONE16};

	world = calloc(1, sizeof(*world));
	world->config = c = calloc(1, sizeof(*c));
	world->e = (struct engine){.config = c, .now_ms = 1000000, .wall_ms = 1700000000000};
	world->e.model.epoch = 1700000000;
	c->narrays = 1;
	c->arrays[0] = (struct cfg_array){.name = cfg_put(c, "san1", &full),
		.serial = cfg_put(c, "78N16G4", &full),
		.clear_canister_ms = 300000,
		.clear_path_ms = 60000};
	copy_text(a.name, sizeof(a.name), "san1");
	copy_text(a.serial, sizeof(a.serial), "78N16G4");
	put(TABLE_ARRAY, 0, &a);
	world_source(0, PLANE_MANAGEMENT, true);
}

void world_end(void)
{
	model_clear(&world->e.model);
	free(world->config);
	free(world);
	world = NULL;
}

void world_pass(uint64_t ms)
{
	world->e.now_ms += ms;
	world->e.wall_ms += (int64_t)ms;
}

void world_settle(void)
{
	settle(&world->e);
}

void world_seen(uint32_t component, unsigned source, enum plane plane, uint32_t interval_ms)
{
	struct model *m = &world->e.model;
	struct seen_row s = {.used = 1,
		.outcome = OUTCOME_OK,
		.plane = (uint8_t)plane,
		.component = component,
		.source = (uint16_t)source,
		.state = component_at(m, component)->state,
		.interval_ms = interval_ms,
		.read_ms = world->e.now_ms,
		.tried_ms = world->e.now_ms};
	uint32_t i;

	for (i = 0; i < seen_count(m); i++)
		if (seen_at(m, i)->component == component && seen_at(m, i)->source == source)
			break;
	put(TABLE_SEEN, i, &s);
}

uint32_t world_component(enum kind kind, const char *name, enum state state)
{
	struct component_row c = {.used = 1,
		.kind = (uint8_t)kind,
		.state = (uint8_t)state,
		.slot = -1,
		.state_ms = world->e.now_ms,
		.state_wall_ms = world->e.wall_ms};
	uint32_t i = component_count(&world->e.model);

	copy_text(c.name, sizeof(c.name), name);
	put(TABLE_COMPONENT, i, &c);
	world_seen(i, 0, PLANE_MANAGEMENT, 0);
	return i;
}

void world_state(uint32_t component, enum state state)
{
	struct component_row c = *component_at(&world->e.model, component);

	if (c.state != state) {
		c.state = (uint8_t)state;
		c.state_ms = world->e.now_ms;
		c.state_wall_ms = world->e.wall_ms;
	}
	put(TABLE_COMPONENT, component, &c);
	for (uint32_t i = 0; i < seen_count(&world->e.model); i++) {
		struct seen_row s = *seen_at(&world->e.model, i);

		s.state = (uint8_t)state;
		if (s.component == component)
			put(TABLE_SEEN, i, &s);
	}
}

void world_fact(uint32_t component, unsigned fact, double value)
{
	struct model *m = &world->e.model;
	struct fact_row f = {.used = 1,
		.fact = (uint16_t)fact,
		.component = component,
		.value = value,
		.changed_ms = world->e.now_ms};
	uint32_t i;

	for (i = 0; i < fact_count(m); i++)
		if (fact_at(m, i)->component == component && fact_at(m, i)->fact == fact)
			break;
	if (i < fact_count(m))
		f.was = fact_at(m, i)->value;
	put(TABLE_FACT, i, &f);
}

void world_via(uint32_t component, uint32_t via)
{
	struct via_row v = {.used = 1, .component = component, .via = via};

	put(TABLE_VIA, via_count(&world->e.model), &v);
}

uint32_t world_finding(unsigned rule, uint32_t component, enum severity tier)
{
	struct finding_row f = {.used = 1,
		.active = 1,
		.severity = (uint8_t)tier,
		.tier = (uint8_t)tier,
		.rule = (uint16_t)rule,
		.component = component,
		.since_ms = world->e.now_ms,
		.folded = NONE16};
	uint32_t i = finding_count(&world->e.model);

	copy_text(f.rule_id, sizeof(f.rule_id), rules[rule].id);
	put(TABLE_FINDING, i, &f);
	return i;
}

const struct group_row *world_group(const char *name)
{
	struct model *m = &world->e.model;

	for (uint32_t i = 0; i < group_count(m); i++)
		if (group_at(m, i)->used && !strcmp(group_at(m, i)->name, name))
			return group_at(m, i);
	return NULL;
}

const struct record *world_last(enum record_type type)
{
	for (unsigned i = world->nrecords; i-- > 0;)
		if (world->records[i].type == type)
			return &world->records[i];
	return NULL;
}

unsigned world_count(enum record_type type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < world->nrecords; i++)
		n += world->records[i].type == type;
	return n;
}

unsigned world_alerts(enum alert_type type)
{
	unsigned n = 0;

	for (unsigned i = 0; i < world->nalerts; i++)
		n += world->alerts[i].type == type;
	return n;
}
