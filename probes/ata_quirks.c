#include "probes/ata.h"

/*
 * Sources: libatasmart 0.19 quirk_database, smartmontools drivedb.h. First match wins, so the
 * special stands before the general.
 */
/* clang-format off */
static const struct ata_quirk quirks[] = {
	{.model = "FUJITSU MHY2*", .firmware = "0085000B", .hours = ATA_HOURS_MINUTES, .refuse = {197, 198}},
	{.model = "FUJITSU MHR20*AT*", .hours = ATA_HOURS_SECONDS, .refuse = {198, 5}},
	{.model = "FUJITSU MHS20?0AT*", .hours = ATA_HOURS_SECONDS, .refuse = {198}},
	{.model = "FUJITSU M*", .hours = ATA_HOURS},
	{.model = "SAMSUNG SV4012H", .hours = ATA_HOURS_HALF_MINUTES},
	{.model = "SAMSUNG SV?????", .hours = ATA_HOURS_HALF_MINUTES, .refuse = {194}},
	{.model = "SAMSUNG SP40A2H", .hours = ATA_HOURS_HALF_MINUTES},
	{.model = "SAMSUNG SP8*", .hours = ATA_HOURS_HALF_MINUTES},
	{.model = "SAMSUNG MP0*", .hours = ATA_HOURS_HALF_MINUTES},
	{.model = "Maxtor 2B0*H1", .hours = ATA_HOURS_MINUTES, .refuse = {194}},
	{.model = "Maxtor 4*", .hours = ATA_HOURS_MINUTES, .refuse = {194}},
	{.model = "Maxtor 9*", .hours = ATA_HOURS_MINUTES, .refuse = {194}},
	{.model = "Maxtor 6*", .hours = ATA_HOURS_MINUTES},
	{.model = "HITACHI_DK*", .hours = ATA_HOURS_MINUTES},
	{.model = "IC25N0*", .hours = ATA_HOURS_MINUTES},
	{.model = "MCCOE??G*MPP*", .firmware = "2.9.0?*", .refuse = {5, 190}},
	{.model = "APPLE SSD TS*", .refuse = {5, 190}},
	{.model = "INTEL SSD*", .refuse = {190}, .wear_id = 233},
	{.model = "SSDSC*R", .refuse = {190}}, /* Dell's firmware counts otherwise */
	{.model = "SSDSC*", .refuse = {190}, .wear_id = 233},
	{.model = "Micron*", .wear_id = 202},
	{.model = "MTFD*", .wear_id = 202},
	{.model = "Crucial*", .wear_id = 202},
	{.model = "CT????*SSD*", .wear_id = 202},
	{.model = "Samsung SSD*", .wear_id = 177},
	{.model = "SAMSUNG MZ*", .wear_id = 177},
	{.model = "KINGSTON*", .wear_id = 231, .wear_raw = true},
	{.model = "TS*MTS*", .wear_id = 169, .wear_raw = true},
	{.model = "TS*SSD*", .wear_id = 169, .wear_raw = true},
	{.model = "OCZ*", .wear_id = 233},
	{.model = "Corsair*", .wear_id = 231},
};
/* clang-format on */
static const struct ata_quirk none;

bool ata_pattern_match(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = text;

	if (!pattern)
		return true;
	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

const struct ata_quirk *ata_quirk_find(const char *model, const char *firmware)
{
	for (size_t i = 0; i < ARRAY_SIZE(quirks); i++)
		if (ata_pattern_match(quirks[i].model, model) &&
			ata_pattern_match(quirks[i].firmware, firmware))
			return &quirks[i];
	return &none;
}

const struct ata_quirk *ata_quirk_recall(
	struct ata_quirk_memo *memo, const char *model, const char *firmware)
{
	if (!memo->quirk || !text_equal(memo->model, model) ||
		!text_equal(memo->firmware, firmware)) {
		copy_text(memo->model, sizeof(memo->model), model);
		copy_text(memo->firmware, sizeof(memo->firmware), firmware);
		memo->quirk = ata_quirk_find(model, firmware);
	}
	return memo->quirk;
}
