/* The operator's marks: acknowledged, in maintenance; they end by themselves. */
#include "agent/engine_parts.h"

#include <stdio.h>

#include "agent/view.h"

static void array_flag(struct engine *e, unsigned array)
{
	struct array_row a = *array_at(&e->model, array);

	a.maintenance = 0;
	for (uint32_t i = 0; i < maintenance_count(&e->model); i++)
		a.maintenance |= maintenance_running(e, maintenance_at(&e->model, i)) &&
				 maintenance_at(&e->model, i)->array == array;
	if (a.maintenance != array_at(&e->model, array)->maintenance)
		emit(e, REC_ARRAY, TABLE_ARRAY, array, &a, SEV_NONE, NULL);
}

static void maintained_name(
	const struct engine *e, const struct maintenance_row *w, char *buf, size_t size)
{
	if (w->component == NONE32)
		copy_text(buf, size, array_at(&e->model, w->array)->name);
	else
		component_id(&e->model, w->component, buf, size);
}

static void maintenance_alert(struct engine *e, const struct maintenance_row *w,
	enum alert_type type, const char *summary)
{
	struct alert_row a = {.type = (uint8_t)type,
		.severity = SEV_INFO,
		.resolved = type == ALERT_MAINTENANCE_ENDED,
		.array = w->array,
		.incident = NONE16,
		.plan = NONE16,
		.finding = NONE32,
		.component = w->component};

	copy_text(a.rule_id, sizeof(a.rule_id), "maintenance");
	if (w->component != NONE32)
		component_id(&e->model, w->component, a.subject, sizeof(a.subject));
	copy_text(a.summary, sizeof(a.summary), summary);
	alert_raise(e, &a);
}

static void maintenance_start(struct engine *e, const struct command *c, struct reply *ret)
{
	struct maintenance_row w = {.used = 1,
		.allow_kind = (uint8_t)c->allow_kind,
		.allow_count = (uint8_t)c->allow_count,
		.by_uid = c->uid,
		.component = model_parse_id(&e->model, c->id),
		.since_wall_ms = e->wall_ms,
		.until_wall_ms = e->wall_ms + (int64_t)c->for_ms,
		.until_ms = e->now_ms + c->for_ms};
	int array = cfg_array_index(e->config, c->id);
	char name[160], span[32], text[TEXT_MAX];

	if (w.component == NONE32 && array < 0) {
		reply_set(ret, -ENOENT,
			"There is no array or component \"%.100s\"; see: ballastctl components",
			c->id);
		return;
	}
	if (!c->for_ms || !c->why[0] || c->allow_kind >= KIND_COUNT || c->allow_count > UINT8_MAX) {
		reply_set(ret, -EINVAL, "Say for how long (--for 2h) and why (--why ...)");
		return;
	}
	w.array = w.component != NONE32 ? component_at(&e->model, w.component)->array
					: (uint16_t)array;
	copy_text(w.by, sizeof(w.by), c->by);
	copy_text(w.why, sizeof(w.why), c->why);
	maintained_name(e, &w, name, sizeof(name));
	span_text(c->for_ms, span, sizeof(span));
	format_text(text, sizeof(text), "%.60s in maintenance for %s by %s: %s", name, span, w.by,
		w.why);
	emit(e, REC_MAINTENANCE_STARTED, TABLE_MAINTENANCE,
		model_free_index(&e->model, TABLE_MAINTENANCE), &w, SEV_INFO, text);
	array_flag(e, w.array);
	maintenance_alert(e, &w, ALERT_MAINTENANCE_STARTED, text);
	reply_set(ret, 0, "%s", text);
}

static void maintenance_end(struct engine *e, uint32_t i, const char *how)
{
	struct maintenance_row w = *maintenance_at(&e->model, i);
	char name[160], text[TEXT_MAX];

	maintained_name(e, &w, name, sizeof(name));
	format_text(text, sizeof(text), "Maintenance of %.100s %s", name, how);
	w.used = 0;
	emit(e, REC_MAINTENANCE_ENDED, TABLE_MAINTENANCE, i, &w, SEV_INFO, text);
	array_flag(e, w.array);
	maintenance_alert(e, &w, ALERT_MAINTENANCE_ENDED, text);
}

static void maintenance_stop(struct engine *e, const struct command *c, struct reply *ret)
{
	uint32_t component = model_parse_id(&e->model, c->id);
	int array = cfg_array_index(e->config, c->id);
	unsigned n = 0;

	for (uint32_t i = 0; i < maintenance_count(&e->model); i++) {
		const struct maintenance_row *w = maintenance_at(&e->model, i);

		if (!w->used || w->component != component ||
			(component == NONE32 && w->array != array))
			continue;
		maintenance_end(e, i, "was ended");
		n++;
	}
	reply_set(ret, n ? 0 : -ENOENT,
		n ? "Maintenance of %.100s was ended" : "\"%.100s\" is not in maintenance", c->id);
}

