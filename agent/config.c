#include "agent/config.h"

/* what passes between a worker's answer and its being judged */
enum { CFG_LATE_MS = 1000 };

const char *cfg_str(const struct config *c, cfg_text t)
{
	return t < c->pool_used ? c->pool + t : "";
}

const char *cfg_list(const struct config *c, cfg_text list, unsigned i)
{
	const char *p = cfg_str(c, list);

	while (i--)
		p += strlen(p) + 1;
	return p;
}

cfg_text cfg_put(struct config *c, const char *text, bool *full)
{
	size_t len = strlen(text);
	cfg_text at;

	if (!c->pool_used)
		c->pool_used = 1; /* offset 0 is the empty text */
	if (!len)
		return 0;
	if (len >= CFG_POOL - c->pool_used) {
		*full = true;
		return 0;
	}
	at = c->pool_used;
	memcpy(c->pool + at, text, len + 1);
	c->pool_used += (uint32_t)len + 1;
	return at;
}

cfg_text cfg_list_add(struct config *c, cfg_text list, uint32_t *count, const char *text, bool *full)
{
	size_t len = strlen(text);
	cfg_text at = c->pool_used ? c->pool_used : 1;

	if (len >= CFG_POOL - at) {
		*full = true;
		return list;
	}
	memcpy(c->pool + at, text, len + 1);
	c->pool_used = at + (uint32_t)len + 1;
	return (*count)++ ? list : at;
}

int cfg_array_index(const struct config *c, const char *name)
{
	for (int i = 0; i < c->narrays; i++)
		if (!strcmp(cfg_str(c, c->arrays[i].name), name) ||
			(c->arrays[i].serial && !strcmp(cfg_str(c, c->arrays[i].serial), name)))
			return i;
	return -1;
}

int cfg_plan_index(const struct config *c, const char *name)
{
	for (int i = 0; i < c->nplans; i++)
		if (!strcmp(cfg_str(c, c->plans[i].name), name))
			return i;
	return -1;
}

int cfg_sink_index(const struct config *c, const char *name)
{
	for (int i = 0; i < c->nsinks; i++)
		if (!strcmp(cfg_str(c, c->sinks[i].name), name))
			return i;
	return -1;
}

/* clang-format off */
static const char *const severity_words[SEV_COUNT] = {
	[SEV_NONE] = "none", [SEV_INFO] = "info", [SEV_WARNING] = "warning", [SEV_CRITICAL] = "critical",
};
static const char *const verdict_words[VERDICT_COUNT] = {
	[VERDICT_NONE] = "none", [VERDICT_REDUNDANT] = "redundant", [VERDICT_SINGLE] = "single",
	[VERDICT_AT_RISK] = "at_risk", [VERDICT_DEGRADED] = "degraded", [VERDICT_BLIND] = "blind",
	[VERDICT_NOT_REDUNDANT] = "not_redundant", [VERDICT_IMPENDING_LOSS] = "impending_loss",
	[VERDICT_ACCESS_LOST] = "access_lost",
};
static const uint8_t verdict_severities[VERDICT_COUNT] = {
	[VERDICT_SINGLE] = SEV_INFO, [VERDICT_AT_RISK] = SEV_WARNING, [VERDICT_DEGRADED] = SEV_WARNING,
	[VERDICT_BLIND] = SEV_WARNING, [VERDICT_NOT_REDUNDANT] = SEV_CRITICAL,
	[VERDICT_IMPENDING_LOSS] = SEV_CRITICAL, [VERDICT_ACCESS_LOST] = SEV_CRITICAL,
};
static const char *const sink_words[SINK_TYPE_COUNT] = {
	[SINK_WEBHOOK] = "webhook", [SINK_ALERTMANAGER] = "alertmanager", [SINK_PAGERDUTY] = "pagerduty",
	[SINK_SLACK] = "slack", [SINK_TEAMS] = "teams", [SINK_EMAIL] = "email", [SINK_COMMAND] = "command",
};
static const char *const verb_words[VERB_COUNT] = {
	[VERB_NONE] = "none", [VERB_CHECK] = "check", [VERB_FENCE] = "fence", [VERB_FENCE_STATUS] = "fence-status",
	[VERB_PROMOTE] = "promote", [VERB_VERIFY] = "verify", [VERB_ROLLBACK] = "rollback", [VERB_DRILL] = "drill",
	[VERB_NOOP] = "noop",
};
static const char *const trigger_words[ADVISORY_TRIGGER_COUNT] = {
	[ADVISORY_NONE] = "none", [ADVISORY_ALWAYS] = "always", [ADVISORY_HOURS] = "power_on_hours",
	[ADVISORY_HOURS_THEN_CYCLE] = "power_on_hours_then_power_cycle", [ADVISORY_IDLE_HOURS] = "idle_hours",
	[ADVISORY_UPTIME] = "uptime", [ADVISORY_POWER_CYCLE] = "power_cycle", [ADVISORY_OPERATION] = "operation",
	[ADVISORY_POLLING] = "polling",
};
static const char *const operation_words[OPERATION_COUNT] = {
	[OPERATION_NONE] = "none", [OPERATION_REBOOT_CANISTER] = "reboot_canister",
	[OPERATION_POWER_CYCLE] = "power_cycle", [OPERATION_REPLACE_DRIVE] = "replace_drive",
	[OPERATION_UPDATE_FIRMWARE] = "update_firmware", [OPERATION_CHANGE_RAID] = "change_raid",
	[OPERATION_DELETE_VOLUME] = "delete_volume", [OPERATION_SET_CLOCK] = "set_clock",
};
/* clang-format on */

