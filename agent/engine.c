#include "agent/engine_parts.h"

#include <errno.h>

enum { SETTLE_ROUNDS = 16, PLAN_ROUNDS = 4, SOON_MS = 50 };
#define NONE_OFFSET ROW_NAMES_NONE

/* Where rows say which array or component they are about. */
static const struct {
	uint16_t array, component;
} row_owner[TABLE_COUNT] = {
	[TABLE_SELF] = {NONE_OFFSET, NONE_OFFSET},
	[TABLE_ARRAY] = {NONE_OFFSET, NONE_OFFSET},
	[TABLE_SOURCE] = {offsetof(struct source_row, array), NONE_OFFSET},
	[TABLE_COMPONENT] = {offsetof(struct component_row, array), NONE_OFFSET},
	[TABLE_SEEN] = {NONE_OFFSET, offsetof(struct seen_row, component)},
	[TABLE_FACT] = {NONE_OFFSET, offsetof(struct fact_row, component)},
	[TABLE_FINDING] = {offsetof(struct finding_row, array), NONE_OFFSET},
	[TABLE_SERD] = {NONE_OFFSET, offsetof(struct serd_row, component)},
	[TABLE_GROUP] = {offsetof(struct group_row, array), NONE_OFFSET},
	[TABLE_MEMBER] = {NONE_OFFSET, offsetof(struct member_row, component)},
	[TABLE_VIA] = {NONE_OFFSET, offsetof(struct via_row, component)},
	[TABLE_INCIDENT] = {offsetof(struct incident_row, array), NONE_OFFSET},
	[TABLE_ALERT] = {offsetof(struct alert_row, array), NONE_OFFSET},
	[TABLE_SINK] = {NONE_OFFSET, NONE_OFFSET},
	[TABLE_PLAN] = {offsetof(struct plan_row, array), NONE_OFFSET},
	[TABLE_RUN] = {offsetof(struct run_row, array), NONE_OFFSET},
	[TABLE_STEP] = {NONE_OFFSET, NONE_OFFSET},
	[TABLE_MAINTENANCE] = {offsetof(struct maintenance_row, array), NONE_OFFSET},
	[TABLE_NAME] = {NONE_OFFSET, NONE_OFFSET},
	[TABLE_DEADLINE] = {offsetof(struct deadline_row, array), NONE_OFFSET},
	[TABLE_FORECAST] = {offsetof(struct forecast_row, array), NONE_OFFSET},
	[TABLE_DAILY] = {NONE_OFFSET, offsetof(struct daily_row, component)},
};

/* Rows whose change alone changes nothing that is derived. */
#define UNDERIVED                                                                                  \
	(1u << TABLE_SEEN | 1u << TABLE_SOURCE | 1u << TABLE_SELF | 1u << TABLE_SINK |             \
		1u << TABLE_NAME | 1u << TABLE_FACT | 1u << TABLE_DAILY)
/* Rows that a new engine could not derive again from readings. */
#define PRECIOUS                                                                                   \
	(1u << TABLE_FINDING | 1u << TABLE_SERD | 1u << TABLE_ALERT | 1u << TABLE_INCIDENT |       \
		1u << TABLE_PLAN | 1u << TABLE_RUN | 1u << TABLE_STEP | 1u << TABLE_MAINTENANCE |  \
		1u << TABLE_COMPONENT | 1u << TABLE_ARRAY | 1u << TABLE_GROUP |        \
		1u << TABLE_DAILY)

size_t row_names_array(enum table t)
{
	return row_owner[t].array;
}

static uint16_t owner_array(
	const struct model *m, enum table table, uint32_t index, const void *row)
{
	const char *bytes = row;
	uint32_t component;
	uint16_t array;

	if (table == TABLE_ARRAY)
		return (uint16_t)index;
	if (row_owner[table].array != NONE_OFFSET) {
		memcpy(&array, bytes + row_owner[table].array, sizeof(array));
		return array;
	}
	if (row_owner[table].component == NONE_OFFSET)
		return NONE16;
	memcpy(&component, bytes + row_owner[table].component, sizeof(component));
	return component_at(m, component) ? component_at(m, component)->array : NONE16;
}

void engine_changed(struct engine *e, unsigned array)
{
	e->dirty = true;
	if (array < CFG_ARRAYS)
		e->changed_arrays |= UINT64_C(1) << array;
}

/* A pool of one array may stand on drives of another one. */
static void component_changed(struct engine *e, uint32_t component)
{
	for (uint32_t i = 0; i < member_count(&e->model); i++) {
		const struct member_row *r = member_at(&e->model, i);

		if (r->used && r->component == component)
			engine_changed(e, group_at(&e->model, r->group)->array);
	}
}

