/*
 * What a Nagios plugin said -> one reading: exit status, text and performance data, by the Monitoring
 * Plugins Development Guidelines. Pure: text in, a reading out; never runs anything, never judges.
 */
#pragma once
#include "probes/reading.h"

enum { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN, NAGIOS_STATUSES };

/**
 * nagios_parse() - one run of a plugin
 * @status: its exit status
 * @text, @len: all that it printed; needs no NUL
 * @r: kind, name, source and the like are the caller's; state, raw, message and facts are filled.
 *     Performance data becomes facts in base units (seconds, bytes, percent); what of it does not
 *     hold or does not fit is left out, and the message says so
 * @why: in words why it is not OUTCOME_OK
 *
 * Return: OUTCOME_OK; OUTCOME_ERROR for a status outside 0 to 3; OUTCOME_SHORT without a line of text,
 * since a shell or an interpreter that fails ends with 1 or 2 as well.
 */
enum outcome nagios_parse(
	int status, const char *text, size_t len, struct reading *r, char *why, size_t size);
