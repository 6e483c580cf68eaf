/*
 * RAID arrays of a system, put together from the views of arrays, of who stands at which place in them, of what is
 * being rebuilt, and of drives. IBM documentation of lsarray, lsarraymember, lsarraymemberprogress and lsdrive.
 */
#include "probes/spectrum.h"

#include "probes/layout.h"

#include <errno.h>

/* clang-format off */
static const struct manage_word raid_words[] = {
	{"online", STATE_OK}, {"expanding", STATE_OK}, {"degraded", STATE_DEGRADED}, {"syncing", STATE_DEGRADED},
	{"initting", STATE_DEGRADED}, {"offline", STATE_FAILED},
};
/* What each level can lose for certain, wherever it falls. */
static const struct { const char *level; int8_t parity; } levels[] = {
	{"raid0", 0}, {"raid1", 1}, {"raid5", 1}, {"raid6", 2}, {"raid10", 1},
};
/* The drive at the place serves all the while; with any other task it is being filled. */
static const char *const whole_tasks[] = {"exchange", "copyback", "expansion"};
/* clang-format on */

static bool to_count(const char *text, unsigned most, unsigned *ret)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > most)
		return false;
	*ret = (unsigned)n;
	return true;
}

static void take(char *dst, size_t size, const struct spectrum_row *row, const char *column)
{
	const char *text = spectrum_value(row, column);

	copy_device_text(dst, size, text, strlen(text));
}

static struct spectrum_array *array_of(struct spectrum_arrays *a, const char *id)
{
	for (unsigned i = 0; *id && i < a->n; i++)
		if (text_equal(a->at[i].id, id))
			return &a->at[i];
	return NULL;
}

static int take_array(const struct spectrum_row *row, void *arg)
{
	struct spectrum_arrays *a = arg;
	struct spectrum_array x = {.parity = -1, .progress = -1, .redundancy = -1};
	unsigned redundancy;

	take(x.id, sizeof(x.id), row, "mdisk_id");
	take(x.name, sizeof(x.name), row, "mdisk_name");
	take(x.status, sizeof(x.status), row, "raid_status");
	take(x.level, sizeof(x.level), row, "raid_level");
	if (!x.id[0] || !x.name[0] || !x.status[0] || a->n == SPECTRUM_ARRAYS)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (text_equal(levels[i].level, x.level))
			x.parity = levels[i].parity;
	x.distributed = text_equal(spectrum_value(row, "distributed"), "yes");
	if (to_count(spectrum_value(row, "redundancy"), 8, &redundancy))
		x.redundancy = (int8_t)redundancy;
	a->at[a->n++] = x;
	return 0;
}

int spectrum_arrays(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a)
{
	a->n = a->nmembers = 0;
	return spectrum_rows(text, len, f, false, take_array, a);
}

static int take_member(const struct spectrum_row *row, void *arg)
{
	struct spectrum_arrays *a = arg;
	struct spectrum_array *x = array_of(a, spectrum_value(row, "mdisk_id"));
	struct spectrum_member *m = &a->member[a->nmembers];

	if (!*spectrum_value(row, "mdisk_id") || !*spectrum_value(row, "member_id") || a->nmembers == SPECTRUM_MEMBERS)
		return -EBADMSG;
	/* it may have been made between the two questions */
	if (!x)
		return 0;
	*m = (struct spectrum_member){.array = (uint8_t)(x - a->at)};
	take(m->id, sizeof(m->id), row, "member_id");
	take(m->drive_id, sizeof(m->drive_id), row, "drive_id");
	a->nmembers++;
	return 0;
}

int spectrum_array_members(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a)
{
	int r;

	a->nmembers = 0;
	r = spectrum_rows(text, len, f, false, take_member, a);
	if (r < 0)
		a->nmembers = 0;
	return r;
}

static bool is_whole(const char *task)
{
	for (size_t i = 0; i < ARRAY_SIZE(whole_tasks); i++)
		if (text_equal(whole_tasks[i], task))
			return true;
	return false;
}

static int take_progress(const struct spectrum_row *row, void *arg)
{
	struct spectrum_arrays *a = arg;
	struct spectrum_array *x = array_of(a, spectrum_value(row, "mdisk_id"));
	unsigned percent;

	if (!*spectrum_value(row, "mdisk_id") || !*spectrum_value(row, "task"))
		return -EBADMSG;
	if (!x || is_whole(spectrum_value(row, "task")))
		return 0;
	for (unsigned i = 0; i < a->nmembers; i++)
		if (&a->at[a->member[i].array] == x && text_equal(a->member[i].id, spectrum_value(row, "member_id")))
			a->member[i].filling = 1;
	if (to_count(spectrum_value(row, "progress"), 100, &percent) && (x->progress < 0 || percent < (unsigned)x->progress))
		x->progress = (int8_t)percent;
	return 0;
}

