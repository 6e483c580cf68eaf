#include "agent/marks_reader.h"
#include "agent/rules.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

enum { CUSTOM_MAX = 4096 };
#define WALL_MAX_MS (INT64_C(1) << 53)

static uint64_t boot_of_wall(const struct mark_reader *r, int64_t wall_ms)
{
	int64_t age;

	if (wall_ms <= 0 || wall_ms > WALL_MAX_MS)
		return 0;
	age = r->t->wall_ms - wall_ms;
	if (age >= 0 && (uint64_t)age >= r->t->now_ms)
		return 1; /* before this boot: the oldest time there is */
	return r->t->now_ms - (uint64_t)age;
}

static int put_boots(const struct mark_reader *r, struct json_object *o, struct serd_row *s)
{
	size_t n = json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
	uint32_t at = s->count - (uint32_t)n;

	if (n > ARRAY_SIZE(s->times_ms) || n > s->count)
		return -EINVAL;
	for (size_t i = 0; i < n; i++, at++) {
		uint64_t ms = boot_of_wall(r, json_object_get_int64(json_object_array_get_idx(o, i)));

		/* what is older than this boot must not look younger than it is: never is outside every window */
		s->times_ms[at % ARRAY_SIZE(s->times_ms)] = ms > 1 ? ms : UINT64_MAX;
	}
	return 0;
}

static uint64_t sink_bits(const struct mark_reader *r, struct json_object *o)
{
	size_t n = json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
	uint64_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(o, i));
		unsigned at = name ? mark_name_find(&r->sinks, name) : NONE16;

		bits |= at < 32 ? UINT64_C(1) << at : 0;
	}
	return bits;
}

/* The number of a custom fact: its name's row, made when it is new. */
static int fact_number(struct mark_reader *r, const char *name, uint64_t *ret)
{
	struct record rec = {.table = TABLE_NAME};
	struct name_row row = {.used = 1};
	enum fact known = fact_from_name(name);
	uint32_t i;

	*ret = known;
	if (known != FACT_NONE)
		return 0;
	for (i = 0; i < name_count(r->m); i++)
		if (!strcmp(name_at(r->m, i)->name, name))
			break;
	*ret = FACT_CUSTOM + i;
	if (i < name_count(r->m))
		return 0;
	if (!*name || i >= CUSTOM_MAX || !copy_text(row.name, sizeof(row.name), name))
		return -EINVAL;
	memcpy(rec.row, &row, sizeof(row));
	rec.index = i;
	rec.sequence = r->m->sequence + 1;
	return model_apply(r->m, &rec);
}

static int word_number(const struct mark_words *w, const char *text, uint64_t *ret)
{
	*ret = 0;
	for (unsigned i = 0; i < w->count; i++) {
		if (strcmp(w->text(i), text) != 0)
			continue;
		*ret = i;
		return 0;
	}
	return strcmp(text, "?") ? -EINVAL : 0;
}

static int field_number(struct mark_reader *r, const struct mark_field *f, struct json_object *o, uint64_t *ret)
{
	const char *text = json_object_is_type(o, json_type_string) ? json_object_get_string(o) : "";
	bool whole = json_object_is_type(o, json_type_int);

	switch ((enum mark_type)f->type) {
	case MARK_UINT:
		*ret = json_object_get_uint64(o);
		return whole && (f->size == 8 || *ret >> (8 * f->size) == 0) ? 0 : -EINVAL;
	case MARK_INT:
		*ret = (uint64_t)json_object_get_int64(o);
		return whole ? 0 : -EINVAL;
	case MARK_WORD:
		return word_number(f->words, text, ret);
	case MARK_BOOT:
		*ret = boot_of_wall(r, json_object_get_int64(o));
		return whole ? 0 : -EINVAL;
	case MARK_FACT:
		return fact_number(r, text, ret);
	case MARK_RULE:
		*ret = (uint64_t)rule_index(text);
		return 0;
	case MARK_ARRAY:
	case MARK_ANY_ARRAY:
		*ret = mark_name_find(&r->arrays, text);
		return 0;
	case MARK_SOURCE:
		*ret = mark_name_find(&r->sources, text);
		return 0;
	case MARK_SINKS:
		*ret = sink_bits(r, o);
		return 0;
	case MARK_REF:
	case MARK_NEEDED:
		*ret = mark_mapped(r, f->ref, mark_cell_int(o));
		return 0;
	case MARK_REAL:
	case MARK_TEXT:
	case MARK_BOOTS:
	case MARK_TYPE_COUNT:
		break;
	}
	return -EINVAL;
}

