#include "agent/view_words.h"

static const char *short_dev(const char *dev)
{
	return strncmp(dev, "/dev/", 5) ? dev : dev + 5;
}

/* By what a hand finds it: the slot, then the enclosure the slot is in. */
static void drive_name(const struct component_row *c, char *buf, size_t size)
{
	char what[80];

	if (c->slot >= 0)
		format_text(what, sizeof(what), "in slot %d", c->slot);
	else if (c->dev[0] && c->serial[0])
		format_text(what, sizeof(what), "%s (%s)", short_dev(c->dev), c->serial);
	else if (c->dev[0])
		format_text(what, sizeof(what), "%s", short_dev(c->dev));
	else
		format_text(what, sizeof(what), "%s", c->serial[0] ? c->serial : c->name);
	format_text(buf, size, "drive %s%s%.40s", what, c->enclosure[0] ? " of enclosure " : "",
		c->enclosure);
}

void view_component_name(const struct model *m, uint32_t component, char *buf, size_t size)
{
	const struct component_row *c = component_at(m, component);

	if (!c)
		copy_text(buf, size, "unknown component");
	else if (c->kind == KIND_DRIVE)
		drive_name(c, buf, size);
	else
		format_text(buf, size, "%s %s", kind_noun(c->kind, 1), c->name);
}

const struct finding_row *component_finding(const struct model *m, uint32_t component)
{
	const struct finding_row *worst = NULL;

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		if (f->used && f->active && f->component == component && f->folded == NONE16 &&
			(!worst || f->severity > worst->severity))
			worst = f;
	}
	return worst;
}

int64_t array_read_wall(const struct view *v, unsigned array)
{
	int64_t newest = 0;

	for (uint32_t i = 0; i < source_count(v->model); i++) {
		const struct source_row *s = source_at(v->model, i);

		if (s->used && s->array == array)
			newest = MAX_OF(newest, s->success_wall_ms);
	}
	return newest;
}

bool finding_loud(const struct finding_row *f)
{
	return f->used && f->active && f->folded == NONE16 &&
	       !(f->acked && f->severity <= f->acked_severity);
}
