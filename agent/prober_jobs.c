#include "agent/prober_jobs.h"

#include <fnmatch.h>

#include "agent/prober_exec.h"
#include "agent/prober_smartctl.h"
#include "agent/sched.h"
#include "probes/enclosure.h"
#include "probes/exec_parse.h"
#include "probes/layout.h"
#include "probes/nagios.h"
#include "probes/multipath.h"
#include "probes/path.h"
#include "probes/witness.h"

enum { ARGS_MAX = 64 };

static void end_job(const struct job_sink *sink, struct job_end *e, uint64_t started_ms)
{
	e->took_ms = (uint32_t)(boot_ms() - started_ms);
	sink->end(e, sink->arg);
}

static void look_at_drive(const struct job *j, struct drive_memories *memories,
	const struct job_sink *sink, struct job_end *e)
{
	struct reading r;

	drive_look(j, drive_recall(memories, j->name), boot_ms(), &r);
	sink->reading(&r, sink->arg);
	e->outcome = r.outcome;
	e->count = 1;
	if (r.outcome != OUTCOME_OK)
		copy_text(e->error, sizeof(e->error), r.message);
}

struct path_job {
	const struct config *c;
	const struct cfg_source *s;
	const struct job_sink *sink;
	char canister[NAME_MAX_LEN];
	uint32_t told;
};

/* "tpg1=A", "192.0.2.1*=B": the first pattern that fits. */
static const char *canister_of(const char *unit, void *arg)
{
	struct path_job *p = arg;

	for (unsigned i = 0; i < p->s->ncanisters; i++) {
		const char *pair = cfg_list(p->c, p->s->canisters, i), *name = strchr(pair, '=');
		char pattern[128];

		if (!name || !format_text(pattern, sizeof(pattern), "%.*s", (int)(name - pair), pair) ||
			fnmatch(pattern, unit, FNM_CASEFOLD))
			continue;
		copy_text(p->canister, sizeof(p->canister), name + 1);
		return p->canister;
	}
	return NULL;
}

static void pass_reading(const struct reading *r, void *arg)
{
	const struct path_job *p = arg;

	p->sink->reading(r, p->sink->arg);
}

/* multipathd does not say by what transport, and calls a unit by its WWID. */
static void pass_map(const struct reading *r, void *arg)
{
	struct path_job *p = arg;
	struct device_event d = {.kind = KIND_PATH};

	copy_text(d.vendor, sizeof(d.vendor), r->vendor);
	copy_text(d.model, sizeof(d.model), r->model);
	copy_text(d.serial, sizeof(d.serial), cfg_str(p->c, p->s->match_serial));
	copy_text(d.transport, sizeof(d.transport), cfg_str(p->c, p->s->match_transport));
	if (!source_takes(p->c, p->s, &d))
		return;
	p->sink->reading(r, p->sink->arg);
	p->told++;
}

/* A host without multipathd has no maps, and one whose maps all are another array's has none here. */
static void look_at_maps(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	struct path_job p = {.c = c, .s = &c->sources[j->source], .sink = sink};
	const struct reading base = {
		.job = j->id, .source = j->source, .array = j->array, .plane = PLANE_INBAND};
	cleanup_(freep) char *reply = NULL;
	size_t len = 0;
	uint32_t maps;
	enum outcome o;

	e->outcome = OUTCOME_OK;
	if (!p.s->match_vendor && !p.s->match_model)
		return;
	o = multipathd_ask(NULL, "show maps json", j->timeout_ms, &reply, &len);
	if (o == OUTCOME_OK)
		o = multipath_parse(reply, len, &base, pass_map, &p, &maps);
	e->count = p.told;
	if (o == OUTCOME_OK || o == OUTCOME_GONE)
		return;
	e->outcome = (uint8_t)o;
	format_text(e->error, sizeof(e->error), "multipathd: %s", outcome_text(o));
}

