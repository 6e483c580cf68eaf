/* Canisters of san1 fail one after the other at night, and the failover that follows. */
#include <stdio.h>

#include "fixture_incident.h"
#include "fixture_parts.h"

/* a time of that night */
#define WALL(h, m, s) (BUILD_WALL + (((h)-2) * 3600 + ((m)-51) * 60 + (s)-34) * INT64_C(1000))

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

void fixture_incident(struct fixture *f)
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
void fixture_asking(struct fixture *f)
{
	struct run_row *r;

	fixture_incident(f);
	r = run_at(&f->model, 0);
	r->state = RUN_WAITING_APPROVAL;
	r->approved_wall_ms = 0;
	r->approve_until_wall_ms = WALL(3, 1, 15);
	r->verb = VERB_NONE;
	step_at(&f->model, 0)->used = step_at(&f->model, 1)->used = 0;
}

#define EVIL "<script>alert(1)</script>\"'&"

/* Every text a device, a person or a program could have written says the same bad thing. */
void fixture_hostile(struct fixture *f)
{
	struct model *m = &f->model;

	fixture_incident(f);
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

void fixture_simulated(struct fixture *f)
{
	fixture_incident(f);
	array_at(&f->model, 0)->simulated = 1;
	f->config->demo = 1;
}
