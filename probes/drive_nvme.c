#include "probes/device.h"
#include "probes/drive.h"
#include "probes/nvme.h"

#include <stdalign.h>

enum {
	GET_LOG_PAGE = 0x02,
	IDENTIFY = 0x06,
	CNS_CONTROLLER = 1,
	RETAIN_EVENT = 1 << 15,
	DWORD = 4,
	STATE_MAX = 64
};

static alignas(DEVICE_ALIGN) uint8_t buffer[NVME_BUFFER];

static uint32_t log_dword(uint8_t page, size_t len)
{
	return page | RETAIN_EVENT | (uint32_t)(len / DWORD - 1) << 16;
}

static enum outcome get_log(int fd, const struct job *j, uint8_t page, size_t len)
{
	const struct nvme_command c = {GET_LOG_PAGE, (uint32_t)NVME_NSID_ALL, log_dword(page, len),
		buffer, len, j->command_ms};

	return device_nvme(fd, &c);
}

/* A controller that is being reset keeps whoever asks it waiting. */
static enum outcome check_state(const struct job *j, struct reading *r)
{
	cleanup_(freep) char *state = NULL;
	char path[256];

	if (!j->sysfs[0] || !format_text(path, sizeof(path), "%s/state", j->sysfs) ||
		slurp(path, STATE_MAX, &state, NULL) < 0)
		return OUTCOME_OK;
	state[strcspn(state, "\n")] = '\0';
	if (text_equal(state, "live"))
		return OUTCOME_OK;
	copy_device_text(r->raw, sizeof(r->raw), state, strlen(state));
	return drive_say(r, text_equal(state, "dead") ? OUTCOME_GONE : OUTCOME_ERROR,
		"its controller is not live");
}

/* Pages that say more, but whose absence says nothing: only a controller that vanishes or hangs
 * ends the look. */
static enum outcome more_pages(
	int fd, const struct job *j, const struct nvme_controller *c, struct reading *r)
{
	enum outcome o = get_log(fd, j, NVME_LOG_FIRMWARE, NVME_LOG);

	if (o == OUTCOME_OK)
		o = nvme_decode_firmware(buffer, NVME_LOG, r);
	if (o == OUTCOME_TIMEOUT || o == OUTCOME_GONE || !c->self_test)
		return o;
	o = get_log(fd, j, NVME_LOG_SELF_TEST, NVME_SELF_TEST_LOG);
	return o == OUTCOME_OK ? nvme_decode_self_test(buffer, NVME_SELF_TEST_LOG, r) : o;
}

/* The newest error's status as text beside the count, for people: never a reason to alarm. */
static void describe_errors(int fd, const struct job *j, struct reading *r)
{
	struct nvme_error e = {};
	double entries;

	if (!reading_find(r, FACT_ERROR_LOG_ENTRIES, &entries) || entries < 1)
		return;
	if (get_log(fd, j, NVME_LOG_ERROR, NVME_ERROR_ENTRY) == OUTCOME_OK &&
		nvme_decode_error_log(buffer, NVME_ERROR_ENTRY, &e) == OUTCOME_OK && e.count)
		format_text(r->message, sizeof(r->message), "newest error log entry: status 0x%03x",
			(unsigned)(e.status & 0x7ff));
}

static enum outcome look(int fd, const struct job *j, struct reading *r)
{
	struct nvme_controller c;
	const struct nvme_command identify = {
		IDENTIFY, 0, CNS_CONTROLLER, buffer, NVME_IDENTIFY, j->command_ms};
	enum outcome o = device_nvme(fd, &identify);

	if (o == OUTCOME_OK)
		o = nvme_decode_controller(buffer, NVME_IDENTIFY, &c);
	if (o != OUTCOME_OK)
		return o;
	nvme_controller_to_reading(&c, r);
	if (!drive_same_serial(j->serial, c.serial))
		return drive_say(r, OUTCOME_GONE, "another drive answers in its place");
	o = get_log(fd, j, NVME_LOG_SMART, NVME_LOG);
	if (o == OUTCOME_OK)
		o = nvme_decode_smart(buffer, NVME_LOG, r);
	if (o != OUTCOME_OK)
		return o;
	o = more_pages(fd, j, &c, r);
	if (o == OUTCOME_TIMEOUT || o == OUTCOME_GONE)
		return o;
	describe_errors(fd, j, r);
	return OUTCOME_OK;
}

enum outcome drive_nvme_look(const struct job *j, struct drive_memory *m, struct reading *r)
{
	cleanup_(closep) int fd = -1;
	enum outcome o = check_state(j, r);

	(void)m;
	if (o != OUTCOME_OK)
		return o;
	fd = device_open(j->dev);
	return fd < 0 ? device_errno_outcome(-fd) : look(fd, j, r);
}
