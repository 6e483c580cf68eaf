/* Spectrum Virtualize as a driver: what is asked how often. Only views; nothing that could change a system. */
#include "probes/spectrum.h"

#include <errno.h>
#include <json-c/json.h>

enum { MINUTE = 60000, INVENTORY_MS = 15 * MINUTE, EVENTS_MS = 30000 };
enum part { PART_INVENTORY, PART_EVENTS };
enum known { KNOWN_OLD_PATHS, KNOWN_ARRAYS, KNOWN_REBUILDS };

_Static_assert(sizeof(struct spectrum_events) <= MANAGE_KEEP, "the log by objects is kept from look to look");

/* The closed list of what is ever asked. */
enum view {
	VIEW_NODES, VIEW_NODE, VIEW_CANISTERS, VIEW_ENCLOSURES, VIEW_PSUS, VIEW_BATTERIES, VIEW_DRIVES, VIEW_MDISKS,
	VIEW_SYSTEM, VIEW_EVENTS, VIEW_CALLHOME, VIEW_QUORUM, VIEW_ARRAYS, VIEW_MEMBERS, VIEW_PROGRESS, VIEW_COUNT
};

static const struct {
	const char *command, *cli, *json;
} views[VIEW_COUNT] = {
	[VIEW_NODES] = {"lsnodecanister", "", ""},
	[VIEW_NODE] = {"lsnodecanister", "", ""},
	[VIEW_CANISTERS] = {"lsenclosurecanister", "", ""},
	[VIEW_ENCLOSURES] = {"lsenclosure", "", ""},
	[VIEW_PSUS] = {"lsenclosurepsu", "", ""},
	[VIEW_BATTERIES] = {"lsenclosurebattery", "", ""},
	[VIEW_DRIVES] = {"lsdrive", "", ""},
	[VIEW_MDISKS] = {"lsmdisk", "", ""},
	[VIEW_ARRAYS] = {"lsarray", "", ""},
	[VIEW_MEMBERS] = {"lsarraymember", "", ""},
	[VIEW_PROGRESS] = {"lsarraymemberprogress", "", ""},
	[VIEW_SYSTEM] = {"lssystem", "", ""},
	[VIEW_EVENTS] = {"lseventlog", " -alert yes -message no -monitoring no -expired no -fixed no -order severity",
		"{\"alert\":\"yes\",\"message\":\"no\",\"monitoring\":\"no\",\"expired\":\"no\",\"fixed\":\"no\","
		"\"order\":\"severity\"}"},
	[VIEW_CALLHOME] = {"lscloudcallhome", "", ""},
	[VIEW_QUORUM] = {"lsquorum", "", ""},
};

static enum spectrum_form form_of(const struct manage *m)
{
	return manage_settings(m)->transport == MANAGE_SSH ? SPECTRUM_CLI : SPECTRUM_JSON;
}

/* Up to 8.2 there is no version in the path; from then on there should be. */
static enum outcome rest(struct manage *m, enum view v, const char *id, struct manage_answer *ret)
{
	bool old = manage_known(m, KNOWN_OLD_PATHS);
	char path[96];
	enum outcome o;

	for (;;) {
		format_text(path, sizeof(path), "/rest%s/%s%s%s", old ? "" : "/v1", views[v].command, *id ? "/" : "", id);
		o = manage_post(m, path, views[v].json, ret);
		if (o == OUTCOME_OK && old)
			manage_know(m, KNOWN_OLD_PATHS, 1);
		if (ret->status != 404 || old || v != VIEW_NODES)
			return o;
		old = true;
	}
}

static enum outcome ask(struct manage *m, enum view v, const char *id, struct manage_answer *ret)
{
	char command[192];

	if (form_of(m) == SPECTRUM_JSON)
		return rest(m, v, id, ret);
	format_text(command, sizeof(command), "%s%s -delim '%c'%s%s", views[v].command, views[v].cli, SPECTRUM_DELIM,
		*id ? " " : "", id);
	return manage_command(m, command, ret);
}

static enum outcome nonsense(struct manage *m, enum view v)
{
	return manage_fail(m, OUTCOME_NONSENSE, "the answer to %s was cut short or is not one", views[v].command);
}

/* There is no logout: a token ends by itself, half an hour after its last use (REST API, 8.3.1) or after an hour (8.7.2). */
static enum outcome login(struct manage *m)
{
	const struct manage_settings *s = manage_settings(m);
	char user[128], password[1100], header[MANAGE_TOKEN];
	struct manage_request rq = {.path = "/rest/v1/auth", .body = "", .headers = {user, password}, .anonymous = true};
	struct manage_answer a;
	struct json_object *o;
	const char *token;
	enum outcome out;

