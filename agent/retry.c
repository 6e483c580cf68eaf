#include "agent/retry.h"

#include <errno.h>

#define MINUTE_S 60u
#define HOUR_S   3600u

static const uint32_t critical_s[] = {1, 2, 5, 10, 30, 60};
static const uint32_t calm_s[] = {5, 15, 60};
/* Once people had their minute the receiver is down, not slow: spare it, but be there when it is back. */
static const uint32_t tail_s[] = {60, 2 * MINUTE_S, 5 * MINUTE_S, 10 * MINUTE_S, 15 * MINUTE_S, 30 * MINUTE_S};

enum { PARKED_S = HOUR_S, AFTER_MAX_S = 24 * HOUR_S };

/* clang-format off */
static const struct {
	unsigned first, last;
	enum retry_class class;
} classes[] = {
	{0, 0, RETRY_LATER},
	{200, 299, RETRY_ACCEPTED},
	{408, 408, RETRY_LATER},
	{425, 425, RETRY_LATER},
	{429, 429, RETRY_LATER},
	{500, 599, RETRY_LATER},
};
/* clang-format on */

enum retry_class retry_classify(unsigned http)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (http >= classes[i].first && http <= classes[i].last)
			return classes[i].class;
	return RETRY_PARK;
}

static uint64_t ladder_s(enum severity severity, unsigned failures)
{
	const uint32_t *head = severity == SEV_CRITICAL ? critical_s : calm_s;
	size_t n = severity == SEV_CRITICAL ? ARRAY_SIZE(critical_s) : ARRAY_SIZE(calm_s);
	size_t step = failures ? failures - 1 : 0;

	if (step < n)
		return head[step];
	return tail_s[MIN_OF(step - n, ARRAY_SIZE(tail_s) - 1)];
}

uint64_t retry_delay_ms(enum severity severity, unsigned failures, bool parked, uint64_t after_ms, uint32_t random)
{
	uint64_t ms = 1000 * (parked ? (uint64_t)PARKED_S : ladder_s(severity, failures));
	uint64_t least = 1000 * (uint64_t)(severity == SEV_CRITICAL ? critical_s[0] : calm_s[0]);

	ms -= random % (ms / 10 + 1);
	ms = MAX_OF(ms, least);
	return MAX_OF(ms, MIN_OF(after_ms, 1000 * (uint64_t)AFTER_MAX_S));
}

uint64_t retry_after_ms(const char *text, int64_t date_s, int64_t wall_ms)
{
	char *end;
	unsigned long s;

	while (*text == ' ' || *text == '\t')
		text++;
	if (*text >= '0' && *text <= '9') {
		errno = 0;
		s = strtoul(text, &end, 10);
		while (*end == ' ' || *end == '\t' || *end == '\r' || *end == '\n')
			end++;
		return *end ? 0 : 1000 * MIN_OF((uint64_t)s, (uint64_t)AFTER_MAX_S);
	}
	if (date_s < 0 || date_s > INT64_MAX / 1000 || date_s * 1000 <= wall_ms)
		return 0;
	return MIN_OF((uint64_t)(date_s * 1000 - wall_ms), 1000 * (uint64_t)AFTER_MAX_S);
}
