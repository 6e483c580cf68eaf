#include "probes/ata.h"
#include "probes/bytes.h"

enum { TAG_BYTES = 4, HEAD_BYTES = 8 };

static bool tag_is(const uint8_t *p, const char *tag)
{
	return !memcmp(p, tag, TAG_BYTES);
}

static bool take_page(struct ata_blob *b, const uint8_t *tag, const uint8_t *body, size_t len)
{
	const uint8_t **page = tag_is(tag, "IDFY")   ? &b->identify
			       : tag_is(tag, "SMDT") ? &b->data
			       : tag_is(tag, "SMTH") ? &b->thresholds
						     : NULL;

	if (tag_is(tag, "SMST") && len == 4)
		b->passed = be32(body) ? 1 : 0;
	if (!page)
		return true;
	*page = body;
	return len == ATA_SECTOR;
}

enum outcome ata_split_blob(const uint8_t *p, size_t len, struct ata_blob *ret)
{
	struct ata_blob b = {.passed = -1};
	size_t at = 0;

	while (len - at >= HEAD_BYTES) {
		size_t body = be32(p + at + TAG_BYTES);

		if (body > len - at - HEAD_BYTES)
			return OUTCOME_SHORT;
		if (!take_page(&b, p + at, p + at + HEAD_BYTES, body))
			return OUTCOME_NONSENSE;
		at += HEAD_BYTES + body;
	}
	if (at != len)
		return OUTCOME_SHORT;
	*ret = b;
	return OUTCOME_OK;
}

enum outcome ata_decode_pages(
	const struct ata_blob *pages, struct ata_quirk_memo *memo, struct reading *r)
{
	const struct ata_smart_pages p = {
		pages->data, ATA_SECTOR, pages->thresholds, pages->thresholds ? ATA_SECTOR : 0};
	struct ata_identify id;
	enum outcome o = ata_decode_identify(pages->identify, ATA_SECTOR, &id);

	if (o != OUTCOME_OK)
		return o;
	ata_identity_to_reading(&id, r);
	o = ata_decode_smart(&p, &id, ata_quirk_recall(memo, id.model, id.firmware), r);
	if (o == OUTCOME_OK && pages->passed >= 0)
		reading_add(r, FACT_SMART_PASSED, pages->passed);
	return o;
}

enum outcome ata_decode_blob(
	const uint8_t *p, size_t len, struct ata_quirk_memo *memo, struct reading *r)
{
	struct ata_blob b;
	enum outcome o = ata_split_blob(p, len, &b);

	if (o != OUTCOME_OK)
		return o;
	return b.identify && b.data ? ata_decode_pages(&b, memo, r) : OUTCOME_SHORT;
}
