#include "agent/render_parts.h"

#include <stdio.h>
#include <time.h>

enum { MAIL_MAX = 4096 };

static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* RFC 5322 section 3.3, in UTC and never in a locale's words. */
static void mail_date(int64_t wall_ms, char *buf, size_t size)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm t;

	if (!gmtime_r(&s, &t))
		t = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
	format_text(buf, size, "%s, %02d %s %d %02d:%02d:%02d +0000", days[t.tm_wday % 7], t.tm_mday, months[t.tm_mon % 12],
		t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* Header text must not begin a header of its own, and is ASCII (RFC 5322 section 2.2). */
static void header_text(char *dst, size_t size, const char *src)
{
	size_t at = 0;

	for (; *src && at + 1 < size; src++)
		if ((*src & 0xc0) != 0x80 || !(*src & 0x80))
			dst[at++] = *src >= 0x20 && *src < 0x7f ? *src : *src & 0x80 ? '?' : ' ';
	dst[at] = 0;
}

static void add_line(char *buf, const char *name, const char *value)
{
	size_t at = strlen(buf);

	if (*value)
		format_text(buf + at, MAIL_MAX - at, "%-11s %s\r\n", name, value);
}

char *render_mail(const struct render_input *in)
{
	const struct array_row *array = array_at(in->view->model, in->alert->array);
	char subject[300], to[512], from[160], date[48];
	struct alert_words w;
	char *buf = malloc(MAIL_MAX);

	if (!buf)
		return NULL;
	alert_words(in, &w);
	header_text(subject, sizeof(subject), w.title);
	header_text(to, sizeof(to), in->to);
	header_text(from, sizeof(from), in->from);
	mail_date(in->alert->created_wall_ms, date, sizeof(date));
	format_text(buf, MAIL_MAX,
		"From: Ballast <%s>\r\nTo: %s\r\nSubject: [ballast] %s\r\nDate: %s\r\nMessage-ID: <%s@ballast.invalid>\r\n"
		"Auto-Submitted: auto-generated\r\nX-Ballast-Key: %s\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n\r\n%s\r\n\r\n",
		from, to, subject, date, in->id, w.key, w.title, in->alert->action);
	add_line(buf, "component", w.what);
	add_line(buf, "severity", severity_text(in->alert->severity));
	add_line(buf, "verdict", w.verdict);
	add_line(buf, "margin", w.margin);
	add_line(buf, "carries", array && array->used ? array->services : "");
	add_line(buf, "rule", in->alert->rule_id);
	add_line(buf, "host", w.where);
	add_line(buf, "time", w.since);
	add_line(buf, "message", in->id);
	return buf;
}
