#include "agent/json_put.h"

static void put_facts(struct json_object *o, const struct view *v, uint32_t component)
{
	struct json_object *list = put_array(o, "facts");

	for (uint32_t i = 0; i < fact_count(v->model); i++) {
		const struct fact_row *f = fact_at(v->model, i);
		const struct seen_row *s;
		struct json_object *j;
		char text[64];

		if (!f->used || f->component != component)
			continue;
		j = add_object(list);
		put_text(j, "fact", model_fact_name(v->model, f->fact));
		put_text(j, "label",
			f->fact < FACT_CUSTOM ? fact_info(f->fact)->label
					      : model_fact_name(v->model, f->fact));
		put_number(j, "value", f->value);
		view_fact_value(f->fact, f->value, text, sizeof(text));
		put_text(j, "text", text);
		put_text(j, "unit", unit_text(fact_info(f->fact)->unit));
		put_number(j, "first", f->first);
		put_number(j, "was", f->was);
		put_time(j, "changed", f->changed_wall_ms);
		put_text(j, "source",
			source_at(v->model, f->source)
				? source_type_text(source_at(v->model, f->source)->type)
				: NULL);
		s = model_seen(v->model, component, f->source);
		put_age(j, "age_s", v, s ? s->read_ms : 0);
	}
}

/* One value a day, the oldest first, the last what it is now; null for a day that nobody looked. */
static void put_days(struct json_object *o, const char *key, const struct view *v,
	uint32_t component, enum daily_kind kind)
{
	double days[DAILY_DAYS];
	struct json_object *list;

	if (!view_daily(v, component, kind, days)) {
		put_null(o, key);
		return;
	}
	list = put_array(o, key);
	for (unsigned i = 0; i < DAILY_DAYS; i++)
		json_object_array_add(list, number_object(days[i]));
}

static void put_history(struct json_object *o, const struct view *v, uint32_t component)
{
	struct json_object *h = put_object(o, "history");

	put_days(h, "temperature", v, component, DAILY_TEMPERATURE);
	put_days(h, "reallocated", v, component, DAILY_REALLOCATED);
}

static void put_place(struct json_object *o, const struct component_row *c)
{
	put_text(o, "enclosure", c->enclosure);
	if (c->slot >= 0)
		put_signed(o, "slot", c->slot);
	else
		put_null(o, "slot");
	put_text(o, "dev", c->dev);
	put_text(o, "class", c->drive_class ? drive_class_text(c->drive_class) : NULL);
	if (c->capacity_bytes)
		put_count(o, "capacity_bytes", c->capacity_bytes);
	else
		put_null(o, "capacity_bytes");
}

static void put_flags(struct json_object *o, const struct component_row *c)
{
	put_bool(o, "adopted", c->flags & COMPONENT_ADOPTED);
	put_bool(o, "simulated", c->flags & COMPONENT_SIMULATED);
	put_bool(o, "asleep", c->flags & COMPONENT_ASLEEP);
	put_bool(o, "stuck", c->flags & COMPONENT_STUCK);
	put_bool(o, "stale", c->flags & COMPONENT_STALE);
	put_bool(o, "removed", c->flags & COMPONENT_REMOVED);
}

static struct json_object *component_object(
	const struct view *v, uint32_t component, uint64_t read_ms)
{
	const struct component_row *c = component_at(v->model, component);
	struct json_object *o = json_object_new_object();

	put_component(o, "id", v->model, component);
	put_array_name(o, "array", v->model, c->array);
	put_text(o, "kind", kind_text(c->kind));
	put_text(o, "name", c->name);
	put_text(o, "health", health_text(c->health));
	put_text(o, "state", state_text(c->state));
	put_text(o, "reported", state_text(c->reported));
	put_text(o, "raw", c->raw);
	put_text(o, "message", c->message);
	put_text(o, "vendor", c->vendor);
	put_text(o, "model", c->model);
	put_text(o, "serial", c->serial);
	put_text(o, "firmware", c->firmware);
	put_place(o, c);
	put_text(o, "unit", c->unit);
	put_flags(o, c);
	put_time(o, "since", c->state_wall_ms);
	put_time(o, "booted", c->booted_wall_ms);
	put_time(o, "adopted_at", c->adopted_wall_ms);
	put_age(o, "age_s", v, read_ms);
	put_null(o, "peer_says");
	put_null(o, "own_answer_age_s");
	put_null(o, "hours_left");
	return o;
}

struct json_object *json_component(const struct view *v, uint32_t component, bool facts)
{
	const struct component_row *c = component_at(v->model, component);
	struct json_object *o;
	char name[128];

