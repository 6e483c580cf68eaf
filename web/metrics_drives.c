#include "web/metrics_write.h"

#include <math.h>

/* clang-format off */
static const struct {
	struct family family;
	enum value value;
	int64_t milli;      /* factor from the fact's unit to thousandths of the metric's */
} drive_families[] = {
	{{"ballast_drive_temperature_celsius", "gauge", "Temperature of the drive."}, VALUE_TEMPERATURE, 1000},
	{{"ballast_drive_power_on_seconds", "gauge", "Time the drive has been on."}, VALUE_HOURS, 3600000},
	{{"ballast_drive_wear_ratio", "gauge", "Endurance used; 1 is what the maker promised, more is possible."}, VALUE_WEAR, 10},
	{{"ballast_drive_reallocated_sectors", "gauge", "Sectors replaced: ATA attribute 5, SCSI grown defects."}, VALUE_REALLOCATED, 1000},
	{{"ballast_drive_pending_sectors", "gauge", "Sectors that could not be read and wait for a write."}, VALUE_PENDING, 1000},
	{{"ballast_drive_uncorrectable_errors_total", "counter", "Errors the drive could not correct: ATA attribute 187, NVMe media errors, SCSI uncorrected reads, writes and verifies."}, VALUE_UNCORRECTABLE, 1000},
};

/* Facts as smartctl_exporter names and counts them. drive_class bits say who has them there. */
static const struct {
	const char *name, *type, *help;
	enum fact fact;
	double factor;
} smartctl_families[] = {
	{"smartctl_device_smart_status", "gauge", "General SMART status", FACT_SMART_PASSED, 1},
	{"smartctl_device_power_on_seconds", "counter", "Device power on seconds", FACT_POWER_ON_HOURS, 3600},
	{"smartctl_device_power_cycle_count", "counter", "Device power cycle count", FACT_POWER_CYCLES, 1},
	{"smartctl_device_available_spare", "counter", "Normalized percentage (0 to 100%) of the remaining spare capacity available", FACT_SPARE_PCT, 1},
	{"smartctl_device_available_spare_threshold", "counter", "When the Available Spare falls below the threshold indicated in this field, an asynchronous event completion may occur", FACT_SPARE_THRESHOLD_PCT, 1},
	{"smartctl_device_critical_warning", "counter", "This field indicates critical warnings for the state of the controller", FACT_CRITICAL_WARNING, 1},
	{"smartctl_device_media_errors", "counter", "Contains the number of occurrences where the controller detected an unrecovered data integrity error", FACT_MEDIA_ERRORS, 1},
	{"smartctl_device_num_err_log_entries", "counter", "Contains the number of Error Information log entries over the life of the controller", FACT_ERROR_LOG_ENTRIES, 1},
	{"smartctl_scsi_grown_defect_list", "counter", "Device SCSI grown defect list counter", FACT_GROWN_DEFECTS, 1},
	{"smartctl_read_total_uncorrected_errors", "counter", "Read Total Uncorrected Errors", FACT_READ_UNCORRECTED, 1},
	{"smartctl_write_total_uncorrected_errors", "counter", "Write Total Uncorrected Errors", FACT_WRITE_UNCORRECTED, 1},
};

/* ATA attribute numbers of the facts the decoder makes from attributes (ACS leaves them to the makers). */
static const struct {
	enum fact fact;
	const char *id, *name;
} attributes[] = {
	{FACT_REALLOCATED, "5", "Reallocated_Sector_Ct"}, {FACT_POWER_ON_HOURS, "9", "Power_On_Hours"},
	{FACT_SPIN_RETRY, "10", "Spin_Retry_Count"}, {FACT_POWER_CYCLES, "12", "Power_Cycle_Count"},
	{FACT_END_TO_END, "184", "End-to-End_Error"}, {FACT_REPORTED_UNCORRECTABLE, "187", "Reported_Uncorrect"},
	{FACT_COMMAND_TIMEOUT, "188", "Command_Timeout"}, {FACT_TEMPERATURE, "194", "Temperature_Celsius"},
	{FACT_REALLOCATION_EVENTS, "196", "Reallocated_Event_Count"}, {FACT_PENDING, "197", "Current_Pending_Sector"},
	{FACT_OFFLINE_UNCORRECTABLE, "198", "Offline_Uncorrectable"}, {FACT_CRC_ERRORS, "199", "UDMA_CRC_Error_Count"},
};
static const struct family smart_attribute = {"ballast_drive_smart_attribute", "gauge", "Every value a drive reports; id is empty where it is no ATA attribute."};
static const struct family smartctl_attribute = {"smartctl_device_attribute", "gauge", "Device attributes"};
static const struct family smartctl_device = {"smartctl_device", "gauge", "Device info"};
static const struct family smartctl_devices = {"smartctl_devices", "gauge", "Number of devices configured or dynamically discovered"};
static const struct family smartctl_temperature = {"smartctl_device_temperature", "gauge", "Device temperature celsius"};
static const struct family smartctl_capacity = {"smartctl_device_capacity_bytes", "gauge", "Device capacity in bytes"};
static const struct family smartctl_used = {"smartctl_device_percentage_used", "counter", "Device write percentage used"};
/* clang-format on */

