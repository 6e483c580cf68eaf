#include "agent/marks_fields.h"

#define WORDS(name, type, n)                                                                             \
	static const char *name##_at_index(unsigned i)                                                 \
	{                                                                                              \
		return name##_text((enum type)i);                                                      \
	}                                                                                              \
	static const struct mark_words name##_words = {name##_at_index, n};

WORDS(kind, kind, KIND_COUNT)
WORDS(drive_class, drive_class, CLASS_COUNT)
WORDS(severity, severity, SEV_COUNT)
WORDS(verdict, verdict, VERDICT_COUNT)
WORDS(verb, verb, VERB_COUNT)
WORDS(group_kind, group_kind, GROUP_KIND_COUNT)
WORDS(alert_type, alert_type, ALERT_TYPE_COUNT)
WORDS(run_state, run_state, RUN_STATE_COUNT)
WORDS(run_mode, run_mode, RUN_MODE_COUNT)
WORDS(step_state, step_state, STEP_STATE_COUNT)
WORDS(exit_kind, exit_kind, EXIT_KIND_COUNT)
WORDS(source_type, source_type, SOURCE_TYPE_COUNT)

/* clang-format off */
#define AT(r, f) #f, offsetof(struct r##_row, f), sizeof(((struct r##_row *)NULL)->f)
#define FIELD(r, f, t) {AT(r, f), .type = MARK_##t}
#define ALONG(r, f, t) {AT(r, f), .type = MARK_##t, .follows = 1}
#define WORD(r, f, w) {AT(r, f), .type = MARK_WORD, .words = &w##_words}
#define REF(r, f, t) {AT(r, f), .type = MARK_REF, .ref = TABLE_##t}
#define NEEDED(r, f, t) {AT(r, f), .type = MARK_NEEDED, .ref = TABLE_##t}

