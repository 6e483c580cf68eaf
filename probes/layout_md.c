/* md arrays from their attributes. Pure. */
#include "probes/layout.h"

#include <stdio.h>

enum { RAID10_NEAR = 0xff, MD_DISKS = 1024 };

/* clang-format off */
/* How many losses a level takes wherever they fall; raid1 takes all but one. */
static const struct level { const char *word; int parity; } levels[] = {
	{"linear", 0}, {"raid0", 0}, {"raid1", -1}, {"raid4", 1}, {"raid5", 1}, {"raid6", 2}, {"raid10", 0},
};
/* array_state: what serves reads and writes, or at least reads; the rest does not run */
static const struct run { const char *word; uint8_t state; } runs[] = {
	{"clean", STATE_OK}, {"active", STATE_OK}, {"active-idle", STATE_OK}, {"write-pending", STATE_OK},
	{"read-auto", STATE_OK}, {"readonly", STATE_DEGRADED}, {"clear", STATE_FAILED}, {"inactive", STATE_FAILED},
	{"suspended", STATE_FAILED}, {"broken", STATE_FAILED},
};
/* clang-format on */

/* The first word of a line; sysfs ends each with a newline. */
static void first_word(char *dst, size_t size, const char *src)
{
	size_t n = src ? strcspn(src, " \n\t,") : 0;

	copy_device_text(dst, size, src ? src : "", n);
}

static const struct level *level_of(const char *text)
{
	char word[16];

	first_word(word, sizeof(word), text);
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (!strcmp(levels[i].word, word))
			return &levels[i];
	return NULL;
}

static unsigned number(const char *text, unsigned otherwise)
{
	char *end;
	unsigned long n = text ? strtoul(text, &end, 10) : 0;

	return !text || end == text || n > UINT16_MAX ? otherwise : (unsigned)n;
}

/* raid10 with near copies alone and no odd disk is a row of mirrors; any other takes one loss less than copies. */
static bool make_sets(struct layout_pool *p, const struct level *l, unsigned disks, unsigned layout)
{
	unsigned near = layout & RAID10_NEAR, far = layout >> 8 & 0xff;
	unsigned copies = MAX_OF(near, 1u) * MAX_OF(far, 1u), sets = 1;
	bool mirrors = !strcmp(l->word, "raid10") && far <= 1 && near > 1 && disks % near == 0 &&
		       disks / near <= LAYOUT_SETS;

	if (!strcmp(l->word, "raid10"))
		p->parity = (uint16_t)(copies - 1);
	else
		p->parity = (uint16_t)(l->parity < 0 ? disks - 1 : (unsigned)l->parity);
	if (p->parity >= disks)
		return false;
	if (mirrors)
		sets = disks / near;
	for (unsigned i = 0; i < sets; i++) {
		struct layout_set *s = &p->sets[p->nsets++];
		char part[16];

		s->members = (uint16_t)(disks / sets);
		s->need = (uint16_t)(s->members - p->parity);
		format_text(part, sizeof(part), "mirror %u", i);
		layout_name(s->name, sizeof(s->name), p->name, sets > 1 ? part : "");
	}
	return true;
}

enum outcome md_decode(const struct md_text *t, struct layout_pool *p)
{
	const struct level *l = level_of(t->level);
	unsigned disks = number(t->raid_disks, 0);

	*p = (struct layout_pool){.rebuild_pct = -1};
	copy_text(p->name, sizeof(p->name), t->name);
	first_word(p->model, sizeof(p->model), t->level);
	if (!p->model[0] || !strcmp(p->model, "container"))
		return OUTCOME_UNSUPPORTED;
	/* one that runs of a level that is not known is shown, and nothing is said of its margin */
	if (!l)
		return OUTCOME_OK;
	if (!disks || disks > MD_DISKS || !make_sets(p, l, disks, number(t->layout, 0x102)))
		return OUTCOME_NONSENSE;
	return OUTCOME_OK;
}

static bool has_flag(const char *flags, const char *flag)
{
	size_t n = strlen(flag);

	for (const char *at = flags; at && (at = strstr(at, flag)); at += n)
		if ((at == flags || at[-1] == ',') && (!at[n] || at[n] == ',' || at[n] == '\n'))
			return true;
	return false;
}

bool md_leg(struct layout_pool *p, const char *node, const char *state, const char *slot)
{
	struct layout_leg *l;
	unsigned position = number(slot, UINT16_MAX);
	bool replacement = has_flag(state, "replacement") || has_flag(state, "journal");

	if (p->nlegs == LAYOUT_LEGS)
		return false;
	l = &p->legs[p->nlegs++];
	*l = (struct layout_leg){};
	copy_text(l->node, sizeof(l->node), node);
	if (p->nsets > 1 && position < UINT16_MAX)
		l->set = (uint8_t)MIN_OF(position / p->sets[0].members, p->nsets - 1u);
	if (has_flag(state, "faulty"))
		l->state = LEG_LOST;
	else if (has_flag(state, "in_sync") && !replacement)
		l->state = LEG_SERVING;
	else if (has_flag(state, "spare") && position == UINT16_MAX)
		l->state = LEG_SPARE;
	else
		l->state = replacement ? LEG_SPARE : LEG_REBUILDING;
	p->spares = (uint16_t)(p->spares + (l->state == LEG_SPARE));
	return true;
}

static int16_t percent(const char *completed)
{
	unsigned long long done, all;

	if (!completed || sscanf(completed, "%llu / %llu", &done, &all) != 2 || !all || done > all)
		return -1;
	return (int16_t)(done * 100 / all);
}

static void say(struct layout_pool *p, enum state s, const char *raw)
{
	if (p->state == STATE_FAILED)
		return;
	p->state = (uint8_t)s;
	copy_text(p->raw, sizeof(p->raw), raw);
}

static unsigned serving(const struct layout_pool *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->nlegs; i++)
		n += p->legs[i].state == LEG_SERVING;
	return n;
}

/* A rebuild, a first copy, or one after an unclean stop: until it is done a loss may cost data. A check does not count. */
static void judge_sync(struct layout_pool *p, const struct md_text *t, unsigned missing)
{
	char action[16], raw[48];

	first_word(action, sizeof(action), t->sync_action);
	if (!strcmp(action, "recover") || !strcmp(action, "resync") || !strcmp(action, "reshape")) {
		p->rebuild_pct = percent(t->sync_completed);
		format_text(raw, sizeof(raw), "%s%s", missing ? "degraded, " : "", action);
		say(p, STATE_DEGRADED, raw);
	}
}

void md_end(struct layout_pool *p, const struct md_text *t)
{
	unsigned disks = number(t->raid_disks, 0), missing = number(t->degraded, 0), serve = serving(p);
	char word[24], raw[48];

	first_word(word, sizeof(word), t->array_state);
	say(p, STATE_UNKNOWN, word[0] ? word : "no state");
	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		if (!strcmp(runs[i].word, word))
			say(p, (enum state)runs[i].state, word);
	if (p->state == STATE_UNKNOWN)
		return;
	if (!level_of(t->level)) {
		say(p, STATE_UNKNOWN, p->model);
		return;
	}
	/* the kernel's count and its list are two reads: the worse of them holds */
	missing = MAX_OF(missing, disks > serve ? disks - serve : 0);
	if (missing) {
		format_text(raw, sizeof(raw), "degraded, %u of %u missing", missing, disks);
		say(p, STATE_DEGRADED, raw);
	}
	judge_sync(p, t, missing);
	format_text(p->message, sizeof(p->message), "%s over %u, %u in sync, %u spare.", p->model, disks,
		serve, p->spares);
}
