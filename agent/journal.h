/*
 * The journal: every record that is an event for people, on disk. Written by the scribe alone, read by
 * whoever asks what happened before; here is what both hold on to.
 */
#pragma once

/* In the state directory, SQLite in WAL mode. */
#define JOURNAL_FILE "journal.db"

/* Sequence numbers grow over restarts, so that they are the key. Words are CONTRACT's; array is a name, '' for none. */
#define JOURNAL_SCHEMA                                                                                   \
	"CREATE TABLE IF NOT EXISTS events("                                                             \
	"sequence INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, type TEXT NOT NULL, array TEXT NOT NULL, " \
	"severity TEXT NOT NULL, incident INTEGER NOT NULL, text TEXT NOT NULL);"                        \
	"CREATE INDEX IF NOT EXISTS events_by_time ON events(wall_ms);"

/* ?1: wall clock ms from which on. Columns: sequence, wall_ms, type, array, severity, text. */
#define JOURNAL_SINCE                                                                                    \
	"SELECT sequence, wall_ms, type, array, severity, text FROM events WHERE wall_ms >= ?1 ORDER BY sequence"
