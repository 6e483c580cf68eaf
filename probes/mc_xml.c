/* The XML of older management controllers into the objects that newer ones send as JSON. */
#include "probes/mc_xml.h"

#include <errno.h>
#include <expat.h>
#include <json-c/json.h>

struct xml {
	XML_Parser parser;
	json_object *stack[MANAGE_DEPTH]; /* stack[0]: the RESPONSE */
	unsigned depth;                   /* objects that are open */
	unsigned elements;                /* elements that are open, of any name */
	unsigned property;                /* .elements within a PROPERTY, 0 outside */
	unsigned objects;
	char name[64], text[MC_TEXT];
	size_t len;
	bool broken;
};

static void stop(struct xml *x)
{
	x->broken = true;
	XML_StopParser(x->parser, XML_FALSE);
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (text_equal(attributes[0], name))
			return attributes[1];
	return "";
}

static json_object *list_of(json_object *parent, const char *name)
{
	json_object *list = NULL;

	if (json_object_object_get_ex(parent, name, &list) &&
		json_object_is_type(list, json_type_array))
		return list;
	list = json_object_new_array();
	if (list && json_object_object_add(parent, name, list) < 0) {
		json_object_put(list);
		return NULL;
	}
	return list;
}

static void open_object(struct xml *x, const XML_Char **attributes)
{
	const char *basetype = attribute(attributes, "basetype");
	json_object *list, *o = NULL;

	if (!x->depth || x->depth == MANAGE_DEPTH || ++x->objects > MC_OBJECTS || !*basetype) {
		stop(x);
		return;
	}
	list = list_of(x->stack[x->depth - 1], basetype);
	o = list ? json_object_new_object() : NULL;
	if (!o || json_object_array_add(list, o) < 0) {
		json_object_put(o);
		stop(x);
		return;
	}
	json_object_object_add(
		o, "object-name", json_object_new_string(attribute(attributes, "name")));
	x->stack[x->depth++] = o;
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *x = arg;

	if (x->broken)
		return;
	if (++x->elements > 2 * MANAGE_DEPTH || x->property) {
		stop(x);
	} else if (text_equal(name, "RESPONSE")) {
		if (!x->depth)
			x->stack[x->depth++] = json_object_new_object();
		if (x->elements > 1 || !x->stack[0])
			stop(x);
	} else if (text_equal(name, "OBJECT")) {
		open_object(x, attributes);
	} else if (text_equal(name, "PROPERTY")) {
		x->property = x->elements;
		x->len = 0;
		if (x->depth < 2 ||
			!copy_text(x->name, sizeof(x->name), attribute(attributes, "name")))
			stop(x);
	}
}

static void close_property(struct xml *x)
{
	const char *text = x->text;

	x->property = 0;
	while (x->len && strchr(" \t\r\n", *text)) {
		text++;
		x->len--;
	}
	while (x->len && strchr(" \t\r\n", text[x->len - 1]))
		x->len--;
	json_object_object_add(
		x->stack[x->depth - 1], x->name, json_object_new_string_len(text, (int)x->len));
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
	struct xml *x = arg;

	if (x->broken) /* expat still ends an element that it stopped in */
		return;
	if (x->property == x->elements)
		close_property(x);
	else if (text_equal(name, "OBJECT"))
		x->depth--;
	x->elements--;
}

/* A property longer than that is a text for people: its end is left out. */
static void XMLCALL on_text(void *arg, const XML_Char *text, int len)
{
	struct xml *x = arg;
	size_t n = MIN_OF((size_t)len, sizeof(x->text) - x->len);

	if (x->broken || !x->property)
		return;
	memcpy(x->text + x->len, text, n);
	x->len += n;
}

/* No answer has one; refused, so that no entity is ever expanded. */
static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
	const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	stop(arg);
}

int mc_xml(const char *text, size_t len, json_object **ret)
{
	cleanup_(freep) struct xml *x = calloc(1, sizeof(*x));
	bool whole;

	if (!x)
		return -ENOMEM;
	if (len > MANAGE_BODY_MAX)
		return -EBADMSG;
	x->parser = XML_ParserCreate("UTF-8");
	if (!x->parser)
		return -ENOMEM;
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	whole = XML_Parse(x->parser, text, (int)len, XML_TRUE) == XML_STATUS_OK && !x->broken;
	XML_ParserFree(x->parser);
	if (whole && x->stack[0]) {
		*ret = x->stack[0];
		return 0;
	}
	json_object_put(x->stack[0]);
	return -EBADMSG;
}
