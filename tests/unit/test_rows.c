/* Situations the verdict must get right, end to end: verdict, margin, what people are told and not, the plan. */
#include <stdio.h>

#include "rows_lab.h"
#include "agent/run.h"
#include "agent/verdict.h"

enum { NO_MARGIN = 99, ANY = 255 };

struct row {
	const char *why;
	const char *array;  /* name */
	const char *before; /* what went before; then people have been told */
	const char *script;
	enum verdict verdict;
	int margin, expected;
	enum visibility visibility;
	const char *told; /* rules that somebody is told of during `script`; "!rule": nobody is */
	unsigned pages;   /* critical messages about the array or its parts; ANY */
	const char *run;  /* state of the plan's run */
};

#define FULL    VISIBILITY_FULL
#define PARTIAL VISIBILITY_PARTIAL
#define BLIND   VISIBILITY_BLIND
#define LOSE_B                                                                                     \
	"@canister:B/mgmt state=service @path:host0-B state=failed @path:host1-B state=failed "
#define DRIVE(n, need) "@hdd:" #n " slot=" #n " serial=S" #n " group=tank need=" #need " ; "
#define RAID6          DRIVE(1, 4) DRIVE(2, 4) DRIVE(3, 4) DRIVE(4, 4) DRIVE(5, 4) DRIVE(6, 4) "keep=700 "
#define RAID5          DRIVE(1, 3) DRIVE(2, 3) DRIVE(3, 3) DRIVE(4, 3) "keep=700 "
#define MIRROR         "@nvme:0 group=md0 need=1 ; @nvme:1 group=md0 need=1 ; keep=700 "
#define REBUILD        "@md:tank state=degraded rebuild_percent=1 ; "

