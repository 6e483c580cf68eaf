#include "probes/device.h"
#include "probes/drive.h"

#include <stdalign.h>

enum {
	TEST_UNIT_READY = 0x00,
	REQUEST_SENSE = 0x03,
	INQUIRY = 0x12,
	READ_DEFECT_DATA = 0x37,
	LOG_SENSE = 0x4d,
	INQUIRY_LEN = 96,
	SERIAL_LEN = 64,
	SENSE_LEN = 18,
	LOG_LEN = 4096,
	DEFECT_LEN = 4,
	CUMULATIVE = 0x40,
	GROWN_BY_INDEX = 0x0c /* REQ_GLIST, bytes from index */
};

static alignas(DEVICE_ALIGN) uint8_t buffer[LOG_LEN];

/* One look: the descriptor, and what any command's sense gave away on the way. */
struct look {
	int fd;
	const struct job *j;
	struct reading *r;
	struct scsi_sense prediction;
	bool predicted;
};

static void note_prediction(struct look *l, const struct scsi_sense *sense)
{
	if (!scsi_sense_predicts(sense))
		return;
	l->predicted = true;
	l->prediction = *sense;
}

static enum outcome send(
	struct look *l, const uint8_t *cdb, size_t cdb_len, size_t len, size_t *ret_got)
{
	struct scsi_reply reply;
	const struct scsi_command c = {cdb, cdb_len, len ? buffer : NULL, len, l->j->command_ms};
	enum outcome o = device_scsi(l->fd, &c, &reply);

	note_prediction(l, &reply.attention);
	note_prediction(l, &reply.sense);
	if (ret_got)
		*ret_got = reply.got;
	return o;
}

static enum outcome check_ready(struct look *l)
{
	static const uint8_t ready[6] = {TEST_UNIT_READY};
	static const uint8_t sense[6] = {REQUEST_SENSE, 0, 0, 0, SENSE_LEN};
	struct scsi_sense s;
	size_t got;
	enum outcome o = send(l, ready, sizeof(ready), 0, NULL);

	if (o != OUTCOME_OK)
		return o;
	/* a drive in standby says "ready"; the sense it keeps says more and does not wake it */
	o = send(l, sense, sizeof(sense), SENSE_LEN, &got);
	if (o != OUTCOME_OK || scsi_decode_sense(buffer, got, &s) != OUTCOME_OK)
		return o == OUTCOME_TIMEOUT || o == OUTCOME_GONE ? o : OUTCOME_OK;
	return scsi_power_outcome(&s) == OUTCOME_ASLEEP ? OUTCOME_ASLEEP : OUTCOME_OK;
}

static enum outcome identify(struct look *l)
{
	static const uint8_t standard[6] = {INQUIRY, 0, 0, 0, INQUIRY_LEN};
	static const uint8_t serial[6] = {INQUIRY, 1, 0x80, 0, SERIAL_LEN};
	struct scsi_inquiry i;
	char number[sizeof(l->r->serial)];
	size_t got;
	enum outcome o = send(l, standard, sizeof(standard), INQUIRY_LEN, &got);

	if (o == OUTCOME_OK)
		o = scsi_decode_inquiry(buffer, got, &i);
	if (o != OUTCOME_OK)
		return o;
	if (i.absent || i.type)
		return drive_say(l->r, OUTCOME_UNSUPPORTED, "it is not a disk");
	copy_text(l->r->vendor, sizeof(l->r->vendor), i.vendor);
	copy_text(l->r->model, sizeof(l->r->model), i.model);
	copy_text(l->r->firmware, sizeof(l->r->firmware), i.revision);
	o = send(l, serial, sizeof(serial), SERIAL_LEN, &got);
	if (o == OUTCOME_OK &&
		scsi_decode_serial(buffer, got, number, sizeof(number)) == OUTCOME_OK && number[0])
		copy_text(l->r->serial, sizeof(l->r->serial), number);
	return o == OUTCOME_TIMEOUT || o == OUTCOME_GONE ? o : OUTCOME_OK;
}

