/* What the decoders of all layouts share. Pure. */
#include "probes/layout.h"

#include <stdio.h>

void layout_pool_end(struct layout_pool *p)
{
	for (unsigned i = 0; i < p->nsets; i++)
		if (p->sets[i].need >= p->sets[i].members)
			p->sets[i].members = 0;
}

void layout_name(char *dst, size_t size, const char *whole, const char *part)
{
	size_t tail = *part ? strlen(part) + 1 : 0;
	uint32_t h = 2166136261u;

	if (format_text(dst, size, "%s%s%s", whole, *part ? " " : "", part))
		return;
	for (const char *c = whole; *c; c++)
		h = (h ^ (unsigned char)*c) * 16777619u;
	tail += sizeof("~ffff");
	format_text(dst, size, "%.*s~%04x%s%s", (int)(size - MIN_OF(tail, size)), whole, h & 0xffff, *part ? " " : "",
		part);
}