void emit(struct engine *e, enum record_type type, enum table table, uint32_t index,
	const void *row, enum severity severity, const char *text)
{
	struct record *r = &e->log.ring[(e->log.head + 1) % LOG_RING];
	const struct array_row *a;

	memset(r, 0, sizeof(*r));
	r->sequence = e->log.head + 1;
	r->at_ms = e->now_ms;
	r->wall_ms = e->wall_ms;
	r->type = (uint16_t)type;
	r->table = (uint16_t)table;
	r->index = index;
	r->array = owner_array(&e->model, table, index, row);
	a = array_at(&e->model, r->array);
	r->incident = a ? a->incident : NONE16;
	r->severity = (uint8_t)severity;
	r->quiet = !text || !text[0];
	copy_text(r->text, sizeof(r->text), text);
	memcpy(r->row, row, row_size(table));
	if (model_apply(&e->model, r) < 0) {
		/* only without memory: what cannot be held is not told either */
		r->sequence = 0;
		return;
	}
	e->log.head = r->sequence;
	if (e->log.head - e->log.tail >= LOG_RING)
		e->log.tail = e->log.head - LOG_RING + 1;
	if (!r->quiet)
		journal_owes(e, r->sequence);
	if (!(UNDERIVED & 1u << table))
		engine_changed(e, r->array);
	if (table == TABLE_COMPONENT)
		component_changed(e, index);
	if (PRECIOUS & 1u << table || (table == TABLE_FACT && type == REC_ADOPTED))
		e->checkpoint_due = true;
}

const struct record *log_at(const struct record_log *log, uint64_t sequence)
{
	if (sequence < log->tail || sequence > log->head || !sequence)
		return NULL;
	return &log->ring[sequence % LOG_RING];
}

void engine_enter(struct engine *e, uint64_t now_ms, int64_t wall_ms)
{
	/* the boot clock never steps back; a caller that lets it does not get to undo time */
	e->now_ms = MAX_OF(e->now_ms, now_ms);
	e->wall_ms = wall_ms;
}

struct component_due *engine_due(struct engine *e, uint32_t component)
{
	if (component >= e->ndue) {
		uint32_t n = MAX_OF(component + 1, e->ndue * 2);
		struct component_due *grown = realloc(e->due, n * sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + e->ndue, 0, (n - e->ndue) * sizeof(*grown));
		e->due = grown;
		e->ndue = n;
	}
	return &e->due[component];
}

void engine_touch(struct engine *e, uint32_t component)
{
	struct component_due *d = engine_due(e, component);

	e->touched = true;
	if (!d || d->queued)
		return;
	d->at_ms = 0;
	d->queued = true;
	d->next = 0;
	if (e->queue)
		e->due[e->queue_end - 1].next = component + 1;
	else
		e->queue = component + 1;
	e->queue_end = component + 1;
}

uint32_t engine_untouch(struct engine *e)
{
	uint32_t component = e->queue - 1;
	struct component_due *d;

	if (!e->queue)
		return NONE32;
	d = &e->due[component];
	e->queue = d->next;
	d->next = 0;
	d->queued = false;
	return component;
}

/* Those whose time has come join those that something happened to. */
static void touch_due(struct engine *e)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++)
		if (component_at(&e->model, i)->used &&
			(i >= e->ndue || e->due[i].at_ms <= e->now_ms))
			engine_touch(e, i);
}

/* Time has passed, or everything is new: no array is as it was. */
static void engine_look_at_all(struct engine *e)
{
	e->dirty = true;
	e->changed_arrays = UINT64_MAX;
}

/* What is cheap comes first: most readings change nothing that a group or a verdict follows from. */
static bool settle_round(struct engine *e)
{
	bool changed = false, deep = e->dirty;
	uint64_t arrays;

	e->dirty = false;
	e->touched = false;
	e->recap = deep;
	changed |= components_update(e);
	changed |= findings_update(e);
	if (!changed && !deep && !e->dirty)
		return false;
	changed |= groups_update(e, e->changed_arrays);
	changed |= advise_update(e);
	arrays = e->changed_arrays;
	e->changed_arrays = 0;
	changed |= verdicts_update(e, arrays);
	changed |= incidents_update(e);
	/* what a run does by itself follows from what it just did, and from nothing that was looked at above */
	for (unsigned i = 0; i < PLAN_ROUNDS && plans_update(e); i++)
		changed = true;
	return changed || e->dirty || e->touched;
}

void settle(struct engine *e)
{
	unsigned rounds = 0;
	bool tell = e->dirty;

	e->settle_ms = 0;

	/* people are told only of what the rounds agree on, not of what one of them thought on the way */
	do {
		while (settle_round(e) && ++rounds < SETTLE_ROUNDS)
			tell = true;
	} while (tell && alerts_update(e) && ++rounds < SETTLE_ROUNDS);
	if (rounds >= SETTLE_ROUNDS)
		e->unsettled++;
	e->dirty = false;
	self_ready(e);
}

