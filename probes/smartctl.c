#include "probes/smartctl.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <math.h>

#include "probes/ata.h"
#include "probes/bytes.h"

enum { DEPTH_MAX = 16, TEXT_LIMIT = 1024 * 1024, SLOTS = 30, SLOT_BYTES = 12, SELF_TEST_BYTE = 363, SUM_BYTE = 511,
	SELF_TEST_SAYS_NOTHING = 0x10 /* aborted by the host */ };

static const double VALUE_LARGEST = 1e18;

static void freed_json(json_object **o)
{
	json_object_put(*o);
}

static json_object *parse_text(const char *text, size_t len)
{
	json_tokener *tokener = len <= TEXT_LIMIT ? json_tokener_new_ex(DEPTH_MAX) : NULL;
	json_object *o;

	if (!tokener)
		return NULL;
	o = json_tokener_parse_ex(tokener, text, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success || !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(tokener);
	return o;
}

/* "a.b.c" below @o; NULL when it is not there. */
static json_object *at(json_object *o, const char *path)
{
	while (o && *path) {
		char key[48];
		size_t n = strcspn(path, ".");

		format_text(key, sizeof(key), "%.*s", (int)n, path);
		if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &o))
			return NULL;
		path += n + (path[n] == '.');
	}
	return o;
}

static bool number(json_object *o, const char *path, double *ret)
{
	json_object *v = at(o, path);

	if (!json_object_is_type(v, json_type_int) && !json_object_is_type(v, json_type_double))
		return false;
	*ret = json_object_get_double(v);
	return isfinite(*ret) && *ret >= -1000 && *ret <= VALUE_LARGEST;
}

static uint64_t whole(json_object *o, const char *path)
{
	json_object *v = at(o, path);

	return json_object_is_type(v, json_type_int) && json_object_get_int64(v) >= 0 ? json_object_get_uint64(v) : 0;
}

static void text_of(json_object *o, const char *path, char *dst, size_t size)
{
	json_object *v = at(o, path);

	if (json_object_is_type(v, json_type_string))
		copy_device_text(dst, size, json_object_get_string(v), (size_t)json_object_get_string_len(v));
}

/* Types that reach through an adapter, from smartctl(8) -d. */
static bool through_adapter(const char *type)
{
	static const char *const adapters[] = {
		"megaraid,", "cciss,", "areca,", "3ware,", "aacraid,", "hpt,", "sssraid,"};

	for (size_t i = 0; i < ARRAY_SIZE(adapters); i++) {
		const char *found = strstr(type, adapters[i]);

		if (found && (found == type || found[-1] == '+'))
			return true;
	}
	return false;
}

/* It becomes an argument again: nothing but what such a name is made of. */
static bool safe(const char *text, const char *begins, const char *also)
{
	if (strncmp(text, begins, strlen(begins)) != 0 || strstr(text, "..") || !*text)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(also, *text))
			return false;
	return true;
}

static bool take_device(json_object *o, struct smartctl_device *ret)
{
	json_object *name = at(o, "name"), *type = at(o, "type");

	*ret = (struct smartctl_device){};
	if (!json_object_is_type(name, json_type_string) || !json_object_is_type(type, json_type_string))
		return false;
	return copy_text(ret->dev, sizeof(ret->dev), json_object_get_string(name)) &&
	       copy_text(ret->type, sizeof(ret->type), json_object_get_string(type)) &&
	       safe(ret->dev, "/dev/", "/-_") && safe(ret->type, "", ",+/") && through_adapter(ret->type);
}

int smartctl_scan(const char *text, size_t len, struct smartctl_device *ret, char *why, size_t size)
{
	__attribute__((cleanup(freed_json))) json_object *o = parse_text(text, len);
	json_object *devices = at(o, "devices");
	int n = 0;

	if (!o || !at(o, "smartctl")) {
		copy_text(why, size, "smartctl's answer to --scan-open is no JSON of its kind");
		return -EBADMSG;
	}
	if (!json_object_is_type(devices, json_type_array))
		return 0;
	for (size_t i = 0; i < json_object_array_length(devices) && n < SMARTCTL_DEVICES; i++)
		n += take_device(json_object_array_get_idx(devices, i), &ret[n]);
	return n;
}

