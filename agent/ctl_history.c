#include "agent/ctl_history.h"

#include <sqlite3.h>
#include <unistd.h>

#include "agent/journal.h"

#define STATE_DEFAULT "/var/lib/ballast"

static void closedb(sqlite3 **db)
{
	sqlite3_close_v2(*db);
}

static void finish(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}

static const char *column(sqlite3_stmt *s, int i)
{
	const unsigned char *t = sqlite3_column_text(s, i);

	return t ? (const char *)t : "";
}

static int cannot_read(struct ctl *c, const char *path, const char *why)
{
	return ctl_error(c, CTL_UNKNOWN,
		"older events are in the journal, and %s cannot be read: %s; call it as root or "
		"name the state directory with --state",
		path, why);
}

/* Named by the caller, else what the running ballastd uses, else where it is by default. */
static const char *state_directory(struct ctl *c)
{
	const char *env = getenv("BALLAST_STATE");
	const struct self_row *s;

	if (c->option[OPT_STATE])
		return c->option[OPT_STATE];
	if (env && env[0])
		return env;
	if (!self_count(&c->model)) {
		c->quiet = true;
		(void)ctl_follow(c);
		c->quiet = false;
	}
	s = self_at(&c->model, 0);
	return s && s->state_directory[0] ? s->state_directory : STATE_DEFAULT;
}

int ctl_history(struct ctl *c, int64_t since_wall_ms, ctl_past *each, void *ctx)
{
	cleanup_(closedb) sqlite3 *db = NULL;
	cleanup_(finish) sqlite3_stmt *s = NULL;
	const char *dir = state_directory(c);
	char path[512];
	int r;

	format_text(path, sizeof(path), "%s/" JOURNAL_FILE, dir);
	if (access(path, R_OK) < 0)
		return cannot_read(c, path,
			access(dir, X_OK) < 0 ? "no leave, or no such directory"
					      : "no journal is there");
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return cannot_read(c, path, db ? sqlite3_errmsg(db) : "out of memory");
	sqlite3_busy_timeout(db, 2000);
	if (sqlite3_prepare_v2(db, JOURNAL_SINCE, -1, &s, NULL) != SQLITE_OK)
		return cannot_read(c, path, sqlite3_errmsg(db));
	sqlite3_bind_int64(s, 1, since_wall_ms);
	while ((r = sqlite3_step(s)) == SQLITE_ROW) {
		const struct past p = {.sequence = (uint64_t)sqlite3_column_int64(s, 0),
			.wall_ms = sqlite3_column_int64(s, 1),
			.type = column(s, 2),
			.array = column(s, 3),
			.severity = severity_from_text(column(s, 4)),
			.text = column(s, 5)};

		each(c, &p, ctx);
	}
	return r == SQLITE_DONE ? 0 : cannot_read(c, path, sqlite3_errmsg(db));
}
