/*
 * The namespaces that an NVMe controller leads to. They are told by the look at the controller and by nobody
 * else: the kernel sends no event of one that the controller no longer has.
 */
#include "agent/engine_parts.h"

static bool is_way_of(const struct component_row *c, const struct component_row *path)
{
	return c->used && c->kind == KIND_NAMESPACE && c->array == path->array && path->dev[0] &&
	       text_equal(c->dev, path->dev);
}

void namespaces_told(struct engine *e, uint32_t path, unsigned source, uint32_t job)
{
	static const char nvme[] = "/dev/nvme";
	const struct component_row *p = component_at(&e->model, path);

	if (p->kind != KIND_PATH || strncmp(p->dev, nvme, strlen(nvme)) != 0)
		return;
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct seen_row *s =
			is_way_of(component_at(&e->model, i), component_at(&e->model, path))
				? model_seen(&e->model, i, source)
				: NULL;

		if (s && s->job != job)
			component_unlisted(e, i, source, job);
	}
}

void namespaces_gone(struct engine *e, uint32_t path)
{
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		struct component_row c = *component_at(&e->model, i);

		if (!is_way_of(&c, component_at(&e->model, path)) || c.flags & COMPONENT_REMOVED)
			continue;
		c.flags |= COMPONENT_REMOVED;
		emit(e, REC_COMPONENT_REMOVED, TABLE_COMPONENT, i, &c, SEV_NONE, NULL);
		engine_touch(e, i);
	}
}
