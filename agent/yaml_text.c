#include "agent/yaml_schema.h"

#include <ctype.h>

enum { EDIT_MAX = 48 };

static unsigned edit_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[EDIT_MAX + 1];

	if (la > EDIT_MAX || lb > EDIT_MAX)
		return EDIT_MAX;
	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN_OF(change, MIN_OF(row[j], row[j - 1]) + 1);
		}
	}
	return row[lb];
}

const char *nearest_word(const char *text, const char *const *words, size_t n)
{
	const char *best = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < n; i++) {
		unsigned d = words[i] ? edit_distance(text, words[i]) : least;

		if (d < least && d < strlen(words[i])) {
			least = d;
			best = words[i];
		}
	}
	return best;
}

bool number_parse(const char *text, uint64_t *ret)
{
	uint64_t v = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text) || v > (UINT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (uint64_t)(*text - '0');
	}
	*ret = v;
	return true;
}

static const struct time_unit {
	const char *name;
	uint64_t ms;
} time_units[] = {{"d", 86400000}, {"h", 3600000}, {"ms", 1}, {"m", 60000}, {"s", 1000}};

static const struct time_unit *unit_at(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(time_units); i++)
		if (!strncmp(text, time_units[i].name, strlen(time_units[i].name)))
			return &time_units[i];
	return NULL;
}

bool duration_parse(const char *text, uint64_t *ret_ms)
{
	const uint64_t limit = UINT64_C(3650) * 86400000;
	uint64_t total = 0, smallest = UINT64_MAX;

	if (!*text)
		return false;
	while (*text) {
		const struct time_unit *u;
		uint64_t v = 0;
		const char *start = text;

		for (; isdigit((unsigned char)*text) && v <= limit; text++)
			v = v * 10 + (uint64_t)(*text - '0');
		u = unit_at(text);
		if (text == start || !u || u->ms >= smallest || v > limit / u->ms)
			return false;
		smallest = u->ms;
		total += v * u->ms;
		text += strlen(u->name);
	}
	*ret_ms = total;
	return total <= limit;
}
