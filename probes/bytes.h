/* Reading numbers out of bytes a device sent; callers check lengths first. Never touches memory
 * outside them. */
#pragma once
#include "probes/util.h"

/** le_bytes() / be_bytes() - @n bytes (up to 8) as a number, least or most significant first */
static inline uint64_t le_bytes(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static inline uint64_t be_bytes(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static inline uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t le32(const uint8_t *p)
{
	return (uint32_t)le_bytes(p, 4);
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be_bytes(p, 4);
}

/** sum_bytes() - the 8-bit sum that ATA pages make zero with their last byte (ATA8-ACS 7.52.6.14)
 */
static inline uint8_t sum_bytes(const uint8_t *p, size_t n)
{
	const uint64_t odd = UINT64_C(0x00ff00ff00ff00ff);
	uint64_t lanes = 0, v;
	unsigned s = 0;

	/* four 16-bit lanes take 128 words of eight bytes before they could carry */
	for (size_t words = 0; n >= sizeof(v) && words < 128;
		words++, n -= sizeof(v), p += sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		lanes += (v & odd) + (v >> 8 & odd);
	}
	for (; lanes; lanes >>= 16)
		s += lanes & 0xffff;
	while (n--)
		s += *p++;
	return (uint8_t)s;
}

/** all_bytes() - true when @n bytes are all @v; false for none */
static inline bool all_bytes(const uint8_t *p, size_t n, uint8_t v)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != v)
			return false;
	return n > 0;
}
