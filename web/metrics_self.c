#include "web/metrics_write.h"

/* clang-format off */
static const struct family build_info = {"ballast_build_info", "gauge", "Version of Ballast."};
static const struct family probe_success = {"ballast_probe_last_success_timestamp_seconds", "gauge", "When the source last answered completely; absent before that."};
static const struct family probe_duration = {"ballast_probe_duration_seconds", "gauge", "How long the source's last look took."};
static const struct family abandoned = {"ballast_probes_abandoned", "gauge", "Workers given up on because a device holds them."};
static const struct family queue_length = {"ballast_alert_queue_length", "gauge", "Messages that wait for the sink."};
static const struct family queue_age = {"ballast_alert_oldest_age_seconds", "gauge", "Age of the oldest message that waits; absent when none does."};
static const struct family sink_success = {"ballast_sink_last_success_timestamp_seconds", "gauge", "When the sink last accepted a message."};
static const struct family alerts_sent = {"ballast_alerts_sent_total", "counter", "Messages by what the sink made of them."};
static const struct family armed = {"ballast_failover_armed", "gauge", "1 when the plan may start by itself."};
static const struct family run_state = {"ballast_failover_run_state", "gauge", "1 for the state of the plan's last run, 0 for the others."};
static const struct family refused = {"ballast_failover_refusals_total", "counter", "Runs refused, by the gate that refused."};
static const struct family drill_time = {"ballast_failover_last_drill_timestamp_seconds", "gauge", "When the plan was last rehearsed; absent when never."};
static const struct family drill_success = {"ballast_failover_last_drill_success", "gauge", "1 when the last rehearsal passed."};
static const struct family config_ok = {"ballast_config_last_reload_successful", "gauge", "0 while the configuration on disk was refused and the old one is used."};
static const struct family engine_lag = {"ballast_engine_lag_seconds", "gauge", "How late the engine's last decision was."};
/* clang-format on */

/* "exec", "exec-2" … : the type, numbered within its array, so that two of a type are two series */
static void source_labels(struct writer *w, uint32_t index)
{
	const struct source_row *s = source_at(w->model, index);
	const struct array_row *a = array_at(w->model, s->array);
	unsigned nth = 1;
	char name[32];

	for (uint32_t i = 0; i < index; i++)
		nth += source_at(w->model, i)->used && source_at(w->model, i)->array == s->array &&
		       source_at(w->model, i)->type == s->type;
	format_text(name, sizeof(name), nth > 1 ? "%s-%u" : "%s", source_type_text(s->type), nth);
	metric_name(w);
	metric_label(w, true, "array", a ? a->name : "");
	metric_label(w, false, "source", name);
}

static void sources(struct writer *w)
{
	metric_begin(w, &probe_success);
	for (uint32_t i = 0; i < source_count(w->model); i++)
		if (source_at(w->model, i)->used && source_at(w->model, i)->success_wall_ms) {
			source_labels(w, i);
			metric_end_milli(w, true, source_at(w->model, i)->success_wall_ms);
		}
	metric_begin(w, &probe_duration);
	for (uint32_t i = 0; i < source_count(w->model); i++)
		if (source_at(w->model, i)->used &&
			source_at(w->model, i)->outcome != OUTCOME_NONE) {
			source_labels(w, i);
			metric_end_milli(w, true, source_at(w->model, i)->took_ms);
		}
}

static void sink_label(struct writer *w, const struct sink_row *s)
{
	metric_name(w);
	metric_label(w, true, "sink", s->name);
}

static void sinks(struct writer *w)
{
	const struct model *m = w->model;

	metric_begin(w, &queue_length);
	for (uint32_t i = 0; i < sink_count(m); i++)
		if (sink_at(m, i)->used) {
			sink_label(w, sink_at(m, i));
			metric_end_unsigned(w, true, sink_at(m, i)->queued);
		}
	metric_begin(w, &queue_age);
	for (uint32_t i = 0; i < sink_count(m); i++)
		if (sink_at(m, i)->used && sink_at(m, i)->queued && sink_at(m, i)->oldest_wall_ms) {
			int64_t age = w->view->wall_ms - sink_at(m, i)->oldest_wall_ms;

			sink_label(w, sink_at(m, i));
			metric_end_milli(w, true, MAX_OF(age, 0));
		}
	metric_begin(w, &sink_success);
	for (uint32_t i = 0; i < sink_count(m); i++)
		if (sink_at(m, i)->used && sink_at(m, i)->success_wall_ms) {
			sink_label(w, sink_at(m, i));
			metric_end_milli(w, true, sink_at(m, i)->success_wall_ms);
		}
	metric_begin(w, &alerts_sent);
	for (uint32_t i = 0; i < sink_count(m); i++) {
		const struct sink_row *s = sink_at(m, i);

		if (!s->used)
			continue;
		sink_label(w, s);
		metric_label(w, false, "result", "accepted");
		metric_end_unsigned(w, true, s->sent);
		sink_label(w, s);
		metric_label(w, false, "result", "failed");
		metric_end_unsigned(w, true, s->failed);
	}
}

