#include "agent/sign.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

enum { KEY_MIN = 24, DIGEST = 32, DIGEST_TEXT = 44, ENCODED_MAX = 88 };

static const char prefix[] = "whsec_";
static const char blanks[] = " \t\r\n";

int sign_decode_key(const char *text, uint8_t key[SIGN_KEY_MAX])
{
	uint8_t decoded[ENCODED_MAX / 4 * 3];
	size_t len, padding = 0;
	int n;

	text += strspn(text, blanks);
	if (!strncmp(text, prefix, sizeof(prefix) - 1))
		text += sizeof(prefix) - 1;
	len = strcspn(text, blanks);
	if (text[len + strspn(text + len, blanks)] || len % 4)
		return -EINVAL;
	if (!len || len > ENCODED_MAX)
		return -ERANGE;
	while (padding < 2 && text[len - padding - 1] == '=')
		padding++;
	if (memchr(text, '=', len - padding))
		return -EINVAL;
	n = EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)len);
	if (n < 0)
		return -EINVAL;
	n -= (int)padding; /* EVP_DecodeBlock() counts padding as zero bytes */
	if (n < KEY_MIN || n > SIGN_KEY_MAX)
		return -ERANGE;
	memcpy(key, decoded, (size_t)n);
	OPENSSL_cleanse(decoded, sizeof(decoded));
	return n;
}

/* Looking an algorithm up costs many times what using it does, and reads files the first time: kept. */
static EVP_MAC_CTX *hmac_sha256(void)
{
	static EVP_MAC_CTX *kept;
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
	EVP_MAC *mac;

	if (kept)
		return kept;
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	kept = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	if (kept && EVP_MAC_CTX_set_params(kept, params) != 1) {
		EVP_MAC_CTX_free(kept);
		kept = NULL;
	}
	return kept;
}

static bool mac_once(const struct sign_key *key, const char *head, const void *body, size_t len, uint8_t out[DIGEST])
{
	EVP_MAC_CTX *ctx = hmac_sha256();
	size_t n = 0;

	return ctx && EVP_MAC_init(ctx, key->bytes, key->len, NULL) == 1 &&
		EVP_MAC_update(ctx, (const unsigned char *)head, strlen(head)) == 1 && EVP_MAC_update(ctx, body, len) == 1 &&
		EVP_MAC_final(ctx, out, &n, DIGEST) == 1 && n == DIGEST;
}

void sign_warm_up(void)
{
	static const uint8_t key[KEY_MIN];
	uint8_t out[DIGEST];

	(void)mac_once(&(struct sign_key){key, sizeof(key)}, "", "", 0, out);
}

int sign_webhook(const struct sign_key keys[SIGN_KEYS], const char *id, int64_t timestamp_s, const void *body,
	size_t len, char *buf, size_t size)
{
	char head[160], text[DIGEST_TEXT + 1];
	uint8_t out[DIGEST];
	size_t at = 0;
	int count = 0;

	buf[0] = 0;
	if (strchr(id, '.') || !format_text(head, sizeof(head), "%s.%" PRId64 ".", id, timestamp_s))
		return -EINVAL;
	for (unsigned i = 0; i < SIGN_KEYS; i++) {
		if (!keys[i].len)
			continue;
		if (!mac_once(&keys[i], head, body, len, out))
			return -EIO;
		EVP_EncodeBlock((unsigned char *)text, out, DIGEST);
		if (!format_text(buf + at, size - at, "%sv1,%s", count ? " " : "", text))
			return -EINVAL;
		at += strlen(buf + at);
		count++;
	}
	return count;
}
