#include "model_fixture.h"

#include "probes/manage.h"

#include <stdio.h>

/* the moment the situation is seen: 2023-08-17T02:51:34Z, or now when it is to be served */
static int64_t base_wall_ms;
static uint64_t base_now_ms;
#define BUILD_WALL base_wall_ms
#define BUILD_NOW  base_now_ms
#include "build_model.h"

/* a time of that night */
#define WALL(h, m, s) (BUILD_WALL + (((h)-2) * 3600 + ((m)-51) * 60 + (s)-34) * INT64_C(1000))
#define SET(dst, text) copy_text(dst, sizeof(dst), text)

static void put_fact(struct model *m, uint32_t component, enum fact fact, double value, double first)
{
	struct fact_row f = {.used = 1, .fact = (uint16_t)fact, .component = component, .value = value, .first = first,
		.was = first, .changed_wall_ms = AGO(114)};

	build_row(m, TABLE_FACT, &f);
}

static void put_evidence(struct finding_row *f, enum fact fact, double value, double was, int64_t at)
{
	f->evidence[f->nevidence++] = (struct evidence){.fact = (uint16_t)fact, .has_was = was >= 0, .value = value,
		.was = was, .at_wall_ms = at};
}

static void put_state(struct finding_row *f, enum state state, int64_t at)
{
	f->evidence[f->nevidence++] = (struct evidence){.fact = FACT_NONE, .state = (uint8_t)state, .has_was = 1,
		.was_state = STATE_OK, .at_wall_ms = at};
}

static uint32_t put_drive(struct model *m, uint32_t array, int slot, const char *enclosure, enum health health)
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

static void set_fact(struct model *m, uint32_t component, enum fact fact, double value, double first)
{
	for (uint32_t i = 0; i < fact_count(m); i++)
		if (fact_at(m, i)->component == component && fact_at(m, i)->fact == fact) {
			fact_at(m, i)->value = value;
			fact_at(m, i)->first = fact_at(m, i)->was = first;
		}
}

/* The days before: temperature steady but for @warmer degrees today, defects growing to @defects. */
static void put_days(struct model *m, uint32_t component, int warmer, unsigned defects)
{
	struct daily_row d = {.used = 1, .component = component, .day = (uint32_t)(BUILD_WALL / 86400000)};

	for (int i = 0; i < DAILY_DAYS; i++) {
		d.temperature[i] = (int16_t)(320 + i % 3 * 10 + (i == DAILY_DAYS - 1 ? warmer * 10 : 0));
		d.reallocated[i] = defects - defects * (unsigned)(DAILY_DAYS - 1 - i) / 10;
	}
	build_row(m, TABLE_DAILY, &d);
}

static uint32_t put_path(struct model *m, uint32_t array, const char *name, uint32_t canister, enum state state)
{
	uint32_t i = build_component(m, array, KIND_PATH, name, state);

	put_fact(m, i, FACT_READ_MS, state == STATE_FAILED ? 0 : 480, 3);
	build_row(m, TABLE_VIA, &(struct via_row){.used = 1, .component = i, .via = canister});
	return i;
}

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

static void put_psus(struct model *m, uint32_t array, const char *enclosure)
{
	for (int i = 1; i <= 2; i++) {
		uint32_t c = build_component(m, array, KIND_PSU, i == 1 ? "1" : "2", STATE_OK);

		SET(component_at(m, c)->enclosure, enclosure);
	}
}

static void put_sink(struct model *m, const char *name, enum sink_type type, enum sink_state state)
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

static void put_event(struct fixture *f, enum record_type type, enum table t, uint32_t index, const void *row,
	enum severity severity, int64_t wall, const char *text)
{
	struct record r = {.sequence = f->model.sequence + 1, .wall_ms = wall, .type = (uint16_t)type,
		.table = (uint16_t)t, .index = index, .array = 0, .incident = 0, .severity = (uint8_t)severity};
	char json[512];

	SET(r.text, text);
	memcpy(r.row, row, row_size(t));
	snprintf(json, sizeof(json), "{\"record\":%llu,\"incident\":\"i-31\",\"text\":\"%s\"}",
		(unsigned long long)r.sequence, text);
	history_add(&f->history, &f->model, &r, strdup(json));
	if (model_apply(&f->model, &r) < 0)
		abort();
}