static void plan_label(struct writer *w, const struct plan_row *p)
{
	metric_name(w);
	metric_label(w, true, "plan", p->name);
}

/* The row tells how many in all and which gate was last: what came since the last render is that gate's. */
static void refusals_count(struct metrics_refusals *r, const struct plan_row *p)
{
	uint32_t more = p->refusals > r->known ? p->refusals - r->known : 0;

	for (unsigned g = 0; more && g < METRICS_GATES; g++)
		if (!r->gate[g].gate[0] || !strcmp(r->gate[g].gate, p->refused_gate)) {
			memcpy(r->gate[g].gate, p->refused_gate, sizeof(r->gate[g].gate));
			r->gate[g].count += more;
			more = 0;
		}
	r->known = MAX_OF(p->refusals, r->known);
}

static void refusals(struct writer *w)
{
	metric_begin(w, &refused);
	for (uint32_t i = 0; i < plan_count(w->model) && i < CFG_PLANS; i++) {
		struct metrics_refusals *r = &w->metrics->refusals[i];
		const struct plan_row *p = plan_at(w->model, i);

		if (!p->used)
			continue;
		refusals_count(r, p);
		for (unsigned g = 0; g < METRICS_GATES && r->gate[g].count; g++) {
			plan_label(w, p);
			metric_label(w, false, "gate", r->gate[g].gate);
			metric_end_unsigned(w, true, r->gate[g].count);
		}
	}
}

static void drills(struct writer *w)
{
	const struct model *m = w->model;

	metric_begin(w, &drill_time);
	for (uint32_t i = 0; i < plan_count(m); i++)
		if (plan_at(m, i)->used && plan_at(m, i)->drill_wall_ms) {
			plan_label(w, plan_at(m, i));
			metric_end_milli(w, true, plan_at(m, i)->drill_wall_ms);
		}
	metric_begin(w, &drill_success);
	for (uint32_t i = 0; i < plan_count(m); i++)
		if (plan_at(m, i)->used && plan_at(m, i)->drill_wall_ms) {
			plan_label(w, plan_at(m, i));
			metric_end_unsigned(w, true, plan_at(m, i)->drill_ok);
		}
}

static void plans(struct writer *w)
{
	const struct model *m = w->model;

	metric_begin(w, &armed);
	for (uint32_t i = 0; i < plan_count(m); i++)
		if (plan_at(m, i)->used) {
			plan_label(w, plan_at(m, i));
			metric_end_unsigned(w, true, plan_at(m, i)->armed);
		}
	metric_begin(w, &run_state);
	for (uint32_t i = 0; i < plan_count(m); i++)
		for (unsigned s = 0; plan_at(m, i)->used && s < RUN_STATE_COUNT; s++) {
			plan_label(w, plan_at(m, i));
			metric_label(w, false, "state", run_state_text((enum run_state)s));
			metric_end_unsigned(w, true, plan_at(m, i)->state == s);
		}
	refusals(w);
	drills(w);
}

void metrics_self(struct writer *w)
{
	const struct self_row *s = self_at(w->model, 0);

	if (s && s->used) {
		metric_begin(w, &build_info);
		metric_name(w);
		metric_label(w, true, "version", s->version);
		metric_end_unsigned(w, true, 1);
		metric_begin(w, &config_ok);
		metric_name(w);
		metric_end_unsigned(w, false, s->config_ok);
		metric_begin(w, &engine_lag);
		metric_name(w);
		metric_end_milli(w, false, s->engine_lag_ms);
		metric_begin(w, &abandoned);
		metric_name(w);
		metric_end_unsigned(w, false, s->abandoned);
	}
	sources(w);
	sinks(w);
	plans(w);
}
