#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/filter.h>
#include <unistd.h>

#include "agent/role.h"
#include "agent/sandbox.h"
#include "agent/spawn.h"

enum { FILTERS_MAX = 16, FILTER_BYTES = 16384 };

static struct {
	enum role role;
	enum bus bus;
	struct sock_fprog program;
} filters[FILTERS_MAX];
static unsigned nfilters;

/* Only a test build listens to the environment; a daemon in service kills. */
static uint32_t action_for_others(void)
{
	const char *word = BALLAST_MOCK || BALLAST_SANITIZED ? getenv("BALLAST_SECCOMP") : NULL;

	if (text_equal(word, "log"))
		return SCMP_ACT_LOG;
	if (text_equal(word, "errno") || (BALLAST_SANITIZED && !text_equal(word, "kill")))
		return SCMP_ACT_ERRNO(EPERM);
	return SCMP_ACT_KILL_PROCESS;
}

static int add_group(scmp_filter_ctx ctx, enum call_group g)
{
	for (const char *const *name = call_group_names(g); *name; name++) {
		int nr = seccomp_syscall_resolve_name(*name);
		int r = nr < 0 ? 0 : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);

		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

static int compile_into(int fd, enum role role, enum bus bus)
{
	unsigned wanted = role_call_groups(role, bus) | (BALLAST_MOCK ? (unsigned)CALLS_MOCK : 0);
	scmp_filter_ctx ctx = seccomp_init(action_for_others());
	int r = ctx ? 0 : -ENOMEM;

	for (unsigned g = 1; r == 0 && g && g <= wanted; g <<= 1)
		if (wanted & g)
			r = add_group(ctx, (enum call_group)g);
	if (r == 0)
		r = seccomp_export_bpf(ctx, fd);
	seccomp_release(ctx);
	return r;
}

static int compile_in_child(int fd, enum role role, enum bus bus)
{
	siginfo_t si = {};
	int pidfd = -1, r;
	pid_t pid = spawn_fork(0, &pidfd);

	if (!pid)
		_exit(compile_into(fd, role, bus) < 0);
	if (pid < 0)
		return pid;
	do
		r = waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED);
	while (r < 0 && errno == EINTR);
	close(pidfd);
	return r < 0 || si.si_code != CLD_EXITED || si.si_status ? -EIO : 0;
}

static int load(int fd, struct sock_fprog *ret)
{
	struct stat st;
	void *code;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size <= 0 || st.st_size > FILTER_BYTES)
		return -EIO;
	code = malloc((size_t)st.st_size);
	if (!code)
		return -ENOMEM;
	if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size) {
		free(code);
		return -EIO;
	}
	ret->len = (unsigned short)((size_t)st.st_size / sizeof(struct sock_filter));
	ret->filter = code;
	return 0;
}

static struct sock_fprog *find(enum role r, enum bus bus)
{
	for (unsigned i = 0; i < nfilters; i++)
		if (filters[i].role == r && (r != ROLE_PROBER || filters[i].bus == bus))
			return &filters[i].program;
	return NULL;
}

int sandbox_prepare(enum role role, enum bus bus)
{
	cleanup_(closep) int fd = -1;
	int r;

	if (!role_call_groups(role, bus) || find(role, bus))
		return 0;
	if (nfilters == FILTERS_MAX)
		return -ENOMEM;
	fd = memfd_create("ballast-filter", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = compile_in_child(fd, role, bus);
	if (r == 0)
		r = load(fd, &filters[nfilters].program);
	if (r < 0)
		return r;
	filters[nfilters].role = role;
	filters[nfilters++].bus = bus;
	return 0;
}

int sandbox_apply(enum role role, enum bus bus)
{
	const struct sock_fprog *program;
	int r;

	if (!role_call_groups(role, bus) || ((BALLAST_MOCK || BALLAST_SANITIZED) &&
						    text_equal(getenv("BALLAST_SECCOMP"), "off")))
		return 0;
	r = sandbox_prepare(role, bus);
	program = find(role, bus);
	if (r < 0 || !program)
		return r < 0 ? r : -EIO;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* threads that start() made are held to the list too */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program) != 0)
		return errno == EINVAL ? -ENOSYS : -errno;
	return 0;
}
