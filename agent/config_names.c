/* Cross checks of the configuration: what must be unique, known, or lead somewhere. */
#include "agent/config_parts.h"
#include "agent/listen_plan.h"

#include <ctype.h>

enum { SERVICES_ROOM = 129 }; /* array_row.services with the last ", " that is not written */

static void complain(struct build *b, int map, const char *key, const char *what, const char *name)
{
	int node = ydoc_get(b->doc, map, key);

	ydoc_complain(b->doc, node ? node : map, "%s '%.60s'", what, name);
}

/* "unknown array 'sam1', did you mean 'san1'?" */
static void complain_unknown(struct build *b, int node, const char *what, const char *name,
	const cfg_text *texts, size_t stride, unsigned n)
{
	const char *names[CFG_ARRAYS], *near;

	for (unsigned i = 0; i < n && i < CFG_ARRAYS; i++) {
		const unsigned char *at = (const unsigned char *)texts + i * stride;
		cfg_text t;

		memcpy(&t, at, sizeof(t));
		names[i] = cfg_str(b->c, t);
	}
	near = nearest_word(name, names, MIN_OF(n, (unsigned)CFG_ARRAYS));
	if (near)
		ydoc_complain(
			b->doc, node, "unknown %s '%.60s', did you mean '%s'?", what, name, near);
	else
		ydoc_complain(b->doc, node, "unknown %s '%.60s'", what, name);
}

#define UNKNOWN(b, node, what, name, rows, n)                                                      \
	complain_unknown(b, node, what, name, &(rows)[0].name, sizeof((rows)[0]), n)

static void check_unique(struct build *b, int map, const char *what, cfg_text name,
	const cfg_text *before, size_t stride, unsigned n)
{
	const char *text = cfg_str(b->c, name);

	for (unsigned i = 0; *text && i < n; i++) {
		cfg_text t;

		memcpy(&t, (const unsigned char *)before + i * stride, sizeof(t));
		if (strcmp(cfg_str(b->c, t), text))
			continue;
		ydoc_complain(b->doc, ydoc_get(b->doc, map, "name"), "there are two %s named '%s'",
			what, text);
		return;
	}
}

#define UNIQUE(b, map, what, rows, i)                                                              \
	check_unique(b, map, what, (rows)[i].name, &(rows)[0].name, sizeof((rows)[0]), i)

static void check_array(struct build *b, unsigned i)
{
	struct config *c = b->c;
	int node = b->array_node[i];
	size_t len = 0;

	UNIQUE(b, node, "arrays", c->arrays, i);
	for (unsigned j = 0; c->arrays[i].serial && j < i; j++)
		if (text_equal(cfg_str(c, c->arrays[i].serial), cfg_str(c, c->arrays[j].serial)))
			complain(b, node, "serial", "two arrays have the serial",
				cfg_str(c, c->arrays[i].serial));
	for (unsigned s = 0; s < c->arrays[i].nservices; s++)
		len += strlen(cfg_list(c, c->arrays[i].services, s)) + 2;
	if (len > SERVICES_ROOM)
		ydoc_complain(b->doc, ydoc_get(b->doc, node, "services"),
			"the names together are longer than 127 bytes");
	if (ydoc_get(b->doc, node, "sources") &&
		!ydoc_count(b->doc, ydoc_get(b->doc, node, "sources")))
		ydoc_complain(b->doc, ydoc_get(b->doc, node, "sources"),
			"an array without a source is never seen");
}

static void check_url(struct build *b, int node, const struct cfg_sink *s)
{
	if (s->url && s->url_file && s->type != SINK_PAGERDUTY)
		ydoc_complain(b->doc, ydoc_key(b->doc, node, "url_file"),
			"either 'url' or 'url_file', not both");
	if (!s->url && !s->url_file && s->type != SINK_COMMAND)
		ydoc_complain(b->doc, node, "'url' or 'url_file' is missing");
	if (s->type == SINK_PAGERDUTY && !s->secret_file)
		ydoc_complain(b->doc, node, "'secret_file' with the routing key is missing");
}

