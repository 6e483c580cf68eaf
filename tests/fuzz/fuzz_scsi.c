/* SCSI data. Oracle: a page that says it is longer than what came is never OUTCOME_OK. */
#include "fuzz.h"
#include "probes/bytes.h"
#include "probes/scsi.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const uint8_t *identify;
	struct scsi_sense sense = {};
	struct scsi_inquiry i;
	uint64_t bits;
	char text[40];

	for (unsigned page = 0; page < 64; page++) {
		struct reading r = {};
		enum outcome o = scsi_decode_log((enum scsi_page)page, p, n, &r);

		check_reading(&r, o);
		promise(o != OUTCOME_OK ||
			(n >= 4 && (size_t)be16(p + 2) + 4 <= n && (p[0] & 0x3f) == page));
	}
	promise(scsi_decode_supported(p, n, &bits) != OUTCOME_OK || n >= 4);
	if (scsi_decode_sense(p, n, &sense) == OUTCOME_OK) {
		promise(scsi_status_outcome(STATUS_CHECK_CONDITION, &sense) != OUTCOME_OK ||
			sense.key <= SENSE_RECOVERED);
		(void)scsi_power_outcome(&sense);
	}
	promise(scsi_decode_inquiry(p, n, &i) != OUTCOME_OK || n >= 36);
	promise(scsi_decode_serial(p, n, text, sizeof(text)) != OUTCOME_OK || n >= 4);
	promise(scsi_decode_wwn(p, n, text, sizeof(text)) != OUTCOME_OK ||
		memchr(text, 0, sizeof(text)));
	promise(scsi_decode_ata_information(p, n, &identify) != OUTCOME_OK || n >= 572);
	return 0;
}
