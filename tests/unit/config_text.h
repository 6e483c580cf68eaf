/* What the tests of the configuration share: a text that is loaded, and what is said of it. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "agent/config_load.h"

static inline int load(const char *yaml, bool look, struct config *c, char *says, size_t size)
{
	FILE *out = says ? fmemopen(says, size, "w") : NULL;
	struct config_errors errs = {.err = out};
	int r;

	if (says)
		memset(says, 0, size);
	r = config_load_text("c.yaml", yaml, strlen(yaml), look, c, &errs);
	if (out)
		fclose(out);
	return r;
}

static inline struct config *new_config(void)
{
	struct config *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	return c;
}

#define HEAD  "version: 1\nlocal: false\n"
#define ARRAY HEAD "arrays: [{name: san1, sources: [{type: drives}]}]\n"
