/* Between the parser's own files: how an object of an answer becomes a reading. Never used outside mc*.c. */
#pragma once
#include <json-c/json.h>

#include "probes/mc.h"

/** mc_begin() - a reading of @kind, named by what follows the first '_' of property @key ("psu_1.1": "1.1") */
void mc_begin(struct reading *r, enum kind kind, json_object *o, const char *key);
/** mc_judge() - the word of property @key, when there is one: the first that is asked for or the worst counts */
void mc_judge(struct reading *r, json_object *o, const char *key, const struct manage_word *words, size_t n);
#define MC_JUDGE(r, o, key, words) mc_judge(r, o, key, words, ARRAY_SIZE(words))
/** mc_judge_health() - "health" and "health-numeric", which every object has */
void mc_judge_health(struct reading *r, json_object *o);
/** mc_tell() - said nothing of itself: unknown, never ok */
void mc_tell(struct reading *r, const char *address, const struct manage_sink *sink);
/** mc_take() - a text property, if it is there and means something */
void mc_take(char *dst, size_t size, json_object *o, const char *key);
#define MC_TAKE(field, o, key) mc_take(field, sizeof(field), o, key)
/** mc_list() - the array of objects of basetype @name; NULL and 0 when there is none */
json_object *mc_list(json_object *answer, const char *name, size_t *ret_n);
/** mc_first() - its first object, NULL */
json_object *mc_first(json_object *answer, const char *name);
/** mc_redundancy() - what "show system" says of both canisters; NULL */
json_object *mc_redundancy(json_object *system);
