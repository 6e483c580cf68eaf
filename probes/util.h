/* Small helpers every file may use: ownership, copying, time. Never does I/O on devices. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define must_check       __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
/* A large local that is written before it is read: the compiler's zeroing would cost more than its use. */
#define uninitialized_   __attribute__((uninitialized))
#define cleanup_(f)      __attribute__((cleanup(f)))
#define ARRAY_SIZE(a)    (sizeof(a) / sizeof((a)[0]))
#define MIN_OF(a, b)     ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b)     ((a) > (b) ? (a) : (b))

/** freep() - cleanup_() for malloc'ed pointers; NULL is fine */
static inline void freep(void *p)
{
	free(*(void **)p);
}

/** closep() - cleanup_() for descriptors; negative is fine, errno is kept */
void closep(const int *fd);

/** take_fd() - hand a descriptor over: returns it and leaves -1 behind */
static inline int take_fd(int *fd)
{
	int v = *fd;
	*fd = -1;
	return v;
}

/** take_ptr_impl() - hand a pointer over: returns it and leaves NULL behind */
static inline void *take_ptr_impl(void *p)
{
	void *v = *(void **)p;
	*(void **)p = NULL;
	return v;
}
#define take_ptr(p) take_ptr_impl(&(p))

/**
 * copy_text() - bounded copy that always terminates
 * @dst:  buffer of @size bytes, zero-filled behind the text so that equal texts are equal bytes
 * @size: of @dst, at least 1
 * @src:  NUL-terminated, NULL counts as empty
 *
 * Return: true when all of @src fitted.
 */
bool copy_text(char *dst, size_t size, const char *src);

/**
 * copy_device_text() - the same for bytes a device sent: trims blanks, turns what is not printable
 * ASCII into '?', stops at @len or NUL
 */
void copy_device_text(char *dst, size_t size, const void *src, size_t len);

/** format_text() - snprintf() that zero-fills the rest; returns true when all of it fitted */
bool format_text(char *dst, size_t size, const char *fmt, ...) printf_like(3, 4);

/** text_equal() - strcmp()==0 that takes NULL for empty */
bool text_equal(const char *a, const char *b);

/** boot_ms() - CLOCK_BOOTTIME in ms: the one internal clock. Pure code gets it as now_ms. */
uint64_t boot_ms(void);

/** wall_ms() - CLOCK_REALTIME in ms since the epoch; only for what people read */
int64_t wall_ms(void);

/**
 * slurp() - read a small file whole
 * @path: absolute path
 * @max:  refuse anything longer, bytes
 * @ret:  NUL-terminated text, caller frees; set only on success
 * @ret_len: its length without the NUL; may be NULL
 *
 * Return: 0, -EFBIG, or what open(2)/read(2) failed with.
 */
must_check int slurp(const char *path, size_t max, char **ret, size_t *ret_len);
