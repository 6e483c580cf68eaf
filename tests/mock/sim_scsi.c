#include "simdrive.h"

#include <scsi/sg.h>

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static void illegal(struct sg_io_hdr *h, uint8_t asc)
{
	sim_sense(h, 5, asc, 0);
}

static void vital_page(struct sim_drive *d, struct sg_io_hdr *h)
{
	static const uint8_t list[] = {0, 0, 0, 3, 0x00, 0x80, 0x83};
	uint8_t b[32] = {0, h->cmdp[2]};

	switch (h->cmdp[2]) {
	case 0x00:
		sim_reply(d, h, list, sizeof(list));
		return;
	case 0x80:
		b[3] = 20;
		memset(b + 4, ' ', 20);
		memcpy(b + 4, d->serial, strlen(d->serial));
		sim_reply(d, h, b, 24);
		return;
	case 0x83:
		memcpy(b + 2, (const uint8_t[]){0, 12, 1, 3, 0, 8, 0x50, 0, 0xc5, 0}, 10);
		put32(b + 12, d->number);
		sim_reply(d, h, b, 16);
		return;
	default:
		illegal(h, 0x24);
	}
}

const char *sim_vendor(const struct sim_drive *d)
{
	return d->kind == SIM_ATA || d->says_ata ? "ATA     " : "SIMSTOR ";
}

static void inquiry(struct sim_drive *d, struct sg_io_hdr *h)
{
	uint8_t b[96] = {0, 0, 6, 2, 91};

	if (h->cmdp[1] & 1) {
		vital_page(d, h);
		return;
	}
	memset(b + 8, ' ', 28);
	memcpy(b + 8, sim_vendor(d), 8);
	memcpy(b + 16, d->model, MIN_OF(strlen(d->model), (size_t)16));
	memcpy(b + 32, d->firmware, MIN_OF(strlen(d->firmware), (size_t)4));
	sim_reply(d, h, b, sizeof(b));
}

static void log_page(struct sim_drive *d, struct sg_io_hdr *h)
{
	static const uint8_t list[] = {0, 0, 0, 5, 0x00, 0x03, 0x0d, 0x11, 0x2f};
	uint8_t b[32] = {h->cmdp[2] & 0x3f};

	switch (b[0]) {
	case 0x00:
		sim_reply(d, h, list, sizeof(list));
		return;
	case 0x03:
		memcpy(b + 2, (const uint8_t[]){0, 8, 0, 6, 3, 4}, 6);
		put32(b + 8, d->uncorrected);
		sim_reply(d, h, b, 12);
		return;
	case 0x0d:
		memcpy(b + 2,
			(const uint8_t[]){0, 12, 0, 0, 3, 2, 0, d->celsius, 0, 1, 3, 2, 0, 65}, 14);
		sim_reply(d, h, b, 16);
		return;
	case 0x11:
		memcpy(b + 2, (const uint8_t[]){0, 8, 0, 1, 3, 4, 0, 0, 0, 17}, 10);
		sim_reply(d, h, b, 12);
		return;
	case 0x2f:
		memcpy(b + 2,
			(const uint8_t[]){0, 8, 0, 0, 3, 4, d->ie_asc, d->ie_ascq, d->celsius}, 9);
		sim_reply(d, h, b, 12);
		return;
	default:
		illegal(h, 0x24);
	}
}

static void capacity(struct sim_drive *d, struct sg_io_hdr *h)
{
	uint64_t last = d->bytes / 512 - 1;
	uint8_t b[32] = {};

	if (h->cmdp[0] == 0x25) {
		put32(b, last > UINT32_MAX ? UINT32_MAX : (uint32_t)last);
		put32(b + 4, 512);
		sim_reply(d, h, b, 8);
		return;
	}
	put32(b, (uint32_t)(last >> 32));
	put32(b + 4, (uint32_t)last);
	put32(b + 8, 512);
	sim_reply(d, h, b, sizeof(b));
}

/* Informational Exceptions Control alone: smartctl wants to see it before it believes the log page.
 */
static void mode_page(struct sim_drive *d, struct sg_io_hdr *h)
{
	bool ten = h->cmdp[0] == 0x5a;
	size_t head = ten ? 8 : 4;
	uint8_t b[20] = {};

	if ((h->cmdp[2] & 0x3f) != 0x1c) {
		illegal(h, 0x24);
		return;
	}
	b[ten ? 1 : 0] = (uint8_t)(head + 12 - (ten ? 2 : 1));
	b[head] = 0x1c;
	b[head + 1] = 0x0a;
	b[head + 3] = 6; /* report on request */
	sim_reply(d, h, b, head + 12);
}

static void grown_defects(struct sim_drive *d, struct sg_io_hdr *h)
{
	uint8_t b[4] = {0, h->cmdp[2] & 0x1f};

	put16(b + 2, d->defects * 8);
	sim_reply(d, h, b, sizeof(b));
}

void sim_scsi(struct sim_drive *d, struct sg_io_hdr *h)
{
	static const uint8_t nothing[18] = {0x70, 0, 0, 0, 0, 0, 0, 10};

	switch (h->cmdp[0]) {
	case 0x00:
		return;
	case 0x03:
		sim_reply(d, h, nothing, sizeof(nothing));
		return;
	case 0x12:
		inquiry(d, h);
		return;
	case 0x25:
	case 0x9e:
		capacity(d, h);
		return;
	case 0x1a:
	case 0x5a:
		if (d->kind == SIM_SAS) {
			mode_page(d, h);
			return;
		}
		break;
	case 0x37:
		if (d->kind == SIM_SAS) {
			grown_defects(d, h);
			return;
		}
		break;
	case 0x4d:
		if (d->kind == SIM_SAS) {
			log_page(d, h);
			return;
		}
		break;
	default:
		break;
	}
	illegal(h, 0x20);
}

void sim_init_sas(struct sim_drive *d, unsigned number)
{
	*d = (struct sim_drive){.kind = SIM_SAS,
		.number = number,
		.bytes = 4000787030016,
		.celsius = 34,
		.defects = 2};
	copy_text(d->model, sizeof(d->model), "SIMSAS 4TB");
	copy_text(d->firmware, sizeof(d->firmware), "S001");
	format_text(d->serial, sizeof(d->serial), "SAS%08u", number);
}