	format_text(user, sizeof(user), "X-Auth-Username: %s", s->user);
	format_text(password, sizeof(password), "X-Auth-Password: %s", s->secret);
	if (manage_known(m, KNOWN_OLD_PATHS))
		rq.path = "/rest/auth";
	out = manage_ask(m, &rq, &a);
	if (a.status == 404) {
		rq.path = "/rest/auth";
		out = manage_ask(m, &rq, &a);
	}
	explicit_bzero(password, sizeof(password));
	if (out != OUTCOME_OK)
		return out;
	o = manage_json(a.body, a.len);
	token = manage_text(o, "token");
	if (*token && format_text(header, sizeof(header), "X-Auth-Token: %s", token))
		manage_set_token(m, header);
	json_object_put(o);
	return OUTCOME_OK;
}

/* ---- one look ---- */

/* By the enclosures that its nodes stand in, which are told each time; an SVC's nodes stand in none. */
static enum outcome by_housing(struct manage *m, const struct spectrum_canisters *c, const char **ret_own)
{
	const char *said[SPECTRUM_CANISTERS];

	for (unsigned i = 0; i < c->n; i++)
		said[i] = c->housing[i];
	return manage_identify(m, said, c->n, ret_own);
}

/* Somebody may have written down the id of the system instead: then that is asked for each time. */
static enum outcome identify(struct manage *m, const struct spectrum_canisters *c)
{
	const char *own, *said[1];
	enum outcome o = by_housing(m, c, &own);
	struct manage_answer a;
	char id[24];

	if (o == OUTCOME_OK || ask(m, VIEW_SYSTEM, "", &a) != OUTCOME_OK ||
		spectrum_system_id(a.body, a.len, form_of(m), id) < 0)
		return by_housing(m, c, &own);
	said[0] = id;
	o = manage_identify(m, said, 1, &own);
	return o == OUTCOME_OK && own[0] ? o : by_housing(m, c, &own);
}

static enum outcome ask_nodes(struct manage *m, struct spectrum_canisters *c)
{
	struct manage_answer a;
	enum outcome o = ask(m, VIEW_NODES, "", &a);

	if (o == OUTCOME_OK && spectrum_nodes(a.body, a.len, form_of(m), c) < 0)
		return nonsense(m, VIEW_NODES);
	if (o == OUTCOME_OK)
		o = identify(m, c);
	if (o == OUTCOME_OK && c->housed) {
		o = ask(m, VIEW_CANISTERS, "", &a);
		if (o == OUTCOME_OK && spectrum_enclosure_canisters(a.body, a.len, form_of(m), c, manage_sink(m)) < 0)
			return nonsense(m, VIEW_CANISTERS);
	}
	return o;
}

static void tell(struct manage *m, const struct spectrum_canisters *c)
{
	const struct manage_sink *sink = manage_sink(m);

	for (unsigned i = 0; i < c->n; i++)
		sink->reading(&c->r[i], c->address[i], sink->arg);
	manage_listed(m, KIND_CANISTER);
}

/* Each node in detail: code level, serial, address of its own. */
static enum outcome ask_details(struct manage *m, struct spectrum_canisters *c)
{
	enum outcome o = OUTCOME_OK;
	struct manage_answer a;

	for (unsigned i = 0; o == OUTCOME_OK && i < c->n; i++) {
		if (!c->node[i][0] || c->node[i][strspn(c->node[i], "0123456789")])
			continue;
		o = ask(m, VIEW_NODE, c->node[i], &a);
		if (o == OUTCOME_OK && spectrum_node(a.body, a.len, form_of(m), c) < 0)
			o = nonsense(m, VIEW_NODE);
	}
	return o;
}

