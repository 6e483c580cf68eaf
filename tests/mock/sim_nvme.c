#include "simdrive.h"

#include <linux/nvme_ioctl.h>

enum {
	PAGE = 4096,
	STATUS_INVALID_FIELD = 0x4002,
	STATUS_INVALID_OPCODE = 0x4001,
	STATUS_INVALID_LOG = 0x4109,
	STATUS_STRUCK = 0x0006
};

static void identify(const struct sim_drive *d, uint32_t cns, uint8_t *b)
{
	uint64_t blocks = d->bytes / 512;

	if (cns != 1) {
		memcpy(b, &blocks, 8);
		memcpy(b + 8, &blocks, 8);
		b[130] = 9;
		return;
	}
	b[0] = 0x86;
	b[1] = 0x80;
	memset(b + 4, ' ', 68);
	memcpy(b + 4, d->serial, strlen(d->serial));
	memcpy(b + 24, d->model, strlen(d->model));
	memcpy(b + 64, d->firmware, strlen(d->firmware));
	b[81] = 4;
	b[82] = 1;     /* 1.4 */
	b[256] = 0x16; /* format, firmware, self-test */
	b[258] = 3;
	b[260] = 0x06;
	b[261] = 0x0c;
	b[262] = 63;
	b[266] = 0x57;
	b[267] = 0x01; /* 70 C */
	b[268] = 0x5d;
	b[269] = 0x01; /* 76 C */
	memcpy(b + 280, &d->bytes, 8);
	b[516] = 1;
}

static int log_page(const struct sim_drive *d, uint32_t page, uint8_t *b)
{
	switch (page) {
	case 0x01:
		memcpy(b, &d->nvme_errors, 8);
		b[12] = 0x04;
		b[13] = 0xc0;
		return 0;
	case 0x02:
		memcpy(b, d->nvme_smart, 512);
		memcpy(b + 176, &d->nvme_errors, 8);
		return 0;
	case 0x03:
		memcpy(b, d->nvme_firmware, 512);
		return 0;
	case 0x06:
		for (unsigned i = 0; i < 20; i++)
			b[4 + 28 * i] = 0x0f;
		return 0;
	default:
		return STATUS_INVALID_LOG;
	}
}

static int answer(struct sim_drive *d, const struct nvme_passthru_cmd *c, uint8_t *b)
{
	if (sim_strikes(d, SIM_NVME_STATUS))
		return d->fault.arg ? (int)d->fault.arg : STATUS_STRUCK;
	switch (c->opcode) {
	case 0x06:
		identify(d, c->cdw10 & 0xff, b);
		return 0;
	case 0x02:
		d->inside[c->cdw10 & 0xff]++;
		return (c->cdw10 >> 16) + 1 == c->data_len / 4 ? log_page(d, c->cdw10 & 0xff, b)
							       : STATUS_INVALID_FIELD;
	default:
		return STATUS_INVALID_OPCODE;
	}
}

int sim_nvme_admin(struct sim_drive *d, struct nvme_passthru_cmd *c)
{
	uint8_t b[PAGE] = {};
	size_t n = MIN_OF((size_t)c->data_len, sizeof(b));
	int status;

	d->asked[c->opcode]++;
	c->result = 0;
	status = answer(d, c, b);
	if (status) {
		d->nvme_errors++;
		return status;
	}
	for (size_t i = 0; i < n && sim_strikes(d, SIM_GARBAGE); i++)
		b[i] = (uint8_t)(i * 37 + d->commands);
	if (sim_strikes(d, SIM_TRUNCATE))
		n = MIN_OF(n, (size_t)d->fault.arg);
	if (n)
		memcpy((void *)(uintptr_t)c->addr, b, n);
	return 0;
}

void sim_init_nvme(struct sim_drive *d, unsigned number)
{
	static const uint8_t smart[6] = {
		0, 0x39, 0x01, 100, 10, 3}; /* 40 C, spare 100 % of which 10 % is too little */

	*d = (struct sim_drive){
		.kind = SIM_NVME, .number = number, .bytes = 1024209543168, .nvme_errors = 5};
	copy_text(d->model, sizeof(d->model), "SIMNVME 1TB");
	copy_text(d->firmware, sizeof(d->firmware), "N1.2");
	format_text(d->serial, sizeof(d->serial), "NVM%08u", number);
	memcpy(d->nvme_smart, smart, sizeof(smart));
	d->nvme_smart[32] = 0x10;
	d->nvme_smart[112] = 7;
	d->nvme_smart[128] = 0x22;
	d->nvme_smart[129] = 0x11;
	d->nvme_firmware[0] = 0x01;
	memcpy(d->nvme_firmware + 8, "N1.2    ", 8);
}
