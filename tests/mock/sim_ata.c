#include "simdrive.h"

#include <errno.h>
#include <scsi/sg.h>
#include <stdio.h>

/* The registers a command came with, whichever pass-through carried them. */
struct task_file {
	uint8_t command, feature, count, low, mid, high;
	bool want_registers;
};

static struct task_file task_file_of(const uint8_t *c)
{
	if (c[0] == 0x85)
		return (struct task_file){c[14], c[4], c[6], c[8], c[10], c[12], c[2] & 0x20};
	return (struct task_file){c[9], c[3], c[4], c[5], c[6], c[7], c[2] & 0x20};
}

static void registers(
	struct sim_drive *d, struct sg_io_hdr *h, const struct task_file *t, bool error)
{
	uint8_t err = error ? 4 : 0, status = error ? 0x51 : 0x50;
	const uint8_t descriptor[22] = {0x72, 1, 0, 0x1d, 0, 0, 0, 14, 9, 12, 0, err, 0, t->count,
		0, t->low, 0, t->mid, 0, t->high, 0x40, status};
	const uint8_t fixed[18] = {
		0x70, 0, 1, err, status, 0x40, t->count, 10, 0, t->low, t->mid, t->high, 0, 0x1d};

	/* what an adapter answers whose control mode page says fixed format */
	if (sim_strikes(d, SIM_FIXED_SENSE))
		sim_check(h, fixed, sizeof(fixed));
	else
		sim_check(h, descriptor, sizeof(descriptor));
}

/* False: the drive aborts it. */
static bool smart(struct sim_drive *d, struct sg_io_hdr *h, struct task_file *t)
{
	static const uint8_t empty[512];

	switch (t->feature) {
	case 0xd0:
		sim_reply(d, h, d->smart, 512);
		return true;
	case 0xd1:
		sim_reply(d, h, d->thresholds, 512);
		return true;
	case 0xd5:
		sim_reply(d, h, empty, 512);
		return true;
	case 0xd8:
		return true;
	case 0xda:
		t->mid = d->failing ? 0xf4 : 0x4f;
		t->high = d->failing ? 0x2c : 0xc2;
		return true;
	default:
		return false;
	}
}

void sim_ata(struct sim_drive *d, struct sg_io_hdr *h)
{
	struct task_file t = task_file_of(h->cmdp);
	bool ok = true;

	d->inside[t.command]++;
	if (h->cmdp[0] == 0x85 && (h->cmdp[1] & 1))
		ok = false;
	else if (t.command == 0xec)
		sim_reply(d, h, d->identify, 512);
	else if (t.command == 0xe5)
		t.count = d->power;
	else
		ok = t.command == 0xb0 && smart(d, h, &t);
	if (d->power == SIM_STANDBY && t.command != 0xe5 && t.command != 0xec)
		d->power = SIM_ACTIVE; /* woken: a test looks for it */
	if (t.want_registers || !ok)
		registers(d, h, &t, !ok);
}

static void put_text(uint8_t *p, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i ^ 1] = i < strlen(s) ? (uint8_t)s[i] : ' ';
}

static void seal(uint8_t *page)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < 511; i++)
		sum = (uint8_t)(sum + page[i]);
	page[511] = (uint8_t)-sum;
}

static void init_identify(struct sim_drive *d)
{
	/* clang-format off */
	static const struct { uint16_t at; uint8_t value; } set[] = {
		{0, 0x40}, {160, 0xf0}, {161, 0x01}, {164, 1}, {167, 0x44}, {168, 3}, {169, 0x40}, {170, 1}, {175, 0x41},
		{434, 0x20}, {435, 0x1c}, /* 7200 rpm */
	};
	/* clang-format on */
	uint64_t sectors = d->bytes / 512;

	memset(d->identify, 0, sizeof(d->identify));
	for (size_t i = 0; i < ARRAY_SIZE(set); i++)
		d->identify[set[i].at] = set[i].value;
	put_text(d->identify + 20, d->serial, 20);
	put_text(d->identify + 46, d->firmware, 8);
	put_text(d->identify + 54, d->model, 40);
	for (unsigned k = 0; k < 6; k++)
		d->identify[200 + k] = (uint8_t)(sectors >> 8 * k);
	memset(d->identify + 120, 0xff, 3);
	d->identify[123] = 0x0f;
}

void sim_init_ata(struct sim_drive *d, unsigned number)
{
	/* clang-format off */
	static const struct { uint8_t id, flags, value, threshold; uint32_t raw; } rows[] = {
		{1, 0x0f, 100, 6, 0}, {5, 0x33, 100, 10, 0}, {9, 0x32, 90, 0, 8760}, {12, 0x32, 100, 0, 20},
		{187, 0x32, 100, 0, 0}, {194, 0x22, 30, 0, 30}, {197, 0x12, 100, 0, 0}, {198, 0x10, 100, 0, 0},
		{199, 0x3e, 200, 0, 0},
	};
	/* clang-format on */

	*d = (struct sim_drive){
		.kind = SIM_ATA, .number = number, .bytes = 2000398934016, .power = SIM_ACTIVE};
	copy_text(d->model, sizeof(d->model), "SIMDISK 2TB");
	copy_text(d->firmware, sizeof(d->firmware), "SIM1.0");
	format_text(d->serial, sizeof(d->serial), "SIM%08u", number);
	init_identify(d);
	d->smart[0] = d->thresholds[0] = 16;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t *p = d->smart + 2 + 12 * i, *t = d->thresholds + 2 + 12 * i;

		p[0] = t[0] = rows[i].id;
		p[1] = rows[i].flags;
		p[3] = p[4] = rows[i].value;
		memcpy(p + 5, &rows[i].raw, 4);
		t[1] = rows[i].threshold;
	}
	d->smart[367] = 0x5b;
	d->smart[372] = 1;
	d->smart[373] = 200;
	seal(d->smart);
	seal(d->thresholds);
}

static void take_text(char *dst, size_t size, const uint8_t *p, size_t n)
{
	char swapped[41] = "";

	for (size_t i = 0; i < n; i++)
		swapped[i] = (char)p[i ^ 1];
	copy_device_text(dst, size, swapped, n);
}

static bool take_block(struct sim_drive *d, const char *tag, const uint8_t *p, size_t len)
{
	uint8_t *page = !memcmp(tag, "IDFY", 4)   ? d->identify
			: !memcmp(tag, "SMDT", 4) ? d->smart
			: !memcmp(tag, "SMTH", 4) ? d->thresholds
						  : NULL;

	if (!memcmp(tag, "SMST", 4) && len == 4)
		d->failing = !p[3];
	if (page && len == 512)
		memcpy(page, p, 512);
	return !page || len == 512;
}

int sim_load_blob(struct sim_drive *d, const char *path)
{
	cleanup_(freep) char *blob = NULL;
	size_t len, at = 0;
	int r = slurp(path, 65536, &blob, &len);

	if (r < 0)
		return r;
	while (at + 8 <= len) {
		const uint8_t *p = (const uint8_t *)blob + at;
		size_t body = (size_t)p[6] << 8 | p[7];

		if (at + 8 + body > len || !take_block(d, blob + at, p + 8, body))
			return -EINVAL;
		at += 8 + body;
	}
	take_text(d->serial, sizeof(d->serial), d->identify + 20, 20);
	take_text(d->firmware, sizeof(d->firmware), d->identify + 46, 8);
	take_text(d->model, sizeof(d->model), d->identify + 54, 40);
	return 0;
}
