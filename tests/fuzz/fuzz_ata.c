/* ATA pages as they come from a drive. Oracle: short or unchecked input is never OUTCOME_OK. */
#include "fuzz.h"
#include "probes/ata.h"
#include "probes/bytes.h"

static void pages(const uint8_t *p, size_t n)
{
	size_t half = n / 2;
	struct ata_identify id = {.rotational = 1};
	struct reading r = {};
	const struct ata_quirk *q =
		ata_quirk_find(n & 1 ? "INTEL SSDSC2BB" : "FUJITSU MHY2120BH", "0085000B");
	enum outcome o;

	id.rotational = n & 1;
	o = ata_decode_smart(&(struct ata_smart_pages){p, half, p + half, n - half}, &id, q, &r);
	check_reading(&r, o);
	promise(o != OUTCOME_OK || (half >= 512 && n - half >= 512));
	promise(o != OUTCOME_OK || (!sum_bytes(p, 512) && !sum_bytes(p + half, 512)));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct ata_quirk_memo memo = {};
	struct ata_registers regs;
	struct ata_identify id;
	struct reading r = {};
	bool passed;
	enum outcome o = ata_decode_blob(p, n, &memo, &r);

	check_reading(&r, o);
	promise(o != OUTCOME_OK || n >= 1040);
	promise(ata_decode_identify(p, n, &id) != OUTCOME_OK || n >= 512);
	if (ata_decode_sense(p, n, &regs) == OUTCOME_OK) {
		promise(n >= 14);
		(void)!ata_decode_return_status(&regs, &passed);
		(void)!ata_decode_power_mode(&regs);
	}
	pages(p, n);
	return 0;
}
