/* Logging in to a Redfish service and out again; asks for nothing else. */
#pragma once
#include "probes/redfish.h"

#define REDFISH_ROOT "/redfish/v1"

/** redfish_login() / redfish_logout() - by a session; HTTP Basic where there are none (DSP0266, sessions) */
enum outcome redfish_login(struct manage *m);
void redfish_logout(struct manage *m);
