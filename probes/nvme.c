#include "probes/nvme.h"
#include "probes/bytes.h"

#include <errno.h>

enum {
	TAIL = 16,
	KELVIN_ZERO_C = 273,
	COLDEST_KELVIN = 213,
	HOTTEST_KELVIN = 423,
	WARNING_BITS = 0x3f, /* critical warning bits that are defined */
	STATUS_TYPE = 0x7ff,
	STATUS_INVALID_OPCODE = 0x01,
	STATUS_INVALID_FIELD = 0x02,
	STATUS_INVALID_LOG = 0x109
};

bool nvme_untouched(const uint8_t *p, size_t len)
{
	return len >= TAIL && all_bytes(p + len - TAIL, TAIL, NVME_FILL);
}

static enum outcome check_page(const uint8_t *p, size_t len, size_t need)
{
	if (len < need)
		return OUTCOME_SHORT;
	return nvme_untouched(p, need) || all_bytes(p, need, NVME_FILL) || all_bytes(p, need, 0xff)
		       ? OUTCOME_NONSENSE
		       : OUTCOME_OK;
}

/* 128-bit counters: as a double, exact up to 2^53 and near enough above. */
static double counter128(const uint8_t *p)
{
	return (double)le_bytes(p + 8, 8) * 18446744073709551616.0 + (double)le_bytes(p, 8);
}

enum outcome nvme_decode_controller(const uint8_t *p, size_t len, struct nvme_controller *ret)
{
	struct nvme_controller c = {};
	enum outcome o = check_page(p, len, NVME_IDENTIFY);

	if (o != OUTCOME_OK)
		return o;
	copy_device_text(c.serial, sizeof(c.serial), p + 4, 20);
	copy_device_text(c.model, sizeof(c.model), p + 24, 40);
	copy_device_text(c.firmware, sizeof(c.firmware), p + 64, 8);
	if (!c.model[0] || strchr(c.model, '?') || strchr(c.serial, '?'))
		return OUTCOME_NONSENSE;
	c.self_test = le16(p + 256) & 0x10;
	c.error_entries = p[262];
	c.warn_kelvin = le16(p + 266);
	c.critical_kelvin = le16(p + 268);
	c.capacity_bytes = le_bytes(p + 288, 8) ? 0 : le_bytes(p + 280, 8);
	*ret = c;
	return OUTCOME_OK;
}

static bool plausible_kelvin(unsigned k)
{
	return k >= COLDEST_KELVIN && k <= HOTTEST_KELVIN;
}

static double celsius(unsigned kelvin)
{
	return (int)kelvin - KELVIN_ZERO_C;
}

void nvme_controller_to_reading(const struct nvme_controller *c, struct reading *r)
{
	unsigned limit = c->critical_kelvin ? c->critical_kelvin : c->warn_kelvin;

	copy_text(r->model, sizeof(r->model), c->model);
	copy_text(r->serial, sizeof(r->serial), c->serial);
	copy_text(r->firmware, sizeof(r->firmware), c->firmware);
	r->kind = KIND_DRIVE;
	r->drive_class = CLASS_NVME;
	if (c->capacity_bytes)
		r->capacity_bytes = c->capacity_bytes;
	if (plausible_kelvin(limit))
		reading_add(r, FACT_TEMPERATURE_TRIP, celsius(limit));
}

static bool smart_possible(const uint8_t *p)
{
	unsigned kelvin = le16(p + 1);

	return !(p[0] & ~WARNING_BITS) && p[3] <= 100 && p[4] <= 100 &&
	       (!kelvin || plausible_kelvin(kelvin));
}

enum outcome nvme_decode_smart(const uint8_t *p, size_t len, struct reading *r)
{
	enum outcome o = check_page(p, len, NVME_LOG);

