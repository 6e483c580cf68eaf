/* The echo that stands in for every role but the engine. */
#pragma once
#include "agent/role.h"

extern const struct role_ops follower_ops;