/* NAA 5: four bits of kind, 24 of who, 36 of which (SPC-4 7.8.6.6.4). */
static void take_name(json_object *o, struct reading *r)
{
	uint64_t naa = whole(o, "wwn.naa"), oui = whole(o, "wwn.oui"), id = whole(o, "wwn.id");
	char unit[24] = "", serial[sizeof(r->serial)];

	text_of(o, "logical_unit_id", unit, sizeof(unit));
	if (naa && naa < 16 && oui < 1u << 24)
		format_text(r->name, sizeof(r->name), "wwn-0x%016llx",
			(unsigned long long)(naa << 60 | oui << 36 | (id & UINT64_C(0xfffffffff))));
	else if (!strncmp(unit, "0x", 2) && strlen(unit) == 18)
		format_text(r->name, sizeof(r->name), "wwn-%s", unit);
	else if (r->serial[0]) {
		copy_text(serial, sizeof(serial), r->serial);
		for (char *c = serial; *c; c++)
			if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
				*c = '_';
		format_text(r->name, sizeof(r->name), "serial-%s", serial);
	}
}

static void take_identity(json_object *o, struct reading *r)
{
	double bytes;

	text_of(o, "scsi_vendor", r->vendor, sizeof(r->vendor));
	text_of(o, "model_name", r->model, sizeof(r->model));
	if (!r->model[0])
		text_of(o, "scsi_product", r->model, sizeof(r->model));
	text_of(o, "serial_number", r->serial, sizeof(r->serial));
	text_of(o, "firmware_version", r->firmware, sizeof(r->firmware));
	if (!r->firmware[0])
		text_of(o, "scsi_revision", r->firmware, sizeof(r->firmware));
	if (number(o, "user_capacity.bytes", &bytes) || number(o, "nvme_total_capacity", &bytes))
		r->capacity_bytes = bytes > 0 ? (uint64_t)bytes : 0;
	take_name(o, r);
}

static void put_slot(uint8_t *data, uint8_t *thresholds, unsigned slot, json_object *a)
{
	uint8_t *d = data + 2 + (size_t)slot * SLOT_BYTES, *t = thresholds + 2 + (size_t)slot * SLOT_BYTES;
	uint64_t raw = whole(a, "raw.value");

	d[0] = t[0] = (uint8_t)whole(a, "id");
	d[1] = (uint8_t)whole(a, "flags.value");
	d[2] = (uint8_t)(whole(a, "flags.value") >> 8);
	d[3] = (uint8_t)whole(a, "value");
	d[4] = (uint8_t)whole(a, "worst");
	for (unsigned i = 0; i < 6; i++)
		d[5 + i] = (uint8_t)(raw >> 8 * i);
	t[1] = (uint8_t)whole(a, "thresh");
}

static void seal(uint8_t *page)
{
	page[SUM_BYTE] = 0;
	page[SUM_BYTE] = (uint8_t)-sum_bytes(page, ATA_SECTOR);
}

/* The pages as the drive gave them, as far as smartctl tells: our own decoder reads them, quirks and all. */
static enum outcome take_ata(json_object *o, struct reading *r)
{
	static const char self_test[] = "ata_smart_data.self_test.status.value";
	json_object *table = at(o, "ata_smart_attributes.table");
	uint8_t data[ATA_SECTOR] = {}, thresholds[ATA_SECTOR] = {};
	struct ata_identify id = {.rotational = 2};
	const struct ata_smart_pages pages = {data, sizeof(data), thresholds, sizeof(thresholds)};
	double rate;

