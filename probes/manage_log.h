/*
 * What an array has logged of late, where its log never says that something was mended: an error is told for a day after it
 * was first seen here. Flat, so that it can be kept from look to look; never asks a clock.
 */
#pragma once
#include "probes/reading.h"

enum { MANAGE_LOGGED = 8 };

struct manage_logged {
	uint32_t code, pad;
	uint64_t seen_ms;
	char id[12], severity[12], text[104];
};

struct manage_log {
	uint32_t n, pad;
	struct manage_logged of[MANAGE_LOGGED]; /* oldest first */
};

/** manage_log_add() - one more; the oldest makes room */
void manage_log_add(struct manage_log *log, const struct manage_logged *l);
/** manage_log_forget() - those of @code, 0 none of them, and those that are a day old at @now_ms */
void manage_log_forget(struct manage_log *log, uint32_t code, uint64_t now_ms);
/**
 * manage_log_tell() - the last one of a day and how many, into the reading of the array
 * @now_ms: any clock that only goes forward, that of .seen_ms
 */
void manage_log_tell(const struct manage_log *log, uint64_t now_ms, struct reading *system);
