/* Situations at peace, of a host alone, of 600 drives and of nothing; and all of them by name. */
#include "model_fixture.h"
#include "fixture_incident.h"
#include "fixture_parts.h"

#include "probes/manage.h"

int64_t fixture_wall_ms;
uint64_t fixture_now_ms;

/* An old canister whose uptime is counted: a date for the metrics and the page. */
static void put_forecast(struct model *m, uint32_t array, uint32_t canister)
{
	struct deadline_row d = {.used = 1, .trigger = ADVISORY_UPTIME, .kind = KIND_CANISTER, .array = (uint16_t)array,
		.component = canister, .at_wall_ms = AGO(-18 * 86400)};
	struct forecast_row f = {.used = 1, .trigger = ADVISORY_UPTIME, .severity = SEV_WARNING, .margin_known = 1,
		.array = (uint16_t)array, .kind = KIND_CANISTER, .margin = -1, .count = 2, .of = 2, .cohort = 2,
		.first_wall_ms = d.at_wall_ms, .last_wall_ms = d.at_wall_ms, .at_wall_ms = d.at_wall_ms};

	SET(d.advisory, "ibm-s1004038");
	SET(f.advisory, "ibm-s1004038");
	SET(f.text, "both canisters reach 208 days of uptime: first in 18 days, all within 40 minutes");
	SET(f.action, "Restart one at a time, a day apart, before that.");
	SET(f.source, "https://example.net/?a=1&b=2");
	build_row(m, TABLE_DEADLINE, &d);
	build_row(m, TABLE_FORECAST, &f);
}

static void peaceful_san(struct fixture *f, const char *name, int drives)
{
	struct model *m = &f->model;
	uint32_t a = build_array(m, name, VERDICT_REDUNDANT, 1, 1), can = build_canisters(m, a, STATE_OK, STATE_OK);

	array_at(m, a)->since_wall_ms = AGO(71 * 86400);
	for (unsigned i = 0; i < 4; i++) {
		char path[16];

		format_text(path, sizeof(path), "host%u-%c", i % 2, i < 2 ? 'A' : 'B');
		set_fact(m, put_path(m, a, path, can + i / 2, STATE_OK), FACT_READ_MS, 3, 3);
	}
	component_at(m, can)->booted_wall_ms = component_at(m, can + 1)->booted_wall_ms = AGO(154 * 86400);
	for (int slot = 1; slot <= drives; slot++)
		put_drive(m, a, slot, "1", HEALTH_OK);
}

static void healthy(struct fixture *f)
{
	build_self(&f->model);
	configure(f->config, "san1");
	peaceful_san(f, "san1", 24);
	peaceful_san(f, "san2", 12);
	put_sink(&f->model, "oncall", SINK_WEBHOOK, SINK_OK);
	put_sink(&f->model, "phone", SINK_COMMAND, SINK_OK);
	put_plan(&f->model, 0);
	put_forecast(&f->model, 0, 1);
}

/* A host without any array: six drives of its own, one of them failing slowly. */
static void local(struct fixture *f)
{
	struct model *m = &f->model;
	struct finding_row *w;

	build_self(m);
	SET(self_at(m, 0)->host, "nas.example.net");
	put_local(m, 6);
	array_at(m, 0)->verdict = VERDICT_AT_RISK;
	array_at(m, 0)->worst = SEV_WARNING;
	array_at(m, 0)->since_wall_ms = AGO(840);
	component_at(m, 4)->health = HEALTH_WARNING;
	component_at(m, 5)->flags = COMPONENT_ASLEEP;
	put_fact(m, 4, FACT_PENDING, 6, 0);
	put_fact(m, 4, FACT_REALLOCATED, 56, 16);
	w = build_finding(m, 0, 4, "drive.pending-sectors/growth", SEV_WARNING);
	put_evidence(w, FACT_PENDING, 6, 0, AGO(38));
	put_evidence(w, FACT_REALLOCATED, 56, 16, AGO(38));
	put_sink(m, "mail", SINK_EMAIL, SINK_OK);
}

