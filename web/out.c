#include "web/out.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

enum { OUT_FIRST = 4096 };
#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

bool out_room(struct out *o, size_t n)
{
	size_t capacity = o->capacity ? o->capacity : OUT_FIRST;
	char *grown;

	if (n <= o->capacity - o->len)
		return true;
	while (capacity - o->len < n)
		capacity *= 2;
	grown = realloc(o->data, capacity);
	if (!grown) {
		o->failed = true;
		return false;
	}
	o->data = grown;
	o->capacity = capacity;
	return true;
}

static void out_hash(struct out *o, const char *s, size_t n)
{
	uint64_t h = o->hash ? o->hash : FNV_START;

	while (n--)
		h = (h ^ (unsigned char)*s++) * FNV_PRIME;
	o->hash = h;
}

void out_bytes_slow(struct out *o, const void *s, size_t n)
{
	if (!n || !out_room(o, n))
		return;
	memcpy(o->data + o->len, s, n);
	o->len += n;
	if (o->hashing && !o->fleeting)
		out_hash(o, s, n);
}

void out_text(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

void out_format(struct out *o, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n > 0)
		out_bytes(o, buf, MIN_OF((size_t)n, sizeof(buf) - 1));
}

static const char *html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return (unsigned char)c < 0x20 || c == 0x7f ? "?" : NULL;
	}
}

void out_html_bytes(struct out *o, const char *s, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		const char *entity = html_entity(s[i]);

		if (!entity)
			continue;
		out_bytes(o, s + from, i - from);
		out_text(o, entity);
		from = i + 1;
	}
	out_bytes(o, s + from, n - from);
}

void out_html(struct out *o, const char *s)
{
	out_html_bytes(o, s, strlen(s));
}

/* Bytes of the UTF-8 sequence at @s, 0 when it is none. Overlong forms and surrogates count as none. */
static size_t utf8_length(const unsigned char *s)
{
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		return (s[1] & 0xc0) == 0x80 ? 2 : 0;
	if (s[0] >= 0xe0 && s[0] <= 0xef) {
		if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80)
			return 0;
		if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f))
			return 0;
		return 3;
	}
	if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		if ((s[1] & 0xc0) != 0x80 || (s[2] & 0xc0) != 0x80 || (s[3] & 0xc0) != 0x80)
			return 0;
		if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

void out_label(struct out *o, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	for (;;) {
		size_t n = 0;

		while (p[n] >= 0x20 && p[n] < 0x7f && p[n] != '\\' && p[n] != '"')
			n++;
		out_bytes(o, p, n);
		p += n;
		if (!*p)
			return;
		n = utf8_length(p);
		if (*p == '\\' || *p == '"')
			out_bytes(o, (const char[]){'\\', (char)*p}, 2);
		else if (*p == '\n')
			out_bytes(o, "\\n", 2);
		else if (!n || *p < 0x20 || *p == 0x7f)
			out_bytes(o, "?", 1);
		else
			out_bytes(o, p, n);
		p += n ? n : 1;
	}
}

void out_unsigned(struct out *o, uint64_t v)
{
	char buf[24];
	size_t at = sizeof(buf);

	do {
		buf[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	out_bytes(o, buf + at, sizeof(buf) - at);
}

void out_signed(struct out *o, int64_t v)
{
	if (v < 0)
		out_bytes(o, "-", 1);
	out_unsigned(o, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void out_grouped(struct out *o, uint64_t v)
{
	char buf[32];
	size_t at = sizeof(buf);
	unsigned digits = 0;

	do {
		if (digits && digits % 3 == 0)
			buf[--at] = ',';
		buf[--at] = (char)('0' + v % 10);
		v /= 10;
		digits++;
	} while (v);
	out_bytes(o, buf + at, sizeof(buf) - at);
}

void out_milli(struct out *o, int64_t thousandths)
{
	uint64_t v = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
	unsigned rest = (unsigned)(v % 1000);
	char frac[4] = {'.', (char)('0' + rest / 100), (char)('0' + rest / 10 % 10),
		(char)('0' + rest % 10)};
	size_t n = rest % 10 ? 4 : rest % 100 ? 3 : rest ? 2 : 0;

	if (thousandths < 0)
		out_bytes(o, "-", 1);
	out_unsigned(o, v / 1000);
	out_bytes(o, frac, n);
}

void out_double(struct out *o, double v)
{
	if (isnan(v))
		out_text(o, "NaN");
	else if (isinf(v))
		out_text(o, v < 0 ? "-Inf" : "+Inf");
	else if (fabs(v) < 9e15 && v == (double)(int64_t)v)
		out_signed(o, (int64_t)v);
	else
		out_format(o, "%.10g", v);
}

void out_clear(struct out *o)
{
	o->len = 0;
	o->hash = 0;
	o->fleeting = 0;
	o->failed = false;
}

void out_free(struct out *o)
{
	free(o->data);
	*o = (struct out){};
}

char *out_take(struct out *o, size_t *ret_len)
{
	char *data;

	if (!out_room(o, 1) || o->failed) {
		out_free(o);
		return NULL;
	}
	data = o->data;
	*ret_len = o->len;
	*o = (struct out){.hashing = o->hashing};
	return data;
}
