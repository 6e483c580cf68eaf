/* Groups, margin, forecast, verdict: CONTRACT "Groups, units, margin" and "Verdict", as pure functions. */
#pragma once
#include "agent/model.h"

/* A member of a group as the margin sees it. */
enum member_state { MEMBER_SERVING, MEMBER_UNDECIDED, MEMBER_LOST };

/** member_of_state() - CONTRACT table: ok, degraded serve; service, failed, absent, transition are lost; else undecided */
enum member_state member_of_state(enum state s);

enum { MARGIN_MEMBERS = 1024, MARGIN_VIAS = 16 };

struct margin_member {
	uint8_t state;          /* enum member_state */
	uint32_t vias;          /* bit per unit of margin_input.vias it is reached through; 0: by itself */
};

/* One group with everything its margin depends on. */
struct margin_input {
	unsigned need, members;
	unsigned nvias;                         /* units that take members along */
	uint8_t via_state[MARGIN_VIAS];         /* enum member_state of those units */
	struct margin_member member[MARGIN_MEMBERS];
};

/**
 * group_margin() - the fewest further unit losses that leave fewer than need serving, less 1
 * @ret_margin:     undecided count as lost
 * @ret_margin_max: undecided count as serving
 * Both at least -1 (lost already).
 */
void group_margin(const struct margin_input *in, int *ret_margin, int *ret_margin_max);

/* What the verdict of one array follows from. */
struct verdict_input {
	struct verdict_group {
		uint8_t kind;                   /* enum group_kind */
		bool unit;                      /* the paths to one unit of several */
		bool unseen, inband;            /* inband: the fresh facts about it are in-band */
		bool inband_serving;            /* a member was read in-band and serves */
		bool new_cause;                 /* on a survivor; consequences of a takeover are not */
		bool flapping, rate;            /* a rate rule holds on a member */
		bool member_lost, undecided;
		int margin, margin_max, expected;
		uint32_t index;                 /* row in the model; only handed through */
	} group[32];
	unsigned ngroups;
	bool has_inband_source;                 /* the array has any in-band source that can see it being lost */
	bool inband_serving;                    /* something of it was read in-band and well, apart from the groups */
	bool forecast;
	int forecast_margin;
	bool rate_rule;                         /* at_risk by a rate rule on the array */
	unsigned planes_total, planes_fresh;    /* sources and how many of them are fresh: visibility */
};

struct verdict_output {
	enum verdict verdict;
	enum visibility visibility;
	bool margin_known;
	int margin, margin_max, expected;
	int limiting;                           /* index of the group whose margin it is; -1 */
};

/** verdict_derive() - the first that holds, in CONTRACT's order */
void verdict_derive(const struct verdict_input *in, struct verdict_output *ret);

/** verdict_gather() - fill the input for one array from the model: groups, members, vias, freshness, causes */
void verdict_gather(const struct model *m, unsigned array, uint64_t now_ms, struct verdict_input *ret);

/* One group as it is now. */
struct group_state {
	unsigned serving, undecided, lost;      /* with what their vias take along */
	int margin, margin_max, expected;       /* expected: with all of it serving */
	bool unseen, inband;
	bool inband_serving;                    /* a member was read in-band and serves, whatever management says */
	/* as far as there are members; what is behind them is not set */
	uint32_t component[MARGIN_MEMBERS];     /* of each member; NONE32: expected, never seen */
	struct margin_input in;                 /* what the margin was computed from */
};
/** group_unit_alone() - the unit that is worse off than the canisters and all paths together: without a path
 *  while they serve, or with none to spare while they have one; NULL none */
