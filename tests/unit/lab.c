/* The lab's configuration, how it is started and stopped, and what is asked of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/lab.h"

/* One of each sort: dated by hours, by uptime, and one that holds at any time. */
static void lab_advisories(struct config *c, bool *full)
{
	static const struct {
		const char *id, *model, *firmware;
		enum kind kind;
		enum advisory_trigger trigger;
		uint32_t hours;
	} t[] = {
		{"lab-cliff", "CLIFF*", "<HPD8", KIND_DRIVE, ADVISORY_HOURS, 1000},
		{"lab-uptime", "UPTIME", "<6.4", KIND_CANISTER, ADVISORY_UPTIME, 208 * 24},
		{"lab-always", "BRICK", "SD1?", KIND_DRIVE, ADVISORY_ALWAYS, 0},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		struct cfg_advisory *a = &c->advisories[c->nadvisories++];

		*a = (struct cfg_advisory){.id = cfg_put(c, t[i].id, full),
			.effect = cfg_put(c, "stops for good", full),
			.source = cfg_put(c, "https://example.net/notice", full),
			.kind = (uint8_t)t[i].kind,
			.trigger = (uint8_t)t[i].trigger,
			.hours = t[i].hours};
		a->models = cfg_list_add(c, 0, &a->nmodels, t[i].model, full);
		a->firmware = cfg_list_add(c, 0, &a->nfirmware, t[i].firmware, full);
	}
}

struct config *lab_config(void)
{
	struct config *c = calloc(1, sizeof(*c));
	bool full = false;

	assert_non_null(c);
	c->size = sizeof(*c);
	c->host = cfg_put(c, "stor1", &full);
	c->narrays = 2;
	c->arrays[0] = (struct cfg_array){.name = cfg_put(c, "san1", &full),
		.serial = cfg_put(c, "78N16G4", &full),
		.clear_canister_ms = 300000,
		.clear_path_ms = 60000};
	c->arrays[1] = (struct cfg_array){.name = cfg_put(c, "local", &full),
		.local = 1,
		.clear_canister_ms = 300000,
		.clear_path_ms = 60000};
	c->nsources = 2;
	c->sources[0] = (struct cfg_source){.array = 0,
		.type = SOURCE_EXEC,
		.plane = PLANE_INBAND,
		.interval_ms = 5000,
		.timeout_ms = 3000};
	c->sources[0].argv = cfg_list_add(c, 0, &c->sources[0].argc, "/usr/lib/san1-status", &full);
	c->sources[1] = (struct cfg_source){.array = 1,
		.type = SOURCE_DRIVES,
		.plane = PLANE_INBAND,
		.interval_ms = 600000,
		.timeout_ms = 10000};
	c->nsinks = 2;
	c->sinks[0] = (struct cfg_sink){
		.name = cfg_put(c, "oncall", &full), .min_severity = SEV_CRITICAL};
	c->sinks[1] = (struct cfg_sink){.name = cfg_put(c, "all", &full), .min_severity = SEV_INFO};
	lab_advisories(c, &full);
	assert_false(full);
	return c;
}

static void add_management(struct config *c, unsigned source, unsigned array, const char *command)
{
	bool full = false;
	struct cfg_source *s = &c->sources[source];

	*s = (struct cfg_source){.array = (uint16_t)array,
		.type = SOURCE_EXEC,
		.plane = PLANE_MANAGEMENT,
		.interval_ms = 5000,
		.timeout_ms = 3000};
	s->argv = cfg_list_add(c, 0, &s->argc, command, &full);
	assert_false(full);
}

struct config *lab_two_planes(void)
{
	struct config *c = lab_config();
	bool full = false;

	static const char *const names[] = {"san2", "san3", "jbod"};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		c->arrays[2 + i] = (struct cfg_array){.name = cfg_put(c, names[i], &full),
			.clear_canister_ms = 300000,
			.clear_path_ms = 60000};
	c->narrays = 5;
	c->nsources = 8;
	add_management(c, LAB_MGMT, 0, "/usr/lib/san1-mgmt");
	add_management(c, LAB_MGMT2, 2, "/usr/lib/san2-mgmt");
	add_management(c, LAB_SAN2, 2, "/usr/lib/san2-status");
	c->sources[LAB_SAN2].plane = PLANE_INBAND;
	add_management(c, LAB_MGMT3, 3, "/usr/lib/san3-mgmt");
	add_management(c, LAB_JBOD, 4, "/usr/lib/jbod-status");
	c->sources[LAB_JBOD].plane = PLANE_INBAND;
	add_management(c, LAB_WITNESS, 0, "192.0.2.1");
	c->sources[LAB_WITNESS].plane = PLANE_INBAND;
	c->sources[LAB_WITNESS].type = SOURCE_WITNESS;
	c->sources[LAB_WITNESS].interval_ms = 10000;
	assert_false(full);
	return c;
}

void lab_start(struct lab *l, struct config *config)
{
	*l = (struct lab){.config = config ? config : lab_config(),
		.now_ms = 1000000,
		.wall_ms = 1692240000000};
	assert_int_equal(
		engine_init(&l->e, l->config, NULL, 0, 1692240000, l->now_ms, l->wall_ms), 0);
	l->e.enumerated = true; /* whoever looks for devices has told of all there were */
}

void lab_stop(struct lab *l)
{
	assert_int_equal(l->e.unsettled, 0);
	engine_free(&l->e);
	free(l->config);
}

void lab_command(struct lab *l, enum command_type type, const char *id, uint64_t for_ms)
{
	struct command c = {.type = (uint16_t)type, .for_ms = for_ms, .uid = 1000};

	copy_text(c.id, sizeof(c.id), id);
	copy_text(c.by, sizeof(c.by), "anna");
	copy_text(c.why, sizeof(c.why), "test");
	engine_command(&l->e, &c, &l->reply, l->now_ms, l->wall_ms);
}

const struct finding_row *lab_finding(const struct lab *l, const char *rule)
{
	for (uint32_t i = 0; i < finding_count(&l->e.model); i++) {
		const struct finding_row *f = finding_at(&l->e.model, i);

		if (f->used && f->active && !strcmp(f->rule_id, rule))
			return f;
	}
	return NULL;
}

uint32_t lab_component(const struct lab *l, const char *id)
{
	return model_parse_id(&l->e.model, id);
}

unsigned lab_alerts(const struct lab *l, enum alert_type type, const char *rule)
{
	unsigned n = 0;

	for (uint64_t s = l->e.log.tail; s <= l->e.log.head; s++) {
		const struct record *r = log_at(&l->e.log, s);
		struct alert_row a;

		if (!r || r->type != REC_ALERT_NEW)
			continue;
		memcpy(&a, r->row, sizeof(a));
		n += a.sequence == s && a.type == type && (!rule || !strcmp(a.rule_id, rule));
	}
	return n;
}
