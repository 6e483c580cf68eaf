/* What only the workers get that ask management planes: passwords, keys, certificates, read once. */
#include "agent/config_load.h"
#include "agent/config_parts.h"
#include "probes/manage.h"

#include <errno.h>

static void source_error(
	const struct config *c, const struct cfg_source *s, struct config_errors *errs, const char *why)
{
	config_error(errs, "%s:1:1: error: array '%s', source %s: %s", cfg_str(c, c->file),
		cfg_str(c, c->arrays[s->array].name), source_type_text((enum source_type)s->type), why);
}

/* Offset 0 means none, so the pool begins with a NUL. */
static bool put(struct credentials *ret, const char *text, size_t len, uint32_t *at)
{
	if (!ret->used)
		ret->used = 1;
	if (len >= sizeof(ret->pool) - ret->used)
		return false;
	memcpy(ret->pool + ret->used, text, len);
	ret->pool[ret->used + len] = '\0';
	*at = ret->used;
	ret->used += (uint32_t)len + 1;
	return true;
}

static bool take_secret(const char *path, size_t max, struct credentials *ret, uint32_t *at, char *why, size_t size)
{
	cleanup_(freep) char *text = NULL;

	if (!*path)
		return true;
	if (secret_read(path, max, &text, why, size) < 0)
		return false;
	if (put(ret, text, strlen(text), at))
		return true;
	copy_text(why, size, "passwords, keys and certificates together exceed 1 MiB");
	return false;
}

/* A key ends with a line end, or ssh does not take it. */
static bool take_identity(const char *path, struct credentials *ret, uint32_t *at, char *why, size_t size)
{
	if (!*path)
		return true;
	if (!take_secret(path, MANAGE_IDENTITY_MAX, ret, at, why, size) || ret->used >= sizeof(ret->pool))
		return false;
	ret->pool[ret->used - 1] = '\n';
	ret->pool[ret->used++] = '\0';
	return true;
}

static bool take_bundle(const char *path, struct credentials *ret, unsigned i)
{
	cleanup_(freep) char *text = NULL;
	size_t len = 0;

	if (slurp(path, MANAGE_CA_MAX, &text, &len) < 0 || !put(ret, text, len, &ret->ca[i]))
		return false;
	ret->ca_len[i] = (uint32_t)len;
	return true;
}

/* The system's certificates are there once for all that name none. */
static void take_system(struct credentials *ret, unsigned i, int *system)
{
	for (unsigned k = 0; *system < 0 && k < CA_BUNDLES; k++)
		if (take_bundle(ca_bundles[k], ret, i))
			*system = (int)i;
	if (*system < 0)
		return;
	ret->ca[i] = ret->ca[*system];
	ret->ca_len[i] = ret->ca_len[*system];
}

int config_credentials(const struct config *c, struct credentials *ret, struct config_errors *errs)
{
	unsigned before = errs->count;
	int system = -1;

	memset(ret, 0, sizeof(*ret));
	for (unsigned i = 0; i < c->nsources; i++) {
		const struct cfg_source *s = &c->sources[i];
		char why[160];

		if (!s->address)
			continue;
		if (!take_secret(cfg_str(c, s->password_file), MANAGE_SECRET_MAX, ret, &ret->secret[i], why, sizeof(why)) ||
			!take_identity(cfg_str(c, s->identity_file), ret, &ret->identity[i], why, sizeof(why)))
			source_error(c, s, errs, why);
		if (s->ca_file && !take_bundle(cfg_str(c, s->ca_file), ret, i))
			source_error(c, s, errs, "ca_file cannot be read, or is larger than 256 KiB");
		if (!s->ca_file && s->transport == MANAGE_REST && s->tls == MANAGE_TLS_CA)
			take_system(ret, i, &system);
	}
	return errs->count == before ? 0 : -EINVAL;
}