const struct group_row *group_unit_alone(const struct model *m, unsigned array);
/** group_measure() - members, vias and freshness of a group; @need and the number of members are the row's */
void group_measure(const struct model *m, uint32_t group, uint64_t now_ms, struct group_state *ret);
/** group_member_count() - members without those that were never adopted and are gone again */
unsigned group_member_count(const struct model *m, uint32_t group);
/** kind_is_path() - does it lead to a unit of the array: a path, or an NVMe namespace by one controller? */
static inline bool kind_is_path(unsigned kind)
{
	return kind == KIND_PATH || kind == KIND_NAMESPACE;
}
/** source_looks() - does it look at the array? A witness looks at this host, and who listens waits to be told */
static inline bool source_looks(const struct source_row *s)
{
	return s->used && s->type != SOURCE_WITNESS && s->type != SOURCE_LISTEN;
}
/** source_complete() - one that has not answered yet, or does not know its devices, cannot be missing anybody */
static inline bool source_complete(const struct source_row *s)
{
	if (!source_looks(s))
		return true;
	return source_device_kind((enum source_type)s->type) ? s->answered && !s->unlisted
							     : s->success_ms > 0;
}
/** seen_fresh() - is the row's last good look younger than three intervals? */
bool seen_fresh(const struct seen_row *s, uint64_t now_ms);
/** group_new_cause() - did a survivor report something new since @since_ms that a takeover does not explain? */
bool group_new_cause(const struct model *m, const struct group_state *g, uint64_t since_ms);
/** component_new_cause() - the same for one component; @sound: without what anybody could have sent */
bool component_new_cause(const struct model *m, uint32_t component, uint64_t since_ms, bool sound);

enum { REBUILD_STALL_MS = 2 * 3600000 }; /* a whole percent of a large drive takes an hour where load is high */
enum rebuild { REBUILD_NONE, REBUILD_MOVES, REBUILD_STALLS };
/** component_rebuild() - what its rebuild_percent says, while it is not ok */
enum rebuild component_rebuild(const struct model *m, uint32_t component, uint64_t now_ms);
/** group_rebuild() - of a pool: its component of that name, or a member that is being filled; the worst */
enum rebuild group_rebuild(const struct model *m, uint32_t group, uint64_t now_ms);
/** rebuild_concerns() - is it a pool, or a member of one, whose rebuild moves? */
bool rebuild_concerns(const struct model *m, uint32_t component, uint64_t now_ms);
/** array_rebuilds() - anything of it, moving or not */
bool array_rebuilds(const struct model *m, unsigned array, uint64_t now_ms);

struct engine;
/** verdicts_update() - groups' margins and arrays' verdicts into the model, with clear times; true when anything changed
 *  @arrays: bit per array to look at */
bool verdicts_update(struct engine *e, uint64_t arrays);
/** verdicts_next_ms() - when a better verdict's clear time is over; UINT64_MAX none */
uint64_t verdicts_next_ms(const struct engine *e);
/**
 * group_note() - a reading named a group of its own (exec "group", "need"): remember the membership
 * @need: 0 keeps what was said before, 1 for a new group
 */
void group_note(struct engine *e, uint32_t component, const char *name, unsigned need);
/** verdict_allowed() - does what maintenances allow account for all that the array has lost? */
bool verdict_allowed(const struct engine *e, unsigned array);
/** pool_leave() - another drive took the component's slot: its place in its pools is empty until somebody joins */
void pool_leave(struct engine *e, uint32_t component);
/** groups_adopt() - what is in the array's groups now is all that is expected of them */
void groups_adopt(struct engine *e, unsigned array);

/* A group as a layout counts it. */
struct group_told {
	uint16_t members, need; /* members: so many, known here or not; those who are not are lost */
	uint16_t n;
	const uint32_t *member; /* components that serve in it */
	uint32_t pool;          /* the component of the pool it belongs to; NONE32: by the group's name */
};

/** group_tell() - the pool group @name is this, and nobody else is in it; it may hold drives of other arrays */
void group_tell(struct engine *e, unsigned array, const char *name, const struct group_told *t);

/** group_pool() - the pool component a told group belongs to, else the one of its name: "md0" of "md0 mirror 1"; NONE32 when forgotten */
uint32_t group_pool(const struct model *m, uint32_t group);
/** groups_update() - make and refresh groups and members from components, adoption and configuration; @arrays: bit per array */
bool groups_update(struct engine *e, uint64_t arrays);
/** drive_spared() - does the drive's group keep margin >= 1 without it? False where it is in no known group */
bool drive_spared(const struct model *m, uint32_t component);
