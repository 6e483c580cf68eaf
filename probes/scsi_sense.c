#include "probes/scsi.h"

enum { ASC_NOT_READY = 0x04, ASCQ_NEEDS_START = 0x02, ASCQ_NEEDS_NOTIFY = 0x11 };

enum outcome scsi_decode_sense(const uint8_t *p, size_t len, struct scsi_sense *ret)
{
	struct scsi_sense s = {};
	unsigned code;

	if (len < 4)
		return OUTCOME_SHORT;
	code = p[0] & 0x7f;
	s.deferred = code == 0x71 || code == 0x73;
	if (code == 0x72 || code == 0x73) {
		s = (struct scsi_sense){p[1] & 0xf, p[2], p[3], s.deferred};
	} else if (code == 0x70 || code == 0x71) {
		s.key = p[2] & 0xf;
		s.asc = len > 12 ? p[12] : 0;
		s.ascq = len > 13 ? p[13] : 0;
	} else {
		return OUTCOME_NONSENSE;
	}
	*ret = s;
	return OUTCOME_OK;
}

static enum outcome not_ready(const struct scsi_sense *s)
{
	bool stopped = s->asc == ASC_NOT_READY &&
		       (s->ascq == ASCQ_NEEDS_START || s->ascq == ASCQ_NEEDS_NOTIFY);

	return stopped ? OUTCOME_ASLEEP : OUTCOME_ERROR;
}

static enum outcome check_condition(const struct scsi_sense *s)
{
	switch (s->key) {
	case SENSE_NONE:
		return s->asc || s->ascq ? OUTCOME_OK : OUTCOME_ERROR;
	case SENSE_RECOVERED:
		return OUTCOME_OK;
	case SENSE_NOT_READY:
		return not_ready(s);
	case SENSE_ILLEGAL:
		return OUTCOME_UNSUPPORTED;
	default:
		return OUTCOME_ERROR;
	}
}

enum outcome scsi_status_outcome(uint8_t status, const struct scsi_sense *sense)
{
	switch (status & 0x7e) {
	case STATUS_GOOD:
		return OUTCOME_OK;
	case STATUS_CHECK_CONDITION:
		return check_condition(sense);
	default:
		return OUTCOME_ERROR;
	}
}

bool scsi_sense_again(uint8_t status, const struct scsi_sense *sense)
{
	return (status & 0x7e) == STATUS_CHECK_CONDITION && sense->key == SENSE_UNIT_ATTENTION;
}

bool scsi_sense_predicts(const struct scsi_sense *sense)
{
	return (sense->key == SENSE_RECOVERED || sense->key == SENSE_NONE ||
		       sense->key == SENSE_UNIT_ATTENTION) &&
	       (sense->asc == ASC_FAILURE_PREDICTED || sense->asc == ASC_WARNING);
}

enum outcome scsi_power_outcome(const struct scsi_sense *sense)
{
	/* SPC-5 table F.1: 5Eh qualifiers of the standby conditions; the others of that code are
	 * idle */
	static const uint8_t standby[] = {0x02, 0x04, 0x09, 0x0a, 0x43};

	if (sense->key == SENSE_NOT_READY)
		return not_ready(sense);
	if (sense->asc != ASC_POWER_CONDITION)
		return OUTCOME_OK;
	return memchr(standby, sense->ascq, sizeof(standby)) ? OUTCOME_ASLEEP : OUTCOME_IDLE;
}