	if (!c || !c->used)
		return NULL;
	o = component_object(v, component, model_read_ms(v->model, component));
	view_component_name(v->model, component, name, sizeof(name));
	put_text(o, "title", name);
	if (facts) {
		put_facts(o, v, component);
		put_history(o, v, component);
	}
	return o;
}

static bool component_wanted(const struct view *v, const struct component_row *c, const char *array,
	const char *kind, const char *health)
{
	const struct array_row *a = array_at(v->model, c->array);

	return c->used && (!array || (a && !strcmp(a->name, array))) &&
	       (!kind || !strcmp(kind_text(c->kind), kind)) &&
	       (!health || !strcmp(health_text(c->health), health));
}

struct json_object *json_components(
	const struct view *v, const char *array, const char *kind, const char *health)
{
	struct json_object *list = json_object_new_array();
	uint32_t n = component_count(v->model);
	/* one pass over what was seen instead of one per component: arrays have thousands */
	cleanup_(freep) uint64_t *read = calloc(n ? n : 1, sizeof(*read));

	for (uint32_t i = 0; read && i < seen_count(v->model); i++) {
		const struct seen_row *s = seen_at(v->model, i);

		if (s->used && s->component < n && s->read_ms > read[s->component])
			read[s->component] = s->read_ms;
	}
	for (uint32_t i = 0; i < n; i++)
		if (component_wanted(v, component_at(v->model, i), array, kind, health))
			json_object_array_add(list, component_object(v, i, read ? read[i] : 0));
	return list;
}

/* The shelves, found in one pass: arrays have thousands of drives. */
enum { ENCLOSURES_MAX = 1024 };

struct shelf {
	const char *name;
	unsigned array;
	int slots;
};

static void note_drive(struct shelf *shelves, unsigned *n, const struct component_row *c)
{
	unsigned i = *n;

	/* drives of one shelf mostly follow each other */
	while (i && (shelves[i - 1].array != c->array ||
			    strcmp(shelves[i - 1].name, c->enclosure) != 0))
		i--;
	if (!i && *n == ENCLOSURES_MAX)
		return;
	if (!i) {
		shelves[(*n)++] = (struct shelf){.name = c->enclosure, .array = c->array};
		i = *n;
	}
	shelves[i - 1].slots = MAX_OF(shelves[i - 1].slots, c->slot);
}

static void put_enclosures(struct json_object *list, const struct view *v)
{
	cleanup_(freep) struct shelf *shelves = calloc(ENCLOSURES_MAX, sizeof(*shelves));
	unsigned n = 0;

	for (uint32_t i = 0; shelves && i < component_count(v->model); i++) {
		const struct component_row *c = component_at(v->model, i);

		if (c->used && c->kind == KIND_DRIVE && c->slot >= 0)
			note_drive(shelves, &n, c);
	}
	for (unsigned i = 0; i < n; i++) {
		struct json_object *j = add_object(list);

		put_array_name(j, "array", v->model, shelves[i].array);
		put_text(j, "id", shelves[i].name);
		put_signed(j, "slots", shelves[i].slots);
		put_signed(j, "columns", MIN_OF(shelves[i].slots, 24));
	}
}

static void put_path(struct json_object *list, const struct view *v, uint32_t component)
{
	const struct component_row *c = component_at(v->model, component);
	struct json_object *j = add_object(list);
	const struct component_row *to = NULL, *from = NULL;
	double resets;

	for (uint32_t i = 0; i < via_count(v->model); i++) {
		const struct via_row *w = via_at(v->model, i);
		const struct component_row *u = w->used && w->component == component
							? component_at(v->model, w->via)
							: NULL;

		if (u && (u->kind == KIND_CANISTER || text_equal(u->name, c->enclosure)))
			to = u;
		else if (u)
			from = u;
	}
	put_component(j, "id", v->model, component);
	put_array_name(j, "array", v->model, c->array);
	put_text(j, "name", c->name);
	put_text(j, "from", from ? from->name : NULL);
	put_text(j, "to", to ? to->name : NULL);
	put_text(j, "state", state_text(c->state));
	put_text(j, "health", health_text(c->health));
	if (model_fact_value(v->model, component, FACT_RESETS, &resets))
		put_number(j, "resets", resets);
	else
		put_null(j, "resets");
}

void put_layout(struct json_object *o, const struct view *v)
{
	struct json_object *paths;

	put_enclosures(put_array(o, "enclosures"), v);
	paths = put_array(o, "paths");
	for (uint32_t i = 0; i < component_count(v->model); i++)
		if (component_at(v->model, i)->used && component_at(v->model, i)->kind == KIND_PATH)
			put_path(paths, v, i);
}