static void put_state_event(struct fixture *f, uint32_t component, enum state state, enum severity severity, int64_t wall,
	const char *text)
{
	struct component_row c = *component_at(&f->model, component);

	c.state = (uint8_t)state;
	put_event(f, REC_STATE_CHANGED, TABLE_COMPONENT, component, &c, severity, wall, text);
}

static void put_verdict_event(struct fixture *f, enum verdict verdict, enum severity severity, int64_t wall, const char *text)
{
	struct array_row a = *array_at(&f->model, 0);

	a.verdict = (uint8_t)verdict;
	put_event(f, REC_VERDICT, TABLE_ARRAY, 0, &a, severity, wall, text);
}

static void put_note(struct fixture *f, enum record_type type, enum severity severity, int64_t wall, const char *text)
{
	put_event(f, type, TABLE_SELF, 0, self_at(&f->model, 0), severity, wall, text);
}

static void configure(struct config *c, const char *array)
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

static uint32_t put_plan(struct model *m, uint32_t array)
{
	struct plan_row p = {.used = 1, .armed = 1, .array = (uint16_t)array, .run = NONE32, .mode = MODE_APPROVE,
		.drill_wall_ms = AGO(13 * 86400), .drill_ms = 41000, .drill_ok = 1, .rehearse_every_ms = 30u * 86400000};

	SET(p.name, "san1-to-standby");
	SET(p.target, "stor2");
	return build_row(m, TABLE_PLAN, &p);
}

static void put_run(struct model *m, uint32_t plan)
{
	struct run_row r = {.used = 1, .state = RUN_PROMOTING, .mode = RUN_MODE_APPROVED, .verb = VERB_PROMOTE,
		.verdict = VERDICT_IMPENDING_LOSS, .plan = (uint16_t)plan, .step = 1, .id = 147, .incident = 31,
		.since_wall_ms = WALL(2, 49, 41), .approved_wall_ms = WALL(2, 51, 9), .deadline_wall_ms = WALL(3, 9, 41)};
	struct step_row dns = {.used = 1, .state = STEP_DONE, .verbs_done = 1u << VERB_CHECK | 1u << VERB_PROMOTE,
		.exit_kind = EXIT_BY_CODE, .started_wall_ms = WALL(2, 51, 9), .ended_wall_ms = WALL(2, 51, 15)};
	struct step_row imap = {.used = 1, .state = STEP_NOW, .verb = VERB_PROMOTE, .index = 1,
		.verbs_done = 1u << VERB_CHECK | 1u << VERB_FENCE | 1u << VERB_FENCE_STATUS,
		.started_wall_ms = WALL(2, 51, 15), .deadline_wall_ms = WALL(2, 53, 15)};

	SET(r.by, "anna");
	dns.run = imap.run = build_row(m, TABLE_RUN, &r);
	SET(dns.status, "{\"status\":\"three names resolve\",\"target\":\"stor2\"}");
	SET(dns.name, "dns");
	SET(imap.name, "imap");
	build_row(m, TABLE_STEP, &dns);
	build_row(m, TABLE_STEP, &imap);
	plan_at(m, plan)->run = dns.run;
	plan_at(m, plan)->state = RUN_PROMOTING;
}

static void put_local(struct model *m, unsigned drives)
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

static void incident_findings(struct model *m, uint32_t a, uint32_t b, uint32_t drive)
{
	struct finding_row *f = build_finding(m, 0, b, "canister.service", SEV_CRITICAL);

	f->since_wall_ms = WALL(2, 46, 52);
	f->incident = 0;
	put_state(f, STATE_SERVICE, WALL(2, 46, 52));
	put_evidence(f, FACT_ERROR_CODE, 690, 0, WALL(2, 46, 52));
	f = build_finding(m, 0, a, "canister.degraded", SEV_CRITICAL);
	f->since_wall_ms = WALL(2, 49, 40);
	f->incident = 0;
	put_state(f, STATE_DEGRADED, WALL(2, 49, 40));
	put_evidence(f, FACT_RESTARTS, 1, 0, WALL(2, 49, 40));
	put_evidence(f, FACT_READ_MS, 480, 3, WALL(2, 49, 40));
	f = build_finding(m, 0, drive, "drive.grown-defects", SEV_WARNING);
	f->since_wall_ms = AGO(5 * 86400);
	f->acked = 1;
	SET(f->acked_by, "jonas");
	SET(f->acked_why, "replacement ordered");
	f->acked_until_wall_ms = AGO(-3 * 3600);
	put_evidence(f, FACT_GROWN_DEFECTS, 40, 12, AGO(41));
	f = build_finding(m, 0, NONE32, "path.lost", SEV_WARNING);
	f->folded = 0;
}