static void big(struct fixture *f)
{
	struct model *m = &f->model;
	uint32_t a, can, bad = 0;

	build_self(m);
	SET(self_at(m, 0)->host, "stor7.example.net");
	a = build_array(m, "san2", VERDICT_DEGRADED, 1, 2);
	array_at(m, a)->worst = SEV_WARNING;
	can = build_canisters(m, a, STATE_OK, STATE_OK);
	array_at(m, a)->margin = array_at(m, a)->margin_max = 1;
	for (unsigned i = 0; i < 16; i++) {
		char name[16];

		format_text(name, sizeof(name), "host%u-%c", i / 2, "AB"[i % 2]);
		put_path(m, a, name, can + i % 2, STATE_OK);
	}
	for (int shelf = 1; shelf <= 10; shelf++)
		for (int slot = 1; slot <= 60; slot++) {
			enum health h = shelf == 4 && slot == 37 ? HEALTH_FAILED
						: shelf == 8 && slot == 12 ? HEALTH_WARNING
									   : HEALTH_OK;
			char name[16];
			uint32_t d;

			format_text(name, sizeof(name), "Shelf %d", shelf);
			d = put_drive(m, a, slot, name, h);
			bad = h == HEALTH_FAILED ? d : bad;
		}
	put_state(build_finding(m, a, bad, "drive.failed", SEV_WARNING), STATE_FAILED, AGO(6194));
	put_sink(m, "oncall", SINK_WEBHOOK, SINK_OK);
}

/* The same with three bad drives, a path gone, a power supply failed and one that stands in no shelf. */
static void dense(struct fixture *f)
{
	struct model *m = &f->model;
	uint32_t psu;

	big(f);
	for (uint32_t i = 0; i < component_count(m); i++) {
		struct component_row *c = component_at(m, i);

		if (c->kind == KIND_DRIVE && c->slot == 60 && !strcmp(c->enclosure, "Shelf 10"))
			c->health = HEALTH_UNKNOWN;
		if (c->kind == KIND_PATH && !strcmp(c->name, "host3-B")) {
			c->state = STATE_FAILED;
			c->health = HEALTH_FAILED;
		}
	}
	psu = build_component(m, 0, KIND_PSU, "1", STATE_FAILED);
	SET(component_at(m, psu)->enclosure, "Shelf 5");
	psu = build_component(m, 0, KIND_FAN, "7", STATE_DEGRADED);
	SET(component_at(m, psu)->enclosure, "Controller shelf");
}

/* An array whose management tells all: supplies, fans, expanders, sensors; and nobody checks that it is the array. */
static void managed(struct fixture *f)
{
	struct model *m = &f->model;
	struct finding_row *w;
	uint32_t c, fan, sensor, path = 0;

	build_self(m);
	configure(f->config, "msa1");
	f->config->nsources = 1;
	f->config->sources[0] = (struct cfg_source){.type = SOURCE_MC, .tls = MANAGE_TLS_INSECURE};
	peaceful_san(f, "msa1", 24);
	put_psus(m, 0, "1");
	for (int i = 1; i <= 2; i++) {
		fan = build_component(m, 0, KIND_FAN, i == 1 ? "1" : "2", i == 1 ? STATE_OK : STATE_FAILED);
		SET(component_at(m, fan)->enclosure, "1");
		c = build_component(m, 0, KIND_EXPANDER, i == 1 ? "A" : "B", STATE_OK);
		SET(component_at(m, c)->enclosure, "1");
		sensor = build_component(m, 0, KIND_SENSOR, i == 1 ? "inlet" : "midplane", STATE_OK);
		SET(component_at(m, sensor)->enclosure, "1");
		put_fact(m, sensor, FACT_TEMPERATURE, 24 + i * 7, 24);
	}
	for (uint32_t i = 0; i < component_count(m); i++)
		if (component_at(m, i)->kind == KIND_PATH && !strcmp(component_at(m, i)->name, "host1-B"))
			path = i;
	component_at(m, path)->state = STATE_FAILED;
	component_at(m, path)->health = HEALTH_FAILED;
	array_at(m, 0)->verdict = VERDICT_DEGRADED;
	array_at(m, 0)->worst = SEV_WARNING;
	array_at(m, 0)->since_wall_ms = AGO(300);
	build_row(m, TABLE_MAINTENANCE, &(struct maintenance_row){.used = 1, .component = fan, .since_wall_ms = AGO(60),
		.until_wall_ms = AGO(-7200), .until_ms = BUILD_NOW + 7200000, .by = "anna", .why = "new fan"});
	w = build_finding(m, 0, path, "path.lost", SEV_WARNING);
	put_state(w, STATE_FAILED, AGO(300));
	w = build_finding(m, 0, fan, "fan.failed", SEV_WARNING);
	put_state(w, STATE_FAILED, AGO(7200));
	put_sink(m, "oncall", SINK_WEBHOOK, SINK_OK);
}

