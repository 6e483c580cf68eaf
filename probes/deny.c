#include "probes/deny.h"

#include "probes/ata.h"

/* clang-format off */
static const struct denied {
	const char *model, *firmware;
	enum deny what;
	const char *why;
} denied[] = {
	/* smartmontools drivedb: SMART or IDENTIFY during writes can lose data; fixed firmware has the same version */
	{"SAMSUNG HD155UI*", NULL, DENY_ALL, "asking this model while it writes can lose data"},
	{"SAMSUNG HD204UI*", NULL, DENY_ALL, "asking this model while it writes can lose data"},
	/* smartmontools drivedb: reading the SMART self-test log hangs it */
	{"INTEL SSDSA?M*", NULL, DENY_SELF_TEST_LOG, "reading the self-test log hangs this model"},
	{"KINGSTON SNV??5S2*", NULL, DENY_SELF_TEST_LOG, "reading the self-test log hangs this model"},
};
/* clang-format on */

enum deny deny_find(const char *model, const char *firmware, const char **ret_why)
{
	for (size_t i = 0; i < ARRAY_SIZE(denied); i++)
		if (ata_pattern_match(denied[i].model, model) &&
			ata_pattern_match(denied[i].firmware, firmware)) {
			*ret_why = denied[i].why;
			return denied[i].what;
		}
	return DENY_NOTHING;
}
