#include "agent/model.h"

/* clang-format off */
static const char *const record_type_words[REC_TYPE_COUNT] = {
	[REC_NONE] = "none", [REC_START] = "start", [REC_CONFIG] = "config",
	[REC_CONFIG_REFUSED] = "config refused", [REC_ROLE_DIED] = "role died", [REC_SELF] = "self",
	[REC_SOURCE] = "source", [REC_SOURCE_FAILED] = "source failed", [REC_SEEN] = "seen",
	[REC_FACT] = "fact", [REC_COMPONENT_NEW] = "component new", [REC_COMPONENT] = "component",
	[REC_STATE_CHANGED] = "state changed", [REC_COMPONENT_REMOVED] = "component removed",
	[REC_COMPONENT_FORGOTTEN] = "component forgotten", [REC_ADOPTED] = "adopted",
	[REC_FINDING_FIRING] = "finding firing", [REC_FINDING_WORSE] = "finding worse",
	[REC_FINDING_CHANGED] = "finding changed", [REC_FINDING_CLEARED] = "finding cleared",
	[REC_ACKNOWLEDGED] = "acknowledged", [REC_UNACKNOWLEDGED] = "unacknowledged",
	[REC_SERD] = "serd", [REC_GROUP] = "group", [REC_VERDICT] = "verdict", [REC_ARRAY] = "array",
	[REC_INCIDENT_OPENED] = "incident opened", [REC_INCIDENT_CLOSED] = "incident closed",
	[REC_INCIDENT] = "incident", [REC_ALERT_NEW] = "alert new",
	[REC_ALERT_DELIVERED] = "alert delivered", [REC_ALERT_PARKED] = "alert parked",
	[REC_ALERT_DONE] = "alert done", [REC_SINK] = "sink", [REC_PLAN] = "plan",
	[REC_ARMED] = "armed", [REC_DISARMED] = "disarmed", [REC_REFUSED] = "refused",
	[REC_RUN_REQUESTED] = "run requested", [REC_RUN_APPROVED] = "run approved",
	[REC_RUN_WITHDRAWN] = "run withdrawn", [REC_RUN] = "run", [REC_RUN_FINISHED] = "run finished",
	[REC_RUN_FROZEN] = "run frozen", [REC_STEP] = "step", [REC_VERB_STARTED] = "verb started",
	[REC_VERB_FINISHED] = "verb finished", [REC_MAINTENANCE_STARTED] = "maintenance started",
	[REC_MAINTENANCE_ENDED] = "maintenance ended", [REC_NAME] = "name",
	[REC_CLEARED_RUN] = "cleared run", [REC_DAILY] = "daily",
};
static const char *const run_state_words[RUN_STATE_COUNT] = {
	[RUN_IDLE] = "idle", [RUN_REQUESTED] = "requested", [RUN_WAITING_APPROVAL] = "waiting_approval",
	[RUN_FENCING] = "fencing", [RUN_PROMOTING] = "promoting", [RUN_VERIFYING] = "verifying",
	[RUN_DONE] = "done", [RUN_FAILED] = "failed", [RUN_FROZEN] = "frozen",
	[RUN_ABORTED] = "aborted", [RUN_WITHDRAWN] = "withdrawn",
};
static const char *const run_mode_words[RUN_MODE_COUNT] = {
	[RUN_MODE_AUTO] = "auto", [RUN_MODE_APPROVED] = "approved", [RUN_MODE_MANUAL] = "manual",
	[RUN_MODE_DRILL] = "drill", [RUN_MODE_DRY] = "dry-run",
};
static const char *const step_state_words[STEP_STATE_COUNT] = {
	[STEP_TODO] = "todo", [STEP_NOW] = "now", [STEP_DONE] = "done", [STEP_FAILED] = "failed",
	[STEP_UNKNOWN] = "unknown", [STEP_SKIPPED] = "skipped",
};
static const char *const visibility_words[VISIBILITY_COUNT] = {
	[VISIBILITY_NONE] = "none", [VISIBILITY_FULL] = "full", [VISIBILITY_PARTIAL] = "partial",
	[VISIBILITY_BLIND] = "blind",
};
static const char *const group_kind_words[GROUP_KIND_COUNT] = {
	[GROUP_CANISTERS] = "canisters", [GROUP_PATHS] = "paths", [GROUP_PSUS] = "psus",
	[GROUP_POOL] = "pool", [GROUP_CUSTOM] = "custom",
};
static const char *const sink_state_words[SINK_STATE_COUNT] = {
	[SINK_OK] = "ok", [SINK_RETRYING] = "retrying", [SINK_PARKED] = "parked",
};
static const char *const journal_state_words[JOURNAL_STATE_COUNT] = {
	[JOURNAL_OFF] = "off", [JOURNAL_OK] = "ok", [JOURNAL_FAILING] = "failing",
};
static const char *const exit_kind_words[EXIT_KIND_COUNT] = {
	[EXIT_NOT_YET] = "not yet", [EXIT_BY_CODE] = "code", [EXIT_BY_SIGNAL] = "signal",
	[EXIT_BY_TIMEOUT] = "timeout", [EXIT_NO_SPAWN] = "could not be started", [EXIT_LOST] = "lost",
};
static const char *const alert_type_words[ALERT_TYPE_COUNT] = {
	[ALERT_FINDING_FIRING] = "finding.firing", [ALERT_FINDING_RESOLVED] = "finding.resolved",
	[ALERT_FINDING_ACKNOWLEDGED] = "finding.acknowledged", [ALERT_ARRAY_VERDICT] = "array.verdict",
	[ALERT_FAILOVER_REQUESTED] = "failover.requested",
	[ALERT_FAILOVER_REFUSED] = "failover.refused", [ALERT_FAILOVER_STARTED] = "failover.started",
	[ALERT_FAILOVER_STEP] = "failover.step", [ALERT_FAILOVER_FINISHED] = "failover.finished",
	[ALERT_FAILOVER_FROZEN] = "failover.frozen",
	[ALERT_MAINTENANCE_STARTED] = "maintenance.started",
	[ALERT_MAINTENANCE_ENDED] = "maintenance.ended", [ALERT_TEST] = "alert.test",
	[ALERT_HEARTBEAT] = "heartbeat",
};
/* clang-format on */

