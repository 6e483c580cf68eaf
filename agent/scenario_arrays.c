/* A scenario's arrays: from "2 canisters, 24 drives" to components with names, sources and first facts. */
#include "agent/scenario_parts.h"

#include <stdio.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* How one kind of source of a simulated array looks. */
static const struct look {
	const char *poll;
	uint8_t plane;
	uint32_t interval_ms;
} looks[SCENARIO_SOURCES] = {{"drive", PLANE_INBAND, 10 * MINUTE},
	{"path", PLANE_INBAND, 2 * SECOND}, {"canister", PLANE_MANAGEMENT, 5 * SECOND}};
enum { LOOK_DRIVES, LOOK_PATHS, LOOK_MANAGEMENT };

struct array_build {
	struct scenario_build *sb;
	int node;
	unsigned array;
	int source[SCENARIO_SOURCES]; /* index into config.sources, -1 not made yet */
};

static const char *word(const struct array_build *a, const char *key, const char *otherwise)
{
	return ydoc_text(a->sb->doc, ydoc_get(a->sb->doc, a->node, key), otherwise);
}

static unsigned number(const struct array_build *a, const char *key, unsigned otherwise)
{
	uint64_t n = ydoc_number(a->sb->doc, ydoc_get(a->sb->doc, a->node, key), otherwise);

	return n > 1024 ? 1024 : (unsigned)n;
}

static uint16_t source_of(struct array_build *a, unsigned look)
{
	struct config *c = &a->sb->s->config;
	int poll = ydoc_get(a->sb->doc, a->node, "poll");
	uint64_t ms = ydoc_duration(
		a->sb->doc, ydoc_get(a->sb->doc, poll, looks[look].poll), looks[look].interval_ms);

	if (a->source[look] < 0 && c->nsources < CFG_SOURCES) {
		a->source[look] = c->nsources;
		c->sources[c->nsources++] = (struct cfg_source){.array = (uint16_t)a->array,
			.type = SOURCE_SCENARIO,
			.plane = looks[look].plane,
			.interval_ms = (uint32_t)MIN_OF(ms, (uint64_t)UINT32_MAX),
			.timeout_ms = SECOND};
	}
	return (uint16_t)(a->source[look] < 0 ? 0 : a->source[look]);
}

static struct scenario_component *component_add(
	struct array_build *a, enum kind kind, unsigned look)
{
	struct scenario *s = a->sb->s;
	struct scenario_component *c;

	if (s->ncomponents == SCENARIO_COMPONENTS) {
		if (!a->sb->too_many)
			ydoc_complain(a->sb->doc, a->node,
				"too many: at most %d components in a scenario",
				SCENARIO_COMPONENTS);
		a->sb->too_many = true;
		return NULL;
	}
	c = &s->components[s->ncomponents++];
	*c = (struct scenario_component){
		.array = (uint16_t)a->array, .kind = (uint8_t)kind, .slot = -1};
	c->source = source_of(a, look);
	copy_text(c->vendor, sizeof(c->vendor), word(a, "vendor", ""));
	return c;
}

static void fact(struct scenario_component *c, enum fact f, double value)
{
	if (c->nfacts < SCENARIO_FACTS)
		c->facts[c->nfacts++] = (struct reading_fact){.fact = (uint16_t)f, .value = value};
}

static void add_canister(struct array_build *a, unsigned i)
{
	struct scenario_component *c = component_add(a, KIND_CANISTER, LOOK_MANAGEMENT);

	if (!c)
		return;
	format_text(c->name, sizeof(c->name), "%c", (char)('A' + i % 26));
	format_text(c->serial, sizeof(c->serial), "%s-%u", word(a, "serial", "SIM"), i + 1);
	copy_text(c->model, sizeof(c->model), word(a, "model", ""));
	copy_text(c->firmware, sizeof(c->firmware), word(a, "firmware", ""));
	copy_text(c->enclosure, sizeof(c->enclosure), "1");
	c->slot = (int16_t)(i + 1);
	fact(c, FACT_NEEDS_SERVICE, 0);
	fact(c, FACT_ERROR_CODE, 0);
	fact(c, FACT_RESTARTS, 0);
	fact(c, FACT_READ_MS, 2);
}

/* host0-A, host1-A, host0-B, host1-B: two ports of the host, each to each canister. */
static void add_path(struct array_build *a, unsigned i, unsigned paths, unsigned canisters)
{
	struct scenario_component *c = component_add(a, KIND_PATH, LOOK_PATHS);
	unsigned per = canisters && paths >= canisters ? paths / canisters : paths;

	if (!c)
		return;
	format_text(c->name, sizeof(c->name), "host%u-%c", i % per,
		(char)('A' + (canisters ? i / per % canisters : 0)));
	fact(c, FACT_RESETS, 0);
	fact(c, FACT_PATH_ERRORS, 0);
}

