#include "probes/words.h"

const char *word_in(const char *const *words, size_t n, size_t i)
{
	return i < n && words[i] ? words[i] : "?";
}

size_t word_index(const char *const *words, size_t n, const char *s)
{
	for (size_t i = 0; s && i < n; i++)
		if (words[i] && !strcmp(words[i], s))
			return i;
	return 0;
}

/* clang-format off */
static const char *const kind_words[KIND_COUNT] = {
	[KIND_NONE] = "none", [KIND_DRIVE] = "drive", [KIND_CANISTER] = "canister", [KIND_PATH] = "path",
	[KIND_ENCLOSURE] = "enclosure", [KIND_EXPANDER] = "expander", [KIND_PSU] = "psu", [KIND_FAN] = "fan",
	[KIND_BATTERY] = "battery", [KIND_SENSOR] = "sensor", [KIND_PORT] = "port", [KIND_POOL] = "pool",
	[KIND_SYSTEM] = "system", [KIND_TARGET] = "target", [KIND_CHECK] = "check", [KIND_MAP] = "map",
	[KIND_NAMESPACE] = "namespace",
};
static const char *const state_words[STATE_COUNT] = {
	[STATE_UNKNOWN] = "unknown", [STATE_OK] = "ok", [STATE_DEGRADED] = "degraded", [STATE_SERVICE] = "service",
	[STATE_FAILED] = "failed", [STATE_ABSENT] = "absent", [STATE_TRANSITION] = "transition",
	[STATE_UNREACHABLE] = "unreachable",
};
static const char *const health_words[HEALTH_COUNT] = {
	[HEALTH_UNKNOWN] = "unknown", [HEALTH_OK] = "ok", [HEALTH_WARNING] = "warning",
	[HEALTH_CRITICAL] = "critical", [HEALTH_FAILED] = "failed", [HEALTH_ABSENT] = "absent",
};
static const char *const outcome_words[OUTCOME_COUNT] = {
	[OUTCOME_NONE] = "none", [OUTCOME_OK] = "ok", [OUTCOME_SHORT] = "short",
	[OUTCOME_BAD_CHECKSUM] = "bad checksum", [OUTCOME_NONSENSE] = "nonsense", [OUTCOME_STALE] = "stale",
	[OUTCOME_ASLEEP] = "asleep", [OUTCOME_IDLE] = "idle", [OUTCOME_UNSUPPORTED] = "unsupported",
	[OUTCOME_REFUSED] = "refused", [OUTCOME_TIMEOUT] = "timeout", [OUTCOME_STUCK] = "stuck",
	[OUTCOME_GONE] = "gone", [OUTCOME_ERROR] = "error",
};
static const char *const plane_words[PLANE_COUNT] = {
	[PLANE_NONE] = "none", [PLANE_INBAND] = "in-band", [PLANE_MANAGEMENT] = "management",
	[PLANE_SPOOFABLE] = "spoofable",
};
static const char *const class_words[CLASS_COUNT] = {
	[CLASS_NONE] = "unknown", [CLASS_ATA_HDD] = "ATA HDD", [CLASS_ATA_SSD] = "ATA SSD",
	[CLASS_NVME] = "NVMe", [CLASS_SCSI_HDD] = "SAS HDD", [CLASS_SCSI_SSD] = "SAS SSD",
};
static const char *const source_words[SOURCE_TYPE_COUNT] = {
	[SOURCE_NONE] = "none", [SOURCE_DRIVES] = "drives", [SOURCE_EXEC] = "exec",
	[SOURCE_SCENARIO] = "scenario", [SOURCE_PATHS] = "paths", [SOURCE_ENCLOSURE] = "enclosure",
	[SOURCE_SPECTRUM] = "spectrum", [SOURCE_MC] = "mc", [SOURCE_SANTRICITY] = "santricity",
	[SOURCE_REDFISH] = "redfish", [SOURCE_NAGIOS] = "nagios", [SOURCE_LAYOUT] = "layout",
	[SOURCE_LISTEN] = "listen", [SOURCE_SMARTCTL] = "smartctl",
	[SOURCE_LVM] = "lvm", [SOURCE_WITNESS] = "witness",
};
/* clang-format on */

#define DEFINE_TEXT(fn, type, words)                                                                   \
	const char *fn(type v)                                                                         \
	{                                                                                              \
		return word_in(words, ARRAY_SIZE(words), (size_t)v);                                   \
	}
#define DEFINE_FROM_TEXT(fn, type, words)                                                              \
	type fn(const char *s)                                                                         \
	{                                                                                              \
		return (type)word_index(words, ARRAY_SIZE(words), s);                                  \
	}

enum kind source_device_kind(enum source_type t)
{
	static const uint8_t kinds[SOURCE_TYPE_COUNT] = {[SOURCE_DRIVES] = KIND_DRIVE,
		[SOURCE_PATHS] = KIND_PATH,
		[SOURCE_ENCLOSURE] = KIND_ENCLOSURE};

	return t < SOURCE_TYPE_COUNT ? (enum kind)kinds[t] : KIND_NONE;
}

bool source_is_management(enum source_type t)
{
	return t == SOURCE_SPECTRUM || t == SOURCE_MC || t == SOURCE_SANTRICITY || t == SOURCE_REDFISH;
}

DEFINE_TEXT(kind_text, enum kind, kind_words)
DEFINE_TEXT(state_text, enum state, state_words)
DEFINE_TEXT(health_text, enum health, health_words)
DEFINE_TEXT(outcome_text, enum outcome, outcome_words)
DEFINE_TEXT(plane_text, enum plane, plane_words)
DEFINE_TEXT(drive_class_text, enum drive_class, class_words)
DEFINE_TEXT(source_type_text, enum source_type, source_words)
DEFINE_FROM_TEXT(kind_from_text, enum kind, kind_words)
DEFINE_FROM_TEXT(state_from_text, enum state, state_words)
DEFINE_FROM_TEXT(health_from_text, enum health, health_words)
DEFINE_FROM_TEXT(source_type_from_text, enum source_type, source_words)
