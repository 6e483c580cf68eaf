#include "probes/redfish_parts.h"

#include <errno.h>

enum { START_LIMIT_MS = 15 * 60 * 1000 };

/* clang-format off */
static const struct manage_word state_words[] = {
	{"Enabled", STATE_OK}, {"StandbySpare", STATE_OK}, {"Qualified", STATE_OK}, {"Degraded", STATE_DEGRADED},
	{"Disabled", STATE_SERVICE}, {"InTest", STATE_SERVICE}, {"Quiesced", STATE_SERVICE},
	{"StandbyOffline", STATE_SERVICE}, {"UnavailableOffline", STATE_FAILED}, {"Absent", STATE_ABSENT},
	{"Starting", STATE_TRANSITION, START_LIMIT_MS}, {"Updating", STATE_TRANSITION, START_LIMIT_MS},
	{"Deferring", STATE_TRANSITION, START_LIMIT_MS},
};
static const struct manage_word health_words[] = {
	{"OK", STATE_OK}, {"Warning", STATE_DEGRADED}, {"Critical", STATE_FAILED},
};
/* Something below it, which is told by itself: it is not well, but not lost. */
static const struct manage_word rollup_words[] = {
	{"OK", STATE_OK}, {"Warning", STATE_DEGRADED}, {"Critical", STATE_DEGRADED},
};
static const char *const link_keys[REDFISH_LINK_COUNT] = {
	[REDFISH_LINK_STORAGE] = "Storage", [REDFISH_LINK_SYSTEMS] = "Systems", [REDFISH_LINK_CHASSIS] = "Chassis",
	[REDFISH_LINK_MANAGERS] = "Managers", [REDFISH_LINK_SESSIONS] = "Sessions",
	[REDFISH_LINK_CONTROLLERS] = "Controllers", [REDFISH_LINK_POWER] = "Power", [REDFISH_LINK_THERMAL] = "Thermal",
	[REDFISH_LINK_POWER_SUBSYSTEM] = "PowerSubsystem", [REDFISH_LINK_THERMAL_SUBSYSTEM] = "ThermalSubsystem",
	[REDFISH_LINK_POWER_SUPPLIES] = "PowerSupplies", [REDFISH_LINK_FANS] = "Fans",
	[REDFISH_LINK_ETHERNET] = "EthernetInterfaces", [REDFISH_LINK_VOLUMES] = "Volumes",
	[REDFISH_LINK_POOLS] = "StoragePools",
	[REDFISH_LINK_UPDATE] = "UpdateService",
	[REDFISH_LINK_FIRMWARE] = "FirmwareInventory",
};
/* clang-format on */

static json_object *inside(json_object *o, const char *key)
{
	json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_object)
		       ? v
		       : NULL;
}

json_object *redfish_list(json_object *o, const char *key, size_t *ret_n)
{
	json_object *l = NULL;

	*ret_n = 0;
	if (!o || !json_object_object_get_ex(o, key, &l) || !json_object_is_type(l, json_type_array))
		return NULL;
	*ret_n = json_object_array_length(l);
	return l;
}

void redfish_last_part(char *dst, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');

	slash = slash ? slash + 1 : path;
	copy_device_text(dst, size, slash, strcspn(slash, "#"));
}

static void take(char *dst, size_t size, json_object *o, const char *key)
{
	const char *text = manage_text(o, key);

	if (*text)
		copy_device_text(dst, size, text, strlen(text));
}
#define TAKE(field, o, key) take(field, sizeof(field), o, key)

bool redfish_path(const char *text, char ret[REDFISH_PATH])
{
	size_t n = strcspn(text, "#");

	while (n > 1 && text[n - 1] == '/')
		n--;
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~' || strchr("\\?\"<>", text[i]))
			return false;
	if (n < 10 || n >= REDFISH_PATH || strncmp(text, "/redfish/", 9) != 0 ||
		memmem(text, n, "..", 2) || memmem(text, n, "//", 2))
		return false;
	format_text(ret, REDFISH_PATH, "%.*s", (int)n, text);
	return true;
}

bool redfish_follow(json_object *o, enum redfish_link_kind kind, char ret[REDFISH_PATH])
{
	return redfish_path(manage_text(inside(o, link_keys[kind]), "@odata.id"), ret);
}

void redfish_links_begin(struct redfish_links *links)
{
	links->n = 0;
	links->full = false;
}

void redfish_begin(struct redfish *rf)
{
	rf->nstorages = rf->ncontrollers = rf->nsets = rf->ndrives = rf->npools = rf->nways = rf->nitems = 0;
	rf->partial = false;
}

static void link_add(struct redfish_links *links, const char *path)
{
	for (unsigned i = 0; i < links->n; i++)
		if (text_equal(links->at[i], path))
			return;
	if (links->n == REDFISH_LINKS)
		links->full = true;
	else
		copy_text(links->at[links->n++], REDFISH_PATH, path);
}

