/* What stands around the canisters: enclosures with their counts, supplies, batteries, drives, arrays, settings. */
#include "probes/spectrum.h"

#include <errno.h>
#include <stdio.h>

enum { QUARTER_MS = 15 * 60000 };

static const struct manage_word part_words[] = {
	{"online", STATE_OK, 0}, {"degraded", STATE_DEGRADED, 0}, {"offline", STATE_FAILED, 0}};
static const struct manage_word mdisk_words[] = {{"online", STATE_OK, 0}, {"degraded", STATE_DEGRADED, 0},
	{"degraded_paths", STATE_DEGRADED, 0}, {"degraded_ports", STATE_DEGRADED, 0}, {"excluded", STATE_FAILED, 0},
	{"offline", STATE_FAILED, 0}};
static const struct manage_word port_words[] = {
	{"online", STATE_OK, 0}, {"", STATE_OK, 0}, {"offline", STATE_DEGRADED, 0}, {"degraded", STATE_DEGRADED, 0}};
static const struct manage_word no_words[] = {{"no", STATE_OK, 0}, {"", STATE_OK, 0}, {"yes", STATE_DEGRADED, 0}};
static const struct manage_word callhome_words[] = {
	{"enabled", STATE_OK, 0}, {"disabled", STATE_OK, 0}, {"active", STATE_OK, 0}, {"", STATE_OK, 0},
	{"error", STATE_DEGRADED, 0}, {"untried", STATE_DEGRADED, 0}};

static void take_text(char *dst, size_t size, const char *src)
{
	if (*src)
		copy_device_text(dst, size, src, strlen(src));
}

static bool to_number(const char *text, unsigned *ret)
{
	unsigned n = 0;

	if (!*text || strlen(text) > 9)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (unsigned)(*text - '0');
	}
	*ret = n;
	return true;
}

static bool begin(const struct spectrum_row *row, enum kind kind, const char *first, const char *second, struct reading *r)
{
	const char *a = spectrum_value(row, first), *b = second ? spectrum_value(row, second) : "";
	char name[64];

	*r = (struct reading){.kind = (uint8_t)kind, .outcome = OUTCOME_OK, .slot = -1, .every_ms = QUARTER_MS};
	if (!*a || (second && !*b) || !*spectrum_value(row, "status"))
		return false;
	format_text(name, sizeof(name), second ? "%.30s-%.30s" : "%.60s", a, b);
	copy_device_text(r->name, sizeof(r->name), name, strlen(name));
	return r->name[0];
}

struct view {
	struct spectrum_events *events;
	const struct manage_sink *sink;
};

static void tell(const struct reading *r, const struct view *v)
{
	v->sink->reading(r, "", v->sink->arg);
}

static void tell_with_faults(struct reading *r, const struct view *v, enum spectrum_object object, const char *id)
{
	spectrum_blame(v->events, object, id, NULL, r);
	tell(r, v);
}

/* "online" is said of an enclosure that has lost a canister: the counts decide. */
static void compare_counts(const struct spectrum_row *row, struct reading *r)
{
	static const char *const pairs[][3] = {{"total_canisters", "online_canisters", "canisters"},
		{"total_PSUs", "online_PSUs", "power supplies"}, {"total_fan_modules", "online_fan_modules", "fans"},
		{"total_sems", "online_sems", "expander modules"}};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		unsigned total, online;

		if (!to_number(spectrum_value(row, pairs[i][0]), &total) ||
			!to_number(spectrum_value(row, pairs[i][1]), &online) || online >= total)
			continue;
		if (r->state == STATE_OK)
			r->state = STATE_DEGRADED;
		format_text(r->raw, sizeof(r->raw), "%.16s, %u of %u %s", spectrum_value(row, "status"), online, total,
			pairs[i][2]);
		return;
	}
}

static int take_enclosure(const struct spectrum_row *row, void *arg)
{
	struct reading r;
	unsigned ignored;

	if (!begin(row, KIND_ENCLOSURE, "id", NULL, &r))
		return -EBADMSG;
	manage_state(&r, part_words, ARRAY_SIZE(part_words), spectrum_value(row, "status"));
	/* without its counts "online" is not known to be all of it */
	if (r.state == STATE_OK && !to_number(spectrum_value(row, "online_canisters"), &ignored)) {
		r.state = STATE_UNKNOWN;
		copy_text(r.raw, sizeof(r.raw), "online, without counts");
	}
	compare_counts(row, &r);
	copy_text(r.vendor, sizeof(r.vendor), "IBM");
	take_text(r.model, sizeof(r.model), spectrum_value(row, "product_MTM"));
	take_text(r.serial, sizeof(r.serial), spectrum_value(row, "serial_number"));
	tell_with_faults(&r, arg, OBJECT_ENCLOSURE, spectrum_value(row, "id"));
	return 0;
}

