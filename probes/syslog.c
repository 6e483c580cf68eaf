#include "probes/syslog.h"

#include <ctype.h>

enum { PRIORITY_MAX = 191, PRIORITY_DEFAULT = 13, COUNT_DIGITS = 5, STAMP_LEN = 15 };

struct cursor {
	const char *at, *end;
};

static bool is_at(const struct cursor *c, char wanted)
{
	return c->at < c->end && *c->at == wanted;
}

/* "<PRI>"; what has none is of the priority that RFC 3164 gives it. */
static unsigned take_priority(struct cursor *c)
{
	const char *at = c->at;
	unsigned n = 0, digits = 0;

	if (!is_at(c, '<'))
		return PRIORITY_DEFAULT;
	for (at++; at < c->end && digits < 3 && isdigit((unsigned char)*at); at++, digits++)
		n = 10 * n + (unsigned)(*at - '0');
	if (!digits || at == c->end || *at != '>' || n > PRIORITY_MAX)
		return PRIORITY_DEFAULT;
	c->at = at + 1;
	return n;
}

static void skip_blanks(struct cursor *c)
{
	while (is_at(c, ' '))
		c->at++;
}

static struct cursor take_word(struct cursor *c)
{
	struct cursor w = {c->at, c->at};

	while (w.end < c->end && *w.end != ' ')
		w.end++;
	c->at = w.end;
	skip_blanks(c);
	return w;
}

static void keep(char *dst, size_t size, struct cursor w)
{
	copy_device_text(dst, size, w.at, (size_t)(w.end - w.at));
	if (text_equal(dst, "-"))
		memset(dst, 0, size);
}

/* [id name="value" …][…] or "-"; a ']' within quotes may be escaped. */
static void skip_structured(struct cursor *c)
{
	bool quoted = false;

	if (is_at(c, '-')) {
		c->at++;
		return;
	}
	while (is_at(c, '[')) {
		for (c->at++; c->at < c->end && (quoted || *c->at != ']'); c->at++) {
			if (*c->at == '\\' && quoted && c->at + 1 < c->end)
				c->at++;
			else if (*c->at == '"')
				quoted = !quoted;
		}
		c->at += c->at < c->end;
	}
}

/* VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG] */
static void take_new(struct cursor *c, struct syslog_message *ret)
{
	static const char bom[] = "\xef\xbb\xbf";

	(void)take_word(c);
	(void)take_word(c);
	keep(ret->host, sizeof(ret->host), take_word(c));
	keep(ret->app, sizeof(ret->app), take_word(c));
	(void)take_word(c);
	(void)take_word(c);
	skip_structured(c);
	skip_blanks(c);
	if ((size_t)(c->end - c->at) >= sizeof(bom) - 1 && !memcmp(c->at, bom, sizeof(bom) - 1))
		c->at += sizeof(bom) - 1;
}

/* "Oct 11 22:14:15 " */
static bool is_stamp(const struct cursor *c)
{
	static const char shape[] = "aaa nn nn:nn:nn ";
	const char *at = c->at;

	if ((size_t)(c->end - at) <= STAMP_LEN)
		return false;
	for (size_t i = 0; i < sizeof(shape) - 1; i++) {
		unsigned char b = (unsigned char)at[i];

		if (shape[i] == 'a' ? !isalpha(b) : shape[i] == 'n' ? !isdigit(b) && b != ' ' : b != (unsigned char)shape[i])
			return false;
	}
	return true;
}

/* TAG is what stands before the first of ':' '[' and blank, 32 characters at most (RFC 3164 section 5.3). */
static void take_old(struct cursor *c, struct syslog_message *ret)
{
	struct cursor tag;

	if (!is_stamp(c))
		return;
	c->at += STAMP_LEN + 1;
	keep(ret->host, sizeof(ret->host), take_word(c));
	tag = (struct cursor){c->at, c->at};
	while (tag.end < c->end && !strchr(": [", *tag.end) && tag.end - tag.at < 32)
		tag.end++;
	if (tag.end < c->end && (*tag.end == ':' || *tag.end == '['))
		keep(ret->app, sizeof(ret->app), tag);
}

bool syslog_parse(const void *bytes, size_t len, struct syslog_message *ret)
{
	struct cursor c = {bytes, (const char *)bytes + MIN_OF(len, (size_t)SYSLOG_MAX)};
	unsigned priority;

	*ret = (struct syslog_message){};
	if (!len)
		return false;
	priority = take_priority(&c);
	ret->facility = (uint8_t)(priority / 8);
	ret->severity = priority % 8;
	if (c.end - c.at >= 2 && c.at[0] == '1' && c.at[1] == ' ')
		take_new(&c, ret);
	else
		take_old(&c, ret);
	copy_device_text(ret->text, sizeof(ret->text), c.at, (size_t)(c.end - c.at));
	return ret->text[0];
}

static long frame_counted(const char *bytes, size_t len, size_t *ret_start, size_t *ret_len)
{
	size_t digits = 0, n = 0;

	while (digits < len && digits <= COUNT_DIGITS && isdigit((unsigned char)bytes[digits]))
		n = 10 * n + (size_t)(bytes[digits++] - '0');
	if (digits > COUNT_DIGITS || n > SYSLOG_MAX || (digits < len && bytes[digits] != ' '))
		return -1;
	if (digits == len || len - digits - 1 < n)
		return 0;
	*ret_start = digits + 1;
	*ret_len = n;
	return (long)(digits + 1 + n);
}

long syslog_frame(const char *bytes, size_t len, size_t *ret_start, size_t *ret_len)
{
	size_t n = 0;

	if (!len)
		return 0;
	if (*bytes >= '1' && *bytes <= '9')
		return frame_counted(bytes, len, ret_start, ret_len);
	while (n < len && n <= SYSLOG_MAX && bytes[n] && bytes[n] != '\n')
		n++;
	if (n > SYSLOG_MAX)
		return -1;
	if (n == len)
		return 0;
	*ret_start = 0;
	*ret_len = n;
	return (long)n + 1;
}
