/*
 * The major event log of an E-Series array. It never says that something was mended, so what is critical and new in it is
 * told of the array as a whole, for a day; what it lists as a failure that stands is another view (santricity_faults.c).
 */
#include "probes/santricity_parts.h"

#include <errno.h>

/* Exact as long as they fit a double, which 200 events a second take a million years to leave. */
static bool to_sequence(json_object *o, const char *key, uint64_t *ret)
{
	static const double most = 9e15;
	double v;

	if (!manage_number(o, key, &v) || v < 0 || v > most)
		return false;
	*ret = (uint64_t)v;
	return true;
}

int santricity_log_extent(const char *text, size_t len, struct santricity_log *log)
{
	json_object *answer = manage_json(text, len);
	uint64_t first, end;
	int r = 0;

	if (!to_sequence(answer, "startingSeqNum", &first) || !to_sequence(answer, "endingSeqNum", &end) || end < first)
		r = -EBADMSG;
	/* what was there when it was first read is the past; one that counts anew was cleared, or is another controller's */
	else if (!log->read || end < log->next)
		log->next = end;
	else
		r = end > log->next;
	if (r >= 0) {
		log->read = 1;
		log->end = end;
	}
	json_object_put(answer);
	return r;
}

static bool is_critical(json_object *o)
{
	return text_equal(manage_text(o, "critical"), "true") || text_equal(manage_text(o, "priority"), "priorityCritical");
}

static void remember(struct santricity_log *log, json_object *o, uint64_t number, double type, uint64_t now_ms)
{
	struct manage_logged l = {.code = (uint32_t)type, .seen_ms = now_ms};
	const char *priority = manage_text(o, "priority"), *where = manage_text(o, "location");
	char text[sizeof(l.text)];

	format_text(l.id, sizeof(l.id), "%llu", (unsigned long long)number);
	if (!strncmp(priority, "priority", 8))
		priority += 8;
	copy_device_text(l.severity, sizeof(l.severity), priority, strlen(priority));
	format_text(text, sizeof(text), "%.60s%s%.30s", manage_text(o, "description"), *where ? ", " : "", where);
	copy_device_text(l.text, sizeof(l.text), text, strlen(text));
	manage_log_add(&log->recent, &l);
}

int santricity_log_events(const char *text, size_t len, struct santricity_log *log, uint64_t now_ms)
{
	json_object *answer = manage_json(text, len);
	struct santricity_log next = *log;
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);
	bool fine = l != NULL, at_end = n == 0;

	for (size_t i = 0; i < n && fine; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		uint64_t number;
		double type;

		fine = to_sequence(o, "sequenceNumber", &number) && manage_number(o, "eventType", &type) && type >= 0 &&
		       type <= UINT32_MAX;
		at_end = at_end || (fine && number >= log->end);
		if (!fine || number < log->next || number >= log->end)
			continue;
		next.next = MAX_OF(next.next, number + 1);
		if (is_critical(o))
			remember(&next, o, number, type, now_ms);
	}
	if (at_end)
		next.next = MAX_OF(next.next, log->end);
	fine = fine && (next.next > log->next || log->next >= log->end);
	if (fine)
		*log = next;
	json_object_put(answer);
	return fine ? (int)n : -EBADMSG;
}

void santricity_log_tell(const struct santricity_log *log, uint64_t now_ms, struct reading *system)
{
	char listed[sizeof(system->message)];

	if (!log->read || log->failed)
		return;
	copy_text(listed, sizeof(listed), system->message);
	manage_log_tell(&log->recent, now_ms, system);
	/* what stands says more than what was */
	if (listed[0])
		copy_text(system->message, sizeof(system->message), listed);
}
