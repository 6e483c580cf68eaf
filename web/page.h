/*
 * The status page: one renderer, complete without a script. Everything it says comes from the model,
 * sentences from agent/view.h. Each section carries the record that last changed it.
 */
#pragma once
#include "agent/view.h"
#include "web/history.h"
#include "web/out.h"

enum { PAGE_SECTIONS = 160, PAGE_ID = 24 };

struct page_input {
	const struct view *view;
	const struct config *config;   /* plan steps not yet begun; may be NULL */
	const struct history *history; /* may be NULL */
	uint64_t silent_ms; /* the engine has not been heard for so long; 0 while it is heard */
};

/* What stays between renders: which record last changed which section. Zero-filled to begin with. */
struct page {
	struct page_section {
		char id[PAGE_ID];
		uint64_t hash, live;
	} section[PAGE_SECTIONS];
	unsigned nsections;
	struct out body; /* the section being written */
};

/** page_render() - the whole document into @o; o->failed when memory ran out */
void page_render(struct page *p, const struct page_input *in, struct out *o);
void page_free(struct page *p);
