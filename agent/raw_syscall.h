/*
 * System calls that leave errno alone: for a child that shares the memory, and so the errno, of a parent
 * that goes on. Nothing else has a reason to use it.
 */
#pragma once
#include <stdbool.h>
#include <sys/syscall.h>

#include "probes/util.h"

#if defined(__x86_64__)
#define RAW_SYSCALL 1

/* System V ABI, AMD64 supplement, A.2.1; prctl(2) wants its fifth to be 0 */
static inline long raw_syscall(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = 0;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
#define RAW_SYSCALL 1

static inline long raw_syscall(long number, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			  x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = 0;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#else
#define RAW_SYSCALL 0
#include <errno.h>
#include <unistd.h>

static inline long raw_syscall(long number, long a, long b, long c, long d)
{
	long ret = syscall(number, a, b, c, d, 0L);

	return ret < 0 ? -errno : ret;
}
#endif
