/* What the renderers share. Not for outside. */
#pragma once
#include "agent/render.h"

#include <json-c/json.h>

/* Each gives a new object, or NULL for nothing to tell. */
struct json_object *render_slack(const struct render_input *in);
struct json_object *render_teams(const struct render_input *in);
struct json_object *render_pagerduty(const struct render_input *in);
struct json_object *render_alertmanager(const struct render_input *in);
/** render_mail() - RFC 5322 text with CRLF; NULL without memory */
char *render_mail(const struct render_input *in);

/* The same facts, in the same words, for every kind of receiver. */
struct alert_words {
	const char *mark;       /* "FIRING", "RESOLVED" …: first thing a person reads */
	bool resolved;
	char title[256];        /* mark, then the summary */
	char what[128];         /* component, array or Ballast itself */
	char where[96];         /* host, simulated */
	char since[32];
	char key[256];
	char margin[48], verdict[80];
};
void alert_words(const struct render_input *in, struct alert_words *ret);

/** put_string() - the only way a member gets in: json-c's own would take over a NULL object silently */
void put_string(struct json_object *o, const char *name, const char *text);
