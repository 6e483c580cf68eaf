/* What the fuzzers of management planes share: input in parts, and what no reading may be. */
#pragma once
#include <string.h>

#include "fuzz.h"
#include "probes/manage.h"

/* The words that may stand for STATE_OK, of all planes together: anything else that is ok is a bug. */
static const char *const ok_words[] = {"Operational", "0", "OK", "Up", "UP", "FTOL", "Spun Down", "Redundant", "Yes", "optimal",
	"notInErrorMode", "maintenanceCharging", "complete", "no fault", "valid", "unknown", "Enabled", "StandbySpare", "Qualified"};

static inline void hear(const struct reading *r, const char *address, void *arg)
{
	bool known = r->state != STATE_OK;

	++*(unsigned *)arg;
	check_reading(r, OUTCOME_OK);
	promise(r->kind && r->kind < KIND_COUNT && r->state < STATE_COUNT && r->name[0] && address);
	promise(r->raw[0] || r->state == STATE_UNKNOWN);
	promise(r->raw[0] || r->kind != KIND_DRIVE); /* the engine would take it for fine */
	for (size_t i = 0; i < sizeof(ok_words) / sizeof(ok_words[0]); i++)
		known = known || !strcmp(r->raw, ok_words[i]);
	promise(known);
}

/* The next part, up to a NUL; every part of its own memory, so that reading past its end is seen. */
static inline char *next_part(const uint8_t **p, size_t *n, size_t *ret_len)
{
	const uint8_t *end = memchr(*p, 0, *n);
	size_t len = end ? (size_t)(end - *p) : *n;
	char *part = malloc(len ? len : 1);

	promise(part);
	memcpy(part, *p, len);
	*p += end ? len + 1 : len;
	*n -= end ? len + 1 : len;
	*ret_len = len;
	return part;
}
