/* The configuration's keys as tables: CONTRACT "Configuration". */
#include "agent/config_parts.h"
#include "probes/manage.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
/* Durations are 32 bits of milliseconds in struct config: 49 days. */
#define DURATION_MAX (UINT64_C(49) * DAY)

static const char *const mode_words[] = {"approve", "auto"};
static const char *const failure_words[] = {"stop", "rollback"};
static const char *const plane_words[] = {"inband", "management"};
static const char *const tls_words[] = {"ca", "pin", "insecure"};
static const char *const transport_words[] = {"rest", "ssh"};
static const char *const compat_words[] = {"smartctl"};
static const char *const severity_names[] = {"info", "warning", "critical"};
static const char *const verb_names[] = {
	"check", "fence", "fence-status", "promote", "verify", "rollback", "drill", "noop"};
static const char *const verdict_names[] = {"redundant", "single", "at_risk", "degraded", "blind",
	"not_redundant", "impending_loss", "access_lost"};
static const char *const when_names[] = {
	"at_risk", "degraded", "not_redundant", "impending_loss", "access_lost"};

#define WORDS(w)            .kind = YAML_WORD, .words = (w), .nwords = ARRAY_SIZE(w)
#define LIST_OF(i, n, what) .kind = YAML_LIST, .item = (i), .max = (n), .too_many = "at most " what
#define MAP_OF(f)           .kind = YAML_MAP, .fields = (f)

/* clang-format off */
const struct yaml_schema text_schema = {.kind = YAML_TEXT, .max = 1023};
const struct yaml_schema prose_schema = {.kind = YAML_PROSE, .max = 8191};
const struct yaml_schema bool_schema = {.kind = YAML_BOOL};
const struct yaml_schema number_schema = {.kind = YAML_NUMBER, .max = UINT32_MAX};
const struct yaml_schema real_schema = {.kind = YAML_REAL};
const struct yaml_schema duration_schema = {.kind = YAML_DURATION, .max = DURATION_MAX};
const struct yaml_schema name_schema = {.kind = YAML_TEXT, .max = 31, .valid = name_valid};
const struct yaml_schema severity_schema = {WORDS(severity_names)};
const struct yaml_schema verdict_schema = {WORDS(verdict_names)};

