/* Setting up the log; what writes to it is log_line() in agent/role.h. Writing never waits. */
#pragma once
#include "probes/util.h"

/** log_own_stderr() - once, in the supervisor: a stderr that can be written without waiting */
void log_own_stderr(void);
/** log_set_name() - put "NAME: " in front of every line; looks at stderr, so call it before a sandbox */
void log_set_name(const char *name);
/** log_finish() - last thing before the end: what was logged is in the file, or a second has passed */
void log_finish(void);

/**
 * log_pump_start() - a child that alone writes a regular file, whose disk may hang
 * @file: the file; stays the caller's
 *
 * Return: the end to write into, the caller's; -errno.
 */
must_check int log_pump_start(int file);
/** log_pump_check() - after SIGCHLD: starts that child again when it has ended; true when it did */
bool log_pump_check(void);
/** log_pump_pid() - of that child; 0 there is none */
int log_pump_pid(void);
