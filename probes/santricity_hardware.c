/* What stands in the enclosures of an E-Series array, and which drive is in which pool. */
#include "probes/santricity_parts.h"

#include <errno.h>

enum { LEARN_LIMIT_MS = 24 * 60 * 60 * 1000 };

/* clang-format off */
static const struct manage_word esm_words[] = {
	{"optimal", STATE_OK}, {"uncertified", STATE_DEGRADED}, {"failed", STATE_FAILED}, {"removed", STATE_ABSENT},
	{"unknown", STATE_UNKNOWN}, {"unsupported", STATE_UNKNOWN},
};
static const struct manage_word psu_words[] = {
	{"optimal", STATE_OK}, {"failed", STATE_FAILED}, {"noinput", STATE_FAILED}, {"removed", STATE_ABSENT},
	{"unknown", STATE_UNKNOWN},
};
static const struct manage_word fan_words[] = {
	{"optimal", STATE_OK}, {"failed", STATE_FAILED}, {"removed", STATE_ABSENT}, {"unknown", STATE_UNKNOWN},
};
static const struct manage_word battery_words[] = {
	{"optimal", STATE_OK}, {"maintenanceCharging", STATE_OK}, {"learning", STATE_TRANSITION, LEARN_LIMIT_MS},
	{"fullCharging", STATE_TRANSITION, LEARN_LIMIT_MS}, {"nearExpiration", STATE_DEGRADED},
	{"notInConfig", STATE_DEGRADED}, {"configMismatch", STATE_DEGRADED}, {"overtemp", STATE_DEGRADED},
	{"expired", STATE_FAILED}, {"replacementRequired", STATE_FAILED}, {"failed", STATE_FAILED},
	{"removed", STATE_ABSENT}, {"unknown", STATE_UNKNOWN},
};
static const struct manage_word drive_words[] = {
	{"optimal", STATE_OK}, {"replaced", STATE_DEGRADED}, {"incompatible", STATE_DEGRADED},
	{"dataRelocation", STATE_DEGRADED}, {"preFailCopy", STATE_DEGRADED}, {"preFailCopyPending", STATE_DEGRADED},
	{"failed", STATE_FAILED}, {"bypassed", STATE_FAILED}, {"unresponsive", STATE_FAILED},
	{"removed", STATE_ABSENT},
};
static const struct manage_word pool_words[] = {
	{"complete", STATE_OK}, {"partial", STATE_DEGRADED}, {"forced", STATE_DEGRADED}, {"contingent", STATE_DEGRADED},
	{"exported", STATE_SERVICE}, {"incomplete", STATE_FAILED}, {"missing", STATE_FAILED},
};
static const struct { const char *key; enum state state; const char *raw; } drive_flags[] = {
	{"offline", STATE_SERVICE, "offline"}, {"pfa", STATE_DEGRADED, "predicted failure"},
	{"nonRedundantAccess", STATE_DEGRADED, "one path only"}, {"hasDegradedChannel", STATE_DEGRADED, "degraded channel"},
	{"uncertified", STATE_DEGRADED, "uncertified"},
};
static const char *const tray_flags[] = {
	"nonRedundantAccess", "esmVersionMismatch", "esmMiswire", "esmHardwareMismatch", "unsupportedTray",
	"uncertifiedTray", "esmFactoryDefaultsMismatch", "esmGroupError", "drvMHSpeedMismatch",
};
static const struct { const char *level; int8_t parity; } raid_parity[] = {
	{"raid0", 0}, {"raid1", 1}, {"raid3", 1}, {"raid5", 1}, {"raid6", 2}, {"raidDiskPool", 2},
};
/* clang-format on */

struct shelf {
	json_object *trays;
	size_t n;
};

static int8_t parity_of(const char *level)
{
	for (size_t i = 0; i < ARRAY_SIZE(raid_parity); i++)
		if (text_equal(level, raid_parity[i].level))
			return raid_parity[i].parity;
	return -1;
}

/* What stands by: of a disk pool, the drives' worth of room it still has to rebuild into. */
static void take_counts(struct reading *r, json_object *o, int parity)
{
	json_object *pool = santricity_inside(santricity_inside(o, "volumeGroupData"), "diskPoolData");
	double spares;

	if (parity >= 0)
		reading_add(r, FACT_PARITY, parity);
	if (pool && manage_number(pool, "reconstructionReservedDriveCountCurrent", &spares) && spares >= 0 && spares <= 1000)
		reading_add(r, FACT_SPARES, spares);
}

