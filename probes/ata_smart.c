#include "probes/ata.h"
#include "probes/bytes.h"

enum {
	SLOTS = 30,
	SLOT_BYTES = 12,
	FIRST_SLOT = 2,
	SELF_TEST = 363,
	FLAG_PREFAIL = 1,
	COLDEST = -40,
	HOTTEST = 120,          /* celsius that a drive can report and live */
	MOST_HOURS = 40 * 8766, /* forty years on: anything above is another unit */
	ID_TEMPERATURE_AIRFLOW = 190,
	ID_TEMPERATURE = 194,
	ID_HOURS = 9
};

struct attribute {
	uint8_t id, value, worst;
	uint16_t flags;
	uint64_t raw; /* 48 bits */
};

/* How a counter is laid out in the six raw bytes. */
enum layout {
	LAYOUT_COUNT,  /* one number; anything that cannot be one is left out */
	LAYOUT_LOW16,  /* vendors keep other things in the words above */
	LAYOUT_COUNT16 /* one number, or LOW16 when it does not look like one */
};

/* clang-format off */
static const struct counter {
	uint8_t id, layout;
	bool ssd_only;
	uint16_t fact;
} counters[] = {
	{5, LAYOUT_COUNT16, false, FACT_REALLOCATED},
	{10, LAYOUT_COUNT, false, FACT_SPIN_RETRY},
	{12, LAYOUT_COUNT, false, FACT_POWER_CYCLES},
	{171, LAYOUT_COUNT, true, FACT_PROGRAM_FAIL},
	{172, LAYOUT_COUNT, true, FACT_ERASE_FAIL},
	{181, LAYOUT_COUNT, true, FACT_PROGRAM_FAIL},
	{182, LAYOUT_COUNT, true, FACT_ERASE_FAIL},
	{184, LAYOUT_COUNT, false, FACT_END_TO_END},
	{187, LAYOUT_COUNT, false, FACT_REPORTED_UNCORRECTABLE},
	{188, LAYOUT_LOW16, false, FACT_COMMAND_TIMEOUT},
	{196, LAYOUT_COUNT16, false, FACT_REALLOCATION_EVENTS},
	{197, LAYOUT_COUNT, false, FACT_PENDING},
	{198, LAYOUT_COUNT, false, FACT_OFFLINE_UNCORRECTABLE},
	{199, LAYOUT_COUNT, false, FACT_CRC_ERRORS},
};
/* clang-format on */

static const struct counter *find_counter(uint8_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters) && counters[i].id <= id; i++)
		if (counters[i].id == id)
			return &counters[i];
	return NULL;
}

static struct attribute slot_at(const uint8_t *page, unsigned i)
{
	const uint8_t *p = page + FIRST_SLOT + (size_t)i * SLOT_BYTES;

	return (struct attribute){p[0], p[3], p[4], le16(p + 1), le_bytes(p + 5, 6)};
}

/* 0 and 254/255 are "always passing" and "always failing, for test" (SFF-8035i): neither says
 * anything. */
static uint8_t threshold_at(const uint8_t *page, unsigned slot)
{
	uint8_t v = page[FIRST_SLOT + (size_t)slot * SLOT_BYTES + 1];

	return v <= 253 ? v : 0;
}

/* Nearly all drives keep both pages in the same order. */
static uint8_t threshold_of(const uint8_t *page, uint8_t id, unsigned slot)
{
	if (!page)
		return 0;
	if (page[FIRST_SLOT + (size_t)slot * SLOT_BYTES] == id)
		return threshold_at(page, slot);
	for (unsigned i = 0; i < SLOTS; i++)
		if (page[FIRST_SLOT + (size_t)i * SLOT_BYTES] == id)
			return threshold_at(page, i);
	return 0;
}

static bool refused(const struct ata_quirk *q, uint8_t id)
{
	return memchr(q->refuse, id, sizeof(q->refuse)) != NULL;
}

/* Nobody counts to an exact multiple of 65536, nor beyond four thousand million. */
static bool looks_packed(uint64_t raw)
{
	return raw > 0xffff && (!(raw & 0xffff) || raw > UINT32_MAX);
}

static bool unpack_count(uint64_t raw, enum layout layout, uint64_t *ret)
{
	bool packed = looks_packed(raw);

	if (layout == LAYOUT_LOW16 || (layout == LAYOUT_COUNT16 && packed))
		raw &= 0xffff;
	else if (packed)
		return false;
	*ret = raw;
	return true;
}

static bool decode_hours(uint64_t raw, const struct ata_quirk *q, double *ret)
{
	static const double per_hour[ATA_HOURS_KINDS] = {[ATA_HOURS] = 1,
		[ATA_HOURS_HALF_MINUTES] = 120,
		[ATA_HOURS_MINUTES] = 60,
		[ATA_HOURS_SECONDS] = 3600};
	uint64_t ticks = raw > UINT32_MAX ? raw & 0xffffff : raw;

	*ret = (double)ticks / per_hour[q->hours];
	if (*ret > MOST_HOURS && q->hours == ATA_HOURS)
		*ret = (double)(raw & 0xffffff);
	return *ret <= MOST_HOURS;
}

