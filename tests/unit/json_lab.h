/* What the tests of JSON share: a value by its path, and an incident of which everything is told. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "agent/view.h"
#include "build_model.h"

static inline void putp(struct json_object **o)
{
	json_object_put(*o);
}

/* "arrays.0.margin"; *@ret_found tells null from absent */
static inline struct json_object *at(struct json_object *o, const char *path, bool *ret_found)
{
	char part[64];

	*ret_found = true;
	while (*path && *ret_found) {
		size_t n = strcspn(path, ".");

		format_text(part, sizeof(part), "%.*s", (int)n, path);
		if (json_object_is_type(o, json_type_array)) {
			size_t i = strtoul(part, NULL, 10);

			*ret_found = i < json_object_array_length(o);
			o = *ret_found ? json_object_array_get_idx(o, i) : NULL;
		} else {
			*ret_found = json_object_object_get_ex(o, part, &o);
		}
		path += n + (path[n] == '.');
	}
	return o;
}

static inline struct json_object *must(struct json_object *o, const char *path)
{
	bool found;
	struct json_object *v = at(o, path, &found);

	if (!found)
		print_error("missing: %s\n", path);
	assert_true(found);
	return v;
}

static inline void is_text(struct json_object *o, const char *path, const char *text)
{
	struct json_object *v = must(o, path);

	if (!text) {
		assert_null(v);
		return;
	}
	assert_non_null(v);
	assert_string_equal(json_object_get_string(v), text);
}

/* The incident of the page: B out of service, A failing, a run that waits, a sink that does not take. */
static inline void incident(struct model *m)
{
	uint32_t a, index;
	struct finding_row *f;
	struct run_row run = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.mode = RUN_MODE_APPROVED,
		.id = 147,
		.since_wall_ms = AGO(113),
		.approve_until_wall_ms = BUILD_WALL + 581000,
		.incident = 31};
	struct step_row step = {.used = 1,
		.state = STEP_DONE,
		.name = "dns",
		.verbs_done = 1u << VERB_CHECK | 1u << VERB_FENCE,
		.exit_kind = EXIT_BY_CODE};
	struct plan_row plan = {.used = 1,
		.state = RUN_WAITING_APPROVAL,
		.mode = MODE_APPROVE,
		.armed = 1,
		.name = "san1-to-standby",
		.target = "stor2",
		.drill_wall_ms = AGO(86400),
		.drill_ms = 41000,
		.drill_ok = 1,
		.refused_gate = "hold",
		.refused_why = "held for 10 min",
		.refused_wall_ms = AGO(20)};
	struct sink_row sink = {.used = 1,
		.state = SINK_RETRYING,
		.type = SINK_SLACK,
		.queued = 2,
		.oldest_wall_ms = AGO(91),
		.error_wall_ms = AGO(10),
		.next_try_wall_ms = BUILD_WALL + 18000,
		.name = "backup",
		.error = "connection refused"};
	struct sink_row fine = {.used = 1,
		.state = SINK_OK,
		.type = SINK_WEBHOOK,
		.success_wall_ms = AGO(10),
		.name = "oncall",
		.heartbeat_ms = 60000,
		.heartbeat_wall_ms = AGO(12)};
	struct incident_row i = {.used = 1,
		.open = 1,
		.severity = SEV_CRITICAL,
		.id = 31,
		.since_wall_ms = AGO(627)};

	build_self(m);
	a = build_array(m, "san1", VERDICT_IMPENDING_LOSS, 0, 1);
	build_canisters(m, a, STATE_DEGRADED, STATE_SERVICE);
	array_at(m, a)->incident = (uint16_t)build_row(m, TABLE_INCIDENT, &i);
	f = build_finding(m, a, 0, "canister.degraded", SEV_CRITICAL);
	f->incident = 0;
	f->nevidence = 2;
	f->evidence[0] = (struct evidence){.has_was = 1,
		.state = STATE_DEGRADED,
		.was_state = STATE_OK,
		.at_wall_ms = AGO(114)};
	f->evidence[1] = (struct evidence){
		.fact = FACT_READ_MS, .value = 480, .has_was = 1, .was = 3, .at_wall_ms = AGO(114)};
	f = build_finding(m, a, 1, "path.lost", SEV_WARNING);
	f->folded = 0;
	build_row(m, TABLE_FACT,
		&(struct fact_row){
			.used = 1, .fact = FACT_READ_MS, .component = 0, .value = 480, .was = 3});
	plan.run = index = build_row(m, TABLE_RUN, &run);
	step.run = index;
	build_row(m, TABLE_STEP, &step);
	step = (struct step_row){
		.used = 1, .state = STEP_TODO, .name = "imap", .index = 1, .run = index};
	build_row(m, TABLE_STEP, &step);
	build_row(m, TABLE_PLAN, &plan);
	build_row(m, TABLE_SINK, &sink);
	build_row(m, TABLE_SINK, &fine);
}
