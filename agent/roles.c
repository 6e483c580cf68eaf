#include "agent/roles.h"

/* clang-format off */
static const char *const names[EXE_COUNT] = {
	[EXE_BALLASTD] = "ballastd", [EXE_PROBE] = "ballast-probe", [EXE_COURIER] = "ballast-courier",
	[EXE_SCRIBE] = "ballast-scribe", [EXE_WEB] = "ballast-web", [EXE_MANAGE] = "ballast-manage",
};
static const enum executable of_role[ROLE_COUNT] = {
	[ROLE_ENGINE] = EXE_BALLASTD, [ROLE_RUNNER] = EXE_BALLASTD, [ROLE_PROBER] = EXE_PROBE,
	[ROLE_DISCOVERER] = EXE_PROBE, [ROLE_SCENARIO] = EXE_PROBE, [ROLE_RESOLVER] = EXE_PROBE,
	[ROLE_LISTENER] = EXE_PROBE,
	[ROLE_COURIER] = EXE_COURIER, [ROLE_SCRIBE] = EXE_SCRIBE, [ROLE_WEB] = EXE_WEB,
};
/* clang-format on */

enum executable role_executable(enum role r, enum bus bus)
{
	if (r == ROLE_PROBER && (bus == BUS_MANAGE || bus == BUS_SSH))
		return EXE_MANAGE;
	return r < ROLE_COUNT ? of_role[r] : EXE_BALLASTD;
}

const char *executable_name(enum executable e)
{
	return word_in(names, ARRAY_SIZE(names), (size_t)e);
}
