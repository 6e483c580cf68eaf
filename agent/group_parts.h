/* What the files about groups share and nobody else calls. It never judges. */
#pragma once
#include "agent/verdict.h"

/* groups.c */
/** group_find() - by name within an array; NONE32 */
uint32_t group_find(const struct model *m, unsigned array, const char *name);
/** group_has() - is the component a member? @group: NONE32 of any */
bool group_has(const struct model *m, uint32_t group, uint32_t component);
uint32_t group_new(
	struct engine *e, unsigned array, enum group_kind kind, const char *name, unsigned need);
void group_add_member(struct engine *e, uint32_t group, uint32_t component);

/* group_units.c */
/** units_update() - in these @arrays (a bit each): a group for the paths to each unit, where there are several; true when any changed */
bool units_update(struct engine *e, uint64_t arrays);

/* group_told.c */
/** told_forget() - groups whose pool was forgotten end; true when there was one */
bool told_forget(struct engine *e);
/** told_empty() - a layout that was read names nobody who serves in the group: that is seen, not unseen */
bool told_empty(const struct model *m, uint32_t group, const struct margin_input *in);

/* group_state.c */
/** member_effective() - the state of member @i, with what takes it along */
enum member_state member_effective(const struct margin_input *in, unsigned i);
