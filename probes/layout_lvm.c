/*
 * RAID and mirror volumes of LVM from what their device-mapper target says of itself: dm-raid is md inside, so
 * its words become md's and md_end() judges (Documentation/admin-guide/device-mapper/dm-raid.rst). Pure.
 */
#include "probes/layout.h"

#include <stdio.h>

enum { COPIES_OFFSET = 16, WORDS = 192, ARGS_MAX = 40 };

/* clang-format off */
/* drivers/md/dm-raid.c, raid_types[]; "raid10_far" and its kin stand in tables of old */
static const struct { const char *type, *level; } types[] = {
	{"raid0", "raid0"}, {"raid0_meta", "raid0"}, {"raid1", "raid1"}, {"raid4", "raid4"}, {"raid10", "raid10"},
	{"raid10_near", "raid10"}, {"raid10_far", "raid10"}, {"raid10_offset", "raid10"},
	{"raid5_0", "raid5"}, {"raid5_n", "raid5"}, {"raid5_la", "raid5"}, {"raid5_ra", "raid5"}, {"raid5_ls", "raid5"},
	{"raid5_rs", "raid5"}, {"raid6_zr", "raid6"}, {"raid6_nr", "raid6"}, {"raid6_nc", "raid6"}, {"raid6_n_6", "raid6"},
	{"raid6_la_6", "raid6"}, {"raid6_ra_6", "raid6"}, {"raid6_ls_6", "raid6"}, {"raid6_rs_6", "raid6"},
};
/* What its sync thread does; any other word is not understood. */
static const char *const actions[] = {"idle", "frozen", "check", "repair", "resync", "recover", "reshape"};
/* A leg's letter, and what md would call it; drivers/md/dm-raid1.c, device_status_char() */
static const struct letter { char letter; const char *state; } mirror_letters[] = {
	{'A', "in_sync"}, {'S', "spare"}, {'R', "spare"}, {'D', "faulty"}, {'F', "faulty"},
};
/* drivers/md/dm-raid.c, __raid_dev_status() */
static const struct letter raid_letters[] = {
	{'A', "in_sync"}, {'a', "spare"}, {'D', "faulty"}, {'-', "faulty"},
};
/* clang-format on */

struct words {
	char text[LAYOUT_TEXT / 16];
	const char *at[WORDS];
	unsigned n;
};

static bool split(const char *text, struct words *w)
{
	char *save = NULL;

	w->n = 0;
	if (!copy_text(w->text, sizeof(w->text), text))
		return false;
	for (char *t = strtok_r(w->text, " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		if (w->n == WORDS)
			return false;
		w->at[w->n++] = t;
	}
	return true;
}

static const char *word(const struct words *w, unsigned i)
{
	return i < w->n ? w->at[i] : "";
}

/* A number and nothing else. */
static bool count(const char *text, unsigned most, unsigned *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > most)
		return false;
	*ret = (unsigned)n;
	return true;
}

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static const char *level_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (text_equal(types[i].type, type))
			return types[i].level;
	return NULL;
}

static const char *state_of(const struct letter *letters, size_t n, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (letters[i].letter == letter)
			return letters[i].state;
	return NULL;
}

/* What a target says, in md's words. */
struct target {
	struct md_text md;
	const struct letter *letters;
	size_t nletters;
	const char *health, *ratio;    /* ratio: NULL there is none */
	const char *const *nodes;      /* of leg i: nodes[i * stride] */
	unsigned legs, stride;
	bool all_young;                /* nothing was in sync yet: each of them carries what was written */
	char disks[8], layout[8], completed[48], name[NAME_MAX_LEN];
};

/* "raid10_copies 2", "raid10_format far": md's number holds near, far, and a bit for offset. */
static void read_copies(const struct words *table, unsigned first, unsigned n, const char *type, struct target *t)
{
	unsigned copies = 2, far, near;
	const char *format = starts(type, "raid10_") ? type + 7 : "near";

	for (unsigned i = first; i + 1 < first + n; i++) {
		if (text_equal(word(table, i), "raid10_copies"))
			(void)count(word(table, i + 1), 255, &copies);
		if (text_equal(word(table, i), "raid10_format"))
			format = word(table, i + 1);
	}
	near = text_equal(format, "near") ? copies : 1;
	far = text_equal(format, "near") ? 1 : copies;
	format_text(t->layout, sizeof(t->layout), "%u", near | far << 8 | (unsigned)text_equal(format, "offset") << COPIES_OFFSET);
}