void metrics_drives(struct writer *w)
{
	const struct metrics_values *values = w->metrics->values;

	for (size_t f = 0; f < ARRAY_SIZE(drive_families); f++) {
		enum value which = drive_families[f].value;
		double factor = (double)drive_families[f].milli;
		uint64_t whole = drive_families[f].milli % 1000
					 ? 0
					 : (uint64_t)drive_families[f].milli / 1000;
		uint32_t n = component_count(w->model), bit = 1u << which;

		metric_begin(w, &drive_families[f].family);
		for (uint32_t i = 0; i < n; i++) {
			double v = values[i].value[which];

			if (!(values[i].known & bit))
				continue;
			metric_component(w, i);
			if (v >= 0 && v < 2e9 && whole && (double)(uint32_t)v == v)
				metric_end_unsigned(w, true, (uint32_t)v * whole);
			else if (fabs(v) < 2e9)
				metric_end_milli(w, true, (int64_t)(v * factor));
			else
				metric_end_double(w, v * factor / 1000);
		}
	}
}

static size_t attribute_of(unsigned fact)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(attributes) && attributes[i].fact != fact)
		i++;
	return i;
}

static bool is_ata(const struct component_row *c)
{
	return c->drive_class == CLASS_ATA_HDD || c->drive_class == CLASS_ATA_SSD;
}

static bool is_shown_drive(const struct component_row *c)
{
	return c->used && c->kind == KIND_DRIVE && metrics_shows_values(c);
}

/* The labels of one fact, as an ATA attribute and as what it is elsewhere: made once a render. */
struct fact_labels {
	struct {
		uint32_t at, len;
	} of[2][FACT_LAST];
	struct out text;
};

static void fact_labels_add(struct fact_labels *l, const struct model *m, bool ata, unsigned fact)
{
	size_t a = ata ? attribute_of(fact) : ARRAY_SIZE(attributes), at = l->text.len;
	struct writer w = {.o = &l->text};

	metric_label(&w, false, "id", a < ARRAY_SIZE(attributes) ? attributes[a].id : "");
	metric_label(&w, false, "name", model_fact_name(m, fact));
	metric_label(&w, false, "type", "raw");
	if (fact >= FACT_LAST)
		return;
	l->of[ata][fact].at = (uint32_t)at;
	l->of[ata][fact].len = (uint32_t)(l->text.len - at);
}

static void say_fact_labels(struct writer *w, struct fact_labels *l, bool ata, unsigned fact)
{
	size_t at = l->text.len;

	if (fact < FACT_LAST && l->of[ata][fact].len) {
		out_bytes(w->o, l->text.data + l->of[ata][fact].at, l->of[ata][fact].len);
		return;
	}
	fact_labels_add(l, w->model, ata, fact);
	out_bytes(w->o, l->text.data + at, l->text.len - at);
}

void metrics_smart_attributes(struct writer *w)
{
	const struct model *m = w->model;
	struct fact_labels labels = {};

	metric_begin(w, &smart_attribute);
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (!is_shown_drive(c))
			continue;
		for (uint32_t r = model_first_fact(m, i); r != NONE32; r = model_next_fact(m, r)) {
			const struct fact_row *f = fact_at(m, r);

			metric_component(w, i);
			say_fact_labels(w, &labels, is_ata(c), f->fact);
			metric_end_double(w, f->value);
		}
	}
	out_free(&labels.text);
}