int redfish_members(
	json_object *o, const char *key, struct redfish_links *links, char next[REDFISH_PATH])
{
	size_t n;
	json_object *l = redfish_list(o, key ? key : "Members", &n);
	char path[REDFISH_PATH];

	for (size_t i = 0; i < n; i++) {
		if (!redfish_path(manage_text(json_object_array_get_idx(l, i), "@odata.id"), path))
			return -EBADMSG;
		link_add(links, path);
	}
	next[0] = '\0';
	if (*manage_text(o, "Members@odata.nextLink")) {
		const char *text = manage_text(o, "Members@odata.nextLink");
		size_t query = strcspn(text, "?");

		/* the one link with a query */
		format_text(path, sizeof(path), "%.*s", (int)MIN_OF(query, sizeof(path) - 1), text);
		if (strlen(text) >= REDFISH_PATH || !redfish_path(path, next) ||
			strcspn(text + query, " \r\n\\\"<>#") != strlen(text + query))
			return -EBADMSG;
		copy_device_text(next, REDFISH_PATH, text, strlen(text));
	}
	return l ? 0 : -EBADMSG;
}

void redfish_judge(struct reading *r, json_object *resource)
{
	json_object *s = inside(resource, "Status");
	const char *state = manage_text(s, "State"), *health = manage_text(s, "Health"),
		   *rollup = manage_text(s, "HealthRollup");

	r->state = STATE_UNKNOWN;
	r->limit_ms = 0;
	copy_text(r->raw, sizeof(r->raw), "no status");
	if (*state)
		manage_state(r, state_words, ARRAY_SIZE(state_words), state);
	if (r->state == STATE_ABSENT)
		return;
	if (*health && *state)
		manage_worse(r, health_words, ARRAY_SIZE(health_words), health);
	else if (*health)
		manage_state(r, health_words, ARRAY_SIZE(health_words), health);
	else if (r->state == STATE_OK && !*rollup)
		manage_state(r, NULL, 0, "Enabled, no health");
	if (*rollup && (*state || *health))
		manage_worse(r, rollup_words, ARRAY_SIZE(rollup_words), rollup);
}

static void describe(struct reading *r, json_object *o)
{
	TAKE(r->serial, o, "SerialNumber");
	TAKE(r->vendor, o, "Manufacturer");
	TAKE(r->model, o, "Model");
	TAKE(r->firmware, o, "FirmwareVersion");
}

static void tell(const struct reading *r, const char *address, const struct manage_sink *sink)
{
	if (r->name[0])
		sink->reading(r, address, sink->arg);
}

/* What a software image said of it, by its path. */
static void add_staged(const struct redfish *rf, json_object *o, struct reading *r)
{
	char path[REDFISH_PATH];

	if (!redfish_path(manage_text(o, "@odata.id"), path))
		return;
	for (unsigned i = 0; i < rf->nitems; i++)
		if (text_equal(rf->items[i].path, path))
			reading_add(r, FACT_MICROCODE_PENDING, rf->items[i].staged);
}

static int whole(
	enum kind kind, const struct redfish *rf, json_object *o, const char *path, const struct manage_sink *sink)
{
	struct reading r = {.kind = (uint8_t)kind, .outcome = OUTCOME_OK, .slot = -1};

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	redfish_last_part(r.name, sizeof(r.name), path);
	redfish_judge(&r, o);
	describe(&r, o);
	if (rf)
		add_staged(rf, o, &r);
	tell(&r, "", sink);
	return 0;
}

int redfish_system(json_object *o, const char *path, const struct manage_sink *sink)
{
	return whole(KIND_SYSTEM, NULL, o, path, sink);
}

int redfish_chassis(
	const struct redfish *rf, json_object *o, const char *path, const struct manage_sink *sink)
{
	return whole(KIND_ENCLOSURE, rf, o, path, sink);
}

/* "psu_0.1" says by itself where it is, "1" does not. */
static void name_part(struct reading *r, json_object *o, const char *chassis)
{
	const char *id = manage_text(o, "MemberId");
	char text[2 * NAME_MAX_LEN];

	if (!*id)
		id = manage_text(o, "Id");
	if (!*id)
		id = manage_text(o, "Name");
	if (strspn(id, "0123456789") == strlen(id) && *id)
		format_text(text, sizeof(text), "%.40s.%.20s", chassis, id);
	else
		copy_text(text, sizeof(text), id);
	copy_device_text(r->name, sizeof(r->name), text, strlen(text));
	for (char *c = r->name; *c; c++)
		if (*c == ' ' || *c == '/')
			*c = '_';
}

int redfish_part(
	json_object *o, enum kind kind, const char *chassis, const struct manage_sink *sink)
{
	struct reading r = {.kind = (uint8_t)kind, .outcome = OUTCOME_OK, .slot = -1};

	if (!json_object_is_type(o, json_type_object))
		return -EBADMSG;
	name_part(&r, o, chassis);
	redfish_judge(&r, o);
	describe(&r, o);
	copy_text(r.enclosure, sizeof(r.enclosure), chassis);
	tell(&r, "", sink);
	return r.name[0] ? 0 : -EBADMSG;
}

