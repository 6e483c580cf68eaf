/* Setting up the log; what writes to it is log_line() in agent/role.h. */
#pragma once

/** log_own_stderr() - once, in the supervisor: a stderr that can be written without waiting */
void log_own_stderr(void);
/** log_set_name() - put "NAME: " in front of every line; looks at stderr, so call it before a sandbox */
void log_set_name(const char *name);
