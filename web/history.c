#include "web/history.h"

const struct history_event *history_at(const struct history *h, uint64_t i)
{
	if (i >= h->count || i >= HISTORY_EVENTS)
		return NULL;
	return &h->event[(h->count - 1 - i) % HISTORY_EVENTS];
}

const struct history_event *history_after(const struct history *h, uint64_t sequence)
{
	uint64_t low = 0, high = MIN_OF(h->count, (uint64_t)HISTORY_EVENTS);

	while (low < high) { /* sequences grow: find how many newest ones are above */
		uint64_t middle = (low + high) / 2;

		if (history_at(h, middle)->sequence > sequence)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? history_at(h, low - 1) : NULL;
}

/* The one byte of a row whose moves make the lanes of an incident. */
static uint8_t moving_part(enum table t, const void *row)
{
	if (!row)
		return 0;
	if (t == TABLE_COMPONENT)
		return ((const struct component_row *)row)->state;
	if (t == TABLE_ARRAY)
		return ((const struct array_row *)row)->verdict;
	if (t == TABLE_RUN)
		return ((const struct run_row *)row)->state;
	return 0;
}

bool history_add(struct history *h, const struct model *before, const struct record *r, char *json)
{
	const struct history_event *newest = history_at(h, 0);
	const struct array_row *a = array_at(before, r->array);
	struct history_event *e = &h->event[h->count % HISTORY_EVENTS];
	union {
		struct component_row component;
		struct array_row array;
		struct run_row run;
	} row = {};

	if (r->quiet || (newest && r->sequence <= newest->sequence)) {
		free(json);
		return false;
	}
	memcpy(&row, r->row, sizeof(row));
	free(e->json);
	*e = (struct history_event){.sequence = r->sequence,
		.wall_ms = r->wall_ms,
		.type = r->type,
		.table = r->table,
		.array = r->array,
		.incident = r->incident,
		.index = r->index,
		.severity = r->severity,
		.from = moving_part(r->table, model_row(before, r->table, r->index)),
		.to = moving_part(r->table, &row),
		.simulated = a && a->used && a->simulated,
		.json = json,
		.json_len = json ? (uint32_t)strlen(json) : 0};
	memcpy(e->text, r->text, sizeof(e->text));
	e->text[sizeof(e->text) - 1] = '\0';
	h->count++;
	return true;
}

void history_clear(struct history *h)
{
	for (unsigned i = 0; i < HISTORY_EVENTS; i++)
		free(h->event[i].json);
	*h = (struct history){};
}
