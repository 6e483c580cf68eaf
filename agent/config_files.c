/* What the configuration names on disk: must be there, and be safe to use. Looks, changes nothing. */
#include "agent/config_parts.h"
#include "agent/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 4096, CA_MAX = 256 * 1024 };

static bool refuse(char *why, size_t size, const char *path, const char *what)
{
	format_text(why, size, "%.90s: %s", path, what);
	return false;
}

static bool regular_file(const char *path, struct stat *st, char *why, size_t size)
{
	if (stat(path, st) < 0)
		return refuse(why, size, path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return refuse(why, size, path, "not a regular file");
	return true;
}

bool regular_path_valid(const char *path, char *why, size_t size)
{
	struct stat st;

	return regular_file(path, &st, why, size);
}

int secret_read(const char *path, size_t max, char **ret, char *why, size_t size)
{
	cleanup_(freep) char *text = NULL;
	struct stat st;
	size_t len;
	int r;

	if (!regular_file(path, &st, why, size))
		return -EINVAL;
	if (st.st_mode & (S_IROTH | S_IWOTH)) {
		refuse(why, size, path, "a secret that everybody can read or write; chmod o-rw it");
		return -EINVAL;
	}
	r = slurp(path, max, &text, &len);
	if (r < 0) {
		refuse(why, size, path, strerror(-r));
		return -EINVAL;
	}
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	if (!len || strlen(text) != len) {
		refuse(why, size, path, len ? "holds a NUL byte" : "is empty");
		return -EINVAL;
	}
	*ret = take_ptr(text);
	return 0;
}

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Own decoding: libcrypto would be mapped into every process that shares this executable. */
unsigned base64_decode(const char *text, uint8_t *ret, size_t size)
{
	uint32_t bits = 0;
	unsigned nbits = 0, n = 0;

	for (; base64_digit(*text) >= 0; text++) {
		bits = bits << 6 | (uint32_t)base64_digit(*text);
		nbits += 6;
		if (nbits < 8)
			continue;
		if (n == size)
			return 0;
		nbits -= 8;
		ret[n++] = (uint8_t)(bits >> nbits);
	}
	return text[strspn(text, "=\r\n \t")] ? 0 : n;
}

unsigned whsec_decode(const char *text, uint8_t *ret, size_t size)
{
	return strncmp(text, "whsec_", 6) ? 0 : base64_decode(text + 6, ret, size);
}

static void check_program(struct build *b, int list, const char *path)
{
	struct stat st;
	char why[160];
	int node = ydoc_item(b->doc, list, 0);

	if (!path_valid(path, why, sizeof(why)) || !regular_file(path, &st, why, sizeof(why)) ||
		(access(path, X_OK) < 0 && !refuse(why, sizeof(why), path, "not executable")))
		ydoc_complain(b->doc, node ? node : list, "%s", why);
}

/* It is run with privileges: nobody but root may be able to change it. */
static void check_smartctl(struct build *b, unsigned i)
{
	const char *path = cfg_str(b->c, b->c->sources[i].program);
	int named = ydoc_get(b->doc, b->source_node[i], "program"), node = named ? named : b->source_node[i];
	struct stat st;
	char why[160];

	if (!regular_file(path, &st, why, sizeof(why)))
		ydoc_complain(b->doc, node, "%s%s", why, named ? "" : ": install smartmontools");
	else if (access(path, X_OK) < 0)
		ydoc_complain(b->doc, node, "%.90s: not executable", path);
	else if (st.st_mode & (S_IWGRP | S_IWOTH) || (st.st_uid && st.st_uid != geteuid()))
		ydoc_complain(b->doc, node, "%.90s: others than root can change it, and it runs with privileges", path);
}

static void check_secret(struct build *b, int sink, const char *key, enum sink_type type)
{
	int node = ydoc_get(b->doc, sink, key);
	const char *path = ydoc_text(b->doc, node, "");
	cleanup_(freep) char *text = NULL;
	uint8_t bytes[64];
	char why[160];

	if (!*path || !path_valid(path, why, sizeof(why)))
		return;
	if (secret_read(path, SECRET_MAX, &text, why, sizeof(why)) < 0)
		ydoc_complain(b->doc, node, "%s", why);
	else if (type == SINK_WEBHOOK && !strcmp(key, "secret_file") &&
		 whsec_decode(text, bytes, sizeof(bytes)) < 24 && !strchr(text, '\n'))
		ydoc_complain(b->doc, node, "%.90s: not a 'whsec_' secret of 24 to 64 bytes", path);
	else if (!strcmp(key, "url_file") && !url_secret_valid(text, type == SINK_EMAIL))
		ydoc_complain(b->doc, node, "%.90s: does not hold a URL", path);
}

static void check_ca(struct build *b, int sink)
{
	int node = ydoc_get(b->doc, sink, "ca_file");
	const char *path = ydoc_text(b->doc, node, "");
	cleanup_(freep) char *text = NULL;
	struct stat st;
	char why[160];

	if (!*path || !path_valid(path, why, sizeof(why)))
		return;
	if (!regular_file(path, &st, why, sizeof(why)))
		ydoc_complain(b->doc, node, "%s", why);
	else if (slurp(path, CA_MAX, &text, NULL) < 0 ||
		 !strstr(text, "-----BEGIN CERTIFICATE-----"))
		ydoc_complain(b->doc, node, "%.90s: not a PEM bundle of certificates", path);
}

static void check_script(struct build *b, unsigned i)
{
	const struct cfg_step *s = &b->c->steps[i];
	const char *path = cfg_str(b->c, s->run);
	char why[256];

	if (!*path || s->simulate || !path_valid(path, why, sizeof(why)))
		return;
	if (!script_valid(path, why, sizeof(why)))
		ydoc_complain(b->doc, ydoc_get(b->doc, b->step_node[i], "run"), "%s", why);
}

static void check_scenario(struct build *b, const struct cfg_source *source, int node)
{
	cleanup_(freep) struct scenario *s = calloc(1, sizeof(*s));
	struct config_errors errs = {};

	if (s && scenario_load(cfg_str(b->c, source->scenario), s, &errs) < 0)
		ydoc_complain(b->doc, ydoc_get(b->doc, node, "scenario"), "cannot be played: %s",
			errs.first);
}

void check_files(struct build *b)
{
	struct config *c = b->c;

	for (unsigned i = 0; i < c->nsources; i++)
		if (c->sources[i].argc && b->source_node[i])
			check_program(b, ydoc_get(b->doc, b->source_node[i], "command"),
				cfg_str(c, c->sources[i].argv));
	for (unsigned i = 0; i < c->nsources; i++)
		if (c->sources[i].type == SOURCE_SMARTCTL && b->source_node[i])
			check_smartctl(b, i);
	for (unsigned i = 0; i < c->nsources; i++)
		if (c->sources[i].scenario && b->source_node[i])
			check_scenario(b, &c->sources[i], b->source_node[i]);
	for (unsigned i = 0; i < c->nsinks; i++) {
		int node = b->sink_node[i];

		check_secret(b, node, "secret_file", (enum sink_type)c->sinks[i].type);
		check_secret(b, node, "url_file", (enum sink_type)c->sinks[i].type);
		check_ca(b, node);
		if (c->sinks[i].type == SINK_COMMAND && c->sinks[i].ncommand)
			check_program(b, ydoc_get(b->doc, node, "command"),
				cfg_str(c, c->sinks[i].command));
	}
	for (unsigned i = 0; i < c->nsteps; i++)
		check_script(b, i);
}
