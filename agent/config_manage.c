/* Management planes in the configuration: addresses, pins, what goes with what. */
#include "agent/config_parts.h"
#include "probes/manage.h"

#include <ctype.h>
#include <errno.h>
#include <sys/stat.h>

static bool complaint(char *why, size_t size, const char *text, const char *what)
{
	format_text(why, size, "'%.60s' is %s", text, what);
	return false;
}

static bool plain(const char *text, size_t len, const char *others)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr(others, text[i]))
			return false;
	return len > 0;
}

static bool is_port(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return isdigit((unsigned char)*text) && !*end && n >= 1 && n <= 65535;
}

bool manage_address_valid(const char *text, char *why, size_t size)
{
	const char *close = *text == '[' ? strchr(text, ']') : NULL, *colon = strchr(text, ':');

	if (close && plain(text + 1, (size_t)(close - text) - 1, ":.") &&
		(!close[1] || (close[1] == ':' && is_port(close + 2))))
		return true;
	if (*text != '[' && colon && !strchr(colon + 1, ':') && is_port(colon + 1) &&
		*text != '-' && plain(text, (size_t)(colon - text), "-._"))
		return true;
	if (*text != '[' && colon && strchr(colon + 1, ':') && plain(text, strlen(text), ":."))
		return true;
	if (!colon && *text != '-' && plain(text, strlen(text), "-._"))
		return true;
	return complaint(why, size, text, "not HOST, HOST:PORT or [IPV6]:PORT");
}

/* It becomes an argument of ssh and part of a header. */
bool user_valid(const char *text, char *why, size_t size)
{
	return (*text != '-' && plain(text, strlen(text), "-._$@+")) ||
	       complaint(why, size, text, "not the name of a user");
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_decode(const char *text, uint8_t *ret)
{
	unsigned n = 0;

	for (; *text && n < 32; n++) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return false;
		ret[n] = (uint8_t)(high << 4 | low);
		text += 2;
		text += *text == ':';
	}
	return n == 32 && !*text;
}

bool pin_decode(const char *text, uint8_t *ret)
{
	if (!strncmp(text, "sha256//", 8))
		return base64_decode(text + 8, ret, 32) == 32;
	return hex_decode(text, ret);
}

bool pin_valid(const char *text, char *why, size_t size)
{
	uint8_t bytes[32];

	return pin_decode(text, bytes) ||
	       complaint(why, size, text,
		       "not a pin: sha256// and the base64 of the public key's SHA-256, or 64 hex digits");
}

static void build_names(struct build *b, struct cfg_source *s, int node)
{
	const struct {
		const char *key;
		cfg_text *at;
	} texts[] = {{"user", &s->user}, {"known_hosts", &s->known_hosts},
		{"password_file", &s->password_file}, {"identity_file", &s->identity_file},
		{"ca_file", &s->ca_file}};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*texts[i].at = build_text(b, node, texts[i].key);
}

/* Hex or base64: from here on it is base64, as who checks it wants it. */
static cfg_text build_pins(struct build *b, int list, uint32_t *count)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	cfg_text at = 0;

	*count = 0;
	for (unsigned i = 0; i < ydoc_count(b->doc, list); i++) {
		char text[64] = "sha256//", *end = text + 8;
		uint8_t key[33] = {};

		(void)pin_decode(ydoc_text(b->doc, ydoc_item(b->doc, list, i), ""), key);
		for (unsigned k = 0; k < 33; k += 3) {
			uint32_t bits = (uint32_t)key[k] << 16 | (uint32_t)key[k + 1] << 8 | key[k + 2];

			for (unsigned d = 0; d < 4; d++)
				*end++ = digits[bits >> (18 - 6 * d) & 63];
		}
		end[-1] = '='; /* 32 bytes are 43 digits */
		at = cfg_list_add(b->c, at, count, text, &b->full);
	}
	return at;
}

void build_manage(struct build *b, struct cfg_source *s, int node)
{
	const char *tls = ydoc_text(b->doc, ydoc_get(b->doc, node, "tls"), "ca");
	const char *transport = ydoc_text(b->doc, ydoc_get(b->doc, node, "transport"), "rest");

	s->address = build_list(b, ydoc_get(b->doc, node, "address"), &s->naddress);
	s->pin = build_pins(b, ydoc_get(b->doc, node, "pin"), &s->npin);
	build_names(b, s, node);
	s->tls = text_equal(tls, "pin")	       ? MANAGE_TLS_PIN
		 : text_equal(tls, "insecure") ? MANAGE_TLS_INSECURE
					       : MANAGE_TLS_CA;
	s->transport = text_equal(transport, "ssh") ? MANAGE_SSH : MANAGE_REST;
}

