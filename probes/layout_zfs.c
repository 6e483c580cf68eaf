/* ZFS pools from the text of zpool status -PL (OpenZFS, cmd/zpool/zpool_main.c: status_callback()). Pure. */
#include "probes/layout.h"

#include <ctype.h>
#include <stdio.h>

enum { LINE = 512, DEPTHS = 8, GONE = -1 };
enum section { SECTION_NONE, SECTION_DATA, SECTION_BESIDE, SECTION_SPARES };

struct zfs_text {
	struct layout_pool p;
	void (*pool)(const struct layout_pool *p, void *arg);
	void *arg;
	enum section section;
	bool open, config, ended, resilver, lost, scan;
	char trouble[48],
		errors[48];      /* the first that was not understood; what is broken in the data */
	char parent[DEPTHS][32]; /* the vdev above, by depth */
	unsigned nth[DEPTHS];    /* so many children it had */
	bool stale[DEPTHS];      /* below a side of a replacement that is not filled yet */
	unsigned parity[LAYOUT_SETS];
	unsigned fewest; /* parity of the weakest top-level vdev */
};

struct word {
	const char *text;
	int value;
};

/* clang-format off */
/* zpool_state_to_name(); SUSPENDED stands in a pool's own line only */
static const struct word states[] = {
	{"ONLINE", STATE_OK}, {"DEGRADED", STATE_DEGRADED}, {"FAULTED", STATE_FAILED}, {"OFFLINE", STATE_FAILED},
	{"UNAVAIL", STATE_FAILED}, {"REMOVED", STATE_FAILED}, {"SUSPENDED", STATE_FAILED},
};
static const struct word spares[] = {
	{"AVAIL", 1}, {"INUSE", 0}, {"FAULTED", 0}, {"OFFLINE", 0}, {"UNAVAIL", 0}, {"REMOVED", 0},
};
/* special and dedup hold what exists once: losing one loses the pool, losing a log or a cache does not */
static const struct word classes[] = {
	{"special", SECTION_DATA}, {"dedup", SECTION_DATA}, {"logs", SECTION_BESIDE}, {"cache", SECTION_BESIDE},
	{"spares", SECTION_SPARES},
};
/* clang-format on */

static int value_of(const struct word *words, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i].text, text))
			return words[i].value;
	return GONE;
}
#define VALUE_OF(words, text) value_of(words, ARRAY_SIZE(words), text)

static void trouble(struct zfs_text *z, const char *what)
{
	if (!z->trouble[0])
		copy_device_text(
			z->trouble, sizeof(z->trouble), what[0] ? what : "empty", strlen(what));
	if (!z->trouble[0])
		copy_text(z->trouble, sizeof(z->trouble), "?");
}

static void say(struct layout_pool *p, enum state s, const char *raw)
{
	p->state = (uint8_t)s;
	copy_text(p->raw, sizeof(p->raw), raw);
}

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* How many losses a vdev takes: "raidz2-0" 2, "draid1:4d:6c:1s-0" 1; a mirror all but one, which is told by 99. */
static int parity_of(const char *vdev)
{
	const char *digit = starts(vdev, "raidz")   ? vdev + 5
			    : starts(vdev, "draid") ? vdev + 5
						    : NULL;

	if (starts(vdev, "mirror-"))
		return 99;
	if (!digit || *digit < '1' || *digit > '3' || digit[1] != (vdev[0] == 'r' ? '-' : ':'))
		return GONE;
	return *digit - '0';
}

static bool is_pair(const char *vdev)
{
	return starts(vdev, "replacing-") || starts(vdev, "spare-");
}

/* A device, one that is only a number any more, or a spare spread over a draid. */
static bool is_leaf(const char *vdev)
{
	return vdev[0] == '/' || (vdev[0] && strspn(vdev, "0123456789") == strlen(vdev)) ||
	       (starts(vdev, "draid") && isdigit((unsigned char)vdev[5]) && vdev[6] == '-');
}

