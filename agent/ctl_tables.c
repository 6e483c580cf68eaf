#include <json-c/json.h>

#include "agent/ctl.h"
#include "agent/view_words.h"

static bool wanted(struct ctl *c, const struct view *v, const struct component_row *k)
{
	const struct array_row *a = array_at(v->model, k->array);

	return k->used &&
	       (!c->option[OPT_ARRAY] || (a && !strcmp(a->name, c->option[OPT_ARRAY]))) &&
	       (!c->option[OPT_KIND] || !strcmp(kind_text(k->kind), c->option[OPT_KIND])) &&
	       (!c->option[OPT_HEALTH] || !strcmp(health_text(k->health), c->option[OPT_HEALTH]));
}

/* Filters that can match nothing are mistakes, not empty answers. */
static int check_filters(struct ctl *c)
{
	const char *array = c->option[OPT_ARRAY], *kind = c->option[OPT_KIND],
		   *health = c->option[OPT_HEALTH];
	bool found = !array;

	for (uint32_t i = 0; i < array_count(&c->model); i++)
		found |= array && array_at(&c->model, i)->used &&
			 !strcmp(array_at(&c->model, i)->name, array);
	if (!found)
		return ctl_error(c, CTL_REFUSED,
			"there is no array %s: ballastctl status lists them", array);
	if (kind && kind_from_text(kind) == KIND_NONE)
		return ctl_usage(c, "%s is no kind such as drive, canister, path or psu", kind);
	if (health && health_from_text(health) == HEALTH_UNKNOWN && strcmp(health, "unknown") != 0)
		return ctl_usage(
			c, "%s is none of ok, warning, critical, failed, absent, unknown", health);
	return 0;
}

/* Ages of all components in one pass. */
static uint64_t *read_times(const struct model *m)
{
	uint64_t *read = calloc(component_count(m) + 1u, sizeof(*read));

	for (uint32_t i = 0; read && i < seen_count(m); i++) {
		const struct seen_row *s = seen_at(m, i);

		if (s->used && s->component < component_count(m) && s->read_ms > read[s->component])
			read[s->component] = s->read_ms;
	}
	return read;
}

struct sorted {
	uint32_t index;
	uint16_t array;
	uint8_t rank, kind;
	int16_t slot;
	const char *name;
};

