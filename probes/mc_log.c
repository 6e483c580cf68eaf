/*
 * The event log of a Dot Hill array. It never says that something was mended, and of each event only which controller
 * logged it: the one that is left logs what befell the other. So what is new in it is told of the array as a whole, for
 * a day, and never of a canister.
 */
#include "probes/mc_parts.h"

#include <errno.h>

/* clang-format off */
/* "show events", severity: what is no error. Any other word counts as one. */
static const char *const mild_words[] = {"INFORMATIONAL", "WARNING", "RESOLVED"};
/* clang-format on */

static bool is_mild(const char *severity)
{
	for (size_t i = 0; i < ARRAY_SIZE(mild_words); i++)
		if (text_equal(severity, mild_words[i]))
			return true;
	return false;
}

/* "A891": each controller counts its own. */
static bool split_id(const char *id, unsigned *ret_by, uint32_t *ret_number)
{
	char *end = NULL;
	unsigned long number = *id ? strtoul(id + 1, &end, 10) : 0;

	if ((*id != 'A' && *id != 'B') || id[1] < '0' || id[1] > '9' || *end || number >= UINT32_MAX)
		return false;
	*ret_by = *id == 'B';
	*ret_number = (uint32_t)number;
	return true;
}

static void remember(struct mc_log *log, json_object *o, uint32_t code, uint64_t now_ms)
{
	struct manage_logged l = {.code = code, .seen_ms = now_ms};

	MC_TAKE(l.id, o, "event-id");
	MC_TAKE(l.severity, o, "severity");
	MC_TAKE(l.text, o, "message");
	manage_log_add(&log->recent, &l);
}

static int take_event(struct mc_log *log, json_object *o, const uint32_t known[2], uint64_t now_ms)
{
	double code = 0;
	uint32_t number;
	unsigned by;

	if (!split_id(manage_text(o, "event-id"), &by, &number) || !manage_number(o, "event-code", &code) || code < 0 ||
		code > UINT16_MAX || !*manage_text(o, "severity"))
		return -EBADMSG;
	log->newest[by] = MAX_OF(log->newest[by], number);
	if (!log->read || number <= known[by])
		return 0;
	if (text_equal(manage_text(o, "severity"), "RESOLVED"))
		manage_log_forget(&log->recent, (uint32_t)code, now_ms);
	else if (!is_mild(manage_text(o, "severity")))
		remember(log, o, (uint32_t)code, now_ms);
	return 0;
}

/* What was there when it was first read is the past, however the array's clock goes. Newest come first. */
int mc_events(json_object *answer, struct mc_log *log, uint64_t now_ms)
{
	size_t n;
	json_object *l = mc_list(answer, "events", &n);
	struct mc_log next = *log;
	int r = 0;

	next.newest[0] = next.newest[1] = 0;
	manage_log_forget(&next.recent, 0, now_ms);
	for (size_t i = n; i > 0 && r == 0; i--)
		r = take_event(&next, json_object_array_get_idx(l, i - 1), log->newest, now_ms);
	if (r < 0)
		return r;
	/* one whose events are no longer among the last ones still counts on */
	for (unsigned by = 0; by < 2; by++)
		if (!next.newest[by])
			next.newest[by] = log->newest[by];
	next.read = 1;
	*log = next;
	return 0;
}

void mc_log_tell(const struct mc_log *log, uint64_t now_ms, struct reading *system)
{
	if (log->read)
		manage_log_tell(&log->recent, now_ms, system);
}