	if (!json_object_is_type(table, json_type_array) || !json_object_array_length(table))
		return OUTCOME_UNSUPPORTED;
	for (size_t i = 0; i < json_object_array_length(table) && i < SLOTS; i++)
		put_slot(data, thresholds, (unsigned)i, json_object_array_get_idx(table, i));
	data[SELF_TEST_BYTE] = at(o, self_test) ? (uint8_t)whole(o, self_test) : SELF_TEST_SAYS_NOTHING;
	seal(data);
	seal(thresholds);
	if (number(o, "rotation_rate", &rate))
		id.rotational = rate > 0;
	id.sectors = whole(o, "user_capacity.blocks");
	r->drive_class = id.rotational ? CLASS_ATA_HDD : CLASS_ATA_SSD;
	return ata_decode_smart(&pages, &id, ata_quirk_find(r->model, r->firmware), r);
}

struct named_fact {
	const char *path;
	uint16_t fact;
};

static void take_facts(json_object *o, const struct named_fact *named, size_t n, struct reading *r)
{
	double v, old;

	for (size_t i = 0; i < n; i++)
		if (number(o, named[i].path, &v) && v >= 0 && !reading_find(r, named[i].fact, &old))
			reading_add(r, named[i].fact, v);
}

/* clang-format off */
#define NVME "nvme_smart_health_information_log."
static const struct named_fact nvme_facts[] = {
	{NVME "critical_warning", FACT_CRITICAL_WARNING}, {NVME "temperature", FACT_TEMPERATURE},
	{NVME "available_spare", FACT_SPARE_PCT}, {NVME "available_spare_threshold", FACT_SPARE_THRESHOLD_PCT},
	{NVME "percentage_used", FACT_WEAR_PCT}, {NVME "power_cycles", FACT_POWER_CYCLES},
	{NVME "power_on_hours", FACT_POWER_ON_HOURS}, {NVME "unsafe_shutdowns", FACT_UNSAFE_SHUTDOWNS},
	{NVME "media_errors", FACT_MEDIA_ERRORS}, {NVME "num_err_log_entries", FACT_ERROR_LOG_ENTRIES},
};
static const struct named_fact scsi_facts[] = {
	{"scsi_grown_defect_list", FACT_GROWN_DEFECTS},
	{"scsi_error_counter_log.read.total_uncorrected_errors", FACT_READ_UNCORRECTED},
	{"scsi_error_counter_log.write.total_uncorrected_errors", FACT_WRITE_UNCORRECTED},
	{"scsi_error_counter_log.verify.total_uncorrected_errors", FACT_VERIFY_UNCORRECTED},
	{"scsi_percentage_used_endurance_indicator", FACT_WEAR_PCT},
	{"smart_status.scsi.asc", FACT_IE_ASC}, {"smart_status.scsi.ascq", FACT_IE_ASCQ},
	{"temperature.current", FACT_TEMPERATURE}, {"temperature.drive_trip", FACT_TEMPERATURE_TRIP},
	{"power_on_time.hours", FACT_POWER_ON_HOURS},
};
/* clang-format on */

/* The whole log or nothing: a page cut short names some of them. */
static enum outcome take_nvme(json_object *o, struct reading *r)
{
	r->drive_class = CLASS_NVME;
	if (!at(o, NVME "critical_warning"))
		return OUTCOME_UNSUPPORTED;
	if (!at(o, NVME "num_err_log_entries") || !at(o, NVME "percentage_used"))
		return OUTCOME_NONSENSE;
	take_facts(o, nvme_facts, ARRAY_SIZE(nvme_facts), r);
	return OUTCOME_OK;
}

static enum outcome take_scsi(json_object *o, struct reading *r)
{
	double rate;

