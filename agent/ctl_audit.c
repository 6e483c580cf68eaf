#include <json-c/json.h>
#include <unistd.h>

#include "agent/audit.h"
#include "agent/ctl.h"
#include "agent/json_put.h"
#include "agent/view_words.h"

#define CONFIG_DIRECTORY "/etc/ballast"

/* Worst last: the worst of a place's disks is the place's. */
enum stand { STAND_APART, STAND_OWN, STAND_UNKNOWN, STAND_LIKELY, STAND_ON, STAND_COUNT };

/* clang-format off */
static const struct {
	const char *json, *text;
	enum text_style style;
} stands[STAND_COUNT] = {
	[STAND_APART]   = {"no", "on no watched array", STYLE_PLAIN},
	[STAND_OWN]     = {"no", "the host's own drive", STYLE_PLAIN},
	[STAND_UNKNOWN] = {"unknown", "cannot tell", STYLE_WARNING},
	[STAND_LIKELY]  = {"likely", "ON IT, by the maker", STYLE_CRITICAL},
	[STAND_ON]      = {"yes", "ON IT", STYLE_CRITICAL},
};
/* clang-format on */

struct judged {
	enum stand stand;
	uint16_t array; /* NONE16 none */
	char disks[128], why[224];
};

/* One line of the answer. */
struct item {
	const char *what, *path;
	const struct audit_place *place; /* NULL: in memory */
	struct judged j;
};

static bool array_real(const struct model *m, unsigned array)
{
	const struct array_row *a = array_at(m, array);

	return a && a->used && !a->simulated;
}

/* The kernel's "naa.5000c500a1b2c3d4" against the name "wwn-0x5000c500a1b2c3d4"; 0 when one of them has none. */
static int wwn_compare(const struct component_row *c, const struct audit_disk *d)
{
	static const char *const kinds[] = {"naa.", "eui.", "uuid."};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t n = strlen(kinds[i]);

		if (!strncmp(c->name, "wwn-0x", 6) && !strncmp(d->wwid, kinds[i], n))
			return !strcasecmp(c->name + 6, d->wwid + n) ? 1 : -1;
	}
	return 0;
}

static bool is_disk(const struct component_row *c, const struct audit_disk *d)
{
	const char *dev = strrchr(c->dev, '/') ? strrchr(c->dev, '/') + 1 : c->dev;
	int wwn = wwn_compare(c, d);

	/* a name alone may have passed to another disk since */
	return wwn > 0 || (!wwn && dev[0] &&
				  (!strcmp(dev, d->name) ||
					  (d->controller[0] && !strcmp(dev, d->controller))));
}

/* The array that a component with this disk belongs to; one that is not the host's own is found first. */
static uint16_t array_of_disk(const struct model *m, const struct audit_disk *d)
{
	uint16_t own = NONE16;

	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);

		if (!c->used || !array_real(m, c->array) || !is_disk(c, d))
			continue;
		if (!array_at(m, c->array)->local)
			return c->array;
		own = c->array;
	}
	return own;
}

static enum stand by_maker(const struct model *m, const struct audit_disk *d, uint16_t *ret_array)
{
	bool watched = false, other = true;

	for (uint32_t i = 0; i < array_count(m); i++) {
		const struct array_row *a = array_at(m, i);

		if (!array_real(m, i) || a->local)
			continue;
		watched = true;
		if (a->vendor[0] && !strcasecmp(a->vendor, d->vendor)) {
			*ret_array = (uint16_t)i;
			return STAND_LIKELY;
		}
		other &= a->vendor[0] && d->vendor[0];
	}
	/* of another maker than every array, and in this host: it is not one of them */
	return watched && (!other || d->transport[0]) ? STAND_UNKNOWN : STAND_APART;
}

