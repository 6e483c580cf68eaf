#include "agent/config_load.h"
#include "agent/config_parts.h"

#include <errno.h>
#include <unistd.h>

static void build_listen_on(struct build *b, int list)
{
	struct config *c = b->c;
	struct ydoc *d = b->doc;

	for (unsigned i = 0; i < ydoc_count(d, list) && i < CFG_LISTEN; i++) {
		const char *address = ydoc_text(d, ydoc_item(d, list, i), "");

		for (unsigned k = 0; k < i; k++)
			if (text_equal(cfg_str(c, c->listen[k]), address))
				ydoc_complain(d, ydoc_item(d, list, i), "'%s' is there twice", address);
		c->listen[c->nlisten++] = cfg_put(c, address, &b->full);
	}
	if (!list)
		c->listen[c->nlisten++] = cfg_put(c, "127.0.0.1:9877", &b->full);
}

static void build_all(struct build *b, const char *file)
{
	struct config *c = b->c;
	struct ydoc *d = b->doc;
	int root = ydoc_root(d), metrics = ydoc_get(d, root, "metrics");
	char host[64] = "";

	c->file = cfg_put(c, file, &b->full);
	if (gethostname(host, sizeof(host) - 1) < 0)
		copy_text(host, sizeof(host), "localhost");
	c->host = cfg_put(c, ydoc_text(d, ydoc_get(d, root, "host"), host), &b->full);
	c->control_group = build_text(b, root, "control_group");
	if (ydoc_get(d, root, "state_directory"))
		c->state_directory = build_text(b, root, "state_directory");
	if (ydoc_get(d, root, "control"))
		c->control_path = build_text(b, root, "control");
	c->smart_attributes = ydoc_bool(d, ydoc_get(d, metrics, "smart_attributes"), false);
	c->compat_smartctl = ydoc_count(d, ydoc_get(d, metrics, "compat")) > 0;
	build_listen_on(b, ydoc_get(d, root, "listen"));
}

static void build_lists(struct build *b)
{
	struct ydoc *d = b->doc;
	int root = ydoc_root(d);
	int arrays = ydoc_get(d, root, "arrays"), sinks = ydoc_get(d, root, "sinks"),
	    plans = ydoc_get(d, root, "plans");

	for (unsigned i = 0; i < ydoc_count(d, arrays); i++)
		build_array(b, ydoc_item(d, arrays, i));
	if (ydoc_bool(d, ydoc_get(d, root, "local"), true))
		build_local(b, arrays ? arrays : root);
	for (unsigned i = 0; i < ydoc_count(d, sinks); i++)
		build_sink(b, ydoc_item(d, sinks, i));
	for (unsigned i = 0; i < ydoc_count(d, plans); i++)
		build_plan(b, ydoc_item(d, plans, i));
}

static void tell(const struct ydoc *d, const char *file, struct config_errors *errs)
{
	if (!ydoc_mistakes(d))
		return;
	ydoc_print(d, file, errs->err, errs->count ? NULL : errs->first, sizeof(errs->first));
	errs->count += ydoc_mistakes(d);
}

static const char *advisories_file(const struct ydoc *d)
{
	return ydoc_text(d, ydoc_get(d, ydoc_root(d), "advisories"), "");
}

int config_load_text(const char *file, const char *text, size_t len, bool look, struct config *c,
	struct config_errors *errs)
{
	cleanup_(ydoc_freep) struct ydoc *d = NULL;
	cleanup_(freep) struct build *b = calloc(1, sizeof(*b));
	int r = ydoc_load(text, len, &config_schema, &d);

	if (r < 0 || !b) {
		config_error(errs, "%s:1:1: error: out of memory", file);
		return -EINVAL;
	}
	memset(c, 0, sizeof(*c));
	b->doc = d;
	b->c = c;
	build_defaults(c);
	if (ydoc_root(d)) {
		build_all(b, file);
		build_lists(b);
		check_names(b);
		check_manage(b);
		if (look) {
			check_files(b);
			check_manage_files(b);
		}
	}
	tell(d, file, errs);
	if (advisories_load_all(look ? advisories_file(d) : NULL, c, errs) < 0 || errs->count)
		return -EINVAL;
	return 0;
}

int config_load(const char *file, struct config *c, struct config_errors *errs)
{
	cleanup_(freep) char *text = NULL;
	size_t len = 0;
	int r = slurp(file, YAML_BYTES_MAX, &text, &len);

	if (r < 0) {
		config_error(errs, "%s:1:1: error: %s", file,
			r == -EFBIG ? "larger than 1 MiB" : strerror(-r));
		return -EINVAL;
	}
	return config_load_text(file, text, len, true, c, errs);
}

int config_check(const char *file, FILE *err)
{
	cleanup_(freep) struct config *c = calloc(1, sizeof(*c));
	cleanup_(freep) struct secrets *s = calloc(1, sizeof(*s));
	cleanup_(freep) struct credentials *m = calloc(1, sizeof(*m));
	struct config_errors errs = {.err = err};

	if (!c || !s || !m) {
		fprintf(err, "%s:1:1: error: out of memory\n", file);
		return 1;
	}
	if (config_load(file, c, &errs) < 0)
		return 1;
	return config_secrets(c, s, &errs) < 0 || config_credentials(c, m, &errs) < 0;
}