static int put_field(struct mark_reader *r, const struct mark_field *f, struct json_object *o, void *row)
{
	char *p = (char *)row + f->offset;
	uint64_t v = 0;
	double d;
	int rc;

	if (f->type == MARK_TEXT)
		return json_object_is_type(o, json_type_string) && copy_text(p, f->size, json_object_get_string(o)) ? 0 : -EINVAL;
	if (f->type == MARK_BOOTS)
		return put_boots(r, o, row);
	if (f->type == MARK_REAL) {
		d = json_object_get_double(o);
		memcpy(p, &d, sizeof(d));
		return isfinite(d) ? 0 : -EINVAL;
	}
	rc = field_number(r, f, o, &v);
	if (rc == 0)
		mark_put_uint(p, f->size, f->mask ? v & f->mask : v);
	return rc;
}

static int row_read(struct mark_reader *r, enum table t, uint32_t i, unsigned char row[ROW_MAX])
{
	row[0] = 1; /* "used", as every row begins */
	for (unsigned f = 0; f < mark_tables[t].nfields; f++) {
		const struct mark_field *field = &mark_tables[t].fields[f];
		struct json_object *o = mark_cell(r, t, i, f);
		int rc = 0;

		if (o || field->type == MARK_REF || field->type == MARK_NEEDED)
			rc = put_field(r, field, o, row);
		if (rc < 0)
			return mark_refuse(r, rc, "cannot be:", t, field->name);
	}
	return 0;
}

/* What the file cannot know: fresh looks, and whether a verb that was under way ended. */
static void array_settle(void *row, uint32_t at)
{
	struct array_row *a = row;

	(void)at;
	a->previous = a->verdict;
	a->verdict = VERDICT_NONE;
	a->limiting_group = NONE16;
}

static void group_settle(void *row, uint32_t at)
{
	struct group_row *g = row;

	(void)at;
	g->unseen = 1;
	g->undecided = g->members;
	g->margin = -1;
	g->margin_max = g->expected;
}

static bool run_over(unsigned state)
{
	return state == RUN_IDLE || state == RUN_DONE || state == RUN_FAILED || state == RUN_ABORTED ||
		state == RUN_WITHDRAWN;
}

/* What waited goes on waiting, for people only: an approval or the end of the hold may not have been written. */
static unsigned settled_state(unsigned state)
{
	if (run_over(state))
		return state;
	return state == RUN_REQUESTED || state == RUN_WAITING_APPROVAL ? RUN_REQUESTED : RUN_FROZEN;
}

static void run_settle(void *row, uint32_t at)
{
	struct run_row *run = row;
	unsigned state = settled_state(run->state);

	(void)at;
	if (run_over(state))
		return;
	if (run->mode == RUN_MODE_DRILL || run->mode == RUN_MODE_DRY)
		state = RUN_ABORTED; /* it left nothing to be looked at */
	if (state == RUN_REQUESTED)
		run->mode = RUN_MODE_APPROVED;
	run->untold = state == RUN_FROZEN && run->state != RUN_FROZEN;
	run->state = (uint8_t)state;
	run->verb = VERB_NONE;
}

static void step_settle(void *row, uint32_t at)
{
	struct step_row *s = row;

	(void)at;
	if (s->state != STEP_NOW)
		return;
	s->state = STEP_UNKNOWN;
	s->exit_kind = EXIT_LOST;
}

static void plan_settle(void *row, uint32_t at)
{
	struct plan_row *p = row;

	p->config = (uint16_t)at;
	p->state = (uint8_t)settled_state(p->state);
}

static void (*const settlers[TABLE_COUNT])(void *row, uint32_t at) = {
	[TABLE_ARRAY] = array_settle, [TABLE_GROUP] = group_settle, [TABLE_RUN] = run_settle,
	[TABLE_STEP] = step_settle, [TABLE_PLAN] = plan_settle,
};

