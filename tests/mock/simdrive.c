#include "simdrive.h"

#include <errno.h>
#include <scsi/sg.h>
#include <stdio.h>

/* clang-format off */
static const char *const fault_words[SIM_FAULT_COUNT] = {
	[SIM_FINE] = "fine", [SIM_ENODEV] = "enodev", [SIM_EIO] = "eio", [SIM_HANG] = "hang", [SIM_DELAY] = "delay",
	[SIM_TRUNCATE] = "truncate", [SIM_GARBAGE] = "garbage", [SIM_HOST_BYTE] = "hostbyte",
	[SIM_FIXED_SENSE] = "fixedsense", [SIM_NVME_STATUS] = "nvmestatus", [SIM_UNIT_ATTENTION] = "attention",
	[SIM_NOT_READY] = "notready",
};
/* clang-format on */

bool sim_parse_fault(const char *text, struct sim_fault *ret)
{
	size_t len = strcspn(text, "@");

	for (int i = 0; i < SIM_FAULT_COUNT; i++)
		if (strlen(fault_words[i]) == len && !strncmp(fault_words[i], text, len)) {
			*ret = (struct sim_fault){.kind = (enum sim_fault_kind)i};
			if (text[len])
				sscanf(text + len, "@%u:%u", &ret->from, &ret->arg);
			return true;
		}
	return false;
}

bool sim_strikes(const struct sim_drive *d, enum sim_fault_kind kind)
{
	return d->fault.kind == kind && d->fault.from <= d->commands;
}

int sim_begin(struct sim_drive *d)
{
	d->commands++;
	if (sim_strikes(d, SIM_ENODEV))
		return -ENODEV;
	if (sim_strikes(d, SIM_EIO))
		return -EIO;
	if (sim_strikes(d, SIM_HANG))
		return SIM_NEVER;
	return sim_strikes(d, SIM_DELAY) ? SIM_LATER - (int)d->fault.arg : 0;
}

void sim_reply(struct sim_drive *d, struct sg_io_hdr *h, const void *src, size_t n)
{
	uint8_t *dst = h->dxferp;

	if (sim_strikes(d, SIM_TRUNCATE))
		n = MIN_OF(n, (size_t)d->fault.arg);
	n = MIN_OF(n, (size_t)h->dxfer_len);
	if (n)
		memcpy(dst, src, n);
	for (size_t i = 0; i < n && sim_strikes(d, SIM_GARBAGE); i++)
		dst[i] = (uint8_t)((i * i * 2654435761u + d->commands * 40503u) >> 7);
	h->resid = (int)(h->dxfer_len - n);
}

void sim_check(struct sg_io_hdr *h, const uint8_t *sense, size_t n)
{
	n = MIN_OF(n, (size_t)h->mx_sb_len);
	if (h->sbp)
		memcpy(h->sbp, sense, n);
	h->sb_len_wr = (unsigned char)n;
	h->status = 2;
	h->masked_status = 1;
	h->driver_status = 8;
	h->info = SG_INFO_CHECK;
}

void sim_sense(struct sg_io_hdr *h, uint8_t key, uint8_t asc, uint8_t ascq)
{
	uint8_t s[18] = {0x70, 0, key, 0, 0, 0, 0, 10};

	s[12] = asc;
	s[13] = ascq;
	sim_check(h, s, sizeof(s));
}

static bool refuse(struct sim_drive *d, struct sg_io_hdr *h)
{
	bool inquiry = h->cmdp[0] == 0x12 || h->cmdp[0] == 0x03;

	if (sim_strikes(d, SIM_HOST_BYTE)) {
		h->host_status = (unsigned short)(d->fault.arg ? d->fault.arg : 1);
		h->info = SG_INFO_CHECK;
		h->resid = (int)h->dxfer_len;
	} else if (sim_strikes(d, SIM_NOT_READY) && !inquiry) {
		sim_sense(h, 2, 0x04, 0x03);
	} else if (sim_strikes(d, SIM_UNIT_ATTENTION) && !inquiry && !d->attention) {
		d->attention = true;
		sim_sense(h, 6, 0x29, 0x00);
	} else {
		d->attention = false;
		return false;
	}
	return true;
}

int sim_sg_io(struct sim_drive *d, struct sg_io_hdr *h)
{
	if (h->interface_id != 'S')
		return -ENOSYS;
	h->status = h->masked_status = h->sb_len_wr = 0;
	h->host_status = h->driver_status = 0;
	h->resid = 0;
	h->duration = 1;
	h->info = 0;
	d->asked[h->cmdp[0]]++;
	if (refuse(d, h))
		return 0;
	if (d->kind == SIM_ATA && (h->cmdp[0] == 0x85 || h->cmdp[0] == 0xa1))
		sim_ata(d, h);
	else
		sim_scsi(d, h);
	return 0;
}

static void set_attribute(struct sim_drive *d, uint8_t id, unsigned long raw)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < 30; i++) {
		uint8_t *p = d->smart + 2 + 12 * (size_t)i;

		for (unsigned k = 0; p[0] == id && k < 4; k++)
			p[5 + k] = (uint8_t)(raw >> 8 * k);
	}
	for (unsigned i = 0; i < 511; i++)
		sum = (uint8_t)(sum + d->smart[i]);
	d->smart[511] = (uint8_t)-sum;
}

bool sim_set(struct sim_drive *d, const char *name, unsigned long value)
{
	static const struct {
		const char *name;
		uint8_t id;
	} attributes[] = {{"reallocated", 5}, {"hours", 9}, {"uncorrectable", 187},
		{"temperature", 194}, {"pending", 197}};
	struct {
		const char *name;
		uint8_t *byte;
	} bytes[] = {{"power", &d->power}, {"ie_asc", &d->ie_asc}, {"ie_ascq", &d->ie_ascq},
		{"celsius", &d->celsius}, {"warning", &d->nvme_smart[0]},
		{"spare", &d->nvme_smart[3]}, {"used", &d->nvme_smart[5]}};

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
		if (text_equal(name, attributes[i].name)) {
			set_attribute(d, attributes[i].id, value);
			return true;
		}
	for (size_t i = 0; i < ARRAY_SIZE(bytes); i++)
		if (text_equal(name, bytes[i].name)) {
			*bytes[i].byte = (uint8_t)value;
			return true;
		}
	if (!text_equal(name, "failing"))
		return false;
	d->failing = value;
	return true;
}
