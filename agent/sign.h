/* Standard Webhooks signatures: HMAC-SHA256 over "id.timestamp.body", one per key while keys are rotated. */
#pragma once
#include "probes/util.h"

enum { SIGN_KEYS = 2, SIGN_KEY_MAX = 64, SIGN_HEADER = SIGN_KEYS * 48 + 1 };

struct sign_key {
	const uint8_t *bytes;
	size_t len;   /* 0: not there */
};

/**
 * sign_decode_key() - the key in a secret's text
 * @text: "whsec_" + base64 (Standard Webhooks), blanks around it allowed; without the prefix also base64
 * @key:  at least SIGN_KEY_MAX bytes; may hold remains on failure
 *
 * Return: its length; -EINVAL not base64; -ERANGE fewer than 24 or more than 64 bytes.
 */
must_check int sign_decode_key(const char *text, uint8_t key[SIGN_KEY_MAX]);

/**
 * sign_webhook() - the value of webhook-signature: "v1,…" per key, with blanks between
 * @keys:        SIGN_KEYS of them, newest first
 * @timestamp_s: unix seconds of this attempt, as in webhook-timestamp
 * @buf:         at least SIGN_HEADER bytes; empty when there is no key
 *
 * Return: number of signatures; -EINVAL an id with a full stop in it; -EIO from the library.
 */
must_check int sign_webhook(const struct sign_key keys[SIGN_KEYS], const char *id, int64_t timestamp_s, const void *body,
	size_t len, char *buf, size_t size);

/** sign_warm_up() - load what signing needs while the disk is there */
void sign_warm_up(void);
