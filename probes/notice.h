/*
 * What a message of an array means: a table from words and numbers in it to the few things that Ballast
 * warns of. Pure; it only ever says that something is wrong, never that something is well.
 */
#pragma once
#include "probes/words.h"

/* Zero: a message that means nothing to us. It is counted and kept, and raises nothing. */
enum notice_kind {
	NOTICE_OTHER, NOTICE_NEEDS_SERVICE, NOTICE_NODE_ERROR, NOTICE_CANISTER_FAILED, NOTICE_FAILED_OVER,
	NOTICE_BATTERY, NOTICE_POWER, NOTICE_PATH, NOTICE_KINDS
};

/**
 * notice_kind() - by the first row of the table that fits
 * @oid: of the trap; empty for a log line
 * @text: what was said, in any case
 */
enum notice_kind notice_kind(const char *oid, const char *text);

/** notice_source() - where the row that fits was read: a manual, a MIB; "" for NOTICE_OTHER */
const char *notice_source(const char *oid, const char *text);