static void look_at_path(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	struct path_job p = {.c = c, .s = &c->sources[j->source], .sink = sink};
	const struct path_sink out = {pass_reading, canister_of, &p};
	struct reading r;

	path_look(j, &out, &r);
	sink->reading(&r, sink->arg);
	e->outcome = r.outcome;
	e->count = 1;
	if (r.outcome != OUTCOME_OK)
		copy_text(e->error, sizeof(e->error), r.message);
}

static void look_at_enclosure(const struct job *j, const struct config *c,
	struct drive_memories *memories, const struct job_sink *sink, struct job_end *e)
{
	enclosure_look(j, memories->enclosures, c->sources[j->source].interval_ms, sink->reading,
		sink->arg, e);
}

static void look_at_paths(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	if (j->kind == KIND_NONE)
		look_at_maps(j, c, sink, e);
	else
		look_at_path(j, c, sink, e);
}

static bool make_argv(const struct config *c, const struct cfg_source *s, char **argv)
{
	if (!s->argc || s->argc >= ARGS_MAX)
		return false;
	for (unsigned i = 0; i < s->argc; i++)
		argv[i] = (char *)(uintptr_t)cfg_list(c, s->argv, i);
	argv[s->argc] = NULL;
	return true;
}

static void refuse_command(struct job_end *e)
{
	e->outcome = OUTCOME_REFUSED;
	copy_text(e->error, sizeof(e->error), "it has no command, or one with too many arguments");
}

static void run_program(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	const struct cfg_source *s = &c->sources[j->source];
	struct reading base = {.job = j->id,
		.source = j->source,
		.array = j->array,
		.plane = s->plane,
		.slot = -1};
	struct exec_result result;
	char *argv[ARGS_MAX];

	if (!make_argv(c, s, argv)) {
		refuse_command(e);
		return;
	}
	exec_run(argv, j->timeout_ms, &result);
	/* a program that failed may still have said what is lost, but never that something is well or that this is all */
	exec_parse(result.output ? result.output : "", result.len, &base,
		result.outcome == OUTCOME_OK, sink->reading, sink->arg, e);
	if (result.outcome != OUTCOME_OK) {
		e->outcome = (uint8_t)result.outcome;
		copy_text(e->error, sizeof(e->error), result.error);
	}
	free(result.output);
}

/* What came before is kept: a plugin speaks for one component, and never says what is gone. */
static void run_plugin(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	const struct cfg_source *s = &c->sources[j->source];
	struct reading r = {.job = j->id,
		.source = j->source,
		.array = j->array,
		.plane = s->plane,
		.kind = s->component_kind,
		.slot = -1};
	struct exec_result result;
	char *argv[ARGS_MAX];

	if (!make_argv(c, s, argv)) {
		refuse_command(e);
		return;
	}
	copy_text(r.name, sizeof(r.name), cfg_str(c, s->component));
	exec_run(argv, j->timeout_ms, &result);
	e->outcome = (uint8_t)result.outcome;
	copy_text(e->error, sizeof(e->error), result.error);
	if (result.status >= NAGIOS_OK && result.status < NAGIOS_STATUSES)
		e->outcome = (uint8_t)nagios_parse(result.status, result.output ? result.output : "",
			result.len, &r, e->error, sizeof(e->error));
	if (e->outcome == OUTCOME_OK) {
		sink->reading(&r, sink->arg);
		e->count = 1;
	}
	free(result.output);
}

static enum state ask_witness(const char *address, uint32_t timeout_ms)
{
	struct witness_address a;

	if (!witness_parse(address, &a))
		return STATE_UNKNOWN;
	return witness_ask(&a, timeout_ms) == OUTCOME_OK ? STATE_OK : STATE_UNREACHABLE;
}

