/*
 * The web role without its process: a replica, what is rendered from it and when. Clock passed in, so
 * that tests drive it; it opens nothing and waits for nothing.
 */
#pragma once
#include "agent/msg.h"
#include "web/http.h"
#include "web/metrics.h"
#include "web/page.h"

struct web {
	struct model model;
	const struct config *config;
	struct http *http;
	struct history history;
	struct page page;
	struct metrics metrics;
	uint64_t beat_ms;           /* when the engine was last heard to decide */
	uint64_t loud_ms, quiet_ms; /* since when something is not rendered yet; 0 nothing */
	uint64_t page_ms, rest_ms;  /* last rendered */
	bool silent;                /* the page says that the engine is not heard */
	uint8_t *dirty;             /* by component: its JSON is older than its row */
	uint32_t ndirty, next_clean;
};

enum { WEB_LOUD_MS = 100, WEB_QUIET_MS = 1000, WEB_AGES_MS = 5000 };

/** web_begin() - publish what never changes; @http stays the caller's */
void web_begin(struct web *w, struct http *http, const struct config *config);
/** web_snapshot() - start again from a model_pack() block; -EPROTO, -ENOMEM */
must_check int web_snapshot(
	struct web *w, uint64_t build, const void *block, size_t size, uint64_t now_ms);
/** web_record() - follow the log; what the snapshot already held only becomes history */
must_check int web_record(struct web *w, const struct record *r, uint64_t now_ms, int64_t wall_ms);
void web_beat(struct web *w, const struct msg_beat *b, uint64_t now_ms);
/** web_render() - whatever is due; call again at web_next_ms() */
void web_render(struct web *w, uint64_t now_ms, int64_t wall_ms);
/** web_next_ms() - when there is something to render; UINT64_MAX when nothing is known to come */
uint64_t web_next_ms(const struct web *w);
void web_free(struct web *w);
