#include "probes/bytes.h"
#include "probes/scsi.h"

#include <math.h>

enum {
	LOG_HEADER = 4,
	PARAMETER_HEADER = 4,
	SUBPAGE = 0x40,
	TOTAL_UNCORRECTED = 6,
	NOT_REPORTED = 0xff,
	SCAN_ENTRIES_FIRST = 1,
	SCAN_ENTRIES_LAST = 0x800,
	SELF_TEST_LEN = 16,
	DEFECT_HEADER = 4
};

/* One parameter of a log page. */
struct parameter {
	uint16_t code;
	uint8_t len;
	const uint8_t *value;
};

/* What a page's parameters add up to before facts are made of it. */
struct counted {
	struct reading *r;
	enum scsi_page page;
	unsigned entries;
	bool self_test_seen;
};

static double number(const struct parameter *p)
{
	unsigned n = MIN_OF(p->len, (uint8_t)8);

	return (double)be_bytes(p->value + (p->len - n), n);
}

static void take_uncorrected(const struct parameter *p, struct counted *c)
{
	unsigned fact = c->page == PAGE_WRITE_ERRORS  ? FACT_WRITE_UNCORRECTED
			: c->page == PAGE_READ_ERRORS ? FACT_READ_UNCORRECTED
						      : FACT_VERIFY_UNCORRECTED;

	if (p->code == TOTAL_UNCORRECTED && p->len)
		reading_add(c->r, fact, number(p));
}

static void take_non_medium(const struct parameter *p, struct counted *c)
{
	if (!p->code && p->len)
		reading_add(c->r, FACT_NON_MEDIUM_ERRORS, number(p));
}

static void take_temperature(const struct parameter *p, struct counted *c)
{
	if (p->len < 2 || p->code > 1 || p->value[1] == NOT_REPORTED || !p->value[1])
		return;
	reading_add(c->r, p->code ? FACT_TEMPERATURE_TRIP : FACT_TEMPERATURE, p->value[1]);
}

static void take_start_stop(const struct parameter *p, struct counted *c)
{
	if (p->code == 4 && p->len >= 4 && be32(p->value) != UINT32_MAX)
		reading_add(c->r, FACT_POWER_CYCLES, be32(p->value));
}

/* Newest first; results 3-7 failed, 0 passed, 1 2 aborted, Fh running; all zero: no test was ever
 * run. */
static void take_self_test(const struct parameter *p, struct counted *c)
{
	unsigned result;

	if (p->len < SELF_TEST_LEN || c->self_test_seen || all_bytes(p->value, SELF_TEST_LEN, 0))
		return;
	result = p->value[0] & 0xf;
	if (result && (result < 3 || result > 7))
		return;
	c->self_test_seen = true;
	reading_add(c->r, FACT_SELF_TEST_FAILED, result != 0);
}

static void take_ssd(const struct parameter *p, struct counted *c)
{
	if (p->code == 1 && p->len >= 4)
		reading_add(c->r, FACT_WEAR_PCT, p->value[3]);
}

static void take_scan(const struct parameter *p, struct counted *c)
{
	if (!p->code && p->len >= 8) {
		reading_add(c->r, FACT_POWER_ON_HOURS, floor(be32(p->value) / 60.0));
		reading_add(c->r, FACT_SCAN_STATUS, p->value[5]);
	} else if (p->code >= SCAN_ENTRIES_FIRST && p->code <= SCAN_ENTRIES_LAST) {
		c->entries++;
	}
}

static void take_exception(const struct parameter *p, struct counted *c)
{
	if (p->code || p->len < 2)
		return;
	reading_add(c->r, FACT_SMART_PASSED, p->value[0] != ASC_FAILURE_PREDICTED);
	reading_add(c->r, FACT_IE_ASC, p->value[0]);
	reading_add(c->r, FACT_IE_ASCQ, p->value[1]);
	c->entries++;
}