static const struct yaml_schema env_value = {.kind = YAML_TEXT, .max = 1023, .may_be_empty = true};
static const struct yaml_schema version_number = {.kind = YAML_NUMBER, .min = 1, .max = 1};
static const struct yaml_schema small_count = {.kind = YAML_NUMBER, .min = 1, .max = 1024};
static const struct yaml_schema retry_count = {.kind = YAML_NUMBER, .max = 20};
static const struct yaml_schema exit_number = {.kind = YAML_NUMBER, .max = 255};
static const struct yaml_schema path = {.kind = YAML_TEXT, .max = 1023, .valid = path_valid};
/* what fits into the address of a socket, see unix(7) */
static const struct yaml_schema socket_path = {.kind = YAML_TEXT, .max = 107, .valid = path_valid};
static const struct yaml_schema serial = {.kind = YAML_TEXT, .max = 39};
static const struct yaml_schema component_name = {.kind = YAML_TEXT, .max = NAME_MAX_LEN - 1, .valid = name_valid};
static const struct yaml_schema component_id_text = {.kind = YAML_TEXT, .max = 127, .valid = component_id_valid};
static const struct yaml_schema match_text = {.kind = YAML_TEXT, .max = 47};
static const struct yaml_schema group_name = {.kind = YAML_TEXT, .max = 31, .valid = name_valid};
static const struct yaml_schema host_name = {.kind = YAML_TEXT, .max = 63};
static const struct yaml_schema mode = {WORDS(mode_words)};
static const struct yaml_schema on_failure = {WORDS(failure_words)};
static const struct yaml_schema plane = {WORDS(plane_words)};
static const struct yaml_schema verb = {WORDS(verb_names)};
static const struct yaml_schema when_verdict = {WORDS(when_names)};
static const struct yaml_schema listen_one = {.kind = YAML_TEXT, .max = 127, .valid = listen_valid};
static const struct yaml_schema listen_list = {LIST_OF(&listen_one, CFG_LISTEN, "8 addresses")};
static const struct yaml_schema address = {.kind = YAML_TEXT, .max = 63, .valid = address_valid};
static const struct yaml_schema from_list = {LIST_OF(&address, 32, "32 addresses of an array")};
static const struct yaml_schema witness_one = {.kind = YAML_TEXT, .max = 127, .valid = witness_valid};
static const struct yaml_schema witness_list = {LIST_OF(&witness_one, 8, "8 witnesses")};
static const struct yaml_schema url = {.kind = YAML_TEXT, .max = 511, .valid = url_valid};
static const struct yaml_schema mail_url = {.kind = YAML_TEXT, .max = 511, .valid = mail_url_valid};
static const struct yaml_schema weekly = {.kind = YAML_TEXT, .max = 63, .valid = weekly_valid};
static const struct yaml_schema interval = {.kind = YAML_DURATION, .min = 500, .max = DAY};
static const struct yaml_schema timeout = {.kind = YAML_DURATION, .min = 50, .max = HOUR};
static const struct yaml_schema name_list = {LIST_OF(&name_schema, CFG_ARRAYS, "64 names")};
static const struct yaml_schema argument_list = {LIST_OF(&text_schema, 32, "32 words in a command")};
static const struct yaml_schema verb_list = {LIST_OF(&verb, 8, "8 verbs")};
static const struct yaml_schema when_list = {LIST_OF(&when_verdict, 5, "5 verdicts")};
static const struct yaml_schema env_map = {.kind = YAML_FREE, .item = &env_value};
const struct yaml_schema services_schema = {LIST_OF(&name_schema, CFG_SERVICES, "16 services of an array")};

static const struct yaml_field clear_fields[] = {
	{"canister", &duration_schema}, {"path", &duration_schema}, {}};
const struct yaml_schema clear_schema = {MAP_OF(clear_fields)};

static const struct yaml_field match_fields[] = {
	{"vendor", &match_text}, {"model", &match_text}, {"serial", &match_text}, {"transport", &match_text}, {}};
static const struct yaml_schema match = {MAP_OF(match_fields)};
static const struct yaml_field drives_fields[] = {
	{"type", &text_schema}, {"match", &match}, {"interval", &interval}, {"timeout", &timeout}, {}};
static const struct yaml_schema canister_name = {.kind = YAML_TEXT, .max = 31, .valid = name_valid};
static const struct yaml_schema canister_map = {.kind = YAML_FREE, .item = &canister_name};
static const struct yaml_field paths_fields[] = {
	{"type", &text_schema}, {"match", &match, true}, {"canisters", &canister_map}, {"interval", &interval},
	{"timeout", &timeout}, {}};
static const struct yaml_field exec_fields[] = {
	{"type", &text_schema}, {"command", &argument_list, true}, {"plane", &plane}, {"interval", &interval},
	{"timeout", &timeout}, {}};
static const struct yaml_field nagios_fields[] = {
	{"type", &text_schema}, {"name", &component_name}, {"command", &argument_list, true},
	{"asserts", &component_id_text}, {"plane", &plane}, {"interval", &interval}, {"timeout", &timeout}, {}};
static const struct yaml_field smartctl_fields[] = {
	{"type", &text_schema}, {"program", &path}, {"interval", &interval}, {"timeout", &timeout}, {}};
static const struct yaml_field listen_fields[] = {
	{"type", &text_schema}, {"from", &from_list, true}, {"syslog", &listen_one}, {"traps", &listen_one}, {}};
static const struct yaml_field scenario_fields[] = {
	{"type", &text_schema}, {"scenario", &text_schema, true}, {"interval", &interval}, {}};