static void add_drive(struct array_build *a, unsigned i, unsigned per_pool, unsigned parity)
{
	struct scenario_component *c = component_add(a, KIND_DRIVE, LOOK_DRIVES);
	unsigned hours =
		(unsigned)ydoc_number(a->sb->doc, ydoc_get(a->sb->doc, a->node, "drive_hours"), 0);

	if (!c)
		return;
	c->drive_class = CLASS_SCSI_HDD;
	c->slot = (int16_t)(i + 1);
	c->capacity_bytes = UINT64_C(1200243695616);
	format_text(c->serial, sizeof(c->serial), "S3A0N%04u", i + 1);
	copy_text(c->name, sizeof(c->name), c->serial);
	copy_text(c->model, sizeof(c->model), word(a, "drive_model", "ST1200MM0088"));
	copy_text(c->firmware, sizeof(c->firmware), word(a, "drive_firmware", "B57K"));
	copy_text(c->enclosure, sizeof(c->enclosure), "1");
	fact(c, FACT_TEMPERATURE, 31 + i * 7 % 5);
	fact(c, FACT_POWER_ON_HOURS, hours ? hours : 52608 + i % 3);
	fact(c, FACT_GROWN_DEFECTS, 0);
	fact(c, FACT_READ_UNCORRECTED, 0);
	if (!per_pool)
		return;
	format_text(c->group, sizeof(c->group), "pool%u", i / per_pool);
	c->group_need = (uint16_t)(per_pool > parity ? per_pool - parity : 1);
}

static void add_enclosure(struct array_build *a)
{
	struct scenario_component *c = component_add(a, KIND_ENCLOSURE, LOOK_MANAGEMENT);

	if (c)
		copy_text(c->name, sizeof(c->name), "1");
	for (unsigned i = 0; i < number(a, "psus", 0); i++) {
		c = component_add(a, KIND_PSU, LOOK_MANAGEMENT);
		if (!c)
			return;
		format_text(c->name, sizeof(c->name), "%u", i + 1);
		copy_text(c->enclosure, sizeof(c->enclosure), "1");
	}
}

static void build_row(struct array_build *a)
{
	struct build *b = &a->sb->b;
	struct config *c = b->c;
	int clear = ydoc_get(b->doc, a->node, "clear");
	struct cfg_array *row = &c->arrays[c->narrays++];

	b->array_node[a->array] = a->node;
	*row = (struct cfg_array){.simulated = 1};
	row->name = build_text(b, a->node, "name");
	row->serial = build_text(b, a->node, "serial");
	row->expect_canisters = (uint16_t)number(a, "canisters", 2);
	row->expect_paths = (uint16_t)number(a, "paths", 4);
	row->clear_canister_ms =
		(uint32_t)ydoc_duration(b->doc, ydoc_get(b->doc, clear, "canister"), 5 * MINUTE);
	row->clear_path_ms =
		(uint32_t)ydoc_duration(b->doc, ydoc_get(b->doc, clear, "path"), MINUTE);
	row->services = build_list(b, ydoc_get(b->doc, a->node, "services"), &row->nservices);
}

static void array_add(struct scenario_build *sb, int node)
{
	struct array_build a = {
		.sb = sb, .node = node, .array = sb->s->config.narrays, .source = {-1, -1, -1}};
	unsigned canisters = number(&a, "canisters", 2), paths = number(&a, "paths", 4);
	unsigned drives = number(&a, "drives", 0), pools = number(&a, "pools", 0);

	if (sb->s->config.narrays == CFG_ARRAYS)
		return;
	build_row(&a);
	for (unsigned i = 0; i < canisters; i++)
		add_canister(&a, i);
	for (unsigned i = 0; i < paths; i++)
		add_path(&a, i, paths, canisters);
	if (canisters)
		add_enclosure(&a);
	for (unsigned i = 0; i < drives; i++)
		add_drive(&a, i, pools ? (drives + pools - 1) / pools : 0, number(&a, "parity", 1));
}

void scenario_arrays(struct scenario_build *sb, int list)
{
	for (unsigned i = 0; i < ydoc_count(sb->doc, list); i++)
		array_add(sb, ydoc_item(sb->doc, list, i));
}

/* Sources of witnesses are made with the plans; what they find is simulated like the rest. */
static void add_witness(struct scenario_build *sb, unsigned source, const char *address)
{
	struct scenario *s = sb->s;
	unsigned array = s->config.sources[source].array;
	struct scenario_component *c = &s->components[s->ncomponents];

	if (s->ncomponents == SCENARIO_COMPONENTS ||
		scenario_find(s, array, KIND_TARGET, address, 0) >= 0)
		return;
	*c = (struct scenario_component){.array = (uint16_t)array,
		.source = (uint16_t)source,
		.kind = KIND_TARGET,
		.slot = -1};
	copy_text(c->name, sizeof(c->name), address);
	s->ncomponents++;
}

void scenario_witnesses(struct scenario_build *sb)
{
	const struct config *c = &sb->s->config;

	for (unsigned i = 0; i < c->nsources; i++)
		for (unsigned w = 0; c->sources[i].type == SOURCE_WITNESS && w < c->sources[i].argc;
			w++)
			add_witness(sb, i, cfg_list(c, c->sources[i].argv, w));
}

int scenario_find(
	const struct scenario *s, unsigned array, enum kind kind, const char *name, unsigned from)
{
	uint64_t slot = 0;
	bool all = !strcmp(name, "*"), by_slot = kind == KIND_DRIVE && number_parse(name, &slot);

	for (unsigned i = from; i < s->ncomponents; i++) {
		const struct scenario_component *c = &s->components[i];

		if (c->array == array && c->kind == kind &&
			(all || !strcmp(c->name, name) ||
				(by_slot && c->slot > 0 && (uint64_t)c->slot == slot)))
			return (int)i;
	}
	return -1;
}
