#include "view_situations.h"
#include "build_model.h"

void healthy(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_REDUNDANT, 1, 1), paths[4], drives[6];

	build_canisters(m, a, STATE_OK, STATE_OK);
	for (int i = 0; i < 4; i++) {
		char name[16];

		format_text(name, sizeof(name), "host%d-%c", i / 2, "AB"[i % 2]);
		paths[i] = build_component(m, a, KIND_PATH, name, STATE_OK);
	}
	group_at(m, build_group(m, a, GROUP_PATHS, "paths", paths, 4, 1))->margin = 1;
	for (int i = 0; i < 6; i++)
		drives[i] = build_slot(m, a, i + 1, STATE_OK, HEALTH_OK);
	build_group(m, a, GROUP_POOL, "pool0", drives, 6, 4);
	array_at(m, a)->since_wall_ms = AGO(71 * 86400);
}

void unseen_canisters(struct model *m)
{
	healthy(m);
	group_at(m, 0)->unseen = 1;
	array_at(m, 0)->visibility = VISIBILITY_PARTIAL;
}

void failing_drive(struct model *m)
{
	healthy(m);
	build_finding(m, 0, 8, "drive.unheard-of", SEV_WARNING);
	build_finding(m, 0, 9, "drive.acknowledged", SEV_WARNING)->acked = 1;
	finding_at(m, 1)->acked_severity = SEV_WARNING;
	build_finding(m, 0, 9, "drive.noted", SEV_INFO);
}

/* Minutes before: nothing has failed, the array asks for service. */
void asks_for_service(struct model *m)
{
	healthy(m);
	build_finding(m, 0, 1, "canister.needs-service", SEV_WARNING);
}

void asks_for_service_and_taken(struct model *m)
{
	asks_for_service(m);
	finding_at(m, 0)->acked = 1;
	finding_at(m, 0)->acked_severity = SEV_WARNING;
}

void kolab(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_IMPENDING_LOSS, 0, 1);

	build_finding(m, a, build_canisters(m, a, STATE_DEGRADED, STATE_SERVICE),
		"canister.degraded", SEV_CRITICAL);
	array_at(m, a)->redundant_until_wall_ms = AGO(282);
}

/* The same with a run of its plan. */
void moved_by_plan(struct model *m, enum run_state state, enum run_mode mode)
{
	struct run_row r = {.used = 1,
		.id = 7,
		.state = (uint8_t)state,
		.mode = (uint8_t)mode,
		.ended_wall_ms = AGO(60)};
	struct plan_row p = {.used = 1,
		.armed = 1,
		.state = (uint8_t)state,
		.name = "san1-to-standby",
		.target = "standby"};

	kolab(m);
	build_finding(m, 0, 1, "canister.after-service-request", SEV_CRITICAL);
	p.run = build_row(m, TABLE_RUN, &r);
	build_row(m, TABLE_PLAN, &p);
}

void kolab_by_paths(struct model *m)
{
	uint32_t paths[2];

	kolab(m);
	paths[0] = build_component(m, 0, KIND_PATH, "host0-A", STATE_OK);
	paths[1] = build_component(m, 0, KIND_PATH, "host0-B", STATE_FAILED);
	array_at(m, 0)->limiting_group =
		(uint16_t)build_group(m, 0, GROUP_PATHS, "paths", paths, 2, 1);
	build_row(m, TABLE_VIA, &(struct via_row){.used = 1, .component = paths[1], .via = 1});
}

void one_canister(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1);

	build_canisters(m, a, STATE_OK, STATE_SERVICE);
}

void one_canister_other_code(struct model *m)
{
	one_canister(m);
	copy_text(component_at(m, 0)->firmware, sizeof(component_at(m, 0)->firmware), "8.2.1.11");
}

void one_silent(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_AT_RISK, 0, 1);

	build_canisters(m, a, STATE_OK, STATE_UNREACHABLE);
}

void one_lost_one_silent(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, -1, 1);

	build_canisters(m, a, STATE_UNREACHABLE, STATE_FAILED);
}

void both_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_ACCESS_LOST, -1, 1);

	build_canisters(m, a, STATE_FAILED, STATE_SERVICE);
}

void both_lost_unconfirmed(struct model *m)
{
	both_lost(m);
	array_at(m, 0)->verdict = VERDICT_NOT_REDUNDANT;
}

