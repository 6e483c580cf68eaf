#include "probes/nagios.h"

#include <ctype.h>
#include <math.h>

enum { TOKEN_MAX = 256, LABEL_MAX = 128, UNIT_MAX = 8, NUMBER_MAX = 32 };

static const double VALUE_LARGEST = 1e18, LEAST_KNOWN = -1000;

/* Guidelines, "Plugin Return Codes": what a status is called, and what it says of what it is about. */
static const struct {
	const char *word;
	uint8_t state;
} statuses[NAGIOS_STATUSES] = {
	[NAGIOS_OK] = {"OK", STATE_OK},
	[NAGIOS_WARNING] = {"WARNING", STATE_DEGRADED},
	[NAGIOS_CRITICAL] = {"CRITICAL", STATE_FAILED},
	[NAGIOS_UNKNOWN] = {"unknown", STATE_UNKNOWN},
};

/* Guidelines, "Performance data": units; multiples are powers of 1000 there and 1024 in most plugins. */
static const struct {
	const char *unit, *suffix;
	double scale;
} units[] = {
	{"", "", 1},
	{"s", "_seconds", 1},
	{"ms", "_seconds", 1e-3},
	{"us", "_seconds", 1e-6},
	{"ns", "_seconds", 1e-9},
	{"%", "_percent", 1},
	{"B", "_bytes", 1},
	{"KB", "_bytes", 1024},
	{"MB", "_bytes", 1024.0 * 1024},
	{"GB", "_bytes", 1024.0 * 1024 * 1024},
	{"TB", "_bytes", 1024.0 * 1024 * 1024 * 1024},
	{"PB", "_bytes", 1024.0 * 1024 * 1024 * 1024 * 1024},
	{"c", "_total", 1},
};

struct perfdata {
	struct reading *r;
	unsigned dropped;
};

/* "Size on /var" -> "size_on_var"; "" when nothing is left. */
static void fact_name(const char *label, const char *suffix, char *name, size_t size)
{
	size_t n = 0, room = size - 1 - strlen(suffix);

	memset(name, 0, size);
	for (; *label && n < room; label++)
		if (isalnum((unsigned char)*label))
			name[n++] = (char)tolower((unsigned char)*label);
		else if (n && name[n - 1] != '_')
			name[n++] = '_';
	while (n && name[n - 1] == '_')
		name[--n] = '\0';
	n = n >= strlen(suffix) && text_equal(name + n - strlen(suffix), suffix) ? 0 : n;
	if (n)
		memcpy(name + n, suffix, strlen(suffix));
}

/* "12.5ms": the number and what follows it. */
static bool take_number(const char *text, double *ret, const char **ret_rest)
{
	char number[NUMBER_MAX];
	size_t n = strspn(text, "+-.0123456789");
	char *end;

	if (!n || n >= sizeof(number))
		return false;
	memcpy(number, text, n);
	number[n] = '\0';
	*ret = strtod(number, &end);
	*ret_rest = text + n;
	return !*end && isfinite(*ret) && fabs(*ret) < VALUE_LARGEST;
}

/* label=value[unit];[warn];[crit];[min];[max]; "U" is a value that the plugin could not find out. */
static bool take_value(struct reading *r, const char *label, char *value)
{
	char name[CUSTOM_NAME];
	const char *unit;
	double number;

	value[strcspn(value, ";")] = '\0';
	if (text_equal(value, "U"))
		return true;
	if (!take_number(value, &number, &unit))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(units[i].unit, unit) != 0)
			continue;
		fact_name(label, units[i].suffix, name, sizeof(name));
		/* under a name of ours it must be a value that such a fact can have */
		if (fact_from_name(name) && number * units[i].scale <= LEAST_KNOWN)
			return false;
		return name[0] && reading_add_named(r, name, number * units[i].scale);
	}
	return false;
}

