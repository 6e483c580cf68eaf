/*
 * The far end of a source, played: whatever device, network or program the product's own code asks, the answer comes
 * from who started this program, once, and out of memory afterwards. Counts the bytes; opens nothing.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct wire_answer {
	char key[256];
	unsigned status; /* of HTTP, of a program */
	char *headers, *body; /* NUL-terminated */
	size_t len;
};

extern uint64_t wire_bytes, wire_asked;

/**
 * wire_ask() - the answer to "@what @text", or to "@what" and @n @bytes in hexadecimal
 *
 * Asked of who started us by a line on standard output the first time; "STATUS HEADERS BODY", lengths, then both, comes
 * back on standard input. Callgrind does not count what is in here.
 */
const struct wire_answer *wire_ask(const char *what, const char *text, const uint8_t *bytes, size_t n);