/* Both came back a minute ago; the verdict waits for its five. */
void back_and_waiting(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_ACCESS_LOST, 1, 1);

	build_canisters(m, a, STATE_OK, STATE_OK);
	array_at(m, a)->better_ms = BUILD_NOW - 60000;
	array_at(m, a)->clear_ms = 300000;
}

void one_back_and_waiting(struct model *m)
{
	back_and_waiting(m);
	component_at(m, 1)->state = STATE_SERVICE;
	component_at(m, 1)->health = HEALTH_FAILED;
	array_at(m, 0)->margin = array_at(m, 0)->margin_max = 0;
}

void whole_and_waiting(struct model *m)
{
	back_and_waiting(m);
	array_at(m, 0)->verdict = VERDICT_NOT_REDUNDANT;
}

void paths_lost_with_canister(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1), paths[2];

	build_canisters(m, a, STATE_OK, STATE_FAILED);
	paths[0] = build_component(m, a, KIND_PATH, "host0-A", STATE_OK);
	paths[1] = build_component(m, a, KIND_PATH, "host0-B", STATE_FAILED);
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_PATHS, "paths", paths, 2, 1);
	build_row(m, TABLE_VIA, &(struct via_row){.used = 1, .component = paths[1], .via = 1});
}

void path_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1), paths[2];

	paths[0] = build_component(m, a, KIND_PATH, "host0-A", STATE_OK);
	paths[1] = build_component(m, a, KIND_PATH, "host0-B", STATE_FAILED);
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_PATHS, "paths", paths, 2, 1);
}

/* Every path is among all paths and among those of its unit, and is told once. */
void unit_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_ACCESS_LOST, -1, 1), p[4];

	p[0] = build_component(m, a, KIND_PATH, "host0-A.1", STATE_OK);
	p[1] = build_component(m, a, KIND_PATH, "host0-B.1", STATE_OK);
	p[2] = build_component(m, a, KIND_PATH, "host0-A.2", STATE_FAILED);
	p[3] = build_component(m, a, KIND_PATH, "host0-B.2", STATE_FAILED);
	group_at(m, build_group(m, a, GROUP_PATHS, "paths", p, 4, 1))->margin = 1;
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_PATHS, "paths to ..02", p + 2, 2, 1);
	group_at(m, build_group(m, a, GROUP_PATHS, "paths to ..01", p, 2, 1))->unseen = 1;
}

static void pool(struct model *m, enum verdict verdict, int margin, unsigned lost)
{
	uint32_t a = build_array(m, "san1", verdict, margin, 2), d[8];

	for (unsigned i = 0; i < 8; i++)
		d[i] = build_slot(m, a, (int)i + 1, i < lost ? STATE_FAILED : STATE_OK,
			i < lost ? HEALTH_FAILED : HEALTH_OK);
	array_at(m, a)->limiting_group = (uint16_t)build_group(m, a, GROUP_POOL, "pool0", d, 8, 6);
}

void pool_degraded(struct model *m)
{
	pool(m, VERDICT_DEGRADED, 1, 1);
}

void pool_last(struct model *m)
{
	pool(m, VERDICT_NOT_REDUNDANT, 0, 2);
}

void pool_gone(struct model *m)
{
	pool(m, VERDICT_NOT_REDUNDANT, -1, 3);
}

void psu_lost(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_NOT_REDUNDANT, 0, 1), p[2];

	p[0] = build_component(m, a, KIND_PSU, "1", STATE_FAILED);
	p[1] = build_component(m, a, KIND_PSU, "2", STATE_OK);
	array_at(m, a)->limiting_group = (uint16_t)build_group(m, a, GROUP_PSUS, "psus", p, 2, 1);
}

void three_of_four(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_DEGRADED, 2, 3), c[4];

	for (int i = 0; i < 4; i++)
		c[i] = build_component(m, a, KIND_CANISTER, (const char *[]){"A", "B", "C", "D"}[i],
			i == 2 ? STATE_SERVICE : STATE_OK);
	array_at(m, a)->limiting_group =
		(uint16_t)build_group(m, a, GROUP_CANISTERS, "canisters", c, 4, 1);
}

