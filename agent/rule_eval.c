#include "agent/rules.h"

static bool below(const struct rule *r, const struct rule_input *in, const struct rule_input *other)
{
	/* 0 below a threshold of 0 is a device that reports neither */
	return other && other->known && in->value >= r->at_least && in->value < other->value;
}

static bool bits(const struct rule *r, const struct rule_input *in, const struct rule_input *other)
{
	bool explained = r->other_fact && other && other->known && other->value >= r->at_least;

	return in->value >= 0 && in->value <= UINT32_MAX &&
	       (uint32_t)in->value & (uint32_t)r->value && !explained;
}

bool rule_is_threshold(const struct rule *r)
{
	return r->test == TEST_AT_LEAST || r->test == TEST_BELOW_FACT || r->test == TEST_BITS ||
	       r->test == TEST_EQUALS || r->test == TEST_GROWN || r->test == TEST_CAME_WITH ||
	       r->test == TEST_FELL;
}

bool rule_known(const struct rule *r, const struct rule_input *in, const struct rule_input *other)
{
	return in->known && (r->test != TEST_BELOW_FACT || (other && other->known));
}

bool rule_holds(const struct rule *r, const struct rule_input *in, const struct rule_input *other)
{
	if (!in->known)
		return false;
	switch (r->test) {
	case TEST_AT_LEAST:
		return in->value >= r->value;
	case TEST_BELOW_FACT:
		return below(r, in, other);
	case TEST_BITS:
		return bits(r, in, other);
	case TEST_EQUALS:
		return !(in->value < r->value) && !(in->value > r->value);
	case TEST_GROWN:
		return in->value - in->first >= r->value && in->value >= r->at_least;
	case TEST_CAME_WITH:
		return in->value >= r->value && in->first >= r->value;
	case TEST_FELL:
		return in->value < in->first;
	case TEST_RATE:
	case TEST_STATE:
	case TEST_SPECIAL:
	case TEST_COUNT:
		break;
	}
	return false;
}

enum severity drive_tier(
	enum drive_class class, struct rule_input (*lookup)(void *ctx, unsigned fact), void *ctx)
{
	enum severity tier = SEV_NONE;

	for (unsigned i = 0; i < rules_count; i++) {
		const struct rule *r = &rules[i];
		struct rule_input in, other = {};

		if (r->scope != SCOPE_DRIVE || !rule_is_threshold(r) || r->severity <= tier ||
			!rule_applies(r, KIND_DRIVE, class))
			continue;
		in = lookup(ctx, r->fact);
		if (r->other_fact)
			other = lookup(ctx, r->other_fact);
		if (rule_holds(r, &in, &other))
			tier = (enum severity)r->severity;
	}
	return tier;
}

void serd_add(struct serd_row *s, uint64_t now_ms)
{
	s->times_ms[s->count % ARRAY_SIZE(s->times_ms)] = now_ms;
	s->count++;
}

unsigned serd_recent(const struct serd_row *s, uint64_t now_ms, uint64_t window_ms)
{
	unsigned n = 0, have = MIN_OF(s->count, (uint32_t)ARRAY_SIZE(s->times_ms));

	for (unsigned i = 0; i < have; i++)
		n += s->times_ms[i] <= now_ms && now_ms - s->times_ms[i] < window_ms;
	return n;
}