static void check_fallback(struct build *b, unsigned i, const bool *circular)
{
	struct config *c = b->c;
	const char *name = ydoc_text(b->doc, ydoc_get(b->doc, b->sink_node[i], "fallback_for"), "");
	int other = cfg_sink_index(c, name),
	    node = ydoc_get(b->doc, b->sink_node[i], "fallback_for");

	if (!*name)
		return;
	if (other < 0)
		UNKNOWN(b, node, "sink", name, c->sinks, c->nsinks);
	else if (circular[i])
		ydoc_complain(b->doc, node, "the fallbacks of '%s' go in a circle",
			cfg_str(c, c->sinks[i].name));
}

/* Resolves fallback_for into indexes; a circle would send nothing, so it is cut and told. */
static void link_fallbacks(struct build *b, bool *circular)
{
	struct config *c = b->c;

	for (unsigned i = 0; i < c->nsinks; i++) {
		const char *name =
			ydoc_text(b->doc, ydoc_get(b->doc, b->sink_node[i], "fallback_for"), "");
		int other = *name ? cfg_sink_index(c, name) : -1;

		c->sinks[i].fallback_for = (uint8_t)(other + 1);
	}
	for (unsigned i = 0; i < c->nsinks; i++) {
		unsigned at = i, hops = 0;

		while (c->sinks[at].fallback_for && hops++ <= c->nsinks) {
			at = c->sinks[at].fallback_for - 1u;
			circular[i] |= at == i;
		}
	}
}

static void check_sink(struct build *b, unsigned i, const bool *circular)
{
	struct config *c = b->c;
	const struct cfg_sink *s = &c->sinks[i];
	int node = b->sink_node[i], arrays = ydoc_get(b->doc, node, "arrays");

	UNIQUE(b, node, "sinks", c->sinks, i);
	if (!b->scenario)
		check_url(b, node, s);
	check_fallback(b, i, circular);
	for (unsigned a = 0; a < ydoc_count(b->doc, arrays); a++) {
		const char *name = ydoc_text(b->doc, ydoc_item(b->doc, arrays, a), "");

		if (cfg_array_index(c, name) < 0)
			UNKNOWN(b, ydoc_item(b->doc, arrays, a), "array", name, c->arrays,
				c->narrays);
	}
}

