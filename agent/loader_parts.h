/* Inside of the loader. */
#pragma once
#include "agent/loader.h"

/**
 * demo_load() - the configuration of the demo: a scenario's, in real time, with everything in one folder
 * @rq:    .demo names the scenario, .state the folder; NULL makes one
 * @c:     filled; listen and control still to be overridden by the caller
 *
 * Return: 0; -EINVAL with everything told in @errs.
 */
must_check int demo_load(const struct loader_request *rq, struct config *c, struct config_errors *errs);