/* The look itself always succeeds: that a witness is silent is what was to be found out. */
static void ask_witnesses(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	const struct cfg_source *s = &c->sources[j->source];

	for (unsigned i = 0; i < s->argc; i++) {
		const char *address = cfg_list(c, s->argv, i);
		struct reading r = {.job = j->id,
			.source = j->source,
			.array = j->array,
			.plane = s->plane,
			.kind = KIND_TARGET,
			.outcome = OUTCOME_OK,
			.slot = -1};

		r.state = (uint8_t)ask_witness(address, j->timeout_ms / s->argc);
		copy_text(r.name, sizeof(r.name), address);
		copy_text(
			r.raw, sizeof(r.raw), r.state == STATE_OK ? "answers" : "does not answer");
		sink->reading(&r, sink->arg);
		e->count++;
	}
	e->outcome = OUTCOME_OK;
	e->complete = 1;
}

/* zpool asks /dev/zfs, which everybody may; -L so that its devices are the kernel's names. */
static enum outcome look_at_zfs(struct layout_out *o, uint32_t timeout_ms, struct job_end *e)
{
	static char program[] = "/sbin/zpool", status[] = "status", option[] = "-PL";
	char *argv[] = {program, status, option, NULL};
	struct exec_result result;
	enum outcome out;

	if (!layout_zfs_there(o->sysfs))
		return OUTCOME_OK;
	exec_run(argv, timeout_ms, &result);
	out = layout_zfs(o, result.output ? result.output : "", result.len);
	if (result.outcome != OUTCOME_OK)
		out = result.outcome;
	if (out != OUTCOME_OK)
		format_text(e->error, sizeof(e->error), "/sbin/zpool status -PL: %s",
			result.error[0] ? result.error : "it prints something that is not understood");
	free(result.output);
	return out;
}

/* A layout that could not be read whole says nothing of what it did not list. */
static void look_at_layout(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	const struct reading base = {.job = j->id,
		.source = j->source,
		.array = j->array,
		.plane = c->sources[j->source].plane,
		.slot = -1};
	struct layout_out o = {sink->reading, sink->arg, layout_drive_of, &base, "/sys", 0};
	enum outcome md, btrfs, zfs;

	if (j->type == SOURCE_LVM) {
		e->outcome = (uint8_t)layout_lvm(&o, dm_ask);
	} else {
		md = layout_md(&o);
		btrfs = layout_btrfs(&o);
		zfs = look_at_zfs(&o, j->timeout_ms, e);
		e->outcome = (uint8_t)(md != OUTCOME_OK ? md : btrfs != OUTCOME_OK ? btrfs : zfs);
	}
	e->count = o.count;
	e->complete = e->outcome == OUTCOME_OK;
	if (!e->complete && !e->error[0])
		format_text(e->error, sizeof(e->error), "%s",
			j->type == SOURCE_LVM ? "the device mapper cannot be asked about a RAID volume of LVM"
						    : "an array or file system under /sys cannot be read whole");
}

typedef void look_fn(
	const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e);

/* Sources that need their configuration; a drive needs what is remembered of it. */
static look_fn *const looks[SOURCE_TYPE_COUNT] = {
	[SOURCE_EXEC] = run_program,
	[SOURCE_LAYOUT] = look_at_layout,
	[SOURCE_LVM] = look_at_layout,
	[SOURCE_NAGIOS] = run_plugin,
	[SOURCE_PATHS] = look_at_paths,
	[SOURCE_SMARTCTL] = smartctl_look,
	[SOURCE_WITNESS] = ask_witnesses,
};

void prober_carry_out(const struct job *j, const struct config *c, struct drive_memories *memories,
	const struct job_sink *sink)
{
	struct job_end e = {.job = j->id, .source = j->source, .outcome = OUTCOME_UNSUPPORTED};
	uint64_t started_ms = boot_ms();
	look_fn *look = j->type < SOURCE_TYPE_COUNT && j->source < c->nsources ? looks[j->type] : NULL;

	if (j->type == SOURCE_DRIVES)
		look_at_drive(j, memories, sink, &e);
	else if (j->type == SOURCE_ENCLOSURE && j->source < c->nsources)
		look_at_enclosure(j, c, memories, sink, &e);
	else if (look)
		look(j, c, sink, &e);
	else
		copy_text(
			e.error, sizeof(e.error), "this worker does not know that kind of source");
	end_job(sink, &e, started_ms);
}
