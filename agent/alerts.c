/* Messages to people: who wants one, what became of it, who stands in. */
#include "agent/engine_parts.h"

#include <inttypes.h>
#include <stdio.h>

enum { FALLBACK_CRITICAL_MS = 60000, FALLBACK_MS = 300000, FAILING_MS = 60000 };
#define PARKED_KEEP_MS (INT64_C(5) * 24 * 3600000)

static bool sink_takes_array(const struct config *c, const struct cfg_sink *s, const char *array)
{
	for (unsigned i = 0; i < s->narrays; i++)
		if (text_equal(cfg_list(c, s->arrays, i), array))
			return true;
	return !s->narrays;
}

uint32_t sinks_wanting(const struct engine *e, unsigned array, enum severity severity)
{
	const struct array_row *a = array_at(&e->model, array);
	uint32_t bits = 0;

	for (unsigned i = 0; i < e->config->nsinks && i < CFG_SINKS; i++) {
		const struct cfg_sink *s = &e->config->sinks[i];

		if (!s->fallback_for && severity >= s->min_severity &&
			(!a || sink_takes_array(e->config, s, a->name)))
			bits |= 1u << i;
	}
	return bits;
}

/* Those that stand in for any of @bits. */
static uint32_t stand_ins(const struct engine *e, uint32_t bits)
{
	uint32_t out = 0;

	for (unsigned i = 0; i < e->config->nsinks && i < CFG_SINKS; i++)
		if (e->config->sinks[i].fallback_for &&
			bits >> (e->config->sinks[i].fallback_for - 1) & 1)
			out |= 1u << i;
	return out;
}

void alert_raise(struct engine *e, struct alert_row *a)
{
	const struct array_row *array = array_at(&e->model, a->array);

	a->used = 1;
	a->epoch = e->model.epoch;
	a->sequence = e->log.head + 1;
	a->created_ms = e->now_ms;
	a->created_wall_ms = e->wall_ms;
	if (array) {
		if (array->incident == NONE16 && a->severity >= SEV_WARNING && !a->resolved &&
			a->type == ALERT_ARRAY_VERDICT && !incident_only_ahead(array)) {
			(void)incident_open(e, a->array, (enum severity)a->severity);
			array = array_at(&e->model, a->array);
			a->sequence = e->log.head + 1;
		}
		a->incident = a->incident == NONE16 ? array->incident : a->incident;
		a->simulated = array->simulated;
		if (a->type != ALERT_ARRAY_VERDICT) {
			a->verdict = array->verdict;
			a->previous = array->previous;
		}
		a->margin_known = array->margin_known;
		a->margin = array->margin;
	}
	/* truthful, and no page: what a maintenance allows wakes nobody */
	if (a->type == ALERT_ARRAY_VERDICT && verdict_allowed(e, a->array))
		a->severity = MIN_OF(a->severity, (uint8_t)SEV_WARNING);
	if (!a->wanted)
		a->wanted = sinks_wanting(e, a->array, (enum severity)a->severity);
	emit(e, REC_ALERT_NEW, TABLE_ALERT, model_free_index(&e->model, TABLE_ALERT), a,
		(enum severity)a->severity, NULL);
}

static uint32_t pending(const struct alert_row *a)
{
	return a->wanted & ~(a->done | a->parked);
}

static uint32_t find_alert(const struct model *m, uint64_t sequence)
{
	for (uint32_t i = 0; i < alert_count(m); i++)
		if (alert_at(m, i)->used && alert_at(m, i)->sequence == sequence)
			return i;
	return NONE32;
}

static void sink_accepted(struct engine *e, struct sink_row *s, bool heartbeat)
{
	s->state = SINK_OK;
	s->success_wall_ms = e->wall_ms;
	s->next_try_wall_ms = 0;
	memset(s->error, 0, sizeof(s->error));
	if (heartbeat)
		s->heartbeat_wall_ms = e->wall_ms;
	else
		s->sent++;
}

