#include "bench_polls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_wire.h"
#include "probes/drive.h"
#include "probes/exec_parse.h"
#include "probes/layout.h"
#include "probes/manage_look.h"
#include "probes/multipath.h"
#include "probes/nagios.h"
#include "probes/path.h"
#include "probes/ses.h"
#include "probes/smartctl.h"
#include "probes/snmp_trap.h"
#include "probes/syslog.h"

static struct reading start(const struct poll *p, const struct job *j)
{
	struct reading r = {.job = j->id, .outcome = OUTCOME_OK, .kind = KIND_DRIVE, .drive_class = p->drive_class, .plane = PLANE_INBAND, .slot = -1};

	copy_text(r.name, sizeof(r.name), j->name);
	return r;
}

static void tell_one(const struct tally *t, struct reading *r, enum outcome o, struct job_end *ret)
{
	r->outcome = (uint8_t)o;
	t->reading(r, t->arg);
	ret->outcome = (uint8_t)o;
	ret->count = 1;
}

/* The pages as libatasmart hands them out: what lies below is its own and the kernel's. */
static void poll_ata(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	static struct ata_quirk_memo memo;
	const struct wire_answer *a = wire_ask(p->key, "", NULL, 0);
	struct reading r = start(p, j);

	tell_one(t, &r, ata_decode_blob((const uint8_t *)a->body, a->len, &memo, &r), ret);
}

static void poll_drive(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	static struct drive_memory m;
	struct reading r = start(p, j);

	tell_one(t, &r, p->drive_class == CLASS_NVME ? drive_nvme_look(j, &m, &r) : drive_scsi_look(j, &m, &r), ret);
}

static void poll_exec(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct wire_answer *a = wire_ask(p->key, "", NULL, 0);
	const struct reading base = {.job = j->id, .plane = PLANE_MANAGEMENT, .slot = -1};

	exec_parse(a->body, a->len, &base, true, t->reading, t->arg, ret);
}

static void poll_nagios(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct wire_answer *a = wire_ask(p->key, "", NULL, 0);
	struct reading r = start(p, j);
	char why[160];

	r.kind = KIND_CHECK;
	tell_one(t, &r, nagios_parse((int)a->status, a->body, a->len, &r, why, sizeof(why)), ret);
}

static void poll_smartctl(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct wire_answer *a = wire_ask(p->key, "", NULL, 0);
	struct reading r = start(p, j);
	char why[160];

	tell_one(t, &r, smartctl_parse((int)a->status, a->body, a->len, &r, why, sizeof(why)), ret);
}

static const char *canister(const char *unit, void *arg)
{
	(void)arg;
	return text_equal(unit, "tpg1") ? "A" : text_equal(unit, "tpg2") ? "B" : NULL;
}

static void poll_path(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct path_sink sink = {t->reading, canister, t->arg};
	struct job job = *j;
	struct reading r;

	job.drive_class = p->drive_class;
	job.kind = KIND_PATH;
	if (p->drive_class == CLASS_NVME)
		copy_text(job.dev, sizeof(job.dev), "/dev/nvme1");
	path_look(&job, &sink, &r);
	t->reading(&r, t->arg);
	ret->outcome = r.outcome;
	ret->count = 1;
}

static void poll_maps(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct wire_answer *a = wire_ask(p->key, "", NULL, 0);
	const struct reading base = {.job = j->id, .plane = PLANE_INBAND};

	ret->outcome = (uint8_t)multipath_parse(a->body, a->len, &base, t->reading, t->arg, &ret->count);
}

/* Its drives in this host's own sysfs are left out: they are another machine's on each machine. */
static void poll_enclosure(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	static const struct {
		uint8_t page;
		enum outcome (*decode)(const uint8_t *bytes, size_t n, struct ses *s);
	} pages[] = {{SES_CONFIG, ses_decode_config}, {SES_STATUS, ses_decode_status}, {SES_NAMES, ses_decode_names},
		{SES_ADDITIONAL, ses_decode_additional}, {SES_MICROCODE, ses_decode_microcode}};
	static struct ses s;

	for (unsigned i = 0; i < ARRAY_SIZE(pages) && ret->outcome == OUTCOME_OK; i++) {
		const struct wire_answer *a = wire_ask("ses", "", &pages[i].page, 1);

		ret->outcome = (uint8_t)pages[i].decode((const uint8_t *)a->body, a->len, &s);
	}
	for (unsigned i = 0; i < s.nelements && ret->outcome == OUTCOME_OK; i++) {
		struct reading r = start(p, j);

		if (s.elements[i].overall)
			continue;
		ses_element_reading(&s, i, &r);
		t->reading(&r, t->arg);
		ret->count++;
	}
}

static bool drive_of(const char *sysfs, const char *node, char *ret, size_t size)
{
	(void)sysfs;
	return format_text(ret, size, "wwn-0x5000c500a1b2c3%s", node + 2);
}

