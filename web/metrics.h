/*
 * The model as Prometheus text 0.0.4. Rendered when something changed, never per scrape; the label
 * bytes of each component are kept between renders. Knows no clock and no socket.
 */
#pragma once
#include "agent/view.h"
#include "web/out.h"

enum { METRICS_GATES = 16 };

struct metrics_labels;
struct metrics_values;

/* What stays between two renders. Zero-filled to begin with. */
struct metrics {
	struct metrics_labels *labels; /* by component */
	struct metrics_values *values; /* by component, of this render */
	uint32_t capacity;
	struct out scratch;
	struct metrics_refusals {
		uint32_t known; /* refusals of the plan counted so far */
		struct {
			char gate[24];
			uint32_t count;
		} gate[METRICS_GATES];
	} refusals[CFG_PLANS];
};

struct metrics_options {
	bool smart_attributes, compat_smartctl;
};

/**
 * metrics_render() - the whole page into @o, appended
 *
 * A sample is there only when its value is known: never a made-up zero. Drive values of a component that
 * is stale, stuck or gone are left out; those of a sleeping one stay. @o->failed when memory ran out.
 */
void metrics_render(
	struct metrics *m, const struct view *v, const struct metrics_options *opt, struct out *o);

/**
 * metrics_of_array() - the lines of a rendered page that belong to one array, with their HELP and TYPE
 * @text: a page by metrics_render(), @len bytes
 */
void metrics_of_array(const char *text, size_t len, const char *array, struct out *o);
void metrics_free(struct metrics *m);