/* clang-format off */
static const struct row rows[] = {
	{"one canister of two in service, the other fine", "san1", SAN1, "@canister:B/mgmt state=service ;",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "canister.service array.verdict", 2, "idle"},
	{"with its paths: not one more message", "san1", SAN1 LOSE_B "keep=10", "keep=300",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "!path.lost !canister.service !array.verdict", 0, "idle"},
	{"and the survivor reports what a takeover brings", "san1", SAN1 LOSE_B "keep=10",
	 "@canister:A/mgmt state=degraded failed_over=1 write_through=1 partner_missing=1 keep=300",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "!canister.failed-over !canister.write-through !canister.partner-missing !array.verdict", ANY, "idle"},
	{"and it reports a new error", "san1", SAN1 LOSE_B "keep=10", "@canister:A/mgmt error_code=564 ;",
	 VERDICT_IMPENDING_LOSS, 0, 1, FULL, "array.verdict", 1, "waiting_approval"},
	{"and it restarts by itself", "san1", SAN1 "@canister:A/mgmt restarts=0 ; " LOSE_B "keep=10", "@canister:A/mgmt restarts=1 ;",
	 VERDICT_IMPENDING_LOSS, 0, 1, FULL, "array.verdict canister.restarted", 2, "waiting_approval"},
	{"both canisters lost in-band", "san1", SAN1,
	 "@canister:A/mgmt state=failed @canister:B/mgmt state=failed @path:host0-A state=failed @path:host1-A state=failed "
	 "@path:host0-B state=failed @path:host1-B state=failed keep=5",
	 VERDICT_ACCESS_LOST, -1, 1, FULL, "array.verdict canister.failed", ANY, "waiting_approval"},

	{"both management addresses silent, paths fine", "san1", SAN1, "@canister:A/mgmt silent @canister:B/mgmt silent keep=280",
	 VERDICT_REDUNDANT, 1, 1, PARTIAL, "!source.failing !canister.stale !array.verdict", 0, "idle"},
	{"for five minutes", "san1", SAN1 "@canister:A/mgmt silent @canister:B/mgmt silent keep=280", "keep=60",
	 VERDICT_REDUNDANT, 1, 1, PARTIAL, "source.failing !canister.stale !array.verdict", 0, "idle"},
	{"and then it is back", "san1", SAN1, "@canister:A/mgmt silent @canister:B/mgmt silent keep=200 speaks @canister:A/mgmt speaks keep=900",
	 VERDICT_REDUNDANT, 1, 1, FULL, "!source.failing !array.verdict", 0, "idle"},
	{"management silent and no in-band source", "san3", "@canister:A/mgmt3 ; @canister:B/mgmt3 ; keep=20",
	 "@canister:A/mgmt3 silent @canister:B/mgmt3 silent keep=60",
	 VERDICT_BLIND, NO_MARGIN, 1, BLIND, "source.failing array.verdict", 0, "idle"},
	{"management says both failed, in-band reads still work", "san1", SAN1,
	 "@canister:A/mgmt state=failed @canister:B/mgmt state=failed keep=10",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "array.verdict canister.failed", ANY, "idle"},

	{"one path of four down", "san1", SAN1, "@path:host0-A state=failed keep=50",
	 VERDICT_DEGRADED, 1, 1, FULL, "!path.lost !array.verdict", 0, "idle"},
	{"for a minute", "san1", SAN1 "@path:host0-A state=failed keep=50", "keep=20",
	 VERDICT_DEGRADED, 1, 1, FULL, "path.lost array.verdict", 0, "idle"},
	{"one that comes back is no news", "san1", SAN1, "@path:host0-A state=failed keep=40 state=ok keep=200",
	 VERDICT_REDUNDANT, 1, 1, FULL, "!path.lost !array.verdict", 0, "idle"},
	{"ALUA trespass flapping", "san1", SAN1,
	 "@path:host0-A state=degraded @path:host1-A state=degraded keep=30 state=ok @path:host0-A state=ok keep=30 "
	 "state=degraded @path:host1-A state=degraded keep=30 state=ok @path:host0-A state=ok keep=30 "
	 "state=degraded @path:host1-A state=degraded keep=30 state=ok @path:host0-A state=ok keep=30",
	 VERDICT_AT_RISK, 1, 1, FULL, "path.flapping array.verdict !path.degraded", 0, "idle"},

	{"at the start one path is read before the other", "jbod", "",
	 "@path:1/jbod state=unknown @path:2/jbod state=unknown keep=0 @path:1/jbod state=ok keep=1 @path:2/jbod state=ok keep=1",
	 VERDICT_REDUNDANT, 1, 1, FULL, "!path.lost", 0, "idle"},
	{"at the start a path is lost, and then none is heard of: silence heals nothing", "san1", "",
	 "@path:host1-A ; @path:host0-B ; @path:host1-B ; @path:host0-A state=failed ; @canister:A/mgmt ; @canister:B/mgmt ; "
	 "@target:192.0.2.1/witness ; keep=10 @path:host0-A silent @path:host1-A silent @path:host0-B silent @path:host1-B silent keep=25",
	 VERDICT_DEGRADED, 1, 1, PARTIAL, "!drive.failed", ANY, "idle"},
	{"single-canister JBOD", "jbod", "", "@canister:A/jbod ; keep=600",
	 VERDICT_SINGLE, 0, 0, FULL, "array.verdict", 0, "idle"},
	{"once", "jbod", "@canister:A/jbod ; keep=600", "keep=7000", VERDICT_SINGLE, 0, 0, FULL, "!array.verdict", 0, "idle"},

	{"RAID6, two drives failed", "local", RAID6, "@hdd:1 state=failed ; @hdd:2 state=failed ; keep=20",
	 VERDICT_NOT_REDUNDANT, 0, 2, FULL, "array.verdict drive.failed", ANY, "idle"},
	{"RAID6, three", "local", RAID6, "@hdd:1 state=failed ; @hdd:2 state=failed ; @hdd:3 state=failed ; keep=20",
	 VERDICT_NOT_REDUNDANT, -1, 2, FULL, "array.verdict drive.failed", ANY, "idle"},
	{"RAID6, one failed, spare rebuilding", "local", RAID6,
	 "@hdd:1 state=failed ; " REBUILD "@hdd:7 group=tank need=4 state=transition limit=900000 ; keep=20",
	 VERDICT_DEGRADED, 1, 2, FULL, "drive.failed array.verdict", 0, "idle"},
	{"quiet while progress grows", "local",
	 RAID6 "@hdd:1 state=failed ; " REBUILD "@hdd:7 group=tank need=4 state=transition limit=900000 ; keep=20",
	 "@md:tank rebuild_percent=2 ; keep=6000 rebuild_percent=3 ; keep=6000 rebuild_percent=4 ; keep=6000 "
	 "rebuild_percent=5 ; keep=6000", VERDICT_DEGRADED, 1, 2, FULL, "!drive.failed !array.verdict !pool.rebuild-stalled", 0, "idle"},
	{"again if it stalls", "local",
	 RAID6 "@hdd:1 state=failed ; " REBUILD "@hdd:7 group=tank need=4 state=transition limit=900000 ; keep=20",
	 "@md:tank rebuild_percent=2 ; keep=8000", VERDICT_DEGRADED, 1, 2, FULL, "pool.rebuild-stalled", 0, "idle"},
	{"whole again when the spare serves", "local",
	 RAID6 "@hdd:1 state=failed ; " REBUILD "@hdd:7 group=tank need=4 state=transition limit=900000 ; keep=700",
	 "@md:tank state=ok rebuild_percent=100 ; @hdd:7 state=ok ; keep=700", VERDICT_REDUNDANT, 2, 2, FULL, "array.verdict", 0, "idle"},
	{"RAID5, spare rebuilding", "local", RAID5,
	 "@hdd:1 state=failed ; " REBUILD "@hdd:7 group=tank need=3 state=transition limit=900000 ; keep=20",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "array.verdict drive.failed", 2, "idle"},
	{"not paged again", "local",
	 RAID5 "@hdd:1 state=failed ; " REBUILD "@hdd:7 group=tank need=3 state=transition limit=900000 ; keep=20",
	 "@md:tank rebuild_percent=2 ; keep=6000 rebuild_percent=3 ; keep=6000 rebuild_percent=4 ; keep=6000",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "!drive.failed !array.verdict", 0, "idle"},
	{"local NVMe mirror, one lost", "local", MIRROR, "@nvme:1 gone wait=20",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "array.verdict drive.removed", 2, "idle"},

	{"a drive over the CRITICAL tier in a healthy RAID6", "local", RAID6, "@hdd:3 pending_sectors=60 ; keep=20",
	 VERDICT_REDUNDANT, 2, 2, FULL, "drive.pending-sectors/critical", 0, "idle"},
	{"the same where the pool is at margin 0", "local", RAID6 "@hdd:1 state=failed ; @hdd:2 state=failed ; keep=20",
	 "@hdd:3 pending_sectors=60 ; wait=20", VERDICT_NOT_REDUNDANT, 0, 2, FULL, "drive.pending-sectors/critical", 1, "idle"},
	{"a technician pulls a drive of a RAID6", "local", RAID6, "@hdd:3 gone wait=20",
	 VERDICT_DEGRADED, 1, 2, FULL, "drive.removed array.verdict", 0, "idle"},
	{"of a RAID5", "local", RAID5, "@hdd:3 gone wait=20",
	 VERDICT_NOT_REDUNDANT, 0, 1, FULL, "drive.removed array.verdict", 2, "idle"},
	{"another one in the slot: not whole before it is rebuilt", "local", RAID6 "@hdd:3 gone wait=20",
	 "@hdd:new slot=3 serial=NEW there ; wait=1000", VERDICT_DEGRADED, 1, 2, FULL, "drive.removed", 0, "idle"},
	{"and then", "local", RAID6 "@hdd:3 gone wait=20 @hdd:new slot=3 serial=NEW there ; wait=1000",
	 "@hdd:new group=tank need=4 ; wait=400", VERDICT_REDUNDANT, 2, 2, FULL, "array.verdict", 0, "idle"},
	{"or it is forgotten", "local", RAID6 "@hdd:3 gone wait=20", "@hdd:3 forget wait=400",
	 VERDICT_REDUNDANT, 1, 1, FULL, "drive.removed", 0, "idle"},
};
/* clang-format on */

