#include "probes/exec_listed.h"

#include <errno.h>

struct exec_entry {
	uint64_t hash; /* of kind and name; 0: free */
	uint8_t worst; /* enum state */
};

enum { BAD_SERVES, BAD_SILENT, BAD_TRANSITION, BAD_LOST };

static const uint8_t badness[STATE_COUNT] = {
	[STATE_UNKNOWN] = BAD_SILENT,
	[STATE_OK] = BAD_SERVES,
	[STATE_DEGRADED] = BAD_SERVES,
	[STATE_SERVICE] = BAD_LOST,
	[STATE_FAILED] = BAD_LOST,
	[STATE_ABSENT] = BAD_LOST,
	[STATE_TRANSITION] = BAD_TRANSITION,
	[STATE_UNREACHABLE] = BAD_SILENT,
};

static uint64_t fnv(uint64_t h, uint8_t byte)
{
	return (h ^ byte) * UINT64_C(0x100000001b3); /* FNV-1a */
}

static uint64_t hash_of(const struct reading *r)
{
	uint64_t h = fnv(UINT64_C(0xcbf29ce484222325), r->kind);

	for (const char *c = r->name; *c; c++)
		h = fnv(h, (unsigned char)*c);
	return h ? h : 1;
}

/* Where @hash stands, or could; there is always room. */
static struct exec_entry *find(struct exec_entry *entries, size_t room, uint64_t hash)
{
	size_t i = hash & (room - 1);

	while (entries[i].hash && entries[i].hash != hash)
		i = (i + 1) & (room - 1);
	return &entries[i];
}

static bool make_room(struct exec_listed *l)
{
	size_t room = l->room ? l->room * 2 : 64;
	struct exec_entry *grown;

	if (l->n * 2 < l->room)
		return true;
	grown = calloc(room, sizeof(*grown));
	if (!grown)
		return false;
	for (size_t i = 0; i < l->room; i++)
		if (l->entries[i].hash)
			*find(grown, room, l->entries[i].hash) = l->entries[i];
	free(l->entries);
	l->entries = grown;
	l->room = room;
	return true;
}

int exec_list(struct exec_listed *l, const struct reading *r)
{
	uint64_t hash = hash_of(r);
	struct exec_entry *e;

	if (!make_room(l))
		return -ENOMEM;
	e = find(l->entries, l->room, hash);
	if (e->hash) {
		if (badness[r->state] > badness[e->worst])
			e->worst = r->state;
		return 0;
	}
	*e = (struct exec_entry){hash, r->state};
	l->n++;
	return 1;
}

bool exec_raises(const struct exec_listed *l, const struct reading *r)
{
	return badness[r->state] != BAD_SERVES && l->room &&
	       find(l->entries, l->room, hash_of(r))->worst == r->state;
}

void exec_listed_free(struct exec_listed *l)
{
	free(l->entries);
	*l = (struct exec_listed){};
}
