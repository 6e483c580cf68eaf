/* Situations that an array or the host's own drives can be in, each built into an empty model. */
#pragma once
#include "agent/model.h"

void healthy(struct model *m);
void unseen_canisters(struct model *m);
void failing_drive(struct model *m);
void asks_for_service(struct model *m);
void asks_for_service_and_taken(struct model *m);
void kolab(struct model *m);
void kolab_by_paths(struct model *m);
void moved_by_plan(struct model *m, enum run_state state, enum run_mode mode);
void one_canister(struct model *m);
void one_canister_other_code(struct model *m);
void one_silent(struct model *m);
void one_lost_one_silent(struct model *m);
void both_lost(struct model *m);
void both_lost_unconfirmed(struct model *m);
void back_and_waiting(struct model *m);
void one_back_and_waiting(struct model *m);
void whole_and_waiting(struct model *m);
void paths_lost_with_canister(struct model *m);
void path_lost(struct model *m);
void unit_lost(struct model *m);
void pool_degraded(struct model *m);
void pool_last(struct model *m);
void pool_gone(struct model *m);
void psu_lost(struct model *m);
void three_of_four(struct model *m);
void blind(struct model *m);
void blind_from_start(struct model *m);
void forecast(struct model *m);
void flapping(struct model *m);
void local_drives(struct model *m);
void local_failing(struct model *m);
void local_unreadable(struct model *m);
void local_unreadable_and_worn(struct model *m);
void local_unreadable_acknowledged(struct model *m);
void mirror_goes_on(struct model *m);
void mirror_may_not(struct model *m);
void local_empty(struct model *m);
void single_path(struct model *m);
void not_judged(struct model *m);
