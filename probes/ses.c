#include "probes/ses.h"

#include "probes/bytes.h"

#include <stdio.h>

enum {
	HEADER = 8,
	ENCLOSURE_DESCRIPTOR = 40, /* the least: up to the product revision */
	TYPE_DESCRIPTOR = 4,
	EIP = 0x10,
	INVALID = 0x80,
	PROTOCOL_SAS = 6,
	PHY = 28,
	MICROCODE_DESCRIPTOR = 16
};

/* A page is what its own length says, and that must have come. */
static enum outcome check_page(const uint8_t *p, size_t n, enum ses_page page, size_t *ret_len)
{
	if (n < 4)
		return OUTCOME_SHORT;
	if (p[0] != page)
		return OUTCOME_NONSENSE;
	*ret_len = (size_t)be16(p + 2) + 4;
	return *ret_len > n ? OUTCOME_SHORT : OUTCOME_OK;
}

static enum outcome check_long_page(const uint8_t *p, size_t n, enum ses_page page, size_t *ret_len)
{
	enum outcome o = check_page(p, n, page, ret_len);

	return o == OUTCOME_OK && *ret_len < HEADER ? OUTCOME_SHORT : o;
}

enum outcome ses_decode_supported(const uint8_t *p, size_t n, uint64_t *ret)
{
	uint64_t bits = 0;
	size_t len;
	enum outcome o = check_page(p, n, SES_SUPPORTED, &len);

	if (o != OUTCOME_OK)
		return o;
	for (size_t i = 4; i < len; i++)
		if (p[i] < 64)
			bits |= UINT64_C(1) << p[i];
	*ret = bits;
	return OUTCOME_OK;
}

static void take_identity(struct ses *s, const uint8_t *d)
{
	s->process = d[0] >> 4 & 7;
	s->processes = d[0] & 7;
	s->id = be_bytes(d + 4, 8);
	if (s->id)
		format_text(s->name, sizeof(s->name), "0x%016llx", (unsigned long long)s->id);
	copy_device_text(s->vendor, sizeof(s->vendor), d + 12, 8);
	copy_device_text(s->product, sizeof(s->product), d + 20, 16);
	copy_device_text(s->revision, sizeof(s->revision), d + 36, 4);
}

/* The enclosure descriptors: the primary one names the whole; all of them count types. */
static enum outcome read_enclosures(
	const uint8_t *p, size_t len, struct ses *s, size_t *ret_at, unsigned *ret_types)
{
	size_t at = HEADER;
	unsigned types = 0;

	for (unsigned i = 0; i <= p[1]; i++) {
		size_t size;

		if (at + 4 > len)
			return OUTCOME_SHORT;
		size = (size_t)p[at + 3] + 4;
		if (at + size > len)
			return OUTCOME_SHORT;
		if (size < ENCLOSURE_DESCRIPTOR)
			return OUTCOME_NONSENSE;
		if (!i)
			take_identity(s, p + at);
		types += p[at + 2];
		at += size;
	}
	*ret_at = at;
	*ret_types = types;
	return OUTCOME_OK;
}

static bool add_elements(struct ses *s, unsigned type, unsigned count, uint16_t *used)
{
	if (s->ntypes == SES_TYPES || s->nelements + count + 1 > SES_ELEMENTS)
		return false;
	s->types[s->ntypes].type = (uint8_t)type;
	s->types[s->ntypes++].count = (uint8_t)count;
	for (unsigned i = 0; i <= count; i++)
		s->elements[s->nelements++] = (struct ses_element){.type = (uint8_t)type,
			.overall = !i,
			.index = i ? (*used)++ : 0,
			.slot = -1};
	return true;
}

enum outcome ses_decode_config(const uint8_t *p, size_t n, struct ses *s)
{
	uint16_t used[256] = {};
	unsigned types;
	size_t len, at;
	enum outcome o = check_long_page(p, n, SES_CONFIG, &len);

	memset(s, 0, sizeof(*s));
	if (o == OUTCOME_OK)
		o = read_enclosures(p, len, s, &at, &types);
	if (o == OUTCOME_OK && at + (size_t)types * TYPE_DESCRIPTOR > len)
		o = OUTCOME_SHORT;
	for (unsigned i = 0; o == OUTCOME_OK && i < types; i++, at += TYPE_DESCRIPTOR)
		if (!add_elements(s, p[at], p[at + 1], &used[p[at]]))
			o = OUTCOME_UNSUPPORTED;
	if (o != OUTCOME_OK) {
		memset(s, 0, sizeof(*s));
		return o;
	}
	s->generation = be32(p + 4);
	return OUTCOME_OK;
}

enum outcome ses_decode_status(const uint8_t *p, size_t n, struct ses *s)
{
	size_t len;
	enum outcome o = check_long_page(p, n, SES_STATUS, &len);

