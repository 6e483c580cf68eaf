#include "agent/sandbox.h"

/*
 * What each role may ask the kernel for after ops->start(). The engine opens nothing; only what must
 * open has openat. Names a machine does not have are skipped. sysinfo: glibc's qsort() asks it how much
 * memory there is, but only for more than 1 KiB.
 */

static const char *const base[] = {"read", "write", "readv", "writev", "recvmsg", "sendmsg",
	"recvfrom", "sendto", "sendmmsg", "close", "shutdown", "mmap", "munmap", "mremap", "mprotect",
	"madvise", "brk", "futex", "epoll_wait", "epoll_pwait", "epoll_pwait2", "epoll_ctl",
	"epoll_create1", "poll", "ppoll", "timerfd_create", "timerfd_settime", "timerfd_gettime",
	"eventfd2", "memfd_create", "fcntl", "fstat", "newfstatat", "statx", "lseek",
	"clock_gettime", "clock_getres", "clock_nanosleep", "gettimeofday", "time", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "sigaltstack", "getrandom", "gettid", "getpid", "getppid",
	"getuid", "geteuid", "getgid", "getegid", "tgkill", "sched_yield", "restart_syscall",
	"sysinfo", "exit", "exit_group", NULL};
static const char *const accepting[] = {
	"accept4", "accept", "getsockopt", "setsockopt", "getsockname", "getpeername", NULL};
static const char *const connecting[] = {"socket", "connect", "getsockopt", "setsockopt",
	"getsockname", "getpeername", "socketpair", "pipe2", "select", "pselect6", "ioctl",
	"bind", NULL};
static const char *const resolving[] = {"openat", "uname", "readlink", "recvmmsg", NULL};
static const char *const reading[] = {"openat", "open", "pread64", "preadv", "readlink",
	"readlinkat", "getdents64", "faccessat", "faccessat2", "access", "stat", "lstat", "fstatfs",
	"statfs", "uname", "getcwd", NULL};
static const char *const writing[] = {"pwrite64", "pwritev", "fsync", "fdatasync",
	"sync_file_range", "ftruncate", "fallocate", "unlink", "unlinkat", "rename", "renameat",
	"renameat2", "mkdir", "mkdirat", "fchown", "fchmod", "utimensat", "flock", "umask", NULL};
static const char *const devices[] = {"ioctl", NULL};
static const char *const netlink[] = {
	"socket", "bind", "getsockname", "getsockopt", "setsockopt", NULL};
static const char *const threads[] = {
	"clone3", "clone", "rseq", "set_robust_list", "set_tid_address", "sendfile", "prctl", NULL};
/* umockdev's preload asks for these on behalf of whoever it sits in */
static const char *const mocking[] = {"connect", "socket", "recvfrom", "sendto", "unlink", "getcwd",
	"readlink", "access", "clock_nanosleep", "openat", "getsockopt", "setsockopt", "ioctl",
	"getdents64", "select", "pselect6", NULL};

static const struct {
	enum call_group group;
	const char *const *names;
} groups[] = {
	{CALLS_BASE, base},
	{CALLS_ACCEPT, accepting},
	{CALLS_CONNECT, connecting},
	{CALLS_RESOLVE, resolving},
	{CALLS_READ_FILES, reading},
	{CALLS_WRITE_FILES, writing},
	{CALLS_DEVICES, devices},
	{CALLS_NETLINK, netlink},
	{CALLS_THREADS, threads},
	{CALLS_MOCK, mocking},
};

const char *const *call_group_names(enum call_group g)
{
	static const char *const none[] = {NULL};

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (groups[i].group == g)
			return groups[i].names;
	return none;
}

/* clang-format off */
static const unsigned of_role[ROLE_COUNT] = {
	[ROLE_ENGINE]     = CALLS_BASE | CALLS_ACCEPT,
	[ROLE_COURIER]    = CALLS_BASE | CALLS_CONNECT,
	[ROLE_SCRIBE]     = CALLS_BASE | CALLS_READ_FILES | CALLS_WRITE_FILES,
	[ROLE_WEB]        = CALLS_BASE | CALLS_ACCEPT | CALLS_THREADS,
	[ROLE_DISCOVERER] = CALLS_BASE | CALLS_READ_FILES | CALLS_NETLINK,
	[ROLE_SCENARIO]   = CALLS_BASE | CALLS_READ_FILES,
	[ROLE_LISTENER]   = CALLS_BASE | CALLS_ACCEPT,
	[ROLE_RESOLVER]   = CALLS_BASE | CALLS_READ_FILES | CALLS_CONNECT | CALLS_RESOLVE,
};
static const unsigned of_bus[BUS_COUNT] = {
	[BUS_SCSI] = CALLS_BASE | CALLS_READ_FILES | CALLS_DEVICES | CALLS_NETLINK,
	[BUS_ATA]  = CALLS_BASE | CALLS_READ_FILES | CALLS_DEVICES | CALLS_NETLINK,
	[BUS_NVME] = CALLS_BASE | CALLS_READ_FILES | CALLS_DEVICES | CALLS_NETLINK,
	[BUS_NET]  = CALLS_BASE | CALLS_READ_FILES | CALLS_CONNECT | CALLS_RESOLVE,
	[BUS_MANAGE] = CALLS_BASE | CALLS_READ_FILES | CALLS_CONNECT | CALLS_RESOLVE,
};
/* clang-format on */

unsigned role_call_groups(enum role r, enum bus bus)
{
	return r == ROLE_PROBER ? of_bus[bus] : of_role[r];
}
