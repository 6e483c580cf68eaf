#include "web/metrics_write.h"

/* clang-format off */
static const struct family array_verdict = {"ballast_array_verdict", "gauge", "1 for the verdict that holds, 0 for the others."};
static const struct family array_margin = {"ballast_array_redundancy_margin", "gauge", "Failures the array can still take; -1 lost; absent when unknown."};
static const struct family array_expected = {"ballast_array_redundancy_expected", "gauge", "The margin when all is well."};
static const struct family group_margin = {"ballast_group_margin", "gauge", "Failures the group can still take; absent when nothing fresh is known."};
static const struct family canister_state = {"ballast_canister_state", "gauge", "1 for the state the canister is in, 0 for the others."};
static const struct family components = {"ballast_components", "gauge", "Components by kind and health."};
static const struct family component_health = {"ballast_component_health", "gauge", "1 for each component that is not ok."};
static const struct family finding_active = {"ballast_finding_active", "gauge", "1 for each rule that holds."};
static const struct family firmware_info = {"ballast_firmware_info", "gauge", "Firmware of each component that tells it."};
static const struct family deadline = {"ballast_firmware_deadline_timestamp_seconds", "gauge", "When a published firmware fault reaches the component; absent without a date."};
static const struct family maintenance = {"ballast_maintenance_active", "gauge", "1 while an operator works on it; component is empty for the whole array."};
/* clang-format on */

static const char *array_name(const struct model *m, unsigned array)
{
	const struct array_row *a = array_at(m, array);

	return a && a->used ? a->name : "";
}

static void array_label(struct writer *w, unsigned array)
{
	metric_name(w);
	metric_label(w, true, "array", array_name(w->model, array));
}

static void verdicts(struct writer *w)
{
	metric_begin(w, &array_verdict);
	for (uint32_t i = 0; i < array_count(w->model); i++) {
		const struct array_row *a = array_at(w->model, i);

		for (unsigned v = VERDICT_NONE + 1; a->used && v < VERDICT_COUNT; v++) {
			array_label(w, i);
			metric_label(w, false, "verdict", verdict_text((enum verdict)v));
			metric_end_unsigned(w, true, a->verdict == v);
		}
	}
}

static void margins(struct writer *w)
{
	const struct model *m = w->model;

	metric_begin(w, &array_margin);
	for (uint32_t i = 0; i < array_count(m); i++)
		if (array_at(m, i)->used && array_at(m, i)->margin_known) {
			array_label(w, i);
			metric_end_signed(w, array_at(m, i)->margin);
		}
	metric_begin(w, &array_expected);
	for (uint32_t i = 0; i < array_count(m); i++)
		if (array_at(m, i)->used && array_at(m, i)->margin_known) {
			array_label(w, i);
			metric_end_signed(w, array_at(m, i)->expected);
		}
	metric_begin(w, &group_margin);
	for (uint32_t i = 0; i < group_count(m); i++) {
		const struct group_row *g = group_at(m, i);

		if (!g->used || g->unseen)
			continue;
		array_label(w, g->array);
		metric_label(w, false, "group", g->name[0] ? g->name : group_kind_text(g->kind));
		metric_end_signed(w, g->margin);
	}
}

void metrics_arrays(struct writer *w)
{
	verdicts(w);
	margins(w);
}

static void canisters(struct writer *w)
{
	metric_begin(w, &canister_state);
	for (uint32_t i = 0; i < w->nrows; i++) {
		const struct component_row *c = &w->rows[i];

		for (unsigned s = 0; c->used && c->kind == KIND_CANISTER && s < STATE_COUNT; s++) {
			metric_component(w, i);
			metric_label(w, false, "state", state_text((enum state)s));
			metric_end_unsigned(w, true, c->state == s);
		}
	}
}

