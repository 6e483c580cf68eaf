#include "agent/scribe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "agent/marks.h"

enum { COALESCE_MS = 1000, SETTLE_MS = 10000, HANG_MS = 10000, RETRY_MS = 5000, STOP_MS = 3000,
	DAYS_MS = 600000 /* a new day comes for every drive within minutes: written together */ };

static const char *state_directory(const struct scribe *s)
{
	return cfg_str(s->start->config, s->start->config->state_directory);
}

/* ---- what the engine is told ---- */

static enum journal_state journal_state(const struct scribe *s)
{
	if (s->off)
		return JOURNAL_OFF;
	return s->hung || *s->error || s->dropped ? JOURNAL_FAILING : JOURNAL_OK;
}

static void fill_report(const struct scribe *s, struct journal_report *j)
{
	*j = (struct journal_report){.state = (uint8_t)journal_state(s), .durable_sequence = s->durable,
		.waiting = s->nwaiting};
	if (s->hung)
		format_text(j->error, sizeof(j->error), "the disk under %s has not answered for %d s", state_directory(s),
			HANG_MS / 1000);
	else if (s->dropped)
		format_text(j->error, sizeof(j->error), "%.90s; %u events dropped", s->error, s->dropped);
	else
		copy_text(j->error, sizeof(j->error), s->error);
}

/* At once when it begins or ceases to fail, else once a second: each report is a record for everybody. */
static uint64_t report(struct scribe *s, uint64_t now_ms)
{
	struct journal_report j;

	fill_report(s, &j);
	if (!memcmp(&j, &s->told, sizeof(j)))
		return UINT64_MAX;
	if (j.state == s->told.state && !strcmp(j.error, s->told.error) && now_ms < s->told_ms + COALESCE_MS)
		return s->told_ms + COALESCE_MS;
	if (j.state != s->told.state && j.state == JOURNAL_FAILING)
		log_line(3, "journal fails, keeping events in memory: %s", j.error);
	else if (j.state == JOURNAL_OK && s->told.state == JOURNAL_FAILING)
		log_line(5, "journal works again");
	if (role_send(s->start, MSG_JOURNAL, &j, NULL, 0) < 0)
		return UINT64_MAX; /* the next engine gets it with its snapshot */
	s->told = j;
	s->told_ms = now_ms;
	return UINT64_MAX;
}

/* ---- giving work to the writer ---- */

static uint64_t events_due(const struct scribe *s)
{
	if (!s->nwaiting)
		return UINT64_MAX;
	return s->urgent ? 0 : s->events_ms + COALESCE_MS;
}

static uint64_t marks_due(const struct scribe *s)
{
	if (s->marks_now)
		return 0;
	if (s->marks_due)
		return s->marks_ms + COALESCE_MS;
	return s->days_ms ? s->days_ms + DAYS_MS : UINT64_MAX;
}

static uint64_t settle_due(const struct scribe *s)
{
	return s->unsettled_ms ? s->unsettled_ms + SETTLE_MS : UINT64_MAX;
}

static bool add_events(struct scribe *s, struct scribe_work *w, uint64_t now_ms)
{
	if (!s->nwaiting)
		return true;
	w->events = malloc(s->nwaiting * sizeof(*w->events));
	if (!w->events)
		return false;
	memcpy(w->events, s->waiting, s->nwaiting * sizeof(*w->events));
	w->n = s->given = s->nwaiting;
	w->durable = s->urgent;
	s->urgent = false;
	s->events_ms = now_ms;
	return true;
}

static bool add_marks(struct scribe *s, struct scribe_work *w, uint64_t now_ms)
{
	struct marks_time t = {.now_ms = now_ms, .wall_ms = wall_ms()};

	if (!s->marks_due || marks_write(&s->model, &t, &w->marks) < 0)
		return !s->marks_due;
	s->marks_given = true;
	s->marks_due = s->marks_now = false;
	s->marks_ms = now_ms;
	s->days_ms = 0;
	return true;
}