static enum outcome log_sense(struct look *l, enum scsi_page page, size_t *ret_got)
{
	const uint8_t cdb[10] = {LOG_SENSE, 0, (uint8_t)(CUMULATIVE | page), 0, 0, 0, 0,
		LOG_LEN >> 8, LOG_LEN & 0xff};

	return send(l, cdb, sizeof(cdb), LOG_LEN, ret_got);
}

static bool ends_look(enum outcome o)
{
	return o == OUTCOME_TIMEOUT || o == OUTCOME_GONE || o == OUTCOME_REFUSED;
}

/* clang-format off */
static const enum scsi_page wanted[] = {
	PAGE_EXCEPTIONS, PAGE_TEMPERATURE, PAGE_READ_ERRORS, PAGE_WRITE_ERRORS, PAGE_VERIFY_ERRORS, PAGE_NON_MEDIUM,
	PAGE_START_STOP, PAGE_SSD, PAGE_SELF_TEST, PAGE_SCAN,
};
/* clang-format on */

/*
 * A page that is listed must hold: one that does not ends the look, since the rest is then no
 * complete reading. A listed page the drive then refuses is left out, as some do.
 */
static enum outcome read_pages(struct look *l, uint64_t supported)
{
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		size_t got;
		enum outcome o;

		if (!(supported >> wanted[i] & 1))
			continue;
		o = log_sense(l, wanted[i], &got);
		if (o == OUTCOME_OK)
			o = scsi_decode_log(wanted[i], buffer, got, l->r);
		if (o != OUTCOME_OK && o != OUTCOME_UNSUPPORTED)
			return o;
	}
	return OUTCOME_OK;
}

/* Not every drive has the list, and vendors disagree about how to refuse it. */
static enum outcome read_defects(struct look *l)
{
	static const uint8_t cdb[10] = {
		READ_DEFECT_DATA, 0, GROWN_BY_INDEX, 0, 0, 0, 0, 0, DEFECT_LEN};
	size_t got;
	enum outcome o = send(l, cdb, sizeof(cdb), DEFECT_LEN, &got);

	if (o == OUTCOME_OK && scsi_decode_defects(buffer, got, l->r) != OUTCOME_OK)
		o = OUTCOME_UNSUPPORTED;
	return ends_look(o) ? o : OUTCOME_OK;
}

static void put_fact(struct reading *r, unsigned fact, double value)
{
	for (unsigned i = 0; i < r->nfacts; i++)
		if (r->facts[i].fact == fact) {
			r->facts[i].value = value;
			return;
		}
	reading_add(r, fact, value);
}

/* Reporting by sense (MRIE 2-6) instead of, or before, the exceptions page. */
static void add_prediction(struct look *l)
{
	double asc;

	if (!l->predicted || (reading_find(l->r, FACT_IE_ASC, &asc) && asc > 0))
		return;
	put_fact(l->r, FACT_SMART_PASSED, l->prediction.asc != ASC_FAILURE_PREDICTED);
	put_fact(l->r, FACT_IE_ASC, l->prediction.asc);
	put_fact(l->r, FACT_IE_ASCQ, l->prediction.ascq);
}

static enum outcome look(struct look *l)
{
	uint64_t supported = 0;
	size_t got;
	enum outcome o = check_ready(l);

	if (o != OUTCOME_OK)
		return o;
	o = identify(l);
	if (o != OUTCOME_OK)
		return o;
	o = log_sense(l, PAGE_SUPPORTED, &got);
	if (o == OUTCOME_OK)
		o = scsi_decode_supported(buffer, got, &supported);
	if (o == OUTCOME_OK)
		o = read_pages(l, supported);
	if (o == OUTCOME_OK)
		o = read_defects(l);
	add_prediction(l);
	return o == OUTCOME_UNSUPPORTED && l->predicted ? OUTCOME_OK : o;
}

enum outcome drive_scsi_look(const struct job *j, struct drive_memory *m, struct reading *r)
{
	struct look l = {.fd = device_open(j->sg[0] ? j->sg : j->dev), .j = j, .r = r};
	enum outcome o;

	(void)m;
	if (l.fd < 0 && j->sg[0])
		l.fd = device_open(j->dev);
	if (l.fd < 0)
		return device_errno_outcome(-l.fd);
	o = look(&l);
	closep(&l.fd);
	return o;
}
