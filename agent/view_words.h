/*
 * The small words sentences are made of: lists, numbers, names, spans of time. Only for view*.c and the
 * tables of ballastctl; it decides nothing.
 */
#pragma once
#include "agent/view.h"

/* Text being composed. What does not fit is cut; the buffer is always terminated. */
struct line {
	char *buf;
	size_t size, len;
};

struct line line_on(char *buf, size_t size);
void line_add(struct line *l, const char *fmt, ...) printf_like(2, 3);
/** line_item() - the i-th (from 0) of n in "a, b and c" (@last: "and", "or"); adds only what stands before it */
void line_join(struct line *l, unsigned i, unsigned n, const char *last);

/** number_word() - "one" … "twelve", then digits, into @buf (at least 12) */
const char *number_word(unsigned n, char *buf, size_t size);
/** kind_noun() - "canister", "canisters", "power supply" … as people say it */
const char *kind_noun(enum kind k, unsigned n);
/** group_noun() - what its members are called */
const char *group_noun(const struct group_row *g, unsigned n);
/** state_phrase() - "is out of service", "has failed" … never says more than the state */
const char *state_phrase(enum state s);
/** verdict_phrase() - "Impending loss", as the second line starts */
const char *verdict_phrase(enum verdict v);
/** day_text() - "02:49:41" within a day of now, else "12 August 2023, 02:49" */
const char *day_text(const struct view *v, int64_t wall_ms, char *buf, size_t size);
/** upper_first() - in place */
void upper_first(char *s);

/** component_lost() - CONTRACT: the member is lost in this state */
bool state_lost(enum state s);
/** component_finding() - its worst active finding, NULL none; folded ones are left out */
const struct finding_row *component_finding(const struct model *m, uint32_t component);
/** array_read_wall() - when any source last read it well; 0 never */
int64_t array_read_wall(const struct view *v, unsigned array);
/** finding_open() - active, and not quiet by acknowledgement */
bool finding_loud(const struct finding_row *f);
/** view_array_worst() - of one array: its verdict, what cannot be seen, its unacknowledged findings */
enum health view_array_worst(const struct view *v, unsigned array);
/** view_array_answer() - view_answer() of one array */
const char *view_array_answer(const struct view *v, unsigned array);
/** view_only_simulated() - there is no array but simulated ones */
bool view_only_simulated(const struct model *m);
