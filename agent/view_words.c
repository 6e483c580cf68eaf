#include "agent/view_words.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

/* Within this a clock time alone is clear. */
#define SAME_DAY_MS INT64_C(72000000)

struct line line_on(char *buf, size_t size)
{
	memset(buf, 0, size);
	return (struct line){.buf = buf, .size = size};
}

void line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->len, l->size - l->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len = MIN_OF(l->len + (size_t)n, l->size - 1);
}

void line_join(struct line *l, unsigned i, unsigned n, const char *last)
{
	if (i && i + 1 == n)
		line_add(l, " %s ", last);
	else if (i)
		line_add(l, ", ");
}

const char *number_word(unsigned n, char *buf, size_t size)
{
	static const char *const words[] = {"no", "one", "two", "three", "four", "five", "six",
		"seven", "eight", "nine", "ten", "eleven", "twelve"};

	if (n < ARRAY_SIZE(words))
		return words[n];
	format_text(buf, size, "%u", n);
	return buf;
}

/* clang-format off */
static const char *const nouns[KIND_COUNT][2] = {
	[KIND_NONE] = {"component", "components"}, [KIND_DRIVE] = {"drive", "drives"},
	[KIND_CANISTER] = {"canister", "canisters"}, [KIND_PATH] = {"path", "paths"},
	[KIND_ENCLOSURE] = {"enclosure", "enclosures"}, [KIND_EXPANDER] = {"expander", "expanders"},
	[KIND_PSU] = {"power supply", "power supplies"}, [KIND_FAN] = {"fan", "fans"},
	[KIND_BATTERY] = {"battery", "batteries"}, [KIND_SENSOR] = {"sensor", "sensors"},
	[KIND_PORT] = {"port", "ports"}, [KIND_POOL] = {"pool", "pools"},
	[KIND_SYSTEM] = {"system", "systems"}, [KIND_TARGET] = {"target", "targets"},
	[KIND_CHECK] = {"check", "checks"}, [KIND_MAP] = {"multipath map", "multipath maps"},
	[KIND_NAMESPACE] = {"namespace", "namespaces"},
};
static const enum kind group_members[GROUP_KIND_COUNT] = {
	[GROUP_CANISTERS] = KIND_CANISTER, [GROUP_PATHS] = KIND_PATH, [GROUP_PSUS] = KIND_PSU,
	[GROUP_POOL] = KIND_DRIVE, [GROUP_CUSTOM] = KIND_NONE,
};
static const char *const state_phrases[STATE_COUNT] = {
	[STATE_UNKNOWN] = "is in an unknown state", [STATE_OK] = "is ok", [STATE_DEGRADED] = "is degraded",
	[STATE_SERVICE] = "is out of service", [STATE_FAILED] = "has failed", [STATE_ABSENT] = "is gone",
	[STATE_TRANSITION] = "is changing state", [STATE_UNREACHABLE] = "does not answer",
};
static const char *const verdict_phrases[VERDICT_COUNT] = {
	[VERDICT_NONE] = "Not judged yet", [VERDICT_REDUNDANT] = "Redundant", [VERDICT_SINGLE] = "Not redundant by design",
	[VERDICT_AT_RISK] = "At risk", [VERDICT_DEGRADED] = "Degraded", [VERDICT_BLIND] = "Blind",
	[VERDICT_NOT_REDUNDANT] = "Not redundant", [VERDICT_IMPENDING_LOSS] = "Impending loss",
	[VERDICT_ACCESS_LOST] = "Access lost",
};
/* clang-format on */

const char *kind_noun(enum kind k, unsigned n)
{
	return nouns[k < KIND_COUNT ? k : KIND_NONE][n != 1];
}

const char *group_noun(const struct group_row *g, unsigned n)
{
	if (g->kind >= GROUP_KIND_COUNT || g->kind == GROUP_CUSTOM)
		return n == 1 ? "member" : "members";
	return kind_noun(group_members[g->kind], n);
}

const char *state_phrase(enum state s)
{
	return word_in(state_phrases, ARRAY_SIZE(state_phrases), (size_t)s);
}

const char *verdict_phrase(enum verdict v)
{
	return word_in(verdict_phrases, ARRAY_SIZE(verdict_phrases), (size_t)v);
}

static bool wall_parts(int64_t wall_ms, struct tm *ret)
{
	time_t t = (time_t)(wall_ms / 1000);

	return wall_ms > 0 && gmtime_r(&t, ret);
}