int redfish_parts(json_object *o, const char *key, enum kind kind, const char *chassis,
	const struct manage_sink *sink)
{
	size_t n;
	json_object *l = redfish_list(o, key, &n);
	int r = json_object_is_type(o, json_type_object) && *manage_text(o, "@odata.id") ? 0
											 : -EBADMSG;

	for (size_t i = 0; i < n && r == 0; i++)
		r = redfish_part(json_object_array_get_idx(l, i), kind, chassis, sink);
	return r;
}

/* "/redfish/v1/Chassis/NAME/PowerSubsystem/PowerSupplies/1": the part's housing is the fourth part. */
void redfish_housing(const char *path, char *ret, size_t size)
{
	const char *at = path + strlen("/redfish/v1/Chassis/");

	copy_device_text(ret, size, strlen(path) > strlen("/redfish/v1/Chassis/") ? at : "",
		strlen(path) > strlen("/redfish/v1/Chassis/") ? strcspn(at, "/") : 0);
}

static bool take_wwn(struct reading *r, json_object *o)
{
	size_t n;
	json_object *l = redfish_list(o, "Identifiers", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *id = json_object_array_get_idx(l, i);
		const char *text = manage_text(id, "DurableName");
		char wwn[17] = "";

		text += strncmp(text, "0x", 2) ? 0 : 2;
		if (!text_equal(manage_text(id, "DurableNameFormat"), "NAA") || strlen(text) != 16)
			continue;
		for (unsigned c = 0; c < 16; c++)
			wwn[c] = (char)(text[c] >= 'A' && text[c] <= 'F' ? text[c] - 'A' + 'a'
									 : text[c]);
		if (strspn(wwn, "0123456789abcdef") == 16)
			return format_text(r->name, sizeof(r->name), "wwn-0x%s", wwn);
	}
	return false;
}

static void read_drive(struct reading *r, json_object *o)
{
	double v;

	redfish_judge(r, o);
	describe(r, o);
	TAKE(r->firmware, o, "Revision");
	if (text_equal(manage_text(o, "FailurePredicted"), "true"))
		manage_worse(r, &(struct manage_word){"predicted failure", STATE_DEGRADED, 0}, 1,
			"predicted failure");
	if (!take_wwn(r, o) && r->serial[0])
		format_text(r->name, sizeof(r->name), "serial-%s", r->serial);
	if (!r->name[0])
		TAKE(r->name, o, "Id");
	if (manage_number(o, "CapacityBytes", &v) && v > 0)
		r->capacity_bytes = (uint64_t)v;
	if (manage_number(o, "PredictedMediaLifeLeftPercent", &v) && v >= 0 && v <= 100)
		reading_add(r, FACT_WEAR_PCT, 100 - v);
	if (manage_number(inside(inside(o, "PhysicalLocation"), "PartLocation"),
		    "LocationOrdinalValue", &v) &&
		v >= 0 && v <= 999)
		r->slot = (int16_t)v;
}

bool redfish_is_worse(const struct reading *a, const struct reading *b)
{
	struct reading r = *b;

	manage_worse(&r, &(struct manage_word){a->raw, a->state, a->limit_ms}, 1, a->raw);
	return r.state != b->state;
}

/* Volumes link to their drives by path. */
static void note_way(struct redfish *rf, json_object *o, unsigned drive)
{
	if (rf->nways < REDFISH_ASKED && redfish_path(manage_text(o, "@odata.id"), rf->ways[rf->nways].path))
		rf->ways[rf->nways++].drive = (uint16_t)drive;
}

int redfish_drive(struct redfish *rf, json_object *o)
{
	struct reading r = {.kind = KIND_DRIVE, .outcome = OUTCOME_OK, .slot = -1};

	if (!json_object_is_type(o, json_type_object) || !*manage_text(o, "@odata.id"))
		return -EBADMSG;
	read_drive(&r, o);
	add_staged(rf, o, &r);
	for (unsigned i = 0; i < rf->ndrives; i++)
		if (text_equal(rf->drives[i].name, r.name)) {
			if (redfish_is_worse(&r, &rf->drives[i]))
				rf->drives[i] = r;
			note_way(rf, o, i);
			return 0;
		}
	if (!r.name[0] || rf->ndrives == REDFISH_ASKED)
		return -EBADMSG;
	note_way(rf, o, rf->ndrives);
	rf->drives[rf->ndrives++] = r;
	return 0;
}

void redfish_drives(struct redfish *rf, const struct manage_sink *sink)
{
	for (unsigned i = 0; i < rf->ndrives; i++)
		tell(&rf->drives[i], "", sink);
}