static void incident_events(struct fixture *f, uint32_t a, uint32_t b)
{
	put_note(f, REC_FINDING_FIRING, SEV_WARNING, WALL(2, 41, 7), "array says: enclosure 1 canister B needs service");
	put_note(f, REC_ALERT_DELIVERED, SEV_INFO, WALL(2, 41, 8), "oncall accepted the first warning");
	put_state_event(f, b, STATE_SERVICE, SEV_CRITICAL, WALL(2, 46, 52), "canister B: ok to service");
	put_verdict_event(f, VERDICT_NOT_REDUNDANT, SEV_CRITICAL, WALL(2, 46, 52), "san1 not redundant, margin 1 to 0");
	put_note(f, REC_ALERT_DELIVERED, SEV_INFO, WALL(2, 46, 53), "oncall accepted the alert");
	put_state_event(f, a, STATE_DEGRADED, SEV_WARNING, WALL(2, 49, 40), "canister A restarted by itself; reads take 480 ms");
	put_verdict_event(f, VERDICT_IMPENDING_LOSS, SEV_CRITICAL, WALL(2, 49, 41), "san1 impending loss; run r147 asks for approval");
	put_note(f, REC_RUN_APPROVED, SEV_INFO, WALL(2, 51, 9), "anna approved run r147, 88 s after it was asked for");
	put_note(f, REC_VERB_FINISHED, SEV_INFO, WALL(2, 51, 15), "dns moved to stor2 in 6 s");
	put_note(f, REC_VERB_STARTED, SEV_INFO, WALL(2, 51, 19), "imap: fence confirmed, promote started");
}

static void put_incident(struct model *m)
{
	struct incident_row i = {.used = 1, .open = 1, .severity = SEV_CRITICAL, .id = 31, .since_wall_ms = WALL(2, 41, 7)};

	array_at(m, 0)->incident = (uint16_t)build_row(m, TABLE_INCIDENT, &i);
}

static void incident(struct fixture *f)
{
	struct model *m = &f->model;
	uint32_t san, a, b, ninth = 0;

	build_self(m);
	self_at(m, 0)->journal = JOURNAL_FAILING;
	self_at(m, 0)->journal_since_wall_ms = WALL(2, 50, 2);
	self_at(m, 0)->journal_waiting = 212;
	configure(f->config, "san1");
	san = build_array(m, "san1", VERDICT_REDUNDANT, 1, 1);
	put_incident(m);
	a = build_canisters(m, san, STATE_OK, STATE_OK);
	b = a + 1;
	incident_events(f, a, b);
	array_at(m, san)->margin = array_at(m, san)->margin_max = 0;
	array_at(m, san)->worst = SEV_CRITICAL;
	array_at(m, san)->since_wall_ms = WALL(2, 49, 41);
	array_at(m, san)->redundant_until_wall_ms = WALL(2, 46, 52);
	component_at(m, a)->health = HEALTH_CRITICAL;
	component_at(m, a)->booted_wall_ms = WALL(2, 49, 40);
	component_at(m, b)->health = HEALTH_FAILED;
	SET(component_at(m, b)->message, "canister B held in service state");
	put_fact(m, a, FACT_TEMPERATURE, 61, 50);
	put_fact(m, a, FACT_BATTERY_PCT, 100, 100);
	put_fact(m, b, FACT_ERROR_CODE, 690, 0);
	group_at(m, 0)->margin = group_at(m, 0)->margin_max = 0;
	group_at(m, 0)->serving = 1;
	put_path(m, san, "host0-A", a, STATE_OK);
	put_fact(m, put_path(m, san, "host1-A", a, STATE_DEGRADED), FACT_RESETS, 6, 0);
	put_path(m, san, "host0-B", b, STATE_FAILED);
	put_path(m, san, "host1-B", b, STATE_FAILED);
	for (int slot = 1; slot <= 24; slot++) {
		uint32_t d = put_drive(m, san, slot, "1", slot == 9 ? HEALTH_WARNING : HEALTH_OK);

		ninth = slot == 9 ? d : ninth;
		put_days(m, d, 0, slot == 9 ? 40 : 0);
	}
	set_fact(m, ninth, FACT_GROWN_DEFECTS, 40, 12);
	put_psus(m, san, "1");
	incident_findings(m, a, b, ninth);
	put_sink(m, "oncall", SINK_WEBHOOK, SINK_OK);
	put_sink(m, "phone", SINK_COMMAND, SINK_OK);
	put_sink(m, "backup", SINK_SLACK, SINK_RETRYING);
	put_run(m, put_plan(m, san));
	put_local(m, 4);
}

