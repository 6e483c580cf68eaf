/*
 * The journal as its readers know it: every record that is an event for people. Only the scribe writes
 * it, and scribe_db.c says how; a test reads with this what that has written.
 */
#pragma once

/* In the state directory, SQLite in WAL mode. */
#define JOURNAL_FILE "journal.db"

/* ?1: wall clock ms from which on. Columns: sequence, wall_ms, type, array, severity, text. */
#define JOURNAL_SINCE                                                                                    \
	"SELECT sequence, wall_ms, type, array, severity, text FROM events WHERE wall_ms >= ?1 ORDER BY sequence"
