/* Builds ATA pages out of attribute lists, checksum included: what tests feed to the decoder. */
#pragma once
#include "probes/ata.h"
#include "probes/bytes.h"

struct ata_row {
	uint8_t id, flags, value, worst, threshold;
	uint64_t raw;
};

static inline void seal_page(uint8_t *page)
{
	page[511] = 0;
	page[511] = (uint8_t)-sum_bytes(page, 512);
}

static inline void build_smart(
	const struct ata_row *rows, size_t n, uint8_t self_test, uint8_t *data, uint8_t *thr)
{
	memset(data, 0, 512);
	memset(thr, 0, 512);
	data[0] = thr[0] = 16;
	data[363] = self_test;
	for (size_t i = 0; i < n; i++) {
		uint8_t *p = data + 2 + 12 * i, *t = thr + 2 + 12 * i;

		p[0] = t[0] = rows[i].id;
		p[1] = rows[i].flags;
		p[3] = rows[i].value;
		p[4] = rows[i].worst;
		t[1] = rows[i].threshold;
		for (unsigned k = 0; k < 6; k++)
			p[5 + k] = (uint8_t)(rows[i].raw >> 8 * k);
	}
	seal_page(data);
	seal_page(thr);
}

static inline void put_ata_text(uint8_t *page, unsigned word, unsigned words, const char *text)
{
	for (size_t i = 0; i < 2 * (size_t)words; i++)
		page[2 * word + (i ^ 1)] = i < strlen(text) ? (uint8_t)text[i] : ' ';
}

static inline void build_identify(const char *model, const char *serial, const char *firmware,
	uint16_t rotation, uint64_t sectors, uint8_t *page)
{
	memset(page, 0, 512);
	page[0] = 0x40;
	put_ata_text(page, 10, 10, serial);
	put_ata_text(page, 23, 4, firmware);
	put_ata_text(page, 27, 20, model);
	page[2 * 82] = page[2 * 85] = 1;
	page[2 * 83 + 1] = 0x44;
	page[2 * 87 + 1] = 0x41;
	for (unsigned k = 0; k < 6; k++)
		page[200 + k] = (uint8_t)(sectors >> 8 * k);
	page[2 * 108 + 1] = 0x50;
	page[2 * 108] = 0x00;
	page[2 * 109 + 1] = 0xc5;
	page[2 * 109] = 0x00;
	page[2 * 111] = 0x2a;
	page[2 * 217] = (uint8_t)rotation;
	page[2 * 217 + 1] = (uint8_t)(rotation >> 8);
	page[510] = 0xa5;
	seal_page(page);
}