const char *time_text(int64_t wall_ms, char *buf, size_t size)
{
	struct tm t;

	if (!wall_parts(wall_ms, &t) || !strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &t))
		copy_text(buf, size, "never");
	return buf;
}

const char *clock_text(int64_t wall_ms, char *buf, size_t size)
{
	struct tm t;

	if (!wall_parts(wall_ms, &t) || !strftime(buf, size, "%H:%M:%S", &t))
		copy_text(buf, size, "never");
	return buf;
}

const char *day_text(const struct view *v, int64_t wall_ms, char *buf, size_t size)
{
	static const char *const months[] = {"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December"};
	int64_t apart = v->wall_ms > wall_ms ? v->wall_ms - wall_ms : wall_ms - v->wall_ms;
	struct tm t;

	if (!wall_parts(wall_ms, &t) || apart < SAME_DAY_MS)
		return clock_text(wall_ms, buf, size);
	format_text(buf, size, "%d %s %d, %02d:%02d", t.tm_mday, months[t.tm_mon % 12],
		t.tm_year + 1900, t.tm_hour, t.tm_min);
	return buf;
}

const char *span_text(uint64_t ms, char *buf, size_t size)
{
	unsigned long long s = (ms + 500) / 1000;

	if (s < 90)
		format_text(buf, size, "%llu s", s);
	else if (s < 600 && s % 60)
		format_text(buf, size, "%llu min %llu s", s / 60, s % 60);
	else if (s < 3600)
		format_text(buf, size, "%llu min", s / 60);
	else if (s < 172800)
		format_text(buf, size, "%llu h %02llu min", s / 3600, s / 60 % 60);
	else
		format_text(buf, size, "%llu days", s / 86400);
	return buf;
}

void upper_first(char *s)
{
	if (*s >= 'a' && *s <= 'z')
		*s = (char)(*s - 'a' + 'A');
}

bool state_lost(enum state s)
{
	return s == STATE_SERVICE || s == STATE_FAILED || s == STATE_ABSENT ||
	       s == STATE_TRANSITION;
}

static void whole_number(double value, char *buf, size_t size)
{
	char digits[32];
	struct line l = line_on(buf, size);
	size_t n;

	format_text(digits, sizeof(digits), "%.0f", fabs(value));
	n = strlen(digits);
	if (value < 0)
		line_add(&l, "-");
	for (size_t i = 0; i < n; i++)
		line_add(&l, "%s%c", i && (n - i) % 3 == 0 ? "," : "", digits[i]);
}

static void plain_number(double value, char *buf, size_t size)
{
	if (fabs(value) < 1e15 && floor(value) == value)
		whole_number(value, buf, size);
	else
		format_text(buf, size, "%.3g", value);
}

static bool code_is_hex(unsigned fact)
{
	return fact == FACT_IE_ASC || fact == FACT_IE_ASCQ || fact == FACT_SCAN_STATUS;
}

void view_fact_value(unsigned fact, double value, char *buf, size_t size)
{
	char number[48];

	if (isnan(value) || isinf(value)) {
		copy_text(buf, size, "unknown");
		return;
	}
	plain_number(value, number, sizeof(number));
	switch (fact_info(fact)->unit) {
	case UNIT_BOOL:
		copy_text(buf, size, value != 0 ? "yes" : "no");
		return;
	case UNIT_CELSIUS:
		format_text(buf, size, "%s °C", number);
		return;
	case UNIT_HOURS:
		format_text(buf, size, "%s h", number);
		return;
	case UNIT_PERCENT:
		format_text(buf, size, "%s %%", number);
		return;
	case UNIT_BITS:
		format_text(buf, size, "0x%02llx",
			value >= 0 && value < 1e18 ? (unsigned long long)value : 0);
		return;
	case UNIT_MS:
		format_text(buf, size, "%s ms", number);
		return;
	case UNIT_CODE:
	case UNIT_ID:
		/* a code is a name: no separators in it */
		if (value < 0 || value > 1e9)
			copy_text(buf, size, number);
		else if (code_is_hex(fact))
			format_text(buf, size, "0x%02x", (unsigned)value);
		else
			format_text(buf, size, "%u", (unsigned)value);
		return;
	case UNIT_COUNT:
	case UNIT_KINDS:
		break;
	}
	copy_text(buf, size, number);
}
