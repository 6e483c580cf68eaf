#include "agent/caps.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

/*
 * Between what systemd gives to dynamic users and the end of Debian's reserved range, so that it
 * exists in a container too and belongs to nobody.
 */
enum { UID_BASE = 65520, UID_MANAGE = 65530, UID_NOBODY = 65534, UID_EXEC = 65531, UID_LOG = 65532, UID_LISTENER = 65533, CAPS_MAX = 4, NO_CAP = -1 };

struct privilege {
	const char *user;
	uid_t uid;
	gid_t gid;
	int caps[CAPS_MAX];
};

/* clang-format off */
static struct privilege of_role[ROLE_COUNT] = {
	/* its child that writes the log file; the supervisor itself stays root */
	[ROLE_SUPERVISOR] = {"ballast-log",        UID_LOG,                    UID_LOG,                    {NO_CAP}},
	[ROLE_ENGINE]     = {"ballast-engine",     UID_BASE + ROLE_ENGINE,     UID_BASE + ROLE_ENGINE,     {NO_CAP}},
	[ROLE_PROBER]     = {"ballast-prober",     UID_BASE + ROLE_PROBER,     UID_BASE + ROLE_PROBER,     {NO_CAP}},
	[ROLE_DISCOVERER] = {"ballast-discoverer", UID_BASE + ROLE_DISCOVERER, UID_BASE + ROLE_DISCOVERER, {NO_CAP}},
	[ROLE_COURIER]    = {"ballast-courier",    UID_BASE + ROLE_COURIER,    UID_BASE + ROLE_COURIER,    {NO_CAP}},
	[ROLE_SCRIBE]     = {"ballast-scribe",     UID_BASE + ROLE_SCRIBE,     UID_BASE + ROLE_SCRIBE,     {NO_CAP}},
	[ROLE_WEB]        = {"ballast-web",        UID_BASE + ROLE_WEB,        UID_BASE + ROLE_WEB,        {NO_CAP}},
	[ROLE_SCENARIO]   = {"ballast-scenario",   UID_BASE + ROLE_SCENARIO,   UID_BASE + ROLE_SCENARIO,   {NO_CAP}},
	[ROLE_RESOLVER]   = {"ballast-resolver",   UID_BASE + ROLE_RESOLVER,   UID_BASE + ROLE_RESOLVER,   {NO_CAP}},
	[ROLE_LISTENER]   = {"ballast-listener",   UID_LISTENER,              UID_LISTENER,               {NO_CAP}},
};
static struct privilege exec_worker = {"ballast-exec", UID_EXEC, UID_EXEC, {NO_CAP}};
static struct privilege manage_worker = {"ballast-manage", UID_MANAGE, UID_MANAGE, {NO_CAP}};
/* ssh refuses a user that has no entry in /etc/passwd */
static struct privilege ssh_worker = {"ballast-ssh", UID_NOBODY, UID_NOBODY, {NO_CAP}};
static struct privilege *const worker_of_bus[BUS_COUNT] = {
	[BUS_EXEC] = &exec_worker, [BUS_MANAGE] = &manage_worker, [BUS_SSH] = &ssh_worker};

/* What opens a device node read-only and lets its commands through; measured per bus. Ends with NO_CAP. */
static const int of_bus[BUS_COUNT][CAPS_MAX] = {
	[BUS_SCSI] = {CAP_DAC_READ_SEARCH, NO_CAP},
	[BUS_ATA]  = {CAP_DAC_READ_SEARCH, CAP_SYS_RAWIO, NO_CAP},
	[BUS_NVME] = {CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN, NO_CAP},
	[BUS_EXEC] = {NO_CAP},
	[BUS_NET]  = {NO_CAP},
	[BUS_MANAGE] = {NO_CAP},
	[BUS_SSH]  = {NO_CAP},
	/* smartctl writes to the nodes of adapters, and makes that of megaraid_sas when it is not there */
	[BUS_SMART] = {CAP_DAC_OVERRIDE, CAP_SYS_RAWIO, CAP_SYS_ADMIN, CAP_MKNOD},
};
/* clang-format on */

static struct privilege *privilege_of(enum role r, enum bus bus)
{
	return r == ROLE_PROBER && worker_of_bus[bus] ? worker_of_bus[bus] : &of_role[r];
}

static void take_user(struct privilege *p, const struct passwd *pw)
{
	if (!p->user || strcmp(p->user, pw->pw_name) || !pw->pw_uid)
		return;
	p->uid = pw->pw_uid;
	p->gid = pw->pw_gid;
}

void caps_load_users(void)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;

	if (!f)
		return;
	while ((pw = fgetpwent(f))) {
		for (unsigned r = 0; r < ROLE_COUNT; r++)
			take_user(&of_role[r], pw);
		for (unsigned bus = 0; bus < BUS_COUNT; bus++)
			if (worker_of_bus[bus])
				take_user(worker_of_bus[bus], pw);
	}
	(void)fclose(f);
}

uid_t caps_uid(enum role r, enum bus bus)
{
	return privilege_of(r, bus)->uid;
}

bool role_runs_programs(enum role r, enum bus bus)
{
	return r == ROLE_RUNNER ||
		(r == ROLE_PROBER && (bus == BUS_EXEC || bus == BUS_SSH || bus == BUS_SMART));
}

/* A container or a unit may leave some of them out: smartctl then does what it can without. */
static bool may_have(int cap)
{
	return prctl(PR_CAPBSET_READ, (unsigned long)cap, 0, 0, 0) == 1;
}

static int select_caps(enum role r, enum bus bus)
{
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned i = 0; r == ROLE_PROBER && i < CAPS_MAX && of_bus[bus][i] != NO_CAP; i++)
		if ((bus != BUS_SMART || may_have(of_bus[bus][i])) &&
			capng_update(CAPNG_ADD,
			    CAPNG_EFFECTIVE | CAPNG_PERMITTED | (bus == BUS_SMART ? CAPNG_INHERITABLE : 0),
			    (unsigned)of_bus[bus][i]) < 0)
			return -EINVAL;
	return 0;
}

/* The one worker whose program needs what the worker has: it runs smartctl, with arguments of ours. */
static int hand_down(enum role r, enum bus bus)
{
	for (unsigned i = 0; r == ROLE_PROBER && bus == BUS_SMART && i < CAPS_MAX; i++)
		if (may_have(of_bus[bus][i]) &&
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)of_bus[bus][i], 0, 0) < 0)
			return -errno;
	return 0;
}

/* A plugin that uses sudo needs the bounding set; everybody else's is emptied. */
int caps_drop(enum role r, enum bus bus, bool demo)
{
	const struct privilege *p = privilege_of(r, bus);
	bool root = !geteuid();
	unsigned flags = CAPNG_DROP_SUPP_GRP;

	if (r == ROLE_RUNNER)
		return 0;
	if (select_caps(r, bus) < 0)
		return -EINVAL;
	if (!root || demo) {
		if (root && capng_apply(CAPNG_SELECT_BOTH) < 0)
			return -EPERM;
		return 0;
	}
	if (!role_runs_programs(r, bus))
		flags |= CAPNG_CLEAR_BOUNDING;
	if (capng_change_id((int)p->uid, (int)p->gid, (capng_flags_t)flags) < 0)
		return -EPERM;
	return hand_down(r, bus);
}