static void begin_set(struct zfs_text *z, const char *vdev, int parity)
{
	struct layout_set *s;

	if (z->p.nsets == LAYOUT_SETS) {
		trouble(z, "more vdevs than can be held");
		return;
	}
	s = &z->p.sets[z->p.nsets];
	z->parity[z->p.nsets++] = (unsigned)parity;
	format_text(s->name, sizeof(s->name), "%.*s%.8s", (int)strcspn(vdev, ":-"), vdev,
		strrchr(vdev, '-') ? strrchr(vdev, '-') : "");
	if (!z->p.model[0] || parity < (int)z->fewest)
		format_text(z->p.model, sizeof(z->p.model), "zfs %.*s",
			is_leaf(vdev) ? 4 : (int)strcspn(vdev, ":-"),
			is_leaf(vdev) || is_pair(vdev) ? "disk" : vdev);
	z->fewest = MIN_OF(z->fewest, (unsigned)parity);
}

static void begin_leg(struct zfs_text *z)
{
	struct layout_leg *l = &z->p.legs[z->p.nlegs];

	if (z->p.nlegs == LAYOUT_LEGS || !z->p.nsets) {
		trouble(z, "more devices than can be held");
		return;
	}
	z->p.nlegs++;
	*l = (struct layout_leg){.state = LEG_LOST, .set = (uint8_t)(z->p.nsets - 1)};
	z->p.sets[l->set].members++;
}

/* The best of those that stand in one place: the old disk as long as it reads, then its stand-in. */
static void fill_leg(struct zfs_text *z, const char *vdev, int state, bool filling)
{
	struct layout_leg *l = z->p.nlegs ? &z->p.legs[z->p.nlegs - 1] : NULL;
	uint8_t now = (uint8_t)(state != STATE_OK && state != STATE_DEGRADED ? LEG_LOST
				: filling                                    ? LEG_REBUILDING
									     : LEG_SERVING);

	if (!l || (l->node[0] && (l->state == LEG_SERVING || now == LEG_LOST)))
		return;
	if (l->state == LEG_REBUILDING && now != LEG_SERVING)
		return;
	l->state = now;
	copy_text(l->node, sizeof(l->node), starts(vdev, "/dev/") ? vdev + 5 : vdev);
}

/* Within a vdev: a leg, or what stands in a leg's place. */
static void inner_row(
	struct zfs_text *z, unsigned depth, const char *vdev, int state, const char *note)
{
	unsigned nth = z->nth[depth - 1]++;
	const char *parent = z->parent[depth - 1];
	bool leaf = is_leaf(vdev), top = depth == 1 || (depth == 2 && parity_of(parent) != GONE);

	/* a new disk holds nothing until its "replacing" is gone, a spare until no copy runs, whatever their words */
	z->stale[depth] =
		!top && (z->stale[depth - 1] ||
				(nth && (starts(parent, "replacing-") ||
						(starts(parent, "spare-") && z->resilver))));
	if ((!leaf && !is_pair(vdev)) || (!top && !is_pair(parent))) {
		trouble(z, vdev);
		return;
	}
	if (top)
		begin_leg(z);
	if (leaf)
		fill_leg(z, vdev, state, z->stale[depth] || strstr(note, "resilver"));
}

static void data_row(
	struct zfs_text *z, unsigned depth, const char *vdev, const char *word, const char *note)
{
	int state = VALUE_OF(states, word), parity = parity_of(vdev);

	if (state == GONE || !strcmp(word, "SUSPENDED")) {
		trouble(z, word);
		return;
	}
	z->nth[depth] = 0;
	copy_text(z->parent[depth], sizeof(z->parent[depth]), vdev);
	if (depth == 1) {
		begin_set(z, vdev, MAX_OF(parity, 0));
		z->lost |= state == STATE_FAILED;
	}
	if (depth > 1 || parity == GONE)
		inner_row(z, depth, vdev, state, note);
}

