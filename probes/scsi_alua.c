/* Asymmetric logical unit access: who serves, through which port group. */
#include "probes/alua.h"

#include "probes/bytes.h"

enum {
	RTPG_HEADER = 4,
	RTPG_EXTENDED = 0x10,
	GROUP_LEN = 8,
	PORT_LEN = 4,
	VPD_HEADER = 4,
	ASSOCIATION_PORT = 1,
	DESIGNATOR_RELATIVE_PORT = 4,
	DESIGNATOR_PORT_GROUP = 5,
	ASC_ACCESS = 0x04,
	ASC_LOGICAL_UNIT = 0x25
};

/* clang-format off */
/* SPC-5 table 303. Standby depends on the array, see alua_state(). */
static const struct { const char *word; uint8_t state; } access_states[16] = {
	[ALUA_OPTIMIZED] = {"active/optimized", STATE_OK}, [ALUA_NON_OPTIMIZED] = {"active/non-optimized", STATE_OK},
	[ALUA_STANDBY] = {"standby", STATE_SERVICE}, [ALUA_UNAVAILABLE] = {"unavailable", STATE_FAILED},
	[ALUA_LBA_DEPENDENT] = {"lba-dependent", STATE_OK}, [ALUA_OFFLINE] = {"offline", STATE_FAILED},
	[ALUA_TRANSITIONING] = {"transitioning", STATE_TRANSITION},
};
/* SPC-5 annex F: 04h NOT READY, ASYMMETRIC ACCESS STATE ... */
static const struct { uint8_t ascq, access; } sense_states[] = {
	{0x0a, ALUA_TRANSITIONING}, {0x0b, ALUA_STANDBY}, {0x0c, ALUA_UNAVAILABLE},
};
/* clang-format on */

enum outcome alua_decode_groups(
	const uint8_t *p, size_t len, struct alua_group *ret, size_t max, size_t *ret_n)
{
	size_t n = 0, at = RTPG_HEADER, end;

	if (len < RTPG_HEADER)
		return OUTCOME_SHORT;
	end = RTPG_HEADER + (size_t)be32(p);
	if (end > len)
		return OUTCOME_SHORT;
	if (end > at && (p[at] & 0x70) == RTPG_EXTENDED)
		at += 4; /* the header with the transition time, which was not asked for */
	while (at < end) {
		if (end - at < GROUP_LEN || end - at - GROUP_LEN < (size_t)p[at + 7] * PORT_LEN)
			return OUTCOME_NONSENSE;
		if (n < max)
			ret[n] = (struct alua_group){.group = be16(p + at + 2),
				.access = p[at] & 0xf,
				.preferred = p[at] >> 7,
				.supported = p[at + 1],
				.ports = p[at + 7]};
		n++;
		at += GROUP_LEN + (size_t)p[at + 7] * PORT_LEN;
	}
	if (!n || n > max)
		return n ? OUTCOME_UNSUPPORTED : OUTCOME_NONSENSE;
	*ret_n = n;
	return OUTCOME_OK;
}

static void take_designator(const uint8_t *d, struct alua_port *port)
{
	unsigned type = d[1] & 0xf;

	if ((d[1] >> 4 & 3) != ASSOCIATION_PORT || d[3] != 4)
		return;
	if (type == DESIGNATOR_RELATIVE_PORT) {
		port->have_port = true;
		port->port = be16(d + 6);
	} else if (type == DESIGNATOR_PORT_GROUP) {
		port->have_group = true;
		port->group = be16(d + 6);
	}
}

enum outcome alua_decode_port(const uint8_t *p, size_t len, struct alua_port *ret)
{
	struct alua_port port = {};
	size_t at = VPD_HEADER, end;

	if (len < VPD_HEADER)
		return OUTCOME_SHORT;
	if (p[1] != 0x83)
		return OUTCOME_NONSENSE;
	end = VPD_HEADER + (size_t)be16(p + 2);
	if (end > len)
		return OUTCOME_SHORT;
	for (; at < end; at += (size_t)4 + p[at + 3]) {
		if (end - at < 4 || p[at + 3] > end - at - 4)
			return OUTCOME_NONSENSE;
		take_designator(p + at, &port);
	}
	if (!port.have_group && !port.have_port)
		return OUTCOME_UNSUPPORTED;
	*ret = port;
	return OUTCOME_OK;
}

void alua_state(const struct alua_group *g, struct path_state *ret)
{
	unsigned access = g->access & 0xf;
	char raw[PATH_RAW];

	if (!access_states[access].word) {
		format_text(raw, sizeof(raw), "access state %Xh", access);
		path_state_set(ret, STATE_UNKNOWN, raw);
		return;
	}
	path_state_set(ret, (enum state)access_states[access].state, access_states[access].word);
	if (access == ALUA_STANDBY && !(g->supported & ALUA_SUPPORTS_NON_OPTIMIZED))
		ret->state = STATE_OK;
}

bool alua_serves(const struct alua_group *g)
{
	return g->access == ALUA_OPTIMIZED;
}

static void not_ready(const struct scsi_sense *s, struct path_state *ret)
{
	char raw[PATH_RAW];

	for (size_t i = 0; s->asc == ASC_ACCESS && i < ARRAY_SIZE(sense_states); i++)
		if (s->ascq == sense_states[i].ascq) {
			alua_state(&(struct alua_group){.access = sense_states[i].access,
					   .supported = ALUA_SUPPORTS_NON_OPTIMIZED},
				ret);
			return;
		}
	format_text(raw, sizeof(raw), "not ready (%02Xh/%02Xh)", s->asc, s->ascq);
	path_state_set(ret, STATE_FAILED, raw);
}

static void by_sense(const struct scsi_sense *s, struct path_state *ret)
{
	char raw[PATH_RAW];

	if (s->key == SENSE_NOT_READY) {
		not_ready(s, ret);
	} else if (s->key == SENSE_ILLEGAL && s->asc == ASC_LOGICAL_UNIT) {
		path_state_set(ret, STATE_FAILED, "no such unit behind it");
	} else {
		format_text(raw, sizeof(raw), "error %Xh (%02Xh/%02Xh)", s->key, s->asc, s->ascq);
		path_state_set(ret, STATE_DEGRADED, raw);
	}
}

void alua_answer(
	enum outcome o, uint8_t status, const struct scsi_sense *sense, struct path_state *ret)
{
	if (o == OUTCOME_OK)
		path_state_set(ret, STATE_OK, "ready");
	else if (o == OUTCOME_GONE)
		path_state_set(ret, STATE_FAILED, "no connection");
	else if (o == OUTCOME_TIMEOUT)
		path_state_set(ret, STATE_UNREACHABLE, "no answer in time");
	else if (status == STATUS_RESERVATION_CONFLICT)
		path_state_set(ret, STATE_OK, "reserved by another host");
	else if (status == STATUS_BUSY || status == STATUS_TASK_SET_FULL)
		path_state_set(ret, STATE_DEGRADED, "busy");
	else if (status == STATUS_CHECK_CONDITION && (sense->key || sense->asc))
		by_sense(sense, ret);
	else
		path_state_set(ret, STATE_FAILED, "the command was lost on its way");
}
