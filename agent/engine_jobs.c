/* Jobs that end, workers that hang, and whom a complete answer no longer names. */
#include "agent/engine_parts.h"

void engine_stuck(
	struct engine *e, uint32_t component, unsigned source, uint64_t now_ms, int64_t wall_ms)
{
	struct self_row self = engine_self_row(e);

	engine_enter(e, now_ms, wall_ms);
	self.abandoned++;
	emit(e, REC_SELF, TABLE_SELF, 0, &self, SEV_NONE, NULL);
	if (component_at(&e->model, component) && component_at(&e->model, component)->used) {
		struct component_row c = *component_at(&e->model, component);

		c.flags |= COMPONENT_STUCK;
		if (c.abandoned < UINT16_MAX)
			c.abandoned++;
		emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
		if (source < e->config->nsources)
			seen_note(e, component, source, OUTCOME_STUCK);
		engine_touch(e, component);
	} else if (source < e->config->nsources) {
		source_finding(e, "source.stuck", source, "A worker had to be given up");
	}
	if (source < e->config->nsources && source_has_answered(e, source)) {
		source_is_listed(e, source);
		source_answered(e, source);
	}
	settle(e);
}

/* A source of devices is one look per device: it fails only when nothing of it answers any more. */
static bool devices_failing(
	const struct engine *e, const struct job_end *j, const struct source_row *s)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < component_count(&e->model); i++)
		n += component_at(&e->model, i)->used && model_seen(&e->model, i, j->source);
	return s->misses > n;
}

static bool is_answer(const struct job_end *j)
{
	return j->outcome == OUTCOME_OK || j->outcome == OUTCOME_ASLEEP ||
	       j->outcome == OUTCOME_IDLE;
}

/* Is there another source that has it? Then it is no guest that left. */
static bool named_elsewhere(const struct engine *e, uint32_t component, unsigned source)
{
	for (uint32_t i = model_first_seen(&e->model, component); i != NONE32;
		i = model_next_seen(&e->model, i)) {
		const struct seen_row *s = seen_at(&e->model, i);

		if (s->source != source && s->state != STATE_ABSENT &&
			seen_good_until(s) > e->now_ms)
			return true;
	}
	return false;
}

void component_unlisted(struct engine *e, uint32_t component, unsigned source, uint32_t job)
{
	struct component_row c = *component_at(&e->model, component);
	char text[TEXT_MAX];

	if (!(c.flags & COMPONENT_ADOPTED) && !named_elsewhere(e, component, source)) {
		format_text(text, sizeof(text), "%s %s is no longer listed; it was never adopted",
			kind_text((enum kind)c.kind), c.name);
		component_forget(e, component, text);
		return;
	}
	seen_absent(e, component, source, job);
	component_fuse(e, component, &c);
	if (c.source == source) {
		memset(c.raw, 0, sizeof(c.raw));
		copy_text(c.message, sizeof(c.message),
			"It is not in the complete answer of its source.");
	}
	if (!memcmp(&c, component_at(&e->model, component), sizeof(c)))
		return;
	emit(e, REC_COMPONENT, TABLE_COMPONENT, component, &c, SEV_NONE, NULL);
	engine_touch(e, component);
}

static bool lists(const struct job_end *j, unsigned kind)
{
	return !j->kinds || j->kinds & 1u << kind;
}

/* Seen before and not in a complete answer: absent, or a guest that left. */
static void mark_absent(struct engine *e, const struct job_end *j)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct seen_row *s = component_at(&e->model, i)->used
						   ? model_seen(&e->model, i, j->source)
						   : NULL;

		if (s && s->job != j->job && lists(j, component_at(&e->model, i)->kind))
			component_unlisted(e, i, j->source, j->job);
	}
}

static void source_ends(struct engine *e, const struct job_end *j)
{
	struct source_row s = *source_at(&e->model, j->source), old = s;
	bool devices = source_device_kind((enum source_type)s.type), first = !s.answered || !s.success_ms;

	s.answered = source_has_answered(e, j->source);
	s.took_ms = j->took_ms;
	if (is_answer(j)) {
		s.success_ms = MAX_OF(e->now_ms, 1u);
		s.success_wall_ms = e->wall_ms;
	}
	if (s.unlisted) {
		/* one device that answers does not say which others there are */
	} else if (is_answer(j)) {
		s.outcome = OUTCOME_OK;
		s.misses = 0;
		memset(s.error, 0, sizeof(s.error));
	} else {
		if (s.misses < UINT16_MAX)
			s.misses++;
		if (!devices || devices_failing(e, j, &s)) {
			s.outcome = j->outcome;
			copy_text(s.error, sizeof(s.error),
				j->error[0] ? j->error : outcome_text((enum outcome)j->outcome));
		}
	}
	emit(e, REC_SOURCE, TABLE_SOURCE, j->source, &s, SEV_NONE, NULL);
	/* visibility follows from it */
	if (first || old.outcome != s.outcome)
		engine_changed(e, s.array);
	if (s.outcome == OUTCOME_OK) {
		source_finding(e, "source.failing", j->source, NULL);
		source_finding(e, "source.stuck", j->source, NULL);
	} else if (s.outcome != OUTCOME_NONE) {
		source_finding(e, "source.failing", j->source, s.error);
	}
}

void engine_job_end(struct engine *e, const struct job_end *end, uint64_t now_ms, int64_t wall_ms)
{
	struct job_end j = *end;

	engine_enter(e, now_ms, wall_ms);
	j.error[sizeof(j.error) - 1] = '\0';
	if (j.source >= e->config->nsources || j.outcome >= OUTCOME_COUNT ||
		!source_at(&e->model, j.source))
		return;
	if (j.complete && j.outcome == OUTCOME_OK &&
		!source_device_kind((enum source_type)source_at(&e->model, j.source)->type))
		mark_absent(e, &j);
	layout_end(e, &j, j.complete && j.outcome == OUTCOME_OK && (!j.kinds || j.kinds >> KIND_POOL & 1));
	source_is_listed(e, j.source);
	source_ends(e, &j);
	if (j.complete && j.outcome == OUTCOME_OK)
		notices_judge(e, j.source);
	if (e->dirty || e->touched)
		settle(e);
}
