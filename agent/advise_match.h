/*
 * Is this device one that an advisory speaks of? Patterns and firmware versions against texts; never looks
 * at anything but the texts it is given.
 */
#pragma once
#include "agent/config.h"

/** advisory_glob() - '*' and '?' as in file names, letters of either case; whole text */
bool advisory_glob(const char *pattern, const char *text);

enum version_order { VERSION_LESS, VERSION_SAME, VERSION_MORE, VERSION_OTHER /* not of one sequence */ };

/**
 * version_compare() - runs of digits by their value, the rest as it stands: HPD8 < HPD10, 6.2.0.5 < 6.10
 *
 * Texts whose parts between the numbers differ (HPD8, NA05) belong to different sequences: VERSION_OTHER.
 * One that only goes on where the other ends is the later one.
 */
enum version_order version_compare(const char *a, const char *b);

enum advisory_match { MATCH_NO, MATCH_YES, MATCH_UNCLEAR /* the model is; whether its firmware is cannot be told */ };

/**
 * firmware_match() - one entry of an advisory's `firmware` list
 * @entry: a pattern (`070H`, `SD1*`), or one or two limits: `<HPD8`, `>=NA50 <NA56`, `<=06.99`, `>11.30`
 *
 * Return: MATCH_UNCLEAR when @firmware and a limit are not of one sequence.
 */
enum advisory_match firmware_match(const char *entry, const char *firmware);
/** firmware_entry_valid() - can the entry be used? false and @why (at least 160 bytes) in words */
bool firmware_entry_valid(const char *entry, char *why, size_t size);

/**
 * advisory_match() - kind, vendor, model and firmware
 *
 * Return: @firmware empty: MATCH_UNCLEAR unless all versions are meant; MATCH_NO where the models are "*".
 */
enum advisory_match advisory_match(const struct config *c, const struct cfg_advisory *a, enum kind kind,
	const char *vendor, const char *model, const char *firmware);
/** advisory_dated() - is there a moment when its trigger is reached? */
bool advisory_dated(enum advisory_trigger t);