void blind(struct model *m)
{
	healthy(m);
	array_at(m, 0)->verdict = VERDICT_BLIND;
	array_at(m, 0)->visibility = VISIBILITY_BLIND;
	for (uint32_t i = 0; i < group_count(m); i++)
		group_at(m, i)->unseen = 1;
	source_at(m, 0)->outcome = OUTCOME_TIMEOUT;
	source_at(m, 0)->success_wall_ms = AGO(94);
}

void blind_from_start(struct model *m)
{
	blind(m);
	source_at(m, 0)->success_wall_ms = 0;
}

void forecast(struct model *m)
{
	healthy(m);
	array_at(m, 0)->verdict = VERDICT_AT_RISK;
	array_at(m, 0)->forecast = 1;
	array_at(m, 0)->forecast_margin = -1;
	array_at(m, 0)->forecast_wall_ms = BUILD_WALL + INT64_C(198) * 86400000;
	copy_text(array_at(m, 0)->forecast_cause, sizeof(array_at(m, 0)->forecast_cause),
		"23 of 24 drives reach 32,768 h");
}

void flapping(struct model *m)
{
	healthy(m);
	array_at(m, 0)->verdict = VERDICT_AT_RISK;
	build_finding(m, 0, 3, "path.flapping", SEV_WARNING);
}

void local_drives(struct model *m)
{
	uint32_t a = build_array(m, "local", VERDICT_SINGLE, 0, 0);

	array_at(m, a)->margin_known = 0;
	array_at(m, a)->local = 1;
	for (int i = 0; i < 3; i++) {
		uint32_t d = build_slot(m, a, i, STATE_OK, HEALTH_OK);

		component_at(m, d)->slot = -1;
		format_text(component_at(m, d)->dev, sizeof(component_at(m, d)->dev), "/dev/sd%c",
			"abc"[i]);
	}
}

void local_failing(struct model *m)
{
	struct finding_row *f;

	local_drives(m);
	component_at(m, 1)->health = HEALTH_CRITICAL;
	f = build_finding(m, 0, 1, "drive.pending-sectors/critical", SEV_CRITICAL);
	f->nevidence = 1;
	f->evidence[0] = (struct evidence){.fact = FACT_PENDING, .value = 6};
}

/* A drive that gives no health data: an info finding, and no group that goes on without it. */
void local_unreadable(struct model *m)
{
	local_drives(m);
	component_at(m, 1)->state = STATE_UNKNOWN;
	component_at(m, 1)->health = HEALTH_UNKNOWN;
	build_finding(m, 0, 1, "drive.unreadable", SEV_INFO);
}

void local_unreadable_and_worn(struct model *m)
{
	local_unreadable(m);
	component_at(m, 0)->health = HEALTH_WARNING;
	build_finding(m, 0, 0, "drive.unheard-of", SEV_WARNING);
}

void local_unreadable_acknowledged(struct model *m)
{
	local_unreadable(m);
	finding_at(m, 0)->acked = 1;
	finding_at(m, 0)->acked_severity = SEV_INFO;
}

static void mirror_of(struct model *m, bool both)
{
	uint32_t d[2], g;

	local_unreadable(m);
	array_at(m, 0)->verdict = VERDICT_AT_RISK;
	d[0] = 0;
	d[1] = 1;
	g = build_group(m, 0, GROUP_POOL, "md0", d, 2, 1);
	group_at(m, g)->undecided = 1;
	group_at(m, g)->margin = both ? -1 : 0;
	group_at(m, g)->margin_max = 1;
}

void mirror_goes_on(struct model *m)
{
	mirror_of(m, false);
}

void mirror_may_not(struct model *m)
{
	mirror_of(m, true);
}

void local_empty(struct model *m)
{
	uint32_t a = build_array(m, "local", VERDICT_SINGLE, 0, 0);

	array_at(m, a)->margin_known = 0;
}

void single_path(struct model *m)
{
	uint32_t a = build_array(m, "san1", VERDICT_SINGLE, 0, 0), p[1];

	p[0] = build_component(m, a, KIND_PATH, "host0-A", STATE_OK);
	array_at(m, a)->limiting_group = (uint16_t)build_group(m, a, GROUP_PATHS, "paths", p, 1, 1);
}

void not_judged(struct model *m)
{
	build_array(m, "san1", VERDICT_NONE, 0, 0);
}
