/* What pure parsers of management answers share: words into states, JSON into texts and numbers. */
#include "probes/manage.h"

#include "probes/layout.h"

#include <json-c/json.h>
#include <math.h>
#include <strings.h>

static const struct manage_word *find(const struct manage_word *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i].word, word))
			return &words[i];
	return NULL;
}

static void set(struct reading *r, const struct manage_word *w, const char *word)
{
	r->state = w ? w->state : STATE_UNKNOWN;
	r->limit_ms = w ? w->limit_ms : 0;
	copy_device_text(r->raw, sizeof(r->raw), word, strlen(word));
}

void manage_state(struct reading *r, const struct manage_word *words, size_t n, const char *word)
{
	set(r, find(words, n, word), word);
}

/* How much worse than ok; what is not known ranks before what still serves. */
static unsigned rank(unsigned state)
{
	static const uint8_t ranks[STATE_COUNT] = {[STATE_OK] = 0,
		[STATE_DEGRADED] = 1,
		[STATE_UNKNOWN] = 2,
		[STATE_UNREACHABLE] = 3,
		[STATE_TRANSITION] = 4,
		[STATE_SERVICE] = 5,
		[STATE_ABSENT] = 6,
		[STATE_FAILED] = 7};

	return state < STATE_COUNT ? ranks[state] : ranks[STATE_UNKNOWN];
}

void manage_worse(struct reading *r, const struct manage_word *words, size_t n, const char *word)
{
	const struct manage_word *w = find(words, n, word);

	if (rank(w ? w->state : STATE_UNKNOWN) > rank(r->state))
		set(r, w, word);
}

bool manage_is_serial(const char *meant, const char *said)
{
	return !strcasecmp(meant, said);
}

/* "", "N/A" and zeros are what there is when it could not be read. */
static bool is_number(const char *said)
{
	return strpbrk(said, "0123456789") && said[strspn(said, "0")];
}

const char *manage_own_serial(const char *meant, const char *const *said, unsigned n)
{
	const char *first = NULL;

	for (unsigned i = 0; i < n; i++) {
		if (!is_number(said[i]))
			continue;
		if (manage_is_serial(meant, said[i]))
			return said[i];
		if (!first || strcmp(said[i], first) < 0)
			first = said[i];
	}
	return first;
}

struct json_object *manage_json(const char *text, size_t len)
{
	struct json_tokener *t = len <= MANAGE_BODY_MAX ? json_tokener_new_ex(MANAGE_DEPTH) : NULL;
	struct json_object *o = NULL;
	size_t end;

	if (!t)
		return NULL;
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, text, (int)len);
	end = json_tokener_get_parse_end(t);
	if (json_tokener_get_error(t) != json_tokener_success) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(t);
	for (; o && end < len; end++)
		if (!text[end] || !strchr(" \t\r\n", text[end])) {
			json_object_put(o);
			return NULL;
		}
	return o;
}

const char *manage_text(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &v) || !v ||
		json_object_is_type(v, json_type_object) || json_object_is_type(v, json_type_array))
		return "";
	return json_object_get_string(v);
}

bool manage_number(struct json_object *o, const char *key, double *ret)
{
	static const double largest = 1e18; /* fits 64 bits, which callers put it into */
	const char *text = manage_text(o, key);
	char *end;
	double v;

	/* strtod() takes blanks and hexadecimal too */
	if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
		return false;
	v = strtod(text, &end);
	if (*end || !isfinite(v) || fabs(v) > largest)
		return false;
	*ret = v;
	return true;
}

bool manage_header(const struct manage_answer *a, const char *name, char *ret, size_t size)
{
	size_t len = strlen(name);

	for (const char *line = a->headers ? a->headers : ""; *line; line = line + strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\r\n");

		if (n > len && !strncasecmp(line, name, len) && line[len] == ':') {
			char text[MANAGE_TOKEN];
			const char *value = line + len + 1 + strspn(line + len + 1, " \t");

			return format_text(text, sizeof(text), "%.*s", (int)(line + n - value), value) &&
			       copy_text(ret, size, text);
		}
		if (!line[strcspn(line, "\n")])
			break;
	}
	return false;
}

/* Its legs are named as the drives' components are. */
static bool same_name(const char *sysfs, const char *node, char *ret, size_t size)
{
	(void)sysfs;
	return *node && copy_text(ret, size, node);
}

static void pass_on(const struct reading *r, void *arg)
{
	const struct manage_sink *sink = arg;

	sink->reading(r, "", sink->arg);
}

void manage_tell_sets(const struct layout_pool *p, const struct manage_sink *sink)
{
	static const struct reading base = {.slot = -1, .raw = "member"};
	struct layout_out o = {pass_on, (void *)(uintptr_t)sink, same_name, &base, "", 0};

	layout_tell_sets(&o, p);
}
