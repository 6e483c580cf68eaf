/* journal.db: events for people, in SQLite. Only the writer thread calls this. */
#pragma once
#include <sqlite3.h>
#include <sys/types.h>

#include "agent/model.h"

/* What one record says to people. */
struct scribe_event {
	uint64_t sequence;
	int64_t wall_ms;
	uint16_t type;
	uint8_t severity;
	uint32_t incident;        /* number, 0 none */
	char array[32];
	char text[TEXT_MAX];
};

struct journal {
	sqlite3 *db;
	sqlite3_stmt *insert;
	uint64_t inserted;        /* since pruned */
	bool aside;               /* a file that was no database was kept aside, and nobody was told yet */
	dev_t device;             /* of the file that was opened, with its number */
	ino_t file;
};

/**
 * journal_open() - open or make DIR/journal.db
 * @error: at least 128 bytes; why not, for people
 *
 * A file that is no database is kept aside as journal.db.bad and a new one begun.
 * Return: 0, -errno.
 */
must_check int journal_open(struct journal *j, const char *directory, char *error, size_t size);
void journal_close(struct journal *j);
/** journal_displaced() - DIR/journal.db is no longer the file that is open: removed, replaced, another folder */
bool journal_displaced(const struct journal *j, const char *directory);
/**
 * journal_write() - one transaction
 * @durable: on disk before it returns (else within journal_settle())
 */
must_check int journal_write(struct journal *j, const struct scribe_event *events, uint32_t n, bool durable,
	const char *directory, char *error, size_t size);
/** journal_settle() - make everything written so far durable */
must_check int journal_settle(struct journal *j, const char *directory, char *error, size_t size);

/* scribe_file.c */
/** file_replace() - temporary file, fsync, rename, fsync of the directory; 0, -errno and @error */
must_check int file_replace(const char *directory, const char *name, const char *text, char *error, size_t size);
/** disk_error() - what @error of @what under @directory means for people and what they can do */
void disk_error(int error, const char *what, const char *directory, char *buf, size_t size);
