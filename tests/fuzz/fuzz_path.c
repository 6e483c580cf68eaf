/* Paths. Oracle: a list or page longer than what came is never OUTCOME_OK, a word not in the tables never ok. */
#include "fuzz.h"
#include "probes/alua.h"
#include "probes/bytes.h"

static void check_words(const char *text)
{
	struct path_state s;
	struct ana_sum sum = {};

	for (unsigned v = 0; v <= PATH_VOCABULARY_COUNT; v++) {
		path_word((enum path_vocabulary)v, text, &s);
		promise(s.state < STATE_COUNT && memchr(s.raw, 0, sizeof(s.raw)));
		promise(s.state != STATE_OK || (strlen(s.raw) >= 4 && v < PATH_VOCABULARY_COUNT));
	}
	ana_add(&sum, text);
	ana_total(&sum, &s);
	promise(s.state != STATE_OK || strstr(text, "optimized"));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct alua_group g[ALUA_GROUPS];
	struct alua_port port;
	struct path_state s;
	char text[80], part[16];
	size_t count = 0;

	if (alua_decode_groups(p, n, g, ALUA_GROUPS, &count) == OUTCOME_OK) {
		promise(n >= 4 && (size_t)be32(p) + 4 <= n && count && count <= ALUA_GROUPS);
		for (size_t i = 0; i < count; i++) {
			alua_state(&g[i], &s);
			promise(s.state != STATE_OK || g[i].access <= 2 || g[i].access == 4);
		}
	}
	promise(alua_decode_port(p, n, &port) != OUTCOME_OK ||
		(n >= 12 && (size_t)be16(p + 2) + 4 <= n));
	copy_text(text, sizeof(text), "");
	memcpy(text, p, MIN_OF(n, sizeof(text) - 1));
	check_words(text);
	(void)path_field(text, "traddr", part, sizeof(part));
	(void)path_part(text, "host", part, sizeof(part));
	path_name((const char *[]){text, text}, 2, part, sizeof(part));
	promise(memchr(part, 0, sizeof(part)));
	return 0;
}
