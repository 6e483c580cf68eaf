/* Log lines as they come in over UDP and TCP. Oracle: a frame lies within what came, and text is text. */
#include "fuzz.h"
#include "probes/notice.h"
#include "probes/syslog.h"

static void one(const void *bytes, size_t len)
{
	struct syslog_message m;
	bool said = syslog_parse(bytes, len, &m);

	promise(said == !!m.text[0] && m.severity < 8 && m.facility < 24);
	promise(memchr(m.host, 0, sizeof(m.host)) && memchr(m.app, 0, sizeof(m.app)));
	for (const char *c = m.text; *c; c++)
		promise(*c >= 0x20 && *c < 0x7f);
	promise(notice_kind("", m.text) < NOTICE_KINDS);
	promise(!notice_kind("", m.text) == !notice_source("", m.text)[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	size_t at = 0, start, len;
	long taken;

	one(p, n);
	while ((taken = syslog_frame((const char *)p + at, n - at, &start, &len)) > 0) {
		promise((size_t)taken <= n - at && start + len <= (size_t)taken && len <= SYSLOG_MAX);
		one(p + at + start, len);
		at += (size_t)taken;
	}
	return 0;
}
