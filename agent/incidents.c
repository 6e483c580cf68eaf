/* One incident per array, from the first finding that matters to the all-clear. */
#include "agent/engine_parts.h"

#include <stdio.h>

#include "agent/view.h"

enum { INCIDENTS_MAX = 512 };

struct trouble {
	enum severity severity;
	unsigned findings, unacked;
	uint32_t first; /* finding, NONE32 */
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

static struct trouble trouble_of(const struct model *m, unsigned array)
{
	const struct array_row *a = array_at(m, array);
	struct trouble t = {.severity = incident_only_ahead(a)
						? SEV_NONE
						: verdict_severity((enum verdict)a->verdict),
		.first = NONE32};

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (!f->used || !f->active || f->array != array || f->severity < SEV_WARNING ||
			is_ahead(f))
			continue;
		t.findings++;
		t.unacked += !f->acked && f->folded == NONE16;
		t.severity = MAX_OF(t.severity, (enum severity)f->severity);
		if (t.first == NONE32 || f->since_ms < finding_at(m, t.first)->since_ms)
			t.first = i;
	}
	return t;
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

static void join_findings(struct engine *e, unsigned array, uint16_t incident)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		struct finding_row f = *finding_at(&e->model, i);

		if (!f.used || !f.active || f.array != array || f.incident == incident ||
			f.severity < SEV_WARNING || is_ahead(&f))
			continue;
		f.incident = incident;
		emit(e, REC_FINDING_CHANGED, TABLE_FINDING, i, &f, SEV_NONE, NULL);
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
	alert_grouped_over(e, index);
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

	for (uint32_t i = 0; i < array_count(&e->model); i++) {
		const struct array_row *a = array_at(&e->model, i);
		struct trouble t;
		uint16_t incident;

		if (!a->used)
			continue;
		t = trouble_of(&e->model, i);
		if (t.severity < SEV_WARNING) {
			if (a->incident != NONE16)
				incident_close(e, i);
			continue;
		}
		incident = incident_open(e, i, t.severity);
		if (incident == NONE16)
			continue;
		join_findings(e, i, incident);
		incident_refresh(e, incident, &t);
	}
	return e->log.head != before;
}
