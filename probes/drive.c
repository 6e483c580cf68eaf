#include "probes/drive.h"

#include "probes/deny.h"

typedef enum outcome look_fn(const struct job *j, struct drive_memory *m, struct reading *r);

/* clang-format off */
static look_fn *const look_by_class[CLASS_COUNT] = {
	[CLASS_ATA_HDD] = drive_ata_look, [CLASS_ATA_SSD] = drive_ata_look, [CLASS_NVME] = drive_nvme_look,
	[CLASS_SCSI_HDD] = drive_scsi_look, [CLASS_SCSI_SSD] = drive_scsi_look,
};
static const char *const outcome_reasons[OUTCOME_COUNT] = {
	[OUTCOME_SHORT] = "it sent less than the command promises", [OUTCOME_BAD_CHECKSUM] = "its page fails its checksum",
	[OUTCOME_NONSENSE] = "it sent values that cannot be", [OUTCOME_ASLEEP] = "it sleeps and was left alone",
	[OUTCOME_IDLE] = "it did nothing since the last look and was left alone",
	[OUTCOME_UNSUPPORTED] = "it has no health data that we can read", [OUTCOME_REFUSED] = "we may not ask it",
	[OUTCOME_TIMEOUT] = "it did not answer in time", [OUTCOME_GONE] = "it is gone",
	[OUTCOME_ERROR] = "it answered with an error",
};
/* clang-format on */

static struct drive_history *recall_history(struct drive_histories *all, const char *name)
{
	struct drive_history *h;

	for (unsigned i = 0; i < DRIVES_REMEMBERED; i++)
		if (text_equal(all->drives[i].name, name))
			return &all->drives[i];
	h = &all->drives[__atomic_fetch_add(&all->next, 1, __ATOMIC_RELAXED) % DRIVES_REMEMBERED];
	*h = (struct drive_history){};
	copy_text(h->name, sizeof(h->name), name);
	return h;
}

struct drive_memory *drive_recall(struct drive_memories *all, const char *name)
{
	struct drive_memory *m = NULL;

	for (unsigned i = 0; i < QUIRKS_REMEMBERED && !m; i++)
		if (text_equal(all->drives[i].name, name))
			m = &all->drives[i];
	if (!m) {
		m = &all->drives[all->next++ % QUIRKS_REMEMBERED];
		*m = (struct drive_memory){};
		copy_text(m->name, sizeof(m->name), name);
	}
	m->history = recall_history(all->histories, name);
	return m;
}

enum outcome drive_say(struct reading *r, enum outcome o, const char *what)
{
	if (!r->message[0])
		copy_text(r->message, sizeof(r->message), what);
	return o;
}

static const char *skip_serial(const char *s)
{
	return s + strspn(s, " _");
}

bool drive_same_serial(const char *a, const char *b)
{
	a += strspn(a, " _0");
	b += strspn(b, " _0");
	if (!*a || !*b)
		return true;
	for (;; a++, b++) {
		a = skip_serial(a);
		b = skip_serial(b);
		if (!*a || !*b || *a != *b)
			return *a == *b;
	}
}

static void start_reading(const struct job *j, struct reading *r)
{
	*r = (struct reading){.job = j->id,
		.source = j->source,
		.array = j->array,
		.kind = KIND_DRIVE,
		.drive_class = j->drive_class,
		.plane = PLANE_INBAND,
		.slot = -1};
	copy_text(r->name, sizeof(r->name), j->name);
	copy_text(r->dev, sizeof(r->dev), j->dev);
	copy_text(r->model, sizeof(r->model), j->model);
	copy_text(r->firmware, sizeof(r->firmware), j->firmware);
	copy_text(r->serial, sizeof(r->serial), j->serial);
}

/*
 * Asking a rotating drive restarts the timer that lets it spin down, so one that did nothing is
 * left alone; a drive without platters loses nothing by being asked. What was begun and has not ended
 * is not counted as done: a drive that hangs must not pass for one that did nothing.
 */
static bool left_alone(const struct job *j, const struct drive_history *h,
	const struct kernel_counters *c, uint64_t now_ms)
{
	bool rotating = j->drive_class == CLASS_ATA_HDD || j->drive_class == CLASS_SCSI_HDD;
	bool hangs = c->given_up || (c->have_pending && c->pending);

	return rotating && !hangs && !j->insist && h->read_ms && h->have_io && c->have_io &&
	       c->io == h->io && now_ms - h->read_ms < IDLE_LIMIT_MS;
}

static enum outcome look(const struct job *j, struct drive_memory *m,
	const struct kernel_counters *c, uint64_t now_ms, struct reading *r)
{
	look_fn *fn = j->drive_class < CLASS_COUNT ? look_by_class[j->drive_class] : NULL;
	const char *why = NULL;

	if (!fn)
		return OUTCOME_UNSUPPORTED;
	if (deny_find(j->model, j->firmware, &why) == DENY_ALL)
		return drive_say(r, OUTCOME_REFUSED, why);
	if (left_alone(j, m->history, c, now_ms))
		return OUTCOME_IDLE;
	return fn(j, m, r);
}

static void forget_facts(struct reading *r)
{
	r->nfacts = 0;
	memset(r->facts, 0, sizeof(r->facts));
}

/*
 * The kernel counts every command that ends with sense data, and ATA pass-throughs that ask for
 * registers always do: what was counted while we looked is ours.
 */
static void count_errors(struct drive_history *h, const struct kernel_counters *before,
	const struct job *j, struct reading *r)
{
	struct kernel_counters after;

	counters_read(j->sysfs, &after);
	if (before->have_errors && h->have_errors)
		h->errors_told += before->errors < h->errors_seen ? before->errors
								  : before->errors - h->errors_seen;
	h->have_errors = after.have_errors;
	h->errors_seen = after.errors;
	if (r->outcome == OUTCOME_OK) {
		h->have_io = after.have_io;
		h->io = after.io;
	}
	if (h->have_errors)
		reading_add(r, FACT_IO_ERRORS, (double)h->errors_told);
	if (before->have_pending)
		reading_add(r, FACT_IO_PENDING, (double)before->pending);
}

void drive_look(const struct job *j, struct drive_memory *m, uint64_t now_ms, struct reading *ret)
{
	struct kernel_counters before;
	enum outcome o;

	start_reading(j, ret);
	counters_read(j->sysfs, &before);
	o = look(j, m, &before, now_ms, ret);
	ret->outcome = (uint8_t)o;
	ret->asleep = o == OUTCOME_ASLEEP;
	if (o == OUTCOME_OK) {
		ret->state = STATE_OK;
		m->history->read_ms = now_ms;
	} else {
		forget_facts(ret);
		drive_say(ret, o, outcome_reasons[o] ? outcome_reasons[o] : "");
	}
	count_errors(m->history, &before, j, ret);
}
