/* The two canisters, out of what each says of itself and of the other. */
#include "probes/mc_parts.h"

#include <errno.h>

enum { UPDATE_LIMIT_MS = 30 * 60 * 1000, CANISTERS = 2 };

/* clang-format off */
static const struct manage_word controller_words[] = {
	{"Operational", STATE_OK}, {"0", STATE_OK}, {"Down", STATE_FAILED}, {"1", STATE_FAILED},
	{"Not Installed", STATE_ABSENT}, {"2", STATE_ABSENT},
};
/* clang-format on */

/* Says of itself and of its partner: nested in the system, beside it in older ones. */
json_object *mc_redundancy(json_object *system)
{
	json_object *s = mc_first(system, "system"), *nested = s ? mc_first(s, "redundancy") : NULL;

	return nested ? nested : mc_first(system, "redundancy");
}

static void judge_by_peer(struct reading *r, json_object *redundancy)
{
	char key[40];

	format_text(key, sizeof(key), "controller-%c-status", r->name[0] - 'A' + 'a');
	MC_JUDGE(r, redundancy, key, controller_words);
	format_text(key, sizeof(key), "controller-%c-status-numeric", r->name[0] - 'A' + 'a');
	MC_JUDGE(r, redundancy, key, controller_words);
}

static bool take_canister(struct reading *r, json_object *o, json_object *redundancy)
{
	const char *id = manage_text(o, "controller-id");

	mc_begin(r, KIND_CANISTER, o, "");
	if ((*id != 'A' && *id != 'B') || id[1])
		return false;
	copy_text(r->name, sizeof(r->name), id);
	MC_JUDGE(r, o, "status", controller_words);
	MC_JUDGE(r, o, "status-numeric", controller_words);
	mc_judge_health(r, o);
	MC_TAKE(r->firmware, o, "sc-fw");
	if (redundancy)
		judge_by_peer(r, redundancy);
	return true;
}

/* Consequences of a takeover; facts only where the answer has a word for them. */
static void take_facts(struct reading *r, json_object *o)
{
	const char *over = manage_text(o, "failed-over"), *policy = manage_text(o, "write-policy");

	if (text_equal(over, "Yes") || text_equal(over, "No"))
		reading_add(r, FACT_FAILED_OVER, text_equal(over, "Yes"));
	if (!strcasecmp(policy, "write-through") || !strcasecmp(policy, "write-back"))
		reading_add(r, FACT_WRITE_THROUGH, !strcasecmp(policy, "write-through"));
}

static bool is_lost(const struct reading *r)
{
	return r->state == STATE_FAILED || r->state == STATE_ABSENT;
}

static bool is_updating(json_object *system)
{
	json_object *s = mc_first(system, "system");

	return s && text_equal(manage_text(s, "pfuStatus"), "Running");
}

/* Of an array that is made with one canister the other place is empty, and nothing is missing. */
static bool is_single(json_object *redundancy)
{
	return redundancy &&
	       text_equal(manage_text(redundancy, "redundancy-mode"), "Single Controller");
}

static const char *address_of(json_object *o)
{
	json_object *net = mc_first(o, "network-parameters");
	const char *inner = net ? manage_text(net, "ip-address") : "";

	return *inner ? inner : manage_text(o, "ip-address");
}

/* The canister at the address that was asked, when the answer names that address. */
static char speaker(json_object *list, size_t n, const char *by)
{
	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(list, i);
		const char *id = manage_text(o, "controller-id");

		if (*by && text_equal(address_of(o), by) && (*id == 'A' || *id == 'B'))
			return *id;
	}
	return 0;
}

static void tell_by_whom(struct reading *r, const char *by, char letter)
{
	char message[sizeof(r->message)];

	copy_text(message, sizeof(message), r->message);
	format_text(r->message, sizeof(r->message), "%.76s%sreported by %c%s%.36s", message,
		message[0] ? ", " : "", letter ? letter : '?', *by ? " at " : "", by);
}

struct pair {
	struct reading r[CANISTERS];
	const char *address[CANISTERS];
	bool told[CANISTERS];
};

static int take_listed(struct pair *p, json_object *list, size_t n, json_object *redundancy)
{
	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(list, i);
		struct reading r;
		unsigned at;

		if (!take_canister(&r, o, redundancy))
			return -EBADMSG;
		at = r.name[0] == 'B';
		if (p->told[at])
			return -EBADMSG;
		take_facts(&r, o);
		p->r[at] = r;
		p->address[at] = address_of(o);
		p->told[at] = true;
	}
	return 0;
}

/* One that is gone may be missing from the list while its partner still has a word for it. */
static void take_unlisted(struct pair *p, json_object *redundancy)
{
	for (unsigned i = 0; redundancy && i < CANISTERS; i++) {
		struct reading r = {.kind = KIND_CANISTER, .outcome = OUTCOME_OK, .slot = -1};

		if (p->told[i])
			continue;
		r.name[0] = (char)('A' + i);
		judge_by_peer(&r, redundancy);
		if (!r.raw[0])
			continue;
		p->r[i] = r;
		p->address[i] = "";
		p->told[i] = true;
	}
}

static void relate(struct pair *p, json_object *system)
{
	for (unsigned i = 0; i < CANISTERS; i++) {
		struct reading *r = &p->r[i], *peer = &p->r[1 - i];

		if (p->told[i] && p->told[1 - i] && !is_lost(r))
			reading_add(r, FACT_PARTNER_MISSING, is_lost(peer));
	}
	for (unsigned i = 0; i < CANISTERS && is_updating(system); i++)
		if (p->told[i] && p->r[i].state == STATE_FAILED) {
			p->r[i].state = STATE_TRANSITION;
			p->r[i].limit_ms = UPDATE_LIMIT_MS;
		}
}

int mc_canisters(json_object *controllers, json_object *system, const char *by,
	const struct manage_sink *sink)
{
	size_t n;
	json_object *list = mc_list(controllers, "controllers", &n),
		    *redundancy = mc_redundancy(system);
	struct pair p = {};
	char letter = speaker(list, n, by);

	if (!n || !mc_first(system, "system") || take_listed(&p, list, n, redundancy) < 0)
		return -EBADMSG;
	take_unlisted(&p, redundancy);
	for (unsigned i = 0; i < CANISTERS && is_single(redundancy); i++)
		p.told[i] = p.told[i] && p.r[i].state != STATE_ABSENT;
	relate(&p, system);
	for (unsigned i = 0; i < CANISTERS; i++) {
		if (!p.told[i])
			continue;
		tell_by_whom(&p.r[i], by, letter);
		mc_tell(&p.r[i], p.address[i], sink);
	}
	return 0;
}

int64_t mc_booted(json_object *statistics, const char *name, int64_t now_wall_ms)
{
	size_t n;
	json_object *list = mc_list(statistics, "controller-statistics", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(list, i);
		const char *id = strrchr(manage_text(o, "durable-id"), '_');
		double seconds;

		if (id && !strcasecmp(id + 1, name) &&
			manage_number(o, "power-on-time", &seconds) && seconds >= 0 &&
			seconds < 1e9)
			return now_wall_ms - (int64_t)(seconds * 1000);
	}
	return 0;
}
