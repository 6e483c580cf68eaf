#include "probes/fact.h"

/* clang-format off */
static const struct fact_info facts[FACT_LAST] = {
	[FACT_NONE]                   = {"none", "nothing", UNIT_COUNT, false},
	[FACT_SMART_PASSED]           = {"smart_passed", "own verdict", UNIT_BOOL, false},
	[FACT_TEMPERATURE]            = {"temperature_celsius", "temperature", UNIT_CELSIUS, false},
	[FACT_TEMPERATURE_TRIP]       = {"temperature_trip_celsius", "temperature limit", UNIT_CELSIUS, false},
	[FACT_POWER_ON_HOURS]         = {"power_on_hours", "hours on", UNIT_HOURS, true},
	[FACT_POWER_CYCLES]           = {"power_cycles", "power cycles", UNIT_COUNT, true},
	[FACT_WEAR_PCT]               = {"wear_percent", "endurance used", UNIT_PERCENT, false},
	[FACT_SELF_TEST_FAILED]       = {"self_test_failed", "last self-test failed", UNIT_BOOL, false},
	[FACT_IO_ERRORS]              = {"io_errors", "I/O errors seen by the kernel", UNIT_COUNT, true},
	[FACT_IO_PENDING]             = {"io_pending", "I/O without an answer", UNIT_COUNT, false},
	[FACT_REALLOCATED]            = {"reallocated_sectors", "reallocated sectors", UNIT_COUNT, true},
	[FACT_PENDING]                = {"pending_sectors", "pending sectors", UNIT_COUNT, false},
	[FACT_OFFLINE_UNCORRECTABLE]  = {"offline_uncorrectable", "unreadable in the surface scan", UNIT_COUNT, false},
	[FACT_REPORTED_UNCORRECTABLE] = {"reported_uncorrectable", "uncorrectable errors", UNIT_COUNT, true},
	[FACT_REALLOCATION_EVENTS]    = {"reallocation_events", "reallocation events", UNIT_COUNT, true},
	[FACT_CRC_ERRORS]             = {"crc_errors", "cable (CRC) errors", UNIT_COUNT, true},
	[FACT_SPIN_RETRY]             = {"spin_retries", "spin-up retries", UNIT_COUNT, true},
	[FACT_COMMAND_TIMEOUT]        = {"command_timeouts", "command timeouts", UNIT_COUNT, true},
	[FACT_END_TO_END]             = {"end_to_end_errors", "end-to-end errors", UNIT_COUNT, true},
	[FACT_PROGRAM_FAIL]           = {"program_failures", "program failures", UNIT_COUNT, true},
	[FACT_ERASE_FAIL]             = {"erase_failures", "erase failures", UNIT_COUNT, true},
	[FACT_ATTRIBUTE_FAILING]      = {"attribute_failing", "pre-fail attribute at its threshold", UNIT_ID, false},
	[FACT_ATTRIBUTE_FAILED_PAST]  = {"attribute_failed_past", "attribute once at its threshold", UNIT_ID, false},
	[FACT_CRITICAL_WARNING]       = {"critical_warning", "critical warning bits", UNIT_BITS, false},
	[FACT_SPARE_PCT]              = {"available_spare_percent", "spare left", UNIT_PERCENT, false},
	[FACT_SPARE_THRESHOLD_PCT]    = {"spare_threshold_percent", "spare threshold", UNIT_PERCENT, false},
	[FACT_MEDIA_ERRORS]           = {"media_errors", "media errors", UNIT_COUNT, true},
	[FACT_ERROR_LOG_ENTRIES]      = {"error_log_entries", "error log entries", UNIT_COUNT, true},
	[FACT_UNSAFE_SHUTDOWNS]       = {"unsafe_shutdowns", "unsafe shutdowns", UNIT_COUNT, true},
	[FACT_FIRMWARE_NEXT_SLOT]     = {"firmware_next_slot", "firmware slot after reset", UNIT_ID, false},
	[FACT_FIRMWARE_ACTIVE_SLOT]   = {"firmware_active_slot", "firmware slot", UNIT_ID, false},
	[FACT_IE_ASC]                 = {"informational_exception_asc", "informational exception", UNIT_CODE, false},
	[FACT_IE_ASCQ]                = {"informational_exception_ascq", "its qualifier", UNIT_CODE, false},
	[FACT_GROWN_DEFECTS]          = {"grown_defects", "grown defects", UNIT_COUNT, true},
	[FACT_READ_UNCORRECTED]       = {"read_uncorrected", "reads not corrected", UNIT_COUNT, true},
	[FACT_WRITE_UNCORRECTED]      = {"write_uncorrected", "writes not corrected", UNIT_COUNT, true},
	[FACT_VERIFY_UNCORRECTED]     = {"verify_uncorrected", "verifies not corrected", UNIT_COUNT, true},
	[FACT_NON_MEDIUM_ERRORS]      = {"non_medium_errors", "non-medium errors", UNIT_COUNT, true},
	[FACT_SCAN_STATUS]            = {"background_scan_status", "background scan", UNIT_CODE, false},
	[FACT_SCAN_DEFECTS]           = {"background_scan_defects", "defects found by the scan", UNIT_COUNT, true},
	[FACT_FAILED_OVER]            = {"failed_over", "carries the partner's load", UNIT_BOOL, false},
	[FACT_WRITE_THROUGH]          = {"write_through", "write cache off", UNIT_BOOL, false},
	[FACT_PARTNER_MISSING]        = {"partner_missing", "partner missing", UNIT_BOOL, false},
	[FACT_ERROR_CODE]             = {"error_code", "error code", UNIT_CODE, false},
	[FACT_RESTARTS]               = {"restarts", "restarts by itself", UNIT_COUNT, true},
	[FACT_READ_MS]                = {"read_ms", "timed read", UNIT_MS, false},
	[FACT_RESETS]                 = {"resets", "link resets", UNIT_COUNT, true},
	[FACT_NEEDS_SERVICE]          = {"needs_service", "asks for service", UNIT_BOOL, false},
	[FACT_PATHS_UP]               = {"paths_up", "paths that serve", UNIT_COUNT, false},
	[FACT_QUEUES_FOREVER]         = {"queues_forever", "waits for ever without a path", UNIT_BOOL, false},
	[FACT_IO_WAITS]               = {"io_waits", "I/O waits", UNIT_BOOL, false},
	[FACT_ACCESS_STATE]           = {"access_state", "ALUA state", UNIT_CODE, false},
	[FACT_PATH_ERRORS]            = {"path_errors", "path errors", UNIT_COUNT, true},
	[FACT_REBUILD_PCT]            = {"rebuild_percent", "rebuilt", UNIT_PERCENT, false},
	[FACT_BATTERY_PCT]            = {"battery_percent", "battery", UNIT_PERCENT, false},
	[FACT_PSU_INPUT]              = {"input_ok", "input power", UNIT_BOOL, false},
	[FACT_PLUGIN_STATUS]          = {"plugin_status", "plugin's exit status", UNIT_CODE, false},
	[FACT_SPARES]                 = {"spares", "spare drives", UNIT_COUNT, false},
	[FACT_PARITY]                 = {"parity", "losses it can take when whole", UNIT_COUNT, false},
	[FACT_MICROCODE_PENDING]      = {"microcode_pending", "new code waits to be activated", UNIT_BOOL, false},
	[FACT_MICROCODE_FAILED]       = {"microcode_failed", "new code was not loaded", UNIT_BOOL, false},
	[FACT_TAKEOVER_ENABLED]       = {"takeover_enabled", "takeover set up", UNIT_BOOL, false},
	[FACT_CACHE_MIRRORED]         = {"cache_mirrored", "cache mirroring set up", UNIT_BOOL, false},
	[FACT_CALL_HOME_ENABLED]      = {"call_home_enabled", "call-home set up", UNIT_BOOL, false},
	[FACT_MESSAGES]               = {"messages", "messages heard", UNIT_COUNT, false},
	[FACT_OPEN_ERRORS]            = {"open_errors", "errors not fixed", UNIT_COUNT, false},
	[FACT_LISTED_FAULTS]          = {"listed_faults", "faults the array lists", UNIT_COUNT, false},
	[FACT_LOAD_BALANCED]          = {"load_balanced", "load balancing set up", UNIT_BOOL, false},
	[FACT_HOST_PATHS_REPORTED]    = {"host_paths_reported", "reports hosts that lose a path", UNIT_BOOL, false},
	[FACT_READ_IN_TURNS]          = {"read_in_turns", "read in turns", UNIT_BOOL, false},
	[FACT_USED_PCT]               = {"pool_used_percent", "used", UNIT_PERCENT, false},
	[FACT_OVERCOMMITTED]          = {"overcommitted", "promises more than it has", UNIT_BOOL, false},
	[FACT_NO_QUORUM]              = {"no_quorum_device", "no quorum device is online", UNIT_BOOL, false},
};
static const char *const unit_words[UNIT_KINDS] = {
	[UNIT_COUNT] = "", [UNIT_BOOL] = "", [UNIT_CELSIUS] = "celsius", [UNIT_HOURS] = "hours",
	[UNIT_PERCENT] = "percent", [UNIT_BITS] = "bits", [UNIT_MS] = "ms", [UNIT_CODE] = "code", [UNIT_ID] = "id",
};
/* clang-format on */
static const struct fact_info other = {"custom", "own fact", UNIT_COUNT, false};

const struct fact_info *fact_info(unsigned fact)
{
	return fact < FACT_LAST ? &facts[fact] : &other;
}

enum fact fact_from_name(const char *name)
{
	for (unsigned i = FACT_NONE + 1; i < FACT_LAST; i++)
		if (!strcmp(facts[i].name, name))
			return (enum fact)i;
	return FACT_NONE;
}

const char *unit_text(enum unit u)
{
	return word_in(unit_words, ARRAY_SIZE(unit_words), (size_t)u);
}
