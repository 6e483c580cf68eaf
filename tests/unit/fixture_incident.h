/* That night of san1, as a model: with a run under way, before it, with hostile texts, simulated. */
#pragma once
#include "model_fixture.h"

void fixture_incident(struct fixture *f);
void fixture_asking(struct fixture *f);
void fixture_hostile(struct fixture *f);
void fixture_simulated(struct fixture *f);
