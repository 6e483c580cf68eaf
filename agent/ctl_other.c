#include <json-c/json.h>

#include "agent/config_load.h"
#include "agent/ctl.h"
#include "agent/replay.h"

int ctl_replay(struct ctl *c)
{
	char *argv[CTL_WORDS + 2] = {(char[]){"replay"}};
	int argc = 1;

	for (unsigned i = 0; i < c->words; i++)
		argv[argc++] = (char *)(uintptr_t)c->word[i];
	return replay_main(argc, argv);
}

int ctl_check_config(struct ctl *c)
{
	int r = config_check(c->word[0], c->err);

	if (!r)
		ctl_print(c, "%s: no errors", c->word[0]);
	return r;
}

int ctl_version(struct ctl *c)
{
	char build[20];

	format_text(build, sizeof(build), "%016llx", (unsigned long long)build_id());
	if (c->json) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "version", json_object_new_string(BALLAST_VERSION));
		json_object_object_add(o, "build", json_object_new_string(build));
		return ctl_print_json(c, o);
	}
	ctl_say(c, "ballastctl %s, build %s\n", BALLAST_VERSION, build);
	return CTL_OK;
}