static void need(struct build *b, int node, const char *key, const char *what)
{
	if (!ydoc_get(b->doc, node, key))
		ydoc_complain(b->doc, node, "'%s' is missing: %s", key, what);
}

static void refuse(struct build *b, int node, const char *key, const char *what)
{
	if (ydoc_get(b->doc, node, key))
		ydoc_complain(b->doc, ydoc_key(b->doc, node, key), "'%s' %s", key, what);
}

static void check_ssh(struct build *b, int node)
{
	need(b, node, "identity_file", "ssh is given a key, never a password");
	need(b, node, "known_hosts", "an unknown host key is not accepted");
	for (unsigned i = 0; i < 4; i++)
		refuse(b, node, (const char *const[]){"password_file", "tls", "pin", "ca_file"}[i],
			"has no meaning with 'transport: ssh'");
}

static void check_rest(struct build *b, const struct cfg_source *s, int node)
{
	need(b, node, "password_file", "the user's password, in a file that others cannot read");
	refuse(b, node, "identity_file", "has a meaning only with 'transport: ssh'");
	refuse(b, node, "known_hosts", "has a meaning only with 'transport: ssh'");
	if (s->tls == MANAGE_TLS_PIN)
		need(b, node, "pin", "'tls: pin' trusts nothing else");
	else
		refuse(b, node, "pin", "has a meaning only with 'tls: pin'");
	if (s->tls != MANAGE_TLS_CA)
		refuse(b, node, "ca_file", "has a meaning only with 'tls: ca'");
}

void check_manage(struct build *b)
{
	for (unsigned i = 0; i < b->c->nsources; i++) {
		const struct cfg_source *s = &b->c->sources[i];

		if (!s->address || !b->source_node[i])
			continue;
		if (s->transport == MANAGE_SSH)
			check_ssh(b, b->source_node[i]);
		else
			check_rest(b, s, b->source_node[i]);
	}
}

static void check_file(struct build *b, int node, const char *key,
	int (*look)(const char *path, char *why, size_t size))
{
	int at = ydoc_get(b->doc, node, key);
	const char *path = ydoc_text(b->doc, at, "");
	char why[160];

	if (*path && path_valid(path, why, sizeof(why)) && look(path, why, sizeof(why)) < 0)
		ydoc_complain(b->doc, at, "%s", why);
}

static int look_at_secret(const char *path, char *why, size_t size)
{
	cleanup_(freep) char *text = NULL;

	return secret_read(path, MANAGE_SECRET_MAX, &text, why, size);
}

static int look_at_identity(const char *path, char *why, size_t size)
{
	cleanup_(freep) char *text = NULL;
	int r = secret_read(path, MANAGE_IDENTITY_MAX, &text, why, size);

	if (r < 0 || (!strncmp(text, "-----BEGIN ", 11) && strstr(text, "PRIVATE KEY-----")))
		return r;
	format_text(why, size, "%.90s: not a private key of ssh", path);
	return -EINVAL;
}

static int look_at_hosts(const char *path, char *why, size_t size)
{
	cleanup_(freep) char *text = NULL;
	struct stat st;
	int r = stat(path, &st) < 0 ? -errno : slurp(path, 1024 * 1024, &text, NULL);

	if (r < 0)
		format_text(why, size, "%.90s: %s", path, strerror(-r));
	else if (!(st.st_mode & S_IROTH))
		format_text(why, size, "%.90s: ssh runs as another user and cannot read it; chmod o+r it, it is no secret", path);
	return r < 0 || st.st_mode & S_IROTH ? r : -EINVAL;
}

static int look_at_ca(const char *path, char *why, size_t size)
{
	cleanup_(freep) char *text = NULL;
	int r = slurp(path, MANAGE_CA_MAX, &text, NULL);

	if (r == 0 && strstr(text, "-----BEGIN CERTIFICATE-----"))
		return 0;
	format_text(why, size, "%.90s: %s", path, r < 0 ? strerror(-r) : "not a PEM bundle of certificates");
	return -EINVAL;
}

void check_manage_files(struct build *b)
{
	for (unsigned i = 0; i < b->c->nsources; i++) {
		int node = b->source_node[i];

		if (!b->c->sources[i].address || !node)
			continue;
		check_file(b, node, "password_file", look_at_secret);
		check_file(b, node, "identity_file", look_at_identity);
		check_file(b, node, "known_hosts", look_at_hosts);
		check_file(b, node, "ca_file", look_at_ca);
	}
}
