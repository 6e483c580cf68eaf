/* XML of a Dot Hill management controller -> the same objects as its JSON. Pure but for expat's and json-c's heap. */
#pragma once
#include "probes/mc.h"

/**
 * mc_xml() - one document: RESPONSE, in it OBJECTs of a basetype, in them PROPERTYs and OBJECTs
 * @ret: {basetype: [{"object-name": …, property: text, basetype: […]}]}; caller: json_object_put()
 *
 * Return: 0; -ENOMEM; -EBADMSG when it is not well-formed to its end, has a DOCTYPE, is deeper than MANAGE_DEPTH or
 * has more than MC_OBJECTS.
 */
must_check int mc_xml(const char *text, size_t len, struct json_object **ret);
