/* Which executable is which role: the one table of them, and the roles that live in ballastd. */
#pragma once
#include "agent/role.h"

enum executable { EXE_BALLASTD, EXE_PROBE, EXE_COURIER, EXE_SCRIBE, EXE_WEB, EXE_MANAGE, EXE_COUNT };

extern const struct role_ops engine_role_ops; /* engine_main.c */
extern const struct role_ops runner_role_ops; /* runner.c */

/** role_executable() - whose zygote forks the role */
enum executable role_executable(enum role r, enum bus bus);
/** executable_name() - its file name */
const char *executable_name(enum executable e);