/* The lowest byte is the present temperature, the others lowest and highest ever. */
static bool decode_temperature(uint64_t raw, double *ret)
{
	int low = (int)(raw & 0xff), celsius = low > INT8_MAX ? low - 256 : low;

	if (!celsius || celsius < COLDEST || celsius > HOTTEST)
		return false;
	*ret = celsius;
	return true;
}

static void add_wear(const struct attribute *a, const struct ata_quirk *q, struct reading *r)
{
	uint64_t left = q->wear_raw ? a->raw : a->value;

	if (left <= 100)
		reading_add(r, FACT_WEAR_PCT, (double)(100 - left));
}

/* What one pass over the page leaves to be said at its end. */
struct pass {
	bool any, thresholds, have_airflow;
	uint8_t failing, failed_past;
	double airflow;
};

static void check_threshold(const struct attribute *a, uint8_t threshold, struct pass *pass)
{
	if (!threshold || !(a->flags & FLAG_PREFAIL))
		return;
	pass->thresholds = true;
	if (a->value && a->value <= threshold && !pass->failing)
		pass->failing = a->id;
	if (a->worst && a->worst <= threshold && !pass->failed_past)
		pass->failed_past = a->id;
}

static void add_counter(const struct attribute *a, const struct ata_identify *id, struct reading *r)
{
	const struct counter *c = find_counter(a->id);
	uint64_t count;

	if (!c || (c->ssd_only && id->rotational))
		return;
	if (unpack_count(a->raw, (enum layout)c->layout, &count) &&
		(!id->sectors || count <= id->sectors))
		reading_add(r, c->fact, (double)count);
}

static void add_attribute(const struct attribute *a, const struct ata_identify *id,
	const struct ata_quirk *q, struct pass *pass, struct reading *r)
{
	double value;

	if (a->id == q->wear_id && !id->rotational)
		add_wear(a, q, r);
	if (refused(q, a->id))
		return;
	if (a->id == ID_HOURS && decode_hours(a->raw, q, &value))
		reading_add(r, FACT_POWER_ON_HOURS, value);
	else if (a->id == ID_TEMPERATURE && decode_temperature(a->raw, &value))
		reading_add(r, FACT_TEMPERATURE, value);
	else if (a->id == ID_TEMPERATURE_AIRFLOW)
		pass->have_airflow = decode_temperature(a->raw, &pass->airflow);
	else
		add_counter(a, id, r);
}

/* Self-test execution status (ATA8-ACS table 57): 1, 2 and 15 say nothing about the drive. */
static void add_self_test(uint8_t status, struct reading *r)
{
	unsigned code = status >> 4;

	if (!code)
		reading_add(r, FACT_SELF_TEST_FAILED, 0);
	else if (code >= 3 && code <= 8)
		reading_add(r, FACT_SELF_TEST_FAILED, 1);
}

static enum outcome check_page(const uint8_t *p, size_t len)
{
	if (len < ATA_SECTOR)
		return OUTCOME_SHORT;
	return sum_bytes(p, ATA_SECTOR) ? OUTCOME_BAD_CHECKSUM : OUTCOME_OK;
}

static void decode_slots(const uint8_t *data, const uint8_t *thr, const struct ata_identify *id,
	const struct ata_quirk *q, struct reading *r, struct pass *pass)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct attribute a = slot_at(data, i);

		if (!a.id)
			continue;
		pass->any = true;
		check_threshold(&a, threshold_of(thr, a.id, i), pass);
		add_attribute(&a, id, q, pass, r);
	}
}

static bool has_temperature(const struct reading *r)
{
	double ignored;

	return reading_find(r, FACT_TEMPERATURE, &ignored);
}

enum outcome ata_decode_smart(const struct ata_smart_pages *p, const struct ata_identify *id,
	const struct ata_quirk *q, struct reading *r)
{
	struct pass pass = {};
	enum outcome o = check_page(p->data, p->data_len);

	if (o != OUTCOME_OK)
		return o;
	if (p->thresholds_len) {
		o = check_page(p->thresholds, p->thresholds_len);
		if (o != OUTCOME_OK)
			return o;
	}
	decode_slots(p->data, p->thresholds_len ? p->thresholds : NULL, id, q, r, &pass);
	if (!pass.any)
		return OUTCOME_NONSENSE;
	if (pass.have_airflow && !has_temperature(r))
		reading_add(r, FACT_TEMPERATURE, pass.airflow);
	if (pass.thresholds) {
		reading_add(r, FACT_ATTRIBUTE_FAILING, pass.failing);
		reading_add(r, FACT_ATTRIBUTE_FAILED_PAST, pass.failed_past);
	}
	add_self_test(p->data[SELF_TEST], r);
	return OUTCOME_OK;
}
