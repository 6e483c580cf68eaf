#include "probes/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

void closep(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

bool copy_text(char *dst, size_t size, const char *src)
{
	size_t len = src ? strlen(src) : 0;
	size_t n = MIN_OF(len, size - 1);

	if (n)
		memmove(dst, src, n);
	memset(dst + n, 0, size - n);
	return n == len;
}

void copy_device_text(char *dst, size_t size, const void *src, size_t len)
{
	const unsigned char *p = src;
	size_t n = 0;

	while (len && (*p == ' ' || *p == '\t')) {
		p++;
		len--;
	}
	for (; n < size - 1 && n < len && p[n]; n++)
		dst[n] = p[n] >= 0x20 && p[n] < 0x7f ? (char)p[n] : '?';
	while (n && dst[n - 1] == ' ')
		n--;
	memset(dst + n, 0, size - n);
}

bool format_text(char *dst, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n < size)
		memset(dst + n, 0, size - (size_t)n);
	return (size_t)n < size;
}

bool text_equal(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static uint64_t clock_in_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t boot_ms(void)
{
	return clock_in_ms(CLOCK_BOOTTIME);
}

int64_t wall_ms(void)
{
	return (int64_t)clock_in_ms(CLOCK_REALTIME);
}

static int read_all(int fd, char *buf, size_t max, size_t *ret_len)
{
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, buf + have, max + 1 - have)) > 0) {
		have += (size_t)n;
		if (have > max)
			return -EFBIG;
	}
	if (n < 0)
		return -errno;
	*ret_len = have;
	return 0;
}

int slurp(const char *path, size_t max, char **ret, size_t *ret_len)
{
	cleanup_(freep) char *buf = malloc(max + 2);
	cleanup_(closep) int fd = -1;
	size_t len = 0;
	int r;

	if (!buf)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = read_all(fd, buf, max, &len);
	if (r < 0)
		return r;
	buf[len] = '\0';
	if (ret_len)
		*ret_len = len;
	*ret = take_ptr(buf);
	return 0;
}
