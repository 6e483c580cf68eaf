/* Dot Hill management controllers as a driver: what is asked how often. Only "show"; nothing that could change one. */
#include "probes/manage_auth.h"
#include "probes/mc.h"

#include <errno.h>
#include <json-c/json.h>

enum { MINUTE = 60000, INVENTORY_MS = MINUTE, EVENTS_MS = 30000, VERSIONS_MS = 15 * MINUTE, BOOT_SLACK_MS = 60000 };
enum part { PART_INVENTORY, PART_VERSIONS, PART_UPTIME, PART_EVENTS };

_Static_assert(sizeof(struct mc_log) <= MANAGE_KEEP, "what was logged is kept from look to look");
/* KNOWN_METHOD: 1 + enum method of the last login that did, or whose turn is next when none did */
enum known {
	KNOWN_METHOD,
	KNOWN_TRIED_ALL,
	KNOWN_COOKIE,
	KNOWN_AGAIN_MS,
	KNOWN_BOOT_A,
	KNOWN_BOOT_B
};
/* Newest first: a hash that a controller does not know is a wrong password to it. */
enum method { METHOD_SHA256, METHOD_MD5, METHOD_BASIC, METHOD_COUNT };

/* One look; its sink adds what the parsers do not know. */
struct look {
	struct manage *m;
	uint32_t every_ms;
	json_object *statistics;
	int64_t now_wall_ms;
};

static enum outcome answered(struct manage *m, const char *what, int r, const char *why)
{
	if (r == -EREMOTEIO)
		return manage_fail(m, OUTCOME_ERROR, "%s: the array refuses: %.100s", what, why);
	return manage_fail(
		m, OUTCOME_NONSENSE, "the answer to '%s' was cut short or is not one", what);
}

static void keep_key(struct manage *m, const char *key)
{
	char header[MANAGE_TOKEN];

	if (manage_known(m, KNOWN_COOKIE))
		format_text(header, sizeof(header), "Cookie: wbisessionkey=%s; wbiusername=%s", key,
			manage_settings(m)->user);
	else
		format_text(header, sizeof(header), "sessionKey: %s", key);
	manage_set_token(m, header);
}

static enum outcome try_login(struct manage *m, enum method method)
{
	static const char *const hashes[METHOD_COUNT] = {
		[METHOD_SHA256] = "sha256", [METHOD_MD5] = "md5"};
	struct manage_request rq = {.path = "/api/login",
		.headers = {"datatype: json"},
		.anonymous = true,
		.basic = method == METHOD_BASIC};
	char path[160] = "/api/login/", key[MC_KEY];
	struct manage_answer a;
	enum outcome o;
	int r;

	if (hashes[method]) {
		if (!manage_digest(
			    hashes[method], manage_settings(m), path + 11, sizeof(path) - 11))
			return manage_fail(
				m, OUTCOME_REFUSED, "%s is not to be had here", hashes[method]);
		rq.path = path;
	}
	o = manage_ask(m, &rq, &a);
	explicit_bzero(path, sizeof(path)); /* it is as good as the password */
	if (o != OUTCOME_OK)
		return o;
	r = mc_login(a.body, a.len, key, sizeof(key));
	if (r == 0)
		keep_key(m, key);
	if (r == -EACCES)
		return manage_fail(
			m, OUTCOME_REFUSED, "the array does not accept user or password");
	return r == 0 ? OUTCOME_OK : answered(m, "login", r, "");
}

/* One that answered, and not with a key: another method may be the one. */
static bool another_may_do(enum outcome o)
{
	return o == OUTCOME_REFUSED || o == OUTCOME_ERROR || o == OUTCOME_NONSENSE;
}

/* All methods once; after that only one a time, because an account that fails often is locked. */
static enum outcome login(struct manage *m)
{
	uint64_t known = manage_known(m, KNOWN_METHOD);
	unsigned first = known ? (unsigned)(known - 1) % METHOD_COUNT : 0;
	unsigned tries = known || manage_known(m, KNOWN_TRIED_ALL) ? 1 : METHOD_COUNT;
	enum outcome o = OUTCOME_REFUSED;