/* "\t    /dev/sda1  ONLINE  0 0 0  (resilvering)": two blanks a level below the pool. */
static void config_row(struct zfs_text *z, const char *line)
{
	unsigned blanks = (unsigned)strspn(line + 1, " "), depth = blanks / 2;
	char vdev[128] = "", word[24] = "";
	int words = sscanf(line + 1, "%127s %23s", vdev, word), n;

	if (words < 1 || !strcmp(vdev, "NAME"))
		return;
	if (blanks % 2 || depth >= DEPTHS) {
		trouble(z, line + 1);
	} else if (!depth && words == 1) {
		n = VALUE_OF(classes, vdev);
		z->section = n == GONE ? SECTION_NONE : (enum section)n;
		if (n == GONE)
			trouble(z, vdev);
	} else if (!depth) {
		z->section = SECTION_DATA;
		if (VALUE_OF(states, word) == GONE)
			trouble(z, word);
	} else if (z->section == SECTION_SPARES) {
		n = VALUE_OF(spares, word);
		if (n == GONE)
			trouble(z, word);
		z->p.spares = (uint16_t)(z->p.spares + (n > 0));
	} else if (z->section == SECTION_DATA) {
		data_row(z, depth, vdev, word, line + 1);
	} else if (z->section == SECTION_NONE) {
		trouble(z, vdev);
	}
}

static void count_needs(struct zfs_text *z)
{
	for (unsigned i = 0; i < z->p.nsets; i++) {
		struct layout_set *s = &z->p.sets[i];
		unsigned left = 0, parity = z->parity[i] == 99 ? s->members - 1u : z->parity[i];
		char part[sizeof(s->name)];

		if (!s->members || parity >= s->members) {
			trouble(z, "a vdev without its devices");
			return;
		}
		for (unsigned k = 0; k < z->p.nlegs; k++)
			left += z->p.legs[k].set == i && z->p.legs[k].state != LEG_LOST;
		s->need = (uint16_t)(s->members - parity);
		z->lost |= left < s->need;
		z->p.parity = (uint16_t)(i ? MIN_OF(z->p.parity, parity) : parity);
		copy_text(part, sizeof(part), z->p.nsets > 1 ? s->name : "");
		layout_name(s->name, sizeof(s->name), z->p.name, part);
	}
}

static void judge(struct zfs_text *z, unsigned lost, unsigned filling)
{
	struct layout_pool *p = &z->p;
	char raw[48];

	if (p->state == STATE_FAILED)
		return;
	if (z->lost)
		say(p, STATE_FAILED, "a top-level vdev is lost");
	else if (z->errors[0] && p->state != STATE_UNKNOWN)
		say(p, STATE_DEGRADED, z->errors);
	else if (p->state != STATE_UNKNOWN && (lost || filling || z->resilver)) {
		format_text(raw, sizeof(raw), "degraded, %u of %u missing%s", lost + filling,
			p->nlegs, z->resilver ? ", resilver" : "");
		say(p, STATE_DEGRADED, raw);
	} else if (p->state == STATE_OK && (z->trouble[0] || !z->ended || !p->nlegs))
		say(p, STATE_UNKNOWN, z->trouble[0] ? z->trouble : "cut short");
}

/* True when it was understood whole. A pool that does not run has no line of errors. */
static bool end_pool(struct zfs_text *z)
{
	unsigned lost = 0, filling = 0;
	bool whole;

	if (!z->open)
		return true;
	z->open = false;
	if (!z->trouble[0] && (z->ended || z->p.state == STATE_FAILED))
		count_needs(z);
	for (unsigned k = 0; k < z->p.nlegs; k++) {
		lost += z->p.legs[k].state == LEG_LOST;
		filling += z->p.legs[k].state == LEG_REBUILDING;
	}
	whole = !z->trouble[0] && (z->ended || z->p.state == STATE_FAILED);
	judge(z, lost, filling);
	if (!whole)
		z->p.nsets = 0;
	format_text(z->p.message, sizeof(z->p.message), "%s over %u, %u serve, %u spare.",
		z->p.model, z->p.nlegs, z->p.nlegs - lost - filling, z->p.spares);
	z->pool(&z->p, z->arg);
	return whole;
}

