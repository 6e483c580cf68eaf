/* Models for tests, row by row through model_apply() as a follower gets them. */
#pragma once
#include <assert.h>

#include "agent/view.h"

/* 2023-08-17T02:51:34Z, and half an hour after boot */
#ifndef BUILD_WALL
#define BUILD_WALL INT64_C(1692240694000)
#define BUILD_NOW  UINT64_C(1800000)
#endif
#define AGO(s)     (BUILD_WALL - (int64_t)(s)*1000)

static inline struct view view_of(const struct model *m)
{
	return (struct view){.model = m, .now_ms = BUILD_NOW, .wall_ms = BUILD_WALL};
}

static inline uint32_t build_row(struct model *m, enum table t, const void *row)
{
	struct record r = {.sequence = m->sequence + 1, .table = (uint16_t)t, .index = model_free_index(m, t),
		.wall_ms = BUILD_WALL};

	memcpy(r.row, row, row_size(t));
	if (model_apply(m, &r) < 0)
		abort();
	return r.index;
}

static inline void build_self(struct model *m)
{
	struct self_row s = {.used = 1, .journal = JOURNAL_OK, .locked_memory = 1, .ready = 1, .config_ok = 1,
		.started_wall_ms = AGO(1800), .host = "stor1.example.net", .version = "0.1.0",
		.control_group = "ballast-operators"};

	build_row(m, TABLE_SELF, &s);
}

static inline uint32_t build_array(struct model *m, const char *name, enum verdict verdict, int margin, int expected)
{
	struct array_row a = {.used = 1, .verdict = (uint8_t)verdict, .visibility = VISIBILITY_FULL, .margin_known = 1,
		.margin = (int16_t)margin, .margin_max = (int16_t)margin, .expected = (int16_t)expected,
		.incident = NONE16, .limiting_group = NONE16, .since_wall_ms = AGO(113), .vendor = "IBM",
		.model = "2076-124", .services = "dns, imap, web"};
	struct source_row s = {.used = 1, .type = SOURCE_EXEC, .outcome = OUTCOME_OK, .answered = 1, .interval_ms = 5000,
		.success_ms = BUILD_NOW - 3000, .success_wall_ms = AGO(3)};
	uint32_t i;

	copy_text(a.name, sizeof(a.name), name);
	copy_text(a.serial, sizeof(a.serial), "78A0000");
	i = build_row(m, TABLE_ARRAY, &a);
	s.array = (uint16_t)i;
	build_row(m, TABLE_SOURCE, &s);
	return i;
}

static inline uint32_t build_component(struct model *m, uint32_t array, enum kind kind, const char *name, enum state state)
{
	static const uint8_t health[STATE_COUNT] = {[STATE_OK] = HEALTH_OK, [STATE_DEGRADED] = HEALTH_WARNING,
		[STATE_SERVICE] = HEALTH_FAILED, [STATE_FAILED] = HEALTH_FAILED, [STATE_ABSENT] = HEALTH_ABSENT,
		[STATE_TRANSITION] = HEALTH_WARNING};
	struct component_row c = {.used = 1, .kind = (uint8_t)kind, .state = (uint8_t)state, .reported = (uint8_t)state,
		.health = health[state], .array = (uint16_t)array, .slot = -1, .state_wall_ms = AGO(282)};
	struct seen_row s = {.used = 1, .outcome = OUTCOME_OK, .interval_ms = 5000, .read_ms = BUILD_NOW - 4000};

	copy_text(c.name, sizeof(c.name), name);
	if (kind == KIND_CANISTER)
		copy_text(c.firmware, sizeof(c.firmware), "7.8.1.11");
	s.component = build_row(m, TABLE_COMPONENT, &c);
	build_row(m, TABLE_SEEN, &s);
	return s.component;
}

static inline uint32_t build_slot(struct model *m, uint32_t array, int slot, enum state state, enum health health)
{
	char name[32];
	uint32_t i;

	format_text(name, sizeof(name), "wwn-0x5000c500a1b2%04x", (unsigned)slot);
	i = build_component(m, array, KIND_DRIVE, name, state);
	component_at(m, i)->slot = (int16_t)slot;
	component_at(m, i)->health = (uint8_t)health;
	format_text(component_at(m, i)->serial, sizeof(component_at(m, i)->serial), "S3A0N%04d", slot);
	return i;
}

static inline uint32_t build_group(struct model *m, uint32_t array, enum group_kind kind, const char *name,
	const uint32_t *members, unsigned n, unsigned need)
{
	struct group_row g = {.used = 1, .kind = (uint8_t)kind, .array = (uint16_t)array, .need = (uint16_t)need,
		.members = (uint16_t)n, .expected = (int16_t)(n - need)};
	uint32_t i;

	copy_text(g.name, sizeof(g.name), name);
	for (unsigned k = 0; k < n; k++) {
		enum state s = component_at(m, members[k])->state;

		g.serving = (uint16_t)(g.serving + (s == STATE_OK || s == STATE_DEGRADED));
		g.undecided = (uint16_t)(g.undecided + (s == STATE_UNKNOWN || s == STATE_UNREACHABLE));
	}
	g.margin = (int16_t)(g.serving - (int)need);
	g.margin_max = (int16_t)(g.margin + g.undecided);
	i = build_row(m, TABLE_GROUP, &g);
	for (unsigned k = 0; k < n; k++) {
		struct member_row w = {.used = 1, .group = i, .component = members[k]};

		build_row(m, TABLE_MEMBER, &w);
	}
	return i;
}

static inline struct finding_row *build_finding(struct model *m, uint32_t array, uint32_t component, const char *rule,
	enum severity severity)
{
	struct finding_row f = {.used = 1, .active = 1, .severity = (uint8_t)severity, .tier = (uint8_t)severity,
		.array = (uint16_t)array, .incident = NONE16, .folded = NONE16, .component = component,
		.id = finding_count(m) + 31, .since_wall_ms = AGO(114)};

	copy_text(f.rule_id, sizeof(f.rule_id), rule);
	return finding_at(m, build_row(m, TABLE_FINDING, &f));
}

/* Two canisters in one group, the array's limiting one. */
static inline uint32_t build_canisters(struct model *m, uint32_t array, enum state a, enum state b)
{
	uint32_t members[2] = {build_component(m, array, KIND_CANISTER, "A", a),
		build_component(m, array, KIND_CANISTER, "B", b)};
	uint32_t g = build_group(m, array, GROUP_CANISTERS, "canisters", members, 2, 1);

	array_at(m, array)->limiting_group = (uint16_t)g;
	array_at(m, array)->margin = group_at(m, g)->margin;
	array_at(m, array)->margin_max = group_at(m, g)->margin_max;
	return members[0];
}
