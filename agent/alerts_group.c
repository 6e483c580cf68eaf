/* What becomes one message where a minute's limit leaves no room for each: one key, closed with the last that it stood for. */
#include "agent/engine_parts.h"

static struct alert_row group_alert(const struct engine *e, unsigned array, uint32_t sinks)
{
	const struct array_row *row = array_at(&e->model, array);
	struct alert_row a = {.array = (uint16_t)array,
		.incident = row ? row->incident : NONE16,
		.plan = NONE16,
		.finding = NONE32,
		.component = NONE32,
		.wanted = sinks};

	copy_text(a.rule_id, sizeof(a.rule_id), "alert.grouped");
	return a;
}

static const char *array_name(const struct engine *e, unsigned array)
{
	const struct array_row *row = array_at(&e->model, array);

	return row ? row->name : "Ballast";
}

/* Whom the incident's end must still be told: those who were told of many as one. */
static void note_grouped(struct engine *e, uint16_t incident, uint32_t added, uint32_t removed)
{
	struct incident_row i;

	if (incident == NONE16 || !incident_at(&e->model, incident))
		return;
	i = *incident_at(&e->model, incident);
	i.grouped = (i.grouped | added) & ~removed;
	emit(e, REC_INCIDENT, TABLE_INCIDENT, incident, &i, SEV_NONE, NULL);
}

void alert_group_fire(struct engine *e, unsigned array, uint32_t sinks, unsigned n, enum severity severity)
{
	struct alert_row a = group_alert(e, array, sinks);

	a.type = ALERT_FINDING_FIRING;
	a.severity = (uint8_t)severity;
	format_text(a.summary, sizeof(a.summary), "%s: %u more finding%s", array_name(e, array), n,
		n == 1 ? "" : "s, told as one");
	copy_text(a.action, sizeof(a.action), "See all of them: ballastctl findings");
	alert_raise(e, &a);
	note_grouped(e, a.incident, sinks, 0);
}

static struct alert_row over_alert(const struct engine *e, unsigned array, uint32_t sinks)
{
	struct alert_row a = group_alert(e, array, sinks);

	a.type = ALERT_FINDING_RESOLVED;
	a.resolved = 1;
	a.severity = SEV_INFO;
	return a;
}

void alert_group_over(struct engine *e, unsigned array, uint32_t sinks)
{
	struct alert_row a;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (f->used && f->active && f->array == array)
			sinks &= ~(f->told & ~f->open);
	}
	if (!sinks)
		return;
	a = over_alert(e, array, sinks);
	format_text(a.summary, sizeof(a.summary), "%s: the findings that were told as one are over",
		array_name(e, array));
	alert_raise(e, &a);
	note_grouped(e, a.incident, 0, sinks);
}

void alert_grouped_over(struct engine *e, uint16_t incident)
{
	const struct incident_row *i = incident_at(&e->model, incident);
	struct alert_row a;

	if (!i->grouped)
		return;
	a = over_alert(e, i->array, i->grouped);
	a.incident = incident;
	a.severity = i->severity;
	format_text(a.summary, sizeof(a.summary), "%s: all clear, incident i-%u is over",
		array_name(e, i->array), i->id);
	alert_raise(e, &a);
}
