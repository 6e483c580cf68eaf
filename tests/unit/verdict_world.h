/* A world with what arrays are made of; included after cmocka by the tests of groups and verdicts. */
#pragma once
#include "world.h"

enum { RAID5 = 1, RAID6 = 2 };

static uint32_t A, B, P[4], D[8];

static inline int start(void **unused)
{
	(void)unused;
	world_start();
	return 0;
}

static inline int end(void **unused)
{
	(void)unused;
	world_end();
	return 0;
}

static inline void two_canisters(void)
{
	A = world_component(KIND_CANISTER, "A", STATE_OK);
	B = world_component(KIND_CANISTER, "B", STATE_OK);
}

/* Two host ports to each canister, asked in-band every 2 s. */
static inline void four_paths(void)
{
	static const char *const names[] = {"p1-A", "p2-A", "p1-B", "p2-B"};

	for (unsigned i = 0; i < 4; i++) {
		P[i] = world_component(KIND_PATH, names[i], STATE_OK);
		world_via(P[i], i < 2 ? A : B);
		world_seen(P[i], 1, PLANE_INBAND, 2000);
	}
	world_source(1, PLANE_INBAND, true);
}

static inline void pool(unsigned drives, unsigned parity, uint32_t via)
{
	char name[16];

	for (unsigned i = 0; i < drives; i++) {
		format_text(name, sizeof(name), "d%u", i);
		D[i] = world_component(KIND_DRIVE, name, STATE_OK);
		if (via != NONE32)
			world_via(D[i], via);
		group_note(&world->e, D[i], "tank", drives - parity);
	}
}

/* Arrays' units by their number; adopted, as paths found at the start are. */
static inline void leads_to(uint32_t path, unsigned unit)
{
	struct component_row c = *component_at(&world->e.model, path);

	format_text(c.unit, sizeof(c.unit), "0x60014050000000000000000000%06u", unit);
	c.flags |= COMPONENT_ADOPTED;
	emit(&world->e, REC_COMPONENT, TABLE_COMPONENT, path, &c, SEV_NONE, NULL);
	world->e.dirty = true;
}

static inline void expect(
	const char *why, enum verdict v, int margin, int expected, enum visibility vis)
{
	struct verdict_input in;
	struct verdict_output o;

	world_settle();
	verdict_gather(&world->e.model, 0, world->e.now_ms, &in);
	verdict_derive(&in, &o);
	if (o.verdict != v || (margin != 99 && o.margin != margin) ||
		o.margin_known != (margin != 99) || o.expected != expected || o.visibility != vis)
		fail_msg("%s: %s %d (%d) known %d visibility %s, expected %s %d (%d) %s", why,
			verdict_text(o.verdict), o.margin, o.expected, o.margin_known,
			visibility_text(o.visibility), verdict_text(v), margin, expected,
			visibility_text(vis));
}

#define FULL    VISIBILITY_FULL
#define PARTIAL VISIBILITY_PARTIAL

#define ROW(f) cmocka_unit_test_setup_teardown(f, start, end)
