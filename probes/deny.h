/* Drives that looking at harms: asked before the first command, by what the kernel already knows.
 * Pure. */
#pragma once
#include "probes/util.h"

enum deny { DENY_NOTHING, DENY_SELF_TEST_LOG, DENY_ALL, DENY_COUNT };

/**
 * deny_find() - what must not be asked of a drive
 * @model: as IDENTIFY says it; the kernel's 16 characters of it do
 * @ret_why: one line for people, static; untouched for DENY_NOTHING
 */
enum deny deny_find(const char *model, const char *firmware, const char **ret_why);