int santricity_pools(
	const char *text, size_t len, struct santricity *s, const struct manage_sink *sink)
{
	json_object *answer = manage_json(text, len);
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);

	s->npools = 0;
	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		struct reading r = {.kind = KIND_POOL, .outcome = OUTCOME_OK, .slot = -1};
		struct santricity_pool p = {.parity = parity_of(manage_text(o, "raidLevel"))};

		SANTRICITY_TAKE(r.name, o, "label");
		SANTRICITY_TAKE(r.model, o, "raidLevel");
		SANTRICITY_TAKE(p.ref, o, "volumeGroupRef");
		copy_text(p.name, sizeof(p.name), r.name);
		if (*manage_text(o, "state"))
			manage_state(
				&r, pool_words, ARRAY_SIZE(pool_words), manage_text(o, "state"));
		take_counts(&r, o, p.parity);
		if (santricity_true(o, "offline") && r.raw[0])
			santricity_worse(&r, STATE_SERVICE, "offline");
		if (santricity_true(o, "isInaccessible") && r.raw[0])
			santricity_worse(&r, STATE_FAILED, "inaccessible");
		if (s->npools < SANTRICITY_POOLS && p.ref[0] && p.name[0])
			s->pools[s->npools++] = p;
		santricity_blame(s->faults, p.ref, &r);
		santricity_tell(&r, "", sink);
	}
	json_object_put(answer);
	return l ? 0 : -EBADMSG;
}

static struct santricity_pool *pool_of(struct santricity *s, json_object *drive)
{
	const char *ref = manage_text(drive, "currentVolumeGroupRef");

	for (unsigned i = 0; *ref && i < s->npools; i++)
		if (text_equal(s->pools[i].ref, ref))
			return &s->pools[i];
	return NULL;
}

/* The number that stands on the enclosure. */
static const char *tray_of(const struct shelf *shelf, json_object *o)
{
	const char *ref = manage_text(santricity_inside(o, "physicalLocation"), "trayRef");

	for (size_t i = 0; *ref && i < shelf->n; i++) {
		json_object *tray = json_object_array_get_idx(shelf->trays, i);

		if (text_equal(manage_text(tray, "trayRef"), ref))
			return manage_text(tray, "trayId");
	}
	return "";
}

/* "99.1": the enclosure's number and the position in it. */
static void place(struct reading *r, const struct shelf *shelf, json_object *o, bool name)
{
	json_object *at = santricity_inside(o, "physicalLocation");
	const char *tray = tray_of(shelf, o), *label = manage_text(at, "label");
	const char *position = manage_text(at, "locationPosition"), *slot = manage_text(at, "slot");
	double number;
	char text[NAME_MAX_LEN];

	copy_device_text(r->enclosure, sizeof(r->enclosure), tray, strlen(tray));
	if (manage_number(at, "slot", &number) && number >= 0 && number <= 999)
		r->slot = (int16_t)number;
	if (!name)
		return;
	if (!*label)
		label = *position && !text_equal(position, "0") ? position : slot;
	format_text(text, sizeof(text), "%.30s%s%.30s", tray, *tray ? "." : "", label);
	copy_device_text(r->name, sizeof(r->name), text, strlen(text));
}

static void describe(struct reading *r, json_object *o)
{
	SANTRICITY_TAKE(r->serial, o, "serialNumber");
	SANTRICITY_TAKE(r->model, o, "productID");
	SANTRICITY_TAKE(r->vendor, o, "manufacturer");
	SANTRICITY_TAKE(r->vendor, o, "vendorName");
	SANTRICITY_TAKE(r->firmware, o, "softwareVersion");
	SANTRICITY_TAKE(r->firmware, o, "firmwareRevision");
}

static const struct part {
	const char *key, *ref;
	enum kind kind;
	const struct manage_word *words;
	size_t n;
} part_lists[] = {
	{"esms", "esmRef", KIND_EXPANDER, esm_words, ARRAY_SIZE(esm_words)},
	{"powerSupplies", "powerSupplyRef", KIND_PSU, psu_words, ARRAY_SIZE(psu_words)},
	{"fans", "fanRef", KIND_FAN, fan_words, ARRAY_SIZE(fan_words)},
	{"batteries", "batteryRef", KIND_BATTERY, battery_words, ARRAY_SIZE(battery_words)},
};

static void take_parts(const struct santricity *s, json_object *answer, const struct part *p,
	const struct shelf *shelf, const struct manage_sink *sink)
{
	size_t n;
	json_object *l = santricity_list(answer, p->key, &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		struct reading r = {.kind = (uint8_t)p->kind, .outcome = OUTCOME_OK, .slot = -1};

		place(&r, shelf, o, true);
		if (!r.name[0])
			format_text(r.name, sizeof(r.name), "%zu", i + 1);
		describe(&r, o);
		if (*manage_text(o, "status"))
			manage_state(&r, p->words, p->n, manage_text(o, "status"));
		if (p->kind == KIND_PSU && r.state != STATE_UNKNOWN)
			reading_add(&r, FACT_PSU_INPUT,
				!text_equal(manage_text(o, "status"), "noinput"));
		santricity_blame(s->faults, manage_text(o, p->ref), &r);
		santricity_tell(&r, "", sink);
	}
}

