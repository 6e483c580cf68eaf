/* Between the parser's own files: what they all do with an object of an answer. Never used outside redfish*.c. */
#pragma once
#include <json-c/json.h>

#include "probes/redfish.h"

/** redfish_list() - an array by its key; NULL when there is none, or no @o */
json_object *redfish_list(json_object *o, const char *key, size_t *ret_n);
/** redfish_last_part() - of a path, without fragment */
void redfish_last_part(char *dst, size_t size, const char *path);
/** redfish_is_worse() - is the state of @a worse than that of @b */
bool redfish_is_worse(const struct reading *a, const struct reading *b);
/** redfish_is_named() - is it, or its storage, called that */
bool redfish_is_named(const struct redfish *rf, const struct redfish_controller *c, const char *name);
/** redfish_staged_for() - does code wait on it: by its own path's last part, its storage's, or its manager's; -1 nothing was said of it */
int redfish_staged_for(const struct redfish *rf, const struct redfish_controller *c);
