/* What a plugin prints: the first byte is its exit status. Oracle: ok only for 0 to 3 and with text,
 * and never a better state than the status says. */
#include "fuzz.h"
#include "probes/nagios.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct reading r = {.kind = KIND_CHECK, .name = "check_x"};
	int status = n ? (int)(int8_t)p[0] : 0;
	size_t len = n ? n - 1 : 0, blank = 0;
	char why[160];
	enum outcome o = nagios_parse(status, n ? (const char *)p + 1 : "", len, &r, why, sizeof(why));

	check_reading(&r, o);
	while (blank < len && strchr(" \t\r\n\v\f", p[1 + blank]))
		blank++;
	promise((o == OUTCOME_OK) == !why[0]);
	promise(o != OUTCOME_OK || (status >= 0 && status < NAGIOS_STATUSES && blank < len));
	promise((r.state == STATE_OK) == (o == OUTCOME_OK && status == NAGIOS_OK));
	promise(memchr(r.message, 0, sizeof(r.message)));
	for (unsigned i = 0; i < r.ncustom; i++)
		promise(r.custom[i][0] && memchr(r.custom[i], 0, CUSTOM_NAME));
	return 0;
}
