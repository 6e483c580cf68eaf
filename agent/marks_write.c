#include "agent/marks.h"
#include "agent/marks_fields.h"
#include "agent/rules.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

struct text {
	char *bytes;
	size_t len, size;
	bool failed;
};

static void text_add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (t->failed)
		return;
	if (t->len + n + 1 > t->size) {
		size_t size = MAX_OF(t->size * 2, t->len + n + 4096);
		char *grown = realloc(t->bytes, size);

		if (!grown) {
			t->failed = true;
			return;
		}
		t->bytes = grown;
		t->size = size;
	}
	memcpy(t->bytes + t->len, s, n + 1);
	t->len += n;
}

/* Components that something durable speaks of, adopted or not. */
struct keep {
	const struct model *m;
	uint8_t *component;
};

static void keep_component(struct keep *k, uint32_t i)
{
	if (i < component_count(k->m))
		k->component[i] = 1;
}

static bool keep_init(struct keep *k, const struct model *m)
{
	k->m = m;
	k->component = calloc(component_count(m) + 1, 1);
	if (!k->component)
		return false;
	for (uint32_t i = 0; i < component_count(m); i++)
		k->component[i] = !!(component_at(m, i)->flags & COMPONENT_ADOPTED);
	for (uint32_t i = 0; i < finding_count(m); i++)
		if (finding_at(m, i)->used && finding_at(m, i)->active)
			keep_component(k, finding_at(m, i)->component);
	for (uint32_t i = 0; i < alert_count(m); i++)
		if (alert_at(m, i)->used)
			keep_component(k, alert_at(m, i)->component);
	for (uint32_t i = 0; i < serd_count(m); i++)
		if (serd_at(m, i)->used)
			keep_component(k, serd_at(m, i)->component);
	for (uint32_t i = 0; i < maintenance_count(m); i++)
		if (maintenance_at(m, i)->used)
			keep_component(k, maintenance_at(m, i)->component);
	return true;
}

static bool component_kept(const struct keep *k, uint32_t i)
{
	return i < component_count(k->m) && k->component[i];
}

static bool incident_kept(const struct model *m, uint32_t i)
{
	for (uint32_t a = 0; a < alert_count(m); a++)
		if (alert_at(m, a)->used && alert_at(m, a)->incident == i)
			return true;
	return incident_at(m, i)->open;
}

static bool run_kept(const struct model *m, uint32_t i)
{
	const struct run_row *r = run_at(m, i);
	bool open = r->state != RUN_IDLE && r->state != RUN_DONE && r->state != RUN_FAILED && r->state != RUN_ABORTED &&
		r->state != RUN_WITHDRAWN;

	for (uint32_t p = 0; p < plan_count(m); p++)
		open |= plan_at(m, p)->used && plan_at(m, p)->run == i;
	return open;
}

static bool row_kept(const struct keep *k, enum table t, uint32_t i)
{
	const struct model *m = k->m;

	if (!*(const uint8_t *)model_row(m, t, i))
		return false;
	if (t == TABLE_COMPONENT)
		return component_kept(k, i);
	if (t == TABLE_FACT)
		return component_kept(k, fact_at(m, i)->component);
	if (t == TABLE_DAILY)
		return component_kept(k, daily_at(m, i)->component);
	if (t == TABLE_FINDING)
		return finding_at(m, i)->active;
	if (t == TABLE_MEMBER)
		return component_kept(k, member_at(m, i)->component);
	if (t == TABLE_VIA)
		return component_kept(k, via_at(m, i)->component) && component_kept(k, via_at(m, i)->via);
	if (t == TABLE_INCIDENT)
		return incident_kept(m, i);
	if (t == TABLE_RUN)
		return run_kept(m, i);
	if (t == TABLE_STEP)
		return step_at(m, i)->run < run_count(m) && run_kept(m, step_at(m, i)->run);
	return true;
}

static int64_t wall_of_boot(const struct marks_time *t, uint64_t ms)
{
	return ms && ms != UINT64_MAX ? t->wall_ms + (int64_t)(ms - t->now_ms) : 0;
}

static int64_t sign_extended(const void *p, size_t size)
{
	unsigned shift = (unsigned)(64 - 8 * size);

	return (int64_t)(mark_get_uint(p, size) << shift) >> shift;
}

static struct json_object *boots_json(const struct serd_row *s, const struct marks_time *t)
{
	struct json_object *list = json_object_new_array();
	uint32_t n = MIN_OF(s->count, ARRAY_SIZE(s->times_ms));

	for (uint32_t i = s->count - n; i != s->count; i++)
		json_object_array_add(list,
			json_object_new_int64(wall_of_boot(t, s->times_ms[i % ARRAY_SIZE(s->times_ms)])));
	return list;
}

static struct json_object *sinks_json(const struct model *m, uint64_t bits)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < MIN_OF(sink_count(m), 32u); i++)
		if (bits >> i & 1 && sink_at(m, i)->used)
			json_object_array_add(list, json_object_new_string(sink_at(m, i)->name));
	return list;
}

static struct json_object *name_json(const struct model *m, const struct mark_field *f, uint64_t v)
{
	char buf[96] = "";