static bool env_name_valid(const char *name)
{
	static const char *const reserved[] = {"BALLAST_", "LD_"};

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strncmp(name, reserved[i], strlen(reserved[i])))
			return false;
	if (!strcmp(name, "PATH") || !*name || isdigit((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

static void check_step(struct build *b, const struct cfg_plan *p, unsigned i)
{
	struct config *c = b->c;
	const struct cfg_step *s = &c->steps[p->first_step + i];
	int node = b->step_node[p->first_step + i], key, value;
	char why[160];

	check_unique(b, node, "steps in this plan", s->name, &c->steps[p->first_step].name,
		sizeof(*s), i);
	if (!s->run && !s->simulate && !b->scenario)
		ydoc_complain(b->doc, node, "'run' is missing");
	if (s->run && !s->simulate && !b->scenario &&
		!path_valid(cfg_str(c, s->run), why, sizeof(why)))
		ydoc_complain(b->doc, ydoc_get(b->doc, node, "run"), "%s", why);
	if ((s->verbs & 1u << VERB_FENCE) && !(s->verbs & 1u << VERB_FENCE_STATUS))
		ydoc_complain(b->doc, ydoc_get(b->doc, node, "verbs"),
			"'fence' without 'fence-status': isolation could not be confirmed");
	if (ydoc_get(b->doc, node, "verbs") && !ydoc_count(b->doc, ydoc_get(b->doc, node, "verbs")))
		ydoc_complain(
			b->doc, ydoc_get(b->doc, node, "verbs"), "a step needs at least one verb");
	for (unsigned k = 0; ydoc_pair(b->doc, ydoc_get(b->doc, node, "env"), k, &key, &value); k++)
		if (!env_name_valid(ydoc_text(b->doc, key, "")))
			ydoc_complain(b->doc, key, "'%.60s' cannot be set by a step",
				ydoc_text(b->doc, key, ""));
}

static void check_plan(struct build *b, unsigned i)
{
	struct config *c = b->c;
	const struct cfg_plan *p = &c->plans[i];
	int node = b->plan_node[i], array = ydoc_get(b->doc, node, "array");
	const char *name = ydoc_text(b->doc, array, "");

	UNIQUE(b, node, "plans", c->plans, i);
	if (*name && cfg_array_index(c, name) < 0)
		UNKNOWN(b, array, "array", name, c->arrays, c->narrays);
	if (ydoc_get(b->doc, node, "when") && !ydoc_count(b->doc, ydoc_get(b->doc, node, "when")))
		ydoc_complain(
			b->doc, ydoc_get(b->doc, node, "when"), "a plan that no verdict asks for");
	if (ydoc_get(b->doc, node, "steps") && !ydoc_count(b->doc, ydoc_get(b->doc, node, "steps")))
		ydoc_complain(b->doc, ydoc_get(b->doc, node, "steps"), "a plan without a step");
	if (p->mode == MODE_AUTO && !p->nwitness)
		ydoc_complain(b->doc, ydoc_get(b->doc, node, "mode"),
			"'auto' needs a 'witness' that proves this host can see; without one only 'approve' is possible");
	for (unsigned s = 0; s < p->nsteps; s++)
		check_step(b, p, s);
}

/* Two plugins under one name would take turns; one that speaks for another array would never be believed. */
static void check_plugin(struct build *b, unsigned i)
{
	const struct config *c = b->c;
	const struct cfg_source *s = &c->sources[i];
	int node = b->source_node[i], asserts = ydoc_get(b->doc, node, "asserts");
	const char *id = ydoc_text(b->doc, asserts, ""), *array = cfg_str(c, c->arrays[s->array].name);

	if (*id && (strncmp(id, array, strlen(array)) != 0 || id[strlen(array)] != '/'))
		ydoc_complain(b->doc, asserts, "'%.60s' is not of array '%s', whose source it is", id, array);
	for (unsigned j = 0; j < i; j++) {
		const struct cfg_source *o = &c->sources[j];

		if (o->type != SOURCE_NAGIOS || o->array != s->array || o->component_kind != s->component_kind ||
			strcmp(cfg_str(c, o->component), cfg_str(c, s->component)) != 0)
			continue;
		ydoc_complain(b->doc, asserts ? asserts : node,
			asserts ? "two plugins speak for '%s'" : "two plugins are called '%s': give one a 'name'",
			cfg_str(c, s->component));
		return;
	}
}

/* A message is of one array alone: by the address that it comes from. */
static void check_from(struct build *b, unsigned i, unsigned k)
{
	const struct config *c = b->c;
	const char *address = cfg_list(c, c->sources[i].from, k);
	int from = ydoc_get(b->doc, b->source_node[i], "from");

	for (unsigned j = 0; j <= i; j++)
		for (unsigned m = 0; m < (j == i ? k : c->sources[j].nfrom); m++)
			if (text_equal(address, cfg_list(c, c->sources[j].from, m))) {
				ydoc_complain(b->doc, ydoc_item(b->doc, from, k),
					"'%s' is heard already: by what comes from it one array is known", address);
				return;
			}
}

static void check_listen(struct build *b, unsigned i)
{
	struct listen_socket sockets[CFG_LISTEN];
	int node = b->source_node[i], from = ydoc_get(b->doc, node, "from");

	if (from && !ydoc_count(b->doc, from))
		ydoc_complain(b->doc, from, "a source that hears nobody");
	for (unsigned k = 0; k < b->c->sources[i].nfrom; k++)
		check_from(b, i, k);
	if (listen_plan(b->c, i + 1, sockets) < 0)
		ydoc_complain(b->doc, node, "more than %d sockets to listen on: use the same addresses and ports", CFG_LISTEN);
}

void check_names(struct build *b)
{
	bool circular[CFG_SINKS] = {};

	for (unsigned i = 0; i < b->c->narrays; i++)
		if (b->array_node[i])
			check_array(b, i);
	for (unsigned i = 0; i < b->c->nsources; i++) {
		if (b->c->sources[i].type == SOURCE_NAGIOS && b->source_node[i])
			check_plugin(b, i);
		if (b->c->sources[i].type == SOURCE_LISTEN && b->source_node[i])
			check_listen(b, i);
	}
	link_fallbacks(b, circular);
	for (unsigned i = 0; i < b->c->nsinks; i++)
		check_sink(b, i, circular);
	for (unsigned i = 0; i < b->c->nplans; i++)
		check_plan(b, i);
	if (b->full)
		ydoc_complain(b->doc, 0, "the texts together are longer than %d bytes", CFG_POOL);
}
