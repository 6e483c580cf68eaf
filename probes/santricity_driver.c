/* SANtricity as a driver: what is asked how often. Only GET, the POST of a login and its DELETE; nothing that could change an array. */
#include "probes/manage_auth.h"
#include "probes/santricity.h"

#include <errno.h>

enum { MINUTE = 60000, INVENTORY_MS = 5 * MINUTE, LOG_MS = 30000, LOG_PAGES = 4 };
enum part { PART_INVENTORY, PART_SETTINGS, PART_LOG };
enum known { KNOWN_NO_LOG };

_Static_assert(sizeof(struct santricity_keep) <= MANAGE_KEEP, "what is listed and logged is kept from look to look");

#define BASE "/devmgr/v2/storage-systems"
#define LOGIN "/devmgr/utils/login"

static enum outcome login(struct manage *m)
{
	char *body = manage_login_json(manage_settings(m), "userId", "password"), cookie[512],
	     header[MANAGE_TOKEN];
	struct manage_request rq = {
		.path = LOGIN, .body = body ? body : "", .anonymous = true};
	struct manage_answer a;
	enum outcome o = manage_ask(m, &rq, &a);

	manage_wipe(body);
	if (o == OUTCOME_OK && manage_header(&a, "Set-Cookie", cookie, sizeof(cookie)) &&
		!strncmp(cookie, "JSESSIONID=", 11)) {
		cookie[strcspn(cookie, ";")] = '\0';
		format_text(header, sizeof(header), "Cookie: %s", cookie);
		manage_set_token(m, header);
		manage_set_session(m, LOGIN);
	} else if (o == OUTCOME_OK || a.status == 404 || a.status == 405 || a.status == 501) {
		/* no sessions here: every request says who asks */
		manage_set_basic(m);
		return OUTCOME_OK;
	}
	return o;
}

/* As NetApp's own collection for Ansible does it. */
static void logout(struct manage *m)
{
	struct manage_request rq = {.path = manage_session(m), .leave = true};
	struct manage_answer a;

	if (*rq.path)
		(void)manage_ask(m, &rq, &a);
}

static enum outcome nonsense(struct manage *m, const char *what, int r)
{
	if (r == -E2BIG)
		return manage_fail(m, OUTCOME_ERROR,
			"it watches several arrays: give the address of the array's own controllers");
	return manage_fail(
		m, OUTCOME_NONSENSE, "the answer to '%s' was cut short or is not one", what);
}

struct look {
	struct manage *m;
	struct santricity_keep *keep;
	struct santricity s;
	uint32_t every_ms;
};

static void tell(const struct reading *told, const char *address, void *arg)
{
	struct look *l = arg;
	const struct manage_sink *sink = manage_sink(l->m);
	struct reading r = *told;

	r.every_ms = l->every_ms;
	sink->reading(&r, address, sink->arg);
}

static enum outcome ask(struct look *l, const char *what, struct manage_answer *ret)
{
	char path[128];

	format_text(path, sizeof(path), BASE "/%s/%s", l->s.id, what);
	return manage_get(l->m, path, ret);
}

static enum outcome identify(struct look *l)
{
	const char *said[] = {l->s.system.serial, l->s.wwn}, *own;

	return manage_identify(l->m, said, ARRAY_SIZE(said), &own);
}

static enum outcome ask_systems(struct look *l)
{
	struct manage_answer a;
	enum outcome o = manage_get(l->m, BASE, &a);
	int r = o == OUTCOME_OK ? santricity_systems(a.body, a.len, &l->s) : 0;

	if (r < 0)
		return nonsense(l->m, "storage-systems", r);
	return o == OUTCOME_OK ? identify(l) : o;
}

static enum outcome ask_canisters(struct look *l, const struct manage_sink *sink)
{
	struct manage_answer a;
	enum outcome o = ask(l, "controllers", &a);

	if (o == OUTCOME_OK &&
		santricity_canisters(a.body, a.len, &l->s, manage_address(l->m)) < 0)
		return nonsense(l->m, "controllers", 0);
	if (o != OUTCOME_OK)
		return o;
	santricity_tell_canisters(&l->s, &l->keep->faults, sink);
	manage_listed(l->m, KIND_CANISTER);
	return OUTCOME_OK;
}

/* Told with the array as a whole; without an answer what was told last stays. */
static enum outcome ask_settings(struct look *l)
{
	struct manage_answer a;
	enum outcome o = ask(l, "volumes", &a);

	if (o == OUTCOME_OK && santricity_volumes(a.body, a.len, &l->s) < 0)
		return nonsense(l->m, "volumes", 0);
	return o;
}

/* A new list, and at once whose failures they are: of a canister first, of what is asked seldom with the inventory. */
static enum outcome ask_failures(struct look *l, const struct manage_sink *sink)
{
	struct santricity_faults now;
	struct manage_answer a;
	uint16_t read = l->keep->faults.read;
	enum outcome o;

