/* What the decoders of all layouts share. Pure. */
#include "probes/layout.h"

#include <stdio.h>

void layout_pool_end(struct layout_pool *p)
{
	for (unsigned i = 0; i < p->nsets; i++)
		if (p->sets[i].need >= p->sets[i].members)
			p->sets[i].members = 0;
}

void layout_name(char *dst, size_t size, const char *whole, const char *part)
{
	size_t tail = *part ? strlen(part) + 1 : 0;
	uint32_t h = 2166136261u;

	if (format_text(dst, size, "%s%s%s", whole, *part ? " " : "", part))
		return;
	for (const char *c = whole; *c; c++)
		h = (h ^ (unsigned char)*c) * 16777619u;
	tail += sizeof("~ffff");
	format_text(dst, size, "%.*s~%04x%s%s", (int)(size - MIN_OF(tail, size)), whole, h & 0xffff, *part ? " " : "",
		part);
}

static void say_pool(struct layout_out *o, const struct layout_pool *p)
{
	struct reading r = *o->base;

	r.kind = KIND_POOL;
	r.outcome = OUTCOME_OK;
	r.state = p->state;
	r.limit_ms = p->limit_ms;
	copy_text(r.name, sizeof(r.name), p->name);
	copy_text(r.model, sizeof(r.model), p->model);
	copy_text(r.raw, sizeof(r.raw), p->raw);
	copy_text(r.message, sizeof(r.message), p->message);
	reading_add(&r, FACT_REBUILD_PCT, p->rebuild_pct < 0 ? 100 : p->rebuild_pct);
	reading_add(&r, FACT_SPARES, p->spares);
	reading_add(&r, FACT_PARITY, p->parity);
	o->reading(&r, o->arg);
	o->count++;
}

/* A leg that serves and lies on no drive of ours is taken for granted: it is neither counted nor needed. */
static void say_set(struct layout_out *o, const struct layout_pool *p, unsigned set)
{
	unsigned members = p->sets[set].members, need = p->sets[set].need;
	char drive[LAYOUT_LEGS][NAME_MAX_LEN];
	struct reading r = *o->base;

	for (unsigned i = 0; i < p->nlegs; i++) {
		const struct layout_leg *l = &p->legs[i];

		drive[i][0] = '\0';
		if (l->set != set || l->state != LEG_SERVING ||
			o->map(o->sysfs, l->node, drive[i], sizeof(drive[i])))
			continue;
		drive[i][0] = '\0';
		members -= members > 0;
		need -= need > 0;
	}
	if (!need || !members)
		return;
	r.beside = 1;
	r.kind = KIND_POOL;
	r.outcome = OUTCOME_OK;
	r.group_need = (uint16_t)need;
	r.group_members = (uint16_t)members;
	copy_text(r.group, sizeof(r.group), p->sets[set].name);
	copy_text(r.name, sizeof(r.name), p->name);
	o->reading(&r, o->arg);
	r.kind = KIND_DRIVE;
	r.group_need = r.group_members = 0;
	for (unsigned i = 0; i < p->nlegs; i++) {
		if (!drive[i][0])
			continue;
		copy_text(r.name, sizeof(r.name), drive[i]);
		o->reading(&r, o->arg);
	}
}

void layout_tell(struct layout_out *o, const struct layout_pool *pool)
{
	struct layout_pool p = *pool;

	layout_pool_end(&p);
	say_pool(o, &p);
	layout_tell_sets(o, &p);
}

void layout_tell_sets(struct layout_out *o, const struct layout_pool *p)
{
	for (unsigned i = 0; i < p->nsets; i++)
		say_set(o, p, i);
}
