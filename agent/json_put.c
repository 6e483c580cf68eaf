#include "agent/json_put.h"

#include <math.h>
#include <stdio.h>

/* Length of the UTF-8 sequence at @p (RFC 3629 §4), 0 when it is none. */
static unsigned utf8_length(const unsigned char *p)
{
	static const struct {
		uint8_t from, to, second_from, second_to, len;
	} rows[] = {
		{0x01, 0x7f, 0, 0, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		if (p[0] < rows[i].from || p[0] > rows[i].to)
			continue;
		if (rows[i].len > 1 && (p[1] < rows[i].second_from || p[1] > rows[i].second_to))
			return 0;
		for (unsigned k = 2; k < rows[i].len; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

/* Nearly all text is ASCII, which is UTF-8 as it stands. */
static bool is_ascii(const char *text, size_t *ret_len)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned char any = 0;

	for (; *p; p++)
		any |= *p;
	*ret_len = (size_t)(p - (const unsigned char *)text);
	return !(any & 0x80);
}

static struct json_object *new_text(const char *text)
{
	char clean[1024];
	size_t at = 0, len;

	if (is_ascii(text, &len) && len < sizeof(clean))
		return json_object_new_string_len(text, (int)len);
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		unsigned n = utf8_length(p);

		if (at + (n ? n : 1) >= sizeof(clean))
			break;
		if (!n)
			clean[at++] = '?';
		else
			memcpy(clean + at, p, n), at += n;
		p += n ? n : 1;
	}
	return json_object_new_string_len(clean, (int)at);
}

/* Every key is in a table or the model, which the object does not outlive: nothing to copy. */
static void put(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add_ex(o, key, value, JSON_C_OBJECT_KEY_IS_CONSTANT);
}

void put_text(struct json_object *o, const char *key, const char *text)
{
	put(o, key, text && text[0] ? new_text(text) : NULL);
}

struct json_object *number_object(double value)
{
	char text[32];

	if (isnan(value) || isinf(value))
		return NULL;
	if (fabs(value) < 9e15 && floor(value) == value)
		return json_object_new_int64((int64_t)value);
	format_text(text, sizeof(text), "%.9g", value);
	return json_object_new_double_s(value, text);
}

void put_number(struct json_object *o, const char *key, double value)
{
	put(o, key, number_object(value));
}

void put_count(struct json_object *o, const char *key, uint64_t value)
{
	put(o, key, json_object_new_uint64(value));
}

void put_signed(struct json_object *o, const char *key, int64_t value)
{
	put(o, key, json_object_new_int64(value));
}

void put_bool(struct json_object *o, const char *key, bool value)
{
	put(o, key, json_object_new_boolean(value));
}

void put_null(struct json_object *o, const char *key)
{
	put(o, key, NULL);
}

void put_time(struct json_object *o, const char *key, int64_t wall_ms)
{
	char text[48];

	put_text(o, key, wall_ms > 0 ? time_text(wall_ms, text, sizeof(text)) : NULL);
}

void put_age(struct json_object *o, const char *key, const struct view *v, uint64_t at_ms)
{
	if (!at_ms)
		put_null(o, key);
	else
		put_count(o, key, v->now_ms > at_ms ? (v->now_ms - at_ms) / 1000 : 0);
}

struct json_object *put_object(struct json_object *o, const char *key)
{
	struct json_object *child = json_object_new_object();

	put(o, key, child);
	return child;
}

struct json_object *put_array(struct json_object *o, const char *key)
{
	struct json_object *child = json_object_new_array();

	put(o, key, child);
	return child;
}

struct json_object *add_object(struct json_object *array)
{
	struct json_object *child = json_object_new_object();

	json_object_array_add(array, child);
	return child;
}

void add_text(struct json_object *array, const char *text)
{
	json_object_array_add(array, new_text(text));
}

void put_list(struct json_object *o, const char *key, const char *text)
{
	struct json_object *list = put_array(o, key);
	char item[128];

	while (*text) {
		size_t n = strcspn(text, ",");

		format_text(item, sizeof(item), "%.*s", (int)MIN_OF(n, sizeof(item) - 1), text);
		if (n)
			add_text(list, item);
		text += n;
		text += strspn(text, ", ");
	}
}

void put_component(
	struct json_object *o, const char *key, const struct model *m, uint32_t component)
{
	const struct component_row *c = component_at(m, component);
	char id[160];

	put_text(o, key, c && c->used ? component_id(m, component, id, sizeof(id)) : NULL);
}

void put_array_name(struct json_object *o, const char *key, const struct model *m, unsigned array)
{
	const struct array_row *a = array_at(m, array);

	put_text(o, key, a && a->used ? a->name : NULL);
}

void put_numbered(struct json_object *o, const char *key, const char *prefix, uint32_t id)
{
	char text[32];

	format_text(text, sizeof(text), "%s%u", prefix, id);
	put_text(o, key, id ? text : NULL);
}