/* Table: TYPE N ARG… LEGS (META DATA)…; status: TYPE LEGS HEALTH DONE/ALL ACTION MISMATCHES … */
static enum outcome read_raid(const struct words *table, const struct words *status, struct target *t)
{
	unsigned args, legs, at;

	t->md.level = level_of(word(status, 0));
	if (!t->md.level)
		return OUTCOME_UNSUPPORTED;
	if (!count(word(table, 1), ARGS_MAX, &args) || !count(word(table, 2 + args), LAYOUT_LEGS, &legs) ||
		!count(word(status, 1), LAYOUT_LEGS, &t->legs))
		return OUTCOME_NONSENSE;
	at = 3 + args;
	if (!text_equal(word(table, 0), word(status, 0)) || !legs || legs != t->legs || table->n < at + 2 * legs ||
		strlen(word(status, 2)) != legs || status->n < 5)
		return OUTCOME_NONSENSE;
	t->nodes = &table->at[at + 1];
	t->stride = 2;
	t->health = word(status, 2);
	t->ratio = word(status, 3);
	t->md.sync_action = word(status, 4);
	t->letters = raid_letters;
	t->nletters = ARRAY_SIZE(raid_letters);
	t->all_young = !strchr(t->health, 'A');
	read_copies(table, 2, args, word(table, 0), t);
	return OUTCOME_OK;
}

/* Status: LEGS DEV… DONE/ALL 1 HEALTH …; what is not in sync yet stands on the first leg alone. */
static enum outcome read_mirror(const struct words *status, struct target *t)
{
	unsigned one;

	t->md.level = "raid1";
	if (!count(word(status, 0), LAYOUT_LEGS, &t->legs) || !t->legs || !count(word(status, 2 + t->legs), 9, &one) ||
		strlen(word(status, 3 + t->legs)) != t->legs)
		return OUTCOME_NONSENSE;
	t->nodes = &status->at[1];
	t->stride = 1;
	t->ratio = word(status, 1 + t->legs);
	t->health = word(status, 3 + t->legs);
	t->letters = mirror_letters;
	t->nletters = ARRAY_SIZE(mirror_letters);
	return OUTCOME_OK;
}

/* "128/204800" as md writes it; false when it is none. */
static bool read_ratio(struct target *t, bool *ret_whole)
{
	unsigned long long done, all;
	char rest;

	if (sscanf(t->ratio, "%llu/%llu%c", &done, &all, &rest) != 2 || !all || done > all)
		return false;
	*ret_whole = done == all;
	format_text(t->completed, sizeof(t->completed), "%llu / %llu", done, all);
	t->md.sync_completed = t->completed;
	return true;
}

/* False when a letter is not understood. */
static bool add_legs(const struct target *t, bool whole, struct layout_pool *p)
{
	for (unsigned i = 0; i < t->legs; i++) {
		const char *state = state_of(t->letters, t->nletters, t->health[i]);
		const char *node = t->nodes[i * t->stride];
		bool young = t->health[i] == 'a' && t->all_young;
		char slot[8];

		if (!state)
			return false;
		if (young)
			state = "in_sync";
		/* an old mirror writes what is not in sync to its first leg only */
		if (t->stride == 1 && i && !whole && text_equal(state, "in_sync"))
			state = "spare";
		format_text(slot, sizeof(slot), "%u", i);
		if (!md_leg(p, text_equal(node, "-") ? "" : node, state, slot))
			return false;
	}
	return true;
}