static int compare(const void *x, const void *y)
{
	const struct sorted *a = x, *b = y;

	if (a->array != b->array)
		return a->array < b->array ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* What needs attention first; then by place. Caller frees. */
static struct sorted *sort_components(
	struct ctl *c, const struct view *v, enum kind kind, size_t *ret_n)
{
	static const uint8_t ranks[HEALTH_COUNT] = {[HEALTH_UNKNOWN] = 2,
		[HEALTH_WARNING] = 1,
		[HEALTH_CRITICAL] = 3,
		[HEALTH_FAILED] = 4,
		[HEALTH_ABSENT] = 4};
	struct sorted *list = calloc(component_count(v->model) + 1u, sizeof(*list));
	size_t n = 0;

	for (uint32_t i = 0; list && i < component_count(v->model); i++) {
		const struct component_row *k = component_at(v->model, i);

		if (!wanted(c, v, k) || (kind != KIND_NONE && k->kind != kind))
			continue;
		list[n++] = (struct sorted){.index = i,
			.array = k->array,
			.kind = k->kind,
			.slot = k->slot,
			.name = k->name,
			.rank = k->health < HEALTH_COUNT ? ranks[k->health] : 2};
	}
	if (list)
		qsort(list, n, sizeof(*list), compare);
	*ret_n = n;
	return list;
}

static void age_cell(
	struct text_table *t, const struct view *v, const struct component_row *k, uint64_t read_ms)
{
	char ago[32];

	text_table_cell(t,
		k->flags & (COMPONENT_STALE | COMPONENT_STUCK) ? STYLE_WARNING : STYLE_PLAIN,
		"%s%s%s%s%s", ctl_ago(v, read_ms, ago, sizeof(ago)), read_ms ? " ago" : "",
		k->flags & COMPONENT_ASLEEP ? ", asleep" : "",
		k->flags & COMPONENT_STUCK ? ", hangs" : "",
		k->flags & COMPONENT_STALE ? ", stale" : "");
}

/* What the table of drives shows of each. Per class: ATA's reallocated sectors, SCSI's grown defects and NVMe's
 * media errors say the same thing; a drive reports one of them. */
enum { SHOWN_TEMPERATURE, SHOWN_DEFECTS, SHOWN_HOURS, SHOWN_WEAR, SHOWN_COUNT };
static const uint8_t shown[FACT_LAST] = {[FACT_TEMPERATURE] = 1 + SHOWN_TEMPERATURE,
	[FACT_REALLOCATED] = 1 + SHOWN_DEFECTS,
	[FACT_GROWN_DEFECTS] = 1 + SHOWN_DEFECTS,
	[FACT_MEDIA_ERRORS] = 1 + SHOWN_DEFECTS,
	[FACT_POWER_ON_HOURS] = 1 + SHOWN_HOURS,
	[FACT_WEAR_PCT] = 1 + SHOWN_WEAR};

struct shown_facts {
	const struct fact_row *fact[SHOWN_COUNT];
};

/* All drives' facts in one pass; caller frees. */
static struct shown_facts *shown_facts(const struct model *m)
{
	struct shown_facts *list = calloc(component_count(m) + 1u, sizeof(*list));

	for (uint32_t i = 0; list && i < fact_count(m); i++) {
		const struct fact_row *f = fact_at(m, i);

		if (f->used && f->fact < FACT_LAST && shown[f->fact] &&
			f->component < component_count(m))
			list[f->component].fact[shown[f->fact] - 1] = f;
	}
	return list;
}

static void drive_row(struct text_table *t, const struct view *v, uint32_t i, uint64_t read_ms,
	const struct shown_facts *facts)
{
	const struct component_row *k = component_at(v->model, i);
	const struct array_row *a = array_at(v->model, k->array);
	char slot[16] = "", value[64];

	if (k->slot >= 0)
		format_text(slot, sizeof(slot), "%d", k->slot);
	text_table_cell(t, STYLE_PLAIN, "%s", a ? a->name : "");
	text_table_cell(t, STYLE_PLAIN, "%s", slot);
	text_table_cell(t, STYLE_PLAIN, "%s", k->dev[0] ? k->dev : k->name);
	text_table_cell(t, style_of_health(k->health), "%s", health_text(k->health));
	for (unsigned s = 0; s < SHOWN_COUNT; s++) {
		const struct fact_row *f = facts[i].fact[s];

		if (f)
			view_fact_value(f->fact, f->value, value, sizeof(value));
		text_table_cell(t, STYLE_PLAIN, "%s", f ? value : "");
	}
	text_table_cell(t, STYLE_PLAIN, "%s", k->model);
	text_table_cell(t, STYLE_PLAIN, "%s", k->firmware);
	text_table_cell(t, STYLE_PLAIN, "%s", k->serial);
	age_cell(t, v, k, read_ms);
}

static int none_found(struct ctl *c, const char *what)
{
	ctl_say(c, "No %s.\n", what);
	return CTL_OK;
}

int ctl_drives(struct ctl *c)
{
	static const char *const heads[] = {"ARRAY", "SLOT", "DRIVE", "HEALTH", "TEMP", "DEFECTS",
		"HOURS ON", "WORN", "MODEL", "FIRMWARE", "SERIAL", "READ"};
	int r = ctl_follow(c);
	struct view v = ctl_now(c);
	cleanup_(freep) struct sorted *list = NULL;
	cleanup_(freep) struct shown_facts *facts = NULL;
	cleanup_(freep) uint64_t *read = NULL;
	struct text_table t;
	size_t n;

	if (!r)
		r = check_filters(c);
	if (r)
		return r;
	if (c->json)
		return ctl_print_json(c,
			json_components(&v, c->option[OPT_ARRAY], "drive", c->option[OPT_HEALTH]));
	list = sort_components(c, &v, KIND_DRIVE, &n);
	read = read_times(v.model);
	facts = shown_facts(v.model);
	if (!n || !list || !read || !facts)
		return none_found(c, "drives");
	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < n; i++)
		drive_row(&t, &v, list[i].index, read[list[i].index], facts);
	text_table_print(&t, c->out, c->colour);
	text_table_free(&t);
	return CTL_OK;
}