static void judge_disk(const struct model *m, const struct audit_disk *d, struct judged *j)
{
	uint16_t array = array_of_disk(m, d);
	enum stand s = array == NONE16             ? by_maker(m, d, &array)
		       : array_at(m, array)->local ? STAND_OWN
						   : STAND_ON;
	size_t used = strlen(j->disks);

	format_text(j->disks + used, sizeof(j->disks) - used, "%s%s", used ? ", " : "", d->name);
	if (s < j->stand)
		return;
	if (s == STAND_UNKNOWN)
		format_text(j->why, sizeof(j->why),
			"%s (%s%s%s%s%s) is read by no source of a watched array", d->name,
			d->vendor, d->vendor[0] ? " " : "", d->model[0] ? d->model : "unknown",
			d->transport[0] ? ", over " : "", d->transport);
	j->stand = s;
	j->array = array;
}

static void judge(const struct model *m, const struct audit_place *p, struct judged *j)
{
	*j = (struct judged){.array = NONE16};
	if (!p || p->basis == AUDIT_MEMORY)
		return;
	for (unsigned i = 0; i < p->ndisks; i++)
		judge_disk(m, &p->disk[i], j);
	if (j->stand >= STAND_LIKELY || (p->basis == AUDIT_ON_DISKS && !p->more))
		return;
	j->stand = STAND_UNKNOWN;
	copy_text(j->why, sizeof(j->why), p->why[0] ? p->why : "more disks than were looked at");
}

static void item_row(struct text_table *t, const struct model *m, const struct item *it)
{
	const struct array_row *a = array_at(m, it->j.array);
	char also[24] = "";

	if (it->place && it->place->also && it->what[0] == '/')
		format_text(also, sizeof(also), " and %u more", it->place->also);
	text_table_cell(t, STYLE_PLAIN, "%s%s", it->what, also);
	text_table_cell(t, STYLE_PLAIN, "%s",
		!it->place || it->place->basis == AUDIT_MEMORY ? "memory" : it->place->on);
	text_table_cell(t, STYLE_PLAIN, "%s", it->j.disks);
	text_table_cell(t, STYLE_PLAIN, "%s", a && a->used ? a->name : "");
	text_table_cell(t, stands[it->j.stand].style, "%s%s%s", stands[it->j.stand].text,
		it->j.why[0] ? ": " : "", it->j.why);
}

static void item_json(struct json_object *list, const struct model *m, const struct item *it)
{
	struct json_object *o = add_object(list), *disks;

	put_text(o, "what", it->what);
	put_text(o, "path", it->path);
	put_text(o, "type", it->place ? it->place->type : NULL);
	put_text(o, "on", it->place ? it->place->on : NULL);
	disks = put_array(o, "disks");
	for (unsigned i = 0; it->place && i < it->place->ndisks; i++)
		json_object_array_add(disks, json_object_new_string(it->place->disk[i].name));
	put_array_name(o, "array", m, it->j.array);
	put_text(o, "on_watched_array", stands[it->j.stand].json);
	put_text(o, "why", it->j.why);
}

enum { OWN_ITEMS = 3 };

/* What Ballast itself needs; it reads plans and keys once, at start, so those are not among it. */
static unsigned own_items(
	struct ctl *c, const struct audit *a, char programs[256], struct item *ret)
{
	const struct self_row *self = self_at(&c->model, 0);
	ssize_t n = readlink("/proc/self/exe", programs, 255);
	unsigned count = 0;

	if (self && self->state_directory[0])
		ret[count++] = (struct item){
			.what = "Ballast's journal and marks", .path = self->state_directory};
	if (n > 0) {
		programs[n] = '\0';
		ret[count++] = (struct item){.what = "Ballast's programs", .path = programs};
	}
	ret[count++] = (struct item){.what = "Ballast's configuration", .path = CONFIG_DIRECTORY};
	for (unsigned i = 0; i < count; i++)
		ret[i].place = audit_find(c->root, a, ret[i].path);
	return count;
}