static const struct mark_field self_fields[] = {
	FIELD(self, next_finding, UINT), FIELD(self, next_run, UINT), FIELD(self, next_incident, UINT),
};
/* The verdict comes back as "previous": without a fresh look it is not known. */
static const struct mark_field array_fields[] = {
	FIELD(array, name, TEXT), FIELD(array, serial, TEXT), FIELD(array, vendor, TEXT), FIELD(array, model, TEXT),
	FIELD(array, firmware, TEXT), WORD(array, verdict, verdict), FIELD(array, since_wall_ms, INT),
	FIELD(array, redundant_until_wall_ms, INT), REF(array, incident, INCIDENT), WORD(array, told_verdict, verdict),
};
static const struct mark_field source_fields[] = {
	WORD(source, type, source_type), FIELD(source, array, ARRAY),
};
static const struct mark_field component_fields[] = {
	WORD(component, kind, kind), FIELD(component, array, ARRAY), FIELD(component, name, TEXT),
	{AT(component, flags), .mask = COMPONENT_ADOPTED | COMPONENT_SIMULATED | COMPONENT_REMOVED}, WORD(component, drive_class, drive_class), FIELD(component, source, SOURCE),
	FIELD(component, slot, INT), FIELD(component, firmware_changes, UINT), FIELD(component, adopted_wall_ms, INT),
	FIELD(component, capacity_bytes, UINT), FIELD(component, vendor, TEXT), FIELD(component, model, TEXT),
	FIELD(component, serial, TEXT), FIELD(component, firmware, TEXT), FIELD(component, enclosure, TEXT),
	FIELD(component, unit, TEXT),
	ALONG(component, booted_wall_ms, INT), ALONG(component, dev, TEXT),
};
static const struct mark_field fact_fields[] = {
	NEEDED(fact, component, COMPONENT), FIELD(fact, fact, FACT), FIELD(fact, source, SOURCE), FIELD(fact, first, REAL),
	ALONG(fact, value, REAL), ALONG(fact, was, REAL), ALONG(fact, changed_wall_ms, INT), ALONG(fact, changed_ms, BOOT),
};
static const struct mark_field finding_fields[] = {
	FIELD(finding, id, UINT), FIELD(finding, active, UINT), WORD(finding, severity, severity), WORD(finding, tier, severity),
	WORD(finding, was_severity, severity), FIELD(finding, acked, UINT), WORD(finding, acked_severity, severity),
	FIELD(finding, rule, RULE), FIELD(finding, rule_id, TEXT), FIELD(finding, array, ARRAY),
	REF(finding, incident, INCIDENT), REF(finding, folded, FINDING), REF(finding, component, COMPONENT),
	FIELD(finding, acked_uid, UINT), FIELD(finding, fired_count, UINT), FIELD(finding, since_wall_ms, INT),
	FIELD(finding, acked_until_wall_ms, INT), ALONG(finding, changed_wall_ms, INT), FIELD(finding, since_ms, BOOT),
	ALONG(finding, repeat_ms, BOOT), FIELD(finding, acked_by, TEXT), FIELD(finding, acked_why, TEXT),
	FIELD(finding, told, SINKS), FIELD(finding, open, SINKS), WORD(finding, told_severity, severity), ALONG(finding, reminders, UINT),
	FIELD(finding, subject, TEXT), ALONG(finding, detail, TEXT),
};
static const struct mark_field serd_fields[] = {
	FIELD(serd, rule, RULE), NEEDED(serd, component, COMPONENT), FIELD(serd, count, UINT), FIELD(serd, times_ms, BOOTS),
};
static const struct mark_field group_fields[] = {
	WORD(group, kind, group_kind), FIELD(group, array, ARRAY), FIELD(group, name, TEXT), FIELD(group, need, UINT),
	FIELD(group, expected, INT), FIELD(group, declared, UINT), FIELD(group, told, UINT), ALONG(group, members, UINT),
	REF(group, pool, COMPONENT),
};
static const struct mark_field member_fields[] = {
	NEEDED(member, group, GROUP), NEEDED(member, component, COMPONENT),
};
static const struct mark_field via_fields[] = {
	NEEDED(via, component, COMPONENT), NEEDED(via, via, COMPONENT),
};
static const struct mark_field incident_fields[] = {
	FIELD(incident, id, UINT), FIELD(incident, open, UINT), WORD(incident, severity, severity),
	FIELD(incident, acked, UINT), FIELD(incident, array, ARRAY), FIELD(incident, since_wall_ms, INT),
	FIELD(incident, closed_wall_ms, INT), ALONG(incident, findings, UINT),
};
static const struct mark_field alert_fields[] = {
	FIELD(alert, epoch, UINT), FIELD(alert, sequence, UINT), WORD(alert, type, alert_type),
	WORD(alert, severity, severity), FIELD(alert, resolved, UINT), WORD(alert, verdict, verdict),
	WORD(alert, previous, verdict), FIELD(alert, margin_known, UINT), FIELD(alert, simulated, UINT),
	FIELD(alert, margin, INT), FIELD(alert, array, ANY_ARRAY), REF(alert, incident, INCIDENT), REF(alert, plan, PLAN),
	REF(alert, finding, FINDING), REF(alert, component, COMPONENT), FIELD(alert, run, UINT),
	FIELD(alert, wanted, SINKS), FIELD(alert, done, SINKS), FIELD(alert, parked, SINKS),
	FIELD(alert, created_wall_ms, INT), FIELD(alert, created_ms, BOOT), FIELD(alert, rule_id, TEXT),
	FIELD(alert, subject, TEXT), FIELD(alert, summary, TEXT), FIELD(alert, action, TEXT),
};
static const struct mark_field sink_fields[] = {
	FIELD(sink, name, TEXT), FIELD(sink, address, TEXT), ALONG(sink, sent, UINT), ALONG(sink, failed, UINT),
	ALONG(sink, success_wall_ms, INT), ALONG(sink, error_wall_ms, INT), ALONG(sink, heartbeat_wall_ms, INT),
};
static const struct mark_field plan_fields[] = {
	FIELD(plan, name, TEXT), FIELD(plan, array, ANY_ARRAY), FIELD(plan, armed, UINT), WORD(plan, state, run_state),
	FIELD(plan, file_says, UINT),
	REF(plan, run, RUN), FIELD(plan, blocked_until_ms, BOOT), FIELD(plan, drill_wall_ms, INT),
	FIELD(plan, drill_ms, UINT), FIELD(plan, drill_ok, UINT), FIELD(plan, last_incident_used, UINT),
	FIELD(plan, last_incident, UINT), ALONG(plan, refusals, UINT), ALONG(plan, refused_wall_ms, INT),
	ALONG(plan, refused_gate, TEXT), ALONG(plan, refused_why, TEXT),
};
static const struct mark_field run_fields[] = {
	FIELD(run, id, UINT), NEEDED(run, plan, PLAN), FIELD(run, array, ANY_ARRAY), WORD(run, state, run_state),
	WORD(run, mode, run_mode), WORD(run, verb, verb), WORD(run, verdict, verdict), WORD(run, severity, severity),
	FIELD(run, fenced, UINT), FIELD(run, cleared, UINT), FIELD(run, step, UINT), FIELD(run, attempt, UINT),
	FIELD(run, incident, UINT), FIELD(run, by_uid, UINT), FIELD(run, previous_exit, INT),
	FIELD(run, since_wall_ms, INT), FIELD(run, ended_wall_ms, INT), FIELD(run, approved_wall_ms, INT),
	FIELD(run, by, TEXT), FIELD(run, why, TEXT), FIELD(run, reason, TEXT), FIELD(run, target, TEXT),
};
static const struct mark_field step_fields[] = {
	NEEDED(step, run, RUN), FIELD(step, index, UINT), WORD(step, state, step_state), WORD(step, verb, verb),
	WORD(step, exit_kind, exit_kind), FIELD(step, verbs_done, UINT), FIELD(step, attempt, UINT),
	FIELD(step, exit_value, INT), FIELD(step, started_wall_ms, INT), FIELD(step, ended_wall_ms, INT),
	FIELD(step, name, TEXT), FIELD(step, status, TEXT),
};
static const struct mark_field maintenance_fields[] = {
	REF(maintenance, component, COMPONENT), FIELD(maintenance, array, ARRAY), WORD(maintenance, allow_kind, kind),
	FIELD(maintenance, allow_count, UINT), FIELD(maintenance, by_uid, UINT), FIELD(maintenance, since_wall_ms, INT),
	FIELD(maintenance, until_wall_ms, INT), FIELD(maintenance, until_ms, BOOT), FIELD(maintenance, by, TEXT),
	FIELD(maintenance, why, TEXT),
};
/* All along: the writer is told of a new day by itself and takes its time over it. */
#define DAY(i) ALONG(daily, temperature[i], INT), ALONG(daily, reallocated[i], UINT)
static const struct mark_field daily_fields[] = {
	NEEDED(daily, component, COMPONENT), ALONG(daily, day, UINT),
	DAY(0), DAY(1), DAY(2), DAY(3), DAY(4), DAY(5), DAY(6), DAY(7),
};

