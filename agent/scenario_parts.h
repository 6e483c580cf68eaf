/* Inside of the scenario parser: what its files share. */
#pragma once
#include "agent/config_parts.h"
#include "agent/scenario.h"

extern const struct yaml_schema scenario_schema;

struct scenario_build {
	struct build b;         /* config part: sinks and plans */
	struct scenario *s;
	struct ydoc *doc;
	bool too_many;          /* told once */
};

/** scenario_arrays() - arrays, their sources and components */
void scenario_arrays(struct scenario_build *sb, int list);
/** scenario_witnesses() - the witnesses of plans, as targets that answer */
void scenario_witnesses(struct scenario_build *sb);
/** scenario_timeline() / scenario_expects() - what happens, and what must follow */
void scenario_timeline(struct scenario_build *sb, int list);
void scenario_expects(struct scenario_build *sb, int list);
/** scenario_array() - the array an entry names; the only one when it names none; -1 told */
int scenario_array(struct scenario_build *sb, int entry);
/** scenario_find() - by name, or a drive by its slot; -1 none */
int scenario_find(const struct scenario *s, unsigned array, enum kind kind, const char *name, unsigned from);
