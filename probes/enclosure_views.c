/* What several services processes of one enclosure say together. Pure. */
#include "probes/enclosure.h"

struct enclosure_views *enclosure_recall(struct enclosure_memory *all, uint64_t id)
{
	struct enclosure_views *v;

	if (!id)
		return NULL;
	for (unsigned i = 0; i < ENCLOSURES_REMEMBERED; i++)
		if (all->enclosures[i].id == id)
			return &all->enclosures[i];
	v = &all->enclosures[__atomic_fetch_add(&all->next, 1, __ATOMIC_RELAXED) %
			     ENCLOSURES_REMEMBERED];
	memset(v, 0, sizeof(*v));
	v->id = id;
	return v;
}

static struct enclosure_view *view_of(struct enclosure_views *v, const char *node)
{
	struct enclosure_view *unused = NULL;

	for (unsigned i = 0; i < ENCLOSURE_VIEWS; i++) {
		if (text_equal(v->view[i].node, node))
			return &v->view[i];
		if (!v->view[i].node[0] && !unused)
			unused = &v->view[i];
	}
	return unused;
}

struct enclosure_view *enclosure_view_note(struct enclosure_views *v, const char *node,
	const char *sysfs, const struct ses *s, uint64_t now_ms)
{
	struct enclosure_view *own = view_of(v, node);

	if (!own)
		return NULL;
	copy_text(own->node, sizeof(own->node), node);
	copy_text(own->sysfs, sizeof(own->sysfs), sysfs);
	own->n = (uint16_t)MIN_OF(s->nelements, (unsigned)VIEW_ELEMENTS);
	own->reports = -1;
	for (unsigned i = 0; i < s->nelements; i++) {
		if (i < VIEW_ELEMENTS)
			own->status[i] = s->elements[i].status[0];
		if (ses_reports(&s->elements[i]))
			own->reports = (int16_t)s->elements[i].index;
	}
	own->read_ms = MAX_OF(now_ms, 1u);
	return own;
}

enum partner enclosure_partner(
	const struct enclosure_view *view, bool exists, uint64_t now_ms, uint64_t fresh_ms)
{
	if (!view->node[0] || !view->read_ms)
		return PARTNER_NONE;
	if (!exists)
		return PARTNER_GONE;
	return now_ms > view->read_ms + fresh_ms ? PARTNER_SILENT : PARTNER_ANSWERS;
}

/* Which of two words to believe: the worse, and any word before none. */
static unsigned rank(uint8_t status)
{
	static const uint8_t ranks[STATE_COUNT] = {[STATE_OK] = 1,
		[STATE_DEGRADED] = 2,
		[STATE_SERVICE] = 3,
		[STATE_ABSENT] = 4,
		[STATE_FAILED] = 5};
	const uint8_t bytes[4] = {status};

	return ranks[ses_element_state(bytes)];
}

void enclosure_merge(const struct enclosure_views *v, const struct enclosure_view *own,
	struct ses *s, uint64_t now_ms, uint64_t fresh_ms)
{
	for (unsigned k = 0; k < ENCLOSURE_VIEWS; k++) {
		const struct enclosure_view *other = &v->view[k];

		/* another number of elements: another layout, not to be compared */
		if (other == own || other->n != MIN_OF(s->nelements, (unsigned)VIEW_ELEMENTS) ||
			enclosure_partner(other, true, now_ms, fresh_ms) != PARTNER_ANSWERS)
			continue;
		for (unsigned i = 0; i < other->n; i++)
			if (!s->elements[i].overall &&
				rank(other->status[i]) > rank(s->elements[i].status[0]))
				s->elements[i].status[0] = other->status[i];
	}
}
