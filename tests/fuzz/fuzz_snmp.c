/* Datagrams on the trap port. Oracle: what is broken says nothing, and what is said is text. */
#include "fuzz.h"
#include "probes/notice.h"
#include "probes/snmp_trap.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct snmp_trap t;
	char text[256];
	int r = snmp_trap_parse(p, n, &t);

	promise(t.nvars <= TRAP_VARS && t.version <= 3);
	promise(r == 0 ? t.oid[0] && (t.version == 1 || t.version == 2) : !t.nvars && !t.oid[0]);
	for (unsigned i = 0; i < t.nvars; i++) {
		promise(t.vars[i].oid[0] && memchr(t.vars[i].oid, 0, TRAP_OID));
		promise(memchr(t.vars[i].value, 0, TRAP_VALUE));
	}
	snmp_trap_text(&t, text, sizeof(text));
	promise(memchr(text, 0, sizeof(text)));
	promise(notice_kind(t.oid, text) < NOTICE_KINDS);
	return 0;
}