	/* what was listed once is not known to stand still: without an answer the next look blames nobody until it has one */
	l->keep->faults.read = 0;
	o = ask(l, "failures", &a);
	if (o == OUTCOME_OK && santricity_failures(a.body, a.len, &l->s, &now) < 0)
		return nonsense(l->m, "failures", 0);
	if (o != OUTCOME_OK)
		return o;
	l->keep->faults.read = read;
	if (santricity_same_faults(&l->keep->faults, &now))
		return o;
	l->keep->faults = now;
	santricity_tell_canisters(&l->s, &l->keep->faults, sink);
	return OUTCOME_OK;
}

/* Old code and users that may not see it have no log. */
static bool has_no_log(struct look *l, unsigned status)
{
	if (status == 403 || status == 404)
		manage_know(l->m, KNOWN_NO_LOG, 1);
	return false;
}

/* All of them, for whether a server that is asked for critical ones counts those or all is not documented. */
static bool ask_page(struct look *l)
{
	struct santricity_log *log = &l->keep->log;
	struct manage_answer a;
	char what[96];

	format_text(what, sizeof(what), "mel-events?startSequenceNumber=%llu&count=%d", (unsigned long long)log->next,
		SANTRICITY_PAGE);
	if (ask(l, what, &a) != OUTCOME_OK)
		return has_no_log(l, a.status);
	return santricity_log_events(a.body, a.len, log, boot_ms()) >= 0;
}

/* What does not fit a few pages is read the next time. */
static bool ask_log(struct look *l)
{
	struct santricity_log *log = &l->keep->log;
	struct manage_answer a;
	bool fine;

	if (ask(l, "mel-events/available", &a) != OUTCOME_OK)
		return has_no_log(l, a.status);
	fine = santricity_log_extent(a.body, a.len, log) >= 0;
	for (unsigned page = 0; fine && page < LOG_PAGES && log->next < log->end; page++)
		fine = ask_page(l);
	return fine;
}

static void look_at_log(struct look *l)
{
	struct santricity_log *log = &l->keep->log;

	log->failed = !ask_log(l);
	if (log->failed)
		(void)manage_postpone(l->m, PART_LOG);
}

static enum outcome ask_inventory(struct look *l, const struct manage_sink *sink)
{
	static const enum kind kinds[] = {KIND_POOL, KIND_DRIVE, KIND_PSU, KIND_FAN, KIND_EXPANDER,
		KIND_BATTERY, KIND_ENCLOSURE};
	struct manage_answer a;
	enum outcome o = ask(l, "storage-pools", &a);

	l->every_ms = INVENTORY_MS;
	santricity_displace(&l->keep->faults, false);
	if (o == OUTCOME_OK && santricity_pools(a.body, a.len, &l->s, sink) < 0)
		return nonsense(l->m, "storage-pools", 0);
	if (o == OUTCOME_OK)
		o = ask(l, "hardware-inventory", &a);
	if (o == OUTCOME_OK && santricity_hardware(a.body, a.len, &l->s, sink) < 0)
		return nonsense(l->m, "hardware-inventory", 0);
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && o == OUTCOME_OK; i++)
		manage_listed(l->m, kinds[i]);
	if (o == OUTCOME_OK)
		l->keep->faults.sought = 1;
	return o;
}

static void tell_system(struct look *l, const struct manage_sink *sink)
{
	santricity_log_tell(&l->keep->log, boot_ms(), &l->s.system);
	santricity_tell_system(&l->s, &l->keep->faults, sink);
}

static enum outcome look(struct manage *m)
{
	struct look *l = calloc(1, sizeof(*l));
	const struct manage_sink sink = {tell, l};
	enum outcome o = OUTCOME_ERROR;

	if (l) {
		l->m = m;
		l->keep = manage_keep(m);
		o = ask_systems(l);
		l->s.faults = &l->keep->faults;
	}
	if (o == OUTCOME_OK)
		o = ask_canisters(l, &sink);
	if (o == OUTCOME_OK && manage_due(m, PART_SETTINGS, INVENTORY_MS) && ask_settings(l) != OUTCOME_OK)
		(void)manage_postpone(m, PART_SETTINGS);
	if (o == OUTCOME_OK)
		o = ask_failures(l, &sink);
	if (o == OUTCOME_OK && !manage_known(m, KNOWN_NO_LOG) && manage_due(m, PART_LOG, LOG_MS))
		look_at_log(l);
	if (o == OUTCOME_OK)
		tell_system(l, &sink);
	if (o == OUTCOME_OK && (manage_due(m, PART_INVENTORY, INVENTORY_MS) || !l->keep->faults.sought))
		o = ask_inventory(l, &sink);
	free(l);
	return o;
}

static enum outcome hear(struct manage *m)
{
	struct manage_answer a;

	return manage_get(m, BASE, &a);
}

const struct manage_driver manage_santricity = {
	.port = 8443, .login = login, .logout = logout, .look = look, .hear = hear};
