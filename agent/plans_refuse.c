/* What a gate says of a plan that is wanted: a record, and people who are told. */
#include "agent/run_parts.h"

static void tell_refusal(
	struct engine *e, const struct plan_row *p, uint32_t plan, const char *text)
{
	struct alert_row row = {.used = 1,
		.type = ALERT_FAILOVER_REFUSED,
		.severity = SEV_WARNING,
		.array = p->array,
		.plan = (uint16_t)plan,
		.finding = NONE32,
		.component = NONE32,
		.incident = NONE16};

	copy_text(row.rule_id, sizeof(row.rule_id), "failover.refused");
	copy_text(row.summary, sizeof(row.summary), text);
	format_text(row.action, sizeof(row.action),
		"Look at the gate, or run it by hand: ballastctl failover run %s", p->name);
	alert_raise(e, &row);
}

bool refuse(struct engine *e, uint32_t plan, const char *gate, const char *why, bool tell)
{
	struct plan_row p = *plan_at(&e->model, plan);
	int64_t wanted_wall_ms =
		e->wall_ms - (int64_t)(e->now_ms - MIN_OF(e->now_ms, p.wanted_since_ms));
	char text[TEXT_MAX];

	if (p.wanted_since_ms && text_equal(p.refused_gate, gate) &&
		p.refused_wall_ms >= wanted_wall_ms)
		return false;
	copy_text(p.refused_gate, sizeof(p.refused_gate), gate);
	copy_text(p.refused_why, sizeof(p.refused_why), why);
	p.refused_wall_ms = e->wall_ms;
	p.refusals++;
	format_text(text, sizeof(text), "plan '%s' refused by gate %s: %.90s", p.name, gate, why);
	plan_put(e, plan, REC_REFUSED, &p, SEV_WARNING, text);
	if (tell)
		tell_refusal(e, &p, plan, text);
	return true;
}