	r->drive_class = number(o, "rotation_rate", &rate) && !(rate > 0) ? CLASS_SCSI_SSD : CLASS_SCSI_HDD;
	if (!at(o, "smart_status.passed") && !at(o, "scsi_error_counter_log"))
		return OUTCOME_UNSUPPORTED;
	take_facts(o, scsi_facts, ARRAY_SIZE(scsi_facts), r);
	return OUTCOME_OK;
}

static const struct {
	const char *protocol;
	enum outcome (*take)(json_object *o, struct reading *r);
	bool verdict; /* smart_status is a word of its own; with NVMe it repeats the critical warning */
} protocols[] = {{"ATA", take_ata, true}, {"SCSI", take_scsi, true}, {"NVMe", take_nvme, false}};

static enum outcome take_drive(json_object *o, int status, struct reading *r)
{
	json_object *passed = at(o, "smart_status.passed");
	char protocol[8] = "";
	enum outcome outcome;

	text_of(o, "device.protocol", protocol, sizeof(protocol));
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (!text_equal(protocols[i].protocol, protocol))
			continue;
		outcome = protocols[i].take(o, r);
		if (outcome != OUTCOME_OK || !protocols[i].verdict)
			return outcome;
		if (status & SMARTCTL_FAILING)
			reading_add(r, FACT_SMART_PASSED, 0);
		else if (json_object_is_type(passed, json_type_boolean))
			reading_add(r, FACT_SMART_PASSED, json_object_get_boolean(passed));
		return OUTCOME_OK;
	}
	return OUTCOME_NONSENSE;
}

/* Its own words for what went wrong, else ours. */
static void explain(json_object *o, const char *otherwise, char *why, size_t size)
{
	json_object *messages = at(o, "smartctl.messages");
	char said[128] = "";

	if (json_object_is_type(messages, json_type_array) && json_object_array_length(messages))
		text_of(json_object_array_get_idx(messages, 0), "string", said, sizeof(said));
	copy_text(why, size, said[0] ? said : otherwise);
}

static const struct {
	int bit;
	const char *why;
} doubts[] = {
	{SMARTCTL_USAGE, "smartctl did not understand its arguments: it is too old, or does not know the adapter"},
	{SMARTCTL_OPEN, "smartctl could not open the drive, or the drive did not say what it is"},
	{SMARTCTL_COMMAND, "a command to the drive failed, or a checksum was wrong"},
};

static enum outcome parse(json_object *o, int status, struct reading *r, char *why, size_t size)
{
	double own;
	enum outcome outcome;

	if (!o || !at(o, "json_format_version") || !number(o, "smartctl.exit_status", &own) || own < status || own > status) {
		copy_text(why, size, "smartctl's answer is no JSON of its kind, or not all of it");
		return OUTCOME_NONSENSE;
	}
	take_identity(o, r);
	if (status == SMARTCTL_ASLEEP) {
		copy_text(why, size, "the drive sleeps");
		return OUTCOME_ASLEEP;
	}
	for (size_t i = 0; i < ARRAY_SIZE(doubts); i++)
		if (status & doubts[i].bit) {
			explain(o, doubts[i].why, why, size);
			return OUTCOME_ERROR;
		}
	outcome = take_drive(o, status, r);
	if (outcome == OUTCOME_OK && !r->name[0])
		outcome = OUTCOME_NONSENSE;
	if (outcome != OUTCOME_OK)
		explain(o, outcome == OUTCOME_UNSUPPORTED ? "the drive says nothing of its health" :
							    "what smartctl says of the drive does not hold", why, size);
	return outcome;
}

enum outcome smartctl_parse(
	int status, const char *text, size_t len, struct reading *r, char *why, size_t size)
{
	__attribute__((cleanup(freed_json))) json_object *o = parse_text(text, len);
	enum outcome outcome;

	copy_text(why, size, "");
	r->kind = KIND_DRIVE;
	outcome = parse(o, status, r, why, size);
	if (outcome != OUTCOME_OK)
		r->nfacts = r->ncustom = 0;
	r->outcome = (uint8_t)outcome;
	return outcome;
}
