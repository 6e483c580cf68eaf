/* Between the parser's own files: how an object of an answer becomes a reading. Never used outside santricity*.c. */
#pragma once
#include <json-c/json.h>

#include "probes/santricity.h"

struct json_object *santricity_inside(json_object *o, const char *key);
/** santricity_list() - an array by its key, or @o itself when @key is NULL; NULL when it is none or too long */
json_object *santricity_list(json_object *o, const char *key, size_t *ret_n);
/** santricity_true() - a member that is the boolean true */
bool santricity_true(json_object *o, const char *key);
/** santricity_worse() - something beside the status word is wrong: @state with @raw when that is worse */
void santricity_worse(struct reading *r, enum state state, const char *raw);
/** santricity_take() - a text without its padding */
void santricity_take(char *dst, size_t size, json_object *o, const char *key);
#define SANTRICITY_TAKE(field, o, key) santricity_take(field, sizeof(field), o, key)
/** santricity_tell() - a reading without a name or a word of its state is never told as ok */
void santricity_tell(struct reading *r, const char *address, const struct manage_sink *sink);
