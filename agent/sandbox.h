/* System call lists: data in seccomp_lists.c, made into filters in the zygote, applied in the instance. */
#pragma once
#include "agent/msg.h"

enum call_group {
	CALLS_BASE = 1,
	CALLS_ACCEPT = 2,
	CALLS_CONNECT = 4,
	CALLS_RESOLVE = 8,
	CALLS_READ_FILES = 16,
	CALLS_WRITE_FILES = 32,
	CALLS_DEVICES = 64,
	CALLS_NETLINK = 128,
	CALLS_THREADS = 256,
	CALLS_MOCK = 512
};

/** call_group_names() - the system calls of one group, NULL-terminated */
const char *const *call_group_names(enum call_group g);
/** role_call_groups() - bits of enum call_group; 0: no list is ever applied */
unsigned role_call_groups(enum role r, enum bus bus);

/**
 * sandbox_prepare() - make the filter of a role in a child, so that the compiler's memory is not ours
 *
 * Called in the zygote. sandbox_apply() makes what was not prepared itself. What a list does not have ends
 * the process; a build with -Dmock=true or a sanitizer asks BALLAST_SECCOMP: "log", "errno", "kill", "off".
 * Return: 0, -ENOMEM, -EIO.
 */
must_check int sandbox_prepare(enum role r, enum bus bus);
