/* NVMe pages. Oracle: short input and pages that were never written are never OUTCOME_OK. */
#include "fuzz.h"
#include "probes/nvme.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t page[NVME_BUFFER];
	struct nvme_controller c;
	struct nvme_error e;
	struct reading smart = {}, firmware = {}, test = {};
	enum outcome o = nvme_decode_smart(p, n, &smart);

	check_reading(&smart, o);
	promise(o != OUTCOME_OK || n >= NVME_LOG);
	o = nvme_decode_firmware(p, n, &firmware);
	check_reading(&firmware, o);
	promise(o != OUTCOME_OK || n >= NVME_LOG);
	o = nvme_decode_self_test(p, n, &test);
	check_reading(&test, o);
	promise(o != OUTCOME_OK || n >= NVME_SELF_TEST_LOG);
	promise(nvme_decode_controller(p, n, &c) != OUTCOME_OK || n >= NVME_IDENTIFY);
	promise(nvme_decode_error_log(p, n, &e) != OUTCOME_OK || n >= NVME_ERROR_ENTRY);
	/* the same bytes as a short transfer into a buffer that was filled before */
	memset(page, NVME_FILL, sizeof(page));
	memcpy(page, p, MIN_OF(n, sizeof(page)));
	smart = (struct reading){};
	o = nvme_decode_smart(page, NVME_LOG, &smart);
	promise(o != OUTCOME_OK || n > NVME_LOG - 16);
	check_reading(&smart, o);
	return 0;
}