/* All of them are said, not only the first. */
static unsigned wrongs;
#define wrong(...) (wrongs++, print_error(__VA_ARGS__))

static void check_told(const struct lab *l, const struct row *r, uint64_t since)
{
	char *copy = strdup(r->told), *rest = copy, *rule;

	assert_non_null(copy);
	while ((rule = strsep(&rest, " "))) {
		bool never = *rule == '!';

		if ((told(l, since, rule + never, false) != 0) == never)
			wrong("%s: %s is %stold\n", r->why, rule + never, never ? "" : "not ");
	}
	free(copy);
	if (r->pages != ANY && told(l, since, NULL, true) != r->pages)
		wrong("%s: %u pages, not %u\n", r->why, told(l, since, NULL, true), r->pages);
}

static void run_row(const struct row *r)
{
	const struct array_row *a;
	uint64_t since;
	struct lab l;

	lab_start(&l, rows_config(MODE_APPROVE));
	lab_run(&l, r->before);
	since = l.e.log.head;
	lab_run(&l, r->script);
	a = array_at(&l.e.model, (uint32_t)cfg_array_index(l.config, r->array));
	if (a->verdict != r->verdict || a->margin_known != (r->margin != NO_MARGIN) ||
		(r->margin != NO_MARGIN && a->margin != r->margin) || a->expected != r->expected ||
		a->visibility != r->visibility)
		wrong("%s: %s %d (%d) known %d visibility %s, not %s %d (%d) %s\n", r->why,
			verdict_text((enum verdict)a->verdict), a->margin, a->expected,
			a->margin_known, visibility_text((enum visibility)a->visibility),
			verdict_text(r->verdict), r->margin, r->expected,
			visibility_text(r->visibility));
	check_told(&l, r, since);
	if (strcmp(run_state_text((enum run_state)plan_at(&l.e.model, 0)->state), r->run) != 0)
		wrong("%s: the run is %s, not %s\n", r->why,
			run_state_text((enum run_state)plan_at(&l.e.model, 0)->state), r->run);
	lab_stop(&l);
}

