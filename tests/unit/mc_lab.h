/* What the tests of Dot Hill management controllers share: an answer that is read, and what a real MSA 2040 said. */
#pragma once
#include "manage_lab.h"
#include "probes/mc.h"

static inline json_object *answer(const char *text)
{
	json_object *o = NULL;
	char why[64] = "";
	int r = mc_answer(text, strlen(text), &o, why, sizeof(why));

	if (r < 0)
		fail_msg("%d %s: %s", r, why, text);
	return o;
}

static inline json_object *capture(const char *name)
{
	cleanup_(freep) char *text = NULL;
	char path[64], why[64];
	json_object *o = NULL;
	size_t len;

	format_text(path, sizeof(path), "msa-cli/%s", name);
	text = shared_file(path, &len);
	if (text && mc_answer(text, len, &o, why, sizeof(why)) < 0)
		fail_msg("%s is not read", path);
	return o;
}
