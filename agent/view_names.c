#include "agent/view_words.h"

/* Is the slot number alone enough to find it? */
static bool slot_repeats(const struct model *m, uint32_t component)
{
	const struct component_row *c = component_at(m, component);

	for (uint32_t i = 0; c && i < component_count(m); i++) {
		const struct component_row *o = component_at(m, i);

		if (i != component && o->used && o->kind == c->kind && o->array == c->array &&
			o->slot == c->slot && strcmp(o->enclosure, c->enclosure) != 0)
			return true;
	}
	return false;
}

static const char *short_dev(const char *dev)
{
	return strncmp(dev, "/dev/", 5) ? dev : dev + 5;
}

static void drive_name(const struct model *m, uint32_t component, char *buf, size_t size)
{
	const struct component_row *c = component_at(m, component);

	if (!c)
		copy_text(buf, size, "a drive");
	else if (c->slot >= 0 && c->enclosure[0] && slot_repeats(m, component))
		format_text(buf, size, "drive in slot %d of enclosure %s", c->slot, c->enclosure);
	else if (c->slot >= 0)
		format_text(buf, size, "drive in slot %d", c->slot);
	else if (c->dev[0] && c->serial[0])
		format_text(buf, size, "drive %s (%s)", short_dev(c->dev), c->serial);
	else if (c->dev[0])
		format_text(buf, size, "drive %s", short_dev(c->dev));
	else
		format_text(buf, size, "drive %s", c->serial[0] ? c->serial : c->name);
}

void view_component_name(const struct model *m, uint32_t component, char *buf, size_t size)
{
	const struct component_row *c = component_at(m, component);

	if (!c)
		copy_text(buf, size, "unknown component");
	else if (c->kind == KIND_DRIVE)
		drive_name(m, component, buf, size);
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