/* Arrays and their places. Once they were had, a look without them says nothing of pools. */
static enum outcome ask_arrays(struct manage *m, struct spectrum_arrays *arrays)
{
	static const struct {
		enum view view;
		int (*parse)(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a);
	} parts[] = {{VIEW_ARRAYS, spectrum_arrays}, {VIEW_MEMBERS, spectrum_array_members},
		{VIEW_PROGRESS, spectrum_array_progress}};
	enum outcome o = OUTCOME_OK;
	struct manage_answer a;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if ((parts[i].view == VIEW_MEMBERS && !arrays->n) ||
			(parts[i].view == VIEW_PROGRESS && !spectrum_arrays_rebuild(arrays)))
			break;
		o = ask(m, parts[i].view, "", &a);
		if (o == OUTCOME_OK && parts[i].parse(a.body, a.len, form_of(m), arrays) < 0)
			o = nonsense(m, parts[i].view);
		if (o == OUTCOME_ERROR && a.status && !manage_known(m, KNOWN_ARRAYS)) {
			arrays->n = arrays->nmembers = 0;
			return OUTCOME_OK;
		}
		if (o != OUTCOME_OK)
			return o;
	}
	manage_know(m, KNOWN_ARRAYS, arrays->n > 0);
	manage_know(m, KNOWN_REBUILDS, spectrum_arrays_rebuild(arrays));
	return OUTCOME_OK;
}

/* Who stands at their places is told by the same view as the drives. */
static int take_places(struct manage *m, const struct manage_answer *a, struct spectrum_arrays *arrays)
{
	char *copy = arrays->n ? malloc(a->len + 1) : NULL;
	int r = arrays->n ? -EBADMSG : 0;

	if (copy) {
		memcpy(copy, a->body, a->len + 1);
		r = spectrum_array_drives(copy, a->len, form_of(m), arrays);
	}
	free(copy);
	return r;
}

/* Adds to a pool what is known of its array. */
struct with_arrays {
	const struct manage_sink *to;
	const struct spectrum_arrays *arrays;
};

static void add_array(const struct reading *told, const char *address, void *arg)
{
	const struct with_arrays *w = arg;
	struct reading r = *told;

	if (r.kind == KIND_POOL)
		spectrum_array_pool(w->arrays, &r);
	w->to->reading(&r, address, w->to->arg);
}

static enum outcome ask_around(struct manage *m, struct spectrum_events *events, struct spectrum_arrays *arrays)
{
	static const struct {
		enum view view;
		enum kind kind;
		int (*parse)(char *text, size_t len, enum spectrum_form f, struct spectrum_events *e,
			const struct manage_sink *sink);
	} parts[] = {
		{VIEW_ENCLOSURES, KIND_ENCLOSURE, spectrum_enclosures},
		{VIEW_BATTERIES, KIND_BATTERY, spectrum_batteries}, {VIEW_DRIVES, KIND_DRIVE, spectrum_drives},
		{VIEW_MDISKS, KIND_POOL, spectrum_mdisks}};
	struct with_arrays with = {manage_sink(m), arrays};
	const struct manage_sink sink = {add_array, &with};
	enum outcome o = OUTCOME_OK;
	struct manage_answer a;

	spectrum_displace(events, OBJECT_ENCLOSURE, OBJECT_MDISK);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		o = ask(m, parts[i].view, "", &a);
		if (o == OUTCOME_ERROR && a.status && !(arrays->n && parts[i].view == VIEW_DRIVES))
			continue;
		if (o == OUTCOME_OK && parts[i].view == VIEW_DRIVES && take_places(m, &a, arrays) < 0)
			o = nonsense(m, parts[i].view);
		if (o == OUTCOME_OK && parts[i].parse(a.body, a.len, form_of(m), events, &sink) < 0)
			o = nonsense(m, parts[i].view);
		if (o != OUTCOME_OK)
			return o;
		manage_listed(m, parts[i].kind);
	}
	spectrum_array_groups(arrays, manage_sink(m));
	return OUTCOME_OK;
}

/* Every quarter of an hour, and when the log changed; a view that old code does not have is not missed. */
static enum outcome ask_parts(struct manage *m, struct spectrum_events *events)
{
	struct spectrum_arrays *arrays = calloc(1, sizeof(*arrays));
	enum outcome o = arrays ? ask_arrays(m, arrays) : OUTCOME_ERROR;

	if (o == OUTCOME_OK)
		o = ask_around(m, events, arrays);
	free(arrays);
	return o;
}

/* With each look: supplies are a group of their own, which must not look well when nothing else is heard. */
static enum outcome ask_psus(struct manage *m)
{
	struct manage_answer a;
	enum outcome o = ask(m, VIEW_PSUS, "", &a);

	if (o == OUTCOME_OK && spectrum_psus(a.body, a.len, form_of(m), NULL, manage_sink(m)) < 0)
		return nonsense(m, VIEW_PSUS);
	if (o == OUTCOME_OK)
		manage_listed(m, KIND_PSU);
	return o == OUTCOME_ERROR && a.status ? OUTCOME_OK : o;
}

