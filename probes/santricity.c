#include "probes/santricity_parts.h"

#include <errno.h>
#include <stdio.h>

enum { NEW_LIMIT_MS = 15 * 60 * 1000, CANISTERS = 2 };

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
static const struct manage_word controller_words[] = {
	{"optimal", STATE_OK}, {"degraded", STATE_DEGRADED}, {"serviceMode", STATE_SERVICE},
	{"suspended", STATE_SERVICE}, {"failed", STATE_FAILED}, {"rpaParErr", STATE_FAILED},
	{"removed", STATE_ABSENT}, {"unknown", STATE_UNKNOWN},
};
static const struct manage_word error_mode_words[] = {
	{"notInErrorMode", STATE_OK}, {"t10PiServiceMode", STATE_SERVICE}, {"t10PiLockdown", STATE_FAILED},
	{"unknown", STATE_UNKNOWN},
};
/* Of some 350 failure types those that are about canisters and their caches: the array asks for service. */
static const char *const canister_failures[] = {
	"offlineCtl", "passiveCtl", "rpaErrCtl", "ctlMismatch", "ctlMiswire", "removedController", "offlineCtlIocFail",
	"baseControllerDiagFailed", "altCtlrBoardIdUnreadable", "ctlFailedCacheBackupDev", "cacheNotFlushedOnOnlyCtlr",
	"cacheDataLoss",
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

void santricity_system(struct santricity *s, const struct manage_sink *sink)
{
	santricity_tell(&s->system, "", sink);
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

static bool is_canister_failure(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(canister_failures); i++)
		if (text_equal(canister_failures[i], type))
			return true;
	return false;
}

int santricity_failures(
	const char *text, size_t len, struct santricity *s, const struct manage_sink *sink)
{
	json_object *answer = manage_json(text, len);
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);
	struct reading r = s->system;
	bool service = false;

	for (size_t i = 0; i < n; i++) {
		const char *type = manage_text(json_object_array_get_idx(l, i), "failureType");
		char so_far[sizeof(r.message)], word[48];

		copy_device_text(word, sizeof(word), *type ? type : "unnamed failure",
			*type ? strlen(type) : 15);
		santricity_worse(&r, STATE_DEGRADED, word);
		service = service || is_canister_failure(type);
		copy_text(so_far, sizeof(so_far), r.message);
		if (i < 3)
			format_text(r.message, sizeof(r.message), "%.80s%s%.40s", so_far,
				i ? ", " : "", word);
	}
	if (l) {
		reading_add(&r, FACT_NEEDS_SERVICE, service);
		santricity_tell(&r, "", sink);
	}
	json_object_put(answer);
	return l ? 0 : -EBADMSG;
}

static bool name_canister(struct reading *r, json_object *o)
{
	json_object *at = santricity_inside(o, "physicalLocation");
	const char *label = manage_text(at, "label"), *slot = manage_text(at, "slot");

	if (text_equal(label, "A") || (!*label && text_equal(slot, "1")))
		return copy_text(r->name, sizeof(r->name), "A");
	if (text_equal(label, "B") || (!*label && text_equal(slot, "2")))
		return copy_text(r->name, sizeof(r->name), "B");
	return false;
}

static void judge_canister(struct reading *r, json_object *o, const struct santricity *s)
{
	const char *status = manage_text(o, "status"),
		   *mode = manage_text(o, "controllerErrorMode");

	if (!*status)
		return;
	manage_state(r, controller_words, ARRAY_SIZE(controller_words), status);
	if (*mode)
		manage_worse(r, error_mode_words, ARRAY_SIZE(error_mode_words), mode);
	if (santricity_true(o, "quiesced"))
		santricity_worse(r, STATE_DEGRADED, "quiesced");
	if (text_equal(manage_text(o, "active"), "false"))
		santricity_worse(r, STATE_DEGRADED, "passive");
	/* the array as a whole serves nothing, or is not seen at all */
	if (s->system.state == STATE_FAILED || s->system.state == STATE_UNREACHABLE)
		santricity_worse(r, (enum state)s->system.state, s->system.raw);
}

static void describe_canister(struct reading *r, json_object *o)
{
	double booted;

	SANTRICITY_TAKE(r->firmware, o, "appVersion");
	SANTRICITY_TAKE(r->serial, o, "serialNumber");
	SANTRICITY_TAKE(r->model, o, "productID");
	SANTRICITY_TAKE(r->vendor, o, "manufacturer");
	if (manage_number(o, "bootTime", &booted) && booted > 0 && booted < 1e11)
		r->booted_wall_ms = (int64_t)booted * 1000;
}

/* The first management port that has an address. */
static const char *address_of(json_object *o)
{
	size_t n;
	json_object *l = santricity_list(o, "netInterfaces", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *net = santricity_inside(json_object_array_get_idx(l, i), "ethernet");
		const char *address = manage_text(net, "ipv4Address");

		if (*address && !text_equal(address, "0.0.0.0"))
			return address;
	}
	return "";
}

struct pair {
	struct reading r[CANISTERS];
	const char *address[CANISTERS];
	bool told[CANISTERS];
};

static bool take_canister(struct pair *p, json_object *o, const struct santricity *s)
{
	struct reading r = {.kind = KIND_CANISTER, .outcome = OUTCOME_OK, .slot = -1};
	unsigned at;

	if (!name_canister(&r, o))
		return false;
	at = r.name[0] == 'B';
	if (p->told[at])
		return false;
	judge_canister(&r, o, s);
	describe_canister(&r, o);
	p->r[at] = r;
	p->address[at] = address_of(o);
	p->told[at] = true;
	return true;
}

static bool is_lost(const struct reading *r)
{
	return r->state == STATE_FAILED || r->state == STATE_ABSENT || r->state == STATE_SERVICE;
}

static void tell_pair(struct pair *p, const char *by, const struct manage_sink *sink)
{
	const char *speaker = text_equal(p->address[0], by)   ? "A at "
			      : text_equal(p->address[1], by) ? "B at "
							      : "";

	for (unsigned i = 0; i < CANISTERS; i++) {
		struct reading *r = &p->r[i];

		if (!p->told[i])
			continue;
		if (p->told[1 - i] && !is_lost(r))
			reading_add(r, FACT_PARTNER_MISSING, is_lost(&p->r[1 - i]));
		if (*by)
			format_text(
				r->message, sizeof(r->message), "reported by %s%.64s", speaker, by);
		santricity_tell(r, p->address[i], sink);
	}
}

int santricity_canisters(const char *text, size_t len, const struct santricity *s, const char *by,
	const struct manage_sink *sink)
{
	json_object *answer = manage_json(text, len);
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);
	struct pair p = {.address = {"", ""}};
	bool fine = n > 0;

	for (size_t i = 0; i < n && fine; i++)
		fine = take_canister(&p, json_object_array_get_idx(l, i), s);
	if (fine)
		tell_pair(&p, by, sink);
	json_object_put(answer);
	return fine ? 0 : -EBADMSG;
}
