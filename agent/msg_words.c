#include "agent/msg.h"

#include "build_id.h"

/* clang-format off */
static const char *const role_words[ROLE_COUNT] = {
	[ROLE_SUPERVISOR] = "supervisor", [ROLE_ENGINE] = "engine", [ROLE_RUNNER] = "runner",
	[ROLE_PROBER] = "prober", [ROLE_DISCOVERER] = "discoverer", [ROLE_COURIER] = "courier",
	[ROLE_SCRIBE] = "scribe", [ROLE_WEB] = "web", [ROLE_SCENARIO] = "scenario",
	[ROLE_RESOLVER] = "resolver", [ROLE_LISTENER] = "listener",
};
/* clang-format on */

uint64_t build_id(void)
{
	return BALLAST_BUILD_ID;
}

const char *role_text(enum role r)
{
	return word_in(role_words, ARRAY_SIZE(role_words), (size_t)r);
}