/* Two minutes earlier: nobody has approved yet. */
static void asking(struct fixture *f)
{
	struct run_row *r;

	incident(f);
	r = run_at(&f->model, 0);
	r->state = RUN_WAITING_APPROVAL;
	r->approved_wall_ms = 0;
	r->approve_until_wall_ms = WALL(3, 1, 15);
	r->verb = VERB_NONE;
	step_at(&f->model, 0)->used = step_at(&f->model, 1)->used = 0;
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

#define EVIL "<script>alert(1)</script>\"'&"

/* Every text a device, a person or a program could have written says the same bad thing. */
static void hostile(struct fixture *f)
{
	struct model *m = &f->model;

	incident(f);
	for (uint32_t i = 0; i < component_count(m); i++) {
		struct component_row *c = component_at(m, i);

		SET(c->model, EVIL);
		SET(c->vendor, EVIL);
		SET(c->firmware, EVIL);
		SET(c->serial, EVIL);
		SET(c->message, EVIL);
		SET(c->raw, EVIL);
		if (c->kind != KIND_PATH)
			SET(c->enclosure, EVIL);
		if (c->kind == KIND_DRIVE && c->array == 1)
			SET(c->dev, EVIL);
		format_text(c->name, sizeof(c->name), "%u" EVIL, i);
	}
	for (uint32_t i = 0; i < finding_count(m); i++) {
		SET(finding_at(m, i)->detail, EVIL);
		SET(finding_at(m, i)->acked_why, EVIL);
		SET(finding_at(m, i)->acked_by, EVIL);
	}
	SET(array_at(m, 0)->name, EVIL);
	SET(array_at(m, 0)->services, EVIL);
	SET(self_at(m, 0)->host, EVIL);
	SET(self_at(m, 0)->config_error, EVIL);
	self_at(m, 0)->config_ok = 0;
	SET(sink_at(m, 2)->error, EVIL);
	SET(sink_at(m, 0)->name, EVIL);
	SET(plan_at(m, 0)->refused_gate, "<script>");
	SET(plan_at(m, 0)->refused_why, EVIL);
	plan_at(m, 0)->refused_wall_ms = AGO(5);
	SET(run_at(m, 0)->by, EVIL);
	SET(run_at(m, 0)->reason, EVIL);
	SET(step_at(m, 1)->status, EVIL);
	SET(step_at(m, 1)->name, EVIL);
	put_note(f, REC_SELF, SEV_WARNING, AGO(1), EVIL);
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

static void simulated(struct fixture *f)
{
	incident(f);
	array_at(&f->model, 0)->simulated = 1;
	f->config->demo = 1;
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

static const struct {
	const char *name;
	void (*build)(struct fixture *f);
} fixtures[] = {
	{"incident", incident}, {"asking", asking}, {"healthy", healthy}, {"local", local}, {"big", big},
	{"hostile", hostile}, {"blind", blind}, {"simulated", simulated}, {"dense", dense},
	{"managed", managed}, {"empty", empty}, {"two-drives", two_drives},
};
const char *const fixture_names[] = {"incident", "asking", "healthy", "local", "big", "hostile", "blind", "simulated",
	"dense", "managed",
	"empty", "two-drives", NULL};

bool fixture_build_at(struct fixture *f, const char *name, uint64_t now_ms, int64_t wall)
{
	base_now_ms = now_ms;
	base_wall_ms = wall;
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
