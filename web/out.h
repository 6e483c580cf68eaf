/*
 * Text under construction: grows, escapes, formats whole numbers without printf, and keeps a hash of
 * what was written so that a section knows whether it changed. Never frees what it handed over.
 */
#pragma once
#include "probes/util.h"

struct out {
	char *data;
	size_t len, capacity;
	uint64_t hash;     /* of everything written while .fleeting is 0 */
	unsigned fleeting; /* > 0: ages and countdowns, which are no change */
	bool hashing;
	bool failed; /* no memory: the text is incomplete and must not be served */
};

/** out_room() - at least @n writable bytes at data + len; false when there is no memory */
bool out_room(struct out *o, size_t n);
/** out_bytes_slow() - out_bytes() where there is no room or a hash is kept */
void out_bytes_slow(struct out *o, const void *s, size_t n);
/** out_bytes() - append; inline, because metrics are a hundred thousand of these */
static inline void out_bytes(struct out *o, const void *s, size_t n)
{
	if (o->hashing || n > o->capacity - o->len) {
		out_bytes_slow(o, s, n);
		return;
	}
	if (n)
		memcpy(o->data + o->len, s, n);
	o->len += n;
}
void out_text(struct out *o, const char *s);
void out_format(struct out *o, const char *fmt, ...) printf_like(2, 3);
/** out_html() - foreign text for HTML, inside elements and inside quoted attributes alike */
void out_html(struct out *o, const char *s);
void out_html_bytes(struct out *o, const char *s, size_t n);
/** out_label() - a Prometheus label value: escapes, and replaces what is not valid UTF-8 */
void out_label(struct out *o, const char *s);
void out_unsigned(struct out *o, uint64_t v);
void out_signed(struct out *o, int64_t v);
/** out_grouped() - 27,946 */
void out_grouped(struct out *o, uint64_t v);
/** out_milli() - thousandths as a decimal number: 1500 is "1.5" */
void out_milli(struct out *o, int64_t thousandths);
/** out_double() - as short as it can be without losing anything that matters; whole numbers as such */
void out_double(struct out *o, double v);
/** out_clear() - start again with the memory it has */
void out_clear(struct out *o);
void out_free(struct out *o);
/** out_take() - hand the bytes over (caller frees) and start anew; NULL when incomplete */
char *out_take(struct out *o, size_t *ret_len);
