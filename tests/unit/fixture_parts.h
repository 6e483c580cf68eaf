/* Parts of situations, put into a model one by one: what the files of fixtures share. */
#pragma once
#include "model_fixture.h"

/* the moment the situation is seen: 2023-08-17T02:51:34Z, or now when it is to be served */
extern int64_t fixture_wall_ms;
extern uint64_t fixture_now_ms;
#define BUILD_WALL fixture_wall_ms
#define BUILD_NOW  fixture_now_ms
#include "build_model.h"

#define SET(dst, text) copy_text(dst, sizeof(dst), text)

static inline void put_fact(struct model *m, uint32_t component, enum fact fact, double value, double first)
{
	struct fact_row f = {.used = 1, .fact = (uint16_t)fact, .component = component, .value = value, .first = first,
		.was = first, .changed_wall_ms = AGO(114)};

	build_row(m, TABLE_FACT, &f);
}

static inline void put_evidence(struct finding_row *f, enum fact fact, double value, double was, int64_t at)
{
	f->evidence[f->nevidence++] = (struct evidence){.fact = (uint16_t)fact, .has_was = was >= 0, .value = value,
		.was = was, .at_wall_ms = at};
}

static inline void put_state(struct finding_row *f, enum state state, int64_t at)
{
	f->evidence[f->nevidence++] = (struct evidence){.fact = FACT_NONE, .state = (uint8_t)state, .has_was = 1,
		.was_state = STATE_OK, .at_wall_ms = at};
}

static inline uint32_t put_drive(struct model *m, uint32_t array, int slot, const char *enclosure, enum health health)
{
	enum state state = health == HEALTH_FAILED ? STATE_FAILED : health == HEALTH_ABSENT ? STATE_ABSENT : STATE_OK;
	uint32_t i = build_slot(m, array, slot, state, health);
	struct component_row *c = component_at(m, i);
	double hours = 27870 + slot * 37 % 160;

	format_text(c->name, sizeof(c->name), "wwn-0x5000c500%04x%04x", i, (unsigned)slot);
	SET(c->enclosure, enclosure);
	SET(c->model, "ST1200MM0088");
	SET(c->firmware, "B57K");
	c->drive_class = CLASS_SCSI_HDD;
	c->capacity_bytes = UINT64_C(1200243695616);
	put_fact(m, i, FACT_TEMPERATURE, 31 + slot * 7 % 6, 31);
	put_fact(m, i, FACT_GROWN_DEFECTS, 0, 0);
	put_fact(m, i, FACT_READ_UNCORRECTED, 0, 0);
	put_fact(m, i, FACT_POWER_ON_HOURS, hours, hours);
	seen_at(m, seen_count(m) - 1)->interval_ms = 60000;
	seen_at(m, seen_count(m) - 1)->read_ms = BUILD_NOW - 20000 - (uint64_t)slot * 1000;
	return i;
}

static inline void set_fact(struct model *m, uint32_t component, enum fact fact, double value, double first)
{
	for (uint32_t i = 0; i < fact_count(m); i++)
		if (fact_at(m, i)->component == component && fact_at(m, i)->fact == fact) {
			fact_at(m, i)->value = value;
			fact_at(m, i)->first = fact_at(m, i)->was = first;
		}
}

static inline uint32_t put_path(struct model *m, uint32_t array, const char *name, uint32_t canister, enum state state)
{
	uint32_t i = build_component(m, array, KIND_PATH, name, state);

	put_fact(m, i, FACT_READ_MS, state == STATE_FAILED ? 0 : 480, 3);
	build_row(m, TABLE_VIA, &(struct via_row){.used = 1, .component = i, .via = canister});
	return i;
}

static inline void put_psus(struct model *m, uint32_t array, const char *enclosure)
{
	for (int i = 1; i <= 2; i++) {
		uint32_t c = build_component(m, array, KIND_PSU, i == 1 ? "1" : "2", STATE_OK);

		SET(component_at(m, c)->enclosure, enclosure);
	}
}

static inline void put_sink(struct model *m, const char *name, enum sink_type type, enum sink_state state)
{
	struct sink_row s = {.used = 1, .state = (uint8_t)state, .type = (uint8_t)type, .sent = 7,
		.success_wall_ms = AGO(10)};

	SET(s.name, name);
	if (state != SINK_OK) {
		s.queued = 2;
		s.failed = 3;
		s.oldest_wall_ms = AGO(91);
		s.next_try_wall_ms = AGO(-18);
		SET(s.error, "connection refused");
	} else if (type == SINK_WEBHOOK) {
		s.heartbeat_ms = 30000;
		s.heartbeat_wall_ms = AGO(12);
	}
	build_row(m, TABLE_SINK, &s);
}

static inline void configure(struct config *c, const char *array)
{
	static const char *const steps[] = {"dns", "imap", "web", "tell users"};
	bool full = false;

	c->size = sizeof(*c);
	c->narrays = c->nplans = 1;
	c->arrays[0].name = cfg_put(c, array, &full);
	c->plans[0] = (struct cfg_plan){.name = cfg_put(c, "san1-to-standby", &full), .target = cfg_put(c, "stor2", &full),
		.nsteps = 4, .mode = MODE_APPROVE};
	for (unsigned i = 0; i < 4; i++) {
		c->steps[i].name = cfg_put(c, steps[i], &full);
		c->steps[i].verbs = i == 3 ? 1u << VERB_PROMOTE
					   : 1u << VERB_CHECK | 1u << VERB_FENCE | 1u << VERB_FENCE_STATUS |
						     1u << VERB_PROMOTE | 1u << VERB_VERIFY;
		c->steps[i].timeout_ms = i == 3 ? 30000 : 120000;
	}
}

static inline uint32_t put_plan(struct model *m, uint32_t array)
{
	struct plan_row p = {.used = 1, .armed = 1, .array = (uint16_t)array, .run = NONE32, .mode = MODE_APPROVE,
		.drill_wall_ms = AGO(13 * 86400), .drill_ms = 41000, .drill_ok = 1, .rehearse_every_ms = 30u * 86400000};

	SET(p.name, "san1-to-standby");
	SET(p.target, "stor2");
	return build_row(m, TABLE_PLAN, &p);
}

static inline void put_local(struct model *m, unsigned drives)
{
	uint32_t a = build_array(m, "local", VERDICT_REDUNDANT, 1, 1);

	array_at(m, a)->local = 1;
	SET(array_at(m, a)->services, "");
	array_at(m, a)->since_wall_ms = AGO(403 * 86400);
	for (unsigned i = 0; i < drives; i++) {
		uint32_t d = put_drive(m, a, (int)i + 1, "", HEALTH_OK);
		struct component_row *c = component_at(m, d);

		c->slot = -1;
		c->drive_class = i < 2 ? CLASS_NVME : CLASS_ATA_HDD;
		if (i < 2)
			format_text(c->dev, sizeof(c->dev), "/dev/nvme%u", i);
		else
			format_text(c->dev, sizeof(c->dev), "/dev/sd%c", (int)('a' + i - 2));
		SET(c->model, i < 2 ? "NVMe 960 GB" : "HDD 4 TB");
		if (i < 2)
			put_fact(m, d, FACT_WEAR_PCT, 7, 7);
	}
}
