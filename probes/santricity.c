#include "probes/santricity_parts.h"

#include <errno.h>
#include <stdio.h>

enum { NEW_LIMIT_MS = 15 * 60 * 1000 };

/* clang-format off */
static const struct manage_word system_words[] = {
	{"optimal", STATE_OK}, {"needsAttn", STATE_DEGRADED}, {"lockDown", STATE_FAILED}, {"removed", STATE_ABSENT},
	{"newDevice", STATE_TRANSITION, NEW_LIMIT_MS}, {"offline", STATE_UNREACHABLE},
	{"neverContacted", STATE_UNREACHABLE},
};
/* Of a proxy: without the password it shows what it last knew. */
static const struct manage_word password_words[] = {
	{"valid", STATE_OK}, {"unknown", STATE_OK}, {"invalid", STATE_UNREACHABLE}, {"securityLockout", STATE_UNREACHABLE},
};
/* clang-format on */

json_object *santricity_inside(json_object *o, const char *key)
{
	json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_object)
		       ? v
		       : NULL;
}

json_object *santricity_list(json_object *o, const char *key, size_t *ret_n)
{
	json_object *l = o;

	*ret_n = 0;
	if (key && !json_object_object_get_ex(o, key, &l))
		return NULL;
	if (!json_object_is_type(l, json_type_array) ||
		json_object_array_length(l) > SANTRICITY_OBJECTS)
		return NULL;
	*ret_n = json_object_array_length(l);
	return l;
}

bool santricity_true(json_object *o, const char *key)
{
	return text_equal(manage_text(o, key), "true");
}

void santricity_worse(struct reading *r, enum state state, const char *raw)
{
	const struct manage_word word = {raw, (uint8_t)state, 0};

	manage_worse(r, &word, 1, raw);
}

void santricity_take(char *dst, size_t size, json_object *o, const char *key)
{
	const char *text = manage_text(o, key);

	if (*text)
		copy_device_text(dst, size, text, strlen(text));
}

/* An empty .raw would make a drive that has facts pass for one whose source has no word for states. */
void santricity_tell(struct reading *r, const char *address, const struct manage_sink *sink)
{
	if (!r->name[0])
		return;
	if (!r->raw[0]) {
		r->state = STATE_UNKNOWN;
		copy_text(r->raw, sizeof(r->raw), "no status");
	}
	sink->reading(r, address, sink->arg);
}

/*
 * Settings, not what it does now. The words are StorageSystemResponse's; "simplex" is an array that is set to run with one
 * controller, which has nobody to take over for it.
 */
static void take_settings(struct reading *r, json_object *o)
{
	static const struct {
		const char *key;
		enum fact fact;
		bool off; /* what the key being true says of the fact */
	} settings[] = {{"simplexModeEnabled", FACT_TAKEOVER_ENABLED, true}, {"asupEnabled", FACT_CALL_HOME_ENABLED, false},
		{"autoLoadBalancingEnabled", FACT_LOAD_BALANCED, false},
		{"hostConnectivityReportingEnabled", FACT_HOST_PATHS_REPORTED, false}};

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const char *word = manage_text(o, settings[i].key);

		if (text_equal(word, "true") || text_equal(word, "false"))
			reading_add(r, settings[i].fact, text_equal(word, "true") != settings[i].off);
	}
}

static void read_system(struct santricity *s, json_object *o)
{
	struct reading *r = &s->system;

	*r = (struct reading){.kind = KIND_SYSTEM, .outcome = OUTCOME_OK, .slot = -1};
	copy_text(r->name, sizeof(r->name), "system");
	copy_text(r->vendor, sizeof(r->vendor), "NetApp");
	if (*manage_text(o, "status")) {
		manage_state(r, system_words, ARRAY_SIZE(system_words), manage_text(o, "status"));
		if (*manage_text(o, "passwordStatus"))
			manage_worse(r, password_words, ARRAY_SIZE(password_words),
				manage_text(o, "passwordStatus"));
	}
	SANTRICITY_TAKE(r->model, o, "model");
	SANTRICITY_TAKE(r->serial, o, "chassisSerialNumber");
	SANTRICITY_TAKE(r->firmware, o, "fwVersion");
	SANTRICITY_TAKE(s->wwn, o, "wwn");
	take_settings(r, o);
}

int santricity_systems(const char *text, size_t len, struct santricity *s)
{
	json_object *answer = manage_json(text, len), *o;
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);
	int r = !l || !n ? -EBADMSG : n > 1 ? -E2BIG : 0;

	*s = (struct santricity){};
	if (r == 0) {
		o = json_object_array_get_idx(l, 0);
		/* it becomes a part of paths */
		if (!copy_text(s->id, sizeof(s->id), manage_text(o, "id")) || !s->id[0] ||
			strspn(s->id, "0123456789abcdefABCDEF-") != strlen(s->id))
			r = -EBADMSG;
		else
			read_system(s, o);
	}
	json_object_put(answer);
	return r;
}

struct cache_counts {
	unsigned cached, mirrored, without_battery;
};

/* Settings, not what the cache does now: "…Enable", not "…Active". False when it does not say all of them. */
static bool count_cache(struct cache_counts *n, json_object *volume)
{
	json_object *cache = santricity_inside(volume, "cache");
	const char *writes = manage_text(cache, "writeCacheEnable"), *mirror = manage_text(cache, "mirrorEnable");

	if (text_equal(writes, "false"))
		return true;
	if (!text_equal(writes, "true") || (!text_equal(mirror, "true") && !text_equal(mirror, "false")))
		return false;
	n->cached++;
	n->mirrored += text_equal(mirror, "true");
	n->without_battery += santricity_true(cache, "cwob");
	return true;
}

/* One volume whose cache is not mirrored loses its last writes with a canister, however many others do not. */
int santricity_volumes(const char *text, size_t len, struct santricity *s)
{
	json_object *answer = manage_json(text, len);
	struct cache_counts c = {};
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);
	bool whole = true;

	for (size_t i = 0; i < n; i++)
		whole = count_cache(&c, json_object_array_get_idx(l, i)) && whole;
	if (c.cached > c.mirrored || (whole && c.cached))
		reading_add(&s->system, FACT_CACHE_MIRRORED, c.cached == c.mirrored);
	if (l && whole)
		(void)reading_add_named(&s->system, "volumes_cached_without_battery", c.without_battery);
	json_object_put(answer);
	return l ? 0 : -EBADMSG;
}