const char *advisory_trigger_text(enum advisory_trigger t)
{
	return word_in(trigger_words, ARRAY_SIZE(trigger_words), (size_t)t);
}

enum advisory_trigger advisory_trigger_from_text(const char *s)
{
	return (enum advisory_trigger)word_index(trigger_words, ARRAY_SIZE(trigger_words), s);
}

const char *operation_text(enum operation o)
{
	return word_in(operation_words, ARRAY_SIZE(operation_words), (size_t)o);
}

enum operation operation_from_text(const char *s)
{
	return (enum operation)word_index(operation_words, ARRAY_SIZE(operation_words), s);
}

const char *severity_text(enum severity s)
{
	return word_in(severity_words, ARRAY_SIZE(severity_words), (size_t)s);
}

const char *verdict_text(enum verdict v)
{
	return word_in(verdict_words, ARRAY_SIZE(verdict_words), (size_t)v);
}

const char *sink_type_text(enum sink_type t)
{
	return word_in(sink_words, ARRAY_SIZE(sink_words), (size_t)t);
}

const char *verb_text(enum verb v)
{
	return word_in(verb_words, ARRAY_SIZE(verb_words), (size_t)v);
}

enum severity severity_from_text(const char *s)
{
	return (enum severity)word_index(severity_words, ARRAY_SIZE(severity_words), s);
}

enum verdict verdict_from_text(const char *s)
{
	return (enum verdict)word_index(verdict_words, ARRAY_SIZE(verdict_words), s);
}

enum verb verb_from_text(const char *s)
{
	return (enum verb)word_index(verb_words, ARRAY_SIZE(verb_words), s);
}

enum severity verdict_severity(enum verdict v)
{
	return v < VERDICT_COUNT ? (enum severity)verdict_severities[v] : SEV_NONE;
}

uint32_t cfg_pace_ms(const struct cfg_source *s)
{
	uint64_t slow_ms = (uint64_t)s->interval_ms + s->timeout_ms + CFG_LATE_MS;

	/* a scenario is played, not asked */
	if (!s->interval_ms || s->type == SOURCE_SCENARIO)
		return s->interval_ms;
	return (uint32_t)MIN_OF(MAX_OF((uint64_t)s->interval_ms, slow_ms / INTERVALS_FRESH), (uint64_t)UINT32_MAX);
}
