/* What only the courier gets: keys, URLs and certificates, read once while the disk is healthy. */
#include "agent/config_load.h"
#include "agent/config_parts.h"

#include <errno.h>
#include <stdarg.h>

enum { SECRET_MAX = 4096, CA_MAX = 256 * 1024 };

const char *const ca_bundles[CA_BUNDLES] = {"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};

void config_error(struct config_errors *errs, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (!errs->count++)
		copy_text(errs->first, sizeof(errs->first), line);
	if (errs->err)
		fprintf(errs->err, "%s\n", line);
}

/* Errors found here have no line any more: the sink's name says where. */
static void sink_error(const struct config *c, const struct cfg_sink *s, struct config_errors *errs,
	const char *why)
{
	config_error(errs, "%s:1:1: error: sink '%s': %s", cfg_str(c, c->file), cfg_str(c, s->name),
		why);
}

static bool decode_keys(char *text, struct sink_secret *ret)
{
	unsigned n = 0;

	for (char *save = NULL, *line = strtok_r(text, "\r\n", &save); line;
		line = strtok_r(NULL, "\r\n", &save)) {
		unsigned len;

		if (n == ARRAY_SIZE(ret->keys))
			return false;
		len = whsec_decode(line, ret->keys[n], sizeof(ret->keys[n]));
		if (len < 24)
			return false;
		ret->key_len[n++] = (uint8_t)len;
	}
	return n > 0;
}

static void read_secret(const struct config *c, const struct cfg_sink *s, struct sink_secret *ret,
	struct config_errors *errs)
{
	cleanup_(freep) char *text = NULL;
	char why[160];

	if (!s->secret_file)
		return;
	if (secret_read(cfg_str(c, s->secret_file), SECRET_MAX, &text, why, sizeof(why)) < 0)
		sink_error(c, s, errs, why);
	else if (s->type == SINK_WEBHOOK && !decode_keys(text, ret))
		sink_error(c, s, errs,
			"secret_file must hold one or two lines 'whsec_…' with 24 to 64 bytes each");
	else if (s->type != SINK_WEBHOOK && !copy_text(ret->token, sizeof(ret->token), text))
		sink_error(c, s, errs, "secret_file is longer than 255 bytes");
}

static void read_url(const struct config *c, const struct cfg_sink *s, struct sink_secret *ret,
	struct config_errors *errs)
{
	cleanup_(freep) char *text = NULL;
	char why[160];

	if (!s->url_file)
		return;
	if (secret_read(cfg_str(c, s->url_file), SECRET_MAX, &text, why, sizeof(why)) < 0)
		sink_error(c, s, errs, why);
	else if (!url_secret_valid(text, s->type == SINK_EMAIL))
		sink_error(c, s, errs, "url_file does not hold a URL");
	else if (!copy_text(ret->url, sizeof(ret->url), text))
		sink_error(c, s, errs, "url_file is longer than 511 bytes");
}

static bool append_ca(struct secrets *ret, const char *path, uint32_t *ret_len)
{
	cleanup_(freep) char *text = NULL;
	size_t len = 0;

	if (slurp(path, CA_MAX, &text, &len) < 0 || len > sizeof(ret->ca) - ret->ca_used)
		return false;
	memcpy(ret->ca + ret->ca_used, text, len);
	ret->ca_used += (uint32_t)len;
	*ret_len = (uint32_t)len;
	return true;
}

/* Without a system bundle only sinks with their own ca_file, or plain http, can be spoken to. */
static void read_system_ca(struct secrets *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(ca_bundles); i++)
		if (append_ca(ret, ca_bundles[i], &ret->ca_system_len))
			return;
}

int config_secrets(const struct config *c, struct secrets *ret, struct config_errors *errs)
{
	unsigned before = errs->count;

	memset(ret, 0, sizeof(*ret));
	read_system_ca(ret);
	for (unsigned i = 0; i < c->nsinks; i++) {
		const struct cfg_sink *s = &c->sinks[i];

		read_secret(c, s, &ret->sinks[i], errs);
		read_url(c, s, &ret->sinks[i], errs);
		if (s->ca_file && !append_ca(ret, cfg_str(c, s->ca_file), &ret->ca_len[i]))
			sink_error(c, s, errs,
				"ca_file cannot be read, or the certificates together exceed 512 KiB");
	}
	return errs->count == before ? 0 : -EINVAL;
}