/* clang-format off */
static const struct page_kind {
	uint8_t page;
	void (*take)(const struct parameter *p, struct counted *c);
} pages[] = {
	{PAGE_WRITE_ERRORS, take_uncorrected}, {PAGE_READ_ERRORS, take_uncorrected},
	{PAGE_VERIFY_ERRORS, take_uncorrected}, {PAGE_NON_MEDIUM, take_non_medium},
	{PAGE_TEMPERATURE, take_temperature}, {PAGE_START_STOP, take_start_stop},
	{PAGE_SELF_TEST, take_self_test}, {PAGE_SSD, take_ssd}, {PAGE_SCAN, take_scan},
	{PAGE_EXCEPTIONS, take_exception},
};
/* clang-format on */

static enum outcome log_body(enum scsi_page page, const uint8_t *p, size_t len, size_t *ret_len)
{
	if (len < LOG_HEADER)
		return OUTCOME_SHORT;
	if ((p[0] & 0x3f) != page || (p[0] & SUBPAGE))
		return OUTCOME_NONSENSE;
	if (be16(p + 2) > len - LOG_HEADER)
		return OUTCOME_SHORT;
	*ret_len = be16(p + 2);
	return OUTCOME_OK;
}

enum outcome scsi_decode_supported(const uint8_t *p, size_t len, uint64_t *ret_bits)
{
	uint64_t bits = 0;
	size_t n;
	enum outcome o = log_body(PAGE_SUPPORTED, p, len, &n);

	if (o != OUTCOME_OK)
		return o;
	for (size_t i = 0; i < n; i++)
		bits |= UINT64_C(1) << (p[LOG_HEADER + i] & 0x3f);
	*ret_bits = bits;
	return OUTCOME_OK;
}

/* Walks twice: nothing is added from a page whose parameters do not fit it. */
static enum outcome walk(
	const uint8_t *p, size_t n, const struct page_kind *kind, struct counted *c)
{
	for (size_t at = 0; at < n;) {
		struct parameter q = {};

		if (n - at < PARAMETER_HEADER || p[at + 3] > n - at - PARAMETER_HEADER)
			return OUTCOME_NONSENSE;
		q = (struct parameter){be16(p + at), p[at + 3], p + at + PARAMETER_HEADER};
		if (c)
			kind->take(&q, c);
		at += (size_t)PARAMETER_HEADER + q.len;
	}
	return OUTCOME_OK;
}

static enum outcome finish(const struct counted *c)
{
	if (c->page == PAGE_SCAN)
		reading_add(c->r, FACT_SCAN_DEFECTS, c->entries);
	return c->page == PAGE_EXCEPTIONS && !c->entries ? OUTCOME_NONSENSE : OUTCOME_OK;
}

enum outcome scsi_decode_log(enum scsi_page page, const uint8_t *p, size_t len, struct reading *r)
{
	struct counted c = {.r = r, .page = page};
	size_t n;
	enum outcome o = log_body(page, p, len, &n);

	if (o != OUTCOME_OK)
		return o;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (pages[i].page != page)
			continue;
		o = walk(p + LOG_HEADER, n, &pages[i], NULL);
		if (o != OUTCOME_OK)
			return o;
		if (walk(p + LOG_HEADER, n, &pages[i], &c) != OUTCOME_OK)
			return OUTCOME_NONSENSE;
		return finish(&c);
	}
	return OUTCOME_UNSUPPORTED;
}

/* Bytes per entry of each address format (SBC-4 table 250); 0: the vendor's own. */
static unsigned defect_bytes(unsigned format)
{
	static const uint8_t bytes[8] = {4, 8, 8, 8, 8, 8, 0, 0};

	return bytes[format & 7];
}

enum outcome scsi_decode_defects(const uint8_t *p, size_t len, struct reading *r)
{
	unsigned entry, entries;

	if (len < DEFECT_HEADER)
		return OUTCOME_SHORT;
	if (!(p[1] & 0x08))
		return OUTCOME_UNSUPPORTED;
	entry = defect_bytes(p[1] & 7);
	if (!entry || be16(p + 2) % entry)
		return OUTCOME_NONSENSE;
	entries = be16(p + 2) / entry;
	reading_add(r, FACT_GROWN_DEFECTS, entries);
	return OUTCOME_OK;
}
