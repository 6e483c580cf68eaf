/*
 * The scribe: the only one that writes to disk. The main thread follows the log and never touches a file;
 * a writer thread does, and may hang for ever without anyone noticing but the journal's state.
 */
#pragma once
#include <pthread.h>
#include <systemd/sd-event.h>

#include "agent/role.h"
#include "agent/scribe_db.h"

enum { SCRIBE_WAITING = 4096 };

/* What the writer is asked to do, and what came of it; guarded by scribe.lock. */
struct scribe_work {
	struct scribe_event *events;  /* in order */
	uint32_t n;
	char *marks;                  /* text for marks.json; NULL: none this time */
	bool durable;                 /* an event of warning or above is among them */
	bool settle;                  /* make what was written before durable */
	uint64_t sequence;            /* everything up to here is in this or an earlier work */
	char directory[256];
};

struct scribe_result {
	int journal, marks;           /* 0 or -errno */
	bool synced;
	char error[128];
	bool aside;               /* a journal that was no database was kept aside */
};

struct scribe {
	struct role_start *start;
	struct model model;
	bool loaded, off;             /* off: no state directory */

	struct scribe_event *waiting; /* the first .given are with the writer; bounded, see scribe_queue.c */
	uint32_t nwaiting, capacity, given, dropped;
	bool urgent;                  /* a warning or worse waits */
	bool marks_due, marks_now, marks_given;
	uint64_t seen;                /* newest record that must reach the disk */
	uint64_t durable;             /* newest that has, with everything before it */
	uint64_t unsettled_ms;        /* since when something is written that a power cut could take; 0 */
	uint64_t events_ms, marks_ms; /* when the last were given */
	uint64_t days_ms;             /* since when a drive's new day is not in the marks; 0: all are */

	uint64_t started_ms, retry_ms; /* of the work under way; when to try again after a failure */
	bool busy, hung;
	char error[128];              /* why it fails; empty: it does not */
	struct journal_report told;
	uint64_t told_ms;
	sd_event_source *timer, *done_io;

	/* shared with the writer, under .lock */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool running, has_work, quit;
	struct scribe_work work;
	struct scribe_result result;
	int done_fd;                  /* eventfd */
};

/* scribe.c */
/** scribe_turn() - give the writer what is due, report, and set the timer */
void scribe_turn(struct scribe *s);

/* scribe_queue.c */
/** scribe_put() - keep one event until it is written; when full the least important, oldest goes, counted */
void scribe_put(struct scribe *s, const struct record *r);

/* scribe_writer.c: the thread */
must_check int writer_start(struct scribe *s);
/** writer_give() - hand over; only when it is not busy */
void writer_give(struct scribe *s, const struct scribe_work *w);
/** writer_stop() - end it when it is idle; a thread that hangs in the disk is left where it is */
void writer_stop(struct scribe *s);
