#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "agent/scribe.h"

static struct scribe_result carry_out(struct journal *j, const struct scribe_work *w)
{
	struct scribe_result r = {};
	int rc = 0;

	/* SQLite goes on writing into a file that has no name any more */
	if (j->db && journal_displaced(j, w->directory))
		journal_close(j);
	if (!j->db)
		rc = journal_open(j, w->directory, r.error, sizeof(r.error));
	r.aside = j->aside;
	j->aside = false;
	if (rc == 0 && w->n)
		rc = journal_write(j, w->events, w->n, w->durable, w->directory, r.error, sizeof(r.error));
	if (rc == 0 && w->settle)
		rc = journal_settle(j, w->directory, r.error, sizeof(r.error));
	r.journal = rc;
	r.synced = rc == 0 && (w->durable || w->settle);
	if (w->marks)
		r.marks = file_replace(w->directory, "marks.json", w->marks, r.error, sizeof(r.error));
	/* a database that failed is opened afresh: its handle may be bound to a file that is gone */
	if (rc < 0 && rc != -ENOSPC)
		journal_close(j);
	return r;
}

static void *writer(void *arg)
{
	struct scribe *s = arg;
	struct journal journal = {};
	struct scribe_result result;
	struct scribe_work work;
	uint64_t one = 1;

	(void)pthread_mutex_lock(&s->lock);
	s->running = true;
	(void)pthread_cond_broadcast(&s->wake);
	while (!s->quit) {
		if (!s->has_work) {
			(void)pthread_cond_wait(&s->wake, &s->lock);
			continue;
		}
		work = s->work;
		(void)pthread_mutex_unlock(&s->lock);
		result = carry_out(&journal, &work);
		(void)pthread_mutex_lock(&s->lock);
		s->result = result;
		s->has_work = false;
		(void)!write(s->done_fd, &one, sizeof(one));
	}
	(void)pthread_mutex_unlock(&s->lock);
	journal_close(&journal);
	return NULL;
}

int writer_start(struct scribe *s)
{
	sigset_t all, old;
	int r;

	s->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->done_fd < 0)
		return -errno;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->wake, NULL);
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	r = -pthread_create(&s->thread, NULL, writer, s);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r < 0)
		return r;
	/* until it runs: what a thread's beginning asks of the kernel is not on the role's list */
	(void)pthread_mutex_lock(&s->lock);
	while (!s->running)
		(void)pthread_cond_wait(&s->wake, &s->lock);
	(void)pthread_mutex_unlock(&s->lock);
	return 0;
}

void writer_give(struct scribe *s, const struct scribe_work *w)
{
	(void)pthread_mutex_lock(&s->lock);
	s->work = *w;
	s->has_work = true;
	(void)pthread_cond_broadcast(&s->wake);
	(void)pthread_mutex_unlock(&s->lock);
}

void writer_stop(struct scribe *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->quit = true;
	(void)pthread_cond_broadcast(&s->wake);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
}
