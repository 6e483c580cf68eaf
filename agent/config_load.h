/*
 * From YAML to struct config. Every error at once, each with its place; touches no device and starts
 * nothing. Reads only the configuration, the files it names and who may write to them.
 */
#pragma once
#include "agent/config.h"
#include <stdio.h>

/* Where errors go: printed as they are known, counted, the first kept for MSG_RELOADED. */
struct config_errors {
	FILE *err;              /* NULL: only counted */
	unsigned count;
	char first[256];
};

/** config_error() - one more line to where @errs says: "FILE:LINE:COLUMN: error: …" */
void config_error(struct config_errors *errs, const char *fmt, ...) printf_like(2, 3);

/**
 * config_load() - parse and check one configuration file
 * @file: path, as people will see it in errors
 * @c:    filled with defaults and what the file says; garbage when there were errors
 * @errs: .err set by the caller
 *
 * Return: 0; -EINVAL when there was any error (all of them have been told).
 */
must_check int config_load(const char *file, struct config *c, struct config_errors *errs);

/**
 * config_load_text() - the same from memory: tests, fuzzing and scenarios
 * @look: also look at files that are named (scripts, secrets). false: pure
 */
must_check int config_load_text(const char *file, const char *text, size_t len, bool look, struct config *c,
	struct config_errors *errs);

/**
 * advisories_load() - published firmware faults from one text into @c; a known id is replaced
 * @file: for errors
 *
 * Return: 0; -EINVAL with every mistake told in @errs.
 */
must_check int advisories_load(const char *file, const char *text, size_t len, struct config *c,
	struct config_errors *errs);
/** advisories_load_all() - those that are compiled in, then those of @local (a path; NULL or "": none) */
must_check int advisories_load_all(const char *local, struct config *c, struct config_errors *errs);

/**
 * config_secrets() - what the courier alone gets
 * @c:   loaded configuration
 * @ret: zero-filled by this; keys decoded, URLs from files, CA bundles
 *
 * Return: 0; -EINVAL when a file could not be used (all told in @errs).
 */
must_check int config_secrets(const struct config *c, struct secrets *ret, struct config_errors *errs);

/**
 * config_credentials() - what the workers alone get that ask management planes
 * @ret: zero-filled by this; .used stays 0 where there is none
 *
 * Return: 0; -EINVAL when a file could not be used (all told in @errs).
 */
must_check int config_credentials(const struct config *c, struct credentials *ret, struct config_errors *errs);

/**
 * config_check() - ballastd --check, ballastctl check-config
 *
 * Return: exit status: 0 fine, 1 with every error told on @err.
 */
int config_check(const char *file, FILE *err);