static bool too_few(const struct layout_pool *p)
{
	for (unsigned s = 0; s < p->nsets; s++) {
		unsigned left = 0;

		for (unsigned i = 0; i < p->nlegs; i++)
			left += p->legs[i].set == s && p->legs[i].state == LEG_SERVING;
		if (left < p->sets[s].need)
			return true;
	}
	return false;
}

static bool known_action(const char *action)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (text_equal(actions[i], action))
			return true;
	return false;
}

static void unclear(struct layout_pool *p, const char *what)
{
	p->state = STATE_UNKNOWN;
	p->nsets = 0;
	copy_device_text(p->raw, sizeof(p->raw), what, strlen(what));
	if (!p->raw[0])
		copy_text(p->raw, sizeof(p->raw), "no state");
}

static void note_suspended(struct layout_pool *p)
{
	if (p->state == STATE_FAILED || p->state == STATE_UNKNOWN)
		return;
	p->state = STATE_TRANSITION;
	p->limit_ms = LVM_SUSPENDED_MS;
	copy_text(p->raw, sizeof(p->raw), "suspended");
}

static bool is_idle(const char *action)
{
	return text_equal(action, "idle") || text_equal(action, "frozen");
}

/* Not in sync, and nothing is done about it. */
static void note_unsynced(struct layout_pool *p)
{
	p->state = STATE_DEGRADED;
	copy_text(p->raw, sizeof(p->raw), "not in sync");
}

/* md calls it "active" as long as it runs; one with too few legs is broken, whatever else its words say. */
static void judge(struct target *t, bool whole, bool suspended, struct layout_pool *p)
{
	char model[sizeof(p->model)];

	if (!t->md.sync_action)
		t->md.sync_action = whole ? "idle" : "resync";
	t->md.array_state = too_few(p) ? "broken" : "active";
	md_end(p, &t->md);
	if (!known_action(t->md.sync_action))
		unclear(p, t->md.sync_action);
	else if (p->state == STATE_OK && !whole && is_idle(t->md.sync_action))
		note_unsynced(p);
	if (suspended)
		note_suspended(p);
	copy_text(model, sizeof(model), p->model);
	format_text(p->model, sizeof(p->model), "lvm %.40s", model);
}

enum outcome lvm_decode(const struct lvm_text *text, struct layout_pool *p)
{
	uninitialized_ struct words table, status;
	struct target t = {.md = {.degraded = "0"}};
	char whole_name[160];
	bool whole = false;
	enum outcome o;

	format_text(whole_name, sizeof(whole_name), "lvm-%s", text->name);
	layout_name(t.name, sizeof(t.name), whole_name, "");
	*p = (struct layout_pool){.rebuild_pct = -1};
	copy_text(p->name, sizeof(p->name), t.name);
	if (!split(text->table, &table) || !split(text->status, &status))
		return OUTCOME_NONSENSE;
	if (text_equal(text->target, "mirror"))
		o = read_mirror(&status, &t);
	else
		o = text_equal(text->target, "raid") ? read_raid(&table, &status, &t) : OUTCOME_UNSUPPORTED;
	if (o == OUTCOME_UNSUPPORTED)
		unclear(p, text_equal(text->target, "raid") ? word(&status, 0) : text->target);
	if (o != OUTCOME_OK)
		return o == OUTCOME_UNSUPPORTED ? OUTCOME_OK : o;
	format_text(t.disks, sizeof(t.disks), "%u", t.legs);
	t.md.name = t.name;
	t.md.raid_disks = t.disks;
	t.md.layout = t.layout;
	if (!read_ratio(&t, &whole) || md_decode(&t.md, p) != OUTCOME_OK)
		return OUTCOME_NONSENSE;
	if (add_legs(&t, whole, p))
		judge(&t, whole, text->suspended, p);
	else
		unclear(p, t.health);
	return OUTCOME_OK;
}

/* "vg-pvmove0" and its kin come and go; a hyphen within a name is doubled. */
bool lvm_passing(const char *name)
{
	const char *at = name;

	for (const char *c = name; *c; c++)
		if (c[0] == '-' && c[1] == '-')
			c++;
		else if (c[0] == '-')
			at = c + 1;
	return starts(at, "pvmove");
}
