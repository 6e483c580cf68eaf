/* What the tests of management planes' answers share: a sink that keeps readings, and how to find one. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "probes/manage.h"

struct kept {
	struct reading r[96];
	char address[96][48];
	unsigned n;
};

static inline void keep(const struct reading *r, const char *address, void *arg)
{
	struct kept *k = arg;

	assert_true(k->n < ARRAY_SIZE(k->r));
	assert_true(r->outcome == OUTCOME_OK && r->kind && r->kind < KIND_COUNT && r->name[0]);
	/* an unknown state always says why: else the engine takes a drive that has facts for a fine one */
	assert_true(r->raw[0]);
	assert_true(r->state != STATE_TRANSITION || r->limit_ms);
	copy_text(k->address[k->n], sizeof(k->address[0]), address);
	k->r[k->n++] = *r;
}

static inline const struct reading *find(const struct kept *k, enum kind kind, const char *name)
{
	for (unsigned i = 0; i < k->n; i++)
		if (k->r[i].kind == kind && text_equal(k->r[i].name, name))
			return &k->r[i];
	fail_msg("no %s '%s' among %u readings", kind_text(kind), name, k->n);
	return &k->r[0];
}

static inline bool has(const struct kept *k, enum kind kind, const char *name)
{
	for (unsigned i = 0; i < k->n; i++)
		if (k->r[i].kind == kind && text_equal(k->r[i].name, name))
			return true;
	return false;
}

static inline void assert_state(const struct reading *r, enum state want, const char *word)
{
	if (r->state != want)
		fail_msg("'%s' is %s, not %s (raw '%s')", word, state_text((enum state)r->state),
			state_text(want), r->raw);
}

static inline double fact_of(const struct reading *r, unsigned fact)
{
	double v = -1;

	return reading_find(r, fact, &v) ? v : -1;
}

struct word_case {
	const char *word;
	enum state want;
};

/* A file of others' data, or NULL when there is none here; caller frees. */
static inline char *shared_file(const char *name, size_t *ret_len)
{
	const char *folder = getenv("BALLAST_DATA");
	char path[512], *text = NULL;

	if (!folder || !format_text(path, sizeof(path), "%s/%s", folder, name) ||
		slurp(path, 1024 * 1024, &text, ret_len) < 0)
		return NULL;
	return text;
}
