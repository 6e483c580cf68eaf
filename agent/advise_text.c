/* A forecast in words for people. */
#include "agent/advise_match.h"
#include "agent/engine_parts.h"

#include <stdarg.h>
#include <stdio.h>

#define HOUR_MS   INT64_C(3600000)
#define DAY_MS    (24 * HOUR_MS)
#define MINUTE_MS INT64_C(60000)

struct line {
	char *buf;
	size_t size, used;
};

static void printf_like(2, 3) add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (l->used >= l->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->used, l->size - l->used, fmt, ap);
	va_end(ap);
	l->used += n > 0 ? (size_t)n : 0;
}

/* "23 of 24 drives", "both canisters", "all 24 drives", "1 of 2 canisters" */
static void add_who(struct line *l, const struct forecast_row *f)
{
	const char *kind = kind_text((enum kind)f->kind);

	if (f->count == f->of && f->of == 2)
		add(l, "both %ss", kind);
	else if (f->count == f->of && f->of == 1)
		add(l, "the only %s", kind);
	else if (f->count == f->of)
		add(l, "all %u %ss", f->of, kind);
	else
		add(l, "%u of %u %ss", f->count, f->of, kind);
}

static const char *verb(const struct forecast_row *f, const char *one, const char *many)
{
	return f->count == 1 ? one : many;
}

static void add_trigger(struct line *l, const struct cfg_advisory *a, const struct forecast_row *f)
{
	if (a->trigger == ADVISORY_UPTIME)
		add(l, " %s %u days of uptime", verb(f, "reaches", "reach"), a->hours / 24);
	else
		add(l, " %s %u hours of use", verb(f, "reaches", "reach"), a->hours);
	if (a->trigger == ADVISORY_HOURS_THEN_CYCLE)
		add(l, " and must not lose power then");
}

int64_t forecast_unit(int64_t left_ms, int64_t *ret_slack)
{
	int64_t size = left_ms < 0 ? -left_ms : left_ms;
	int64_t unit = size >= 2 * DAY_MS ? DAY_MS : HOUR_MS;

	/* a second short of seven days is seven days to people */
	*ret_slack = unit / 24;
	return unit;
}

/* "in 41 days", "in 7 hours", "3 days ago" */
static void add_when(struct line *l, int64_t left_ms)
{
	int64_t slack, unit = forecast_unit(left_ms, &slack);
	long long n = ((left_ms < 0 ? -left_ms : left_ms) + slack) / unit;

	if (!n)
		add(l, left_ms < 0 ? "just now" : "within the hour");
	else
		add(l, "%s%lld %s%s%s", left_ms < 0 ? "" : "in ", n,
			unit == DAY_MS ? "day" : "hour", n == 1 ? "" : "s",
			left_ms < 0 ? " ago" : "");
}

void spread_text(char *buf, size_t size, int64_t spread_ms, bool minutes)
{
	long long tens = (spread_ms + 9 * MINUTE_MS) / (10 * MINUTE_MS) * 10;

	if (spread_ms < HOUR_MS && minutes && tens < 60)
		format_text(buf, size, "within %lld minutes", MAX_OF(tens, 10LL));
	else if (spread_ms <= HOUR_MS)
		format_text(buf, size, "within an hour");
	else if (spread_ms <= 2 * DAY_MS)
		format_text(buf, size, "within %lld hours",
			(long long)((spread_ms + HOUR_MS - 1) / HOUR_MS));
	else
		format_text(buf, size, "within %lld days",
			(long long)((spread_ms + DAY_MS - 1) / DAY_MS));
}

static void add_dates(struct line *l, const struct engine *e, const struct forecast_row *f,
	const struct cohort_dates *c)
{
	/* uptime runs from boot: they go as far apart as they were booted */
	const char *booted = f->trigger == ADVISORY_UPTIME ? " booted" : "";
	char spread[32];

	add(l, ": %s", f->count > 1 ? "first " : "");
	add_when(l, f->first_wall_ms - e->wall_ms);
	if (c->dated < 2)
		return;
	if (c->dated == f->count && f->cohort == f->count) {
		spread_text(spread, sizeof(spread), f->last_wall_ms - f->first_wall_ms, c->minutes);
		add(l, ", all%s %s", booted, spread);
	} else if (f->cohort > 1) {
		spread_text(spread, sizeof(spread), c->spread_ms, c->minutes);
		add(l, ", %u%s %s", f->cohort, booted, spread);
	}
}

/* What to do when the advisory itself does not say: bring the fixed version, or keep them apart. */
static void add_action(struct line *l, const struct engine *e, const struct cfg_advisory *a)
{
	bool drive = a->kind == KIND_DRIVE;

	if (a->action)
		add(l, "%s", cfg_str(e->config, a->action));
	else if (a->nfixed)
		add(l, "Update to firmware %s%s, %s", cfg_str(e->config, a->fixed),
			advisory_dated((enum advisory_trigger)a->trigger) ? " before that" : "",
			drive ? "never two drives of one group at once." : "one at a time.");
	else if (a->trigger == ADVISORY_UPTIME)
		add(l, "Restart one at a time, a day apart, before that.");
	else if (drive)
		add(l, "Replace them one after the other; ask the maker for a firmware.");
	else
		add(l, "Ask the maker for a fixed version.");
}

void forecast_text(const struct engine *e, const struct cfg_advisory *a, struct forecast_row *f,
	const struct cohort_dates *dates)
{
	char text[256] = "", action[256] = "";
	struct line l = {text, sizeof(text), 0}, act = {action, sizeof(action), 0};

	if (dates->unclear == f->count) {
		add(&l, "nobody can tell whether the firmware of ");
		add_who(&l, f);
		add(&l, " is concerned");
	} else {
		add_who(&l, f);
		if (dates->dated) {
			add_trigger(&l, a, f);
			add_dates(&l, e, f, dates);
		} else {
			add(&l, ": %s", cfg_str(e->config, a->effect));
		}
	}
	add_action(&act, e, a);
	copy_text(f->text, sizeof(f->text), text);
	copy_text(f->action, sizeof(f->action), action);
	copy_text(f->effect, sizeof(f->effect), cfg_str(e->config, a->effect));
	copy_text(f->source, sizeof(f->source), cfg_str(e->config, a->source));
}

void forecast_cause(const struct forecast_row *f, char *buf, size_t size)
{
	size_t n = strcspn(f->text, ":");

	format_text(buf, size, "%.*s", (int)n, f->text);
}
