/* One incident per array, from the first finding that matters to the all-clear. */
#include "agent/engine_parts.h"

#include <stdio.h>

#include "agent/view.h"

enum { INCIDENTS_MAX = 512 };

struct trouble {
	enum severity severity;
	unsigned findings, unacked;
};

/* A date ahead has not happened: it is no incident, or every later one would be part of it for years. */
static bool is_ahead(const struct finding_row *f)
{
	return f->rule < rules_count && rules[f->rule].remind_ms;
}

bool incident_only_ahead(const struct array_row *a)
{
	return a->verdict == VERDICT_AT_RISK && a->forecast;
}

static bool is_trouble(const struct finding_row *f)
{
	return f->used && f->active && f->severity >= SEV_WARNING && !is_ahead(f);
}

static struct trouble trouble_of_verdict(const struct array_row *a)
{
	return (struct trouble){
		.severity = incident_only_ahead(a) ? SEV_NONE : verdict_severity((enum verdict)a->verdict)};
}

/* Of all arrays in one pass: there may be many findings, and many arrays. */
static void troubles(const struct model *m, struct trouble ret[CFG_ARRAYS])
{
	for (uint32_t i = 0; i < array_count(m) && i < CFG_ARRAYS; i++)
		ret[i] = trouble_of_verdict(array_at(m, i));
	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);
		struct trouble *t;

		if (!is_trouble(f) || f->array >= CFG_ARRAYS)
			continue;
		t = &ret[f->array];
		t->findings++;
		t->unacked += !f->acked && f->folded == NONE16;
		t->severity = MAX_OF(t->severity, (enum severity)f->severity);
	}
}

static uint32_t free_incident(const struct model *m)
{
	uint32_t oldest = NONE32, i = model_free_index(m, TABLE_INCIDENT);

	if (i < incident_count(m) || i < INCIDENTS_MAX)
		return i;
	for (i = 0; i < incident_count(m); i++)
		if (!incident_at(m, i)->open &&
			(oldest == NONE32 || incident_at(m, i)->id < incident_at(m, oldest)->id))
			oldest = i;
	return oldest == NONE32 ? incident_count(m) : oldest;
}

static void array_incident(struct engine *e, unsigned array, uint16_t incident)
{
	struct array_row a = *array_at(&e->model, array);

	a.incident = incident;
	emit(e, REC_ARRAY, TABLE_ARRAY, array, &a, SEV_NONE, NULL);
}

uint16_t incident_open(struct engine *e, unsigned array, enum severity severity)
{
	struct array_row *a = array_at(&e->model, array);
	struct incident_row n = {.used = 1,
		.open = 1,
		.severity = (uint8_t)severity,
		.array = (uint16_t)array,
		.since_wall_ms = e->wall_ms};
	struct self_row self = engine_self_row(e);
	uint32_t index;
	char text[TEXT_MAX];

	if (!a || a->incident != NONE16)
		return a ? a->incident : NONE16;
	index = free_incident(&e->model);
	if (index >= NONE16)
		return NONE16;
	n.id = self.next_incident ? self.next_incident : 1;
	self.next_incident = n.id + 1;
	emit(e, REC_SELF, TABLE_SELF, 0, &self, SEV_NONE, NULL);
	array_incident(e, array, (uint16_t)index);
	format_text(text, sizeof(text), "Incident i-%u on %s begins", n.id,
		array_at(&e->model, array)->name);
	emit(e, REC_INCIDENT_OPENED, TABLE_INCIDENT, index, &n, severity, text);
	return (uint16_t)index;
}

static void join_findings(struct engine *e)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		const struct array_row *a = is_trouble(f) ? array_at(&e->model, f->array) : NULL;
		struct finding_row row;

		if (!a || a->incident == NONE16 || a->incident == f->incident)
			continue;
		row = *f;
		row.incident = a->incident;
		emit(e, REC_FINDING_CHANGED, TABLE_FINDING, i, &row, SEV_NONE, NULL);
	}
}

static void incident_close(struct engine *e, unsigned array)
{
	const struct array_row *a = array_at(&e->model, array);
	uint16_t index = a->incident;
	struct incident_row n = *incident_at(&e->model, index);
	char text[TEXT_MAX], span[32];

	n.open = 0;
	n.closed_wall_ms = e->wall_ms;
	span_text((uint64_t)MAX_OF(e->wall_ms - n.since_wall_ms, 0), span, sizeof(span));
	format_text(
		text, sizeof(text), "Incident i-%u on %s is over after %s", n.id, a->name, span);
	emit(e, REC_INCIDENT_CLOSED, TABLE_INCIDENT, index, &n, SEV_INFO, text);
	array_incident(e, array, NONE16);
}

static void incident_refresh(struct engine *e, uint16_t index, const struct trouble *t)
{
	struct incident_row n = *incident_at(&e->model, index);

	n.severity = (uint8_t)MAX_OF((enum severity)n.severity, t->severity);
	n.acked = t->findings && !t->unacked;
	n.findings = (uint16_t)MAX_OF(n.findings, MIN_OF(t->findings, UINT16_MAX));
	if (memcmp(&n, incident_at(&e->model, index), sizeof(n)) != 0)
		emit(e, REC_INCIDENT, TABLE_INCIDENT, index, &n, SEV_NONE, NULL);
}

bool incidents_update(struct engine *e)
{
	uint64_t before = e->log.head;
	struct trouble t[CFG_ARRAYS];
	uint16_t incident;

	troubles(&e->model, t);
	for (uint32_t i = 0; i < array_count(&e->model) && i < CFG_ARRAYS; i++) {
		const struct array_row *a = array_at(&e->model, i);

		if (!a->used)
			continue;
		if (t[i].severity >= SEV_WARNING) {
			incident = incident_open(e, i, t[i].severity);
			if (incident != NONE16)
				incident_refresh(e, incident, &t[i]);
		} else if (a->incident != NONE16) {
			incident_close(e, i);
		}
	}
	join_findings(e);
	return e->log.head != before;
}
