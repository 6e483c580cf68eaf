#include "probes/ata.h"
#include "probes/bytes.h"

static uint16_t word(const uint8_t *p, unsigned n)
{
	return le16(p + (size_t)2 * n);
}

/* Strings come as 16-bit words with the first character in the high byte. */
static void copy_words(char *dst, size_t size, const uint8_t *p, unsigned first, unsigned words)
{
	char swapped[40];

	for (unsigned i = 0; i < words; i++) {
		swapped[(size_t)2 * i] = (char)p[(size_t)2 * (first + i) + 1];
		swapped[(size_t)2 * i + 1] = (char)p[(size_t)2 * (first + i)];
	}
	copy_device_text(dst, size, swapped, (size_t)2 * words);
}

/* Words 106 and 108-111 count only with bit 14 set and bit 15 clear. */
static bool word_valid(uint16_t w)
{
	return (w & 0xc000) == 0x4000;
}

static uint64_t four_words(const uint8_t *p, unsigned first)
{
	return le_bytes(p + (size_t)2 * first, 8);
}

static uint64_t decode_wwn(const uint8_t *p)
{
	if (!word_valid(word(p, 87)) || !(word(p, 87) & 0x0100))
		return 0;
	return (uint64_t)word(p, 108) << 48 | (uint64_t)word(p, 109) << 32 |
	       (uint64_t)word(p, 110) << 16 | word(p, 111);
}

static uint8_t decode_rotation(uint16_t w)
{
	if (w == 1)
		return 0;
	return w >= 0x0401 && w <= 0xfffe ? 1 : 2;
}

static bool checksum_wrong(const uint8_t *p)
{
	return p[510] == 0xa5 && sum_bytes(p, ATA_SECTOR);
}

enum outcome ata_decode_identify(const uint8_t *p, size_t len, struct ata_identify *ret)
{
	struct ata_identify id = {.logical_bytes = 512};

	if (len < ATA_SECTOR)
		return OUTCOME_SHORT;
	if (checksum_wrong(p))
		return OUTCOME_BAD_CHECKSUM;
	copy_words(id.serial, sizeof(id.serial), p, 10, 10);
	copy_words(id.firmware, sizeof(id.firmware), p, 23, 4);
	copy_words(id.model, sizeof(id.model), p, 27, 20);
	if (!id.model[0] || strchr(id.model, '?'))
		return OUTCOME_NONSENSE;
	if (word(p, 0) & 0x8000)
		return OUTCOME_UNSUPPORTED;
	id.sectors = word(p, 83) & 0x0400 ? four_words(p, 100) : 0;
	if (!id.sectors)
		id.sectors = le32(p + 120);
	if (word_valid(word(p, 106)) && word(p, 106) & 0x1000)
		id.logical_bytes = 2 * le32(p + 234);
	id.wwn = decode_wwn(p);
	id.rotational = decode_rotation(word(p, 217));
	id.smart_supported = word(p, 82) & 1;
	id.smart_enabled = word(p, 85) & 1;
	*ret = id;
	return OUTCOME_OK;
}

void ata_identity_to_reading(const struct ata_identify *id, struct reading *r)
{
	copy_text(r->vendor, sizeof(r->vendor), "ATA");
	copy_text(r->model, sizeof(r->model), id->model);
	copy_text(r->serial, sizeof(r->serial), id->serial);
	copy_text(r->firmware, sizeof(r->firmware), id->firmware);
	r->kind = KIND_DRIVE;
	r->drive_class = id->rotational ? CLASS_ATA_HDD : CLASS_ATA_SSD;
	if (id->sectors < UINT64_MAX / MAX_OF(id->logical_bytes, 1u))
		r->capacity_bytes = id->sectors * id->logical_bytes;
}