	for (unsigned i = 0; i < tries; i++) {
		unsigned method = (first + i) % METHOD_COUNT;

		o = try_login(m, (enum method)method);
		if (o == OUTCOME_OK || !another_may_do(o)) {
			if (o == OUTCOME_OK)
				manage_know(m, KNOWN_METHOD, method + 1);
			return o;
		}
	}
	manage_know(m, KNOWN_TRIED_ALL, 1);
	manage_know(m, KNOWN_METHOD, (first + 1) % METHOD_COUNT + 1);
	return o;
}

static void logout(struct manage *m)
{
	struct manage_answer a;

	(void)manage_get(m, "/api/exit", &a);
}

static enum outcome ask_once(
	struct manage *m, const char *what, json_object **ret, int *ret_error, char *why)
{
	char path[64];
	struct manage_request rq = {.path = path, .headers = {"datatype: json"}};
	struct manage_answer a;
	enum outcome o;

	format_text(path, sizeof(path), "/api/show/%s", what);
	o = manage_ask(m, &rq, &a);
	*ret_error = o == OUTCOME_OK ? mc_answer(a.body, a.len, ret, why, 64) : 0;
	return *ret_error ? answered(m, what, *ret_error, why) : o;
}

/*
 * A key that died is told by some with HTTP 403, by others inside an answer: there a new login is worth one try a
 * minute. Where the new key is refused as well, the oldest want it as a cookie.
 */
static enum outcome ask(struct manage *m, const char *what, json_object **ret)
{
	char why[64] = "";
	int error;
	enum outcome o = ask_once(m, what, ret, &error, why);
	uint64_t now = boot_ms();

	if (error != -EREMOTEIO || now < manage_known(m, KNOWN_AGAIN_MS) + MINUTE)
		return o;
	manage_know(m, KNOWN_AGAIN_MS, now);
	if (login(m) != OUTCOME_OK)
		return OUTCOME_REFUSED;
	o = ask_once(m, what, ret, &error, why);
	if (error != -EREMOTEIO)
		return o;
	manage_know(m, KNOWN_COOKIE, !manage_known(m, KNOWN_COOKIE));
	manage_set_token(m, "");
	return login(m) == OUTCOME_OK ? ask_once(m, what, ret, &error, why) : OUTCOME_REFUSED;
}

/* A list that not every model has: without it the look is still whole. */
static enum outcome ask_if_had(struct manage *m, const char *what, json_object **ret)
{
	char why[64];
	int error;
	enum outcome o = ask_once(m, what, ret, &error, why);

	return error == -EREMOTEIO ? OUTCOME_OK : o;
}

/* Seconds since the start, rounded anew each time: the same start as long as it is nearly the same. */
static void take_boot(struct look *l, struct reading *r)
{
	unsigned slot = text_equal(r->name, "B") ? KNOWN_BOOT_B : KNOWN_BOOT_A;
	int64_t booted = l->statistics ? mc_booted(l->statistics, r->name, l->now_wall_ms) : 0;
	int64_t known = (int64_t)manage_known(l->m, slot);

	if (booted > 0 && (booted > known + BOOT_SLACK_MS || booted < known - BOOT_SLACK_MS))
		manage_know(l->m, slot, (uint64_t)booted);
	r->booted_wall_ms = booted > 0 ? (int64_t)manage_known(l->m, slot) : 0;
}

static void tell(const struct reading *told, const char *address, void *arg)
{
	struct look *l = arg;
	const struct manage_sink *sink = manage_sink(l->m);
	struct reading r = *told;

	r.every_ms = l->every_ms;
	if (r.kind == KIND_CANISTER)
		take_boot(l, &r);
	if (r.kind == KIND_SYSTEM)
		mc_log_tell(manage_keep(l->m), boot_ms(), &r);
	sink->reading(&r, address, sink->arg);
}

static enum outcome identify(struct manage *m, json_object *system)
{
	const char *said = mc_serial(system), *own;

	return manage_identify(m, &said, 1, &own);
}

static enum outcome look_at_canisters(struct look *l, const struct manage_sink *sink)
{
	json_object *controllers = NULL, *system = NULL, *versions = NULL;
	struct manage *m = l->m;
	enum outcome o = ask(m, "controllers", &controllers);
	bool meant;

