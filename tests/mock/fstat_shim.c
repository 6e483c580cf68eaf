/*
 * umockdev before 0.19.2 wraps stat() but not fstat(), and libatasmart wants its descriptor to be of a block
 * device. Preload it behind libumockdev-preload.so. Debian's libatasmart calls the old __fxstat, so both names.
 */
#include <dlfcn.h>
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
	if (link_target(node, numbers, sizeof(numbers)) <= 0 || sscanf(numbers, "%u:%u", &major, &minor) != 2)
		return;
	*mode = (*mode & 0777) | (*mode & S_ISVTX ? S_IFBLK : S_IFCHR);
	*rdev = makedev(major, minor);
}

#define REAL(type, name) static type real; if (!real) *(void **)&real = dlsym(RTLD_NEXT, name)

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