static const struct yaml_schema manage_one = {.kind = YAML_TEXT, .max = 127, .valid = manage_address_valid};
static const struct yaml_schema manage_list = {LIST_OF(&manage_one, MANAGE_ADDRESSES, "8 addresses of an array")};
static const struct yaml_schema pin_one = {.kind = YAML_TEXT, .max = 127, .valid = pin_valid};
static const struct yaml_schema pin_list = {LIST_OF(&pin_one, MANAGE_PINS, "8 pins of an array")};
static const struct yaml_schema tls_word = {WORDS(tls_words)};
static const struct yaml_schema transport_word = {WORDS(transport_words)};
static const struct yaml_schema manage_user = {.kind = YAML_TEXT, .max = 63, .valid = user_valid};
#define MANAGE_FIELDS                                                                                     \
	{"type", &text_schema}, {"address", &manage_list, true}, {"user", &manage_user, true},             \
	{"password_file", &path}, {"tls", &tls_word}, {"pin", &pin_list}, {"ca_file", &path},              \
	{"interval", &interval}, {"timeout", &timeout}
static const struct yaml_field manage_fields[] = {MANAGE_FIELDS, {}};
static const struct yaml_field spectrum_fields[] = {MANAGE_FIELDS, {"transport", &transport_word},
	{"identity_file", &path}, {"known_hosts", &path}, {}};
static const struct yaml_schema manage_source = {MAP_OF(manage_fields)};
static const struct yaml_schema spectrum_source = {MAP_OF(spectrum_fields)};
static const struct yaml_schema drives_source = {MAP_OF(drives_fields)};
static const struct yaml_schema paths_source = {MAP_OF(paths_fields)};
static const struct yaml_schema enclosure_source = {MAP_OF(drives_fields)};
static const struct yaml_field layout_fields[] = {
	{"type", &text_schema}, {"interval", &interval}, {"timeout", &timeout}, {}};
static const struct yaml_schema layout_source = {MAP_OF(layout_fields)};
static const struct yaml_schema exec_source = {MAP_OF(exec_fields)};
static const struct yaml_schema nagios_source = {MAP_OF(nagios_fields)};
static const struct yaml_schema smartctl_source = {MAP_OF(smartctl_fields)};
static const struct yaml_schema listen_source = {MAP_OF(listen_fields)};
static const struct yaml_schema scenario_source = {MAP_OF(scenario_fields)};
static const struct yaml_field source_types[] = {
	{"drives", &drives_source}, {"paths", &paths_source}, {"enclosure", &enclosure_source}, {"exec", &exec_source},
	{"nagios", &nagios_source}, {"listen", &listen_source}, {"layout", &layout_source}, {"smartctl", &smartctl_source},
	{"scenario", &scenario_source},
	{"spectrum", &spectrum_source}, {"mc", &manage_source}, {"santricity", &manage_source},
	{"redfish", &manage_source}, {}};
static const struct yaml_schema source = {.kind = YAML_UNION, .fields = source_types};
static const struct yaml_schema source_list = {LIST_OF(&source, CFG_SOURCES, "128 sources")};

static const struct yaml_field expect_fields[] = {{"canisters", &small_count}, {"paths", &small_count}, {}};
static const struct yaml_schema expect = {MAP_OF(expect_fields)};
static const struct yaml_field array_fields[] = {
	{"name", &name_schema, true}, {"serial", &serial}, {"expect", &expect}, {"clear", &clear_schema},
	{"services", &services_schema}, {"sources", &source_list, true}, {}};
static const struct yaml_schema array = {MAP_OF(array_fields)};
static const struct yaml_schema array_list = {LIST_OF(&array, CFG_ARRAYS, "64 arrays")};

#define SINK_FIELDS                                                                                      \
	{"name", &name_schema, true}, {"type", &text_schema}, {"min_severity", &severity_schema},         \
	{"repeat", &duration_schema}, {"fallback_for", &name_schema}, {"arrays", &name_list},             \
	{"timeout", &timeout}, {"heartbeat", &duration_schema}
