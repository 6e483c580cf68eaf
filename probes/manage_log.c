#include "probes/manage_log.h"

enum { TOLD_FOR_MS = 24 * 3600 * 1000 };

void manage_log_add(struct manage_log *log, const struct manage_logged *l)
{
	if (log->n >= MANAGE_LOGGED) {
		memmove(&log->of[0], &log->of[1], sizeof(log->of) - sizeof(log->of[0]));
		log->n = MANAGE_LOGGED - 1;
	}
	log->of[log->n++] = *l;
}

void manage_log_forget(struct manage_log *log, uint32_t code, uint64_t now_ms)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < log->n && i < MANAGE_LOGGED; i++)
		if ((!code || log->of[i].code != code) && now_ms < log->of[i].seen_ms + TOLD_FOR_MS)
			log->of[kept++] = log->of[i];
	log->n = kept;
}

void manage_log_tell(const struct manage_log *log, uint64_t now_ms, struct reading *system)
{
	const struct manage_logged *last = NULL;
	unsigned n = 0;

	for (unsigned i = 0; i < log->n && i < MANAGE_LOGGED; i++)
		if (now_ms < log->of[i].seen_ms + TOLD_FOR_MS) {
			last = &log->of[i];
			n++;
		}
	reading_add(system, FACT_ERROR_CODE, last ? last->code : 0);
	reading_add(system, FACT_OPEN_ERRORS, n);
	if (last)
		format_text(system->message, sizeof(system->message), "%.11s, logged %.11s, code %u: %.76s", last->id,
			last->severity, last->code, last->text);
}