static int take_psu(const struct spectrum_row *row, void *arg)
{
	const char *input = spectrum_value(row, "input_power");
	struct reading r;

	if (!begin(row, KIND_PSU, "enclosure_id", "PSU_id", &r))
		return -EBADMSG;
	r.every_ms = 0; /* with each look */
	manage_state(&r, part_words, ARRAY_SIZE(part_words), spectrum_value(row, "status"));
	if (*input)
		reading_add(&r, FACT_PSU_INPUT, !strcmp(input, "ac") || !strcmp(input, "dc"));
	tell(&r, arg);
	return 0;
}

static int take_battery(const struct spectrum_row *row, void *arg)
{
	struct reading r;
	unsigned charged;

	if (!begin(row, KIND_BATTERY, "enclosure_id", "battery_id", &r))
		return -EBADMSG;
	manage_state(&r, part_words, ARRAY_SIZE(part_words), spectrum_value(row, "status"));
	manage_worse(&r, no_words, ARRAY_SIZE(no_words), spectrum_value(row, "end_of_life_warning"));
	if (r.state == STATE_DEGRADED && !strcmp(r.raw, "yes"))
		copy_text(r.raw, sizeof(r.raw), "end of life");
	if (to_number(spectrum_value(row, "percent_charged"), &charged) && charged <= 100)
		reading_add(&r, FACT_BATTERY_PCT, charged);
	tell(&r, arg);
	return 0;
}

static bool begin_drive(const struct spectrum_row *row, struct reading *r)
{
	bool housed = *spectrum_value(row, "enclosure_id") && *spectrum_value(row, "slot_id");

	return begin(row, KIND_DRIVE, housed ? "enclosure_id" : "id", housed ? "slot_id" : NULL, r);
}

bool spectrum_drive_name(const struct spectrum_row *row, char *ret, size_t size)
{
	struct reading r;

	return begin_drive(row, &r) && copy_text(ret, size, r.name);
}

static int take_drive(const struct spectrum_row *row, void *arg)
{
	const char *enclosure = spectrum_value(row, "enclosure_id"), *slot_text = spectrum_value(row, "slot_id");
	struct reading r;
	unsigned slot;

	if (!begin_drive(row, &r))
		return -EBADMSG;
	manage_state(&r, part_words, ARRAY_SIZE(part_words), spectrum_value(row, "status"));
	manage_worse(&r, port_words, ARRAY_SIZE(port_words), spectrum_value(row, "port_1_status"));
	manage_worse(&r, port_words, ARRAY_SIZE(port_words), spectrum_value(row, "port_2_status"));
	if (!strcmp(spectrum_value(row, "use"), "failed")) {
		r.state = STATE_FAILED;
		copy_text(r.raw, sizeof(r.raw), "use: failed");
	}
	if (to_number(slot_text, &slot) && slot < 10000)
		r.slot = (int16_t)slot;
	take_text(r.enclosure, sizeof(r.enclosure), enclosure);
	take_text(r.vendor, sizeof(r.vendor), spectrum_value(row, "vendor_id"));
	take_text(r.model, sizeof(r.model), spectrum_value(row, "product_id"));
	take_text(r.firmware, sizeof(r.firmware), spectrum_value(row, "firmware_level"));
	tell_with_faults(&r, arg, OBJECT_DRIVE, spectrum_value(row, "id"));
	return 0;
}

static int take_mdisk(const struct spectrum_row *row, void *arg)
{
	struct reading r;

	if (!begin(row, KIND_POOL, "name", NULL, &r))
		return -EBADMSG;
	manage_state(&r, mdisk_words, ARRAY_SIZE(mdisk_words), spectrum_value(row, "status"));
	tell_with_faults(&r, arg, OBJECT_MDISK, spectrum_value(row, "id"));
	return 0;
}

#define VIEW_OF(fn, take, may_be_empty)                                                                   \
	int fn(char *text, size_t len, enum spectrum_form f, struct spectrum_events *e,                    \
		const struct manage_sink *sink)                                                            \
	{                                                                                                  \
		struct view v = {e, sink};                                                                 \
		int r = spectrum_rows(text, len, f, false, take, &v);                                     \
                                                                                                           \
		return r == 0 && !(may_be_empty) ? -EBADMSG : r;                                          \
	}

VIEW_OF(spectrum_enclosures, take_enclosure, false)
VIEW_OF(spectrum_psus, take_psu, false)
VIEW_OF(spectrum_batteries, take_battery, true) /* expansions and newer control enclosures have none */
VIEW_OF(spectrum_drives, take_drive, true)
VIEW_OF(spectrum_mdisks, take_mdisk, true)

