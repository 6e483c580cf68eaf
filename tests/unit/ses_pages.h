/* SES pages of a small enclosure, made by hand: two slots, one expander between, two canisters, a supply, a sensor. */
#pragma once
#include "probes/ses.h"

enum { PAGE_ROOM = 512, GENERATION = 7 };

/* Types and their counts in the order of the configuration; 7 elements and 6 overall ones. */
static const uint8_t layout[][2] = {{SES_ARRAY_SLOT, 2}, {SES_EXPANDER, 1}, {SES_ELECTRONICS, 2},
	{SES_POWER_SUPPLY, 1}, {SES_TEMPERATURE, 1}, {SES_ENCLOSURE, 1}};

enum { LAYOUT = sizeof(layout) / sizeof(layout[0]), ELEMENTS = 8 + LAYOUT };

static inline void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline size_t end_page(uint8_t *p, uint8_t page, size_t n)
{
	p[0] = page;
	put16(p + 2, n - 4);
	p[7] = GENERATION;
	return n;
}

static inline size_t config_page(uint8_t *p)
{
	size_t n = 8 + 40;

	memset(p, 0, PAGE_ROOM);
	memcpy(p + 8, "\x12\0\x06\x24\x50\x01\x40\x50\xfa\xce\0\x01", 12);
	memcpy(p + 20, "ACME    TWO CANISTER BOX1.07", 28);
	for (unsigned i = 0; i < LAYOUT; i++, n += 4)
		memcpy(p + n, layout[i], 2);
	return end_page(p, SES_CONFIG, n);
}

/* Every element OK; the first canister reports. */
static inline size_t status_page(uint8_t *p)
{
	size_t n = 8;

	memset(p, 0, PAGE_ROOM);
	for (unsigned i = 0; i < LAYOUT; i++) {
		n += 4;
		for (unsigned k = 0; k < layout[i][1]; k++, n += 4) {
			p[n] = 1;
			if (layout[i][0] == SES_TEMPERATURE)
				p[n + 2] = 20 + 31;
			if (layout[i][0] == SES_ELECTRONICS && !k)
				p[n + 2] = 1;
		}
	}
	return end_page(p, SES_STATUS, n);
}

/* One slot's descriptor: index as @eiioe counts it, slot number 10 + k, address ending in k. */
static inline size_t slot_descriptor(uint8_t *p, uint8_t eiioe, uint8_t index, uint8_t k)
{
	memset(p, 0, 36);
	p[0] = 0x16;
	p[1] = 34;
	p[2] = eiioe;
	p[3] = index;
	p[4] = 1;
	p[7] = (uint8_t)(10 + k);
	memcpy(p + 20, "\x50\0\xc5\0\xa1\xb2\xc3", 7);
	p[27] = k;
	return 36;
}

static inline size_t additional_page(uint8_t *p, uint8_t eiioe, uint8_t first)
{
	size_t n = 8;

	memset(p, 0, PAGE_ROOM);
	n += slot_descriptor(p + n, eiioe, first, 0);
	n += slot_descriptor(p + n, eiioe, (uint8_t)(first + 1), 1);
	return end_page(p, SES_ADDITIONAL, n);
}

/* The position of the @nth element of a type in the decoded enclosure, overall ones left out. */
static inline unsigned element_of(const struct ses *s, unsigned type, unsigned nth)
{
	for (unsigned i = 0; i < s->nelements; i++)
		if (s->elements[i].type == type && !s->elements[i].overall && s->elements[i].index == nth)
			return i;
	return 0;
}