/* True when the log says something else than when it was read last. */
static enum outcome ask_events(struct manage *m, bool *ret_changed)
{
	struct spectrum_events *kept = manage_keep(m), now;
	struct manage_answer a;
	enum outcome o = ask(m, VIEW_EVENTS, "", &a);

	if (o != OUTCOME_OK)
		return o;
	if (spectrum_eventlog(a.body, a.len, form_of(m), &now) < 0)
		return nonsense(m, VIEW_EVENTS);
	*ret_changed = !spectrum_same_events(kept, &now);
	if (*ret_changed)
		*kept = now;
	return OUTCOME_OK;
}

/* The system itself: what it logs of no other component and has not fixed, and what protects it. */
static enum outcome ask_system(struct manage *m, const struct spectrum_canisters *c)
{
	struct reading r = {.kind = KIND_SYSTEM, .outcome = OUTCOME_OK, .state = STATE_OK, .slot = -1, .name = "system",
		.raw = "answers", .every_ms = EVENTS_MS};
	struct manage_answer a;
	const char *own;
	enum outcome o = ask(m, VIEW_SYSTEM, "", &a);

	(void)by_housing(m, c, &own);
	copy_text(r.serial, sizeof(r.serial), own);
	if (o == OUTCOME_OK && spectrum_system(a.body, a.len, form_of(m), &r) < 0)
		return nonsense(m, VIEW_SYSTEM);
	if (o != OUTCOME_OK)
		return o;
	/* not there before 8.2 */
	o = ask(m, VIEW_CALLHOME, "", &a);
	if (o == OUTCOME_OK && spectrum_callhome(a.body, a.len, form_of(m), &r) < 0)
		return nonsense(m, VIEW_CALLHOME);
	if (o != OUTCOME_OK && !(o == OUTCOME_ERROR && a.status))
		return o;
	o = ask(m, VIEW_QUORUM, "", &a);
	if (o == OUTCOME_OK && spectrum_quorum(a.body, a.len, form_of(m), &r) < 0)
		return nonsense(m, VIEW_QUORUM);
	if (o != OUTCOME_OK && !(o == OUTCOME_ERROR && a.status))
		return o;
	spectrum_protection(&r);
	spectrum_system_faults(manage_keep(m), &r);
	manage_sink(m)->reading(&r, "", manage_sink(m)->arg);
	return OUTCOME_OK;
}

/* The log, and at once whose errors they are: of a canister first, of what is asked seldom last. */
static void ask_rest(struct manage *m, struct spectrum_canisters *c, bool inventory)
{
	struct spectrum_events *events = manage_keep(m);
	bool changed = false;

	if (manage_due(m, PART_EVENTS, EVENTS_MS)) {
		enum outcome o = ask_events(m, &changed);

		if (changed) {
			spectrum_canister_faults(events, c);
			tell(m, c);
		}
		if (o != OUTCOME_OK || ask_system(m, c) != OUTCOME_OK)
			(void)manage_postpone(m, PART_EVENTS);
	}
	if (!inventory && !changed)
		return;
	if (ask_parts(m, events) != OUTCOME_OK)
		(void)manage_postpone(m, PART_INVENTORY);
	events->sought = 1;
}

static enum outcome look(struct manage *m)
{
	struct spectrum_canisters *c = calloc(1, sizeof(*c));
	enum outcome o = c ? ask_nodes(m, c) : OUTCOME_ERROR;

	bool inventory = o == OUTCOME_OK && manage_due(m, PART_INVENTORY, manage_known(m, KNOWN_REBUILDS) ? MINUTE : INVENTORY_MS);

	/* bad news first: what else is asked may take its time */
	if (o == OUTCOME_OK && inventory && ask_details(m, c) != OUTCOME_OK)
		inventory = manage_postpone(m, PART_INVENTORY);
	if (o == OUTCOME_OK) {
		spectrum_canister_faults(manage_keep(m), c);
		tell(m, c);
	}
	if (o == OUTCOME_OK && c->housed)
		o = ask_psus(m);
	if (o == OUTCOME_OK)
		ask_rest(m, c, inventory);
	free(c);
	return o;
}

const struct manage_driver manage_spectrum = {.port = 7443,
	.login = login,
	.look = look,
	.knock = {.path = "/rest/v1/lsnodecanister", .body = ""},
	.knock_command = "sainfo lsservicenodes -delim '|'"};