static void sink_failed(struct engine *e, struct sink_row *s, const struct delivery *d)
{
	s->state = d->result == DELIVERY_PARKED ? SINK_PARKED : SINK_RETRYING;
	s->failed++;
	s->error_wall_ms = e->wall_ms;
	s->next_try_wall_ms = d->next_try_wall_ms;
	copy_text(s->error, sizeof(s->error), d->error);
}

static void delivered(
	struct engine *e, uint32_t alert, const struct delivery *d, const struct sink_row *s)
{
	struct alert_row a = *alert_at(&e->model, alert);
	char text[TEXT_MAX];

	if (d->result == DELIVERY_ACCEPTED) {
		a.done |= 1u << d->sink;
		format_text(text, sizeof(text), "%s accepted: %s", s->name, a.summary);
		emit(e, REC_ALERT_DELIVERED, TABLE_ALERT, alert, &a, SEV_INFO, text);
	} else if (d->result == DELIVERY_PARKED) {
		a.parked |= 1u << d->sink;
		a.wanted |= stand_ins(e, 1u << d->sink);
		format_text(
			text, sizeof(text), "%s refused (%s): %s", s->name, s->error, a.summary);
		emit(e, REC_ALERT_PARKED, TABLE_ALERT, alert, &a, SEV_WARNING, text);
	}
}

/* Not by its number: while the message was on its way a reload may have given that to another. */
static uint8_t sink_named(const struct engine *e, const char *name)
{
	int i = cfg_sink_index(e->config, name);

	return i < 0 ? UINT8_MAX : (uint8_t)i;
}

void alert_delivery(struct engine *e, const struct delivery *delivery)
{
	struct delivery d = *delivery;
	struct sink_row s;
	uint32_t alert;
	bool was_ok;
	char text[TEXT_MAX] = "";

	d.error[sizeof(d.error) - 1] = '\0';
	d.name[sizeof(d.name) - 1] = '\0';
	if (d.name[0])
		d.sink = sink_named(e, d.name);
	if (d.sink >= e->config->nsinks || d.sink >= sink_count(&e->model) ||
		d.result >= DELIVERY_RESULT_COUNT)
		return;
	s = *sink_at(&e->model, d.sink);
	d.address[sizeof(d.address) - 1] = '\0';
	if (d.address[0])
		copy_text(s.address, sizeof(s.address), d.address);
	was_ok = s.state == SINK_OK;
	if (d.result == DELIVERY_ACCEPTED)
		sink_accepted(e, &s, !d.sequence);
	else
		sink_failed(e, &s, &d);
	if (was_ok && d.result == DELIVERY_RETRY)
		format_text(text, sizeof(text), "%s cannot be told (%s); it is tried again", s.name,
			s.error);
	emit(e, REC_SINK, TABLE_SINK, d.sink, &s, SEV_WARNING, text);
	alert = d.sequence ? find_alert(&e->model, d.sequence) : NONE32;
	if (alert != NONE32)
		delivered(e, alert, &d, &s);
	if (d.result == DELIVERY_PARKED)
		subject_finding(e, "sink.refused", NONE16, s.name, s.error);
	else if (d.result == DELIVERY_ACCEPTED)
		subject_finding(e, "sink.refused", NONE16, s.name, NULL);
	e->dirty = true;
}

static int64_t stand_in_after(const struct alert_row *a)
{
	return a->severity >= SEV_CRITICAL ? FALLBACK_CRITICAL_MS : FALLBACK_MS;
}

/* Sinks that have not taken this alert for so long that somebody else should be told. */
static uint32_t given_up(const struct engine *e, const struct alert_row *a)
{
	uint32_t bits = pending(a), out = a->parked;

	for (unsigned i = 0; i < sink_count(&e->model); i++)
		if (bits >> i & 1 && e->wall_ms - a->created_wall_ms >= stand_in_after(a))
			out |= 1u << i;
	return out;
}