/* 'a label' may be quoted, and '' in it is one quote. Returns what follows the label. */
static const char *take_label(const char *at, const char *end, char *label, size_t size)
{
	bool quoted = at < end && *at == '\'';
	size_t n = 0;

	for (at += quoted; at < end; at++) {
		if (quoted && *at == '\'' && !(at + 1 < end && at[1] == '\''))
			break;
		if (!quoted && (*at == '=' || isspace((unsigned char)*at)))
			break;
		at += quoted && *at == '\'';
		if (n + 1 < size)
			label[n++] = *at;
	}
	label[n] = '\0';
	return at < end ? at + quoted : at;
}

static void take_perfdata(struct perfdata *p, const char *at, const char *end)
{
	while (at < end) {
		char label[LABEL_MAX], value[TOKEN_MAX];
		size_t n = 0;
		bool is_value;

		if (isspace((unsigned char)*at) || !*at) {
			at++;
			continue;
		}
		at = take_label(at, end, label, sizeof(label));
		is_value = at < end && *at == '=';
		for (at += is_value; at < end && !isspace((unsigned char)*at); at++)
			if (n + 1 < sizeof(value))
				value[n++] = *at;
		value[n] = '\0';
		p->dropped += !is_value || !take_value(p->r, label, value);
	}
}

static const char *find(const char *at, const char *end, char c)
{
	const char *found = at < end ? memchr(at, c, (size_t)(end - at)) : NULL;

	return found ? found : end;
}

/* Lines of text go behind one another, "; " between them. */
static void take_text(char *text, size_t size, const char *at, const char *end)
{
	while (at < end) {
		const char *line = at, *stop = find(at, end, '\n');
		char clean[sizeof(((struct reading *)NULL)->message)];
		size_t len = strlen(text);

		at = stop + (stop < end);
		copy_device_text(clean, sizeof(clean), line, (size_t)(stop - line));
		if (clean[0])
			format_text(text + len, size - len, "%s%s", len ? "; " : "", clean);
	}
}

/* The first line, then long text up to the next '|', then nothing but performance data. */
static void take_output(struct reading *r, const char *text, size_t len)
{
	const char *end = text + len, *line = find(text, end, '\n'), *bar = find(text, line, '|'),
		   *more = find(line, end, '|');
	char note[56] = "", said[sizeof(r->message)] = "";
	struct perfdata p = {.r = r};

	take_text(said, sizeof(said), text, bar);
	take_text(said, sizeof(said), line, more);
	take_perfdata(&p, bar + (bar < line), line);
	take_perfdata(&p, more + (more < end), end);
	if (p.dropped)
		format_text(note, sizeof(note), " (performance data left out: %u)", p.dropped);
	format_text(r->message, sizeof(r->message), "%.*s%s",
		(int)(sizeof(r->message) - 1 - strlen(note)), said, note);
}

static bool is_blank(const char *text, size_t len)
{
	while (len && (isspace((unsigned char)text[len - 1]) || !text[len - 1]))
		len--;
	return !len;
}

enum outcome nagios_parse(
	int status, const char *text, size_t len, struct reading *r, char *why, size_t size)
{
	if (status < 0 || status >= NAGIOS_STATUSES) {
		format_text(why, size, "it ended with exit status %d: a plugin says 0 to 3", status);
		return OUTCOME_ERROR;
	}
	if (is_blank(text, len)) {
		format_text(why, size, "it ended with exit status %d and printed nothing", status);
		return OUTCOME_SHORT;
	}
	r->outcome = OUTCOME_OK;
	r->state = statuses[status].state;
	copy_text(r->raw, sizeof(r->raw), statuses[status].word);
	if (r->state == STATE_UNKNOWN && r->kind != KIND_CHECK)
		r->state = STATE_UNREACHABLE; /* it asked for us and got no answer */
	reading_add(r, FACT_PLUGIN_STATUS, status);
	take_output(r, text, len);
	copy_text(why, size, "");
	return OUTCOME_OK;
}