#define FITS(r) (sizeof(char[ARRAY_SIZE(r##_fields) <= MARK_FIELDS_MAX ? 1 : -1]))
#define DURABLE(r, R) [TABLE_##R] = {r##_fields, ARRAY_SIZE(r##_fields) * FITS(r)}
const struct mark_table mark_tables[TABLE_COUNT] = {
	DURABLE(self, SELF), DURABLE(array, ARRAY), DURABLE(source, SOURCE), DURABLE(component, COMPONENT),
	DURABLE(fact, FACT), DURABLE(finding, FINDING), DURABLE(serd, SERD), DURABLE(group, GROUP),
	DURABLE(member, MEMBER), DURABLE(via, VIA), DURABLE(incident, INCIDENT), DURABLE(alert, ALERT),
	DURABLE(sink, SINK), DURABLE(plan, PLAN), DURABLE(run, RUN), DURABLE(step, STEP),
	DURABLE(maintenance, MAINTENANCE), DURABLE(daily, DAILY),
};

#define X(row, NAME) [TABLE_##NAME] = #row,
static const char *const table_names[TABLE_COUNT] = {MODEL_TABLES(X)};
#undef X
/* clang-format on */

const char *mark_table_name(enum table t)
{
	return word_in(table_names, ARRAY_SIZE(table_names), (size_t)t);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the low bytes come first");

uint64_t mark_get_uint(const void *p, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p, MIN_OF(size, sizeof(v)));
	return v;
}

void mark_put_uint(void *p, size_t size, uint64_t v)
{
	memcpy(p, &v, MIN_OF(size, sizeof(v)));
}

void mark_source_name(const struct model *m, unsigned source, char *buf, size_t size)
{
	const struct source_row *s = source_at(m, source);
	const struct array_row *a = s ? array_at(m, s->array) : NULL;
	unsigned nth = 0;

	if (!s) {
		copy_text(buf, size, "");
		return;
	}
	for (unsigned i = 0; i < source; i++)
		nth += source_at(m, i)->used && source_at(m, i)->type == s->type && source_at(m, i)->array == s->array;
	format_text(buf, size, "%s/%s/%u", a ? a->name : "", source_type_text(s->type), nth);
}
