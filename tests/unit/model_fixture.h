/*
 * Whole situations as models, for what draws them: kolab's worst minute, peace, a host's own drives, 600
 * drives in ten shelves, hostile texts.
 */
#pragma once
#include "agent/view.h"
#include "web/history.h"

/* 2023-08-17T02:51:34Z, half an hour after boot */
#define FIXTURE_WALL INT64_C(1692240694000)
#define FIXTURE_NOW  UINT64_C(1800000)

struct fixture {
	struct model model;
	struct config *config;
	struct history history;
	struct view view;
};

/** fixture_build() - by name; false for a name that is not in fixture_names[] */
bool fixture_build(struct fixture *f, const char *name);
/** fixture_build_at() - the same, seen at another time */
bool fixture_build_at(struct fixture *f, const char *name, uint64_t now_ms, int64_t wall_ms);
void fixture_free(struct fixture *f);
extern const char *const fixture_names[];

/** fixture_step() - let one thing happen, as a record a follower would get: loud, or a quiet new reading */
void fixture_step(struct fixture *f, bool loud, struct record *ret);