/* smartctl_exporter keys by device without /dev/; without a node the component's name keeps it unique. */
static void device_label(struct writer *w, const struct component_row *c)
{
	const char *dev = !strncmp(c->dev, "/dev/", 5) ? c->dev + 5 : c->dev;

	metric_name(w);
	metric_label(w, true, "device", dev[0] ? dev : c->name);
}

static void smartctl_info(struct writer *w)
{
	const struct model *m = w->model;
	uint32_t drives = 0;

	metric_begin(w, &smartctl_device);
	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);
		const char *protocol = c->drive_class == CLASS_NVME ? "NVMe"
				       : is_ata(c)                  ? "ATA"
								    : "SCSI";

		if (!c->used || c->kind != KIND_DRIVE)
			continue;
		drives++;
		device_label(w, c);
		metric_label(w, false, "protocol", protocol);
		metric_label(w, false, "model_name", c->model);
		metric_label(w, false, "serial_number", c->serial);
		metric_label(w, false, "firmware_version", c->firmware);
		metric_end_unsigned(w, true, 1);
	}
	metric_begin(w, &smartctl_devices);
	metric_name(w);
	metric_end_unsigned(w, false, drives);
}

static void smartctl_typed(struct writer *w)
{
	const struct model *m = w->model;
	double v;

	metric_begin(w, &smartctl_temperature);
	for (uint32_t i = 0; i < component_count(m); i++) {
		if (!is_shown_drive(component_at(m, i)))
			continue;
		if (model_fact_value(m, i, FACT_TEMPERATURE, &v)) {
			device_label(w, component_at(m, i));
			metric_label(w, false, "temperature_type", "current");
			metric_end_double(w, v);
		}
		if (model_fact_value(m, i, FACT_TEMPERATURE_TRIP, &v)) {
			device_label(w, component_at(m, i));
			metric_label(w, false, "temperature_type", "drive_trip");
			metric_end_double(w, v);
		}
	}
	metric_begin(w, &smartctl_capacity);
	for (uint32_t i = 0; i < component_count(m); i++)
		if (is_shown_drive(component_at(m, i)) && component_at(m, i)->capacity_bytes) {
			device_label(w, component_at(m, i));
			metric_end_unsigned(w, true, component_at(m, i)->capacity_bytes);
		}
	metric_begin(w, &smartctl_used); /* there only NVMe has it */
	for (uint32_t i = 0; i < component_count(m); i++)
		if (is_shown_drive(component_at(m, i)) &&
			component_at(m, i)->drive_class == CLASS_NVME &&
			model_fact_value(m, i, FACT_WEAR_PCT, &v)) {
			device_label(w, component_at(m, i));
			metric_end_double(w, v);
		}
}

static void smartctl_attributes(struct writer *w)
{
	const struct model *m = w->model;
	double v;

	metric_begin(w, &smartctl_attribute);
	for (uint32_t i = 0; i < component_count(m); i++)
		for (size_t a = 0; a < ARRAY_SIZE(attributes); a++) {
			const struct component_row *c = component_at(m, i);

			if (!is_shown_drive(c) || !is_ata(c) ||
				!model_fact_value(m, i, attributes[a].fact, &v))
				continue;
			device_label(w, c);
			metric_label(w, false, "attribute_name", attributes[a].name);
			metric_label(w, false, "attribute_value_type", "raw");
			metric_label(w, false, "attribute_id", attributes[a].id);
			metric_end_double(w, v);
		}
}

void metrics_smartctl(struct writer *w)
{
	const struct model *m = w->model;
	double v;

	smartctl_info(w);
	smartctl_typed(w);
	for (size_t f = 0; f < ARRAY_SIZE(smartctl_families); f++) {
		const struct family family = {smartctl_families[f].name, smartctl_families[f].type,
			smartctl_families[f].help};

		metric_begin(w, &family);
		for (uint32_t i = 0; i < component_count(m); i++)
			if (is_shown_drive(component_at(m, i)) &&
				model_fact_value(m, i, smartctl_families[f].fact, &v)) {
				device_label(w, component_at(m, i));
				metric_end_double(w, v * smartctl_families[f].factor);
			}
		w->family = NULL;
	}
	smartctl_attributes(w);
}