const char *record_type_text(enum record_type v)
{
	return word_in(record_type_words, ARRAY_SIZE(record_type_words), (size_t)v);
}

const char *run_state_text(enum run_state v)
{
	return word_in(run_state_words, ARRAY_SIZE(run_state_words), (size_t)v);
}

const char *run_mode_text(enum run_mode v)
{
	return word_in(run_mode_words, ARRAY_SIZE(run_mode_words), (size_t)v);
}

const char *step_state_text(enum step_state v)
{
	return word_in(step_state_words, ARRAY_SIZE(step_state_words), (size_t)v);
}

const char *visibility_text(enum visibility v)
{
	return word_in(visibility_words, ARRAY_SIZE(visibility_words), (size_t)v);
}

const char *group_kind_text(enum group_kind v)
{
	return word_in(group_kind_words, ARRAY_SIZE(group_kind_words), (size_t)v);
}

const char *sink_state_text(enum sink_state v)
{
	return word_in(sink_state_words, ARRAY_SIZE(sink_state_words), (size_t)v);
}

const char *journal_state_text(enum journal_state v)
{
	return word_in(journal_state_words, ARRAY_SIZE(journal_state_words), (size_t)v);
}

const char *exit_kind_text(enum exit_kind v)
{
	return word_in(exit_kind_words, ARRAY_SIZE(exit_kind_words), (size_t)v);
}

const char *alert_type_text(enum alert_type v)
{
	return word_in(alert_type_words, ARRAY_SIZE(alert_type_words), (size_t)v);
}

bool group_is_unit(const struct group_row *g)
{
	return g->kind == GROUP_PATHS &&
	       !strncmp(g->name, GROUP_UNIT_PREFIX, strlen(GROUP_UNIT_PREFIX));
}

const char *group_unit_text(const struct group_row *g)
{
	return group_is_unit(g) ? g->name + strlen(GROUP_UNIT_PREFIX) : "";
}
