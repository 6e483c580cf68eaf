/* The marks on disk, edited at will. Oracle: what is read has no reference into nothing and no run that would
 * go on, and is the same when written and read again. */
#include <json-c/json.h>

#include "fuzz.h"
#include "agent/marks.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

static char *sample;
static size_t sample_len;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *source = getenv("BALLAST_SOURCE");
	char path[512];

	(void)argc;
	(void)argv;
	(void)json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE); /* as initialize.c */
	format_text(path, sizeof(path), "%s/tests/fixtures/marks-1.json", source ? source : ".");
	return slurp(path, 1 << 20, &sample, &sample_len);
}

/* Four bytes an edit: place, what, with what. */
static size_t edited(char *text, const uint8_t *p, size_t n)
{
	size_t len = sample_len;

	memcpy(text, sample, sample_len);
	for (; n >= 4 && len; p += 4, n -= 4) {
		size_t at = (p[0] | (size_t)p[1] << 8) % len;

		if (p[2] % 3 == 0)
			text[at] = (char)p[3];
		else if (p[2] % 3 == 1)
			len = MAX_OF(at, len / 2);
		else
			memmove(text + at, text + at + 1, --len - at);
	}
	return len;
}

static void check(const struct model *m)
{
	for (uint32_t i = 0; i < fact_count(m); i++)
		promise(!fact_at(m, i)->used || component_at(m, fact_at(m, i)->component));
	for (uint32_t i = 0; i < finding_count(m); i++)
		promise(finding_at(m, i)->component == NONE32 || component_at(m, finding_at(m, i)->component));
	for (uint32_t i = 0; i < run_count(m); i++)
		promise(run_at(m, i)->state != RUN_FENCING && run_at(m, i)->state != RUN_PROMOTING &&
			run_at(m, i)->state != RUN_VERIFYING && run_at(m, i)->state != RUN_WAITING_APPROVAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct marks_time t = {.now_ms = 600000, .wall_ms = 1700000900000};
	char *text = malloc(sample_len + n + 1), *once = NULL, *twice = NULL, why[160] = "";
	size_t len = n % 2 ? edited(text, p, n) : (memcpy(text, p, n), n);
	struct model m = {}, again = {};

	if (marks_read(text, len, NULL, &t, &m, why, sizeof(why)) == 0) {
		check(&m);
		promise(marks_write(&m, &t, &once) == 0);
		promise(marks_read(once, strlen(once), NULL, &t, &again, why, sizeof(why)) == 0);
		promise(marks_write(&again, &t, &twice) == 0);
	} else {
		promise(why[0]);
	}
	model_clear(&m);
	model_clear(&again);
	free(text);
	free(once);
	free(twice);
	return 0;
}