static void blind(struct fixture *f)
{
	healthy(f);
	array_at(&f->model, 0)->verdict = VERDICT_BLIND;
	array_at(&f->model, 0)->visibility = VISIBILITY_BLIND;
	array_at(&f->model, 0)->margin_known = 0;
	array_at(&f->model, 0)->worst = SEV_WARNING;
	source_at(&f->model, 0)->success_wall_ms = AGO(94);
	source_at(&f->model, 0)->success_ms = BUILD_NOW - 94000;
	for (uint32_t i = 0; i < component_count(&f->model); i++)
		if (component_at(&f->model, i)->array == 0) {
			component_at(&f->model, i)->health = HEALTH_UNKNOWN;
			component_at(&f->model, i)->state = STATE_UNREACHABLE;
			component_at(&f->model, i)->flags |= COMPONENT_STALE;
		}
}

/* As in the first second: nothing was heard of anything. */
static void empty(struct fixture *f)
{
	(void)f;
}

static void two_drives(struct fixture *f)
{
	build_self(&f->model);
	put_local(&f->model, 2);
}

/* A virtual machine: a disk that speaks no protocol of drives, and one that does. */
static void guest(struct fixture *f)
{
	struct model *m = &f->model;

	build_self(m);
	put_local(m, 3);
	component_at(m, 0)->drive_class = component_at(m, 1)->drive_class = CLASS_NONE;
	SET(component_at(m, 0)->dev, "/dev/vda");
	SET(component_at(m, 1)->dev, "/dev/pmem0");
}

static const struct {
	const char *name;
	void (*build)(struct fixture *f);
} fixtures[] = {
	{"incident", fixture_incident}, {"asking", fixture_asking}, {"healthy", healthy}, {"local", local}, {"big", big},
	{"hostile", fixture_hostile}, {"blind", blind}, {"simulated", fixture_simulated}, {"dense", dense},
	{"managed", managed}, {"empty", empty}, {"two-drives", two_drives},
	{"guest", guest},
};
const char *const fixture_names[] = {"incident", "asking", "healthy", "local", "big", "hostile", "blind", "simulated",
	"dense", "managed",
	"empty", "two-drives", "guest", NULL};

bool fixture_build_at(struct fixture *f, const char *name, uint64_t now_ms, int64_t wall)
{
	fixture_now_ms = now_ms;
	fixture_wall_ms = wall;
	for (size_t i = 0; i < ARRAY_SIZE(fixtures); i++) {
		if (strcmp(fixtures[i].name, name))
			continue;
		*f = (struct fixture){.config = calloc(1, sizeof(struct config))};
		if (!f->config)
			abort();
		fixtures[i].build(f);
		f->view = (struct view){.model = &f->model, .now_ms = BUILD_NOW, .wall_ms = BUILD_WALL};
		return true;
	}
	return false;
}

bool fixture_build(struct fixture *f, const char *name)
{
	return fixture_build_at(f, name, FIXTURE_NOW, FIXTURE_WALL);
}

void fixture_free(struct fixture *f)
{
	history_clear(&f->history);
	model_clear(&f->model);
	free(f->config);
}

void fixture_step(struct fixture *f, bool loud, struct record *ret)
{
	const void *row = loud ? (const void *)component_at(&f->model, 0) : seen_at(&f->model, 0);

	*ret = (struct record){.sequence = f->model.sequence + 1, .wall_ms = f->view.wall_ms, .array = 0,
		.incident = NONE16, .quiet = !loud, .severity = loud ? SEV_WARNING : SEV_NONE,
		.type = loud ? REC_STATE_CHANGED : REC_SEEN, .table = loud ? TABLE_COMPONENT : TABLE_SEEN};
	if (!row)
		return;
	memcpy(ret->row, row, row_size(ret->table));
	if (loud) {
		struct component_row c;

		memcpy(&c, ret->row, sizeof(c));
		c.state = c.state == STATE_SERVICE ? STATE_OK : STATE_SERVICE;
		memcpy(ret->row, &c, sizeof(c));
		format_text(ret->text, sizeof(ret->text), "%s: %s", c.name, state_text(c.state));
	} else {
		struct seen_row s;

		memcpy(&s, ret->row, sizeof(s));
		s.read_ms = f->view.now_ms;
		memcpy(ret->row, &s, sizeof(s));
	}
	if (model_apply(&f->model, ret) < 0)
		abort();
}
