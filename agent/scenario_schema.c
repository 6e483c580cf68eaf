/* The keys of scenario files as tables: CONTRACT "Scenario files". */
#include "agent/scenario_parts.h"

#define WORDS(w)            .kind = YAML_WORD, .words = (w), .nwords = ARRAY_SIZE(w)
#define LIST_OF(i, n, what) .kind = YAML_LIST, .item = (i), .max = (n), .too_many = "at most " what
#define MAP_OF(f)           .kind = YAML_MAP, .fields = (f)

static const char *const states[] = {
	"ok", "degraded", "service", "failed", "absent", "transition", "unreachable", "unknown"};
static const char *const alerts[] = {"any", "finding.firing", "finding.resolved",
	"finding.acknowledged", "array.verdict", "failover.requested", "failover.refused",
	"failover.started", "failover.step", "failover.finished", "failover.frozen",
	"maintenance.started", "maintenance.ended"};
static const char *const runs[] = {"any", "requested", "waiting_approval", "fencing", "promoting",
	"verifying", "done", "failed", "frozen", "aborted", "withdrawn"};
static const char *const allowances[] = {"canister=1", "path=1", "drive=1", "psu=1"};

/* clang-format off */
static const struct yaml_schema canister_count = {.kind = YAML_NUMBER, .min = 0, .max = 8};
static const struct yaml_schema moment = {.kind = YAML_DURATION}; /* since the start: months are fine */
static const struct yaml_schema path_count = {.kind = YAML_NUMBER, .min = 0, .max = 64};
static const struct yaml_schema drive_count = {.kind = YAML_NUMBER, .min = 0, .max = 400};
static const struct yaml_schema pool_count = {.kind = YAML_NUMBER, .min = 0, .max = 8};
static const struct yaml_schema repeat_count = {.kind = YAML_NUMBER, .min = 1, .max = 1000};
static const struct yaml_schema speed = {.kind = YAML_NUMBER, .min = 1, .max = 10000};
static const struct yaml_schema power_on_hours = {.kind = YAML_NUMBER, .max = 1000000};
static const struct yaml_schema short_text = {.kind = YAML_TEXT, .max = 15};
static const struct yaml_schema firmware = {.kind = YAML_TEXT, .max = 23};
static const struct yaml_schema serial = {.kind = YAML_TEXT, .max = 39};
static const struct yaml_schema model = {.kind = YAML_TEXT, .max = 47};
static const struct yaml_schema source_url = {.kind = YAML_TEXT, .max = 255, .valid = url_valid};
static const struct yaml_schema about = {.kind = YAML_PROSE, .max = 511};
static const struct yaml_schema line = {.kind = YAML_TEXT, .max = 127};
static const struct yaml_schema id = {.kind = YAML_TEXT, .max = 95};
static const struct yaml_schema state = {WORDS(states)};
static const struct yaml_schema alert = {WORDS(alerts)};
static const struct yaml_schema run = {WORDS(runs)};
static const struct yaml_schema allow = {WORDS(allowances)};
static const struct yaml_schema fact_map = {.kind = YAML_FREE, .item = &real_schema};
static const struct yaml_schema margin = {.kind = YAML_REAL};

static const struct yaml_field poll_fields[] = {
	{"canister", &duration_schema}, {"path", &duration_schema}, {"drive", &duration_schema}, {}};
static const struct yaml_schema poll = {MAP_OF(poll_fields)};
static const struct yaml_field array_fields[] = {
	{"name", &name_schema, true}, {"serial", &serial}, {"vendor", &short_text}, {"model", &model},
	{"firmware", &firmware}, {"drive_model", &model}, {"drive_firmware", &firmware}, {"drive_hours", &power_on_hours},
	{"canisters", &canister_count}, {"paths", &path_count}, {"drives", &drive_count},
	{"psus", &canister_count}, {"pools", &pool_count}, {"parity", &canister_count},
	{"services", &services_schema}, {"clear", &clear_schema}, {"poll", &poll}, {}};
static const struct yaml_schema array = {MAP_OF(array_fields)};
static const struct yaml_schema array_list = {LIST_OF(&array, 8, "8 arrays in a scenario")};

static const struct yaml_field event_fields[] = {
	{"at", &moment, true}, {"every", &moment}, {"times", &repeat_count}, {"array", &name_schema},
	{"canister", &id}, {"drive", &id}, {"path", &id}, {"enclosure", &id}, {"target", &id}, {"psu", &id},
	{"state", &state}, {"raw", &model}, {"limit", &duration_schema}, {"facts", &fact_map}, {"add", &fact_map},
	{"message", &line}, {"firmware", &firmware}, {"serial", &serial}, {"model", &model},
	{"uptime", &moment}, {"silent", &bool_schema}, {"sink", &name_schema},
	{"down", &bool_schema}, {"operator", &line}, {"maintenance", &id}, {"for", &duration_schema},
	{"allow", &allow}, {"restart", &bool_schema}, {}};
static const struct yaml_schema event = {MAP_OF(event_fields)};
static const struct yaml_schema event_list = {LIST_OF(&event, SCENARIO_EVENTS, "2048 events")};

static const struct yaml_field expect_fields[] = {
	{"verdict", &verdict_schema}, {"margin", &margin}, {"finding", &id}, {"cleared", &id}, {"alert", &alert},
	{"step", &name_schema}, {"refused", &name_schema}, {"run", &run}, {"array", &name_schema},
	{"component", &id}, {"severity", &severity_schema}, {"by", &moment},
	{"not_before", &moment}, {"never", &bool_schema}, {}};
static const struct yaml_schema expect = {MAP_OF(expect_fields)};
static const struct yaml_schema expect_list = {LIST_OF(&expect, SCENARIO_EXPECTS, "128 expectations")};

static const struct yaml_field scenario_fields[] = {
	{"name", &name_schema, true}, {"about", &about, true}, {"source", &source_url}, {"demo_speed", &speed},
	{"length", &moment}, {"arrays", &array_list, true}, {"sinks", &sinks_schema},
	{"plans", &plans_schema}, {"timeline", &event_list, true}, {"expect", &expect_list}, {}};
const struct yaml_schema scenario_schema = {MAP_OF(scenario_fields)};
/* clang-format on */