static void give(struct scribe *s, uint64_t now_ms)
{
	struct scribe_work w = {.sequence = s->seen, .settle = settle_due(s) <= now_ms};

	copy_text(w.directory, sizeof(w.directory), state_directory(s));
	s->marks_due |= s->days_ms && s->days_ms + DAYS_MS <= now_ms;
	if (!add_events(s, &w, now_ms) || !add_marks(s, &w, now_ms))
		s->retry_ms = now_ms + RETRY_MS;
	s->busy = true;
	s->started_ms = now_ms;
	writer_give(s, &w);
}

static uint64_t next_work(struct scribe *s, uint64_t now_ms)
{
	uint64_t events = events_due(s), marks = marks_due(s), settle = settle_due(s), due;

	if (s->off || !s->loaded)
		return UINT64_MAX;
	if (s->busy) {
		s->hung = now_ms >= s->started_ms + HANG_MS;
		return s->hung ? UINT64_MAX : s->started_ms + HANG_MS;
	}
	due = MIN_OF(events, marks);
	due = MIN_OF(due, settle);
	if (due != UINT64_MAX && (*s->error || s->retry_ms > now_ms))
		due = MAX_OF(due, s->retry_ms);
	if (due > now_ms)
		return due;
	give(s, now_ms);
	return s->started_ms + HANG_MS;
}

