/* md's and zpool's text. Oracle: no pool is ok unless its word is in the text, and no half of a line of errors makes one. */
#include "fuzz.h"
#include "probes/layout.h"

static const uint8_t *bytes;
static size_t size;

static void check(const struct layout_pool *p, void *arg)
{
	(void)arg;
	promise(p->nlegs <= LAYOUT_LEGS && p->nsets <= LAYOUT_SETS && p->rebuild_pct <= 100);
	promise(memchr(p->name, 0, sizeof(p->name)) && memchr(p->raw, 0, sizeof(p->raw)));
	if (p->state == STATE_OK)
		promise(memmem(bytes, size, "ONLINE", 6) && memmem(bytes, size, "No known data errors\n", 21));
	for (unsigned i = 0; i < p->nsets; i++)
		promise(p->sets[i].need && p->sets[i].need <= p->sets[i].members);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct layout_pool pool;
	char part[7][32] = {{0}};

	bytes = p;
	size = n;
	(void)!zfs_parse((const char *)p, n, check, NULL);
	for (size_t i = 0; i < n && i < 7 * 31; i++)
		part[i / 31][i % 31] = (char)p[i];
	const struct md_text t = {"md0", part[0], part[1], part[2], part[3], part[4], part[5], part[6]};

	if (md_decode(&t, &pool) != OUTCOME_OK)
		return 0;
	(void)md_leg(&pool, "sda", part[4], part[5]);
	md_end(&pool, &t);
	promise(pool.nsets <= LAYOUT_SETS && pool.rebuild_pct <= 100);
	return 0;
}
