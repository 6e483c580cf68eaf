#include "probes/exec_parse.h"

#include <json-c/json.h>
#include <math.h>
#include <time.h>

#include "probes/exec_listed.h"

static const double FACT_LARGEST = 1e18;

struct parse {
	const struct reading *base;
	exec_reading_fn *fn;
	void *arg;
	unsigned line;
	uint32_t heard, promised, told;
	bool ended;
	bool judged, whole; /* read to the end before; and it was a whole answer */
	char why[96]; /* what is wrong with the present line */
	char first_error[sizeof(((struct job_end *)NULL)->error)];
	struct exec_listed listed;
	struct reading *held; /* the first EXEC_HELD that were heard; NULL: none could be */
};

static bool wrong(struct parse *p, const char *why)
{
	copy_text(p->why, sizeof(p->why), why);
	return false;
}

static void note_error(struct parse *p)
{
	if (!p->first_error[0])
		format_text(p->first_error, sizeof(p->first_error), "line %u: %s", p->line, p->why);
}

/* Absent is fine; another type than the contract's is not. */
static bool get(struct parse *p, json_object *o, const char *key, json_type type, json_object **ret)
{
	json_object *v = NULL;

	*ret = NULL;
	if (!json_object_object_get_ex(o, key, &v) || !v)
		return true;
	if (!json_object_is_type(v, type)) {
		format_text(p->why, sizeof(p->why), "'%s' is not %s", key, json_type_to_name(type));
		return false;
	}
	*ret = v;
	return true;
}

static bool get_text(struct parse *p, json_object *o, const char *key, char *dst, size_t size)
{
	json_object *v;

	if (!get(p, o, key, json_type_string, &v))
		return false;
	if (v)
		copy_device_text(dst, size, json_object_get_string(v),
			(size_t)json_object_get_string_len(v));
	return true;
}

static bool get_count(struct parse *p, json_object *o, const char *key, uint32_t max, uint32_t *ret)
{
	json_object *v;
	int64_t n;

	if (!get(p, o, key, json_type_int, &v))
		return false;
	n = v ? json_object_get_int64(v) : 0;
	if (n < 0 || n > max)
		return wrong(p, "a number is out of range");
	*ret = (uint32_t)n;
	return true;
}

static bool take_kind_and_id(struct parse *p, json_object *o, struct reading *r)
{
	json_object *kind, *id;

	if (!get(p, o, "kind", json_type_string, &kind) || !get(p, o, "id", json_type_string, &id))
		return false;
	if (!kind || !id)
		return wrong(p, "'kind' or 'id' is missing");
	r->kind = (uint8_t)kind_from_text(json_object_get_string(kind));
	if (!r->kind)
		return wrong(p, "'kind' is not a kind of component");
	if (json_object_get_string_len(id) >= NAME_MAX_LEN)
		return wrong(p, "'id' is too long");
	copy_device_text(r->name, sizeof(r->name), json_object_get_string(id),
		(size_t)json_object_get_string_len(id));
	return r->name[0] || wrong(p, "'id' is empty");
}

static bool take_state(struct parse *p, json_object *o, struct reading *r)
{
	char word[sizeof(r->raw)] = "";

	if (!get_text(p, o, "state", word, sizeof(word)) ||
		!get_text(p, o, "raw", r->raw, sizeof(r->raw)))
		return false;
	r->state = (uint8_t)state_from_text(word);
	if (r->state == STATE_UNKNOWN && !text_equal(word, state_text(STATE_UNKNOWN)))
		copy_text(r->raw, sizeof(r->raw), word);
	return true;
}