static void test_rows(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		run_row(&rows[i]);
	assert_int_equal(wrongs, 0);
}

static unsigned management_messages(const struct lab *l, const char *names)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < alert_count(&l->e.model); i++) {
		const struct alert_row *a = alert_at(&l->e.model, i);

		if (!a->used || (strcmp(a->rule_id, "source.failing") != 0 &&
					strcmp(a->rule_id, "self.management-silent") != 0))
			continue;
		n++;
		assert_non_null(strstr(a->summary, names));
		assert_int_equal(a->severity, SEV_WARNING);
	}
	return n;
}

static void test_one_switch_is_one_message(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, rows_config(MODE_APPROVE));
	lab_run(&l, SAN1
		"@canister:A/mgmt2 ; @canister:B/mgmt2 ; @path:host0-A/san2 ; @path:host0-B/san2 ; keep=20 "
		"@canister:A/mgmt silent @canister:B/mgmt silent keep=30 "
		"@canister:A/mgmt2 silent @canister:B/mgmt2 silent keep=260");
	assert_int_equal(management_messages(&l, ""), 0);
	lab_run(&l, "keep=120");
	assert_int_equal(management_messages(&l, "san1, san2"), 1);
	assert_int_equal(array_at(&l.e.model, 0)->verdict, VERDICT_REDUNDANT);
	assert_int_equal(array_at(&l.e.model, 2)->verdict, VERDICT_REDUNDANT);
	lab_stop(&l);
}

static void test_jbod_with_single_ported_drives(void **unused)
{
	struct lab l;

	(void)unused;
	lab_start(&l, rows_config(MODE_APPROVE));
	lab_run(&l, "@canister:1/jbod ; @canister:2/jbod ; keep=20");
	for (unsigned i = 0; i < 6; i++) {
		struct reading r = {.kind = KIND_DRIVE,
			.array = 4,
			.source = LAB_JBOD,
			.outcome = OUTCOME_OK,
			.state = STATE_OK,
			.slot = -1,
			.group_need = 4};

		format_text(r.name, sizeof(r.name), "sata%u", i);
		copy_text(r.group, sizeof(r.group), "tank");
		l.subject[l.nsubjects++] = r;
	}
	lab_run(&l, "keep=60");
	assert_int_equal(array_at(&l.e.model, 4)->verdict, VERDICT_REDUNDANT);
	/* now it is learned how they are reached, one after the other */
	for (unsigned i = 0; i < 6; i++) {
		struct via_row v = {.used = 1,
			.component = model_find_component(
				&l.e.model, 4, KIND_DRIVE, l.subject[2 + i].name),
			.via = lab_component(&l, "jbod/canister/1")};

		assert_int_not_equal(v.component, NONE32);
		emit(&l.e, REC_GROUP, TABLE_VIA, via_count(&l.e.model), &v, SEV_NONE, NULL);
		lab_run(&l, "keep=5");
		assert_true(array_at(&l.e.model, 4)->verdict < VERDICT_DEGRADED);
	}
	assert_int_equal(array_at(&l.e.model, 4)->verdict, VERDICT_SINGLE);
	assert_int_equal(array_at(&l.e.model, 4)->margin, 0);
	assert_int_equal(array_at(&l.e.model, 4)->expected, 0);
	assert_int_equal(told(&l, 0, "array.verdict", true), 0);
	/* and that IOM is one failure from nothing */
	lab_run(&l, "@canister:1/jbod state=failed keep=20");
	assert_int_equal(array_at(&l.e.model, 4)->verdict, VERDICT_NOT_REDUNDANT);
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_one_switch_is_one_message),
		cmocka_unit_test(test_jbod_with_single_ported_drives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
