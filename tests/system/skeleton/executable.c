/* One executable with the echo for all roles of ballast-probe, -courier, -scribe and -web. */
#include "follower.h"

int main(int argc, char **argv)
{
	static const struct role_entry roles[] = {{ROLE_PROBER, &follower_ops},
		{ROLE_DISCOVERER, &follower_ops}, {ROLE_SCENARIO, &follower_ops},
		{ROLE_COURIER, &follower_ops}, {ROLE_SCRIBE, &follower_ops},
		{ROLE_WEB, &follower_ops}, {ROLE_SUPERVISOR, NULL}};

	return role_main(argc, argv, roles);
}