#define HTTP_FIELDS                                                                                      \
	SINK_FIELDS, {"url_file", &path}, {"address", &address}, {"ca_file", &path}, {"insecure", &bool_schema}
static const struct yaml_field webhook_fields[] = {HTTP_FIELDS, {"url", &url}, {"secret_file", &path}, {}};
static const struct yaml_field http_fields[] = {HTTP_FIELDS, {"url", &url}, {}};
static const struct yaml_field email_fields[] = {
	HTTP_FIELDS, {"url", &mail_url}, {"secret_file", &path}, {"from", &text_schema, true},
	{"to", &argument_list, true}, {}};
static const struct yaml_field command_fields[] = {SINK_FIELDS, {"command", &argument_list, true}, {}};
static const struct yaml_schema webhook_sink = {MAP_OF(webhook_fields)};
static const struct yaml_schema http_sink = {MAP_OF(http_fields)};
static const struct yaml_schema email_sink = {MAP_OF(email_fields)};
static const struct yaml_schema command_sink = {MAP_OF(command_fields)};
static const struct yaml_field sink_types[] = {
	{"webhook", &webhook_sink}, {"alertmanager", &http_sink}, {"pagerduty", &webhook_sink}, {"slack", &http_sink},
	{"teams", &http_sink}, {"email", &email_sink}, {"command", &command_sink}, {}};
static const struct yaml_schema sink = {.kind = YAML_UNION, .fields = sink_types};
const struct yaml_schema sinks_schema = {LIST_OF(&sink, CFG_SINKS, "16 sinks")};

static const struct yaml_field simulate_fields[] = {{"takes", &duration_schema}, {"exit", &exit_number}, {}};
static const struct yaml_schema simulate = {MAP_OF(simulate_fields)};
static const struct yaml_field step_fields[] = {
	{"name", &name_schema, true}, {"run", &text_schema}, {"verbs", &verb_list, true}, {"timeout", &timeout},
	{"retries", &retry_count}, {"on_failure", &on_failure}, {"adds_load", &bool_schema}, {"env", &env_map}, {"simulate", &simulate},
	{"operations", &operations_schema}, {}};
static const struct yaml_schema step = {MAP_OF(step_fields)};
static const struct yaml_schema step_list = {LIST_OF(&step, CFG_STEPS, "128 steps")};
static const struct yaml_field plan_fields[] = {
	{"name", &name_schema, true}, {"array", &name_schema, true}, {"target", &name_schema}, {"when", &when_list},
	{"mode", &mode}, {"armed", &bool_schema}, {"hold", &duration_schema}, {"approve_timeout", &duration_schema},
	{"witness", &witness_list}, {"block_for", &duration_schema}, {"rehearse_every", &duration_schema},
	{"rehearse_at", &weekly}, {"steps", &step_list, true}, {}};
static const struct yaml_schema plan = {MAP_OF(plan_fields)};
const struct yaml_schema plans_schema = {LIST_OF(&plan, CFG_PLANS, "16 plans")};

static const struct yaml_schema compat = {WORDS(compat_words)};
static const struct yaml_schema compat_list = {LIST_OF(&compat, 4, "4 names")};
static const struct yaml_field metrics_fields[] = {{"smart_attributes", &bool_schema}, {"compat", &compat_list}, {}};
static const struct yaml_schema metrics = {MAP_OF(metrics_fields)};

static const struct yaml_field config_fields[] = {
	{"version", &version_number, true}, {"listen", &listen_list}, {"state_directory", &path}, {"control", &socket_path},
	{"control_group", &group_name}, {"host", &host_name}, {"local", &bool_schema}, {"metrics", &metrics},
	{"arrays", &array_list}, {"sinks", &sinks_schema}, {"plans", &plans_schema}, {"advisories", &path}, {}};
const struct yaml_schema config_schema = {MAP_OF(config_fields)};
/* clang-format on */