int ctl_components(struct ctl *c)
{
	static const char *const heads[] = {
		"COMPONENT", "HEALTH", "STATE", "SAYS", "FIRMWARE", "SERIAL", "READ"};
	int r = ctl_follow(c);
	struct view v = ctl_now(c);
	cleanup_(freep) struct sorted *list = NULL;
	cleanup_(freep) uint64_t *read = NULL;
	struct text_table t;
	char id[160];
	size_t n;

	if (!r)
		r = check_filters(c);
	if (r)
		return r;
	if (c->json)
		return ctl_print_json(c, json_components(&v, c->option[OPT_ARRAY],
						 c->option[OPT_KIND], c->option[OPT_HEALTH]));
	list = sort_components(c, &v, KIND_NONE, &n);
	read = read_times(v.model);
	if (!n || !list || !read)
		return none_found(c, "components");
	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < n; i++) {
		const struct component_row *k = component_at(v.model, list[i].index);

		text_table_cell(&t, STYLE_PLAIN, "%s",
			component_id(v.model, list[i].index, id, sizeof(id)));
		text_table_cell(&t, style_of_health(k->health), "%s", health_text(k->health));
		text_table_cell(&t, STYLE_PLAIN, "%s", state_text(k->state));
		text_table_cell(&t, STYLE_PLAIN, "%s", k->message[0] ? k->message : k->raw);
		text_table_cell(&t, STYLE_PLAIN, "%s", k->firmware);
		text_table_cell(&t, STYLE_PLAIN, "%s", k->serial);
		age_cell(&t, &v, k, read[list[i].index]);
	}
	text_table_print(&t, c->out, c->colour);
	text_table_free(&t);
	return CTL_OK;
}

void ctl_draw_findings(struct ctl *c, const struct view *v)
{
	static const char *const heads[] = {
		"FINDING", "SEVERITY", "ARRAY", "SINCE", "ACKNOWLEDGED", "WHAT"};
	struct text_table t;

	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (int sev = SEV_CRITICAL; sev >= SEV_NONE; sev--)
		for (uint32_t i = 0; i < finding_count(v->model); i++) {
			const struct finding_row *f = finding_at(v->model, i);
			const struct array_row *a = array_at(v->model, f->array);
			char when[48], title[192];

			if (!f->used || !f->active || f->folded != NONE16 || f->severity != sev)
				continue;
			view_finding_title(v, f, title, sizeof(title));
			text_table_cell(&t, STYLE_PLAIN, "F-%u", f->id);
			text_table_cell(&t, style_of_severity(f->severity), "%s",
				severity_text(f->severity));
			text_table_cell(&t, STYLE_PLAIN, "%s", a && a->used ? a->name : "");
			text_table_cell(&t, STYLE_PLAIN, "%s",
				day_text(v, f->since_wall_ms, when, sizeof(when)));
			text_table_cell(&t, STYLE_PLAIN, "%s", f->acked ? f->acked_by : "");
			text_table_cell(&t, STYLE_PLAIN, "%s", title);
		}
	if (t.count)
		text_table_print(&t, c->out, c->colour);
	else
		ctl_say(c, "No findings.\n");
	text_table_free(&t);
}

int ctl_findings(struct ctl *c)
{
	int r = ctl_follow(c);
	struct view v = ctl_now(c);

	if (r)
		return r;
	if (c->json)
		return ctl_print_json(c, json_findings(&v));
	ctl_draw_findings(c, &v);
	return CTL_OK;
}