void scribe_turn(struct scribe *s)
{
	uint64_t now_ms = boot_ms(), when = next_work(s, now_ms), tell = report(s, now_ms);

	when = MIN_OF(when, tell);
	(void)sd_event_source_set_time(s->timer, when == UINT64_MAX ? UINT64_MAX : when * 1000);
	(void)sd_event_source_set_enabled(s->timer, when == UINT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* ---- what came of it ---- */

static void note_journal(struct scribe *s, const struct scribe_work *w, const struct scribe_result *r, uint64_t now_ms)
{
	if (r->journal < 0) {
		s->given = 0;
		s->urgent |= w->durable;
		return;
	}
	s->nwaiting -= s->given;
	memmove(s->waiting, s->waiting + s->given, s->nwaiting * sizeof(*s->waiting));
	s->given = 0;
	if (r->synced)
		s->unsettled_ms = 0;
	else if (w->n && !s->unsettled_ms)
		s->unsettled_ms = now_ms;
}

static void finish(struct scribe *s)
{
	struct scribe_result r;
	struct scribe_work w;
	uint64_t now_ms = boot_ms();

	(void)pthread_mutex_lock(&s->lock);
	r = s->result;
	w = s->work;
	(void)pthread_mutex_unlock(&s->lock);
	s->busy = s->hung = false;
	if (r.aside)
		log_line(4, "journal.db was damaged, kept as %s/journal.db.bad; a new one is begun", w.directory);
	note_journal(s, &w, &r, now_ms);
	if (r.marks < 0)
		s->marks_due = true;
	s->marks_given = false;
	copy_text(s->error, sizeof(s->error), r.journal < 0 || r.marks < 0 ? r.error : "");
	if (*s->error)
		s->retry_ms = now_ms + RETRY_MS;
	else if (!s->unsettled_ms)
		s->durable = w.sequence;
	if (!*s->error && s->dropped) {
		log_line(4, "journal lost %u events while it failed", s->dropped);
		s->dropped = 0;
	}
	free(w.events);
	free(w.marks);
}

static int on_done(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct scribe *s = userdata;
	uint64_t n;

	(void)io;
	(void)revents;
	if (read(fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return 0;
	finish(s);
	scribe_turn(s);
	return 0;
}

static int on_time(sd_event_source *timer, uint64_t usec, void *userdata)
{
	(void)timer;
	(void)usec;
	scribe_turn(userdata);
	return 0;
}

/* ---- following ---- */

/* A scribe that was started anew does not know what happened in between: it says so where it will be looked for. */
static void note_gap(struct scribe *s)
{
	const struct self_row *self = self_at(&s->model, 0);
	struct record r = {.sequence = s->model.sequence, .wall_ms = wall_ms(), .type = REC_ROLE_DIED, .array = NONE16,
		.incident = NONE16, .severity = SEV_INFO};

	if (!self || !self->durable_sequence || self->durable_sequence >= s->model.sequence)
		return;
	copy_text(r.text, sizeof(r.text), "the journal was started anew: events shortly before may be missing from it");
	scribe_put(s, &r);
}

static int on_snapshot(struct scribe *s, struct msg *m)
{
	const void *block = NULL;
	bool first = !s->loaded;
	int r = m->nfds == 1 ? memfd_map(m->fds[0], m->u.snapshot.size, &block) : -EPROTO;

	if (r < 0)
		return r;
	r = model_unpack(&s->model, build_id(), block, m->u.snapshot.size);
	munmap((void *)(uintptr_t)block, m->u.snapshot.size);
	if (r < 0)
		return r;
	s->loaded = true;
	s->seen = s->model.sequence;
	s->marks_due = s->marks_now = true;
	s->told = (struct journal_report){};
	if (first)
		note_gap(s);
	scribe_turn(s);
	return 0;
}

static int on_record(struct scribe *s, const struct record *r, bool *due)
{
	const void *old = r->table < TABLE_COUNT ? model_row(&s->model, r->table, r->index) : NULL;
	bool marks = r->table < TABLE_COUNT && marks_durable(r->table, old, r->row);
	bool day = r->table == TABLE_DAILY && !marks && !s->days_ms;
	int rc = model_apply(&s->model, r);

	if (rc < 0)
		return rc;
	s->marks_due |= marks;
	s->marks_now |= marks && r->table == TABLE_ALERT;
	if (!r->quiet && *r->text) {
		scribe_put(s, r);
		s->urgent |= r->severity >= SEV_WARNING;
	}
	if (day)
		s->days_ms = boot_ms();
	if (marks || (!r->quiet && *r->text))
		s->seen = r->sequence;
	*due |= day || marks || (!r->quiet && *r->text);
	return 0;
}

static int scribe_engine_message(void *state, struct msg *m)
{
	struct scribe *s = state;
	bool due = false;
	int r = 0;

	if (m->type == MSG_SNAPSHOT)
		return on_snapshot(s, m);
	if (m->type != MSG_RECORD || !s->loaded)
		return 0;
	for (unsigned i = 0; i < m->count && r == 0; i++)
		r = on_record(s, &m->u.records[i], &due);
	if (r == 0 && due)
		scribe_turn(s);
	return r;
}

static void scribe_config_changed(void *state)
{
	struct scribe *s = state;

	s->off = !*state_directory(s);
	s->marks_due = s->loaded;
	scribe_turn(s);
}

/* Orderly end: what is known goes to disk, unless the disk hangs. */
static void scribe_stop(void *state)
{
	struct scribe *s = state;
	struct pollfd p = {.fd = s->done_fd, .events = POLLIN};
	uint64_t end = boot_ms() + STOP_MS, n;

	s->marks_due |= s->loaded;
	for (unsigned works = 0; works < 2 && s->loaded && !s->off; works += !s->busy) {
		if (!s->busy)
			give(s, boot_ms());
		if (boot_ms() >= end || poll(&p, 1, (int)(end - boot_ms())) <= 0)
			return;
		if (read(s->done_fd, &n, sizeof(n)) == (ssize_t)sizeof(n))
			finish(s);
	}
	writer_stop(s);
}

static int scribe_start(struct role_start *start, void **ret_state)
{
	static struct scribe s;
	int r;

	s = (struct scribe){.start = start};
	s.off = !*state_directory(&s);
	(void)signal(SIGXFSZ, SIG_IGN); /* a limit is an error to be told, not an end */
	r = writer_start(&s);
	if (r == 0)
		r = sd_event_add_io(start->event, &s.done_io, s.done_fd, EPOLLIN, on_done, &s);
	if (r >= 0)
		r = sd_event_add_time(start->event, &s.timer, CLOCK_BOOTTIME, UINT64_MAX, 1, on_time, &s);
	if (r < 0)
		return r;
	*ret_state = &s;
	return 0;
}

static const struct role_ops ops = {
	.start = scribe_start,
	.engine_message = scribe_engine_message,
	.config_changed = scribe_config_changed,
	.stop = scribe_stop,
};
static const struct role_entry roles[] = {{ROLE_SCRIBE, &ops}, {}};

void role_warm_up(void)
{
	tzset(); /* gmtime_r() opens the time zone's file when nobody has */
	(void)sqlite3_initialize();
}

int main(int argc, char **argv)
{
	return role_main(argc, argv, roles);
}
