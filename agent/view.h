/*
 * The model in words: what page, JSON, metrics, ballastctl and alerts all say. Composed from facts, one
 * place for every sentence. Pure: model, configuration and clock in, text out.
 */
#pragma once
#include "agent/model.h"

struct view {
	const struct model *model;
	uint64_t now_ms;
	int64_t wall_ms;
	const char *control;       /* of the control socket, as ballastctl must be told; NULL or the default: not at all */
};

/** view_commands() - @text, each `ballastctl` in it followed by the option that it needs here; quoted for a shell */
void view_commands(const struct view *v, const char *text, char *buf, size_t size);

/** view_worst() - `worst` of the API: of verdicts and unacknowledged findings, simulated arrays left out
 *  unless there is nothing else; HEALTH_OK/WARNING/CRITICAL/UNKNOWN */
enum health view_worst(const struct view *v);
/** view_real_worst() - what `ballastctl status` exits with: simulated arrays always left out; unknown without any other */
enum health view_real_worst(const struct view *v);
/** view_answer() - "Yes.", "Yes, tonight.", "No." or "Unknown."; no, too, while a warning that calls itself
 *  urgent is taken by nobody */
const char *view_answer(const struct view *v);
/** view_sentence() - "one failure from an outage: canister B is out of service; canister A runs the same
 *  code 7.8.1.11"; without the array's name. @ret_bold: bytes of the leading phrase */
void view_sentence(const struct view *v, unsigned array, char *buf, size_t size, size_t *ret_bold);
/** view_meta() - the second line: since when, until when redundant, what it carries, when read */
void view_meta(const struct view *v, unsigned array, char *buf, size_t size);
void view_finding_title(const struct view *v, const struct finding_row *f, char *buf, size_t size);
void view_finding_meaning(const struct view *v, const struct finding_row *f, char *buf, size_t size);
void view_finding_action(const struct view *v, const struct finding_row *f, char *buf, size_t size);
/** view_evidence() - "40, was 12" in the fact's unit */
void view_evidence(const struct view *v, const struct evidence *e, char *buf, size_t size);
/** view_fact_value() - value with unit, "38 °C", "27,946" */
void view_fact_value(unsigned fact, double value, char *buf, size_t size);
/** view_component_name() - "canister B", "drive in slot 9 of enclosure 1", "drive sda (S3A0N0009)" */
void view_component_name(const struct model *m, uint32_t component, char *buf, size_t size);

/** view_armed() - "armed", "disarmed", or "armed when cleared": nothing starts by itself before a person has looked
 *  at the run that ended */
const char *view_armed(const struct view *v, const struct plan_row *p);

/**
 * view_dry_run() - how the last dry run of plan @index went: "r3 passed at 02:50:12: its checks, nothing else"
 *
 * Return: false when there was none.
 */
bool view_dry_run(const struct view *v, uint32_t index, char *buf, size_t size);

/* Which of a drive's daily samples. */
enum daily_kind { DAILY_TEMPERATURE, DAILY_REALLOCATED };
/**
 * view_daily() - one value a day, the oldest first; the last is what is known now
 * @ret: NAN where a day has none
 *
 * Return: how many are known; 0 when nothing is.
 */
unsigned view_daily(const struct view *v, uint32_t component, enum daily_kind kind, double ret[DAILY_DAYS]);
/** view_daily_story() - did they move enough to be worth a line? */
bool view_daily_story(enum daily_kind kind, const double values[DAILY_DAYS]);

/* What a person must do, most urgent first. */
struct todo {
	char text[160], detail[512], command[320];
	int64_t before_wall_ms;    /* 0 none */
	uint16_t array;
	uint32_t finding;          /* id, 0 none */
	bool approval;             /* first and marked */
};
/** view_todo() - at most @max; returns how many */
unsigned view_todo(const struct view *v, struct todo *ret, unsigned max);

/** time_text() - RFC 3339 UTC into @buf (at least 32): "2023-08-17T02:51:34Z"; span_text(): "4 min 42 s" as page.js */
const char *time_text(int64_t wall_ms, char *buf, size_t size);
const char *clock_text(int64_t wall_ms, char *buf, size_t size);
const char *span_text(uint64_t ms, char *buf, size_t size);

/* json.c: the CONTRACT objects. Caller owns the result (json_object_put). */
struct json_object;
struct json_object *json_status(const struct view *v);
struct json_object *json_component(const struct view *v, uint32_t component, bool facts);
struct json_object *json_components(const struct view *v, const char *array, const char *kind, const char *health);
struct json_object *json_findings(const struct view *v);
/** json_finding() - one of them, @index a row that is used */
struct json_object *json_finding(const struct view *v, uint32_t index);
struct json_object *json_failover(const struct view *v);
struct json_object *json_run(const struct view *v, uint32_t run);
struct json_object *json_record(const struct view *v, const struct record *r);
/** json_alert() - {"type","timestamp","data":{…}} of one alert */
struct json_object *json_alert(const struct view *v, const struct alert_row *a);