	if (f->type == MARK_ARRAY || f->type == MARK_ANY_ARRAY)
		copy_text(buf, sizeof(buf), array_at(m, (uint32_t)v) ? array_at(m, (uint32_t)v)->name : "");
	else if (f->type == MARK_SOURCE)
		mark_source_name(m, (unsigned)v, buf, sizeof(buf));
	else if (f->type == MARK_FACT)
		copy_text(buf, sizeof(buf), model_fact_name(m, (unsigned)v));
	else if (f->type == MARK_RULE)
		copy_text(buf, sizeof(buf), v < rules_count ? rules[v].id : "");
	return json_object_new_string(buf);
}

static struct json_object *field_json(const struct model *m, const struct mark_field *f, const void *row,
	const struct marks_time *t)
{
	const void *p = (const char *)row + f->offset;
	uint64_t v = f->type == MARK_TEXT || f->type == MARK_BOOTS ? 0 : mark_get_uint(p, f->size);
	uint64_t none = f->size < 8 ? (UINT64_C(1) << (8 * f->size)) - 1 : UINT64_MAX;
	double d;

	switch ((enum mark_type)f->type) {
	case MARK_UINT:
		return json_object_new_uint64(f->mask ? v & f->mask : v);
	case MARK_INT:
		return json_object_new_int64(sign_extended(p, f->size));
	case MARK_REAL:
		memcpy(&d, p, sizeof(d));
		return json_object_new_double(d);
	case MARK_TEXT:
		return json_object_new_string_len(p, (int)strnlen(p, f->size));
	case MARK_WORD:
		return json_object_new_string(f->words->text((unsigned)v));
	case MARK_BOOT:
		return json_object_new_int64(wall_of_boot(t, v));
	case MARK_BOOTS:
		return boots_json(row, t);
	case MARK_SINKS:
		return sinks_json(m, v);
	case MARK_REF:
	case MARK_NEEDED:
		return v == none ? NULL : json_object_new_uint64(v);
	case MARK_FACT:
	case MARK_RULE:
	case MARK_ARRAY:
	case MARK_ANY_ARRAY:
	case MARK_SOURCE:
		return name_json(m, f, v);
	case MARK_TYPE_COUNT:
		break;
	}
	return NULL;
}

/* One row at a time through json-c: a whole tree of 10,000 drives would take 200 MB. */
static void add_row(struct text *out, const struct model *m, enum table t, uint32_t i, const struct marks_time *when)
{
	const struct mark_table *mt = &mark_tables[t];
	struct json_object *list = json_object_new_array_ext((int)mt->nfields + 1);

	json_object_array_add(list, json_object_new_uint64(i));
	for (unsigned f = 0; f < mt->nfields; f++)
		json_object_array_add(list, field_json(m, &mt->fields[f], model_row(m, t, i), when));
	text_add(out, json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
}

static void add_table(struct text *out, const struct keep *k, enum table t, const struct marks_time *when)
{
	const struct mark_table *mt = &mark_tables[t];
	const char *between = "\n   ";

	text_add(out, ",\n \"");
	text_add(out, mark_table_name(t));
	text_add(out, "\": {\"columns\": [\"row\"");
	for (unsigned f = 0; f < mt->nfields; f++) {
		text_add(out, ",\"");
		text_add(out, mt->fields[f].name);
		text_add(out, "\"");
	}
	text_add(out, "],\n  \"rows\": [");
	for (uint32_t i = 0; i < k->m->tables[t].count; i++) {
		if (!row_kept(k, t, i))
			continue;
		text_add(out, between);
		add_row(out, k->m, t, i, when);
		between = ",\n   ";
	}
	text_add(out, "]}");
}

int marks_write(const struct model *m, const struct marks_time *t, char **ret)
{
	struct text out = {};
	struct keep k = {};
	char head[256];

	if (!keep_init(&k, m))
		return -ENOMEM;
	format_text(head, sizeof(head),
		"{\"format\": \"ballast-marks\", \"version\": %d, \"written_ms\": %lld, \"epoch\": %llu, \"sequence\": %llu",
		MARKS_VERSION, (long long)t->wall_ms, (unsigned long long)m->epoch, (unsigned long long)m->sequence);
	text_add(&out, head);
	for (enum table i = 0; i < TABLE_COUNT; i++)
		if (mark_tables[i].nfields)
			add_table(&out, &k, i, t);
	text_add(&out, "}\n");
	free(k.component);
	if (out.failed) {
		free(out.bytes);
		return -ENOMEM;
	}
	*ret = out.bytes;
	return 0;
}

static bool field_differs(const struct mark_field *f, const void *a, const void *b)
{
	if (f->mask)
		return (mark_get_uint(a, f->size) ^ mark_get_uint(b, f->size)) & f->mask;
	return memcmp(a, b, f->size);
}

bool marks_durable(enum table table, const void *old, const void *row)
{
	const struct mark_table *mt = &mark_tables[table];

	if (!mt->nfields)
		return false;
	if (!old || *(const uint8_t *)old != *(const uint8_t *)row)
		return true;
	for (unsigned i = 0; i < mt->nfields; i++) {
		const struct mark_field *f = &mt->fields[i];

		if (!f->follows && field_differs(f, (const char *)old + f->offset, (const char *)row + f->offset))
			return true;
	}
	return false;
}
