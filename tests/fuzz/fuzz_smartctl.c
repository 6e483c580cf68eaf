/* What smartctl prints: the first byte is its exit status. Oracle: facts only with a good answer, no good
 * answer with a status of doubt, and nothing of a scan that could be more than an argument. */
#include "fuzz.h"
#include "probes/smartctl.h"

static void scan(const char *text, size_t n)
{
	static struct smartctl_device found[SMARTCTL_DEVICES];
	char why[160];
	int count = smartctl_scan(text, n, found, why, sizeof(why));

	promise(count <= SMARTCTL_DEVICES);
	for (int i = 0; i < count; i++) {
		promise(!strncmp(found[i].dev, "/dev/", 5) && memchr(found[i].dev, 0, sizeof(found[i].dev)));
		promise(found[i].type[0] && found[i].type[0] != '-' && !strpbrk(found[i].type, " ;'\"$`\\"));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct reading r = {.slot = -1};
	int status = n ? p[0] : 0;
	char why[160];
	enum outcome o;

	p += n > 0;
	n -= n > 0;
	scan((const char *)p, n);
	o = smartctl_parse(status, (const char *)p, n, &r, why, sizeof(why));
	check_reading(&r, o);
	promise(o != OUTCOME_OK || (!(status & 7) && r.name[0] && r.drive_class));
	promise((o == OUTCOME_OK) == !why[0]);
	promise(memchr(r.name, 0, sizeof(r.name)) && memchr(r.firmware, 0, sizeof(r.firmware)));
	return 0;
}