static void finding_ack(struct engine *e, uint32_t i, const struct command *c)
{
	struct finding_row f = *finding_at(&e->model, i);
	struct alert_row a = {.type = ALERT_FINDING_ACKNOWLEDGED,
		.severity = f.severity,
		.array = f.array,
		.incident = f.incident,
		.plan = NONE16,
		.finding = i,
		.component = f.component,
		.wanted = f.told};
	char text[TEXT_MAX];

	f.acked = 1;
	f.acked_severity = f.severity;
	f.acked_uid = c->uid;
	f.acked_until_wall_ms = c->for_ms ? e->wall_ms + (int64_t)c->for_ms : 0;
	copy_text(f.acked_by, sizeof(f.acked_by), c->by);
	copy_text(f.acked_why, sizeof(f.acked_why), c->why);
	format_text(
		text, sizeof(text), "F-%u acknowledged by %s: %s", f.id, f.acked_by, f.acked_why);
	emit(e, REC_ACKNOWLEDGED, TABLE_FINDING, i, &f, SEV_INFO, text);
	if (f.array != NONE16)
		recurring_forget(e, f.array);
	if (!f.told)
		return;
	copy_text(a.rule_id, sizeof(a.rule_id), f.rule_id);
	if (f.component != NONE32)
		component_id(&e->model, f.component, a.subject, sizeof(a.subject));
	else
		copy_text(a.subject, sizeof(a.subject), f.subject);
	copy_text(a.summary, sizeof(a.summary), text);
	alert_raise(e, &a);
}

static void finding_unack(struct engine *e, uint32_t i, const char *how)
{
	struct finding_row f = *finding_at(&e->model, i);
	char text[TEXT_MAX];

	f.acked = 0;
	f.acked_until_wall_ms = 0;
	format_text(text, sizeof(text), "F-%u is no longer acknowledged: %s", f.id, how);
	emit(e, REC_UNACKNOWLEDGED, TABLE_FINDING, i, &f, (enum severity)f.severity, text);
}

/* "F-32", "f-32" or "32"; "i-31" for everything in an incident. Returns 0 for anything else. */
static unsigned long number_in(const char *id, char prefix)
{
	char *end;
	unsigned long n;

	if ((id[0] | 0x20) == prefix && id[1] == '-')
		id += 2;
	else if (prefix != 'f')
		return 0;
	if (id[0] < '0' || id[0] > '9')
		return 0;
	n = strtoul(id, &end, 10);
	return *end || n > UINT32_MAX ? 0 : n;
}

static bool names(const struct engine *e, const struct finding_row *f, const char *id)
{
	unsigned long incident = number_in(id, 'i');

	if (incident)
		return f->incident != NONE16 && incident_at(&e->model, f->incident) &&
		       incident_at(&e->model, f->incident)->id == incident;
	return f->id == number_in(id, 'f');
}

static void ack_command(struct engine *e, const struct command *c, struct reply *ret)
{
	bool unack = c->type == CMD_UNACK;
	unsigned n = 0;

	if (!unack && !c->why[0]) {
		reply_set(ret, -EINVAL, "Say why: --why \"on it\"");
		return;
	}
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (!f->used || !f->active || !names(e, f, c->id) || (unack && !f->acked))
			continue;
		n++;
		if (unack)
			finding_unack(e, i, c->why[0] ? c->why : c->by);
		else
			finding_ack(e, i, c);
		if (!unack)
			notice_acknowledged(e, i);
	}
	if (n)
		reply_set(ret, 0,
			unack ? "%.40s is no longer acknowledged"
			      : "%.40s is acknowledged: quiet until it gets worse",
			c->id);
	else
		reply_set(ret, -ENOENT,
			"No %sfinding \"%.40s\" holds now; see: ballastctl findings",
			unack ? "acknowledged " : "", c->id);
}

void mark_command(struct engine *e, const struct command *c, struct reply *ret)
{
	if (c->type == CMD_MAINTENANCE_START)
		maintenance_start(e, c, ret);
	else if (c->type == CMD_MAINTENANCE_STOP)
		maintenance_stop(e, c, ret);
	else
		ack_command(e, c, ret);
}

bool marks_update(struct engine *e)
{
	uint64_t before = e->log.head;

	for (uint32_t i = 0; i < maintenance_count(&e->model); i++)
		if (maintenance_at(&e->model, i)->used && !maintenance_running(e, maintenance_at(&e->model, i)))
			maintenance_end(e, i, "is over: its time ran out");
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (f->used && f->active && f->acked && f->acked_until_wall_ms &&
			f->acked_until_wall_ms <= e->wall_ms)
			finding_unack(e, i, "its time ran out");
	}
	restarts_judge(e);
	return e->log.head != before;
}

static uint64_t boot_of_wall(const struct engine *e, int64_t wall_ms)
{
	return wall_ms <= e->wall_ms ? e->now_ms : e->now_ms + (uint64_t)(wall_ms - e->wall_ms);
}

uint64_t marks_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < maintenance_count(&e->model); i++)
		if (maintenance_at(&e->model, i)->used)
			next = MIN_OF(
				next, boot_of_wall(e, maintenance_at(&e->model, i)->until_wall_ms));
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (!f->used || !f->active)
			continue;
		if (f->acked && f->acked_until_wall_ms)
			next = MIN_OF(next, boot_of_wall(e, f->acked_until_wall_ms));
		if (f->component == NONE32 && !f->clear_ms && f->rule < rules_count &&
			rules[f->rule].test == TEST_RATE)
			next = MIN_OF(next, e->now_ms + 60000);
	}
	return next;
}
