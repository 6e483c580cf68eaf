/* What the tests of Redfish resources share: what is known of one service, fresh for each test, and a sink. */
#pragma once
#include "manage_lab.h"
#include "probes/redfish.h"

static struct redfish *rf;
static struct redfish_links drives;
static struct kept k;
static const struct manage_sink sink = {keep, &k};

static inline int fresh(void **unused)
{
	(void)unused;
	free(rf);
	rf = calloc(1, sizeof(*rf));
	drives = (struct redfish_links){};
	k = (struct kept){};
	return rf ? 0 : -1;
}

static inline int done(void **unused)
{
	(void)unused;
	free(rf);
	rf = NULL;
	return 0;
}

static inline json_object *json(const char *text)
{
	json_object *o = manage_json(text, strlen(text));

	if (!o)
		fail_msg("not JSON: %s", text);
	return o;
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, fresh, done)
