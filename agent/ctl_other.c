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

int ctl_audit(struct ctl *c)
{
	return ctl_error(c, CTL_UNKNOWN,
		"audit is not part of this version: whether the host or Ballast itself lives on a "
		"watched array cannot be told; compare findmnt and lsblk by hand");
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
	ctl_say(c, "ballastctl %s, build %016llx\n", BALLAST_VERSION,
		(unsigned long long)build_id());
	return CTL_OK;
}
