/* One look at a Redfish service: what it asks, and how far it follows links. */
#include "probes/redfish_look.h"

enum { PAGES = 64, LEFT_MS = 1000 };

void redfish_tell(const struct reading *told, const char *address, void *arg)
{
	struct redfish_look *l = arg;
	const struct manage_sink *sink = manage_sink(l->m);
	struct reading r = *told;

	r.every_ms = l->every_ms;
	sink->reading(&r, address, sink->arg);
}

enum outcome redfish_nonsense(struct redfish_look *l, const char *path)
{
	return manage_fail(l->m, OUTCOME_NONSENSE,
		"the answer to %.100s was cut short or is not what it should be", path);
}

enum outcome redfish_ask(struct redfish_look *l, const char *path, json_object **ret)
{
	struct manage_answer a;
	enum outcome o;

	*ret = NULL;
	/* the inventory goes on where it stopped; the canisters are what a look is for */
	if (l->inventory && (l->asked >= REDFISH_ASKED || manage_left_ms(l->m) < LEFT_MS)) {
		l->cut = true;
		return OUTCOME_TIMEOUT;
	}
	if (l->asked++ >= REDFISH_ASKED)
		return manage_fail(
			l->m, OUTCOME_NONSENSE, "it leads to more than %d resources", REDFISH_ASKED);
	o = manage_get(l->m, path, &a);
	if (o == OUTCOME_OK) {
		*ret = manage_json(a.body, a.len);
		if (!*ret || !json_object_is_type(*ret, json_type_object)) {
			json_object_put(*ret);
			*ret = NULL;
			o = redfish_nonsense(l, path);
		}
	}
	if (a.status && a.status != 200)
		format_text(l->why, sizeof(l->why), "HTTP %u", a.status);
	else
		copy_text(l->why, sizeof(l->why), outcome_text(o));
	return o;
}

enum outcome redfish_ask_members(struct redfish_look *l, const char *path, struct redfish_links *ret)
{
	char next[REDFISH_PATH], after[REDFISH_PATH];
	enum outcome o = OUTCOME_OK;

	redfish_links_begin(ret);
	copy_text(next, sizeof(next), path);
	for (unsigned page = 0; o == OUTCOME_OK && next[0]; page++) {
		json_object *c = NULL;

		o = page < PAGES ? redfish_ask(l, next, &c) : redfish_nonsense(l, path);
		if (o == OUTCOME_OK && redfish_members(c, NULL, ret, after) < 0)
			o = redfish_nonsense(l, next);
		copy_text(next, sizeof(next), o == OUTCOME_OK ? after : "");
		json_object_put(c);
	}
	return o == OUTCOME_OK && ret->full ? redfish_nonsense(l, path) : o;
}

enum outcome redfish_for_each(
	struct redfish_look *l, const struct redfish_links *links, unsigned from, redfish_each_fn *fn, bool lenient)
{
	enum outcome o = OUTCOME_OK;

	for (unsigned i = from; i < links->n && o == OUTCOME_OK; i++) {
		json_object *resource = NULL;
		bool begun;

		o = redfish_ask(l, links->at[i], &resource);
		begun = o == OUTCOME_OK;
		if (begun)
			o = fn(l, resource, links->at[i]);
		else if (o == OUTCOME_ERROR && lenient)
			o = OUTCOME_OK;
		json_object_put(resource);
		/* one that alone is too much is left out, else nothing after it would ever be read */
		if (l->cut)
			l->turn->at = begun && i == from && l->alone ? i + 1 : i;
	}
	return o;
}

enum outcome redfish_take_each(struct redfish_look *l, const struct redfish_links *links, redfish_each_fn *fn)
{
	return redfish_for_each(l, links, 0, fn, false);
}

enum outcome redfish_take_who_answers(struct redfish_look *l, const struct redfish_links *links, redfish_each_fn *fn)
{
	return redfish_for_each(l, links, 0, fn, true);
}

enum outcome redfish_follow_by(
	struct redfish_look *l, json_object *o, enum redfish_link_kind kind, redfish_links_fn *take, redfish_each_fn *fn)
{
	struct redfish_links *links;
	char path[REDFISH_PATH];
	enum outcome out;

	if (!redfish_follow(o, kind, path))
		return OUTCOME_OK;
	links = malloc(sizeof(*links));
	if (!links)
		return OUTCOME_ERROR;
	out = redfish_ask_members(l, path, links);
	if (out == OUTCOME_OK)
		out = take(l, links, fn);
	free(links);
	return out;
}