static bool take_texts(struct parse *p, json_object *o, struct reading *r)
{
	const struct {
		const char *key;
		char *dst;
		size_t size;
	} texts[] = {
		{"firmware", r->firmware, sizeof(r->firmware)},
		{"serial", r->serial, sizeof(r->serial)},
		{"model", r->model, sizeof(r->model)},
		{"vendor", r->vendor, sizeof(r->vendor)},
		{"message", r->message, sizeof(r->message)},
		{"group", r->group, sizeof(r->group)},
		{"enclosure", r->enclosure, sizeof(r->enclosure)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (!get_text(p, o, texts[i].key, texts[i].dst, texts[i].size))
			return false;
	return true;
}

/* Exactly @n digits, then @after (0: nothing is asked of what follows). */
static bool take_digits(const char **s, unsigned n, char after, int *ret)
{
	*ret = 0;
	while (n--) {
		if (**s < '0' || **s > '9')
			return false;
		*ret = 10 * *ret + (*(*s)++ - '0');
	}
	return !after || *(*s)++ == after;
}

/* "Z" or "±hh:mm", and no more. */
static bool take_zone(const char *s, int64_t *ret_minutes)
{
	int sign = *s == '-' ? -1 : 1, hours, minutes;

	*ret_minutes = 0;
	if (text_equal(s, "Z"))
		return true;
	if (*s != '+' && *s != '-')
		return false;
	s++;
	if (!take_digits(&s, 2, ':', &hours) || !take_digits(&s, 2, 0, &minutes) || *s)
		return false;
	*ret_minutes = (int64_t)sign * (60 * hours + minutes);
	return hours < 24 && minutes < 60;
}

/* RFC 3339; fractions of a second are dropped. */
static bool parse_time(const char *s, int64_t *ret_ms)
{
	struct tm t = {};
	int64_t zone;

	if (!take_digits(&s, 4, '-', &t.tm_year) || !take_digits(&s, 2, '-', &t.tm_mon) ||
		!take_digits(&s, 2, 'T', &t.tm_mday) || !take_digits(&s, 2, ':', &t.tm_hour) ||
		!take_digits(&s, 2, ':', &t.tm_min) || !take_digits(&s, 2, 0, &t.tm_sec))
		return false;
	if (*s == '.')
		s += 1 + strspn(s + 1, "0123456789");
	if (!take_zone(s, &zone) || t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 ||
		t.tm_mday > 31 || t.tm_hour > 23 || t.tm_min > 59 || t.tm_sec > 60)
		return false;
	t.tm_year -= 1900;
	t.tm_mon -= 1;
	*ret_ms = ((int64_t)timegm(&t) - 60 * zone) * 1000;
	return true;
}

static bool take_numbers(struct parse *p, json_object *o, struct reading *r)
{
	char booted[40] = "";
	uint32_t limit_s, need;

	if (!get_text(p, o, "booted", booted, sizeof(booted)) ||
		!get_count(p, o, "limit_s", 7 * 86400, &limit_s) ||
		!get_count(p, o, "need", UINT16_MAX, &need))
		return false;
	r->limit_ms = limit_s * 1000;
	r->group_need = (uint16_t)need;
	return !booted[0] || parse_time(booted, &r->booted_wall_ms) ||
	       wrong(p, "'booted' is not a time");
}

static bool take_fact(struct parse *p, const char *name, json_object *v, struct reading *r)
{
	double value;

	if (!json_object_is_type(v, json_type_int) && !json_object_is_type(v, json_type_double) &&
		!json_object_is_type(v, json_type_boolean))
		return wrong(p, "a fact is not a number");
	value = json_object_get_double(v);
	if (json_object_is_type(v, json_type_boolean))
		value = json_object_get_boolean(v);
	if (!isfinite(value) || fabs(value) > FACT_LARGEST)
		return wrong(p, "a fact is out of range");
	return reading_add_named(r, name, value) ||
	       wrong(p, "too many facts, or a fact's name is too long");
}

static bool take_facts(struct parse *p, json_object *o, struct reading *r)
{
	json_object *facts;

	if (!get(p, o, "facts", json_type_object, &facts))
		return false;
	if (!facts)
		return true;
	json_object_object_foreach(facts, name, v)
	{
		char printable[CUSTOM_NAME + 1];

		copy_device_text(printable, sizeof(printable), name, strlen(name));
		if (!take_fact(p, printable, v, r))
			return false;
	}
	return true;
}

/* One listed twice hides another: the number would agree, and the other would count as gone. */
static bool note_listed(struct parse *p, const struct reading *r)
{
	int new = exec_list(&p->listed, r);

	if (new < 0)
		return wrong(p, "out of memory");
	if (!new)
		format_text(p->why, sizeof(p->why), "%s '%s' is listed twice", kind_text(r->kind), r->name);
	return new;
}

static void tell(struct parse *p, const struct reading *r)
{
	if (!p->whole && !exec_raises(&p->listed, r))
		return;
	p->told++;
	p->fn(r, p->arg);
}

/* What an answer is worth shows at its end: until then its readings are held back, or read once more. */
static bool judge(struct parse *p, const struct reading *r)
{
	bool new = note_listed(p, r);

	if (p->held && p->heard < EXEC_HELD)
		p->held[p->heard] = *r;
	p->heard++;
	return new;
}

static bool take_component(struct parse *p, json_object *o)
{
	struct reading r = *p->base;

	r.outcome = OUTCOME_OK;
	r.slot = -1;
	if (!take_kind_and_id(p, o, &r) || !take_state(p, o, &r) || !take_texts(p, o, &r) ||
		!take_numbers(p, o, &r) || !take_facts(p, o, &r))
		return false;
	if (!p->judged)
		return judge(p, &r);
	tell(p, &r);
	return true;
}

static bool take_object(struct parse *p, json_object *o)
{
	json_object *end, *count;

	if (!json_object_is_type(o, json_type_object))
		return wrong(p, "not a JSON object");
	if (p->ended)
		return wrong(p, "text after the end line");
	if (!get(p, o, "end", json_type_boolean, &end))
		return false;
	if (!end || !json_object_get_boolean(end))
		return take_component(p, o);
	p->ended = true;
	if (!get(p, o, "count", json_type_int, &count) || !count)
		return wrong(p, "the end line has no count");
	return get_count(p, o, "count", UINT32_MAX, &p->promised);
}

static bool take_line(struct parse *p, json_tokener *tokener, const char *line, size_t len)
{
	json_object *o;
	bool ok;

	json_tokener_reset(tokener);
	o = json_tokener_parse_ex(tokener, line, (int)len);
	/* strict: text after the object makes it broken */
	ok = o && json_tokener_get_parse_end(tokener) == len ? take_object(p, o)
							     : wrong(p, "broken JSON");
	json_object_put(o);
	return ok;
}

static size_t trimmed(const char *line, size_t len)
{
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	return len;
}

static void take_lines(struct parse *p, json_tokener *tokener, const char *text, size_t len)
{
	const char *end = text + len, *next;

	for (; text < end; text = next) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = trimmed(text, (size_t)((newline ? newline : end) - text));

		next = newline ? newline + 1 : end;
		p->line++;
		if (n && !take_line(p, tokener, text, n))
			note_error(p);
	}
}

static void conclude(const struct parse *p, struct job_end *end)
{
	end->outcome = OUTCOME_NONSENSE;
	if (p->first_error[0]) {
		copy_text(end->error, sizeof(end->error), p->first_error);
	} else if (!p->ended) {
		end->outcome = OUTCOME_SHORT;
		copy_text(end->error, sizeof(end->error), "the end line is missing");
	} else if (p->promised != p->heard) {
		format_text(end->error, sizeof(end->error),
			"the end line says %u components, %u were listed", p->promised, p->heard);
	} else {
		end->outcome = OUTCOME_OK;
		copy_text(end->error, sizeof(end->error), "");
	}
}

/* Those that were not held are read a second time: no answer costs more memory than so many. */
static void tell_all(struct parse *p, json_tokener *tokener, const char *text, size_t len)
{
	p->judged = true;
	if (p->held && p->heard <= EXEC_HELD) {
		for (uint32_t i = 0; i < p->heard; i++)
			tell(p, &p->held[i]);
		return;
	}
	p->ended = false;
	take_lines(p, tokener, text, len);
}

static void read_all(struct parse *p, json_tokener *tokener, const char *text, size_t len,
	bool ended_well, struct job_end *end)
{
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	take_lines(p, tokener, text, len);
	conclude(p, end);
	p->whole = ended_well && end->outcome == OUTCOME_OK;
	tell_all(p, tokener, text, len);
	if (!p->whole || p->told == p->heard)
		return;
	p->whole = false;
	end->outcome = OUTCOME_ERROR;
	copy_text(end->error, sizeof(end->error), "out of memory");
}

void exec_parse(const char *text, size_t len, const struct reading *base, bool ended_well,
	exec_reading_fn *fn, void *arg, struct job_end *end)
{
	struct parse p = {.base = base, .fn = fn, .arg = arg};
	json_tokener *tokener = json_tokener_new_ex(EXEC_DEPTH_MAX);

	p.held = malloc(EXEC_HELD * sizeof(*p.held));
	if (tokener && len <= EXEC_OUTPUT_MAX) {
		read_all(&p, tokener, text, len, ended_well, end);
	} else {
		copy_text(p.first_error, sizeof(p.first_error),
			tokener ? "more than 1 MiB of output" : "out of memory");
		conclude(&p, end);
	}
	if (tokener)
		json_tokener_free(tokener);
	free(p.held);
	exec_listed_free(&p.listed);
	end->complete = p.whole;
	end->count = p.told;
}