int spectrum_array_progress(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a)
{
	return spectrum_rows(text, len, f, false, take_progress, a);
}

static int take_drive(const struct spectrum_row *row, void *arg)
{
	struct spectrum_arrays *a = arg;
	const char *id = spectrum_value(row, "id"), *status = spectrum_value(row, "status");
	const char *use = spectrum_value(row, "use");
	bool serves = (text_equal(status, "online") || text_equal(status, "degraded")) && !text_equal(use, "failed");

	if (!*id)
		return -EBADMSG;
	a->spares += serves && text_equal(use, "spare");
	for (unsigned i = 0; i < a->nmembers; i++)
		if (text_equal(a->member[i].drive_id, id)) {
			spectrum_drive_name(row, a->member[i].drive, sizeof(a->member[i].drive));
			a->member[i].serves = serves;
		}
	return 0;
}

int spectrum_array_drives(char *text, size_t len, enum spectrum_form f, struct spectrum_arrays *a)
{
	a->spares = 0;
	return spectrum_rows(text, len, f, false, take_drive, a);
}

void spectrum_array_pool(const struct spectrum_arrays *a, struct reading *pool)
{
	for (unsigned i = 0; i < a->n; i++) {
		const struct spectrum_array *x = &a->at[i];

		if (!text_equal(x->name, pool->name))
			continue;
		manage_worse(pool, raid_words, ARRAY_SIZE(raid_words), x->status);
		format_text(pool->model, sizeof(pool->model), "%s%.20s", x->distributed ? "distributed " : "", x->level);
		if (x->progress >= 0 || text_equal(x->status, "online"))
			reading_add(pool, FACT_REBUILD_PCT, x->progress >= 0 ? x->progress : 100);
		if (x->parity >= 0)
			reading_add(pool, FACT_PARITY, x->parity);
		if (!x->distributed)
			reading_add(pool, FACT_SPARES, a->spares);
		return;
	}
}

bool spectrum_arrays_rebuild(const struct spectrum_arrays *a)
{
	for (unsigned i = 0; i < a->n; i++)
		if (!text_equal(a->at[i].status, "online"))
			return true;
	return false;
}

/* Beyond what a pool can hold, who serves is taken for granted: neither counted nor needed. */
static void add_leg(struct layout_pool *p, const struct spectrum_member *m, enum leg_state state)
{
	struct layout_leg *l = &p->legs[p->nlegs];

	p->sets[0].members++;
	if (p->nlegs == LAYOUT_LEGS) {
		p->sets[0].members = (uint16_t)(p->sets[0].members - (state == LEG_SERVING));
		return;
	}
	*l = (struct layout_leg){.state = (uint8_t)state};
	copy_text(l->node, sizeof(l->node), m->drive);
	p->nlegs++;
}

/* The array knows better than its places what it can still lose: more than it says is not there. */
static void believe(struct layout_pool *p, const struct spectrum_array *x)
{
	unsigned serving = 0;

	for (unsigned i = 0; i < p->nlegs; i++)
		serving += p->legs[i].state == LEG_SERVING;
	for (unsigned i = p->nlegs; i-- > 0 && text_equal(x->status, "degraded") && x->redundancy >= 0 &&
				    serving > p->sets[0].need + (unsigned)x->redundancy;)
		if (p->legs[i].state == LEG_SERVING) {
			p->legs[i].state = LEG_REBUILDING;
			serving--;
		}
}

static bool fill(const struct spectrum_arrays *a, unsigned at, struct layout_pool *p)
{
	const struct spectrum_array *x = &a->at[at];
	bool online = text_equal(x->status, "online"), offline = text_equal(x->status, "offline");

	*p = (struct layout_pool){.nsets = 1};
	copy_text(p->name, sizeof(p->name), x->name);
	layout_name(p->sets[0].name, sizeof(p->sets[0].name), x->name, "");
	for (unsigned i = 0; i < a->nmembers; i++) {
		const struct spectrum_member *m = &a->member[i];
		bool serves = m->serves && !offline;

		if (m->array != at)
			continue;
		/* a distributed array that is online again has what was at an empty place in its rebuild areas */
		if (!serves && online && x->distributed)
			continue;
		add_leg(p, m, !serves ? LEG_LOST : m->filling && !online ? LEG_REBUILDING : LEG_SERVING);
	}
	if (x->parity < 1 || p->sets[0].members <= x->parity)
		return false;
	p->sets[0].need = (uint16_t)(p->sets[0].members - x->parity);
	believe(p, x);
	return true;
}

void spectrum_array_groups(const struct spectrum_arrays *a, const struct manage_sink *sink)
{
	uninitialized_ struct layout_pool p;

	for (unsigned i = 0; i < a->n; i++)
		if (fill(a, i, &p))
			manage_tell_sets(&p, sink);
}