void engine_settle_soon(struct engine *e)
{
	if ((e->dirty || e->touched) && !e->settle_ms)
		e->settle_ms = e->now_ms + SOON_MS;
}

static void start_sequence(struct engine *e, uint64_t epoch)
{
	e->log.head = MAX_OF(e->model.sequence, epoch << 20);
	e->log.tail = e->log.head + 1;
	e->model.sequence = e->log.head;
}

/*
 * A checkpoint may come from before a restart of the host: its boot clock was another one. Else what was
 * read up to the end of the engine is newer than its successor knows, and nothing is stale for that.
 */
static void rebase_seen(struct engine *e)
{
	for (uint32_t i = 0; i < seen_count(&e->model); i++) {
		struct seen_row s = *seen_at(&e->model, i);

		bool later = s.read_ms > e->now_ms || s.tried_ms > e->now_ms;

		if (!s.used)
			continue;
		s.job = 0; /* looks are numbered anew */
		if (later || !s.read_ms)
			s.read_ms = 0;
		else
			s.read_ms = MIN_OF(s.read_ms + CHECKPOINT_EVERY_MS, e->now_ms);
		s.tried_ms = later ? 0 : MAX_OF(s.tried_ms, s.read_ms);
		if (memcmp(&s, seen_at(&e->model, i), sizeof(s)) != 0)
			emit(e, REC_SEEN, TABLE_SEEN, i, &s, SEV_NONE, NULL);
	}
}

static void count_findings(struct engine *e)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);
		struct component_due *due = f->used && f->active && f->component != NONE32
						    ? engine_due(e, f->component)
						    : NULL;

		if (due)
			due->findings++;
	}
	e->refold = true;
}

int engine_init(struct engine *e, const struct config *config, const void *block, size_t size,
	uint64_t epoch, uint64_t now_ms, int64_t wall_ms)
{
	int r;

	*e = (struct engine){
		.config = config, .now_ms = now_ms, .wall_ms = wall_ms, .began_ms = now_ms};
	e->log.ring = calloc(LOG_RING, sizeof(*e->log.ring));
	if (!e->log.ring)
		return -ENOMEM;
	e->model.epoch = epoch;
	if (block) {
		r = model_unpack(&e->model, build_id(), block, size);
		if (r < 0) {
			engine_free(e);
			return r;
		}
	}
	start_sequence(e, epoch);
	count_findings(e);
	config_remap(e, NULL);
	config_rows(e);
	if (block) {
		rebase_seen(e);
		run_runner_died(e);
	}
	touch_due(e);
	engine_look_at_all(e);
	settle(e);
	return 0;
}

void engine_free(struct engine *e)
{
	model_clear(&e->model);
	free(e->log.ring);
	free(e->due);
	free(e->tellings);
	*e = (struct engine){};
}

void engine_set_config(
	struct engine *e, const struct config *config, uint64_t now_ms, int64_t wall_ms)
{
	const struct config *old = e->config;

	engine_enter(e, now_ms, wall_ms);
	e->config = config;
	config_remap(e, old);
	config_rows(e);
	finding_lower(e, "self.config-refused", NONE16, NONE32);
	for (uint32_t i = 0; i < component_count(&e->model); i++)
		engine_touch(e, i);
	engine_look_at_all(e);
	settle(e);
}

void engine_tick(struct engine *e, uint64_t now_ms, int64_t wall_ms)
{
	engine_enter(e, now_ms, wall_ms);
	(void)marks_update(e);
	notices_update(e);
	devices_update(e);
	touch_due(e);
	engine_look_at_all(e);
	settle(e);
}

uint64_t engine_next_ms(const struct engine *e)
{
	uint64_t next = MIN_OF(findings_next_ms(e), marks_next_ms(e));

	for (uint32_t i = 0; i < e->ndue && i < component_count(&e->model); i++)
		if (component_at(&e->model, i)->used)
			next = MIN_OF(next, e->due[i].at_ms);
	next = MIN_OF(next, MIN_OF(alerts_next_ms(e), plans_next_ms(e)));
	next = MIN_OF(next, MIN_OF(verdicts_next_ms(e), advise_next_ms(e)));
	next = MIN_OF(next, MIN_OF(notices_next_ms(e), devices_next_ms(e)));
	/* what is due already was just settled: at most one more look a second */
	if (next <= e->now_ms)
		next = e->now_ms + 1000;
	return e->settle_ms ? MIN_OF(next, MAX_OF(e->settle_ms, e->now_ms + 1)) : next;
}
