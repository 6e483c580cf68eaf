#include "probes/multipath.h"

#include <json-c/json.h>

static const char *text_of(json_object *o, const char *key)
{
	json_object *v = NULL;

	if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_string))
		return NULL;
	return json_object_get_string(v);
}

static json_object *list_of(json_object *o, const char *key)
{
	json_object *v = NULL;

	if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_array))
		return NULL;
	return v;
}

/* The paths of a map, counted by what their checker says. */
struct tally {
	unsigned serving, shaky, waiting, lost, unknown;
	char worst[PATH_RAW];
};

static void count_path(struct tally *t, const char *checker)
{
	struct path_state s;

	path_word(PATH_CHECKER, checker, &s);
	t->serving += s.state == STATE_OK;
	t->shaky += s.state == STATE_DEGRADED;
	t->waiting += s.state == STATE_TRANSITION;
	t->lost += s.state == STATE_FAILED;
	t->unknown += s.state == STATE_UNKNOWN;
	if (s.state != STATE_OK && (!t->worst[0] || s.state == STATE_UNKNOWN))
		copy_text(t->worst, sizeof(t->worst), s.raw);
}

static bool count_paths(json_object *map, struct tally *t)
{
	json_object *groups = list_of(map, "path_groups");
	bool whole = groups;

	for (size_t g = 0; whole && g < json_object_array_length(groups); g++) {
		json_object *paths = list_of(json_object_array_get_idx(groups, g), "paths");

		whole = paths;
		for (size_t p = 0; whole && p < json_object_array_length(paths); p++) {
			const char *checker =
				text_of(json_object_array_get_idx(paths, p), "chk_st");

			whole = checker;
			if (whole)
				count_path(t, checker);
		}
	}
	return whole;
}

static void put_state(const struct tally *t, struct reading *r)
{
	unsigned up = t->serving + t->shaky, all = up + t->waiting + t->lost + t->unknown;

	if (all && t->serving == all)
		r->state = STATE_OK;
	else if (up)
		r->state = STATE_DEGRADED;
	else if (t->unknown)
		r->state = STATE_UNKNOWN;
	else
		r->state = STATE_FAILED;
	if (!all)
		copy_text(r->raw, sizeof(r->raw), "it has no path");
	else if (r->state == STATE_OK)
		copy_text(r->raw, sizeof(r->raw), "ready");
	else
		format_text(r->raw, sizeof(r->raw), "%u of %u paths, %.20s", up, all, t->worst);
}

/* "12 chk" and "7 sec" come to an end; "on", "-" and an "off" that the live map does not have do not. */
static bool ends_by_itself(const char *queueing)
{
	size_t digits = strspn(queueing, "0123456789");

	return digits &&
	       (text_equal(queueing + digits, " chk") || text_equal(queueing + digits, " sec"));
}

static void put_count(json_object *map, const char *key, unsigned fact, struct reading *r)
{
	json_object *v = NULL;

	if (json_object_object_get_ex(map, key, &v) && json_object_is_type(v, json_type_int) &&
		json_object_get_int64(v) >= 0)
		reading_add(r, fact, (double)json_object_get_int64(v));
}

static void take_text(json_object *map, const char *key, char *dst, size_t size)
{
	const char *text = text_of(map, key);

	if (text)
		copy_device_text(dst, size, text, strlen(text));
}

static bool take_map(json_object *map, const struct reading *base, struct reading *r)
{
	const char *features = text_of(map, "features"), *queueing = text_of(map, "queueing");
	struct tally t = {};
	char sysfs[24] = "";
	bool queues;

	*r = *base;
	r->kind = KIND_MAP;
	r->outcome = OUTCOME_OK;
	r->slot = -1;
	take_text(map, "name", r->name, sizeof(r->name));
	take_text(map, "uuid", r->serial, sizeof(r->serial));
	take_text(map, "vend", r->vendor, sizeof(r->vendor));
	take_text(map, "prod", r->model, sizeof(r->model));
	take_text(map, "rev", r->firmware, sizeof(r->firmware));
	take_text(map, "sysfs", sysfs, sizeof(sysfs));
	if (!r->name[0] || !features || !queueing || !count_paths(map, &t))
		return false;
	for (char *p = r->name; *p; p++)
		if (*p == '/' || *p == ' ')
			*p = '_';
	if (sysfs[0])
		format_text(r->dev, sizeof(r->dev), "/dev/%s", sysfs);
	put_state(&t, r);
	queues = strstr(features, "queue_if_no_path");
	reading_add(r, FACT_PATHS_UP, t.serving + t.shaky);
	reading_add(r, FACT_QUEUES_FOREVER, queues && !ends_by_itself(queueing));
	reading_add(r, FACT_IO_WAITS, queues && r->state == STATE_FAILED);
	put_count(map, "path_faults", FACT_PATH_ERRORS, r);
	return true;
}

enum outcome multipath_parse(const char *text, size_t len, const struct reading *base,
	multipath_fn *fn, void *arg, uint32_t *ret_n)
{
	struct json_tokener *t = len < INT32_MAX ? json_tokener_new() : NULL;
	json_object *root = t ? json_tokener_parse_ex(t, text, (int)len) : NULL;
	json_object *maps =
		json_object_is_type(root, json_type_object) ? list_of(root, "maps") : NULL;
	enum outcome o = maps ? OUTCOME_OK : OUTCOME_NONSENSE;
	struct reading r;

	*ret_n = 0;
	for (size_t i = 0; maps && i < json_object_array_length(maps); i++) {
		json_object *map = json_object_array_get_idx(maps, i);

		if (!json_object_is_type(map, json_type_object) || !take_map(map, base, &r)) {
			o = OUTCOME_NONSENSE;
			continue;
		}
		fn(&r, arg);
		++*ret_n;
	}
	json_object_put(root);
	if (t)
		json_tokener_free(t);
	return o;
}
