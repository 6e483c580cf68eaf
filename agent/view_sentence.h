/* The sentence about one array while it is composed: view_sentence.c decides, view_clauses.c names members. */
#pragma once
#include "agent/view_words.h"

/* A bold phrase, clauses parted by semicolons, a full stop. */
struct sentence {
	const struct view *v;
	const struct model *m;
	const struct array_row *a;
	unsigned array, clauses;
	uint32_t limiting; /* the group the sentence is about */
	struct line l;
};

/** sentence_clause() - start the next clause; false when enough was said */
bool sentence_clause(struct sentence *s);
/** sentence_members() - which members are lost, or (@undecided) cannot be judged */
void sentence_members(struct sentence *s, bool undecided);
/** sentence_survivors() - what is left of the limiting group, where that is news */
void sentence_survivors(struct sentence *s);
/** sentence_single_bold() / sentence_single_rest() - view_single.c: an array that never had a failure to spare */
void sentence_single_bold(struct sentence *s);
void sentence_single_rest(struct sentence *s);