static void put_locked(struct json_object *o, const struct self_row *self)
{
	if (self && self->used)
		put_bool(o, "locked_memory", self->locked_memory);
	else
		put_null(o, "locked_memory");
}

/* Where its programs stand matters while they are read again and again. */
static void memory_line(struct ctl *c)
{
	const struct self_row *self = self_at(&c->model, 0);

	if (!self || !self->used || view_only_simulated(&c->model))
		return; /* the demo is meant to be like that */
	if (self->locked_memory)
		ctl_say(c,
			"\nBallast is locked in memory: it goes on when the disks of its programs are gone.\n");
	else
		ctl_say(c,
			"\nBallast is not locked in memory: it needs the disks of its programs as long as it runs. As a "
			"service: LimitMEMLOCK=infinity in its unit. By hand: as root, or after ulimit -l unlimited in "
			"the same shell; a container has the limit of what starts it. Then restart it.\n");
}

static int audit_end(struct ctl *c, unsigned on, unsigned unknown)
{
	if (c->json)
		return on ? CTL_WARNING : unknown ? CTL_UNKNOWN : CTL_OK;
	ctl_say(c, "\n");
	if (on) {
		ctl_say(c,
			"%u of these stand%s on a watched array and go%s with it: move %s before it fails.\n",
			on, on == 1 ? "s" : "", on == 1 ? "es" : "", on == 1 ? "it" : "them");
		return CTL_WARNING;
	}
	if (unknown) {
		ctl_say(c,
			"Nothing was found on a watched array, but %u of these cannot be told: let a source of type "
			"drives or paths read their disks.\n",
			unknown);
		return CTL_UNKNOWN;
	}
	ctl_say(c, "Nothing of this host stands on a watched array.\n");
	return CTL_OK;
}

static int audit_tell(struct ctl *c, const struct item *items, size_t n, bool more)
{
	static const char *const heads[] = {"WHAT", "FROM", "DISKS", "ARRAY", "STANDS"};
	struct json_object *o = c->json ? json_object_new_object() : NULL;
	struct json_object *list = o ? put_array(o, "items") : NULL;
	unsigned on = 0, unknown = more;
	struct text_table t;

	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < n; i++) {
		on += items[i].j.stand >= STAND_LIKELY;
		unknown += items[i].j.stand == STAND_UNKNOWN;
		if (o)
			item_json(list, &c->model, &items[i]);
		else
			item_row(&t, &c->model, &items[i]);
	}
	if (o) {
		put_text(o, "result", on ? "something" : unknown ? "unknown" : "nothing");
		put_locked(o, self_at(&c->model, 0));
		(void)ctl_print_json(c, o);
	} else {
		text_table_print(&t, c->out, c->colour);
		memory_line(c);
	}
	text_table_free(&t);
	return audit_end(c, on, unknown);
}

int ctl_audit(struct ctl *c)
{
	cleanup_(freep) struct audit *a = calloc(1, sizeof(*a));
	cleanup_(freep) struct item *items = calloc(AUDIT_PLACES + OWN_ITEMS, sizeof(*items));
	char programs[256];
	size_t n = 0;
	int r = ctl_follow(c);

	if (r)
		return r;
	if (!a || !items)
		return ctl_error(c, CTL_UNKNOWN, "out of memory");
	c->root = c->root ? c->root : "";
	r = audit_host(c->root, a);
	if (r < 0)
		return ctl_error(c, CTL_UNKNOWN,
			"what is mounted here cannot be read: /proc/self/mountinfo: %s",
			strerror(-r));
	for (unsigned i = 0; i < a->nplaces; i++)
		if (!a->place[i].untold)
			items[n++] = (struct item){.what = a->place[i].path,
				.path = a->place[i].path,
				.place = &a->place[i]};
	n += own_items(c, a, programs, &items[n]);
	for (size_t i = 0; i < n; i++)
		judge(&c->model, items[i].place, &items[i].j);
	return audit_tell(c, items, n, a->more);
}
