#include "agent/prober_smartctl.h"

#include <stdio.h>

#include "agent/prober_exec.h"
#include "probes/smartctl.h"

enum { DRIVE_MS = 20000, ARGS = 20 };

/* Who was found where: a drive that sleeps or does not open cannot say who it is. */
static struct {
	struct smartctl_device at;
	char name[NAME_MAX_LEN];
} known[SMARTCTL_DEVICES];
static unsigned nknown;

struct smart_look {
	const struct job *j;
	const struct cfg_source *s;
	char *program;
	const struct job_sink *sink;
	struct job_end *e;
	uint64_t deadline_ms;
	bool nameless; /* a drive was found and nobody knows which */
};

static char *arg(const char *text)
{
	return (char *)(uintptr_t)text;
}

static uint32_t left_ms(const struct smart_look *l)
{
	uint64_t now = boot_ms();

	return now >= l->deadline_ms ? 0 : (uint32_t)(l->deadline_ms - now);
}

static char *known_as(const struct smartctl_device *d)
{
	for (unsigned i = 0; i < nknown; i++)
		if (text_equal(known[i].at.dev, d->dev) && text_equal(known[i].at.type, d->type))
			return known[i].name;
	if (nknown == SMARTCTL_DEVICES)
		nknown = 0;
	known[nknown].at = *d;
	memset(known[nknown].name, 0, sizeof(known[nknown].name));
	return known[nknown++].name;
}

/* The first thing that went wrong is what people are told. */
static void went_wrong(struct smart_look *l, enum outcome o, const struct smartctl_device *d, const char *why)
{
	if (l->e->outcome != OUTCOME_OK)
		return;
	l->e->outcome = (uint8_t)o;
	format_text(l->e->error, sizeof(l->e->error), "%s%s%s%s%s", d ? d->dev : "", d ? " " : "", d ? d->type : "",
		d ? ": " : "", why);
}

static void tell(struct smart_look *l, const struct smartctl_device *d, struct reading *r, enum outcome o, const char *why)
{
	char *name = known_as(d);

	if (r->name[0])
		copy_text(name, NAME_MAX_LEN, r->name);
	else
		copy_text(r->name, sizeof(r->name), name);
	if (o != OUTCOME_OK) {
		copy_text(r->message, sizeof(r->message), why);
		if (o != OUTCOME_ASLEEP)
			went_wrong(l, o, d, why);
	}
	r->outcome = (uint8_t)o;
	if (!r->name[0]) {
		l->nameless = true;
		return;
	}
	l->sink->reading(r, l->sink->arg);
	l->e->count++;
}

/* Only what says how it is: no self-test, no setting; and a sleeping drive is not woken. */
static void look_at(struct smart_look *l, const struct smartctl_device *d)
{
	char sleeping[24], *argv[ARGS] = {l->program, arg("--json=c"), arg("-n"), sleeping, arg("-i"), arg("-H"), arg("-A"),
		arg("-c"), arg("-l"), arg("error"), arg("-d"), arg(d->type), arg(d->dev), NULL};
	struct reading r = {.job = l->j->id, .source = l->j->source, .array = l->j->array, .plane = l->s->plane,
		.kind = KIND_DRIVE, .slot = -1};
	struct exec_result result;
	char why[160];
	enum outcome o;

	format_text(sleeping, sizeof(sleeping), "standby,%d", SMARTCTL_ASLEEP);
	copy_text(r.dev, sizeof(r.dev), d->dev);
	exec_run(argv, MIN_OF(left_ms(l), (uint32_t)DRIVE_MS), &result);
	if (result.status >= 0)
		o = smartctl_parse(result.status, result.output ? result.output : "", result.len, &r, why, sizeof(why));
	else
		o = result.outcome;
	tell(l, d, &r, o, result.status >= 0 ? why : result.error);
	free(result.output);
}

static int scan(struct smart_look *l, struct smartctl_device *devices)
{
	char *argv[] = {l->program, arg("--json=c"), arg("--scan-open"), NULL};
	struct exec_result result;
	char why[160];
	int n = -1;

	exec_run(argv, left_ms(l), &result);
	if (result.status < 0 || result.status & SMARTCTL_USAGE)
		went_wrong(l, result.outcome, NULL, result.error);
	else
		n = smartctl_scan(result.output ? result.output : "", result.len, devices, why, sizeof(why));
	if (n < 0 && l->e->outcome == OUTCOME_OK)
		went_wrong(l, OUTCOME_NONSENSE, NULL, why);
	else if (n == 0)
		went_wrong(l, OUTCOME_UNSUPPORTED, NULL, "smartctl --scan-open names no drive behind a RAID adapter");
	free(result.output);
	return n;
}

void smartctl_look(const struct job *j, const struct config *c, const struct job_sink *sink, struct job_end *e)
{
	static struct smartctl_device devices[SMARTCTL_DEVICES];
	struct smart_look l = {.j = j, .s = &c->sources[j->source], .sink = sink, .e = e,
		.deadline_ms = boot_ms() + j->timeout_ms};
	int n;

	l.program = arg(cfg_str(c, l.s->program));
	e->outcome = OUTCOME_OK;
	n = scan(&l, devices);
	for (int i = 0; i < n; i++) {
		if (!left_ms(&l)) {
			went_wrong(&l, OUTCOME_TIMEOUT, &devices[i], "no time was left to look at it");
			l.nameless = true;
			break;
		}
		look_at(&l, &devices[i]);
	}
	e->complete = n > 0 && !l.nameless;
}
