/* Putting rows into json-c objects: what is not known is null, never a made-up zero. Only for json*.c. */
#pragma once
#include <json-c/json.h>

#include "agent/view_words.h"

/** put_text() - empty or NULL is null; bytes that are not UTF-8 become '?' */
void put_text(struct json_object *o, const char *key, const char *text);
/** number_object() - whole numbers without a point; NULL (null) for what is none */
struct json_object *number_object(double value);
void put_number(struct json_object *o, const char *key, double value);
void put_count(struct json_object *o, const char *key, uint64_t value);
void put_signed(struct json_object *o, const char *key, int64_t value);
void put_bool(struct json_object *o, const char *key, bool value);
void put_null(struct json_object *o, const char *key);
/** put_time() - RFC 3339 UTC; 0 is null */
void put_time(struct json_object *o, const char *key, int64_t wall_ms);
/** put_age() - whole seconds since @at_ms of the boot clock; 0 (never) is null */
void put_age(struct json_object *o, const char *key, const struct view *v, uint64_t at_ms);
/** put_object() / put_array() - a new one under @key, owned by @o */
struct json_object *put_object(struct json_object *o, const char *key);
struct json_object *put_array(struct json_object *o, const char *key);
/** add_object() / add_text() - at the end of an array */
struct json_object *add_object(struct json_object *array);
void add_text(struct json_object *array, const char *text);
/** put_list() - "dns, imap, web" as an array */
void put_list(struct json_object *o, const char *key, const char *text);
/** put_component() - "ARRAY/KIND/NAME", null for NONE32 */
void put_component(
	struct json_object *o, const char *key, const struct model *m, uint32_t component);
/** put_array_name() - null for NONE16 */
void put_array_name(struct json_object *o, const char *key, const struct model *m, unsigned array);
/** put_numbered() - "i-31", "F-32", "r147"; null for 0 */
void put_numbered(struct json_object *o, const char *key, const char *prefix, uint32_t id);
/** put_layout() - enclosures[] and paths[], for the picture */
void put_layout(struct json_object *o, const struct view *v);
/** put_support() - what the vendor asks for first; @firmware_key as the reader calls it */
void put_support(struct json_object *o, const struct array_row *a, const char *firmware_key);
/** put_evidence() - CONTRACT evidence[] of a finding */
void put_evidence(struct json_object *o, const struct view *v, const struct finding_row *f);
