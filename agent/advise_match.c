#include "agent/advise_match.h"

#include <ctype.h>

enum { LIMIT_MAX = 24 };

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

bool advisory_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = text;

	/* only the last star can still give: the length of both texts bounds this */
	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (*pattern && (*pattern == '?' || same_letter(*pattern, *text))) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static size_t digits(const char *t)
{
	size_t n = 0;

	while (isdigit((unsigned char)t[n]))
		n++;
	return n;
}

/* Two runs of digits of any length, leading zeros apart. */
static int compare_numbers(const char *a, size_t na, const char *b, size_t nb)
{
	while (na > 1 && *a == '0') {
		a++;
		na--;
	}
	while (nb > 1 && *b == '0') {
		b++;
		nb--;
	}
	if (na != nb)
		return na < nb ? -1 : 1;
	return strncmp(a, b, na);
}

enum version_order version_compare(const char *a, const char *b)
{
	while (*a && *b) {
		size_t na = digits(a), nb = digits(b);
		int order = na && nb ? compare_numbers(a, na, b, nb) : 0;

		if (order)
			return order < 0 ? VERSION_LESS : VERSION_MORE;
		if (!na != !nb || (!na && !same_letter(*a, *b)))
			return VERSION_OTHER;
		a += na ? na : 1;
		b += nb ? nb : 1;
	}
	if (!*a && !*b)
		return VERSION_SAME;
	return *a ? VERSION_MORE : VERSION_LESS;
}

/* One limit: what may stand before the version, and the orders that it allows. */
static const struct {
	const char *sign;
	uint32_t orders;
} signs[] = {
	{"<=", 1u << VERSION_LESS | 1u << VERSION_SAME},
	{">=", 1u << VERSION_MORE | 1u << VERSION_SAME},
	{"<", 1u << VERSION_LESS},
	{">", 1u << VERSION_MORE},
};

/* Return: false when there is no limit at *@at; else its orders and version, and *@at behind it. */
static bool next_limit(const char **at, uint32_t *orders, char version[LIMIT_MAX])
{
	size_t n;

	*at += strspn(*at, " ");
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		size_t len = strlen(signs[i].sign);

		if (strncmp(*at, signs[i].sign, len) != 0)
			continue;
		*at += len;
		n = strcspn(*at, " <>=");
		if (!n || n >= LIMIT_MAX)
			return false;
		memcpy(version, *at, n);
		version[n] = '\0';
		*orders = signs[i].orders;
		*at += n;
		return true;
	}
	return false;
}

enum advisory_match firmware_match(const char *entry, const char *firmware)
{
	enum advisory_match m = MATCH_YES;
	char version[LIMIT_MAX];
	uint32_t orders;

	if (*entry != '<' && *entry != '>')
		return advisory_glob(entry, firmware) ? MATCH_YES : MATCH_NO;
	while (next_limit(&entry, &orders, version)) {
		enum version_order o = version_compare(firmware, version);

		if (o == VERSION_OTHER)
			m = MATCH_UNCLEAR;
		else if (!(orders >> o & 1))
			return MATCH_NO;
	}
	return m;
}

bool firmware_entry_valid(const char *entry, char *why, size_t size)
{
	const char *at = entry;
	char version[LIMIT_MAX];
	unsigned n = 0;
	uint32_t orders;

	if (*entry != '<' && *entry != '>') {
		if (!strpbrk(entry, "<>"))
			return true;
	} else {
		while (next_limit(&at, &orders, version))
			n++;
		if (n && n <= 2 && !at[strspn(at, " ")])
			return true;
	}
	format_text(why, size,
		"'%.60s' is neither a version, a pattern with * and ?, nor limits like '<HPD8' or '>=NA50 <NA56'",
		entry);
	return false;
}

static bool any_glob(const struct config *c, cfg_text list, unsigned n, const char *text)
{
	for (unsigned i = 0; i < n; i++)
		if (advisory_glob(cfg_list(c, list, i), text))
			return true;
	return false;
}

/* A notice that names its devices by firmware alone is about none whose firmware is not known, and a version
 * that the maker calls fixed is, whatever sequence it is of. */
static bool in_doubt(const struct config *c, const struct cfg_advisory *a, const char *firmware)
{
	for (unsigned i = 0; i < a->nmodels; i++)
		if (text_equal(cfg_list(c, a->models, i), "*"))
			return false;
	return !*firmware || !any_glob(c, a->fixed, a->nfixed, firmware);
}

enum advisory_match advisory_match(const struct config *c, const struct cfg_advisory *a,
	enum kind kind, const char *vendor, const char *model, const char *firmware)
{
	enum advisory_match best = MATCH_NO;

	if (a->kind != kind || (a->nvendors && !any_glob(c, a->vendors, a->nvendors, vendor)) ||
		!any_glob(c, a->models, a->nmodels, model))
		return MATCH_NO;
	for (unsigned i = 0; i < a->nfirmware && best != MATCH_YES; i++) {
		const char *entry = cfg_list(c, a->firmware, i);
		enum advisory_match m = firmware_match(entry, firmware);

		if (!*firmware && strcmp(entry, "*") != 0)
			m = MATCH_UNCLEAR;
		best = m == MATCH_NO ? best : m;
	}
	if (best == MATCH_UNCLEAR && !in_doubt(c, a, firmware))
		return MATCH_NO;
	return best;
}

bool advisory_dated(enum advisory_trigger t)
{
	return t == ADVISORY_HOURS || t == ADVISORY_HOURS_THEN_CYCLE || t == ADVISORY_UPTIME;
}