/* Rows before it that nothing was written about stay unused: the engine fills them. */
static int row_put(struct mark_reader *r, enum table t, uint32_t at, const unsigned char row[ROW_MAX])
{
	struct record rec = {.table = (uint16_t)t};
	int rc = 0;

	for (rec.index = MIN_OF(r->m->tables[t].count, at); rec.index <= at && rc == 0; rec.index++) {
		if (rec.index == at)
			memcpy(rec.row, row, ROW_MAX);
		rec.sequence = r->m->sequence + 1;
		rc = model_apply(r->m, &rec);
	}
	return rc;
}

static int table_read(struct mark_reader *r, enum table t)
{
	for (uint32_t i = 0; i < r->part[t].n; i++) {
		unsigned char row[ROW_MAX] __attribute__((aligned(8))) = {};
		uint32_t at = r->part[t].to[i];
		int rc;

		if (at == NONE32)
			continue;
		rc = row_read(r, t, i, row);
		if (rc < 0)
			return rc;
		if (settlers[t])
			settlers[t](row, at);
		rc = row_put(r, t, at, row);
		if (rc < 0)
			return mark_refuse(r, rc, "too much", t, NULL);
	}
	return 0;
}

static int head_read(struct mark_reader *r, struct json_object *file, struct model *m)
{
	struct json_object *format, *version, *epoch, *sequence;
	char why[128];

	if (!json_object_object_get_ex(file, "format", &format) || !json_object_is_type(format, json_type_string) ||
		strcmp(json_object_get_string(format), "ballast-marks") != 0)
		return mark_refuse(r, -EBADMSG, "this is not a file of Ballast's marks", TABLE_COUNT, NULL);
	if (!json_object_object_get_ex(file, "version", &version) || mark_cell_int(version) != MARKS_VERSION) {
		format_text(why, sizeof(why), "version %s, but this Ballast reads version %d",
			version ? json_object_to_json_string(version) : "missing", MARKS_VERSION);
		return mark_refuse(r, -EPROTO, why, TABLE_COUNT, NULL);
	}
	if (!json_object_object_get_ex(file, "epoch", &epoch) || mark_cell_int(epoch) < 0 ||
		!json_object_object_get_ex(file, "sequence", &sequence) || mark_cell_int(sequence) < 0 ||
		mark_cell_int(sequence) >= WALL_MAX_MS)
		return mark_refuse(r, -EINVAL, "no epoch or sequence that can be", TABLE_COUNT, NULL);
	m->epoch = json_object_get_uint64(epoch);
	m->sequence = json_object_get_uint64(sequence);
	return 0;
}

static struct json_object *parse(const char *text, size_t len)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o = NULL;

	if (!tok || len > INT32_MAX)
		goto out;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	o = json_tokener_parse_ex(tok, text, (int)len);
	if (o && json_tokener_get_error(tok) == json_tokener_success && json_object_is_type(o, json_type_object))
		goto out;
	json_object_put(o);
	o = NULL;
out:
	if (tok)
		json_tokener_free(tok);
	return o;
}

int marks_read(const char *text, size_t len, const struct config *c, const struct marks_time *t, struct model *m,
	char *why, size_t size)
{
	struct model fresh = {}, head = {};
	struct mark_reader *r = calloc(1, sizeof(*r));
	struct json_object *file = parse(text, len);
	int rc = -ENOMEM;

	if (!r)
		goto out;
	*r = (struct mark_reader){.c = c, .t = t, .m = &fresh, .why = why, .why_size = size};
	rc = file ? head_read(r, file, &head) : mark_refuse(r, -EBADMSG, "not JSON, or cut off", TABLE_COUNT, NULL);
	if (rc == 0)
		rc = mark_open(r, file);
	for (enum table i = 0; i < TABLE_COUNT && rc == 0; i++)
		rc = table_read(r, i);
	mark_close(r);
	if (rc == 0) {
		fresh.epoch = head.epoch;
		fresh.sequence = head.sequence;
		model_clear(m);
		*m = fresh;
		fresh = (struct model){};
	}
out:
	model_clear(&fresh);
	json_object_put(file);
	free(r);
	return rc;
}