	if (o == OUTCOME_OK)
		o = ask(m, "system", &system);
	if (o == OUTCOME_OK)
		o = identify(m, system);
	meant = o == OUTCOME_OK;
	if (o == OUTCOME_OK && manage_due(m, PART_UPTIME, MINUTE))
		o = ask_if_had(m, "controller-statistics", &l->statistics);
	if (o == OUTCOME_OK && manage_due(m, PART_VERSIONS, VERSIONS_MS))
		o = ask_if_had(m, "versions/detail", &versions);
	l->now_wall_ms = wall_ms();
	if (meant && controllers && system &&
		(mc_canisters(controllers, system, manage_address(m), sink) < 0 ||
			mc_system(system, versions, sink) < 0))
		o = answered(m, "controllers", -EBADMSG, "");
	if (o == OUTCOME_OK)
		manage_listed(m, KIND_CANISTER);
	json_object_put(controllers);
	json_object_put(system);
	json_object_put(versions);
	json_object_put(l->statistics);
	l->statistics = NULL;
	return o;
}

static const struct {
	const char *what;
	enum kind kind;
	int (*read)(json_object *answer, const struct manage_sink *sink);
} lists[] = {
	{"enclosures", KIND_ENCLOSURE, mc_enclosures},
	{"power-supplies", KIND_PSU, mc_power_supplies},
	{"fans", KIND_FAN, mc_fans},
	{"ports", KIND_PORT, mc_ports},
};

static enum outcome look_at_disks(struct look *l, const struct manage_sink *sink)
{
	json_object *groups = NULL, *disks = NULL, *pools = NULL;
	struct mc_groups g = {};
	enum outcome o = ask_if_had(l->m, "disk-groups", &groups);
	bool linear, virtual;

	if (o == OUTCOME_OK)
		o = ask_if_had(l->m, "pools", &pools);
	if (o == OUTCOME_OK)
		o = ask_if_had(l->m, "disks", &disks);
	linear = groups && mc_disk_groups(groups, &g, sink) == 0;
	virtual = !pools || mc_pools(pools, sink) == 0;
	/* both are pools: without the one list nobody knows whether the other's are gone */
	if (linear && virtual)
		manage_listed(l->m, KIND_POOL);
	if (disks && mc_disks(disks, &g, sink) == 0)
		manage_listed(l->m, KIND_DRIVE);
	json_object_put(groups);
	json_object_put(pools);
	json_object_put(disks);
	return o;
}

static enum outcome look_at_inventory(struct look *l, const struct manage_sink *sink)
{
	enum outcome o = OUTCOME_OK;

	l->every_ms = INVENTORY_MS;
	for (size_t i = 0; i < ARRAY_SIZE(lists) && o == OUTCOME_OK; i++) {
		json_object *answer = NULL;

		o = ask_if_had(l->m, lists[i].what, &answer);
		if (answer && lists[i].read(answer, sink) == 0)
			manage_listed(l->m, lists[i].kind);
		json_object_put(answer);
	}
	return o == OUTCOME_OK ? look_at_disks(l, sink) : o;
}

/* New errors are told with the next look. */
static void look_at_events(struct manage *m)
{
	json_object *events = NULL;

	if (ask_if_had(m, "events/last/50", &events) != OUTCOME_OK)
		(void)manage_postpone(m, PART_EVENTS);
	else if (events) /* one that cannot be read tells nothing, and comes again in its time */
		(void)!mc_events(events, manage_keep(m), boot_ms());
	json_object_put(events);
}

static enum outcome look(struct manage *m)
{
	struct look l = {.m = m};
	const struct manage_sink sink = {tell, &l};
	enum outcome o = look_at_canisters(&l, &sink);

	if (o == OUTCOME_OK && manage_due(m, PART_EVENTS, EVENTS_MS))
		look_at_events(m);
	return o == OUTCOME_OK && manage_due(m, PART_INVENTORY, INVENTORY_MS)
		       ? look_at_inventory(&l, &sink)
		       : o;
}

/* One that is half dead takes logins and stalls each "show". */
static enum outcome hear(struct manage *m)
{
	json_object *answer = NULL;
	enum outcome o = ask(m, "controllers", &answer);

	json_object_put(answer);
	return o;
}

const struct manage_driver manage_mc = {
	.port = 443, .login = login, .logout = logout, .look = look, .hear = hear};
