/*
 * Two gaps of umockdev 0.17, preloaded before its own library.
 *
 * It wraps stat() but not fstat() (before 0.19.2), and libatasmart wants its descriptor to be of a
 * block device; Debian's build of that calls the old __fxstat, so both names.
 *
 * It takes openat(fd, "dev") for /dev when the working directory is /, whatever the descriptor is
 * of; libudev walks /sys/dev that way, and daemons live in /.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int __fxstat(int version, int fd, struct stat *st);
int __fxstat64(int version, int fd, struct stat64 *st);

static long link_target(const char *path, char *buf, size_t size)
{
	long n = syscall(SYS_readlink, path, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n;
}

/* umockdev keeps the numbers of each mocked node in a link beside it. */
static void fix(int fd, mode_t *mode, dev_t *rdev)
{
	const char *root = getenv("UMOCKDEV_DIR");
	char self[64], path[512], node[1200], numbers[64];
	unsigned major, minor;

	if (!root || !S_ISREG(*mode))
		return;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (link_target(self, path, sizeof(path)) <= 0 || strncmp(path, root, strlen(root)) ||
		strncmp(path + strlen(root), "/dev/", 5))
		return;
	snprintf(node, sizeof(node), "%.500s/dev/.node/%.500s", root, path + strlen(root) + 5);
	if (link_target(node, numbers, sizeof(numbers)) <= 0 ||
		sscanf(numbers, "%u:%u", &major, &minor) != 2)
		return;
	*mode = (*mode & 0777) | (*mode & S_ISVTX ? S_IFBLK : S_IFCHR);
	*rdev = makedev(major, minor);
}

/* A descriptor within the testbed leads to names within it: nothing is left to redirect. */
static int within_testbed(int fd)
{
	const char *root = getenv("UMOCKDEV_DIR");
	char self[64], path[512];

	if (!root || fd < 0)
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	return link_target(self, path, sizeof(path)) > 0 && !strncmp(path, root, strlen(root));
}

#define REAL(type, name)                                                                           \
	static type real;                                                                          \
	if (!real)                                                                                 \
	*(void **)&real = dlsym(RTLD_NEXT, name)

typedef int openat_fn(int dir, const char *path, int flags, ...);
typedef int fstat_fn(int fd, struct stat *st);
typedef int fstat64_fn(int fd, struct stat64 *st);
typedef int fxstat_fn(int version, int fd, struct stat *st);
typedef int fxstat64_fn(int version, int fd, struct stat64 *st);

int fstat(int fd, struct stat *st)
{
	REAL(fstat_fn *, "fstat");
	int r = real(fd, st);

	if (!r)
		fix(fd, &st->st_mode, &st->st_rdev);
	return r;
}

int fstat64(int fd, struct stat64 *st)
{
	REAL(fstat64_fn *, "fstat64");
	int r = real(fd, st);

	if (!r)
		fix(fd, &st->st_mode, &st->st_rdev);
	return r;
}

int __fxstat(int version, int fd, struct stat *st)
{
	REAL(fxstat_fn *, "__fxstat");
	int r = real(version, fd, st);

	if (!r)
		fix(fd, &st->st_mode, &st->st_rdev);
	return r;
}

int __fxstat64(int version, int fd, struct stat64 *st)
{
	REAL(fxstat64_fn *, "__fxstat64");
	int r = real(version, fd, st);

	if (!r)
		fix(fd, &st->st_mode, &st->st_rdev);
	return r;
}

static int open_within(openat_fn *real, int dir, const char *path, int flags, va_list ap)
{
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;

	if (path[0] != '/' && within_testbed(dir))
		return (int)syscall(SYS_openat, dir, path, flags, mode);
	return real(dir, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	REAL(openat_fn *, "openat");
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_within(real, dir, path, flags, ap);
	va_end(ap);
	return fd;
}

int openat64(int dir, const char *path, int flags, ...)
{
	REAL(openat_fn *, "openat64");
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_within(real, dir, path, flags, ap);
	va_end(ap);
	return fd;
}
