/* multipathd's JSON. Oracle: no reading is ok unless a checker's word "ready" or "ghost" is in the text. */
#include "fuzz.h"
#include "probes/multipath.h"

static const uint8_t *bytes;
static size_t size;

static void check(const struct reading *r, void *arg)
{
	double waits = 0;

	(void)arg;
	check_reading(r, OUTCOME_OK);
	promise(r->name[0] && memchr(r->name, 0, sizeof(r->name)) && r->kind == KIND_MAP);
	if (r->state == STATE_OK)
		promise(memmem(bytes, size, "chk_st", 6) || memmem(bytes, size, "\\", 1));
	promise(reading_find(r, FACT_IO_WAITS, &waits) && (r->state == STATE_FAILED || waits < 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct reading base = {};
	uint32_t maps;

	bytes = p;
	size = n;
	(void)!multipath_parse((const char *)p, n, &base, check, NULL, &maps);
	promise(multipath_parse((const char *)p, n > 2 ? n / 2 : 0, &base, check, NULL, &maps) !=
			OUTCOME_OK ||
		n > 2);
	return 0;
}