static void take_trays(const struct santricity *s, const struct shelf *shelf, const struct manage_sink *sink)
{
	for (size_t i = 0; i < shelf->n; i++) {
		json_object *o = json_object_array_get_idx(shelf->trays, i);
		struct reading r = {.kind = KIND_ENCLOSURE, .outcome = OUTCOME_OK, .slot = -1};

		SANTRICITY_TAKE(r.name, o, "trayId");
		describe(&r, o);
		for (size_t f = 0; f < ARRAY_SIZE(tray_flags); f++) {
			if (text_equal(manage_text(o, tray_flags[f]), "false") && !r.raw[0])
				manage_state(&r, &(struct manage_word){"no fault", STATE_OK, 0}, 1,
					"no fault");
			if (santricity_true(o, tray_flags[f]))
				manage_state(&r,
					&(struct manage_word){tray_flags[f], STATE_DEGRADED, 0}, 1,
					tray_flags[f]);
			if (r.state == STATE_DEGRADED)
				break;
		}
		santricity_blame(s->faults, manage_text(o, "trayRef"), &r);
		santricity_tell(&r, "", sink);
	}
}

static void name_drive(struct reading *r, json_object *o, const struct shelf *shelf)
{
	char wwn[17] = "";
	const char *text = manage_text(o, "worldWideName");

	for (size_t i = 0; i < 16 && text[i]; i++)
		wwn[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
	place(r, shelf, o, true);
	if (strspn(wwn, "0123456789abcdef") == 16 && strspn(wwn, "0") < 16)
		format_text(r->name, sizeof(r->name), "wwn-0x%s", wwn);
	else if (r->serial[0])
		format_text(r->name, sizeof(r->name), "serial-%s", r->serial);
}

static void measure_drive(struct reading *r, json_object *o)
{
	double v;

	if (manage_number(santricity_inside(o, "driveTemperature"), "currentTemp", &v) && v > -40 &&
		v < 150)
		reading_add(r, FACT_TEMPERATURE, v);
	if (manage_number(santricity_inside(o, "ssdWearLife"), "percentEnduranceUsed", &v) &&
		v >= 0 && v <= 255)
		reading_add(r, FACT_WEAR_PCT, v);
	if (manage_number(o, "rawCapacity", &v) && v > 0)
		r->capacity_bytes = (uint64_t)v;
}

static void take_drive(struct santricity *s, json_object *o, const struct shelf *shelf,
	const struct manage_sink *sink)
{
	struct reading r = {.kind = KIND_DRIVE, .outcome = OUTCOME_OK, .slot = -1};
	const struct santricity_pool *p = pool_of(s, o);

	describe(&r, o);
	name_drive(&r, o, shelf);
	measure_drive(&r, o);
	if (*manage_text(o, "status"))
		manage_state(&r, drive_words, ARRAY_SIZE(drive_words), manage_text(o, "status"));
	for (size_t f = 0; f < ARRAY_SIZE(drive_flags) && r.raw[0]; f++)
		if (santricity_true(o, drive_flags[f].key))
			santricity_worse(&r, drive_flags[f].state, drive_flags[f].raw);
	if (p && p->parity >= 0 && p->members > p->parity) {
		copy_text(r.group, sizeof(r.group), p->name);
		r.group_need = (uint16_t)(p->members - p->parity);
	}
	santricity_blame(s->faults, manage_text(o, "driveRef"), &r);
	santricity_tell(&r, "", sink);
}

/* A failed drive stays a member until it is replaced, a spare that stands in for it is one too: need stays as it is. */
static void take_drives(struct santricity *s, json_object *answer, const struct shelf *shelf,
	const struct manage_sink *sink)
{
	size_t n;
	json_object *l = santricity_list(answer, "drives", &n);

	for (unsigned i = 0; i < s->npools; i++)
		s->pools[i].members = 0;
	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		struct santricity_pool *p = pool_of(s, o);

		if (p && !santricity_true(o, "hotSpare"))
			p->members++;
	}
	for (size_t i = 0; i < n; i++)
		take_drive(s, json_object_array_get_idx(l, i), shelf, sink);
}

int santricity_hardware(
	const char *text, size_t len, struct santricity *s, const struct manage_sink *sink)
{
	json_object *answer = manage_json(text, len);
	struct shelf shelf;
	size_t n;
	bool whole;

	shelf.trays = santricity_list(answer, "trays", &shelf.n);
	whole = shelf.trays && santricity_list(answer, "drives", &n) &&
		santricity_list(answer, "powerSupplies", &n) && santricity_list(answer, "fans", &n);
	if (whole) {
		take_trays(s, &shelf, sink);
		for (size_t i = 0; i < ARRAY_SIZE(part_lists); i++)
			take_parts(s, answer, &part_lists[i], &shelf, sink);
		take_drives(s, answer, &shelf, sink);
	}
	json_object_put(answer);
	return whole ? 0 : -EBADMSG;
}