	if (o != OUTCOME_OK)
		return o;
	if (be32(p + 4) != s->generation)
		return OUTCOME_STALE;
	if (len < HEADER + (size_t)s->nelements * 4)
		return OUTCOME_SHORT;
	s->header = p[1];
	for (unsigned i = 0; i < s->nelements; i++)
		memcpy(s->elements[i].status, p + HEADER + (size_t)i * 4, 4);
	s->have_status = 1;
	return OUTCOME_OK;
}

enum outcome ses_decode_names(const uint8_t *p, size_t n, struct ses *s)
{
	size_t len, at = HEADER;
	enum outcome o = check_long_page(p, n, SES_NAMES, &len);

	if (o != OUTCOME_OK)
		return o;
	if (be32(p + 4) != s->generation)
		return OUTCOME_STALE;
	for (unsigned i = 0; i < s->nelements; i++) {
		size_t text;

		if (at + 4 > len)
			return OUTCOME_SHORT;
		text = be16(p + at + 2);
		if (at + 4 + text > len)
			return OUTCOME_SHORT;
		copy_device_text(s->elements[i].text, SES_TEXT, p + at + 4, text);
		at += 4 + text;
	}
	return OUTCOME_OK;
}

/* Types that page 0x0a describes, in the order of the configuration, when it gives no index. */
static bool has_additional(unsigned type)
{
	return ses_is_slot(type) || type == SES_ELECTRONICS || type == 0x14 || type == 0x15 ||
	       type == SES_EXPANDER;
}

/* The element an index means: overall ones counted or not. */
static struct ses_element *by_index(struct ses *s, unsigned index, bool overall_too)
{
	for (unsigned i = 0; i < s->nelements; i++) {
		struct ses_element *e = &s->elements[i];

		if (e->overall && !overall_too)
			continue;
		if (!index--)
			return e->overall ? NULL : e;
	}
	return NULL;
}

static struct ses_element *by_order(struct ses *s, unsigned nth)
{
	for (unsigned i = 0; i < s->nelements; i++)
		if (!s->elements[i].overall && has_additional(s->elements[i].type) && !nth--)
			return &s->elements[i];
	return NULL;
}

/* One that counts from 1 without saying so counts the overall element that comes first. */
static bool counts_overall(const uint8_t *p, size_t len)
{
	return len >= HEADER + 4 && p[HEADER] & EIP && !(p[HEADER + 2] & 3) && p[HEADER + 3] == 1;
}

/* The SAS part of a slot's descriptor (SES-4 6.1.13.3.2): the first phy that has an address names the drive. */
static void take_phys(struct ses_element *e, const uint8_t *d, size_t size, bool eip)
{
	const uint8_t *body = d + (eip ? 4 : 2);
	size_t head = eip ? 4 : 2, room = size - (eip ? 4 : 2);

	if (room < head || body[1] >> 6)
		return;
	if (eip)
		e->slot = body[3];
	for (unsigned i = 0; i < body[0] && room >= head + (i + 1) * (size_t)PHY; i++) {
		uint64_t address = be_bytes(body + head + i * (size_t)PHY + 12, 8);

		if (address && !e->address)
			e->address = address;
	}
}

enum outcome ses_decode_additional(const uint8_t *p, size_t n, struct ses *s)
{
	size_t len, at = HEADER;
	enum outcome o = check_long_page(p, n, SES_ADDITIONAL, &len);
	bool shifted;

	if (o != OUTCOME_OK)
		return o;
	if (be32(p + 4) != s->generation)
		return OUTCOME_STALE;
	shifted = counts_overall(p, len);
	for (unsigned nth = 0; at < len; nth++) {
		const uint8_t *d = p + at;
		size_t size = at + 2 <= len ? (size_t)d[1] + 2 : len + 1;
		bool eip = d[0] & EIP;
		struct ses_element *e;

		if (at + size > len || size < 4)
			return OUTCOME_SHORT;
		at += size;
		/* two values of EIIOE are reserved: what they would mean is not guessed */
		if (d[0] & INVALID || (d[0] & 0xf) != PROTOCOL_SAS || (eip && (d[2] & 3) > 1))
			continue;
		e = eip ? by_index(s, d[3], (d[2] & 3) || shifted) : by_order(s, nth);
		if (e && ses_is_slot(e->type))
			take_phys(e, d, size, eip);
	}
	return OUTCOME_OK;
}

enum outcome ses_decode_microcode(const uint8_t *p, size_t n, struct ses *s)
{
	size_t len;
	enum outcome o = check_long_page(p, n, SES_MICROCODE, &len);

	if (o != OUTCOME_OK)
		return o;
	if (len < HEADER + ((size_t)p[1] + 1) * MICROCODE_DESCRIPTOR)
		return OUTCOME_SHORT;
	s->microcode = 0;
	for (unsigned i = 0; i <= p[1]; i++)
		s->microcode = MAX_OF(s->microcode, p[HEADER + i * MICROCODE_DESCRIPTOR + 2]);
	return OUTCOME_OK;
}