static void alert_refresh(struct engine *e, uint32_t i)
{
	struct alert_row a = *alert_at(&e->model, i);
	uint32_t more = stand_ins(e, given_up(e, &a)) & ~a.wanted;
	bool refused = a.parked && !a.done && e->wall_ms - a.created_wall_ms < PARKED_KEEP_MS;

	if (more) {
		a.wanted |= more;
		emit(e, REC_ALERT_NEW, TABLE_ALERT, i, &a, (enum severity)a.severity, NULL);
	} else if (!pending(&a) && !refused) {
		a.used = 0;
		emit(e, REC_ALERT_DONE, TABLE_ALERT, i, &a, SEV_NONE, NULL);
	}
}

/* By the age of what waits, not by the courier's word: one that hangs says nothing, and all looks well. */
static void sink_judge(struct engine *e, const struct sink_row *s)
{
	if (s->oldest_wall_ms && e->wall_ms - s->oldest_wall_ms >= FAILING_MS)
		subject_finding(e, "sink.failing", NONE16, s->name,
			s->error[0] ? s->error : "Nothing was heard of them for a minute");
	else if (s->state == SINK_OK)
		subject_finding(e, "sink.failing", NONE16, s->name, NULL);
}

static void sink_refresh(struct engine *e, uint32_t i)
{
	struct sink_row s = *sink_at(&e->model, i);

	s.queued = 0;
	s.oldest_wall_ms = 0;
	for (uint32_t k = 0; k < alert_count(&e->model); k++) {
		const struct alert_row *a = alert_at(&e->model, k);

		if (!a->used || !(pending(a) >> i & 1))
			continue;
		s.queued++;
		if (!s.oldest_wall_ms || a->created_wall_ms < s.oldest_wall_ms)
			s.oldest_wall_ms = a->created_wall_ms;
	}
	if (s.queued != sink_at(&e->model, i)->queued ||
		s.oldest_wall_ms != sink_at(&e->model, i)->oldest_wall_ms)
		emit(e, REC_SINK, TABLE_SINK, i, &s, SEV_NONE, NULL);
	sink_judge(e, &s);
}

bool alerts_update(struct engine *e)
{
	uint64_t before;

	findings_tell(e);
	before = e->log.head;
	for (uint32_t i = 0; i < alert_count(&e->model); i++)
		if (alert_at(&e->model, i)->used)
			alert_refresh(e, i);
	e->dirty = false;
	for (uint32_t i = 0; i < sink_count(&e->model); i++)
		if (sink_at(&e->model, i)->used)
			sink_refresh(e, i);
	/* only a finding about a sink asks for another round */
	return e->log.head != before && e->dirty;
}

uint64_t alerts_next_ms(const struct engine *e)
{
	uint64_t next = tell_next_ms(e);

	for (uint32_t i = 0; i < alert_count(&e->model); i++) {
		const struct alert_row *a = alert_at(&e->model, i);
		uint64_t at = a->created_ms + (uint64_t)stand_in_after(a);

		if (!a->used || !pending(a))
			continue;
		if (stand_ins(e, pending(a)) & ~a->wanted && at > e->now_ms)
			next = MIN_OF(next, at);
		if (a->created_ms + FAILING_MS > e->now_ms)
			next = MIN_OF(next, a->created_ms + FAILING_MS);
	}
	return next;
}

void alert_key(const struct model *m, const struct alert_row *a, char *buf, size_t size)
{
	const struct array_row *array = array_at(m, a->array);
	const struct self_row *self = self_at(m, 0);
	const char *whole = array  ? (array->serial[0] ? array->serial : array->name)
			    : self ? self->host
				   : "";
	/* "san1/canister/B": hosts may name the array differently, its serial says which it is */
	const char *part = strchr(a->subject, '/');

	format_text(buf, size, "%s/%s%s%s", whole, a->rule_id, a->subject[0] ? "/" : "",
		array && part ? part + 1 : a->subject);
}

void alert_id(const struct alert_row *a, char *buf, size_t size)
{
	format_text(buf, size, "msg_%" PRIx64 "_%" PRIu64, a->epoch, a->sequence);
}