	if (o != OUTCOME_OK)
		return o;
	if (!smart_possible(p))
		return OUTCOME_NONSENSE;
	reading_add(r, FACT_CRITICAL_WARNING, p[0]);
	if (le16(p + 1))
		reading_add(r, FACT_TEMPERATURE, celsius(le16(p + 1)));
	if (p[3] || p[4]) {
		reading_add(r, FACT_SPARE_PCT, p[3]);
		reading_add(r, FACT_SPARE_THRESHOLD_PCT, p[4]);
	}
	reading_add(r, FACT_WEAR_PCT, p[5]);
	reading_add(r, FACT_POWER_CYCLES, counter128(p + 112));
	reading_add(r, FACT_POWER_ON_HOURS, counter128(p + 128));
	reading_add(r, FACT_UNSAFE_SHUTDOWNS, counter128(p + 144));
	reading_add(r, FACT_MEDIA_ERRORS, counter128(p + 160));
	reading_add(r, FACT_ERROR_LOG_ENTRIES, counter128(p + 176));
	return OUTCOME_OK;
}

enum outcome nvme_decode_firmware(const uint8_t *p, size_t len, struct reading *r)
{
	enum outcome o = check_page(p, len, NVME_LOG);
	unsigned active, next;

	if (o != OUTCOME_OK)
		return o;
	active = p[0] & 7;
	next = p[0] >> 4 & 7;
	if (p[0] & 0x88)
		return OUTCOME_NONSENSE;
	if (active)
		reading_add(r, FACT_FIRMWARE_ACTIVE_SLOT, active);
	if (next)
		reading_add(r, FACT_FIRMWARE_NEXT_SLOT, next);
	return OUTCOME_OK;
}

/* Results 0h (passed), 5h, 6h, 7h (failed) are verdicts; 1h-4h, 8h, 9h aborted; Fh the entry is not
 * used. */
enum outcome nvme_decode_self_test(const uint8_t *p, size_t len, struct reading *r)
{
	enum outcome o = check_page(p, len, NVME_SELF_TEST_LOG);

	if (o != OUTCOME_OK)
		return o;
	if (p[0] & 0xf0)
		return OUTCOME_NONSENSE;
	for (unsigned i = 0; i < 20; i++) {
		const uint8_t *entry = p + 4 + (size_t)28 * i;
		unsigned result = entry[0] & 0xf, kind = entry[0] >> 4;

		if (result == 0xf || !kind)
			break;
		if (result && (result < 5 || result > 7))
			continue;
		reading_add(r, FACT_SELF_TEST_FAILED, result != 0);
		break;
	}
	return OUTCOME_OK;
}

enum outcome nvme_decode_error_log(const uint8_t *p, size_t len, struct nvme_error *ret)
{
	enum outcome o = check_page(p, len, NVME_ERROR_ENTRY);

	if (o != OUTCOME_OK)
		return o;
	*ret = (struct nvme_error){.count = le_bytes(p, 8),
		.queue = le16(p + 8),
		.status = (uint16_t)(le16(p + 12) >> 1),
		.lba = le_bytes(p + 16, 8)};
	return OUTCOME_OK;
}

static enum outcome from_errno(int e)
{
	switch (e) {
	case ENODEV:
	case ENXIO:
	case ENOENT:
		return OUTCOME_GONE;
	case EACCES:
	case EPERM:
		return OUTCOME_REFUSED;
	case ENOTTY:
	case EOPNOTSUPP:
		return OUTCOME_UNSUPPORTED;
	case ETIMEDOUT:
	case ETIME:
	case EINTR: /* the driver's word for a command it gave up */
		return OUTCOME_TIMEOUT;
	default:
		return OUTCOME_ERROR;
	}
}

enum outcome nvme_status_outcome(int result)
{
	if (!result)
		return OUTCOME_OK;
	if (result < 0)
		return from_errno(-result);
	switch (result & STATUS_TYPE) {
	case STATUS_INVALID_OPCODE:
	case STATUS_INVALID_FIELD:
	case STATUS_INVALID_LOG:
		return OUTCOME_UNSUPPORTED;
	default:
		return OUTCOME_ERROR;
	}
}
