/* How a sample is written; shared by the metrics_*.c files only. Decides nothing. */
#pragma once
#include "web/metrics.h"

/* {array="san1",component="san1/drive/X" without the closing brace, and what it was made from */
struct metrics_labels {
	char *bytes;
	uint32_t len, firmware_len; /* behind the len bytes stand those that firmware_info adds */
	uint16_t array;
	uint8_t kind;
	char name[NAME_MAX_LEN], array_name[32], model[48], firmware[24];
};

enum value {
	VALUE_TEMPERATURE,
	VALUE_HOURS,
	VALUE_WEAR,
	VALUE_REALLOCATED,
	VALUE_PENDING,
	VALUE_UNCORRECTABLE,
	VALUE_COUNT
};

struct metrics_values {
	uint32_t shown; /* 1: a drive whose values may still be told */
	uint32_t known; /* bit per enum value */
	double value[VALUE_COUNT];
};

struct family {
	const char *name, *type, *help;
};

struct writer {
	struct out *o;
	const struct view *view;
	const struct model *model;
	const struct component_row *rows; /* the model's components, without a call for each */
	uint32_t nrows;
	struct metrics *metrics;
	const struct family *family; /* whose HELP and TYPE are still to be written; NULL: done */
	char name[64];
	size_t name_len;
};

/** metric_begin() - the samples that follow are of this family; its head comes with the first one */
void metric_begin(struct writer *w, const struct family *f);
/** metric_name() - head if needed, and the name; the caller writes labels and value */
void metric_name(struct writer *w);
/** metric_label() - `{name="value"` or `,name="value"` */
void metric_label(struct writer *w, bool first, const char *name, const char *value);
/** metric_end_unsigned() … - close the labels (@labels: there were some) and write the value */
void metric_end_unsigned(struct writer *w, bool labels, uint64_t v);
void metric_end_signed(struct writer *w, int64_t v);
void metric_end_milli(struct writer *w, bool labels, int64_t thousandths);
void metric_end_double(struct writer *w, double v);
/** metric_component() - name and the cached labels of a component; more labels or an end follow */
void metric_component(struct writer *w, uint32_t component);
/** metrics_shows_values() - may this component's values still be told? */
bool metrics_shows_values(const struct component_row *c);

void metrics_arrays(struct writer *w);
void metrics_components(struct writer *w);
void metrics_drives(struct writer *w);
void metrics_self(struct writer *w);
void metrics_smart_attributes(struct writer *w);
void metrics_smartctl(struct writer *w);
