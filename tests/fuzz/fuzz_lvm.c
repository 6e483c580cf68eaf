/* A device-mapper target: its type, table and status, a line each. Oracle: nothing is ok with a leg that does not serve. */
#include "fuzz.h"
#include "probes/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct lvm_text t;
	static struct layout_pool pool;
	char *const to[] = {t.target, t.table, t.status};
	const size_t sizes[] = {sizeof(t.target), sizeof(t.table), sizeof(t.status)};

	t = (struct lvm_text){.name = "vg0-data"};
	for (unsigned k = 0; k < 3 && n; k++) {
		const uint8_t *end = memchr(p, '\n', n);
		size_t len = end ? (size_t)(end - p) : n;

		copy_device_text(to[k], sizes[k], p, len);
		p += MIN_OF(len + 1, n);
		n -= MIN_OF(len + 1, n);
	}
	if (lvm_decode(&t, &pool) != OUTCOME_OK)
		return 0;
	promise(pool.nlegs <= LAYOUT_LEGS && pool.nsets <= LAYOUT_SETS && pool.rebuild_pct <= 100);
	for (unsigned i = 0; i < pool.nlegs; i++)
		promise(pool.state != STATE_OK || pool.legs[i].state == LEG_SERVING);
	return 0;
}
