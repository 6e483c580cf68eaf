/*
 * What an array logs over the network -> one message: RFC 3164 and RFC 5424, and the framing of both on
 * TCP (RFC 6587). Pure: bytes in, text out; a message proves nothing, since anybody can send one.
 */
#pragma once
#include "probes/util.h"

enum { SYSLOG_MAX = 8192 }; /* longest message that is taken, bytes */

struct syslog_message {
	uint8_t facility, severity; /* 0 to 23; 0 emergency to 7 debug */
	char host[64], app[49];     /* empty: not said */
	char text[512];             /* printable, cut */
};

/**
 * syslog_parse() - one message
 *
 * RFC 5424 section 6 when its version says so, RFC 3164 section 4.1 otherwise; without a priority, time
 * or host the rest is text, as RFC 3164 section 4.3 has it.
 *
 * Return: false when there is no text.
 */
bool syslog_parse(const void *bytes, size_t len, struct syslog_message *ret);

/**
 * syslog_frame() - the first message in what a connection has sent so far
 * @ret_start, @ret_len: where it stands in @bytes
 *
 * Octet counting (RFC 6587 section 3.4.1) when it begins with a digit, else up to a line feed or NUL.
 *
 * Return: bytes to take away, framing included; 0 more must come; -1 it will never be one: hang up.
 */
long syslog_frame(const char *bytes, size_t len, size_t *ret_start, size_t *ret_len);
