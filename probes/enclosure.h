/*
 * One look at an enclosure through one of its services processes: job in, a reading for each part out.
 * Sends RECEIVE DIAGNOSTIC RESULTS and nothing else; never SEND DIAGNOSTIC.
 */
#pragma once
#include "probes/ses.h"

enum { ENCLOSURES_REMEMBERED = 64, ENCLOSURE_VIEWS = 4, VIEW_ELEMENTS = 512 };

/* What one services process last said. Two of them with one enclosure identifier are its two IOMs. */
struct enclosure_view {
	char node[NAME_MAX_LEN];
	char sysfs[192];
	uint64_t read_ms;                /* boot clock; 0 never */
	int16_t reports;                 /* its own electronics element, by index; -1 not told */
	uint16_t n;                      /* elements below */
	uint8_t status[VIEW_ELEMENTS];   /* first status byte of each, overall ones included */
};

struct enclosure_views {
	uint64_t id; /* enclosure logical identifier, 0 free */
	struct enclosure_view view[ENCLOSURE_VIEWS];
};

/* Shared by all workers, since the next look is another's. Plain values; losing it costs one look. */
struct enclosure_memory {
	uint32_t next;
	struct enclosure_views enclosures[ENCLOSURES_REMEMBERED];
};

enum partner { PARTNER_NONE, PARTNER_ANSWERS, PARTNER_SILENT, PARTNER_GONE };

/**
 * enclosure_recall() - the views of an enclosure, fresh when there were none; NULL for identifier 0
 */
struct enclosure_views *enclosure_recall(struct enclosure_memory *all, uint64_t id);

/**
 * enclosure_view_note() - keep what @node has just said
 * @sysfs: its device there; says later whether it still exists
 *
 * Return: its view, NULL when more processes answer for the enclosure than are remembered.
 */
struct enclosure_view *enclosure_view_note(struct enclosure_views *v, const char *node,
	const char *sysfs, const struct ses *s, uint64_t now_ms);

/**
 * enclosure_merge() - where another process that answers sees an element worse, believe that one; a
 * process that cannot tell leaves it to the other
 * @fresh_ms: how long what was said holds
 */
void enclosure_merge(const struct enclosure_views *v, const struct enclosure_view *own,
	struct ses *s, uint64_t now_ms, uint64_t fresh_ms);

/** enclosure_partner() - what is known of the process in @view; @exists: its device is still there */
enum partner enclosure_partner(
	const struct enclosure_view *view, bool exists, uint64_t now_ms, uint64_t fresh_ms);

typedef void enclosure_fn(const struct reading *r, void *arg);

/**
 * enclosure_look() - carry out one job
 * @m:           shared memory
 * @interval_ms: of the source; what was said holds for three of them
 * @ret:         outcome, count and error are set
 *
 * May block for as long as the enclosure does: only for processes that can be abandoned.
 */
void enclosure_look(const struct job *j, struct enclosure_memory *m, uint32_t interval_ms,
	enclosure_fn *fn, void *arg, struct job_end *ret);

/**
 * enclosure_places() - which drives of this host sit in its slots, by SAS address: a reading "beside" each
 * @sysfs: root of sysfs, "/sys" but in tests
 */
void enclosure_places(const struct ses *s, const char *sysfs, const struct reading *base,
	enclosure_fn *fn, void *arg);
