#include "agent/scribe_db.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PRUNE_EVERY = 1000, KEEP_ROWS = 200000, KEEP_DAYS = 400, PAGES_MAX = 65536, PAGE_BYTES = 4096 };
#define DAY_MS INT64_C(86400000)

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS events (sequence INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, type TEXT NOT NULL, "
	"array TEXT NOT NULL, severity TEXT NOT NULL, incident INTEGER NOT NULL, text TEXT NOT NULL);"
	"CREATE INDEX IF NOT EXISTS events_wall ON events (wall_ms);";

/* errno of the system call that failed, as far as SQLite lets it out. */
static int db_errno(sqlite3 *db)
{
	int code = db ? sqlite3_errcode(db) : SQLITE_NOMEM, system = db ? sqlite3_system_errno(db) : 0;

	if (code == SQLITE_FULL)
		return -ENOSPC;
	if (code == SQLITE_NOMEM)
		return -ENOMEM;
	if (code == SQLITE_READONLY)
		return -EROFS;
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return -EBADMSG;
	return system > 0 ? -system : -EIO;
}

static int db_failed(struct journal *j, const char *directory, char *error, size_t size)
{
	int r = db_errno(j->db);

	disk_error(r, "journal.db", directory, error, size);
	return r;
}

static bool run(struct journal *j, const char *sql)
{
	return sqlite3_exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool prepare(struct journal *j, const char *path)
{
	char limit[64];

	format_text(limit, sizeof(limit), "PRAGMA max_page_count=%d", PAGES_MAX);
	if (sqlite3_open_v2(path, &j->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return false;
	(void)sqlite3_busy_timeout(j->db, 2000);
	return run(j, "PRAGMA journal_mode=WAL") && run(j, "PRAGMA cache_size=64") && run(j, "PRAGMA temp_store=MEMORY") &&
		run(j, "PRAGMA wal_autocheckpoint=256") && run(j, "PRAGMA journal_size_limit=4194304") && run(j, limit) &&
		run(j, schema) &&
		sqlite3_prepare_v3(j->db, "INSERT OR IGNORE INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", -1,
			SQLITE_PREPARE_PERSISTENT, &j->insert, NULL) == SQLITE_OK;
}

static bool opened(struct journal *j, const char *path)
{
	struct stat st;

	if (!prepare(j, path) || stat(path, &st) < 0)
		return false;
	j->device = st.st_dev;
	j->file = st.st_ino;
	return true;
}

bool journal_displaced(const struct journal *j, const char *directory)
{
	char path[320];
	struct stat st;

	format_text(path, sizeof(path), "%s/journal.db", directory);
	return stat(path, &st) < 0 || st.st_dev != j->device || st.st_ino != j->file;
}

void journal_close(struct journal *j)
{
	sqlite3_finalize(j->insert);
	(void)sqlite3_close(j->db);
	*j = (struct journal){};
}

/* Files that belong together: a write-ahead log of one database must not meet another. */
static int set_aside(const char *directory)
{
	static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm"};
	char from[320], to[320];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		format_text(from, sizeof(from), "%s/%s", directory, names[i]);
		format_text(to, sizeof(to), "%s/%s.bad", directory, names[i]);
		if (rename(from, to) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

int journal_open(struct journal *j, const char *directory, char *error, size_t size)
{
	char path[320];
	int r;

	format_text(path, sizeof(path), "%s/journal.db", directory);
	if (opened(j, path))
		return 0;
	r = db_failed(j, directory, error, size);
	journal_close(j);
	if (r != -EBADMSG || set_aside(directory) < 0)
		return r;
	j->aside = true;
	if (opened(j, path))
		return 0;
	r = db_failed(j, directory, error, size);
	journal_close(j);
	j->aside = true;
	return r;
}

static bool insert(struct journal *j, const struct scribe_event *e)
{
	sqlite3_stmt *s = j->insert;
	bool ok;

	(void)sqlite3_bind_int64(s, 1, (sqlite3_int64)e->sequence);
	(void)sqlite3_bind_int64(s, 2, e->wall_ms);
	(void)sqlite3_bind_text(s, 3, record_type_text(e->type), -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 4, e->array, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(s, 5, severity_text(e->severity), -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 6, e->incident);
	(void)sqlite3_bind_text(s, 7, e->text, -1, SQLITE_STATIC);
	ok = sqlite3_step(s) == SQLITE_DONE;
	/* the reason is the step's; what reset says is the same again */
	(void)sqlite3_reset(s);
	return ok;
}

static bool prune(struct journal *j, int64_t wall_ms)
{
	char sql[256];

	if (j->inserted < PRUNE_EVERY)
		return true;
	j->inserted = 0;
	format_text(sql, sizeof(sql),
		"DELETE FROM events WHERE wall_ms < %lld OR sequence <= (SELECT sequence FROM events ORDER BY sequence DESC "
		"LIMIT 1 OFFSET %d)",
		(long long)(wall_ms - KEEP_DAYS * DAY_MS), KEEP_ROWS);
	return run(j, sql);
}

static bool transaction(struct journal *j, const struct scribe_event *events, uint32_t n)
{
	if (!run(j, "BEGIN IMMEDIATE"))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!insert(j, &events[i]))
			return false;
	j->inserted += n;
	return prune(j, n ? events[n - 1].wall_ms : 0) && run(j, "COMMIT");
}

int journal_write(struct journal *j, const struct scribe_event *events, uint32_t n, bool durable, const char *directory,
	char *error, size_t size)
{
	int r;

	if (!run(j, durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"))
		return db_failed(j, directory, error, size);
	if (transaction(j, events, n))
		return 0;
	r = db_failed(j, directory, error, size);
	if (!sqlite3_get_autocommit(j->db))
		(void)run(j, "ROLLBACK");
	return r;
}

int journal_settle(struct journal *j, const char *directory, char *error, size_t size)
{
	/* a checkpoint syncs the log before it copies, and the database after */
	if (run(j, "PRAGMA synchronous=FULL") && run(j, "PRAGMA wal_checkpoint(TRUNCATE)"))
		return 0;
	return db_failed(j, directory, error, size);
}