static void begin_pool(struct zfs_text *z, const char *name)
{
	char whole[LINE + 8];

	*z = (struct zfs_text){
		.pool = z->pool, .arg = z->arg, .open = true, .fewest = 99, .p.rebuild_pct = -1};
	format_text(whole, sizeof(whole), "zfs-%s", name);
	layout_name(z->p.name, sizeof(z->p.name), whole, "");
	if (!name[0])
		trouble(z, "a pool without a name");
	say(&z->p, STATE_UNKNOWN, "no state");
}

/* "  12.5G resilvered, 39.06% done, 01:02:03 to go"; the least of several. */
static void progress(struct zfs_text *z, const char *line)
{
	const char *end = strstr(line, "% done"), *at = end;
	unsigned long n;

	if (!end || !z->resilver || !z->scan)
		return;
	while (at > line && (isdigit((unsigned char)at[-1]) || at[-1] == '.'))
		at--;
	n = at < end ? strtoul(at, NULL, 10) : 101;
	if (n <= 100 && (z->p.rebuild_pct < 0 || (int)n < z->p.rebuild_pct))
		z->p.rebuild_pct = (int16_t)n;
}

static void take_errors(struct zfs_text *z, const char *text)
{
	z->ended = true;
	z->config = false;
	if (!strcmp(text, "No known data errors"))
		return;
	if (isdigit((unsigned char)text[0]) && strstr(text, "data error"))
		copy_device_text(z->errors, sizeof(z->errors), text, strcspn(text, ","));
	else
		trouble(z, text);
}

static void keyed(struct zfs_text *z, const char *key, const char *text)
{
	int state;

	z->scan = !strcmp(key, "scan");
	if (!strcmp(key, "state")) {
		state = VALUE_OF(states, text);
		if (state == GONE)
			trouble(z, text);
		say(&z->p, state == GONE ? STATE_UNKNOWN : (enum state)state,
			text[0] ? text : "no state");
	} else if (z->scan && starts(text, "resilver") && strstr(text, "in progress")) {
		z->resilver = true;
	} else if (!strcmp(key, "config")) {
		z->config = !text[0];
	} else if (!strcmp(key, "errors")) {
		take_errors(z, text);
	}
}

/* False: what came before the line was not a whole pool. */
static bool take_line(struct zfs_text *z, const char *line)
{
	char key[16];
	int at = 0;

	if (line[0] == '\t' && z->config) {
		config_row(z, line);
		return true;
	}
	if (line[0] == '\t' || sscanf(line, " %15[a-z]: %n", key, &at) != 1 || !at ||
		(line[0] == ' ' && line[7] != ' ' && line[6] != ' ')) {
		progress(z, line);
		return !line[0] || z->open || !strcmp(line, "no pools available");
	}
	if (!strcmp(key, "pool")) {
		bool whole = end_pool(z);

		begin_pool(z, line + at);
		return whole;
	}
	if (z->open)
		keyed(z, key, line + at);
	return z->open;
}

enum outcome zfs_parse(const char *text, size_t len,
	void (*pool)(const struct layout_pool *p, void *arg), void *arg)
{
	struct zfs_text z = {.pool = pool, .arg = arg};
	const char *end = text + len, *nl;
	bool whole = len > 0;

	for (; text < end && (nl = memchr(text, '\n', (size_t)(end - text))); text = nl + 1) {
		char line[LINE] = "";

		if ((size_t)(nl - text) >= sizeof(line) ||
			memchr(text, '\0', (size_t)(nl - text))) {
			trouble(&z, "a line that cannot be");
			whole = false;
			continue;
		}
		memcpy(line, text, (size_t)(nl - text));
		whole &= take_line(&z, line);
	}
	whole &= text == end;
	return end_pool(&z) && whole ? OUTCOME_OK : OUTCOME_NONSENSE;
}
