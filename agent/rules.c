#include "agent/rules.h"

#define KIND(k)       (1u << KIND_##k)
#define CLASS(c)      (1u << CLASS_##c)
#define STATES(s)     ((double)(1u << STATE_##s))
#define STATES2(a, b) ((double)(1u << STATE_##a | 1u << STATE_##b))
#define ATA_HDD       CLASS(ATA_HDD)
#define ATA_SSD       CLASS(ATA_SSD)
#define ATA           (CLASS(ATA_HDD) | CLASS(ATA_SSD))
#define NVME          CLASS(NVME)
#define SCSI          (CLASS(SCSI_HDD) | CLASS(SCSI_SSD))
#define FLASH         (CLASS(ATA_SSD) | CLASS(NVME) | CLASS(SCSI_SSD))
#define HOUSING                                                                                    \
	(KIND(ENCLOSURE) | KIND(EXPANDER) | KIND(PSU) | KIND(FAN) | KIND(BATTERY) | KIND(SENSOR) | \
		KIND(PORT) | KIND(POOL) | KIND(SYSTEM) | KIND(TARGET) | KIND(MAP))
#define MINUTES(n) ((n)*60000u)
#define HOURS(n)   ((n)*3600000u)

/* Claims that several rows rest on. */
#define FIELD     "Backblaze drive stats, 87,068 drives 2013-2016, own evaluation"
#define NVME_BASE "NVM Express Base Specification 2.0, figure 207"
#define SPC_IE                                                                                     \
	"SPC-5, 6.6.4 informational exceptions log page; SPC-5 annex of additional sense codes"
#define SBC_BMS "SBC-4, 6.4.2 background scan log page"
#define OUTAGES "post-mortems of 29 storage outages: precursors were there and not escalated in 7"
#define KOLAB_2023                                                                                 \
	"Kolab Now incident report of 2023-09-01: service request, then both canisters within minutes"
#define HEARD "syslog and SNMP traps of arrays: the table in probes/notice.c"
#define PLUGINS "Monitoring Plugins Development Guidelines, plugin return codes"
#define CONTRACT_STATES "the words an array reports of its parts; what is not serving is lost"

#define REPLACE_DRIVE                                                                              \
	"Replace it. Check first that no other drive of its group is missing or rebuilding."
#define OPEN_CASE                                                                                  \
	"Open a severity 1 case with {vendor} for {model}, serial {serial}, code {firmware}."

/* clang-format off */
const struct rule rules[] = {
#include "agent/rules_drive.inc"
#include "agent/rules_array.inc"
#include "agent/rules_firmware.inc"
#include "agent/rules_self.inc"
};
/* clang-format on */
const unsigned rules_count = ARRAY_SIZE(rules);

enum { ID_SLOTS = 512 };

static unsigned id_slot(const char *id)
{
	unsigned h = 2166136261u;

	while (*id)
		h = (h ^ (unsigned char)*id++) * 16777619u;
	return h % ID_SLOTS;
}

/* Asked for at every turn: the table is hashed once. */
static const uint16_t *id_slots(void)
{
	static uint16_t slots[ID_SLOTS]; /* rule + 1; 0 free */

	if (slots[id_slot(rules[0].id)])
		return slots;
	for (unsigned i = 0; i < rules_count; i++) {
		unsigned at = id_slot(rules[i].id);

		while (slots[at])
			at = (at + 1) % ID_SLOTS;
		slots[at] = (uint16_t)(i + 1);
	}
	return slots;
}

/* Asked for by the same few literals at every turn: where one stands says what it was. */
static int *id_memo(const char *id)
{
	static int memo[ID_SLOTS]; /* index + 1 */

	return &memo[((uintptr_t)id >> 3) % ID_SLOTS];
}

int rule_index(const char *id)
{
	const uint16_t *slots = id_slots();
	int *memo = id_memo(id);

	if (*memo && !strcmp(rules[*memo - 1].id, id))
		return *memo - 1;

	for (unsigned at = id_slot(id); slots[at]; at = (at + 1) % ID_SLOTS)
		if (!strcmp(rules[slots[at] - 1].id, id)) {
			*memo = slots[at];
			return *memo - 1;
		}
	return -1;
}

bool rule_applies(const struct rule *r, enum kind kind, enum drive_class class)
{
	if (r->scope != SCOPE_DRIVE && r->scope != SCOPE_COMPONENT)
		return false;
	if (r->scope == SCOPE_DRIVE && kind != KIND_DRIVE)
		return false;
	return (!r->kinds || r->kinds & 1u << kind) && (!r->classes || r->classes & 1u << class);
}