static void counts_of_array(
	struct writer *w, unsigned array, const uint32_t counts[KIND_COUNT][HEALTH_COUNT])
{
	for (unsigned k = 0; k < KIND_COUNT; k++) {
		uint32_t sum = 0;

		for (unsigned h = 0; h < HEALTH_COUNT; h++)
			sum += counts[k][h];
		for (unsigned h = 0; sum && h < HEALTH_COUNT; h++) {
			array_label(w, array);
			metric_label(w, false, "kind", kind_text((enum kind)k));
			metric_label(w, false, "health", health_text((enum health)h));
			metric_end_unsigned(w, true, counts[k][h]);
		}
	}
}

static void counts(struct writer *w)
{
	metric_begin(w, &components);
	for (uint32_t a = 0; a < array_count(w->model); a++) {
		uint32_t counts[KIND_COUNT][HEALTH_COUNT] = {};

		for (uint32_t i = 0; array_at(w->model, a)->used && i < w->nrows; i++) {
			const struct component_row *c = &w->rows[i];

			if (c->used && c->array == a && c->kind < KIND_COUNT &&
				c->health < HEALTH_COUNT)
				counts[c->kind][c->health]++;
		}
		counts_of_array(w, a, (const uint32_t(*)[HEALTH_COUNT])counts);
	}
}

static void not_ok(struct writer *w)
{
	metric_begin(w, &component_health);
	for (uint32_t i = 0; i < w->nrows; i++) {
		const struct component_row *c = &w->rows[i];

		if (!c->used || c->health == HEALTH_OK)
			continue;
		metric_component(w, i);
		metric_label(w, false, "kind", kind_text(c->kind));
		metric_label(w, false, "health", health_text(c->health));
		metric_end_unsigned(w, true, 1);
	}
}

static void findings(struct writer *w)
{
	char id[160];

	metric_begin(w, &finding_active);
	for (uint32_t i = 0; i < finding_count(w->model); i++) {
		const struct finding_row *f = finding_at(w->model, i);

		if (!f->used || !f->active)
			continue;
		array_label(w, f->array);
		metric_label(w, false, "rule", f->rule_id);
		metric_label(w, false, "component",
			f->component == NONE32
				? ""
				: component_id(w->model, f->component, id, sizeof(id)));
		metric_label(w, false, "severity", severity_text(f->severity));
		metric_end_unsigned(w, true, 1);
	}
}

static void firmware(struct writer *w)
{
	metric_begin(w, &firmware_info);
	for (uint32_t i = 0; i < w->nrows; i++) {
		const struct component_row *c = &w->rows[i];
		const struct metrics_labels *l = &w->metrics->labels[i];

		if (!c->used || !c->firmware[0])
			continue;
		metric_component(w, i);
		out_bytes(w->o, l->bytes + l->len, l->firmware_len);
		metric_end_unsigned(w, true, 1);
	}
}

static void deadlines(struct writer *w)
{
	char id[160];

	metric_begin(w, &deadline);
	for (uint32_t i = 0; i < deadline_count(w->model); i++) {
		const struct deadline_row *d = deadline_at(w->model, i);

		if (!d->used || !d->at_wall_ms)
			continue;
		array_label(w, d->array);
		metric_label(w, false, "advisory", d->advisory);
		metric_label(w, false, "component",
			component_id(w->model, d->component, id, sizeof(id)));
		metric_end_milli(w, true, d->at_wall_ms);
	}
}

static void maintained(struct writer *w)
{
	char id[160];

	metric_begin(w, &maintenance);
	for (uint32_t i = 0; i < maintenance_count(w->model); i++) {
		const struct maintenance_row *r = maintenance_at(w->model, i);

		if (!r->used)
			continue;
		array_label(w, r->array);
		metric_label(w, false, "component",
			r->component == NONE32
				? ""
				: component_id(w->model, r->component, id, sizeof(id)));
		metric_end_unsigned(w, true, 1);
	}
}

void metrics_components(struct writer *w)
{
	canisters(w);
	counts(w);
	not_ok(w);
	findings(w);
	firmware(w);
	deadlines(w);
	maintained(w);
}