static void poll_layout(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct reading base = {.job = j->id, .plane = PLANE_INBAND, .slot = -1};
	struct layout_out o = {t->reading, t->arg, drive_of, &base, j->sysfs, 0};

	(void)p;
	ret->outcome = (uint8_t)layout_md(&o);
	if (ret->outcome == OUTCOME_OK)
		ret->outcome = (uint8_t)layout_btrfs(&o);
	ret->count = o.count;
	ret->complete = 1;
}

static void notice(const struct tally *t, enum notice_kind kind, const char *text)
{
	struct notice n = {.kind = (uint8_t)kind, .count = 1};

	copy_text(n.text, sizeof(n.text), text);
	t->notice(&n, t->arg);
}

static void poll_syslog(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct wire_answer *a = wire_ask(p->key, "", NULL, 0);
	struct syslog_message m;

	(void)j;
	if (syslog_parse(a->body, a->len, &m))
		notice(t, notice_kind("", m.text), m.text);
	else
		ret->outcome = OUTCOME_NONSENSE;
}

static void poll_trap(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	const struct wire_answer *a = wire_ask(p->key, "", NULL, 0);
	struct snmp_trap trap;
	char text[1024];

	(void)j;
	if (snmp_trap_parse(a->body, a->len, &trap) < 0) {
		ret->outcome = OUTCOME_NONSENSE;
		return;
	}
	snmp_trap_text(&trap, text, sizeof(text));
	notice(t, notice_kind(trap.oid, text), text);
}

static const struct manage_driver *driver_of(uint8_t type)
{
	return type == SOURCE_SPECTRUM ? &manage_spectrum : type == SOURCE_MC ? &manage_mc
		: type == SOURCE_SANTRICITY ? &manage_santricity : &manage_redfish;
}

/* Logged in and its names resolved since the first poll; "whole": all that is asked every few minutes is due again. */
static void poll_plane(const struct poll *p, const struct job *j, const struct tally *t, struct job_end *ret)
{
	static struct manage_memory memory;
	static const struct manage_settings settings = {.transport = MANAGE_REST, .tls = MANAGE_TLS_PIN, .naddress = 2,
		.address = {"127.0.0.1:7443", "127.0.0.2:7443"}, .user = "monitor", .secret = "s3cret", .ca = "",
		.identity = "", .known_hosts = "", .interval_ms = 5000};
	const struct manage_look look = {.job = j, .plane = PLANE_MANAGEMENT, .settings = &settings,
		.driver = driver_of(p->type), .memory = &memory, .reading = t->reading, .arg = t->arg};

	if (text_equal(p->key, "whole"))
		memset(memory.done_ms, 0, sizeof(memory.done_ms));
	manage_look(&look, ret);
}

static const struct poll polls[] = {
	{"ata", SOURCE_DRIVES, CLASS_ATA_HDD, poll_ata, "ata"},
	{"nvme", SOURCE_DRIVES, CLASS_NVME, poll_drive, NULL},
	{"scsi", SOURCE_DRIVES, CLASS_SCSI_HDD, poll_drive, NULL},
	{"smartctl", SOURCE_SMARTCTL, CLASS_NONE, poll_smartctl, "smartctl"},
	{"alua", SOURCE_PATHS, CLASS_SCSI_SSD, poll_path, NULL},
	{"ana", SOURCE_PATHS, CLASS_NVME, poll_path, NULL},
	{"multipathd", SOURCE_PATHS, CLASS_NONE, poll_maps, "multipathd"},
	{"enclosure", SOURCE_ENCLOSURE, CLASS_NONE, poll_enclosure, NULL},
	{"layout", SOURCE_LAYOUT, CLASS_NONE, poll_layout, NULL},
	{"exec", SOURCE_EXEC, CLASS_NONE, poll_exec, "exec"},
	{"nagios", SOURCE_NAGIOS, CLASS_NONE, poll_nagios, "nagios"},
	{"syslog", SOURCE_LISTEN, CLASS_NONE, poll_syslog, "syslog"},
	{"trap", SOURCE_LISTEN, CLASS_NONE, poll_trap, "trap"},
	{"spectrum", SOURCE_SPECTRUM, CLASS_NONE, poll_plane, "often"},
	{"spectrum-whole", SOURCE_SPECTRUM, CLASS_NONE, poll_plane, "whole"},
	{"mc", SOURCE_MC, CLASS_NONE, poll_plane, "often"},
	{"mc-whole", SOURCE_MC, CLASS_NONE, poll_plane, "whole"},
	{"santricity", SOURCE_SANTRICITY, CLASS_NONE, poll_plane, "often"},
	{"santricity-whole", SOURCE_SANTRICITY, CLASS_NONE, poll_plane, "whole"},
	{"redfish", SOURCE_REDFISH, CLASS_NONE, poll_plane, "often"},
	{"redfish-whole", SOURCE_REDFISH, CLASS_NONE, poll_plane, "whole"},
};

const struct poll *poll_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(polls); i++)
		if (text_equal(polls[i].name, name))
			return &polls[i];
	return NULL;
}

void poll_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(polls); i++)
		puts(polls[i].name);
}
