/* From root to the least a role needs: its own uid, the capabilities of its bus. */
#pragma once
#include "agent/msg.h"

/**
 * caps_load_users() - look up the roles' users once, while the disk is healthy
 *
 * Reads /etc/passwd only: no name service, which would stay in memory. A role without a user of the
 * name ballast-ROLE gets a fixed high uid of its own.
 */
void caps_load_users(void);

/** caps_uid() - the uid a role runs as when started by root; 0 for the runner; the supervisor's: of its log writer */
uid_t caps_uid(enum role r, enum bus bus);

/** role_runs_programs() - true for roles whose children are other people's programs: no filter, no no_new_privs */
bool role_runs_programs(enum role r, enum bus bus);

/**
 * caps_drop() - become the role: uid and gid, supplementary groups, capabilities, bounding set
 * @demo: keep the uid, drop the capabilities
 *
 * Return: 0, -errno. On failure the process must end.
 */
must_check int caps_drop(enum role r, enum bus bus, bool demo);