/* ---- the system as a whole ---- */

/* What protects the array besides its canisters; that one of them is not as it was adopted, the engine sees. */
static const struct {
	const char *column, *good, *fact;
} settings[] = {
	{"vdisk_protection_enabled", "yes", "volume_protection"},
	{"email_state", "running", "call_home_by_mail"},
	{"cache_prefetch", "on", "cache_prefetch"},
	{"statistics_status", "on", "statistics"},
};

static int take_system(const struct spectrum_row *row, void *arg)
{
	struct reading *r = arg;
	char level[64];

	if (!*spectrum_value(row, "id") || !*spectrum_value(row, "code_level"))
		return -EBADMSG;
	copy_text(level, sizeof(level), spectrum_value(row, "code_level"));
	level[strcspn(level, " (")] = '\0';
	copy_text(r->vendor, sizeof(r->vendor), "IBM");
	take_text(r->firmware, sizeof(r->firmware), level);
	take_text(r->model, sizeof(r->model), spectrum_value(row, "product_name"));
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const char *is = spectrum_value(row, settings[i].column);

		if (*is)
			(void)reading_add_named(r, settings[i].fact, !strcmp(is, settings[i].good));
	}
	return 0;
}

static int take_system_id(const struct spectrum_row *row, void *arg)
{
	char *id = arg;

	take_text(id, 24, spectrum_value(row, "id"));
	return *id ? 0 : -EBADMSG;
}

int spectrum_system_id(char *text, size_t len, enum spectrum_form f, char ret[static 24])
{
	ret[0] = '\0';
	return spectrum_rows(text, len, f, true, take_system_id, ret) == 1 ? 1 : -EBADMSG;
}

int spectrum_system(char *text, size_t len, enum spectrum_form f, struct reading *system)
{
	struct reading r = *system;
	int n = spectrum_rows(text, len, f, true, take_system, &r);

	if (n == 1)
		*system = r;
	return n == 1 ? 1 : -EBADMSG;
}

static int take_callhome(const struct spectrum_row *row, void *arg)
{
	struct reading *r = arg;
	const char *status = spectrum_value(row, "status"), *connection = spectrum_value(row, "connection");

	if (!*status)
		return -EBADMSG;
	(void)reading_add_named(r, "cloud_call_home", !strcmp(status, "enabled"));
	manage_worse(r, callhome_words, ARRAY_SIZE(callhome_words), status);
	if (!strcmp(status, "enabled"))
		manage_worse(r, callhome_words, ARRAY_SIZE(callhome_words), connection);
	if (r->state != STATE_OK && (!strcmp(r->raw, status) || !strcmp(r->raw, connection)))
		format_text(r->raw, sizeof(r->raw), "call-home: %.16s %.16s", status, connection);
	return 0;
}

int spectrum_callhome(char *text, size_t len, enum spectrum_form f, struct reading *system)
{
	struct reading r = *system;
	int n = spectrum_rows(text, len, f, true, take_callhome, &r);

	if (n >= 1)
		*system = r;
	return n;
}

struct quorum {
	unsigned online;
};

static int take_quorum(const struct spectrum_row *row, void *arg)
{
	struct quorum *q = arg;

	if (!*spectrum_value(row, "quorum_index") || !*spectrum_value(row, "status"))
		return -EBADMSG;
	q->online += !strcmp(spectrum_value(row, "status"), "online");
	return 0;
}

int spectrum_quorum(char *text, size_t len, enum spectrum_form f, struct reading *system)
{
	struct quorum q = {};
	int n = spectrum_rows(text, len, f, false, take_quorum, &q);

	if (n < 0)
		return n;
	reading_add(system, FACT_NO_QUORUM, q.online == 0);
	(void)reading_add_named(system, "quorum_devices_online", q.online);
	return n;
}

static bool setting(const struct reading *r, const char *name, double *ret)
{
	for (unsigned i = 0; i < r->ncustom; i++)
		if (text_equal(r->custom[i], name))
			return reading_find(r, FACT_CUSTOM + i, ret);
	return false;
}

void spectrum_protection(struct reading *system)
{
	double mail = 0, cloud = 0;
	bool by_mail = setting(system, "call_home_by_mail", &mail);
	bool by_cloud = setting(system, "cloud_call_home", &cloud);
	unsigned major = 0, minor = 0;
	bool old = sscanf(system->firmware, "%u.%u", &major, &minor) == 2 && (major < 8 || (major == 8 && minor < 2));

	if (mail > 0 || cloud > 0 || (by_mail && (by_cloud || old)))
		reading_add(system, FACT_CALL_HOME_ENABLED, mail > 0 || cloud > 0);
}
