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

void alert_group_fire(struct engine *e, unsigned array, uint32_t sinks, unsigned n, enum severity severity)
{
	struct alert_row a = group_alert(e, array, sinks);

	a.type = ALERT_FINDING_FIRING;
	a.severity = (uint8_t)severity;
	format_text(a.summary, sizeof(a.summary), "%s: %u more finding%s", array_name(e, array), n,
		n == 1 ? "" : "s, told as one");
	copy_text(a.action, sizeof(a.action), "See all of them: ballastctl findings");
	alert_raise(e, &a);
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
	a = group_alert(e, array, sinks);
	a.type = ALERT_FINDING_RESOLVED;
	a.resolved = 1;
	a.severity = SEV_INFO;
	format_text(a.summary, sizeof(a.summary), "%s: the findings that were told as one are over",
		array_name(e, array));
	alert_raise(e, &a);
}
