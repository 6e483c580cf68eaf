/* What the tests of layouts share: a root of our own with files of the kernel, and what is heard of it. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/layout.h"

static char root[64];

static inline void put(const char *path, const char *text)
{
	char full[512], *at;
	FILE *f;

	format_text(full, sizeof(full), "%s/%s", root, path);
	for (at = full + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		(void)mkdir(full, 0755);
		*at = '/';
	}
	f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline bool map(const char *sysfs, const char *node, char *ret, size_t size)
{
	assert_string_equal(sysfs, root);
	/* a loop device is on no drive of ours */
	return strncmp(node, "loop", 4) != 0 && format_text(ret, size, "wwn-%.3s", node);
}

struct heard {
	struct reading r[16];
	unsigned n;
};

static inline void hear(const struct reading *r, void *arg)
{
	struct heard *h = arg;

	assert_true(h->n < ARRAY_SIZE(h->r));
	h->r[h->n++] = *r;
}

static inline void clean(void)
{
	char command[128];

	format_text(command, sizeof(command), "rm -rf '%s'", root);
	assert_int_equal(system(command), 0);
}

static inline void make_root(void)
{
	copy_text(root, sizeof(root), "/tmp/ballast-layout-XXXXXX");
	assert_non_null(mkdtemp(root));
}
