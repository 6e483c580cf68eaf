/*
 * dm-multipath as multipathd tells it: the maps, their paths, and what happens to I/O when there is
 * no path. The decoder is pure; multipathd_ask() only ever sends what shows.
 */
#pragma once
#include "probes/path_words.h"

enum { MULTIPATH_REPLY_MAX = 16 * 1024 * 1024 };

/** multipath_fn - one map; the reading is the caller's. Its serial is the map's WWID */
typedef void multipath_fn(const struct reading *r, void *arg);

/**
 * multipath_parse() - the reply to "show maps json" (multipath-tools libmultipath/print.c)
 * @base: job, source and array of the readings
 * @ret_n: maps told
 *
 * State by the checkers' words: ok while every path serves, degraded while some do, failed when none
 * does; a word outside the table makes it unknown where it decides. Facts: paths that serve, path
 * failures counted, whether I/O waits without end when all paths are gone, and whether it waits now:
 * by the live features of the map, since the configuration may say otherwise.
 *
 * Return: OUTCOME_OK, also for no map at all; OUTCOME_NONSENSE when it is no such JSON, or a map
 * lacks what decides: then nothing is told of that map.
 */
must_check enum outcome multipath_parse(const char *text, size_t len, const struct reading *base,
	multipath_fn *fn, void *arg, uint32_t *ret_n);

/**
 * multipathd_ask() - one "show" command to multipathd (libmpathcmd/mpath_cmd.c): length as size_t, text, NUL
 * @name: abstract socket name, NULL for the usual
 * @ret: the reply, NUL-terminated, caller frees
 *
 * Return: OUTCOME_OK; OUTCOME_GONE when nobody listens; OUTCOME_TIMEOUT; OUTCOME_REFUSED,
 * OUTCOME_NONSENSE for a length beyond MULTIPATH_REPLY_MAX, OUTCOME_SHORT, OUTCOME_ERROR.
 */
must_check enum outcome multipathd_ask(
	const char *name, const char *command, uint32_t timeout_ms, char **ret, size_t *ret_len);
