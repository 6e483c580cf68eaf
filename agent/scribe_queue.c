#include "agent/scribe.h"

static uint32_t incident_number(const struct model *m, unsigned index)
{
	const struct incident_row *i = incident_at(m, index);

	return i && i->used ? i->id : 0;
}

/* The oldest of the least severe gives way; never a more severe one for a less. */
static bool make_room(struct scribe *s, unsigned severity)
{
	uint32_t victim = s->nwaiting;

	for (uint32_t i = s->given; i < s->nwaiting; i++)
		if (victim == s->nwaiting || s->waiting[i].severity < s->waiting[victim].severity)
			victim = i;
	s->dropped++;
	if (victim == s->nwaiting || s->waiting[victim].severity > severity)
		return false;
	memmove(&s->waiting[victim], &s->waiting[victim + 1], (s->nwaiting - victim - 1) * sizeof(*s->waiting));
	s->nwaiting--;
	return true;
}

/* A locked page costs what it could hold: grow as needed. */
static bool grow(struct scribe *s)
{
	uint32_t capacity = s->capacity ? s->capacity * 2 : 64;
	struct scribe_event *grown;

	if (s->nwaiting < s->capacity)
		return true;
	grown = capacity <= SCRIBE_WAITING ? realloc(s->waiting, capacity * sizeof(*grown)) : NULL;
	if (!grown)
		return false;
	s->waiting = grown;
	s->capacity = capacity;
	return true;
}

void scribe_put(struct scribe *s, const struct record *r)
{
	const struct array_row *a = array_at(&s->model, r->array);
	struct scribe_event *e;

	if (!grow(s) && !make_room(s, r->severity))
		return;
	e = &s->waiting[s->nwaiting++];
	*e = (struct scribe_event){.sequence = r->sequence, .wall_ms = r->wall_ms, .type = r->type,
		.severity = r->severity, .incident = incident_number(&s->model, r->incident)};
	copy_text(e->array, sizeof(e->array), a && a->used ? a->name : "");
	copy_text(e->text, sizeof(e->text), r->text);
	e->text[sizeof(e->text) - 1] = 0;
}
